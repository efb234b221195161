// Bytes in a chain of blocks: what buffers and deques are made of.
//
//   _first                                      _last
//   [from,to|next][..bytes]  ->  [from,to|next][bytes]  ->  [from,to|next][bytes...]
//                   ^ _from                                                ^ _to
//
// A chunk is a block of `_size` bytes: where its bytes begin and end (2 and 2), the handle of the next one (4), its bytes. Where the
// first begins and the last ends stands in the fields instead, so that reading and appending write no header. An empty chain has no chunk.

import { get, Heap, load, Memory, memory, put, save } from "./cell";
import { fail } from "./error";

export interface Chain {
  _last: number;
  _to: number;
  _size: number;
  /** Bytes in it. */
  length: number;
  /** Most bytes it may have. */
  max: number;
  _mem: Memory;
  /** Address of the last chunk at epoch _epoch, NaN: not known. */
  _base: number;
  _epoch: number;
  _first: number;
  _from: number;
  _heap: Heap;
  /** Why the last call was refused: LIMIT (more than `max`), or what the heap said. */
  why: string;
}

export interface ChainOptions {
  /** Bytes of one block with its 8 of header, 9 to 65,535. Default 64. */
  chunk?: number;
  /** Most bytes at a time. Default: no limit. */
  max?: number;
}

/** Bytes in front of those of a chunk. */
var HEAD = 8;

/** A new empty chain with the given methods. Throws OPTION. Takes no block. */
export function chain(methods: object, heap: Heap, options?: ChainOptions): Chain {
  var c = Object.create(methods) as Chain;
  var o = options || {};
  c._mem = memory(heap);
  c._size = o.chunk === undefined ? 64 : o.chunk;
  c.max = o.max === undefined ? 0x7fffffff : o.max;
  if ((c._size & 65535) !== c._size || c._size <= HEAD || !(c.max > 0)) fail("OPTION", c._size + ", " + c.max, "chunk, max");
  c._heap = heap;
  c.why = "";
  hold(c, 0, 0, 0, c._size, 0);
  return c;
}

/** An empty chain as `c`. */
export function like<T extends Chain>(c: T): T {
  return chain(Object.getPrototypeOf(c), c._heap, { chunk: c._size, max: c.max }) as T;
}

/** Gives a chain its chunks: the first and where its bytes begin, the last and where they end, how many bytes. */
function hold(c: Chain, first: number, from: number, last: number, to: number, length: number): void {
  (c._first = first), (c._from = from), (c._last = last), (c._to = to), (c.length = length), (c._epoch = NaN);
}

/** Gives `c` what `d` has. */
export function take(c: Chain, d: Chain): void {
  hold(c, d._first, d._from, d._last, d._to, d.length);
}

/** Where the bytes of chunk `h` end. */
function end(c: Chain, h: number): number {
  return h === c._last ? c._to : load(c._mem, h, 2, 2);
}

/** Where the bytes of chunk `h` begin. */
function start(c: Chain, h: number): number {
  return h === c._first ? c._from : load(c._mem, h, 0, 2);
}

/** The handle of the chunk behind `h`, 0 behind the last. */
function next(c: Chain, h: number): number {
  return h === c._last ? 0 : load(c._mem, h, 4, 4);
}

/** Writes into the header of a chunk that is not the last where its bytes end, and what is behind it. */
function tie(c: Chain, h: number, to: number, then: number): void {
  put(c._mem, h, 2, [to & 255, to >> 8, then & 255, (then >> 8) & 255, (then >> 16) & 255, then >>> 24]);
}

/** Puts chunk `h` at the end, its `n` bytes from `from` on. Throws what the memory throws. */
function link(c: Chain, h: number, from: number, n: number): void {
  save(c._mem, h, 0, 2, from);
  if (c._last) tie(c, c._last, c._to, h);
  hold(c, c._first || h, c._first ? c._from : from, h, from + n, c.length + n);
}

/** True when `n` bytes more are not too many, else `why` is LIMIT. */
export function may(c: Chain, n: number): boolean {
  return c.length + n <= c.max || !(c.why = "LIMIT");
}

/** Appends bytes, all of them or, refused, none. Throws what the memory throws. Cost: the bytes, and an alloc for each chunk. */
export function add(c: Chain, data: Uint8Array): boolean {
  var first = c._first;
  var last = c._last;
  var to = c._to;
  var length = c.length;
  var n = data.length;
  var at = Math.min(n, c._size - to);
  var list: number[] = [];
  var done = false;
  var h, size;
  try {
    for (size = at; size < n && (h = c._heap.alloc(c._size)); size += c._size - HEAD) list.push(h);
    c.why = c._heap.why;
    if (size >= n) {
      if (at) put(c._mem, last, to, data.subarray(0, at)), hold(c, first, c._from, last, to + at, length + at);
      for (h = 0; at < n; at += size) {
        size = Math.min(n - at, c._size - HEAD);
        put(c._mem, list[h], HEAD, data.subarray(at, at + size));
        link(c, list[h++], HEAD, size);
      }
      done = true;
    }
  } finally {
    // where the memory has thrown, the chain is as before
    if (!done) for (hold(c, first, c._from, last, to, length); (h = list.pop()); ) c._heap.free(h);
  }
  return done;
}

/**
 * Removes `n` bytes from the front, no more than there are: with `d` they go to its end, whole chunks without a copy. False: refused in the
 * middle. Throws what the memory throws. Cost: the chunks.
 */
export function pull(c: Chain, n: number, d?: Chain): boolean {
  while (n) {
    var h = c._first;
    var from = c._from;
    var size = Math.min(n, end(c, h) - from);
    var then = from + size < end(c, h) ? h : next(c, h);
    if (then === h) {
      if (d && !add(d, get(c._mem, h, from, size))) return false;
      (c._from += size), (c.length -= size);
    } else {
      // a call that is cut off in between loses a chunk, but no chunk gets two owners
      then ? hold(c, then, start(c, then), c._last, c._to, c.length - size) : hold(c, 0, 0, 0, c._size, 0);
      d ? link(d, h, from, size) : c._heap.free(h);
    }
    n -= size;
  }
  return true;
}

/** Looks up the address of the last chunk, where there are addresses, for appending until the epoch changes. True. */
export function warm(c: Chain): true {
  // NaN, which equals nothing, where there is no epoch
  if (c._mem.bytes) (c._base = c._mem.at(c._last)), (c._epoch = +c._mem.epoch!);
  return true;
}

/** Puts a byte in front. False: refused. Throws what the memory throws. Cost: constant, and an alloc where the first chunk begins with its first byte. */
export function unshift(this: Chain, byte: number): boolean {
  var c = this;
  var at = c._from - 1;
  var h = c._first;
  if (!may(c, 1)) return false;
  if (!h || at < HEAD) {
    if (h) save(c._mem, h, 0, 2, at + 1);
    at = c._size - 1;
    h = c._heap.alloc(c._size);
    c.why = c._heap.why;
    if (!h) return false;
  }
  try {
    save(c._mem, h, at, 1, byte);
    if (c._first && h !== c._first) tie(c, h, c._size, c._first);
  } catch (error) {
    if (h !== c._first) c._heap.free(h);
    throw error;
  }
  hold(c, h, at, c._last || h, c._to, c.length + 1);
  return true;
}

/**
 * Calls `fn` with each piece of the `n` bytes from `at` on: the handle of its block, the offset there, its length, how many bytes came
 * before; true ends the walk. Throws RANGE. Cost: the chunks passed.
 */
export function walk(c: Chain, at: number, n: number, fn: (h: number, from: number, n: number, done: number) => unknown): void {
  if (at >>> 0 !== at || n >>> 0 !== n || at + n > c.length) fail("RANGE", at + ", " + n, "up to " + c.length);
  for (var h = c._first, done = 0; done < n; h = next(c, h)) {
    var from = start(c, h) + at;
    var piece = Math.min(n - done, end(c, h) - from);
    at = Math.max(0, -piece);
    if (piece > 0 && (fn(h, from, piece, done) || (done += piece) === n)) break;
  }
}

/** Removes the last byte of a chain that has one. Throws what the memory throws. Cost: constant, or the chunks passed where its chunk has no other. */
export function trim(c: Chain): void {
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
