// Making room with few bytes moved. Two ways, the cheaper one is taken:
//
//   evacuate   [ A ][ hole ][ B ][ hole ][ C ][ hole ]    =>   [ A ][ hole           ][ C ][ B ]
//   slide      [ A ][ hole ][ B ][ hole ][ C ]            =>   [ A ][ B ][ hole      ][ C ]
//
// A window to evacuate begins or ends where a hole does, and is the one with the fewest bytes of blocks in it that all find room; they go, the largest
// first, each to the smallest hole outside that takes it. What comes after the block in flight is chosen when that has landed, so
// that an alloc or free in between makes nothing wrong.

import { launch } from "./flight";
import { NONE } from "./pool";
import { end, Far, span } from "./table";

/** True when no row from the one behind `o` up to row `to`, not included, is locked. */
function loose(p: Far, o: number, to: number): boolean {
  if (p._pinned) for (; (o = p._next[o]) !== to; ) if (p._pins[o]) return false;
  return true;
}

/** Owner of the smallest hole for `need` units outside units `from` to `to`, -1: there is none; `taken`: owners and the units they have given away. */
function outside(p: Far, need: number, from: number, to: number, taken: number[]): number {
  var best = -1;
  var most = NONE;
  for (var o = p._rows + 1; o--; ) {
    var room = p._gaps[o];
    // most holes are too small
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
function greatest(p: Far, low: number, from: number, to: number, seen: number[]): number {
  var best = -1;
  var most = 0;
  for (var r = p._next[low]; p._ats[r] < to; r = p._next[r]) {
    if (end(p, r) > from && span(p, r) > most && seen.indexOf(r) < 0) (most = span(p, r)), (best = r);
  }
  return best;
}

/** True when all blocks of a window find room outside. */
export function empties(p: Far, low: number, from: number, to: number): boolean {
  var seen: number[] = [];
  var taken: number[] = [];
  for (var r; (r = greatest(p, low, from, to, seen)) >= 0; ) {
    var o = outside(p, span(p, r), from, to, taken);
    if (o < 0) return false;
    seen.push(r);
    taken.push(o, span(p, r));
  }
  return true;
}

/** Windows looked at before blocks slide, with fit "best": 95 % full 0.360 bytes moved per byte asked for and 3,555 in the longest request, with one window 0.429 and 9,188. */
var LOOKS = 8;

/**
 * Finds the cheapest window of `need` units to evacuate that costs more than `floor`, and the cheapest run to slide: _low and _from, and
 * _under, _over and _cost, NONE: there is none. Returns the units in the window, NONE: there is none. Cost: O(live).
 */
function survey(p: Far, need: number, floor: number): number {
  var next = p._next;
  var ats = p._ats;
  var gaps = p._gaps;
  var n = p._rows;
  // Three rows follow o, each with the holes between in a sum: live units are a difference of addresses less those.
  //   [ o ][ hole | window ) ahead      behind ( window | ][ o ][ hole ]      [ low ][ hole ] run [ o ][ hole ]
  var ahead = next[n];
  var above = 0;
  var behind = n;
  var under = 0;
  var low = n;
  var sum = 0;
  var best = NONE;
  var o = n;
  p._cost = NONE;
  do {
    var x = next[o];
    var gap = gaps[o];
    var top = ats[x];
    var from = top - gap;
    if (gap) {
      for (; ahead !== n && ats[ahead] < from + need; ahead = next[ahead]) above += gaps[ahead];
      var cost = ats[ahead] - top - above;
      if (cost < best && cost > floor && from + need <= ats[n] && loose(p, o, ahead)) (best = cost), (p._low = o), (p._from = from);
      for (; end(p, next[behind]) <= top - need; under -= gaps[behind]) behind = next[behind];
      cost = from - ats[next[behind]] - under;
      if (cost < best && cost > floor && top >= need && loose(p, behind, x)) (best = cost), (p._low = behind), (p._from = top - need);
      for (sum += gap; sum - gaps[low] >= need; low = next[low]) sum -= gaps[low];
      cost = from - ats[next[low]] - sum + gaps[low] + gap;
      if (cost < p._cost && sum >= need && loose(p, low, x)) (p._cost = cost), (p._under = low), (p._over = o);
    }
    if (ahead === x) ahead = next[x];
    else above -= gaps[x];
    if (behind !== o) under += gap;
    o = x;
  } while (o !== n);
  return best;
}

/** Chooses how to make a hole of `need` units, by sliding only if `slide`. Returns the units to move, NONE: there is no way. Cost: O(handles), a few times. */
export function plan(p: Far, need: number, slide: boolean): number {
  var cost = slide ? NONE : -1;
  for (var left = p._near ? 1 : LOOKS; left-- && (cost = survey(p, need, cost)) < p._cost; ) {
    if (empties(p, p._low, p._from, p._from + need)) {
      (p._to = p._from + need), (p._way = 1);
      return (p._cost = cost);
    }
  }
  (p._low = p._under), (p._to = p._over), (p._way = p._cost < NONE ? 2 : 0);
  return p._cost;
}

/** Puts the next block that was planned to move in flight. False: there is none, or no room for it any more. */
export function depart(p: Far): boolean {
  var o = p._low;
  var r, at!: number;
  if (p._way < 1) return false;
  if (p._way > 1) {
    while (o !== p._to && !p._gaps[o]) o = p._next[o];
    r = o === p._to ? -1 : p._next[o];
    at = end(p, o);
  } else {
    r = greatest(p, o, p._from, p._to, []);
    if (r >= 0) o = outside(p, span(p, r), p._from, p._to, []);
    if (o < 0) r = -1;
    else if ((at = end(p, o)) >= p._from && at < p._to) at = p._to;
  }
  if (r < 0) return !!(p._way = 0);
  launch(p, r, o, at);
  return true;
}
