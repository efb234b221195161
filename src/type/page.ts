// The types of tidyheap-page.

export type { Misuse } from "../error";
export type { Store } from "../store";
export type { HeapError } from "./handle";
export { cache } from "../page";
export type { Cache, PageOptions, PageStat } from "../page";
