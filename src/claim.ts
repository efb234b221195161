// Who may come in to an external pool: one call at a time.

import { Refusal } from "./error";
import { mend } from "./flight";
import { busy } from "./gate";
import { Far } from "./table";

/** Makes a pool whose call was cut off usable again; a persistent one only for reading, because its store may be a change ahead of the table. */
export function recover(p: Far): void {
  if (!p._busy) return;
  p._torn = p._log;
  mend(p);
  p._busy = false;
}

/** Calls `f` for a public method: claims the pool, and gives it back also when `f` throws. Throws BUSY inside another call. */
export function turn<T>(p: Far, f: (p: Far, a?: any, b?: any, c?: any, d?: any, e?: any) => T, a?: unknown, b?: unknown, c?: unknown, d?: unknown, e?: unknown): T {
  // one statement: no job can come between the look and the claim
  p._busy ? busy(p, recover) : (p._busy = true);
  try {
    return f(p, a, b, c, d, e);
  } finally {
    p._busy = false;
  }
}

/** Says why not. */
export function refuse(p: Far, why: Refusal): 0 {
  p.why = why;
  return 0;
}

/** There may be more to compact than before. */
export function wake(p: Far): void {
  p._calm = false;
  p._arm && p._arm();
}
