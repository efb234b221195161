// Leaving nothing behind: zeros wherever no block is.

import { leave } from "./bubble";
import { begin } from "./entry";
import { end } from "./gate";
import { Pool } from "./pool";
import { live } from "./row";

/**
 * Writes zeros to every byte that belongs to no block: what free(), resize(), reset() and moves have left behind. Throws BUSY. Cost: the free bytes, the rows, and
 * the end of a move in progress.
 */
export function wipe(this: Pool): void {
  var p = this;
  var offs = p._offs;
  var even = p._even;
  var zeros = new Uint8Array(256);
  begin(p);
  if (p._gap) leave(p);
  for (var r = -1, at = 0, n; r <= p._rows; ) {
    r = live(p, r + 1);
    for (; (n = (offs[r] & even) - at) > 0; at += n) p._store.write(at, n < 256 ? zeros.subarray(0, n) : ((n = 256), zeros));
    // the size: end, less the bubble, less the start and the slack
    at += (offs[r + 1] & even) - offs[r] - (p._next === r + 1 ? p._gap : 0);
  }
  end(p);
}
