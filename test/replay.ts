import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create as far } from "../src/far";
import { create as full } from "../src/full";
import { record } from "../src/record";
import { operations, PROGRAMS } from "../tools/bench/program";
import { examples, replay, setup, text } from "../tools/replay";
import { call } from "../tools/replay/advice";
import { Clock } from "../tools/replay/clock";
import { refusals } from "../tools/replay/measure";
import { play } from "../tools/replay/play";
import { program } from "../tools/replay/program";
import { demand } from "../tools/replay/search";
import { events, parse, verify, type Trace } from "../tools/trace";
import { amount } from "./amount";
import { random } from "./random";

type Any = any;

const ROOT = join(__dirname, "..");
const FOLDER = join(ROOT, "test", "traces");

/** A store that copies nothing. */
function memory(size: number): Any {
  return { size, move: () => undefined, read: (_: number, n: number) => new Uint8Array(n), write: () => undefined };
}

/** Records a program of the bench in a new pool, with time that passes between calls, ticks on a timer now and then, and blocks that are locked. */
function take(name: string, make: (options: Any) => Any, options: Any, seed = 1, calls = 700): Trace {
  const real = Date.now;
  const clock = new Clock(() => undefined);
  const next = random(seed);
  const lines: string[] = [];
  Date.now = () => 5000 + clock.now;
  try {
    const pool = make({ handles: 200, ...options, scheduler: clock });
    const recorder = record(pool, { to: (line) => void lines.push(line), options });
    const handles = new Map<number, number>();
    let count = 0;
    for (const operation of operations(PROGRAMS.find((one) => one.name === name)!, seed, pool.stat().size)) {
      if (count++ === calls) break;
      if (!next(3)) clock.run(next(30));
      if (count % 100 === 50) pool.start(10 + next(20), 20 + next(200));
      if (count % 300 === 299) pool.stop();
      if (!next(40)) pool.tick(next(100));
      const h = handles.get(operation.id)!;
      if (operation.kind === "alloc") handles.set(operation.id, pool.alloc(operation.bytes));
      else if (h && operation.kind === "resize") pool.resize(h, operation.bytes);
      else if (h && operation.kind !== "resize") pool[operation.kind](h);
      if (operation.kind === "free") handles.delete(operation.id);
    }
    recorder.stop();
  } finally {
    Date.now = real;
  }
  const [trace] = parse(lines.join("\n"));
  assert.equal(verify(trace), "");
  return trace;
}

/** Fails unless a replay in the recorded pool does what was recorded: every address, every refusal, every byte moved. */
function same(trace: Trace): void {
  const work = program(trace);
  const { places } = play(work, setup(trace));
  for (const step of work.steps) if (step.kind === "alloc") assert.equal(places[step.id], step.at, `block ${step.id}`);
  const [recorded, replayed] = replay(trace, { size: String(trace.head.size) }).columns.map(({ result }) => result);
  // holes are counted at other moments; what a tick has moved of a block that has not arrived is told of with the next
  const { hole, frayed, longestTick } = recorded;
  assert.deepEqual({ ...replayed, hole, frayed, longestTick }, recorded);
}

const KINDS: [string, (options: Any) => Any, Any][] = [
  ["full", full, { size: 4096 }],
  ["full, fit fast, unit 16", full, { size: 4096, fit: "fast", unit: 16 }],
  ["full, pause 300", full, { size: 4096, pause: 300 }],
  ["far", far, { store: memory(4096) }],
  ["far, fit fast", far, { store: memory(4096), fit: "fast", unit: 8 }]
];

describe("replay", () => {
  for (const [kind, make, options] of KINDS) {
    it(`in the recorded pool gives what was recorded: ${kind}`, function () {
      this.timeout(600000);
      for (const { name } of PROGRAMS) for (let seed = 1; seed <= amount(1, 20); seed++) same(take(name, make, { ...options, store: options.store && memory(4096) }, seed));
    });
  }

  it("is the same every time", () => {
    const trace = take("stress", full, { size: 4096 });
    assert.equal(JSON.stringify(replay(trace, {})), JSON.stringify(replay(trace, {})));
  });

  it("finds the smallest pool, to a unit, and no fewer handles will do", () => {
    for (const name of ["queue", "config", "stress"]) {
      const trace = take(name, full, { size: 2048 }, 2, 500);
      const work = program(trace);
      const { advice } = replay(trace, {});
      for (const { unit, size, handles, live, bytes, result } of advice!.needs) {
        const refused = (more: object) => refusals(play(work, { ...setup(trace), unit, size, handles, ...more }).result);
        assert.equal(refused({}), 0);
        const grain = size > 4096 ? 64 : unit;
        assert.ok(refused({ size: size - grain }) > 0, `${name}: unit ${unit} at ${size - grain} bytes`);
        assert.ok(refused({ handles: handles - 1 }) > 0, `${name}: ${handles - 1} handles`);
        assert.ok(live <= size);
        assert.equal(bytes, size + result.meta);
      }
      const { setup: right, result } = advice!;
      assert.equal(refusals(result), 0);
      assert.ok(right.size >= advice!.best.size && right.handles > advice!.best.handles);
      assert.equal(refusals(play(work, right).result), 0);
    }
  });

  it("makes again what was refused, and frees at once what it gets", () => {
    const lines: string[] = [];
    const pool = full({ size: 100, handles: 5 });
    const recorder = record(pool, { to: (line) => void lines.push(line) });
    const h = pool.alloc(60);
    assert.equal(pool.alloc(60), 0);
    assert.equal(pool.resize(h, 120), false);
    assert.equal(pool.alloc(0), 0);
    recorder.stop();
    const [trace] = parse(lines.join("\n"));
    const work = program(trace);
    assert.deepEqual(demand(work, 4), { live: 120, bytes: 120, blocks: 2, never: 1 });
    const { result } = play(work, { ...setup(trace), size: 120 });
    assert.deepEqual([result.refused, result.peak, result.blocks], [{ FULL: 0, FRAGMENTED: 0, HANDLES: 0, SIZE: 1 }, 120, 2]);
    assert.equal(replay(trace, {}).advice!.best.size, 120);
  });

  it("leaves out what a program did with a block that is refused now", () => {
    const lines: string[] = [];
    const pool = full({ size: 400, handles: 9 });
    const recorder = record(pool, { to: (line) => void lines.push(line) });
    const [, big] = [pool.alloc(100), pool.alloc(200)];
    pool.lock(big);
    pool.unlock(big);
    pool.resize(big, 220);
    pool.free(big);
    pool.alloc(50);
    recorder.stop();
    const [trace] = parse(lines.join("\n"));
    const { places, result } = play(program(trace), { ...setup(trace), size: 160 });
    assert.deepEqual(places.slice(1), [0, -1, 100]);
    assert.deepEqual([result.refused.SIZE, refusals(result), result.blocks], [1, 1, 2]);
  });

  it("allocates first what was there before, in the order of addresses", () => {
    const lines: string[] = [];
    const pool = full({ size: 400, handles: 9 });
    const [one, two, three] = [pool.alloc(40), pool.alloc(60), pool.alloc(80)];
    pool.free(two);
    const recorder = record(pool, { to: (line) => void lines.push(line) });
    pool.free(three);
    pool.free(one);
    recorder.stop();
    const [trace] = parse(lines.join("\n"));
    const found = replay(trace, {});
    assert.equal(found.before, 2);
    assert.equal(found.advice!.best.live, 120);
    assert.match(text("x", found), /2 blocks were there when the recording began/);
  });

  it("takes ticks as told: those of the program, others, none", () => {
    const trace = take("stress", full, { size: 4096 });
    const { columns } = replay(trace, { tick: "none,10:64" });
    const [recorded, none, often] = columns.map(({ result }) => result);
    assert.ok(recorded.longestTick > 64);
    assert.equal(none.longestTick, 0);
    assert.ok(often.longestTick > 0 && often.longestTick <= 64);
    assert.deepEqual(columns.map(({ name }) => name), ["recorded", "tick none", "tick 10:64"]);
  });

  it("goes on as far as it is sound where lines are missing, and says so", function () {
    this.timeout(600000);
    const next = random(5);
    for (let run = 0; run < amount(30, 1000); run++) {
      const trace = take("config", full, { size: 4096 }, 1 + (run % 3), 300);
      const hurt = { ...trace, lost: 1, events: trace.events.filter((_, i) => Math.abs(i - next(trace.events.length)) > 20) };
      const found = replay(hurt, { size: "8192" });
      assert.equal(refusals(found.columns[1].result) >= 0, true);
      assert.match(text("x", found), /Not whole: 1 line is missing and \d+ events/);
    }
  });

  it("says why there is no advice", () => {
    const empty = parse('@1c6.0 {"trace":1,"used":0,"size":64,"handles":8,"unit":4,"meta":40,"epoch":0,"live":0,"free":64,"largest":64}'.replace(/^@\w+/, "@" + sum('0 {"trace":1,"used":0,"size":64,"handles":8,"unit":4,"meta":40,"epoch":0,"live":0,"free":64,"largest":64}')));
    assert.match(text("x", replay(empty[0], {})), /No pool can be advised: the program allocates nothing\./);
    // blocks that grow, each before one that stays: no hole takes the next, and none may join another
    const lines: string[] = [];
    const pool = full({ size: 65536, handles: 200 });
    const recorder = record(pool, { to: (line) => void lines.push(line) });
    pool.hold();
    for (let i = 1; i < 60; i++) {
      const h = pool.alloc(20 * i);
      pool.alloc(4);
      pool.free(h);
    }
    recorder.stop();
    const found = replay(parse(lines.join("\n"))[0], {});
    assert.match(text("x", found), /No pool can be advised: more than twice the bytes or handles .* hold\(\)/);
  });

  it("shows one column for each combination, and writes create() without defaults", () => {
    const trace = take("queue", full, { size: 4096 }, 1, 300);
    const { columns } = replay(trace, { size: "2048,8192", fit: "best,fast" });
    assert.deepEqual(columns.map(({ name }) => name), ["recorded", "size 2048", "size 2048, fit fast", "size 8192", "size 8192, fit fast"]);
    assert.throws(() => replay(trace, { size: "1,2,3,4,5", unit: "1,2,4" }), /15 combinations, 12 at most/);
    assert.equal(call({ size: 64, handles: 8, unit: 4, fit: "best", flavour: "core" }), "create({ size: 64, handles: 8 })");
    assert.equal(call({ size: 64, handles: 8, unit: 8, fit: "fast", pause: 9, generations: 24, flavour: "far" }), 'create({ store: store, size: 64, handles: 8, unit: 8, fit: "fast", pause: 9, generations: 24 })');
  });
});

function sum(text: string): string {
  return [...text].reduce((all, character) => all + character.charCodeAt(0), 0).toString(36);
}

describe("clock of a replay", () => {
  it("fires timers in order, keeps their phase, and none once it is cleared", () => {
    const seen: string[] = [];
    const clock = new Clock(() => void seen.push("after"));
    const slow = clock.set(() => void seen.push(`slow ${clock.now}`), 20);
    const fast = clock.set(() => void (seen.push(`fast ${clock.now}`), clock.clear(fast)), 15);
    clock.run(40);
    clock.clear(slow);
    clock.run(100);
    assert.deepEqual(seen, ["fast 15", "after", "slow 20", "after", "slow 40", "after"]);
    assert.equal(clock.now, 140);
  });
});

describe("traces of the examples", () => {
  let made: Record<string, string> = {};
  before(async () => void (made = await examples()));

  it("are what the examples do today (npm run replay -- --examples)", () => {
    for (const [file, lines] of Object.entries(made)) assert.equal(readFileSync(join(FOLDER, file), "utf8"), lines, file);
  });

  for (const file of readdirSync(FOLDER)) {
    it(`${file} is small and whole, and its replay gives what was recorded`, () => {
      const lines = readFileSync(join(FOLDER, file), "utf8");
      assert.ok(lines.length < 80000, `${lines.length} bytes`);
      const traces = parse(lines);
      assert.equal(verify(traces[traces.length - 1]), "");
      if (file in made) same(traces[0]);
    });
  }
});

describe("npm run replay", () => {
  const folder = mkdtempSync(join(tmpdir(), "tidyheap-replay-"));
  after(() => rmSync(folder, { recursive: true, force: true }));

  /** Code, output and errors of the tool. */
  function tool(...args: string[]): Promise<{ code: number; out: string; err: string }> {
    return new Promise((resolve) => {
      execFile(process.execPath, ["--import=tsx", join("tools", "replay.ts"), ...args], { cwd: ROOT }, (error, out, err) => resolve({ code: error ? Number(error.code) : 0, out, err }));
    });
  }

  it("prints a table and what to do next, or JSON, and lists the traces it has", async () => {
    const file = join(FOLDER, "gps.trace");
    const [shown, json, listed] = await Promise.all([tool(file), tool(file, "--json", "--size", "12000,13000"), tool()]);
    assert.equal(shown.code, 0);
    assert.match(shown.out, /recorded {2}replayed\n[^]*\nThe right pool for this program: create\(\{ size: \d+, handles: \d+ \}\)[^]*\nNext: .*\n {2}npm run replay/);
    assert.deepEqual(JSON.parse(json.out).columns.map(({ result }: Any) => result.size), [20480, 12000, 13000]);
    assert.match(listed.out, /gps\.trace: \d+ events in 20,480 bytes, Espruino Pico\n[^]*Next: npm run replay/);
  });

  it("counts a refusal of any name, knows no board that is called as what all objects have, and gives up on what no pool has", () => {
    const size = 1024;
    const stat = { size, handles: 8, unit: 4, used: 0, free: size, largest: size, live: 0, meta: 80, epoch: 0 };
    const trace = (list: string): Any => ({ head: stat, about: { options: {}, board: "constructor" }, events: events(list), lost: 0 });
    const odd = replay(trace('R"constructor"4R"__proto__"4R"SIZE"4A9.a.0'), {} as Any);
    assert.equal(Object.values(odd.columns[0].result.refused).reduce((sum, n) => sum + n, 0), 3);
    assert.ok(odd.advice);
    assert.throws(() => replay(trace("A9.a.0"), { board: "__proto__" } as Any), /no board __proto__/);
    assert.match(replay(trace('R"SIZE"zzzzzz'), {} as Any).without!, /^2,176,782,335 bytes are asked for at a time$/);
  });

  it("refuses values that cannot be", () => {
    const [trace] = parse(readFileSync(join(FOLDER, "gps.trace"), "utf8"));
    const cases: [object, RegExp][] = [
      [{ unit: "12" }, /--unit is 12, expected a power of two/],
      [{ fit: "worst" }, /--fit is worst, expected best or fast/],
      [{ tick: "20" }, /--tick is 20, expected MS:BYTES or none/],
      [{ size: "5,x" }, /--size is x, expected a whole number/],
      [{ flavour: "tiny" }, /--flavour is tiny, expected full or core or far/],
      [{ board: "abacus" }, /no board abacus, there are /]
    ];
    for (const [values, message] of cases) assert.throws(() => replay(trace, values as Any), message);
  });

  it("ends with 1 where lines are missing, and says so", async () => {
    const lossy = join(folder, "lossy.trace");
    writeFileSync(lossy, readFileSync(join(FOLDER, "gps.trace"), "utf8").split("\n").filter((_, i) => i !== 2).join("\n"));
    const { code, out } = await tool(lossy);
    assert.equal(code, 1);
    assert.match(out, /Not whole: 1 line is missing/);
  });

  it("ends in one line and exit code 1", async () => {
    const bad = join(folder, "bad.trace");
    const file = join(FOLDER, "gps.trace");
    writeFileSync(bad, "hello\n");
    const cases: [string[], RegExp][] = [
      [[bad], /bad\.trace has no trace in it/],
      [[folder], /that is a folder, not a file/],
      [[join(folder, "none")], /there is no .*none/],
      [[file, "--trace", "2"], /--trace is 2, expected a whole number from 1 to 1/]
    ];
    const ends = await Promise.all(cases.map(([args]) => tool(...args)));
    ends.forEach(({ code, err, out }, i) => {
      assert.match(err, new RegExp(`^replay: .*${cases[i][1].source}.*\\n$`));
      assert.deepEqual([code, out], [1, ""]);
    });
  }).timeout(60000);
});
