import assert from "node:assert/strict";
import { Clock } from "./clock";
import { Memory } from "./memory";
import { random } from "./random";
import { Shadow } from "./shadow";
import { pave, paved, refuses, sound, TARGETS, type Pool } from "./target";

for (const target of TARGETS) {
  describe(`ticker, ${target.name}`, () => {
    /** A pool of 16 blocks of 64 bytes with every second one freed, and its clock. */
    function comb(options: object = {}): { pool: Pool; clock: Clock; kept: number[] } {
      const clock = new Clock();
      const pool = target.make({ size: 1024, handles: 40, scheduler: clock, ...options });
      const kept = pave(pool, 64).map((h, i) => (i % 2 ? h : (pool.free(h), 0)));
      return { pool, clock, kept };
    }

    /** Fires until no timer runs. */
    function idle(clock: Clock): number {
      let turns = 0;
      while (clock.running) {
        assert.ok(++turns < 1000, "the timer never stops");
        assert.deepEqual(clock.fire(), []);
      }
      return turns;
    }

    it("runs no timer before start", () => {
      const { clock } = comb();
      assert.equal(clock.delays.length, 0);
    });

    it("ticks with the budget every ms until idle, then stops", () => {
      const { pool, clock, kept } = comb();
      pool.start(25, 32);
      assert.deepEqual([clock.delays, clock.running], [[25], 1]);
      let moved = 0;
      for (let turns = 0; clock.running; turns++) {
        assert.ok(turns < 1000, "the timer never stops");
        clock.fire();
        const now = pool.stat().moved;
        assert.ok(now - moved <= 32, `one tick moved ${now - moved}`);
        moved = now;
      }
      assert.ok(pool.stat().largest >= 128);
      assert.deepEqual(clock.delays, [25]);
      paved(pool, kept);
      sound(pool);
    });

    it("is armed again by free", () => {
      const { pool, clock, kept } = comb();
      pool.start(10, 64);
      idle(clock);
      for (const i of [3, 7, 11]) {
        pool.free(kept[i]);
        kept[i] = 0;
        assert.equal(clock.running, 1, "no timer after free");
        idle(clock);
      }
      assert.deepEqual(clock.delays, [10, 10, 10, 10]);
      paved(pool, kept);
    });

    it("sets one timer however often free is called", () => {
      const { pool, clock, kept } = comb();
      pool.start(10, 64);
      for (const i of [1, 5, 9]) pool.free(kept[i]);
      assert.deepEqual([clock.running, clock.delays.length], [1, 1]);
    });

    it("stops at once, and only once", () => {
      const { pool, clock, kept } = comb();
      pool.start(10, 16);
      clock.fire();
      pool.stop();
      assert.equal(clock.running, 0);
      pool.stop();
      pool.free(kept[1]);
      pool.free(kept[3]);
      assert.equal(clock.running, 0, "armed again after stop");
      pool.start(10, 16);
      assert.equal(clock.running, 1);
      pool.stop();
      assert.equal(clock.running, 0);
    });

    it("takes a new pace from a second start", () => {
      const { pool, clock } = comb();
      pool.start(10, 16);
      pool.start(50, 64);
      assert.deepEqual([clock.running, clock.delays], [1, [10, 50]]);
      clock.fire();
      assert.ok(pool.stat().moved > 16);
    });

    it("stops when idle with nothing to do", () => {
      const clock = new Clock();
      const pool = target.make({ size: 1024, handles: 8, scheduler: clock });
      pool.start(10, 64);
      assert.ok(idle(clock) <= 2);
      pool.alloc(100);
      assert.ok(idle(clock) <= 2);
    });

    it("stops, rather than spins, under a hold and goes on after release", () => {
      const { pool, clock, kept } = comb();
      pool.hold();
      pool.start(10, 64);
      idle(clock);
      assert.equal(pool.stat().moved, 0);
      pool.release();
      assert.equal(clock.running, 1, "no timer after release");
      idle(clock);
      assert.ok(pool.stat().largest >= 128);
      paved(pool, kept);
    });

    it("goes on after unlock", () => {
      const { pool, clock, kept } = comb();
      for (const h of kept) if (h) pool.lock(h);
      pool.start(10, 64);
      idle(clock);
      assert.equal(pool.stat().moved, 0);
      for (const h of kept) if (h) pool.unlock(h);
      assert.equal(clock.running, 1, "no timer after unlock");
      idle(clock);
      assert.ok(pool.stat().largest >= 128);
      paved(pool, kept);
    });

    it("waits for the thresholds without spinning", () => {
      const { pool, clock } = comb({ start: { used: 0.9 } });
      pool.start(10, 64);
      idle(clock);
      assert.equal(pool.stat().moved, 0);
    });

    it("begins when a request takes the pool above the threshold", () => {
      const { pool, clock, kept } = comb({ start: { used: 0.6 } });
      pool.start(10, 64);
      idle(clock);
      const more = [pool.alloc(64), pool.alloc(64)];
      assert.ok(more[0] && more[1]);
      assert.equal(clock.running, 1, "no timer after alloc at 62 %");
      idle(clock);
      assert.ok(pool.stat().moved > 0);
      paved(pool, kept);
    });

    it("is armed again after the host cut a tick off and dropped its timer", () => {
      const memory = new Memory(1024);
      const { pool, clock, kept } = comb({ store: memory });
      pool.start(10, 16);
      memory.enter = () => {
        memory.enter = undefined;
        throw new Error("out of memory");
      };
      assert.match(String(clock.fire()), /out of memory/);
      assert.equal(clock.running, 0);
      for (let i = 0; i < 4; i++) {
        try {
          pool.free(pool.alloc(4));
        } catch (error: any) {
          assert.equal(error.code, "BUSY");
        }
        clock.fire();
      }
      pool.free(kept[1]);
      kept[1] = 0;
      assert.ok(clock.running >= 1, "free has not armed it");
      idle(clock);
      assert.ok(pool.stat().largest >= 128);
      paved(pool, kept);
      sound(pool);
    });

    it("is armed again after onmove threw in a tick", () => {
      const { pool, clock, kept } = comb();
      pool.onmove = () => {
        throw new Error("mine");
      };
      pool.start(10, 256);
      const errors = clock.fire();
      assert.match(String(errors), /mine/);
      pool.onmove = undefined;
      clock.fire();
      pool.free(kept[1]);
      kept[1] = 0;
      assert.ok(clock.running >= 1, "free has not armed it");
      idle(clock);
      paved(pool, kept);
      sound(pool);
    });

    it("is harmless when the host has no timers", () => {
      const { setInterval, clearInterval } = globalThis;
      const host = globalThis as any;
      try {
        host.setInterval = host.clearInterval = undefined;
        const pool = target.make({ size: 1024, handles: 40 });
        const all = pave(pool, 64);
        pool.start(10, 64);
        pool.free(all[3]);
        pool.stop();
        pool.start(10, 64);
        pool.free(all[5]);
        sound(pool);
        pool.stop();
      } finally {
        Object.assign(host, { setInterval, clearInterval });
      }
    });

    it("runs on setInterval by default", async () => {
      const pool = target.make({ size: 1024, handles: 40 });
      const all = pave(pool, 64);
      all.forEach((h, i) => i % 2 || pool.free(h));
      pool.start(1, 64);
      for (let wait = 0; wait < 200 && pool.stat().largest < 128; wait++) await new Promise((done) => setTimeout(done, 5));
      pool.stop();
      assert.ok(pool.stat().largest >= 128);
    });

    it("refuses a wrong ms or budget", () => {
      const { pool, clock } = comb();
      for (const wrong of [undefined, null, NaN, -1, 0.5, Infinity, "10", {}]) {
        refuses(() => pool.start(wrong as any, 64), "ARGUMENT", `ms ${wrong}`);
        refuses(() => pool.start(10, wrong as any), "ARGUMENT", `budget ${wrong}`);
        refuses(() => pool.tick(wrong as any), "ARGUMENT", `tick(${wrong})`);
      }
      assert.equal(clock.running, 0);
    });

    it("keeps every budget in 2000 random operations", () => {
      const next = random(33);
      const memory = new Memory(1024);
      const pool = target.make({ size: 1024, handles: 40, store: memory });
      const shadow = new Shadow(pool, memory, { unit: target.unit, handles: 40 });
      for (let i = 0; i < 2000; i++) {
        const all = shadow.handles;
        if (all.length && next(5) < 2) shadow.drop(all[next(all.length)]);
        else if (next(2)) shadow.alloc(1 + next(80));
        shadow.tick(next(next(2) ? 12 : 200));
        sound(pool, `operation ${i}`);
        if (i % 50 === 0) shadow.verify(`operation ${i}`);
      }
    });
  });
}
