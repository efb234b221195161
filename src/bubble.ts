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

/** First free row from `r` up. */
export function dead(p: Pool, r: number): number {
  for (var gens = p._gens; gens[r] > 0; ) r++;
  return r;
}

/** First live row from `r` up. */
export function live(p: Pool, r: number): number {
  for (var gens = p._gens; gens[r] <= 0; ) r++;
  return r;
}

/** First row of the run of live rows under `r`. */
export function base(p: Pool, r: number): number {
  while (r && p._gens[r - 1] > 0) r--;
  return r;
}

/** First row of the run of free rows under `r`. */
export function bottom(p: Pool, r: number): number {
  while (r && p._gens[r - 1] <= 0) r--;
  return r;
}

/** Address of row `r`. */
export function start(p: Pool, r: number): number {
  return p._offs[r] & p._even;
}

/** Bytes of the hole whose first free row is `free`; 0 for a live row. */
export function room(p: Pool, free: number): number {
  return start(p, live(p, free)) - start(p, free);
}

/** True when a row of the run of live rows from `r` is locked. Cost: rows, and locked rows. */
export function locked(p: Pool, r: number): boolean {
  if (p._pinned) {
    var top = dead(p, r);
    for (var pin in p._pins) if (+pin >= r && +pin < top) return true;
  }
  return false;
}

/** True when the run of live rows from `r` may not move. */
export function stuck(p: Pool, r: number): boolean {
  return p._held > 0 || locked(p, r);
}

/** Takes the hole whose first free row is `free` in hand. */
export function take(p: Pool, free: number): void {
  // none in hand until all of it is
  p._hole = -1;
  p._row = free;
  p._top = p._offs[free] & p._even;
  while (p._gens[++free] <= 0);
  p._end = p._offs[free] & p._even;
  p._hole = free - 1;
}

/** Takes in hand what was freed around the hole there, or the next hole if none is. */
export function regain(p: Pool): void {
  var r = p._row;
  if (r > p._hole || p._gens[p._hole + 1] <= 0 || (r && p._gens[r - 1] <= 0)) take(p, bottom(p, dead(p, r)));
}

/** Turns the hole whose first free row is `free` into the bubble. */
export function lift(p: Pool, free: number): void {
  p._hole = -1;
  (p._at = start(p, free)), (p._next = live(p, free)), (p._gap = room(p, free));
}

/** Brings the rows in step with the bubble: those below it are low, those above it high. Above a free row, or at one, it is a hole again. */
export function mend(p: Pool): void {
  var gens = p._gens;
  var offs = p._offs;
  while (gens[p._next] > 0 && start(p, p._next) < p._at + p._gap) offs[p._next++] -= p._gap;
  while (gens[p._next - 1] > 0 && start(p, p._next - 1) >= p._at) offs[--p._next] += p._gap;
  var top = p._next;
  if (gens[top] <= 0 && start(p, top) === p._at + p._gap) {
    (offs[top] = p._at), (p._gap = 0);
    take(p, top);
  } else if (!(gens[top - 1] > 0)) p._gap = 0;
}

/** Tells onmove of the blocks from row `r` below row `to`. */
function tell(p: Pool, r: number, to: number): void {
  try {
    for (; r < to; r++) p.onmove!((p._gens[r] << p._bits) | r | p._id, start(p, r));
  } catch (error) {
    end(p);
    throw error;
  }
}

/**
 * Lets the bubble rise over at most `most` bytes, to the next free row (there it is a hole again, in hand) or else to the
 * end of a block; into a block only where it can pass none, and not if `whole`. Returns bytes moved.
 * Written out, because on Espruino a call costs as much as moving 100 bytes.
 */
export function rise(p: Pool, most: number, whole?: boolean): number {
  var gens = p._gens;
  var offs = p._offs;
  var gap = p._gap;
  var at = p._at;
  var was = p._next;
  var top = was;
  var next = was;
  while (gens[top] > 0) top++;
  var n = (offs[top] & p._even) - gap - at;
  p._hole = -1;
  var cut = n > most;
  if (cut) {
    for (n = 0; (top = (offs[next] & p._even) - gap - at) <= most; next++) n = top;
    if (!n && !whole) n = most & p._even;
  }
  if (n) p._store.move(at, at + gap, n), (p._at = at += n), (p.moved += n), p.epoch++;
  if (cut) mend(p);
  else {
    while (next < top) (offs[next] -= gap), (p._next = ++next);
    (offs[top] = at), (p._gap = 0), (p._row = top), (p._top = at);
    while (gens[++next] <= 0);
    (p._end = offs[next] & p._even), (p._hole = next - 1);
  }
  p.moves += p._next - was;
  if (p.onmove) tell(p, was, p._next);
  return n;
}

/**
 * Lets the bubble sink to right before row `low`, a live row below it, or over at most `most` bytes to the start of
 * a block, or into one where it can pass none. Above a free row it is a hole again, in hand. Returns bytes moved.
 */
export function sink(p: Pool, low: number, most: number): number {
  var gens = p._gens;
  var offs = p._offs;
  var gap = p._gap;
  var next = p._next;
  var was = next;
  var at = offs[low] & p._even;
  var n = p._at - at;
  if (n > most) {
    for (low = next; (n = p._at - start(p, low - 1)) <= most; ) low--;
    n = low < next ? p._at - start(p, low) : most & p._even;
    at = p._at - n;
  }
  p._hole = -1;
  if (n) p._store.move(at + gap, at, n), (p._at = at), (p.moved += n), p.epoch++;
  while (next > low) (offs[--next] += gap), (p._next = next);
  p.moves += was - low;
  if (gens[low - 1] <= 0) {
    p._gap = 0;
    for (--next; next && gens[next - 1] <= 0; ) next--;
    (p._row = next), (p._top = offs[next] & p._even), (p._end = at + gap), (p._hole = low - 1);
  }
  if (p.onmove) tell(p, low, was);
  return n;
}

/** Lets the bubble go on its way over at most `most` bytes, as rise or sink. */
export function go(p: Pool, most: number, whole?: boolean): number {
  var low = base(p, p._next);
  if (!low) p._way = 1;
  return p._way > 0 ? rise(p, most, whole) : sink(p, low, most);
}

/** Lets the bubble leave the block it stands in, if any, and its run, if that may move. */
export function clear(p: Pool): void {
  if (p._gap && !stuck(p, p._next)) rise(p, NONE);
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
export function lower(p: Pool, free: number, floor: number, n: number): void {
  for (; free > floor; n = NONE) {
    n = Math.min(n, room(p, free));
    var low = Math.max(base(p, free), floor);
    if (n) {
      p._hole = -1;
      // [ live ][ hole ] => [ live ][ bubble ][ hole ]
      (p._next = free), (p._at = start(p, free)), (p._offs[free] = p._at + n), (p._gap = n);
      sink(p, low, NONE);
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
