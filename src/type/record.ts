// The types of tidyheap-record.

export type { Misuse } from "../error";
export type { HeapError } from "./handle";
export { record } from "../record";
export type { Recorded, Recorder, Recording } from "../record";
