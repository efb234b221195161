import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { create } from "../src/far";
import { Clock } from "./clock";
import { Memory } from "./memory";
import { paused } from "./pause";
import { pick, random } from "./random";
import { Shadow } from "./shadow";
import { FAR, layout, pave, paved, refuses, sound, SOURCE, up } from "./target";

type Pool = ReturnType<typeof create>;

/** An external pool of unit 4 in a store that checks and counts. */
function make(size: number, options: object = {}, chunk = 8): { pool: Pool; memory: Memory; shadow: Shadow } {
  const memory = new Memory(size, false);
  memory.chunk = chunk;
  const rule = { unit: 4, handles: 40, ...options };
  const pool = create({ store: memory, ...rule });
  return { pool, memory, shadow: new Shadow(pool as any, memory, rule) };
}

/** Blocks of these sizes in a row, those below 0 freed again: handles, 0 where there is a hole. */
function lay(shadow: Shadow, sizes: number[]): number[] {
  const all = sizes.map((n) => shadow.alloc(Math.abs(n)));
  assert.ok(all.every((h) => h > 0), shadow.pool.why);
  return all.map((h, i) => (sizes[i] < 0 ? (shadow.drop(h), 0) : h));
}

/** Address of every block that is there. */
function places(shadow: Shadow, all: number[]): number[] {
  return layout(shadow.pool, all.filter((h) => h)).map(([at]) => at);
}

/** Ticks until nothing is in flight and nothing is to do. */
function idle(shadow: Shadow, budget = 1000): void {
  for (let turns = 0; shadow.tick(budget); turns++) assert.ok(turns < 5000, "ticks never end");
}

/** Puts how often the store is called into the result; the n-th call throws. */
function failing(memory: Memory, n: number, act: () => void): { calls: number; error: any } {
  const out = { calls: 0, error: undefined as any };
  memory.enter = () => {
    if (++out.calls === n) throw new Error("no answer");
  };
  try {
    act();
  } catch (error) {
    out.error = error;
  }
  memory.enter = undefined;
  return out;
}

describe("far, evacuation", () => {
  it("D empties a window into the other holes", () => {
    const { pool, shadow } = make(256);
    //                          0   60   80   100  120  180  204
    const all = lay(shadow, [60, -20, 20, -20, 60, -24, 52]);
    assert.ok(shadow.alloc(60), pool.why);
    assert.deepEqual(places(shadow, all), [0, 180, 120, 204]);
    assert.deepEqual([pool.stat().moved, pool.stat().moves], [20, 1]);
    shadow.verify();
  });

  it("D slides a block that no other hole takes", () => {
    const { pool, shadow } = make(256);
    //                        0    32   48  72   88
    const all = lay(shadow, [32, -16, 24, -16, 168]);
    assert.ok(shadow.alloc(28), pool.why);
    assert.deepEqual(places(shadow, all), [0, 32, 88]);
    assert.deepEqual([pool.stat().moved, pool.stat().moves], [24, 1]);
    shadow.verify();
  });

  it("D moves no more bytes than the cheapest slide, and often fewer", () => {
    const next = random(8);
    let fewer = 0;
    for (let round = 0; round < 400; round++) {
      const { pool, shadow } = make(1024);
      while (shadow.alloc(4 + 4 * next(16)));
      shadow.handles.forEach((h) => next(5) < 2 && shadow.drop(h));
      const order = shadow.handles.map((h) => [pool.at(h), pool.size(h)]).sort((a, b) => a[0] - b[0]);
      const need = Math.min(shadow.free, pool.stat().largest + 4 * next(12));
      const cheapest = slide(order, need);
      assert.ok(shadow.alloc(need), `round ${round}: ${pool.why}`);
      assert.ok(pool.stat().moved <= cheapest, `round ${round}: ${pool.stat().moved} bytes moved for ${need}, a slide moves ${cheapest}`);
      if (pool.stat().moved < cheapest) fewer++;
      shadow.verify(`round ${round}`);
    }
    assert.ok(fewer > 100, `${fewer} rounds`);
  });

  /** Bytes of the cheapest run of blocks whose holes join to `need` bytes in a pool of 1024. */
  function slide(order: number[][], need: number): number {
    let best = Infinity;
    const ends = [0, ...order.map(([at, n]) => at + n)];
    const holes = ends.map((end, i) => (i < order.length ? order[i][0] : 1024) - end);
    for (let i = 0; i < holes.length; i++) {
      for (let k = i, sum = 0, cost = 0; k < holes.length; k++) {
        if ((sum += holes[k]) >= need) best = Math.min(best, cost);
        if (k < order.length) cost += order[k][1];
      }
    }
    return best;
  }

  it("D moves the largest block of a window first, each to the smallest hole that takes it", () => {
    const told: number[] = [];
    const { pool, shadow } = make(256, { onmove: (h: number, at: number) => told.push(h, at) });
    //                        0   32   48  56   80   112  136 164  172
    const all = lay(shadow, [32, -16, 8, 24, -32, 24, -28, 8, -12, 72]);
    assert.ok(shadow.alloc(80), pool.why);
    assert.deepEqual(told, [all[3], 136, all[2], 172]);
    assert.deepEqual(places(shadow, [all[0], all[5], all[7], all[9]]), [0, 112, 164, 184]);
    assert.equal(pool.stat().moved, 32);
    shadow.verify();
  });

  it("D leaves locked blocks in a window and takes a dearer way", () => {
    const { pool, shadow } = make(256);
    const all = lay(shadow, [60, -20, 20, -20, 40, -24, 72]);
    shadow.lock(all[2]);
    assert.ok(shadow.alloc(44), pool.why);
    assert.equal(pool.at(all[2]), 80);
    shadow.verify();
  });

  it("D tells onmove every move, and where the block is then", () => {
    const next = random(4);
    const places = new Map<number, number>();
    let moves = 0;
    const { pool, shadow } = make(1024, { onmove: (h: number, at: number) => (moves++, places.set(h, at)) });
    for (let i = 0; i < 1500; i++) {
      const all = shadow.handles;
      if (all.length && next(5) < 2) shadow.drop(pick(next, all));
      else if (all.length && next(6) === 0) shadow.resize(pick(next, all), 1 + next(90));
      else {
        const h = shadow.alloc(1 + next(80));
        if (h) places.set(h, pool.at(h));
      }
      shadow.tick(next(40));
      assert.equal(moves, pool.stat().moves);
      for (const h of shadow.handles) assert.equal(pool.at(h), places.get(h), `operation ${i}, block ${h}`);
      moves = pool.stat().moves;
    }
    assert.ok(moves > 100, `${moves} moves`);
  });
});

describe("far, budgets", () => {
  const LARGE = 200000;

  /** Fails when the store is asked for more than a chunk at a time while blocks move. */
  function chunks(memory: Memory, most: number): void {
    const { move, read, write } = memory;
    memory.move = (to, from, n) => (assert.ok(n <= most), move.call(memory, to, from, n));
    memory.read = (at, n) => (assert.ok(n <= most), read.call(memory, at, n));
    memory.write = (at, data) => (assert.ok(data.length <= most), write.call(memory, at, data));
  }

  function filled(pool: Pool, h: number): void {
    const n = pool.size(h);
    for (let at = 0; at < n; at += 100) pool.write(h, at, [(at / 100) & 255, (at / 25600) & 255]);
  }

  function right(pool: Pool, h: number, when: string): void {
    for (let at = 0; at < LARGE; at += 100) {
      const [low, high] = pool.read(h, at, 2);
      if (low !== ((at / 100) & 255) || high !== ((at / 25600) & 255)) assert.fail(`${when}: byte ${at} is wrong`);
    }
  }

  it("D8 slides a block of 200,000 bytes down in slices, overlapping itself", () => {
    const { pool, memory, shadow } = make(262144, { handles: 8 }, 256);
    const sizes = [5000, LARGE, 5000, 21072, 5000, 21072, 5000];
    const all = sizes.map((n) => pool.alloc(n));
    assert.equal(pool.stat().free, 0);
    const h = all[1];
    filled(pool, h);
    chunks(memory, 256);
    for (const i of [3, 5]) pool.lock(all[i]);
    for (const i of [0, 2, 4, 6]) pool.free(all[i]);
    let steps = 0;
    for (let n = shadow.tick(1000); n; n = shadow.tick(1000)) {
      if (++steps % 20 === 0) right(pool, h, `step ${steps}`);
      assert.ok(steps < 1000, "ticks never end");
    }
    assert.equal(steps, LARGE / 1000);
    right(pool, h, "at the end");
    assert.equal(pool.at(h), 0);
    assert.equal(pool.stat().moved, LARGE);
    sound(pool as any);
  });

  it("D8 slides a block of 200,000 bytes up in slices when the one below grows", () => {
    const { pool, memory } = make(262144, { handles: 8 }, 256);
    const low = pool.alloc(20000);
    const h = pool.alloc(LARGE);
    filled(pool, h);
    pool.lock(low);
    chunks(memory, 256);
    const { calls } = failing(memory, 0, () => assert.equal(pool.resize(low, 50000), true, pool.why));
    assert.ok(calls >= (2 * LARGE) / 256, `${calls} calls of the store`);
    assert.deepEqual(layout(pool as any, [low, h]), [[0, 50000], [62144, LARGE]]);
    right(pool, h, "at the end");
  });

  it("D8 goes on in ticks with a block that slides up", () => {
    const { pool, memory, shadow } = make(262144, { handles: 8 }, 256);
    const low = pool.alloc(20000);
    const h = pool.alloc(LARGE);
    filled(pool, h);
    pool.lock(low);
    assert.match(String(failing(memory, 300, () => pool.resize(low, 50000)).error), /no answer/);
    assert.equal(pool.size(low), 20000);
    let steps = 0;
    for (let n = shadow.tick(1000); n; n = shadow.tick(1000)) if (++steps % 20 === 0) right(pool, h, `step ${steps}`);
    assert.ok(steps > 100, `${steps} steps`);
    assert.equal(pool.resize(low, 50000), true, pool.why);
    right(pool, h, "at the end");
    sound(pool as any);
  });

  it("D11 says FRAGMENTED under a pause, and gets on with every request", () => {
    const { pool, shadow } = make(1024, { pause: 16 });
    lay(shadow, [64, -96, 96, -96, 96, -96, 96, -96, 96, -96, 96]);
    let asked = 0;
    for (let before = 0; !shadow.alloc(180); before = pool.epoch) {
      assert.equal(pool.why, "FRAGMENTED");
      assert.ok(pool.epoch > before && pool.epoch - before <= 16, `${pool.epoch - before} bytes moved`);
      assert.ok(++asked < 50, "never met");
      shadow.verify(`request ${asked}`);
    }
    assert.equal(asked, 5, "96 bytes in requests of 16, the last of which is met");
  });
});

describe("far, a store that fails", () => {
  /** Plays `count` seeded operations; the n-th call of the store throws. Returns the calls made. */
  function play(seed: number, n: number, count: number): number {
    const next = random(seed);
    const { pool, memory, shadow } = make(512, { handles: 20 });
    let calls = 0;
    let thrown = 0;
    const attempt = (h: number, act: () => void): void => {
      const out = failing(memory, n - calls, act);
      calls += out.calls;
      if (!out.error) return;
      if (out.error.message !== "no answer") throw out.error;
      thrown++;
      // what was written may be half there: from now on it may not change
      if (h && shadow.blocks.has(h)) shadow.blocks.set(h, pool.load(h));
      for (const one of shadow.handles) assert.equal(pool.size(one), shadow.blocks.get(one)!.length, "size");
    };
    for (let i = 0; i < count; i++) {
      const all = shadow.handles;
      const h = (next(2) && shadow.torn()) || (all.length ? pick(next, all) : 0);
      const size = h ? shadow.blocks.get(h)!.length : 0;
      const [verb, a, b] = [next(14), next(60), next(60)];
      if (!h || verb < 4) {
        const before = new Set(all);
        attempt(0, () => void shadow.alloc(1 + a));
        // the block is there when only its first bytes could not be written
        for (const one of shadow.handles) if (!before.has(one)) shadow.blocks.set(one, pool.load(one));
      } else if (verb < 6) attempt(h, () => shadow.drop(h));
      else if (verb < 7) {
        attempt(h, () => void shadow.resize(h, 1 + a));
      } else if (verb < 9) attempt(h, () => shadow.write(h, a % (size + 1), b % (size - (a % (size + 1)) + 1)));
      else if (verb < 10) attempt(h, () => shadow.copy(h, 0, h, a % (size + 1), size - (a % (size + 1))));
      else if (verb < 13) attempt(0, () => void shadow.tick(1 + (a >> 2)));
      else attempt(0, () => (a % 8 ? shadow.lock(h) : shadow.pack()));
      for (const [one, locks] of [...shadow.locks]) for (let k = 0; k < locks && next(2); k++) shadow.unlock(one);
      if (thrown && (i % 4 === 0 || thrown === 1)) shadow.verify(`operation ${i}`);
      if (thrown === 1) thrown++;
    }
    shadow.verify("at the end");
    for (const [one, locks] of [...shadow.locks]) for (let k = 0; k < locks; k++) shadow.unlock(one);
    shadow.alloc(shadow.free);
    shadow.verify("filled up");
    return calls;
  }

  it("D7 does not turn a write back whose copy failed", () => {
    for (const [name, act] of [
      ["write", (s: Shadow, h: number) => s.pool.write(h, 2, new Uint8Array(12).fill(250))],
      ["fill", (s: Shadow, h: number) => s.pool.fill(h, 250, 0, 10)],
      ["copy", (s: Shadow, h: number) => s.pool.copy(h, 0, h, 14, 12)]
    ] as const) {
      const { pool, memory, shadow } = make(256);
      lay(shadow, [32, -28, 28, -28, 28, -28, 28, -28, 28]);
      assert.equal(shadow.tick(20), 20);
      const h = shadow.torn();
      assert.ok(h, "nothing is in flight");
      assert.match(String(failing(memory, 2, () => act(shadow, h)).error), /no answer/);
      const said = pool.load(h);
      shadow.blocks.set(h, said);
      idle(shadow);
      assert.ok(pool.stat().moves > 0);
      assert.deepEqual(pool.load(h), said, name);
      shadow.verify(name);
    }
  });

  for (const seed of [1, 2, 3]) {
    it(`D7 loses nothing whichever call of the store throws, seed ${seed}`, function () {
      this.timeout(30000);
      const calls = play(seed, 0, 120);
      assert.ok(calls > 100, `${calls} calls of the store`);
      for (let n = 1; n <= calls; n++) {
        try {
          play(seed, n, 120);
        } catch (error: any) {
          throw new Error(`call ${n} of ${calls}: ${error.message}`, { cause: error });
        }
      }
    });
  }
});

describe("far, cut off in reset", () => {
  const build = paused("tidyheap-far.js");

  /** A pool with a lock, a hold taken back and a block in flight; `small` holes make it slide. */
  function scene(small: boolean): { shadow: Shadow; clock: Clock } {
    const clock = new Clock();
    const memory = new Memory(512, false);
    memory.chunk = 8;
    const pool = build.create({ size: 512, handles: 20, store: memory, scheduler: clock });
    const shadow = new Shadow(pool, memory, { unit: 4, handles: 20 });
    const all = lay(shadow, small ? [-24, 40, -24, 40, -24, 40, -24, 40, 256] : [-40, 24, -40, 24, -40, 24, -40, 24, 256]);
    shadow.lock(all[8]);
    shadow.tick(8);
    assert.ok(shadow.torn(), "nothing is in flight");
    return { shadow, clock };
  }

  for (const small of [false, true]) {
    it(`A17 keeps every block whole that is not yet freed, at any statement, while one ${small ? "slides" : "is copied"}`, () => {
      for (let k = 1; ; k++) {
        const { shadow, clock } = scene(small);
        const { pool } = shadow;
        let points = 0;
        build.hook.run = () => {
          if (++points >= k) throw new Error("cut off");
        };
        let caught = "";
        try {
          pool.reset();
        } catch (error: any) {
          caught = error.message;
        }
        build.hook.run = undefined;
        if (!caught) {
          assert.ok(k > 20, `${k} statements`);
          assert.equal(pool.stat().live, 0);
          return;
        }
        try {
          pool.stat();
        } catch {
          clock.fire();
        }
        for (const h of shadow.handles) if (!pool.has(h)) shadow.gone(h);
        try {
          pool.unlock(shadow.handles[shadow.handles.length - 1]);
        } catch (error: any) {
          assert.match(error.code, /LOCK|HANDLE/);
        }
        shadow.locks.clear();
        shadow.pinned.clear();
        shadow.verify(`statement ${k}`);
        idle(shadow);
        shadow.verify(`statement ${k}, later`);
        shadow.alloc(shadow.free);
        shadow.verify(`statement ${k}, filled up`);
      }
    });
  }
});
