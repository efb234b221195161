import assert from "node:assert/strict";
import fc from "fast-check";
import { array } from "../src/array";
import { collector, type Collector } from "../src/collect";
import { struct } from "../src/struct";
import { amount } from "./amount";
import { pick, random } from "./random";
import { code } from "./verdict";
import { BAD, BELOW, broken, KINDS, live, nudge, SEED } from "./ground";

const NODE = struct({ a: "handle", v: "u16", b: "handle" });
const LEAF = struct({ name: "utf8:6", v: "u16" });
const HEAD = 12;

/** Collects until nothing is left to do; returns steps. */
function finish(c: Collector): number {
  let steps = 0;
  for (let n = c.collect(7); n; n = c.collect(7)) {
    steps += n;
    assert.ok(steps < 100000, "it never ends");
  }
  return steps;
}

/** A graph of records in plain JS. */
interface Twin {
  h: number;
  v: number;
  /** A record, a plain block, a stale handle or 0 by name of a field. */
  a: number;
  b: number;
}

/** A collector beside the graph it should keep. */
class Model {
  readonly freed: number[] = [];
  readonly twins = new Map<number, Twin>();
  readonly roots = new Map<string, number>();
  /** Plain blocks with their bytes. */
  readonly blocks = new Map<number, number[]>();
  readonly c: Collector;

  constructor(readonly pool: any) {
    this.c = collector(pool);
    this.c.onfree = (h) => {
      assert.ok(this.twins.has(h), "a record is finalised once");
      assert.ok(!this.reach().has(h), "no record that a root leads to is freed");
      assert.equal(this.c.get(h, "v"), this.twins.get(h)!.v);
      this.twins.delete(h);
      this.freed.push(h);
    };
  }

  reach(): Set<number> {
    const seen = new Set<number>();
    const todo = [...this.roots.values()];
    for (let h = todo.pop(); h !== undefined; h = todo.pop()) {
      const twin = this.twins.get(h);
      if (!twin || seen.has(h)) continue;
      seen.add(h);
      todo.push(twin.a, twin.b);
    }
    return seen;
  }

  /** A new record that is kept at once: by a root, or in a field of a record. */
  add(v: number, a: number, b: number, keep: string | Twin, field: "a" | "b" = "a"): void {
    const h = this.c.alloc(NODE, { v, a, b });
    if (!h) return;
    this.twins.set(h, { h, v, a, b });
    if (typeof keep === "string") this.root(keep, h);
    else this.link(keep, field, h);
  }

  link(twin: Twin, field: "a" | "b", h: number): void {
    this.c.set(twin.h, field, h);
    twin[field] = h;
  }

  root(name: string, h: number): void {
    this.c.root(name, h);
    if (h) this.roots.set(name, h);
    else this.roots.delete(name);
  }

  block(bytes: number): void {
    const h = this.pool.alloc(bytes);
    if (!h) return;
    const data = Array.from({ length: bytes }, (_, i) => (h + i * 7) & 255);
    if (this.pool.bytes) this.pool.bytes.set(data, this.pool.at(h));
    else this.pool.write(h, 0, data);
    this.blocks.set(h, data);
  }

  drop(h: number): void {
    this.pool.free(h);
    this.blocks.delete(h);
  }

  verify(): void {
    const reached = this.reach();
    for (const h of reached) {
      const twin = this.twins.get(h)!;
      assert.deepEqual([this.c.get(h, "v"), this.c.get(h, "a"), this.c.get(h, "b")], [twin.v, twin.a, twin.b]);
    }
    assert.equal(this.c.live, this.twins.size);
    for (const [h, data] of this.blocks) {
      const got = this.pool.bytes ? this.pool.bytes.slice(this.pool.at(h), this.pool.at(h) + data.length) : this.pool.read(h, 0, data.length);
      assert.deepEqual([...got], data, "a plain block is as it was");
    }
    assert.equal(broken(this.pool), "");
  }

  /** Collects all: what is left is what roots lead to. */
  settle(): void {
    finish(this.c);
    this.verify();
    assert.deepEqual(new Set(this.twins.keys()), this.reach());
    assert.equal(live(this.pool), this.twins.size + this.blocks.size);
  }

  end(): void {
    this.roots.clear();
    this.c.close();
    assert.equal(this.twins.size, 0);
    assert.equal(this.c.live, 0);
    for (const h of [...this.blocks.keys()]) this.drop(h);
    assert.equal(live(this.pool), 0);
    assert.equal(this.c.collect(100), 0 + (this.c._more ? 2 : 0));
  }
}

/** Twelve records in a random graph, some of which no root leads to, plain blocks between them, and a pool with something to compact. */
function graph(pool: any, seed: number): Model {
  const next = random(seed);
  const model = new Model(pool);
  for (let i = 0; i < 12; i++) {
    const all = [...model.twins.values()];
    const twin = i < 3 ? `r${i}` : pick(next, all);
    model.add(i, i ? pick(next, all).h : 0, 0, twin, "b");
    if (next(3) === 0) model.block(5 + next(20));
  }
  const [first, second] = [...model.twins.values()];
  model.link(first, "a", second.h);
  for (const h of [...model.blocks.keys()]) if (next(2)) model.drop(h);
  return model;
}

/** What a program may do between two steps of a collection, with a record that is reached, and another. */
const FOREIGN: [string, (model: Model, one: Twin, other: Twin) => void][] = [
  ["alloc of a root", (model) => model.add(90, 0, 0, "new")],
  ["alloc into a field", (model, one) => model.add(91, 0, 0, one)],
  ["alloc that has a record", (model, one, other) => model.add(92, other.h, one.h, "new")],
  ["a link to a record that nothing else leads to any more", (model, one, other) => {
    model.link(one, "a", other.h);
    for (const name of [...model.roots.keys()]) if (name !== "r0") model.root(name, 0);
  }],
  ["an unlink", (model, one) => (model.link(one, "a", 0), model.link(one, "b", 0))],
  ["a swap of two fields", (model, one) => {
    const { a, b } = one;
    model.link(one, "a", b);
    model.link(one, "b", a);
  }],
  ["a new root", (model, _, other) => model.root("new", other.h)],
  ["a root less", (model) => model.root("r1", 0)],
  ["no root at all", (model) => [...model.roots.keys()].forEach((name) => model.root(name, 0))],
  ["alloc and free of plain blocks", (model) => {
    model.block(30);
    for (const h of [...model.blocks.keys()].slice(0, 1)) model.drop(h);
  }],
  ["a tick", (model) => nudge(model.pool, 5)],
  ["pack()", (model) => nudge(model.pool, 0)],
  ["another collect()", (model) => void model.c.collect(3)],
  ["collections to the end", (model) => model.settle()]
];

for (const site of [...KINDS, BELOW]) {
  describe(`collect, every step, ${site.name}`, () => {
    for (const [name, act] of FOREIGN) {
      it(`goes on right after ${name} behind every step, seed ${SEED}`, function () {
        this.timeout(600000);
        for (let seed = SEED; seed < SEED + amount(1, 20, 300); seed++) {
          let steps = 0;
          for (let k = 0; ; k++) {
            const model = graph(site.make(2048, 40), seed);
            for (steps = 0; steps < k && model.c.collect(1); ) steps++;
            const reached = [...model.reach()].map((h) => model.twins.get(h)!);
            act(model, reached[0], reached[reached.length - 1]);
            model.verify();
            model.settle();
            model.end();
            if (steps < k) break;
          }
          assert.ok(steps > 14, `${steps} steps`);
        }
      });
    }
  });
}

for (const site of [...KINDS, BELOW]) {
  describe(`collect, ${site.name}`, () => {
    it("frees what no root leads to: cycles, self references, chains", () => {
      const pool = site.make(8192, 200);
      const c = collector(pool);
      const freed: number[] = [];
      c.onfree = (h) => void freed.push(h);
      const one = c.alloc(NODE, { v: 1 });
      c.set(one, "a", one);
      const two = c.alloc(NODE, { v: 2, a: one });
      const three = c.alloc(NODE, { v: 3, a: two });
      c.set(two, "b", three);
      let last = 0;
      for (let i = 0; i < 100; i++) last = c.alloc(NODE, { v: i, a: last });
      c.root("chain", last);
      c.root("cycle", three);
      finish(c);
      assert.deepEqual([c.live, freed.length], [103, 0]);
      c.root("cycle", 0);
      finish(c);
      assert.deepEqual([c.live, freed.sort().join()], [100, [one, two, three].sort().join()]);
      for (let h = last, i = 99; h; h = c.get(h, "a"), i--) assert.equal(c.get(h, "v"), i);
      c.root("chain", c.get(c.get(last, "a"), "a"));
      finish(c);
      assert.equal(c.live, 98);
      c.root("chain", 0);
      finish(c);
      assert.equal(c.live, 0);
      assert.equal(live(pool), 0);
    });

    it("does a step at a time and says when there is nothing to do", () => {
      const pool = site.make(2048, 40);
      const c = collector(pool);
      assert.equal(c.collect(9), 0);
      let last = 0;
      for (let i = 0; i < 10; i++) last = c.alloc(NODE, { a: last });
      c.root("x", last);
      assert.equal(c.collect(0), 0);
      let steps = 0;
      while (c.collect(1)) steps++;
      // the roots, each record twice, the turn from mark to sweep
      assert.equal(steps, 22);
      assert.equal(c.collect(1000), 0);
      c.set(last, "v", 1);
      assert.equal(c.collect(1000), 22);
      for (const bad of BAD.filter((one) => one !== 2 ** 31)) assert.equal(code(() => c.collect(bad)), "ARGUMENT", String(bad));
      c.close();
      assert.equal(live(pool), 0);
    });

    it("keeps a record that moves from one not yet looked at to one that was", () => {
      const pool = site.make(1024, 20);
      for (let k = 0; k < 9; k++) {
        const c = collector(pool);
        const third = c.alloc(NODE, { v: 3 });
        const second = c.alloc(NODE, { a: third });
        const first = c.alloc(NODE, { a: second });
        c.root("first", first);
        c.collect(k);
        c.set(first, "b", third);
        c.set(second, "a", 0);
        finish(c);
        assert.deepEqual([c.live, pool.has(third) && c.get(third, "v")], [3, 3], `after ${k} steps`);
        // and to a root
        c.collect(k);
        c.root("third", third);
        c.set(first, "b", 0);
        finish(c);
        assert.equal(pool.has(third), true, `after ${k} steps`);
        c.close();
      }
      assert.equal(live(pool), 0);
    });

    it("passes over plain blocks, stale handles and records of another collector in handle fields", () => {
      const pool = site.make(2048, 40);
      const c = collector(pool);
      const d = collector(pool);
      const model = new Model(pool);
      model.block(40);
      const plain = [...model.blocks.keys()][0];
      const stale = pool.alloc(8);
      pool.free(stale);
      const other = d.alloc(NODE, { v: 5 });
      const lost = d.alloc(NODE, { v: 6 });
      d.root("r", other);
      const h = c.alloc(NODE, { a: plain, b: stale });
      const k = c.alloc(NODE, { a: other, b: lost });
      c.root("h", h), c.root("k", k);
      finish(c);
      assert.equal(d.live, 2);
      finish(d);
      assert.deepEqual([c.live, d.live, pool.has(lost), pool.has(other)], [2, 1, false, true]);
      for (const bad of [plain, stale, other, 0, ...BAD]) {
        assert.equal(code(() => c.get(bad, "v")), "HANDLE", String(bad));
        assert.equal(code(() => c.set(bad, "v", 1)), "HANDLE", String(bad));
        if (bad !== 0) assert.equal(code(() => c.root("bad", bad)), "HANDLE", String(bad));
      }
      assert.equal(d.get(other, "v"), 5);
      model.verify();
      c.close(), d.close(), model.end();
    });

    it("does not take what is left of a freed record in a plain block for a record", () => {
      const pool = site.make(256, 8);
      const c = collector(pool);
      const h = c.alloc(NODE, { v: 3 });
      finish(c);
      assert.equal(pool.has(h), false);
      const plain = pool.alloc(HEAD + NODE.size);
      assert.equal(code(() => c.get(plain, "v")), "HANDLE");
      pool.free(plain);
      c.close();
    });

    it("frees a record whose finaliser stores its handle, and asks again when it throws", () => {
      const pool = site.make(1024, 20);
      const c = collector(pool);
      const keep = c.alloc(NODE);
      c.root("keep", keep);
      const h = c.alloc(NODE, { v: 9 });
      let calls = 0;
      c.onfree = (dead) => {
        if (!calls++) throw new Error("not yet");
        c.set(keep, "a", dead);
        c.root("dead", dead);
        c.alloc(LEAF, { name: "new", v: 1 });
      };
      assert.throws(() => finish(c), /not yet/);
      assert.equal(pool.has(h), true);
      c.collect(1);
      assert.equal(pool.has(h), false);
      assert.deepEqual([calls, c.live, c.get(keep, "a")], [2, 2, h]);
      c.onfree = undefined;
      finish(c);
      assert.equal(c.live, 1);
      c.close();
      assert.equal(live(pool), 0);
    });

    it(`goes on after a record that was locked${site.name === "tiny" ? " (it has no locks)" : ""}`, function () {
      const pool = site.make(1024, 20);
      if (!pool.lock) return this.skip();
      const c = collector(pool);
      const one = c.alloc(NODE);
      const two = c.alloc(NODE);
      pool.lock(one), pool.lock(two);
      assert.equal(code(() => finish(c)), "LOCK");
      assert.equal(code(() => c.close()), "LOCK");
      assert.equal(c.live, 2);
      pool.unlock(one), pool.unlock(two);
      c.close();
      assert.deepEqual([c.live, live(pool)], [0, 0]);
    });

    it("refuses what is no struct, no field, no value, and changes nothing", () => {
      const pool = site.make(1024, 20);
      const c = collector(pool);
      const h = c.alloc(LEAF, { name: "abc", v: 7 });
      c.root("h", h);
      for (const bad of BAD) assert.equal(code(() => c.alloc(bad)), "ARGUMENT", String(bad));
      for (const bad of BAD) assert.equal(code(() => c.get(h, bad)), "ARGUMENT", String(bad));
      for (const bad of BAD) assert.equal(code(() => collector(bad)), "OPTION", String(bad));
      assert.equal(code(() => c.alloc(LEAF, { v: 70000 })), "RANGE");
      assert.equal(code(() => c.alloc(LEAF, { z: 1 } as any)), "ARGUMENT");
      assert.equal(code(() => c.set(h, "v", -1)), "RANGE");
      assert.equal(code(() => c.set(h, "name", "too long")), "RANGE");
      assert.equal(code(() => c.set(h, "zz", 1)), "ARGUMENT");
      assert.deepEqual([c.live, c.get(h, "name"), c.get(h, "v")], [1, "abc", 7]);
      c.root("__proto__", h), c.root("h", 0), finish(c);
      assert.equal(c.live, 1);
      c.close();
      assert.equal(live(pool), 0);
    });

    it("keeps all it has when the pool refuses, at any size of the pool", () => {
      const seen = new Set<string>();
      for (let size = 64; size < 360; size += 12) {
        const pool = site.make(size - (size % 16), 7);
        const c = collector(pool);
        let last = 0;
        let n = 0;
        for (let h = c.alloc(NODE); h; h = c.alloc(NODE)) {
          c.set(h, "v", n++);
          c.set(h, "a", last);
          c.root("r", (last = h));
          c.collect(size % 5);
        }
        seen.add(c.why);
        assert.equal(c.live, n);
        finish(c);
        for (let h = last; h; h = c.get(h, "a")) assert.equal(c.get(h, "v"), --n);
        assert.equal(n, 0);
        c.close();
        assert.equal(live(pool), 0);
      }
      assert.deepEqual([...seen].sort(), ["FULL", "HANDLES"]);
    });

    it(`keeps what roots lead to in random programs, seed ${SEED}`, () => {
      let moved = 0;
      let freed = 0;
      const step = fc.record({ verb: fc.nat(13), a: fc.nat(50), b: fc.nat(50), n: fc.nat(9) });
      fc.assert(
        fc.property(fc.array(step, { maxLength: 100, size: "max" }), (program) => {
          const pool = site.make(1024, 26);
          const model = new Model(pool);
          const start = pool.epoch;
          const names = ["p", "q", "r"];
          for (const { verb, a, b, n } of program) {
            const known = [...model.reach()];
            const twin = model.twins.get(known[a % (known.length || 1)])!;
            // records that roots lead to, plain blocks, a handle that is stale, none
            const any = [...known, ...model.blocks.keys(), model.freed[b % (model.freed.length || 1)] ?? 0, 0];
            const some = any[b % any.length];
            const field = n & 1 ? "a" : "b";
            if (verb < 2) model.add(a * b, some, any[a % any.length], names[n % 3]);
            else if (verb < 5 && twin) model.add(a, some, 0, twin, field);
            else if (verb < 6 && twin) model.link(twin, field, some);
            else if (verb === 6 && twin) {
              // a record two links away comes nearer
              const child = model.twins.get(twin[field]);
              if (child) model.link(twin, field === "a" ? "b" : "a", child.a), model.link(child, "a", 0);
            }
            else if (verb === 7) model.root(names[n % 3], known.includes(some) ? some : 0);
            else if (verb === 8) model.block(1 + a);
            else if (verb === 9 && model.blocks.size) model.drop([...model.blocks.keys()][b % model.blocks.size]);
            else if (verb === 10) nudge(pool, n);
            else if (verb > 10) assert.ok(model.c.collect(n) <= n);
            model.verify();
          }
          model.settle();
          moved += pool.epoch - start;
          freed += model.freed.length;
          model.end();
        }),
        { seed: SEED, numRuns: 40 }
      );
      assert.ok(moved > 100 && freed > 100, `${moved} bytes moved, ${freed} records freed`);
    });
  });
}

describe("collect", () => {
  it("keeps what roots lead to in every short program", () => {
    const verbs = 9;
    const calls = amount(4, 5, 6);
    for (let n = 0; n < verbs ** calls; n++) {
      const model = new Model(KINDS[0].make(512, 10));
      model.add(1, 0, 0, "r");
      model.add(2, 0, 0, model.twins.get(model.roots.get("r")!)!);
      model.add(3, 0, 0, [...model.twins.values()][1]);
      for (let rest = n, i = 0; i < calls; i++, rest = Math.floor(rest / verbs)) {
        const verb = rest % verbs;
        const first = model.twins.get(model.roots.get("r")!);
        const second = first && model.twins.get(first.a);
        if (verb === 0) model.c.collect(1);
        else if (verb === 1) model.c.collect(2);
        else if (verb === 2) first && model.add(3, first.a, 0, first, "b");
        else if (verb === 3) first && second && (model.link(first, "b", second.a), model.link(second, "a", 0));
        else if (verb === 4) first && (model.link(first, "a", first.b), model.link(first, "b", first.h));
        else if (verb === 5) first && second && model.root("q", second.h);
        else if (verb === 6) model.root("r", model.roots.get("q") ?? 0);
        else if (verb === 7) model.root("q", 0);
        else model.add(4, first ? first.h : 0, 0, "r");
      }
      model.settle();
      model.end();
    }
  }).timeout(60000);

  it("takes its records from what stands before a pool", () => {
    const pool: any = KINDS[0].make(1024, 20);
    let taken = 0;
    const heap: any = {
      pool,
      why: "",
      alloc: (bytes: number) => (taken >= 5 ? ((heap.why = "QUOTA"), 0) : (taken++, pool.alloc(bytes))),
      free: (h: number) => void (pool.free(h), taken--)
    };
    const c = collector(heap);
    const type = struct({ a: "handle", v: "u16" }, heap);
    const own = type.alloc({ v: 1 });
    const list = array(heap, "u8", 9);
    const first = c.alloc(type, { v: 2 });
    c.root("r", first);
    c.set(first, "a", c.alloc(type, { v: 3 }));
    c.alloc(type);
    assert.deepEqual([c.alloc(type), c.why, type.alloc(), type.why, array(heap, "u8", 1), taken], [0, "QUOTA", 0, "QUOTA", 0, 5]);
    finish(c);
    assert.deepEqual([c.live, taken, type.get(own, "v"), c.get(c.get(first, "a"), "v")], [2, 4, 1, 3]);
    c.close(), list && list.close(), heap.free(own);
    assert.deepEqual([taken, live(pool)], [0, 0]);
  });

  it("leaves a state to go on from where a call is cut off at any access to the memory", () => {
    const site = KINDS[6];
    for (let cut = 1, more = true; more; cut++) {
      const pool = site.make(1024, 20);
      const model = new Model(pool);
      const { read, write } = pool;
      let left = Infinity;
      for (const [name, fn] of [["read", read], ["write", write], ["free", pool.free]]) {
        pool[name] = function (...args: any[]) {
          if (!left--) throw Object.assign(new Error("cut"), { code: "CUT" });
          return fn.apply(pool, args);
        };
      }
      for (let i = 0; i < 4; i++) model.add(i, i % 2 ? [...model.twins.keys()][0] : 0, 0, i < 2 ? `r${i}` : model.twins.get(model.roots.get("r0")!)!, i % 2 ? "a" : "b");
      model.root("r1", 0);
      left = cut;
      // a finaliser that is cut off would be called again: the model is told only when the record is gone
      const { onfree } = model.c;
      model.c.onfree = undefined;
      const ended = code(() => finish(model.c));
      assert.ok(ended === "CUT" || ended === "", ended);
      more = ended === "CUT";
      left = Infinity;
      for (const h of [...model.twins.keys()]) if (!pool.has(h)) assert.ok(!model.reach().has(h)), model.twins.delete(h);
      model.c.onfree = onfree;
      model.settle();
      model.end();
    }
  });
});
