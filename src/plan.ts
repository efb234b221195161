// Planning before moving. Under a lock, a pause or hold() alloc adds up neighbouring holes until they suffice, and moves
// nothing before it is certain that the request will fit; otherwise it does so once moves have become dear.

import { gather, go, leave } from "./bubble";
import { begin } from "./entry";
import { whole } from "./error";
import { bound, hand, refuse } from "./gate";
import { fresh } from "./place";
import { Pool } from "./pool";
import { base, bottom, dead, live, locked, room, start, stuck, take } from "./row";
import { none } from "./stat";
import { step } from "./tick";

/** Lets the bubble go on as far as `pause` and locks allow; returns what may still be moved. */
export function settle(p: Pool): number {
  var limit = p._held ? 0 : p._pause;
  if (p._gap && limit && !locked(p, base(p, p._next))) limit -= go(p, limit);
  return p._gap ? 0 : limit;
}

/**
 * Makes one hole of `need` bytes with a row to use by moving at most `limit` bytes in one place, and takes it
 * in hand. False: there is no such place. Cost: O(handles).
 */
function search(p: Pool, need: number, limit: number): boolean {
  var free = p._row;
  for (var laps = 0; laps < 2; laps++) {
    free = bottom(p, dead(p, free));
    var next = live(p, free);
    var sum = start(p, next) - start(p, free);
    var low = free;
    var cost = 0;
    // the last row of a hole can be used only if the rest can rise as a bubble
    while (sum < need || fresh(p, free) >= next || (sum > need && fresh(p, free) + 1 === next && (p._gap || locked(p, next)))) {
      if (next > p._rows) break;
      free = dead(p, next);
      cost += start(p, free) - start(p, next);
      var hole = room(p, free);
      sum += hole;
      // [ low ] live [ hole ]: a hole that does alone needs no other, and what may not move separates
      if (hole >= need || cost > limit || stuck(p, next)) {
        low = free;
        sum = hole;
        cost = 0;
      }
      next = live(p, free);
    }
    if (sum >= need && fresh(p, free) < next) {
      gather(p, low, free);
      take(p, free);
      return true;
    }
    free = 0;
  }
  return false;
}

/** After dear moves: looks whether there is room at all, and for a cheaper place. False: refused. */
export function seek(this: Pool, need: number): boolean {
  var p = this;
  var why = none(p, need);
  if (why) return !!refuse(p, why);
  if (!p._gap && !p._store.quick) search(p, need, p._size >> 3);
  return true;
}

/** Begins an alloc in which something is special. False: refused. */
export function odd(this: Pool, bytes: number): boolean {
  var p = this;
  whole(bytes);
  begin(p);
  if (!bytes || bytes > p._size) return !!refuse(p, "SIZE");
  if (bound(p)) {
    var need = (bytes + p._unit) & p._even;
    var limit = settle(p);
    if (!search(p, need, limit)) {
      var why = none(p, need);
      // what may be moved now is not lost for the next request; ticks may have had enough
      p._calm = 0;
      if (why || !step(p, limit) || !search(p, need, 0)) return !!refuse(p, why || "FRAGMENTED");
    }
  } else {
    if (p._gap) leave(p);
    hand(p);
  }
  return true;
}
