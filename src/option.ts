// What create() takes.

import { fail } from "./error";
import { end } from "./gate";
import { build, NONE, Pool, Scheduler, timers } from "./pool";
import { Store } from "./store";

/** When ticks start to compact: all shares are 0..1 of the pool. */
export interface Threshold {
  /** Share of bytes in use from which ticks work. Default 0. */
  used?: number;
  /** Share of handles in use from which ticks work, whichever of the two comes first. Default 0. */
  handles?: number;
  /** Least share of bytes outside the largest hole worth working for. Default 0. */
  least?: number;
}

export interface Options {
  /** Bytes of the pool. Rounded down to whole units. Default: the store's size. */
  size?: number;
  /** Most blocks at a time. Default: size / 32, at least 8, at most 2047. */
  handles?: number;
  /** Allocation granule in bytes, a power of two. Default 4: word copies, at most 3 bytes lost a block. */
  unit?: number;
  /** The memory. Default: one Uint8Array. */
  store?: Store;
  /** Most bytes one alloc or resize may move by itself. Default: no limit. */
  pause?: number;
  /** "best" looks for the place that moves the fewest bytes once more than size / 16 would move; "fast" takes the first. */
  fit?: "best" | "fast";
  /** Bits of the generation: 16 (default; one says whether the row is live; up to 32,767 handles) or 24 (up to 127 handles). */
  generations?: 16 | 24;
  start?: Threshold;
  /** Free bytes below which `onlow` is called, once until twice as many are free. Default 0: never. */
  low?: number;
  onlow?(free: number): void;
  /** Default: setInterval and clearInterval where they exist. */
  scheduler?: Scheduler;
  /** Called for every block that has moved, with its handle and new address; may not call the pool. */
  onmove?(handle: number, at: number): void;
}

/** Option `name`, or `std` when it is not given. Throws OPTION when it is not of that type, or a number outside low..high, whole where high > 1. */
export function pick(from: object, name: string, type: string, std?: unknown, low?: number, high?: number): unknown {
  var value = (from as { [name: string]: any })[name];
  if (value === undefined) return std;
  if (typeof value !== type || (high! >= 0 ? !(value >= low! && value <= high!) || (high! > 1 && value % 1) : !value)) {
    fail("OPTION", name + " " + value, high! >= 0 ? low + ".." + high : "a " + type);
  }
  return value;
}

/** What create() was asked for, complete. */
export interface Settled {
  /** Whole units. */
  size: number;
  unit: number;
  rows: number;
  wide: boolean;
  store: Store | undefined;
  pause: number;
  fast: boolean;
  rule: Required<Threshold> | undefined;
  clock: Scheduler;
  onmove: Options["onmove"];
}

/** The options with their defaults. Throws OPTION. */
export function settled(options: number | Options): Settled {
  var o = (options && typeof options === "object" ? options : { size: options }) as Options;
  var unit = pick(o, "unit", "number", 4, 1, 4096) as number;
  var store = pick(o, "store", "object") as Store | undefined;
  var size = pick(o, "size", "number", store && store.size, unit, store ? store.size : 1 << 30) as number;
  var bits = pick(o, "generations", "number", 16, 16, 24) as number;
  var wide = bits > 16;
  size -= size % unit;
  var rows = pick(o, "handles", "number", Math.min(wide ? 127 : 2047, Math.max(8, size >> 5)), 1, wide ? 127 : 32767) as number;
  var pause = pick(o, "pause", "number", NONE, 0, Infinity) as number;
  var fit = pick(o, "fit", "string", "best");
  var rule = pick(o, "start", "object") as Threshold | undefined;
  var clock = pick(o, "scheduler", "object", timers) as Scheduler;
  if (!size || unit & (unit - 1) || bits & 7 || (fit !== "best" && fit !== "fast")) {
    fail("OPTION", "size " + size + ", unit " + unit + ", generations " + bits + ", fit " + fit, "bytes, 2^n, 16 or 24, best or fast");
  }
  if (typeof clock.set !== "function" || (store && typeof store.move !== "function")) fail("OPTION", "scheduler or store", "with set, with move");
  return {
    size: size,
    unit: unit,
    rows: rows,
    wide: wide,
    store: store,
    pause: Math.min(pause, NONE),
    fast: fit === "fast",
    rule: rule && {
      used: pick(rule, "used", "number", rule.handles === undefined ? 0 : 2, 0, 1) as number,
      handles: pick(rule, "handles", "number", 2, 0, 1) as number,
      least: pick(rule, "least", "number", 0, 0, 1) as number,
    },
    clock: clock,
    onmove: pick(o, "onmove", "function") as Options["onmove"],
  };
}

/** A new pool with the given methods. Throws OPTION, or what its store throws. Cost: O(handles). */
export function make(methods: { alloc: unknown; free: unknown }, options: number | Options): Pool {
  var o = settled(options);
  // the end of the last block has to fit into 16 bits: 3.4 % more payload than with 32-bit rows
  var p = build(methods, o.size === 65536 ? o.size - o.unit : o.size, o.unit, o.rows, o.wide, o.store);
  p._pause = o.pause;
  if (o.fast) p._near = NONE;
  p._rule = o.rule;
  p._clock = o.clock;
  p.onmove = o.onmove;
  end(p);
  return p;
}
