import type { MutantResult } from "@stryker-mutator/api/core";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { random, type Random } from "../test/random";
import { command, list, options, Progress, whole } from "./command";

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
  { name: "trail", rooms: ["record"], tests: ["message", "record", "trail"] }
];

/** Tests of bundles, which are not mutated, and long random ones where a trace says the same. */
const LEAVE = "\\.min\\.js|20,000 random|loses nothing whichever|large tables keeps|moves no more bytes than the cheapest|of a checkerboard|lists every live block|a picture too wide|every call from onmove|wrong bit.*(at rest|in a slide)|random blocks as|statement|interrupted|every word|queue on a board";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const FOLDER = join(ROOT, "reports");
const SANDBOX = join("reports", "sandbox");

/** Runs the mutants that `mutate` names in a house. */
async function run(house: House, mutate: string[], jobs: number, keep: boolean): Promise<MutantResult[]> {
  const { Stryker } = await import("@stryker-mutator/core"); // slow to load, not needed to refuse
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
    tempDirName: SANDBOX,
    ignorePatterns: ["docs", "reports"],
    incremental: keep,
    incrementalFile: join(FOLDER, `${house.name}.json`),
    cleanTempDir: "always",
    warnings: { unknownOptions: false, slow: false }
  } as object).runMutationTest();
}

const room = (file: string) => /(\w*)\.ts$/.exec(file)![1];
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

/** Rooms by house that are wanted, none: all; of a sample a few houses, in turn. */
function choose({ wanted, sample }: Choice, next: Random): House[] {
  const houses = HOUSES.map((house) => ({ ...house, rooms: house.rooms.filter((name) => !wanted.length || wanted.includes(name)) })).filter(({ rooms }) => rooms.length);
  if (!sample) return houses;
  while (houses.length > SAMPLED) houses.splice(next(houses.length), 1);
  return houses;
}

const HELP = `usage: npm run mutate -- [ROOM...] [--sample MUTANTS] [--jobs N]
Changes src in small ways, one at a time, and asks whether a test fails; prints the score of every room (a file of src) and the
changes that no test notices. All of it takes an hour and more on two processors, and goes on where it was broken off.
  ROOM      these only:
            ${list(HOUSES.flatMap(({ rooms }) => rooms), "            ")}
  --sample  about so many changes in ${SAMPLED} houses, a minute for 60; TIDYHEAP_SEED chooses others
  --jobs    processes (default 2)
The exit code is 1 when fewer than ${BAR} % are noticed.`;

interface Choice {
  /** Rooms; none: all. */
  wanted: string[];
  /** About so many mutants; 0: all. */
  sample: number;
  jobs: number;
}

/** The room that is meant by its name or its file. */
function wanted(name: string): string {
  return room(name.endsWith(".ts") ? name : `${name}.ts`);
}

function read(args: string[]): Choice {
  const { values, rest } = options(args, { sample: { type: "string" }, jobs: { type: "string" } }, Infinity);
  const known = HOUSES.flatMap(({ rooms }) => rooms);
  const lost = readdirSync(join(ROOT, "src")).find((file) => file.endsWith(".ts") && !known.includes(room(file)) && room(file) !== "kit");
  if (lost) throw new Error(`src/${lost} is in no house of tools/mutate.mts`);
  const strange = rest.find((name) => !known.includes(wanted(name)));
  if (strange !== undefined) throw new Error(`${strange} is no room, see --help`);
  return { wanted: rest.map(wanted), sample: whole("--sample", values.sample, 1, 10000) ?? 0, jobs: whole("--jobs", values.jobs, 1, 64) ?? 2 };
}

async function main(args: string[]): Promise<number> {
  const choice = read(args);
  const { sample, jobs } = choice;
  process.env.NODE_OPTIONS = "--import=tsx"; // of the processes that Stryker starts
  mkdirSync(FOLDER, { recursive: true });
  const start = Date.now();
  const all: MutantResult[] = [];
  const next = random(SEED);
  const houses = choose(choice, next);
  if (sample) console.log(`${sample} mutants, TIDYHEAP_SEED=${SEED}`);
  for (const house of houses) {
    const mutate = sample ? pieces(house.rooms, sample / houses.length, next) : house.rooms.map((name) => `src/${name}.ts`);
    const results = await new Progress().during(`mutating ${house.rooms.join(", ")}`, run(house, mutate, jobs, !sample));
    report(results);
    all.push(...results);
  }
  console.log(`${score(all)}, ${Math.round((Date.now() - start) / 1000)} s`);
  if (percent(all) >= BAR) return 0;
  console.error(`mutate: fewer than ${BAR} %; next: a test for the lines above`);
  return 1;
}

command("mutate", HELP, main);
