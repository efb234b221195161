// The heap of a board, in JsVars, as far as typed arrays and code fill it.
//
// An array of more than a few bytes wants one run of free vars: the first hole that is large enough. If there is
// none it is silently spread over single vars from the bottom, and E.getAddressOf(array, true) is 0.
// NOT MODELLED: variables, objects, strings and functions; arrays copied from data, views and replies of SPI, which a board
// frees as soon as nobody holds them; garbage collection (an array counts until drop()); the 4-byte alignment of runs;
// that catch and finally do not run when memory is out (the interval is deleted all the same).

import type { Clock } from "./clock";

/** A run of vars in use. Vars are counted from 1, as in Espruino. */
interface Run {
  at: number;
  vars: number;
  /** The ArrayBuffer in it, or a name for what is no array. */
  owner: any;
  flat: boolean;
}

/** What a host may look at and do. */
export interface Memory {
  /** Vars in use. */
  used(): number;
  /** Largest run of free vars. */
  largest(): number;
  /** Frees an array, as a board does when nobody holds it any more. */
  drop(array: any): void;
  /** Takes one var in every `step` that is free, so that runs stay shorter than that. */
  scatter(step: number): void;
}

export interface Heap extends Memory {
  total: number;
  varBytes: number;
  runs: Run[];
  clock: Clock;
  /** Called when memory is out. Throws. */
  abort: (text: string) => never;
}

const RAM_BASE = 0x20000000; // where a Cortex-M has its RAM
const CODE_BYTES_PER_VAR = 8.1; // 2.6 kB of module take 321 vars
const ARRAY_VARS = 2; // the ArrayBuffer and the view
const DEFRAG_MICROS_PER_VAR = 588; // 3 s for 5100 vars in use at 84 MHz

/** An empty heap. */
export function heap(clock: Clock, total: number, varBytes: number, abort: Heap["abort"]): Heap {
  const h: Heap = {
    total,
    varBytes,
    runs: [],
    clock,
    abort,
    used: () => used(h),
    largest: () => largest(h),
    drop: (array) => release(h, array.buffer || array),
    scatter: (step) => scatter(h, step)
  };
  return h;
}

function used(h: Heap): number {
  let vars = 0;
  for (let i = 0; i < h.runs.length; i++) vars += h.runs[i].vars;
  return vars;
}

/** First var of the hole in front of run i, which may be one behind the last. */
function start(h: Heap, i: number): number {
  return i ? h.runs[i - 1].at + h.runs[i - 1].vars : 1;
}

function room(h: Heap, i: number): number {
  return (i < h.runs.length ? h.runs[i].at : h.total + 1) - start(h, i);
}

function largest(h: Heap): number {
  let most = 0;
  for (let i = 0; i <= h.runs.length; i++) most = Math.max(most, room(h, i));
  return most;
}

function place(h: Heap, i: number, vars: number, owner: any, flat: boolean): void {
  h.runs.splice(i, 0, { at: start(h, i), vars, owner, flat });
}

/** Puts a flat run into the first hole that takes it. False = there is none. */
function fit(h: Heap, vars: number, owner: any): boolean {
  for (let i = 0; i <= h.runs.length; i++) {
    if (room(h, i) < vars) continue;
    place(h, i, vars, owner, true);
    return true;
  }
  return false;
}

/** Puts single vars into the lowest holes. Aborts when there are not enough. */
function spread(h: Heap, vars: number, owner: any): void {
  const free = h.total - used(h);
  if (vars > free) h.abort("Out of memory: " + vars + " vars wanted, " + free + " free");
  for (let i = 0; vars > 0; i++) {
    const n = Math.min(room(h, i), vars);
    if (n) place(h, i, n, owner, false);
    vars -= n;
  }
}

function release(h: Heap, owner: any): void {
  for (let i = h.runs.length; i--; ) if (h.runs[i].owner === owner) h.runs.splice(i, 1);
}

function scatter(h: Heap, step: number): void {
  for (let at = step; at <= h.total; at += step) {
    let i = 0;
    while (i < h.runs.length && h.runs[i].at <= at) i++;
    if (start(h, i) <= at) h.runs.splice(i, 0, { at, vars: 1, owner: "scatter", flat: false });
  }
}

/** Takes the vars of a piece of code. */
export function addCode(h: Heap, source: string): void {
  spread(h, Math.ceil(source.length / CODE_BYTES_PER_VAR), "code");
}

/** Takes vars for something else the board keeps. */
export function addVars(h: Heap, vars: number, owner: string): void {
  spread(h, vars, owner);
}

// Up to this many bytes a string in single vars is no larger than a flat one: 17 with 13-byte vars, 19 with 14.
function evenBytes(varBytes: number): number {
  return 2 * varBytes - 9;
}

/** Takes the vars of a new buffer. Aborts when there are not enough. */
function addBuffer(h: Heap, buffer: ArrayBuffer): void {
  const bytes = buffer.byteLength;
  spread(h, ARRAY_VARS, buffer);
  const small = bytes <= evenBytes(h.varBytes);
  if (!small && fit(h, 1 + Math.ceil(bytes / h.varBytes), buffer)) return;
  spread(h, 1 + Math.ceil(Math.max(bytes - (h.varBytes - 5), 0) / (h.varBytes - 4)), buffer);
}

/** A constructor like `native` whose arrays of a given length count. A host's ArrayBuffer is wrapped as well. */
export function counted(h: Heap, native: any): any {
  const make: any = function () {
    const first = arguments[0]; // Espruino counts declared parameters as arguments
    if (arguments.length > 2) return new native(first, arguments[1], arguments[2]);
    if (arguments.length > 1) return new native(first, arguments[1]);
    const array = first === undefined ? new native(0) : new native(first);
    if (typeof first === "number") addBuffer(h, array.buffer || array);
    return array;
  };
  make.prototype = native.prototype;
  return make;
}

/** As E.getAddressOf. With `flat`, 0 for an array that is not one run. Throws for an array that does not count. */
export function address(h: Heap, array: any, flat: boolean): number {
  const buffer = array.buffer || array;
  let known = false;
  for (let i = 0; i < h.runs.length; i++) {
    if (h.runs[i].owner !== buffer) continue;
    known = true;
    if (h.runs[i].flat) return RAM_BASE + (h.runs[i].at + 1) * h.varBytes + (array.byteOffset || 0);
  }
  if (!known) throw new Error("not modelled: E.getAddressOf of an array that is a copy");
  return flat ? 0 : RAM_BASE;
}

/** As E.defrag: moves everything down, so that all free vars are one run. Arrays that are not flat stay so. */
export function defrag(h: Heap): void {
  let at = 1;
  for (let i = 0; i < h.runs.length; i++) {
    h.runs[i].at = at;
    at += h.runs[i].vars;
  }
  h.clock.micros += used(h) * DEFRAG_MICROS_PER_VAR;
}

/** As process.memory(). */
export function report(h: Heap): object {
  const usage = used(h);
  return { free: h.total - usage, usage, total: h.total, history: 0, gc: 0, gctime: 0, blocksize: h.varBytes };
}
