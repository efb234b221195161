// The rarer counters, kept around the calls they count: peaks, waits, pauses, refusals, the watermark.

import { size } from "./access";
import { alloc, free } from "./place";
import { Options, pick } from "./option";
import { Pool } from "./pool";
import { resize } from "./resize";
import { reset, Stat, stat } from "./stat";
import { pack, tick } from "./tick";

export interface Counted extends Pool {
  _used: number;
  _live: number;
  _peak: { used: number; live: number };
  _refused: { [why: string]: number };
  _waits: number;
  _longest: number;
  /** Free bytes below which onlow is called. */
  _mark: number;
  /** True between the call of onlow and twice as much being free. */
  _told: boolean;
  onlow: ((free: number) => void) | undefined;
}

/** What the full flavour adds to stat(). */
export interface Counts extends Stat {
  /** Most bytes and most blocks that were live at a time. */
  peak: { used: number; live: number };
  /** Calls of alloc and resize that moved blocks first. Never falls. */
  waits: number;
  /** Most bytes one call has moved. Never falls. */
  longest: number;
  /** Refusals so far, by code. */
  refused: { [why: string]: number };
}

/** Sets the counters to 0. Throws OPTION. */
export function init(p: Counted, o: Options): void {
  p._mark = pick(o, "low", "number", 0, 0, 0xffffffff) as number;
  p.onlow = pick(o, "onlow", "function") as Counted["onlow"];
  p._used = p._live = p._waits = p._longest = 0;
  p._peak = { used: 0, live: 0 };
  p._refused = { FULL: 0, FRAGMENTED: 0, HANDLES: 0, SIZE: 0 };
  p._told = false;
}

/** Counts `bytes` more in use and `blocks` more live. */
function used(p: Counted, bytes: number, blocks: number): void {
  var peak = p._peak;
  if ((p._used += bytes) > peak.used) peak.used = p._used;
  if ((p._live += blocks) > peak.live) peak.live = p._live;
  if (!p._mark) return;
  var left = p._size - p._used;
  if (left >= 2 * p._mark) p._told = false;
  if (left < p._mark && !p._told) {
    p._told = true;
    if (p.onlow) p.onlow(left);
  }
}

/** Counts a call that began when `before` bytes were moved. */
function paused(p: Counted, before: number): number {
  var moved = p.epoch - before;
  if (moved > p._longest) p._longest = moved;
  return moved;
}

/** As alloc in place.ts, counted. */
export function countAlloc(this: Counted, bytes: number): number {
  var before = this.epoch;
  var h = alloc.call(this, bytes);
  if (this.epoch !== before && paused(this, before)) this._waits++;
  if (h) used(this, bytes, 1);
  else this._refused[this.why]++;
  return h;
}

/** As free in place.ts, counted. */
export function countFree(this: Counted, h: number): void {
  var bytes = h === 0 ? 0 : size.call(this, h);
  free.call(this, h);
  if (h) used(this, -bytes, -1);
}

/** As resize in resize.ts, counted. */
export function countResize(this: Counted, h: number, bytes: number): boolean {
  var before = this.epoch;
  var old = size.call(this, h);
  var done = resize.call(this, h, bytes);
  if (paused(this, before)) this._waits++;
  if (done) used(this, bytes - old, bytes ? 0 : -1);
  else this._refused[this.why]++;
  return done;
}

/** As tick in tick.ts, counted. */
export function countTick(this: Counted, budget: number): number {
  var before = this.epoch;
  var moved = tick.call(this, budget);
  paused(this, before);
  return moved;
}

/** As pack in tick.ts, counted. */
export function countPack(this: Counted): number {
  var before = this.epoch;
  var moved = pack.call(this);
  paused(this, before);
  return moved;
}

/** As reset in stat.ts, counted. */
export function countReset(this: Counted): void {
  reset.call(this);
  this._used = this._live = 0;
}

/** As stat in stat.ts, with the counters. After a call that was cut off, or reset() in the middle of one, the watermark is right again from here on. */
export function countStat(this: Counted): Counts {
  var s = stat.call(this) as Counts;
  this._used = s.used;
  this._live = s.live;
  s.peak = this._peak;
  s.waits = this._waits;
  s.longest = this._longest;
  s.refused = this._refused;
  return s;
}
