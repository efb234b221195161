import assert from "node:assert/strict";
import fc from "fast-check";
import { join } from "node:path";
import { buffer } from "../src/buffer";
import { get, put } from "../src/cell";
import { create } from "../src/full";
import { slab, type Slab } from "../src/slab";
import { bundle } from "../tools/bundle";
import { code } from "./verdict";
import { cut, live, LOTS, noise, SEED, slotted, type Lot } from "./ground";
import { instrument } from "./pause";
import { random } from "./random";
import { refuses, sound } from "./target";

const ROOT = join(__dirname, "..");

function make(size: number, slots: number, pool: any = create({ size: 4096, handles: 16 })): { pool: any; s: Slab } {
  const s = slab(pool, { size, slots });
  assert.ok(s, pool.why);
  return { pool, s };
}

function fill(s: Slab): number[] {
  const all: number[] = [];
  for (let h = s.alloc(1); h; h = s.alloc(1)) all.push(h);
  return all;
}

describe("slab", () => {
  it("G takes size times slots bytes in one block, slot after slot", () => {
    for (const size of [1, 3, 4, 12, 32]) {
      const { pool, s } = make(size, 7);
      assert.deepEqual([pool.stat().used, pool.stat().live], [7 * size, 1]);
      const all = fill(s);
      const places = all.map((h) => s.at(h)).sort((a, b) => a - b);
      assert.deepEqual(places.map((at) => at - places[0]), [0, 1, 2, 3, 4, 5, 6].map((k) => k * size));
      assert.deepEqual([s.size(all[2]), s.view(all[2]).length, s.view(all[2]).byteOffset], [size, size, s.at(all[2])]);
      s.close();
      assert.equal(pool.stat().live, 0);
    }
  });

  it("G refuses a block that is too large with 0 and why of the heap, and leaves nothing", () => {
    const pool = create({ size: 256, handles: 4 });
    for (const [size, slots, why] of [[64, 5, "SIZE"], [300, 1, "SIZE"], [0, 4, "SIZE"], [4, 0, "SIZE"]] as const) {
      assert.equal(slab(pool as any, { size, slots }), 0);
      assert.equal(pool.why, why);
    }
    const h = pool.alloc(200);
    assert.equal(slab(pool as any, { size: 10, slots: 10 }), 0);
    assert.deepEqual([pool.why, pool.stat().live], ["FULL", 1]);
    pool.free(h);
  });

  it("G refuses a layout that overflows, and options that are none", () => {
    const pool: any = create({ size: 256, handles: 4 });
    refuses(() => slab(pool, { size: 4, slots: 4096 }), "OPTION");
    refuses(() => slab(pool, { size: 4, slots: 2 ** 32 + 4 }), "OPTION");
    refuses(() => slab(pool, { size: 2 ** 32 - 1, slots: 2 }), "ARGUMENT");
    refuses(() => slab(pool, { size: 2 ** 31, slots: 4 }), "ARGUMENT");
    refuses(() => slab(pool, { size: 1.5, slots: 2 }), "OPTION");
    refuses(() => slab(pool, undefined as any), "OPTION");
    refuses(() => slab(undefined as any, { size: 4, slots: 4 }), "OPTION");
    assert.equal(pool.stat().live, 0);
  });

  it("G is exhausted, freed in any order, and whole again", () => {
    const { s } = make(4, 40);
    const next = random(7);
    for (let round = 0; round < 20; round++) {
      const all = fill(s);
      assert.deepEqual([all.length, new Set(all).size, s.why, s.live], [40, 40, "FULL", 40]);
      while (all.length) s.free(all.splice(next(all.length), 1)[0]);
      assert.equal(s.live, 0);
    }
    assert.equal(s.alloc(5), 0);
    assert.equal(s.why, "SIZE");
    s.free(0);
    refuses(() => s.alloc(2 ** 32), "ARGUMENT");
  });

  it("F a stale handle stays refused after 256 and after 65,536 uses of its slot", () => {
    const { s } = make(4, 3);
    const keep = s.alloc(4);
    const first = s.alloc(4);
    s.free(first);
    for (let n = 1; n <= 65536; n++) {
      const h = s.alloc(4);
      if (n === 1 || n === 256 || n === 65536) {
        assert.equal(first & 7, h & 7, "another slot");
        for (const call of [() => s.at(first), () => s.size(first), () => s.free(first), () => s.read(first, 0, 1), () => s.write(first, 0, [1]), () => s.view(first)]) refuses(call, "HANDLE", `use ${n}`);
        assert.equal(s.has(first), false);
      }
      s.free(h);
      if (n < 3) refuses(() => s.free(h), "HANDLE", "freed twice");
    }
    assert.equal(s.has(keep), true);
  });

  it("F a slot whose generations are used up is given no more", () => {
    const { s } = make(4, 2);
    const keep = s.alloc(4);
    let uses = 0;
    let last = 0;
    for (let h = s.alloc(4); h; h = s.alloc(4)) {
      assert.ok(h < 0 && h >= -(2 ** 31));
      last = h;
      uses++;
      s.free(h);
    }
    assert.ok(uses > 480000, `${uses} uses`);
    assert.deepEqual([s.why, s.stat()], ["HANDLES", { used: 4, free: 0, live: 1, handles: 2, retired: 1 }]);
    for (const h of [last, 0, 1, last - 4096, -1]) assert.equal(s.has(h), false, String(h));
    s.free(keep);
    const h = s.alloc(4);
    assert.equal(h, keep - 4096);
    assert.deepEqual([s.alloc(4), s.why, s.stat().retired], [0, "HANDLES", 1]);
    s.clear();
    assert.deepEqual(s.stat(), { used: 0, free: 4, live: 0, handles: 2, retired: 1 });
  });

  it("F forged handles are refused: all of 16 bits and 100,000 at random", () => {
    for (const used of [0, 1, 5]) {
      const { s } = make(4, 9);
      const before = fill(s);
      before.forEach((h) => s.free(h));
      const mine = new Set<number>();
      for (let i = 0; i < used; i++) mine.add(s.alloc(4));
      const next = random(3);
      const look = (h: number): void => assert.equal(s.has(h), mine.has(h), String(h));
      for (let h = -65536; h < 65536; h++) look(h);
      for (let n = 0; n < 100000; n++) look(next(2 ** 32) - 2 ** 31);
      for (const h of mine) for (let step = 1; step < 40; step++) for (const d of [1, 16, 4096]) look(h - step * d), look(-h), look(h + 2 ** 32);
      for (const h of [-1.5, NaN, -Infinity, "x", {}, null, undefined, [[...mine][0]], String([...mine][0])]) assert.equal(s.has(h as any), false);
      for (const h of [5, -5, -4096, 4096, 2 ** 31]) if (!mine.has(h)) refuses(() => s.free(h), "HANDLE");
      assert.equal(s.live, used);
    }
  });

  it("F handles of another slab and of a pool are refused, both ways", () => {
    const { pool, s } = make(4, 30);
    const others = [make(4, 30, pool).s, make(4, 5, pool).s, make(4, 1, pool).s];
    const blocks = Array.from({ length: 5 }, () => pool.alloc(4));
    const mine = fill(s);
    for (const other of others) {
      for (const h of fill(other)) {
        assert.equal(s.has(h), false);
        assert.equal(pool.has(h), false);
        refuses(() => pool.free(h), "HANDLE");
        refuses(() => s.free(h), "HANDLE");
      }
      for (const h of [...mine, ...blocks]) refuses(() => other.free(h), "HANDLE");
    }
    for (const h of blocks) refuses(() => s.write(h, 0, [1]), "HANDLE");
    assert.equal(pool.check(), "");
  });

  it("F clear and close make every handle stale", () => {
    const { pool, s } = make(4, 12);
    const all = fill(s);
    for (const i of [0, 5, 11]) s.free(all[i]);
    s.clear();
    assert.equal(s.live, 0);
    for (const h of all) assert.equal(s.has(h), false);
    const again = fill(s);
    assert.equal(again.length, 12);
    s.close();
    for (const h of again) refuses(() => s.at(h), "HANDLE");
    assert.deepEqual([s.alloc(4), s.why, s.live, s.slots, pool.stat().live], [0, "FULL", 0, 0, 0]);
    s.close();
    assert.deepEqual(s.stat(), { used: 0, free: 0, live: 0, handles: 0, retired: 0 });
  });

  it("reads and writes within a slot only", () => {
    for (const lot of LOTS.filter(({ name }) => name !== "tiny")) {
      const { pool, heap } = lot.make(512, 8);
      const s = slab(heap, { size: 10, slots: 3 }) as Slab;
      const [a, b, c] = fill(s);
      s.write(a, 0, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
      s.write(b, 0, new Uint8Array(10));
      s.write(c, 0, "abcdefghij" as any);
      s.write(b, 3, [77]);
      assert.deepEqual([...s.read(a, 8, 2), ...s.read(b, 0, 4), ...s.read(c, 9, 1)], [9, 10, 0, 0, 0, 77, 106]);
      for (const [at, n] of [[0, 11], [10, 1], [11, 0], [-1, 1], [0.5, 1], [0, -1], [NaN, 1], [4, 2 ** 32 - 4]]) refuses(() => s.read(b, at, n), "RANGE", `${at}, ${n}`);
      refuses(() => s.write(a, 9, [1, 2]), "RANGE");
      for (const data of [undefined, null, {}, 5]) assert.notEqual(code(() => s.write(a, 0, data as any)), "", String(data));
      assert.equal(s.read(a, 10, 0).length, 0);
      if (heap.bytes === undefined && !pool.bytes) refuses(() => s.view(a), "VIEW");
      s.close();
      assert.equal(pool.stat().live, 0, lot.name);
    }
  });

  it("refuses bytes once reset() of the pool has ended its block", () => {
    const { pool, s } = make(8, 4);
    const h = s.alloc(8);
    pool.reset();
    const other = pool.alloc(4096);
    refuses(() => s.at(h), "HANDLE");
    refuses(() => s.write(h, 0, [1]), "HANDLE");
    refuses(() => s.close(), "HANDLE");
    pool.free(other);
  });

  it("gives the chunks of a buffer, which may be split, moved and given back", () => {
    const { pool, s } = make(16, 9);
    const text = "three chunks of 8 bytes.";
    for (let n = 0; n <= text.length; n++) {
      const whole = buffer(s, { chunk: 16 });
      assert.ok(whole.append(text));
      const front = whole.split(n);
      assert.ok(front, whole.why);
      assert.deepEqual([front.toString(), whole.toString()], [text.slice(0, n), text.slice(n)]);
      refuses(() => whole.split(text.length - n + 1), "RANGE");
      assert.ok(whole.move(front));
      assert.equal(front.toString(), text.slice(0, n) + text.slice(n));
      front.clear();
      assert.equal(s.live, 0);
    }
    s.close();
    assert.equal(pool.stat().live, 0);
  });

  it("pins all slots with a lock on its block, which keeps it from being closed", () => {
    const { pool, s } = make(8, 4);
    pool.lock(s.block);
    refuses(() => s.close(), "LOCK");
    assert.ok(s.alloc(8));
    pool.unlock(s.block);
    s.close();
    assert.equal(pool.stat().live, 0);
  });
});

/** Plays steps against plain arrays; every third number of a step is an argument. Returns bytes the pool has moved. */
function play(lot: Lot, size: number, slots: number, steps: number[][]): number {
  const { pool, heap } = lot.make(lot.ticks ? 1200 : 480, 24);
  const around = noise(pool);
  for (let n = 0; n < 9; n++) around.stir(n);
  const was = live(pool);
  const s = slab(heap, { size, slots });
  if (!s) return assert.match(heap.why, /^(SIZE|FULL)$/), pool.epoch;
  const model: { h: number; data: number[] }[] = [];
  const dead: number[] = [];
  for (const [verb, a, b] of steps) {
    const one = model[a % (model.length || 1)];
    if (verb < 4) {
      const bytes = 1 + (b % (size + 1));
      const h = s.alloc(bytes);
      assert.equal(h === 0, bytes > size || model.length === slots);
      if (!h) assert.equal(s.why, bytes > size ? "SIZE" : "FULL");
      else {
        assert.ok(!dead.includes(h) && !model.some((other) => other.h === h), "given out twice");
        const data = Array.from({ length: size }, (_, i) => (a + b + i * 7) & 255);
        put(s, h, 0, data);
        model.push({ h, data });
      }
    } else if (verb < 6 && one) {
      s.free(one.h);
      dead.push(one.h);
      model.splice(model.indexOf(one), 1);
    } else if (verb < 8 && one) {
      const at = b % size;
      put(s, one.h, at, [b & 255]);
      one.data[at] = b & 255;
    } else if (verb === 9 && b % 8 === 0) {
      s.clear();
      dead.push(...model.splice(0).map(({ h }) => h));
    } else around.stir(a + b);
    if (verb & 1) around.stir(b);
    assert.equal(s.live, model.length);
    for (const { h, data } of model) assert.deepEqual([...get(s, h, 0, size)], data);
    if (dead.length) assert.equal(s.has(dead[a % dead.length]), false);
    sound(pool);
  }
  s.close();
  const moved = pool.epoch;
  around.end();
  assert.ok(live(pool) <= was);
  if (heap === pool || heap.pool) assert.equal(live(pool), 0);
  return moved;
}

describe("slab, model", () => {
  const STEPS = fc.array(fc.tuple(fc.nat(9), fc.nat(99), fc.nat(255)), { minLength: 1, maxLength: 50, size: "max" });
  for (const lot of [...LOTS, slotted(LOTS[0]), slotted(LOTS[3]), slotted(LOTS[4])]) {
    it(`agrees with plain arrays on ${lot.name}, seed ${SEED}`, () => {
      let moved = 0;
      fc.assert(
        fc.property(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 9 }), STEPS, (size, slots, steps) => void (moved += play(lot, size, slots, steps))),
        { seed: SEED, numRuns: 60 }
      );
      // the tiny pool moves in alloc only
      assert.ok(moved > (lot.ticks ? 300 : 50), `${moved} bytes moved`);
    });
  }

  it("agrees in all sequences of up to 6 calls on 2 slots", () => {
    const pool: any = create({ size: 64, handles: 4 });
    for (let code = 0; code < 4 ** 6; code++) {
      const s = slab(pool, { size: 4, slots: 2 }) as Slab;
      const model: number[] = [];
      const gone: number[] = [];
      for (let n = 0, rest = code; n < 6; n++, rest >>= 2) {
        const verb = rest & 3;
        if (verb === 0) {
          const h = s.alloc(4);
          assert.equal(h !== 0, model.length < 2);
          if (h) model.push(h);
        } else if (verb === 3) s.clear(), gone.push(...model.splice(0));
        else if (model.length) {
          const h = verb === 1 ? model.shift()! : model.pop()!;
          s.free(h);
          gone.push(h);
        }
        assert.equal(s.live, model.length);
        assert.ok(model.every((h) => s.has(h)) && !gone.some((h) => s.has(h)) && new Set([...model, ...gone]).size === model.length + gone.length);
      }
      s.close();
    }
    assert.equal(pool.stat().live, 0);
  });

  it("is refused in every pool that is too small, and nothing is lost", () => {
    let refused = 0;
    for (const lot of LOTS) {
      for (let size = 16; size <= 400; size += 16) {
        const { pool, heap } = lot.make(size, 4);
        const all: Slab[] = [];
        for (let n = 0; n < 5; n++) {
          const before = live(pool);
          const s = slab(heap, { size: 12, slots: 6 });
          if (s) all.push(s);
          else refused++, assert.equal(live(pool), before), assert.match(heap.why, /^(FULL|SIZE|HANDLES|FRAGMENTED)$/);
        }
        assert.deepEqual(all.map((s) => fill(s).length), all.map(() => 6));
        all.forEach((s) => s.close());
        assert.equal(live(pool), 0);
      }
    }
    assert.ok(refused > 200);
  });
});

describe("slab, cut off", () => {
  it("is whole after a call that ends at any of its statements", async () => {
    const { code: text, spots } = instrument(await bundle(join(ROOT, "src", "slab.ts"), { name: "slab" }), () => "hook.run&&hook.run()");
    assert.ok(spots.length > 30);
    const hook: { run?: () => void } = {};
    const hooked = new Function("hook", `${text};return slab.slab`)(hook) as typeof slab;
    const calls: [string, (s: Slab, all: number[]) => void][] = [
      ["alloc", (s) => void s.alloc(4)],
      ["free", (s, all) => s.free(all[1])],
      ["clear", (s) => s.clear()],
      ["close", (s) => s.close()]
    ];
    for (const [name, call] of calls) {
      for (let k = 1; ; k++) {
        const pool: any = create({ size: 256, handles: 4 });
        const s = hooked(pool, { size: 4, slots: 5 }) as Slab;
        const all = [s.alloc(4), s.alloc(4), s.alloc(4)];
        const ended = cut(hook, "run", k, () => void call(s, all));
        const held = all.filter((h) => s.has(h));
        const more = pool.stat().live ? fill(s) : [];
        const when = `${name}, statement ${k}`;
        assert.equal(new Set([...held, ...more]).size, held.length + more.length, when);
        // at most the slot whose handle was on its way is out of reach
        if (s.slots && pool.stat().live) assert.equal(s.live, 5, when);
        if (s.slots && name !== "alloc") assert.equal(held.length + more.length, pool.stat().live ? 5 : held.length, when);
        if (!ended) break;
      }
    }
  });
});

describe("slab, a slot at its edges", () => {
  /** A slab of three slots of 8 bytes in a pool in RAM, two of them live. */
  function made(): { s: Slab; a: number; b: number } {
    const s = slab(create({ size: 256, handles: 4 }), { size: 8, slots: 3 }) as Slab;
    const [a, b] = [s.alloc(8), s.alloc(1)];
    s.write(a, 0, [1, 2, 3, 4, 5, 6, 7, 8]);
    s.write(b, 0, [11, 12, 13, 14, 15, 16, 17, 18]);
    return { s, a, b };
  }

  it("refuses what is no number of bytes with ARGUMENT, 0 and more than a slot with SIZE", () => {
    const { s } = made();
    for (const n of [0.5, -1, NaN, Infinity, "4", {}, undefined, null, 2 ** 32] as any[]) assert.equal(code(() => s.alloc(n)), "ARGUMENT", String(n));
    for (const n of [0, 9]) assert.deepEqual([s.alloc(n), s.why], [0, "SIZE"]);
    assert.ok(s.alloc(8));
    assert.deepEqual([s.alloc(8), s.why], [0, "FULL"]);
  });

  it("copies between two slots and within one, and fills, inside their bytes only", () => {
    const { s, a, b } = made();
    s.copy(a, 2, b, 4, 4);
    assert.deepEqual([...s.read(a, 0, 8)], [1, 2, 15, 16, 17, 18, 7, 8]);
    s.copy(a, 0, a, 1, 7);
    assert.deepEqual([...s.read(a, 0, 8)], [2, 15, 16, 17, 18, 7, 8, 8]);
    s.fill(b, 9, 6, 2);
    s.fill(a, 5, 0, 1);
    assert.deepEqual([...s.read(b, 0, 8)], [11, 12, 13, 14, 15, 16, 9, 9]);
    assert.deepEqual([...s.read(a, 0, 2)], [5, 15]);
    for (const call of [() => s.copy(a, 5, b, 0, 4), () => s.copy(a, 0, b, 5, 4), () => s.fill(b, 0, 8, 1), () => s.fill(b, 0, 0.5, 1)]) assert.equal(code(call), "RANGE");
    s.free(b);
    for (const call of [() => s.copy(a, 0, b, 0, 4), () => s.copy(b, 0, a, 0, 4), () => s.fill(b, 0, 0, 1)]) assert.equal(code(call), "HANDLE");
    assert.deepEqual([...s.read(a, 2, 6)], [16, 17, 18, 7, 8, 8]);
  });

  it("has addresses and views of just its bytes", () => {
    const { s, a, b } = made();
    assert.equal(s.at(b) - s.at(a), ((b & s._last) - (a & s._last)) * 8);
    assert.deepEqual([...s.view(b)], [11, 12, 13, 14, 15, 16, 17, 18]);
    for (const h of [0, -1, -4097, 4096, a - 4096, b + 4096, a + 2]) assert.equal(code(() => s.at(h)), "HANDLE", String(h));
  });

  it("F refuses wrong numbers of bytes and slots", () => {
    const pool = create({ size: 256, handles: 4 });
    for (const [size, slots] of [[8, 4096], [8, 1.5], [8, -1], [-8, 2], [8, NaN], [8, "2"]] as any[]) assert.equal(code(() => slab(pool, { size, slots })), "OPTION", `${size}, ${slots}`);
    assert.equal(pool.stat().live, 0);
  });
});
