// Keeping blocks where they are: one block (lock), one block for the length of a call (use), all (hold).

import { view } from "./access";
import { clear } from "./bubble";
import { begin } from "./entry";
import { fail } from "./error";
import { end, quit, wake } from "./gate";
import { find } from "./handle";
import { Pool } from "./pool";

/**
 * Pins the block of `h` until as many unlock(h): its address is constant and views stay good. Throws
 * HANDLE, BUSY. Cost: constant, plus the end of a move in progress.
 */
export function lock(this: Pool, h: number): void {
  begin(this);
  var r = find(this, h);
  clear(this);
  // one statement, so that the two never differ
  this._pins[r] = (this._pins[r] || (this._pinned++, 0)) + 1;
  end(this);
}

/** Takes back one lock. Throws HANDLE, LOCK (there is none), BUSY. */
export function unlock(this: Pool, h: number): void {
  begin(this);
  var r = find(this, h);
  if (!this._pins[r]) quit(this, "LOCK", "0 locks", "1 to take back");
  --this._pins[r] || (delete this._pins[r], this._pinned--);
  wake(this);
}

/**
 * Calls `fn` with the block of `h` as a Uint8Array (a store without views: with `h`) while it is locked;
 * unlocks when fn returns or throws. Returns what fn returns. Throws ARGUMENT, HANDLE, BUSY.
 */
export function use<T>(this: Pool, h: number, fn: (block: Uint8Array | number) => T): T {
  if (typeof fn !== "function") fail("ARGUMENT", typeof fn, "a function");
  lock.call(this, h);
  try {
    return fn(this._store.view ? view.call(this, h) : h);
  } finally {
    unlock.call(this, h);
  }
}

/** Keeps every block still until as many release(): alloc and resize then only use room that is there. Throws BUSY. */
export function hold(this: Pool): void {
  begin(this);
  clear(this);
  this._held++;
  end(this);
}

/** Takes back one hold. Throws LOCK (there is none), BUSY. */
export function release(this: Pool): void {
  begin(this);
  if (!this._held) quit(this, "LOCK", "0 holds", "1 to take back");
  this._held--;
  wake(this);
}
