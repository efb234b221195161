// What parts of the kit stand on in tests: pools of every kind, and what stands before them.

import type { Heap } from "../src/cell";
import { create as far } from "../src/far";
import { create as full } from "../src/full";
import { slab } from "../src/slab";
import { create as tiny } from "../src/tiny";
import { Memory } from "./memory";

/** A pool below, and the heap that parts take their blocks from. */
export interface Ground {
  pool: any;
  heap: Heap;
}

export interface Lot {
  name: string;
  /** False: blocks move in alloc only. */
  ticks: boolean;
  make(size: number, handles: number): Ground;
}

function plain(pool: any): Ground {
  return { pool, heap: pool };
}

function external(size: number, handles: number, chunk: number): any {
  const memory = new Memory(size, false);
  memory.chunk = chunk;
  return far({ size, handles, store: memory });
}

/** A facade: it hands calls on and names the pool that knows the bytes. */
function behind(pool: any): Heap {
  return {
    why: "",
    pool,
    alloc(bytes: number) {
      const h = pool.alloc(bytes);
      this.why = pool.why;
      return h;
    },
    free: (h: number) => pool.free(h)
  };
}

export const LOTS: Lot[] = [
  { name: "full, unit 4", ticks: true, make: (size, handles) => plain(full({ size, handles })) },
  { name: "full, unit 1", ticks: true, make: (size, handles) => plain(full({ size, handles, unit: 1 })) },
  { name: "full, unit 16, fast, 24 bits", ticks: true, make: (size, handles) => plain(full({ size: size & -16, handles, unit: 16, fit: "fast", generations: 24 })) },
  { name: "tiny", ticks: false, make: (size, handles) => plain(tiny({ size, handles })) },
  { name: "far, chunk 8", ticks: true, make: (size, handles) => plain(external(size, handles, 8)) },
  { name: "far, chunk 256", ticks: true, make: (size, handles) => plain(external(size, handles, 256)) },
  {
    name: "a facade on full",
    ticks: true,
    make: (size, handles) => {
      const pool = full({ size, handles });
      return { pool, heap: behind(pool) };
    }
  },
  {
    name: "a facade on far",
    ticks: true,
    make: (size, handles) => {
      const pool = external(size, handles, 16);
      return { pool, heap: behind(pool) };
    }
  }
];

/** A slab in a pool; its slots take any block asked for up to `size / 3` bytes. */
export function slotted(lot: Lot): Lot {
  return {
    name: `a slab on ${lot.name}`,
    ticks: lot.ticks,
    make: (size, handles) => {
      const { pool, heap } = lot.make(size, handles);
      return { pool, heap: slab(heap, { size: Math.max(1, Math.floor(size / 6)), slots: 2 }) as Heap };
    }
  };
}

/** Blocks that are allocated and freed around, so that others move. Returns what frees them all. */
export function noise(pool: any): { stir(n: number): void; end(): void } {
  const all: number[] = [];
  return {
    stir(n) {
      if (n % 3 && all.length) pool.free(all.splice(n % all.length, 1)[0]);
      else {
        const h = pool.alloc(1 + (n % 40));
        if (h) all.push(h);
      }
      if (all.length > 5) pool.free(all.shift());
      if (pool.tick && n % 4 === 1) pool.tick(n % 60);
      if (pool.pack && n % 16 === 3) pool.pack();
    },
    end() {
      while (all.length) pool.free(all.pop());
    }
  };
}

/** Live blocks of a pool of any kind. */
export function live(pool: any): number {
  // the tiny pool has no stat(): its rows tell
  if (pool.stat) return pool.stat().live;
  return [...(pool._gens as Int16Array)].slice(0, -1).filter((g) => g > 0).length;
}
