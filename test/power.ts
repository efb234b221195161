import assert from "node:assert/strict";
import { format, mount } from "../src/fram";
import type { Store } from "../src/store";
import { random } from "./random";

type Pool = ReturnType<typeof mount>;

/** Memory that keeps its bytes without power, which goes after so many more bytes written. */
class Cells implements Store {
  readonly bytes: Uint8Array;
  readonly size: number;
  left = Infinity;
  written = 0;
  bytesOf?: never;
  constructor(from: number | Uint8Array) {
    this.bytes = typeof from === "number" ? new Uint8Array(from).map((_, i) => i * 7) : from.slice();
    this.size = this.bytes.length;
  }
  read(at: number, n: number): Uint8Array {
    assert.ok(at >= 0 && at + n <= this.size, `read ${at}, ${n}`);
    return this.bytes.slice(at, at + n);
  }
  write(at: number, data: ArrayLike<number>): void {
    assert.ok(at >= 0 && at + data.length <= this.size, `write ${at}, ${data.length}`);
    for (let i = 0; i < data.length; i++) {
      if (this.left-- <= 0) throw Object.assign(new Error("power is gone"), { code: "POWER" });
      this.written++;
      this.bytes[at + i] = data[i];
    }
  }
  move(to: number, from: number, n: number): void {
    this.write(to, this.read(from, n));
  }
}

/** What a pool must hold: bytes by handle. */
type Model = Map<number, Uint8Array>;

interface Step {
  what: string;
  /** Runs on the pool; changes the model to what is true afterwards. */
  run(pool: Pool, model: Model): void;
}

function noise(seed: number, n: number): Uint8Array {
  const next = random(seed);
  return new Uint8Array(n).map(() => next(256));
}

function pick(model: Model, n: number): number {
  const all = [...model.keys()];
  return all[n % all.length];
}

/** Makes a change, unless there is no room to make it all at once. */
function fits(change: () => void, then: () => void): void {
  try {
    change();
  } catch (error: any) {
    if (error.code !== "FULL") throw error;
    return;
  }
  then();
}

/** A seeded program. Blocks are named by their place among the live ones, so that it runs the same on every copy. */
function program(seed: number, steps: number, most: number): Step[] {
  const next = random(seed);
  const out: Step[] = [];
  for (let i = 0; i < steps; i++) {
    const [kind, a, b, n, m] = [next(100), next(1000), next(1000), 1 + next(most), next(1000)];
    const data = noise(seed * 1000 + i, n);
    const live = (model: Model) => model.size > 0;
    if (kind < 30) {
      out.push({ what: `alloc ${n}`, run: (pool, model) => {
        const h = pool.alloc(n);
        if (h) model.set(h, pool.load(h));
      } });
      out.push({ what: `write all`, run: (pool, model) => {
        const h = [...model.keys()].pop();
        if (h === undefined || model.get(h)!.length !== n) return;
        fits(() => pool.write(h, 0, data), () => model.set(h, data));
      } });
    } else if (kind < 50) out.push({ what: "free", run: (pool, model) => {
      if (!live(model)) return;
      const h = pick(model, a);
      pool.free(h);
      model.delete(h);
    } });
    else if (kind < 62) out.push({ what: `resize ${n}`, run: (pool, model) => {
      if (!live(model)) return;
      const h = pick(model, a);
      if (pool.resize(h, n)) model.set(h, pool.load(h));
    } });
    else if (kind < 72) out.push({ what: "write", run: (pool, model) => {
      if (!live(model)) return;
      const h = pick(model, a);
      const old = model.get(h)!;
      const at = m % old.length;
      const part = data.subarray(0, Math.min(n, old.length - at));
      const now = old.slice();
      now.set(part, at);
      fits(() => pool.write(h, at, part), () => model.set(h, now));
    } });
    else if (kind < 77) out.push({ what: "fill", run: (pool, model) => {
      if (!live(model)) return;
      const h = pick(model, a);
      const now = model.get(h)!.slice();
      const at = m % now.length;
      now.fill(b & 255, at, Math.min(at + n, now.length));
      pool.fill(h, b & 255, at, Math.min(n, now.length - at));
      model.set(h, now);
    } });
    else if (kind < 82) out.push({ what: "copy", run: (pool, model) => {
      if (!live(model)) return;
      const to = pick(model, a);
      const from = pick(model, b);
      const now = model.get(to)!.slice();
      const source = model.get(from)!.slice();
      const at = m % now.length;
      const fromAt = n % source.length;
      const count = Math.min(now.length - at, source.length - fromAt);
      now.set(source.subarray(fromAt, fromAt + count), at);
      fits(() => pool.copy(to, at, from, fromAt, count), () => model.set(to, now));
    } });
    else if (kind < 95) out.push({ what: `tick ${m % 100}`, run: (pool) => void pool.tick(m % 100) });
    else if (kind < 99) out.push({ what: "pack", run: (pool) => void pool.pack() });
    else out.push({ what: "reset", run: (pool, model) => {
      pool.reset();
      model.clear();
    } });
  }
  return out;
}

/** "" when the pool holds just what the model says. */
function differs(pool: Pool, model: Model, any?: number): string {
  const broken = pool.check();
  if (broken) return broken;
  const found = new Set<number>();
  pool.each((h) => void found.add(h));
  if (found.size !== model.size) return `${found.size} blocks, not ${model.size}`;
  for (const [h, bytes] of model) {
    if (!found.has(h)) return `block ${h} is lost`;
    if (h === any) continue;
    const got = pool.load(h);
    if (Buffer.compare(got, bytes)) return `block ${h}: ${got.length} bytes ${got.slice(0, 8)}, not ${bytes.length} bytes ${bytes.slice(0, 8)}`;
  }
  return "";
}

interface Shape {
  size: number;
  handles: number;
  journal?: number;
  unit?: number;
  generations?: 16 | 24;
}

/** Runs a program; gives the model after every step, the one before the first included. Ends early when power goes. */
function run(cells: Cells, shape: Shape, steps: Step[], left = Infinity): Model[] {
  const model: Model = new Map();
  const after: Model[] = [new Map()];
  const pool = format({ store: cells, ...shape });
  cells.written = 0;
  cells.left = left;
  for (const step of steps) {
    try {
      step.run(pool, model);
    } catch (error: any) {
      cells.left = Infinity;
      if (error.code !== "POWER") throw error;
      return after;
    }
    after.push(new Map(model));
  }
  return after;
}

/** Fails unless a pool is as before or as after the step in which power went, and goes on to work. */
function whole(pool: Pool, all: Model[], step: number, steps: Step[], when: string): void {
  const old = differs(pool, all[step]);
  const now = old && differs(pool, all[step + 1]);
  if (now) assert.fail(`${when}, step ${step} (${steps[step].what}): before it ${old}; after it ${now}`);
  const stat = pool.stat();
  const h = pool.alloc(1);
  assert.ok(h || stat.free < 16 || stat.live === stat.handles, `${when}: ${pool.why}`);
}

/** Power goes after the bytes that `at` names, and again in the mount that follows after every byte, if `twice`. Returns the cuts made. */
function cuts(shape: Shape, steps: Step[], at: (total: number) => Iterable<number>, twice: boolean): number {
  const cells = new Cells(shape.size);
  const all = run(cells, shape, steps);
  let made = 0;
  for (const left of at(cells.written)) {
    const cut = new Cells(shape.size);
    const step = run(cut, shape, steps, left).length - 1;
    const again = new Cells(cut.bytes);
    whole(mount(again), all, step, steps, `cut after ${left} bytes`);
    made++;
    for (let more = 0; twice; more++, made++) {
      const half = new Cells(cut.bytes);
      half.left = more;
      try {
        mount(half);
        break;
      } catch (error: any) {
        if (error.code !== "POWER") throw error;
      }
      half.left = Infinity;
      whole(mount(half), all, step, steps, `cut after ${left} bytes and after ${more} of the mount`);
    }
  }
  return made;
}

function random_(n: number, seed: number) {
  return function* (total: number): Generator<number> {
    const next = random(seed);
    for (let i = 0; i < n; i++) yield next(total);
  };
}

function* every(total: number): Generator<number> {
  for (let left = 0; left <= total; left++) yield left;
}

describe("power", () => {
  for (const [seed, shape] of [
    [1, { size: 1024, handles: 6 }],
    [2, { size: 1024, handles: 12, journal: 64 }],
    [3, { size: 1536, handles: 8, unit: 32, generations: 24 as const }],
  ] as [number, Shape][]) {
    it(`may go after any byte written by a short program, and again in the mount, seed ${seed}`, function () {
      this.timeout(120000);
      const made = cuts(shape, program(seed, 40, 150), every, true);
      assert.ok(made > 1000, `${made} cuts`);
    });
  }
  for (let seed = 100; seed < 100 + Number(process.env.N || 20); seed++) it("fuzz " + seed, function () {
    this.timeout(100000);
    const next = random(seed);
    cuts({ size: 700 + next(2500), handles: 1 + next(20), journal: 64 + next(100), unit: 16 << next(2) }, program(seed, 60, 30 + next(400)), random_(60, seed), seed % 4 === 0);
  });
});
