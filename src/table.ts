// The table of a pool whose bytes the processor cannot address, and how it comes to be.
//
// Row r is a block and the hole behind it. Rows are linked in the order of their addresses, so that a block can be moved
// to any hole without touching another row:
//
//   gens[r]   [ g: generation of the live block | 1 - g: free, its last was g ]     16 or 32 bits
//   ats[r]    [ address in units ]                                                  16 bits up to 65,535 units, else 32
//   gaps[r]   [ units of the hole behind it ]                                       the same
//   slack[r]  [ bytes of the block that are not payload ]                           8 bits, 16 with units above 128
//   next[r]   [ the row above; of a spare row the next spare one ]                  16 bits
//
//   [ block r ][ hole: gaps[r] ][ block next[r] ][ hole ]...
//   ^ ats[r]                    ^ ats[next[r]]
//
// so that   size(r) = (ats[next[r]] - ats[r] - gaps[r]) * unit - slack[r].
// A freed row stays where it is, all its bytes a hole, until sweep() takes it out of the list. Row `rows` closes the list
// at both ends: it is before the first block, without bytes, and behind the last. Row `rows + 1` is the place a block is
// copied to while that takes more than one step.

import { fail, Refusal } from "./error";
import { NONE, Threshold } from "./pool";
import { Store } from "./store";
import { Scheduler, timers } from "./time";

/** What a pool that outlives power writes down, before the table changes: see journal.ts. */
export interface Log {
  /** Row `r` becomes a block of generation `g` and `n` bytes at unit `at`, with a hole of `gap` units behind it. */
  block(p: Far, r: number, g: number, at: number, n: number, gap: number): void;
  /** Row `r` becomes free. */
  free(p: Far, r: number): void;
  /** All rows become free. */
  reset(p: Far): void;
  /** In the hole of `gap` units from unit `from` on, `n` units at unit `at` become a hole of their own. */
  hole(p: Far, from: number, gap: number, at: number, n: number): void;
  /** Row `r` begins to slide down by `by` units. */
  slide(p: Far, r: number, by: number): void;
  /** The next bytes of a slide go to address `to`. */
  slice(p: Far, to: number, data: Uint8Array): void;
  /** The block in flight has arrived. */
  land(p: Far, r: number): void;
  /** The journal forgets what has been carried out. Throws TORN. */
  blank(p: Far): void;
  /** Address of a hole for `n` bytes that are too many to be written down; 0 when they are not. Throws FULL, FRAGMENTED: there is no such hole. */
  stage(p: Far, n: number): number;
  /** The bytes at address `to` become `data`, or those at `from`, by way of the hole at `spare`, or `n` times `value`. */
  write(p: Far, to: number, data: ArrayLike<number>, spare: number): void;
  copy(p: Far, to: number, from: number, n: number, spare: number): void;
  fill(p: Far, to: number, n: number, value: number): void;
}

/** The fields of an external pool; what begins with an underscore is renamed by the build. */
export interface Far {
  _gens: Int16Array | Int32Array;
  _mask: number;
  _bits: number;
  _id: number;
  _floor: number;
  _next: Uint16Array;
  _ats: Uint16Array | Uint32Array;
  _gaps: Uint16Array | Uint32Array;
  _slack: Uint8Array | Uint16Array;
  _unit: number;
  /** Bytes in front of every payload. */
  _head: number;
  _rows: number;
  _most: number;
  _store: Store;
  _log: Log | undefined;
  /** Of a persistent pool: something while a change is being written. If it stays so, only mount() knows what became of it. */
  _torn?: unknown;
  /** Bytes of one step of a move, and of a slide. */
  _chunk: number;
  _slice: number;
  /** The row allocated last. */
  _seen: number;
  /** Spare rows, first and last; _rows: there is none. */
  _first: number;
  _last: number;
  /** Bytes read from a sliding block and not yet known to be written. */
  _hand: Uint8Array | undefined;
  /** True while there are freed rows in the list. */
  _dirty: boolean;
  _busy: boolean;
  /** NONE: the first hole that suffices is taken, not the smallest. */
  _near: number;

  /** The row in flight, or _rows; how many of its bytes are copied; by how many units it slides down (up: below 0), 0 when it goes to row _rows + 1. */
  _fly: number;
  _done: number;
  _slide: number;

  /** The way to a larger hole: 0 none, 1 the blocks of units _from to _to behind row _low go elsewhere, 2 the holes of rows _low to _to join; units to move. */
  _way: number;
  _low: number;
  _from: number;
  _to: number;
  _cost: number;
  /** The rows before and at the end of the cheapest run to slide. */
  _under: number;
  _over: number;

  _size: number;
  _pause: number;
  _pins: { [row: number]: number };
  _pinned: number;
  _held: number;
  /** Nothing to do for a tick until something changes. */
  _calm: boolean;
  _rule: Required<Threshold> | undefined;
  _clock: Scheduler;
  _arm: (() => void) | undefined;
  _timer: [unknown] | undefined;

  moves: number;
  /** Bytes moved. */
  epoch: number;
  why: Refusal;
  onmove: ((handle: number, at: number) => void) | undefined;
}

/** Row numbers given out by all external pools so far, from the top down: pools in RAM take theirs from the bottom up. */
var ids = 0;

/** A new pool with the given methods: `size` bytes of `store` in whole units, `rows` rows, generations of 24 bits if `wide`. Cost: O(rows). */
export function build(methods: object, size: number, unit: number, rows: number, wide: boolean, store?: Store): Far {
  if (!store) return fail("OPTION", "no store", "a store");
  if (typeof Int16Array === "undefined") fail("MEMORY", size, "typed arrays");
  var p = Object.create(methods) as Far;
  // the end of the pool has to have an address of 16 bits
  if (size === 65536 * unit) size -= unit;
  var units = size / unit;
  var mask = 1;
  while (mask < rows) mask += mask + 1;
  var bits = wide ? 7 : 12;
  while (1 << bits <= mask) bits++;
  p._gens = new (wide ? Int32Array : Int16Array)(rows + 2);
  p._mask = mask;
  p._bits = bits;
  ids = (ids - mask - 1) & ~mask;
  p._id = ids & ((1 << bits) - 1);
  // generation 1 is the mark of the two rows that are no one's
  p._floor = (2 << bits) - 1;
  p._next = new Uint16Array(rows + 2);
  p._ats = new (units > 65535 ? Uint32Array : Uint16Array)(rows + 2);
  p._gaps = new (units > 65535 ? Uint32Array : Uint16Array)(rows + 2);
  p._slack = new (unit > 128 ? Uint16Array : Uint8Array)(rows + 2);
  p._unit = unit;
  p._head = 0;
  p._rows = p._fly = rows;
  p._most = wide ? 0xffffff : 32767;
  p._store = store;
  p._chunk = p._slice = store.chunk || 256;
  p._done = p._slide = p._near = p._seen = 0;
  p._size = size;
  p._pause = NONE;
  p._pins = {};
  p._pinned = p._held = p.moves = p.epoch = 0;
  p._dirty = p._busy = p._calm = false;
  p._rule = p._arm = p._timer = p.onmove = p._hand = p._log = undefined;
  p._clock = timers;
  p._way = p._low = p._from = p._to = p._cost = p._under = p._over = 0;
  p.why = "";
  p._gens[rows] = p._gens[rows + 1] = 1;
  p._ats[rows] = p._gaps[rows] = units;
  p._next[rows] = rows;
  p._first = 0;
  p._last = rows - 1;
  for (var r = 0; r < rows; r++) p._next[r] = r + 1;
  return p;
}

/** First unit behind the block of row `r`. */
export function end(p: Far, r: number): number {
  return p._ats[p._next[r]] - p._gaps[r];
}

/** Units of the block of row `r`. */
export function span(p: Far, r: number): number {
  return end(p, r) - p._ats[r];
}

/** Payload bytes of row `r`. */
export function bytes(p: Far, r: number): number {
  var n = (p._ats[p._next[r]] - p._gaps[r] - p._ats[r]) * p._unit - p._slack[r];
  return r === p._fly ? n - Math.abs(p._slide) * p._unit : n;
}

/** Units that a block of `n` payload bytes takes. */
export function units(p: Far, n: number): number {
  return Math.ceil((n + p._head) / p._unit);
}

/** The row before row `r` in the list. Cost: O(live). */
export function before(p: Far, r: number): number {
  var next = p._next;
  var o = p._rows;
  while (next[o] !== r) o = next[o];
  return o;
}

/** Takes freed rows out of the list, their bytes into the hole below. Cost: O(live). */
export function sweep(p: Far): void {
  var next = p._next;
  var gaps = p._gaps;
  var n = p._rows;
  var o = n;
  for (var r; (r = next[o]) !== n; ) {
    if (p._gens[r] > 0) o = r;
    else {
      // one statement: no row is in both lists or in none; a row whose generations are used up is left out
      (gaps[o] += gaps[r]), (next[o] = next[r]), (gaps[r] = 0), p._gens[r] === 1 - p._most || (p._first === n ? (p._first = r) : (next[p._last] = r), (p._last = r), (next[r] = n));
    }
  }
  p._dirty = false;
}

/** Owner of a hole of `need` units or more: the one behind the block allocated last, else the smallest, with fit "fast" any; -1: there is none. Cost: O(handles). */
export function fit(p: Far, need: number): number {
  return p._gaps[p._seen] >= need ? p._seen : search(p, need);
}

function search(p: Far, need: number): number {
  var gaps = p._gaps;
  var most = NONE;
  var gap;
  // native where it is (not in Duktape): 2,700 instructions a row on Espruino, against 15,000 in the loop
  var best = !p._near && (gaps.indexOf as unknown) ? gaps.indexOf(need) : -1;
  if (best < 0) {
    for (var r = p._rows + 2; r--; ) {
      if ((gap = gaps[r]) >= need && gap < most) {
        best = r;
        if (p._near || (most = gap) === need) break;
      }
    }
  }
  return best;
}

/** Owner of the largest hole. Cost: O(handles). */
export function largest(p: Far): number {
  var best = p._rows;
  for (var r = best; r--; ) if (p._gaps[r] > p._gaps[best]) best = r;
  return best;
}

/** Free units, wherever they are. Cost: O(handles). */
export function free(p: Far): number {
  var sum = 0;
  for (var r = p._rows + 2; r--; ) sum += p._gaps[r];
  return p._fly === p._rows ? sum : sum + (Math.abs(p._slide) || span(p, p._rows + 1));
}

/** Puts row `r` behind row `o`, `need` units at unit `at` of the hole there. */
export function link(p: Far, r: number, o: number, at: number, need: number): void {
  var gaps = p._gaps;
  var next = p._next;
  var rest = gaps[o] - need - (at - end(p, o));
  // one statement: the list is whole before and after
  (p._ats[r] = at), (gaps[o] -= rest + need), (gaps[r] = rest), (next[r] = next[o]), (next[o] = r);
}

/** Takes row `r` out of the list, its bytes into the hole of row `o` before it. */
export function unlink(p: Far, r: number, o: number): void {
  (p._gaps[o] += p._ats[p._next[r]] - p._ats[r]), (p._next[o] = p._next[r]), (p._gaps[r] = 0);
}

/** The row of `h`. Throws HANDLE when `h` is not a live handle of this pool. */
export function find(p: Far, h: number): number {
  var r = h & p._mask;
  var right = (p._gens[r] << p._bits) | r | p._id;
  if (right !== h || h <= p._floor) fail("HANDLE", typeof h === "number" ? h : typeof h, right > p._floor ? right : "of a free row");
  return r;
}
