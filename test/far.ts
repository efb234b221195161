import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { create } from "../src/far";
import { amount } from "./amount";
import { Clock } from "./clock";
import { Memory } from "./memory";
import { paused } from "./pause";
import { pick, random } from "./random";
import { Shadow } from "./shadow";
import { FAR, layout, refuses, sound } from "./target";

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
    const rounds = amount(100, 400);
    let fewer = 0;
    for (let round = 0; round < rounds; round++) {
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
    assert.ok(fewer > rounds / 4, `${fewer} rounds`);
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
    //                        0   32   48  56   80   112  152 180  188  200
    const all = lay(shadow, [32, -16, 8, 24, -32, 40, -28, 8, -12, 56]);
    assert.ok(shadow.alloc(80), pool.why);
    assert.deepEqual(told, [all[3], 152, all[2], 188]);
    assert.deepEqual(places(shadow, [all[0], all[5], all[7], all[9]]), [0, 112, 180, 200]);
    assert.equal(pool.stat().moved, 32);
    shadow.verify();
  });

  it("D takes the smallest hole that suffices", () => {
    const { pool, shadow } = make(256);
    //                        0    24  44   64  84   124 160  200  224
    const all = lay(shadow, [24, -20, 20, -20, 40, -36, 40, -24, 32]);
    assert.ok(shadow.alloc(60), pool.why);
    assert.deepEqual(places(shadow, all), [0, 200, 84, 160, 224]);
    assert.equal(pool.stat().moved, 20);
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
    const { pool, memory, shadow } = make(262140, { handles: 8 }, 256);
    const sizes = [5000, LARGE, 5000, 21072, 5000, 21068, 5000];
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
    const { pool, memory } = make(262140, { handles: 8 }, 256);
    const low = pool.alloc(20000);
    const h = pool.alloc(LARGE);
    filled(pool, h);
    pool.lock(low);
    chunks(memory, 256);
    const { calls } = failing(memory, 0, () => assert.equal(pool.resize(low, 50000), true, pool.why));
    assert.ok(calls >= (2 * LARGE) / 256, `${calls} calls of the store`);
    assert.deepEqual(layout(pool as any, [low, h]), [[0, 50000], [62140, LARGE]]);
    right(pool, h, "at the end");
  });

  it("D8 goes on in ticks with a block that slides up", () => {
    const { pool, memory, shadow } = make(262140, { handles: 8 }, 256);
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

describe("far, after 2^31 bytes moved", () => {
  for (const [name, act] of [
    ["pack", (shadow) => shadow.pack()],
    ["a resize", (shadow, all) => assert.ok(shadow.resize(all[0], 60), shadow.pool.why)],
    ["an alloc", (shadow) => assert.ok(shadow.alloc(44), shadow.pool.why)]
  ] as [string, (shadow: Shadow, all: number[]) => void][]) {
    it(`${name} still moves blocks to where they belong`, () => {
      const { pool, shadow } = make(256);
      const all = lay(shadow, [32, -16, 24, -16, 24, -16, 100, -28]);
      (pool as any).epoch = 2 ** 31;
      act(shadow, all);
      assert.ok(pool.epoch > 2 ** 31);
      shadow.verify(name);
    });
  }
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

  for (const [name, act] of [
    ["free", (s, h) => s.drop(h)],
    ["reset", (s) => s.reset()],
    ["read", (s, h) => assert.deepEqual(s.pool.read(h, 0, 28), s.blocks.get(h))],
    ["write", (s, h) => s.write(h, 0, 28)],
    ["fill", (s, h) => s.fill(h, 3, 4, 20)],
    ["resize", (s, h) => void s.resize(h, 8)],
    ["lock", (s, h) => s.lock(h)],
    ["pack", (s) => s.pack()],
    ["hold", (s) => s.hold()]
  ] as [string, (s: Shadow, h: number) => void][]) {
    it(`D7 goes on right after ${name} when a slide has read and not written`, () => {
      for (let write = 2; write <= 8; write += 2) {
        const { pool, memory, shadow } = make(256);
        lay(shadow, [32, -16, 28, -16, 28, -16, 28, -16, 76]);
        assert.match(String(failing(memory, write, () => pool.tick(1000)).error), /no answer/);
        const h = shadow.handles.find((one) => (one & 63) === (pool as any)._fly)!;
        assert.ok((pool as any)._hand, "nothing is in hand");
        act(shadow, h);
        shadow.verify(`${name}, write ${write}`);
        idle(shadow, 5);
        shadow.verify(`${name}, write ${write}, later`);
      }
    });
  }

  for (let seed = 1; seed <= amount(1, 3, 20); seed++) {
    it(`D7 loses nothing when ${amount(7, 1, 1) > 1 ? "one in 7 calls" : "any call"} of the store throws, seed ${seed}`, function () {
      this.timeout(30000);
      const calls = play(seed, 0, 200);
      assert.ok(calls > 100, `${calls} calls of the store`);
      for (let n = 1; n <= calls; n += amount(7, 1, 1)) {
        try {
          play(seed, n, 200);
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

describe("far, handles", () => {
  it("F refuses the handles of pools in RAM and of other external pools", () => {
    // fresh builds: 24 bits of generation leave 7 for the rows of all pools, which the tests before have used up
    const [near, far] = ["tidyheap.js", "tidyheap-far.js"].map((file) => paused(file).create);
    const narrow = { size: 256, handles: 8 };
    const wide = { size: 256, handles: 8, generations: 24 } as const;
    const store = (): Memory => new Memory(256, false);
    const pools = [far({ ...narrow, store: store() }), far({ ...wide, store: store() }), far({ ...narrow, store: store() }), near(narrow), near(wide)] as unknown as Pool[];
    const all = pools.map((pool) => Array.from({ length: 8 }, () => pool.alloc(8)));
    pools.forEach((pool, i) => {
      for (const h of all.filter((_, k) => k !== i).flat()) {
        assert.equal(pool.has(h), false, `handle ${h} in pool ${i}`);
        for (const call of ["free", "size", "at", "lock", "load"] as const) if (pool[call]) refuses(() => pool[call](h), "HANDLE", call);
      }
      for (const h of all[i]) assert.equal(pool.size(h), 8);
    });
  });

  it("F refuses a stale handle of the block in flight", () => {
    for (const small of [false, true]) {
      const { pool, shadow } = make(256);
      lay(shadow, small ? [32, -16, 28, -16, 28, -16, 28, -16, 76] : [32, -28, 28, -28, 28, -28, 28, -28, 28]);
      assert.equal(shadow.tick(8), 8);
      const h = shadow.torn();
      pool.free(h);
      for (const call of [() => pool.free(h), () => pool.read(h, 0, 1), () => pool.resize(h, 9), () => pool.lock(h)]) refuses(call, "HANDLE");
      shadow.gone(h);
      shadow.verify();
    }
  });
});

describe("far, parts of one store", () => {
  it("C keeps three pools on one store apart", () => {
    const next = random(3);
    const whole = new Uint8Array(1536);
    const parts = [256, 768, 512].map((size, i, all) => {
      const memory = new Memory(size, false);
      const from = all.slice(0, i).reduce((sum, n) => sum + n, 0);
      memory.bytes = whole.subarray(from, from + size);
      memory.chunk = 16;
      const rule = { unit: 4, handles: 24 };
      return new Shadow(FAR.create({ store: memory, ...rule }), memory, rule);
    });
    for (let i = 0; i < amount(400, 1200); i++) {
      const shadow = pick(next, parts);
      const all = shadow.handles;
      if (all.length && next(5) < 2) shadow.drop(pick(next, all));
      else if (all.length && next(5) === 0) shadow.resize(pick(next, all), 1 + next(80));
      else shadow.alloc(1 + next(80));
      shadow.tick(next(30));
      if (i % 20 === 0) for (const part of parts) part.verify(`operation ${i}`);
    }
  });
});

/** A store of any size without bytes: what is read is 0, nothing is allocated. */
function empty(size: number, chunk: number): { size: number; chunk: number; move(): void; read(at: number, n: number): Uint8Array; write(): void } {
  const zeros = new Uint8Array(chunk);
  return { size, chunk, move() {}, read: (_, n) => zeros.subarray(0, n), write() {} };
}

/** A store of any size that keeps only the bytes that are not 0. */
class Sparse {
  private readonly cells = new Map<number, number>();
  /** What was read last, and its bytes that are not 0: a slide writes it back. */
  private last: Uint8Array | undefined;
  private found: [number, number][] = [];

  constructor(readonly size: number, readonly chunk: number) {}

  private inside(at: number, n: number): void {
    assert.ok(at >= 0 && at + n <= this.size, `bytes ${at} to ${at + n} of a store of ${this.size}`);
  }

  read(at: number, n: number): Uint8Array {
    this.inside(at, n);
    this.last = new Uint8Array(n);
    this.found = [...this.cells].filter(([where]) => where >= at && where < at + n).map(([where, value]) => [where - at, value]);
    for (const [where, value] of this.found) this.last[where] = value;
    return this.last;
  }

  write(at: number, data: ArrayLike<number>): void {
    this.inside(at, data.length);
    for (const where of [...this.cells.keys()]) if (where >= at && where < at + data.length) this.cells.delete(where);
    const list = data === this.last ? this.found : Array.from(data, (value, i) => [i, value]).filter(([, value]) => value);
    for (const [i, value] of list) this.cells.set(at + i, value);
  }

  move(to: number, from: number, n: number): void {
    this.write(to, this.read(from, n));
  }
}

describe("far, large tables", () => {
  it("keeps 8 MB in 4,096 blocks with at most 40,960 bytes of tables and 90 % payload at the first refusal", () => {
    const next = random(8);
    const size = 8388608;
    const pool = create({ store: empty(size, 256), unit: 128, handles: 4096 });
    assert.ok(pool.stat().meta <= 40960, `${pool.stat().meta} bytes`);
    // gens, ats, gaps, next: 2 bytes, slack: 1, for 4,096 rows and 2
    assert.equal(pool.stat().meta, 4098 * 9);
    // one unit less, so that the end fits into 16 bits
    assert.equal(pool.stat().size, size - 128);
    const live: number[] = [];
    for (;;) {
      if (live.length && next(100) < 35) pool.free(live.splice(next(live.length), 1)[0]);
      else {
        const h = pool.alloc(256 + next(3841));
        if (!h) break;
        live.push(h);
      }
    }
    assert.equal(pool.why, "FULL");
    const { used } = pool.stat();
    assert.ok(used >= 0.9 * size, `${((100 * used) / size).toFixed(2)} % payload`);
    sound(pool as any);
  });

  const HUGE = 2 ** 31 - 4096;

  it("reaches every byte of 2^31 - 4096, and offset 0", () => {
    const pool = create({ store: new Sparse(HUGE, 1 << 24), handles: 16 });
    assert.equal(pool.stat().size, 2147479552);
    // five tables of 18 rows: 2 + 4 + 4 + 1 + 2 bytes
    assert.equal(pool.stat().meta, 18 * 13);
    const n = 2 ** 28 - 512;
    const all = Array.from({ length: 8 }, () => pool.alloc(n));
    assert.deepEqual(layout(pool as any, all), all.map((_, i) => [i * n, n]));
    assert.equal(pool.at(all[0]), 0);
    assert.equal(pool.stat().free, 0);
    all.forEach((h, i) => (pool.write(h, 0, [i + 1, 7]), pool.write(h, n - 2, [9, i + 1])));
    all.forEach((h, i) => assert.deepEqual([...pool.read(h, 0, 2), ...pool.read(h, n - 2, 2)], [i + 1, 7, 9, i + 1]));
    refuses(() => pool.read(all[7], n, 1), "RANGE");
    for (const i of [0, 2, 4, 6]) pool.free(all[i]);
    assert.equal(pool.stat().largest, n);
    const h = pool.alloc(2 * n);
    assert.ok(h, pool.why);
    assert.equal(pool.stat().moved, n);
    for (const i of [1, 3, 5, 7]) assert.deepEqual([...pool.read(all[i], 0, 2), ...pool.read(all[i], n - 2, 2)], [i + 1, 7, 9, i + 1]);
    sound(pool as any);
  });

  it("slides below the last byte of 2^31 - 4096", () => {
    const pool = create({ store: new Sparse(HUGE, 1 << 24), handles: 8 });
    const low = pool.alloc(4096);
    const h = pool.alloc(2 ** 31 - 12288);
    pool.write(h, 2 ** 31 - 12289, [5]);
    pool.free(low);
    assert.ok(pool.alloc(8192), pool.why);
    assert.deepEqual(layout(pool as any, [h]), [[0, 2 ** 31 - 12288]]);
    assert.deepEqual([...pool.read(h, 2 ** 31 - 12289, 1)], [5]);
    sound(pool as any);
  });

  it("refuses to be larger than its store", () => {
    refuses(() => create({ store: empty(4096, 256), size: 4100 }), "OPTION");
  });
});

/** An external pool of the source with rows 0 to 9 of the second generation: 2, 5, 7 and 9 are freed, 6 is locked; `how` puts one in flight. */
function state(how: "still" | "copied" | "slid"): any {
  const { pool, shadow } = make(512, { handles: 12 });
  for (let i = 0; i < 12; i++) pool.free(pool.alloc(4));
  const all = lay(shadow, how === "slid" ? [36, 36, -20, 36, 36, -20, 36, -20, 252, -20] : [36, 36, -40, 36, 36, -40, 36, -40, 172, -40]);
  assert.deepEqual(all.map((h, i) => h && (h & 15) - i).filter((d) => d), [], "rows");
  shadow.lock(all[6]);
  if (how !== "still") assert.equal(shadow.tick(8), 8);
  assert.equal(pool.check(), "");
  return pool;
}

type Break = [what: string, invariant: string, how: "still" | "copied" | "slid", act: (pool: any) => void];

/** Every word of the state, a value it must not have, and the invariant check() must name. */
const BREAKS: Break[] = [
  ["the closing row is free", "F1", "still", (p) => (p._gens[12] = 0)],
  ["the row of the copy is of another generation", "F1", "still", (p) => (p._gens[13] = 2)],
  ["the pool ends elsewhere", "F1", "still", (p) => (p._ats[12] -= 1)],
  ["a live row has the generation of no one", "F2", "still", (p) => (p._gens[3] = 1)],
  ["a free row is of a generation after the last", "F2", "still", (p) => (p._gens[2] = -p._most)],
  ["the list runs in a circle", "F3", "still", (p) => ((p._next[5] = 5), (p._gaps[5] = 0))],
  ["a block begins below the one before", "F4", "still", (p) => (p._ats[4] = 4)],
  ["a hole is larger than its place", "F4", "still", (p) => (p._gaps[1] += 30)],
  ["a live row is in no list", "F6", "still", (p) => (p._next[3] = 5)],
  ["a block has no bytes", "F5", "still", (p) => (p._gaps[1] += 9)],
  ["a block has less than no slack", "F5", "still", (p) => (p._slack[4] = 200)],
  ["a freed row has bytes", "F5", "still", (p) => ((p._gens[4] = 1 - p._gens[4]), delete p._pins[4])],
  ["there are bytes before the first row", "F5", "still", (p) => ((p._next[12] = 1), (p._gaps[12] = 5))],
  ["a spare row is live", "F6", "still", (p) => (p._gens[p._first] = 5)],
  ["a spare row has a hole", "F6", "still", (p) => (p._gaps[p._first] = 5)],
  ["the last spare row is another", "F6", "still", (p) => (p._last = 9)],
  ["a spare row is lost", "F6", "still", (p) => (p._first = p._next[p._first])],
  ["the copy is not in the list", "F7", "still", (p) => (p._fly = 3)],
  ["a copy is in the list and no row flies", "F7", "copied", (p) => (p._fly = 12)],
  ["nothing flies and slides", "F7", "still", (p) => (p._slide = 3)],
  ["nothing flies with bytes in hand", "F7", "still", (p) => (p._hand = new Uint8Array(4))],
  ["a free row flies", "F7", "copied", (p) => (p._fly = p._first)],
  ["more is copied than there is", "F7", "copied", (p) => (p._done = 40)],
  ["more has slid than there is", "F7", "slid", (p) => (p._done = 40)],
  ["the copy has another length", "F7", "copied", (p) => p._gaps[13]++],
  ["a locked row flies", "F8", "slid", (p) => ((p._pins[p._fly] = 1), p._pinned++)],
  ["a row flies under a hold", "F8", "copied", (p) => (p._held = 1)],
  ["a free row is locked", "F9", "still", (p) => ((p._pins[10] = 1), p._pinned++)],
  ["a lock counts for nothing", "F9", "still", (p) => (p._pins[6] = 0)],
  ["a row in no list has a hole", "F6", "still", (p) => (p._gaps[13] = 5)],
  ["a lock is not counted", "F9", "still", (p) => (p._pinned = 0)],
  ["a lock is counted twice", "F9", "still", (p) => (p._pinned = 2)],
  ["a lock is gone", "F9", "still", (p) => delete p._pins[6]]
];

describe("far, check", () => {
  for (const [what, invariant, how, act] of BREAKS) {
    it(`I names ${invariant} when ${what}`, () => {
      const pool = state(how);
      act(pool);
      const text: string = pool.check();
      assert.match(text, new RegExp(`^${invariant}\\b`));
      assert.match(text, /\d.*\d/, "the values are missing");
    });
  }

  it("I breaks every invariant that check() knows", () => {
    const source = readFileSync(join(__dirname, "..", "src", "census.ts"), "utf8");
    const known = [...new Set(source.match(/"F\d+\b/g)!.map((text) => text.slice(1)))].sort();
    assert.deepEqual([...new Set(BREAKS.map(([, invariant]) => invariant))].sort(), known);
    assert.deepEqual(known, ["F1", "F2", "F3", "F4", "F5", "F6", "F7", "F8", "F9"]);
  });

  it("I finds another address, hole or neighbour in any row of the list", () => {
    for (const how of ["still", "copied", "slid"] as const) {
      const pool = state(how);
      for (let r = pool._next[12]; r !== 12; r = pool._next[r]) {
        for (const table of ["_ats", "_gaps", "_next"]) {
          const old: number = pool[table][r];
          // a unit that a block loses to its neighbour is of no invariant
          for (const value of table === "_next" ? [0, 1, 9, 12, 13, old + 1] : [old + 100, 65535]) {
            if (value === old) continue;
            pool[table][r] = value;
            const found = pool.check();
            pool[table][r] = old;
            assert.notEqual(found, "", `${how}: ${table}[${r}] = ${value} instead of ${old}`);
          }
        }
      }
      assert.equal(pool.check(), "");
    }
  });

  it("I changes nothing", () => {
    const words = ["_gens", "_ats", "_gaps", "_slack", "_next", "_first", "_last", "_fly", "_done", "_slide", "_dirty", "_way", "epoch"];
    for (const how of ["still", "copied", "slid"] as const) {
      const pool = state(how);
      const before = JSON.stringify(words.map((word) => pool[word]));
      for (let i = 0; i < 3; i++) assert.equal(pool.check(), "");
      assert.equal(JSON.stringify(words.map((word) => pool[word])), before);
    }
  });
});
