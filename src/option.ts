// What create() takes.

import { fail } from "./error";
import { NONE, Threshold } from "./pool";
import { Store } from "./store";
import { Scheduler, timers } from "./time";

/** What create() takes. */
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
  /** From when on ticks work. Default: always. */
  start?: Threshold;
  /** Free bytes below which `onlow` is called, once until twice as many are free. Default 0: never. */
  low?: number;
  /** Called with the bytes that are free. */
  onlow?(free: number): void;
  /** Default: setInterval and clearInterval where they exist. */
  scheduler?: Scheduler;
  /** Called for every block that has moved, with its handle and new address; may not call the pool. */
  onmove?(handle: number, at: number): void;
}

/** Option `name`, or `std` when it is not given. Throws OPTION when it is not of that type, or a number outside low..high, whole where high > 1. */
export function pick(from: object, name: string, type: string, std?: unknown, low?: number, high?: number): unknown {
  var value = (from as { [name: string]: number | undefined })[name];
  if (value === undefined) return std;
  if (typeof value !== type || (high! >= 0 ? !(value >= low! && value <= high!) || (high! > 1 && value % 1) : !value)) {
    fail("OPTION", name + " " + value, high! >= 0 ? low + ".." + high : "a " + type);
  }
  return value;
}

/** The fields that options set in a pool of any kind. */
export interface Optioned {
  _pause: number;
  /** NONE with fit "fast". */
  _near: number;
  _rule: Required<Threshold> | undefined;
  _clock: Scheduler;
  onmove: Options["onmove"];
}

/** A new pool of the kind that `build` makes, with the given methods. Throws OPTION, or what its store throws. Cost: O(handles). */
export function make<T extends Optioned>(
  methods: { alloc: unknown; free: unknown },
  options: number | Options,
  build: (methods: { alloc: unknown; free: unknown }, size: number, unit: number, rows: number, wide: boolean, store?: Store) => T,
): T {
  var o = options && typeof options === "object" ? options : { size: options };
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

  var p = build(methods, size, unit, rows, wide, store);
  p._pause = Math.min(pause, NONE);
  if (fit === "fast") p._near = NONE;
  p._rule = rule && {
    used: pick(rule, "used", "number", rule.handles === undefined ? 0 : 2, 0, 1) as number,
    handles: pick(rule, "handles", "number", 2, 0, 1) as number,
    least: pick(rule, "least", "number", 0, 0, 1) as number,
  };
  p._clock = clock;
  p.onmove = pick(o, "onmove", "function") as Options["onmove"];
  return p;
}
