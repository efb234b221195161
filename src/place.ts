// Finding room: alloc, free, and what happens when the hole in hand is used up.
//
// Normally the hole in hand goes on through the blocks like a lift, up to the top and down again, and takes in
// every hole it meets. Under a lock, a pause or hold() the search plans first: it adds up neighbouring holes
// until they suffice, and moves nothing before it is certain that the request will fit.

import { base, bottom, dead, drain, gather, live, locked, rise, room, sink, start, stuck, take } from "./bubble";
import { Refusal, whole } from "./error";
import { begin, end, quit, refuse, used, wake } from "./gate";
import { find } from "./handle";
import { NONE, Pool } from "./pool";
import { stock } from "./stat";

/**
 * A handle to a new block of `bytes` bytes, its content undefined, or 0 with the reason in `why`:
 * SIZE (0, or more than the pool), FULL (bytes do not suffice), HANDLES (rows do not), FRAGMENTED (they
 * do, but `pause`, a lock or hold() forbids the moves). Throws ARGUMENT, BUSY. Cost: constant while the
 * hole in hand lasts, then the rows passed and the moves.
 */
export function alloc(this: Pool, bytes: number): number {
  var top;
  // one statement: nothing can come between its parts
  return (top = this._top + bytes) <= this._end && bytes >>> 0 === bytes && bytes && this._row < this._last
    ? ((this._offs[this._row] = (top = (top + this._unit) & this._even) - bytes),
      (this._gens[this._row] = this._pass),
      (this._offs[this._row + 1] = this._top = top),
      this._base + this._row++)
    : place(this, bytes);
}

/** Ends the block of `h`; 0 is ignored. Throws HANDLE, LOCK (it is locked), BUSY. Cost: constant. */
export function free(this: Pool, h: number): void {
  var r = h & this._mask;
  // one statement, as in alloc
  h > this._drop && ((this._gens[r] << this._bits) | r | this._id) === h ? (this._gens[r] = 0) : h === 0 || drop(this, h);
}

function drop(p: Pool, h: number): void {
  begin(p);
  var r = find(p, h);
  if (p._pins[r]) quit(p, "LOCK", p._pins[r] + " locks", 0);
  p._gens[r] = 0;
  // [ done ][ bubble ][ rest ] => [ hole ]
  if (p._next === r + 1) p._gap = 0;
  wake(p);
}

/** True when a row of the hole from `free` below `next` can be used: the last one only if its rest can rise as a bubble. */
function usable(p: Pool, free: number, next: number, rest: number): boolean {
  // in the last pass only rows that it has not used
  if (p._pass === p._most && free <= p._high) free = p._high + 1;
  return free < p._rows && free < next && (next - free > 1 || !rest || !(p._gap || locked(p, next)));
}

/**
 * Makes one hole of `need` bytes with a row to use by moving at most `limit` bytes in one place, and takes it
 * in hand. False: there is no such place. Cost: O(handles).
 */
function search(p: Pool, need: number, limit: number): boolean {
  var free = p._free;
  for (var laps = 0; laps < 2; laps++) {
    free = bottom(p, dead(p, free));
    var next = live(p, free);
    var sum = start(p, next) - start(p, free);
    var low = free;
    var cost = 0;
    while (sum < need || !usable(p, free, next, sum - need)) {
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
    if (next <= p._rows || (sum >= need && usable(p, free, next, 1))) {
      gather(p, low, free);
      take(p, free);
      return true;
    }
    free = 0;
  }
  return false;
}

/** alloc when the hole in hand does not do. */
function place(p: Pool, bytes: number): number {
  if (bytes >>> 0 !== bytes) whole(bytes);
  begin(p);
  if (!bytes || bytes > p._size) return refuse(p, "SIZE");
  var need = (bytes + p._unit) & p._even;
  var limit = p._held ? 0 : p._pause;
  if (limit === NONE && !p._pinned && p._pass < p._most) {
    var why = carry(p, need);
    if (why) return refuse(p, why);
  } else if (!search(p, need, settle(p))) {
    var s = stock(p);
    return refuse(p, s.live === p._rows || p._pass === p._most ? "HANDLES" : s.free < need ? "FULL" : "FRAGMENTED");
  }
  return fill(p, bytes, p._top + need);
}

/** Lets the bubble go on the way it came, to the next hole. */
function onwards(p: Pool): void {
  var low = p._way < 0 ? base(p, p._next) : 0;
  if (low) {
    sink(p, low);
    take(p, bottom(p, low));
  } else {
    p._way = 1;
    rise(p, NONE);
  }
}

/**
 * Lets the hole in hand go up and down through the blocks, taking in every hole it meets, until it has `need`
 * bytes. So holes and free rows stay together, and most requests move one or two blocks. Returns why not.
 */
function carry(p: Pool, need: number): Refusal {
  var near = p._near;
  var low;
  if (p._gap) onwards(p);
  else if (p._hole < 0) take(p, bottom(p, dead(p, p._free)));
  else {
    // rows filled since it was taken are not free, rows freed around it are
    if (p._row > p._free && p._row <= p._hole) p._free = p._row;
    if (!p._gens[p._hole + 1] || (p._free && !p._gens[p._free - 1])) take(p, bottom(p, p._free));
  }
  for (var turns = 0; turns < 3; ) {
    if (p._end - p._top >= need && p._free < p._rows) return "";
    if (near < 0) {
      // that was dear: is there room at all, and a cheaper place?
      near = NONE;
      var s = stock(p);
      if (s.live === p._rows) return "HANDLES";
      if (s.free < need) return "FULL";
      if (search(p, need, p._near)) return "";
    }
    near += p.moved;
    var turn = false;
    if (p._way < 0) {
      low = base(p, p._free);
      if (low) {
        if (p._top < p._end) {
          drain(p, p._free, p._end - p._top);
          sink(p, low);
        }
        take(p, bottom(p, low));
      } else turn = true;
    } else if (p._hole >= p._rows) turn = true;
    else if (p._top < p._end) {
      (p._at = p._top), (p._next = p._hole + 1), (p._gap = p._end - p._top), (p._hole = -1);
      rise(p, NONE);
    } else take(p, dead(p, p._hole + 1));
    if (turn) {
      p._way = -p._way;
      turns++;
    }
    near -= p.moved;
  }
  return stock(p).live === p._rows ? "HANDLES" : "FULL";
}

/** Lets the bubble rise to the next hole if `pause` and hold() allow it; returns what may still be moved. */
export function settle(p: Pool): number {
  var limit = p._held ? 0 : p._pause;
  if (!p._gap) return limit;
  return stuck(p, p._next) || start(p, dead(p, p._next)) - p._gap - p._at > limit ? 0 : limit - rise(p, NONE);
}

/** Puts a block of `bytes` bytes, ending at `top`, into a row of the hole in hand that this pass has not used. */
function fill(p: Pool, bytes: number, top: number): number {
  if (p._row > p._hole || (p._row === p._hole && p._row > p._free && p._pass < p._most)) {
    // a new pass: no row is used yet
    (p._low = NONE), (p._high = -1), (p._fresh = p._row = p._free), (p._base = (++p._pass << p._bits) | p._id);
  }
  var r = (p._fresh = p._row++);
  var h = p._base + r;
  p._offs[r] = top - bytes;
  p._gens[r] = p._pass;
  used(p);
  if (r < p._hole) p._offs[r + 1] = p._top = top;
  else if (top < p._end) {
    p._hole = -1;
    // [ block ][ rest of the hole, no row ][ live ] => [ block ][ bubble ][ live ]
    (p._at = top), (p._next = r + 1), (p._gap = p._end - top);
    // every call is faster without it
    if (p._pause === NONE && !p._pinned && !p._held && !p.onmove) onwards(p);
  } else take(p, dead(p, r));
  end(p);
  p._arm && p._arm();
  return h;
}
