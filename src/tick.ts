// Compaction ahead of need, in steps.
//
// A tick works on the hole in hand only: while it is smaller than wanted, it rises as a bubble through the
// blocks above and takes in the next hole. At the end of the pool a new round begins at the start. A round
// in which nothing was freed leaves nothing to do.

import { clear, gather, go } from "./bubble";
import { begin, recover } from "./entry";
import { whole } from "./error";
import { bound, end } from "./gate";
import { down, up } from "./place";
import { Pool } from "./pool";
import { base, dead, live, locked, regain, start as address, stuck, take } from "./row";
import { spare, Stat, stock } from "./stat";

/**
 * Moves at most `budget` bytes (less than one unit: none) towards a hole of size / 8 or half of what is
 * free. Returns bytes moved, 0 when there is nothing to do. Throws ARGUMENT, BUSY. Cost: the bytes, and
 * the rows passed.
 */
export function tick(this: Pool, budget: number): number {
  // the rest of the work elsewhere, because Espruino reads a function to its end
  return this._calm > 1 && budget >>> 0 === budget ? 0 : beat(this, budget);
}

function beat(p: Pool, budget: number): number {
  whole(budget);
  begin(p);
  // after an alloc one step will do: it may soon be followed by others
  var once = p._seen !== p._top;
  if (p._gap && !once) p._way = p._trip;
  // a first one may only turn, or join what was freed
  var n = once && !bound(p) && (!p._rule || due(p, stock(p))) && (ahead(p, budget) || ahead(p, budget));
  if (!n) {
    n = step(p, budget, once);
    p._trip = p._way;
    // the rows that the bubble has just passed are the nearest for an alloc
    if (p._gap) p._way = -1;
  }
  end(p);
  p._seen = p._top;
  return n;
}

/** Does what the next alloc would begin with, if that moves at most `budget` bytes, where the bubble is inside no block. Returns bytes moved. */
function ahead(p: Pool, budget: number): number {
  var before = p.epoch;
  var rises = p._way > 0;
  if (
    p._hole >= 0 &&
    address(p, p._hole + 1) === p._end &&
    (rises ? address(p, dead(p, p._hole + 1)) - p._end : p._top - address(p, base(p, p._row))) <= budget
  ) {
    if (rises) up(p);
    else down(p);
  }
  return p.epoch - before;
}

/** Moves at most `budget` bytes towards a larger hole in hand, at most to the next one if `once`. Returns bytes moved. */
export function step(p: Pool, budget: number, once?: boolean): number {
  var left = budget;
  while (left > p._unit) {
    var before = p.epoch;
    if (!work(p, left)) break;
    var n = p.epoch - before || go(p, left, left < budget);
    if (!n && left < budget) break;
    left -= n;
    if (once && n) break;
  }
  return budget - left;
}

/** Takes the hole in hand up past a run of at most `left` bytes, or makes it a bubble that is to rise. False: there is nothing to do. */
function work(p: Pool, left: number): boolean {
  if (p._held) return false;
  if (p._gap) return !locked(p, base(p, p._next));
  if (p._rule && !due(p, stock(p))) return false;
  regain(p);
  for (var gap, top; ; take(p, top)) {
    gap = p._end - p._top;
    if (gap >= p._want && p._row < p._rows) {
      // enough, if there is not much more than when that was last counted
      p._want = aim(p);
      if (gap >= p._want) p._calm = 2;
    }
    if (p._calm > 1) return false;
    var next = p._hole + 1;
    p._way = 1;
    if (next > p._rows) {
      top = p._row;
      var low = top === p._rows ? base(p, top) : 0;
      if (gap && low && !stuck(p, low)) {
        // bytes without a row go down to one
        (p._way = -1), (p._next = top), (p._at = p._top), (p._offs[top] = p._size), (p._gap = gap);
        return true;
      }
      if (p._calm++) return false;
      p._want = aim(p);
      next = 0;
    }
    top = dead(p, next);
    // nothing goes where no row is left
    if (next && gap && top < p._rows && !stuck(p, next)) {
      if (!bound(p) && address(p, top) - p._end <= left) up(p);
      else (p._at = p._top), (p._next = next), (p._gap = gap);
      return true;
    }
  }
}

/** Bytes wanted in one piece. Cost: O(handles). */
function aim(p: Pool): number {
  return Math.min(p._size >> 3, Math.max(0, spare(p)) >> 1);
}

/** True when a pool that counts as `s` has reached the thresholds of `start`. */
export function due(p: Pick<Pool, "_rule" | "_size" | "_rows">, s: Stat): boolean {
  var rule = p._rule!;
  return (s.used >= rule.used * p._size || s.live >= rule.handles * p._rows) && s.free - s.largest >= rule.least * p._size;
}

/** Moves every block that is not locked down, at once; nothing during hold(). Returns bytes moved. Throws BUSY. Cost: all bytes in use. */
export function pack(this: Pool): number {
  begin(this);
  var before = this.epoch;
  clear(this);
  var free = dead(this, 0);
  if (!bound(this)) for (take(this, free); !up(this); );
  else {
    for (var next; (next = live(this, free)) <= this._rows; ) {
      var top = dead(this, next);
      if (!this._gap && !stuck(this, next)) gather(this, free, top);
      free = top;
    }
    take(this, free);
  }
  end(this);
  return this.epoch - before;
}

/**
 * Ticks with `budget` bytes every `ms` milliseconds while there is something to do: the timer stops when a
 * tick has moved nothing, and free, resize, unlock and release set it again. Throws ARGUMENT. On Espruino an interval that comes
 * due while not one variable is free is ended by the firmware: start() it again.
 */
export function start(this: Pool, ms: number, budget: number): void {
  var p = this;
  whole(ms);
  whole(budget);
  stop.call(p);
  p._arm = function () {
    if (p._timer) return;
    // in an array, because ids may be 0
    p._timer = [
      p._clock.set(function () {
        recover(p);
        p._beat = true;
        try {
          if (!tick.call(p, budget)) rest(p);
        } catch (error) {
          // some hosts end a timer whose function throws
          rest(p);
          throw error;
        } finally {
          p._beat = false;
        }
      }, ms),
    ];
    if (p._state < 2) end(p);
  };
  p._arm && p._arm();
}

/** Ends what start() began. */
export function stop(this: Pool): void {
  this._arm = undefined;
  rest(this);
}

function rest(p: Pool): void {
  var timer = p._timer;
  p._timer = undefined;
  if (timer) p._clock.clear(timer[0]);
  // the next free() must look whether to set it again
  if (p._state < 2) end(p);
}
