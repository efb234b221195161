// Reaching the bytes of a block. Offsets and lengths are in bytes.

import { begin } from "./entry";
import { fail } from "./error";
import { rise } from "./bubble";
import { end, quit } from "./gate";
import { find, open, test } from "./handle";
import { Pool } from "./pool";
import { octets } from "./store";

/** Address of the block of `h` in `bytes`, good until `epoch` changes. Throws HANDLE, BUSY. Cost: constant. */
export function at(this: Pool, h: number): number {
  var r = h & this._mask;
  return (
    (h > this._floor && ((this._open[r] << this._bits) | r | this._id) === h) || open(this, h),
    this._offs[r] & this._even
  );
}

/** The block of `h` as a Uint8Array, good until `epoch` changes. Throws HANDLE, BUSY, VIEW (a store without views). */
export function view(this: Pool, h: number): Uint8Array {
  var r = h & this._mask;
  var a;
  return (
    (h > this._floor && ((this._open[r] << this._bits) | r | this._id) === h) || open(this, h),
    (a = this._offs[r] & this._even),
    this._view(a, a + (this._offs[r + 1] & this._even) - this._offs[r] - (this._gap && this._next === r + 1 ? this._gap : 0))
  );
}

/** Bytes asked for when the block of `h` was allocated or resized. Throws HANDLE, BUSY. Cost: constant. */
export function size(this: Pool, h: number): number {
  var r = h & this._mask;
  return (
    (h > this._floor && ((this._open[r] << this._bits) | r | this._id) === h) || test(this, h),
    // the bubble counts for nobody
    (this._offs[r + 1] & this._even) - this._offs[r] - (this._gap && this._next === r + 1 ? this._gap : 0)
  );
}

/** True when `h` is a live handle of this pool. Never throws. Cost: constant. */
export function has(this: Pick<Pool, "_mask" | "_floor" | "_gens" | "_bits" | "_id">, h: number): boolean {
  var r = h & this._mask;
  return h > this._floor && ((this._gens[r] << this._bits) | r | this._id) === h;
}

/** A copy of `n` bytes from `at` on. Throws HANDLE, RANGE, ARGUMENT, BUSY. Cost: n. */
export function read(this: Pool, h: number, at: number, n: number): Uint8Array {
  var state = begin(this);
  // by itself: where an argument throws, Espruino keeps the variables of a function with a scope of its own for ever
  at = piece(this, h, at, n);
  var bytes = this._store.read(at, n);
  done(this, state);
  return bytes;
}

/**
 * Writes `data` from byte `at` on: an array or typed array, one byte an element, or a string of
 * characters up to 255. Throws HANDLE, RANGE, ARGUMENT, BUSY. Cost: data.length.
 */
export function write(this: Pool, h: number, at: number, data: ArrayLike<number> | string): void {
  var bytes = octets(data);
  var n = bytes.length;
  var state = begin(this);
  try {
    at = piece(this, h, at, n);
    this._store.write(at, bytes);
  } finally {
    done(this, state);
  }
}

/** Copies `n` bytes between two blocks or within one; overlap is right. Throws HANDLE, RANGE, ARGUMENT, BUSY. Cost: n. */
export function copy(this: Pool, to: number, toAt: number, from: number, fromAt: number, n: number): void {
  begin(this);
  piece(this, to, toAt, n);
  fromAt = piece(this, from, fromAt, n);
  // the bubble may have passed the first while it left the second
  toAt = piece(this, to, toAt, n);
  if (n) this._store.move(toAt, fromAt, n);
  end(this);
}

/** Sets `n` bytes from `at` on to `value` (0..255). Throws HANDLE, RANGE, ARGUMENT, BUSY. Cost: n. */
export function fill(this: Pool, h: number, value: number, at: number, n: number): void {
  if ((value & 255) !== value) fail("ARGUMENT", value, "0..255");
  begin(this);
  at = piece(this, h, at, n);
  if (n) this._store.write(at, [value]);
  // each copy doubles what is there
  for (var done = 1; done < n; done *= 2) this._store.move(at + done, at, Math.min(done, n - done));
  end(this);
}

/** Gives the pool back after a call that found it in `state` and changed nothing in it. */
function done(p: Pool, state: number): void {
  if (state || p._hole < 0) end(p);
  else (p._open = p._gens), (p._state = 0);
}

/** Address of bytes `at` to `at + n` of the block of `h`, for a call that has begun: where the bubble stands between the bytes, it rises until they are in one piece. */
function piece(p: Pool, h: number, at: number, n: number): number {
  var r = find(p, h);
  var offs = p._offs;
  var gap = p._next === r + 1 ? p._gap : 0;
  var size = (offs[r + 1] & p._even) - offs[r] - gap;
  if (at >>> 0 !== at || n >>> 0 !== n) quit(p, "ARGUMENT", at + ", " + n, "whole numbers");
  if (at + n > size) quit(p, "RANGE", at + n, "up to " + size);
  at += offs[r] & p._even;
  if (gap)
    if (at >= p._at) at += gap;
    else if (at + n > p._at) rise(p, (at + n - p._at + p._unit) & p._even);
  return at;
}
