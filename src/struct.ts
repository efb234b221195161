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
  /** Of a number: RAW as such numbers; else false. */
  _num: any;
  /** Bytes. */
  _n: number;
  /** From the start of the record. */
  _at: number;
  /** As many bytes of RAW. */
  _data: Uint8Array;
  /** Without a length. */
  _kind: string;
}

/** One record: `_at` in block `_h`. */
export interface Place {
  _mem: Memory;
  _h: number;
  _at: number;
}

export interface Struct<F = any> extends Place {
  _fields: { [name: string]: Field };
  /** Bytes of a record. */
  size: number;
  /** The block of an array; else 0. */
  handle: number;
  _heap: Heap;
  /** A new record. */
  _image: Uint8Array | undefined;
  /** For what has records of its own. */
  _make: typeof make;
  _find: typeof find;
  _peek: typeof peek;
  _poke: typeof poke;
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

/** A number on its way from or to a block, by kind. Made by the first struct: engines without floats can load the rest. */
var NUMBERS: { [kind: string]: any };
var RAW: Uint8Array;

/** The field `name` of record `k` (an index in an array), or `k` of the record chosen. Throws ARGUMENT, and what to() throws. */
function find(s: Struct, k: any, name?: any): Field {
  if (typeof k === "string") name = k;
  else s.to(k);
  // what every object has is no field
  return (k = s._fields[name]) && k._n ? k : fail("ARGUMENT", name, "a field");
}

/** A field of a record; the caller has seen to it that there is one. Throws HANDLE, BUSY. */
function peek(p: Place, f: Field): any {
  var m = p._mem;
  var b: ArrayLike<number> | undefined = m.bytes;
  var at = p._at + f._at;
  var n = f._n;
  if (b) at += m.at(p._h);
  else (b = m.read!(p._h, at, n)), (at = 0);
  // a block that is no record may say any length
  if (!f._num) return decode(b, f._kind < "m", at + 1, at + Math.min(b[at] + 1, n));
  while (n--) RAW[n] = b[at + n];
  return f._num[0];
}

/** Sets it. Throws HANDLE, BUSY, RANGE, ARGUMENT. */
function poke(p: Place, f: Field, value: any): void {
  var data: any = f._data;
  var num = f._num;
  var kind = f._kind;
  if (value !== (num ? +value : "" + value)) fail("ARGUMENT", typeof value, kind);
  if (num) {
    num[0] = value;
    // a float may be rounded, but not to infinity
    num = num[0] === value || (kind < "g" && isFinite(num[0] - value));
  } else {
    data = encode(value, kind < "m");
    num = data.length < f._n;
    data.unshift(data.length);
  }
  if (!num) fail("RANGE", value, kind);
  // at once, so that no call that is cut off leaves half a value
  put(p._mem, p._h, p._at + f._at, data);
}

/** The bytes of a new record behind `head` others. Throws ARGUMENT, RANGE. */
function make(s: Struct, values: any, head: number): Uint8Array {
  var bytes = new Uint8Array(head + s.size);
  if (s._image) bytes.set(s._image, head);
  // memory with one block, which is at Number(0)
  for (var name in values) poke({ _mem: { bytes: bytes, at: Number }, _h: 0, _at: head } as any, find(s, name), values[name]);
  return bytes;
}

var methods = {
  handle: 0,
  why: "",
  _h: 0,
  get: function (this: Struct, k: any, name?: any) {
    return peek(this, find(this, k, name));
  },
  set: function (this: Struct, k: any, name: any, value?: any) {
    // set(name, value), and set(i, value) of an array without names
    if (value === undefined) (value = name), (name = undefined);
    poke(this, find(this, k, name), value);
  },
  to: function (this: Struct, k: any, i?: any) {
    var h = this.handle;
    if (h) i = k;
    else (h = k), (i = i || 0);
    k = i * this.size;
    if (i >>> 0 !== i || k + this.size > (this._mem || memory(undefined as any)).size(h)) fail("RANGE", i, "a record");
    (this._h = h), (this._at = k);
    return this;
  },
  cursor: function (this: Struct) {
    return Object.create(this);
  },
  alloc: function (this: Struct, values: any) {
    var bytes = make(this, values, 0);
    var h = (this._heap || memory(undefined as any)).alloc(this.size);
    if (h) put(this._mem, h, 0, bytes);
    else this.why = this._heap.why;
    return h;
  },
  _make: make,
  _find: find,
  _peek: peek,
  _poke: poke,
};

/**
 * What records with these fields look like: kinds by name, and in `values` what a new record has that is not 0 or "". Records live in `heap`; without
 * one the struct is for arrays and collectors. Throws OPTION (no fields, a kind that there is not, a text of 0 or more than 255 bytes, no heap), and
 * what set() throws for `values`.
 */
export function struct<F extends Fields>(fields: F, heap?: Heap, values?: Values<F>): Struct<F> {
  var s = Object.create(methods) as Struct;
  var at = 0;
  var name, kind, n, b, i;
  if (!RAW) {
    RAW = new Uint8Array(8);
    b = RAW.buffer;
    i = new Int32Array(b);
    NUMBERS = {
      u8: RAW,
      i8: new Int8Array(b),
      u16: new Uint16Array(b),
      i16: new Int16Array(b),
      u32: new Uint32Array(b),
      i32: i,
      handle: i,
      f32: new Float32Array(b),
      f64: new Float64Array(b),
    };
  }
  s._mem = heap && (memory(heap) as any);
  s._heap = heap as Heap;
  s._fields = {};
  for (name in fields) {
    i = NUMBERS[fields[name]];
    kind = ("" + fields[name]).split(":");
    n = +kind[1] + 1;
    kind = kind[0];
    // what every object has is no kind
    if (i && i.buffer) n = 8 / i.length;
    else if ((i = !(n > 1 && n < 257 && n % 1 === 0 && (kind === "utf8" || kind === "latin1")))) fail("OPTION", fields[name], "a kind");
    s._fields[name] = { _num: i, _n: n, _at: at, _data: RAW.subarray(0, n), _kind: kind };
    at += n;
  }
  if (!(s.size = at)) fail("OPTION", fields, "fields");
  s._image = make(s, values, 0);
  return s;
}
