import assert from "node:assert/strict";
import fc from "fast-check";
import { create as full } from "../src/full";
import { owner, scope, type Owner } from "../src/owner";
import { guard } from "../src/guard";
import { empty, fill, filled, JUNK, KINDS, SEED, sound, stir } from "./ground";
import { random } from "./random";

const code = (code: string) => (error: any) => error.code === code && error.message.startsWith(code + ": ");

/** An owner and what it should own, by handle, the eldest first. */
class Pair {
  readonly blocks = new Map<number, number>();
  readonly kept: number[] = [];
  refused = 0;
  private listed = false;

  constructor(readonly pool: any, readonly quota?: number, readonly o: Owner = owner(pool, quota)) {}

  get bytes(): number {
    return [...this.blocks.values()].reduce((sum, n) => sum + n, 0);
  }

  alloc(n: number): number {
    const before = this.pool.stat ? this.pool.stat().live : 0;
    const h = this.o.alloc(n);
    if (!h) {
      const over = this.quota !== undefined && this.bytes + n > this.quota;
      assert.equal(this.o.why === "QUOTA", over, this.o.why);
      if (!over) assert.match(this.o.why, /^(FULL|HANDLES|SIZE|FRAGMENTED)$/);
      // the list may be there by now
      if (this.pool.stat) assert.ok(this.pool.stat().live - before <= (this.listed ? 0 : 1), "blocks after a refusal");
      this.listed ||= this.pool.stat && this.pool.stat().live > before;
      this.refused++;
      return 0;
    }
    assert.ok(!this.blocks.has(h));
    this.listed = true;
    this.blocks.set(h, n);
    assert.ok(this.quota === undefined || this.bytes <= this.quota, "more than the quota");
    fill(this.o, h, n);
    return h;
  }

  pick(i: number): number {
    return [...this.blocks.keys()][i % this.blocks.size];
  }

  free(i: number, around: boolean): void {
    const h = this.pick(i);
    if (!h) return;
    filled(this.o, h, this.blocks.get(h)!);
    (around ? this.pool : this.o).free(h);
    this.blocks.delete(h);
  }

  keep(i: number): void {
    const h = this.pick(i);
    if (!h) return;
    assert.equal(this.o.keep(h), h);
    this.kept.push(h);
    this.blocks.delete(h);
  }

  close(): void {
    this.o.close();
    this.listed = false;
    for (const h of this.blocks.keys()) assert.equal(this.pool.has(h), false);
    this.blocks.clear();
  }

  verify(): void {
    sound(this.pool);
    assert.equal(this.o.used(), this.bytes);
    assert.deepEqual(this.o.leaks().map((leak) => [leak.handle, leak.size]), [...this.blocks]);
    for (const [h, n] of this.blocks) filled(this.pool, h, n);
    for (const h of this.kept) assert.ok(this.pool.has(h), "a kept block");
  }
}

for (const kind of KINDS) {
  const calls = kind === KINDS[0] ? 5 : 4;
  describe(`owner, ${kind.name}`, () => {
    it(`agrees with a map in random programs while blocks move, seed ${SEED}`, () => {
      let moved = 0;
      let refused = 0;
      const steps = fc.array(fc.tuple(fc.constantFrom("alloc", "alloc", "alloc", "free", "gone", "keep", "stir", "stir", "close"), fc.nat(60)), { maxLength: 60, size: "max" });
      fc.assert(
        fc.property(steps, fc.nat(600), fc.option(fc.nat(300), { nil: undefined }), (program, extra, quota) => {
          const size = (200 + extra) & -16;
          const pool = kind.make(size, 24);
          const pair = new Pair(pool, quota);
          const next = random(extra);
          const noise: number[] = [];
          for (const [verb, n] of program) {
            if (verb === "alloc") pair.alloc(n + 1);
            else if (verb === "free" || verb === "gone") pair.free(n, verb === "gone");
            else if (verb === "keep") pair.keep(n);
            else if (verb === "stir") stir(pool, next, noise);
            else if (n < 10) pair.close();
            if (n % 3 === 0) pair.verify();
          }
          pair.verify();
          moved += pool.epoch;
          refused += pair.refused;
          pair.close();
          for (const h of [...noise, ...pair.kept]) pool.free(h);
          empty(pool, size);
        }),
        { seed: SEED, numRuns: 120 }
      );
      assert.ok(moved > 2000, `${moved} bytes moved`);
      assert.ok(refused > 50, `${refused} refusals`);
    });

    it(`agrees with a map after every sequence of ${calls} calls`, function () {
      this.timeout(20000);
      const size = 112;
      const acts: ((pair: Pair) => void)[] = [
        (p) => p.alloc(8),
        (p) => p.alloc(21),
        (p) => p.free(0, false),
        (p) => p.free(1, true),
        (p) => p.keep(0),
        (p) => p.close()
      ];
      for (let n = 0; n < acts.length ** calls; n++) {
        const pool = kind.make(size, 9);
        const pair = new Pair(pool, 60);
        for (let rest = n, i = 0; i < calls; i++, rest = Math.floor(rest / acts.length)) acts[rest % acts.length](pair);
        pair.verify();
        pair.close();
        pair.kept.forEach((h) => pool.free(h));
        empty(pool, size);
      }
    });

    it("J leaves nothing behind in a pool of any size and any number of handles", () => {
      const reasons = new Set<string>();
      for (let size = 16; size < 500; size += 16) {
        for (const handles of [1, 2, 3, 5, 20]) {
          const pool = kind.make(size, handles);
          const pair = new Pair(pool);
          for (let i = 0; i < 14; i++) {
            if (!pair.alloc(1 + ((i * 7) % 30))) reasons.add(pair.o.why);
            if (i % 5 === 4) pair.free(1, false);
            pair.verify();
          }
          pair.close();
          empty(pool, size);
          // it can be used again
          pair.alloc(9);
          pair.verify();
          pair.close();
          empty(pool, size);
        }
      }
      assert.deepEqual([...reasons].sort(), ["FULL", "HANDLES", "SIZE"]);
    });

    it("closes a scope when its function returns and when it throws, and gives what it returned", () => {
      const pool = kind.make(512, 20);
      let kept = 0;
      assert.equal(scope(pool, (s) => (s.alloc(30), (kept = s.keep(s.alloc(20))), s.alloc(10), "done")), "done");
      assert.ok(pool.has(kept));
      assert.throws(() => scope(pool, (s) => {
        s.alloc(30);
        throw new Error("mine");
      }), /^Error: mine$/);
      pool.free(kept);
      empty(pool, 512);
    });

    it("gives what an inner scope keeps to the owner around it", () => {
      const pool = kind.make(1024, 30);
      const outer = owner(pool, 150);
      const kept = scope(outer, (s) => {
        s.alloc(20);
        return s.keep(s.alloc(50));
      });
      assert.deepEqual(outer.leaks().map((leak) => [leak.handle, leak.size]), [[kept, 50]]);
      assert.equal(scope(outer, (s) => s.alloc(101) || s.why), "QUOTA");
      outer.close();
      empty(pool, 1024);
    });

    it("keeps its list in another heap when it is given one", () => {
      const pool = kind.make(512, 12);
      const home = full(512);
      const o = owner(pool, undefined, home);
      for (let i = 0; i < 12; i++) assert.ok(o.alloc(20), o.why);
      assert.equal(o.alloc(20), 0);
      assert.equal(o.why, "HANDLES");
      assert.equal(o.leaks().length, 12);
      assert.equal(home.stat().live, 1);
      o.close();
      empty(pool, 512);
      empty(home, 512);
    });

    it("F refuses what is no number of bytes and no handle, and stays as it is", () => {
      const pool = kind.make(512, 12);
      const o = owner(pool, 100);
      const h = o.alloc(40);
      for (const junk of [undefined, null, NaN, "x", {}, () => 1]) assert.throws(() => o.alloc(junk as any), code("ARGUMENT"), String(junk));
      for (const junk of [-1, 0.5]) assert.throws(() => o.alloc(junk), code("ARGUMENT"));
      assert.equal(o.alloc(2 ** 31) + o.why, "0QUOTA");
      assert.equal(o.alloc(0) + o.why, "0SIZE");
      for (const junk of JUNK) {
        assert.throws(() => o.keep(junk), code("HANDLE"), String(junk));
        assert.throws(() => o.free(junk), code("HANDLE"), String(junk));
      }
      assert.throws(() => o.keep(0), code("HANDLE"));
      o.free(0);
      assert.deepEqual(o.leaks().map((leak) => leak.handle), [h]);
      for (const junk of JUNK.slice(2, 9).filter((n) => n !== 2 ** 31)) if (junk === junk) assert.throws(() => owner(pool, junk), code("ARGUMENT"), String(junk));
      for (const junk of [undefined, null, 5, {}]) assert.throws(() => owner(junk as any), code("OPTION"), String(junk));
      assert.throws(() => scope(pool, 5 as any), TypeError);
      o.close();
      empty(pool, 512);
    });
  });
}

describe("owner", () => {
  it("tells the age of a block in milliseconds", () => {
    const real = Date.now;
    try {
      let time = 1.7e12 + 0.25;
      Date.now = () => time;
      const o = owner(full(512));
      o.alloc(10);
      time += 2 ** 31;
      o.alloc(20);
      time += 1500;
      assert.deepEqual(o.leaks().map((leak) => [leak.size, leak.age]), [[10, 2 ** 31 + 1500], [20, 1500]]);
    } finally {
      Date.now = real;
    }
  });

  it("A never grows its list for blocks that come and go", () => {
    const pool = full({ size: 512, handles: 8, generations: 24 });
    const o = owner(pool);
    for (let i = 0; i < 5000; i++) o.free(o.alloc(100));
    assert.ok(pool.stat().used <= 64, `${pool.stat().used} bytes`);
    o.close();
    empty(pool, 512);
  });

  it("counts what a block gained by resize at the next recount", () => {
    const pool = full(1024);
    const o = owner(pool, 100);
    const h = o.alloc(40);
    pool.resize(h, 90);
    assert.equal(o.used(), 90);
    assert.equal(o.alloc(11) + o.why, "0QUOTA");
    assert.ok(o.alloc(10));
    o.close();
    empty(pool, 1024);
  });

  it("throws LOCK at a block that others lock, and closes later", () => {
    const pool = full(1024);
    const o = owner(pool);
    const all = [1, 2, 3].map((n) => o.alloc(n));
    pool.lock(all[1]);
    assert.throws(() => o.close(), code("LOCK"));
    assert.deepEqual(o.leaks().map((leak) => leak.handle), all.slice(1));
    pool.unlock(all[1]);
    o.close();
    empty(pool, 1024);
  });

  it("goes on after reset() of the pool, and loses no block", () => {
    const pool = full({ size: 1024, handles: 20 });
    const o = owner(pool);
    o.alloc(10);
    pool.reset();
    const h = o.alloc(12);
    assert.deepEqual(o.leaks().map(({ handle, size }) => [handle, size]), [[h, 12]]);
    o.close();
    assert.equal(pool.stat().live, 0);
  });

  it("is empty and usable after reset() of the pool and close()", () => {
    const pool = full(1024);
    const o = owner(pool, 100);
    const g = guard(pool, o.alloc(90));
    pool.reset();
    assert.throws(() => g.unlock(), code("HANDLE"));
    const other = [1, 2, 3, 4].map((n) => pool.alloc(n * 20));
    assert.deepEqual(o.leaks(), []);
    o.close();
    assert.ok(o.alloc(90), o.why);
    o.close();
    other.forEach((h) => assert.ok(pool.has(h)));
    assert.equal(pool.stat().live, 4);
  });

  it("is sound wherever a call is cut off: at any write and any call of the pool", () => {
    const Cut = new Error("cut");
    let points = 0;
    for (let stop = 0, done = false; !done; stop++) {
      const pool: any = full({ size: 600, handles: 24 });
      let left = Infinity;
      // what a part calls; the call that is cut off does nothing, or all it does
      const heap: any = { pool: {} };
      for (const name of ["alloc", "free", "at", "size", "has"]) {
        heap.pool[name] = heap[name] = (h: number) => {
          if (!left--) throw Cut;
          const result = pool[name](h);
          if (!left--) throw Cut;
          return result;
        };
      }
      heap.pool.bytes = pool.bytes;
      const o = owner(heap);
      const pair = [1, 2, 3].map((n) => o.alloc(n));
      o.alloc(4);
      pool.free(pair[1]);
      const lost = pool.stat().live;
      left = stop;
      try {
        o.alloc(30);
        o.keep(pair[0]);
        o.alloc(5);
        done = true;
      } catch (error) {
        assert.equal(error, Cut);
        points++;
      }
      left = Infinity;
      sound(pool);
      const listed = o.leaks().map((leak) => leak.handle);
      assert.equal(new Set(listed).size, listed.length, "a block twice");
      assert.ok(listed.includes(pair[2]));
      o.close();
      if (pool.has(pair[0])) pool.free(pair[0]);
      assert.ok(pool.stat().live <= (done ? 0 : 1), `cut at ${stop}: ${pool.stat().live} blocks of ${lost} left`);
    }
    assert.ok(points > 30, `${points} points`);
  });
});
