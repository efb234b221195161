// Leaving nothing behind: zeros wherever no block is.

import { leave, live } from "./bubble";
import { settle } from "./flight";
import { begin, end as finish } from "./gate";
import { Pool } from "./pool";
import { repeat } from "./store";
import { bytes, end, Far, sweep } from "./table";

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
  finish(p);
}

/** As wipe, in an external pool; in a persistent one the journal as well. Throws BUSY, and what the store throws. Cost: writing the free bytes, O(live). */
export function wipeFar(p: Far): void {
  var log = p._log;
  settle(p);
  sweep(p);
  var o = p._rows;
  do {
    var top = end(p, o);
    var gap = p._gaps[o];
    var from = o === p._rows ? 0 : p._ats[o] * p._unit + p._head + bytes(p, o);
    // [ payload ][ slack ][ header ][ hole ]
    if (gap && log) {
      log.hole(p, top, gap, top, gap);
      repeat(p._store, from, top * p._unit - from, 0);
      from = top * p._unit + p._head;
    }
    repeat(p._store, from, (top + gap) * p._unit - from, 0);
    o = p._next[o];
  } while (o !== p._rows);
  if (log) log.blank(p);
}
