// The bytes of blocks in an external pool. Offsets and lengths are in bytes.

import { octets } from "./access";
import { fail } from "./error";
import { address, twin } from "./flight";
import { bytes, Far, find } from "./table";

/** The row of `h`, which has bytes `at` to `at + n`. Throws HANDLE, ARGUMENT, RANGE. */
function part(p: Far, h: number, at: number, n: number): number {
  var r = find(p, h);
  var size = bytes(p, r);
  if (at >>> 0 !== at || n >>> 0 !== n) fail("ARGUMENT", at + ", " + n, "whole numbers");
  if (at + n > size) fail("RANGE", at + n, "up to " + size);
  return r;
}

/** A copy of `n` bytes from `at` on. Throws HANDLE, RANGE, ARGUMENT, BUSY, and what the store throws. Cost: n. */
export function read(p: Far, h: number, at: number, n: number): Uint8Array {
  return p._store.read(address(p, part(p, h, at, n), at, n), n);
}

/**
 * Writes `data` from byte `at` on: an array or typed array, one byte an element, or a string of
 * characters up to 255. Throws HANDLE, RANGE, ARGUMENT, BUSY, and what the store throws. Cost: data.length.
 */
export function write(p: Far, h: number, at: number, data: ArrayLike<number> | string): void {
  data = octets(data);
  put(p, part(p, h, at, data.length), at, data);
}

/** Writes to a block, and to the copy of it that is being made. */
function put(p: Far, r: number, at: number, data: ArrayLike<number>): void {
  if (!data.length) return;
  var to = address(p, r, at, data.length);
  var copy = twin(p, r, at);
  var done = p._done;
  // until both are written, what is copied ends before them: when the store throws in between, they are copied again
  if (copy >= 0) p._done = p._head + at;
  p._store.write(to, data);
  if (copy >= 0) p._store.write(copy, data), (p._done = done);
}

/** Copies `n` bytes between two blocks or within one; overlap is right. Throws HANDLE, RANGE, ARGUMENT, BUSY, and what the store throws. Cost: n. */
export function copy(p: Far, to: number, toAt: number, from: number, fromAt: number, n: number): void {
  var r = part(p, to, toAt, n);
  var source = part(p, from, fromAt, n);
  if (!n) return;
  // twice, because the one may let a slide go on that the other has looked at
  address(p, r, toAt, n);
  fromAt = address(p, source, fromAt, n);
  var target = address(p, r, toAt, n);
  var twinAt = twin(p, r, toAt);
  var done = p._done;
  // as in put
  if (twinAt >= 0) p._done = p._head + toAt;
  p._store.move(target, fromAt, n);
  if (twinAt >= 0) p._store.move(twinAt, target, n), (p._done = done);
}

/** Sets `n` bytes from `at` on to `value` (0..255). Throws HANDLE, RANGE, ARGUMENT, BUSY, and what the store throws. Cost: n. */
export function fill(p: Far, h: number, value: number, at: number, n: number): void {
  if ((value & 255) !== value) fail("ARGUMENT", value, "0..255");
  var r = part(p, h, at, n);
  var size = Math.min(n, p._chunk);
  var data = new Uint8Array(size);
  if (value && n) {
    data[0] = value;
    // each copy doubles what is there
    for (var done = 1; done < size; done *= 2) data.set(data.subarray(0, Math.min(done, size - done)), done);
  }
  for (var i = 0; i < n; i += size) put(p, r, at + i, n - i < size ? data.subarray(0, n - i) : data);
}

/** A copy of the whole block of `h`. Throws HANDLE, BUSY, and what the store throws. Cost: its bytes. */
export function load(p: Far, h: number): Uint8Array {
  return read(p, h, 0, bytes(p, find(p, h)));
}

/** Writes a copy that load() gave back to the block of `h`. Throws as write(). Cost: its bytes. */
export function store(p: Far, h: number, data: ArrayLike<number>): void {
  write(p, h, 0, data);
}

/** Throws VIEW: the processor cannot address these bytes. */
export function view(p: Far, h: number): never {
  find(p, h);
  return fail("VIEW", "external memory", "one with views: load(h) gives a copy");
}
