// What users see of a pool, whatever its bytes live in. What a call does is said where it is written: the build takes the comments from there.

import { Refusal } from "../../src/error";
import { Options } from "../../src/option";
import { Store } from "../../src/store";
import { Handle } from "./handle";

/** A store whose bytes the processor can address, as ram() of tidyheap-thumb makes it. */
export interface RamStore extends Store {
  /** The memory itself. */
  bytes: Uint8Array;
  /** A window on it. */
  view(from: number, to: number): Uint8Array;
}

/** The options of every pool but the tiny one. */
export interface CommonOptions extends Omit<Options, "store" | "low" | "onlow" | "onmove"> {
  /** Called for every block that has moved, with its handle and new address; may not call the pool. */
  onmove?(handle: Handle, at: number): void;
}

/** The calls that all pools have. */
export interface Blocks {
  alloc(bytes: number): Handle | 0;
  free(h: Handle | 0): void;
  size(h: Handle): number;
  has(h: number): h is Handle;
  at(h: Handle): number;
  /** Why the last call was refused; "" before the first refusal. */
  why: Refusal;
  /** Bytes moved so far, and 1 for each reset(): addresses and views are good until it changes. */
  epoch: number;
  /** Blocks moved so far. */
  moves: number;
  /** Called for every block that has moved, with its handle and new address; may not call the pool. */
  onmove: ((handle: Handle, at: number) => void) | undefined;
}

/** The calls that all pools but the tiny one have. */
export interface Calls extends Blocks {
  read(h: Handle, at: number, n: number): Uint8Array;
  write(h: Handle, at: number, data: ArrayLike<number> | string): void;
  copy(to: Handle, toAt: number, from: Handle, fromAt: number, n: number): void;
  fill(h: Handle, value: number, at: number, n: number): void;
  resize(h: Handle, bytes: number): boolean;
  lock(h: Handle): void;
  unlock(h: Handle): void;
  tick(budget: number): number;
  start(ms: number, budget: number): void;
  stop(): void;
  pack(): number;
  hold(): void;
  release(): void;
  reset(): void;
}

/** A pool in RAM. */
export interface RamCalls extends Calls {
  /** The memory of the pool, in which at(h) is an address. */
  bytes: Uint8Array;
  view(h: Handle): Uint8Array;
  use<T>(h: Handle, fn: (view: Uint8Array) => T): T;
}

/** A pool in a store of any kind. */
export interface StoreCalls extends Calls {
  /** The memory of the pool, where the store has an array. */
  bytes: Uint8Array | undefined;
  view(h: Handle): Uint8Array;
  use<T>(h: Handle, fn: (block: Uint8Array | Handle) => T): T;
}
