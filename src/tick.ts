// Compaction ahead of need, in steps.
//
// A tick works on the hole in hand only: while it is smaller than wanted, it rises as a bubble through the
// blocks above and takes in the next hole. At the end of the pool a new round begins at the start. A round
// in which nothing was freed leaves nothing to do.

import { dead, gather, lift, live, rise, start as address, stuck } from "./bubble";
import { whole } from "./error";
import { begin, end, recover } from "./gate";
import { settle, take } from "./place";
import { stock } from "./stat";
import { Pool, Threshold } from "./pool";

/**
 * Moves at most `budget` bytes (less than one unit: none) towards a hole of size / 8 or half of what is
 * free. Returns bytes moved, 0 when there is nothing to do. Throws ARGUMENT, BUSY. Cost: the bytes, and
 * O(rows passed).
 */
export function tick(this: Pool, budget: number): number {
  whole(budget, "budget");
  if (this._calm > 1) return 0;
  begin(this);
  var moved = 0;
  while (budget - moved > this._unit && !this._held && work(this)) {
    var top = dead(this, this._next);
    moved += rise(this, budget - moved);
    if (!this._gap) take(this, top);
  }
  end(this);
  return moved;
}

/** True when there is a bubble to raise, if need be a new one. */
function work(p: Pool): boolean {
  if (p._gap) return true;
  if (p._rule && !due(p, p._rule)) return false;
  if (p._hole < 0) take(p, dead(p, 0));
  while (p._end - p._top < p._want) {
    var next = p._hole + 1;
    if (!p._gens[next]) take(p, p._row);
    else if (next > p._rows) {
      if (round(p)) return false;
    } else if (p._top < p._end && !(p._pinned && stuck(p, next))) {
      var free = dead(p, next);
      // a hole that is large enough is taken as it is, and nothing goes where no row is left
      if (free < p._rows && address(p, live(p, free)) - address(p, free) < p._want) {
        lift(p, p._row, next);
        return true;
      }
      take(p, free);
    } else take(p, dead(p, next));
  }
  return false;
}

/** Begins a round at the start of the pool; true when nothing was freed in the last one. */
function round(p: Pool): boolean {
  if (p._calm++) return true;
  // now all that was free when the round began is in hand
  p._want = Math.min(p._size >> 3, (p._end - p._top) >> 1);
  take(p, dead(p, 0));
  return false;
}

function due(p: Pool, rule: Threshold): boolean {
  var s = stock(p);
  return (
    (rule.used === undefined && rule.handles === undefined) ||
    s.used >= rule.used! * p._size ||
    s.live >= rule.handles! * p._rows
  ) && s.free - s.largest >= (rule.least || 0) * p._size;
}

/** Moves every block that is not locked down, at once; nothing during hold(). Returns bytes moved. Throws BUSY. Cost: O(used). */
export function pack(this: Pool): number {
  begin(this);
  var before = this.moved;
  if (this._gap) settle(this, Infinity);
  for (var free = dead(this, 0), next; !this._held && (next = live(this, free)) <= this._rows; ) {
    var top = dead(this, next);
    if (!(this._pinned && stuck(this, next))) gather(this, free, top);
    free = top;
  }
  take(this, free);
  end(this);
  return this.moved - before;
}

/**
 * Ticks with `budget` bytes every `ms` milliseconds while there is something to do: the timer stops when a
 * tick has moved nothing, and is set again by alloc, free, resize and unlock. Throws ARGUMENT.
 */
export function start(this: Pool, ms: number, budget: number): void {
  var p = this;
  whole(ms, "milliseconds");
  whole(budget, "budget");
  stop.call(p);
  p._arm = function () {
    if (p._ticking) return;
    p._ticking = true;
    p._timer = p._clock.set(function () {
      recover(p);
      if (!tick.call(p, budget)) rest(p);
    }, ms);
    end(p);
  };
  p._arm();
}

/** Ends what start() began. */
export function stop(this: Pool): void {
  this._arm = undefined;
  rest(this);
}

function rest(p: Pool): void {
  if (p._ticking) p._clock.clear(p._timer);
  p._ticking = false;
  if (!p._busy) end(p);
}
