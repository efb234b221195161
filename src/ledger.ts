// A list of blocks in a block, for parts that stand before a heap and look after what others allocate.
//
//   record   [ handle ][ word: what the part wants to know of it ]   2 x 32 bits, the eldest first
//
// Nobody has to tell the list of a free(): a handle never comes back to life, so the records of dead blocks go when the list
// is read. `_n` records are valid; what is behind them is anything.

import { Heap, memory, Memory, put } from "./cell";

export interface Ledger {
  /** The pool that knows the bytes of what is allocated here. */
  pool: Memory;
  /** Why the last call that refused did so. */
  why: string;
  _heap: Heap;
  /** Where the list itself lives: its heap, the bytes of that, its block, records in use, records there is room for. */
  _home: Heap;
  _book: Memory;
  _list: number;
  _n: number;
  _cap: number;
  /** A block to be freed with the list. */
  _spare: number;
}

/** A heap whose free() is given the assignment that forgets the handle. */
type Zeroing = { free(h: number, forget: 0): void };

/** One record, as words and as bytes: made once, so that a new one takes no engine memory. */
var words: Int32Array;
var octets: Uint8Array;

/** A part with these methods before `heap`, its list empty; the list takes its block from `home`, or from `heap`. Throws OPTION. */
export function ledger<T extends Ledger>(methods: object, heap: Heap, home?: Heap): T {
  var l = Object.create(methods) as T;
  l.pool = memory(heap);
  l._heap = heap;
  l._book = memory((l._home = home || heap));
  l._list = l._n = l._cap = l._spare = 0;
  l.why = "";
  return l;
}

/**
 * A copy of all records but that of `but`, which goes off the list as those of dead blocks do: 2 x _n words, then zeros. Cost: 8
 * bytes of engine memory a record for the length of the call, O(records).
 */
export function rows(l: Ledger, but?: number): Int32Array {
  // after reset() of the pool the list is gone, and all that was on it
  var m = l._book;
  var a = new Int32Array(2 * (m.has(l._list) ? l._n : (l._list = l._n = l._cap = 0)));
  var n = 0;
  var end = a.length;
  var bytes = new Uint8Array(a.buffer);
  var h;
  if (end) bytes.set(m.bytes ? m.bytes.subarray((h = m.at(l._list)), h + 4 * end) : m.read!(l._list, 0, 4 * end));
  m = l.pool;
  for (var i = 0; i < end; i += 2) {
    if ((h = a[i]) !== but && m.has(h)) (a[n++] = h), (a[n++] = a[i + 1]);
    // zeros behind, so that no block is on the list twice should the call end before _n falls
    if (n <= i) a[i] = 0;
  }
  if (n < end) put(l._book, l._list, 0, bytes), (l._n = n / 2);
  return a;
}

/** Makes room for one more record. False: the home has none, and `why`. Cost: constant, O(records) when the list is full. */
export function room(l: Ledger): boolean {
  var size, b, old;
  // after reset() of the pool the list is gone
  if (l._n === l._cap || !l._book.has(l._list)) {
    rows(l);
    size = 2 * l._n + 4;
    b = l._home.alloc(8 * size);
    l.why = l._home.why;
    // a callback of the heap may have made the list longer
    if (b && l._n < size) {
      put(l._book, b, 0, new Uint8Array(rows(l).buffer));
      old = l._list;
      (l._list = b), (l._cap = size);
      b = old;
    }
    l._home.free(b);
  }
  return l._n < l._cap;
}

/** Puts `h` behind the list. False: there is no room(). Cost: that of room(), and a write of 8 bytes. */
export function add(l: Ledger, h: number, word: number): boolean {
  if (!room(l)) return false;
  if (!words) octets = new Uint8Array((words = new Int32Array(2)).buffer);
  words[0] = h;
  words[1] = word;
  put(l._book, l._list, 8 * l._n, octets);
  l._n++;
  return true;
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

/** Frees the reserve, if there is one. */
export function release(this: Ledger): void {
  (this._heap as Zeroing).free(this._spare, (this._spare = 0));
}

/**
 * Frees every block on the list, and the list; the part is then as new. Throws LOCK at a locked block: those before it are gone,
 * and close() can be called again. Cost: O(records).
 */
export function close(this: Ledger): void {
  var a = rows(this);
  // zeros at the end are no handles: free() ignores them
  for (var i = 0; i < a.length; i += 2) this._heap.free(a[i]);
  release.call(this);
  // zero is written after the handle is read and before the call: one that is cut off leaves no dead handle here
  (this._home as Zeroing).free(this._list, (this._list = this._n = this._cap = 0));
}
