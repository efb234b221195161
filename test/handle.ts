import assert from "node:assert/strict";
import { amount } from "./amount";
import { random } from "./random";
import { SOURCE, sound, TARGETS, terse, type Pool } from "./target";

const ROWS = 8;

/** Every call that takes a handle, with a handle in its place. */
const CALLS: [string, (pool: Pool, h: any, good: number) => unknown][] = [
  ["free", (pool, h) => pool.free(h)],
  ["resize", (pool, h) => pool.resize(h, 4)],
  ["resize to 0", (pool, h) => pool.resize(h, 0)],
  ["size", (pool, h) => pool.size(h)],
  ["at", (pool, h) => pool.at(h)],
  ["view", (pool, h) => pool.view(h)],
  ["read", (pool, h) => pool.read(h, 0, 1)],
  ["write", (pool, h) => pool.write(h, 0, [1])],
  ["copy to", (pool, h, good) => pool.copy(h, 0, good, 0, 1)],
  ["copy from", (pool, h, good) => pool.copy(good, 0, h, 0, 1)],
  ["fill", (pool, h) => pool.fill(h, 1, 0, 1)],
  ["lock", (pool, h) => pool.lock(h)],
  ["unlock", (pool, h) => pool.unlock(h)],
  ["use", (pool, h) => pool.use(h, () => 0)]
];

/** Fails unless every call refuses `h` and `has` says no. */
function dead(pool: Pool, h: number, good: number): void {
  if (pool.has(h)) assert.fail(`has(${h}) is true`);
  for (const [name, call] of CALLS) {
    if (h === 0 && name === "free") continue;
    let code = "nothing";
    try {
      call(pool, h, good);
    } catch (error: any) {
      code = error.code;
    }
    if (code !== "HANDLE") assert.fail(`${name} of ${h}: ${code} is thrown, HANDLE expected`);
  }
}

/** Leaves the free rows of a pool of the readable build `left` generations. */
function age(pool: any, left: number): void {
  for (let r = 0; r < pool._rows; r++) if (pool._gens[r] <= 0) pool._gens[r] = 1 + left - pool._most;
}

for (const target of TARGETS) {
  describe(`handle, ${target.name}`, () => {
    const bits = target.name.includes("24 bits") ? 24 : 16;
    const make = (options: object = {}): Pool => target.make({ size: 1024, handles: ROWS, ...options });

    it("F refuses a stale handle in every call", () => {
      const pool = make();
      const good = pool.alloc(16);
      const stale = pool.alloc(16);
      pool.free(stale);
      dead(pool, stale, good);
      for (let i = 0; i < 3 * ROWS; i++) {
        const h = pool.alloc(16);
        dead(pool, stale, good);
        pool.free(h);
      }
      assert.deepEqual([...pool.read(good, 0, 16)].length, 16);
      sound(pool);
    });

    it("F gives the same row another generation", () => {
      const pool = make({ handles: 1 });
      const seen = new Set<number>();
      for (let i = 0; i < 300; i++) {
        const h = pool.alloc(16);
        assert.ok(h && !seen.has(h), `handle ${h}, round ${i}`);
        seen.add(h);
        pool.free(h);
      }
    });

    // every row of every pool in prove
    const reuses = target.name.startsWith("src") ? 65536 : amount(256, 65536, 65536);
    it(`F refuses a handle after 256 and after ${reuses} reuses`, () => {
      const pool = make({ handles: bits === 24 ? 1 : 3 });
      const old: number[] = [];
      for (let i = 0; i <= reuses; i++) {
        const h = pool.alloc(16);
        if (!h) assert.fail(`round ${i}: ${pool.why}`);
        if (i < 8) old.push(h);
        for (const stale of old) if (stale !== h && pool.has(stale)) assert.fail(`round ${i}: ${stale} is accepted`);
        if (i === 256 || i === reuses) terse(() => old.forEach((stale) => dead(pool, stale, h)));
        pool.free(h);
      }
      sound(pool);
    });

    it("F invalidates all handles in reset and does not begin again", () => {
      const pool = make();
      const seen = new Set<number>();
      for (let round = 0; round < 600; round++) {
        const h = pool.alloc(16);
        assert.ok(!seen.has(h), `round ${round}: ${h} was given out before`);
        seen.add(h);
        pool.reset();
        assert.equal(pool.has(h), false);
      }
      const good = pool.alloc(16);
      for (const h of [...seen].slice(0, 20)) dead(pool, h, good);
    });

    it("F refuses the handles of another pool", () => {
      const pools = [make(), make(), make({ size: 512 }), make({ handles: 5 })];
      const all = pools.map((pool) => Array.from({ length: 5 }, () => pool.alloc(16)));
      pools.forEach((pool, i) => {
        all.forEach((list, k) => {
          if (i !== k) list.forEach((h) => dead(pool, h, all[i][0]));
        });
      });
    });

    it("F keeps handles whole, positive and below 2^31", () => {
      const pool = make();
      for (let i = 0; i < 200; i++) {
        const h = pool.alloc(16);
        assert.ok(Number.isInteger(h) && h > 0 && h < 2 ** 31);
        if (bits === 16) assert.ok(h < 2 ** 27);
        pool.free(h);
      }
    });
  });
}

for (const target of TARGETS.filter(({ name }) => name.endsWith("unit 4"))) {
  describe(`handle at the end of generations, ${target.name}`, () => {
    it("F gives out at least 95 % of all generations, each once, then refuses with HANDLES", () => {
      const rows = 3;
      const pool = target.make({ size: 256, handles: rows });
      const seen = new Set<number>();
      let last = 0;
      for (let h = pool.alloc(16); h; h = pool.alloc(16)) {
        if (seen.has(h)) assert.fail(`handle ${h} was given out before`);
        seen.add((last = h));
        pool.free(h);
      }
      assert.equal(pool.why, "HANDLES");
      assert.ok(seen.size >= 0.95 * rows * 32766, `${seen.size} handles from ${rows} rows`);
      assert.ok(last < 2 ** 27);
      assert.equal(pool.stat().retired, rows);
      terse(() => {
        for (const h of seen) if (pool.has(h)) assert.fail(`${h} is accepted`);
      });
      pool.reset();
      assert.equal(pool.alloc(16), 0);
      assert.equal(pool.why, "HANDLES");
      assert.equal(pool.stat().retired, rows);
      sound(pool);
    });

    it("F keeps live blocks usable when all other rows are retired", () => {
      const pool = target.make({ size: 256, handles: 3 });
      const kept = pool.alloc(16);
      pool.write(kept, 0, "0123456789abcdef");
      for (let h = pool.alloc(16); h; h = pool.alloc(16)) pool.free(h);
      assert.equal(pool.why, "HANDLES");
      assert.equal(pool.stat().retired, 2);
      assert.equal(Buffer.from(pool.read(kept, 0, 16)).toString(), "0123456789abcdef");
      assert.equal(pool.resize(kept, 100), true, pool.why);
      assert.equal(Buffer.from(pool.read(kept, 0, 16)).toString(), "0123456789abcdef");
      pool.free(kept);
      // the row may have generations left: it is used up like the others
      for (let h = pool.alloc(16); h; h = pool.alloc(16)) {
        assert.ok(!pool.has(kept), "the freed block's handle is valid again");
        assert.equal(pool.stat().retired, 2);
        pool.free(h);
      }
      assert.equal(pool.why, "HANDLES");
      assert.equal(pool.stat().retired, 3);
      sound(pool);
    });
  });
}

describe("handle width", () => {
  it("F comes to its end in a full pool that has moved 4 GB", () => {
    const next = random(5);
    const pool = SOURCE.create({ size: 13472, handles: 341 });
    age(pool, 12);
    pool.epoch = 2 ** 32;
    const all = Array.from({ length: 323 }, () => pool.alloc(8 + next(56)));
    for (let count = 0; pool.why !== "HANDLES"; count++) {
      assert.ok(count < 10000, `${pool.why} after ${count} requests`);
      const i = next(all.length);
      pool.free(all[i]);
      all[i] = pool.alloc(8 + next(56));
    }
    sound(pool);
    assert.ok(pool.stat().retired > 0);
  });

  const wide: [number, 16 | 24, number][] = [
    [1, 16, 2 ** 27],
    [255, 16, 2 ** 27],
    [2047, 16, 2 ** 27],
    [2048, 16, 2 ** 31],
    [32767, 16, 2 ** 31],
    [1, 24, 2 ** 31],
    [127, 24, 2 ** 31]
  ];
  for (const [handles, generations, limit] of wide) {
    it(`F stays below ${limit} with ${handles} rows and ${generations} bits to the last generation`, () => {
      const pool = SOURCE.create({ size: 4 * 32768, unit: 4, handles, generations });
      age(pool, 3);
      let most = 0;
      for (let h = pool.alloc(4), count = 0; h; h = pool.alloc(4)) {
        most = Math.max(most, h);
        assert.ok(h > 0 && h < limit && pool.has(h), `handle ${h}`);
        if (++count % handles) continue;
        pool.reset();
      }
      assert.equal(pool.why, "HANDLES");
      assert.ok(most > limit / 2 ** 12 / 2, `the largest handle is ${most}`);
      assert.equal(pool.stat().retired, handles);
      assert.equal(pool.check(), "");
    });
  }
});
