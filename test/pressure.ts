import assert from "node:assert/strict";
import fc from "fast-check";
import { create as full } from "../src/full";
import { guard } from "../src/guard";
import { owner } from "../src/owner";
import { pressure, type Pressure } from "../src/pressure";
import { create as tiny } from "../src/tiny";
import { empty, fill, filled, JUNK, KINDS, SEED, sound, stir } from "./ground";
import { random } from "./random";

const code = (code: string) => (error: any) => error.code === code && error.message.startsWith(code + ": ");
const LOW = 120;
const HIGH = 200;

/** A heap under pressure and what is known of it: blocks, those that may go in the order in which they may, those that are locked. */
class Pair {
  readonly blocks = new Map<number, number>();
  order: number[] = [];
  readonly locked = new Set<number>();
  readonly p: Pressure;
  purged = 0;
  full = 0;
  lows = 0;
  /** Most bytes found free after a call since onlow. */
  peak = Infinity;
  /** Blocks came that were not allocated here: they are found at the next look. */
  around = false;
  private expect: number[] = [];
  private asked = 0;

  constructor(readonly pool: any, marks: boolean) {
    this.p = pressure(pool, {
      low: marks ? LOW : undefined,
      high: HIGH,
      onlow: () => {
        assert.ok(this.peak >= HIGH, `onlow again though never more than ${this.peak} were free`);
        this.lows++;
        this.peak = 0;
      },
      onpurge: (h) => {
        assert.ok(this.pool.has(h));
        filled(this.pool, h, this.blocks.get(h)!);
        assert.equal(h, this.expect.shift(), "the one touched longest ago goes first");
        if (this.locked.has(h)) return;
        this.purged++;
        this.blocks.delete(h);
        this.order.splice(this.order.indexOf(h), 1);
        assert.equal(this.p.alloc(10 ** 6), 0);
      },
      onfull: (bytes) => {
        assert.equal(++this.asked, 1, "once an alloc");
        assert.ok(bytes > 0);
        assert.ok(this.order.every((h) => this.locked.has(h)), "something could have gone first");
        this.full++;
        const [h] = [...this.blocks.keys()].filter((one) => !this.order.includes(one) && !this.locked.has(one));
        if (!h || !(bytes & 1)) return false;
        this.free(h);
        return true;
      }
    });
  }

  alloc(n: number): number {
    this.asked = 0;
    // the order may be gone through again for every block that has gone: locked ones are asked for each time
    const plan: number[] = [];
    const order = [...this.order];
    for (;;) {
      const i = order.findIndex((one) => !this.locked.has(one));
      plan.push(...order.slice(0, i < 0 ? order.length : i + 1));
      if (i < 0) break;
      order.splice(i, 1);
    }
    // and once more after onfull
    this.expect = [...plan, ...order];
    const h = this.p.alloc(n);
    if (h) {
      this.blocks.set(h, n);
      fill(this.p, h, n);
    } else assert.match(this.p.why, /^(FULL|HANDLES|SIZE|FRAGMENTED)$/);
    if (!h && this.p.why !== "SIZE") assert.ok(this.order.every((one) => this.locked.has(one)), "refused though something could go");
    // a unit is 16 bytes at most
    if (this.marks && !this.around) assert.ok(this.pool.stat().free > LOW - 16 || this.peak < Infinity, "low, and nobody was told");
    return h;
  }

  get marks(): boolean {
    return !!(this.p as any)._o.low;
  }

  pick(i: number): number {
    return [...this.blocks.keys()][i % this.blocks.size];
  }

  touch(h: number): void {
    const before = this.order.filter((one) => one !== h);
    this.around = true;
    this.order = this.p.touch(h) ? [...before, h] : before;
  }

  keep(h: number): void {
    this.p.keep(h);
    this.order = this.order.filter((one) => one !== h);
  }

  lock(h: number): void {
    if (!this.pool.lock) return;
    if (this.locked.delete(h)) this.pool.unlock(h);
    else this.locked.add(h), this.pool.lock(h);
  }

  free(h: number): void {
    if (this.locked.has(h)) return assert.throws(() => this.p.free(h), code("LOCK"));
    this.p.free(h);
    this.blocks.delete(h);
    this.order = this.order.filter((one) => one !== h);
  }

  verify(): void {
    sound(this.pool);
    if (this.pool.stat) this.peak = Math.max(this.peak, this.pool.stat().free);
    for (const [h, n] of this.blocks) filled(this.pool, h, n);
  }
}

for (const kind of KINDS) {
  const calls = kind === KINDS[0] ? 5 : 4;
  describe(`pressure, ${kind.name}`, () => {
    it(`evicts in the order of touches, then asks, in random programs while blocks move, seed ${SEED}`, () => {
      const sum = { purged: 0, full: 0, lows: 0, moved: 0 };
      const verbs = fc.constantFrom("alloc", "alloc", "alloc", "alloc", "free", "touch", "touch", "keep", "stir", "lock", "look", "spare");
      fc.assert(
        fc.property(fc.array(fc.tuple(verbs, fc.nat(80)), { maxLength: 60, size: "max" }), fc.nat(300), (program, extra) => {
          const size = (300 + extra) & -16;
          const pool = kind.make(size, 16);
          const pair = new Pair(pool, kind.ticks);
          const next = random(extra);
          const noise: number[] = [];
          for (const [verb, n] of program) {
            const h = pair.pick(n);
            if (verb === "alloc") pair.alloc(n + 1);
            else if (verb === "stir") stir(pool, next, noise), (pair.around = true);
            else if (verb === "look") pair.p.look(), (pair.around = false);
            else if (verb === "spare") (pair.around = true), n & 1 ? pair.p.release() : pair.p.reserve(30);
            else if (h) pair[verb](h);
            pair.verify();
          }
          for (const h of pair.locked) pool.unlock(h);
          pair.p.close();
          for (const h of pair.order) assert.equal(pool.has(h), false);
          for (const h of [...noise, ...[...pair.blocks.keys()].filter((one) => !pair.order.includes(one))]) pool.free(h);
          empty(pool, size);
          sum.purged += pair.purged;
          sum.full += pair.full;
          sum.lows += pair.lows;
          sum.moved += pool.epoch;
        }),
        { seed: SEED, numRuns: 120 }
      );
      assert.ok(sum.purged > 80 && sum.full > 80 && sum.moved > 2000 && (sum.lows > 50 || !kind.ticks), JSON.stringify(sum));
    });

    it(`evicts right after every sequence of ${calls} calls`, function () {
      this.timeout(20000);
      const size = 160;
      const acts: ((pair: Pair) => void)[] = [
        (p) => p.alloc(40),
        (p) => (p.blocks.size ? p.touch(p.pick(0)) : void p.alloc(24)),
        (p) => p.blocks.size && p.touch(p.pick(p.blocks.size - 1)),
        (p) => p.blocks.size && p.free(p.pick(0)),
        (p) => p.blocks.size && p.keep(p.pick(1)),
        (p) => p.alloc(110)
      ];
      let purged = 0;
      for (let n = 0; n < acts.length ** calls; n++) {
        const pool = kind.make(size, 6);
        const pair = new Pair(pool, kind.ticks);
        pair.alloc(20);
        for (let rest = n, i = 0; i < calls; i++, rest = Math.floor(rest / acts.length)) acts[rest % acts.length](pair), pair.verify();
        purged += pair.purged;
        pair.p.close();
        for (const h of pair.blocks.keys()) if (pool.has(h)) pool.free(h);
        empty(pool, size);
      }
      assert.ok(purged > 100, `${purged} evicted`);
    });

    it("J leaves nothing behind in a pool of any size and any number of handles", () => {
      for (let size = 16; size < 400; size += 16) {
        for (const handles of [1, 2, 3, 5, 20]) {
          const pool = kind.make(size, handles);
          const pair = new Pair(pool, kind.ticks);
          pair.p.reserve(20);
          pair.p.look();
          for (let i = 0; i < 12; i++) {
            const h = pair.alloc(1 + ((i * 14) % 60));
            if (h) pair.touch(h);
            pair.verify();
          }
          pair.p.close();
          for (const h of pair.blocks.keys()) if (pool.has(h)) pool.free(h);
          empty(pool, size);
        }
      }
    });

    it("F refuses what is no handle and no number of bytes", () => {
      const pool = kind.make(512, 12);
      const p = pressure(pool, {});
      for (const junk of [0, ...JUNK]) {
        assert.equal(p.touch(junk), false, String(junk));
        assert.throws(() => p.keep(junk), code("HANDLE"), String(junk));
        if (junk !== 0) assert.throws(() => p.free(junk), code("HANDLE"), String(junk));
      }
      for (const junk of [undefined, null, NaN, -1, 0.5, "x", {}, () => 1]) {
        assert.throws(() => p.alloc(junk as any), code("ARGUMENT"), String(junk));
        assert.throws(() => p.reserve(junk as any), code("ARGUMENT"), String(junk));
      }
      assert.equal(p.alloc(2 ** 31) + p.why, "0SIZE");
      p.close();
      empty(pool, 512);
    });
  });
}

describe("pressure", () => {
  it("calls onlow with what will be free, once until `high` bytes are", () => {
    const pool = full({ size: 1000, handles: 30 });
    const told: number[] = [];
    const p = pressure(pool, { low: 200, high: 500, onlow: (free) => told.push(free) });
    const all: number[] = [];
    while (pool.stat().free > 200) all.push(p.alloc(100));
    assert.deepEqual(told, []);
    all.push(p.alloc(100));
    assert.deepEqual(told, [100]);
    for (const h of all.splice(0, 3)) p.free(h);
    p.look();
    all.push(p.alloc(100), p.alloc(100), p.alloc(100));
    assert.deepEqual(told, [100], "400 bytes do not arm it");
    for (const h of all.splice(0, 4)) p.free(h);
    p.look();
    for (let i = 0; i < 4; i++) all.push(p.alloc(100));
    assert.deepEqual(told, [100, 100]);
    p.close();
  });

  it("asks onfull once, tries once more when it says true, and calls nothing for what is larger than the pool", () => {
    const pool = full(256);
    let asked: number[] = [];
    let help = 0;
    const p = pressure(pool, { onfull: (n) => (asked.push(n), help && p.free(help), !!help) });
    const h = p.alloc(200);
    assert.equal(p.alloc(100) + p.why, "0FULL");
    help = h;
    assert.ok(p.alloc(100));
    help = 0;
    assert.equal(p.alloc(257) + p.why, "0SIZE");
    assert.deepEqual(asked, [100, 100]);
    asked = [];
    const q = pressure(pool, { onfull: (n) => (asked.push(n), true) });
    assert.equal(q.alloc(200), 0);
    assert.deepEqual(asked, [200]);
  });

  it("keeps callbacks on when one throws, and loses no block", () => {
    const pool = full(256);
    const p = pressure(pool, { low: 100, onlow: () => { throw new Error("low"); }, onpurge: () => { throw new Error("purge"); }, onfull: () => { throw new Error("full"); } });
    assert.throws(() => p.alloc(200), /low/);
    assert.equal(pool.stat().live, 0);
    const h = p.alloc(200);
    assert.throws(() => p.alloc(100), /full/);
    assert.ok(p.touch(h));
    assert.throws(() => p.alloc(100), /purge/);
    assert.ok(pool.has(h));
    p.close();
    empty(pool, 256);
  });

  it("gives the reserve back in an emergency and takes it again", () => {
    const pool = full({ size: 256, handles: 8 });
    const p = pressure(pool, { onfull: () => (p.release(), true) });
    const r = p.reserve(100);
    assert.ok(r);
    assert.equal(p.reserve(50), r);
    p.alloc(150);
    const h = p.alloc(90);
    assert.ok(h);
    assert.equal(pool.has(r), false);
    assert.equal(p.reserve(100), 0);
    p.release();
    p.free(h);
    assert.ok(p.reserve(100));
    p.close();
    assert.equal(pool.stat().live, 1);
  });

  it("leaves what a guard locks, and frees it when it is the next after that", () => {
    const pool = full(256);
    const asked: number[] = [];
    const p = pressure(pool, { onpurge: (h) => void asked.push(h) });
    const [a, b] = [p.alloc(60), p.alloc(60)];
    p.touch(a), p.touch(b);
    const g = guard(p, a);
    assert.ok(p.alloc(120));
    assert.deepEqual([pool.has(a), pool.has(b)], [true, false]);
    g.unlock();
    assert.ok(p.alloc(60));
    assert.deepEqual(asked, [a, b, a]);
    assert.equal(pool.has(a), false);
  });

  it("lets a callback free blocks and allocate through what stands on it", () => {
    const pool = full({ size: 400, handles: 30 });
    let extra = 0;
    const p: Pressure = pressure(pool, { onpurge: (h) => p.free(h), onfull: () => ((extra = o.alloc(8)), o.free(old), true) });
    const o = owner(p);
    let old = o.alloc(120);
    const cached = p.alloc(100);
    p.touch(cached);
    assert.ok(o.alloc(150));
    assert.equal(pool.has(cached), false);
    old = o.leaks()[0].handle;
    assert.ok(o.alloc(180) || o.why === "FULL");
    assert.equal(new Set(o.leaks().map((leak) => leak.handle)).size, o.leaks().length);
    assert.ok(extra === 0 || pool.has(extra));
    o.close();
    p.close();
    empty(pool, 400);
  });

  it("is empty and usable after reset() of the pool", () => {
    const pool = full(512);
    const p = pressure(pool, {});
    for (let i = 0; i < 5; i++) p.touch(p.alloc(20));
    pool.reset();
    for (let i = 0; i < 9; i++) assert.ok(p.touch(p.alloc(20)));
    assert.ok(p.alloc(400));
    p.close();
    assert.equal(pool.stat().live, 1);
  });

  it("calls callbacks again after look() when one was cut off", () => {
    const pool = full(256);
    let calls = 0;
    const p = pressure(pool, { onfull: () => void calls++ });
    (p as any)._busy = 1; // what a callback that was cut off leaves
    p.alloc(250);
    p.alloc(250);
    assert.equal(calls, 0);
    p.look();
    p.alloc(250);
    assert.equal(calls, 1);
  });

  it("refuses a mark for a pool that cannot count, and what is no pool", () => {
    assert.throws(() => pressure(tiny(256), { low: 10 }), code("OPTION"));
    for (const junk of [undefined, null, 5, {}]) assert.throws(() => pressure(junk as any, {}), code("OPTION"));
  });
});
