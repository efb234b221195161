// What an external pool says of itself, and its invariants (DESIGN.md has them under the same numbers).

import { drop } from "./block";
import { generations, pins } from "./check";
import { Stat } from "./stat";
import { bytes, end, Far, free, span, sweep } from "./table";

/** The pool in numbers. Throws BUSY. Cost: O(handles). */
export function stat(p: Far): Stat {
  var s = { used: 0, live: 0, retired: 0, largest: 0 } as Stat;
  sweep(p);
  for (var r = p._rows + 2; r--; ) {
    if (p._gaps[r] > s.largest) s.largest = p._gaps[r];
    if (r >= p._rows) continue;
    if (p._gens[r] > 0) s.live++, (s.used += bytes(p, r));
    else if (p._gens[r] === 1 - p._most) s.retired++;
  }
  s.largest *= p._unit;
  s.free = free(p) * p._unit;
  s.size = p._size;
  s.handles = p._rows;
  s.unit = p._unit;
  s.meta = p._gens.byteLength + p._ats.byteLength + p._gaps.byteLength + p._slack.byteLength + p._next.byteLength;
  s.moved = s.epoch = p.epoch;
  s.moves = p.moves;
  return s;
}

/** Frees every block, lock and hold; every handle is stale, and epoch changes. Generations go on counting. Throws BUSY. Cost: O(handles). */
export function reset(p: Far): void {
  if (p._log) p._log.reset(p);
  // one statement
  (p._pins = {}), (p._pinned = p._held = p._way = 0);
  for (var r = p._rows; r--; ) if (p._gens[r] > 0) drop(p, r);
  // one hole, as in the log
  sweep(p);
  // once no handle is live: who has seen this epoch need not ask again
  p.epoch++;
  p._calm = false;
}

/** "" or the number of the first broken invariant with its values. Throws BUSY. Cost: O(handles). */
export function check(p: Far): string {
  return table(p) || generations(p, "F2") || list(p) || flight(p) || pins(p, "F9");
}

function table(p: Far): string {
  var n = p._rows;
  if (p._gens[n] !== 1 || p._gens[n + 1] !== 1 || p._ats[n] * p._unit !== p._size) return "F1 rows " + n + ".. are " + p._gens[n] + ", " + p._gens[n + 1] + " at " + p._ats[n];
  return "";
}

function list(p: Far): string {
  var n = p._rows;
  var seen = new Uint8Array(n + 2);
  var top = 0;
  var o = n;
  do {
    if (seen[o]) return "F3 row " + o + " is twice in the list";
    seen[o] = 1;
    var gap = p._gaps[o];
    var next = p._ats[p._next[o]];
    if (gap > next - top) return "F4 the hole behind row " + o + " has " + gap + " units, the next row is at " + next;
    if (o === n ? end(p, n) : p._gens[o] <= 0 ? span(p, o) : bytes(p, o) <= 0 && o < n) return "F5 row " + o + " of generation " + p._gens[o] + " has " + bytes(p, o) + " bytes";
    top = next;
    o = p._next[o];
  } while (o !== n);
  for (var r = p._first, last = n; r !== n; last = r, r = p._next[r]) {
    if (seen[r] || p._gens[r] > 0 || p._gaps[r]) return "F6 spare row " + r + " of generation " + p._gens[r] + " has a hole of " + p._gaps[r] + ", seen " + seen[r];
    seen[r] = 1;
  }
  if (p._first !== n && last !== p._last) return "F6 the last spare row is " + last + ", not " + p._last;
  for (r = 0; r < n + 2; r++) if (!seen[r] && (p._gaps[r] || (r < n && p._gens[r] !== 1 - p._most))) return "F6 row " + r + " is in no list";
  if (seen[n + 1] !== (p._fly !== n && !p._slide ? 1 : 0)) return "F7 row " + p._fly + " flies, its copy is " + (seen[n + 1] ? "" : "not ") + "in the list";
  return "";
}

function flight(p: Far): string {
  var r = p._fly;
  if (r === p._rows) return p._slide || p._hand ? "F7 no row flies, a slide by " + p._slide : "";
  if (!(p._gens[r] > 0) || p._done >= bytes(p, r)) return "F7 row " + r + " of generation " + p._gens[r] + " flies, " + p._done + " bytes are copied";
  if (!p._slide && span(p, p._rows + 1) !== span(p, r)) return "F7 the copy of row " + r + " has " + span(p, p._rows + 1) + " units, not " + span(p, r);
  return p._pins[r] || p._held ? "F8 row " + r + " flies and may not move" : "";
}
