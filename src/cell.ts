// How the parts of the kit reach a block, whatever it lives in: memory with addresses has `bytes`, the rest has read() and write().

import { fail } from "./error";

/** What a part takes its blocks from: a pool of any kind, a slab, or what stands before a pool and hands its calls on (`pool`). */
export interface Heap {
  /** A handle, or 0 and `why`. */
  alloc(bytes: number): number;
  free(h: number): void;
  why: string;
  /** The pool that knows the bytes, where this is not it. */
  pool?: Heap;
  bytes?: Uint8Array;
  /** Changes before any block moves, where it is a number. */
  epoch?: number;
  at?(h: number): number;
  size?(h: number): number;
  has?(h: number): boolean;
  stat?(): { free: number; live: number };
  read?(h: number, at: number, n: number): Uint8Array;
  write?(h: number, at: number, data: ArrayLike<number>): void;
}

/** A heap that knows the bytes of its blocks. */
export type Memory = Heap & { at(h: number): number; size(h: number): number; has(h: number): boolean };

/** Where the bytes of the blocks of `heap` are. Throws OPTION when it is no heap. */
export function memory(heap: Heap): Memory {
  var m = heap && (heap.pool || heap);
  // strings and arrays have at()
  if (!m || !m.has) fail("OPTION", heap, "a pool");
  return m as Memory;
}

/** Throws RANGE unless `n` bytes from `at` on are within `size` bytes. */
export function within(at: number, n: number, size: number): void {
  (at >>> 0 === at && n >>> 0 === n && at + n <= size) || fail("RANGE", at + ", " + n, size);
}

/** The number in `n` bytes (1, 2, 4) from `at` on, little endian, four bytes with a sign. Throws HANDLE, BUSY. */
export function load(m: Memory, h: number, at: number, n: number): number {
  var b = m.bytes;
  // in one statement, as in save()
  (at = b ? at + m.at(h) : ((b = m.read!(h, at, n)), 0)), (h = b[at]), n > 1 && (h |= b[at + 1] << 8), n > 2 && (h |= (b[at + 2] << 16) | (b[at + 3] << 24));
  return h;
}

/** Writes the low 8, 16 or 32 bits of `value` as load() reads them. Throws HANDLE, BUSY. */
export function save(m: Memory, h: number, at: number, n: number, value: number): void {
  var data: number[] = [];
  for (; n--; value >>= 8) data.push(value & 255);
  // in one statement: a job that moves blocks may come between two
  put(m, h, at, data);
}

/** Writes bytes from `at` on; the caller has seen to it that the block has them. Throws HANDLE, BUSY. */
export function put(m: Memory, h: number, at: number, data: ArrayLike<number>): void {
  m.bytes ? m.bytes.set(data, m.at(h) + at) : m.write!(h, at, data);
}

/** Writes words of 32 bits, in one piece, so that no call that is cut off leaves half a handle. As put(). */
export function words(m: Memory, h: number, at: number, values: number[]): void {
  put(m, h, at, new Uint8Array(new Int32Array(values).buffer));
}

/** A copy of `n` bytes from `at` on; the caller has seen to it that the block has them. Throws HANDLE, BUSY. */
export function get(m: Memory, h: number, at: number, n: number): Uint8Array {
  var copy;
  // set, because njs copies from the wrong place in new Uint8Array(view)
  return m.bytes ? ((at += m.at(h)), (copy = new Uint8Array(n)), n && copy.set(m.bytes.subarray(at, at + n)), copy) : m.read!(h, at, n);
}
