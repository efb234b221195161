import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as core from "../src/core";
import * as far from "../src/far";
import * as fram from "../src/fram";
import * as full from "../src/full";
import * as kit from "../src/kit";
import * as page from "../src/page";
import * as record from "../src/record";
import { ram } from "../src/store";
import * as tiny from "../src/tiny";
import type * as corePublic from "../tools/type/core";
import type * as farPublic from "../tools/type/far";
import type * as framPublic from "../tools/type/fram";
import type * as fullPublic from "../tools/type/full";
import type { Handle, Item, Slot } from "../tools/type/handle";
import type * as kitPublic from "../tools/type/kit";
import type * as recordPublic from "../tools/type/record";
import type * as tinyPublic from "../tools/type/tiny";
import { MODULES } from "../rollup.config.mjs";
import { comment, said } from "../tools/package/comment";
import { members } from "../tools/package/page";

const ROOT = join(__dirname, "..");

/** A type of tools/type with numbers where it has handles: what the sources say. */
type Plain<T> = T extends Handle | Slot | Item
  ? number
  : T extends (...args: infer A) => infer R
    ? (...args: { [K in keyof A]: Plain<A[K]> }) => Plain<R>
    : T extends ArrayLike<number>
      ? T
      : T extends object
        ? { [K in keyof T]: Plain<T[K]> }
        : T;

/** Without what takes functions of any type, which Plain does not see into. */
type Pool<T> = Plain<Omit<T, "use">>;

/** Compiles only where the value is what the public type says. */
function fits<T>(value: T): T {
  return value;
}

type Ram<T> = T & { bytes: Uint8Array };

const pool = full.create(4096);
const store = ram(2048);
const outside = far.create({ store, handles: 8 });
const struct = kit.struct({ x: "u8" }, pool);
const leaky = kit.owner(pool);
leaky.alloc(4);

/** One object of each interface, by module and name. */
const MADE: Record<string, Record<string, any>> = {
  tidyheap: { Pool: fits<Pool<fullPublic.Pool>>(pool as Ram<typeof pool>), StorePool: fits<Pool<fullPublic.StorePool>>(pool), Counts: fits<fullPublic.Counts>(pool.stat()), Stat: core.create(64).stat() },
  "tidyheap-core": { Pool: fits<Pool<corePublic.Pool>>(core.create(64) as Ram<ReturnType<typeof core.create>>), StorePool: fits<Pool<corePublic.StorePool>>(core.create(64)), Stat: core.create(64).stat() },
  "tidyheap-tiny": { Pool: fits<Plain<tinyPublic.Pool>>(tiny.create(64) as Ram<ReturnType<typeof tiny.create>>) },
  "tidyheap-far": { FarPool: fits<Pool<farPublic.FarPool>>(outside), Stat: outside.stat() },
  "tidyheap-fram": { FarPool: fits<Pool<framPublic.FarPool>>(fram.format({ store: ram(2048), handles: 8 })), Repair: { live: 0, lost: 0, why: [] }, Stat: outside.stat() },
  "tidyheap-thumb": { RamStore: store },
  "tidyheap-spi": {},
  "tidyheap-page": { Cache: page.cache(store), PageStat: page.cache(store).stat() },
  "tidyheap-record": { Recorder: fits<recordPublic.Recorder>(record.record(full.create(64), { to: () => {} })) },
  "tidyheap-kit": {
    Slab: fits<Plain<Omit<kitPublic.Slab, "write" | "pool">>>(kit.slab(pool, { size: 4, slots: 4 }) as Exclude<ReturnType<typeof kit.slab>, 0>),
    Count: (kit.slab(pool, { size: 4, slots: 4 }) as any).stat(),
    Chain: kit.buffer(pool),
    Buffer: fits<Plain<Omit<kitPublic.Buffer, "split" | "move">>>(kit.buffer(pool)),
    Deque: fits<Plain<Omit<kitPublic.Deque, "split" | "drain" | "parse">>>(kit.deque(pool)),
    Queue: fits<kitPublic.Queue>(kit.queue(pool, { count: 4 }) as Exclude<ReturnType<typeof kit.queue>, 0>),
    Layout: struct,
    Struct: struct,
    List: kit.array(pool, "u8", 2),
    Table: kit.array(pool, struct, 2),
    Leak: fits<Plain<kitPublic.Leak>>(leaky.leaks()[0]),
    Owner: leaky,
    Guard: fits<Plain<kitPublic.Guard>>(kit.guard(pool, pool.alloc(4))),
    Pressure: kit.pressure(pool, {}),
    Collector: kit.collector(pool),
    Idle: fits<kitPublic.Idle>(kit.idle(pool))
  }
};

/** Members that are there once a program has set them. */
const LATER: Record<string, string[]> = { Collector: ["onfree"] };

/** What begins with an underscore is private; these are links of one part to another, and what arrays have of the struct they are made of. */
const INNER: Record<string, string[]> = { List: ["why", "alloc"], Table: ["why", "alloc"] };

describe("declare", () => {
  for (const { name, input } of MODULES) {
    describe(name, () => {
      const code = readFileSync(join(ROOT, "dist", `${name}.d.ts`), "utf8");

      it("declares what its objects have", () => {
        for (const [type, object] of Object.entries(MADE[name])) {
          const missing = members(code, type).filter(({ optional, name: key }) => !optional && !(key in object) && !LATER[type]?.includes(key));
          assert.deepEqual(missing.map(({ name: key }) => key), [], type);
        }
      });

      it("declares all that its objects have", () => {
        for (const [type, object] of Object.entries(MADE[name])) {
          if (type === "Layout" || type === "Chain") continue; // half of a Struct, of a Buffer
          const keys: string[] = [];
          for (const key in object) if (!key.startsWith("_") && !INNER[type]?.includes(key)) keys.push(key);
          const known = members(code, type).map((one) => one.name);
          assert.deepEqual(keys.filter((key) => !known.includes(key)), [], type);
        }
      });

      it("exports what the bundle does", () => {
        const [, list] = /^export \{ (.*) \};$/m.exec(code)!;
        const names = list.split(", ").map((one) => one.split(" as ").at(-1)!);
        assert.deepEqual(names.sort(), Object.keys(require(join(ROOT, "dist", `${name}.js`))).filter((key) => key !== "methods").sort());
      });

      it("is the same for both kinds of modules", () => assert.equal(readFileSync(join(ROOT, "dist", `${name}.d.mts`), "utf8"), code));

      it("has a comment above every function", () => {
        for (const [at, line] of code.split("\n").entries()) if (line.startsWith("declare function")) assert.match(code.split("\n")[at - 1], /\*\/$/, `${input}: ${line}`);
      });
    });
  }

  it("takes a comment from where a call is written", () => {
    assert.match(said(join(ROOT, "src", "full.ts"), "Blocks", "alloc"), /^A handle to a new block/);
    assert.match(said(join(ROOT, "src", "full.ts"), "Diagnostics", "stat"), /^The pool in numbers\. .* With the counters\./);
    assert.match(said(join(ROOT, "src", "far.ts"), "FarPool", "read"), /^A copy of `n` bytes .* and what the store throws\./);
    assert.match(said(join(ROOT, "src", "kit.ts"), "Chain", "read"), /the chunks passed\.$/);
    assert.match(comment(join(ROOT, "src", "kit.ts"), "global"), /^The pool `lib\.global`/);
  });

  it("has none for what nobody wrote", () => assert.equal(said(join(ROOT, "src", "full.ts"), "Blocks", "nothing"), ""));
});
