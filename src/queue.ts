// A ring of numbers between what comes in the middle of other code (a watch, a serial callback, a job of a timer) and the main
// loop: one side pushes, one side shifts, and either may come between any two statements of the other.
//
//   [ free ][ number ][ number ][ free ]...      one place stays free, so that full and empty differ
//   ^ from                      ^ to
//
// `to` is the place of the next number to be pushed, `from` that of the number shifted last: full when they are the same, empty when `to`
// follows `from`. Only push() writes `to`, after the number is there; only shift() and clear() write `from`, after the number is read.

import { Heap, load, memory, Memory, save } from "./cell";
import { fail } from "./error";

/** What queue() makes; what begins with an underscore is renamed by the build. */
export interface Queue {
  push(value: number): boolean;
  _to: number;
  _from: number;
  /** `epoch` of the pool when it was last known to have the block, NaN where there is no ring. */
  _epoch: number;
  _mem: Memory & { epoch: number; lock(h: number): void; unlock(h: number): void };
  /** The locked block as numbers; absent where it has no address or no lock. */
  _base?: Uint8Array | Uint16Array | Int32Array;
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
  var next = q._to;
  // read before the look: a reset() in between is seen next time
  var epoch = q._mem.epoch;
  try {
    if (next !== q._from && q._mem.has(q._h)) {
      q._base ? ((q._epoch = epoch), (q._base[next] = value)) : save(q._mem, q._h, next * q._size, q._size, value);
      q._to = (next + 1) % q._n;
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
    return this._to !== this._from && this._epoch === this._mem.epoch ? ((this._base![this._to] = value), (this._to = (this._to + 1) % this._n), true) : late(this, value);
  },

  /** The oldest number, undefined when there is none or reset() of the pool has ended the block. Without a ring it throws what at() and read() of the pool throw. Cost: constant. */
  peek: function (this: Queue): number | undefined {
    var q = this;
    var next = (q._from + 1) % q._n;
    // void 0 is shorter than undefined, which the build leaves as it is
    return next !== q._to && (q._epoch === q._mem.epoch || q._mem.has(q._h)) ? (q._base ? q._base[next] : load(q._mem, q._h, next * q._size, q._size)) : void 0;
  },

  /** As peek(), and removes it. */
  shift: function (this: Queue): number | undefined {
    var value = this.peek();
    if (value !== void 0) this._from = (this._from + 1) % this._n;
    return value;
  },

  /** Numbers in the ring. */
  waiting: function (this: Queue): number {
    return (this._to - this._from - 1 + this._n) % this._n;
  },

  /** Removes all numbers. For the side that shifts. */
  clear: function (this: Queue): void {
    this._from = (this._to - 1 + this._n) % this._n;
  },

  /** Gives the block back; push() then refuses and the queue is empty. Throws BUSY. */
  close: function (this: Queue): void {
    var q = this;
    if (q._mem.has(q._h)) {
      // throws before anything has changed
      q._mem.at(q._h);
      (q._n = 1), (q._to = q._from = 0);
      q._base && q._mem.unlock(q._h);
      q._heap.free(q._h);
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
  var o = options || 0;
  var count = o.count;
  var size = o.size || 1;
  var m = memory(heap) as Queue["_mem"];
  var b = m.bytes;
  var h;
  (count >>> 0 === count && [1, 2, 4].indexOf(size) >= 0) || fail("OPTION", count + ", " + size, "numbers, bytes");
  q.push = methods.push;
  q._to = 0;
  q._from = count;
  q._epoch = NaN;
  q._mem = m;
  q._n = count + 1;
  // 3 to align it
  q._h = h = heap.alloc(q._n * size + 3);
  q._size = size;
  q._heap = heap;
  q.lost = 0;
  if (h && b && (m.lock as unknown)) {
    m.lock(h);
    q._base = new (size > 2 ? Int32Array : size > 1 ? Uint16Array : Uint8Array)(b.buffer as ArrayBuffer, (b.byteOffset + m.at(h) + 3) & -4, q._n);
    q._epoch = m.epoch;
  }
  return h && q;
}
