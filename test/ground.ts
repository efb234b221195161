// What parts of the kit stand on in tests: pools of every kind, and what stands before them.

import assert from "node:assert/strict";
import { get, memory, put, type Heap } from "../src/cell";
import { create as far } from "../src/far";
import { create as full } from "../src/full";
import { slab } from "../src/slab";
import { create as tiny } from "../src/tiny";
import { Memory } from "./memory";
import type { Random } from "./random";

/** Set TIDYHEAP_SEED for another run; a failure prints the seed and the program. */
export const SEED = Number(process.env.TIDYHEAP_SEED ?? 20261121);

/** Arguments that are right for nothing. */
export const BAD: any[] = [undefined, null, NaN, -1, 0.5, 2 ** 31, "x", {}, () => 0, [], true];

/** What is no handle. */
export const JUNK: any[] = [...BAD, 1, 4096, 1e10];

/** A kind of pool. `ticks`: it has tick(), locks and stat(). */
export interface Kind {
  name: string;
  ticks: boolean;
  /** `handles`: as the kind has it by default. */
  make(size: number, handles?: number): any;
}

/** A pool below, and the heap that parts take their blocks from. */
export interface Ground {
  pool: any;
  heap: Heap;
}

export interface Lot {
  name: string;
  /** False: blocks move in alloc only. */
  ticks: boolean;
  make(size: number, handles: number): Ground;
}

function plain(pool: any): Ground {
  return { pool, heap: pool };
}

function external(size: number, handles: number | undefined, chunk: number, unit = 4): any {
  const store = new Memory(size, false);
  store.chunk = chunk;
  return far({ size, handles, unit, store } as any);
}

/** Pools of every kind. */
export const KINDS: Kind[] = [
  { name: "full, unit 4", ticks: true, make: (size, handles) => full({ size, handles }) },
  { name: "full, unit 1, fast", ticks: true, make: (size, handles) => full({ size, handles, unit: 1, fit: "fast" }) },
  { name: "full, unit 16", ticks: true, make: (size, handles) => full({ size, handles, unit: 16 }) },
  { name: "tiny", ticks: false, make: (size, handles) => tiny(handles ? { size, handles } : size) },
  { name: "far, unit 4, chunks of 256", ticks: true, make: (size, handles) => external(size, handles, 256) },
  { name: "far, unit 16, chunks of 16", ticks: true, make: (size, handles) => external(size, handles, 16, 16) },
  { name: "far, unit 1, chunks of 4", ticks: true, make: (size, handles) => external(size, handles, 4, 1) }
];

/** A heap whose handles are below zero, as those of a slab, with all that a full pool has. */
function below(size: number, handles?: number): any {
  const pool: any = full({ size, handles });
  return {
    bytes: pool.bytes,
    get why() {
      return pool.why;
    },
    get epoch() {
      return pool.epoch;
    },
    alloc: (bytes: number) => -pool.alloc(bytes) || 0,
    free: (h: number) => pool.free(-h || 0),
    at: (h: number) => pool.at(-h),
    size: (h: number) => pool.size(-h),
    has: (h: number) => typeof h === "number" && pool.has(-h),
    lock: (h: number) => pool.lock(-h),
    unlock: (h: number) => pool.unlock(-h),
    tick: (budget: number) => pool.tick(budget),
    pack: () => pool.pack(),
    check: () => pool.check(),
    stat: () => pool.stat()
  };
}

/** A kind with handles below zero. */
export const BELOW: Kind = { name: "handles below zero", ticks: true, make: below };

/** A facade: it hands calls on and names the pool that knows the bytes. */
function behind(pool: any): Heap {
  return {
    why: "",
    pool,
    alloc(bytes: number) {
      const h = pool.alloc(bytes);
      this.why = pool.why;
      return h;
    },
    free: (h: number) => pool.free(h)
  };
}

export const LOTS: Lot[] = [
  { name: "full, unit 4", ticks: true, make: (size, handles) => plain(full({ size, handles })) },
  { name: "full, unit 1", ticks: true, make: (size, handles) => plain(full({ size, handles, unit: 1 })) },
  { name: "full, unit 16, fast, 24 bits", ticks: true, make: (size, handles) => plain(full({ size: size & -16, handles, unit: 16, fit: "fast", generations: 24 })) },
  { name: "tiny", ticks: false, make: (size, handles) => plain(tiny({ size, handles })) },
  { name: "far, chunk 8", ticks: true, make: (size, handles) => plain(external(size, handles, 8)) },
  { name: "far, chunk 256", ticks: true, make: (size, handles) => plain(external(size, handles, 256)) },
  {
    name: "a facade on full",
    ticks: true,
    make: (size, handles) => {
      const pool = full({ size, handles });
      return { pool, heap: behind(pool) };
    }
  },
  {
    name: "a facade on far",
    ticks: true,
    make: (size, handles) => {
      const pool = external(size, handles, 16);
      return { pool, heap: behind(pool) };
    }
  }
];

/** A slab in a pool; its slots take any block asked for up to `size / 3` bytes. */
export function slotted(lot: Lot): Lot {
  return {
    name: `a slab on ${lot.name}`,
    ticks: lot.ticks,
    make: (size, handles) => {
      const { pool, heap } = lot.make(size, handles);
      return { pool, heap: slab(heap, { size: Math.max(1, Math.floor(size / 6)), slots: 2 }) as Heap };
    }
  };
}

/** Blocks that are allocated and freed around, so that others move. Returns what frees them all. */
export function noise(pool: any): { stir(n: number): void; end(): void } {
  const all: number[] = [];
  return {
    stir(n) {
      if (n % 3 && all.length) pool.free(all.splice(n % all.length, 1)[0]);
      else {
        const h = pool.alloc(1 + (n % 40));
        if (h) all.push(h);
      }
      if (all.length > 5) pool.free(all.shift());
      if (pool.tick && n % 4 === 1) pool.tick(n % 60);
      if (pool.pack && n % 16 === 3) pool.pack();
    },
    end() {
      while (all.length) pool.free(all.pop());
    }
  };
}

/** Live blocks of a pool of any kind. */
export function live(pool: any): number {
  // the tiny pool has no stat(): its rows tell
  if (pool.stat) return pool.stat().live;
  return [...(pool._gens as Int16Array)].slice(0, -1).filter((g) => g > 0).length;
}

/** Some compaction, and blocks that come and go between those of the part; `noise` holds them. */
export function stir(pool: any, next: Random, noise: number[]): void {
  const what = next(5);
  if (what === 0 && pool.tick) pool.tick(next(100));
  else if (what === 1 && pool.pack) pool.pack();
  else if (what < 4 && noise.length < 4) noise.push(pool.alloc(1 + next(40)));
  else if (noise.length) pool.free(noise.splice(next(noise.length), 1)[0]);
  noise.splice(0, noise.length, ...noise.filter((h) => h));
  sound(pool);
}

export function sound(pool: any): void {
  if (pool.check) assert.equal(pool.check(), "");
}

/** Fails unless no block is live: where nobody counts, a block of all bytes fits then. */
export function empty(pool: any, size: number): void {
  sound(pool);
  if (pool.stat) return assert.equal(pool.stat().live, 0);
  const h = pool.alloc(size & -4);
  assert.ok(h, `something is live: ${pool.why}`);
  pool.free(h);
}

/** Writes bytes that tell the block. */
export function fill(heap: Heap, h: number, n: number): void {
  put(memory(heap), h, 0, Uint8Array.from({ length: n }, (_, i) => (h * 31 + i * 7) & 255));
}

/** Fails unless the bytes are those of fill(). */
export function filled(heap: Heap, h: number, n: number): void {
  assert.deepEqual([...get(memory(heap), h, 0, n)], Array.from({ length: n }, (_, i) => (h * 31 + i * 7) & 255), `block ${h}`);
}

/** Some compaction, where there is any to ask for. */
export function nudge(pool: any, n: number): void {
  if (!pool.tick) return;
  if (n === 0) pool.pack();
  else pool.tick(n * 3);
}

/** "" or what is broken, where the pool can say it. */
export function broken(pool: any): string {
  return pool.check ? pool.check() : "";
}

/** Runs a call whose hook `host[name]` throws when it is called the k-th time; true if it came to that. */
export function cut(host: any, name: string, k: number, call: () => void): boolean {
  const Cut = new Error("cut");
  let n = 0;
  host[name] = () => {
    if (++n === k) throw Cut;
  };
  try {
    call();
    return false;
  } catch (error) {
    if (error !== Cut) throw error;
    return true;
  } finally {
    host[name] = undefined;
  }
}

/** `n` bytes, three more each. */
export function series(n: number, from = 0): number[] {
  return Array.from({ length: n }, (_, i) => (from + i * 3) & 255);
}
