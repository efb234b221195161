import assert from "node:assert/strict";
import { random } from "./random";
import { layout, pave, paved, ram, refuses, sound, TARGETS, up, type Target } from "./target";

const SIZE = 4096;

function figures(target: ReturnType<Target["make"]>): number[] {
  const { used, free, largest, live } = target.stat();
  return [used, free, largest, live];
}

for (const target of TARGETS) {
  describe(`basic, ${target.name}`, () => {
    const make = (handles = 100): ReturnType<Target["make"]> => target.make({ size: SIZE, handles });

    it("A1 starts as one hole", () => {
      const pool = make();
      assert.deepEqual(figures(pool), [0, SIZE, SIZE, 0]);
      assert.equal(pool.stat().size, SIZE);
      assert.equal(pool.stat().handles, 100);
      assert.equal(pool.stat().retired, 0);
      assert.equal(pool.why, "");
      sound(pool);
    });

    it("A1 says its unit", () => {
      for (const unit of [1, 8, 64]) assert.equal(target.make({ size: SIZE, unit }).stat().unit, unit);
    });

    ram(target, "it needs a store")("A1 takes a plain number as the size", () => {
      const pool = target.make({ size: 512 });
      assert.equal(pool.stat().size, 512);
      assert.equal(pool.bytes!.length, 512);
    });

    it("A2 refuses size 0 with SIZE", () => {
      const pool = make();
      assert.equal(pool.alloc(0), 0);
      assert.equal(pool.why, "SIZE");
      assert.deepEqual(figures(pool), [0, SIZE, SIZE, 0]);
    });

    it("A3 refuses more than the pool with SIZE", () => {
      const pool = make();
      for (const n of [SIZE + 1, 65535, 65536, 65537, 2 ** 30, 2 ** 31, 2 ** 32 - 1]) {
        assert.equal(pool.alloc(n), 0);
        assert.equal(pool.why, "SIZE", `alloc(${n})`);
      }
      assert.deepEqual(figures(pool), [0, SIZE, SIZE, 0]);
    });

    it("A4 puts the first block at the start and the second right behind", () => {
      const pool = make();
      const all = [pool.alloc(64), pool.alloc(32), pool.alloc(16)];
      assert.deepEqual(layout(pool, all), [[0, 64], [64, 32], [96, 16]]);
      assert.deepEqual(figures(pool), [112, SIZE - 112, SIZE - 112, 3]);
      assert.ok(all.every((h) => h > 0 && Number.isInteger(h)));
      assert.equal(new Set(all).size, 3);
    });

    it("A5 takes the whole pool, then refuses with FULL", () => {
      const pool = make();
      const h = pool.alloc(SIZE);
      assert.deepEqual(layout(pool, [h]), [[0, SIZE]]);
      assert.equal(pool.alloc(1), 0);
      assert.equal(pool.why, "FULL");
      assert.deepEqual(figures(pool), [SIZE, 0, 0, 1]);
      sound(pool);
      pool.free(h);
      assert.ok(pool.alloc(SIZE));
    });

    it("A6 reuses the place of a freed block", () => {
      const pool = make();
      const all = pave(pool, 64);
      for (let i = 0; i < all.length; i++) {
        pool.free(all[i]);
        all[i] = pool.alloc(64);
        assert.deepEqual(layout(pool, [all[i]]), [[i * 64, 64]]);
        pool.fill(all[i], i, 0, 64);
        sound(pool);
      }
      paved(pool, all);
      assert.equal(pool.stat().moved, 0);
    });

    it("A7 fills with blocks of one size", () => {
      const pool = make();
      const all = pave(pool, 64);
      assert.equal(pool.why, "FULL");
      assert.deepEqual(layout(pool, all), all.map((_, i) => [i * 64, 64]));
      assert.equal(all.length, SIZE / 64);
      assert.deepEqual(figures(pool), [SIZE, 0, 0, 64]);
      paved(pool, all);
      sound(pool);
    });

    it("A8 rounds to the unit and knows the size asked for", () => {
      const pool = make();
      let at = 0;
      for (let n = 1; n <= 40; n++) {
        const h = pool.alloc(n);
        assert.deepEqual(layout(pool, [h]), [[at, n]]);
        assert.equal((target.far ? pool.read(h, 0, n) : pool.view(h)).length, n);
        at += up(n, target.unit);
      }
      assert.equal(pool.stat().used, (40 * 41) / 2);
      assert.equal(pool.stat().free, SIZE - at);
    });

    it("A8 uses whole units of a size that is not one", () => {
      const pool = target.make({ size: 1039, handles: 8 });
      assert.equal(pool.stat().size, 1039 - (1039 % target.unit));
      assert.ok(pool.alloc(pool.stat().size));
    });

    it("A9 ignores free(0)", () => {
      const pool = make();
      pool.alloc(10);
      pool.free(0);
      assert.equal(pool.stat().live, 1);
      sound(pool);
    });

    it("A10 refuses to free what is no handle", () => {
      const pool = make();
      const [a, b] = [pool.alloc(64), pool.alloc(64)];
      for (const h of [1, 2, 32, 64, 65, 4095, 4096, 65535, a + 2, a - 1, -a, a + 0.5, a * 2, a + 2 ** 32, 2 ** 31 - 1]) {
        if (h !== b) refuses(() => pool.free(h), "HANDLE", `free(${h})`);
      }
      assert.deepEqual(layout(pool, [a, b]), [[0, 64], [64, 64]]);
      sound(pool);
    });

    it("A11 refuses a second free", () => {
      const pool = make();
      const [a, b] = [pool.alloc(64), pool.alloc(64)];
      pool.fill(b, 9, 0, 64);
      pool.free(a);
      refuses(() => pool.free(a), "HANDLE");
      const c = pool.alloc(SIZE - 64);
      assert.ok(c, pool.why);
      refuses(() => pool.free(a), "HANDLE");
      assert.deepEqual([...pool.read(b, 0, 64)], new Array(64).fill(9));
      sound(pool);
    });

    it("A12 marks an exact fit as used", () => {
      const pool = make();
      const all = pave(pool, 64);
      for (const i of [0, 31, 63]) {
        pool.free(all[i]);
        const h = pool.alloc(64);
        assert.equal(pool.alloc(1), 0);
        assert.equal(pool.why, "FULL");
        assert.deepEqual(figures(pool), [SIZE, 0, 0, 64]);
        assert.deepEqual(layout(pool, [h]), [[i * 64, 64]]);
        sound(pool);
      }
    });

    it("A14 tells handles that are used up from bytes that are used up", () => {
      const rows = make(8);
      for (let i = 0; i < 8; i++) assert.ok(rows.alloc(16));
      assert.equal(rows.alloc(16), 0);
      assert.equal(rows.why, "HANDLES");
      sound(rows);
      const bytes = make(8);
      for (let i = 0; i < 4; i++) assert.ok(bytes.alloc(1024));
      assert.equal(bytes.alloc(16), 0);
      assert.equal(bytes.why, "FULL");
      sound(bytes);
    });

    it("A15 hands out the only free row, whichever it is", () => {
      const pool = make(8);
      const all = Array.from({ length: 8 }, () => pool.alloc(16));
      for (const i of [7, 0, 3, 3, 7, 0]) {
        pool.free(all[i]);
        all[i] = pool.alloc(32);
        assert.ok(all[i], pool.why);
        assert.equal(pool.alloc(16), 0);
        assert.equal(pool.why, "HANDLES");
        sound(pool);
        pool.free(all[i]);
        all[i] = pool.alloc(16);
      }
      assert.equal(new Set(all).size, 8);
    });

    it("A15 uses any free row for bytes at the other end of the pool", () => {
      for (let i = 0; i < 8; i++) {
        const pool = make(8);
        const all = Array.from({ length: 8 }, () => pool.alloc(64));
        all.forEach((h, k) => pool.fill(h, k, 0, 64));
        pool.free(all[i]);
        const h = pool.alloc(SIZE - 7 * 64);
        assert.ok(h, `row ${i}: ${pool.why}`);
        all[i] = 0;
        paved(pool, all);
        sound(pool);
      }
    });

    it("A16 has the whole pool back after 100 rounds", () => {
      const pool = make();
      const next = random(16);
      for (let round = 0; round < 100; round++) {
        const all = Array.from({ length: 10 }, () => pool.alloc(50 + next(91)));
        assert.ok(all.every((h) => h), pool.why);
        while (all.length) pool.free(all.splice(next(all.length), 1)[0]);
        sound(pool);
      }
      assert.ok(pool.alloc(SIZE));
    });

    it("A17 frees everything in reset", () => {
      const pool = make();
      const all = pave(pool, 64);
      pool.lock(all[5]);
      pool.hold();
      pool.free(all[9]);
      pool.reset();
      assert.deepEqual(figures(pool), [0, SIZE, SIZE, 0]);
      sound(pool);
      for (const h of all) {
        assert.equal(pool.has(h), false);
        refuses(() => pool.size(h), "HANDLE");
      }
      refuses(() => pool.release(), "LOCK");
      const again = pave(pool, 64);
      assert.equal(again.length, SIZE / 64);
      assert.equal(new Set([...all, ...again]).size, SIZE / 32);
      assert.equal(pool.has(all[0]), false);
      for (const h of again) refuses(() => pool.unlock(h), "LOCK");
    });

    it("A17 resets a pool in the middle of a compaction", () => {
      const pool = make();
      const all = pave(pool, 256);
      for (let i = 0; i < all.length; i += 2) pool.free(all[i]);
      assert.ok(pool.tick(40) > 0);
      pool.reset();
      assert.deepEqual(figures(pool), [0, SIZE, SIZE, 0]);
      assert.ok(pool.alloc(SIZE));
      sound(pool);
    });
  });

  describe(`basic configuration, ${target.name}`, () => {
    const wrong: [string, unknown[]][] = [
      ["size", [0, -1, -4096, 0.5, 100.5, NaN, Infinity, undefined, null, "x", "", "64", {}, [], true, 2 ** 31, 2 ** 32, 2 ** 53]],
      ["handles", [0, -1, 1.5, NaN, Infinity, null, "x", "8", {}, 40000, 65536, 2 ** 31]],
      ["unit", [0, -4, 3, 5, 12, 8192, 1.5, NaN, Infinity, null, "x", "4", {}]],
      ["fit", ["worst", "", 1, null, {}]],
      ["generations", [0, 8, 17, 32, "16", null, NaN]],
      ["pause", [-1, NaN, "x", null, {}, 1.5]],
      ["low", [-1, NaN, "x", null, {}, 0.5]],
      ["store", [1, "x", {}, []]],
      ["start", [1, "x", { used: 2 }, { used: -1 }, { used: NaN }, { used: "x" }, { handles: 2 }, { handles: -1 }, { least: 2 }, { least: NaN }]],
      ["scheduler", [1, "x", {}, { set: 1, clear: 1 }]],
      ["onmove", [1, "x", {}]]
    ];
    for (const [name, values] of wrong) {
      const without = name === "low" && !target.full;
      it(`A18 refuses a wrong ${name}${without ? " (core and external pools have no watermark)" : ""}`, function () {
        if (without) this.skip();
        for (const value of values) {
          const what = `${name} ${typeof value} ${JSON.stringify(value)}`;
          refuses(() => target.make({ size: 1024, [name]: value }), "OPTION", what);
        }
      });
    }

    it("A18 names the option and its value", () => {
      assert.throws(() => target.make({ size: -7 }), /size.*-7/);
      assert.throws(() => target.make({ size: 512, unit: 3 }), /unit.*3/);
      assert.throws(() => target.make({ size: 512, handles: -3 }), /handles.*-3/);
    });

    it("A18 refuses a size below one unit", () => {
      refuses(() => target.make({ size: 15, unit: 16 }), "OPTION");
      assert.ok(target.make({ size: 16, unit: 16 }).alloc(16));
    });

    it("A18 refuses more handles than the generations leave room for", () => {
      refuses(() => target.make({ size: 1024, generations: 24, handles: 200 }), "OPTION");
      refuses(() => target.make({ size: 1024, generations: 16, handles: 32768 }), "OPTION");
    });

    if (target.far) {
      it("A18 refuses an external pool without a store", () => {
        refuses(() => target.make(512 as any), "OPTION");
        refuses(() => target.make({ size: 512, store: undefined }), "OPTION");
      });
    }

    it("A18 refuses a store smaller than the pool", () => {
      const store = { size: 512, move() {}, read: () => new Uint8Array(0), write() {} };
      refuses(() => target.make({ size: 1024, store }), "OPTION");
    });
  });
}

describe("basic create", () => {
  it("A18 refuses to make a pool of nothing", () => {
    for (const target of TARGETS.slice(0, 1)) refuses(() => target.make(undefined as any), "OPTION");
  });
});
