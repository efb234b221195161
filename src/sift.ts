// Compaction of an external pool ahead of need: ticks, the timer they run on, and pack().

import { down } from "./block";
import { stat } from "./census";
import { recover, turn } from "./claim";
import { whole } from "./error";
import { depart, plan } from "./evacuate";
import { settle, step } from "./flight";
import { Far, free, largest, sweep } from "./table";
import { due } from "./tick";

/**
 * Moves at most `budget` bytes, a chunk at a time, towards a hole of a third of what is free, size / 8 at most. Returns bytes moved, 0 when
 * there is nothing to do. Throws ARGUMENT, BUSY, and what the store throws. Cost: the bytes; O(handles) for every block.
 */
export function tick(p: Far, budget: number): number {
  whole(budget);
  var left = budget;
  while (left > 0 && (p._fly !== p._rows || begin(p))) left -= step(p, left);
  return budget - left;
}

/** Puts a block in flight. False: there is nothing to do. */
function begin(p: Far): boolean {
  if (p._calm || p._held) return false;
  if (depart(p)) return true;
  if (p._rule && !due(p, stat(p))) return false;
  sweep(p);
  var want = Math.floor(Math.min(p._ats[p._rows] / 8, free(p) / 3));
  if (p._gaps[largest(p)] < want) plan(p, want, false);
  return depart(p) || !(p._calm = true);
}

/** Slides every block that is not locked down, at once; nothing during hold(). Returns bytes moved. Throws BUSY, and what the store throws. Cost: all bytes in use. */
export function pack(p: Far): number {
  var was = p.epoch;
  if (!p._held) {
    settle(p);
    sweep(p);
    p._way = 0;
    down(p, p._rows);
  }
  return p.epoch - was;
}

/**
 * Ticks with `budget` bytes every `ms` milliseconds while there is something to do: the timer stops when a
 * tick has moved nothing, and free, resize, unlock and release set it again. Throws ARGUMENT.
 */
export function start(this: Far, ms: number, budget: number): void {
  var p = this;
  whole(ms);
  whole(budget);
  stop.call(p);
  p._arm = function () {
    // in an array, because ids may be 0
    if (!p._timer) p._timer = [p._clock.set(beat, ms)];
  };
  function beat(): void {
    var timer = p._timer;
    var moved = 0;
    recover(p);
    // a host that ends this call may end its timer as well: then the next free() sets another
    p._timer = undefined;
    try {
      moved = turn(p, tick, budget);
    } finally {
      p._timer = timer;
      if (!moved) rest(p);
    }
  }
  p._arm && p._arm();
}

/** Ends what start() began. */
export function stop(this: Far): void {
  this._arm = undefined;
  rest(this);
}

function rest(p: Far): void {
  var timer = p._timer;
  p._timer = undefined;
  if (timer) p._clock.clear(timer[0]);
}
