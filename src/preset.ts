// The one pool of a program.

import { fail } from "./error";

declare var process: { memory?(): { free: number; blocksize: number } } | undefined;

/** What makes the pool: a flavour of tidyheap, as require() gives it. */
export interface Flavour<T> {
  create(options: any): T;
  global?: any;
}

/** KB of the pool; the largest is the most that Espruino's views reach. */
var sizes: { [name: string]: number } = { tiny: 1, small: 4, medium: 16, large: 32, huge: 63 };

/**
 * The pool `lib.global`, made at the first call: by name from "tiny" to "huge", from what create() takes, or without `preset` from half of
 * the memory that Espruino has left, else 4,096 bytes. Another preset makes a new pool where no block is live, else throws LOCK (also
 * where the flavour has no stat() to tell). Throws what create() throws. Cost: that of process.memory() and create(), then constant.
 */
function shared<T>(lib: Flavour<T>, preset?: any): T {
  var pool = lib.global;
  var memory;
  if (pool && (!preset || preset === pool.preset)) return pool;
  if (pool && (!pool.stat || pool.stat().live)) fail("LOCK", preset, "with live blocks");
  // first away with the old: there may be no room for two
  pool = lib.global = null;
  if (!preset) {
    memory = typeof process !== "undefined" && process.memory && process.memory();
    // whole KB of half of what is free, 1 to 63: the rest is for the program's own variables, as in boards/board.ts
    preset = memory ? (Math.min(63, (memory.free * memory.blocksize) >> 11) || 1) << 10 : "small";
  }
  pool = lib.create(sizes[preset] << 10 || preset);
  pool.preset = preset;
  return (lib.global = pool);
}

export { shared as global };
