// Fixed sequences at the edges: the first and last handle, the last byte, tables that just fit.

import assert from "node:assert/strict";
import { create as far } from "../src/far";
import { create } from "../src/full";
import { create as tiny } from "../src/tiny";
import { Clock } from "./clock";
import { Memory } from "./memory";
import { code } from "./verdict";

/** A full pool of 16 blocks of 32 bytes, of which three are freed, and the block in which its bubble stands. */
function torn(): { pool: any; all: number[]; h: number } {
  const pool: any = create({ size: 512, handles: 20 });
  const all = Array.from({ length: 16 }, (_, i) => {
    const h = pool.alloc(32);
    pool.fill(h, i + 1, 0, 32);
    return h;
  });
  for (const i of [12, 8]) pool.free(all.splice(i, 1)[0]);
  pool.free(all.splice(1, 1)[0]);
  for (let k = 0; !pool._gap && k < 9; k++) pool.tick(8);
  assert.ok(pool._gap && pool._at % 32 === 8, "no bubble in a block");
  return { pool, all, h: all.find((h) => (h & pool._mask) === pool._next - 1)! };
}

describe("edge", () => {
  for (const [kind, make] of [
    ["in RAM", () => create({ size: 64, handles: 6 })],
    ["external", () => far({ store: new Memory(64, false), handles: 6 })],
    ["tiny", () => tiny({ size: 64, handles: 6 })]
  ] as const) {
    it(`F refuses numbers that would name a row that was never used, or the last one, ${kind}`, () => {
      // six rows and the sentinel, which is of generation 1: 8 numbers of three bits
      for (const id of [0, 8, 4088]) {
        const pool: any = make();
        pool._id = id;
        for (let g = 0; g < 2; g++) {
          for (let r = 0; r < 8; r++) {
            const h = (g << 12) | id | r;
            assert.equal(pool.has(h), false, `has(${h})`);
            for (const name of ["at", "size", "view", "free", "load", "lock"]) if (pool[name] && (h || name !== "free")) assert.equal(code(() => pool[name](h)), "HANDLE", `${name}(${h})`);
          }
        }
      }
    });
  }

  it("A has all bytes of a block when the bubble stands in it, and none more", () => {
    const first = torn();
    const value = first.pool.read(first.h, 0, 1)[0];
    for (let at = 0; at <= 33; at++) {
      for (let n = 0; at + n <= 40; n++) {
        const { pool, h } = torn();
        if (at + n > 32) assert.equal(code(() => pool.read(h, at, n)), "RANGE", `${at}, ${n}`);
        else assert.deepEqual([...pool.read(h, at, n)], Array(n).fill(value), `${at}, ${n}`);
        assert.equal(pool.check(), "");
        assert.equal(pool.size(h), 32);
        assert.deepEqual([...pool.view(h)], Array(32).fill(value));
      }
    }
  });

  for (const [name, call] of [
    ["read", (pool: any, h: number) => pool.read(h, 0, 4)],
    ["write", (pool: any, h: number) => pool.write(h, 0, [pool.read(h, 1, 1)[0]])],
    ["copy", (pool: any, h: number) => pool.copy(h, 0, h, 1, 4)],
    ["stat", (pool: any) => pool.stat()]
  ] as const) {
    it(`A has one hole of the bubble and the block in front of it that was freed, after ${name}`, () => {
      let seen = 0;
      for (const budget of [32, 64, 96, 128]) {
        for (const bytes of [20, 32, 40, 64, 90]) {
          const { pool, all } = torn();
          for (let k = 0; k < 20 && !(pool._gap && pool._at % 32 === 0); k++) pool.tick(k ? budget : 24);
          if (!pool._gap) continue;
          // after the first free() the second is one statement, which leaves the bubble to the next call
          const gone = all.splice(all.findIndex((h) => (h & pool._mask) === pool._next - 1), 1)[0];
          pool.free(all.shift());
          if (!pool._gap) continue;
          seen++;
          pool.free(gone);
          call(pool, all[0]);
          assert.ok(pool.alloc(bytes), pool.why);
          pool.alloc(8);
          assert.equal(pool.check(), "");
          for (const h of all) assert.equal(new Set(pool.read(h, 0, 32)).size, 1);
        }
      }
      assert.ok(seen > 4, `${seen} bubbles at rest`);
    });
  }

  for (const budget of [4, 8, 12, 32, 36, 100]) {
    it(`A gives views and sizes of just the block after each tick of ${budget} bytes`, () => {
      const { pool, all } = torn();
      for (let k = 0; k < 200; k++) {
        if (k % 12 === 5) pool.free(all.splice(k % all.length, 1)[0]);
        for (const h of all) assert.equal(pool.size(h), 32);
        // of one block, because a bubble leaves the block it stands in
        assert.equal(pool.view(all[k % all.length]).length, 32);
        pool.tick(budget);
        if (all.length < 6) while (pool.stat().free > 30) all.push(pool.alloc(32));
      }
    });
  }

  it("A takes the whole pool as one block also while something is held or locked", () => {
    const pool: any = create({ size: 64, handles: 8 });
    pool.hold();
    const h = pool.alloc(64);
    assert.equal(pool.size(h), 64);
    assert.deepEqual([pool.alloc(65), pool.why], [0, "SIZE"]);
    pool.release();
    pool.free(h);
    const external: any = far({ store: new Memory(64, false), handles: 8 });
    assert.deepEqual([external.alloc(65), external.why], [0, "SIZE"]);
    const all = external.alloc(64);
    assert.deepEqual([external.size(all), external.resize(all, 65), external.why], [64, false, "SIZE"]);
    assert.deepEqual([pool.resize(pool.alloc(64), 65), pool.why], [false, "SIZE"]);
  });

  const sizes: [number, number, number][] = [
    // asked for, unit, bytes of the pool
    [64, 4, 64],
    [65532, 4, 65532],
    [65535, 1, 65535],
    [65536, 1, 65535],
    [65536, 4, 65532],
    [65536, 16, 65520],
    [65540, 4, 65540],
    [131072, 16, 131072]
  ];
  for (const [asked, unit, size] of sizes) {
    for (const generations of [16, 24] as const) {
      it(`has ${size} bytes of ${asked} with unit ${unit} and ${generations} bits, and tables of the size it says`, () => {
        const pool: any = create({ size: asked, unit, generations, handles: 20 });
        const { meta, size: has, free } = pool.stat();
        assert.deepEqual([has, free], [size, size]);
        assert.equal(meta, pool._gens.byteLength + pool._offs.byteLength);
        assert.equal(meta, 22 * ((generations === 24 ? 4 : 2) + (size > 65535 ? 4 : 2)));
        const h = pool.alloc(size);
        assert.equal(pool.size(h), size);
        pool.fill(h, 7, size - 1, 1);
        pool.free(h);
        assert.equal(pool.check(), "");
      });
    }
  }

  const units: [number, number, number, number][] = [
    // asked for, unit, bytes of the pool, bytes of tables for a row
    [64, 4, 64, 2 + 2 + 2 + 1 + 2],
    [65535, 1, 65535, 9],
    [65536, 1, 65535, 9],
    [65537, 1, 65537, 2 + 4 + 4 + 1 + 2],
    [262144, 4, 262140, 9],
    [262148, 4, 262148, 13],
    [65536, 128, 65536, 9],
    [65536, 256, 65536, 10]
  ];
  for (const [asked, unit, size, row] of units) {
    it(`has ${size} bytes of ${asked} with unit ${unit} in an external pool, and tables of ${row} bytes a row`, () => {
      const pool: any = far({ store: new Memory(asked, false), unit, handles: 20 });
      const { meta, size: has, free } = pool.stat();
      assert.deepEqual([has, free, meta], [size, size, 22 * row]);
      assert.equal(meta, pool._gens.byteLength + pool._ats.byteLength + pool._gaps.byteLength + pool._slack.byteLength + pool._next.byteLength);
      const h = pool.alloc(size - unit + 1);
      assert.equal(pool.size(h), size - unit + 1);
      assert.deepEqual([pool.alloc(1), pool.why], [0, "FULL"]);
      pool.free(h);
      assert.equal(pool.check(), "");
    });
  }

  for (const [kind, make] of [
    ["in RAM", (handles: number) => create({ size: 65532, handles })],
    ["external", (handles: number) => far({ store: new Memory(65532, false), handles })]
  ] as const) {
    it(`F gives every row of up to 8,192 a handle of its own, ${kind}`, () => {
      for (const handles of [1, 7, 8, 63, 64, 4095, 4096, 8191, 8192]) {
        const pool: any = make(handles);
        const other: any = make(handles);
        const all = new Set<number>();
        for (let h = pool.alloc(4); h; h = pool.alloc(4)) all.add(h), assert.ok(h > 8191, `${h}`);
        assert.equal(pool.why, "HANDLES");
        assert.equal(all.size, handles);
        const foreign = other.alloc(4);
        if (handles < 2048) assert.ok(!pool.has(foreign), `${foreign} with ${handles} rows`);
        for (const h of all) assert.equal(pool.size(h), 4);
      }
    });
  }

  it("reads and writes numbers by the calls of a store that has them, and not in a block that is being copied", () => {
    const store: any = new Memory(132, false);
    store.chunk = 4;
    const calls: string[] = [];
    for (const bits of [8, 16, 32]) {
      store[`get${bits}`] = (at: number) => (calls.push(`get${bits} ${at}`), bits);
      store[`set${bits}`] = (at: number, value: number) => calls.push(`set${bits} ${at} ${value}`);
    }
    const pool: any = far({ store, handles: 7 });
    const all = Array.from({ length: 5 }, () => pool.alloc(19));
    for (const bits of [8, 16, 32]) {
      assert.equal(pool[`get${bits}`](all[2], 3), bits);
      pool[`set${bits}`](all[2], 3, bits);
    }
    assert.deepEqual(calls.splice(0), ["get8 43", "set8 43 8", "get16 43", "set16 43 16", "get32 43", "set32 43 32"]);
    pool.fill(all[2], 1, 0, 19);
    pool.free(all[1]);
    pool.free(all[0]);
    pool.stat();
    // the third block goes behind the last
    (pool._way = 1), (pool._low = 7), (pool._from = 0), (pool._to = 12);
    assert.equal(pool.tick(8), 8);
    assert.deepEqual([pool._fly, pool._done], [2, 8]);
    pool.set16(all[2], 3, 0x0203);
    pool.set8(all[2], 8, 4);
    pool.set32(all[2], 12, 0x05060708);
    assert.deepEqual(calls, []);
    while (pool._fly !== 7) pool.tick(4);
    assert.equal(pool.at(all[2]), 100);
    assert.deepEqual([...pool.load(all[2])], [1, 1, 1, 3, 2, 1, 1, 1, 4, 1, 1, 1, 8, 7, 6, 5, 1, 1, 1]);
    for (const [name, n] of [["get8", 1], ["get16", 2], ["get32", 4]] as const) {
      assert.equal(code(() => pool[name](all[2], 20 - n)), "RANGE");
      pool[name](all[2], 19 - n);
    }
  });

  it("runs ticks on the timers of the host", () => {
    for (const make of [() => create({ size: 64 }), () => far({ store: new Memory(64, false) })]) {
      const host = globalThis as any;
      const { setInterval: set, clearInterval: clear } = host;
      const calls: unknown[] = [];
      host.setInterval = (_fn: unknown, ms: number) => (calls.push(ms), "timer");
      host.clearInterval = (id: unknown) => calls.push(id);
      try {
        const pool: any = make();
        pool.start(30, 64);
        pool.stop();
        assert.deepEqual(calls, [30, "timer"]);
        pool.stop();
        assert.equal(calls.length, 2);
        host.setInterval = host.clearInterval = undefined;
        pool.start(30, 64);
        pool.stop();
      } finally {
        host.setInterval = set;
        host.clearInterval = clear;
      }
    }
  });

  it("H stays in its call when onmove starts or stops ticks", () => {
    for (const act of [(pool: any) => pool.start(10, 10), (pool: any) => pool.stop()]) {
      const { pool, all } = torn();
      const clock = new Clock();
      pool._clock = clock;
      pool.start(20, 20);
      const seen: string[] = [];
      pool.onmove = () => {
        act(pool);
        seen.push(code(() => pool.at(all[0])));
      };
      pool.pack();
      assert.ok(seen.length > 0 && seen.every((one) => one === "BUSY"), seen.join());
      assert.equal(pool.check(), "");
    }
  });

  it("ticks from just the share of bytes or handles on that start names", () => {
    for (const make of [(start: object) => create({ size: 1024, handles: 20, start }), (start: object) => far({ store: new Memory(1024, false), handles: 20, start })]) {
      for (const [start, works] of [
        [{ used: 0.5 }, true],
        [{ used: 0.501 }, false],
        [{ handles: 0.4 }, true],
        [{ handles: 0.41 }, false],
        [{ used: 0.9, handles: 0.4 }, true],
        [{ used: 0.5, least: 0.4375 }, true],
        [{ used: 0.5, least: 0.44 }, false]
      ] as const) {
        const pool: any = make(start);
        // eight blocks of 64 and as many holes
        const all = Array.from({ length: 16 }, () => pool.alloc(64));
        for (let i = 0; i < 16; i += 2) pool.free(all[i]);
        assert.deepEqual([pool.stat().used, pool.stat().live, pool.stat().free - pool.stat().largest], [512, 8, 448], JSON.stringify(start));
        assert.equal(pool.tick(1000) > 0, works, JSON.stringify(start));
      }
    }
  });
});
