// The one way data move. The hole in transit is a bubble: it rises through blocks that slide down, or
// sinks through blocks that jump up, and may stand still at any byte between two steps.
//
//   [ row 3 ][ hole ][ row 5 ][ row 6 ]   =>   [ row 3 ][ row 5 ][ row 6 ][ hole ]
//
//   _at     address of the bubble
//   _gap    its bytes, 0: there is none
//   _next   first row above it; row _next - 1 has it in its block or right behind, all others are regular

import { end } from "./gate";
import { NONE, Pool } from "./pool";
import { base, bottom, dead, live, room, start, stuck, take } from "./row";

/** Turns the hole whose first free row is `free` into the bubble. */
function lift(p: Pool, free: number): void {
  p._hole = -1;
  (p._at = start(p, free)), (p._next = live(p, free)), (p._gap = room(p, free));
}

/** Brings the rows in step with the bubble: those below it are low, those above it high. Returns _next. */
function match(p: Pool): number {
  var gens = p._gens;
  var offs = p._offs;
  while (gens[p._next] > 0 && start(p, p._next) < p._at + p._gap) offs[p._next++] -= p._gap;
  while (p._next && gens[p._next - 1] > 0 && start(p, p._next - 1) >= p._at) offs[--p._next] += p._gap;
  return p._next;
}

/** Makes a bubble above a free row, or at one, a hole again, and takes that in hand. */
function land(p: Pool): void {
  var next = p._next;
  if (next && p._gens[next - 1] <= 0) p._gap = 0;
  else if (p._gens[next] <= 0 && start(p, next) === p._at + p._gap) (p._offs[next] = p._at), (p._gap = 0);
  else return;
  take(p, bottom(p, next));
}

/** Ends a move that was cut off. */
export function mend(p: Pool): void {
  match(p);
  land(p);
}

/** Tells onmove of the blocks from row `r` below row `to`. */
export function tell(p: Pool, r: number, to: number): void {
  try {
    for (; r < to; r++) p.onmove!((p._gens[r] << p._bits) | r | p._id, start(p, r));
  } catch (error) {
    end(p);
    throw error;
  }
}

/** Moves the bubble by `n` bytes and the rows with it. */
function shift(p: Pool, n: number): number {
  var was = p._next;
  var gap = p._gap;
  var up = n > 0;
  var by = up ? n : -n;
  // the epoch first: who has looked up an address sees that it may change
  if (by) (p.epoch += by), p._store.move(up ? p._at : p._at + gap - by, up ? p._at + gap : p._at - by, by), (p._at += n);
  p._hole = -1;
  var next = match(p);
  p.moves += Math.abs(next - was);
  land(p);
  if (p.onmove) tell(p, Math.min(was, next), Math.max(was, next));
  return by;
}

/**
 * Lets the bubble rise over at most `most` bytes, to the next free row (there it is a hole again, in hand) or else to the
 * end of a block; into a block only where it can pass none, and not if `whole`. Returns bytes moved.
 */
export function rise(p: Pool, most: number, whole?: boolean): number {
  var next = p._next;
  var from = p._at + p._gap;
  var n = start(p, dead(p, next)) - from;
  if (n > most) {
    n = 0;
    for (var k; (k = start(p, next) - from) <= most; next++) n = k;
    if (!n && !whole) n = most & p._even;
  }
  return shift(p, n);
}

/**
 * Lets the bubble sink over at most `most` bytes, to the next free row or else to the start of a block, or into one
 * where it can pass none. Returns bytes moved.
 */
function sink(p: Pool, most: number): number {
  var low = base(p, p._next);
  var n = p._at - start(p, low);
  if (n > most) {
    for (low = p._next; (n = p._at - start(p, low - 1)) <= most; ) low--;
    n = low < p._next ? p._at - start(p, low) : most & p._even;
  }
  return shift(p, -n);
}

/** Lets the bubble go on its way over at most `most` bytes, as rise or sink. */
export function go(p: Pool, most: number, whole?: boolean): number {
  if (!base(p, p._next)) p._way = 1;
  return p._way > 0 ? rise(p, most, whole) : sink(p, most);
}

/** Lets the bubble leave the block it stands in. */
export function leave(p: Pool): void {
  rise(p, start(p, p._next) - p._gap - p._at);
}

/** Lets the bubble leave the block it stands in, if any, and its run, if that may move. */
export function clear(p: Pool): void {
  // a block allocated since may have joined its run to a locked one
  if (p._gap) stuck(p, p._next) ? leave(p) : rise(p, NONE);
}

/** Raises the hole at `free` until it is the one at `top`, or a bubble right before live row `top`. */
export function gather(p: Pool, free: number, top: number): void {
  while (free < top) {
    lift(p, free);
    free = Math.min(dead(p, p._next), top);
    if (p._gap) rise(p, start(p, free) - p._gap - p._at);
  }
}

/** Sinks `n` bytes of the hole at `free`, and all of the holes on its way, to right before live row `floor`, or into the hole there. */
function lower(p: Pool, free: number, floor: number, n: number): void {
  for (; free > floor; n = NONE) {
    n = Math.min(n, room(p, free));
    var low = Math.max(base(p, free), floor);
    if (n) {
      p._hole = -1;
      // [ live ][ hole ] => [ live ][ bubble ][ hole ]
      (p._next = free), (p._at = start(p, free)), (p._offs[free] = p._at + n), (p._gap = n);
      sink(p, p._at - start(p, low));
    }
    free = bottom(p, low);
  }
}

/**
 * Brings holes until `need` bytes lie between live row `r` and the next one: the nearest hole above first, then
 * from below. A bubble right behind the block becomes part of it. False: a lock, hold() or `limit` bytes to move
 * stand in the way.
 */
export function feed(p: Pool, r: number, need: number, limit: number): boolean {
  var f = r + 1;
  for (var lack; (lack = need + start(p, r) - start(p, live(p, f))) > 0; p._gap = 0) {
    var floor = live(p, f);
    var cost = 0;
    for (var free = floor, next = floor; next <= p._rows && !stuck(p, next) && (free === floor || !room(p, free)); next = live(p, free)) {
      free = dead(p, next);
      cost += start(p, free) - start(p, next);
    }
    if (free > floor && room(p, free) && cost <= limit) lower(p, free, floor, cost <= lack ? lack : NONE);
    else {
      free = f;
      do {
        next = base(p, free);
        if (!next || stuck(p, next)) return false;
        free = bottom(p, next);
      } while (!room(p, free));
      cost = start(p, f) - start(p, next);
      if (cost > limit) return false;
      gather(p, free, f);
    }
    limit -= cost;
  }
  return true;
}
