import assert from "node:assert/strict";
import { create as full } from "../src/full";
import { guard, type Guard } from "../src/guard";
import { owner, scope } from "../src/owner";
import { create as tiny } from "../src/tiny";
import { empty, fill, filled, JUNK, KINDS, SEED } from "./ground";
import { random } from "./random";

const code = (code: string) => (error: any) => error.code === code && error.message.startsWith(code + ": ");

for (const kind of KINDS.filter((one) => one.ticks)) {
  describe(`guard, ${kind.name}`, () => {
    const make = () => kind.make(1024, 20);

    it("locks the block, gives its bytes in RAM, and gives both back", () => {
      const pool = make();
      const first = pool.alloc(100);
      const h = pool.alloc(50);
      fill(pool, h, 50);
      const g = guard(pool, h);
      pool.free(first);
      const at = pool.at(h);
      pool.pack();
      assert.equal(pool.at(h), at);
      assert.equal(g.handle, h);
      if (pool.bytes) {
        g.view![0] ^= 255;
        assert.equal(g.view!.length, 50);
        assert.equal(pool.read(h, 0, 1)[0], (h * 31 & 255) ^ 255);
      } else assert.equal(g.view, null);
      assert.throws(() => pool.free(h), code("LOCK"));
      g.unlock();
      assert.equal(g.view, null);
      pool.pack();
      assert.notEqual(pool.at(h), at);
      g.release();
      empty(pool, 1024);
    });

    it("D reports a second unlock, use after release, and a lock of others", () => {
      const pool = make();
      const h = pool.alloc(50);
      const g = guard(pool, h);
      const other = guard(pool, h);
      assert.throws(() => g.release(), code("LOCK"));
      assert.throws(() => g.unlock(), code("LOCK"));
      assert.ok(pool.has(h));
      other.release();
      assert.throws(() => other.unlock(), code("LOCK"));
      assert.throws(() => other.release(), code("HANDLE"));
      assert.throws(() => g.release(), code("HANDLE"));
      empty(pool, 1024);
    });

    it("is unlocked at the end of its scope, the last first, also when that throws", () => {
      const pool = make();
      const kept: number[] = [];
      const made: Guard[] = [];
      const run = (fail: boolean) => scope(pool, (s) => {
        for (const n of [10, 20, 30, 40]) made.push(guard(s, s.alloc(n)));
        kept.push(s.keep(made[made.length - 3].handle));
        made[made.length - 2].unlock();
        made[made.length - 1].release();
        if (fail) throw new Error("mine");
      });
      run(false);
      assert.throws(() => run(true), /^Error: mine$/);
      for (const g of made) {
        assert.equal(g.view, null);
        assert.throws(() => g.unlock(), code("LOCK"));
      }
      kept.forEach((h) => pool.free(h));
      empty(pool, 1024);
    });

    it("is in the care of the inner scope, whose end leaves outer guards", () => {
      const pool = make();
      const o = owner(pool);
      const h = o.alloc(20);
      const g = guard(o, h);
      scope(o, (s) => (guard(s, h), s.alloc(9)));
      assert.throws(() => pool.free(h), code("LOCK"));
      g.unlock();
      pool.free(h);
      o.close();
      empty(pool, 1024);
    });

    it("refuses what is no handle, and leaves no guard behind", () => {
      const pool = make();
      const o = owner(pool);
      for (const junk of [0, ...JUNK]) assert.throws(() => guard(o, junk), code("HANDLE"), String(junk));
      const h = o.alloc(10);
      o.free(h);
      assert.throws(() => guard(o, h), code("HANDLE"));
      o.close();
      empty(pool, 1024);
    });

    it(`agrees with a count of locks in random orders, seed ${SEED}`, () => {
      for (let run = 0; run < 60; run++) {
        const next = random(SEED + run);
        const pool = make();
        const o = owner(pool);
        const live = new Map<number, { n: number; open: Guard[] }>();
        for (let turn = 0; turn < 60; turn++) {
          const all = [...live.keys()];
          const h = all[next(all.length || 1)];
          const block = live.get(h);
          const what = next(6);
          if (what < 2 || !block) {
            const fresh = o.alloc(1 + next(40));
            if (fresh) live.set(fresh, { n: pool.size(fresh), open: [] }), fill(pool, fresh, pool.size(fresh));
          } else if (what === 2) block.open.push(guard(o, h));
          else if (what === 3 && block.open.length) block.open.splice(next(block.open.length), 1)[0].unlock();
          else if (what === 4) {
            if (block.open.length === 1) block.open[0].release(), live.delete(h);
            else if (block.open.length) assert.throws(() => pool.free(h), code("LOCK"));
            else o.free(h), live.delete(h);
          } else pool.tick(next(200));
          for (const [one, { n }] of live) filled(pool, one, n);
          assert.equal(pool.check(), "");
        }
        o.close();
        for (const { open } of live.values()) for (const g of open) assert.throws(() => g.unlock(), code("LOCK"));
        empty(pool, 1024);
      }
    });
  });
}

describe("guard", () => {
  it("refuses a pool without locks, and what is no pool", () => {
    const pool = tiny(256);
    assert.throws(() => guard(pool, pool.alloc(8)), code("OPTION"));
    for (const junk of [undefined, null, 5, {}]) assert.throws(() => guard(junk as any, 1), code("OPTION"));
  });

  it("lets an owner close whose lock somebody took back", () => {
    const pool = full(512);
    const o = owner(pool);
    const h = o.alloc(8);
    guard(o, h);
    pool.unlock(h);
    assert.throws(() => o.close(), code("LOCK"));
    o.close();
    empty(pool, 512);
  });
});
