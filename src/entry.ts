// Who may come in: one call at a time, and the slow way while something is special.

import { mend } from "./bubble";
import { busy, end } from "./gate";
import { Pool, SHUT } from "./pool";

/** Claims the pool for one call. Returns the state it was in. Throws BUSY inside another call. */
export function begin(p: Pool): number {
  var state;
  // one statement: no job can come between the look and the claim
  (state = p._state) > 1 ? busy(p, recover) : ((p._open = SHUT), (p._state = 2));
  // the block before the bubble was freed
  if (p._gap && p._gens[p._next - 1] <= 0) (p._gap = 0), (p._hole = -1);
  return state;
}

/** Makes a pool whose call was cut off usable again: every statement has left it sound. */
export function recover(p: Pool): void {
  if (p._state < 2) return;
  p._hole = -1;
  if (p._gap) mend(p);
  end(p);
  // a host that ends the call may have ended its timer as well
  if (p._beat && p._arm) {
    p._beat = false;
    p._timer = undefined;
    p._arm();
  }
}
