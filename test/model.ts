import assert from "node:assert/strict";
import fc from "fast-check";
import { Memory } from "./memory";
import { Shadow } from "./shadow";
import { LIBRARIES, type Library } from "./target";

/** Set TIDYHEAP_SEED for another run; a failure prints the seed and the program. */
const SEED = Number(process.env.TIDYHEAP_SEED ?? 20261121);

interface Config {
  size: number;
  handles: number;
  unit: number;
  fit: "best" | "fast";
  generations: 16 | 24;
  pause?: number;
  /** Bytes of one step of an external pool. */
  chunk: number;
}

const VERBS = [
  "alloc", "alloc", "alloc", "free", "free", "resize", "write", "copy", "fill", "lock", "unlock", "hold", "release",
  "tick", "tick", "pack", "reset", "at", "view", "size", "read"
] as const;

/** One call: a and b choose blocks, m and n are sizes and offsets before they are cut to what is legal. */
interface Step {
  verb: (typeof VERBS)[number];
  a: number;
  b: number;
  m: number;
  n: number;
}

const configs: fc.Arbitrary<Config> = fc.record({
  size: fc.integer({ min: 2, max: 16 }).map((n) => n * 32),
  handles: fc.integer({ min: 1, max: 20 }),
  unit: fc.constantFrom(1, 2, 4, 8, 16, 32),
  fit: fc.constantFrom("best" as const, "fast" as const),
  generations: fc.constantFrom(16 as const, 24 as const),
  chunk: fc.constantFrom(256, 16, 4),
  pause: fc.oneof({ weight: 2, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: fc.integer({ min: 0, max: 150 }) })
});

// locks, holds and resets are rarer than what they stand in the way of
const verbs = fc.constantFrom(...VERBS).chain((verb) => {
  const rare = ["hold", "release", "reset", "lock", "pack"].includes(verb);
  return rare ? fc.constantFrom(verb, "alloc" as const, "free" as const, "tick" as const) : fc.constant(verb);
});

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({ verb: verbs, a: fc.nat(19), b: fc.nat(19), m: fc.nat(90), n: fc.nat(90) }),
  { minLength: 1, maxLength: 120, size: "max" }
);

/** Plays programs on a pool and its shadow, and writes down what it plays. */
class Player {
  readonly lines: string[];
  private readonly shadow: Shadow;
  private readonly names = new Map<number, string>();

  constructor(library: Library, readonly config: Config) {
    const { chunk, ...rest } = config;
    const memory = new Memory(config.size);
    memory.chunk = chunk;
    const options = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
    this.lines = [`var pool = create(${JSON.stringify(options)});${library.far ? ` // chunks of ${chunk}` : ""}`];
    this.shadow = new Shadow(library.create({ ...options, store: memory } as any), memory, config);
  }

  play(step: Step): void {
    const { shadow } = this;
    this.act(step);
    shadow.verify("after the last line");
  }

  private note(line: string): void {
    this.lines.push(`${line};`);
  }

  private act({ verb, a, b, m, n }: Step): void {
    const { shadow } = this;
    const all = shadow.handles;
    if (verb === "alloc") return this.alloc(n);
    if (verb === "tick") return this.note(`pool.tick(${m})`), void shadow.tick(m);
    if (verb === "hold" || verb === "release" || verb === "pack" || verb === "reset") {
      this.note(`pool.${verb}()`);
      return shadow[verb]();
    }
    if (!all.length) return;
    const h = all[a % all.length];
    const name = this.names.get(h)!;
    const size = shadow.blocks.get(h)!.length;
    const at = m % (size + 1);
    const count = n % (size - at + 1);
    switch (verb) {
      case "free":
        return this.note(`pool.free(${name})`), shadow.drop(h);
      case "resize":
        return this.note(`pool.resize(${name}, ${n})`), void shadow.resize(h, n);
      case "write":
        return this.note(`pool.write(${name}, ${at}, new Uint8Array(${count}))`), shadow.write(h, at, count);
      case "fill":
        return this.note(`pool.fill(${name}, ${m}, ${at}, ${count})`), shadow.fill(h, m, at, count);
      case "copy":
        return this.copy(h, all[b % all.length], at, n);
      case "lock":
      case "unlock":
        return this.note(`pool.${verb}(${name})`), shadow[verb](h);
      case "read":
        this.note(`pool.read(${name}, ${at}, ${count})`);
        return assert.deepEqual(shadow.pool.read(h, at, count), shadow.blocks.get(h)!.slice(at, at + count));
      case "size":
        this.note(`pool.size(${name})`);
        return assert.equal(shadow.pool.size(h), size);
      default:
        return this.look(verb, h);
    }
  }

  private alloc(n: number): void {
    const name = `h${this.names.size}`;
    this.note(`var ${name} = pool.alloc(${n})`);
    const h = this.shadow.alloc(n);
    if (h) this.names.set(h, name);
  }

  private copy(to: number, from: number, at: number, n: number): void {
    const { blocks } = this.shadow;
    const fromAt = n % (blocks.get(from)!.length + 1);
    const count = Math.min(blocks.get(to)!.length - at, blocks.get(from)!.length - fromAt);
    this.note(`pool.copy(${this.names.get(to)}, ${at}, ${this.names.get(from)}, ${fromAt}, ${count})`);
    this.shadow.copy(to, at, from, fromAt, count);
  }

  private look(verb: "at" | "view", h: number): void {
    const { pool, memory, blocks } = this.shadow;
    const data = blocks.get(h)!;
    this.note(`pool.${verb}(${this.names.get(h)})`);
    if (verb === "view" && this.shadow.far) return assert.throws(() => pool.view(h), { code: "VIEW" });
    const at = verb === "at" ? pool.at(h) : pool.view(h).byteOffset;
    if (verb === "view") assert.equal(pool.view(h).length, data.length);
    assert.equal(at % this.config.unit, 0, "address");
    assert.deepEqual(memory.bytes.slice(at, at + data.length), data);
  }
}

/** Runs a program; "" or the program as text with what went wrong. */
function run(library: Library, config: Config, program: Step[]): string {
  const player = new Player(library, config);
  try {
    for (const step of program) player.play(step);
    return "";
  } catch (error: any) {
    return [...player.lines, `// ${error.message.split("\n")[0]}`].join("\n");
  }
}

for (const library of LIBRARIES) {
  describe(`model, ${library.name}`, () => {
    it(`agrees with a map of byte arrays in random programs, seed ${SEED}`, function () {
      this.timeout(60000);
      const numRuns = ["src", "far"].includes(library.name) ? 800 : 150;
      const property = fc.property(configs, steps, (config, program) => run(library, config, program) === "");
      const report = fc.check(property, { seed: SEED, numRuns, endOnFailure: false });
      if (!report.failed) return;
      const [config, program] = report.counterexample!;
      assert.fail(`seed ${SEED}, after ${report.numShrinks} reductions:\n${run(library, config, program)}`);
    });

    it("finds a byte that is not right", () => {
      const wrong: Library = {
        ...library,
        create: ((options: any) => {
          const pool = library.create(options);
          const { write } = pool;
          pool.write = function (h: number, at: number, data: any) {
            write.call(pool, h, at, data);
            if (data.length > 60) options.store.bytes[pool.at(h)] ^= 1;
          };
          return pool;
        }) as Library["create"]
      };
      const property = fc.property(configs, steps, (config, program) => run(wrong, config, program) === "");
      const report = fc.check(property, { seed: SEED, numRuns: 200 });
      assert.ok(report.failed);
      const text = run(wrong, ...report.counterexample!);
      assert.match(text, /alloc\(61\);\n\/\/ .*byte 0 of block/);
      assert.ok(text.split("\n").length <= 4, text);
    });
  });
}
