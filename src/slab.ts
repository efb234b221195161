// Slots of one size in one block, for what is taken and given back all the time: neither call asks the pool or moves a byte.
//
//   handle    [ - ][ generation: 19 bits ][ id of the slab + slot: 12 bits ]   below 0: no pool takes it, no slab takes one of a pool
//   now[k]    the handle of slot k while it is live, else the handle that the next free slot will have, 0: there is none
//
// A handle names its slot, so now[k] is a handle of slot k only while that is live: one look tells. Every use of a slot takes
// STEP off its handle. A slot that would leave 32 bits goes into no list any more, its word is 0: it is used up.

import { Heap, memory, Memory, within } from "./cell";
import { fail, Refusal, whole } from "./error";

/** From one generation of a slot to the next, and more than all slots of a slab. */
var STEP = 4096;

/** A slot with a handle below this is used up when it is freed: after 488,280 uses. */
var LAST = -2e9;

/** A slab in numbers, as stat() of a pool has them. */
export interface Count {
  /** Bytes of slots that are live, and of those that can still be allocated. */
  used: number;
  free: number;
  live: number;
  /** Slots at most. */
  handles: number;
  /** Free slots whose generations are used up. */
  retired: number;
}

/** What slab() makes; what begins with an underscore is renamed by the build. */
export interface Slab extends Memory {
  /** The handle that alloc gives next, 0: there is none. */
  _first: number;
  _now: Int32Array | number[];
  /** The highest slot that a handle can name, all ones: what a handle and it have in common is the slot. */
  _last: number;
  /** Bytes of a slot. */
  _size: number;
  _heap: Heap;
  _mem: Memory & {
    view?(h: number): Uint8Array;
    copy?(to: number, toAt: number, from: number, fromAt: number, n: number): void;
    fill?(h: number, value: number, at: number, n: number): void;
  };
  /** The block with the slots, 0 when it is closed: what pins or copies all of them. */
  block: number;
  /** Live slots. */
  live: number;
  /** Slots at most. */
  slots: number;
  why: Refusal;
  read(h: number, at: number, n: number): Uint8Array;
  write(h: number, at: number, data: ArrayLike<number>): void;
  view(h: number): Uint8Array;
  copy(to: number, toAt: number, from: number, fromAt: number, n: number): void;
  fill(h: number, value: number, at: number, n: number): void;
  stat(): Count;
  clear(): void;
  close(): void;
}

/** Where the numbers begin that the latest slab has for its slots, so that one slab's handles mean nothing to another. */
var ids = 0;

/** Where bytes `at` to `at + n` of the slot of `h` begin in the block. Throws HANDLE, RANGE. */
function place(s: Slab, h: number, at: number, n: number): number {
  s.has(h) || fail("HANDLE", +h, "live");
  within(at, n, s._size);
  return at + (h & s._last) * s._size;
}

/** Ends the slot of `h` for good. Throws HANDLE. */
function drop(s: Slab, h: number): void {
  place(s, h, 0, 0);
  (s._now[h & s._last] = 0), s.live--;
}

function refuse(s: Slab, bytes: number): 0 {
  whole(bytes);
  s.why = !bytes || bytes > s._size ? "SIZE" : s.live < s.slots ? "HANDLES" : "FULL";
  return 0;
}

var methods = {
  /**
   * A handle to a slot, its content undefined, or 0 with the reason in `why`: SIZE (0, or more than a slot), FULL (all slots
   * are live), HANDLES (those that are not are used up). Throws ARGUMENT. Cost: constant.
   */
  alloc: function (this: Slab, bytes: number): number {
    var h;
    // one statement: nothing can come between its parts; bytes becomes the slot, because on Espruino another variable costs 2,300 instructions
    return bytes >>> 0 === bytes && bytes && bytes <= this._size && (h = this._first)
      ? ((this._first = this._now[(bytes = h & this._last)]), (this._now[bytes] = h), this.live++, h)
      : refuse(this, bytes);
  },

  /** Ends the slot of `h`; 0 is ignored. Throws HANDLE. Cost: constant. */
  free: function (this: Slab, h: number): void {
    var k = h & this._last;
    // one statement, as in alloc
    h > LAST && h && this._now[k] === h ? ((this._now[k] = this._first), (this._first = h - STEP), this.live--) : h === 0 || drop(this, h);
  },

  /** True when `h` is a live handle of this slab. Never throws. Cost: constant. */
  has: function (this: Slab, h: number): boolean {
    return h < 0 && this._now[h & this._last] === h;
  },

  /** Bytes of a slot, whatever was asked for. Throws HANDLE. Cost: constant. */
  size: function (this: Slab, h: number): number {
    return place(this, h, 0, 0), this._size;
  },

  /** Address of the slot of `h` in `bytes`, good until `epoch` of the pool changes. Throws HANDLE, BUSY. Cost: constant. */
  at: function (this: Slab, h: number): number {
    var k = h & this._last;
    // looked at here, because a call costs an Espruino 80,000 instructions
    return (h < 0 && this._now[k] === h ? k * this._size : place(this, h, 0, 0)) + this._mem.at(this.block);
  },

  /** The slot of `h` as a Uint8Array, good until `epoch` of the pool changes. Throws HANDLE, BUSY, VIEW (an external pool). */
  view: function (this: Slab, h: number): Uint8Array {
    var at = place(this, h, 0, 0);
    return this._mem.view!(this.block).subarray(at, at + this._size);
  },

  /**
   * A copy of `n` bytes from `at` on. Throws HANDLE, RANGE (also for what is no whole number), and what read() of the pool throws; the tiny
   * pool has neither this nor write().
   */
  read: function (this: Slab, h: number, at: number, n: number): Uint8Array {
    return this._mem.read!(this.block, place(this, h, at, n), n);
  },

  /** Writes what write() of the pool takes. Throws as read(). */
  write: function (this: Slab, h: number, at: number, data: ArrayLike<number>): void {
    this._mem.write!(this.block, place(this, h, at, data && data.length), data);
  },

  /** Copies `n` bytes between two slots or within one; overlap is right. Throws as read(). */
  copy: function (this: Slab, to: number, toAt: number, from: number, fromAt: number, n: number): void {
    var s = this;
    s._mem.copy!(s.block, place(s, to, toAt, n), s.block, place(s, from, fromAt, n), n);
  },

  /** Sets `n` bytes from `at` on to `value` (0..255). Throws as read(), ARGUMENT. */
  fill: function (this: Slab, h: number, value: number, at: number, n: number): void {
    this._mem.fill!(this.block, value, place(this, h, at, n), n);
  },

  /** The slab in numbers. Cost: O(slots). */
  stat: function (this: Slab): Count {
    var s = this;
    // the last free slot has no next one either
    var retired = s._first ? -1 : 0;
    for (var k = s.slots; k--; ) s._now[k] || retired++;
    return {
      used: s.live * s._size,
      free: (s.slots - s.live - retired) * s._size,
      live: s.live,
      handles: s.slots,
      retired: retired,
    };
  },

  /** Frees all slots, every handle is stale. Cost: O(slots). */
  clear: function (this: Slab): void {
    for (var k = this.slots; k--; ) this.has(this._now[k]) && this.free(this._now[k]);
  },

  /** Gives the block back: every handle is stale and alloc refuses with FULL. Throws HANDLE (reset() of the pool has ended the block), LOCK, BUSY. */
  close: function (this: Slab): void {
    var s = this;
    s._heap.free(s.block);
    // one statement, so that no slot is left without the block
    (s.block = s._first = s.live = s.slots = 0), (s._now = []);
  },
};

/**
 * `slots` slots (1 to 4,095) of `size` bytes in a block of `heap`, or 0 when that refuses, with the reason in its `why`. A size
 * that is a multiple of 4 keeps slots aligned. Throws OPTION, and ARGUMENT when all together have 2^32 bytes or more. Cost: O(slots),
 * and 4 bytes a slot outside the heap.
 */
export function slab(heap: Heap, options: { size: number; slots: number }): Slab | 0 {
  var s = Object.create(methods) as Slab;
  var o = options || 0;
  var size = o.size;
  var slots = o.slots;
  var mask = -1;
  (size >>> 0 === size && slots >>> 0 === slots && slots < STEP) || fail("OPTION", size + ", " + slots, "bytes, up to 4095");
  s.alloc = methods.alloc;
  s.free = methods.free;
  s._now = new Int32Array(slots);
  while (~mask < slots) mask *= 2;
  s._last = ~mask;
  s._size = size;
  s._first = s.live = 0;
  s.slots = slots;
  s.why = "";
  s._mem = memory(heap);
  s.bytes = s._mem.bytes;
  s._heap = heap;
  // downwards, to where all bits of a slot are 0
  ids = (ids + mask) & mask & (STEP - 1);
  while (slots--) (s._now[slots] = s._first), (s._first = ids + slots - STEP);
  return (s.block = heap.alloc(size * s.slots)) && s;
}
