// The state of a pool.
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

import { Refusal } from "./error";
import { Store } from "./store";
import { Scheduler } from "./time";

/** When ticks start to compact: all shares are 0..1 of the pool. */
export interface Threshold {
  /** Share of bytes in use from which ticks work. Default 0. */
  used?: number;
  /** Share of handles in use from which ticks work, whichever of the two comes first. Default 0. */
  handles?: number;
  /** Least share of bytes outside the largest hole worth working for. Default 0. */
  least?: number;
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

/** More than any handle, row, address or length; a number, because on Espruino the name Infinity is searched for each time. */
export var NONE = 0x7fffffff;

/** Stands for the generations where the fast ways are closed. */
export var SHUT = [] as unknown as Int16Array;
