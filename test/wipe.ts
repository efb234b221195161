import assert from "node:assert/strict";
import * as fram from "../src/fram";
import { amount } from "./amount";
import { Cells } from "./cells";
import { Clock } from "./clock";
import { Memory } from "./memory";
import { random } from "./random";
import { Shadow } from "./shadow";
import { LIBRARIES, refuses, sound, target, VARIANTS, type Target } from "./target";
import { code } from "./verdict";

const SIZE = 512;
const HANDLES = 14;

/** A pool after some hundred random calls, the last of them ticks that stop inside a block where they can; every byte of no block is noise. */
function used(subject: Target, seed: number, clock = new Clock()): Shadow {
  const next = random(seed);
  const memory = new Memory(SIZE);
  memory.chunk = 8;
  const shadow = new Shadow(subject.make({ size: SIZE, handles: HANDLES, store: memory, scheduler: clock }), memory, { unit: subject.unit, handles: HANDLES });
  for (let i = 0; i < 150; i++) {
    const all = shadow.handles;
    const h = all[next(all.length || 1)];
    const verb = next(8);
    if (verb < 4 || !h) shadow.alloc(1 + next(70));
    else if (verb < 6) shadow.drop(h);
    else if (verb === 6) shadow.resize(h, 1 + next(70));
    else shadow.tick(next(40));
  }
  shadow.verify("before");
  for (let i = 0; i < 4 && !shadow.torn(); i++) shadow.tick(1 + next(20));
  return shadow;
}

/** Fails unless every byte that is not payload is 0. */
function blank(shadow: Shadow): void {
  const { memory } = shadow;
  const own = new Uint8Array(SIZE);
  for (const [h, data] of shadow.blocks) for (let i = 0; i < data.length; i++) own[shadow.locate(h, i)] = 1;
  const left = [...memory.bytes].map((byte, at) => (own[at] ? 0 : byte && at)).filter(Boolean);
  assert.deepEqual(left, []);
}

const SUBJECTS = LIBRARIES.filter(({ name }) => !/core/.test(name)).flatMap((library) =>
  VARIANTS.slice(0, /min/.test(library.name) ? 1 : 5).map((variant) => target(library, variant))
);

for (const subject of SUBJECTS) {
  describe(`wipe, ${subject.name}`, () => {
    it("leaves zeros wherever no block is, also with a block in two pieces", () => {
      let torn = 0;
      for (let seed = 1; seed <= amount(12, 40, 400); seed++) {
        const shadow = used(subject, seed);
        if (shadow.torn()) torn++;
        const { free, live, used: bytes } = shadow.pool.stat();
        assert.equal(shadow.pool.wipe(), undefined);
        blank(shadow);
        const now = shadow.pool.stat();
        assert.deepEqual([now.free, now.live, now.used], [free, live, bytes]);
        shadow.verify(`seed ${seed}`);
        while (shadow.tick(16));
        shadow.alloc(shadow.free);
        shadow.verify(`seed ${seed}, filled up`);
      }
      assert.ok(torn, "no block is in two pieces");
    });

    it("wipes with locks and during hold(), and moves no locked block", () => {
      for (let seed = 1; seed <= amount(2, 10, 100); seed++) {
        const shadow = used(subject, seed);
        shadow.lock(shadow.handles[0]);
        if (seed & 1) shadow.hold();
        shadow.pool.wipe();
        blank(shadow);
        shadow.verify(`seed ${seed}`);
      }
    });

    it("wipes an empty pool, a full one, and one after reset()", () => {
      const memory = new Memory(SIZE);
      memory.bytes.fill(170);
      const pool = subject.make({ size: SIZE, handles: HANDLES, store: memory });
      pool.wipe();
      assert.deepEqual([...new Set(memory.bytes)], [0]);
      const h = pool.alloc(SIZE);
      pool.fill(h, 170, 0, SIZE);
      pool.wipe();
      assert.deepEqual([...new Set(memory.bytes)], [170]);
      pool.reset();
      pool.wipe();
      assert.deepEqual([...new Set(memory.bytes)], [0]);
      sound(pool);
    });

    it("is BUSY in the middle of a call", () => {
      const shadow = used(subject, 3);
      let told = "";
      shadow.pool.onmove = () => {
        told = code(() => shadow.pool.wipe());
      };
      shadow.drop(shadow.handles[0]);
      shadow.pool.pack();
      shadow.pool.onmove = undefined;
      assert.equal(told, "BUSY");
      shadow.verify();
    });
  });
}

describe("wipe, a store that throws", () => {
  for (const subject of SUBJECTS.filter(({ name }) => /^(src|far), unit (4|1)$/.test(name))) {
    it(`leaves ${subject.name} sound at every access, and the next one ends it`, () => {
      for (let k = 1; ; k++) {
        const clock = new Clock();
        const shadow = used(subject, 5, clock);
        let calls = 0;
        shadow.memory.enter = () => {
          if (++calls === k) throw new Error("no answer");
        };
        let thrown = "";
        try {
          shadow.pool.wipe();
        } catch (error: any) {
          thrown = error.message;
        }
        shadow.memory.enter = undefined;
        if (calls < k) return assert.ok(k > 1, `${k} accesses`);
        assert.equal(thrown, "no answer");
        // a pool in RAM is given back by its timer
        if (!subject.far) refuses(() => shadow.pool.stat(), "BUSY");
        clock.fire();
        shadow.verify(`access ${k}`);
        shadow.pool.wipe();
        blank(shadow);
      }
    });
  }
});

describe("wipe, fram", () => {
  const MARK = [222, 173, 190, 239];

  /** Bytes of the mark, four in a row, wherever they are on a chip. */
  function marks(cells: Cells): number {
    return cells.bytes.reduce((sum, _, at) => sum + (MARK.every((byte, i) => cells.bytes[at + i] === byte) ? 1 : 0), 0);
  }

  /** A pool whose blocks, all but one, are full of the mark, some freed, shrunk and moved; `kept` has the rest. */
  function marked(cells: Cells): { pool: ReturnType<typeof fram.format>; kept: number; data: Uint8Array } {
    const pool = fram.format({ store: cells, handles: 12, journal: 64 });
    const all = [20, 90, 33, 61, 16, 50].map((n) => pool.alloc(n));
    for (const h of all) pool.write(h, 0, Array.from({ length: pool.size(h) }, (_, i) => MARK[i & 3]));
    const kept = pool.alloc(40);
    const data = Uint8Array.from({ length: 40 }, (_, i) => i);
    pool.write(kept, 0, data);
    pool.free(all[0]);
    pool.free(all[3]);
    pool.tick(30);
    pool.resize(all[1], 5);
    pool.write(all[1], 0, [1, 1, 1, 1, 1]);
    pool.pack();
    for (const i of [1, 2, 4, 5]) pool.free(all[i]);
    pool.tick(10);
    return { pool, kept, data };
  }

  it("leaves no byte of a freed block on the chip, neither in holes nor in the journal, and mount() finds all others", () => {
    const cells = new Cells(700);
    const { pool, kept, data } = marked(cells);
    assert.ok(marks(cells) > 50, `${marks(cells)} marks`);
    pool.wipe();
    assert.equal(marks(cells), 0);
    assert.equal(pool.check(), "");
    const again = fram.mount(cells);
    assert.deepEqual(again.load(kept), data);
    assert.deepEqual([again.stat().live, again.stat().free], [1, pool.stat().free]);
    assert.equal(fram.repair(cells).lost, 0);
    assert.equal(marks(cells), 0);
  });

  it("throws TORN and spoils nothing where a call before it was cut off at any byte", () => {
    let torn = 0;
    for (let after = 0, more = true; more; after++) {
      const cells = new Cells(400);
      const pool = fram.format({ store: cells, handles: 4, journal: 64 });
      const all = [20, 30].map((n) => pool.alloc(n));
      // no hole is left
      all.push(pool.alloc(pool.stat().free - 12));
      const data = Uint8Array.from({ length: 30 }, (_, i) => i + 1);
      pool.write(all[1], 0, data.map((byte) => byte ^ 255));
      cells.left = after;
      more = code(() => pool.write(all[1], 0, data)) === "POWER";
      cells.left = Infinity;
      const found = code(() => pool.wipe());
      assert.equal(found, more ? "TORN" : "", `cut after ${after} bytes`);
      if (more) torn++;
      const got = fram.mount(cells).load(all[1]);
      assert.ok([data, data.map((byte) => byte ^ 255)].some((want) => want.every((byte, i) => got[i] === byte)), `cut after ${after} bytes: ${got}`);
    }
    assert.ok(torn > 60, `${torn} cuts`);
  });

  it("may be cut off by power at any byte, and be done again", () => {
    let cuts = 0;
    for (let after = 0; ; after += amount(7, 1)) {
      const cells = new Cells(700);
      const { pool, kept, data } = marked(cells);
      cells.left = after;
      const cut = code(() => pool.wipe());
      cells.left = Infinity;
      const again = fram.mount(cells);
      assert.deepEqual(again.load(kept), data, `cut after ${after} bytes`);
      assert.equal(again.check(), "");
      again.wipe();
      assert.equal(marks(cells), 0, `cut after ${after} bytes`);
      if (cut !== "POWER") break;
      cuts++;
    }
    assert.ok(cuts * amount(7, 1) > 400, `${cuts} cuts`);
  });
});
