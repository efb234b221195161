// Changes src in small ways, one at a time, and asks whether a test fails: npm run mutate -- [room...] [--sample mutants] [--jobs n].
// Prints the score of every room and the mutants that live; fails below the bar. TIDYHEAP_SEED chooses another sample.

import { Stryker } from "@stryker-mutator/core";
import type { MutantResult } from "@stryker-mutator/api/core";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { random, type Random } from "../test/random";

/** Killed mutants of all, in percent, that are enough. */
const BAR = 85;

/** Houses that a sample is taken from; lines of one piece of it, and mutants that are wholly inside so many lines. */
const SAMPLED = 3;
const PIECE = 8;
const INSIDE = 4;

const SEED = Number(process.env.TIDYHEAP_SEED ?? 20261121);

/** Rooms that are mutated together, and the tests that are asked, the cheapest first. */
interface House {
  name: string;
  rooms: string[];
  tests: string[];
}

/** Tests of pools in RAM and of external ones. */
const POOL = ["trace", "edge", "message", "picture", "count", "cut", "basic", "access", "fragment", "ticker", "resize", "check", "input"];
const FAR = [...POOL, "far"];

const HOUSES: House[] = [
  { name: "place", rooms: ["place", "bubble", "row"], tests: POOL },
  { name: "tick", rooms: ["gate", "entry", "tick", "plan", "resize"], tests: [...POOL, "busy"] },
  { name: "access", rooms: ["access", "handle", "lock", "stat", "wipe"], tests: [...POOL, "wipe"] },
  { name: "pool", rooms: ["check", "count", "option", "error", "build", "pool", "core", "full"], tests: POOL },
  { name: "store", rooms: ["store"], tests: ["message", "ram", "store", "basic", "access"] },
  { name: "table", rooms: ["table", "flight", "evacuate"], tests: FAR },
  { name: "block", rooms: ["block", "reach", "pin"], tests: FAR },
  { name: "far", rooms: ["sift", "census", "claim", "far", "blank"], tests: [...FAR, "wipe"] },
  { name: "tiny", rooms: ["tiny"], tests: ["message", "tiny"] },
  { name: "chain", rooms: ["chain", "buffer", "deque", "text"], tests: ["message", "buffer", "deque", "text", "chain"] },
  { name: "slab", rooms: ["slab", "queue", "cell"], tests: ["message", "slab", "queue"] },
  { name: "record", rooms: ["struct", "array", "collect"], tests: ["message", "struct", "collect"] },
  { name: "owner", rooms: ["ledger", "owner", "guard"], tests: ["message", "guard", "owner"] },
  { name: "pressure", rooms: ["pressure", "preset", "idle", "time"], tests: ["message", "idle", "preset", "pressure"] },
  { name: "spi", rooms: ["spi", "chips"], tests: ["message", "spi", "connect"] },
  { name: "page", rooms: ["span", "piece", "page"], tests: ["message", "page", "spi"] },
  { name: "fram", rooms: ["image", "journal", "mount", "fram"], tests: ["message", "trace", "image"] },
  { name: "thumb", rooms: ["thumb"], tests: ["message", "thumb"] },
  { name: "trail", rooms: ["record"], tests: ["message", "record"] }
];

/** Tests of bundles, which are not mutated, and long random ones where a trace says the same. */
const LEAVE = "\\.min\\.js|20,000 random|loses nothing whichever|large tables keeps|moves no more bytes than the cheapest|of a checkerboard|lists every live block|a picture too wide|every call from onmove|wrong bit.*(at rest|in a slide)|random blocks as|statement|interrupted|every word|queue on a board";

const ROOT = resolve(import.meta.dirname, "..");
const FOLDER = join(ROOT, "reports");

process.env.NODE_OPTIONS = "--import=tsx";

/** Runs the mutants that `mutate` names in a house. */
async function run(house: House, mutate: string[], jobs: number, keep: boolean): Promise<MutantResult[]> {
  return new Stryker({
    testRunner: "heap",
    plugins: [join(ROOT, "tools", "mutant.mts")],
    mutate,
    tests: house.tests.map((test) => `test/${test}.ts`),
    leave: LEAVE,
    coverageAnalysis: "perTest",
    // what runs while modules load: tables of methods and numbers
    ignoreStatic: true,
    concurrency: jobs,
    timeoutMS: 60000,
    timeoutFactor: 4,
    reporters: keep ? ["progress-append-only"] : [],
    logLevel: "error",
    tempDirName: "reports/sandbox",
    ignorePatterns: ["docs", "reports"],
    incremental: keep,
    incrementalFile: join(FOLDER, `${house.name}.json`),
    cleanTempDir: "always",
    warnings: { unknownOptions: false, slow: false }
  } as object).runMutationTest();
}

const room = (file: string) => /(\w+)\.ts$/.exec(file)![1];
const found = (one: MutantResult) => one.status === "Killed" || one.status === "Timeout";
const alive = (one: MutantResult) => one.status === "Survived" || one.status === "NoCoverage";

/** One line a room, one a mutant that lives. */
function report(results: MutantResult[]): void {
  const rooms = new Map<string, MutantResult[]>();
  for (const one of results) rooms.set(room(one.fileName), [...(rooms.get(room(one.fileName)) ?? []), one]);
  for (const [name, all] of rooms) {
    const lines = readFileSync(join(ROOT, "src", `${name}.ts`), "utf8").split("\n");
    const lives = all.filter(alive).sort((a, b) => a.location.start.line - b.location.start.line);
    for (const { status, location: { start, end }, replacement } of lives) {
      const text = start.line === end.line ? lines[start.line - 1].slice(start.column - 1, end.column - 1) : lines[start.line - 1].slice(start.column - 1) + "..";
      console.log(`  ${name}.ts:${start.line}:${start.column} ${status === "NoCoverage" ? "not run: " : ""}${text.slice(0, 70)} => ${replacement?.replace(/\s+/g, " ").slice(0, 90)}`);
    }
    console.log(`${name}: ${score(all)}`);
  }
}

/** Killed mutants of those that could be, in percent. */
function percent(all: MutantResult[]): number {
  const killed = all.filter(found).length;
  return (100 * killed) / Math.max(1, killed + all.filter(alive).length);
}

function score(all: MutantResult[]): string {
  return `${percent(all).toFixed(1)} % of ${all.filter((one) => found(one) || alive(one)).length} mutants killed, ${all.filter(({ status }) => status === "Timeout").length} of them by time`;
}

const { values, positionals } = parseArgs({ allowPositionals: true, options: { sample: { type: "string" }, jobs: { type: "string", default: "2" } } });
const wanted = positionals.map((name) => room(name.endsWith(".ts") ? name : `${name}.ts`));
const sample = Number(values.sample ?? 0);
const known = HOUSES.flatMap(({ rooms }) => rooms);
for (const file of readdirSync(join(ROOT, "src"))) if (!known.includes(room(file)) && room(file) !== "kit") throw new Error(`src/${file} is in no house of tools/mutate.mts`);
for (const name of wanted) if (!known.includes(name)) throw new Error(`${name} is no room`);

/** Pieces of the rooms of a house with about `count` mutants. */
function pieces(rooms: string[], count: number, next: Random): string[] {
  const sizes = rooms.map((name) => readFileSync(join(ROOT, "src", `${name}.ts`), "utf8").split("\n").length);
  const chosen = new Set<string>();
  while (chosen.size * INSIDE < count) {
    // a room by its length
    let line = next(sizes.reduce((sum, n) => sum + n));
    let i = 0;
    while (line >= sizes[i]) line -= sizes[i++];
    chosen.add(`src/${rooms[i]}.ts:${line - (line % PIECE) + 1}-${line - (line % PIECE) + PIECE}`);
  }
  return [...chosen];
}

/** Rooms by house that are wanted; of a sample a few houses, in turn. */
function choose(next: Random): House[] {
  const list = HOUSES.map((house) => ({ ...house, rooms: house.rooms.filter((name) => !wanted.length || wanted.includes(name)) })).filter(({ rooms }) => rooms.length);
  if (!sample) return list;
  while (list.length > SAMPLED) list.splice(next(list.length), 1);
  return list;
}

mkdirSync(FOLDER, { recursive: true });
const start = Date.now();
const all: MutantResult[] = [];
const next = random(SEED);
const houses = choose(next);
if (sample) console.log(`${sample} mutants, TIDYHEAP_SEED=${SEED}`);
for (const house of houses) {
  const mutate = sample ? pieces(house.rooms, sample / houses.length, next) : house.rooms.map((name) => `src/${name}.ts`);
  const results = await run(house, mutate, Number(values.jobs), !sample);
  report(results);
  all.push(...results);
}
console.log(`${score(all)}, ${Math.round((Date.now() - start) / 1000)} s`);
if (percent(all) < BAR) {
  console.log(`fewer than ${BAR} %`);
  process.exitCode = 1;
}
