// The format of a persistent pool. All numbers are little endian; a unit is 2^u bytes, at least 16.
//
//   bytes 0..27     root       what the pool is; a copy of it fills the last 28 bytes
//   28..53          slide      the block that slides, if one does
//   54..            journal    what is being changed, see journal.ts: 3 + `journal` bytes
//   then            gens       2 bytes a row, 3 with generations of 24 bits: the last generation used, 0: none; the top bit makes the ones even
//   whole units     heap       blocks and holes, each behind a header, without space between
//
// root     [ magic "tidyheap" 8 ][ version 1 ][ u: 5 bits, wide: bit 7: 1 ][ rows 2 ][ heap at 4 ][ heap bytes 4 ][ journal 2 ][ id 4 ][ sum 2 ]
// slide    [ active 1 ][ unit where it begins 4 ][ units down, up: negative 4 ][ bytes done 4 ][ sum of these 12 2 ][ its header but the tag 11 ]
// header   [ tag 1 ][ generation 3 ][ row 2 ][ payload bytes 4 ][ sum 2 ]
//
// A header stands for (12 + payload bytes) in whole units. The tag says block or hole; the rest of the header of a freed block stays. That
// of a block that slides has a tag of its own where the slide began, so that nobody takes half of it for all of it.
// A sum is a polynomial over the bytes before it, 31^n, modulo 2^16: any one wrong byte changes it. It begins with the unit for a
// header, so that a header is right only where it stands, and leaves out the tag, so that one byte frees a block.

import { fail } from "./error";
import { number, Store, word } from "./store";

var MAGIC = [116, 105, 100, 121, 104, 101, 97, 112]; // "tidyheap"
var VERSION = 1;
export var ROOT = 28;
export var SLIDE = ROOT;
export var TRACK = 26;
export var JOURNAL = SLIDE + TRACK;
export var HEAD = 12;

// Every two differ in at least 4 bits: no single wrong bit turns one into another.
export var BLOCK = 0x96;
export var HOLE = 0x69;
export var AWAY = 0x3c;

/** The pool as its root says it. */
export interface Root {
  unit: number;
  wide: boolean;
  rows: number;
  heap: number;
  size: number;
  journal: number;
  id: number;
}

/** Sum over bytes `from` to `to` of `data`. */
export function sum(data: ArrayLike<number>, from: number, to: number, seed: number): number {
  for (; from < to; from++) seed = ((seed & 0xffff) * 31 + data[from]) & 0xffff;
  return seed & 0xffff;
}

/** 1 when an odd number of the low 24 bits of `n` are ones, else 0. */
export function odd(n: number): number {
  n ^= n >> 16;
  n ^= n >> 8;
  // bit i of 0x6996 is 1 where i has an odd number of ones
  return (0x6996 >> ((n ^ (n >> 4)) & 15)) & 1;
}

/** A generation in `bytes` bytes. */
export function stamp(g: number, bytes: number): number[] {
  return word(g | (odd(g) << (8 * bytes - 1)), bytes);
}

/** Bytes 1 to 14 of the record of a slide; the last 6 say how far it has come. */
export function track(from: number, by: number, done: number): number[] {
  var all = word(from, 4).concat(word(by, 4), word(done, 4));
  return all.concat(word(sum(all, 0, 12, 0), 2));
}

/** A header at unit `at`. */
export function header(tag: number, at: number, g: number, row: number, n: number): number[] {
  var out = [tag].concat(word(g, 3), word(row, 2), word(n, 4));
  return out.concat(word(sum(out, 1, 10, at), 2));
}

/** True when `data` is a sound header at unit `at`. */
export function sound(data: ArrayLike<number>, at: number): boolean {
  return (data[0] === BLOCK || data[0] === HOLE) && sum(data, 1, 10, at) === number(data, 10, 2);
}

/** A root. */
export function root(r: Root): number[] {
  var u = 0;
  while (1 << u < r.unit) u++;
  var out = MAGIC.concat([VERSION, u | (r.wide ? 128 : 0)], word(r.rows, 2), word(r.heap, 4), word(r.size, 4), word(r.journal, 2), word(r.id, 4));
  return out.concat(word(sum(out, 0, ROOT - 2, 0), 2));
}

/** The root at `at` of a store. Throws IMAGE (there is no pool), VERSION (of a later version), DAMAGED. */
export function parse(store: Store, at: number): Root {
  var data = store.read(at, ROOT);
  var same = 0;
  for (var i = 0; i < 8; i++) if (data[i] === MAGIC[i]) same++;
  var right = sum(data, 0, ROOT - 2, 0) === number(data, ROOT - 2, 2);
  // format() clears the first byte before anything else
  if (!data[0] || same < 7) fail("IMAGE", data[0] + ", " + data[1] + ", " + data[2] + "...", MAGIC[0] + ", " + MAGIC[1] + ", " + MAGIC[2]);
  if (right && data[8] !== VERSION) fail("VERSION", data[8], VERSION);
  var r: Root = { unit: 1 << (data[9] & 31), wide: data[9] > 127, rows: number(data, 10, 2), heap: number(data, 12, 4), size: number(data, 16, 4), journal: number(data, 20, 2), id: number(data, 22, 4) };
  if (!right || r.heap + r.size + ROOT > store.size) fail("DAMAGED", "a root with sum " + number(data, ROOT - 2, 2), sum(data, 0, ROOT - 2, 0));
  return r;
}
