// A lock as an object: it is given back at the end of the scope it was taken in, and says when it is misused.

import { Heap, memory, Memory } from "./cell";
import { fail } from "./error";

export interface Guard {
  handle: number;
  /** The block as a Uint8Array while it is locked; null afterwards, and where blocks have no views. */
  view: Uint8Array | null;
  unlock(): void;
  release(): void;
  _heap: Heap;
  _mem: Lockable;
  /** Where the list of locked guards begins that this one is on: the owner, or this; null when it is unlocked. */
  _head: Link | null;
  /** The next on that list. */
  _guard: Link;
}

type Link = { _guard: any };
type Lockable = Memory & { lock(h: number): void; unlock(h: number): void; view(h: number): Uint8Array };

var methods = {
  /** Takes the lock back; `view` is gone. Throws LOCK when that was done before, what the pool throws, BUSY. Cost: that of the pool, O(guards of the owner). */
  unlock: function (this: Guard): void {
    var g = this._head || fail("LOCK", 0, "1 to unlock");
    // throws BUSY before anything has changed
    this._mem.has(this.handle) && this._mem.at(this.handle);
    while (g._guard !== this) g = g._guard;
    // first off the list: an owner that is closed does not meet it again
    (g._guard = this._guard), (this._head = this.view = null);
    this._mem.unlock(this.handle);
  },
  /** Takes the lock back, if it is there, and frees the block. Throws HANDLE (it is freed), LOCK (others lock it: it lives), BUSY. */
  release: function (this: Guard): void {
    if (this._head) this.unlock();
    this._heap.free(this.handle);
  },
};

/**
 * Locks the block of `h` until unlock() or release(), at the latest until the owner or scope `heap` is closed. Throws OPTION (the
 * pool has no locks), HANDLE, BUSY. Cost: that of the lock, and an object.
 */
export function guard(heap: Heap, h: number): Guard {
  var g = Object.create(methods) as Guard;
  var m = (g._mem = memory(heap) as Lockable);
  // private names mean something else in a pool: only an owner has a list
  var head: Link = (heap as any).leaks ? (heap as any) : g;
  if (!m.lock) fail("OPTION", 0, "lock()");
  g.handle = h;
  g._heap = heap;
  m.lock(h);
  (g._guard = head._guard), (head._guard = g), (g._head = head);
  g.view = m.bytes ? m.view(h) : null;
  return g;
}
