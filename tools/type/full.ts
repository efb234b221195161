// The types of tidyheap.

import { Counts } from "../../src/count";
import { Store } from "../../src/store";
import { Handle } from "./handle";
import { CommonOptions, RamCalls, RamStore, StoreCalls } from "./pool";

export type { Counts } from "../../src/count";
export type { Misuse, Refusal } from "../../src/error";
export type { Threshold } from "../../src/pool";
export type { Stat } from "../../src/stat";
export type { Store } from "../../src/store";
export type { Scheduler } from "../../src/time";
export type { Handle, HeapError } from "./handle";
export type { RamStore } from "./pool";

/** The options of a pool. */
export interface PoolOptions extends CommonOptions {
  /** Free bytes below which `onlow` is called, once until twice as many are free. Default 0: never. */
  low?: number;
  onlow?(free: number): void;
}

/** What the full pool has more than that of tidyheap-core. */
export interface Diagnostics {
  stat(): Counts;
  wipe(): void;
  check(): string;
  map(columns: number): string;
  each(fn: (handle: Handle, at: number, size: number) => void): void;
  /** Called when fewer than `low` bytes are free, as the option of that name. */
  onlow: ((free: number) => void) | undefined;
}

/** A pool in RAM. */
export interface Pool extends RamCalls, Diagnostics {}

/** A pool in a store of any kind. */
export interface StorePool extends StoreCalls, Diagnostics {}

export declare function create(options: PoolOptions & { /** The memory. */ store: RamStore }): Pool;
export declare function create(options: PoolOptions & { /** The memory. */ store: Store }): StorePool;
export declare function create(options: number | (PoolOptions & { /** The memory. Default: one Uint8Array. */ store?: RamStore })): Pool;
