// Growing and shrinking a block where it is.

import { feed, rise } from "./bubble";
import { begin } from "./entry";
import { whole } from "./error";
import { end, refuse, wake } from "./gate";
import { find } from "./handle";
import { free } from "./place";
import { settle } from "./plan";
import { Pool } from "./pool";
import { live, locked, start } from "./row";
import { stock } from "./stat";

/**
 * Makes the block of `h` `bytes` bytes long; its first bytes and its handle stay. 0 frees it. Returns false
 * with the reason in `why`, content and size as they were: SIZE, FULL, FRAGMENTED (as alloc; also a shrink whose
 * tail cannot be given back). Throws ARGUMENT, HANDLE, LOCK (0 on a locked block), BUSY. Cost: constant
 * while there is room behind the block, else the moves.
 */
export function resize(this: Pool, h: number, bytes: number): boolean {
  var p = this;
  whole(bytes);
  begin(p);
  var r = find(p, h);
  if (!bytes) {
    end(p);
    free.call(p, h);
    return true;
  }
  if (bytes > p._size) return !!refuse(p, "SIZE");
  var most = p.epoch + (p._held ? 0 : p._pause);
  settle(p);
  var old = start(p, r + 1) - p._offs[r] - (p._next === r + 1 ? p._gap : 0);
  var need = (bytes + p._unit) & p._even;
  var fed = true;
  if (need > start(p, live(p, r + 1)) - start(p, r)) {
    if (stock(p).free < need - ((old + p._unit) & p._even)) return !!refuse(p, "FULL");
    fed = !p._gap && feed(p, r, need, most - p.epoch);
  }
  if (!fed) bytes = old;
  return p._gap || !trim(p, r, bytes, most - p.epoch) || !fed ? !!refuse(p, "FRAGMENTED") : (wake(p), true);
}

/** Ends the block of row `r` after `bytes` bytes and gives back what is behind. False: it cannot. */
function trim(p: Pool, r: number, bytes: number, limit: number): boolean {
  var top = (start(p, r) + bytes + p._unit) & p._even;
  if (p._gens[r + 1] <= 0) {
    // the hole in hand may begin where the block ends
    (p._hole = -1), (p._offs[r] = top - bytes), (p._offs[r + 1] = top);
  } else if (top === start(p, r + 1)) p._offs[r] = top - bytes;
  else if (locked(p, r + 1)) return false;
  else {
    // [ block ][ next ] => [ block ][ bubble ][ next ]
    (p._offs[r] = top - bytes), (p._at = top), (p._next = r + 1), (p._gap = start(p, r + 1) - top);
    rise(p, limit);
  }
  return true;
}
