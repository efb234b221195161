// The types of tidyheap-page.

export type { Misuse } from "../../src/error";
export type { Store } from "../../src/store";
export type { HeapError } from "./handle";
export { cache } from "../../src/page";
export type { Cache, PageOptions, PageStat } from "../../src/page";
