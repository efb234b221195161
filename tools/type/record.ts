// The types of tidyheap-record.

import { Recorder, Recording } from "../../src/record";

export type { Misuse } from "../../src/error";
export type { HeapError } from "./handle";
export type { Recorder, Recording } from "../../src/record";

export interface Recorded {
  alloc(bytes: number): number;
  free(h: any): void;
  at(h: any): number;
  stat(): object;
  why: string;
  epoch: number;
  onmove: ((handle: any, at: number) => void) | undefined;
  each?(fn: (handle: any, at: number, size: number) => void): void;
}

export declare function record(pool: Recorded, options?: Recording): Recorder;
