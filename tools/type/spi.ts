// The types of tidyheap-spi.

export type { Chip } from "../../src/chips";
export type { Misuse } from "../../src/error";
export type { Store } from "../../src/store";
export type { HeapError } from "./handle";
export { connect, part, span } from "../../src/spi";
export type { Bus, ChipStore, Options } from "../../src/spi";
