// What the rows say: where blocks and holes are, which of them may move, and which hole is in hand.

import { Pool } from "./pool";

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
  var top = live(p, free);
  (p._row = free), (p._hole = top - 1), (p._top = start(p, free)), (p._end = start(p, top));
}

/** Takes in hand what was freed around the hole there, or the next hole if none is. */
export function regain(p: Pool): void {
  take(p, bottom(p, dead(p, p._row)));
}
