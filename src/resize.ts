// Growing and shrinking a block where it is.

import { whole } from "./error";
import { begin, end } from "./gate";
import { dead, gather, live, lower, rise, start, stuck, tail } from "./bubble";
import { find } from "./handle";
import { free, refuse, settle, wake } from "./place";
import { Pool } from "./pool";

/**
 * Makes the block of `h` `bytes` bytes long; its first bytes and its handle stay. 0 frees it. Returns
 * false with the reason in `why`, the block as it was: SIZE, FULL, FRAGMENTED (as alloc; also a shrink
 * whose tail cannot be given back). Throws ARGUMENT, HANDLE, LOCK (0 on a locked block), BUSY.
 * Cost: constant while there is room behind the block, else the moves.
 */
export function resize(this: Pool, h: number, bytes: number): boolean {
  var p = this;
  whole(bytes, "size");
  begin(p);
  var r = find(p, h);
  if (!bytes) {
    end(p);
    free.call(p, h);
    return true;
  }
  if (bytes > p._size) return !!refuse(p, "SIZE");
  var limit = p._held ? 0 : p._pause;
  var top = (start(p, r) + bytes + p._unit) & p._even;
  if (p._gap && (p._next !== r + 1 || top > start(p, r + 1))) limit = settle(p, limit);
  top = (start(p, r) + bytes + p._unit) & p._even;
  if (p._gap && p._next === r + 1) {
    // [ done ][ bubble ][ rest ] => [ block ][ bubble ]
    var rest = start(p, r + 1) - p._gap - p._at;
    if (rest > limit) return !!refuse(p, "FRAGMENTED");
    rise(p, rest);
  }
  if (top > start(p, live(p, r + 1)) && !widen(p, r, top, limit)) return false;
  top = (start(p, r) + bytes + p._unit) & p._even;
  if (!p._gens[r + 1]) {
    (p._offs[r] = top - bytes), (p._offs[r + 1] = top);
    // the hole in hand begins where the block ends
    if (p._hole > r && p._hole < live(p, r + 1)) p._offs[p._row] = p._top = top;
  } else if (top === start(p, r + 1) && !(p._gap && p._next === r + 1)) p._offs[r] = top - bytes;
  else if (p._gap ? p._next === r + 1 : !(p._held || (p._pinned && stuck(p, r + 1)))) {
    // [ block ][ next ] => [ block ][ bubble ][ next ]
    (p._offs[r] = top - bytes), (p._at = top), (p._next = r + 1), (p._gap = start(p, r + 1) - top);
  } else return !!refuse(p, "FRAGMENTED");
  wake(p);
  return true;
}

/** Makes room up to address `top` behind row `r`, whose own address may fall. False: refused. */
function widen(p: Pool, r: number, top: number, limit: number): boolean {
  var floor = live(p, r + 1);
  var need = top - start(p, floor);
  var next = floor;
  var cost = 0;
  var room = 0;
  for (;;) {
    if (next > p._rows || (p._pinned && stuck(p, next))) break;
    var free = dead(p, next);
    cost += start(p, free) - start(p, next);
    next = live(p, free);
    var hole = start(p, next) - start(p, free);
    if (room + hole >= need) {
      if (cost > limit || p._gap) return !!refuse(p, "FRAGMENTED");
      lower(p, free, floor, need - room);
      return true;
    }
    room += hole;
  }
  return all(p, r, need, limit);
}

/** widen when the holes above do not suffice: everything rises, then what is above sinks to row `r`. */
function all(p: Pool, r: number, need: number, limit: number): boolean {
  var room = p._gap;
  for (var free = dead(p, 0); ; free = dead(p, next)) {
    var next = live(p, free);
    room += start(p, next) - start(p, free);
    if (next > p._rows) break;
  }
  room -= start(p, live(p, r + 1)) - start(p, r + 1);
  if (room < need) return !!refuse(p, "FULL");
  if (p._gap || p._pinned || 2 * p._size > limit) return !!refuse(p, "FRAGMENTED");
  gather(p, dead(p, 0), tail(p));
  lower(p, tail(p), live(p, r + 1), Infinity);
  return true;
}
