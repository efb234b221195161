import { create as core } from "../../src/core";
import { create } from "../../src/full";
import type { Options } from "../../src/option";
import { create as bump } from "./bump";

/** A pool as the benches use it. A reference is whatever the pool gives out; 0 is a refusal. */
export interface Heap {
  alloc(bytes: number): any;
  free(ref: any): void;
  /** The block's reference after the change, 0 when it was refused. */
  resize(ref: any, from: number, bytes: number): any;
  lock(ref: any): void;
  unlock(ref: any): void;
  /** Bookkeeping bytes outside the pool. */
  meta(): number;
  /** Whether the bytes suffice for a block to grow from one size to another; a new one grows from 0. */
  fits(from: number, to: number): boolean;
  /** Why the last request was refused. */
  why(): string;
}

/** A way to build a pool: `rows` is the most blocks it has to hold. */
export interface Peer {
  name: string;
  open(size: number, rows: number): Heap;
}

const unlocked = { lock: () => undefined, unlock: () => undefined, meta: () => 0, fits: () => false, why: () => "" };

/** Rows of the table for so many blocks; undefined leaves them to the pool. */
export type Rows = (blocks: number) => number | undefined;

/** tidyheap with a set of options, and by default one row per block. */
export function tidyheap(name: string, options: Partial<Options> = {}, rows: Rows = (blocks) => blocks, make = create as unknown as typeof core): Peer {
  const unit = options.unit ?? 4;
  const whole = (bytes: number) => Math.ceil(bytes / unit) * unit;
  function open(size: number, blocks: number): Heap {
    const pool = make({ size, handles: rows(blocks), ...options });
    return {
      alloc: (bytes) => pool.alloc(bytes),
      free: (ref) => void pool.free(ref),
      resize: (ref, _from, bytes) => (pool.resize(ref, bytes) ? ref : 0),
      lock: (ref) => void pool.lock(ref),
      unlock: (ref) => void pool.unlock(ref),
      meta: () => pool.stat().meta,
      fits: (from, to) => whole(to) - whole(from) <= pool.stat().free,
      why: () => pool.why
    };
  }
  return { name, open };
}

/** Growing without a resize of one's own: a second block, a copy, and the first one back. */
function moving(alloc: (bytes: number) => number, free: (ref: number) => unknown, bytes: Uint8Array) {
  return (ref: number, from: number, to: number) => {
    const next = alloc(to);
    if (next) {
      bytes.copyWithin(next, ref, ref + Math.min(from, to));
      free(ref);
    }
    return next;
  };
}

async function thing(): Promise<Peer> {
  const { MemPool } = await import("@thi.ng/malloc");
  function open(size: number): Heap {
    const buf = new ArrayBuffer(size);
    const pool = new MemPool({ buf });
    return {
      ...unlocked,
      alloc: (bytes) => pool.malloc(bytes),
      free: (ref) => void pool.free(ref),
      // its realloc gives the old block up even when it refuses
      resize: moving((bytes) => pool.malloc(bytes), (ref) => pool.free(ref), new Uint8Array(buf))
    };
  }
  return { name: "@thi.ng/malloc", open };
}

function codemix(): Peer {
  const Allocator = require("malloc");
  function open(size: number): Heap {
    const buffer = new ArrayBuffer(size);
    const pool = new Allocator(buffer);
    const alloc = (bytes: number): number => pool.alloc(bytes);
    const free = (ref: number): void => pool.free(ref);
    return { ...unlocked, alloc, free, resize: moving(alloc, free, new Uint8Array(buffer)) };
  }
  return { name: "malloc (codemix)", open };
}

function recycled(): Peer {
  const pool = require("typedarray-pool");
  function open(): Heap {
    return {
      ...unlocked,
      alloc: (bytes) => pool.mallocUint8(bytes),
      free: (ref) => pool.freeUint8(ref),
      resize: (ref, _from, bytes) => {
        const next = pool.mallocUint8(bytes);
        next.set(ref.subarray(0, Math.min(bytes, ref.length)));
        pool.freeUint8(ref);
        return next;
      }
    };
  }
  return { name: "typedarray-pool", open };
}

function plain(): Peer {
  function open(): Heap {
    return {
      ...unlocked,
      alloc: (bytes) => new Uint8Array(bytes),
      free: () => undefined,
      resize: (ref, _from, bytes) => {
        const next = new Uint8Array(bytes);
        next.set(ref.subarray(0, Math.min(bytes, ref.length)));
        return next;
      }
    };
  }
  return { name: "new Uint8Array(n)", open };
}

function floor(): Peer {
  function open(size: number, rows: number): Heap {
    const pool = bump(size, rows);
    return {
      ...unlocked,
      alloc: pool.alloc,
      free: pool.free,
      resize: (ref, from, bytes) => {
        const next = pool.alloc(bytes);
        if (!next) return 0;
        pool.bytes.copyWithin(pool.at(next), pool.at(ref), pool.at(ref) + Math.min(from, bytes));
        pool.free(ref);
        return next;
      },
      meta: () => 2 * (rows + 1)
    };
  }
  return { name: "bump and full slide", open };
}

/** The pools other people wrote that keep to a fixed number of bytes, and the floor. */
export async function bounded(): Promise<Peer[]> {
  return [await thing(), codemix(), floor()];
}

/** Everything tidyheap is compared with in Node. */
export async function all(): Promise<Peer[]> {
  return [...(await bounded()), recycled(), plain()];
}
