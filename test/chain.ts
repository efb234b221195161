import assert from "node:assert/strict";
import fc from "fast-check";
import { join } from "node:path";
import { buffer } from "../src/buffer";
import { deque } from "../src/deque";
import { create } from "../src/full";
import { slab } from "../src/slab";
import { bundle } from "../tools/bundle";
import { cut, live, LOTS, noise, SEED, series, type Ground, type Lot } from "./ground";
import { instrument, paused } from "./pause";
import { Chunks } from "./chunks";
import { refuses, sound } from "./target";

const ROOT = join(__dirname, "..");
const REFUSED = /^(FULL|SIZE|HANDLES|FRAGMENTED)$/;

const made: { [min: string]: Promise<string> } = {};

/** The code of the kit, readable or minified. */
function kit(min: boolean): Promise<string> {
  return (made[String(min)] ??= bundle(join(ROOT, "src", "kit.ts"), { name: "kit", min }));
}

/** A lot whose heap is a slab with a slot for each of 20 chunks. */
function slotted(lot: Lot, chunk: number): Lot {
  return {
    ...lot,
    name: `a slab on ${lot.name}`,
    make: (size, handles) => {
      const { pool, heap } = lot.make(size, handles);
      return { pool, heap: slab(heap, { size: chunk, slots: 20 }) || assert.fail(heap.why) };
    }
  };
}

/** Buffers and deques on one heap, each with the model of its chunks. */
class Row {
  readonly all: any[] = [];
  readonly models: Chunks[] = [];
  refused = 0;
  /** Blocks in the pool that no chain has. */
  private others: number;

  constructor(readonly ground: Ground, readonly chunk: number, count: number, max?: number) {
    for (let i = 0; i < count; i++) {
      this.all.push((i & 1 ? deque : buffer)(ground.heap, { chunk, max }));
      this.models.push(new Chunks(chunk, max));
    }
    this.others = live(ground.pool);
  }

  /** Calls `fn`, which changes blocks that are of no chain. */
  around(fn: () => void): void {
    const before = live(this.ground.pool);
    fn();
    this.others += live(this.ground.pool) - before;
  }

  held(): number {
    const slots = (this.ground.heap as any).slots;
    return slots ? (this.ground.heap as any).live : live(this.ground.pool) - this.others;
  }

  /** Plays one step: what it returns is as the model says, or the heap has refused it. */
  step(verb: string, i: number, k: number, a: number, b: number): void {
    const c = this.all[i];
    const d = this.all[k];
    const m = this.models[i];
    const e = this.models[k];
    const data = Array.from({ length: a }, (_, n) => (b + n * 7) & 255);
    const at = m.length ? b % (m.length + 1) : 0;
    const n = Math.min(a, m.length - at);
    const end = Math.min(a, m.length);
    if (verb === "append") this.grow(c, c.append(b & 1 ? data : new Uint8Array(data)), m.may(a), () => data.forEach((x) => m.push(x)));
    else if (verb === "text") this.grow(c, c.append(String.fromCharCode(...data)), m.may(a), () => data.forEach((x) => m.push(x)));
    else if (verb === "extend" && c.extend) this.grow(c, c.extend(a, b & 3), m.may(a), () => data.forEach(() => m.push(b & 3)));
    else if (verb === "push" && c.push) this.grow(c, c.push(b), m.may(1), () => m.push(b));
    else if (verb === "unshift" && c.unshift) this.grow(c, c.unshift(b), m.may(1), () => m.unshift(b));
    else if (verb === "copy") this.grow(d, c.copy(d, at, n), e.may(n), () => m.bytes().slice(at, at + n).forEach((x) => e.push(x)));
    else if (verb === "write" && c.write) c.write(at, data.slice(0, n)), m.write(at, data.slice(0, n));
    else if (verb === "read") assert.deepEqual([...c.read(at, n)], m.bytes().slice(at, at + n));
    else if (verb === "take") assert.deepEqual([...c.take(end)], m.take(end));
    else if (verb === "shift" && c.shift) assert.equal(c.shift(), m.take(1)[0]);
    else if (verb === "pop" && c.pop) assert.equal(c.pop(), m.pop());
    else if (verb === "skip" && c.skip) assert.equal(c.skip(a), m.take(end).length);
    else if (verb === "until" && c.until) this.until(c, m, b & 255);
    else if (verb === "clear") c.clear(), m.take(m.length);
    else if (verb === "move" && c !== d) {
      const move = c.move || c.drain;
      this.grow(c, move.call(c, d), e.may(m.length), () => e.join(m));
    } else if (verb === "split") {
      const half = c.split(end);
      if (!half) this.refuse(c);
      // a new one takes the place of the other, which is drained into this
      else {
        const [first, rest] = m.split(end);
        assert.deepEqual([[...half.read(0, half.length)], [...c.read(0, c.length)]], [first.bytes(), rest.bytes()]);
        m.list = rest.list;
        if (c === d || !e.may(end)) half.clear();
        else assert.equal((half.move || half.drain).call(half, d), true), e.join(first);
      }
    }
  }

  private grow(c: any, done: boolean, may: boolean, fn: () => void): void {
    if (done) assert.ok(may), fn();
    else if (!may) assert.equal(c.why, "LIMIT");
    else this.refuse(c);
  }

  private refuse(c: any): void {
    assert.match(c.why, REFUSED);
    this.refused++;
  }

  private until(c: any, m: Chunks, byte: number): void {
    const n = m.bytes().indexOf(byte);
    const got = c.until(byte);
    if (n < 0) assert.equal(got, undefined);
    else assert.deepEqual([...got], m.take(n + 1).slice(0, n));
  }

  verify(): void {
    this.all.forEach((c, i) => {
      const bytes = this.models[i].bytes();
      assert.equal(c.length, bytes.length);
      assert.deepEqual([...c.read(0, c.length)], bytes);
      if (c.first) assert.deepEqual([c.first(), c.last()], [bytes[0], bytes[bytes.length - 1]]);
    });
    assert.equal(this.held(), this.models.reduce((sum, m) => sum + m.list.length, 0), "blocks");
    sound(this.ground.pool);
  }

  end(): void {
    this.all.forEach((c) => c.clear());
    assert.equal(this.held(), 0);
  }
}

const VERBS = ["append", "append", "text", "extend", "push", "push", "unshift", "unshift", "copy", "write", "read", "take", "take", "shift", "pop", "skip", "until", "clear", "move", "split", "stir", "stir"];

describe("chain, model", () => {
  const STEPS = fc.array(fc.tuple(fc.constantFrom(...VERBS), fc.nat(3), fc.nat(3), fc.oneof(fc.nat(9), fc.nat(70)), fc.nat(255)), { minLength: 1, maxLength: 60, size: "max" });
  for (const base of [...LOTS, "slab 0", "slab 3", "slab 4"]) {
    const name = typeof base === "string" ? `a slab on ${LOTS[+base.slice(5)].name}` : base.name;
    it(`H buffers and deques agree with arrays of chunks on ${name}, seed ${SEED}`, () => {
      let moved = 0;
      let refused = 0;
      const property = fc.property(fc.constantFrom(9, 10, 12, 17, 40), fc.constantFrom(undefined, 60), STEPS, (chunk, max, steps) => {
        const lot = typeof base === "string" ? slotted(LOTS[+base.slice(5)], chunk) : base;
        const row = new Row(lot.make(chunk * 22 + 80, 40), chunk, 4, max);
        const stirred = noise(row.ground.pool);
        row.around(() => [4, 8, 2, 11].forEach((n) => stirred.stir(n)));
        for (const [verb, i, k, a, b] of steps) {
          if (verb === "stir") row.around(() => stirred.stir(a + b));
          else row.step(verb, i, k, a, b);
          if (b & 1) row.around(() => stirred.stir(b));
          if (b & 2 && row.ground.pool.tick) row.ground.pool.tick(1 + (a % 9));
          row.verify();
        }
        row.end();
        stirred.end();
        moved += row.ground.pool.epoch;
        refused += row.refused;
        assert.equal(live(row.ground.pool), typeof base === "string" ? 1 : 0);
      });
      fc.assert(property, { seed: SEED, numRuns: 40 });
      assert.ok(moved > (name.startsWith("a slab") ? 100 : 1000), `${moved} bytes moved`);
      assert.ok(refused > 5, `${refused} refused`);
    });
  }

  it("H agrees in all sequences of up to 4 calls, in chunks of 10 and 12 bytes", () => {
    const calls: [string, number, number, number, number][] = [
      ["append", 0, 0, 3, 8], ["append", 1, 0, 1, 5], ["push", 1, 1, 0, 9], ["unshift", 1, 1, 0, 4], ["take", 0, 0, 2, 0],
      ["shift", 1, 1, 0, 0], ["pop", 1, 1, 0, 0], ["move", 0, 1, 0, 0], ["move", 1, 0, 0, 0], ["split", 1, 0, 1, 0], ["split", 0, 0, 2, 0]
    ];
    for (const chunk of [10, 12]) {
      const pool: any = create({ size: 256, handles: 24 });
      for (let code = 0; code < calls.length ** 4; code++) {
        const row = new Row({ pool, heap: pool }, chunk, 2);
        for (let n = 0, rest = code; n < 4; n++, rest = Math.floor(rest / calls.length)) row.step(...calls[rest % calls.length]);
        row.verify();
        row.end();
      }
      assert.equal(live(pool), 0);
    }
  });

  it("H agrees in all sequences of 6 calls at both ends, in chunks of 10 bytes on a store without views", () => {
    const calls: [string, number, number, number, number][] = [["push", 1, 1, 0, 9], ["unshift", 1, 1, 0, 4], ["shift", 1, 1, 0, 0], ["pop", 1, 1, 0, 0]];
    const ground = LOTS.find(({ name }) => name === "far, chunk 8")!.make(256, 24);
    for (let code = 0; code < 4 ** 6; code++) {
      const row = new Row(ground, 10, 2);
      for (let n = 0, rest = code; n < 6; n++, rest >>= 2) row.step(...calls[rest & 3]);
      row.verify();
      row.end();
    }
    assert.equal(live(ground.pool), 0);
  });
});

describe("chain, cut off", () => {
  it("loses one chunk at most and gives none to two when a call ends at any of its statements", async () => {
    const hook: { run?: () => void } = {};
    const { deque } = new Function("hook", `${instrument(await kit(false), () => "hook.run&&hook.run()").code};return kit`)(hook);
    const calls: [string, (c: any, d: any) => void][] = [
      ["append", (c) => c.append([1, 2, 3, 4, 5, 6, 7])],
      ["push", (c) => c.push(1)],
      ["unshift", (c) => c.unshift(1)],
      ["pop", (c) => c.pop()],
      ["shift", (c) => c.shift()],
      ["take", (c) => c.take(7)],
      ["skip", (c) => c.skip(5)],
      ["until", (c) => c.until(54)],
      ["clear", (c) => c.clear()],
      ["drain", (c, d) => c.drain(d)],
      ["split", (c) => c.split(4)],
      ["copy", (c, d) => c.copy(d, 1, 5)]
    ];
    for (const [name, call] of calls) {
      for (let k = 1, ended = true; ended; k++) {
        const pool: any = create({ size: 512, handles: 24 });
        const c = deque(pool, { chunk: 10 });
        const d = deque(pool, { chunk: 10 });
        for (const text of ["0", "12", "34", "56", "7"]) c.append(text);
        c.shift();
        d.append("abc");
        ended = cut(hook, "run", k, () => void call(c, d));
        const when = `${name}, statement ${k}`;
        const all = c.toString();
        assert.equal(all.length, c.length, when);
        assert.equal(d.toString().length, d.length, when);
        if (name !== "drain" && name !== "copy") assert.equal(d.toString(), "abc", when);
        if (["take", "shift", "skip", "until", "clear", "split"].includes(name)) assert.ok("1234567".endsWith(all), `${when}: ${all}`);
        if (name === "append") assert.ok("1234567\u0001\u0002\u0003\u0004\u0005\u0006\u0007".startsWith(all), `${when}: ${all}`);
        if (name === "drain") assert.ok(c.length === 0 ? d.toString() === "abc1234567" : d.toString() === "abc" && all === "1234567", `${when}: ${all}, ${d}`);
        c.clear();
        d.clear();
        // what split() was about to return is out of reach
        assert.ok(pool.stat().live <= (name === "split" ? 3 : 1), `${when}: ${pool.stat().live} blocks`);
      }
    }
  });
});

describe("chain, in the middle of a call of the pool", () => {
  const { create: pausable, hook } = paused("tidyheap-core.js");
  const times = (n: number, call: () => void): void => {
    for (; n; n--) call();
  };
  const outer: [string, (pool: any, h: number) => unknown][] = [
    ["ticks", (pool) => times(9, () => pool.tick(40))],
    ["ticks of a few bytes", (pool) => times(30, () => pool.tick(8))],
    ["pack", (pool) => pool.pack()],
    ["alloc that moves", (pool) => pool.alloc(60)],
    ["resize", (pool, h) => pool.resize(h, 60)],
    ["free", (pool, h) => pool.free(h)],
    ["reset", (pool) => pool.reset()]
  ];

  for (const [name, call] of outer) {
    it(`takes bytes where it belongs or gives BUSY, in front of every statement of ${name}`, () => {
      let taken = 0;
      let busy = 0;
      for (let k = 1, reached = true; reached; k++) {
        const pool: any = pausable({ size: 256, handles: 12 });
        // [hole 20][other][hole 20][chunk][hole 20][last][rest]
        const holes = [pool.alloc(20)];
        const other = pool.alloc(24);
        pool.write(other, 0, series(24, 50));
        holes.push(pool.alloc(20));
        const d = deque(pool, { chunk: 40 });
        const model = [...series(9)];
        d.append(model);
        // the address of the chunk is known from now on
        d.append([9]);
        model.push(9);
        holes.push(pool.alloc(20));
        const last = pool.alloc(24);
        pool.write(last, 0, series(24, 100));
        pool.alloc(100);
        holes.forEach((h) => pool.free(h));
        let n = 0;
        hook.run = () => {
          if (++n !== k) return;
          hook.run = undefined;
          for (const byte of [77, 78]) {
            try {
              if (byte & 1 ? d.append([byte]) : d.push(byte)) model.push(byte), taken++;
            } catch (error: any) {
              if (error.code !== "BUSY" && !(name === "reset" && error.code === "HANDLE")) throw error;
              busy++;
            }
          }
        };
        call(pool, last);
        hook.run = undefined;
        reached = n >= k;
        const when = `${name}, statement ${k}`;
        if (name !== "reset") {
          assert.deepEqual([...d.read(0, d.length)], model, when);
          assert.deepEqual([...pool.read(other, 0, 24)], [...series(24, 50)], when);
          if (name !== "free") assert.deepEqual([...pool.read(last, 0, 24)], [...series(24, 100)], when);
        } else refuses(() => d.append([1]), "HANDLE", when);
      }
      assert.ok(taken + busy > 3, `${taken} taken, ${busy} times BUSY`);
      if (/tick|pack|alloc/.test(name)) assert.ok(taken > 0 && busy > 0, `${taken} taken, ${busy} times BUSY`);
    });
  }
});
