// Changing a persistent pool so that a power cut at any byte leaves all of a change or nothing of it.
//
//   journal  [ state 1 ][ operations 2 ] operation...
//   write    [ 1 ][ to 4 ][ n 4 ][ data n ]
//   copy     [ 2 ][ to 4 ][ n 4 ][ from 4 ]      the two places do not overlap
//   fill     [ 3 ][ to 4 ][ n 4 ][ value 1 ]
//
// A change is written to the journal while its state is EMPTY, which no one reads; then the one byte FULL makes it true; then it
// is carried out, and then the state is EMPTY again. Carrying it out twice does no harm, so mount() carries out what it finds FULL.
// Addresses are those of the store. What is one byte is changed without the journal.

import { open } from "./block";
import { fail, Misuse } from "./error";
import { AWAY, BLOCK, HEAD, header, HOLE, JOURNAL, SLIDE, stamp, track } from "./image";
import { bytes, end, Far, Log, span, units } from "./table";
import { number, repeat, Store, word } from "./store";

export var EMPTY = 0x3c;
export var FULL = 0xc3;

/** A far pool on a store that keeps its bytes. */
export interface Kept extends Far {
  /** The whole store; _store is the heap on it, which begins at byte _base. */
  _disk: Store;
  _base: number;
  /** Bytes of operations the journal takes. */
  _room: number;
}

/** Bytes of a generation. */
export function wide(p: Far): number {
  return p._most > 32767 ? 3 : 2;
}

/** Address of the last generation of row `r`. */
export function last(p: Kept, r: number): number {
  return JOURNAL + 3 + p._room + r * wide(p);
}

/** Bytes of a journaled write besides its data. */
var FRAME = 9;

/** Writes `data` and says so if that was cut off. */
function put(p: Kept, to: number, data: ArrayLike<number>): void {
  if (p._torn) fail("TORN", "a pool whose last change was cut off", "one mounted since");
  p._torn = true;
  p._disk.write(to, data);
  p._torn = false;
}

/** Carries out operations; the data of the last may be in `data`. Throws DAMAGED where they make no sense. */
export function redo(store: Store, body: number[], data?: ArrayLike<number>): void {
  var at = 2;
  for (var left = number(body, 0, 2); left--; ) {
    var kind = body[at];
    var to = number(body, at + 1, 4);
    var n = number(body, at + 5, 4);
    at += FRAME;
    if (kind < 1 || kind > 3 || to + n > store.size) fail("DAMAGED", "operation " + kind + " on " + n + " bytes at " + to, "1, 2 or 3 inside " + store.size);
    if (kind === 1) store.write(to, left || !data ? body.slice(at, (at += n)) : data);
    else if (kind === 2) store.move(to, number(body, at, 4), n), (at += 4);
    else repeat(store, to, n, body[at++]);
  }
}

/** Carries out `count` operations in one piece; the data of the last may be in `data`. */
function commit(p: Kept, count: number, body: number[], data?: ArrayLike<number>): void {
  body = word(count, 2).concat(body);
  put(p, JOURNAL + 1, body);
  if (data) put(p, JOURNAL + 1 + body.length, data);
  put(p, JOURNAL, [FULL]);
  p._torn = true;
  redo(p._disk, body, data);
  p._torn = false;
  put(p, JOURNAL, [EMPTY]);
}

/** The head of an operation on `n` bytes from byte `to` of the store on. */
function frame(kind: number, to: number, n: number): number[] {
  return [kind].concat(word(to, 4), word(n, 4));
}

/** The operation that writes `data` at byte `to` of the store. */
function write(to: number, data: number[]): number[] {
  return frame(1, to, data.length).concat(data);
}

/** The operation that makes `n` units from unit `at` on a hole; none for no units. */
function hole(p: Kept, at: number, n: number): number[] {
  return n ? write(p._base + at * p._unit, header(HOLE, at, 0, 0xffff, n * p._unit - HEAD)) : [];
}

/** The operation that puts the header of row `r`, a block of generation `g` and `n` bytes, at unit `at`. */
function block(p: Kept, r: number, g: number, at: number, n: number): number[] {
  return write(p._base + at * p._unit, header(BLOCK, at, g, r, n));
}

/** Sets the last generation of row `r`. */
export function age(p: Kept, r: number, g: number): void {
  commit(p, 1, write(last(p, r), stamp(g, wide(p))));
}

/** The operation that ends a slide. */
function rest(): number[] {
  return write(SLIDE, [EMPTY]);
}

/** What is true about the store before the table says so. */
export var log: Log = {
  block: function (far, r, g, at, n, gap) {
    var p = far as Kept;
    var fresh = g !== p._gens[r];
    var body = block(p, r, g, at, n).concat(hole(p, at + units(p, n), gap));
    commit(p, 1 + (gap ? 1 : 0) + (fresh ? 1 : 0), fresh ? body.concat(write(last(p, r), stamp(g, wide(p)))) : body);
  },
  free: function (far, r) {
    var p = far as Kept;
    if (r === p._fly && p._slide) commit(p, 2, hole(p, p._ats[r], span(p, r)).concat(rest()));
    else put(p, p._base + p._ats[r] * p._unit, [HOLE]);
  },
  reset: function (far) {
    var p = far as Kept;
    commit(p, 2, hole(p, 0, p._ats[p._rows]).concat(rest()));
    // inside the hole, but repair() would find them there
    for (var r = p._rows; r--; ) if (p._gens[r] > 0) put(p, p._base + p._ats[r] * p._unit, [HOLE]);
  },
  hole: function (far, from, gap, at, n) {
    var p = far as Kept;
    var low = at - from;
    var high = gap - low - n;
    commit(p, 1 + (low ? 1 : 0) + (high ? 1 : 0), hole(p, at, n).concat(hole(p, at + n, high), hole(p, from, low)));
  },
  slide: function (far, r, by) {
    var p = far as Kept;
    var at = p._ats[r];
    var head = header(BLOCK, at, p._gens[r], r, bytes(p, r));
    commit(p, 2, write(SLIDE, [FULL].concat(track(by > 0 ? at - by : at, by, 0), head.slice(1))).concat(write(p._base + at * p._unit, [AWAY])));
  },
  slice: function (far, to, data) {
    var p = far as Kept;
    commit(p, 2, write(SLIDE + 9, track(p._ats[p._fly], p._slide, p._done + data.length).slice(8)).concat(frame(1, p._base + to, data.length)), data);
  },
  land: function (far, r) {
    var p = far as Kept;
    var by = p._slide;
    var at = p._ats[r];
    var n = bytes(p, r);
    var g = p._gens[r];
    if (by > 0) commit(p, 3, block(p, r, g, at, n).concat(hole(p, at + units(p, n), by), rest()));
    else if (by) commit(p, 3, block(p, r, g, at - by, n).concat(hole(p, at, -by), rest()));
    else commit(p, 2, block(p, r, g, p._ats[p._rows + 1], n).concat(write(p._base + at * p._unit, [HOLE])));
  },
  blank: function (far) {
    var p = far as Kept;
    // a change that is in force stays
    put(p, JOURNAL, [EMPTY]);
    repeat(p._disk, JOURNAL + 3, p._room, 0);
  },
  stage: function (far, n) {
    var p = far as Kept;
    if (n <= p._room - FRAME) return 0;
    var o = open(p, units(p, n), p.epoch + (p._held ? 0 : p._pause));
    if (o < 0) fail(p.why as Misuse, "no hole for a copy of " + n + " bytes", "one, so that power may fail");
    var at = end(p, o);
    log.hole(p, at, p._gaps[o], at, p._gaps[o]);
    return at * p._unit + HEAD;
  },
  write: function (far, to, data, spare) {
    var p = far as Kept;
    var n = data.length;
    if (n === 1) put(p, p._base + to, data);
    else if (!spare) commit(p, 1, frame(1, p._base + to, n), data);
    else {
      p._store.write(spare, data);
      commit(p, 1, frame(2, p._base + to, n).concat(word(p._base + spare, 4)));
    }
  },
  copy: function (far, to, from, n, spare) {
    var p = far as Kept;
    if (!spare) return log.write(p, to, p._store.read(from, n), 0);
    if (from < to + n && to < from + n) p._store.move(spare, from, n), (from = spare);
    commit(p, 1, frame(2, p._base + to, n).concat(word(p._base + from, 4)));
  },
  fill: function (far, to, n, value) {
    var p = far as Kept;
    commit(p, 1, frame(3, p._base + to, n).concat(value));
  },
};
