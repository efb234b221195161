// Reaching the bytes of a block. Offsets and lengths are in bytes.

import { fail } from "./error";
import { rise, start } from "./bubble";
import { begin, end, quit } from "./gate";
import { find, open } from "./handle";
import { Pool } from "./pool";

/** Address of the block of `h` in `bytes`, good until `epoch` changes. Throws HANDLE, BUSY. Cost: constant. */
export function at(this: Pool, h: number): number {
  var r = h & this._mask;
  return (
    (h > this._gate && ((this._gens[r] << this._bits) | r | this._id) === h) || open(this, h),
    this._offs[r] & this._even
  );
}

/** Bytes asked for when the block of `h` was allocated or resized. Throws HANDLE, BUSY. Cost: constant. */
export function size(this: Pool, h: number): number {
  var r = h & this._mask;
  return (
    (h > this._gate && ((this._gens[r] << this._bits) | r | this._id) === h) || open(this, h),
    (this._offs[r + 1] & this._even) - this._offs[r]
  );
}

/** True when `h` is a live handle of this pool. Never throws. Cost: constant. */
export function has(this: Pool, h: number): boolean {
  var r = h & this._mask;
  return h >= 1 << this._bits && ((this._gens[r] << this._bits) | r | this._id) === h;
}

/** The block of `h` as a Uint8Array, good until `epoch` changes. Throws HANDLE, BUSY, VIEW (a store without views). */
export function view(this: Pool, h: number): Uint8Array {
  var r = h & this._mask;
  var a;
  return (
    (h > this._gate && ((this._gens[r] << this._bits) | r | this._id) === h) || open(this, h),
    this._view((a = this._offs[r] & this._even), a + (this._offs[r + 1] & this._even) - this._offs[r])
  );
}

/** A copy of `n` bytes from `at` on. Throws HANDLE, RANGE, ARGUMENT, BUSY. Cost: n. */
export function read(this: Pool, h: number, at: number, n: number): Uint8Array {
  return this._store.read(span(this, h, at, n), n);
}

/**
 * Writes `data` from byte `at` on: an array or typed array, one byte an element, or a string of
 * characters up to 255. Throws HANDLE, RANGE, ARGUMENT, BUSY. Cost: data.length.
 */
export function write(this: Pool, h: number, at: number, data: ArrayLike<number> | string): void {
  if (typeof data === "string") data = latin(data);
  else if (!data || data.length >>> 0 !== data.length) fail("ARGUMENT", "data is " + typeof data);
  this._store.write(span(this, h, at, data.length), data as ArrayLike<number>);
}

function latin(text: string): number[] {
  var bytes: number[] = [];
  for (var i = 0; i < text.length; i++) {
    bytes.push(text.charCodeAt(i));
    if (bytes[i] > 255) fail("ARGUMENT", "character " + i + " is " + bytes[i] + ", above 255");
  }
  return bytes;
}

/** Copies `n` bytes between two blocks or within one; overlap is right. Throws HANDLE, RANGE, ARGUMENT, BUSY. Cost: n. */
export function copy(this: Pool, to: number, toAt: number, from: number, fromAt: number, n: number): void {
  begin(this);
  place(this, from, fromAt, n);
  var target = place(this, to, toAt, n);
  var source = place(this, from, fromAt, n);
  var step = target > source ? target - source : n;
  // upwards from the end, in pieces that do not overlap
  for (var left = n; left; left -= step) {
    if (step > left) step = left;
    this._store.move(target + left - step, source + left - step, step);
  }
  end(this);
}

/** Sets `n` bytes from `at` on to `value` (0..255). Throws HANDLE, RANGE, ARGUMENT, BUSY. Cost: n. */
export function fill(this: Pool, h: number, value: number, at: number, n: number): void {
  if ((value & 255) !== value) fail("ARGUMENT", "value is " + value);
  begin(this);
  var to = place(this, h, at, n);
  if (n) this._store.write(to, [value]);
  // each copy doubles what is there
  for (var done = 1; done < n; done *= 2) this._store.move(to + done, to, Math.min(done, n - done));
  end(this);
}

/** Address of bytes `at` to `at + n` of the block of `h`. */
function span(p: Pool, h: number, at: number, n: number): number {
  var r = h & p._mask;
  // one statement: the address is that of this moment
  return h > p._gate &&
    ((p._gens[r] << p._bits) | r | p._id) === h &&
    at >>> 0 === at &&
    n >>> 0 === n &&
    at + n <= (p._offs[r + 1] & p._even) - p._offs[r]
    ? (p._offs[r] & p._even) + at
    : slow(p, h, at, n);
}

function slow(p: Pool, h: number, at: number, n: number): number {
  begin(p);
  at = place(p, h, at, n);
  end(p);
  return at;
}

/** span for a call that has begun: where the bubble stands between the bytes, it rises until they are in one piece. */
function place(p: Pool, h: number, at: number, n: number): number {
  var r = find(p, h);
  if (at >>> 0 !== at || n >>> 0 !== n) quit(p, "ARGUMENT", "offset is " + at + ", length " + n);
  var gap = p._next === r + 1 ? p._gap : 0;
  var size = start(p, r + 1) - p._offs[r] - gap;
  if (at + n > size) quit(p, "RANGE", "bytes " + at + " to " + (at + n) + " of a block of " + size);
  at += start(p, r);
  if (gap && at < p._at && at + n > p._at) rise(p, (at + n - p._at + p._unit) & p._even);
  return p._next === r + 1 && at >= p._at ? at + p._gap : at;
}

/** Throws ARGUMENT unless `fn` is a function. */
export function callable(fn: unknown): void {
  if (typeof fn !== "function") fail("ARGUMENT", "callback is " + typeof fn);
}
