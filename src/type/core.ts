// The types of tidyheap-core.

import { Stat } from "../stat";
import { Store } from "../store";
import { CommonOptions, RamCalls, RamStore, StoreCalls } from "./pool";

export type { Misuse, Refusal } from "../error";
export type { Threshold } from "../pool";
export type { Stat } from "../stat";
export type { Store } from "../store";
export type { Scheduler } from "../time";
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
