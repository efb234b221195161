import type { Options } from "../../src/option";

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
}

/** The part of the bundle that is used. */
export interface Library {
  create(options: Options): any;
}

const PROBE = 64; // bytes of the pools that are made to see what a table takes
const FEW = 8; // their rows

/** Bytes of a table of `rows` rows: measured on two small ones, so that a board needs no room for it twice. */
function table(lib: Library, rows: number): number {
  const one = lib.create({ size: PROBE, handles: FEW }).stat().meta;
  const two = lib.create({ size: PROBE, handles: 2 * FEW }).stat().meta;
  return one + ((rows - FEW) * (two - one)) / FEW;
}

/** tidyheap in `bytes` bytes, the table of `rows` rows included. Throws what create() throws. */
export function tidyheap(lib: Library, bytes: number, rows: number): Memory {
  const pool = lib.create({ size: bytes - table(lib, rows), handles: rows });
  const meta = pool.stat().meta;
  if (pool.stat().size + meta > bytes) throw new Error("pool and table take more than " + bytes + " bytes");
  return {
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
}
