import type { Options } from "../../src/option";
import type { Store } from "../../src/store";

/** What the program asks of a memory. Runs on the board: ES5 without Node. Sizes in bytes. */
export interface Memory {
  /** A reference to a new block, or 0: refused. */
  alloc(bytes: number): number;
  free(ref: number): void;
  /** A reference to the block, now of `bytes` bytes, which may be another one; 0: refused, the block as it was. */
  resize(ref: number, bytes: number): number;
  /** `n` bytes from byte `at` of a block on, good until the next call. */
  read(ref: number, at: number, n: number): ArrayLike<number>;
  write(ref: number, at: number, data: Uint8Array): void;
  /** Moves at most `budget` bytes ahead of need. Returns bytes moved. */
  tick(budget: number): number;
  /** Bytes moved so far, by ticks and requests. */
  moved(): number;
  /** Bytes of the largest block that could be had without moving anything. */
  largest(): number;
  /** Bytes of bookkeeping at this moment. */
  meta(): number;
  /** "" or what is wrong with the bookkeeping. */
  check(): string;
  /** One line of `columns` characters that shows what is in use. */
  map(columns: number): string;
  /** Where the memory is recorded: names what the next blocks are for. */
  owner?(name: string): void;
}

/** The part of the bundle that is used. */
export interface Library {
  create(options: Options): any;
}

const PROBE = 64; // bytes of the pools that are made to see what a table takes
const FEW = 8; // their rows

/** One character of a map. */
export function shade(share: number): string {
  return share <= 0 ? "." : share < 1 ? "+" : "#";
}

/** Bytes of a table of `rows` rows: measured on two small ones, so that a board needs no room for it twice. */
function table(lib: Library, rows: number, store?: Store): number {
  const one = lib.create({ size: PROBE, handles: FEW, store }).stat().meta;
  const two = lib.create({ size: PROBE, handles: 2 * FEW, store }).stat().meta;
  return one + ((rows - FEW) * (two - one)) / FEW;
}

/** tidyheap in `bytes` bytes, the table of `rows` rows included; the table is in RAM, the rest in the store if there is one. Throws what create() throws. */
export function tidyheap(lib: Library, bytes: number, rows: number, store?: Store): Memory {
  const spots: Spots = {};
  const onmove = store && ((ref: number, at: number) => void (spots[ref].at = at));
  const pool = lib.create({ size: bytes - table(lib, rows, store), handles: rows, store, onmove });
  const { meta, size } = pool.stat();
  if (size + meta > bytes) throw new Error("pool and table take more than " + bytes + " bytes");
  const memory: Memory = {
    alloc: (n) => pool.alloc(n),
    free: (ref) => pool.free(ref),
    resize: (ref, n) => (pool.resize(ref, n) ? ref : 0),
    read: (ref, at, n) => pool.read(ref, at, n),
    write: (ref, at, data) => pool.write(ref, at, data),
    tick: (budget) => pool.tick(budget),
    moved: () => pool.epoch,
    largest: () => pool.stat().largest,
    meta: () => meta,
    check: () => pool.check(),
    map: (columns) => pool.map(columns)
  };
  return store ? spotted(memory, pool, spots, size) : memory;
}

/** Where blocks are and how many bytes they have, by reference. */
interface Spots {
  [ref: number]: { at: number; size: number };
}

/** An external pool draws no maps, and asking it where a block is may move that one on: the memory takes down what it is told. */
function spotted(memory: Memory, pool: any, spots: Spots, size: number): Memory {
  memory.alloc = function (n) {
    const ref = pool.alloc(n);
    if (ref) spots[ref] = { at: pool.at(ref), size: n };
    return ref;
  };
  memory.free = function (ref) {
    pool.free(ref);
    delete spots[ref];
  };
  memory.resize = function (ref, n) {
    if (!pool.resize(ref, n)) return 0;
    spots[ref].size = n;
    return ref;
  };
  memory.map = (columns) => draw(spots, size, columns);
  return memory;
}

/** One line of `columns` characters that shows what is in use. */
function draw(spots: Spots, size: number, columns: number): string {
  const width = size / columns;
  const taken: number[] = [];
  for (let i = 0; i < columns; i++) taken.push(0);
  for (const ref in spots) {
    const at = spots[ref].at;
    const end = at + ((spots[ref].size + 3) & ~3);
    for (let i = Math.floor(at / width); i < columns && i * width < end; i++) {
      taken[i] += (Math.min(end, (i + 1) * width) - Math.max(at, i * width)) / width;
    }
  }
  // sums of parts are not exact
  return taken.map((share) => shade(share > 0.999 ? 1 : share)).join("");
}
