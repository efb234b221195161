// A ring of numbers between what comes in the middle of other code (a watch, a serial callback, a job of a timer) and the main
// loop: one side pushes, one side shifts, and either may come between any two statements of the other.
//
//   [ free ][ number ][ number ][ free ]...      one place stays free, so that full and empty differ
//   ^ out                       ^ in
//
// `in` is the place of the next number to be pushed, `out` that of the number shifted last: full when they are the same, empty when `in`
// follows `out`. Only push() writes `in`, after the number is there; only shift() and clear() write `out`, after the number is read.

import { Heap, load, memory, Memory, save } from "./cell";
import { fail } from "./error";

/** What queue() makes; what begins with an underscore is renamed by the build. */
export interface Queue {
  /** Appends a number, see below. */
  push(value: number): boolean;
  _in: number;
  _out: number;
  /** `epoch` of the pool when it was last known to have the block, NaN where there is no ring. */
  _seen: number;
  _mem: Memory & { epoch: number; lock(h: number): void; unlock(h: number): void };
  /** The locked block as numbers; undefined where it has no address or no lock. */
  _ring: Uint8Array | Uint16Array | Int32Array | undefined;
  /** Places of the ring, 1 when it is closed: full and empty. */
  _n: number;
  _h: number;
  /** Bytes of a number. */
  _size: number;
  _heap: Heap;
  /** Values that push() has refused so far. */
  lost: number;
  peek(): number | undefined;
  shift(): number | undefined;
  waiting(): number;
  clear(): void;
  close(): void;
}

/** push() where something is special: it is full, there is no ring, or something has moved and the block may be gone. */
function late(q: Queue, value: number): boolean {
  var next = q._in;
  // read before the look: a reset() in between is seen next time
  var epoch = q._mem.epoch;
  try {
    if (next !== q._out && q._mem.has(q._h)) {
      q._ring ? ((q._seen = epoch), (q._ring[next] = value)) : save(q._mem, q._h, next * q._size, q._size, value);
      q._in = (next + 1) % q._n;
      return true;
    }
  } catch (error) {
    // lost
  }
  q.lost++;
  return false;
}

var methods = {
  /**
   * Appends a number, cut to the bytes of an element. False when the ring is full, closed or ended by reset() of its pool, and
   * without a ring when the pool is in the middle of a call or its store fails: then the value counts in `lost`. Never throws.
   * Cost: constant.
   */
  push: function (this: Queue, value: number): boolean {
    // without a variable, which costs an Espruino 2,300 instructions
    return this._in !== this._out && this._seen === this._mem.epoch ? ((this._ring![this._in] = value), (this._in = (this._in + 1) % this._n), true) : late(this, value);
  },

  /** The oldest number, undefined when there is none or reset() of the pool has ended the block. Without a ring it throws what at() and read() of the pool throw. Cost: constant. */
  peek: function (this: Queue): number | undefined {
    var next = (this._out + 1) % this._n;
    return next === this._in || !(this._seen === this._mem.epoch || this._mem.has(this._h))
      ? undefined
      : this._ring
        ? this._ring[next]
        : load(this._mem, this._h, next * this._size, this._size);
  },

  /** As peek(), and removes it. */
  shift: function (this: Queue): number | undefined {
    var value = this.peek();
    if (value !== undefined) this._out = (this._out + 1) % this._n;
    return value;
  },

  /** Numbers in the ring. */
  waiting: function (this: Queue): number {
    return (this._in - this._out - 1 + this._n) % this._n;
  },

  /** Removes all numbers. For the side that shifts. */
  clear: function (this: Queue): void {
    this._out = (this._in - 1 + this._n) % this._n;
  },

  /** Gives the block back; push() then refuses and the queue is empty. Throws BUSY. */
  close: function (this: Queue): void {
    if (this._mem.has(this._h)) {
      // throws before anything has changed
      this._mem.at(this._h);
      (this._n = 1), (this._in = this._out = 0);
      this._ring && this._mem.unlock(this._h);
      this._heap.free(this._h);
    }
  },
};

/**
 * A queue of up to `count` numbers of `size` bytes (1, 2 without sign, 4 with), or 0 when `heap` refuses a block, with the reason in its `why`.
 * In RAM the block is locked until close(), and push() asks for no other memory. On an external pool, the tiny pool, which has no locks, and a slab
 * each number is written by a call of the pool. Throws OPTION, and what heap.alloc throws.
 */
export function queue(heap: Heap, options: { count: number; size?: number }): Queue | 0 {
  var q = Object.create(methods) as Queue;
  var count = (options || 0).count;
  var size = (options || 0).size || 1;
  var m = memory(heap) as Queue["_mem"];
  var b = m.bytes;
  (count >>> 0 === count && [1, 2, 4].indexOf(size) >= 0) || fail("OPTION", count + ", " + size, "numbers, bytes");
  q.push = methods.push;
  q._in = 0;
  q._out = count;
  q._seen = NaN;
  q._mem = m;
  q._ring = undefined;
  q._n = count + 1;
  // 3 to align it
  q._h = heap.alloc(q._n * size + 3);
  q._size = size;
  q._heap = heap;
  q.lost = 0;
  if (q._h && b && (m.lock as unknown)) {
    m.lock(q._h);
    q._ring = new (size > 2 ? Int32Array : size > 1 ? Uint16Array : Uint8Array)(b.buffer as ArrayBuffer, (b.byteOffset + m.at(q._h) + 3) & -4, q._n);
    q._seen = m.epoch;
  }
  return q._h && q;
}
