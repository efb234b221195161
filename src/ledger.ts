// A list of blocks in a block, for parts that stand before a heap and look after what others allocate.
//
//   record   [ handle ][ word: what the part wants to know of it ]   2 x 32 bits, the eldest first
//
// Nobody has to tell the list of a free(): a handle never comes back to life, so the records of dead blocks go when the list
// is read. The first `_end` bytes are valid; what is behind them is anything.

import { get, Heap, memory, Memory, put, words } from "./cell";

export interface Ledger {
  /** The pool that knows the bytes of what is allocated here. */
  pool: Memory;
  /** Why the last call that refused did so. */
  why: string;
  _heap: Heap;
  /** Where the list itself lives: its heap, the bytes of that, its block, bytes in use, bytes there is room for. */
  _home: Heap;
  _book: Memory;
  _list: number;
  _end: number;
  _cap: number;
  /** A block to be freed with the list. */
  _spare: number;
  /** The guard made last, of those that are locked. */
  _guard?: { unlock(): void };
}

/** A heap whose free() is given the assignment that forgets the handle. */
export type Zeroing = { free(h: number, forget: 0): void };

/** A part with these methods before `heap`, its list empty; the list takes its block from `home`, or from `heap`. Throws OPTION. */
export function ledger<T extends Ledger>(methods: object, heap: Heap, home?: Heap): T {
  var l = Object.create(methods) as T;
  l.pool = memory(heap);
  l._heap = heap;
  l._book = memory((l._home = home || heap));
  l._list = l._end = l._cap = l._spare = 0;
  l.why = "";
  return l;
}

/**
 * A copy of all records, zeros behind. Those of dead blocks go off the list; with `but` only that of `but`, dead or not.
 * `to`: a longer block, where the list lives from now on. Cost: 24 bytes of engine memory a record for the length of the call, O(records).
 */
export function rows(l: Ledger, but?: number, to?: number): Int32Array {
  // after reset() of the pool the list is gone, and all that was on it
  var bytes = new Uint8Array(l._book.has(l._list) ? get(l._book, l._list, 0, l._end) : ((l._list = l._end = l._cap = 0) as unknown as ArrayBuffer));
  var a = new Int32Array(bytes.buffer);
  var end = a.length;
  var i = 0;
  while (i < end) {
    if (but ? a[i] !== but : l.pool.has(a[i])) i += 2;
    // zero behind, so that no block is on the list twice should the call end before _end falls
    else a.set(a.subarray(i + 2), i), (a[(end -= 2)] = 0);
  }
  if (to || end < a.length) put(l._book, (to = to || l._list), 0, bytes), (l._list = to), (l._end = 4 * end);
  return a;
}

/**
 * Puts `h` behind the list, or sees that there is room for one more when `h` is 0. False: the home has none, and `why`. Cost: constant,
 * O(records) when the list is full.
 */
export function add(l: Ledger, h: number, word: number): boolean {
  var size, b, old;
  // after reset() of the pool the list is gone
  if (!(l._end < l._cap && l._book.has(l._list))) {
    rows(l);
    size = 2 * l._end + 32;
    b = l._home.alloc(size);
    l.why = l._home.why;
    // a callback of the heap may have made the list longer
    if (b && l._end < size) {
      old = l._list;
      // no room while the block changes
      l._cap = 0;
      rows(l, 0, b);
      l._cap = size;
      b = old;
    }
    l._home.free(b);
  }
  return l._end < l._cap && (h && (words(l._book, l._list, l._end, [h, word]), (l._end += 8)), true);
}

/** Ends the block of `h`; 0 is ignored. Throws what the heap throws: HANDLE, LOCK, BUSY. Cost: that of the heap. */
export function free(this: Ledger, h: number): void {
  this._heap.free(h);
}

/** Takes `h` off the list, if it is there: it is looked after no longer. Returns `h`. Throws HANDLE, BUSY. Cost: O(records). */
export function keep(this: Ledger, h: number): number {
  this.pool.size(h);
  rows(this, h);
  return h;
}

/** Frees the reserve, if there is one. Throws BUSY: then it is still there. */
export function release(this: Ledger): void {
  // has(), because a call that is cut off behind free() leaves a dead handle here
  this.pool.has(this._spare) && this._heap.free(this._spare);
  this._spare = 0;
}

/**
 * Takes back the locks of the guards made through this part, frees every block on the list, and the list; the part is then as new.
 * Throws LOCK at a locked block: those before it are gone, and close() can be called again. Cost: O(records).
 */
export function close(this: Ledger): void {
  while (this._guard) this._guard.unlock();
  var a = rows(this);
  for (var i = 0; a[i]; i += 2) this._heap.free(a[i]);
  release.call(this);
  this._book.has(this._list) && this._home.free(this._list);
  // rows() sees that there is none
  this._list = 0;
}
