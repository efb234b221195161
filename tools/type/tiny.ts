// The types of tidyheap-tiny.

import { Blocks } from "./pool";
import { Handle } from "./handle";

export type { Misuse, Refusal } from "../../src/error";
export type { Handle, HeapError } from "./handle";

/** The least that is a pool. */
export interface Pool extends Blocks {
  /** The memory of the pool, in which at(h) is an address. */
  bytes: Uint8Array;
  view(h: Handle): Uint8Array;
}

/** The options of a tiny pool. */
export interface PoolOptions {
  /** Bytes of the pool, 4 to 65,535. Rounded down to a multiple of 4. */
  size: number;
  /** Most blocks at a time, 1 to 2,047. Default: size / 32, at least 8. */
  handles?: number;
}

export declare function create(options: number | PoolOptions): Pool;
