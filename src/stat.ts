// What a pool says of itself.

import { begin, end } from "./gate";
import { start, live, dead } from "./bubble";
import { take } from "./place";
import { Pool } from "./pool";

export interface Stock {
  /** Bytes of payload: what was asked for and is live. */
  used: number;
  /** Free bytes, wherever they are. */
  free: number;
  /** Bytes of the largest hole. */
  largest: number;
  /** Live blocks. */
  live: number;
}

export interface Stat extends Stock {
  /** Bytes of the pool. */
  size: number;
  /** Most blocks at a time. */
  handles: number;
  /** Free rows whose generations are used up. Never falls. */
  retired: number;
  /** Bytes of bookkeeping outside the pool. */
  meta: number;
  /** Bytes moved so far. Never falls. */
  moved: number;
  /** Blocks moved so far. Never falls. */
  moves: number;
  /** Changes whenever anything moved. */
  epoch: number;
  /** Calls of alloc and resize that had to move blocks first. Never falls. */
  waits: number;
  /** Most bytes one call has moved. Never falls. */
  longest: number;
  /** Refusals so far, by code. */
  refused: { [code: string]: number };
}

/** Counts the pool. Cost: O(handles). */
export function stock(p: Pool): Stock {
  var s = { used: 0, free: p._gap, largest: p._gap, live: 0 };
  for (var r = dead(p, 0), from = 0, hole; ; r = dead(p, (from = live(p, r)))) {
    for (; from < r; from++) {
      s.live++;
      s.used += start(p, from + 1) - p._offs[from];
    }
    hole = start(p, live(p, r)) - start(p, r);
    s.free += hole;
    if (hole > s.largest) s.largest = hole;
    if (live(p, r) > p._rows) break;
  }
  s.used -= p._gap;
  return s;
}

/** The pool in numbers. Throws BUSY. Cost: O(handles). */
export function stat(this: Pool): Stat {
  begin(this);
  var s = stock(this) as Stat;
  s.size = this._size;
  s.handles = this._rows;
  s.retired = 0;
  if (this._pass === this._most) for (var r = this._row; r--; ) if (!this._gens[r]) s.retired++;
  s.meta = (this._rows + 2) * ((this._most > 65535 ? 4 : 2) + (this._size > 65535 ? 4 : 2));
  s.moved = this.moved;
  s.moves = this.moves;
  s.epoch = this.epoch;
  s.waits = this._waits;
  s.longest = this._longest;
  s.refused = this._refused;
  end(this);
  return s;
}

/** Frees every block, lock and hold; every handle is stale. Passes go on counting. Throws BUSY. Cost: O(handles). */
export function reset(this: Pool): void {
  begin(this);
  this._gap = this._pinned = this._held = this._calm = 0;
  this._pins = {};
  for (var r = this._rows; r--; ) this._gens[r] = 0;
  this._offs[0] = 0;
  this.epoch++;
  take(this, 0);
  end(this);
}
