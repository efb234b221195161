// How a call ends: it gives the pool back, and opens the fast ways unless something is special.

import { fail, Misuse, Refusal } from "./error";
import { NONE, Pool, SHUT } from "./pool";
import { regain } from "./row";
import { Scheduler } from "./time";

/**
 * Throws BUSY. A call that was cut off (Ctrl-C, out of memory) leaves its claim behind: a refused call therefore asks the
 * timer to give the pool back, since timers fire only when no call is running.
 */
export function busy<P extends { _clock: Scheduler }>(p: P, recover: (p: P) => void): never {
  var id = p._clock.set(function () {
    p._clock.clear(id);
    recover(p);
  }, 1);
  return fail("BUSY", "inside a call", "between two");
}

/** Takes a hole in hand: without a lock or a pause the bubble, if there is one, which has no row. */
export function hand(p: Pool): void {
  if (p._gap && !bound(p)) (p._row = p._next), (p._hole = p._next - 1), (p._top = p._at), (p._end = p._at + p._gap);
  else if (p._hole < 0) regain(p);
}

/** Gives the pool back, and opens the fast ways unless something is special. */
export function end(p: Pool): void {
  var gap = p._gap;
  // bound(), written out: every slow call ends here
  var tied = p._pinned || p._held || p._pause < NONE;
  if (gap || p._hole < 0) hand(p);
  p._drop = p._pinned || p._calm || (p._arm && !p._timer) ? NONE : p._floor;
  var inside = gap && p._at + gap < (p._offs[p._next] & p._even);
  p._open = inside ? SHUT : p._gens;
  p._state = inside || tied ? 1 : 0;
}

/** True while something forbids moves: alloc then plans before it moves. */
export function bound(p: Pool): boolean {
  return p._held + p._pinned > 0 || p._pause < NONE;
}

/** Gives the pool back and throws. */
export function quit(p: Pool, code: Misuse, got: unknown, want: unknown): never {
  end(p);
  return fail(code, got, want);
}

/** Gives the pool back and says why not. */
export function refuse(p: Pool, why: Refusal): 0 {
  p.why = why;
  end(p);
  return 0;
}

/** Gives the pool back when there may be more to compact than before. */
export function wake(p: Pool): void {
  p._calm = 0;
  end(p);
  p._arm && p._arm();
}
