// Handles that are not: after heavy use of a pool every call refuses every number that is no live handle of it, and nothing changes.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { amount } from "./amount";
import { Clock } from "./clock";
import { SEED } from "./ground";
import { Memory } from "./memory";
import { SUBJECTS, type Subject } from "./player";
import { random } from "./random";
import { FUNCTIONS, PARTS, publics, right } from "./surface";
import { terse } from "./target";

/** A call of `name` with `h` in place of its argument number `at`; the result that is right, undefined: HANDLE is thrown. */
interface Call {
  name: string;
  run(h: unknown): unknown;
  gives: unknown;
}

/** Something with handles. */
interface Scene {
  pool: any;
  calls: Call[];
  has(h: unknown): boolean;
  live: number[];
  stale: number[];
  /** All that may not change. */
  picture(): string;
}

function call(object: any, name: string, args: unknown[], at: number, gives: unknown): Call {
  const list = args.slice();
  const fn = object[name];
  return { name: `${name}, argument ${at + 1},`, gives, run: (h) => ((list[at] = h), fn.apply(object, list)) };
}

/** Fails unless every call refuses `h`. */
function dead(scene: Scene, h: unknown): void {
  if (scene.has(h)) assert.fail(`has(${String(h)}) is true`);
  for (const { name, run, gives } of scene.calls) {
    let got: unknown;
    try {
      got = run(h);
    } catch (error: any) {
      if (gives === undefined && error.code === "HANDLE") continue;
      // a text may be the name of a field
      if (typeof h === "string" && error.code === "ARGUMENT") continue;
      assert.fail(`${name} with ${String(h)}: ${error.code} is thrown: ${error.message}`);
    }
    // no block to free, and no root
    if (h === 0 && /^(free|root)/.test(name)) continue;
    if (got !== gives || gives === undefined) assert.fail(`${name} with ${String(h)} gives ${String(got)}`);
  }
}

/** A pool in which three blocks live and rows have served until one is used up, or for `turns`. */
function used(subject: Subject, generations: 16 | 24, turns: number): Scene {
  const { pool } = subject.make({ size: 512, handles: 6, unit: 4, fit: "best", generations, chunk: 16 }, new Clock()) as { pool: any };
  const next = random(SEED);
  const live = [pool.alloc(30), pool.alloc(17), pool.alloc(9)];
  live.forEach((h, i) => pool.write(h, 0, new Uint8Array(9).fill(i + 1)));
  const stale: number[] = [];
  for (let i = 0; i < turns; i++) {
    const h = pool.alloc(1 + next(40));
    if (!h) break;
    pool.free(h);
    if (i < 20 || i % 997 === 0 || i > turns - 20) stale.push(h);
    if (i % 1024 === 0 && pool.stat && pool.stat().retired) break;
  }
  const names = publics(pool).filter((name) => FUNCTIONS[name]?.includes("handle") && name !== "has");
  const calls = names.flatMap((name) => FUNCTIONS[name].flatMap((kind, at) => (kind === "handle" ? [call(pool, name, right(FUNCTIONS[name], live[0]), at, undefined)] : [])));
  return {
    pool,
    calls,
    has: (h) => pool.has(h),
    live,
    stale,
    picture: () => JSON.stringify([pool.stat && { ...pool.stat(), refused: 0 }, live.map((h) => [pool.at(h), ...pool.read(h, 0, pool.size(h))]), pool.check && pool.check(), [...(pool.bytes ?? [])]])
  };
}

/** A part of the kit that takes handles. */
function part(name: string): Scene {
  const { pool, object, rows } = PARTS[name]();
  const own = name === "slab" ? object : pool;
  const calls = Object.entries(rows).flatMap(([fn, args]) =>
    args.flatMap(([, rule], at) =>
      ["handle", "record", "gone"].includes(rule) && fn !== "has" ? [call(object, fn, args.map(([value]) => value), at, rule === "gone" ? false : undefined)] : []
    )
  );
  const live: number[] = name === "slab" ? [rows.free[0][0] as number, rows.copy[2][0] as number] : [];
  const stale: number[] = [];
  if (!live.length) pool.each((h: number) => live.push(h));
  for (let i = 0; i < 5000; i++) {
    const h = own.alloc(8);
    own.free(h);
    if (i % 100 === 0) stale.push(h);
  }
  const bytes = (): unknown[] => live.map((h) => [own.at(h), ...own.read(h, 0, 2)]);
  return { pool, calls, has: (h) => own.has(h), live, stale, picture: () => JSON.stringify([{ ...pool.stat(), refused: 0 }, bytes(), object.live, object.length, pool.check()]) };
}

/** What is nearly a handle. */
function near(h: number): unknown[] {
  const all: unknown[] = [h + 0.5, h - 0.5, h + 2 ** 32, h - 2 ** 32, -h, ~h, String(h), [h], { valueOf: () => h }, new Number(h), h + Number.EPSILON * h, 1 / h];
  for (let bit = 0; bit < 53; bit++) all.push(h + 2 ** bit, h - 2 ** bit);
  for (let bit = 0; bit < 32; bit++) all.push(h ^ (1 << bit));
  for (let k = -40; k <= 40; k++) if (k) all.push(h + k * 65536);
  // every row with the generations that no row has, those that close a table among them
  for (const bits of [7, 12]) for (let row = 0; row < 16; row++) for (let g = -2; g <= 2; g++) all.push((g << bits) | ((h & ((1 << bits) - 1)) ^ row));
  return all;
}

/** Tries all there is; every `few`-th value in every call, the others in has() only. */
function forge(scene: Scene, few: number, randoms: number): void {
  const live = new Set<unknown>(scene.live);
  const before = scene.picture();
  const next = random(SEED + 1);
  terse(() => {
    for (const h of [...scene.live, ...scene.stale.slice(0, amount(1, 30, 30))]) for (const bad of near(h)) if (!live.has(bad)) dead(scene, bad);
    for (const h of scene.stale) dead(scene, h);
    for (let h = -65535; h < 65536; h++) {
      if (live.has(h)) continue;
      if (h % (h < 0 ? 41 * few : few) === 0) dead(scene, h);
      else if (scene.has(h)) assert.fail(`has(${h}) is true`);
    }
    for (let i = 0; i < randoms; i++) {
      const h = next(2 ** 32) | 0;
      if (live.has(h)) continue;
      // one in ten
      if (i % (10 * few) === 0) dead(scene, h);
      else if (scene.has(h)) assert.fail(`has(${h}) is true`);
    }
  });
  assert.equal(scene.picture(), before, "something has changed");
}

/** Builds that are tried in full. */
const FULLY = ["src", "far"];

/** In npm test one build of each kind. */
const BUILDS = SUBJECTS.filter(({ name }) => amount(0, 1, 1) || !name.includes(".min."));

describe("forge", () => {
  for (const subject of BUILDS) {
    for (const bits of subject.bare || !amount(0, 1, 1) ? ([16] as const) : ([16, 24] as const)) {
      const fully = FULLY.includes(subject.name) && bits === 16;
      const few = fully ? amount(97, 1, 1) : amount(997, 41, 1);
      const randoms = fully ? amount(20000, 1000000) : amount(5000, 100000, 1000000);
      it(`F refuses every 16-bit value and ${randoms} random ones, one in ${few} in every call, ${subject.name}, ${bits} bits, seed ${SEED}`, function () {
        this.timeout(600000);
        const turns = bits === 24 ? 20000 : subject.name === "src" ? 200000 : amount(2000, 200000, 200000);
        const scene = used(subject, bits, turns);
        if (turns === 200000 && scene.pool.stat) assert.ok(scene.pool.stat().retired > 0, "no row is used up");
        assert.ok(scene.calls.length > (subject.bare ? 4 : 12));
        forge(scene, few, randoms);
        for (const h of scene.live) assert.ok(scene.has(h));
      });
    }
  }

  for (const name of ["slab", "struct", "collector", "owner", "pressure"]) {
    it(`F refuses every 16-bit value and random ones in a ${name}`, function () {
      this.timeout(600000);
      const scene = part(name);
      assert.ok(scene.calls.length >= 2);
      forge(scene, amount(331, 5, 1), amount(5000, 100000));
    });
  }

  it("F refuses the handles of all other pools and slabs of the same build", () => {
    // fresh builds: after 4,096 rows of all pools the ids begin again
    const load = (file: string): any => {
      const exports = {};
      new Function("exports", readFileSync(join(__dirname, "..", "dist", file), "utf8"))(exports);
      return exports;
    };
    const [ram, fram, kit] = ["tidyheap.min.js", "tidyheap-fram.min.js", "tidyheap-kit.min.js"].map(load);
    const store = (): Memory => new Memory(1000, false);
    const pools: any[] = [];
    for (let i = 0; i < 6; i++) {
      pools.push(ram.create({ size: 256, handles: 8 + i }), fram.create({ size: 256, handles: 8 + i, store: store() }), fram.format({ handles: 8, store: store(), id: i }));
      pools.push(kit.slab(ram.create({ size: 256, handles: 8 }), { size: 8, slots: 8 + i }));
    }
    const all: number[][] = pools.map((pool) => Array.from({ length: 8 }, () => pool.alloc(8)));
    terse(() => {
      pools.forEach((pool, i) => {
        all.forEach((list, k) => {
          for (const h of list) {
            if (pool.has(h) !== (i === k)) assert.fail(`has(${h}) of pool ${i} for a handle of pool ${k} is ${i !== k}`);
            if (i === k) continue;
            for (const call of [() => pool.free(h), () => pool.size(h), () => pool.at(h), () => pool.read(h, 0, 1), () => pool.write(h, 0, [1])]) {
              assert.throws(call, { code: "HANDLE" });
            }
          }
        });
      });
    });
  });
});
