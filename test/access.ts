import assert from "node:assert/strict";
import { Memory } from "./memory";
import { layout, pave, ram, refuses, sound, TARGETS, type Pool } from "./target";

for (const target of TARGETS) {
  describe(`access, ${target.name}`, () => {
    const make = (options: object = {}): Pool => target.make({ size: 1024, handles: 40, ...options });

    /** A pool of three blocks of 32 bytes. */
    function three(options: object = {}): { pool: Pool; all: number[] } {
      const pool = make(options);
      const all = [pool.alloc(32), pool.alloc(32), pool.alloc(32)];
      all.forEach((h, i) => pool.fill(h, i + 1, 0, 32));
      return { pool, all };
    }

    /** First byte of each block; every block is of one value. */
    function values(pool: Pool, all: number[]): number[] {
      return all.map((h) => {
        const set = new Set(pool.read(h, 0, pool.size(h)));
        return set.size === 1 ? [...set][0] : -1;
      });
    }

    ram(target, "no bytes")("reaches the bytes through at and bytes", () => {
      const { pool, all } = three();
      const base = pool.at(all[1]);
      pool.bytes![base + 5] = 77;
      assert.equal(pool.read(all[1], 5, 1)[0], 77);
      assert.deepEqual([base, pool.bytes!.length], [32, 1024]);
    });

    ram(target, "no views")("gives a view that is the block itself", () => {
      const { pool, all } = three();
      const view = pool.view(all[1]);
      assert.equal(view.length, 32);
      view[31] = 99;
      assert.equal(pool.read(all[1], 31, 1)[0], 99);
      assert.equal(view.buffer, pool.bytes!.buffer);
      assert.deepEqual(values(pool, [all[0], all[2]]), [1, 3]);
    });

    it("reads a copy", () => {
      const { pool, all } = three();
      const copy = pool.read(all[0], 4, 8);
      assert.equal(copy.length, 8);
      copy[0] = 55;
      assert.deepEqual(values(pool, all), [1, 2, 3]);
      assert.equal(pool.read(all[0], 32, 0).length, 0);
      assert.equal(pool.read(all[0], 0, 0).length, 0);
    });

    it("writes arrays, typed arrays and strings", () => {
      const { pool, all } = three();
      pool.write(all[1], 0, [1, 2, 3]);
      pool.write(all[1], 3, new Uint8Array([4, 5]));
      pool.write(all[1], 5, new Uint16Array([6, 7]));
      pool.write(all[1], 7, "AB\u00ff");
      pool.write(all[1], 10, "");
      pool.write(all[1], 32, []);
      assert.deepEqual([...pool.read(all[1], 0, 12)], [1, 2, 3, 4, 5, 6, 7, 65, 66, 255, 2, 2]);
      assert.deepEqual(values(pool, [all[0], all[2]]), [1, 3]);
    });

    ram(target, "no views")("writes a block from its own view and from another block's", () => {
      const { pool, all } = three();
      pool.write(all[0], 0, Array.from({ length: 32 }, (_, i) => i));
      pool.write(all[0], 4, pool.view(all[0]).subarray(0, 8));
      assert.deepEqual([...pool.read(all[0], 0, 14)], [0, 1, 2, 3, 0, 1, 2, 3, 4, 5, 6, 7, 12, 13]);
      pool.write(all[2], 0, pool.view(all[0]));
      assert.deepEqual(pool.read(all[2], 0, 32), pool.read(all[0], 0, 32));
    });

    it("refuses characters above 255", () => {
      const { pool, all } = three();
      refuses(() => pool.write(all[1], 0, "ab\u0100"), "ARGUMENT");
      assert.deepEqual(values(pool, all), [1, 2, 3]);
    });

    it("refuses bytes outside the block", () => {
      const { pool, all } = three();
      const wrong: (() => unknown)[] = [
        () => pool.read(all[1], 0, 33),
        () => pool.read(all[1], 33, 0),
        () => pool.read(all[1], 32, 1),
        () => pool.read(all[1], 2 ** 32 - 1, 1),
        () => pool.read(all[1], 1, 2 ** 32 - 1),
        () => pool.write(all[1], 31, [1, 2]),
        () => pool.write(all[1], 0, "x".repeat(33)),
        () => pool.write(all[1], 33, []),
        () => pool.fill(all[1], 9, 0, 33),
        () => pool.fill(all[1], 9, 32, 1),
        () => pool.copy(all[1], 0, all[0], 0, 33),
        () => pool.copy(all[1], 1, all[0], 0, 32),
        () => pool.copy(all[1], 0, all[0], 1, 32)
      ];
      wrong.forEach((call, i) => refuses(call, "RANGE", `call ${i}`));
      assert.deepEqual(values(pool, all), [1, 2, 3]);
    });

    it("names the block's size and the bytes asked for", () => {
      const { pool, all } = three();
      assert.throws(() => pool.read(all[1], 20, 25), (error: Error) => /45|25/.test(error.message) && /32/.test(error.message));
    });

    it("uses the size asked for, not the unit", () => {
      const pool = make();
      const h = pool.alloc(13);
      refuses(() => pool.read(h, 13, 1), "RANGE");
      refuses(() => pool.write(h, 12, [1, 2]), "RANGE");
      refuses(() => pool.fill(h, 0, 0, 14), "RANGE");
    });

    it("fills a part", () => {
      const { pool, all } = three();
      for (const [at, n] of [[0, 1], [3, 7], [31, 1], [32, 0], [0, 32], [5, 0]]) {
        pool.fill(all[1], 2, 0, 32);
        pool.fill(all[1], 200, at, n);
        const wanted = Array.from({ length: 32 }, (_, i) => (i >= at && i < at + n ? 200 : 2));
        assert.deepEqual([...pool.read(all[1], 0, 32)], wanted, `fill ${n} bytes at ${at}`);
      }
      assert.deepEqual(values(pool, [all[0], all[2]]), [1, 3]);
    });

    it("copies within a block in both directions", () => {
      for (let to = 0; to < 12; to++) {
        for (let from = 0; from < 12; from++) {
          const { pool, all } = three();
          const bytes = Array.from({ length: 32 }, (_, i) => i);
          pool.write(all[1], 0, bytes);
          pool.copy(all[1], to, all[1], from, 20);
          const wanted = new Uint8Array(bytes);
          wanted.copyWithin(to, from, from + 20);
          assert.deepEqual(pool.read(all[1], 0, 32), wanted, `copy from ${from} to ${to}`);
          assert.deepEqual(values(pool, [all[0], all[2]]), [1, 3]);
        }
      }
    });

    it("copies between blocks", () => {
      const { pool, all } = three();
      pool.copy(all[2], 30, all[0], 5, 2);
      assert.deepEqual([...pool.read(all[2], 28, 4)], [3, 3, 1, 1]);
      pool.copy(all[0], 0, all[2], 0, 0);
      pool.copy(all[0], 32, all[2], 32, 0);
      pool.copy(all[0], 0, all[1], 0, 32);
      assert.deepEqual(values(pool, all.slice(0, 2)), [2, 2]);
    });

    it("keeps address and view while the epoch stands", () => {
      const pool = make();
      const all = pave(pool, 32);
      all.forEach((h, i) => i % 2 || pool.free(h));
      const kept = all.filter((_, i) => i % 2);
      for (let turn = 0; turn < 60; turn++) {
        const before = layout(pool, kept);
        const epoch = pool.epoch;
        pool.tick(24);
        const same = JSON.stringify(layout(pool, kept)) === JSON.stringify(before);
        if (pool.epoch === epoch) assert.ok(same, `turn ${turn}: a block moved, the epoch is still ${epoch}`);
      }
      assert.ok(pool.epoch > 0);
      assert.equal(pool.stat().epoch, pool.epoch);
    });

    it("changes the epoch in pack, alloc and resize that move", () => {
      for (const act of [(p: Pool) => p.pack(), (p: Pool) => p.alloc(400), (p: Pool, h: number) => p.resize(h, 400)]) {
        const pool = make();
        const all = pave(pool, 32);
        all.forEach((h, i) => i % 2 || pool.free(h));
        const epoch = pool.epoch;
        act(pool, all[9]);
        assert.ok(pool.stat().moved > 0);
        assert.notEqual(pool.epoch, epoch);
      }
    });

    it("tells onmove every block that moves, with its new address", () => {
      const told = new Map<number, number>();
      const pool = make({ onmove: (h: number, at: number) => told.set(h, at) });
      const all = pave(pool, 32);
      const before = new Map(all.map((h) => [h, pool.at(h)]));
      all.forEach((h, i) => i % 2 || pool.free(h));
      for (let turn = 0; turn < 400 && pool.tick(20); turn++);
      pool.pack();
      for (const h of all.filter((_, i) => i % 2)) {
        const at = pool.at(h);
        assert.equal(told.get(h) ?? before.get(h), at, `block ${h}`);
        assert.equal(told.has(h), at !== before.get(h));
      }
      assert.equal(told.size, all.filter((h) => pool.has(h) && pool.at(h) !== before.get(h)).length);
      for (const h of told.keys()) assert.ok(pool.has(h));
    });

    it("takes an onmove that is set later", () => {
      const { pool, all } = three();
      const told: number[] = [];
      pool.onmove = (h) => told.push(h);
      pool.free(all[0]);
      pool.pack();
      assert.deepEqual(told, [all[1], all[2]]);
      assert.equal(pool.stat().moves, 2);
      assert.equal(pool.stat().moved, 64);
    });

    it("gives use the block, locked, and returns what it returns", () => {
      const { pool, all } = three();
      pool.free(all[0]);
      const result = pool.use(all[1], (block) => {
        // an external pool has no view to give, the handle stands for it
        if (target.far) assert.equal(block, all[1]);
        else assert.equal((block as Uint8Array).length, 32);
        pool.pack();
        assert.equal(pool.at(all[1]), 32);
        refuses(() => pool.free(all[1]), "LOCK");
        if (target.far) pool.write(all[1], 0, [9]);
        else (block as Uint8Array)[0] = 9;
        return "done";
      });
      assert.equal(result, "done");
      assert.equal(pool.read(all[1], 0, 1)[0], 9);
      pool.pack();
      assert.equal(pool.at(all[1]), 0);
      sound(pool);
    });

    it("allows use within use of the same block", () => {
      const { pool, all } = three();
      pool.use(all[1], () => pool.use(all[1], () => pool.use(all[2], () => 0)));
      for (const h of all) refuses(() => pool.unlock(h), "LOCK");
      all.forEach((h) => pool.free(h));
    });

    it("refuses use without a function and locks nothing", () => {
      const { pool, all } = three();
      refuses(() => pool.use(all[0], 5 as any), "ARGUMENT");
      refuses(() => pool.unlock(all[0]), "LOCK");
    });

    it("works on a store without views", () => {
      const memory = new Memory(1024, false);
      const pool = make({ store: { size: 1024, move: memory.move.bind(memory), read: memory.read.bind(memory), write: memory.write.bind(memory) } as any });
      const h = pool.alloc(10);
      pool.write(h, 0, "0123456789");
      refuses(() => pool.view(h), "VIEW");
      assert.equal(pool.use(h, (got) => got), h);
      assert.equal(Buffer.from(pool.read(h, 2, 4)).toString(), "2345");
      pool.fill(h, 65, 0, 3);
      pool.copy(h, 4, h, 0, 3);
      assert.equal(Buffer.from(pool.read(h, 0, 10)).toString(), "AAA3AAA789");
      sound(pool);
    });

    if (target.far) {
      it("loads a copy of a block and stores it back", () => {
        const { pool, all } = three();
        const copy = (pool as any).load(all[1]);
        assert.deepEqual([...copy], new Array(32).fill(2));
        copy.fill(8);
        assert.deepEqual(values(pool, all), [1, 2, 3]);
        (pool as any).store(all[1], copy);
        assert.deepEqual(values(pool, all), [1, 8, 3]);
        (pool as any).store(all[1], "ab");
        assert.deepEqual([...pool.read(all[1], 0, 3)], [97, 98, 8]);
        refuses(() => (pool as any).store(all[1], new Uint8Array(33)), "RANGE");
        assert.deepEqual(values(pool, [all[0], all[2]]), [1, 3]);
      });
    }

    if (target.full || target.far) {
      it("walks over all live blocks with each", () => {
        const { pool, all } = three();
        pool.free(all[1]);
        const seen: number[][] = [];
        pool.each((h: number, at: number, n: number) => seen.push([h, at, n]));
        assert.deepEqual(seen, [[all[0], 0, 32], [all[2], 64, 32]]);
      });

      it("allows each to free what it walks over", () => {
        const { pool } = three();
        pool.each((h: number) => pool.free(h));
        assert.equal(pool.stat().live, 0);
        sound(pool);
      });

    }

    if (target.full) {
      it("shows every block in the dump of each and map", () => {
        const { pool, all } = three();
        const line = pool.map(32);
        assert.equal(line.length, 32);
        assert.ok(!line.includes("\n"));
        assert.equal(new Set(line.slice(0, 3)).size, 1);
        assert.equal(new Set(line.slice(3)).size, 1);
        assert.notEqual(line[0], line[3]);
        pool.lock(all[1]);
        assert.notEqual(pool.map(32)[1], line[1]);
        assert.equal(pool.map(1).length, 1);
        assert.equal(pool.map(1024).length, 1024);
        assert.equal(pool.map(5000).length, 5000);
      });

      it("counts waits, longest, refusals and peaks", () => {
        const pool = make({ handles: 100 });
        const all = pave(pool, 32);
        assert.equal(pool.stat().waits, 0);
        assert.deepEqual(pool.stat().refused, { FULL: 1, FRAGMENTED: 0, HANDLES: 0, SIZE: 0 });
        assert.deepEqual(pool.stat().peak, { used: 1024, live: 32 });
        all.forEach((h, i) => i % 2 || pool.free(h));
        pool.alloc(0);
        pool.alloc(200);
        assert.equal(pool.stat().waits, 1);
        assert.equal(pool.stat().longest, pool.stat().moved);
        assert.deepEqual(pool.stat().refused, { FULL: 1, FRAGMENTED: 0, HANDLES: 0, SIZE: 1 });
        assert.deepEqual(pool.stat().peak, { used: 1024, live: 32 });
      });
    }

    it("counts bytes of bookkeeping", () => {
      const small = make({ handles: 8 }).stat().meta;
      const large = make({ handles: 100 }).stat().meta;
      assert.ok(small >= 8 * 4 && small < 8 * 8 + 100, `meta of 8 rows is ${small}`);
      assert.ok(large > small);
    });

    it(`calls onlow when free bytes fall below the watermark${target.full ? "" : " (core and external pools have no watermark)"}`, function () {
      if (!target.full) this.skip();
      const pool = make({ low: 300 }) as any;
      let calls = 0;
      pool.onlow = () => calls++;
      for (let i = 0; i < 7; i++) pool.alloc(96);
      assert.equal(calls, 0);
      pool.alloc(96);
      assert.equal(calls, 1, "256 bytes are free, the watermark is at 300");
    });
  });
}
