import assert from "node:assert/strict";
import { memory, put, get, type Heap } from "../src/cell";
import { create as far } from "../src/far";
import { create as full } from "../src/full";
import { create as tiny } from "../src/tiny";
import { Memory } from "./memory";
import type { Random } from "./random";

/** Set TIDYHEAP_SEED for another run; a failure prints the seed and the program. */
export const SEED = Number(process.env.TIDYHEAP_SEED ?? 20261121);

/** A kind of pool that parts of the kit have to work on. `ticks`: it has tick(), locks and stat(). */
export interface Kind {
  name: string;
  ticks: boolean;
  make(size: number, handles: number): any;
}

function external(size: number, handles: number, unit: number, chunk: number): any {
  const store = new Memory(size, false);
  store.chunk = chunk;
  return far({ size, handles, unit, store } as any);
}

export const KINDS: Kind[] = [
  { name: "full, unit 4", ticks: true, make: (size, handles) => full({ size, handles }) },
  { name: "full, unit 1, fast", ticks: true, make: (size, handles) => full({ size, handles, unit: 1, fit: "fast" }) },
  { name: "tiny", ticks: false, make: (size, handles) => tiny({ size, handles }) },
  { name: "far, unit 4, chunks of 256", ticks: true, make: (size, handles) => external(size, handles, 4, 256) },
  { name: "far, unit 16, chunks of 16", ticks: true, make: (size, handles) => external(size, handles, 16, 16) }
];

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

/** What is no handle. */
export const JUNK: any[] = [undefined, null, NaN, -1, 0.5, 2 ** 31, "x", {}, () => 1, 1, 4096, 1e10];
