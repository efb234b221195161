// Bytes that come in at one end and go out at the other: a deque, and the stream that parsers read.

import { Bytes, clone, move, table } from "./buffer";
import { Heap, load, save } from "./cell";
import { Chain, chain, ChainOptions, end, fresh, HEAD, hold, may, next, pull, start } from "./chain";
import { fail, whole } from "./error";
import { octets } from "./store";
import { text } from "./text";

/** What parse() gives to a parser. Both end the parser's turn where there are too few bytes. */
export interface Input {
  /** The next byte. */
  next(): number;
  /** The next `n` bytes. */
  take(n: number): Uint8Array;
}

/** A deque with the methods that others here call. */
interface Ends extends Bytes {
  first(): number | undefined;
  last(): number | undefined;
  until(mark: number): Uint8Array | undefined;
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

/** An input over the bytes of a deque. */
interface Reader extends Input {
  _of: Bytes;
  _at: number;
}

// Not closures: where an argument throws, as in take(next()), Espruino keeps the variables of a function with a scope of its own for ever.

function taken(this: Reader, n: number): Uint8Array {
  if (this._at + n > this._of.length) throw this;
  var all = this._of.read(this._at, n);
  this._at += n;
  return all;
}

function following(this: Reader): number {
  return this.take(1)[0];
}

var methods = /*#__PURE__*/ table({
  /** Adds a byte at the end. False and `why`: refused. Throws BUSY. Cost: constant, and an alloc where the last chunk is full. */
  push: function (this: Bytes, byte: number): boolean {
    var c = this;
    return c._to < c._size && c.length < c.max && c._mem.epoch === c._epoch ? ((c._mem.bytes![c._base + c._to++] = byte), c.length++, true) : c.append([byte]);
  },
  /** Removes the first byte and gives it back, undefined if there is none. Throws BUSY. Cost: constant. */
  shift: function (this: Ends): number | undefined {
    var byte = this.first();
    if (this.length) pull(this, 1);
    return byte;
  },
  /** The first byte, undefined if there is none. Throws BUSY. Cost: constant. */
  first: function (this: Chain): number | undefined {
    return this.length ? load(this._mem, this._first, this._from, 1) : void 0;
  },
  /** The last byte, undefined if there is none. Throws BUSY. Cost: constant. */
  last: function (this: Chain): number | undefined {
    return this.length ? load(this._mem, this._last, this._to - 1, 1) : void 0;
  },
  /** Removes the last byte and gives it back, undefined if there is none. Throws BUSY. Cost: constant, or where its chunk has no other the chunks. */
  pop: function (this: Ends): number | undefined {
    var byte = this.last();
    if (this.length) trim(this);
    return byte;
  },
  /** Puts a byte in front. False and `why`: refused. Throws BUSY. Cost: constant, and an alloc where the first chunk begins with its first byte. */
  unshift: function (this: Chain, byte: number): boolean {
    var c = this;
    var h = c._first;
    var at = c._from - 1;
    if (!may(c, 1)) return false;
    if (h && at >= HEAD) save(c._mem, h, at, 1, byte);
    else {
      at = c._size - 1;
      if (h) save(c._mem, h, 0, 2, c._from);
      h = fresh(c, at, [byte], h);
    }
    if (h) hold(c, h, at, c._last || h, c._to, c.length + 1);
    return !!h;
  },
  drain: move,
  /** A copy of the first `n` bytes, or of all there are. Throws RANGE, BUSY. Cost: the bytes. */
  peek: function (this: Bytes, n: number): Uint8Array {
    return this.read(0, Math.min(n, this.length));
  },
  /** Removes the first `n` bytes, or those in front for which a function says true. Returns how many. Throws ARGUMENT, BUSY. Cost: chunks, or bytes. */
  skip: function (this: Ends, n: number | ((byte: number) => unknown)): number {
    var c = this;
    var count = 0;
    if (typeof n === "function") for (; c.length && n(c.first()!); count++) pull(c, 1);
    else whole(n), pull(c, (count = Math.min(n, c.length)));
    return count;
  },
  /**
   * Removes the bytes up to `mark`, a byte, a string or an array of bytes, and the mark; gives back what stood before it. Undefined: there
   * is no mark yet, nothing was removed. Throws ARGUMENT, BUSY. Cost: the bytes.
   */
  until: function (this: Bytes, mark: number | string | ArrayLike<number>): Uint8Array | undefined {
    var bytes = clone(octets(((mark as number) & 255) === mark ? [mark] : (mark as string)));
    var n = -1;
    var all = "";
    var wanted = text(bytes);
    if (!wanted) fail("ARGUMENT", mark, "a mark");
    // in strings, because a loop over bytes costs 20,000 instructions each on Espruino
    this.chunks(function (piece, at) {
      all += text(piece);
      n = all.indexOf(wanted, at - bytes.length);
      // Espruino finds a mark of which only the begin is there
      if (n + bytes.length > all.length) n = -1;
      return n >= 0;
    });
    // as one, so that a mark that cannot be removed leaves what stands before it
    return n < 0 ? void 0 : this.take(n + bytes.length).subarray(0, n);
  },
  /** Removes the bytes up to the next line feed and gives them back as a string without it and without a carriage return before it; undefined: there is no whole line yet. Throws BUSY. Cost: its bytes. */
  readLine: function (this: Ends): string | undefined {
    var bytes = this.until(10);
    var line = bytes && text(bytes);
    return line && line.slice(-1) === "\r" ? line.slice(0, -1) : line;
  },
  /**
   * Calls `fn` with an input that takes bytes from the front. What it took is removed once fn has returned, and parse() returns what fn
   * returned. Where the input has too few bytes, nothing is removed and parse() returns undefined: call it again when there are more.
   * Throws what fn throws, then nothing is removed either. Cost: what fn takes, the chunks passed each time.
   */
  parse: function <T>(this: Bytes, fn: (input: Input) => T): T | undefined {
    var input = { _of: this, _at: 0, take: taken, next: following };
    var result: T | undefined;
    try {
      result = fn(input);
      pull(this, input._at);
    } catch (error) {
      if (error !== input) throw error;
    }
    return result;
  },
});

export type Deque = Chain & typeof methods;

/** A new empty deque that takes its blocks from `heap`. Throws OPTION. Takes no block. */
export function deque(heap: Heap, options?: ChainOptions): Deque {
  return chain(methods, heap, options) as Deque;
}
