// The types of tidyheap-spi.

export type { Chip } from "../chips";
export type { Misuse } from "../error";
export type { Store } from "../store";
export type { HeapError } from "./handle";
export { connect, part, span } from "../spi";
export type { Bus, ChipStore, Options } from "../spi";
