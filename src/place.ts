// Finding room: alloc, free, and what happens when the hole in hand is used up.
//
// Normally the hole in hand goes on through the blocks like a lift, up to the top and down again, and takes in
// every hole it meets. Under a lock, a pause or hold() the search plans first: it adds up neighbouring holes
// until they suffice, and moves nothing before it is certain that the request will fit.

import { base, bottom, dead, gather, go, live, locked, regain, rise, room, sink, start, stuck, take } from "./bubble";
import { Refusal, whole } from "./error";
import { begin, end as finish, quit, refuse, wake } from "./gate";
import { find } from "./handle";
import { NONE, Pool } from "./pool";
import { stock } from "./stat";
import { step } from "./tick";

/**
 * A handle to a new block of `bytes` bytes, its content undefined, or 0 with the reason in `why`:
 * SIZE (0, or more than the pool), FULL (bytes do not suffice), HANDLES (rows do not), FRAGMENTED (they
 * do, but `pause`, a lock or hold() forbids the moves). Throws ARGUMENT, BUSY. Cost: constant while the
 * hole in hand lasts, then the rows passed and the moves.
 */
export function alloc(this: Pool, bytes: number): number {
  var top, r, g;
  // one statement: nothing can come between its parts
  return (top = this._top + bytes) <= this._end && bytes >>> 0 === bytes && bytes && (r = this._row) < this._last && (g = 2 - this._gens[r]) <= this._most
    ? ((this._offs[r] = (top = (top + this._unit) & this._even) - bytes),
      (this._gens[r] = g),
      (this._offs[(this._row = r + 1)] = this._top = top),
      (g << this._bits) | this._id | r)
    : place(this, bytes);
}

/** Ends the block of `h`; 0 is ignored. Throws HANDLE, LOCK (it is locked), BUSY. Cost: constant. */
export function free(this: Pool, h: number): void {
  var r = h & this._mask;
  var g;
  // one statement, as in alloc
  h > this._drop && (((g = this._gens[r]) << this._bits) | r | this._id) === h ? (this._gens[r] = 1 - g) : h === 0 || drop(this, h);
}

function drop(p: Pool, h: number): void {
  begin(p);
  var r = find(p, h);
  if (p._pins[r]) quit(p, "LOCK", p._pins[r] + " locks", 0);
  p._gens[r] = 1 - p._gens[r];
  // [ done ][ bubble ][ rest ] => [ hole ]
  if (p._next === r + 1) p._gap = 0;
  wake(p);
}

/** Lets the bubble go on as far as `pause` and locks allow; returns what may still be moved. */
export function settle(p: Pool): number {
  var limit = p._held ? 0 : p._pause;
  if (p._gap && limit && !locked(p, base(p, p._next))) limit -= go(p, limit);
  return p._gap ? 0 : limit;
}

/** The first row from `r` up that is not used up. */
function fresh(p: Pool, r: number): number {
  while (p._gens[r] === 1 - p._most) r++;
  return r;
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

/**
 * Moves the free bytes from `at` to `end` between row r - 1 and live row `n` on to the next hole, up or down as
 * _way says, and takes that in hand. Returns 1 when the way turned at the end of the pool, else 0.
 */
function carry(p: Pool, r: number, n: number, at: number, end: number): number {
  if (p._way > 0) {
    if (n > p._rows) return (p._way = -1);
    if (at < end) {
      (p._hole = -1), (p._at = at), (p._next = n), (p._gap = end - at);
      rise(p, NONE);
    } else take(p, dead(p, n));
  } else {
    var low = base(p, r);
    if (!low) return (p._way = 1);
    if (at < end) {
      // the first free row goes up with the blocks
      if (r < n) p._offs[r] = end;
      (p._hole = -1), (p._at = at), (p._next = r), (p._gap = end - at);
      sink(p, low, NONE);
    } else take(p, bottom(p, low));
  }
  return 0;
}

/** Throws or refuses what alloc can never do. */
function odd(p: Pool, bytes: number): 0 {
  whole(bytes);
  begin(p);
  return refuse(p, "SIZE");
}

/** alloc when the hole in hand does not do. Written out, because on Espruino a call costs as much as three statements. */
function place(p: Pool, bytes: number): number {
  if (p._busy || !bytes || bytes > p._size || bytes >>> 0 !== bytes) return odd(p, bytes);
  (p._last = -1), (p._busy = p._gate = p._drop = NONE);
  if (p._gap && p._gens[p._next - 1] <= 0) p._gap = 0;
  var gens = p._gens;
  var need = (bytes + p._unit) & p._even;
  var near = p.moved + p._near;
  var turns = 0;
  var bound = p._held || p._pinned || p._pause < NONE;
  var r, g, top, end, why: Refusal;
  if (bound) {
    r = settle(p);
    if (!search(p, need, r)) {
      why = none(p, need, 0);
      // what may be moved now is not lost for the next request
      if (why || !step(p, r) || !search(p, need, 0)) return refuse(p, why || "FRAGMENTED");
    }
  } else if (p._gap) while (carry(p, p._next, p._next, p._at, p._at + p._gap));
  else regain(p);
  for (;;) {
    r = p._row;
    g = 2 - gens[r];
    top = p._top + need;
    end = p._end;
    if (top <= end && g <= p._most) break;
    if (turns > 2 || p.moved > near) {
      // that was dear: is there room at all, and a cheaper place?
      near = 1e99;
      why = none(p, need, turns);
      if (why) return refuse(p, why);
      if (search(p, need, p._near)) continue;
    }
    if (g > p._most && r < p._hole) (p._offs[r + 1] = p._top), p._row++;
    else if (carry(p, bottom(p, r), p._hole + 1, p._top, end)) turns++;
  }
  // one statement: a call cut off here has done all or nothing
  if (r < p._hole) (p._offs[r] = top - bytes), (gens[r] = g), (p._offs[r + 1] = p._top = top), (p._row = r + 1);
  else {
    (p._offs[r] = top - bytes), (gens[r] = g), (p._hole = -1);
    // [ block ][ rest of the hole, no row ][ live ] => [ block ][ bubble ][ live ]
    if (top < end) {
      (p._at = top), (p._next = r + 1), (p._gap = end - top);
      // the next alloc is faster without it
      if (!bound && !p.onmove) while (carry(p, r + 1, r + 1, top, end));
    }
  }
  finish(p);
  p._arm && p._arm();
  return (g << p._bits) | p._id | r;
}

/** Why there can be no block of `need` bytes, "" if there can; after three turns there is no room. */
function none(p: Pool, need: number, turns: number): Refusal {
  var s = stock(p);
  return s.live + s.retired === p._rows ? "HANDLES" : s.free < need || turns === 3 ? "FULL" : "";
}
