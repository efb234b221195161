// The one way data move. The hole in transit is a bubble: it rises through blocks that slide down,
// or sinks through blocks that jump up, and may stand still at any byte between two steps.
//
//   [ row 3 ][ hole ][ row 5 ][ row 6 ]   =>   [ row 3 ][ row 5 ][ row 6 ][ hole ]
//
//   _at     address of the bubble
//   _gap    its bytes, 0: there is none
//   _next   first row above it; row _next - 1 has it in its block or right behind, all others are regular

import { Pool } from "./pool";

/** First row from `r` up that is free. */
export function dead(p: Pool, r: number): number {
  var gens = p._gens;
  while (gens[r]) r++;
  return r;
}

/** First row from `r` up that is live. */
export function live(p: Pool, r: number): number {
  var gens = p._gens;
  while (!gens[r]) r++;
  return r;
}

/** Address of row `r`. */
export function start(p: Pool, r: number): number {
  return p._offs[r] & p._even;
}

/** True when one of the rows from live row `r` up to the next free one is locked. Cost: rows, and locked rows. */
export function stuck(p: Pool, r: number): boolean {
  var to = dead(p, r);
  for (var pin in p._pins) if (+pin >= r && +pin < to) return true;
  return false;
}

/** Turns the hole between free row `free` and live row `next` into the bubble. */
export function lift(p: Pool, free: number, next: number): void {
  p._hole = -1;
  (p._at = start(p, free)), (p._next = next), (p._gap = start(p, next) - p._at);
}

/** Copies `n` bytes across the bubble, then gives the rows it has passed their new address. */
function carry(p: Pool, to: number, from: number, n: number, at: number): void {
  if (n) {
    p._store.move(to, from, n), (p._at = at);
    p.moved += n;
    p.epoch++;
  }
  cross(p);
}

/** Brings the rows in step with the bubble: every row below it low, every row above it high. */
export function cross(p: Pool): void {
  var offs = p._offs;
  var gens = p._gens;
  while (p._next && gens[p._next - 1] && start(p, p._next - 1) >= p._at) {
    offs[--p._next] += p._gap;
    told(p, p._next);
  }
  while (gens[p._next] && start(p, p._next) < p._at + p._gap) {
    offs[p._next++] -= p._gap;
    told(p, p._next - 1);
  }
}

function told(p: Pool, r: number): void {
  p.moves++;
  if (p.onmove) p.onmove((p._gens[r] << p._bits) | p._id | r, start(p, r));
}

/** Lets the bubble rise over at most `most` bytes, or to the next free row, where it is a hole again. Returns bytes moved. */
export function rise(p: Pool, most: number): number {
  var top = dead(p, p._next);
  var n = start(p, top) - p._gap - p._at;
  if (n > most) n = most & p._even;
  carry(p, p._at, p._at + p._gap, n, p._at + n);
  if (p._next === top && start(p, top) === p._at + p._gap) {
    p._hole = -1;
    (p._offs[top] = p._at), (p._gap = 0);
  }
  return n;
}

/** Lets the bubble sink to the next free row below, or to row `floor`, where it stays a bubble. Slices never overlap. */
export function sink(p: Pool, floor: number): void {
  var low = p._next;
  while (low > floor && p._gens[low - 1]) low--;
  while (p._next > low) {
    var n = Math.min(p._at - start(p, low), p._gap);
    carry(p, p._at + p._gap - n, p._at - n, n, p._at - n);
  }
  if (!p._gens[low - 1]) p._gap = 0;
}

/** First free row of the hole at the end of the pool. */
export function tail(p: Pool): number {
  var free = p._rows;
  while (free && !p._gens[free - 1]) free--;
  return free;
}

/** Raises the hole from free row `free` until it is the one at `top`, with all bytes in between. */
export function gather(p: Pool, free: number, top: number): void {
  while (free < top) {
    lift(p, free, live(p, free));
    free = dead(p, p._next);
    if (p._gap) rise(p, Infinity);
  }
}

/**
 * Sinks `room` bytes of the hole from free row `free`, and all of the holes on its way, to live row
 * `floor`: into the hole below it, or a bubble right before it.
 */
export function lower(p: Pool, free: number, floor: number, room: number): void {
  while (free > floor) {
    p._hole = -1;
    p._next = free;
    p._at = start(p, free);
    room = Math.min(room, start(p, live(p, free)) - p._at);
    // [ live ][ hole ] => [ live ][ bubble ][ hole ]
    (p._offs[free] = p._at + room), (p._gap = room);
    if (room) sink(p, floor);
    free = p._next;
    while (free > floor && p._gens[free - 1]) free--;
    while (free > floor && !p._gens[free - 1]) free--;
    room = Infinity;
  }
}
