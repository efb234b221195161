// Finding room: alloc, free, and the search for a hole when the one in hand is used up.
//
// A hole is named by its first free row and the live row behind it. The search looks at windows: some
// neighbouring holes with live blocks between them. Raising the lowest hole through a window makes one
// hole of it at its top. Nothing moves before it is certain that the request will fit.

import { Refusal, whole } from "./error";
import { begin, end, quit } from "./gate";
import { dead, gather, live, lower, rise, start, stuck, tail } from "./bubble";
import { find } from "./handle";
import { Pool } from "./pool";

/**
 * A handle to a new block of `bytes` bytes, its content undefined, or 0 with the reason in `why`:
 * SIZE (0, or more than the pool), FULL (bytes do not suffice), HANDLES (rows do not), FRAGMENTED (they
 * do, but `pause`, a lock or hold() forbids the moves). Throws ARGUMENT, BUSY. Cost: constant while the
 * hole in hand lasts, then O(rows passed) and the moves.
 */
export function alloc(this: Pool, bytes: number): number {
  var top = this._top + bytes;
  // one statement: nothing can come between its parts
  return top <= this._end && bytes >>> 0 === bytes && bytes && this._row < this._last
    ? ((this._offs[this._row] = (top = (top + this._unit) & this._even) - bytes),
      (this._gens[this._row] = this._pass),
      (this._offs[this._row + 1] = this._top = top),
      this._base + this._row++)
    : place(this, bytes);
}

/** Ends the block of `h`; 0 is ignored. Throws HANDLE, LOCK (it is locked), BUSY. Cost: constant. */
export function free(this: Pool, h: number): void {
  var r;
  // one statement, as in alloc
  h > this._drop && ((this._gens[(r = h & this._mask)] << this._bits) | r | this._id) === h
    ? (this._gens[r] = 0)
    : h === 0 || drop(this, h);
}

function drop(p: Pool, h: number): void {
  begin(p);
  var r = find(p, h);
  if (p._pins[r]) quit(p, "LOCK", "row " + r + " has " + p._pins[r] + " locks");
  p._gens[r] = 0;
  // the block the bubble stood in: [ done ][ bubble ][ rest ] => [ hole ]
  if (p._next === r + 1) p._gap = 0;
  wake(p);
}

/** Something may be recoverable again: the round of ticks goes on. */
export function wake(p: Pool): void {
  p._calm = 0;
  end(p);
  if (p._arm) p._arm();
}

/** Says no: nothing has changed but `why`. */
export function refuse(p: Pool, why: Refusal): 0 {
  p._refused[(p.why = why)]++;
  end(p);
  return 0;
}

/** Takes the hole from free row `free` in hand, at a row that this pass has not used. */
export function take(p: Pool, free: number): void {
  var last = live(p, free) - 1;
  if (p._row <= free) p._row = free;
  else if (p._row >= last && p._pass < p._most) {
    p._row = free;
    p._base = (++p._pass << p._bits) | p._id;
  }
  p._offs[p._row] = p._top = start(p, free);
  p._end = start(p, (p._hole = last) + 1);
}

/** Brings the bubble to the next hole, in hand, if that moves at most `limit` bytes; returns what is left of the limit. */
export function settle(p: Pool, limit: number): number {
  var top = dead(p, p._next);
  var n = start(p, top) - p._gap - p._at;
  if (n > limit) return 0;
  rise(p, n);
  take(p, top);
  return limit - n;
}

/** True when a row of the hole between free row `free` and live row `next` can be used. */
function usable(p: Pool, free: number, next: number): boolean {
  return free < p._rows && (p._row < next || p._pass < p._most);
}

/** True when the hole from `free` may be filled to its last free row: its rest becomes the bubble, which must be able to rise. */
function roomy(p: Pool, free: number, next: number): boolean {
  return next - free > 1 || !(p._gap || p._held || (p._pinned && stuck(p, next)));
}

/**
 * Looks from the hole at `free` upwards for the window that makes `need` bytes by moving fewest, at most
 * `limit`; one that moves at most `near` ends the search. Leaves the window in _low and _high (-1: none)
 * and what it met in _sum (free bytes) and _spot (last hole with a row to use, -1: none).
 */
function search(p: Pool, free: number, need: number, near: number, limit: number): void {
  var low = free;
  var next = live(p, free);
  var hole = start(p, next) - start(p, free);
  var room = hole;
  var cost = 0;
  p._low = p._spot = -1;
  p._sum = p._gap + hole;
  for (;;) {
    if (usable(p, free, next)) {
      p._spot = free;
      if (room >= need && cost <= limit && (room === need || roomy(p, free, next))) {
        p._low = low;
        p._high = free;
        if (cost <= near) return;
        limit = cost - 1;
      }
    }
    if (next > p._rows) return;
    var from = next;
    free = dead(p, next);
    next = live(p, free);
    hole = start(p, next) - start(p, free);
    p._sum += hole;
    if (hole >= need || (p._pinned && stuck(p, from))) {
      low = free;
      room = hole;
      cost = 0;
    } else {
      room += hole;
      cost += start(p, free) - start(p, from);
      // [ low ] live [ hole ] live [ hole ]: leave out what the lowest adds while the rest suffices
      for (;;) {
        from = live(p, low);
        var less = room - start(p, from) + start(p, low);
        if (less < need) break;
        room = less;
        low = dead(p, from);
        cost -= start(p, low) - start(p, from);
      }
    }
  }
}

/** alloc when the hole in hand does not do: as alloc. */
function place(p: Pool, bytes: number): number {
  whole(bytes, "size");
  begin(p);
  if (!bytes || bytes > p._size) return refuse(p, "SIZE");
  var need = (bytes + p._unit) & p._even;
  var limit = p._held ? 0 : p._pause;
  if (p._gap) limit = settle(p, limit);
  var near = Math.min(limit, p._near);
  if (p._hole < 0 || (search(p, p._row, need, near, near), p._low < 0)) search(p, dead(p, 0), need, near, limit);
  if (p._low < 0) {
    if (p._spot < 0) return refuse(p, "HANDLES");
    if (p._sum < need) return refuse(p, "FULL");
    if (p._gap || p._pinned || p._size - p._sum > limit) return refuse(p, "FRAGMENTED");
    // all rows left are below the room: [ row ] live [ hole ] => [ row, hole ] live
    gather(p, dead(p, 0), tail(p));
    lower(p, tail(p), live(p, (p._low = p._high = p._spot)), Infinity);
  }
  gather(p, p._low, p._high);
  take(p, p._high);
  return fill(p, bytes, p._top + need);
}

/** Puts a block of `bytes` bytes, ending at `top`, into the next row of the hole in hand. */
function fill(p: Pool, bytes: number, top: number): number {
  var r = p._row++;
  p._offs[r] = top - bytes;
  p._gens[r] = p._pass;
  if (r < p._hole) p._offs[r + 1] = p._top = top;
  else {
    p._hole = -1;
    // [ block ][ rest of the hole, no row ][ live ] => [ block ][ bubble ][ live ]
    if (top < p._end) (p._at = top), (p._next = r + 1), (p._gap = p._end - top);
  }
  if (p.moved > p._was) {
    p._waits++;
    p._want = p._size >> 3;
  }
  end(p);
  if (p._arm) p._arm();
  return p._base + r;
}
