// A buffer that grows: bytes in a chain of blocks.

import { get, Heap, put } from "./cell";
import { add, Chain, chain, ChainOptions, like, may, pull, take, walk, warm } from "./chain";
import { fail, whole } from "./error";
import { octets } from "./store";

/**
 * Appends `data`: an array or typed array, one byte an element, or a string of characters up to 255. False and `why`: refused, nothing was
 * appended. Throws ARGUMENT, BUSY. Cost: its bytes, and an alloc for each chunk.
 */
export function append(this: Chain, data: ArrayLike<number> | string): boolean {
  // not `this`: in a branch that it passes by, Espruino adds n to `this` itself, for which it asks toString()
  var c = this;
  var n;
  // the rest elsewhere, because Espruino reads a function to its end
  return typeof data === "object" && data && (n = data.length) <= c._size - c._to && c.length + n <= c.max && c._mem.epoch === c._epoch
    ? (c._mem.bytes!.set(data, c._base + c._to), (c._to += n), (c.length += n), true)
    : more(c, data);
}

/** append() where the address of the last chunk is not known, or has no room. */
function more(c: Chain, data: ArrayLike<number> | string): boolean {
  var bytes = octets(data);
  var n = bytes.length;
  if (!n) return true;
  if (!may(c, n)) return false;
  if (n <= c._size - c._to) put(c._mem, c._last, c._to, bytes), (c._to += n), (c.length += n);
  else {
    // a copy, because a view of the pool does not survive an alloc
    var copy = new Uint8Array(n);
    copy.set(bytes);
    if (!add(c, copy)) return false;
  }
  return warm(c);
}

/** A copy of `n` bytes from `at` on. Throws RANGE, BUSY. Cost: n, the chunks passed. */
export function read(this: Chain, at: number, n: number): Uint8Array {
  var c = this;
  var all = new Uint8Array(n > 0 && n <= c.length ? n : 0);
  walk(c, at, n, function (h, from, size, done) {
    all.set(get(c._mem, h, from, size), done);
  });
  return all;
}

/** Removes the first `n` bytes and gives them back. Throws RANGE, BUSY. Cost: n, the chunks passed. */
export function shed(this: Chain, n: number): Uint8Array {
  var all = read.call(this, 0, n);
  pull(this, n);
  return all;
}

/** Calls `fn` with a copy of the bytes of each chunk and their place; true ends it. Throws BUSY. Cost: all bytes. */
export function chunks(this: Chain, fn: (bytes: Uint8Array, at: number) => unknown): void {
  var c = this;
  walk(c, 0, c.length, function (h, from, n, done) {
    return fn(get(c._mem, h, from, n), done);
  });
}

/** Calls `fn` with each byte and its place; true ends it. Throws BUSY. Cost: all bytes. */
export function forEach(this: Chain, fn: (byte: number, at: number) => unknown): void {
  chunks.call(this, function (bytes, at) {
    for (var i = 0; i < bytes.length && !fn(bytes[i], at + i); ) i++;
    return i < bytes.length;
  });
}

/** Bytes as a string, a character each. */
export function text(bytes: Uint8Array): string {
  return String.fromCharCode.apply(String, bytes as unknown as number[]);
}

/** All bytes as a string, a character each. Throws BUSY. Cost: all bytes. */
export function toString(this: Chain): string {
  var all = "";
  chunks.call(this, function (bytes) {
    all += text(bytes);
  });
  return all;
}

/** Frees every chunk. Throws BUSY. Cost: the chunks. */
export function clear(this: Chain): void {
  pull(this, this.length);
}

/** Moves all bytes to the end of `to` without copying them. False and `why`: LIMIT. Throws OPTION unless both have the same heap and chunk, BUSY. Cost: the chunks. */
export function move(this: Chain, to: Chain): boolean {
  if (!to || to._heap !== this._heap || to._size !== this._size || to === this) fail("OPTION", "other chunks", "the same");
  return may(to, this.length) ? pull(this, this.length, to) : !(this.why = to.why);
}

/** Appends a copy of `n` bytes from `at` on to `to`. False: refused, `to.why` says it. Throws RANGE, BUSY. Cost: n, the chunks passed. */
export function copy(this: Chain, to: Chain, at: number, n: number): boolean {
  return append.call(to, read.call(this, at, n));
}

/** A new one with the first `n` bytes, which leave this one. Undefined and `why`: refused. Throws RANGE, BUSY. Cost: the chunks passed, a part of one copied. */
export function split<T extends Chain>(this: T, n: number): T | undefined {
  var d = like(this);
  // Number as a function that ends the walk: only the look at n is wanted
  walk(this, 0, n, Number);
  if (pull(this, n, d)) return d;
  this.why = d.why;
  pull(this, this.length, d);
  take(this, d);
  return undefined;
}

var methods = {
  append: append,
  read: read,
  take: shed,
  chunks: chunks,
  forEach: forEach,
  toString: toString,
  clear: clear,
  move: move,
  copy: copy,
  split: split,
  /** Appends `n` bytes `value`, 0 by default. False and `why`: refused. Throws ARGUMENT, BUSY. Cost: n. */
  extend: function (this: Chain, n: number, value?: number): boolean {
    whole(n);
    var all = new Uint8Array(n);
    while (value && n--) all[n] = value;
    return append.call(this, all);
  },
  /** Writes `data` over the bytes from `at` on. Throws RANGE, ARGUMENT, BUSY. Cost: its bytes, the chunks passed. */
  write: function (this: Chain, at: number, data: ArrayLike<number> | string): void {
    var c = this;
    var bytes = new Uint8Array(octets(data));
    walk(c, at, bytes.length, function (h, from, n, done) {
      put(c._mem, h, from, bytes.subarray(done, done + n));
    });
  },
  /** All bytes as an array of numbers. Throws BUSY. Cost: all bytes. */
  toArray: function (this: Chain): number[] {
    return [].slice.call(read.call(this, 0, this.length));
  },
};

export type Buffer = Chain & typeof methods;

/** A new empty buffer that takes its blocks from `heap`. Throws OPTION. Takes no block. */
export function buffer(heap: Heap, options?: ChainOptions): Buffer {
  return chain(methods, heap, options) as Buffer;
}
