// Bytes in a chain of blocks: what buffers and deques are made of.
//
//   _first                                      _last
//   [from,to|next][..bytes]  ->  [from,to|next][bytes]  ->  [from,to|next][bytes...]
//                   ^ _from                                                ^ _to
//
// A chunk is a block of `_size` bytes: where its bytes begin and end (2 and 2), the handle of the next one (4), its bytes. Where the
// first begins and the last ends stands in the fields instead, so that reading and appending write no header. An empty chain has no chunk.

import { Heap, load, Memory, memory, put, save, within } from "./cell";
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
export var HEAD = 8;

/** A new empty chain with the given methods. Throws OPTION. Takes no block. */
export function chain(methods: object, heap: Heap, options?: ChainOptions): Chain {
  var c = Object.create(methods) as Chain;
  var o = options || {};
  // void 0 is shorter than undefined, which the build leaves as it is
  var size = o.chunk === void 0 ? 64 : o.chunk;
  var max = o.max === void 0 ? 0x7fffffff : o.max;
  ((size & 65535) === size && size > HEAD && max > 0) || fail("OPTION", size + ", " + max, "chunk, max");
  c._mem = memory(heap);
  c._size = size;
  c.max = max;
  c._heap = heap;
  c.why = "";
  hold(c, 0, 0, 0, 0, 0);
  return c;
}

/** Gives a chain its chunks: the first (0: it has none) and where its bytes begin, the last and where they end, how many bytes. */
export function hold(c: Chain, first: number, from: number, last: number, to: number, length: number): void {
  // one statement; without a chunk the fields say that there is no room in front and behind
  (last = first && last) === c._last || (c._epoch = NaN),
    (c._first = first),
    (c._from = first ? from : c._size),
    (c._last = last),
    (c._to = first ? to : c._size),
    (c.length = length);
}

/** Where the bytes of chunk `h` end. */
export function end(c: Chain, h: number): number {
  return h === c._last ? c._to : load(c._mem, h, 2, 2);
}

/** Where the bytes of chunk `h` begin. */
export function start(c: Chain, h: number): number {
  return h === c._first ? c._from : load(c._mem, h, 0, 2);
}

/** The handle of the chunk behind `h`, 0 behind the last. */
export function next(c: Chain, h: number): number {
  return h === c._last ? 0 : load(c._mem, h, 4, 4);
}

/** Writes into the header of a chunk that is not the last where its bytes end, and what is behind it. */
export function tie(c: Chain, h: number, to: number, then: number): void {
  // one write instead of two by save(): 160,000 instructions less on Espruino, and a transaction on a bus
  put(c._mem, h, 2, [to & 255, to >> 8, then & 255, (then >> 8) & 255, (then >> 16) & 255, then >>> 24]);
}

/** A new chunk with `bytes` from `at` on, in front of chunk `then` (0: the last). 0 and `why`: refused. Throws what the memory throws, then there is none. */
export function fresh(c: Chain, at: number, bytes: ArrayLike<number>, then: number): number {
  var h = c._heap.alloc(c._size);
  if (!h) c.why = c._heap.why;
  else
    try {
      put(c._mem, h, at, bytes);
      save(c._mem, h, 0, 2, at);
      if (then) tie(c, h, at + bytes.length, then);
    } catch (error) {
      c._heap.free(h);
      throw error;
    }
  return h;
}

/** True when `n` bytes more are not too many, else `why` is LIMIT. */
export function may(c: Chain, n: number): boolean {
  return c.length + n <= c.max || !(c.why = "LIMIT");
}

/**
 * Appends the `n` bytes of `data`; where it has fewer, no less than a chunk, its first ones for each chunk. All or, refused, none. Throws
 * what the memory throws. Cost: the bytes, and an alloc for each chunk.
 */
export function add(c: Chain, data: Uint8Array, n: number): boolean {
  var first = c._first;
  var last = c._last;
  var to = c._to;
  var length = c.length;
  var list: number[] = [];
  var at = 0;
  var h, room, size, piece;
  try {
    for (; at < n; at += size) {
      room = c._size - c._to;
      size = Math.min(n - at, room || c._size - HEAD);
      h = data.length < n ? 0 : at;
      piece = data.subarray(h, h + size);
      if (room) put(c._mem, c._last, c._to, piece), (c._to += size), (c.length += size);
      else {
        h = fresh(c, HEAD, piece, 0);
        if (!h) break;
        list.push(h);
        if (c._last) tie(c, c._last, c._to, h);
        hold(c, c._first || h, c._first ? c._from : HEAD, h, HEAD + size, c.length + size);
      }
    }
  } finally {
    // refused, or the memory has thrown: the chain is as before
    if (at < n) for (hold(c, first, c._from, last, to, length); list.length; ) c._heap.free(list.pop()!);
  }
  return at >= n;
}

/** Removes `n` bytes from the front, no more than there are. Throws what the memory throws, then nothing is removed. Cost: the chunks. */
export function pull(c: Chain, n: number): void {
  n < end(c, c._first) - c._from ? ((c._from += n), (c.length -= n)) : drop(c, n);
}

/** pull() of a chunk or more. */
function drop(c: Chain, n: number): void {
  var h = c._first;
  var from = c._from;
  var list: number[] = [];
  var size;
  // asks whether the pool can be called now, where no header is read
  if (h) c._mem.at(h);
  while (h && (size = end(c, h) - from) <= n) {
    (h = next(c, h)), (from = h && start(c, h)), (n -= size);
    list.push(h, from, size);
  }
  // what may throw is done; a call that is cut off here loses a chunk, but no chunk gets two owners
  while (list.length) {
    h = c._first;
    hold(c, list.shift()!, list.shift()!, c._last, c._to, c.length - list.shift()!);
    c._heap.free(h);
  }
  if (c._first) (c._from += n), (c.length -= n);
}

/**
 * Calls `fn` with each piece of the `n` bytes from `at` on: the handle of its block, the offset there, its length, how many bytes came
 * before; true ends the walk. Throws RANGE. Cost: the chunks passed.
 */
export function walk(c: Chain, at: number, n: number, fn: (h: number, from: number, n: number, done: number) => unknown): void {
  within(at, n, c.length);
  for (var h = c._first, done = 0; done < n; h = next(c, h)) {
    var from = start(c, h) + at;
    var piece = Math.min(n - done, end(c, h) - from);
    at = piece < 0 ? -piece : 0;
    if (piece > 0 && (fn(h, from, piece, done) || (done += piece) === n)) break;
  }
}
