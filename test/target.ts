import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { create as far } from "../src/far";
import { create } from "../src/full";
import type { Options } from "../src/option";
import { Memory } from "./memory";

export type Pool = ReturnType<typeof create>;
export type Create = typeof create;

/** One build of the library. `full`: it has check, map, each and all counters. `far`: its pools are external, with check and each. */
export interface Library {
  name: string;
  create: Create;
  full: boolean;
  far: boolean;
}

/** Options that every suite is run with. */
export interface Variant {
  name: string;
  options: Options & { unit: number };
}

const DIST = join(__dirname, "..", "dist");

function built(file: string): Create {
  const path = join(DIST, file);
  if (!existsSync(path)) throw new Error(`dist/${file} is missing: run npm run build`);
  return require(path).create;
}

/** The create of an external build, which gives the pool a store of the size wanted where the test has none. */
function external(plain: Create): Create {
  return ((options: any) => {
    const size = options?.size;
    const fit = Number.isInteger(size) && size > 0 && size <= 2 ** 22 && !("store" in options);
    return plain(fit ? { ...options, store: new Memory(size, false) } : options);
  }) as Create;
}

export const SOURCE: Library = { name: "src", create, full: true, far: false };

export const FAR: Library = { name: "far", create: external(far as unknown as Create), full: false, far: true };

export const LIBRARIES: Library[] = [
  SOURCE,
  { name: "tidyheap.min.js", create: built("tidyheap.min.js"), full: true, far: false },
  { name: "tidyheap-core.min.js", create: built("tidyheap-core.min.js"), full: false, far: false },
  FAR,
  { name: "tidyheap-far.min.js", create: external(built("tidyheap-far.min.js")), full: false, far: true }
];

export const VARIANTS: Variant[] = [
  { name: "unit 4", options: { unit: 4 } },
  { name: "unit 1", options: { unit: 1 } },
  { name: "unit 16, fast", options: { unit: 16, fit: "fast" } },
  { name: "unit 4, 24 bits", options: { unit: 4, generations: 24 } },
  { name: "unit 1, fast, 24 bits", options: { unit: 1, fit: "fast", generations: 24 } }
];

/** A library with a variant: what a suite gets. */
export interface Target {
  name: string;
  full: boolean;
  far: boolean;
  unit: number;
  /** A pool with the options of the variant and these. */
  make(options: Options): Pool;
}

export function target(library: Library, variant: Variant): Target {
  return {
    name: `${library.name}, ${variant.name}`,
    full: library.full,
    far: library.far,
    unit: variant.options.unit,
    make: (options) => library.create({ ...variant.options, ...options })
  };
}

export const TARGETS: Target[] = LIBRARIES.flatMap((library) => VARIANTS.map((variant) => target(library, variant)));

/** it() for a case that holds in RAM only: for an external pool it is left out, the reason in its name. */
export function ram({ far }: { far: boolean }, why: string): (name: string, fn: Mocha.Func) => void {
  return far ? (name) => void it.skip(`${name} (external pool: ${why})`) : (name, fn) => void it(name, fn);
}

/** Bytes that a block of `bytes` bytes takes. */
export function up(bytes: number, unit: number): number {
  return Math.ceil(bytes / unit) * unit;
}

/** Fails unless the pool finds itself sound; builds without check are not asked. */
export function sound(pool: Pool, when = ""): void {
  const broken = pool.check ? pool.check() : "";
  if (broken) assert.fail(`${when}: check() says ${broken}`);
}

/** Address and size of each block. */
export function layout(pool: Pool, handles: number[]): number[][] {
  return handles.map((h) => [pool.at(h), pool.size(h)]);
}

/** Fails unless fn throws an Error with this code whose message is more than the code. */
export function refuses(fn: () => unknown, code: string, what = ""): void {
  let error: any;
  try {
    fn();
  } catch (caught) {
    error = caught;
  }
  assert.ok(error, `${what}: nothing is thrown, ${code} expected`);
  assert.equal(error.code, code, `${what}: ${error.message}`);
  assert.ok(error instanceof Error || typeof error.message === "string");
  assert.ok(error.message.length > code.length + 2, `${what}: message is "${error.message}"`);
}

/** Fills the pool with blocks of `bytes` bytes, block i filled with the value i. */
export function pave(pool: Pool, bytes: number): number[] {
  const all: number[] = [];
  for (let h = pool.alloc(bytes); h; h = pool.alloc(bytes)) {
    pool.fill(h, all.length & 255, 0, bytes);
    all.push(h);
  }
  return all;
}

/** Fails unless block i of `handles` still has the bytes `pave` gave it. */
export function paved(pool: Pool, handles: (number | undefined)[]): void {
  handles.forEach((h, i) => {
    if (h) assert.deepEqual([...new Set(pool.read(h, 0, pool.size(h)))], [i & 255], `block ${i}`);
  });
}

/** Runs fn without stack traces, which are most of the cost of an Error. */
export function terse(fn: () => void): void {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  try {
    fn();
  } finally {
    Error.stackTraceLimit = limit;
  }
}
