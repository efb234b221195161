// The bytes of blocks in an external pool. Offsets and lengths are in bytes.

import { fail, whole } from "./error";
import { address } from "./flight";
import { number, octets, repeat, word } from "./store";
import { bytes, Far, find } from "./table";

/** The row of `h`, which has bytes `at` to `at + n`. Throws HANDLE, ARGUMENT, RANGE. */
function within(p: Far, h: number, at: number, n: number): number {
  var r = find(p, h);
  var size = bytes(p, r);
  if (at >>> 0 !== at || n >>> 0 !== n) fail("ARGUMENT", at + ", " + n, "whole numbers");
  if (at + n > size) fail("RANGE", at + n, "up to " + size);
  return r;
}

/** A copy of `n` bytes from `at` on. Throws HANDLE, RANGE, ARGUMENT, BUSY, and what the store throws. Cost: n. */
export function read(p: Far, h: number, at: number, n: number): Uint8Array {
  // by itself: where an argument throws, Espruino keeps the variables of a function with a scope of its own for ever
  var from = address(p, within(p, h, at, n), at, n);
  return p._store.read(from, n);
}

/**
 * Writes `data` from byte `at` on: an array or typed array, one byte an element, or a string of
 * characters up to 255. Throws HANDLE, RANGE, ARGUMENT, BUSY, and what the store throws. Cost: data.length.
 */
export function write(p: Far, h: number, at: number, data: ArrayLike<number> | string): void {
  data = octets(data);
  put(p, within(p, h, at, data.length), at, data);
}

/**
 * Says that bytes from `at` on of the row in flight will change: what is copied of a block in flight ends before them, until follow() has copied them
 * again, so that a store that throws in between leaves no old bytes in the copy. Returns what follow() needs, 0: no such byte is copied.
 */
function rewind(p: Far, at: number): number {
  var done = p._done;
  return !p._slide && at < done ? ((p._done = at), done) : 0;
}

/** Brings the copy of row `r` up to date with `n` bytes from `at` on. */
function follow(p: Far, r: number, at: number, n: number, done: number): void {
  p._store.move(p._ats[p._rows + 1] * p._unit + p._head + at, address(p, r, at, n), n), (p._done = done);
}

/** Writes to a block. */
function put(p: Far, r: number, at: number, data: ArrayLike<number>): void {
  var n = data.length;
  if (!n) return;
  var spare = p._log ? p._log.stage(p, n) : 0;
  var to = address(p, r, at, n);
  var done = r === p._fly && rewind(p, at);
  p._log ? p._log.write(p, to, data, spare) : p._store.write(to, data);
  if (done) follow(p, r, at, n, done);
}

/** Copies `n` bytes between two blocks or within one; overlap is right. Throws HANDLE, RANGE, ARGUMENT, BUSY, and what the store throws. Cost: n. */
export function copy(p: Far, to: number, toAt: number, from: number, fromAt: number, n: number): void {
  var r = within(p, to, toAt, n);
  var source = within(p, from, fromAt, n);
  if (!n) return;
  var spare = p._log ? p._log.stage(p, n) : 0;
  // twice, because the one may let a slide go on that the other has looked at
  address(p, r, toAt, n);
  fromAt = address(p, source, fromAt, n);
  to = address(p, r, toAt, n);
  var done = r === p._fly && rewind(p, toAt);
  p._log ? p._log.copy(p, to, fromAt, n, spare) : p._store.move(to, fromAt, n);
  if (done) follow(p, r, toAt, n, done);
}

/** Sets `n` bytes from `at` on to `value` (0..255). Throws HANDLE, RANGE, ARGUMENT, BUSY, and what the store throws. Cost: n. */
export function fill(p: Far, h: number, value: number, at: number, n: number): void {
  if ((value & 255) !== value) fail("ARGUMENT", value, "0..255");
  var r = within(p, h, at, n);
  if (!n) return;
  var to = address(p, r, at, n);
  var done = r === p._fly && rewind(p, at);
  p._log ? p._log.fill(p, to, n, value) : repeat(p._store, to, n, value);
  if (done) follow(p, r, at, n, done);
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

/** The number in `n` bytes from `at` on. */
function get(p: Far, h: number, at: number, n: number, name: "get8" | "get16" | "get32"): number {
  var from = address(p, within(p, h, at, n), at, n);
  var store = p._store;
  return store[name] ? store[name](from) : number(store.read(from, n), 0, n);
}

/** Writes `value` into `n` bytes from `at` on. */
function set(p: Far, h: number, at: number, value: number, n: number, name: "set8" | "set16" | "set32"): void {
  var r = within(p, h, at, n);
  var store = p._store;
  if ((value | 0) !== value) whole(value);
  if (store[name] && r !== p._fly) store[name](address(p, r, at, n), value);
  else put(p, r, at, word(value, n));
}

/**
 * A number in the block of `h`, little endian, without a sign; `at` in bytes. With a cache below (tidyheap-page) it costs a transaction only
 * where its page is not there, else always. Throws HANDLE, RANGE, ARGUMENT, BUSY, and what the store throws.
 */
export function get8(p: Far, h: number, at: number): number {
  return get(p, h, at, 1, "get8");
}

/** As get8, two bytes. */
export function get16(p: Far, h: number, at: number): number {
  return get(p, h, at, 2, "get16");
}

/** As get8, four bytes. */
export function get32(p: Far, h: number, at: number): number {
  return get(p, h, at, 4, "get32");
}

/** Writes the low 8 bits of `value`, a whole number, as get8 reads them. Throws as get8. */
export function set8(p: Far, h: number, at: number, value: number): void {
  set(p, h, at, value, 1, "set8");
}

/** As set8, 16 bits. */
export function set16(p: Far, h: number, at: number, value: number): void {
  set(p, h, at, value, 2, "set16");
}

/** As set8, 32 bits. */
export function set32(p: Far, h: number, at: number, value: number): void {
  set(p, h, at, value, 4, "set32");
}
