import assert from "node:assert/strict";
import { add, clock as board, drop, run } from "../boards/emulator/clock";
import { idle } from "../src/idle";
import { create as tiny } from "../src/tiny";
import { Clock } from "./clock";
import { KINDS, SEED } from "./ground";
import { random } from "./random";

const code = (code: string) => (error: any) => error.code === code && error.message.startsWith(code + ": ");

let time = 1e6;
const real = Date.now;

for (const kind of KINDS.filter((one) => one.ticks)) {
  describe(`idle, ${kind.name}`, () => {
    before(() => (Date.now = () => time));
    after(() => (Date.now = real));

    /** A pool of blocks of which every second one is free. */
    function comb(): any {
      const pool = kind.make(1024, 40);
      const all = Array.from({ length: 16 }, () => pool.alloc(64));
      all.forEach((h, i) => i % 2 || pool.free(h));
      return pool;
    }

    /** Fires the timer after `ms` milliseconds. */
    function after_(clock: Clock, ms: number): void {
      time += ms;
      assert.deepEqual(clock.fire(), []);
    }

    it("ticks within its budget until there is nothing to do, then looks 16 times as rarely", () => {
      const clock = new Clock();
      const pool = comb();
      const p = idle(pool, { ms: 20, budget: 32, scheduler: clock });
      assert.equal(clock.running, 0);
      p.start();
      assert.deepEqual(clock.delays, [20]);
      for (let turns = 0; clock.delays[clock.delays.length - 1] === 20; turns++) {
        assert.ok(turns < 200);
        const before = pool.epoch;
        after_(clock, 20);
        assert.ok(pool.epoch - before <= 32);
        assert.equal(clock.running, 1);
      }
      assert.ok(pool.stat().largest >= 128);
      assert.equal(clock.delays[clock.delays.length - 1], 320);
      after_(clock, 320);
      assert.equal(clock.delays[clock.delays.length - 1], 320);
      p.stop();
      assert.equal(clock.running, 0);
      p.stop();
    });

    it("leaves a beat out that comes late, and inside critical sections", () => {
      const clock = new Clock();
      const pool = comb();
      const p = idle(pool, { ms: 20, budget: 64, scheduler: clock });
      p.start();
      after_(clock, 31);
      assert.equal(pool.epoch, 0);
      p.enter(), p.enter();
      after_(clock, 20);
      assert.equal(p.tick(), 0);
      p.leave();
      after_(clock, 20);
      assert.equal(pool.epoch, 0);
      p.leave();
      assert.throws(() => p.leave(), code("LOCK"));
      after_(clock, 30);
      assert.ok(pool.epoch > 0);
      p.stop();
    });

    it("shares its budget with a further step, whose answer counts as work", () => {
      const clock = new Clock();
      const pool = comb();
      let work = 3;
      const budgets: number[] = [];
      const p = idle(pool, { budget: 64, scheduler: clock, also: (n) => (budgets.push(n), work && work--) });
      p.start();
      assert.deepEqual(clock.delays, [50]);
      for (let i = 0; i < 40; i++) {
        const before = pool.epoch;
        after_(clock, clock.delays[clock.delays.length - 1]);
        assert.equal(budgets.pop(), 64 - (pool.epoch - before));
      }
      assert.equal(work, 0);
      p.stop();
    });

    it("goes on after an error of its step, after BUSY, and after a call that the host cut off", () => {
      const clock = new Clock();
      const pool = comb();
      let bad: any = new Error("mine");
      const p = idle(pool, { ms: 20, scheduler: clock, also: () => { if (bad) throw bad; } });
      p.start();
      time += 20;
      assert.deepEqual(clock.fire(), [bad]);
      assert.equal(clock.running, 1);
      bad = 0;
      const tick = pool.tick;
      pool.tick = () => pool.check.call({ ...pool, _state: 2, _busy: true });
      time += 20;
      clock.fire();
      assert.ok(clock.running >= 1);
      pool.tick = tick;
      const before = pool.epoch;
      after_(clock, 20);
      assert.ok(pool.epoch > before || p.tick() === 0);
      p.stop();
    });

    it("ticks by hand where there is no timer", () => {
      const pool = comb();
      const p = idle(pool, { budget: 100 });
      let turns = 0;
      for (let n; (n = p.tick()); ) assert.ok(n <= 100 && ++turns < 200);
      assert.ok(turns > 0 && pool.stat().largest >= 128);
    });

    it(`keeps blocks whole while the timer ticks between calls of any kind, seed ${SEED}`, () => {
      const next = random(SEED);
      const clock = new Clock();
      const pool = kind.make(1024, 30);
      const p = idle(pool, { ms: 20, budget: 40, scheduler: clock });
      const live = new Map<number, Uint8Array>();
      let deep = 0;
      p.start();
      for (let turn = 0; turn < 1500; turn++) {
        const before = pool.epoch;
        after_(clock, next(4) ? clock.delays[clock.delays.length - 1] : 1000);
        assert.ok(pool.epoch - before <= (deep ? 0 : 40));
        const what = next(8);
        const all = [...live.keys()];
        if (what < 3 && all.length) {
          const h = all[next(all.length)];
          assert.deepEqual([...pool.read(h, 0, pool.size(h))], [...live.get(h)!]);
          pool.free(h);
          live.delete(h);
        } else if (what < 6) {
          const data = Uint8Array.from({ length: 1 + next(60) }, () => next(256));
          const h = pool.alloc(data.length);
          if (h) pool.write(h, 0, data), live.set(h, data);
        } else if (what === 6 && deep < 2) p.enter(), deep++;
        else if (deep) p.leave(), deep--;
        assert.equal(pool.check(), "");
      }
      assert.ok(pool.epoch > (pool.bytes ? 1000 : 100), `${pool.epoch} bytes moved`);
      p.stop();
      assert.equal(clock.running, 0);
    });
  });
}

describe("idle", () => {
  it("compacts on the clock of an emulated board, and is left out while that is busy", () => {
    const c = board((callback) => (callback(), true));
    const scheduler = { set: (fn: () => void, ms: number) => add(c, fn, ms, true), clear: (id: any) => drop(c, id) };
    const pool = KINDS[0].make(4096, 80);
    const all = Array.from({ length: 64 }, () => pool.alloc(64));
    Date.now = () => c.micros / 1000;
    try {
      const p = idle(pool, { ms: 20, budget: 64, scheduler });
      p.start();
      run(c, 100);
      all.forEach((h, i) => i % 2 || pool.free(h));
      // a program that takes 100 of every 110 ms
      const busy = add(c, () => void (c.micros += 100000), 10, true);
      run(c, 2000);
      const moved = pool.epoch;
      drop(c, busy);
      run(c, 3000);
      assert.ok(moved < pool.epoch, `${moved} of ${pool.epoch}`);
      assert.ok(pool.stat().largest >= 512);
      assert.equal(c.timers.length, 1);
      p.stop();
      assert.equal(c.timers.length, 0);
    } finally {
      Date.now = real;
    }
  });

  it("uses the timers of the engine where it is given none", (done) => {
    const pool = KINDS[0].make(1024, 40);
    const all = Array.from({ length: 16 }, () => pool.alloc(64));
    all.forEach((h, i) => i % 2 || pool.free(h));
    const p = idle(pool, { ms: 4, budget: 1000, also: () => (pool.epoch ? (p.stop(), done(), 0) : 0) });
    p.start();
  });

  it("refuses a pool without ticks, and what is no pool", () => {
    for (const junk of [undefined, null, 5, {}, tiny(256)]) assert.throws(() => idle(junk as any), code("OPTION"));
    for (const junk of [-1, 0.5, "x", {}, 2 ** 33]) assert.throws(() => idle(KINDS[0].make(256, 8), { budget: junk as any }).tick(), code("ARGUMENT"), String(junk));
  });
});
