import assert from "node:assert/strict";
import { Memory } from "./memory";
import { random } from "./random";
import { Shadow } from "./shadow";
import { layout, pave, paved, refuses, sound, TARGETS, type Pool } from "./target";

const SIZE = 4096;

/** The values 0, 1, 2 ... as bytes. */
function ramp(n: number): number[] {
  return Array.from({ length: n }, (_, i) => i & 255);
}

for (const target of TARGETS) {
  describe(`resize, ${target.name}`, () => {
    const make = (options: object = {}): Pool => target.make({ size: SIZE, handles: 64, ...options });

    it("E refuses handle 0", () => {
      refuses(() => make().resize(0, 10), "HANDLE");
    });

    it("E frees with size 0", () => {
      const pool = make();
      const h = pool.alloc(100);
      assert.equal(pool.resize(h, 0), true);
      assert.equal(pool.has(h), false);
      assert.equal(pool.stat().live, 0);
      refuses(() => pool.resize(h, 0), "HANDLE");
      sound(pool);
    });

    it("E keeps block and place at the same size", () => {
      const pool = make();
      const all = pave(pool, 64);
      for (const h of all) assert.equal(pool.resize(h, 64), true, pool.why);
      assert.deepEqual(layout(pool, all), all.map((_, i) => [i * 64, 64]));
      assert.equal(pool.stat().moved, 0);
      paved(pool, all);
    });

    it("E changes the size within the unit", () => {
      const pool = make();
      const all = [pool.alloc(1), pool.alloc(16)];
      for (let n = 1; n <= target.unit; n++) {
        assert.equal(pool.resize(all[0], n), true, pool.why);
        assert.equal(pool.size(all[0]), n);
        assert.equal(pool.stat().used, n + 16);
      }
      assert.equal(pool.stat().moved, 0);
      sound(pool);
    });

    it("E gives the tail of a shrunk block back", () => {
      const pool = make();
      const all = [pool.alloc(SIZE - 64), pool.alloc(64)];
      pool.write(all[0], 0, ramp(512));
      pool.fill(all[1], 9, 0, 64);
      assert.equal(pool.resize(all[0], 512), true, pool.why);
      assert.equal(pool.size(all[0]), 512);
      assert.equal(pool.stat().free, SIZE - 512 - 64);
      assert.deepEqual([...pool.read(all[0], 0, 512)], ramp(512));
      const rest = pool.alloc(SIZE - 512 - 64);
      assert.ok(rest, pool.why);
      pool.fill(rest, 7, 0, SIZE - 512 - 64);
      assert.deepEqual([...pool.read(all[0], 0, 512)], ramp(512));
      assert.deepEqual([...pool.read(all[1], 0, 64)], new Array(64).fill(9));
      sound(pool);
    });

    it("E gives the tail of every block of a full pool back", () => {
      const pool = make();
      const all = pave(pool, 64);
      for (const h of all) {
        assert.equal(pool.resize(h, 16), true, pool.why);
        sound(pool);
      }
      assert.equal(pool.stat().free, SIZE - 64 * 16);
      paved(pool, all);
    });

    it("E grows in place into the hole behind", () => {
      const pool = make();
      const all = pave(pool, 64);
      pool.free(all[11]);
      pool.free(all[12]);
      assert.equal(pool.resize(all[10], 64 * 3), true, pool.why);
      assert.deepEqual(layout(pool, [all[10], all[13]]), [[640, 192], [832, 64]]);
      assert.equal(pool.stat().moved, 0);
      sound(pool);
      all[11] = all[12] = 0;
      pool.fill(all[10], 10, 64, 128);
      paved(pool, all);
    });

    it("E grows in place at the end of the pool", () => {
      const pool = make();
      const h = pool.alloc(64);
      pool.write(h, 0, ramp(64));
      for (const n of [65, 128, 1000, SIZE]) {
        assert.equal(pool.resize(h, n), true, pool.why);
        assert.deepEqual(layout(pool, [h]), [[0, n]]);
        assert.deepEqual([...pool.read(h, 0, 64)], ramp(64));
      }
      assert.equal(pool.stat().moved, 0);
      assert.equal(pool.alloc(1), 0);
    });

    it("E grows every block of a checkerboard by the free bytes", () => {
      for (let i = 1; i < 64; i += 2) {
        const pool = make();
        const all = pave(pool, 64).map((h, k) => (k % 2 ? h : (pool.free(h), 0)));
        assert.equal(pool.resize(all[i], 64 + 2048), true, `block ${i}: ${pool.why}`);
        pool.fill(all[i], i, 64, 2048);
        assert.equal(pool.stat().free, 0);
        paved(pool, all);
        sound(pool);
      }
    });

    it("E keeps the handle when others move", () => {
      const pool = make();
      const all = pave(pool, 64);
      pool.free(all[0]);
      pool.free(all[63]);
      assert.equal(pool.resize(all[30], 192), true, pool.why);
      assert.ok(all.slice(1, 63).every((h) => pool.has(h)));
      all[0] = all[63] = 0;
      pool.fill(all[30], 30, 64, 128);
      paved(pool, all);
      sound(pool);
    });

    it("E leaves the block untouched when it refuses", () => {
      const pool = make();
      const all = pave(pool, 64);
      pool.free(all[40]);
      const before = layout(pool, all.filter((h) => pool.has(h)));
      assert.equal(pool.resize(all[3], 129), false);
      assert.equal(pool.why, "FULL");
      assert.equal(pool.resize(all[3], SIZE + 1), false);
      assert.equal(pool.why, "SIZE");
      assert.deepEqual(layout(pool, all.filter((h) => pool.has(h))), before);
      assert.equal(pool.stat().moved, 0);
      all[40] = 0;
      paved(pool, all);
      sound(pool);
    });

    it("E says FRAGMENTED when a pause forbids the moves", () => {
      const pool = make({ pause: 32 });
      const all = pave(pool, 64).map((h, k) => (k % 2 ? h : (pool.free(h), 0)));
      assert.equal(pool.resize(all[21], 1000), false);
      assert.equal(pool.why, "FRAGMENTED");
      assert.equal(pool.size(all[21]), 64);
      assert.ok(pool.stat().moved <= 32);
      paved(pool, all);
      assert.equal(pool.resize(all[21], 128), true, pool.why);
      sound(pool);
    });

    it("E resizes a locked block in place and never moves it", () => {
      const pool = make();
      const all = pave(pool, 64);
      pool.free(all[11]);
      pool.lock(all[10]);
      assert.equal(pool.resize(all[10], 128), true, pool.why);
      assert.equal(pool.at(all[10]), 640);
      assert.equal(pool.resize(all[10], 20), true, pool.why);
      assert.deepEqual(layout(pool, [all[10]]), [[640, 20]]);
      assert.equal(pool.resize(all[10], 600), false);
      assert.equal(pool.at(all[10]), 640);
      refuses(() => pool.resize(all[10], 0), "LOCK");
      assert.equal(pool.size(all[10]), 20);
      sound(pool);
    });

    it("E takes no longer than the room behind under a hold", () => {
      const pool = make();
      const all = pave(pool, 64);
      pool.free(all[11]);
      pool.hold();
      assert.equal(pool.resize(all[10], 128), true, pool.why);
      assert.equal(pool.resize(all[20], 128), false);
      assert.equal(pool.stat().moved, 0);
      all[11] = 0;
      pool.fill(all[10], 10, 64, 64);
      paved(pool, all);
      sound(pool);
    });

    it("E keeps all bytes in 20,000 random resizes", function () {
      this.timeout(20000);
      const memory = new Memory(1024);
      const handles = 20;
      const shadow = new Shadow(target.make({ size: 1024, handles, store: memory }), memory, { unit: target.unit, handles });
      const next = random(20000);
      const count = target.name === "src, unit 4" ? 20000 : 2000;
      while (shadow.blocks.size < 16) shadow.alloc(1 + next(60));
      for (let i = 0; i < count; i++) {
        const all = shadow.handles;
        shadow.resize(all[next(all.length)], 1 + next(next(4) ? 70 : 400));
        sound(shadow.pool, `resize ${i}`);
        if (i % 32 === 0) shadow.verify(`resize ${i}`);
        if (next(5) === 0) shadow.tick(next(60));
      }
      shadow.verify("at the end");
    });
  });
}
