// Cases of owners, scopes, guards, low memory, the global pool and idle ticks that run in any ES5 engine.

import type { create as Create } from "../src/core";
import type { guard as GuardOf } from "../src/guard";
import type { idle as IdleOf } from "../src/idle";
import type { owner as OwnerOf, scope as ScopeOf } from "../src/owner";
import type { global as GlobalOf } from "../src/preset";
import type { pressure as PressureOf } from "../src/pressure";
import { same, thrown } from "./verdict";

/** What a case runs on: the exports of the bundles. */
export interface Library {
  tidyheap: { create: typeof Create };
  kit: { owner: typeof OwnerOf; scope: typeof ScopeOf; guard: typeof GuardOf; pressure: typeof PressureOf; global: typeof GlobalOf; idle: typeof IdleOf };
}

export interface Case {
  name: string;
  /** It needs blocks with addresses, or a pool without a store. */
  ram?: boolean;
  run: (lib: Library) => void;
}

export const CASES: Case[] = [
  {
    name: "an owner counts, lists and frees what was allocated through it",
    run: function (lib) {
      const pool = lib.tidyheap.create({ size: 1024, handles: 30 });
      const o = lib.kit.owner(pool, 300);
      const noise = [];
      const live = [];
      for (let i = 0; i < 60; i++) {
        const h = o.alloc(10 + (i % 3) * 10);
        if (h) live.push(h);
        if (i < 8) noise.push(pool.alloc(20));
        if (i % 4 === 3) o.free(live.splice(0, 1)[0]);
        if (i > 12 && i < 20) pool.free(noise.splice(0, 1)[0]);
        pool.tick(64);
      }
      let sum = 0;
      const leaks = o.leaks();
      same(leaks.length, live.length, "blocks listed");
      for (let k = 0; k < leaks.length; k++) {
        same(leaks[k].handle, live[k], "handle " + k);
        same(leaks[k].size, pool.size(live[k]), "size " + k);
        same(leaks[k].age >= 0 && leaks[k].age < 60000, true, "age " + leaks[k].age);
        sum += leaks[k].size;
      }
      same(o.used(), sum, "bytes used");
      same(o.alloc(301 - sum), 0, "alloc over the quota");
      same(o.why, "QUOTA", "why");
      const kept = o.keep(live[0]);
      o.close();
      same(pool.has(kept), true, "what was kept");
      same(pool.stat().live, 1 + noise.length, "live blocks");
    }
  },
  {
    name: "a scope frees what was not kept, when it returns and when it throws",
    run: function (lib) {
      const pool = lib.tidyheap.create({ size: 512, handles: 12 });
      const kept = lib.kit.scope(pool, function (s) {
        s.alloc(20);
        return s.keep(s.alloc(30));
      });
      same(pool.size(kept), 30, "size of what was kept");
      const text = thrown(function () {
        lib.kit.scope(pool, function (s) {
          lib.kit.guard(s, s.alloc(20));
          pool.free(kept + 4096);
        });
      });
      same(text.slice(0, 7), "HANDLE:", "the error of the function: " + text);
      same(pool.stat().live, 1, "live blocks");
    }
  },
  {
    name: "a guard locks until it is unlocked, released, or its scope ends",
    ram: true,
    run: function (lib) {
      const pool = lib.tidyheap.create({ size: 512, handles: 12 });
      const below = pool.alloc(40);
      const h = pool.alloc(40);
      const g = lib.kit.guard(pool, h);
      g.view![3] = 77;
      pool.free(below);
      const at = pool.at(h);
      pool.pack();
      same(pool.at(h), at, "address");
      same(thrown(function () { pool.free(h); }).slice(0, 5), "LOCK:", "free");
      g.unlock();
      same(g.view, null, "view");
      same(thrown(function () { g.unlock(); }).slice(0, 5), "LOCK:", "second unlock");
      pool.pack();
      same(pool.at(h), 0, "address after unlock");
      same(pool.view(h)[3], 77, "byte");
      lib.kit.scope(pool, function (s) {
        const first = lib.kit.guard(s, s.alloc(10));
        lib.kit.guard(s, s.alloc(10));
        lib.kit.guard(s, h);
        first.release();
      });
      g.release();
      same(thrown(function () { g.release(); }).slice(0, 7), "HANDLE:", "second release");
      same(pool.stat().live, 0, "live blocks");
    }
  },
  {
    name: "purgeable blocks go in the order of touches, then the last call for help",
    run: function (lib) {
      const pool = lib.tidyheap.create({ size: 400, handles: 12 });
      const gone: number[] = [];
      let asked = 0;
      const p = lib.kit.pressure(pool, {
        onpurge: function (h) {
          gone.push(h);
        },
        onfull: function (bytes) {
          asked += bytes;
          p.release();
          return true;
        }
      });
      const a = p.alloc(60);
      const b = p.alloc(60);
      const c = p.alloc(60);
      same(p.reserve(60) > 0, true, "the reserve");
      same(p.touch(a) && p.touch(b) && p.touch(c) && p.touch(a), true, "touches");
      same(p.alloc(200) > 0, true, "alloc");
      same(gone.join(), [b, c].join(), "evicted");
      same(pool.has(b) || pool.has(c), false, "evicted are there");
      same(p.touch(b), false, "touch of what is gone");
      p.keep(a);
      same(p.alloc(70) > 0, true, "alloc with the reserve");
      same(asked, 70, "asked for");
      same(p.alloc(200), 0, "alloc of too much");
      same(p.why, "FULL", "why");
      same(asked, 270, "asked for");
      same(pool.has(a), true, "what was kept");
      p.close();
      same(pool.stat().live, 3, "live blocks");
    }
  },
  {
    name: "low memory is told once until enough is free again",
    run: function (lib) {
      const pool = lib.tidyheap.create({ size: 1000, handles: 16 });
      let told = "";
      const all: number[] = [];
      const p = lib.kit.pressure(pool, {
        low: 300,
        onlow: function (free) {
          told += free + " ";
        }
      });
      for (let i = 0; i < 9; i++) all.push(p.alloc(100));
      same(told, "200 ", "told");
      for (let k = 0; k < 6; k++) p.free(all[k]);
      p.look();
      for (let n = 0; n < 5; n++) p.alloc(100);
      same(told, "200 200 ", "told");
    }
  },
  {
    name: "the global pool is made once, and again only when it is empty",
    ram: true,
    run: function (lib) {
      const tidyheap: any = { create: lib.tidyheap.create };
      const pool: any = lib.kit.global(tidyheap, "tiny");
      same(pool.stat().size, 1024, "size");
      same(lib.kit.global(tidyheap) === pool && tidyheap.global === pool, true, "the same");
      const h = pool.alloc(10);
      same(thrown(function () { lib.kit.global(tidyheap, "small"); }).slice(0, 5), "LOCK:", "another preset");
      pool.free(h);
      same((lib.kit.global(tidyheap, 600) as any).stat().size, 600, "size of the other");
      delete tidyheap.global;
      // where the code is in RAM, half of what is free may be in pieces
      const text = thrown(function () {
        same((lib.kit.global(tidyheap) as any).stat().size % 1024, 0, "size by class of board");
      });
      same(text === "" || text.slice(0, 7) === "MEMORY:", true, "no error but MEMORY: " + text);
    }
  },
  {
    name: "idle ticks on a timer outside critical sections, and rests",
    run: function (lib) {
      const pool = lib.tidyheap.create({ size: 1024, handles: 20 });
      const all: number[] = [];
      let beat: () => void = function () {};
      let ms = 0;
      for (let i = 0; i < 16; i++) all.push(pool.alloc(64));
      for (let k = 0; k < 16; k += 2) pool.free(all[k]);
      const p = lib.kit.idle(pool, {
        ms: 1000,
        budget: 64,
        scheduler: {
          set: function (fn, n) {
            beat = fn;
            ms = n;
            return 0;
          },
          clear: function () {
            ms = 0;
          }
        }
      });
      p.start();
      p.enter();
      beat();
      same(pool.stat().moved, 0, "bytes moved inside");
      p.leave();
      same(thrown(function () { p.leave(); }).slice(0, 5), "LOCK:", "second leave");
      for (let n = 0; n < 9; n++) beat();
      same(pool.stat().moved > 0, true, "bytes moved");
      same(ms, 16000, "milliseconds at rest");
      p.stop();
      same(ms, 0, "milliseconds after stop");
      same(p.tick(), 0, "tick by hand");
    }
  }
];

export { external } from "./portable";
