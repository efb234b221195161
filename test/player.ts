// Random programs on a pool of any kind, and what they must do.

import assert from "node:assert/strict";
import { join } from "node:path";
import fc from "fast-check";
import { create as core } from "../src/core";
import * as fram from "../src/fram";
import { create as tiny } from "../src/tiny";
import { Clock } from "./clock";
import { Memory } from "./memory";
import { Shadow } from "./shadow";
import { LIBRARIES, up, type Create, type Pool } from "./target";

/** A pool as a program finds it. */
export interface Config {
  size: number;
  handles: number;
  unit: number;
  fit: "best" | "fast";
  generations: 16 | 24;
  pause?: number;
  start?: { used?: number; handles?: number; least?: number };
  /** Bytes of one step of an external pool. */
  chunk: number;
}

/** A pool in its memory. */
interface Made {
  pool: Pool;
  memory: Memory;
  /** Bytes in front of every payload, and of the pool, where it is not all of the memory. */
  head?: number;
  size?: number;
  /** The pool that is found on the memory after power was off. */
  mount?(): Pool;
}

/** A build with all kinds of options. */
export interface Subject {
  name: string;
  /** It has alloc, free, at, view, size and has only. */
  bare?: boolean;
  make(config: Config, clock: Clock): Made;
}

/** What create() takes of a config. */
function options(config: Config): Record<string, unknown> {
  return Object.fromEntries(Object.entries(config).filter(([name, value]) => name !== "chunk" && value !== undefined));
}

/** A pool whose store is all of its memory. */
function ram(create: Create, config: Config, clock: Clock): Made {
  const memory = new Memory(config.size);
  memory.chunk = config.chunk;
  return { pool: create({ ...options(config), store: memory, scheduler: clock } as any), memory };
}

/** The tiny pool with read and write, which it leaves to its view. */
function bare({ size, handles }: Config): Made {
  const pool: any = tiny({ size, handles });
  const memory = new Memory(size & -4);
  memory.bytes = pool.bytes;
  pool.write = (h: number, at: number, data: ArrayLike<number>) => pool.view(h).set(data, at);
  pool.read = (h: number, at: number, n: number) => {
    memory.last = pool.view(h).byteOffset + at;
    return memory.bytes.slice(memory.last, memory.last + n);
  };
  return { pool, memory };
}

/** Bytes of a persistent pool besides its heap, unit 16 and a journal of 64. */
const AROUND = 176;

/** A pool that outlives power, as many bytes larger as it needs for itself. */
function kept(lib: typeof fram, config: Config, clock: Clock): Made {
  const unit = Math.max(16, config.unit);
  const memory = new Memory(config.size + AROUND + 3 * config.handles + 2 * unit, false);
  memory.chunk = config.chunk;
  const all = { ...options({ ...config, unit }), scheduler: clock } as any;
  delete all.size;
  const pool = lib.format({ ...all, store: memory, journal: 64 }) as unknown as Pool;
  return { pool, memory, head: 12, size: pool.stat().size, mount: () => lib.mount(memory, all) as unknown as Pool };
}

const BUILT = require(join(__dirname, "..", "dist", "tidyheap-fram.min.js")) as typeof fram;

/** Every build of every kind of pool. */
export const SUBJECTS: Subject[] = [
  ...LIBRARIES.map((library) => ({
    name: library.name,
    make: (config: Config, clock: Clock) => ram(library.create, config, clock)
  })),
  { name: "core", make: (config, clock) => ram(core as unknown as Create, config, clock) },
  { name: "tiny", bare: true, make: (config) => bare(config) },
  { name: "fram", make: (config, clock) => kept(fram, config, clock) },
  { name: "tidyheap-fram.min.js", make: (config, clock) => kept(BUILT, config, clock) }
];

const VERBS = [
  "alloc", "alloc", "alloc", "alloc", "alloc", "free", "free", "free", "resize", "resize", "write", "copy", "fill", "unlock", "tick", "tick", "tick", "fire",
  "at", "view", "size", "read", "lock", "hold", "release", "release", "pack", "reset", "wipe", "start", "stop", "mount"
] as const;
export type Verb = (typeof VERBS)[number];

/** Calls that stand in the way of others: one in four stays what it is. */
const RARE: Verb[] = ["lock", "hold", "pack", "reset", "wipe", "mount", "stop"];
const COMMON: Verb[] = ["alloc", "free", "tick"];

/** One call: a and b choose blocks, m and n are sizes and offsets before they are cut to what is legal. */
export type Step = [verb: Verb, a: number, b: number, m: number, n: number];

export const CONFIGS: fc.Arbitrary<Config> = fc.record({
  size: fc.integer({ min: 2, max: 16 }).map((n) => n * 32),
  handles: fc.integer({ min: 1, max: 20 }),
  unit: fc.constantFrom(1, 2, 4, 8, 16, 32),
  fit: fc.constantFrom("best" as const, "fast" as const),
  generations: fc.constantFrom(16 as const, 24 as const),
  chunk: fc.constantFrom(256, 16, 4),
  pause: fc.oneof({ weight: 2, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: fc.integer({ min: 0, max: 150 }) }),
  start: fc.constantFrom(undefined, undefined, undefined, { used: 0.5 }, { handles: 0.5 }, { used: 0.7, handles: 0.3, least: 0.1 })
});

export const PROGRAMS: fc.Arbitrary<Step[]> = fc.array(
  fc.tuple(fc.constantFrom(...VERBS.flatMap((verb) => (RARE.includes(verb) ? [verb, ...COMMON] : [verb, verb, verb, verb]))), fc.nat(19), fc.nat(19), fc.nat(90), fc.nat(90)),
  { minLength: 1, maxLength: 200, size: "max" }
);

/** Plays a program on a pool and its shadow, and writes down what it plays. */
class Player {
  /** Calls of the pool so far, without those that compare. */
  calls = 0;
  readonly lines: string[];
  private readonly shadow: Shadow;
  private readonly names = new Map<number, string>();
  private readonly made: Made;
  private readonly clock = new Clock();
  /** What start() was given; -1: the timer is off. */
  private budget = -1;

  constructor(private readonly subject: Subject, readonly config: Config, private readonly notes: boolean) {
    this.made = subject.make(config, this.clock);
    const { pool, memory, head, size } = this.made;
    this.lines = [`var pool = create(${JSON.stringify(options(config))}); // ${subject.name}, chunks of ${config.chunk}`];
    const unit = subject.bare ? 4 : head ? Math.max(16, config.unit) : config.unit;
    this.shadow = new Shadow(pool, memory, { unit, handles: config.handles, pause: subject.bare ? undefined : config.pause, head, size });
  }

  /** Compares the pool with what it must hold. */
  verify(): void {
    this.shadow.verify("after the last line");
    if (this.clock.running > (this.budget < 0 ? 0 : 1)) assert.fail(`${this.clock.running} timers run`);
  }

  private note(line: () => string): void {
    this.calls++;
    if (this.notes) this.lines.push(`${line()};`);
  }

  play([verb, a, b, m, n]: Step): void {
    const { shadow } = this;
    if (verb === "alloc") return this.alloc(n);
    if (this.subject.bare && !["free", "at", "view", "size", "read", "write"].includes(verb)) return;
    if (verb === "tick") return this.note(() => `pool.tick(${m})`), void shadow.tick(m);
    if (verb === "start" || verb === "stop" || verb === "fire") return this.time(verb, m, n);
    if (verb === "mount") return this.mount();
    if (verb === "hold" || verb === "release" || verb === "pack" || verb === "reset") {
      this.note(() => `pool.${verb}()`);
      return shadow[verb]();
    }
    if (verb === "wipe") return this.note(() => "pool.wipe && pool.wipe()"), (shadow.pool as any).wipe?.();
    const all = shadow.handles;
    if (all.length) this.act(verb, all[a % all.length], all[b % all.length], m, n);
  }

  private act(verb: Verb, h: number, other: number, m: number, n: number): void {
    const { shadow } = this;
    const name = this.names.get(h)!;
    const size = shadow.blocks.get(h)!.length;
    const at = m % (size + 1);
    const count = n % (size - at + 1);
    switch (verb) {
      case "free":
        return this.note(() => `pool.free(${name})`), shadow.drop(h);
      case "resize":
        return this.note(() => `pool.resize(${name}, ${n})`), void shadow.resize(h, n);
      case "write":
        return this.note(() => `pool.write(${name}, ${at}, new Uint8Array(${count}))`), shadow.write(h, at, count);
      case "fill":
        return this.note(() => `pool.fill(${name}, ${m}, ${at}, ${count})`), shadow.fill(h, m, at, count);
      case "copy":
        return this.copy(h, other, at, n);
      case "lock":
      case "unlock":
        return this.note(() => `pool.${verb}(${name})`), shadow[verb](h);
      case "read":
        this.note(() => `pool.read(${name}, ${at}, ${count})`);
        return assert.deepEqual(shadow.pool.read(h, at, count), shadow.blocks.get(h)!.slice(at, at + count));
      case "size":
        this.note(() => `pool.size(${name})`);
        return assert.equal(shadow.pool.size(h), size);
      default:
        return this.look(verb as "at" | "view", h);
    }
  }

  private alloc(n: number): void {
    const name = `h${this.names.size}`;
    this.note(() => `var ${name} = pool.alloc(${n})`);
    const h = this.shadow.alloc(n);
    if (h) this.names.set(h, name);
  }

  private copy(to: number, from: number, at: number, n: number): void {
    const { blocks } = this.shadow;
    const fromAt = n % (blocks.get(from)!.length + 1);
    const count = Math.min(blocks.get(to)!.length - at, blocks.get(from)!.length - fromAt);
    this.note(() => `pool.copy(${this.names.get(to)}, ${at}, ${this.names.get(from)}, ${fromAt}, ${count})`);
    this.shadow.copy(to, at, from, fromAt, count);
  }

  private time(verb: "start" | "stop" | "fire", ms: number, budget: number): void {
    const { pool } = this.shadow;
    this.note(() => (verb === "fire" ? "// the timer fires" : `pool.${verb}(${verb === "start" ? `${ms}, ${budget}` : ""})`));
    if (verb === "start") pool.start(ms, (this.budget = budget));
    else if (verb === "stop") pool.stop(), (this.budget = -1);
    else if (this.clock.running) {
      const before = pool.epoch;
      this.shadow.ticked(this.budget, () => (assert.deepEqual(this.clock.fire(), []), pool.epoch - before));
    }
  }

  private mount(): void {
    if (!this.made.mount) return;
    this.note(() => "// power is off and on again: locks and holds are gone\npool = mount(store)");
    this.clock.lose();
    this.budget = -1;
    this.shadow.remount(this.made.mount());
  }

  private look(verb: "at" | "view", h: number): void {
    const { pool, memory, blocks, far } = this.shadow;
    const data = blocks.get(h)!;
    this.note(() => `pool.${verb}(${this.names.get(h)})`);
    if (verb === "view" && far) return assert.throws(() => pool.view(h), { code: "VIEW" });
    const head = this.made.head ?? 0;
    const at = verb === "at" ? pool.at(h) : pool.view(h).byteOffset;
    if (verb === "view") assert.equal(pool.view(h).length, data.length);
    if (up(at - head, this.shadow.rule.unit) !== at - head) assert.fail(`address ${at}`);
    const from = at + memory.size - (this.made.size ?? memory.size) - (head && this.tail());
    assert.deepEqual(memory.bytes.slice(from, from + data.length), data);
  }

  /** Bytes behind the heap of a persistent pool. */
  private tail(): number {
    const { memory } = this.made;
    const view = new DataView(memory.bytes.buffer);
    return memory.size - view.getUint32(12, true) - view.getUint32(16, true);
  }
}

/** What came of a program: "" or the program as text with what went wrong, and the calls that were made. */
export interface Outcome {
  text: string;
  calls: number;
}

/** Runs a program; compares everything after each `every` calls and at the end. */
export function run(subject: Subject, config: Config, program: Step[], every: number, notes = false): Outcome {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  const player = new Player(subject, config, notes);
  try {
    program.forEach((step, i) => {
      player.play(step);
      if (i % every === every - 1) player.verify();
    });
    player.verify();
    return { text: "", calls: player.calls };
  } catch (error: any) {
    return { text: [...player.lines, `// ${error.message.split("\n")[0]}`].join("\n"), calls: player.calls };
  } finally {
    Error.stackTraceLimit = limit;
  }
}
