// The types of tidyheap-kit. `H` is what handles of a heap are: Handle of a pool, Slot of a slab.

import { ChainOptions } from "../../src/chain";
import { Refusal } from "../../src/error";
import { Input } from "../../src/deque";
import { Idling } from "../../src/idle";
import { Relief as Mark } from "../../src/pressure";
import { Count } from "../../src/slab";
import { Kind } from "../../src/struct";
import { Handle, Item, Slot } from "./handle";

export type { ChainOptions } from "../../src/chain";
export type { Misuse, Refusal } from "../../src/error";
export type { Input } from "../../src/deque";
export type { Idling } from "../../src/idle";
export type { Count } from "../../src/slab";
export type { Kind } from "../../src/struct";
export type { Scheduler } from "../../src/time";
export type { Handle, HeapError, Item, Slot } from "./handle";

/** What a part takes its blocks from: a pool of any kind, a slab, an owner, a scope, a pressure, or an object of your own with these calls. */
export interface Heap<H extends number = Handle> {
  /** A handle, or 0 and `why`. */
  alloc(bytes: number): H | 0;
  free(h: H | 0): void;
  /** Why the last call was refused. */
  why: string;
  /** The pool that knows the bytes, where this is not it. */
  pool?: Memory<H>;
  bytes?: Uint8Array;
  epoch?: number;
  at?(h: H): number;
  size?(h: H): number;
  has?(h: number): boolean;
  stat?(): { free: number; live: number };
  read?(h: H, at: number, n: number): Uint8Array;
  write?(h: H, at: number, data: ArrayLike<number>): void;
}

/** A heap that knows the bytes of its blocks. */
export interface Memory<H extends number = Handle> extends Heap<H> {
  at(h: H): number;
  size(h: H): number;
  has(h: number): boolean;
}

/** What slab() makes. */
export interface Slab<H extends number = Handle> extends Heap<Slot> {
  alloc(bytes: number): Slot | 0;
  free(h: Slot | 0): void;
  has(h: number): h is Slot;
  size(h: Slot): number;
  at(h: Slot): number;
  view(h: Slot): Uint8Array;
  read(h: Slot, at: number, n: number): Uint8Array;
  write(h: Slot, at: number, data: ArrayLike<number> | string): void;
  copy(to: Slot, toAt: number, from: Slot, fromAt: number, n: number): void;
  fill(h: Slot, value: number, at: number, n: number): void;
  stat(): Count;
  clear(): void;
  close(): void;
  why: Refusal;
  block: H | 0;
  live: number;
  slots: number;
}

/** What buffers and deques have in common. */
export interface Chain {
  append(data: ArrayLike<number> | string): boolean;
  read(at: number, n: number): Uint8Array;
  take(n: number): Uint8Array;
  copy(to: { append(data: Uint8Array): boolean; why: string }, at: number, n: number): boolean;
  split(n: number): this | undefined;
  chunks(fn: (bytes: Uint8Array, at: number) => unknown): void;
  forEach(fn: (byte: number, at: number) => unknown): void;
  toString(): string;
  clear(): void;
  length: number;
  max: number;
  why: string;
}

/** What buffer() makes. */
export interface Buffer extends Chain {
  extend(n: number, value?: number): boolean;
  write(at: number, data: ArrayLike<number> | string): void;
  toArray(): number[];
  move(to: Chain): boolean;
}

/** What deque() makes. */
export interface Deque extends Chain {
  push(byte: number): boolean;
  unshift(byte: number): boolean;
  pop(): number | undefined;
  shift(): number | undefined;
  first(): number | undefined;
  last(): number | undefined;
  peek(n: number): Uint8Array;
  skip(n: number | ((byte: number) => unknown)): number;
  until(mark: number | string | ArrayLike<number>): Uint8Array | undefined;
  readLine(): string | undefined;
  parse<T>(fn: (input: Input) => T): T | undefined;
  drain(to: Chain): boolean;
}

/** What queue() makes. */
export interface Queue {
  push(value: number): boolean;
  shift(): number | undefined;
  peek(): number | undefined;
  waiting(): number;
  clear(): void;
  close(): void;
  lost: number;
}

/** Kinds by name. */
export interface Fields {
  [name: string]: Kind;
}

type Text = `utf8:${number}` | `latin1:${number}`;

/** What get() gives for a kind `K`, where a handle field holds an `H`. */
export type Got<K, H> = K extends Text ? string : K extends "handle" ? H | 0 : number;

/** What set() takes for a kind `K`: a handle field any handle. */
export type Given<K> = K extends Text ? string : K extends "handle" ? Handle | Slot | Item | 0 : number;

/** Values of a record, by name. */
export type Values<F> = { [K in keyof F]?: Given<F[K]> };

/** What records look like: for arrays and collectors. */
export interface Layout<F> {
  /** Bytes of a record. */
  size: number;
  /** For the compiler alone: no struct has it. */
  readonly " fields"?: F;
}

/** What struct() makes. */
export interface Struct<F, H extends number = Handle> extends Layout<F> {
  alloc(values?: Values<F>): H | 0;
  get<K extends keyof F>(h: H, name: K): Got<F[K], H>;
  get<K extends keyof F>(name: K): Got<F[K], H>;
  set<K extends keyof F>(h: H, name: K, value: Given<F[K]>): void;
  set<K extends keyof F>(name: K, value: Given<F[K]>): void;
  to(h: H, i?: number): this;
  cursor(): Struct<F, H>;
  why: string;
}

interface Row<H extends number> {
  handle: H | 0;
  length: number;
  size: number;
  to(i: number): this;
  close(): void;
}

/** What array() makes of a kind `T`. */
export interface List<T, H extends number = Handle> extends Row<H> {
  get(i: number): Got<T, H>;
  set(i: number, value: Given<T>): void;
  cursor(): List<T, H>;
}

/** What array() makes of a struct with the fields `F`. */
export interface Table<F, H extends number = Handle> extends Row<H> {
  get<K extends keyof F>(i: number, name: K): Got<F[K], H>;
  get<K extends keyof F>(name: K): Got<F[K], H>;
  set<K extends keyof F>(i: number, name: K, value: Given<F[K]>): void;
  set<K extends keyof F>(name: K, value: Given<F[K]>): void;
  cursor(): Table<F, H>;
}

export interface Leak<H extends number = Handle> {
  handle: H;
  size: number;
  age: number;
}

interface Ledger<H extends number> extends Heap<H> {
  keep(h: H): H;
  close(): void;
  /** The pool that knows the bytes. */
  pool: Memory<H>;
}

/** What owner() makes, and scope() gives. */
export interface Owner<H extends number = Handle> extends Ledger<H> {
  used(): number;
  leaks(): Leak<H>[];
}

/** What guard() makes. */
export interface Guard<H extends number = Handle> {
  /** The block. */
  handle: H;
  /** The block as a Uint8Array while it is locked; null afterwards, and where blocks have no views. */
  view: Uint8Array | null;
  unlock(): void;
  release(): void;
}

export interface Relief<H extends number = Handle> extends Omit<Mark, "onpurge"> {
  onpurge?(h: H): void;
}

/** What pressure() makes. */
export interface Pressure<H extends number = Handle> extends Ledger<H> {
  touch(h: H): boolean;
  look(): void;
  reserve(bytes: number): H | 0;
  release(): void;
}

/** What collector() makes. */
export interface Collector {
  alloc<F>(type: Layout<F>, values?: Values<F>): Item<F> | 0;
  get<F, K extends keyof F>(h: Item<F>, name: K): Got<F[K], Item>;
  set<F, K extends keyof F>(h: Item<F>, name: K, value: Given<F[K]>): void;
  root(name: string, h: Item | 0): void;
  collect(budget: number): number;
  close(): void;
  onfree: ((h: Item) => void) | undefined;
  live: number;
  why: string;
}

/** What idle() makes. */
export interface Idle {
  tick(): number;
  start(): void;
  stop(): void;
  enter(): void;
  leave(): void;
}

/** `H`, as it follows from other arguments: from this one it is not inferred. */
type Same<H> = [H][H extends unknown ? 0 : never];

/** Sizes of the global pool: 1, 4, 16, 32, 63 KB. */
export type Preset = "tiny" | "small" | "medium" | "large" | "huge";

export declare function slab<H extends number>(heap: Heap<H>, options: { size: number; slots: number }): Slab<H> | 0;
export declare function buffer<H extends number>(heap: Heap<H>, options?: ChainOptions): Buffer;
export declare function deque<H extends number>(heap: Heap<H>, options?: ChainOptions): Deque;
export declare function queue<H extends number>(heap: Heap<H>, options: { count: number; size?: 1 | 2 | 4 }): Queue | 0;
export declare function struct<F extends Fields>(fields: F, heap?: undefined, values?: Values<F>): Layout<F>;
export declare function struct<F extends Fields, H extends number>(fields: F, heap: Heap<H>, values?: Values<F>): Struct<F, H>;
export declare function array<T extends Kind, H extends number>(heap: Heap<H>, type: T, n: number): List<T, H> | 0;
export declare function array<F, H extends number>(heap: Heap<H>, type: Layout<F>, n: number): Table<F, H> | 0;
export declare function owner<H extends number>(heap: Heap<H>, quota?: number, home?: Heap<any>): Owner<H>;
export declare function scope<H extends number, T>(heap: Heap<H>, fn: (s: Owner<H>) => T): T;
export declare function guard<H extends number>(heap: Heap<H>, h: Same<H>): Guard<H>;
export declare function pressure<H extends number>(heap: Heap<H>, options: Relief<H>, home?: Heap<any>): Pressure<H>;
export declare function collector<H extends number>(heap: Heap<H>): Collector;
export declare function idle(pool: { tick(budget: number): number }, options?: Idling): Idle;
declare function shared<T, O>(tidyheap: { create(options: O): T; global?: any }, preset?: Preset | O): T;
export { shared as global };
