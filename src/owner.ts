// Who allocated what: blocks that belong to one owner, and are freed with it.

import { Heap } from "./cell";
import { whole } from "./error";
import { add, close, free, keep, Ledger, ledger, rows, type Zeroing } from "./ledger";
import { now } from "./time";

interface Fields extends Ledger {
  _quota: number | undefined;
  /** No less than the bytes that are live, unless a block grew by resize(). */
  _used: number;
}

/** A block that is still there: its age in milliseconds, 0 on engines without Date. */
export interface Leak {
  handle: number;
  size: number;
  age: number;
}

export type Owner = Fields & typeof methods;

var methods = {
  /**
   * A handle to a new block of `bytes` bytes that belongs to this owner, or 0 and `why`: QUOTA, or what the heap says. Throws what
   * the heap throws. Cost: that of the heap and a write of 8 bytes; O(blocks) when the list is full or the quota may be.
   */
  alloc: function (this: Fields & { used(): number }, bytes: number): number {
    var h = 0;
    if (bytes > this._quota! - this._used && bytes > this._quota! - this.used()) this.why = "QUOTA";
    // room first: a call that is cut off leaves one block to nobody, not two
    else if (add(this, 0, 0))
      if (!(h = this._heap.alloc(bytes))) this.why = this._heap.why;
      else if (add(this, h, now())) this._used += this.pool.size(h);
      else (this._heap as Zeroing).free(h, (h = 0));
    return h;
  },
  free: free,
  keep: keep,
  /** Bytes of the blocks that belong to this owner, as their pool gives their sizes. Cost: O(blocks). */
  used: function (this: Fields): number {
    var a = rows(this);
    var n = 0;
    for (var i = 0; a[i]; i += 2) n += this.pool.size(a[i]);
    return (this._used = n);
  },
  /** Every block that belongs to this owner, the eldest first. Cost: O(blocks), and an object for each. */
  leaks: function (this: Fields): Leak[] {
    var a = rows(this);
    var list: Leak[] = [];
    for (var i = 0; a[i]; i += 2) list.push({ handle: a[i], size: this.pool.size(a[i]), age: (now() - a[i + 1]) >>> 0 });
    return list;
  },
  close: close,
};

/**
 * A heap before `heap` whose blocks belong together: `leaks()` lists them, `used()` counts them, `close()` frees them, keep(h) takes one
 * out. A block allocated through an owner before an owner belongs to both, and so does the list. `quota`: most bytes that may be live at a time (undefined:
 * any; a block of a slab counts as long as its slot). `home`: the heap in which the list of blocks lives, by default the same: for a slab, whose slots are too short for it, or an
 * external pool, where it is slow. Throws OPTION, ARGUMENT. Takes 8 to 16 bytes a block, 32 at least.
 */
export function owner(heap: Heap, quota?: number, home?: Heap): Owner {
  var p = ledger<Owner>(methods, heap, home);
  p._used = 0;
  whole((p._quota = quota) || 0);
  return p;
}

/**
 * Calls `fn` with an owner before `heap` and closes it when fn returns or throws: what was allocated through it and not kept is
 * free, its guards are unlocked. Returns what fn returns. Throws OPTION, what fn throws, and what close() throws.
 */
export function scope<T>(heap: Heap, fn: (s: Owner) => T): T {
  var s = owner(heap);
  try {
    return fn(s);
  } finally {
    s.close();
  }
}
