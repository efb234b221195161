// Seeded programs whose every answer is known: handles, addresses, refusals, bytes moved. What a pool does with the same calls is part of
// what it promises (a figure of README.md or DESIGN.md rests on it), and no other test sees a choice that is only dearer than another.

import assert from "node:assert/strict";
import { join } from "node:path";
import * as fram from "../src/fram";
import { Clock } from "./clock";
import { Memory } from "./memory";
import { random } from "./random";
import { LIBRARIES, sound, type Library, type Pool } from "./target";

interface Course {
  name: string;
  size: number;
  handles: number;
  /** Largest request. */
  most: number;
  /** Operations. */
  length: number;
  options?: object;
  /** Bytes of one step of an external pool. */
  chunk?: number;
  /** The store says that looking for a cheaper place does not pay. */
  quick?: boolean;
  /** Locks and holds come and go. */
  locks?: boolean;
  /** Ticks come from a timer. */
  timer?: boolean;
  /** Moves are told to onmove. */
  told?: boolean;
  pack?: boolean;
  /** Generations left to every row; a minified pool does not let them be set. */
  worn?: number;
  /** The pool is left and mounted again. */
  cuts?: boolean;
  /** How many pools, each with a program of its own. */
  pools?: number;
}

/** Bytes moved, blocks moved, requests refused, and a sum over every answer. */
type Trace = [number, number, number, number];

const BASE = { size: 2048, handles: 48, most: 120, length: 700 };

/** Pools in which every edge is near. */
const SMALL = { size: 96, handles: 7, most: 60, length: 50, pools: 60 };

const COURSES: Course[] = [
  { ...BASE, name: "unit 4" },
  { ...BASE, name: "unit 1, few rows", handles: 24, options: { unit: 1 }, told: true },
  { ...BASE, name: "unit 16, fast", options: { unit: 16, fit: "fast" } },
  { ...BASE, name: "24 bits, packed at times", options: { generations: 24 }, pack: true },
  { ...BASE, name: "pause 256", options: { pause: 256 } },
  { ...BASE, name: "pause 40, fast, locks", options: { pause: 40, fit: "fast" }, locks: true },
  { ...BASE, name: "locks and holds", locks: true, told: true, pack: true },
  { ...BASE, name: "a timer", timer: true },
  { ...BASE, name: "a timer, locks, unit 1", timer: true, locks: true, options: { unit: 1 } },
  { ...BASE, name: "ticks from half full on", options: { start: { used: 0.5, least: 0.1 } } },
  { ...BASE, name: "ticks from 20 blocks on", timer: true, options: { start: { handles: 0.4 } } },
  { ...BASE, name: "large requests", handles: 24, most: 700, length: 500 },
  { ...BASE, name: "16 KB", size: 16384, handles: 400, most: 200, length: 2500 },
  { ...BASE, name: "48 KB, large requests", size: 49152, handles: 200, most: 3000, length: 1500 },
  { ...BASE, name: "128 KB, large requests", size: 131072, handles: 200, most: 9000, length: 1500 },
  { ...BASE, name: "where looking does not pay", size: 16384, handles: 100, most: 1500, length: 1200, quick: true },
  { ...BASE, name: "a few rows too few", handles: 12, most: 300, length: 600, pack: true },
  { ...BASE, name: "rows to spare", handles: 300, most: 300, length: 200 },
  { ...BASE, name: "rows that are used up", handles: 60, most: 160, worn: 12 },
  { ...BASE, name: "rows that are used up, locks, a pause", handles: 40, most: 160, worn: 9, locks: true, options: { pause: 300 } },
  { ...SMALL, name: "small pools" },
  { ...SMALL, name: "small pools, unit 1, told", options: { unit: 1 }, told: true, pack: true },
  { ...SMALL, name: "small pools, unit 16, locks", options: { unit: 16 }, locks: true, handles: 12 },
  { ...SMALL, name: "small pools, pause 20, packed at times", options: { pause: 20 }, pack: true, handles: 30 },
  { ...SMALL, name: "small pools, a timer, locks", timer: true, locks: true, handles: 12 },
  { ...SMALL, name: "small pools, rows that are used up", worn: 2 },
  { ...SMALL, name: "small pools, rows that are used up, locks", worn: 3, locks: true, handles: 12 }
];

const EXTERNAL: Course[] = [
  { ...BASE, name: "unit 4, chunks of 16", chunk: 16 },
  { ...BASE, name: "unit 1, one chunk", options: { unit: 1 }, told: true },
  { ...BASE, name: "unit 16, fast, chunks of 40", options: { unit: 16, fit: "fast" }, chunk: 40 },
  { ...BASE, name: "24 bits, packed at times", options: { generations: 24 }, chunk: 32, pack: true },
  { ...BASE, name: "pause 200, chunks of 24", options: { pause: 200 }, chunk: 24, told: true },
  { ...BASE, name: "pause 60, fast, locks", options: { pause: 60, fit: "fast" }, chunk: 8, locks: true },
  { ...BASE, name: "locks and holds", locks: true, chunk: 16, pack: true },
  { ...BASE, name: "a timer", timer: true, chunk: 16 },
  { ...BASE, name: "ticks from half full on", options: { start: { used: 0.5, least: 0.1 } }, timer: true, chunk: 16 },
  { ...BASE, name: "large requests", handles: 24, most: 700, length: 500, chunk: 64 },
  { ...BASE, name: "a few rows too few", handles: 12, most: 300, length: 600 },
  { ...BASE, name: "128 KB, unit 1", size: 131072, handles: 200, most: 9000, length: 600, options: { unit: 1 } },
  { ...BASE, name: "rows that are used up", handles: 60, most: 160, worn: 12 },
  { ...SMALL, name: "small pools, chunks of 8", chunk: 8 },
  { ...SMALL, name: "small pools, unit 1, told", options: { unit: 1 }, told: true, pack: true, chunk: 5 },
  { ...SMALL, name: "small pools, unit 16, locks", options: { unit: 16 }, locks: true, handles: 12, chunk: 10 },
  { ...SMALL, name: "small pools, pause 20, packed at times", options: { pause: 20 }, pack: true, chunk: 4, handles: 30 },
  { ...SMALL, name: "small pools, a timer, locks", timer: true, locks: true, handles: 12, chunk: 4 },
  { ...SMALL, name: "small pools, rows that are used up", worn: 2, chunk: 16 }
];

/** Shares of the pool in use, by turns. */
const FILL = [0.9, 0.5, 1, 0.7];

/** Leaves the rows of a new pool `left` generations. */
function wear(pool: any, left: number): void {
  for (let r = 0; r < pool._rows; r++) pool._gens[r] = 1 + left - pool._most;
}

const KEPT: Course[] = [
  { ...BASE, name: "unit 16" },
  { ...BASE, name: "24 bits, mounted at times, packed", options: { generations: 24, journal: 64 }, cuts: true, pack: true },
  { ...BASE, name: "a large journal, told, mounted at times", options: { journal: 300 }, cuts: true, told: true },
  { ...BASE, name: "locks and holds, unit 32", options: { unit: 32, journal: 64 }, locks: true },
  { ...BASE, name: "a pause, fast, chunks of 40", options: { pause: 200, fit: "fast" }, chunk: 40, cuts: true },
  { ...BASE, name: "large requests, mounted at times", handles: 24, most: 700, length: 500, cuts: true, chunk: 16 },
  { ...BASE, name: "half full, large requests, mounted at times", size: 8192, handles: 24, most: 700, length: 500, cuts: true },
  { ...SMALL, name: "small pools", size: 500, most: 200, cuts: true, chunk: 24 },
  { ...SMALL, name: "small pools, rows that are used up", size: 400, worn: 2, cuts: true }
];

/** A library whose pools outlive power. */
interface Keeper extends Library {
  mount: typeof fram.mount;
}

function keeper(name: string, { format, mount }: typeof fram): Keeper {
  return { name, create: format as any, mount, full: false, far: true };
}

const KEEPERS = [keeper("fram", fram), keeper("tidyheap-fram.min.js", require(join(__dirname, "..", "dist", "tidyheap-fram.min.js")))];

/** Runs a course. */
function run(library: Library, course: Course): Trace {
  const total: Trace = [0, 0, 0, 0];
  for (let i = 0; i < (course.pools ?? 1); i++) one(library, course, i).forEach((n, k) => (total[k] = k < 3 ? total[k] + n : Math.imul(total[k], 31) + n));
  total[3] >>>= 0;
  return total;
}

/** Runs the program of one pool. */
function one(library: Library, course: Course, seed: number): Trace {
  const { size, handles, most, length } = course;
  const next = random(size + handles + most + length + seed);
  const wide = (course.options as any)?.generations === 24 ? 7 : 12;
  let mask = 1;
  while (mask < handles) mask = 2 * mask + 1;
  let sum = 0;
  const note = (...all: unknown[]) => {
    for (const one of all) for (const n of typeof one === "string" ? one.split("").map((c) => c.charCodeAt(0)) : [Number(one)]) sum = Math.imul(sum ^ n, 16777619) ^ (sum >>> 15);
  };
  // handles without the number of the pool
  const noted = (h: number) => note(h & mask, h >> wide);
  const kept = library as Keeper;
  const memory: any = new Memory(size, !library.far);
  memory.quick = course.quick;
  memory.chunk = course.chunk;
  const clock = new Clock();
  const onmove = course.told ? (h: number, at: number) => (noted(h), note(at)) : undefined;
  const options = { ...course.options, scheduler: clock, onmove };
  let pool: Pool = library.create({ ...options, size, handles, store: memory });
  if (course.worn) wear(pool, course.worn);
  if (course.timer) pool.start(10, 100);
  const all: number[] = [];
  let locks: number[] = [];
  let held = 0;
  let refused = 0;
  let used = 0;
  const drop = (i: number) => {
    const h = all[i];
    if (locks.includes(h)) return;
    used -= pool.size(h);
    pool.free(h);
    all.splice(i, 1);
  };
  for (let k = 0; k < length; k++) {
    const what = next(20);
    const i = all.length ? next(all.length) : 0;
    const h = all[i];
    // the fill goes up and down
    if (what < 9 || !h) {
      const n = next(8) ? 1 + next(most >> 2) : 1 + next(most);
      if (used + n < size * FILL[Math.floor(k / 60) % 4]) {
        const got = pool.alloc(n);
        noted(got);
        if (got) {
          all.push(got);
          used += n;
          pool.write(got, 0, [k & 255]);
        } else {
          refused++;
          note(pool.why);
          if (h) drop(i);
        }
      } else drop(i);
    } else if (what < 12) drop(i);
    else if (what < 14) {
      const old = pool.size(h);
      const n = 1 + next(next(4) ? old + 40 : most);
      const done = pool.resize(h, n);
      note(done);
      if (done) used += n - old;
      else {
        refused++;
        note(pool.why);
      }
    } else if (what < 17) {
      if (course.timer) note(clock.fire().length, clock.running);
      else note(pool.tick(next(4) ? next(300) : next(20)));
    } else if (what === 17) {
      const n = pool.size(h);
      const at = next(n);
      pool.fill(h, k & 255, at, next(n - at + 1));
      note(...pool.read(h, at, n - at));
      if (next(2)) {
        try {
          pool.copy(h, 0, all[0], 0, Math.min(n, pool.size(all[0])));
          if (course.cuts) pool.write(h, at, new Uint8Array(n - at).fill(k));
          if (course.cuts) pool.copy(h, 0, h, at >> 1, n - at);
        } catch (error: any) {
          // a persistent pool may have no room for that
          if (!course.cuts) throw error;
          note(error.code);
        }
      }
    } else if (what === 18 && course.locks) {
      if (locks.length > 3 || (locks.length && next(2))) pool.unlock(locks.splice(next(locks.length), 1)[0]);
      else if (next(5)) {
        pool.lock(h);
        locks.push(h);
      } else if (held) {
        held--;
        pool.release();
      } else {
        held++;
        pool.hold();
      }
    } else if (what === 19) {
      if (course.pack && !next(4)) note(pool.pack());
      else if (course.cuts && next(2)) {
        pool = kept.mount(memory, { ...options, journal: undefined, generations: undefined, unit: undefined } as object) as unknown as Pool;
        locks = [];
        held = 0;
      } else if (course.pools && !next(8)) {
        pool.reset();
        all.length = locks.length = held = used = 0;
      } else note(pool.at(h), library.far ? 0 : pool.view(h).length);
    }
    note(pool.epoch, pool.moves);
    if (k % 5 === 0) {
      const { free, largest, live, handles, meta, moved, moves, retired, size, used } = pool.stat();
      note(free, largest, live, handles, meta, moved, moves, retired, size, used);
    }
  }
  for (const h of all) note(pool.at(h), pool.size(h), ...pool.read(h, 0, pool.size(h)));
  if (course.cuts) note(...memory.bytes);
  sound(pool);
  return [pool.epoch, pool.moves, refused, sum >>> 0];
}

/** A course of a library, under which its trace is known. */
function title(library: Library, course: Course): string {
  return `${(library as Keeper).mount ? "kept, " : library.far ? "far, " : ""}${course.name}`;
}

const TRACES: { [name: string]: Trace } = {
  "unit 4": [141904, 5247, 38, 2972330815],
  "unit 1, few rows": [123437, 4008, 84, 1161545983],
  "unit 16, fast": [153648, 4708, 38, 294453861],
  "24 bits, packed at times": [174524, 6695, 60, 1724744382],
  "pause 256": [50176, 2448, 109, 927173495],
  "pause 40, fast, locks": [6704, 370, 137, 77846483],
  "locks and holds": [672, 38, 144, 3657110048],
  "a timer": [133836, 4973, 41, 873379481],
  "a timer, locks, unit 1": [25864, 1353, 129, 175749038],
  "ticks from half full on": [127568, 4678, 38, 3791332096],
  "ticks from 20 blocks on": [146008, 5354, 41, 2834181036],
  "large requests": [67372, 599, 9, 4160331208],
  "16 KB": [888816, 21826, 0, 341355709],
  "48 KB, large requests": [2203856, 4232, 0, 3387631034],
  "128 KB, large requests": [5215876, 3754, 0, 224257367],
  "where looking does not pay": [551352, 2305, 0, 284039628],
  "a few rows too few": [103800, 1794, 81, 4089894700],
  "rows to spare": [20004, 312, 1, 2495932113],
  "rows that are used up": [92404, 3024, 14, 768962339],
  "rows that are used up, locks, a pause": [7460, 280, 141, 4171153309],
  "small pools": [22666, 1988, 170, 3862384782],
  "small pools, unit 1, told": [23625, 2264, 133, 4158676089],
  "small pools, unit 16, locks": [4835, 271, 451, 1547296033],
  "small pools, pause 20, packed at times": [5835, 587, 215, 1241784745],
  "small pools, a timer, locks": [10553, 930, 225, 3831051170],
  "small pools, rows that are used up": [27925, 2251, 716, 2934522197],
  "small pools, rows that are used up, locks": [12363, 1150, 246, 2202220108],
  "far, unit 4, chunks of 16": [867, 63, 38, 1568944796],
  "far, unit 1, one chunk": [1047, 70, 38, 1310429584],
  "far, unit 16, fast, chunks of 40": [1188, 75, 38, 3551943230],
  "far, 24 bits, packed at times": [5727, 279, 60, 1347344396],
  "far, pause 200, chunks of 24": [867, 63, 38, 2895115301],
  "far, pause 60, fast, locks": [541, 47, 74, 687229120],
  "far, locks and holds": [0, 0, 96, 2257428896],
  "far, a timer": [1029, 59, 41, 2726207779],
  "far, ticks from half full on": [1029, 59, 41, 2726207779],
  "far, large requests": [6374, 88, 9, 275738235],
  "far, a few rows too few": [650, 14, 82, 2546504738],
  "far, 128 KB, unit 1": [31454, 25, 0, 1043399785],
  "far, rows that are used up": [4795, 162, 14, 1630085776],
  "far, small pools, chunks of 8": [2705, 291, 170, 1084244761],
  "far, small pools, unit 1, told": [2660, 287, 133, 1832372092],
  "far, small pools, unit 16, locks": [579, 68, 423, 1410885993],
  "far, small pools, pause 20, packed at times": [2151, 256, 156, 3882992360],
  "far, small pools, a timer, locks": [1676, 201, 162, 1279536686],
  "far, small pools, rows that are used up": [1721, 190, 704, 1371105239],
  "kept, unit 16": [5236, 293, 82, 763249910],
  "kept, 24 bits, mounted at times, packed": [4412, 212, 93, 4228981379],
  "kept, a large journal, told, mounted at times": [581, 27, 88, 3429418271],
  "kept, locks and holds, unit 32": [312, 27, 102, 1794380311],
  "kept, a pause, fast, chunks of 40": [206, 15, 91, 2531735845],
  "kept, large requests, mounted at times": [18, 2, 49, 2713008940],
  "kept, half full, large requests, mounted at times": [53, 2, 84, 3142456394],
  "kept, small pools": [3198, 144, 406, 2380396810],
  "kept, small pools, rows that are used up": [910, 77, 673, 3630110344]
};

/** The courses for a library. */
function courses(library: Library): Course[] {
  const readable = !library.name.includes("min.js");
  return ((library as Keeper).mount ? KEPT : library.far ? EXTERNAL : COURSES).filter(({ worn }) => readable || !worn);
}

for (const library of [...LIBRARIES, ...KEEPERS]) {
  describe(`trace, ${library.name}`, () => {
    for (const course of courses(library)) {
      it(`${course.name}: the same answers as ever`, () => {
        const name = title(library, course);
        assert.deepEqual(run(library, course), TRACES[name], `${name}: what is different is meant to be, or a fault`);
      });
    }
  });
}

if (process.env.TIDYHEAP_TRACE) {
  for (const library of [...LIBRARIES, ...KEEPERS]) for (const course of courses(library)) console.log(`${library.name} "${title(library, course)}": ${JSON.stringify(run(library, course))},`);
}
