// Who may come in: one call at a time, and the slow way while something is special.

import { cross } from "./bubble";
import { fail, Misuse } from "./error";
import { Pool } from "./pool";

/**
 * Claims the pool for one call. Throws BUSY inside another call. A call that was cut off (Ctrl-C, out of
 * memory) leaves its claim behind: a refused call therefore asks the timer to give the pool back, since
 * timers fire only when no call is running.
 */
export function begin(p: Pool): void {
  if (p._busy) {
    var id = p._clock.set(function () {
      p._clock.clear(id);
      recover(p);
    }, 1);
    fail("BUSY", "the pool is in the middle of another call");
  }
  p._busy = 1;
  p._gate = p._drop = Infinity;
  p._last = -1;
  p._was = p.moved;
}

/** Gives the pool back and opens what may be open. */
export function end(p: Pool): void {
  var floor = (1 << p._bits) - 1;
  if (p.moved - p._was > p._longest) p._longest = p.moved - p._was;
  p._last = p._gap ? -1 : p._hole;
  p._gate = p._gap ? Infinity : floor;
  p._drop = p._gap || p._pinned || p._calm || (p._arm && !p._ticking) ? Infinity : floor;
  p._busy = 0;
}

/** Makes a pool whose call was cut off usable again: every statement has left it sound. */
export function recover(p: Pool): void {
  if (p._busy) {
    if (p._gap) cross(p);
    end(p);
  }
}

/** Gives the pool back and throws. */
export function quit(p: Pool, code: Misuse, text: string): never {
  end(p);
  return fail(code, text);
}
