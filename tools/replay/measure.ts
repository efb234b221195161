import { holes } from "../trace";

/** What came of a program in one pool. Bytes, unless the name says otherwise. */
export interface Result {
  size: number;
  handles: number;
  unit: number;
  /** Requests refused, by code. */
  refused: Record<string, number>;
  /** Requests that moved blocks first. */
  waits: number;
  moved: number;
  /** Most that one call, and one tick, has moved. */
  longestCall: number;
  longestTick: number;
  /** Most bytes asked for and live at a time, and most blocks. */
  peak: number;
  blocks: number;
  /** Bookkeeping outside the pool. */
  meta: number;
  /** Smallest that the largest hole was, and how much of the free bytes was outside of it when that was most, %. Looked at `LOOKS` times. */
  hole: number;
  frayed: number;
}

/** How often in a program holes are counted: sorting the blocks each time would take most of a replay. */
export const LOOKS = 400;

/** Payload at its peak, % of pool and bookkeeping. */
export function payload({ peak, size, meta }: Result): number {
  return (100 * peak) / (size + meta);
}

/** All refusals. */
export function refusals({ refused }: Result): number {
  return Object.values(refused).reduce((sum, n) => sum + n, 0);
}

/** A result that begins at nothing. */
export function nothing(size: number, handles: number, unit: number, meta: number): Result {
  return { size, handles, unit, meta, refused: { FULL: 0, FRAGMENTED: 0, HANDLES: 0, SIZE: 0 }, waits: 0, moved: 0, longestCall: 0, longestTick: 0, peak: 0, blocks: 0, hole: size, frayed: 0 };
}

/** Counts the holes between `blocks` into a result. */
export function look(result: Result, blocks: Iterable<{ at: number; bytes: number }>): void {
  const all = holes(blocks, result.size, result.unit).map(({ bytes }) => bytes);
  const free = all.reduce((sum, bytes) => sum + bytes, 0);
  const largest = Math.max(0, ...all);
  result.hole = Math.min(result.hole, largest);
  if (free) result.frayed = Math.max(result.frayed, (100 * (free - largest)) / free);
}
