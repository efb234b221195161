// The types of tidyheap-far.

import { Stat } from "../../src/stat";
import { Store } from "../../src/store";
import { Handle } from "./handle";
import { Calls, CommonOptions } from "./pool";

export type { Misuse, Refusal } from "../../src/error";
export type { Threshold } from "../../src/pool";
export type { Stat } from "../../src/stat";
export type { Store } from "../../src/store";
export type { Scheduler } from "../../src/time";
export type { Handle, HeapError } from "./handle";

/** A pool in memory that the processor cannot address. */
export interface FarPool extends Calls {
  view(h: never): never;
  use<T>(h: Handle, fn: (h: Handle) => T): T;
  load(h: Handle): Uint8Array;
  store(h: Handle, data: ArrayLike<number>): void;
  get8(h: Handle, at: number): number;
  get16(h: Handle, at: number): number;
  get32(h: Handle, at: number): number;
  set8(h: Handle, at: number, value: number): void;
  set16(h: Handle, at: number, value: number): void;
  set32(h: Handle, at: number, value: number): void;
  stat(): Stat;
  wipe(): void;
  check(): string;
  each(fn: (handle: Handle, at: number, size: number) => void): void;
}

/** The options of an external pool. */
export interface FarOptions extends CommonOptions {
  /** The memory. */
  store: Store;
}

export declare function create(options: FarOptions): FarPool;
