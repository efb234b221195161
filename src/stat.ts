// What a pool says of itself.

import { begin } from "./entry";
import { end } from "./gate";
import { Refusal } from "./error";
import { Pool } from "./pool";
import { start, take } from "./row";

export interface Stat {
  /** Bytes of payload: what was asked for and is live. */
  used: number;
  /** Free bytes, wherever they are. */
  free: number;
  /** Bytes of the largest hole. */
  largest: number;
  /** Live blocks. */
  live: number;
  /** Bytes of the pool. */
  size: number;
  /** Most blocks at a time. */
  handles: number;
  /** Bytes of a unit: blocks begin and end at multiples of it. */
  unit: number;
  /** Free rows whose generations are used up. */
  retired: number;
  /** Bytes of bookkeeping outside the pool. */
  meta: number;
  /** Bytes moved so far, and 1 for each reset(). Never falls. */
  moved: number;
  /** Blocks moved so far. Never falls. */
  moves: number;
  /** Changes whenever anything moved, and in reset(). */
  epoch: number;
}

/** Counts the pool. Cost: O(handles). */
export function stock(p: Pool): Stat {
  // locals, because every row is read
  var gens = p._gens;
  var offs = p._offs;
  var even = p._even;
  var worn = 1 - p._most;
  // the row behind the last one counts as used up
  var s = { used: 0, free: p._gap, largest: p._gap, live: 0, retired: -1 } as Stat;
  for (var r = 0, used = 0 - p._gap, live = 0; r <= p._rows; ) {
    for (; gens[r] > 0; live++) used -= offs[r] - (offs[++r] & even);
    var hole = -(offs[r] & even);
    for (; gens[r] <= 0; r++) if (gens[r] === worn) s.retired++;
    hole += offs[r] & even;
    s.free += hole;
    if (hole > s.largest) s.largest = hole;
  }
  s.used = used;
  s.live = live;
  return s;
}

/** Free bytes; -1 when no row is left for a block. Cost: O(handles). */
export function spare(p: Pool): number {
  var gens = p._gens;
  var free = p._gap;
  var row = false;
  for (var r = 0; r <= p._rows; free += start(p, r)) {
    while (gens[r] > 0) r++;
    free -= start(p, r);
    for (; gens[r] <= 0; r++) if (gens[r] > 1 - p._most) row = true;
  }
  return row ? free : -1;
}

/** Why there can be no block of `need` bytes, "" if there can. Cost: O(handles). */
export function none(p: Pool, need: number): Refusal {
  var free = spare(p);
  return free < 0 ? "HANDLES" : free < need ? "FULL" : "";
}

/** The pool in numbers. Throws BUSY. Cost: O(handles). */
export function stat(this: Pool): Stat {
  var p = this;
  begin(p);
  var s = stock(p);
  s.size = p._size;
  s.handles = p._rows;
  s.unit = p._unit + 1;
  s.meta = (p._rows + 2) * ((p._most > 32767 ? 4 : 2) + (p._size > 65535 ? 4 : 2));
  s.moved = p.epoch;
  s.moves = p.moves;
  s.epoch = p.epoch;
  end(p);
  return s;
}

/** Frees every block, lock and hold; every handle is stale, and epoch changes. Generations go on counting. Throws BUSY. Cost: O(handles). */
export function reset(this: Pool): void {
  var p = this;
  begin(p);
  // one statement; the bubble later, because a call that is cut off leaves blocks
  (p._pins = {}), (p._pinned = p._held = 0);
  for (var r = p._rows; r--; ) if (p._gens[r] > 0) p._gens[r] = 1 - p._gens[r];
  p._gap = p._offs[0] = 0;
  take(p, 0);
  // once no handle is live: who has seen this epoch need not ask again
  p.epoch++;
  end(p);
}
