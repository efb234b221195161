// What happens before memory is out: a warning, blocks that may go, a reserve, a last call for help.

import { Heap } from "./cell";
import { fail } from "./error";
import { add, close, free, keep, Ledger, ledger, release, rows } from "./ledger";

/** What to do when memory runs low. Callbacks may call everything; what they allocate calls no callback and evicts nothing. */
export interface Relief {
  /**
   * Bytes: `onlow` is called with what will be free before an alloc that leaves less, once until `high` (default: twice as many) are
   * found free: looked for every `low` bytes allocated, and by look(). Needs a pool with stat().
   */
  low?: number;
  high?: number;
  onlow?(free: number): void;
  /** Called before the purgeable block `h` goes. It stays, and is asked for again, when it is locked. */
  onpurge?(h: number): void;
  /** Called when `bytes` are refused and nothing purgeable is left. True: something was freed, and alloc tries once more. */
  onfull?(bytes: number): boolean | void;
}

interface Fields extends Ledger {
  _o: Relief;
  /** True inside a callback. */
  _busy: number;
  /** True from onlow on, until `high` bytes are free. */
  _told: boolean | 0;
  /** Bytes that may be allocated until free bytes are compared with the marks again. */
  _left: number;
}

export type Pressure = Fields & typeof methods;

var methods = {
  /**
   * A handle to a new block, or 0 and `why`. Where the heap refuses (not SIZE), frees purgeable blocks, the one touched longest ago
   * first, then calls onfull. Throws what the heap and the callbacks throw. Cost: that of the heap; O(list) for each block that goes.
   */
  alloc: function (this: Fields, bytes: number): number {
    var asked, h;
    // 16: what a small block takes more
    if (bytes > 0 && (this._left -= bytes + 16) < 0) watch(this, bytes);
    while (
      !(h = this._heap.alloc(bytes)) &&
      (this.why = this._heap.why) !== "SIZE" &&
      !this._busy &&
      (evict(this) || (!asked && ask(this, this._o.onfull, (asked = bytes))))
    );
    return h;
  },
  free: free,
  /** From now on `h` may go when memory is short, as the last of those that may. False: it is gone, or the list cannot grow. Cost: O(list). */
  touch: function (this: Fields, h: number): boolean {
    rows(this, h);
    return this.pool.has(h) && add(this, h, 0);
  },
  keep: keep,
  /** Compares free bytes with the marks: for what is allocated and freed elsewhere. Not from a callback. Cost: that of stat(). */
  look: function (this: Fields): void {
    // a callback that was cut off has left it
    this._busy = 0;
    watch(this, 0);
  },
  /** Takes a block of `bytes` to be given back in an emergency, unless there is one. Returns its handle, or 0 where the heap refuses. Throws what the heap throws. */
  reserve: function (this: Fields, bytes: number): number {
    return (this._spare = this._spare || this._heap.alloc(bytes));
  },
  release: release,
  close: close,
};

/** Calls fn with no callback inside it. */
function ask<T>(p: Fields, fn: ((n: number) => T) | undefined, n: number): T | undefined {
  if (p._busy || !fn) return;
  p._busy = 1;
  try {
    return fn(n);
  } finally {
    p._busy = 0;
  }
}

/** Frees the purgeable block touched longest ago of those that are not locked; true, or nothing where there is none. */
function evict(p: Fields): true | void {
  var a = rows(p);
  var h;
  for (var i = 0; (h = a[i]); i += 2) {
    ask(p, p._o.onpurge, h);
    try {
      if (p.pool.has(h)) p._heap.free(h);
      return true;
    } catch (error) {
      // it is locked
    }
  }
}

/** Compares what will be free after an alloc of `bytes` with the marks. */
function watch(p: Fields, bytes: number): void {
  var o = p._o;
  var low = o.low!;
  var told = p._told;
  var free;
  if (low) {
    free = p.pool.stat!().free;
    // what is refused takes nothing
    if (bytes < free) free -= bytes;
    p._left = (p._told = free < (told ? o.high || 2 * low : low)) ? low : free - low;
    if (told < p._told) ask(p, o.onlow, free);
  }
}

/**
 * A heap before `heap` that does as `options` say when memory is short; the list of purgeable blocks lives in `home`, by default in
 * `heap`. close() frees the purgeable blocks, the list and the reserve. Throws OPTION (no stat() for `low`).
 */
export function pressure(heap: Heap, options: Relief, home?: Heap): Pressure {
  var p = ledger<Pressure>(methods, heap, home);
  if (options.low && !p.pool.stat) fail("OPTION", 0, "stat()");
  p._o = options;
  p._left = p._busy = p._told = 0;
  return p;
}
