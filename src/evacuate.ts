// Making room with few bytes moved. Two ways, the cheaper one is taken:
//
//   evacuate   [ A ][ hole ][ B ][ hole ][ C ][ hole ]    =>   [ A ][ hole           ][ C ][ B ]
//   slide      [ A ][ hole ][ B ][ hole ][ C ]            =>   [ A ][ B ][ hole      ][ C ]
//
// A window to evacuate begins or ends where a hole does, and has the fewest bytes of blocks in it; its blocks go, the largest
// first, each to the smallest hole outside that takes it. What comes after the block in flight is chosen when that has landed, so
// that an alloc or free in between makes nothing wrong.

import { launch } from "./flight";
import { end, Far, PLACES, span } from "./table";

/** More than any pool has units: the cost of what may not move. */
var DEAR = 0x7fffffff;

/** Units to move for row `r`. */
function weight(p: Far, r: number): number {
  return p._pins[r] ? DEAR : span(p, r);
}

/** Enters a window of units from `from` on behind row `low` that costs `cost` among the cheapest. */
function enter(p: Far, cost: number, low: number, from: number): void {
  var costs = p._costs;
  if (cost >= costs[PLACES - 1]) return;
  for (var i = PLACES - 1; i && costs[i - 1] > cost; i--) (costs[i] = costs[i - 1]), (p._lows[i] = p._lows[i - 1]), (p._froms[i] = p._froms[i - 1]);
  (costs[i] = cost), (p._lows[i] = low), (p._froms[i] = from);
}

/**
 * Looks for the cheapest windows of `need` units to evacuate, and for the cheapest run to slide: _low, _to (the rows
 * before and at its end) and _cost, DEAR where there is none. Cost: O(live).
 */
function survey(p: Far, need: number): void {
  var next = p._next;
  var ats = p._ats;
  var gaps = p._gaps;
  var n = p._rows;
  var size = ats[n];
  // [ o ][ hole ][ window up to row `ahead` ),  ( row `behind` .. window ][ o ][ hole ],  [ low ][ hole ] run [ o ][ hole ]
  var ahead = next[n];
  var inside = 0;
  var behind = n;
  var under = 0;
  var low = n;
  var run = 0;
  var sum = 0;
  var i;
  for (i = PLACES; i--; ) p._costs[i] = DEAR;
  p._cost = DEAR;
  var o = n;
  do {
    if (o !== n) {
      i = weight(p, o);
      (under += i), (run += i);
      // the block itself is not in the window that begins behind it
      if (ahead === o) ahead = next[o];
      else inside -= i;
    }
    if (gaps[o]) {
      var from = end(p, o);
      while (ahead !== n && ats[ahead] < from + need) (inside += weight(p, ahead)), (ahead = next[ahead]);
      if (from + need <= size) enter(p, inside, o, from);
      from = ats[next[o]] - need;
      while (behind !== o && end(p, next[behind]) <= from) under -= weight(p, (behind = next[behind]));
      if (from >= 0) enter(p, under, behind, from);
      sum += gaps[o];
      while (sum - gaps[low] >= need) (sum -= gaps[low]), (run -= weight(p, (low = next[low])));
      if (sum >= need && run < p._cost) (p._cost = run), (p._low = low), (p._to = o);
    }
    o = next[o];
  } while (o !== n);
}

/** Owner of the smallest hole for `need` units outside units `from` to `to`, -1: there is none; `taken`: owners and the units they have given away. */
function outside(p: Far, need: number, from: number, to: number, taken: number[]): number {
  var best = -1;
  var most = DEAR;
  for (var o = p._rows + 1; o--; ) {
    var room = p._gaps[o];
    if (room < need) continue;
    var at = end(p, o);
    var top = at + room;
    if (at >= from && at < to) at = to;
    else if (at < from && top > from) top = from;
    for (var i = 0; i < taken.length; i += 2) if (taken[i] === o) at += taken[i + 1];
    room = top - at;
    if (room >= need && room < most) (most = room), (best = o);
  }
  return best;
}

/** The largest block of the window that is not among `seen`, -1: there is none. */
function largest(p: Far, low: number, from: number, to: number, seen: number[]): number {
  var best = -1;
  var most = 0;
  for (var r = p._next[low]; r !== p._rows && p._ats[r] < to; r = p._next[r]) {
    if (end(p, r) > from && span(p, r) > most && seen.indexOf(r) < 0) (most = span(p, r)), (best = r);
  }
  return best;
}

/** True when all blocks of a window find room outside. */
export function empties(p: Far, low: number, from: number, to: number): boolean {
  var seen: number[] = [];
  var taken: number[] = [];
  for (var r; (r = largest(p, low, from, to, seen)) >= 0; ) {
    var o = outside(p, span(p, r), from, to, taken);
    if (o < 0) return false;
    seen.push(r);
    taken.push(o, span(p, r));
  }
  return true;
}

/** Chooses how to make a hole of `need` units, by sliding only if `slide`. Returns the units to move, DEAR or more: there is no way. Cost: O(live), a few times. */
export function plan(p: Far, need: number, slide: boolean): number {
  survey(p, need);
  p._way = 2;
  for (var i = 0; i < PLACES && p._costs[i] < p._cost && !slide; i++) {
    var from = p._froms[i];
    if (empties(p, p._lows[i], from, from + need)) (p._low = p._lows[i]), (p._from = from), (p._to = from + need), (p._cost = p._costs[i]), (p._way = 1);
  }
  if (p._cost >= DEAR) p._way = 0;
  return p._cost;
}

/** Puts the next block that was planned to move in flight. False: there is none, or no room for it any more. */
export function depart(p: Far): boolean {
  var o = p._low;
  var r, at;
  if (p._way < 1) return false;
  if (p._way > 1) {
    while (o !== p._to && !p._gaps[o]) o = p._next[o];
    r = o === p._to ? -1 : p._next[o];
    at = end(p, o);
  } else {
    r = largest(p, o, p._from, p._to, []);
    if (r >= 0) o = outside(p, span(p, r), p._from, p._to, []);
    if (o < 0) r = -1;
    else if ((at = end(p, o)) >= p._from && at < p._to) at = p._to;
  }
  if (r < 0) return !!(p._way = 0);
  launch(p, r, o, at!);
  return true;
}
