import assert from "node:assert/strict";
import { amount } from "./amount";
import { random } from "./random";
import { FAR, SOURCE, sound, target, TARGETS, up, VARIANTS, type Pool, type Target } from "./target";

const SIZE = 4096;

/** Blocks with a tag in the first and the last byte. */
class Deck {
  readonly blocks = new Map<number, { n: number; tag: number }>();
  private tags = 0;

  constructor(readonly pool: Pool, readonly unit: number) {}

  get used(): number {
    let sum = 0;
    for (const { n } of this.blocks.values()) sum += n;
    return sum;
  }

  get taken(): number {
    let sum = 0;
    for (const { n } of this.blocks.values()) sum += up(n, this.unit);
    return sum;
  }

  alloc(n: number): number {
    const h = this.pool.alloc(n);
    if (h) {
      const tag = (this.tags = (this.tags + 1) & 255);
      this.pool.fill(h, tag, 0, 1);
      this.pool.fill(h, tag, n - 1, 1);
      this.blocks.set(h, { n, tag });
    }
    return h;
  }

  free(h: number): void {
    this.tagged(h);
    this.pool.free(h);
    this.blocks.delete(h);
  }

  tagged(h: number): void {
    const { n, tag } = this.blocks.get(h)!;
    if (this.pool.read(h, 0, 1)[0] !== tag || this.pool.read(h, n - 1, 1)[0] !== tag) assert.fail(`block ${h} lost its bytes`);
  }

  /** Fails unless all live ranges are disjoint, whole and counted. */
  apart(): void {
    const all = [...this.blocks].map(([h, { n }]) => [this.pool.at(h), n, h]).sort((a, b) => a[0] - b[0]);
    let top = 0;
    for (const [at, n, h] of all) {
      assert.ok(at >= top, `block ${h} at ${at} begins below ${top}`);
      assert.equal(this.pool.size(h), n);
      assert.equal(at % this.unit, 0);
      this.tagged(h);
      top = at + n;
    }
    const { used, free, live, size } = this.pool.stat();
    assert.ok(top <= size);
    assert.equal([used, free, live].join(), [this.used, size - this.taken, this.blocks.size].join());
  }
}

/** Runs `count` random operations with few rows; every one is followed by check(). */
function fuzz(subject: Target, seed: number, count: number): void {
  const next = random(seed);
  const rows = 4 + next(9);
  const pool = subject.make({ size: 512, handles: rows });
  const deck = new Deck(pool, subject.unit);
  const live: number[] = [];
  for (let i = 0; i < count; i++) {
    if (live.length && next(5) < 2) deck.free(live.splice(next(live.length), 1)[0]);
    else {
      const n = 1 + next(next(8) ? 64 : 200);
      const h = deck.alloc(n);
      if (h) live.push(h);
      else if (pool.why === "HANDLES") assert.equal(live.length, rows, `seed ${seed}, operation ${i}`);
      else {
        assert.equal(pool.why, "FULL", `seed ${seed}, operation ${i}`);
        assert.ok(512 - deck.taken < up(n, subject.unit), `seed ${seed}, operation ${i}: ${n} bytes refused`);
        if (live.length) deck.free(live.splice(next(live.length), 1)[0]);
      }
    }
    if (pool.check) {
      const broken = pool.check();
      if (broken) assert.fail(`seed ${seed}, operation ${i}: ${broken}`);
    }
    if (i % 16 === 15) deck.apart();
  }
}

// Sizes of allocations; -k frees the k-th of them, counted from 1. The last three blocks are freed in every order.
const TWENTY_SIX = [40, -1, 40, 30, -2, -3, 56, 20, -4, 4, 162, -7, 28, -5, -8, -6, 43, -9, 54, -10, 62, 55, 4];
const ORDERS = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];

function play(pool: Pool, unit: number, program: number[]): Deck {
  const deck = new Deck(pool, unit);
  const all: number[] = [];
  for (const step of program) {
    if (step < 0) deck.free(all[-step - 1]);
    else all.push(deck.alloc(step));
    assert.ok(all.every((h) => h > 0), pool.why);
    deck.apart();
    sound(pool);
  }
  return deck;
}

for (const subject of TARGETS) {
  describe(`overlap, ${subject.name}`, () => {
    const make = (size = SIZE, handles = 64): Pool => subject.make({ size, handles });

    it("C keeps blocks in sequence apart", () => {
      play(make(), subject.unit, new Array(32).fill(100));
    });

    it("C keeps varying sizes apart", () => {
      play(make(), subject.unit, Array.from({ length: 30 }, (_, i) => 1 + ((i * 37) % 129)));
    });

    it("C keeps blocks apart that are freed and allocated again", () => {
      const deck = play(make(), subject.unit, [500, 500, 500, 500, -2, 200, 250, -3, 300, 150, -1, 490, -4, 500]);
      assert.equal(deck.blocks.size, 6);
    });

    it("C keeps alternating frees apart", () => {
      const program = new Array(20).fill(192);
      for (let i = 1; i <= 20; i += 2) program.push(-i);
      play(make(), subject.unit, [...program, ...new Array(10).fill(176), 200, 80]);
    });

    it("C keeps blocks at the end of the pool inside", () => {
      const deck = play(make(), subject.unit, [SIZE - 96, 80, 16, -1, SIZE - 112, 16]);
      assert.equal(deck.pool.stat().free, 0);
      assert.equal(deck.alloc(1), 0);
    });

    it("C splits 1000 bytes into 200, 300 and 400", () => {
      play(make(1200), subject.unit, [1000, 100, -1, 200, 300, 400]);
    });

    it("C keeps mixed cycles apart", () => {
      const program: number[] = [];
      for (let i = 0; i < 12; i++) program.push(50 + i * 9, 300 - i * 9, -(2 * i + 1));
      play(make(), subject.unit, program);
    });

    for (const order of ORDERS) {
      it(`C keeps 26 operations with few rows apart, last freed ${order}`, () => {
        for (const rows of [3, 4, 8]) {
          const end = order.map((k) => -(11 + k));
          const deck = play(make(272, rows), subject.unit, [...TWENTY_SIX, ...end]);
          assert.equal(deck.pool.stat().largest, 272);
        }
      });
    }

    it("C keeps live ranges disjoint in seeded runs of 500 operations", () => {
      for (let seed = 1; seed <= amount(3, 20, 20); seed++) fuzz(subject, seed, 500);
    });
  });
}

describe("overlap, at length", () => {
  for (const library of [SOURCE, FAR]) {
    it(`C keeps live ranges disjoint in long seeded runs, ${library.name}`, function () {
      this.timeout(600000);
      const subjects = VARIANTS.map((variant) => target(library, variant));
      for (let seed = 1; seed <= amount(40, 500); seed++) fuzz(subjects[seed % subjects.length], seed, 2000);
    });
  }
});
