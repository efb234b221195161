// Leaving nothing behind in an external pool: zeros wherever no block is.

import { settle } from "./flight";
import { repeat } from "./store";
import { bytes, end, Far, sweep } from "./table";

/**
 * Writes zeros to every byte that belongs to no block, in a persistent pool to the journal as well; its headers stay. Throws BUSY, and what the store throws. Cost: writing
 * the free bytes, O(live), and the end of a slide.
 */
export function wipe(p: Far): void {
  var log = p._log;
  settle(p);
  sweep(p);
  // first, because it throws where the table may not be what the store says; what holes write there later is headers
  if (log) log.blank(p);
  var o = p._rows;
  do {
    var top = end(p, o);
    var gap = p._gaps[o];
    var from = o === p._rows ? 0 : p._ats[o] * p._unit + p._head + bytes(p, o);
    // [ payload ][ slack ][ header ][ hole ]
    if (gap && log) log.hole(p, top, gap, top, gap), repeat(p._store, from, top * p._unit - from, 0), (from = top * p._unit + p._head);
    repeat(p._store, from, (top + gap) * p._unit - from, 0);
    o = p._next[o];
  } while (o !== p._rows);
}
