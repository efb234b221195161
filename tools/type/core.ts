// The types of tidyheap-core.

import { Stat } from "../../src/stat";
import { Store } from "../../src/store";
import { CommonOptions, RamCalls, RamStore, StoreCalls } from "./pool";

export type { Misuse, Refusal } from "../../src/error";
export type { Threshold } from "../../src/pool";
export type { Stat } from "../../src/stat";
export type { Store } from "../../src/store";
export type { Scheduler } from "../../src/time";
export type { Handle, HeapError } from "./handle";
export type { RamStore } from "./pool";

/** The options of a pool. */
export type PoolOptions = CommonOptions;

/** A pool in RAM. */
export interface Pool extends RamCalls {
  stat(): Stat;
}

/** A pool in a store of any kind. */
export interface StorePool extends StoreCalls {
  stat(): Stat;
}

export declare function create(options: PoolOptions & { /** The memory. */ store: RamStore }): Pool;
export declare function create(options: PoolOptions & { /** The memory. */ store: Store }): StorePool;
export declare function create(options: number | (PoolOptions & { /** The memory. Default: one Uint8Array. */ store?: RamStore })): Pool;
