// Cases of slab and queue that run in any ES5 engine, on pools of up to 4 KB.

import { get, put } from "../src/cell";
import type { create as Create } from "../src/full";
import type { queue as Queue } from "../src/queue";
import type { Slab, slab as SlabOf } from "../src/slab";
import { code, same, thrown } from "./verdict";

/** What a case runs on: the exports of the bundles. */
export interface Library {
  tidyheap: { create: typeof Create };
  kit: { slab: typeof SlabOf; queue: typeof Queue };
}

export interface Case {
  name: string;
  run: (lib: Library) => void;
}

function make(lib: Library, size: number, slots: number): { pool: any; slab: Slab } {
  const pool = lib.tidyheap.create({ size: 2048, handles: 24 });
  const slab = lib.kit.slab(pool as any, { size: size, slots: slots });
  if (!slab) throw new Error("no slab: " + pool.why);
  return { pool: pool, slab: slab };
}

export const CASES: Case[] = [
  {
    name: "a slab gives all its slots, one after the other, and each again",
    run: function (lib) {
      const { pool, slab } = make(lib, 12, 10);
      const base = pool.stat().used;
      same(base, 120, "bytes of the block");
      const seen: number[] = [];
      for (let turn = 0; turn < 4; turn++) {
        const all: number[] = [];
        for (let h = slab.alloc(12); h; h = slab.alloc(1)) {
          same(h < 0, true, "a handle below 0");
          same(seen.indexOf(h), -1, "a handle that was there before");
          all.push(h);
          seen.push(h);
        }
        same(all.length, 10, "slots");
        same(slab.why, "FULL", "why");
        same(slab.live, 10, "live");
        while (all.length) slab.free(all.pop() as number);
      }
      for (let i = 0; i < seen.length; i++) same(slab.has(seen[i]), false, "a stale handle " + i);
      same(code(() => slab.free(seen[3])), "HANDLE", "free of a stale handle");
      same(slab.alloc(13), 0, "a slot that is too small");
      same(slab.why, "SIZE", "why");
      slab.close();
      same(pool.stat().live, 0, "blocks left");
    }
  },
  {
    name: "slots keep their bytes while the pool moves the block",
    run: function (lib) {
      const { pool, slab } = make(lib, 8, 6);
      const others: number[] = [];
      for (let n = 0; n < 12; n++) others.push(pool.alloc(90));
      const all: number[] = [];
      for (let i = 0; i < 6; i++) {
        const h = slab.alloc(8);
        all.push(h);
        put(slab, h, 0, [i, i + 1, i + 2, i + 3, i + 4, i + 5, i + 6, i + 7]);
      }
      const was = slab.at(all[0]);
      // a block below makes the slab move: it goes to the end first
      const low = lib.kit.slab(pool, { size: 8, slots: 1 });
      if (!low) throw new Error("no slab");
      const one = low.alloc(8);
      put(low, one, 0, [9, 8, 7, 6, 5, 4, 3, 2]);
      const before = low.at(one);
      for (let k = 0; k < others.length; k += 2) pool.free(others[k]);
      pool.pack();
      same(low.at(one) < before, true, "moved");
      same(slab.at(all[0]) <= was, true, "address");
      for (let j = 0; j < 6; j++) same(get(slab, all[j], 0, 8)[7], j + 7, "byte of slot " + j);
      same(get(low, one, 0, 8)[0], 9, "byte of the block that moved");
      same(code(() => slab.read(all[0], 5, 4)), "RANGE", "over the end of a slot");
      same(code(() => slab.write(all[0], 6, [1, 2, 3])), "RANGE", "over the end of a slot");
      same(slab.read(all[1], 0, 1)[0], 1, "first byte of the next slot");
      slab.close();
      low.close();
      same(pool.check(), "", "check");
    }
  },
  {
    name: "handles of another slab and of the pool are refused, clear and close make all stale",
    run: function (lib) {
      const { pool, slab } = make(lib, 4, 9);
      const other = lib.kit.slab(pool, { size: 4, slots: 9 });
      if (!other) throw new Error("no slab");
      const block = pool.alloc(4);
      const mine: number[] = [];
      for (let i = 0; i < 9; i++) {
        mine.push(slab.alloc(4));
        const h = other.alloc(4);
        same(slab.has(h), false, "a handle of another slab");
        same(other.has(mine[i]), false, "a handle of another slab");
        same(pool.has(h), false, "a handle of a slab in the pool");
      }
      same(slab.has(block), false, "a handle of the pool");
      same(code(() => slab.at(block)), "HANDLE", "at of a handle of the pool");
      slab.clear();
      same(slab.live, 0, "live");
      for (let k = 0; k < 9; k++) same(slab.has(mine[k]), false, "a handle from before clear()");
      const h = slab.alloc(4);
      slab.close();
      same(slab.has(h), false, "a handle from before close()");
      same(slab.alloc(1), 0, "alloc of a closed slab");
      same(code(() => slab.at(h)), "HANDLE", "at of a closed slab");
      other.close();
    }
  },
  {
    name: "a slab on a slab is one more slab",
    run: function (lib) {
      const { pool, slab } = make(lib, 64, 3);
      const inner = lib.kit.slab(slab, { size: 16, slots: 4 });
      if (!inner) throw new Error("no slab: " + slab.why);
      const a = inner.alloc(16);
      const b = inner.alloc(16);
      put(inner, a, 0, [1, 2, 3]);
      put(inner, b, 0, [4, 5, 6]);
      same(inner.at(b) - inner.at(a), 16, "bytes between");
      same(inner.read(a, 2, 1)[0], 3, "byte");
      same(lib.kit.slab(slab, { size: 16, slots: 5 }), 0, "more than a slot");
      same(slab.why, "SIZE", "why");
      inner.close();
      same(slab.live, 0, "slots left");
      slab.close();
      same(pool.stat().live, 0, "blocks left");
    }
  },
  {
    name: "a queue keeps the order, counts what it loses and is whole again",
    run: function (lib) {
      for (let size = 1; size < 5; size *= 2) {
        const pool = lib.tidyheap.create({ size: 512, unit: 1, handles: 8 });
        pool.alloc(3);
        const queue = lib.kit.queue(pool, { count: 5, size: size });
        if (!queue) throw new Error("no queue: " + pool.why);
        const top = size < 2 ? 255 : size < 4 ? 65535 : -1;
        let next = 0;
        let want = 0;
        for (let turn = 0; turn < 30; turn++) {
          while (queue.push(next)) next++;
          same(queue.waiting(), 5, "length");
          same(queue.peek(), want, "peek");
          for (let n = turn % 6; n > 0; n--) same(queue.shift(), want++, "number");
        }
        same(queue.lost, 30, "lost");
        queue.clear();
        same(queue.waiting(), 0, "length");
        same(queue.shift(), undefined, "nothing");
        queue.push(-1);
        same(queue.shift(), top, "all bits");
        queue.close();
        same(queue.push(1), false, "push to a closed queue");
        same(queue.shift(), undefined, "nothing");
        same(pool.stat().live, 1, "blocks left");
      }
    }
  },
  {
    name: "a queue writes nothing once reset() has ended its block",
    run: function (lib) {
      const pool = lib.tidyheap.create({ size: 64, handles: 4 });
      const queue = lib.kit.queue(pool, { count: 20, size: 2 });
      if (!queue) throw new Error("no queue");
      queue.push(77);
      pool.reset();
      const h = pool.alloc(64);
      pool.fill(h, 5, 0, 64);
      for (let n = 0; n < 30; n++) same(queue.push(n), false, "push");
      same(queue.shift(), undefined, "nothing");
      const bytes = pool.read(h, 0, 64);
      for (let i = 0; i < 64; i++) same(bytes[i], 5, "byte " + i);
      same(queue.lost, 30, "lost");
      queue.close();
      same(pool.stat().live, 1, "blocks");
    }
  },
  {
    name: "arguments that are none are refused",
    run: function (lib) {
      const { pool, slab } = make(lib, 8, 2);
      const h = slab.alloc(8);
      const bad: any[] = [undefined, null, NaN, -1, 0.5, 2147483648, "x", {}, function () {}];
      for (let i = 0; i < bad.length; i++) {
        const value = bad[i];
        const what = "argument " + i;
        same(code(() => lib.kit.slab(pool, value)) !== "" || lib.kit.slab(pool, value) === 0, true, what + " as options");
        // strings of newer engines have a method at()
        same(thrown(() => lib.kit.slab(value, { size: 4, slots: 4 })) !== "", true, what + " as heap");
        same(thrown(() => lib.kit.queue(value, { count: 4 })) !== "", true, what + " as heap");
        same(code(() => lib.kit.slab(pool, { size: 4, slots: value })), "OPTION", what + " as slots");
        same(code(() => lib.kit.queue(pool, { count: value })), value === 2147483648 ? "" : "OPTION", what + " as count");
        if (i > 2) same(code(() => lib.kit.queue(pool, { count: 4, size: value })), "OPTION", what + " as size");
        same(code(() => slab.read(h, value, 1)), "RANGE", what + " as at");
        same(slab.has(value), false, what + " as handle");
        same(code(() => slab.free(value)), "HANDLE", what + " as handle");
        same(code(() => slab.at(value)), "HANDLE", what + " as handle");
        if (value !== 2147483648) same(code(() => slab.alloc(value)), "ARGUMENT", what + " as bytes");
      }
      same(slab.alloc(2147483648), 0, "too many bytes");
      same(slab.live, 1, "live");
      slab.close();
      same(pool.stat().live, 0, "blocks left");
    }
  }
];

export { external } from "./portable";
