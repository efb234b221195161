import assert from "node:assert/strict";
import { join } from "node:path";
import { chip } from "../boards/emulator/chip";
import { fault } from "../boards/emulator/fault";
import { power, wire } from "../boards/emulator/wire";
import * as source from "../src/fram";
import type { Store } from "../src/store";
import { amount } from "./amount";
import { Cells, type Change } from "./cells";
import { code } from "./verdict";
import { random } from "./random";

/** Random cuts; a failure prints seed, program and cut. */
const CUTS = amount(300, 10000);

/** Where all places are to be cut, from one to the next. */
const STRIDE = amount(17, 1, 1);
const PLACES = STRIDE > 1 ? `every ${STRIDE}th byte` : "every byte";

const DIST = join(__dirname, "..", "dist");
const BUILT: Library = require(join(DIST, "tidyheap-fram.min.js"));
const SPI = require(join(DIST, "tidyheap-spi.min.js"));
const UNIT = 16;
const HEAD = 12; // bytes of a header

type Library = typeof source;
type Pool = ReturnType<typeof source.mount>;

/** What a pool must hold: bytes by handle. */
type Model = Map<number, Uint8Array>;

interface Step {
  what: string;
  /** Runs on the pool; changes the model to what is true afterwards. */
  run(pool: Pool, model: Model): void;
}

interface Shape {
  handles: number;
  journal?: number;
  unit?: number;
  generations?: 16 | 24;
}

/** Memory whose power can be cut. */
interface Disk {
  lib: Library;
  store: Store;
  /** What it keeps. */
  bytes: Uint8Array;
  /** Power goes so many bytes from now. */
  cut(after: number): void;
  /** Power comes back. */
  heal(): void;
  /** Bytes so far, as cut() counts them. */
  count(): number;
  /** Every byte that changed a cell. */
  changes: Change[];
}

/** A store that counts the bytes written to it. */
function cells(from: number): Disk {
  const store = new Cells(from);
  return {
    lib: source,
    store,
    bytes: store.bytes,
    cut: (after) => void (store.left = after),
    heal: () => void (store.left = Infinity),
    count: () => store.written,
    changes: store.changes
  };
}

/** The first bytes of a chip behind the driver, over a bus that counts commands, addresses, data and replies. */
function bus(name: string, size: number): Disk {
  const model = chip(name);
  const w = wire([["cs", model]], 20e6);
  const f = fault(w);
  const changes: Change[] = [];
  const { transfer } = model;
  model.transfer = (byte) => {
    const { at } = model;
    const was = model.bytes[at];
    const back = transfer(byte);
    // a byte is counted when it has been transferred
    if (model.bytes[at] !== was) changes.push({ after: w.bytes, at, byte });
    return back;
  };
  const store = SPI.part(SPI.connect(w, { cs: "cs", chip: name, baud: 20e6 }), 0, size);
  return {
    lib: BUILT,
    store,
    bytes: model.bytes.subarray(0, size),
    cut: (after) => f.cut(after),
    heal: () => {
      f.heal();
      power(w);
    },
    count: () => w.bytes,
    changes
  };
}

/** The pool as it is in RAM now, on the same store. */
function fork(pool: Pool): Pool {
  const twin = Object.create(Object.getPrototypeOf(pool));
  for (const [key, value] of Object.entries(pool) as [string, any][]) {
    const plain = value && Object.getPrototypeOf(value) === Object.prototype;
    twin[key] = ArrayBuffer.isView(value) ? (value as Uint8Array).slice() : plain ? { ...value } : value;
  }
  return twin;
}

/** Runs something; false: power went. */
function runs(run: () => void): boolean {
  try {
    run();
    return true;
  } catch (error: any) {
    if (error.code !== "POWER") throw error;
    return false;
  }
}

/** "" when the pool holds just what the model says, by check(), by handles and by bytes. */
function differs(pool: Pool, model: Model): string {
  const broken = pool.check();
  if (broken) return broken;
  const found = new Set<number>();
  pool.each((h) => void found.add(h));
  if (found.size !== model.size) return `${found.size} blocks, not ${model.size}`;
  for (const [h, bytes] of model) {
    if (!found.has(h)) return `block ${h} is lost`;
    const got = pool.load(h);
    if (Buffer.compare(got, bytes)) return `block ${h}: ${got.length} bytes ${got.slice(0, 8)}, not ${bytes.length} bytes ${bytes.slice(0, 8)}`;
  }
  return "";
}

/** Fails unless a pool holds one of the models, knows no other handle that ever was, and all else in it can be allocated as one block. */
function whole(pool: Pool, models: Model[], ever: Iterable<number>, unit: number, when: string): void {
  const why = models.map((model) => differs(pool, model));
  const model = models[why.indexOf("")];
  if (!model) assert.fail(`${when}: neither old (${why[0]}) nor new (${why[1]})`);
  for (const h of ever) {
    assert.equal(pool.has(h), model.has(h), `${when}: handle ${h}`);
    if (!model.has(h)) assert.equal(code(() => pool.load(h)), "HANDLE", when);
  }
  const { size, handles, retired } = pool.stat();
  let free = size;
  for (const bytes of model.values()) free -= Math.ceil((bytes.length + HEAD) / unit) * unit;
  assert.equal(pool.stat().free, free, `${when}: free`);
  pool.pack();
  assert.equal(pool.stat().largest, free, `${when}: largest after pack()`);
  if (free && model.size + retired < handles) {
    const h = pool.alloc(free - HEAD);
    assert.ok(h, `${when}: ${pool.why}`);
    // a handle that alloc() had not yet given back was never one
    for (const old of ever) assert.ok(h !== old || (models[1].has(h) && !models[0].has(h)), `${when}: handle ${h} again`);
    pool.free(h);
  }
  assert.equal(differs(pool, model), "", `${when}: after pack()`);
}

/** A name for an image: journals of 64 bytes that are not in force (byte 54) are all the same, nobody reads them. */
function key(image: Uint8Array): string {
  const copy = Buffer.from(image);
  return (image[54] === 0x3c ? copy.fill(0, 55, 55 + 66) : copy).toString("latin1");
}

/** Cuts and what came of them. */
interface Tally {
  cuts: number;
  /** Of these cuts, those in a mount; and different contents of the cells behind a cut. */
  mounts: number;
  images: number;
}

/**
 * Mounts what a cut has left, and if `again` cuts that off as well, behind every byte that leaves the cells as they never were, and so on until
 * nothing new comes out. `judge` is given every pool that is mounted.
 */
function recover(disk: Disk, seen: Set<string>, tally: Tally, again: boolean, judge: (image: Uint8Array, pool: Pool) => void): void {
  const image = disk.bytes.slice();
  tally.cuts++;
  if (seen.has(key(image))) return;
  seen.add(key(image));
  tally.images++;
  const from = disk.count();
  disk.changes.length = 0;
  const pool = disk.lib.mount(disk.store);
  const changes = disk.changes.slice();
  judge(disk.bytes, pool);
  const cut = image.slice();
  for (const { after, at, byte } of again ? changes : []) {
    cut[at] = byte;
    if (seen.has(key(cut))) continue;
    tally.mounts++;
    disk.bytes.set(image);
    disk.cut(after - from);
    runs(() => disk.lib.mount(disk.store));
    disk.heal();
    assert.deepEqual(disk.bytes, cut);
    recover(disk, seen, tally, true, judge);
  }
}

/** Runs a program on a fresh pool and cuts every step off where `at` says. */
function prove(disk: Disk, shape: Shape, steps: Step[], at: (total: number) => Iterable<number>, again: boolean, name: string): Tally {
  const tally: Tally = { cuts: 0, mounts: 0, images: 0 };
  const unit = shape.unit ?? UNIT;
  const ever = new Set<number>();
  let pool = disk.lib.format({ store: disk.store, ...shape });
  let model: Model = new Map();
  steps.forEach((step, k) => {
    const image = disk.bytes.slice();
    const old = pool;
    const before = model;
    pool = fork(old);
    model = new Map(before);
    const from = disk.count();
    step.run(pool, model);
    const total = disk.count() - from;
    const done = disk.bytes.slice();
    for (const h of model.keys()) ever.add(h);
    const seen = new Set<string>();
    const judged = new Set<string>();
    for (const after of at(total)) {
      const when = (): string => `${name}, step ${k}, cut after ${after} of ${total} bytes, program: ${steps.slice(0, k + 1).map((one) => one.what).join("; ")}`;
      disk.bytes.set(image);
      disk.cut(after);
      assert.equal(runs(() => step.run(fork(old), new Map(before))), false, when());
      disk.heal();
      recover(disk, seen, tally, again, (mounted, live) => {
        assert.equal(live.check(), "", when());
        if (judged.has(key(mounted))) return;
        judged.add(key(mounted));
        whole(source.mount(new Cells(mounted)), [before, model], ever, unit, when());
      });
    }
    disk.bytes.set(done);
  });
  return tally;
}

function* every(total: number): Generator<number> {
  for (let after = 0; after < total; after += STRIDE) yield after;
}

/** `n` places in every step. */
function some(n: number, seed: number): (total: number) => Generator<number> {
  const next = random(seed);
  return function* (total) {
    for (let i = 0; i < n && total; i++) yield next(total);
  };
}

function noise(seed: number, n: number): Uint8Array {
  const next = random(seed);
  return new Uint8Array(n).map(() => next(256));
}

/** A program in which every block has a name. */
interface Script {
  steps: Step[];
  alloc(name: string, bytes: number): void;
  free(name: string): void;
  resize(name: string, bytes: number): void;
  write(name: string, at: number, bytes: number): void;
  fill(name: string, value: number, at: number, bytes: number): void;
  copy(to: string, toAt: number, from: string, fromAt: number, bytes: number): void;
  call(what: "tick" | "pack" | "reset", budget?: number): void;
}

function script(): Script {
  const steps: Step[] = [];
  const h: Record<string, number> = {};
  const edit = (model: Model, name: string, change: (bytes: Uint8Array) => void): void => {
    const bytes = model.get(h[name])!.slice();
    change(bytes);
    model.set(h[name], bytes);
  };
  const step = (what: string, run: Step["run"]): void => void steps.push({ what, run });
  return {
    steps,
    alloc: (name, bytes) => step(`alloc ${name} ${bytes}`, (pool, model) => {
      h[name] = pool.alloc(bytes);
      assert.ok(h[name], pool.why);
      model.set(h[name], pool.load(h[name]));
    }),
    free: (name) => step(`free ${name}`, (pool, model) => {
      pool.free(h[name]);
      model.delete(h[name]);
    }),
    resize: (name, bytes) => step(`resize ${name} ${bytes}`, (pool, model) => {
      assert.ok(pool.resize(h[name], bytes), pool.why);
      const now = pool.load(h[name]);
      const kept = Math.min(now.length, model.get(h[name])!.length);
      assert.deepEqual(now.slice(0, kept), model.get(h[name])!.slice(0, kept));
      model.set(h[name], now);
    }),
    write: (name, at, bytes) => step(`write ${name} ${at} ${bytes}`, (pool, model) => {
      const data = noise(at * 1000 + bytes, bytes);
      pool.write(h[name], at, data);
      edit(model, name, (all) => all.set(data, at));
    }),
    fill: (name, value, at, bytes) => step(`fill ${name} ${value} ${at} ${bytes}`, (pool, model) => {
      pool.fill(h[name], value, at, bytes);
      edit(model, name, (all) => all.fill(value, at, at + bytes));
    }),
    copy: (to, toAt, from, fromAt, bytes) => step(`copy ${to} ${toAt} ${from} ${fromAt} ${bytes}`, (pool, model) => {
      const data = model.get(h[from])!.slice(fromAt, fromAt + bytes);
      pool.copy(h[to], toAt, h[from], fromAt, bytes);
      edit(model, to, (all) => all.set(data, toAt));
    }),
    call: (what, budget = 0) => step(`${what} ${budget}`, (pool, model) => {
      pool[what](budget as never);
      if (what === "reset") model.clear();
    })
  };
}

// Journals of 64 bytes: 55 bytes are written at once, more go through a hole, a slice of a slide has 40.
const SMALL: Shape = { handles: 11, journal: 64 };

/** Accesses: through the journal, through a hole, a single byte, with and without overlap; resize in place, reset. */
function accesses(): Step[] {
  const s = script();
  s.alloc("a", 20);
  s.write("a", 3, 10);
  s.write("a", 19, 1);
  s.alloc("b", 90);
  s.write("b", 0, 90);
  s.fill("b", 7, 5, 70);
  s.copy("a", 2, "b", 1, 15);
  s.copy("a", 0, "a", 5, 12);
  s.copy("b", 10, "b", 0, 70);
  s.copy("b", 0, "b", 4, 66);
  s.alloc("c", 80);
  s.copy("c", 5, "b", 20, 60);
  s.resize("c", 30);
  s.resize("c", 33);
  s.resize("b", 95);
  s.resize("a", 60);
  s.call("reset");
  s.alloc("d", 1);
  return s.steps;
}

/** A block that is copied to a hole while ticks come and go: written to, then landed, or freed on the way. */
function copies(lands: boolean): Step[] {
  const s = script();
  for (const [name, bytes] of [["a", 52], ["b", 36], ["c", 52], ["d", 36], ["e", 52], ["f", 36], ["g", 52], ["h", 228]] as const) s.alloc(name, bytes);
  for (const name of ["a", "c", "e", "g"]) s.free(name);
  for (const name of ["b", "d", "f"]) s.write(name, 0, 36);
  s.call("tick", 20);
  s.write("b", 5, 30);
  s.write("d", 5, 30);
  s.write("f", 5, 30);
  s.fill("b", 9, 15, 10);
  s.copy("b", 4, "d", 0, 25);
  if (lands) s.call("tick", 200);
  s.free("b");
  s.alloc("i", 40);
  s.call("pack");
  return s.steps;
}

/** A block that slides down by slices while ticks come and go: read and written to, then landed, or freed on the way. */
function downs(lands: boolean): Step[] {
  const s = script();
  for (const [name, bytes] of [["a", 20], ["b", 68], ["c", 20], ["d", 68], ["e", 20], ["f", 68], ["g", 20], ["h", 68], ["i", 20], ["j", 68]] as const) s.alloc(name, bytes);
  for (const name of ["b", "d", "f", "h"]) s.write(name, 0, 50);
  for (const name of ["a", "c", "e", "g", "i"]) s.free(name);
  s.call("tick", 30);
  s.write("b", 60, 8);
  s.write("b", 5, 8);
  if (lands) s.write("b", 20, 20);
  else s.free("b");
  s.call("tick", 70);
  s.call("pack");
  return s.steps;
}

/** The heap is full: what is above slides up to let a block grow. */
function ups(): Step[] {
  const s = script();
  s.alloc("a", 84);
  s.alloc("b", 84);
  s.alloc("c", 20);
  s.alloc("d", 80);
  s.write("b", 30, 54);
  s.free("c");
  s.resize("a", 116);
  return s.steps;
}

// Bytes in front of a heap for 11 rows and behind it: root 28, slide 26, journal 67, generations 22 make 144, and a root 32.
const ROUND = 176;

/** The programs, the bytes of the pool, and what has to be going on behind some step of each. */
const PROGRAMS: [string, Step[], number, string][] = [
  ["accesses and resizes", accesses(), ROUND + 24 * UNIT, "still"],
  ["a copy that lands", copies(true), ROUND + 40 * UNIT, "copy"],
  ["a copy that is freed", copies(false), ROUND + 40 * UNIT, "copy"],
  ["a slide down that lands", downs(true), ROUND + 35 * UNIT, "down"],
  ["a slide down that is freed", downs(false), ROUND + 35 * UNIT, "down"],
  ["a slide up", ups(), ROUND + 20 * UNIT, "up"]
];

/** Notes the slides that begin, by the sign of their units in bytes 33 to 36. */
class Watch extends Cells {
  slides = new Set<string>();
  override write(at: number, data: ArrayLike<number>): void {
    super.write(at, data);
    if (at === 28 && data[0] === 0xc3) this.slides.add(data[8] > 127 ? "up" : "down");
  }
}

/** A seeded program. Blocks are named by their place among the live ones. */
function program(seed: number, steps: number, most: number): Step[] {
  const next = random(seed);
  const out: Step[] = [];
  // without room to make a change all at once there is none
  const fits = (change: () => void, then: () => void): void => {
    const got = code(change);
    if (!got) then();
    else if (got === "POWER") throw Object.assign(new Error(got), { code: got });
    else assert.ok(got === "FULL" || got === "FRAGMENTED", got);
  };
  for (let i = 0; i < steps; i++) {
    const [kind, a, b, n, m] = [next(100), next(1000), next(1000), 1 + next(most), next(1000)];
    const data = noise(seed * 1000 + i, n);
    const add = (what: string, run: (pool: Pool, model: Model, h: number, bytes: Uint8Array) => void): void => void out.push({
      what,
      run: (pool, model) => {
        const all = [...model.keys()];
        const h = all[a % all.length];
        if (h) run(pool, model, h, model.get(h)!);
      }
    });
    if (kind < 32) out.push({ what: `alloc ${n}`, run: (pool, model) => {
      const h = pool.alloc(n);
      if (h) model.set(h, pool.load(h));
    } });
    else if (kind < 48) add("free", (pool, model, h) => {
      pool.free(h);
      model.delete(h);
    });
    else if (kind < 60) add(`resize ${n}`, (pool, model, h) => {
      if (pool.resize(h, n)) model.set(h, pool.load(h));
    });
    else if (kind < 74) add(`write ${m} ${n}`, (pool, model, h, bytes) => {
      const at = m % bytes.length;
      const part = data.subarray(0, bytes.length - at);
      const now = bytes.slice();
      now.set(part, at);
      fits(() => pool.write(h, at, part), () => model.set(h, now));
    });
    else if (kind < 79) add(`fill ${m} ${n}`, (pool, model, h, bytes) => {
      const at = m % bytes.length;
      const count = Math.min(n, bytes.length - at);
      pool.fill(h, b & 255, at, count);
      model.set(h, bytes.slice().fill(b & 255, at, at + count));
    });
    else if (kind < 84) add(`copy ${m} ${n}`, (pool, model, h, bytes) => {
      const all = [...model.keys()];
      const from = all[b % all.length];
      const found = model.get(from)!;
      const at = m % bytes.length;
      const fromAt = n % found.length;
      const count = Math.min(bytes.length - at, found.length - fromAt);
      const now = bytes.slice();
      now.set(found.slice(fromAt, fromAt + count), at);
      fits(() => pool.copy(h, at, from, fromAt, count), () => model.set(h, now));
    });
    else if (kind < 96) out.push({ what: `tick ${m % 100}`, run: (pool) => void pool.tick(m % 100) });
    else if (kind < 99) out.push({ what: "pack", run: (pool) => void pool.pack() });
    else out.push({ what: "reset", run: (pool, model) => {
      pool.reset();
      model.clear();
    } });
  }
  return out;
}

describe("power", () => {
  it("has programs with blocks that fly and slide between two calls", () => {
    for (const [name, steps, size, wanted] of PROGRAMS) {
      const watch = new Watch(size);
      const pool = source.format({ store: watch, ...SMALL });
      const seen = new Set(["still"]);
      const model: Model = new Map();
      for (const step of steps) {
        step.run(pool, model);
        if (pool._fly !== pool._rows) seen.add(pool._slide ? "down" : "copy");
      }
      if (wanted === "up") assert.ok(watch.slides.has("up"), name);
      else assert.ok(seen.has(wanted), name);
    }
  });

  for (const [part, list] of [["MB85RS64V", PROGRAMS], ["MR25H10", PROGRAMS.slice(2)]] as const) {
    for (const [name, steps, size] of list) {
      it(`may fail behind ${PLACES} on the bus of an ${part}, and again in each mount: ${name}`, function () {
        this.timeout(60000);
        const tally = prove(bus(part, size), SMALL, steps, every, true, name);
        assert.ok(tally.cuts > 1000 / STRIDE && tally.mounts > 50 / STRIDE, JSON.stringify(tally));
      });
    }
  }

  it(`may fail anywhere in long programs, ${CUTS} random cuts of a store`, function () {
    this.timeout(120000 + CUTS * 10);
    for (let seed = 1, made = 0; made < CUTS; seed++) {
      const next = random(seed);
      const unit = UNIT << next(2);
      const shape: Shape = { handles: 1 + next(20), journal: 64 + next(100), unit, generations: next(4) ? 16 : 24 };
      const steps = program(seed, 120, 30 + next(400));
      const { cuts, mounts } = prove(cells(700 + next(2500)), shape, steps, some(2, seed), seed % 16 === 0, `seed ${seed}, ${JSON.stringify(shape)}`);
      made += cuts - mounts;
    }
  });

  it("may fail anywhere on the bus in long programs, 300 random cuts of an MB85RS64V", function () {
    this.timeout(60000);
    for (let seed = 1, made = 0; made < 300; seed++) {
      made += prove(bus("MB85RS64V", 1500), { handles: 9, journal: 80 }, program(seed, 60, 200), some(1, seed), false, `seed ${seed}`).cuts;
    }
  });

  for (const [name, was] of [
    ["noise", undefined],
    ["a pool of the same form", { handles: 11, journal: 64 }],
    ["a pool of larger units", { handles: 5, journal: 100, unit: 64 }],
    ["a larger pool", { handles: 30, journal: 64, generations: 24 }]
  ] as [string, Shape | undefined][]) {
    it(`leaves no pool or an empty one when format() is cut off on the bus, over ${name}`, () => {
      const size = 1100;
      const disk = bus("MB85RS64V", 2000);
      const old = was && disk.lib.format({ store: disk.store, ...was });
      const model: Model = new Map();
      for (let n = 60; old && n < 65; n++) {
        const h = old.alloc(n * 4);
        old.write(h, 0, noise(n, n));
        model.set(h, old.load(h));
      }
      const image = disk.bytes.slice();
      const start = disk.count();
      const form = (): Pool => disk.lib.format({ store: disk.store, size, handles: 11, journal: 64 });
      form();
      const total = disk.count() - start;
      const seen: Record<string, number> = { old: 0, IMAGE: 0, empty: 0 };
      for (let after = 0; after < total; after += STRIDE) {
        disk.bytes.set(image);
        disk.cut(after);
        assert.equal(runs(form), false);
        disk.heal();
        const cut = new Cells(disk.bytes);
        const got = code(() => source.mount(cut));
        const what = got || (differs(source.mount(cut), new Map()) ? "old" : "empty");
        assert.ok(what in seen, `${what} after ${after} bytes`);
        seen[what]++;
        if (what === "old") assert.equal(differs(source.mount(cut), model), "", `after ${after} bytes`);
        if (what === "empty") whole(source.mount(cut), [new Map()], model.keys(), UNIT, `after ${after} bytes`);
        // what repair() finds is no half of a pool either
        const mend = code(() => source.repair(cut));
        if (mend) assert.equal(mend, "IMAGE");
        else if (what !== "empty") assert.equal(differs(source.mount(cut), model), "", `after ${after} bytes and repair()`);
        else assert.equal(differs(source.mount(cut), new Map()), "");
        form();
        assert.equal(differs(disk.lib.mount(disk.store), new Map()), "");
      }
      assert.ok(seen.IMAGE > 100 / STRIDE && seen.empty > 10 / STRIDE && (!was || seen.old > 0), JSON.stringify(seen));
    });
  }

  describe("while the pool is in RAM", () => {
    /** A pool of three blocks whose store throws once in a while. */
    function broken(): { disk: Disk; pool: Pool; h: number[]; model: Model } {
      const disk = cells(ROUND + 40 * UNIT);
      const pool = source.format({ store: disk.store, ...SMALL });
      const h = [50, 60, 70].map((n) => pool.alloc(n));
      h.forEach((one, i) => pool.write(one, 0, noise(i, 50)));
      return { disk, pool, h, model: new Map(h.map((one) => [one, pool.load(one)])) };
    }

    const CHANGES: [string, (pool: Pool, h: number[]) => unknown][] = [
      ["alloc", (pool) => pool.alloc(30)],
      ["free", (pool, h) => pool.free(h[0])],
      ["resize", (pool, h) => pool.resize(h[2], 90)],
      ["write", (pool, h) => pool.write(h[0], 0, noise(9, 30))],
      ["fill", (pool, h) => pool.fill(h[1], 1, 0, 60)],
      ["copy", (pool, h) => pool.copy(h[1], 0, h[0], 0, 40)],
      ["reset", (pool) => pool.reset()]
    ];

    for (const [name, change] of CHANGES) {
      it(`${name} that the store cuts off is refused with TORN until the pool is mounted, and nothing is lost`, () => {
        const fresh = broken();
        fresh.disk.cut(Infinity);
        const from = fresh.disk.count();
        change(fresh.pool, fresh.h);
        const total = fresh.disk.count() - from;
        assert.ok(total > 0);
        const after: Model = new Map();
        fresh.pool.each((one) => void after.set(one, fresh.pool.load(one)));
        for (let left = 0; left < total; left += STRIDE) {
          const { disk, pool, h, model } = broken();
          disk.cut(left);
          assert.equal(code(() => change(pool, h)), "POWER");
          disk.heal();
          for (const [again, other] of CHANGES) assert.equal(code(() => other(pool, h)), "TORN", `${again} after ${left} bytes`);
          assert.equal(pool.check(), "");
          // a block that was not being changed is read as it was
          if (name !== "resize" && name !== "reset") assert.deepEqual(pool.load(h[2]), model.get(h[2]));
          assert.equal(pool.size(h[1]), 60);
          assert.ok(pool.has(h[2]));
          whole(source.mount(new Cells(disk.bytes)), [model, after], [...h, ...after.keys()], UNIT, `${name} after ${left} bytes`);
        }
      });
    }

    for (const [name, change] of [
      ["a tick", (pool: Pool) => pool.tick(1000)],
      ["pack", (pool: Pool) => pool.pack()]
    ] as [string, (pool: Pool) => unknown][]) {
      it(`${name} that the store cuts off loses nothing, whether the pool goes on or is TORN`, () => {
        /** Blocks of all sizes with holes between them that are too small for a tick to leave them. */
        const scene = () => {
          const disk = cells(1024);
          const pool = source.format({ store: disk.store, handles: 24 });
          const all = Array.from({ length: 12 }, (_, i) => pool.alloc(i % 2 ? 30 : 20 + 4 * i));
          const model: Model = new Map();
          all.forEach((h, i) => {
            pool.write(h, 0, noise(i, 20));
            if (i % 2) pool.free(h);
            else model.set(h, pool.load(h));
          });
          if (pool.stat().largest > 60) model.set(pool.alloc(pool.stat().largest - 20), new Uint8Array());
          for (const h of model.keys()) model.set(h, pool.load(h));
          return { disk, pool, model };
        };
        const plain = scene();
        const from = plain.disk.count();
        change(plain.pool);
        const total = plain.disk.count() - from;
        const ends = { torn: 0, on: 0 };
        for (let left = 0; left < total; left += STRIDE) {
          const { disk, pool, model } = scene();
          disk.cut(left);
          assert.equal(code(() => change(pool)), "POWER");
          disk.heal();
          assert.equal(differs(source.mount(new Cells(disk.bytes)), model), "", `${name} after ${left} bytes`);
          const then = code(() => pool.pack());
          if (then) assert.equal(then, "TORN");
          else assert.equal(differs(pool, model), "", `${name} after ${left} bytes, gone on`);
          ends[then ? "torn" : "on"]++;
        }
        assert.ok(ends.torn > 10 / STRIDE && ends.on > 10 / STRIDE, JSON.stringify(ends));
      });
    }
  });
});
