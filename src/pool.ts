// The state of a pool and how it comes to be.
//
// Row order is address order. Row r holds a generation (0: the row is free) and an offset:
//
//   gens[r]  [ pass in which the block was allocated ]            16 or 32 bits
//   offs[r]  [ address, a multiple of unit ][ slack: unit bits ]  16 or 32 bits
//   handle   [ pass ][ pool id, row ]                             16 + 11 bits, or 24 + 7
//
// so that   at(r) = offs[r] & -unit,   end(r) = offs[r + 1] & -unit,   size(r) = end(r) - offs[r].
// The first free row behind a live one holds the end of that block, which is where the hole starts.
// Row `handles` is always free (it closes the last block), row `handles + 1` always counts as live.

import { fail, Refusal } from "./error";
import { ram, Store } from "./store";

/** A timer to run ticks on; `set` calls `fn` every `ms` milliseconds until `clear(id)`. */
export interface Scheduler {
  set(fn: () => void, ms: number): unknown;
  clear(id: unknown): void;
}

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
  /** Most blocks at a time. Default: size / 48, at least 8, at most 2047. */
  handles?: number;
  /** Allocation granule in bytes, a power of two. Default 4: word copies, at most 3 bytes lost a block. */
  unit?: number;
  /** The memory. Default: one Uint8Array. */
  store?: Store;
  /** Most bytes one alloc or resize may move by itself. Default: no limit. */
  pause?: number;
  /** "best" looks for the place that moves the fewest bytes once more than size / 16 would move; "fast" takes the first. */
  fit?: "best" | "fast";
  /** Bits of the generation: 16 (default, up to 32,767 handles) or 24 (up to 127 handles). */
  generations?: 16 | 24;
  start?: Threshold;
  /** Free bytes below which `onlow` is called. Default 0: never. */
  low?: number;
  /** Default: setInterval and clearInterval where they exist. */
  scheduler?: Scheduler;
  /** Called for every block that has moved, with its handle and new address; may not call the pool. */
  onmove?(handle: number, at: number): void;
}

/** The fields of a pool; what begins with an underscore is renamed by the build. */
export interface Pool {
  // Read by every call: first in the object, because Espruino searches it in order.
  /** Handles up to this are refused at once; Infinity while the slow path must look at every call. */
  _gate: number;
  _gens: Uint16Array | Uint32Array;
  _mask: number;
  _bits: number;
  _id: number;
  _offs: Uint16Array | Uint32Array;
  _even: number;
  /** As _gate, for free(). */
  _drop: number;
  /** The hole in hand: next address, end, next row, and the row that must stay free (-1: go the slow way). */
  _top: number;
  _end: number;
  _row: number;
  _last: number;
  _unit: number;
  _pass: number;
  /** Handle of row 0 in this pass. */
  _base: number;

  /** Last free row of the hole in hand. */
  _hole: number;
  /** What the last search found: lowest and highest hole of the window, free bytes met, last hole with a usable row. */
  _low: number;
  _high: number;
  _sum: number;
  _spot: number;
  /** The bubble: `_gap` free bytes at `_at`, in or right behind the block of row `_next - 1`. */
  _gap: number;
  _at: number;
  _next: number;

  _rows: number;
  _size: number;
  /** Last pass there is. */
  _most: number;
  _store: Store;
  _view: (from: number, to: number) => Uint8Array;
  _pause: number;
  _near: number;
  _pins: { [row: number]: number };
  _pinned: number;
  _held: number;
  _busy: number;

  /** Ticks: bytes wanted in the hole in hand; 1 = nothing was freed since the round began, 2 = idle. */
  _want: number;
  _calm: number;
  _rule: Threshold | undefined;
  _clock: Scheduler;
  /** Sets the timer if it does not run; there once start() was called. */
  _arm: (() => void) | undefined;
  _ticking: boolean;
  _timer: unknown;

  _was: number;
  _waits: number;
  _longest: number;
  _refused: { [code: string]: number };
  moved: number;
  moves: number;
  epoch: number;
  why: Refusal;
  bytes: Uint8Array | undefined;
  onmove: Options["onmove"];
}

declare var setInterval: (fn: () => void, ms: number) => unknown;
declare var clearInterval: (id: unknown) => void;

/** Rows given out so far by all pools, so that one pool's handles mean nothing to another. */
var rows = 0;

function power(n: number): number {
  var bits = 0;
  while (1 << bits < n) bits++;
  return bits;
}

function check(ok: unknown, name: string, value: unknown): void {
  ok || fail("OPTION", name + " is " + value);
}

/** A new pool with the given methods. Throws OPTION, or what its store throws. Cost: O(handles). */
export function make(methods: object, options: number | Options): Pool {
  var o: Options = typeof options === "object" && options ? options : { size: options as number };
  var unit = o.unit || 4;
  var size = o.size === undefined && o.store ? o.store.size : (o.size as number);
  check((unit & (unit - 1)) === 0 && unit > 0, "unit", unit);
  check(size >>> 0 === size && size >= unit && size < 0x40000000, "size", size);
  var count = o.handles === undefined ? Math.min(2047, Math.max(8, (size / 48) | 0)) : o.handles;
  var wide = o.generations === 24;
  check(wide || !o.generations || o.generations === 16, "generations", o.generations);
  check(count >>> 0 === count && count > 0 && count < (wide ? 128 : 32768), "handles", count);
  check(!o.fit || o.fit === "best" || o.fit === "fast", "fit", o.fit);
  check(o.pause === undefined || o.pause >= 0, "pause", o.pause);
  check(!o.store || o.store.size >= size, "store of " + (o.store && o.store.size) + " bytes, size", size);

  var p = Object.create(methods) as Pool;
  var bits = power(count);
  var field = wide ? 7 : Math.max(11, bits);
  var first = ((rows >> bits) + (rows & ((1 << bits) - 1) ? 1 : 0)) << bits;
  rows = first + (1 << bits);
  size -= size % unit;

  p._gate = (1 << field) - 1;
  p._gens = wide ? new Uint32Array(count + 2) : new Uint16Array(count + 2);
  p._mask = (1 << bits) - 1;
  p._bits = field;
  p._id = first & p._gate;
  p._offs = size > 65535 ? new Uint32Array(count + 2) : new Uint16Array(count + 2);
  p._even = -unit;
  p._drop = p._gate;
  p._top = p._row = 0;
  p._end = size;
  p._last = count;
  p._unit = unit - 1;
  // ids repeat after 2^field rows; pools that share one start in different passes
  p._pass = 1 + ((first >> field) & 255);
  p._base = (p._pass << field) | p._id;

  p._rows = count;
  p._size = size;
  p._most = wide ? 0xffffff : 65535;
  p._pause = o.pause === undefined ? Infinity : o.pause;
  p._near = o.fit === "fast" ? Infinity : size >> 4;
  p._want = size >> 3;
  p._rule = o.start;
  p._clock = o.scheduler || {
    set: function (fn, ms) {
      return typeof setInterval === "undefined" ? 0 : setInterval(fn, ms);
    },
    clear: function (id) {
      if (typeof clearInterval !== "undefined") clearInterval(id);
    },
  };
  p._busy = p._was = p._waits = p._longest = p.moved = p.moves = p.epoch = 0;
  p._refused = { FULL: 0, FRAGMENTED: 0, HANDLES: 0, SIZE: 0 };
  p.why = "";
  p.onmove = o.onmove;
  p._gap = p._next = p._pinned = p._held = p._calm = 0;
  p._hole = count;
  p._pins = {};
  p._gens[count + 1] = 1;
  p._offs[count + 1] = size;
  p._store = o.store || ram(size);
  p.bytes = p._store.bytes;
  p._view =
    p._store.view ||
    function () {
      return fail("VIEW", "this store has no views");
    };
  return p;
}
