// Bytes that come in at one end and go out at the other: a deque, and the stream that parsers read.

import { append, chunks, clone, copy, forEach, move, read, shed, split, toString } from "./buffer";
import { Heap, load } from "./cell";
import { Chain, chain, ChainOptions, clear, end, hold, next, pull, start, unshift } from "./chain";
import { fail, whole } from "./error";
import { text } from "./text";

/** What parse() gives to a parser. Both end the parser's turn where there are too few bytes. */
export interface Input {
  /** The next byte. */
  next(): number;
  /** The next `n` bytes. */
  take(n: number): Uint8Array;
}

/** The first byte, undefined if there is none. Throws BUSY. Cost: constant. */
function first(this: Chain): number | undefined {
  return this.length ? load(this._mem, this._first, this._from, 1) : undefined;
}

/** The last byte, undefined if there is none. Throws BUSY. Cost: constant. */
function last(this: Chain): number | undefined {
  return this.length ? load(this._mem, this._last, this._to - 1, 1) : undefined;
}

/** Removes the last byte of a chain that has one. Throws what the memory throws. Cost: constant, or the chunks passed where its chunk has no other. */
function trim(c: Chain): void {
  var h = c._last;
  var p = c._first;
  var then;
  if (c._to - 1 > start(c, h)) c._to--, c.length--;
  else if (p === h) pull(c, 1);
  else {
    while ((then = next(c, p)) !== h) p = then;
    hold(c, c._first, c._from, p, end(c, p), c.length - 1);
    c._heap.free(h);
  }
}

/**
 * Removes the bytes up to `mark`, a byte, a string or an array of bytes, and the mark; gives back what stood before it. Undefined: there
 * is no mark yet, nothing was removed. Throws ARGUMENT, BUSY. Cost: the bytes.
 */
function until(this: Chain, mark: number | string | ArrayLike<number>): Uint8Array | undefined {
  var bytes = clone(((mark as number) & 255) === mark ? [mark] : (mark as string));
  var n = -1;
  var all = "";
  var wanted = text(bytes);
  if (!wanted) fail("ARGUMENT", mark, "a mark");
  // in strings, because a loop over bytes costs 20,000 instructions each on Espruino
  chunks.call(this, function (piece, at) {
    all += text(piece);
    n = all.indexOf(wanted, at - bytes.length);
    // Espruino finds a mark of which only the begin is there
    if (n + bytes.length > all.length) n = -1;
    return n >= 0;
  });
  if (n < 0) return undefined;
  // as one, so that a mark that cannot be removed leaves what stands before it
  return shed.call(this, n + bytes.length).subarray(0, n);
}

var methods = {
  append: append,
  read: read,
  take: shed,
  split: split,
  chunks: chunks,
  forEach: forEach,
  toString: toString,
  clear: clear,
  drain: move,
  copy: copy,
  first: first,
  last: last,
  until: until,
  unshift: unshift,
  /** Adds a byte at the end. False and `why`: refused. Throws BUSY. Cost: constant, and an alloc where the last chunk is full. */
  push: function (this: Chain, byte: number): boolean {
    var c = this;
    return c._to < c._size && c.length < c.max && c._mem.epoch === c._epoch ? ((c._mem.bytes![c._base + c._to++] = byte), c.length++, true) : append.call(c, [byte]);
  },
  /** Removes the last byte and gives it back, undefined if there is none. Throws BUSY. Cost: constant, or where its chunk has no other the chunks. */
  pop: function (this: Chain): number | undefined {
    var byte = last.call(this);
    if (this.length) trim(this);
    return byte;
  },
  /** Removes the first byte and gives it back, undefined if there is none. Throws BUSY. Cost: constant. */
  shift: function (this: Chain): number | undefined {
    var byte = first.call(this);
    if (this.length) pull(this, 1);
    return byte;
  },
  /** A copy of the first `n` bytes, or of all there are. Throws RANGE, BUSY. Cost: the bytes. */
  peek: function (this: Chain, n: number): Uint8Array {
    return read.call(this, 0, Math.min(n, this.length));
  },
  /** Removes the first `n` bytes, or those in front for which a function says true. Returns how many. Throws ARGUMENT, BUSY. Cost: chunks, or bytes. */
  skip: function (this: Chain, n: number | ((byte: number) => unknown)): number {
    var count = 0;
    if (typeof n === "function") for (; this.length && n(first.call(this)!); count++) pull(this, 1);
    else whole(n), (count = Math.min(n, this.length)), pull(this, count);
    return count;
  },
  /** Removes the bytes up to the next line feed and gives them back as a string without it and without a carriage return before it; undefined: there is no whole line yet. Throws BUSY. Cost: its bytes. */
  readLine: function (this: Chain): string | undefined {
    var bytes = until.call(this, 10);
    var line = bytes && text(bytes);
    return line && line.slice(-1) === "\r" ? line.slice(0, -1) : line;
  },
  /**
   * Calls `fn` with an input that takes bytes from the front. What it took is removed once fn has returned, and parse() returns what fn
   * returned. Where the input has too few bytes, nothing is removed and parse() returns undefined: call it again when there are more.
   * Throws what fn throws, then nothing is removed either. Cost: what fn takes, the chunks passed each time.
   */
  parse: function <T>(this: Chain, fn: (input: Input) => T): T | undefined {
    var c = this;
    var at = 0;
    function taken(n: number): Uint8Array {
      var from = at;
      if (at + n > c.length) throw input;
      var all = read.call(c, from, n);
      at += n;
      return all;
    }
    var result: T;
    var input = {
      take: taken,
      next: function () {
        return taken(1)[0];
      },
    };
    try {
      result = fn(input);
    } catch (error) {
      if (error !== input) throw error;
      return undefined;
    }
    pull(c, at);
    return result;
  },
};

export type Deque = Chain & typeof methods;

/** A new empty deque that takes its blocks from `heap`. Throws OPTION. Takes no block. */
export function deque(heap: Heap, options?: ChainOptions): Deque {
  return chain(methods, heap, options) as Deque;
}
