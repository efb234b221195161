// The types of tidyheap-thumb.

import { RamStore } from "./pool";

export type { Misuse } from "../../src/error";
export type { Store } from "../../src/store";
export type { HeapError } from "./handle";
export type { RamStore } from "./pool";
export { CODE } from "../../src/thumb";

export declare function ram(size: number): RamStore;
