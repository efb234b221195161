import assert from "node:assert/strict";
import { random } from "./random";
import { pave, paved, refuses, sound, TARGETS, type Pool } from "./target";

const SIZE = 4096;

/** Allocates blocks of the sizes given, block i filled with the value i. */
function lay(pool: Pool, sizes: number[]): number[] {
  return sizes.map((n, i) => {
    const h = pool.alloc(n);
    assert.ok(h, `block ${i}: ${pool.why}`);
    pool.fill(h, i & 255, 0, n);
    return h;
  });
}

/** Frees every block whose number the filter takes; the others keep their place in the list, those are 0. */
function punch(pool: Pool, all: number[], gone: (i: number) => boolean): number[] {
  return all.map((h, i) => {
    if (gone(i)) pool.free(h);
    return gone(i) ? 0 : h;
  });
}

/** The free bytes of the pool are one request, which is met; blocks keep their bytes. */
function whole(pool: Pool, kept: number[]): void {
  sound(pool);
  const { free } = pool.stat();
  const h = pool.alloc(free);
  assert.ok(h, `${free} bytes are free: ${pool.why}`);
  pool.fill(h, 255, 0, free);
  paved(pool, kept);
  sound(pool);
  assert.equal(pool.stat().free, 0);
}

for (const target of TARGETS) {
  describe(`fragment, ${target.name}`, () => {
    const make = (pause?: number): Pool => target.make({ size: SIZE, handles: 127, pause });

    it("B opens a checkerboard of 16 blocks of 256", () => {
      for (const odd of [0, 1]) {
        const pool = make();
        whole(pool, punch(pool, pave(pool, 256), (i) => i % 2 === odd));
      }
    });

    it("B opens a swiss cheese of 20 blocks of 192", () => {
      const pool = make();
      const all = lay(pool, new Array(20).fill(192));
      whole(pool, punch(pool, all, (i) => [1, 4, 5, 9, 12, 13, 14, 18].includes(i)));
    });

    it("B opens blocks of 752 and 50 in turn", () => {
      for (const odd of [0, 1]) {
        const pool = make();
        const all = lay(pool, [752, 50, 752, 50, 752, 50, 752, 50, 752, 50]);
        whole(pool, punch(pool, all, (i) => i % 2 === odd));
      }
    });

    const orders: [string, (n: number) => number[]][] = [
      ["in order", (n) => [...new Array(n).keys()]],
      ["in reverse", (n) => [...new Array(n).keys()].reverse()],
      ["in random order", (n) => {
        const next = random(3);
        return [...new Array(n).keys()].map((i) => [next(1000), i]).sort((a, b) => a[0] - b[0]).map(([, i]) => i);
      }]
    ];
    for (const [name, order] of orders) {
      it(`B merges neighbours that are freed ${name}`, () => {
        const pool = make(0);
        const all = pave(pool, 64);
        for (const i of order(16)) {
          pool.free(all[20 + i]);
          sound(pool);
        }
        assert.equal(pool.stat().largest, 1024);
        const h = pool.alloc(1024);
        assert.ok(h, pool.why);
        assert.equal(pool.at(h), 20 * 64);
      });
    }

    it("B opens 128 blocks of 32 with every third freed", () => {
      const pool = target.make({ size: SIZE, handles: target.name.includes("24 bits") ? 127 : 128 });
      const all = pave(pool, 32);
      whole(pool, punch(pool, all, (i) => i % 3 === 0));
    });

    it("B opens sizes that grow and shrink", () => {
      const grow = Array.from({ length: 24 }, (_, i) => 16 + i * 12);
      for (const sizes of [grow, [...grow].reverse()]) {
        const pool = make();
        whole(pool, punch(pool, lay(pool, sizes), (i) => i % 2 === 0));
      }
    });

    it("B says FRAGMENTED, not FULL, when compaction is off", () => {
      const pool = make(0);
      const kept = punch(pool, pave(pool, 64), (i) => i % 2 === 0);
      assert.deepEqual([pool.stat().free, pool.stat().largest], [2048, 64]);
      assert.equal(pool.alloc(128), 0);
      assert.equal(pool.why, "FRAGMENTED");
      assert.equal(pool.alloc(2049), 0);
      assert.equal(pool.why, "FULL");
      assert.equal(pool.stat().moved, 0);
      paved(pool, kept);
      pool.pack();
      assert.ok(pool.alloc(2048), pool.why);
    });

    it("B says FRAGMENTED under a hold", () => {
      const pool = make();
      const kept = punch(pool, pave(pool, 64), (i) => i % 2 === 0);
      pool.hold();
      assert.equal(pool.alloc(128), 0);
      assert.equal(pool.why, "FRAGMENTED");
      assert.equal(pool.stat().moved, 0);
      paved(pool, kept);
      pool.release();
      assert.ok(pool.alloc(2048), pool.why);
    });

    it("B gives the bytes of the last block to the hole behind it", () => {
      const pool = make(0);
      const all = [pool.alloc(1024), pool.alloc(1024)];
      pool.free(all[1]);
      assert.equal(pool.stat().largest, 3072);
      assert.equal(pool.at(pool.alloc(3072)), 1024);
    });

    for (const size of [1, 3, 16, 100, 1000, 2000]) {
      it(`B uses a hole of 2048 for ${size} bytes without a move`, () => {
        for (const still of [true, false]) {
          const pool = make(still ? undefined : 0);
          const all = [pool.alloc(1024), pool.alloc(2048), pool.alloc(1024)];
          pool.fill(all[2], 7, 0, 1024);
          if (still) pool.hold();
          pool.free(all[1]);
          const h = pool.alloc(size);
          assert.ok(h, `${still ? "held" : "pause 0"}: a hole of 2048 bytes, ${pool.why}`);
          pool.fill(h, 8, 0, size);
          assert.equal(pool.read(all[2], 0, 1)[0], 7);
          assert.equal(pool.stat().moved, 0);
          sound(pool);
        }
      });
    }

    it("B refuses the bytes of a freed block", () => {
      const pool = make();
      const all = pave(pool, 64);
      pool.free(all[3]);
      refuses(() => pool.read(all[3], 0, 1), "HANDLE");
      paved(pool, all.map((h, i) => (i === 3 ? 0 : h)));
    });
  });
}
