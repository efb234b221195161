import assert from "node:assert/strict";
import { create as full } from "../src/full";
import { create as core } from "../src/core";
import { create as far } from "../src/far";
import { format } from "../src/fram";
import { buffer } from "../src/kit";
import { record } from "../src/record";
import { events as read, Heap, parse, Reader, verify, type Event, type Trace } from "../tools/trace";
import { decode } from "../tools/command";
import { amount } from "./amount";
import { Cells } from "./cells";
import { pick, random, type Random } from "./random";
import { CASES, external } from "./trail-portable";

type Any = any;

const SIZE = 2048;
const ROWS = 40;

/** Time and timers that the test turns. */
class Time {
  now = 1000;
  private timers: ((() => void) | undefined)[] = [];
  readonly scheduler = {
    set: (fn: () => void): number => this.timers.push(fn) - 1,
    clear: (id: unknown): void => void (this.timers[id as number] = undefined)
  };
  fire(): void {
    for (const fn of this.timers.slice()) fn?.();
  }
}

/** Kinds of pools, each with what it is made with. */
const POOLS: Record<string, (options: Any) => Any> = {
  full: (options) => full({ size: SIZE, handles: ROWS, ...options }),
  core: (options) => core({ size: SIZE, handles: ROWS, ...options }),
  fast: (options) => full({ size: SIZE, handles: ROWS, fit: "fast", ...options }),
  "unit 16": (options) => full({ size: SIZE, handles: ROWS, unit: 16, ...options }),
  paused: (options) => full({ size: SIZE, handles: ROWS, pause: 200, ...options }),
  "24 bits": (options) => full({ size: SIZE, handles: ROWS, generations: 24, ...options }),
  far: (options) => far({ store: cells(SIZE), handles: ROWS, ...options }),
  "far by 16": (options) => far({ store: cells(SIZE, 16), handles: ROWS, fit: "fast", ...options }),
  fram: (options) => format({ store: cells(SIZE), handles: ROWS, ...options })
};

function cells(size: number, chunk = 64): Any {
  const store = new Cells(size) as Any;
  store.chunk = chunk;
  // a pool asks for views where it finds bytes
  return { size, chunk, read: store.read.bind(store), write: store.write.bind(store), move: store.move.bind(store) };
}

/** Calls of a program, drawn from a seed; `call` gets each, made to throw or not. Gives the handles that are live. */
function act(pool: Any, next: Random, live: number[], time: Time, check: () => void): void {
  const k = live.length ? next(live.length) : 0;
  const verbs: [number, () => void][] = [
    [9, () => void ((h) => h && live.push(h))(pool.alloc(next(160)))],
    [6, () => live.length && pool.free(live.splice(k, 1)[0])],
    [2, () => live.length && pool.resize(live[k], next(160)) && !pool.has(live[k]) && live.splice(k, 1)],
    [1, () => pool.tick(next(300))],
    [1, () => live.length && pool.use(live[k], () => void ((h) => h && live.push(h))(pool.alloc(20)))],
    [1, () => live.length && (pool.lock(live[k]), pool.pack(), check(), pool.unlock(live[k]))],
    [1, () => (pool.hold(), pool.alloc(300) && live.push(0), pool.release(), live.splice(0, live.length, ...list(pool, live)))],
    [1, () => ((time.now += next(40)), time.fire())],
    [1, () => (next(8) ? pool.start(20, 1 + next(200)) : pool.stop())],
    [1, () => next(20) === 0 && (pool.reset(), live.splice(0))],
    [1, () => pool.wipe && next(10) === 0 && pool.wipe()],
    // misuse
    [1, () => assert.throws(() => pool.free(pick(next, [5, 1e9, -1])))],
    [1, () => assert.throws(() => pool.alloc(1.5))]
  ];
  let n = next(verbs.reduce((sum, [weight]) => sum + weight, 0));
  for (const [weight, verb] of verbs) if ((n -= weight) < 0) return void verb();
}

/** Handles that are live, where a call gave one away. */
function list(pool: Any, live: number[]): number[] {
  if (!pool.each) return live.filter(Boolean);
  const all: number[] = [];
  pool.each((h: number) => all.push(h));
  return all;
}

/** A program on two pools of a kind, one of which is recorded, compared after every call with each other and with what the trace says. */
function follow(make: (options: Any) => Any, seed: number, turns: number): { trace: Trace; lines: string[] } {
  const lines: string[] = [];
  const time = new Time();
  const real = Date.now;
  Date.now = () => time.now;
  try {
    const twin = new Time();
    const other = make({ scheduler: time.scheduler });
    const plain = make({ scheduler: twin.scheduler });
    const lives: number[][] = [[], []];
    const pools = [plain, other];
    const times = [twin, time];
    const draws = [random(seed), random(seed)];
    for (let i = 0; i < 5; i++) pools.forEach((pool, p) => lives[p].push(pool.alloc(30 + i)));
    const recorder = record(other, { to: (line) => void lines.push(line), line: 90 });
    const reader = new Reader();
    let heap: Heap | undefined;
    let read = 0;
    const check = (): void => {
      // first, because it ends a slide
      const there = blocks(other);
      recorder.flush();
      while (read < lines.length) {
        const piece = reader.take(lines[read++])!;
        if (piece.head) heap = new Heap(piece.head);
        for (const event of piece.events) heap!.take(event);
      }
      // a block of the core that was there before is not known
      if (other.each) compare(there, heap!);
    };
    for (let turn = 0; turn < turns; turn++) {
      pools.forEach((pool, p) => act(pool, draws[p], lives[p], times[p], () => p && check()));
      check();
      assert.deepEqual(shape(other), shape(plain), `turn ${turn}`);
    }
    recorder.stop();
    return { trace: parse(lines.join("\n"))[0], lines };
  } finally {
    Date.now = real;
  }
}

/** A pool as far as two of the same kind have to agree: handles differ by the number of the pool. */
function shape(pool: Any): Any {
  return { blocks: blocks(pool).map(([, at, size]) => [at, size]), stat: pool.stat(), check: pool.check?.() };
}

/** Handle, address and size of every block, by handle. */
function blocks(pool: Any): number[][] {
  const there: number[][] = [];
  pool.each?.((handle: number, at: number, size: number) => there.push([handle, at, size]));
  return there.sort((a, b) => a[0] - b[0]);
}

function compare(there: number[][], heap: Heap): void {
  assert.deepEqual(heap.faults, []);
  const told = [...heap.blocks.values()].map(({ handle, at, bytes }) => [handle, at, bytes]);
  assert.deepEqual(told.sort((a, b) => a[0] - b[0]), there);
  assert.equal(heap.used, there.reduce((sum, [, , bytes]) => sum + bytes, 0));
}

describe("record", () => {
  for (const { name, run } of CASES) {
    it(name, () => {
      run({ tidyheap: { create: full as Any }, trail: { record } });
      run({ tidyheap: external({ create: far as Any }), trail: { record } });
    });
  }

  for (const [kind, make] of Object.entries(POOLS)) {
    it(`follows every block of a ${kind} pool and does not change what the pool does`, function () {
      this.timeout(600000);
      for (let seed = 1; seed <= amount(4, 200); seed++) {
        const { trace } = follow(make, seed, 300);
        if (kind !== "core") assert.equal(verify(trace), "", `seed ${seed}`);
        assert.equal(trace.lost, 0);
      }
    });
  }

  it("tells of what onlow() does in the middle of an alloc, and of a block that it resets away", () => {
    const lines: string[] = [];
    let purge = (): void => undefined;
    const pool = full({ size: 512, handles: 20, low: 200, onlow: () => purge() });
    const first = pool.alloc(100);
    const recorder = record(pool, { to: (line) => void lines.push(line) });
    const second = pool.alloc(150);
    let called = 0;
    purge = () => (called++, pool.free(first), pool.alloc(40), void pool.pack());
    const third = pool.alloc(90);
    assert.equal(called, 1);
    for (const h of [second, third]) pool.free(h);
    purge = () => (called++, pool.reset());
    for (let i = 0; i < 4; i++) pool.alloc(100);
    assert.equal(called, 2);
    recorder.stop();
    const [trace] = parse(lines.join("\n"));
    assert.equal(verify(trace), "");
    assert.ok(trace.events.some(({ kind }) => kind === "C"));
  });

  it("goes on after calls that throw: BUSY of a job in the middle, a store that fails, onmove", () => {
    const lines: string[] = [];
    const store = cells(1024);
    let job = (): void => undefined;
    const move = store.move;
    store.move = (...args: number[]) => (job(), move(...args));
    const moved: number[] = [];
    const pool: Any = far({ store, handles: 30, onmove: (h) => void moved.push(h) });
    const recorder = record(pool, { to: (line) => void lines.push(line) });
    const live = Array.from({ length: 24 }, () => pool.alloc(40));
    for (let i = 0; i < 24; i += 2) pool.free(live[i]);
    let busy = 0;
    job = () => {
      assert.throws(() => pool.alloc(8), /BUSY/);
      assert.throws(() => pool.free(live[1]), /BUSY/);
      busy++;
    };
    assert.ok(pool.alloc(200));
    assert.ok(busy > 0);
    job = () => {
      throw new Error("the bus is broken");
    };
    assert.throws(() => pool.alloc(300), /broken/);
    job = () => undefined;
    assert.ok(pool.alloc(100));
    recorder.stop();
    assert.ok(moved.length > 1);
    const [trace] = parse(lines.join("\n"));
    assert.equal(verify(trace), "");
    assert.equal(trace.events.filter(({ kind }) => kind === "A").length, 26);
    const heap = new Heap(trace.head);
    trace.events.forEach((event) => heap.take(event));
    compare(blocks(pool), heap);
  });

  it("records what parts of the kit do with the pool", () => {
    const lines: string[] = [];
    const pool = full({ size: 1024, handles: 20 });
    const recorder = record(pool, { to: (line) => void lines.push(line) });
    const text = buffer(pool, { chunk: 32 });
    for (let i = 0; i < 30; i++) text.append("0123456789");
    text.clear();
    recorder.stop();
    const [trace] = parse(lines.join("\n"));
    assert.equal(verify(trace), "");
    assert.ok(trace.events.filter(({ kind }) => kind === "A").length >= 10);
  });

  it("is stopped once, and leaves the recorder of another pool alone", () => {
    const [one, other] = [full(512), full(512)];
    const lines: string[] = [];
    const recorder = record(one, { to: (line) => void lines.push(line) });
    const second = record(other, { to: () => undefined });
    recorder.stop();
    const onmove = (): void => undefined;
    one.onmove = onmove;
    const { length } = lines;
    recorder.stop();
    assert.equal(lines.length, length);
    assert.equal(one.onmove, onmove);
    assert.throws(() => record(other, { to: () => undefined }), /recorded already/);
    second.stop();
  });

  it("does not begin while the pool is BUSY, and can later", () => {
    const store = cells(1024);
    const { move } = store;
    let job = (): void => undefined;
    store.move = (...args: number[]) => (job(), move(...args));
    const pool: Any = far({ store, handles: 30 });
    const live = Array.from({ length: 24 }, () => pool.alloc(40));
    for (let i = 0; i < 24; i += 2) pool.free(live[i]);
    const { alloc } = pool;
    let tried = 0;
    job = () => void (tried++, assert.throws(() => record(pool, { to: () => undefined }), /BUSY/));
    assert.ok(pool.alloc(200));
    assert.ok(tried);
    assert.equal(pool.alloc, alloc);
    record(pool, { to: () => undefined }).stop();
  });

  it("writes as it goes, also for a program that only uses its blocks", () => {
    const lines: string[] = [];
    const pool = full(512);
    const h = pool.alloc(8);
    const recorder = record(pool, { to: (line) => void lines.push(line) });
    for (let i = 0; i < 1000; i++) pool.use(h, () => undefined);
    assert.ok(lines.length > 20);
    assert.ok(lines.every((line) => line.length < 600));
    recorder.stop();
    assert.equal(verify(parse(lines.join("\n"))[0]), "");
  });

  it("passes by what a timer or a button gives to a call that takes nothing", () => {
    const lines: string[] = [];
    const pool: Any = full(512);
    const recorder = record(pool, { to: (line) => void lines.push(line) });
    for (const name of ["hold", "release", "pack", "reset", "stop"]) pool[name]({ time: 1.5 }, "x y");
    recorder.stop();
    const [trace] = parse(lines.join("\n"));
    assert.equal(verify(trace), "");
    assert.deepEqual(trace.events.filter(({ kind }) => !"TDY".includes(kind)).map(({ kind, n }) => kind + n.join()), ["H", "G", "P", "C", "E"]);
  });

  it("is printed, or logged, where nothing else is said; throws where there is nothing", () => {
    const pool = full(512);
    const lines: string[] = [];
    const log = console.log;
    const print = (globalThis as Any).print;
    try {
      console.log = (line: string) => void lines.push(line);
      record(pool).stop();
      (globalThis as Any).print = (line: string) => void lines.push(`printed ${line}`);
      record(pool).stop();
    } finally {
      console.log = log;
      (globalThis as Any).print = print;
    }
    assert.equal(parse(lines.slice(0, 2).join("\n")).length, 1);
    assert.match(lines[lines.length - 1], /^printed @/);
  });

  it("records whole milliseconds where the clock has fractions, and none when it is set", () => {
    const { now } = Date;
    const lines: string[] = [];
    let ms = 1000.75;
    Date.now = () => ms;
    try {
      const pool = full({ size: 256 });
      const recorder = record(pool, { to: (line) => void lines.push(line) });
      for (const step of [0.5, 0.5, 0.5, 40.25, 3e12, -1e12, 7]) (ms += step), pool.alloc(4);
      recorder.stop();
    } finally {
      Date.now = now;
    }
    const [trace] = parse(lines.join("\n"));
    assert.deepEqual(trace.events.filter(({ kind }) => kind === "T").map(({ n }) => n), [[1], [40], [7]]);
    assert.equal(verify(trace), "");
  });
});

/** A trace with all kinds of events, as lines. */
function sample(): string[] {
  return follow(POOLS.full, 5, 400).lines;
}

describe("trace that is read", () => {
  const lines = sample();
  const whole = parse(lines.join("\n"))[0];
  const events = (trace: Trace) => trace.events.map(({ kind, text, n }) => kind + text + n.join());

  it("is found among prompts, colours, carriage returns and other output", () => {
    const dirty = lines.map((line, i) => `${["\x1b[J>", "", "\b \b", "a@b.c 5 @ @1 "][i % 4]}${line}${["\r", "", "\x1b[2K", "  "][i % 4]}\nhello @home\n@7.1 A1.2.3\n{"used":3}`);
    const [trace] = parse(dirty.join("\n"));
    assert.deepEqual(events(trace), events(whole));
    assert.equal(verify(trace), "");
  });

  it("has no event of a line that was cut, flipped, joined or thinned, and says how many lines are missing", function () {
    this.timeout(600000);
    const next = random(11);
      for (let run = 0; run < amount(150, 20000); run++) {
      const spoiled = [...lines];
      const hurt = new Set<number>();
      for (let n = 1 + next(4); n > 0; n--) {
        const i = 1 + next(lines.length - 2);
        const at = next(spoiled[i].length);
        const line = spoiled[i];
        const way = next(5);
        hurt.add(i);
        if (way === 0) spoiled[i] = line.slice(0, at);
        else if (way === 1) spoiled[i] = line.slice(0, at) + String.fromCharCode(33 + next(90)) + line.slice(at + 1);
        else if (way === 2) spoiled[i] = line.slice(0, at) + line.slice(at + 1);
        else if (way === 3) spoiled[i] = `${line.slice(0, at)}hello${line.slice(at)}`;
        else spoiled[i] = "";
      }
      const missing = [...hurt].filter((i) => !spoiled[i].endsWith(lines[i]));
      const traces = parse(spoiled.join("\n"));
      assert.equal(traces.length, 1);
      assert.equal(traces[0].lost, missing.length, `${run}: ${[...hurt].map((i) => `${lines[i]} -> ${spoiled[i]}`).join("\n")}`);
      if (missing.length) assert.equal(verify(traces[0]), `${missing.length} lines are missing`);
    }
  });

  it("has a line once that came twice, or late", () => {
    const twice = lines.flatMap((line, i) => (i % 3 ? [line] : [line, line, lines[Math.max(0, i - 2)]]));
    // a head begins a new trace
    const [trace] = parse(twice.filter((line, i) => !i || line !== lines[0]).join("\n"));
    assert.deepEqual(events(trace), events(whole));
    assert.equal(trace.lost, 0);
  });

  it("has lost lines when two recorders write to one place: they have the same numbers", () => {
    const mixed: string[] = [];
    const pools = [full(1024), full(1024)];
    const recorders = pools.map((pool) => record(pool, { to: (line) => void mixed.push(line), line: 20 }));
    for (let i = 0; i < 20; i++) pools.forEach((pool, p) => pool.alloc(10 + p));
    for (const recorder of recorders) recorder.stop();
    assert.match(verify(parse(mixed.join("\n"))[1]), /\d+ lines are missing/);
  });

  it("is none where its head or end has what no pool says", () => {
    const line = (text: string): string => `@${[...`0 ${text}`].reduce((sum, letter) => sum + letter.charCodeAt(0), 0).toString(36)}.0 ${text}`;
    const head = { ...whole.head, trace: 1 };
    assert.equal(parse(line(JSON.stringify(head))).length, 1);
    for (const name of ["size", "handles", "meta", "used", "live", "epoch", "unit"]) {
      for (const value of [-1, 0.5, 1e308, "<b>", [8]]) assert.throws(() => parse(line(JSON.stringify({ ...head, [name]: value }))), /no trace in it/, `${name} ${value}`);
    }
    const [{ about }] = parse(line(JSON.stringify({ ...head, options: null, board: { toString: 1 } })));
    assert.deepEqual(about, { options: {}, board: "" });
    assert.throws(() => read(`T${"z".repeat(300)}`), /no event/);
  });

  it("is looked for in a time that grows as the text does", function () {
    this.timeout(3000); // in the square of its length it takes 14 s
    assert.throws(() => parse("@a.a ".repeat(40000)), /no trace in it/);
  });

  it("is read from files in UTF-8 and in both orders of UTF-16", () => {
    const text = `\ufeff${lines.join("\r\n")}`;
    const wide = Buffer.from(text, "utf16le");
    for (const bytes of [Buffer.from(text), wide, Buffer.from(wide).swap16()]) assert.deepEqual(events(parse(decode(bytes))[0]), events(whole));
  });

  it("throws on nothing, whatever is on the console", function () {
    this.timeout(600000);
    const next = random(3);
    for (let run = 0; run < amount(200, 20000); run++) {
      let text = lines.slice(0, 1 + next(lines.length)).join("\n");
      for (let n = next(30); n > 0; n--) {
        const at = next(text.length);
        text = text.slice(0, at) + String.fromCharCode(next(300)) + text.slice(at + next(4));
      }
      let traces: Trace[] = [];
      try {
        traces = parse(text);
      } catch (error) {
        assert.match(String(error), /no trace in it/);
      }
      for (const trace of traces) {
        assert.equal(typeof verify(trace), "string");
        const said = new Set(events(whole));
        // moves of a run differ once one is lost
        for (const event of trace.events) if (event.kind !== "M") assert.ok(said.has(event.kind + event.text + event.n.join()), JSON.stringify(event));
      }
    }
  });

  it("is told from one that does not agree with its end", () => {
    const change = (edit: (events: Event[]) => Event[]): string => verify({ ...whole, events: edit(whole.events) });
    assert.equal(verify(whole), "");
    const last = whole.events.map(({ kind }) => kind).lastIndexOf("A");
    assert.match(change((all) => all.filter((_, i) => i !== last)), /is \d+ at the end|never allocated/);
    assert.match(change((all) => all.filter(({ kind }) => kind !== "Y")), /epoch is/);
    assert.match(change((all) => [...all, all[last]]), /allocated twice|is \d+ at the end/);
    assert.match(verify({ ...whole, lost: 2 }), /2 lines are missing/);
  });

  it("has events with as many numbers as they have, and texts in quotes", () => {
    assert.deepEqual(read('M1.2.zO"a\\"b"R"FULL"a'), [
      { kind: "M", text: "", n: [1, 2, 35] },
      { kind: "O", text: 'a"b', n: [] },
      { kind: "R", text: "FULL", n: [10] }
    ]);
    for (const bad of ["A1.2", "F", "X1", "Fa.", 'F"x"1', "R1", 'O"a', "F1 F2", "T1.5"]) assert.throws(() => read(bad), /no event/, bad);
  });

  it("may be several in one file; none is refused", () => {
    assert.equal(parse([...lines, ...lines].join("\n")).length, 2);
    assert.throws(() => parse("nothing\n@4.1 A"), /no trace in it/);
  });
});
