import assert from "node:assert";
import { createHash } from "node:crypto";
import { choose } from "../tools/bench";
import { create } from "../tools/bench/bump";
import { churn, type Churn } from "../tools/bench/device";
import { COMPARED, operations, PROGRAMS, type Operation, type Program } from "../tools/bench/program";
import { Random } from "../tools/bench/random";

const KB = 1024;
const SIZES = [4 * KB, 16 * KB, 64 * KB, 256 * KB];

function take(program: Program, seed: number, size: number, count: number): Operation[] {
  const steps = operations(program, seed, size);
  return Array.from({ length: count }, () => steps.next().value as Operation);
}

function digest(steps: Operation[]): string {
  return createHash("sha1").update(JSON.stringify(steps)).digest("hex");
}

/** Plays operations against a set of names. Returns the payload at the end; fails at the first illegal one. */
function play(steps: Operation[], [least, most]: [number, number]): number {
  const live = new Map<number, number>();
  const locked = new Set<number>();
  for (const step of steps) {
    assert.strictEqual(live.has(step.id), step.kind !== "alloc", `${step.kind} of ${step.id}`);
    if ("bytes" in step) {
      assert.ok(step.bytes >= least && step.bytes <= most, `${step.bytes} bytes, allowed are ${least} to ${most}`);
      live.set(step.id, step.bytes);
    }
    assert.strictEqual(locked.has(step.id), step.kind === "unlock", `${step.kind} of ${step.id}, locked or not`);
    if (step.kind === "lock") locked.add(step.id);
    if (step.kind === "unlock") locked.delete(step.id);
    if (step.kind === "free") live.delete(step.id);
  }
  return [...live.values()].reduce((sum, bytes) => sum + bytes, 0);
}

describe("bench programs", () => {
  for (const program of [...PROGRAMS, ...COMPARED]) {
    describe(program.name, () => {
      it("repeats with the same seed and differs with another", () => {
        const hashes = [1, 1, 2].map((seed) => digest(take(program, seed, 16 * KB, 1000)));
        assert.strictEqual(hashes[0], hashes[1]);
        assert.notStrictEqual(hashes[0], hashes[2]);
      });

      for (const size of SIZES) {
        it(`does nothing illegal in ${size / KB} KB and keeps its sizes in range`, () => {
          play(take(program, 3, size, 20000), program.range(size));
        });
      }

      it("asks for more and more", () => {
        const [early, late] = [1000, 60000].map((count) => play(take(program, 1, 16 * KB, count), [1, 16 * KB]));
        assert.ok(late > early && late > 16 * KB, `${early} bytes after 1000 operations, ${late} after 60000`);
      });
    });
  }
});

/** Live bytes after each turn, in whole units. */
function fills(c: Churn, passes: number): number[] {
  const now = [...c.first];
  const turns = Array.from({ length: passes * c.places.length }, (_, n) => n % c.places.length);
  return turns.map((turn) => {
    now[c.places[turn]] = c.sizes[turn];
    return now.reduce((sum, bytes) => sum + 4 * Math.ceil(bytes / 4), 0);
  });
}

describe("bench churn", () => {
  for (const live of [10, 50, 200]) {
    it(`stays within 5 % of its aim with ${live} blocks, and repeats`, () => {
      const turns = 256;
      const all = fills(churn(live, turns), 2);
      assert.ok(Math.max(...all) <= 1.11 * Math.min(...all), `${Math.min(...all)} to ${Math.max(...all)} bytes`);
      assert.deepStrictEqual(all.slice(0, turns), all.slice(turns));
    });
  }
});

describe("bench bump", () => {
  it("slides when it is full and keeps every byte", () => {
    const size = 2 * KB;
    const pool = create(size, 64);
    const random = new Random(7);
    const model = new Map<number, number[]>();
    let refused = 0;
    let moved = 0;
    for (let step = 0; step < 5000; step++) {
      if (random.chance(45) && model.size) {
        const handle = [...model.keys()][random.below(model.size)];
        pool.free(handle);
        model.delete(handle);
        continue;
      }
      const before = [...model.keys()].map((handle) => pool.at(handle));
      const bytes = Array.from({ length: random.between(1, 96) }, () => random.below(256));
      const handle = pool.alloc(bytes.length);
      if ([...model.keys()].some((key, n) => pool.at(key) !== before[n])) moved++;
      if (!handle) {
        refused++;
        continue;
      }
      assert.ok(!model.has(handle), `handle ${handle} given out twice`);
      pool.bytes.set(bytes, pool.at(handle));
      model.set(handle, bytes);
      for (const [key, value] of model) {
        assert.deepStrictEqual([...pool.bytes.subarray(pool.at(key), pool.at(key) + value.length)], value);
      }
    }
    assert.ok(refused > 10 && moved > 10, `${refused} refusals, ${moved} slides`);
  });

  it("refuses only when the bytes or the rows do not suffice", () => {
    const pool = create(64, 3);
    const [a, b, c] = [pool.alloc(12), pool.alloc(12), pool.alloc(12)];
    assert.deepStrictEqual([a > 0, b > 0, c > 0, pool.alloc(1)], [true, true, true, 0]);
    pool.free(b);
    const d = pool.alloc(28); // 64 - 2 * 16 bytes, 4 of them for the header
    assert.ok(d > 0);
    pool.free(c);
    assert.strictEqual(pool.alloc(16), 0);
    assert.ok(pool.alloc(12) > 0);
  });
});

describe("bench command line", () => {
  it("knows its parts and refuses everything else", () => {
    assert.deepStrictEqual(choose(["--only", "room,speed", "--quick"]).parts, ["room", "speed"]);
    assert.throws(() => choose(["--only", "rooms"]), /not "rooms"/);
    assert.throws(() => choose(["--fast"]), /no option --fast/);
    assert.throws(() => choose(["--json"]), /--json needs a value/);
  });
});
