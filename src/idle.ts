// Ticks for when the board has time.

import { fail } from "./error";
import { now, Scheduler } from "./time";

declare var setInterval: Scheduler["set"];
declare var clearInterval: Scheduler["clear"];

export interface Idling {
  /** Milliseconds from tick to tick while there is something to do, 16 times as many while there is not. Default 50. */
  ms?: number;
  /** Most bytes one tick moves. Default 256. */
  budget?: number;
  /** Default: setInterval and clearInterval; without them tick() is for the program to call. */
  scheduler?: Scheduler;
  /** Called after each tick with what it left of the budget; returns what it took, 0: there is nothing to do. */
  also?(budget: number): number | void;
}

interface Fields {
  _pool: { tick(budget: number): number };
  _clock: Scheduler | false;
  _also: Idling["also"];
  _ms: number;
  _budget: number;
  /** Critical sections that are open. */
  _deep: number;
  /** The timer, in an array, because ids may be 0. */
  _timer: [unknown] | 0;
  /** When it is late. */
  _due: number;
  _beat: () => void;
}

export type Idle = Fields & typeof methods;

var methods = {
  /** Moves at most the budget, by hand; nothing inside a critical section. Returns bytes moved and what `also` took, 0: there is nothing to do. Throws what the pool and `also` throw. */
  tick: tick,
  /** Ticks on the timer. Throws OPTION where the engine has none and there is no scheduler. */
  start: function (this: Fields): void {
    if (!this._clock) fail("OPTION", 0, "a timer");
    arm(this, this._ms);
  },
  /** Ends the timer. */
  stop: function (this: Fields): void {
    arm(this, 0);
  },
  /** Opens a critical section: no ticks until as many leave(). */
  enter: function (this: Fields): void {
    this._deep++;
  },
  /** Closes a critical section. Throws LOCK when none is open. */
  leave: function (this: Fields): void {
    this._deep ? this._deep-- : fail("LOCK", 0, "1");
  },
};

function tick(this: Fields): number {
  var n;
  if (this._deep) return 0;
  n = this._pool.tick(this._budget);
  return n + ((this._also && this._also(this._budget - n)) || 0);
}

/** Sets the timer anew, 0: ends it. */
function arm(p: Fields, ms: number): void {
  if (p._timer) (p._clock as Scheduler).clear(p._timer[0]);
  // a beat that comes half its time late shows that the board is busy
  p._due = now() + 1.5 * ms;
  p._timer = ms && [(p._clock as Scheduler).set(p._beat, ms)];
}

/**
 * What ticks `pool` while the board has time: not in critical sections, not when its timer comes late. start() begins;
 * without a timer call tick() from the program's own loop. Throws OPTION (the pool has no ticks).
 */
export function idle(pool: { tick?(budget: number): number }, options?: Idling): Idle {
  var o = options || {};
  var p = Object.create(methods) as Idle;
  if (!pool || !pool.tick) fail("OPTION", pool, "a pool");
  p._pool = pool as Fields["_pool"];
  p._also = o.also;
  p._ms = o.ms || 50;
  p._budget = o.budget || 256;
  p._clock = o.scheduler || (typeof setInterval !== "undefined" && { set: setInterval, clear: clearInterval });
  p._deep = p._timer = 0;
  p._beat = function () {
    var late = now() > p._due;
    // first of all, because hosts end the timer of a call that is cut off or throws
    arm(p, p._ms);
    if (!late && !p._deep && !p.tick()) arm(p, 16 * p._ms);
  };
  return p;
}
