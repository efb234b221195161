// Making, finding and mending a persistent pool.

import { fail } from "./error";
import { settle } from "./flight";
import { BLOCK, HEAD, header, HOLE, JOURNAL, odd, parse, root, Root, ROOT, SLIDE, sound, sum, TRACK } from "./image";
import { age, EMPTY, FULL, Kept, last, log, redo, wide } from "./journal";
import { make, Options } from "./option";
import { part } from "./span";
import { number, repeat, Store } from "./store";
import { build, Far, link, units } from "./table";

/** The methods of a pool. */
type Methods = { alloc: unknown; free: unknown };

/** What repair() found. */
export interface Repair {
  /** Blocks that are kept. */
  live: number;
  /** Bytes from a header that was not sound to the next block that is: now free. */
  lost: number;
  /** What was wrong, in words; empty: nothing was. */
  why: string[];
}

/** The pool a root describes, without its blocks. */
function open(methods: Methods, store: Store, r: Root): Kept {
  var p = build(methods, r.size, r.unit, r.rows, r.wide, part(store, r.heap, r.size)) as Kept;
  // a place of its own among the ids of pools, in the middle: the others take theirs from both ends
  p._id = ((1 << (p._bits - 1)) + r.id * (p._mask + 1)) & ((1 << p._bits) - 1) & ~p._mask;
  p._head = HEAD;
  // the top bit of a generation is not its own there
  if (r.wide) p._most >>= 1;
  p._disk = store;
  p._base = r.heap;
  p._room = r.journal;
  // besides the bytes of a step the journal takes how far the slide came: two operations of 9 bytes, and 6 bytes
  p._slice = r.journal - 24;
  p._log = log;
  return p;
}

/** `n` in whole units. */
function up(n: number, unit: number): number {
  return Math.ceil(n / unit) * unit;
}

/** The options with others laid over them. */
function laid(options: object | undefined, over: object): Options {
  var out = {} as { [name: string]: unknown };
  for (var name in options || {}) out[name] = (options as typeof out)[name];
  for (name in over) out[name] = (over as typeof out)[name];
  return out;
}

/** Writes a root, its first byte last. */
function seal(store: Store, at: number, data: number[]): void {
  store.write(at + 1, data.slice(1));
  store.write(at, data.slice(0, 1));
}

/** Calls `found` with every copy of a root at the end of `store`. */
function copies(store: Store, found: (at: number, r: Root) => void): void {
  for (var unit = 16; unit <= 4096; unit *= 2) {
    var at = store.size - (store.size % unit) - up(ROOT, unit);
    if (at < ROOT) continue;
    try {
      var r = parse(store, at);
    } catch (error) {
      told(error, ["IMAGE", "VERSION", "DAMAGED"]);
      continue;
    }
    found(at, r);
  }
}

/** Throws an error again that has none of these codes. */
function told(error: unknown, codes: string[]): void {
  if (codes.indexOf((error as { code: string }).code) < 0) throw error;
}

/** An empty persistent pool in `options.store`, see fram.ts. */
export function format(methods: Methods, options: Options & { journal?: number; id?: number }): Far {
  var journal = options.journal === undefined ? 128 : options.journal;
  var unit = options.unit === undefined ? 16 : options.unit;
  var id = options.id || 0;
  if (!(journal >= 64 && journal < 65536) || journal % 1 || !(unit >= 16) || id >>> 0 !== id) {
    fail("OPTION", "journal " + journal + ", unit " + unit + ", id " + id, "64..65535, 16 or more, a whole number");
  }
  return make(methods, laid(options, { unit: unit }), function (all, size, step, rows, large, store) {
    var heap = up(JOURNAL + 3 + journal + rows * (large ? 3 : 2), step);
    size -= heap + up(ROOT, step);
    if (size === 65536 * step) size -= step; // as build() does
    if (!store || size < step) return fail("OPTION", "a heap of " + size + " bytes", "one unit or more");
    var r: Root = { unit: step, wide: large, rows: rows, heap: heap, size: size, journal: journal, id: id };
    var p = open(all, store, r);
    var data = root(r);
    // no root until all the rest is there, and none of an earlier pool that repair() would find
    store.write(0, [0]);
    copies(store, function (old) {
      store.write(old, [0]);
    });
    store.write(SLIDE, [EMPTY]);
    store.write(JOURNAL, [EMPTY]);
    repeat(store, last(p, 0), rows * wide(p), 0);
    store.write(heap, header(HOLE, 0, 0, 0xffff, size - HEAD));
    seal(store, 0, data);
    seal(store, heap + size, data);
    return p;
  });
}

/** Carries out the change that was cut off, if one was. Throws DAMAGED. */
function recall(store: Store, r: Root): void {
  var state = store.read(JOURNAL, 1)[0];
  if (state === EMPTY) return;
  if (state !== FULL) fail("DAMAGED", "a journal in state " + state, EMPTY + " or " + FULL);
  var data = store.read(JOURNAL + 1, 2 + r.journal);
  var body: number[] = [];
  for (var i = 0; i < data.length; i++) body[i] = data[i];
  redo(store, body);
  store.write(JOURNAL, [EMPTY]);
}

/** Rows whose generation is lost. */
type Doubt = { [row: number]: boolean };

/** What is wrong with the header `data` at unit `at` of a pool that has `left` units from there on; "" when nothing is. */
function fault(p: Kept, data: ArrayLike<number>, at: number, left: number, doubt: Doubt): string {
  var row = number(data, 4, 2);
  var g = number(data, 1, 3);
  if (!sound(data, at)) return "tag " + data[0] + ", sum " + number(data, 10, 2);
  if (units(p, number(data, 6, 4)) > left) return number(data, 6, 4) + " bytes of " + left + " units";
  if (data[0] === BLOCK && (row >= p._rows || (p._gens[row] !== 1 - g && !doubt[row]) || g < 2 || g > p._most)) return "row " + row + " of generation " + g + ", the last was " + (1 - p._gens[row]);
  return "";
}

/**
 * Enters every block of the heap in the table. Where there is neither block nor hole, calls `wrong` with what is there, looks for the next
 * block, a unit at a time, and calls `mend` with all the units up to it: holes in between may be older than what was there.
 */
function walk(p: Kept, doubt: Doubt, wrong: (at: number, what: string) => void, mend: (at: number, n: number) => void): void {
  var size = p._ats[p._rows];
  var slide = p._disk.read(SLIDE, TRACK);
  var slides = slide[0] === FULL && sum(slide, 1, 13, 0) === number(slide, 13, 2);
  var low = p._rows;
  var bad = 0;
  if (!slides && slide[0] !== EMPTY) wrong(size, "a slide in state " + slide[0] + ", sum " + number(slide, 13, 2));
  for (var at = 0; at < size; ) {
    var data: ArrayLike<number> = p._disk.read(p._base + at * p._unit, HEAD);
    var by = 0;
    if (slides && number(slide, 1, 4) === at) {
      by = number(slide, 5, 4) | 0;
      data = [BLOCK];
      for (var i = 15; i < TRACK; i++) (data as number[]).push(slide[i]);
    }
    var what = fault(p, data, by > 0 ? at + by : at, size - at - Math.abs(by), doubt);
    if (what || (bad && data[0] === HOLE)) {
      if (!bad++) wrong(at, what);
      at++;
      continue;
    }
    if (bad) mend(at - bad, bad);
    bad = 0;
    var n = number(data, 6, 4);
    var need = units(p, n) + Math.abs(by);
    if (data[0] === BLOCK) {
      var r = number(data, 4, 2);
      var g = number(data, 1, 3);
      if (doubt[r]) age(p, r, g);
      doubt[r] = false;
      link(p, r, low, at, need);
      p._slack[r] = units(p, n) * p._unit - n;
      p._gens[r] = g;
      low = r;
      if (by) (p._fly = r), (p._slide = by), (p._done = number(slide, 9, 4)), (slides = false);
    }
    at += need;
  }
  if (bad) mend(size - bad, bad);
  if (slides) wrong(size, "a slide of no block");
}

/** The generations of all rows as they were last used, and all rows free. Calls `wrong` with rows whose generation cannot be, which then is used up. */
function generations(p: Kept, wrong: (r: number, what: string) => void): void {
  var step = wide(p);
  var r, data!: Uint8Array;
  for (r = 0; r < p._rows; r++) {
    if (!(r & 63)) data = p._disk.read(last(p, r), Math.min(64, p._rows - r) * step);
    var stored = number(data, (r & 63) * step, step);
    var g = stored & p._most;
    if (odd(stored) || g === 1) wrong(r, "row " + r + " of generation " + g), (g = p._most);
    p._gens[r] = g && 1 - g;
  }
}

/** Makes the rows that no block has spare ones. */
function spare(p: Kept): void {
  p._first = p._rows;
  for (var r = 0; r < p._rows; r++) {
    if (p._gens[r] > 0 || p._gens[r] === 1 - p._most) continue;
    if (p._first === p._rows) p._first = r;
    else p._next[p._last] = r;
    (p._last = r), (p._next[r] = p._rows);
  }
}

/** The pool on `store`, see fram.ts. */
export function mount(methods: Methods, store: Store, options?: Options): Far {
  var r = parse(store, 0);
  recall(store, r);
  var given = laid(options, { store: store, unit: r.unit, handles: r.rows, generations: r.wide ? 24 : 16, size: undefined });
  var p: Kept = make(methods, given, function (all) {
    return open(all, store, r);
  });
  function wrong(at: number, what: string): void {
    fail("DAMAGED", at + ": " + what, "sound");
  }
  generations(p, wrong);
  walk(p, {}, wrong, function () {});
  spare(p);
  settle(p);
  return p;
}

/** The root of a pool that takes all of `store`, the copy at its end if need be. Throws IMAGE, VERSION, DAMAGED. */
function either(store: Store, why: string[]): Root {
  var found: Root | undefined;
  try {
    return parse(store, 0);
  } catch (error) {
    told(error, ["IMAGE", "DAMAGED"]);
    copies(store, function (at, r) {
      if (r.heap + r.size === at) found = r;
    });
    if (!found) throw error;
    why.push("root: " + (error as Error).message);
    return found;
  }
}

/** Makes the state at `at`, where it is neither, the nearer one of EMPTY and FULL, which differ in all bits. */
function nearer(store: Store, at: number, what: string, why: string[]): void {
  var state = store.read(at, 1)[0];
  if (state === EMPTY || state === FULL) return;
  why.push(what + " in state " + state);
  var n = 0;
  for (var bits = state ^ FULL; bits; bits &= bits - 1) n++;
  store.write(at, [n < 4 ? FULL : EMPTY]);
}

/** Mends the pool on `store`, see fram.ts. */
export function repair(methods: Methods, store: Store): Repair {
  var out: Repair = { live: 0, lost: 0, why: [] };
  var r = either(store, out.why);
  nearer(store, JOURNAL, "journal", out.why);
  nearer(store, SLIDE, "slide", out.why);
  try {
    recall(store, r);
  } catch (error) {
    told(error, ["DAMAGED"]);
    out.why.push("journal: " + (error as Error).message);
    store.write(JOURNAL, [EMPTY]);
  }
  var p = open(methods, store, r);
  var doubt: Doubt = {};
  generations(p, function (row, what) {
    out.why.push(what);
    doubt[row] = true;
  });
  walk(
    p,
    doubt,
    function (at, what) {
      out.why.push("unit " + at + ": " + what);
      if (at === p._ats[p._rows]) store.write(SLIDE, [EMPTY]);
    },
    function (at, n) {
      out.lost += n * p._unit;
      p._log!.hole(p, at, n, at, n);
    },
  );
  for (var row = 0; row < p._rows; row++) {
    if (p._gens[row] > 0) out.live++;
    if (doubt[row]) age(p, row, p._most);
  }
  var data = root(r);
  store.write(0, data);
  store.write(r.heap + r.size, data);
  return out;
}
