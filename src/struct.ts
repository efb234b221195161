// Records of named fields in blocks.
//
//   { x: "i16", on: "u8", name: "utf8:3" }    [ x ][ x ][ on ][ n ][ name 3 bytes ]
//
// One field follows the other in the order of their names in the object, without padding: bytes are copied one by one, so no engine needs
// them aligned. Numbers are little endian. A text is the number of its bytes and room for the most there may be.

import { fail } from "./error";
import { Heap, memory, Memory, put } from "./cell";
import { decode, encode } from "./text";

export type Kind = "u8" | "i8" | "u16" | "i16" | "u32" | "i32" | "f32" | "f64" | "handle" | `utf8:${number}` | `latin1:${number}`;

export type Value = number | string;

export interface Fields {
  [name: string]: Kind;
}

/** Values by name. */
export type Values<F> = { [name in keyof F]?: Value };

/** What get() gives for a kind. */
export type Got<T> = T extends `${"utf8" | "latin1"}:${number}` ? string : number;

export interface Field {
  /** Of a number: a view of one. */
  _num: any;
  /** Bytes. */
  _n: number;
  /** From the start of the record. */
  _at: number;
  /** The bytes of the number in the view; of a text: 0. */
  _data: any;
  _kind: string;
}

/** Where get() and set() of a struct work: at `_at` in block `_h`. */
export interface Place {
  _mem: Memory;
  _h: number;
  _at: number;
  _fields: { [name: string]: Field };
}

export interface Struct<F = any> extends Place {
  /** Bytes of a record. */
  size: number;
  /** The block of an array. */
  handle?: number;
  _heap: Heap;
  /** The bytes of a new record without values; before there are any, their number. */
  _image: any;
  /** The bytes of a new record. Throws ARGUMENT, RANGE. */
  _make(values: Values<F> | undefined): Uint8Array;
  /** Why the last alloc gave 0. */
  why: string;
  /**
   * A field of record `h`, or of the record that to() chose last. Throws HANDLE (it was freed, or none was chosen), BUSY, RANGE (the block is smaller
   * than a record), ARGUMENT (no such field). Cost: constant.
   */
  get<K extends keyof F>(h: number, name: K): Got<F[K]>;
  get<K extends keyof F>(name: K): Got<F[K]>;
  /**
   * Sets a field of record `h`, or of the record that to() chose last. Throws as get(), RANGE (the field cannot hold the number, the bytes of the text
   * are too many), ARGUMENT (no number, no string); nothing is changed then.
   */
  set<K extends keyof F>(h: number, name: K, value: Value): void;
  set<K extends keyof F>(name: K, value: Value): void;
  /**
   * Chooses record `h`, or number `i` of records that follow each other in block `h`, until the next to(), get(h, name) or set(h, name, value). Returns
   * the object. Throws HANDLE, BUSY, RANGE (no such record in the block): nothing is changed then. Who makes the block smaller has to choose again.
   */
  to(h: number, i?: number): this;
  /** The same with a choice of its own, which is that of this one until to(). */
  cursor(): Struct<F>;
  /**
   * A handle to a new record, `values` by name, the rest as the struct says. 0: the heap refuses, `why` says it. Throws what set() throws, and
   * what the heap does. Cost: an alloc, the bytes. To end a record, free its handle.
   */
  alloc(values?: Values<F>): number;
}

/** The field `name` of record `k` (an index in an array), or `k` of the record chosen. Throws ARGUMENT, and what to() throws. */
function find(s: Struct, k: any, name?: any): Field {
  if (typeof k === "string") name = k;
  else s.to(k);
  // what every object has is no field
  return (k = s._fields[name]) && k._n ? k : fail("ARGUMENT", name, "a field");
}

/** The bytes of a value of a field. Throws ARGUMENT, RANGE. */
function raw(f: Field, value: any): ArrayLike<number> {
  var data = f._data;
  var num = f._num;
  var kind = f._kind;
  var code: any =
    value !== (data ? +value : "" + value)
      ? "ARGUMENT"
      : // a float may be rounded, but not to infinity
        (data ? ((num[0] = value), num[0] === value || (kind < "g" && isFinite(num[0] - value))) : (data = encode(value, kind < "m")).unshift(data.length) <= f._n)
        ? 0
        : "RANGE";
  if (code) fail(code, value, kind);
  return data;
}

var methods = {
  why: "",
  get: function (this: Struct, k: any, name?: any) {
    var s = this;
    var f = find(s, k, name);
    var m = s._mem;
    var b: ArrayLike<number> | undefined = m.bytes;
    var at = s._at + f._at;
    var n = f._n;
    var data = f._data;
    if (b) at += m.at(s._h);
    else (b = m.read!(s._h, at, n)), (at = 0);
    // a block that is no record may say any length
    if (!data) return decode(b, f._kind < "m", at + 1, at + (b[at] < n ? b[at] + 1 : n));
    while (n--) data[n] = b[at + n];
    return f._num[0];
  },
  set: function (this: Struct, k: any, name: any, value?: any) {
    var s = this;
    var f: any;
    // set(name, value), and set(i, value) of an array without names
    if (value === f) (value = name), (name = f);
    f = find(s, k, name);
    // at once, so that no call that is cut off leaves half a value
    put(s._mem, s._h, s._at + f._at, raw(f, value));
  },
  to: function (this: Struct, k: any, i?: any) {
    var s = this;
    var n = s.size;
    var h = s.handle;
    if (h) i = k;
    else (h = k), (i = i || 0);
    k = i * n;
    if (i >>> 0 !== i || k + n > s._mem.size(h as number)) fail("RANGE", i, "a record");
    (s._h = h as number), (s._at = k);
    return s;
  },
  cursor: function (this: any): any {
    return Object.create(this);
  },
  alloc: function (this: Struct, values: any) {
    var s = this;
    var bytes = s._make(values);
    var h = s._heap.alloc(s.size);
    if (h) put(s._mem, h, 0, bytes);
    else s.why = s._heap.why;
    return h;
  },
  _make: function (this: Struct, values: any) {
    var bytes = new Uint8Array(this._image);
    var name, f;
    for (name in values || {}) (f = find(this, name)), bytes.set(raw(f, values[name]), f._at);
    return bytes;
  },
};

/**
 * What records with these fields look like: kinds by name, and in `values` what a new record has that is not 0 or "". Records live in `heap`; without
 * one the struct is for arrays and collectors. Throws OPTION (no fields, a kind that there is not, a text of 0 or more than 255 bytes, no heap), and
 * what set() throws for `values`.
 */
export function struct<F extends Fields>(fields: F, heap?: Heap, values?: Values<F>): Struct<F> {
  var s: Struct = methods.cursor();
  var at = 0;
  var name, kind, views: any, view, num: any, n, data: any;
  // memory() refuses any number
  s._mem = memory((s._heap = heap || ({ alloc: memory, size: memory, has: memory } as any)));
  s._fields = {};
  // here, so that engines without floats can load the rest
  views = {
    u8: Uint8Array,
    i8: Int8Array,
    u16: Uint16Array,
    i16: Int16Array,
    u32: Uint32Array,
    i32: Int32Array,
    handle: Int32Array,
    f32: Float32Array,
    f64: Float64Array,
  };
  for (name in fields) {
    kind = "" + fields[name];
    data = 0;
    n = (kind.split(":")[1] as any) & 255;
    // what every object has is no kind
    for (view in views) if (view === kind) (num = new views[view](1)), (data = new Uint8Array(num.buffer)), (n = data.length);
    data || (n && ("utf8:" + n === kind || "latin1:" + n === kind) && n++) || fail("OPTION", kind, "a kind");
    s._fields[name] = { _num: num, _n: n, _at: at, _data: data, _kind: kind };
    at += n;
  }
  if (!(s._image = s.size = at)) fail("OPTION", fields, "fields");
  s._image = s._make(values);
  return s;
}
