import assert from "node:assert/strict";
import { Memory } from "./memory";
import { random } from "./random";
import { Shadow } from "./shadow";
import { layout, pave, paved, ram, refuses, sound, TARGETS, type Pool } from "./target";

const SIZE = 4096;

for (const target of TARGETS) {
  describe(`compact, ${target.name}`, () => {
    const make = (options: object = {}): Pool => target.make({ size: SIZE, handles: 100, ...options });

    /** A pool of 64 blocks of 64 bytes with every second one freed; freed blocks are 0 in the list. */
    function comb(options: object = {}): { pool: Pool; kept: number[] } {
      const pool = make(options);
      const kept = pave(pool, 64).map((h, i) => {
        if (i % 2 === 0) pool.free(h);
        return i % 2 ? h : 0;
      });
      return { pool, kept };
    }

    it("D1 merges two freed neighbours into one hole, and once is enough", () => {
      const pool = make();
      const all = pave(pool, 512);
      pool.free(all[3]);
      pool.free(all[4]);
      assert.equal(pool.stat().largest, 1024);
      pool.pack();
      const once = layout(pool, all.filter((h) => pool.has(h)));
      const { moved, epoch } = pool.stat();
      pool.pack();
      assert.deepEqual(layout(pool, all.filter((h) => pool.has(h))), once);
      assert.deepEqual([pool.stat().moved, pool.stat().epoch], [moved, epoch]);
      sound(pool);
    });

    it("D2 leaves no hole below the last block, in the same order, bytes kept", () => {
      const { pool, kept } = comb();
      pool.pack();
      assert.deepEqual(layout(pool, kept.filter((h) => h)), kept.filter((h) => h).map((_, i) => [i * 64, 64]));
      assert.deepEqual([pool.stat().free, pool.stat().largest], [2048, 2048]);
      paved(pool, kept);
      sound(pool);
    });

    it("D2 finds nothing to do in an empty and in a full pool", () => {
      const pool = make();
      pool.pack();
      assert.equal(pool.tick(1000), 0);
      const all = pave(pool, 64);
      pool.pack();
      assert.equal(pool.tick(1000), 0);
      assert.equal(pool.stat().moved, 0);
      paved(pool, all);
    });

    it("D3 leaves a locked block where it is and moves it after unlock", () => {
      for (const i of [1, 3, 31, 61, 63]) {
        const { pool, kept } = comb();
        pool.lock(kept[i]);
        pool.pack();
        assert.equal(pool.at(kept[i]), i * 64);
        paved(pool, kept);
        sound(pool);
        const below = kept.filter((h, k) => h && k < i);
        assert.deepEqual(layout(pool, below), below.map((_, k) => [k * 64, 64]));
        pool.unlock(kept[i]);
        pool.pack();
        assert.equal(pool.at(kept[i]), 32 * (i - 1));
        assert.equal(pool.stat().largest, 2048);
        paved(pool, kept);
      }
    });

    it("D3 compacts between two locked blocks", () => {
      const { pool, kept } = comb();
      pool.lock(kept[21]);
      pool.lock(kept[43]);
      pool.pack();
      assert.deepEqual(layout(pool, [kept[21], kept[43]]), [[21 * 64, 64], [43 * 64, 64]]);
      // ten blocks stand between the two, with eleven blocks' worth of free bytes
      const between = kept.filter((h, i) => h && i > 21 && i < 43).map((h) => pool.at(h)).sort((a, b) => a - b);
      assert.equal(between[9] - between[0], 9 * 64);
      paved(pool, kept);
      sound(pool);
      assert.equal(pool.alloc(2048), 0);
      assert.equal(pool.why, "FRAGMENTED");
      assert.ok(pool.alloc(11 * 64), pool.why);
    });

    it("D3 keeps a locked block still in ticks and requests", () => {
      const { pool, kept } = comb();
      pool.lock(kept[33]);
      for (let i = 0; i < 300; i++) pool.tick(40);
      assert.ok(pool.alloc(900), pool.why);
      assert.equal(pool.at(kept[33]), 33 * 64);
      assert.equal(pool.resize(kept[35], 300), true, pool.why);
      assert.equal(pool.at(kept[33]), 33 * 64);
      sound(pool);
    });

    it("D4 counts locks", () => {
      const { pool, kept } = comb();
      for (let i = 0; i < 3; i++) pool.lock(kept[31]);
      for (let i = 0; i < 2; i++) pool.unlock(kept[31]);
      pool.pack();
      assert.equal(pool.at(kept[31]), 31 * 64);
      refuses(() => pool.free(kept[31]), "LOCK");
      pool.unlock(kept[31]);
      refuses(() => pool.unlock(kept[31]), "LOCK");
      pool.pack();
      assert.equal(pool.at(kept[31]), 15 * 64);
      pool.free(kept[31]);
      sound(pool);
    });

    it("D4 counts holds", () => {
      const { pool, kept } = comb();
      pool.hold();
      pool.hold();
      pool.release();
      pool.pack();
      assert.equal(pool.tick(4096), 0);
      assert.equal(pool.stat().moved, 0);
      paved(pool, kept);
      pool.release();
      refuses(() => pool.release(), "LOCK");
      pool.pack();
      assert.equal(pool.stat().largest, 2048);
    });

    it("D5 unlocks when the function given to use throws", () => {
      const { pool, kept } = comb();
      assert.throws(() => pool.use(kept[31], () => { throw new Error("mine"); }), /mine/);
      refuses(() => pool.unlock(kept[31]), "LOCK");
      pool.pack();
      assert.equal(pool.at(kept[31]), 15 * 64);
    });

    for (const [name, i] of [["first", 0], ["middle", 31], ["last", 63]] as const) {
      it(`D6 reads all others after the ${name} block is freed`, () => {
        const pool = make();
        const kept = pave(pool, 64);
        pool.free(kept[i]);
        kept[i] = 0;
        pool.pack();
        paved(pool, kept);
        assert.equal(pool.stat().largest, 64);
        sound(pool);
      });
    }

    it("D8 bounds a tick whatever the size of the block", () => {
      const memory = new Memory(262144);
      const pool = target.make({ size: 262144, handles: 8, store: memory });
      const rule = { unit: target.unit, handles: 8 };
      const shadow = new Shadow(pool, memory, rule);
      const [a, b, c] = [shadow.alloc(20000), shadow.alloc(200000), shadow.alloc(20000)];
      shadow.drop(a);
      let most = 0;
      let turns = 0;
      for (let n = shadow.tick(1000); n; n = shadow.tick(1000)) {
        most = Math.max(most, n);
        assert.ok(++turns < 2000, "ticks never end");
      }
      assert.ok(most <= 1000);
      for (const h of [b, c]) assert.deepEqual(pool.read(h, 0, pool.size(h)), shadow.blocks.get(h));
      assert.ok(shadow.alloc(20000 + 262144 - 240000 - 64), pool.why);
      for (const h of [b, c]) assert.deepEqual(pool.read(h, 0, pool.size(h)), shadow.blocks.get(h));
      sound(pool);
    });

    for (const budget of [1, 3, 4, 7, 16, 33, 64, 100, 1000]) {
      it(`D8 moves at most ${budget} bytes in tick(${budget})`, () => {
        const memory = new Memory(1024);
        const shadow = new Shadow(target.make({ size: 1024, handles: 64, store: memory }), memory, { unit: target.unit, handles: 64 });
        const all = Array.from({ length: 16 }, () => shadow.alloc(64));
        all.forEach((h, i) => i % 2 || shadow.drop(h));
        let turns = 0;
        while (shadow.tick(budget)) assert.ok(++turns < 3000, "ticks never end");
        shadow.verify("after the last tick");
        // an external pool moves any number of bytes
        if (budget < target.unit && !target.far) assert.equal(memory.moved, 0);
        else assert.ok(shadow.pool.stat().largest >= 128, `largest hole is ${shadow.pool.stat().largest}`);
      });
    }

    it("D9 works only above a share of bytes in use", () => {
      const { pool, kept } = comb({ start: { used: 0.6, handles: 1 } });
      assert.equal(pool.tick(1000), 0);
      for (let i = 0; i < 8; i++) assert.ok(pool.alloc(64), pool.why);
      const before = pool.stat().moved;
      while (pool.tick(64));
      assert.ok(pool.stat().moved > before, "nothing moved at 62 %");
      paved(pool, kept);
    });

    it("D9 works above a share of handles in use", () => {
      const few = comb({ start: { used: 1, handles: 0.4 } });
      assert.equal(few.pool.tick(1000), 0);
      const many = comb({ start: { used: 1, handles: 0.3 } });
      assert.ok(many.pool.tick(1000) > 0);
    });

    it("D9 works only for a share worth recovering", () => {
      const little = make({ start: { least: 0.2 } });
      const all = pave(little, 64);
      for (const i of [10, 20, 30, 40]) little.free(all[i]);
      assert.equal(little.tick(1000), 0);
      const much = comb({ start: { least: 0.2 } });
      assert.ok(much.pool.tick(1000) > 0);
    });

    it("D9 reports idle when nothing is recoverable", () => {
      const { pool, kept } = comb({ start: { used: 0.1 } });
      let turns = 0;
      while (pool.tick(64)) assert.ok(++turns < 1000, "ticks never end");
      const { moved } = pool.stat();
      for (let i = 0; i < 20; i++) assert.equal(pool.tick(64), 0);
      assert.equal(pool.stat().moved, moved);
      paved(pool, kept);
      pool.pack();
      assert.equal(pool.tick(64), 0);
    });

    it("D asks for more when much was freed after ticks had enough", () => {
      const pool = make();
      const all: number[] = [];
      for (let h = 1; h; ) if ((h = pool.alloc(64))) all.push(h);
      // nearly full: a small hole is enough
      pool.free(all[5]);
      pool.free(all[9]);
      while (pool.tick(64));
      all.forEach((h, i) => i % 2 && i !== 5 && i !== 9 && pool.free(h));
      while (pool.tick(64));
      const { free, largest } = pool.stat();
      assert.ok(largest >= Math.min(SIZE / 8, free / 2), `${largest} of ${free} bytes in one piece`);
      sound(pool);
    });

    it("D11 meets a request after pack() whenever bytes suffice", () => {
      const next = random(11);
      for (let round = 0; round < 30; round++) {
        const pool = make({ pause: 0 });
        const all: number[] = [];
        for (let h = 1; h; ) if ((h = pool.alloc(16 + next(100)))) all.push(h);
        all.forEach((h) => next(2) && pool.free(h));
        const { free } = pool.stat();
        if (pool.alloc(free)) continue;
        assert.equal(pool.why, "FRAGMENTED");
        pool.pack();
        assert.ok(pool.alloc(free), `${free} bytes: ${pool.why}`);
        sound(pool);
      }
    });

    it("D11 goes on from a refusal under a pause limit after ticks", () => {
      const { pool, kept } = comb({ pause: 100 });
      assert.equal(pool.alloc(512), 0);
      assert.equal(pool.why, "FRAGMENTED");
      assert.ok(pool.stat().moved <= 100);
      while (pool.tick(64));
      assert.ok(pool.alloc(512), pool.why);
      paved(pool, kept);
    });

    ram(target, "its blocks pass a locked one")("D11 brings bytes above the last row down to a free one for a request, although ticks have had enough", () => {
      const pool = target.make({ size: 256, handles: 8, unit: 4 });
      const all = [8, 32, 32, 24, 24, 8].map((n) => pool.alloc(n));
      pool.lock(all[0]);
      pool.free(all[2]);
      const last = pool.alloc(4);
      assert.equal(pool.tick(64), 0);
      assert.ok(last && pool.alloc(44), pool.why);
      assert.ok(pool.alloc(48), pool.why);
      sound(pool);
    });

    it("D11 meets a refused request under a pause limit when it is made again", () => {
      const { pool, kept } = comb({ pause: 100 });
      let asked = 0;
      let h = 0;
      while (!h && asked++ < 100) h = pool.alloc(512);
      assert.ok(h && asked > 1, `${asked} requests, ${pool.why}`);
      paved(pool, kept);
    });

    for (const pause of [0, 16, 100, 333]) {
      it(`D11 moves at most ${pause} bytes in a request with that pause`, () => {
        const next = random(pause + 1);
        const memory = new Memory(1024);
        const pool = target.make({ size: 1024, handles: 40, pause, store: memory });
        const shadow = new Shadow(pool, memory, { unit: target.unit, handles: 40, pause });
        for (let i = 0; i < 1500; i++) {
          const all = shadow.handles;
          if (all.length && next(5) < 2) shadow.drop(all[next(all.length)]);
          else if (all.length && next(5) === 0) shadow.resize(all[next(all.length)], 1 + next(90));
          else shadow.alloc(1 + next(90));
          if (i % 8 === 0) shadow.verify(`operation ${i}`);
          if (next(3) === 0) shadow.tick(next(50));
        }
      });
    }

    it("D12 stays alive at 99 % of bytes and all handles", () => {
      const memory = new Memory(SIZE);
      const pool = make({ handles: 64, store: memory });
      const shadow = new Shadow(pool, memory, { unit: target.unit, handles: 64 });
      const next = random(12);
      for (let i = 0; i < 62; i++) assert.ok(shadow.alloc(64), pool.why);
      while (shadow.blocks.size < 64) assert.ok(shadow.alloc(48), pool.why);
      for (let i = 0; i < 400; i++) {
        const all = shadow.handles;
        const one = all[next(64)];
        const two = all[(all.indexOf(one) + 1 + next(63)) % 64];
        const sum = shadow.blocks.get(one)!.length + shadow.blocks.get(two)!.length;
        shadow.drop(one);
        shadow.drop(two);
        const n = Math.min(sum - 16, 16 * (1 + next(sum / 16 - 1)));
        assert.ok(shadow.alloc(n), pool.why);
        assert.ok(shadow.alloc(sum - n), pool.why);
        sound(pool, `round ${i}`);
        if (i % 40 === 0) shadow.verify(`round ${i}`);
      }
      assert.equal(pool.stat().live, 64);
      assert.ok(pool.stat().free <= 32);
    });
  });
}
