// Small programs at every size of a pool from 0 bytes up and every number of handles from 0 up: the right answer or the right error.

import assert from "node:assert/strict";
import { amount } from "./amount";
import { array } from "../src/array";
import { buffer } from "../src/buffer";
import { collector } from "../src/collect";
import { deque } from "../src/deque";
import { create as core } from "../src/core";
import { create as far } from "../src/far";
import { format } from "../src/fram";
import { create as full } from "../src/full";
import { guard } from "../src/guard";
import { owner, scope } from "../src/owner";
import { pressure } from "../src/pressure";
import { queue } from "../src/queue";
import { slab } from "../src/slab";
import { struct } from "../src/struct";
import { create as tiny } from "../src/tiny";
import { live, series, sound } from "./ground";
import { Memory } from "./memory";
import { Shadow } from "./shadow";
import { refuses, up } from "./target";

const SIZES = 600;
const HANDLES = 20;

interface Kind {
  name: string;
  unit: number;
  /** Bytes in front of every payload. */
  head: number;
  /** It has all methods. */
  whole: boolean;
  /** Bytes of a pool asked for with so many; 0: there can be none. */
  bytes(size: number, handles: number): number;
  make(size: number, handles: number, memory: Memory): any;
}

const rounded = (unit: number) => (size: number): number => size - (size % unit);

const KINDS: Kind[] = [
  { name: "full, unit 4", unit: 4, head: 0, whole: true, bytes: rounded(4), make: (size, handles, store) => full({ size, handles, store }) },
  { name: "full, unit 1, fast", unit: 1, head: 0, whole: true, bytes: rounded(1), make: (size, handles, store) => full({ size, handles, store, unit: 1, fit: "fast" }) },
  { name: "core, unit 16, 24 bits", unit: 16, head: 0, whole: true, bytes: rounded(16), make: (size, handles, store) => core({ size, handles, store, unit: 16, generations: 24 }) },
  { name: "tiny", unit: 4, head: 0, whole: false, bytes: rounded(4), make: (size, handles, store) => bare(tiny({ size, handles }), store) },
  { name: "far, unit 4", unit: 4, head: 0, whole: true, bytes: rounded(4), make: (size, handles, store) => far({ size, handles, store }) },
  { name: "far, unit 1, fast", unit: 1, head: 0, whole: true, bytes: rounded(1), make: (size, handles, store) => far({ size, handles, store, unit: 1, fit: "fast" }) },
  {
    name: "fram",
    unit: 16,
    head: 12,
    whole: true,
    // root 28, slide 26, journal 67, generations 2 a row; a copy of the root behind
    bytes: (size, handles) => Math.max(0, size - (size % 16) - up(28 + 26 + 67 + 2 * handles, 16) - 32),
    make: (size, handles, store) => format({ size, handles, store, journal: 64 })
  }
];

/** The tiny pool with read and write, which it leaves to its view. */
function bare(pool: any, memory: Memory): any {
  memory.bytes = pool.bytes;
  pool.write = (h: number, at: number, data: ArrayLike<number>) => pool.view(h).set(data, at);
  pool.read = (h: number, at: number, n: number) => {
    memory.last = pool.view(h).byteOffset + at;
    return memory.bytes.slice(memory.last, memory.last + n);
  };
  return pool;
}

/** A fresh pool and what it can hold. */
interface Stage {
  pool: any;
  shadow: Shadow;
  kind: Kind;
  size: number;
  handles: number;
  /** How many blocks of `n` bytes there is room for at the same time, up to `most`. */
  room(n: number, most?: number): number;
  /** Why there are no more blocks of `n` bytes. */
  why(n: number): string;
}

function stage(kind: Kind, size: number, handles: number): Stage {
  // the tiny pool takes 0 for the default
  const rows = kind.name === "tiny" && !handles ? Math.max(8, size >> 5) : handles;
  const memory = new Memory(kind.head ? size : kind.bytes(size, rows));
  memory.chunk = 16;
  const pool = kind.make(kind.head ? size : memory.size, handles, memory);
  const heap = kind.bytes(size, rows);
  const need = (n: number): number => up(n + kind.head, kind.unit);
  const fits = (n: number): number => (n > heap - kind.head ? 0 : Math.floor(heap / need(n)));
  return {
    pool,
    shadow: new Shadow(pool, memory, { unit: kind.unit, handles: rows, head: kind.head, size: heap }),
    kind,
    size: heap,
    handles: rows,
    room: (n, most = Infinity) => Math.min(rows, fits(n), most),
    why: (n) => (n > heap - kind.head ? "SIZE" : rows <= fits(n) ? "HANDLES" : "FULL")
  };
}

/** Fills up with blocks of `n` bytes. */
function fill({ shadow }: Stage, n: number): number[] {
  const all: number[] = [];
  for (let h = shadow.alloc(n); h; h = shadow.alloc(n)) all.push(h);
  return all;
}

/** Fails unless the pool says why there is no more of `n` bytes. */
function ends(s: Stage, n: number): void {
  assert.equal(s.pool.why, s.why(n));
}

const SCENARIOS: Record<string, (s: Stage) => void> = {
  "fill up"(s) {
    for (const n of [1, 7, 40]) {
      assert.equal(fill(s, n).length, s.room(n));
      ends(s, n);
      for (const h of s.shadow.handles) s.shadow.drop(h);
    }
  },
  "free every second, allocate what is free"(s) {
    fill(s, 9).forEach((h, i) => i % 2 || s.shadow.drop(h));
    const n = s.shadow.free - s.kind.head;
    const rows = s.shadow.blocks.size < s.handles;
    assert.equal(s.shadow.alloc(n) > 0, n > 0 && rows);
  },
  "one block of all, one more"(s) {
    const n = s.size - s.kind.head;
    assert.equal(s.shadow.alloc(n + 1), 0);
    assert.equal(s.pool.why, "SIZE");
    assert.equal(s.shadow.alloc(n) > 0, n > 0);
    if (n > 0) assert.equal(s.shadow.alloc(1), 0);
  }
};

/** Those of pools with all methods. */
const WHOLE: Record<string, (s: Stage) => void> = {
  "grow"(s) {
    const h = s.shadow.alloc(5);
    assert.equal(h > 0, s.room(5) > 0);
    if (!h) return;
    const other = s.shadow.alloc(6);
    let n = 5;
    while (s.shadow.resize(h, n + 7)) n += 7;
    const left = s.size - (other ? s.shadow.need(6) : 0);
    assert.ok(s.shadow.need(n) <= left && s.shadow.need(n + 7) > left, `${n} bytes`);
    s.shadow.resize(h, 1);
  },
  "lock and allocate"(s) {
    const all = fill(s, 11);
    const middle = all[all.length >> 1];
    if (!middle) return;
    s.shadow.lock(middle);
    all.forEach((h) => h !== middle && s.shadow.drop(h));
    fill(s, Math.max(1, (s.shadow.free >> 1) - s.kind.head));
    s.shadow.verify("locked");
    s.shadow.unlock(middle);
  },
  "hold and allocate"(s) {
    fill(s, 10).forEach((h, i) => i % 3 && s.shadow.drop(h));
    s.shadow.hold();
    const { epoch } = s.pool;
    fill(s, 15);
    assert.equal(s.pool.epoch, epoch);
    s.shadow.release();
  },
  "pack"(s) {
    fill(s, 6).forEach((h, i) => i % 2 && s.shadow.drop(h));
    s.shadow.pack();
    s.shadow.verify("packed");
  },
  "tick to the end"(s) {
    fill(s, 13).forEach((h, i) => i % 2 || s.shadow.drop(h));
    let turns = 0;
    while (s.shadow.tick(19)) assert.ok(turns++ < 400, "ticks never end");
    s.shadow.verify("idle");
    assert.equal(s.shadow.tick(19), 0);
  },
  "reset"(s) {
    const all = fill(s, 12);
    if (all[0]) s.shadow.lock(all[0]);
    s.shadow.hold();
    s.shadow.reset();
    assert.equal(s.shadow.alloc(s.size - s.kind.head) > 0, s.size > s.kind.head);
  }
};

/** Fails unless no block lives. */
function clear(s: Stage): void {
  assert.equal(live(s.pool), 0);
  sound(s.pool);
}

/** The kit in its smallest use. Blocks are those of the part: the shadow knows none. */
const KIT: Record<string, (s: Stage) => void> = {
  slab(s) {
    const part = slab(s.pool, { size: 8, slots: 4 });
    assert.equal(!!part, s.room(32, 1) > 0);
    if (!part) return ends(s, 32);
    const all = [1, 2, 3, 4].map((n) => part.alloc(n));
    assert.ok(all.every((h) => part.has(h)));
    assert.equal(part.alloc(1) + part.why, "0FULL");
    part.close();
  },
  buffer(s) {
    const part = buffer(s.pool, { chunk: 40 });
    const fits = s.room(40, 4) === 4;
    assert.equal(part.append(series(100)), fits);
    if (!fits) assert.equal(part.why, s.why(40));
    assert.deepEqual([...part.read(0, part.length)], fits ? series(100) : []);
    if (!fits) clear(s);
    part.clear();
  },
  deque(s) {
    const part = deque(s.pool, { chunk: 12 });
    let n = 0;
    while (n < 60 && part.push(n)) n++;
    assert.equal(n, Math.min(60, 4 * s.room(12)));
    if (n < 60) assert.equal(part.why, s.why(12));
    for (let i = n; i-- > n >> 1; ) assert.equal(part.pop(), i);
    for (let i = 0; i < n >> 1; i++) assert.equal(part.shift(), i);
    assert.equal(part.shift(), undefined);
  },
  queue(s) {
    const part = queue(s.pool, { count: 5, size: 2 });
    assert.equal(!!part, s.room(15, 1) > 0);
    if (!part) return ends(s, 15);
    for (let i = 0; i < 5; i++) assert.ok(part.push(i * 300));
    assert.equal(part.push(1), false);
    for (let i = 0; i < 5; i++) assert.equal(part.shift(), i * 300);
    part.close();
  },
  struct(s) {
    const part = struct({ x: "i32", name: "utf8:4" }, s.pool);
    const all: number[] = [];
    for (let h; all.length < 5 && (h = part.alloc({ x: -all.length })); ) all.push(h);
    assert.equal(all.length, s.room(9, 5));
    if (all.length < 5) assert.equal(part.why, s.why(9));
    all.forEach((h, i) => assert.equal(part.get(h, "x") + i, 0));
    for (const h of all) s.pool.free(h);
  },
  array(s) {
    const part = array(s.pool, "u16", 5);
    assert.equal(!!part, s.room(10, 1) > 0);
    if (!part) return ends(s, 10);
    for (let i = 0; i < 5; i++) part.set(i, i * 999);
    for (let i = 0; i < 5; i++) assert.equal(part.get(i), i * 999);
    part.close();
  },
  collector(s) {
    const part = collector(s.pool);
    const type = struct({ next: "handle" });
    let last = 0;
    let n = 0;
    for (let h = part.alloc(type, { next: last }); h; h = n < 4 ? part.alloc(type, { next: last }) : 0) part.root("last", (last = h)), n++;
    assert.equal(n, s.room(16, 4));
    if (n < 4) assert.equal(part.why, s.why(16));
    while (part.collect(7));
    assert.equal(part.live, n);
    part.root("last", 0);
    while (part.collect(7));
    assert.equal(part.live, 0);
  },
  owner(s) {
    const part = owner(s.pool);
    const fits = s.handles > 1 && s.size >= s.shadow.need(32) + s.shadow.need(8);
    assert.equal(part.alloc(8) > 0, fits);
    if (!fits) assert.ok(["SIZE", "FULL", "HANDLES"].includes(part.why));
    assert.equal(part.leaks().length, fits ? 1 : 0);
    part.close();
  },
  scope(s) {
    const got = scope(s.pool, (o) => (o.alloc(3) ? (o.alloc(4), 2) : 1));
    assert.equal(got, s.handles > 1 && s.size >= s.shadow.need(32) + s.shadow.need(3) ? 2 : 1);
  },
  guard(s) {
    const h = s.pool.alloc(3);
    if (!h) return ends(s, 3);
    if (!s.kind.whole) refuses(() => guard(s.pool, h), "OPTION");
    else {
      const g = guard(s.pool, h);
      refuses(() => s.pool.free(h), "LOCK");
      return g.release();
    }
    s.pool.free(h);
  },
  pressure(s) {
    const part = pressure(s.pool, {});
    const spare = part.alloc(8);
    assert.equal(spare > 0, s.room(8) > 0);
    const listed = part.touch(spare);
    assert.equal(listed, spare > 0 && s.handles > 1 && s.size >= s.shadow.need(32) + s.shadow.need(8));
    const all: number[] = [];
    for (let h = part.alloc(8); h; h = part.alloc(8)) all.push(h);
    // what may go has gone, for one block of its size
    if (listed) assert.ok(all.length > 0 && !s.pool.has(spare));
    else if (spare) part.free(spare);
    for (const h of all) part.free(h);
    part.close();
  }
};

/** The sizes and handles that a run has: all of them by --full. */
function* points(): Generator<[number, number]> {
  const [sizes, counts] = [amount(41, 1, 1), amount(3, 6, HANDLES + 1)];
  for (let size = 0; size <= SIZES; size += size < 24 ? 1 : sizes) {
    // other counts at the next size, 0 and 1 in every tenth
    for (let k = 0; k < counts; k++) yield [size, size % 10 === 0 && k < 2 ? k : (size + k * (HANDLES + 1) / counts | 0) % (HANDLES + 1)];
  }
}

for (const kind of KINDS) {
  describe(`exhaust, ${kind.name}`, () => {
    /** Runs a program at every point where there can be a pool. */
    function every(run: (s: Stage) => void): number {
      let n = 0;
      for (const [size, handles] of points()) {
        const possible = kind.bytes(size, handles) > 0 && (handles > 0 || kind.name === "tiny");
        if (!possible) continue;
        try {
          run(stage(kind, size, handles));
        } catch (error: any) {
          throw new Error(`${size} bytes, ${handles} handles: ${error.message}`, { cause: error });
        }
        n++;
      }
      return n;
    }

    it("says OPTION where there can be no pool", () => {
      for (const [size, handles] of points()) {
        if (kind.bytes(size, handles) > 0 && (handles > 0 || kind.name === "tiny")) continue;
        refuses(() => kind.make(size, handles, new Memory(size)), "OPTION", `${size} bytes, ${handles} handles`);
      }
    });

    for (const [name, run] of Object.entries({ ...SCENARIOS, ...(kind.whole ? WHOLE : {}) })) {
      it(name, function () {
        this.timeout(600000);
        const n = every((s) => {
          run(s);
          s.shadow.verify("at the end");
        });
        this.test!.title += `: ${n} pools`;
      });
    }

    for (const [name, run] of Object.entries(KIT)) {
      it(`kit: ${name}`, function () {
        this.timeout(600000);
        const n = every((s) => {
          run(s);
          clear(s);
        });
        this.test!.title += `: ${n} pools`;
      });
    }
  });
}
