// Mark and sweep over records that hold handles of each other, in steps, with nothing in engine memory for a record.
//
//   record  [ next ][ link ][ mark ][ fields of its struct ]      4 bytes each
//
//   next  the next record in the list of all, 0: it is the last
//   link  its colour (1 or 2), or the next gray record, 0: it is the last; no handle is 1 or 2
//   mark  its handle, the key of the collector and the number of its struct, XORed. No two blocks ever have the same handle, so what is left of a record
//         in a plain block is no mark, and a plain block in a handle field is passed over, unless a program writes a mark into it
//
// A cycle:  idle  ->  roots become gray  ->  [ a gray record: white records it holds become gray, it becomes black ] until none is gray
//           ->  black is called white from now on, all records are the old list  ->  [ an old record: kept if white, else freed ]  ->  idle
//
// While it marks, what is stored in a record or as a root becomes gray, and so does a new record: no black record holds a white one. The steps
// are such that a call cut off anywhere leaves a state to go on from.

import { fail, whole } from "./error";
import { Heap, load, memory, put, words } from "./cell";
import { Place, Struct, Value, Values } from "./struct";

/** Bytes in front of the fields. */
var HEAD = 12;

/** Of the last collector: a number that is in no program by chance; its low 12 bits are for the struct. */
var keys = -0x5eed1000;

export interface Collector extends Place {
  _heap: Heap;
  /** The first record of all; of those that the sweep has still to look at. */
  _all: number;
  _old: number;
  /** The first gray record; the one in hand, which is looked at again if a call was cut off. */
  _gray: number;
  _now: number;
  /** The colour of what was not reached yet; while it sweeps, of what is kept. */
  _white: number;
  /** 1 while it marks. */
  _mark: number;
  /** 1 when something changed since the cycle began. */
  _more: number;
  _key: number;
  _types: Struct[];
  _roots: { [name: string]: number };
  /** Records there are. */
  live: number;
  /** Why the last alloc gave 0. */
  why: string;
  /**
   * Called with a record before it is freed. It may read the record (what its handles name may be gone already) and use the collector except collect()
   * and close(); it cannot keep the record: a handle stored anywhere is stale afterwards. When it throws, collect() throws that, and the next
   * collect() calls it again for the same record.
   */
  onfree: ((h: number) => void) | undefined;
  /**
   * A handle to a new record: its struct, 12 bytes more. 0: the heap refuses, `why` says it. Keep it in a record or a root before the next collect().
   * Where alloc() of the heap calls collect(), `values` that are handles have to be kept elsewhere as well. The program neither frees nor resizes a
   * record, and writes to it by set() only: behind a record freed by hand all others would be lost, collect() throws HANDLE then. Throws ARGUMENT
   * (no struct), what set() of a struct throws, and what the heap does. Cost: an alloc, the bytes.
   */
  alloc<F>(type: Struct<F>, values?: Values<F>): number;
  /** A field of record `h`. Throws HANDLE (it is none of this collector), ARGUMENT (no such field), BUSY. Cost: constant. */
  get(h: number, name: string): any;
  /** Sets a field of record `h`. Throws as get(), and as set() of a struct. */
  set(h: number, name: string, value: Value): void;
  /** Record `h` and all that it leads to stay until another has this name; 0 takes the name back. Throws HANDLE (no record of this collector), BUSY. */
  root(name: string, h: number): void;
  /**
   * At most `budget` steps: one looks at one record, or at all roots. Returns steps done; fewer than `budget` when a cycle has ended and nothing was
   * stored or allocated since it began, so that `while (c.collect(100));` frees all there is to free. Records only a variable of the program
   * knows are freed: that is no root. Throws ARGUMENT, LOCK (a record to be freed is locked; it goes on when it is not), BUSY, and what onfree does.
   */
  collect(budget: number): number;
  /** Frees all records, finalisers and all, and forgets the roots; the collector is as new. Throws as collect(): call it again then. */
  close(): void;
}

/** The struct of record `h`; undefined, false: it is no record of this collector. Throws BUSY. */
function kind(c: Collector, h: number): Struct | undefined | false {
  var m = c._mem;
  return m.has(h) && m.size(h) >= HEAD && c._types[load(m, h, 8, 4) ^ h ^ c._key];
}

/** Makes a white record gray. */
function shade(c: Collector, h: number): void {
  if (kind(c, h) && load(c._mem, h, 4, 4) === c._white) words(c._mem, h, 4, [c._gray]), (c._gray = h);
}

/** The struct of record `h`, which is chosen. Throws HANDLE. */
function pick(c: Collector, h: number): Struct {
  var type = kind(c, (c._h = h));
  // a record that was resized may be too small
  if (!type || c._mem.size(h) < HEAD + type.size) fail("HANDLE", h, "a record");
  c._fields = type._fields;
  return type;
}

/** Keeps the first of the old records, or frees it. */
function sweep(c: Collector, all?: number): void {
  var h = c._old;
  var next = load(c._mem, h, 0, 4);
  if (!all && load(c._mem, h, 4, 4) === c._white) words(c._mem, h, 0, [c._all]), (c._all = h), (c._old = next);
  else {
    if (c.onfree) c.onfree(h);
    c._heap.free(h), (c._old = next), c.live--;
  }
}

/** One step of the cycle. Returns 1, or 0 when it is idle. */
function step(c: Collector): number {
  var h = c._now || c._gray;
  var name, f, fields;
  if (h) {
    if (!c._now) (c._gray = load(c._mem, h, 4, 4)), (c._now = h);
    fields = pick(c, h)._fields;
    for (name in fields) if ((f = fields[name])._kind[0] === "h") shade(c, load(c._mem, h, HEAD + f._at, 4));
    words(c._mem, h, 4, [3 - c._white]), (c._now = 0);
  } else if (c._mark) (c._old = c._all), (c._all = 0), (c._white = 3 - c._white), (c._mark = 0);
  else if (c._old) sweep(c);
  else if (c._more) {
    for (name in c._roots) shade(c, c._roots[name]);
    (c._mark = 1), (c._more = 0);
  } else return 0;
  return 1;
}

var methods = {
  live: 0,
  why: "",
  _at: HEAD,
  _white: 1,
  get: function (this: Collector, h: number, name: string) {
    return pick(this, h).get.call(this, "" + name);
  },
  set: function (this: Collector, h: number, name: string, value: any) {
    var c = this;
    var type = pick(c, h);
    var f = c._fields[(name += "")];
    c._more = 1;
    if (c._mark && f && f._kind === "handle") shade(c, value);
    type.set.call(c, name, value);
  },
  alloc: function (this: Collector, type: Struct, values: any) {
    if (!type || !type._make) fail("ARGUMENT", type, "a struct");
    var c = this;
    var types = c._types;
    var data = type._make(values);
    var h = c._heap.alloc(HEAD + type.size);
    var n = types.indexOf(type);
    if (n < 0) n = types.push(type) - 1;
    if (h) {
      words(c._mem, h, 0, [c._all, c._mark ? c._gray : c._white, h ^ c._key ^ n]);
      put(c._mem, h, HEAD, data);
      c._mark && (c._gray = h), (c._all = h), c.live++, (c._more = 1);
    } else c.why = c._heap.why;
    return h;
  },
  root: function (this: Collector, name: string, h: number) {
    var c = this;
    if (h !== 0) pick(c, h);
    if (c._mark) shade(c, h);
    (c._more = 1), (c._roots["." + name] = h);
  },
  collect: function (this: Collector, budget: number) {
    var n = 0;
    whole(budget);
    while (n < budget && step(this)) n++;
    return n;
  },
  close: function (this: Collector) {
    var c = this;
    (c._gray = c._now = c._mark = 0), (c._roots = {});
    while (c._old || ((c._old = c._all), (c._all = 0), c._old)) sweep(c, 1);
  },
};

/**
 * A collector of records in `heap`, which is idle and has none. The blocks of a persistent pool outlive it and are no records of the next one. Throws
 * OPTION (no heap).
 */
export function collector(heap: Heap): Collector {
  var c = Object.create(methods) as Collector;
  c._mem = memory(heap);
  c._key = keys += 4096;
  c._types = [];
  c._heap = heap;
  c.close();
  return c;
}
