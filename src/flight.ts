// Moving one block, in steps. Every byte has one home at any time.
//
// To a hole: the block stays where it is until all of it is copied; what is written meanwhile to bytes already copied is
// written to both places.
//
//   [ row r ] ... [ row rows + 1: copied | to be copied ]
//
// By less than its length, d units down or up: byte i is at its new place once it is copied, from the first on down, from the last on up.
//
//   down   [ copied | d ][ to be copied ]      up   [ to be copied ][ d | copied ]

import { before, bytes, end, Far, link, span, unlink } from "./table";

/** Starts to move row `r` to unit `at` of the hole behind row `o`. */
export function launch(p: Far, r: number, o: number, at: number): void {
  var by = p._ats[r] - at;
  var slides = (by < 0 ? -by : by) < span(p, r);
  if (p._log) slides ? p._log.slide(p, r, by) : p._log.hole(p, end(p, o), p._gaps[o], at, span(p, r));
  p._done = 0;
  // one statement each
  if (!slides) (p._fly = r), link(p, p._rows + 1, o, at, span(p, r));
  else if (by > 0) (p._ats[r] = at), (p._gaps[o] -= by), (p._slide = by), (p._fly = r);
  else (p._gaps[r] += by), (p._slide = by), (p._fly = r);
}

/** Copies at most `budget` bytes of the block in flight, and no more than a chunk. Returns how many. Throws what the store throws; the next step then goes on. */
export function step(p: Far, budget: number): number {
  var r = p._fly;
  var by = p._slide * p._unit;
  var left = bytes(p, r) - p._done;
  var n = Math.min(budget, left, by ? p._slice : p._chunk);
  var at = p._ats[r] * p._unit + p._head + (by < 0 ? left - n : p._done);
  if (by) {
    // kept until it is written: after a cut in between, the bytes it came from may be overwritten
    if (!p._hand) p._hand = p._store.read(by < 0 ? at : at + by, n);
    else if (n !== p._hand.length) return step(p, (n = p._hand.length));
    if (by < 0) at -= by;
    p._log ? p._log.slice(p, at, p._hand) : p._store.write(at, p._hand), (p._done += n), (p.epoch += n), (p._hand = undefined);
  } else p._store.move(p._ats[p._rows + 1] * p._unit + p._head + p._done, at, n), (p._done += n), (p.epoch += n);
  if (n === left) land(p);
  return n;
}

/** Ends a flight: the block is where it was to go. */
function land(p: Far): void {
  var r = p._fly;
  var by = p._slide;
  var copy = p._rows + 1;
  var low = before(p, r);
  var o = by ? low : before(p, copy);
  if (o === r) o = low;
  if (p._log) p._log.land(p, r);
  // one statement: before it the block is at the old place, after it at the new one
  if (by > 0) (p._gaps[r] += by), (p._slide = 0), (p._fly = p._rows);
  else if (by) (p._ats[r] -= by), (p._gaps[low] -= by), (p._slide = 0), (p._fly = p._rows);
  else (p._gaps[low] += p._ats[p._next[r]] - p._ats[r]), (p._next[low] = p._next[r]), (p._ats[r] = p._ats[copy]), (p._gaps[r] = p._gaps[copy]), (p._next[r] = p._next[copy]), (p._next[o] = r), (p._gaps[copy] = 0), (p._fly = p._rows);
  p.moves++;
  if (p.onmove) p.onmove((p._gens[r] << p._bits) | r | p._id, p._ats[r] * p._unit + p._head);
}

/** Lets the block in flight, if any, stay where it is; one that slides goes on. */
export function cancel(p: Far): void {
  if (p._slide) return;
  var o = p._rows;
  var n = o;
  // the row may not be in the list yet, after a cut
  do if (p._next[o] === n + 1) unlink(p, n + 1, o);
  while ((o = p._next[o]) !== n);
  p._fly = n;
}

/** Brings what a cut left of a flight in order: a slide that has arrived ends, a copy is given up. */
export function mend(p: Far): void {
  if (!p._slide) cancel(p);
  else if (!p._torn && p._done === bytes(p, p._fly)) land(p);
}

/** Lets the block in flight, if any, arrive. */
export function finish(p: Far): void {
  while (p._fly !== p._rows) step(p, p._chunk);
}

/** Ends a flight at once: a slide goes on to its end, another is given up. */
export function settle(p: Far): void {
  if (p._slide) finish(p);
  else if (p._fly !== p._rows) cancel(p);
}

/** Address of bytes `at` to `at + n` of row `r`: a slide goes on until they are in one piece. */
export function address(p: Far, r: number, at: number, n: number): number {
  return r === p._fly && p._slide ? crawl(p, r, at, n) : p._ats[r] * p._unit + p._head + at;
}

/** The address in a block that slides. */
function crawl(p: Far, r: number, at: number, n: number): number {
  var by = p._slide * p._unit;
  var edge = by > 0 ? p._done : bytes(p, r) - p._done;
  if (p._hand || (at < edge && at + n > edge)) return step(p, p._chunk), address(p, r, at, n);
  // below the edge is the new place of a block that goes down, the old one of a block that goes up
  return p._ats[r] * p._unit + p._head + at + (at < edge ? 0 : Math.abs(by));
}
