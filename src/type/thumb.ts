// The types of tidyheap-thumb.

import { RamStore } from "./pool";

export type { Misuse } from "../error";
export type { Store } from "../store";
export type { HeapError } from "./handle";
export type { RamStore } from "./pool";
export { CODE } from "../thumb";

export declare function ram(size: number): RamStore;
