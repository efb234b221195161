import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { amount } from "./amount";
import { Memory } from "./memory";
import { paused } from "./pause";
import { random } from "./random";
import { Shadow } from "./shadow";
import { pave, ram, SOURCE, TARGETS } from "./target";

const HANDLES = 14;

/** Eight blocks of 38 bytes in rows 0 to 7, of which some are freed, of the second generation or later. */
function row(freed: number[]): { pool: any; all: number[] } {
  const pool: any = SOURCE.create({ size: 512, handles: HANDLES });
  for (let i = 0; i < HANDLES; i++) pool.free(pool.alloc(4));
  const all = Array.from({ length: 8 }, () => pool.alloc(38));
  assert.deepEqual(all.map((h) => h & pool._mask), [0, 1, 2, 3, 4, 5, 6, 7]);
  for (const i of freed) pool.free(all[i]);
  return { pool, all };
}

/** Rows 1, 2 and 5 are free, row 6 is locked. */
function still(): any {
  const { pool, all } = row([1, 2, 5]);
  pool.lock(all[6]);
  assert.equal(pool.check(), "");
  return pool;
}

/** Rows 1 and 5 are free, the pool is full to the end, and the bubble stands in a block. */
function moving(): any {
  const { pool } = row([1, 5]);
  assert.ok(pool.alloc(188));
  for (let turn = 0; !pool._gap && turn < 50; turn++) pool.tick(8);
  assert.ok(pool._gap > 0, "no bubble");
  assert.equal(pool.check(), "");
  return pool;
}

type Break = [what: string, invariant: string, make: () => any, act: (pool: any) => void];

/** Every word of the state, a value it must not have, and the invariant check() must name. */
const BREAKS: Break[] = [
  ["the closing row is live", "I1", still, (p) => (p._gens[HANDLES] = 1)],
  ["the sentinel is free", "I1", still, (p) => (p._gens[HANDLES + 1] = 0)],
  ["the sentinel is not at the end", "I1", still, (p) => (p._offs[HANDLES + 1] -= 4)],
  ["a live row has the generation of the sentinel", "I2", still, (p) => (p._gens[3] = 1)],
  ["a free row is of a generation after the last", "I2", still, (p) => (p._gens[1] = -p._most)],
  ["the row in hand is live", "I6", still, (p) => (p._row = 4)],
  ["the hole at the start begins elsewhere", "I3", still, (p) => ((p._gens[0] = 0), (p._offs[0] = 4))],
  ["a block begins before the one below ends", "I4", still, (p) => (p._offs[3] = 20)],
  ["the last block ends behind the pool", "I4", still, (p) => (p._offs[8] = p._top = p._end = 516)],
  ["a hole begins inside the block below", "I5", still, (p) => (p._offs[1] = 0)],
  ["a block has no bytes", "I5", still, (p) => (p._offs[7] = p._offs[8])],
  ["the hole in hand begins elsewhere", "I6", still, (p) => (p._top += 4)],
  ["the hole in hand ends in a block", "I6", still, (p) => (p._end += 4)],
  ["a row of the hole in hand is live", "I6", still, (p) => ((p._gens[9] = 3), (p._offs[9] = 340), (p._offs[10] = 360))],
  ["the bubble is larger than its place", "I7", moving, (p) => (p._at = p._offs[p._next])],
  ["the bubble is below its row", "I7", moving, (p) => (p._at = 0)],
  ["the bubble is of no row", "I7", moving, (p) => (p._next = 0)],
  ["the bubble is held", "I8", moving, (p) => (p._held = 1)],
  ["the row with the bubble is locked", "I8", moving, (p) => ((p._pins[p._next - 1] = 1), (p._pinned = 1))],
  ["a free row is locked", "I9", still, (p) => ((p._pins[9] = 1), p._pinned++)],
  ["a lock counts for nothing", "I9", still, (p) => (p._pins[6] = 0)],
  ["a lock is not counted", "I9", still, (p) => (p._pinned = 0)],
  ["a lock is counted twice", "I9", still, (p) => (p._pinned = 2)],
  ["a lock is gone", "I9", still, (p) => delete p._pins[6]]
];

describe("check", () => {
  for (const [what, invariant, make, act] of BREAKS) {
    it(`I names ${invariant} when ${what}`, () => {
      const pool = make();
      act(pool);
      const text: string = pool.check();
      assert.match(text, new RegExp(`^${invariant}\\b`));
      assert.match(text, /\d.*\d/, "the values are missing");
    });
  }

  it("I breaks every invariant that check() knows", () => {
    const source = readFileSync(join(__dirname, "..", "src", "check.ts"), "utf8");
    const known = [...new Set(source.match(/"I\d+\b/g)!.map((text) => text.slice(1)))].sort();
    assert.deepEqual([...new Set(BREAKS.map(([, invariant]) => invariant))].sort(), known);
  });

  it("I finds another generation or offset in any row that is in use", () => {
    const pool = still();
    const rows = [...(pool._gens as Int16Array)].slice(0, HANDLES).map((gen: number, r: number) => (gen > 0 ? r : -1)).filter((r: number) => r >= 0);
    for (const r of rows) {
      for (const [table, value] of [["_gens", 1], ["_offs", 508], ["_offs", 0]] as const) {
        const old: number = pool[table][r];
        pool[table][r] = value;
        if ((old & pool._even) !== value) assert.notEqual(pool.check(), "", `${table}[${r}] = ${value}`);
        pool[table][r] = old;
        assert.equal(pool.check(), "");
      }
    }
  });

  it("I changes nothing", () => {
    const pool = moving();
    const before = JSON.stringify([pool._gens, pool._offs, pool._gap, pool._at, pool._next, pool._row, pool._top, pool.stat()]);
    for (let i = 0; i < 3; i++) assert.equal(pool.check(), "");
    assert.equal(JSON.stringify([pool._gens, pool._offs, pool._gap, pool._at, pool._next, pool._row, pool._top, pool.stat()]), before);
  });
});

for (const target of TARGETS.filter(({ full, far }) => full || far)) {
  describe(`check in use, ${target.name}`, () => {
    it(`I lists every live block in each${target.far ? "" : ", in address order"}`, () => {
      const pool = target.make({ size: 1024, handles: 40 });
      const next = random(9);
      const live = new Map<number, number>();
      for (let i = 0; i < 600; i++) {
        const n = 1 + next(60);
        const h = next(3) ? pool.alloc(n) : 0;
        if (h) live.set(h, n);
        else if (live.size) {
          const gone = [...live.keys()][next(live.size)];
          pool.free(gone);
          live.delete(gone);
        }
        pool.tick(next(30));
        if (i % 10) continue;
        const seen: number[][] = [];
        pool.each((h: number, at: number, size: number) => seen.push([h, at, size]));
        // an external pool lists them by row
        if (target.far) seen.sort((a, b) => a[1] - b[1]);
        assert.deepEqual(new Map(seen.map(([h, , size]) => [h, size])), live);
        for (let k = 1; k < seen.length; k++) assert.ok(seen[k][1] >= seen[k - 1][1] + seen[k - 1][2], "each is out of order");
        for (const [h, at] of seen) assert.equal(pool.at(h), at);
        assert.equal(pool.check(), "");
      }
    });

    ram(target, "no map")("I draws free and used bytes", () => {
      const pool = target.make({ size: 1024, handles: 40 });
      const empty = pool.map(16);
      const all = pave(pool, 64);
      const full = pool.map(16);
      assert.equal(new Set(empty).size, 1);
      assert.equal(new Set(full).size, 1);
      assert.notEqual(empty[0], full[0]);
      all.forEach((h, i) => i % 2 || pool.free(h));
      assert.equal(pool.map(16), (empty[0] + full[0]).repeat(8));
      pool.pack();
      assert.equal(pool.map(16), full[0].repeat(8) + empty[0].repeat(8));
    });
  });
}

/** A pool in the middle of its work, its model, and the bundle it is of: readable, with a hook that ends what does not end by itself. */
interface Scene {
  shadow: Shadow;
  pool: any;
}

const BUILDS = { ram: paused("tidyheap.js"), far: paused("tidyheap-far.js") };

/** Blocks of these sizes side by side, those below 0 freed, one locked. Ticks until `ready` says that the pool is where it is to be. */
function scene(kind: "ram" | "far", sizes: number[], locked: number, ready: (pool: any) => unknown): Scene {
  const memory = new Memory(512, kind === "ram");
  memory.chunk = 8;
  const pool: any = BUILDS[kind].create({ size: 512, handles: HANDLES, store: memory } as any);
  for (let i = 0; i < HANDLES; i++) pool.free(pool.alloc(4));
  const shadow = new Shadow(pool, memory, { unit: 4, handles: HANDLES });
  const all = sizes.map((n) => shadow.alloc(Math.abs(n)));
  all.forEach((h, i) => sizes[i] < 0 && shadow.drop(h));
  shadow.lock(all[locked]);
  for (let turn = 0; !ready(pool); turn++) {
    assert.ok(turn < 50 && shadow.tick(8), "it never comes to it");
  }
  assert.equal(pool.check(), "");
  return { shadow, pool };
}

const SCENES: Record<string, () => Scene> = {
  "in RAM, still": () => scene("ram", [38, -38, -38, 38, 38, -38, 38, 38], 6, () => true),
  "in RAM, a bubble in a block": () => scene("ram", [38, -38, 38, 38, 38, -38, 38, 38, 188], 8, (p) => p._gap && p._at + p._gap < (p._offs[p._next] & p._even)),
  "external, still": () => scene("far", [36, 36, -40, 36, 36, -40, 36, -40, 172, 20], 6, () => true),
  "external, a block is copied": () => scene("far", [36, 36, -40, 36, 36, -40, 36, -40, 172, 20], 6, (p) => p._fly !== p._rows && !p._slide),
  "external, a block slides": () => scene("far", [36, 36, -20, 36, 36, -20, 36, -20, 252, -20], 6, (p) => p._slide)
};

/** One word of the state, or one element of a table: its name, and what sets it. */
type Word = [name: string, old: number, set: (value: number) => void];

function words(pool: any): Word[] {
  return Object.keys(pool).flatMap((name): Word[] => {
    const value = pool[name];
    if (typeof value === "number") return [[name, value, (n) => (pool[name] = n)]];
    if (typeof value === "boolean") return [[name, +value, (n) => (pool[name] = n > 0)]];
    // _open is _gens or nothing
    if (name === "_open" || name === "bytes") return [];
    if (ArrayBuffer.isView(value)) return Array.from(value as Uint8Array, (n, i): Word => [`${name}[${i}]`, n, (to) => (pool[name][i] = to)]);
    if (name === "_pins" || name === "_peak" || name === "_refused") return Object.entries(value).map(([key, n]): Word => [`${name}.${key}`, n as number, (to) => (value[key] = to)]);
    return [];
  });
}

/** What no check can know: it is written in one place only, and what stands there is possible. */
const BLIND: [word: RegExp, what: string][] = [
  [/^_(mask|bits|id|unit|even|head|chunk|slice|pause)$/, "what create() sets and no call changes"],
  [/^_gens\[/, "of which generation a row is, and whether it is live"],
  [/^_(offs|ats|gaps|slack)\[/, "how long a block is: bytes may go from a block to its hole or its neighbour"],
  [/^_(pins\.\d+|held)$/, "how many locks a block has, and how many holds there are"],
  [/^_(at|gap|next|fly|slide|done)$/, "how far a move has come"]
];

/** Goes on with a program after a word was broken: "" or what went wrong. */
function goes({ shadow, pool }: Scene, kind: "ram" | "far"): string {
  const { hook } = BUILDS[kind];
  let points = 0;
  hook.run = () => {
    if (++points > 300000) throw new Error("it does not end");
  };
  const next = random(12);
  try {
    shadow.verify("at once");
    for (let i = 0; i < 60; i++) {
      const all = shadow.handles;
      const h = all[next(all.length)];
      const what = next(8);
      if (what < 3 || !h) shadow.alloc(1 + next(60));
      else if (what < 5) shadow.drop(h);
      else if (what < 6) shadow.tick(next(60));
      else if (what < 7) shadow.resize(h, 1 + next(60));
      else shadow.unlock(h);
      if (i % 10 === 0) shadow.verify(`step ${i}`);
    }
    shadow.pack();
    shadow.verify("at the end");
    return pool.check();
  } catch (error: any) {
    return error.message.split("\n")[0];
  } finally {
    hook.run = undefined;
  }
}

describe("check, every word", () => {
  const blind = new Set<string>();

  for (const [name, make] of Object.entries(SCENES)) {
    it(`I finds a word that is one more, one less or of the other sign, or the pool goes on as if nothing were, or no check can know it: ${name}`, function () {
      this.timeout(60000);
      const kind = name.startsWith("external") ? "far" : "ram";
      let found = 0;
      let harmless = 0;
      let known = 0;
      /** A scene in which word number `i` is broken; undefined where the table cannot hold the value. */
      const wrong = (i: number, old: number, value: number): Scene | undefined => {
        const broken = make();
        words(broken.pool)[i][2](value);
        return words(broken.pool)[i][1] === old ? undefined : broken;
      };
      words(make().pool).forEach(([word, old], i) => {
        if (i % amount(5, 1, 1)) return;
        for (const value of new Set([old + 1, old - 1, -old])) {
          const broken = value !== old && wrong(i, old, value);
          if (!broken) continue;
          let text: string;
          try {
            text = broken.pool.check();
          } catch (error: any) {
            text = error.message;
          }
          const went = text ? "" : goes(wrong(i, old, value)!, kind);
          const reason = BLIND.find(([pattern]) => pattern.test(word))?.[1];
          if (text) found++;
          else if (!went) harmless++;
          else if (reason) known++, blind.add(reason);
          else assert.fail(`${word} is ${value} instead of ${old}, check() says nothing, and then: ${went}`);
        }
      });
      this.test!.title += ` (${found} found, ${harmless} harmless, ${known} not to be known)`;
      assert.ok(found > amount(8, 45, 45), `${found} found`);
    });
  }

  it("I has no more reasons than there are for what no check can know", () => {
    if (amount(0, 1, 1)) assert.deepEqual([...blind].sort(), BLIND.map(([, what]) => what).sort());
  });
});
