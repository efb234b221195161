import { create as far } from "../src/far";
import { create as full } from "../src/full";
import { create as tiny } from "../src/tiny";
import { Memory } from "./memory";

/** A kind of pool that parts of the kit are run on. `tick` and `pack` where it has them. */
export interface Site {
  name: string;
  make(size: number, handles?: number): any;
}

function external(chunk: number, unit: number): Site {
  return {
    name: `far, chunks of ${chunk}, unit ${unit}`,
    make: (size, handles) => {
      const store = new Memory(size, false);
      store.chunk = chunk;
      return far({ store, unit, handles } as any);
    }
  };
}

/** A heap whose handles are below zero, as those of a slab, with all that a full pool has. */
function below(size: number, handles?: number): any {
  const pool: any = full({ size, handles });
  return {
    bytes: pool.bytes,
    get why() {
      return pool.why;
    },
    get epoch() {
      return pool.epoch;
    },
    alloc: (bytes: number) => -pool.alloc(bytes) || 0,
    free: (h: number) => pool.free(-h || 0),
    at: (h: number) => pool.at(-h),
    size: (h: number) => pool.size(-h),
    has: (h: number) => typeof h === "number" && pool.has(-h),
    lock: (h: number) => pool.lock(-h),
    unlock: (h: number) => pool.unlock(-h),
    tick: (budget: number) => pool.tick(budget),
    pack: () => pool.pack(),
    check: () => pool.check(),
    stat: () => pool.stat()
  };
}

export const SITES: Site[] = [
  ...[1, 4, 16].map((unit) => ({ name: `full, unit ${unit}`, make: (size: number, handles?: number) => full({ size, unit, handles }) })),
  { name: "tiny", make: (size: number, handles?: number) => tiny(handles ? { size, handles } : size) },
  external(256, 4),
  external(16, 1),
  external(4, 4),
  { name: "handles below zero", make: below }
];

/** Handles a pool has alive. */
export function live(pool: any): number {
  if (pool.stat) return pool.stat().live;
  let n = 0;
  for (let r = 0; r < pool._rows; r++) if (pool._gens[r] > 0) n++;
  return n;
}

/** Some compaction, where there is any to ask for. */
export function stir(pool: any, n: number): void {
  if (!pool.tick) return;
  if (n === 0) pool.pack();
  else pool.tick(n * 3);
}

/** "" or what is broken, where the pool can say it. */
export function broken(pool: any): string {
  return pool.check ? pool.check() : "";
}

/** Code of what is thrown, "" for nothing. */
export function code(run: () => unknown): string {
  try {
    run();
    return "";
  } catch (error: any) {
    return error.code ?? String(error);
  }
}

export const SEED = Number(process.env.TIDYHEAP_SEED ?? 20261121);

/** Arguments that are right for nothing. */
export const BAD: any[] = [undefined, null, NaN, -1, 0.5, 2 ** 31, "x", {}, () => 0, [], true];
