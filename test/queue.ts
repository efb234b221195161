import assert from "node:assert/strict";
import fc from "fast-check";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { BOARDS } from "../boards/index";
import { sandbox } from "../boards/emulator/sandbox";
import { create as far } from "../src/far";
import { create } from "../src/full";
import { queue, type Queue } from "../src/queue";
import { slab } from "../src/slab";
import { bundle } from "../tools/bundle";
import { live, LOTS, noise, SEED, slotted, type Lot } from "./ground";
import { Memory } from "./memory";
import { instrument, paused } from "./pause";
import { refuses, sound } from "./target";

const ROOT = join(__dirname, "..");
const SIZES = [1, 2, 4];

/** A number as an element of `size` bytes holds it. */
function cut(value: number, size: number): number {
  return size < 2 ? value & 255 : size < 4 ? value & 65535 : value | 0;
}

function made(heap: any, count: number, size?: number): Queue {
  const q = queue(heap, { count, size });
  assert.ok(q, heap.why);
  return q;
}

describe("queue", () => {
  it("keeps the order of numbers of 1, 2 and 4 bytes and counts what does not fit", () => {
    for (const lot of [...LOTS, slotted(LOTS[0]), slotted(LOTS[4])]) {
      for (const size of SIZES) {
        const { pool, heap } = lot.make(512, 8);
        const q = made(heap, 6, size);
        for (let n = 0; n < 9; n++) assert.equal(q.push(n * 1e9 - 7), n < 6, lot.name);
        assert.deepEqual([q.waiting(), q.lost, q.peek()], [6, 3, cut(-7, size)]);
        for (let n = 0; n < 6; n++) assert.equal(q.shift(), cut(n * 1e9 - 7, size), lot.name);
        assert.deepEqual([q.waiting(), q.shift(), q.peek()], [0, undefined, undefined]);
        q.push(3);
        q.clear();
        assert.deepEqual([q.waiting(), q.shift(), q.lost], [0, undefined, 3]);
        q.close();
        q.close();
        assert.deepEqual([q.push(1), q.waiting(), q.shift(), q.lost], [false, 0, undefined, 4]);
        if (heap === pool || heap.pool) assert.equal(live(pool), 0, lot.name);
        else assert.equal((heap as any).live, 0, lot.name);
      }
    }
  });

  it("is refused with 0 and why of the heap, and what is no option with OPTION", () => {
    const pool: any = create({ size: 64, handles: 2 });
    assert.deepEqual([queue(pool, { count: 100 }), pool.why], [0, "SIZE"]);
    const h = pool.alloc(60);
    assert.deepEqual([queue(pool, { count: 8 }), pool.why, live(pool)], [0, "FULL", 1]);
    pool.free(h);
    for (const options of [undefined, {}, { count: -1 }, { count: 0.5 }, { count: "4" }, { count: NaN }, { count: 4, size: 3 }, { count: 4, size: 8 }, { count: 4, size: "2" }, { count: 4, size: -1 }]) refuses(() => queue(pool, options as any), "OPTION");
    refuses(() => queue(undefined as any, { count: 4 }), "OPTION");
    refuses(() => queue(pool, { count: 2 ** 32 - 1, size: 4 }), "ARGUMENT");
    assert.equal(live(pool), 0);
    const none = made(pool, 0);
    assert.deepEqual([none.push(1), none.shift(), none.lost], [false, undefined, 1]);
    none.close();
    assert.equal(live(pool), 0);
  });

  it("stores what is no number as a typed array does", () => {
    const q = made(create(256), 20, 1);
    for (const value of [undefined, null, NaN, "x", {}, "7", -1, 256.9]) assert.equal(q.push(value as any), true);
    assert.deepEqual(Array.from({ length: 8 }, () => q.shift()), [0, 0, 0, 0, 0, 7, 255, 0]);
  });

  it("has an aligned ring at every address, inside its block", () => {
    for (let gap = 0; gap < 9; gap++) {
      for (const size of SIZES) {
        const pool = create({ size: 128, unit: 1, handles: 6 });
        if (gap) pool.alloc(gap);
        const q = made(pool, 5, size);
        const rest = pool.stat().free;
        const after = pool.alloc(rest);
        for (let n = 0; n < pool.bytes!.length; n++) if (n < gap || n >= pool.at(after)) pool.bytes![n] = 170;
        for (let n = 0; n < 30; n++) q.push(-1 - n), n & 1 && q.shift();
        assert.ok(pool.read(after, 0, rest).every((byte) => byte === 170));
        assert.ok(pool.bytes!.subarray(0, gap).every((byte) => byte === 170));
        q.close();
      }
    }
  });

  it("stays where it is while all around it moves", () => {
    const pool = create({ size: 512, handles: 20 });
    const low = pool.alloc(100);
    const q = made(pool, 10, 2);
    const high = pool.alloc(200);
    pool.fill(high, 9, 0, 200);
    for (let n = 0; n < 10; n++) q.push(500 + n);
    pool.free(low);
    pool.pack();
    pool.resize(high, 150);
    pool.alloc(90);
    pool.pack();
    assert.equal(q.push(1), false);
    for (let n = 0; n < 10; n++) assert.equal(q.shift(), 500 + n);
    q.push(77);
    assert.ok(pool.read(high, 0, 150).every((byte) => byte === 9));
    assert.equal(q.shift(), 77);
  });

  for (const lot of [...LOTS, slotted(LOTS[0]), slotted(LOTS[4])].filter(({ ticks }) => ticks)) {
    it(`writes no byte once reset() has ended its block, on ${lot.name}`, () => {
      for (const size of SIZES) {
        for (const before of [0, 3]) {
          const { pool, heap } = lot.make(256, 4);
          const q = made(heap, 8, size);
          for (let n = 0; n < before; n++) q.push(n);
          pool.reset();
          const all = [pool.alloc(128), pool.alloc(pool.stat().free)];
          for (const h of all) pool.fill(h, 90, 0, pool.size(h));
          for (let n = 0; n < 30; n++) {
            assert.equal(q.push(n), false);
            if (n % 5 === 0) pool.tick(20), pool.pack();
          }
          for (const h of all) assert.ok([...pool.read(h, 0, pool.size(h))].every((byte) => byte === 90));
          assert.equal(q.lost, 30);
          pool.reset();
          assert.equal(q.push(1), false);
        }
      }
    });
  }

  it("reset() without any move changes epoch, in pools of every kind", () => {
    for (const lot of LOTS.filter(({ ticks }) => ticks)) {
      const { pool } = lot.make(256, 4);
      for (let n = 0; n < 3; n++) {
        const before = pool.epoch;
        pool.reset();
        assert.notEqual(pool.epoch, before, lot.name);
      }
    }
  });

  it("close() inside a call of the pool is BUSY and changes nothing", () => {
    const pool: any = create({ size: 128, handles: 6 });
    const low = pool.alloc(20);
    const h = pool.alloc(20);
    // blocks in one piece with a locked one stay
    const gap = pool.alloc(4);
    const q = made(pool, 8);
    q.push(5);
    let asked = 0;
    pool.onmove = () => {
      asked++;
      refuses(() => q.close(), "BUSY");
      q.push(6);
    };
    pool.free(low);
    pool.free(gap);
    pool.pack();
    assert.ok(asked);
    assert.deepEqual([q.shift(), q.shift(), q.shift()], [5, 6, undefined]);
    q.close();
    pool.free(h);
    assert.equal(live(pool), 0);
  });

  it("counts as lost what comes while an external pool is in a call or its store fails", () => {
    const memory = new Memory(256, false);
    const pool: any = far({ size: 256, handles: 8, store: memory });
    const h = pool.alloc(20);
    const q = made(pool, 8, 2);
    const results: boolean[] = [];
    memory.enter = () => {
      memory.enter = undefined;
      results.push(q.push(1));
    };
    pool.fill(h, 1, 0, 20);
    memory.enter = () => {
      throw new Error("no answer");
    };
    results.push(q.push(2));
    memory.enter = undefined;
    results.push(q.push(3));
    assert.deepEqual([results, q.lost, q.shift(), q.shift()], [[false, false, true], 2, 3, undefined]);
    q.close();
  });
});

/** Plays steps against a plain array; returns bytes the pool has moved. */
function play(lot: Lot, size: number, count: number, steps: number[][]): number {
  const { pool, heap } = lot.make(lot.ticks ? 900 : 260, 24);
  const around = noise(pool);
  for (let n = 0; n < 9; n++) around.stir(n);
  const q = queue(heap, { count, size });
  if (!q) return pool.epoch;
  const model: number[] = [];
  let lost = 0;
  for (const [verb, a] of steps) {
    if (verb < 4) {
      const fits = model.length < count;
      assert.equal(q.push(a), fits);
      if (fits) model.push(cut(a, size));
      else lost++;
    } else if (verb < 7) assert.equal(q.shift(), model.shift());
    else if (verb === 7 && a % 5 === 0) q.clear(), model.splice(0);
    else around.stir(a & 255);
    if (verb & 1) around.stir((a >> 8) & 255);
    assert.deepEqual([q.waiting(), q.peek(), q.lost], [model.length, model[0], lost]);
    sound(pool);
  }
  q.close();
  around.end();
  if (heap === pool || heap.pool) assert.equal(live(pool), 0);
  return pool.epoch;
}

describe("queue, model", () => {
  const STEPS = fc.array(fc.tuple(fc.nat(9), fc.integer()), { minLength: 1, maxLength: 60, size: "max" });
  for (const lot of [...LOTS, slotted(LOTS[0]), slotted(LOTS[4])]) {
    it(`agrees with a plain array on ${lot.name}, seed ${SEED}`, () => {
      let moved = 0;
      fc.assert(
        fc.property(fc.constantFrom(...SIZES), fc.integer({ min: 1, max: 9 }), STEPS, (size, count, steps) => void (moved += play(lot, size, count, steps))),
        { seed: SEED, numRuns: 60 }
      );
      assert.ok(moved > 300, `${moved} bytes moved`);
    });
  }

  it("agrees in all sequences of up to 7 calls on 1 to 3 numbers", () => {
    const pool: any = create({ size: 64, handles: 2 });
    for (const count of [1, 2, 3]) {
      for (let code = 0; code < 3 ** 7; code++) {
        const q = made(pool, count);
        const model: number[] = [];
        for (let n = 0, rest = code; n < 7; n++, rest = Math.floor(rest / 3)) {
          if (rest % 3 === 0) {
            assert.equal(q.push(n), model.length < count);
            if (model.length < count) model.push(n);
          } else if (rest % 3 === 1) assert.equal(q.shift(), model.shift());
          else q.clear(), model.splice(0);
          assert.deepEqual([q.waiting(), q.peek()], [model.length, model[0]]);
        }
        q.close();
      }
    }
    assert.equal(live(pool), 0);
  });

  it("is refused in every pool that is too small, and nothing is lost", () => {
    let refused = 0;
    for (const lot of LOTS) {
      for (let size = 16; size <= 128; size += 16) {
        const { pool, heap } = lot.make(size, 2);
        const all: Queue[] = [];
        for (let n = 0; n < 4; n++) {
          const q = queue(heap, { count: 8, size: 2 });
          if (q) all.push(q);
          else refused++, assert.match(heap.why, /^(FULL|SIZE|HANDLES|FRAGMENTED)$/);
        }
        for (const q of all) for (let n = 0; n < 8; n++) assert.ok(q.push(n));
        for (const q of all) for (let n = 0; n < 8; n++) assert.equal(q.shift(), n);
        all.forEach((q) => q.close());
        assert.equal(live(pool), 0);
      }
    }
    assert.ok(refused > 50);
  });
});

describe("queue, interrupted", () => {
  const hook: { run?: () => void } = {};
  let build: typeof queue;
  before(async () => {
    const { code, spots } = instrument(await bundle(join(ROOT, "src", "queue.ts"), { name: "queue" }), () => "hook.run&&hook.run()");
    assert.ok(spots.length > 25);
    build = new Function("hook", `${code};return queue.queue`)(hook);
  });
  afterEach(() => void (hook.run = undefined));

  /** Runs fn and, in front of its k-th statement, other. True when it had that many. */
  function within(k: number, fn: () => void, other: () => void): boolean {
    let n = 0;
    hook.run = () => {
      if (++n !== k) return;
      const { run } = hook;
      hook.run = undefined;
      other();
      hook.run = run;
    };
    fn();
    hook.run = undefined;
    return n >= k;
  }

  const heaps: [string, () => any][] = [
    ["a pool in RAM", () => create({ size: 256, handles: 8 })],
    ["an external pool", () => far({ size: 256, handles: 8, store: new Memory(256, false) })],
    ["a slab", () => slab(create({ size: 256, handles: 8 }) as any, { size: 60, slots: 2 })]
  ];
  for (const [name, heap] of heaps) {
    it(`keeps every number in order when either side comes at any statement of the other, on ${name}`, () => {
      let points = 0;
      for (const count of [1, 2, 3]) {
        for (let start = 0; start < count + 1; start++) {
          for (let held = 0; held <= count; held++) {
            for (const outer of ["push", "shift", "peek", "waiting", "clear"] as const) {
              for (let times = 1; times <= count + 1; times++) {
                for (let k = 1; ; k++, points++) {
                  const q = build(heap(), { count, size: 2 }) as Queue;
                  for (let n = 0; n < start; n++) q.push(0), q.shift();
                  const sent: number[] = [];
                  const got: number[] = [];
                  let value = 1000;
                  const push = (): void => {
                    if (q.push(++value)) sent.push(value);
                  };
                  const shift = (): void => {
                    const v = q.shift();
                    if (v !== undefined) got.push(v);
                  };
                  for (let n = 0; n < held; n++) push();
                  const inner = outer === "push" ? shift : push;
                  const reached = within(k, outer === "push" ? push : outer === "shift" ? shift : () => void q[outer](), () => {
                    for (let n = 0; n < times; n++) inner();
                  });
                  const what = `${outer}, ${count} places, ${held} held, ${times} times in front of statement ${k}`;
                  assert.ok(q.waiting() <= count, what);
                  while (q.waiting()) shift();
                  // clear() takes away from the front
                  assert.deepEqual(got, outer === "clear" ? sent.slice(sent.length - got.length) : sent, what);
                  assert.equal(q.lost, value - 1000 - sent.length, what);
                  if (!reached) break;
                }
              }
            }
          }
        }
      }
      assert.ok(points > 300, `${points} points`);
    });
  }

  it("writes into its own block only when push() comes at any statement of close()", () => {
    for (let k = 1; ; k++) {
      const pool = create({ size: 64, handles: 4 });
      const q = build(pool as any, { count: 20, size: 2 }) as Queue;
      let reached = false;
      let h = 0;
      reached = within(k, () => q.close(), () => {
        // as a job may: it takes what it can get, and what is pushed then must not show in it
        h = pool.alloc(64) || pool.alloc(16);
        if (h) pool.fill(h, 3, 0, pool.size(h));
        for (let n = 0; n < 4; n++) q.push(999);
      });
      if (h) assert.ok(pool.read(h, 0, pool.size(h)).every((byte) => byte === 3), `statement ${k}`);
      if (h) pool.free(h);
      assert.equal(live(pool), 0);
      if (!reached) break;
    }
  });

  it("writes into its own block only when push() comes at any statement of a call of the pool", () => {
    const { create: make, hook: stop } = paused("tidyheap.js");
    const calls: [string, (pool: any, all: number[]) => void][] = [
      ["alloc", (pool) => pool.alloc(50)],
      ["free", (pool, all) => pool.free(all.splice(1, 1)[0])],
      ["tick", (pool) => pool.tick(30)],
      ["pack", (pool) => pool.pack()],
      ["resize", (pool, all) => pool.resize(all[2], 40)],
      ["reset", (pool, all) => (pool.reset(), all.splice(0))]
    ];
    for (const [name, call] of calls) {
      let pushed = 0;
      for (let k = 1; ; k++) {
        const pool: any = make({ size: 256, handles: 12 });
        const all = [20, 20, 20].map((n) => pool.alloc(n));
        const q = queue(pool, { count: 6, size: 2 }) as Queue;
        all.push(...[20, 20].map((n) => pool.alloc(n)));
        pool.free(all.shift());
        all.forEach((h, i) => pool.fill(h, 10 + i, 0, 20));
        const marks = new Map(all.map((h, i) => [h, 10 + i]));
        let n = 0;
        stop.run = () => {
          if (++n !== k) return;
          stop.run = undefined;
          for (let i = 0; i < 3; i++) pushed += Number(q.push(60000 + i));
        };
        call(pool, all);
        stop.run = undefined;
        const when = `${name}, statement ${k}`;
        assert.equal(pool.check(), "", when);
        if (name === "reset") {
          const h = pool.alloc(256);
          pool.fill(h, 1, 0, 256);
          assert.equal(q.push(5), false, when);
          assert.ok(pool.read(h, 0, 256).every((byte: number) => byte === 1), when);
        } else {
          for (const h of all) assert.deepEqual([...new Set(pool.read(h, 0, 20))], [marks.get(h)], when);
          if (n >= k) assert.deepEqual([q.shift(), q.shift(), q.shift(), q.shift()], [60000, 60001, 60002, undefined], when);
        }
        if (n < k) break;
      }
      assert.ok(pushed > 3, `${name}: ${pushed} pushed`);
    }
  });
});

describe("queue on a board", () => {
  it("H is filled from a watch and drained in the main loop, overflow counted", async () => {
    const kit = `${await bundle(join(ROOT, "src", "queue.ts"), { name: "kit", min: true })}exports.queue=kit.queue;`;
    const lines: string[] = [];
    const modules = { tidyheap: readFileSync(join(ROOT, "dist", "tidyheap.min.js"), "utf8"), kit };
    const machine = sandbox(BOARDS.pico, { modules, print: (line) => void lines.push(line) });
    machine.exec(`global.pool=require("tidyheap").create(2048);global.q=require("kit").queue(global.pool,{count:8,size:2});global.k=0;global.got=[];global.on=true`);
    machine.exec(`setWatch(function(e){q.push(global.k++)},B3,{edge:"both",repeat:true});
      setInterval(function(){var v;if(global.on)while((v=q.shift())!==undefined)got.push(v);pool.free(pool.alloc(100));pool.pack()},30)`);
    const edges = (n: number): void => {
      for (let i = 0; i < n; i++) {
        machine.drive("B3", (machine.level("B3") ? 0 : 1) as any);
        machine.run(5);
      }
    };
    edges(30);
    machine.run(60);
    machine.exec("global.on=false");
    edges(20);
    machine.exec("global.on=true");
    machine.run(60);
    machine.exec("print(got.join());print(q.lost,q.waiting(),pool.check()==='');q.close();print(pool.stat().live)");
    const wanted = Array.from({ length: 38 }, (_, n) => n);
    assert.deepEqual(lines, [wanted.join(), "12 0 true", "0"]);
    assert.deepEqual(machine.faults, []);
  });
});
