// The types of tidyheap-fram.

import { Repair } from "../../src/mount";
import { Store } from "../../src/store";
import { FarOptions, FarPool } from "./far";

export type { Misuse, Refusal } from "../../src/error";
export type { Repair } from "../../src/mount";
export type { Threshold } from "../../src/pool";
export type { Stat } from "../../src/stat";
export type { Store } from "../../src/store";
export type { Scheduler } from "../../src/time";
export type { Handle, HeapError } from "./handle";
export type { FarOptions, FarPool } from "./far";
export { create } from "./far";

/** The options of a pool that outlives power. */
export interface FormatOptions extends FarOptions {
  /** Up to so many bytes less 9 are written at once without room elsewhere in the pool, 64 to 65,535. Default 128. */
  journal?: number;
  /** Pools with different ids refuse each other's handles. Default 0. */
  id?: number;
}

/** The options of a pool that is there already: all that is not its own. */
export type MountOptions = Omit<FarOptions, "store" | "size" | "handles" | "unit" | "generations">;

export declare function format(options: FormatOptions): FarPool;
export declare function mount(store: Store, options?: MountOptions): FarPool;
export declare function repair(store: Store): Repair;
