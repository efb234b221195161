// Cases of the tiny pool that run in any ES5 engine, on pools of up to 1 KB.

import type { create as Create } from "../src/tiny";
import { code, same } from "./verdict";

/** What a case runs on: the exports of the bundle. */
export interface Library {
  create: typeof Create;
}

export interface Case {
  name: string;
  run: (lib: Library) => void;
}

export const CASES: Case[] = [
  {
    name: "the tiny pool keeps every block through 600 turns and moves some",
    run: function (lib) {
      const pool = lib.create({ size: 1024, handles: 32 });
      const all: number[] = [];
      for (let i = 0; i < 20; i++) all.push(0);
      for (let turn = 0; turn < 600; turn++) {
        const k = (turn * 7) % 20;
        if (all[k]) {
          const old = pool.view(all[k]);
          for (let i = 0; i < old.length; i++) same(old[i], k, "byte " + i + " of block " + k + " in turn " + turn);
          pool.free(all[k]);
          same(pool.has(all[k]), false, "has of what was freed");
        }
        all[k] = pool.alloc(8 + ((turn * 13) % 32));
        if (!all[k]) throw new Error("refused in turn " + turn + ": " + pool.why);
        const view = pool.view(all[k]);
        for (let i = 0; i < view.length; i++) view[i] = k;
      }
      same(pool.epoch > 500, true, "moves, " + pool.epoch);
    }
  },
  {
    name: "the tiny pool refuses stale, forged and foreign handles",
    run: function (lib) {
      const pool = lib.create(256);
      const other = lib.create(256).alloc(8);
      const good = pool.alloc(8);
      const stale = pool.alloc(8);
      pool.free(stale);
      const bad: any[] = [stale, other, good + 1, good + 4096, -good, good + 0.5, NaN, undefined, null, {}];
      for (let i = 0; i < bad.length; i++) {
        same(pool.has(bad[i]), false, "has of handle " + i);
        same(code(() => pool.free(bad[i])), "HANDLE", "free of handle " + i);
        same(code(() => pool.at(bad[i])), "HANDLE", "at of handle " + i);
        same(code(() => pool.size(bad[i])), "HANDLE", "size of handle " + i);
      }
      same(pool.size(good), 8, "size");
    }
  },
  {
    name: "the tiny pool says why it refuses",
    run: function (lib) {
      const pool = lib.create({ size: 64, handles: 2 });
      same(pool.alloc(65) + pool.why, "0SIZE", "more than the pool");
      same(pool.alloc(40) > 0, true, "first");
      same(pool.alloc(40) + pool.why, "0FULL", "second");
      same(pool.alloc(4) > 0, true, "third");
      same(pool.alloc(4) + pool.why, "0HANDLES", "fourth");
      same(code(() => pool.alloc(-1)), "ARGUMENT", "alloc(-1)");
      same(code(() => pool.alloc(0.5)), "ARGUMENT", "alloc(0.5)");
      same(code(() => lib.create(3)), "OPTION", "create(3)");
    }
  }
];
