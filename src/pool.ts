// The state of a pool and how it comes to be.
//
// Row order is address order. Row r holds a generation and an offset:
//
//   gens[r]  [ g: generation of the live block | 1 - g: free, its last was g ]  16 or 32 bits
//   offs[r]  [ address, a multiple of unit ][ slack: unit bits ]                16 or 32 bits
//   handle   [ g ][ pool id, row ]                                              15 + 12 bits, or 24 + 7
//
// so that   at(r) = offs[r] & -unit,   end(r) = offs[r + 1] & -unit,   size(r) = end(r) - offs[r].
// The first free row behind a live one holds the end of that block, which is where the hole starts.
// Row `handles` counts as free and used up (it closes the last block), row `handles + 1` as live.

import { take } from "./bubble";
import { fail, Refusal } from "./error";
import { end } from "./gate";
import { Threshold } from "./option";
import { ram, Store } from "./store";

/** A timer to run ticks on; `set` calls `fn` every `ms` milliseconds until `clear(id)`. */
export interface Scheduler {
  set(fn: () => void, ms: number): unknown;
  clear(id: unknown): void;
}

/** The fields of a pool; what begins with an underscore is renamed by the build. */
export interface Pool {
  // What every call reads comes first: Espruino searches an object in order.
  /** The fast ways read generations here: _gens, or SHUT, which has none. */
  _open: Int16Array | Int32Array;
  _mask: number;
  _bits: number;
  _id: number;
  _offs: Uint16Array | Uint32Array;
  _even: number;
  /** Handles up to this are freed the slow way; NONE: all are. */
  _drop: number;
  /** The hole in hand: next address, end, next row, last row. Without a row _hole is _row - 1; -1: there is none. */
  _top: number;
  _end: number;
  _row: number;
  _hole: number;
  _unit: number;
  /** 2 during a call, 1 while a lock, hold(), a pause or a bubble inside a block asks for care, else 0. */
  _state: number;
  /** The last generation there is. */
  _most: number;

  _gens: Int16Array | Int32Array;
  /** The bubble, see bubble.ts. */
  _gap: number;
  _at: number;
  _next: number;

  /** Highest number that is no handle. */
  _floor: number;
  _rows: number;
  _size: number;
  _store: Store;
  _view: (from: number, to: number) => Uint8Array;
  _pause: number;
  /** Bytes that alloc moves without looking further. */
  _near: number;
  /** Which way the hole in hand goes: 1 up, -1 down. */
  _way: number;
  /** Locks by row, and how many rows have any. */
  _pins: { [row: number]: number };
  _pinned: number;
  _held: number;

  /** Ticks: bytes wanted in the hole in hand; 1 = nothing was freed since the round began, 2 = idle. */
  _want: number;
  _calm: number;
  /** _top after the last tick: another shows that alloc was called since. */
  _seen: number;
  /** _way of the last tick. */
  _trip: number;
  _rule: Required<Threshold> | undefined;
  _clock: Scheduler;
  /** Sets the timer if it does not run; there once start() was called. */
  _arm: (() => void) | undefined;
  _timer: [unknown] | undefined;
  /** True inside a tick of the timer. */
  _beat: boolean;

  /** Begins an alloc of `bytes` in which something is special. False: refused. */
  _odd(bytes: number): boolean;
  /** Looks for `need` bytes when moves have become dear. False: refused. */
  _seek(need: number): boolean;

  moves: number;
  /** Bytes moved. */
  epoch: number;
  why: Refusal;
  bytes: Uint8Array | undefined;
  onmove: ((handle: number, at: number) => void) | undefined;
}

declare var setInterval: (fn: () => void, ms: number) => unknown;
declare var clearInterval: (id: unknown) => void;

/** More than any handle, row, address or length; a number, because on Espruino the name Infinity is searched for each time. */
export var NONE = 0x7fffffff;

/** Stands for the generations where the fast ways are closed. */
export var SHUT: any = [];

/** Row numbers given out by all pools so far, so that one pool's handles mean nothing to another. */
var ids = 0;

/** setInterval and clearInterval where they exist. */
export var timers: Scheduler = {
  set: function (fn, ms) {
    return typeof setInterval !== "undefined" ? setInterval(fn, ms) : 0;
  },
  clear: function (id) {
    if (typeof clearInterval !== "undefined") clearInterval(id);
  },
};

/**
 * A new pool with the given methods: `size` bytes, whole units, in `store`, `rows` rows, generations of 24 bits if `wide`.
 * Throws what ram() throws. Cost: O(rows).
 */
export function build(methods: { alloc: unknown; free: unknown }, size: number, unit: number, rows: number, wide: boolean, store?: Store): Pool {
  var p = Object.create(methods) as Pool;
  // the end of the last block has to fit into 16 bits: 3.4 % more payload than with 32-bit rows
  if (size === 65536) size -= unit;
  // first, because it says what is missing
  store = store || ram(size);
  var mask = 1;
  while (mask < rows) mask += mask + 1;
  var bits = wide ? 7 : 12;
  while (1 << bits <= mask) bits++;
  // Espruino searches an object from the front: what alloc, free and at() need comes first, in this order
  var own = p as unknown as { alloc: unknown; free: unknown };
  own.alloc = methods.alloc;
  own.free = methods.free;
  p._mask = mask;
  p._drop = 0;
  p._open = SHUT;
  p._bits = bits;
  // generation 1 is the mark of the row behind the last
  p._floor = (2 << bits) - 1;
  ids = (ids + mask) & ~mask;
  p._id = ids & ((1 << bits) - 1);
  ids += mask + 1;
  p._top = 0;
  p._end = 0;
  p._row = 0;
  p._hole = 0;
  p._most = wide ? 0xffffff : 32767;
  p._offs = new (size > 65535 ? Uint32Array : Uint16Array)(rows + 2);
  p._unit = unit - 1;
  p._even = -unit;
  p._gens = new (wide ? Int32Array : Int16Array)(rows + 2);
  p._state = 2;
  p._gap = p._at = p._next = p._pinned = p._held = p._calm = p._seen = 0;
  p._arm = p._timer = undefined;
  p._rows = rows;
  p._size = p._offs[rows + 1] = size;
  p._gens[rows] = 1 - p._most;
  p._gens[rows + 1] = 1;
  p._pause = NONE;
  p._way = p._trip = 1;
  p._want = size >> 3;
  p._rule = undefined;
  p._clock = timers;
  p.moves = p.epoch = 0;
  p._pins = {};
  p._beat = false;
  p.why = "";
  p.onmove = undefined;
  p._store = store;
  p.bytes = store.bytes;
  p._near = Math.max(size >> 4, store.quick ? 4096 : 1024);
  p._view =
    store.view ||
    function () {
      return fail("VIEW", "a store without views", "one with");
    };
  take(p, 0);
  end(p);
  return p;
}
