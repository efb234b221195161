// The counters of the full flavour against a model that counts for itself.

import assert from "node:assert/strict";
import { create } from "../src/full";
import { Memory } from "./memory";
import { random } from "./random";

/** What stat() says besides what every flavour counts. */
interface Counters {
  peak: { used: number; live: number };
  waits: number;
  longest: number;
  refused: { [why: string]: number };
}

/** A pool without room for moves to matter: 1,024 bytes, unit 4. */
function told(low: number): { pool: any; calls: number[] } {
  const calls: number[] = [];
  const pool: any = create({ size: 1024, handles: 40, low, onlow: (free) => void calls.push(free) });
  return { pool, calls };
}

describe("count", () => {
  for (const [what, options] of [["", {}], [" with a pause", { pause: 100 }], [" with unit 16", { unit: 16 }]] as const) {
    it(`counts peaks, waits, the longest pause and refusals of 3,000 calls${what}`, () => {
      const next = random(11);
      const memory = new Memory(2048);
      const pool: any = create({ ...options, size: 2048, handles: 30, store: memory });
      const model: Counters = { peak: { used: 0, live: 0 }, waits: 0, longest: 0, refused: { FULL: 0, FRAGMENTED: 0, HANDLES: 0, SIZE: 0 } };
      const all = new Map<number, number>();
      const paused = (call: () => unknown): number => {
        const before = memory.moved;
        call();
        model.longest = Math.max(model.longest, memory.moved - before);
        return memory.moved - before;
      };
      for (let k = 0; k < 3000; k++) {
        const what = next(20);
        const h = [...all.keys()][next(Math.max(1, all.size))];
        if (what < 9 || !h) {
          const n = next(30) ? 1 + next(next(4) ? 60 : 400) : 3000 * next(2);
          let got = 0;
          if (paused(() => (got = pool.alloc(n)))) model.waits++;
          if (got) all.set(got, n);
          else model.refused[pool.why]++;
        } else if (what < 13) {
          const n = next(20) ? 1 + next(200) : 3000 * next(2);
          let done = false;
          if (paused(() => (done = pool.resize(h, n)))) model.waits++;
          if (!done) model.refused[pool.why]++;
          else if (n) all.set(h, n);
          else all.delete(h);
        } else if (what < 17) {
          pool.free(h);
          all.delete(h);
        } else if (what === 17) paused(() => pool.tick(next(200)));
        else if (what === 18 && !next(8)) paused(() => pool.pack());
        else if (!next(60)) {
          pool.reset();
          all.clear();
        } else pool.free(0);
        model.peak.used = Math.max(model.peak.used, [...all.values()].reduce((sum, n) => sum + n, 0));
        model.peak.live = Math.max(model.peak.live, all.size);
        const { peak, waits, longest, refused } = pool.stat();
        assert.deepEqual({ peak, waits, longest, refused }, model, `call ${k}`);
      }
      assert.ok(model.waits > 20 && model.refused.FULL > 5 && model.refused.SIZE > 5 && model.refused.HANDLES + model.refused.FRAGMENTED > 0);
    });
  }

  it("counts bytes that tick() and pack() have moved as a pause, but as no wait", () => {
    for (const call of [(pool: any) => pool.tick(500), (pool: any) => pool.pack()]) {
      const pool: any = create({ size: 1024, handles: 20 });
      const all = Array.from({ length: 8 }, () => pool.alloc(100));
      pool.free(all[2]);
      const moved = call(pool);
      assert.ok(moved > 0);
      assert.deepEqual([pool.stat().waits, pool.stat().longest], [0, moved]);
    }
  });

  it("calls onlow once, with what is free, when less than the watermark is, and again after twice as much was", () => {
    const { pool, calls } = told(300);
    const first = pool.alloc(724);
    assert.deepEqual(calls, [], "300 bytes are free");
    const second = pool.alloc(1);
    assert.deepEqual(calls, [299]);
    pool.free(second);
    pool.alloc(10);
    assert.deepEqual(calls, [299], "below for the second time");
    pool.resize(first, 415);
    pool.resize(first, 724);
    assert.deepEqual(calls, [299], "599 bytes were free");
    pool.resize(first, 414);
    pool.resize(first, 724);
    assert.deepEqual(calls, [299, 290], "600 bytes were free");
  });

  it("calls onlow from resize(), and not without a watermark or a function", () => {
    const { pool, calls } = told(1);
    pool.resize(pool.alloc(4), 1024);
    assert.deepEqual(calls, [0]);
    const never = told(0);
    never.pool.alloc(1024);
    assert.deepEqual(never.calls, []);
    pool.onlow = undefined;
    pool.reset();
    assert.ok(pool.alloc(4) && pool.alloc(1020), "without a function");
  });

  it("leaves the counters as they are when a call throws", () => {
    const { pool } = told(300);
    const h = pool.alloc(40);
    const before = JSON.stringify(pool.stat());
    for (const call of [() => pool.free(h + 1), () => pool.resize(h + 1, 9), () => pool.resize(h, 0.5), () => pool.alloc(-1), () => pool.tick(-1)]) assert.throws(call);
    assert.equal(JSON.stringify(pool.stat()), before);
    pool.lock(h);
    assert.throws(() => pool.free(h));
    assert.equal(JSON.stringify(pool.stat()), before);
  });
});
