// A buffer that grows: bytes in a chain of blocks.

import { get, Heap, put, save } from "./cell";
import { add, Chain, chain, ChainOptions, end, fresh, hold, may, next, pull, start, tie, walk } from "./chain";
import { fail, whole } from "./error";
import { octets } from "./store";
import { text } from "./text";

/** A chain with the methods that others here call. */
export interface Bytes extends Chain {
  append(data: ArrayLike<number> | string): boolean;
  read(at: number, n: number): Uint8Array;
  take(n: number): Uint8Array;
  chunks(fn: (bytes: Uint8Array, at: number) => unknown): void;
  forEach(fn: (byte: number, at: number) => unknown): void;
}

/** Appends the first `n` bytes of `data`, or as add() has it, where append() cannot: the address of the last chunk is not known, or it has no room. */
function more(c: Chain, data: ArrayLike<number>, n: number): boolean {
  // a DataView has none
  whole(n);
  return (
    may(c, n) &&
    (!n ||
      // a length that has grown is true
      ((n <= c._size - c._to ? (put(c._mem, c._last, c._to, data), (c._to += n), (c.length += n)) : add(c, clone(data), n)) as boolean &&
        // until the epoch changes; NaN, which equals nothing, where there is none
        (c._mem.bytes && ((c._base = c._mem.at(c._last)), (c._epoch = +c._mem.epoch!)), true)))
  );
}

/** A copy of bytes, because a view of the pool does not survive an alloc. */
export function clone(bytes: ArrayLike<number>): Uint8Array {
  var copy = new Uint8Array(bytes.length);
  copy.set(bytes);
  return copy;
}

/**
 * Moves all bytes to the end of `to` without copying them. False and `why`: LIMIT. Throws OPTION unless both have the same heap and chunk,
 * BUSY. Cost: constant.
 */
export function move(this: Chain, to: Chain): boolean {
  var c = this;
  if (!to || to._heap !== c._heap || to._size !== c._size || to === c) fail("OPTION", to, "alike");
  if (!may(to, c.length)) return !(c.why = to.why);
  if (c._first) {
    if (to._last) save(c._mem, c._first, 0, 2, c._from), tie(to, to._last, to._to, c._first);
    // one statement, so that no chunk gets two owners
    to._first || ((to._first = c._first), (to._from = c._from)),
      (to._last = c._last),
      (to._to = c._to),
      (to.length += c.length),
      (c._first = c._last = c.length = 0),
      (c._from = c._to = c._size),
      (c._epoch = to._epoch = NaN);
  }
  return true;
}

/** What buffers and deques have in common. */
var common = {
  /**
   * Appends `data`: an array or typed array, one byte an element, or a string of characters up to 255. False and `why`: refused, nothing was
   * appended. Throws ARGUMENT, BUSY. Cost: its bytes, and an alloc for each chunk.
   */
  append: function (this: Chain, data: ArrayLike<number> | string): boolean {
    // not `this`: in a branch that it passes by, Espruino adds n to `this` itself, for which it asks toString()
    var c = this;
    var n;
    // the rest elsewhere, because Espruino reads a function to its end
    return typeof data === "object" && data && (n = data.length) >>> 0 === n && n <= c._size - c._to && c.length + n <= c.max && c._mem.epoch === c._epoch
      ? (c._mem.bytes!.set(data, c._base + c._to), (c._to += n), (c.length += n), true)
      : more(c, octets(data), data.length);
  },
  /** A copy of `n` bytes from `at` on. Throws RANGE, BUSY. Cost: n, the chunks passed. */
  read: function (this: Chain, at: number, n: number): Uint8Array {
    var c = this;
    var all = new Uint8Array(n > 0 && n <= c.length ? n | 0 : 0);
    walk(c, at, n, function (h, from, size, done) {
      all.set(get(c._mem, h, from, size), done);
    });
    return all;
  },
  /** Removes the first `n` bytes and gives them back. Throws RANGE, BUSY. Cost: n, the chunks passed. */
  take: function (this: Bytes, n: number): Uint8Array {
    var all = this.read(0, n);
    pull(this, n);
    return all;
  },
  /** Calls `fn` with a copy of the bytes of each chunk and their place; true ends it. Throws BUSY. Cost: all bytes. */
  chunks: function (this: Chain, fn: (bytes: Uint8Array, at: number) => unknown): void {
    var c = this;
    walk(c, 0, c.length, function (h, from, n, done) {
      return fn(get(c._mem, h, from, n), done);
    });
  },
  /** Calls `fn` with each byte and its place; true ends it. Throws BUSY. Cost: all bytes. */
  forEach: function (this: Bytes, fn: (byte: number, at: number) => unknown): void {
    this.chunks(function (bytes, at) {
      for (var i = 0; i < bytes.length && !fn(bytes[i], at + i); ) i++;
      return i < bytes.length;
    });
  },
  /** All bytes as a string, a character each. Throws BUSY. Cost: all bytes. */
  toString: function (this: Bytes): string {
    var all = "";
    this.chunks(function (bytes) {
      all += text(bytes);
    });
    return all;
  },
  /** Frees every chunk. Throws BUSY, and what the memory throws: then the rest is still there. Cost: the chunks. */
  clear: function (this: Chain): void {
    // one by one, because this has to do with little memory
    while (this._first) pull(this, end(this, this._first) - this._from);
  },
  /** Appends a copy of `n` bytes from `at` on to `to`. False: refused, `to.why` says it. Throws RANGE, BUSY. Cost: n, the chunks passed. */
  copy: function (this: Bytes, to: { append(data: Uint8Array): boolean }, at: number, n: number): boolean {
    return to.append(this.read(at, n));
  },
  /**
   * A new one with the first `n` bytes, which leave this one. Undefined and `why`: refused. Throws RANGE, BUSY. Cost: the chunks passed, and
   * an alloc and the copy of a part where it ends inside a chunk.
   */
  split: function <T extends Chain>(this: T, n: number): T | undefined {
    var c = this;
    var d = chain(Object.getPrototypeOf(c), c._heap, { chunk: c._size, max: c.max }) as T;
    var h = 0;
    var to = 0;
    walk(c, 0, n, function (chunk, from, size) {
      (h = chunk), (to = from + size);
    });
    if (n) {
      var then = next(c, h);
      var size = end(c, h) - to;
      var from = size ? to : then && start(c, then);
      // [first n|rest] => [first n] [      |rest]
      if (size && !(then = fresh(c, to, get(c._mem, h, to, size), then))) return void 0;
      // nobody knows d yet
      hold(d, c._first, c._from, h, to, n);
      hold(c, then, from, h === c._last ? then : c._last, c._to, c.length - n);
    }
    return d;
  },
};

/** The methods of `own` and those in common. */
export function table<T>(own: T): T & typeof common {
  for (var name in common) (own as any)[name] = (common as any)[name];
  return own as T & typeof common;
}

var methods = /*#__PURE__*/ table({
  move: move,
  /** Appends `n` bytes `value`, 0 by default. False and `why`: refused. Throws ARGUMENT, BUSY. Cost: n. */
  extend: function (this: Chain, n: number, value?: number): boolean {
    var bytes = new Uint8Array(Math.min(n >>> 0, this._size));
    for (var i = bytes.length; value && i--; ) bytes[i] = value;
    return more(this, bytes, n);
  },
  /** Writes `data` over the bytes from `at` on. Throws RANGE, ARGUMENT, BUSY, and what the memory throws: then a part may be written. Cost: its bytes, the chunks passed. */
  write: function (this: Chain, at: number, data: ArrayLike<number> | string): void {
    var c = this;
    var bytes = clone(octets(data));
    walk(c, at, bytes.length, function (h, from, n, done) {
      put(c._mem, h, from, bytes.subarray(done, done + n));
    });
  },
  /** All bytes as an array of numbers. Throws BUSY. Cost: all bytes. */
  toArray: function (this: Bytes): number[] {
    var all: number[] = [];
    this.forEach(function (byte) {
      all.push(byte);
    });
    return all;
  },
});

export type Buffer = Chain & typeof methods;

/** A new empty buffer that takes its blocks from `heap`. Throws OPTION. Takes no block. */
export function buffer(heap: Heap, options?: ChainOptions): Buffer {
  return chain(methods, heap, options) as Buffer;
}
