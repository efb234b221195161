// Keeping blocks of an external pool where they are: one block (lock), one block for the length of a call (use), all (hold).

import { turn, wake } from "./claim";
import { fail } from "./error";
import { settle } from "./flight";
import { Far, find } from "./table";

/** Pins the block of `h` until as many unlock(h): its address is constant. Throws HANDLE, BUSY, and what the store throws. Cost: constant, plus the end of a slide. */
export function lock(p: Far, h: number): void {
  var r = find(p, h);
  if (r === p._fly) settle(p);
  p._way = 0;
  // one statement, so that the two never differ
  p._pins[r] = (p._pins[r] || (p._pinned++, 0)) + 1;
}

/** Takes back one lock. Throws HANDLE, LOCK (there is none), BUSY. */
export function unlock(p: Far, h: number): void {
  var r = find(p, h);
  if (!p._pins[r]) fail("LOCK", "0 locks", "1 to take back");
  --p._pins[r] || (delete p._pins[r], p._pinned--);
  wake(p);
}

/** Calls `fn` with `h` while its block is locked; unlocks when fn returns or throws. Returns what fn returns. Throws ARGUMENT, HANDLE, BUSY. */
export function use<T>(this: Far, h: number, fn: (h: number) => T): T {
  if (typeof fn !== "function") fail("ARGUMENT", typeof fn, "a function");
  turn(this, lock, h);
  try {
    return fn(h);
  } finally {
    turn(this, unlock, h);
  }
}

/** Keeps every block still until as many release(): alloc and resize then only use room that is there. Throws BUSY, and what the store throws. Cost: constant, plus the end of a slide. */
export function hold(p: Far): void {
  settle(p);
  p._held++;
}

/** Takes back one hold. Throws LOCK (there is none), BUSY. */
export function release(p: Far): void {
  if (!p._held) fail("LOCK", "0 holds", "1 to take back");
  p._held--;
  wake(p);
}
