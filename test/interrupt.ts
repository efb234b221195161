import assert from "node:assert/strict";
import { amount } from "./amount";
import { Memory } from "./memory";
import { random } from "./random";
import { Shadow } from "./shadow";
import { FAR, LIBRARIES, target, VARIANTS, type Target } from "./target";

const SIZE = 512;
const HANDLES = 34;
const SMALL = 4;
/** Bytes a tick may move: small enough to stop inside every block, and not a multiple of the unit; external pools need no whole unit. */
const budget = (shadow: Shadow): number => (shadow.far ? 3 : Math.max(9, shadow.rule.unit + 3));

/** What happens between two steps of a compaction, to block `h`. */
const FOREIGN: [string, (shadow: Shadow, h: number) => void][] = [
  ["free", (s, h) => s.drop(h)],
  ["lock", (s, h) => s.lock(h)],
  ["lock and unlock", (s, h) => (s.lock(h), s.verify("locked"), s.unlock(h))],
  ["shrink", (s, h) => void s.resize(h, Math.max(1, s.blocks.get(h)!.length >> 1))],
  ["shrink to 1", (s, h) => void s.resize(h, 1)],
  ["grow", (s, h) => void s.resize(h, s.blocks.get(h)!.length + 30)],
  ["grow much", (s, h) => void s.resize(h, s.blocks.get(h)!.length + s.free)],
  ["read", (s, h) => assert.deepEqual(s.pool.read(h, 0, s.blocks.get(h)!.length), s.blocks.get(h))],
  ["write", (s, h) => s.write(h, 0, s.blocks.get(h)!.length)],
  ["write the middle", (s, h) => s.write(h, s.blocks.get(h)!.length >> 2, s.blocks.get(h)!.length >> 1)],
  ["copy up within", (s, h) => s.copy(h, s.blocks.get(h)!.length >> 2, h, 0, s.blocks.get(h)!.length >> 1)],
  ["copy down within", (s, h) => s.copy(h, 0, h, s.blocks.get(h)!.length >> 2, s.blocks.get(h)!.length >> 1)],
  ["fill", (s, h) => s.fill(h, 170, 0, s.blocks.get(h)!.length)],
  ["view or load", (s, h) => assert.equal(s.far ? (s.pool as any).load(h).length : s.pool.view(h).length, s.blocks.get(h)!.length)],
  ["size", (s, h) => assert.equal(s.pool.size(h), s.blocks.get(h)!.length)],
  ["alloc small", (s) => void s.alloc(5)],
  ["alloc large", (s) => void s.alloc(90)],
  ["alloc all", (s) => void s.alloc(s.free)],
  ["alloc into the hole", (s) => void s.alloc(s.pool.stat().largest)],
  ["alloc of two into the hole", (s) => (s.alloc(s.pool.stat().largest >> 1), void s.alloc(s.pool.stat().largest))],
  ["free and alloc", (s, h) => (s.drop(h), void s.alloc(40))],
  ["hold", (s) => s.hold()],
  ["pack", (s) => s.pack()],
  ["reset", (s) => s.reset()],
  ["reset and alloc", (s) => (s.reset(), [30, 50, 9].forEach((n) => s.alloc(n)))]
];

/** A pool with holes, the same for the same seed. In an external pool every other block is freed, which is larger than those that stay, or from SMALL on smaller: then they slide. */
function scene(subject: Target, seed: number): Shadow {
  const next = random(seed);
  const memory = new Memory(SIZE);
  const shadow = new Shadow(subject.make({ size: SIZE, handles: HANDLES, store: memory }), memory, {
    unit: subject.unit,
    handles: HANDLES
  });
  const pair = seed < SMALL ? [16, 33] : [40, 16];
  while (shadow.alloc(shadow.far ? pair[shadow.blocks.size % 2] + next(12) : 8 + next(40)));
  shadow.handles.forEach((h, i) => (shadow.far ? i % 2 : i % 3 === seed % 3) && shadow.drop(h));
  return shadow;
}

/** Ticks until nothing moves, at most `most` times; returns how many moved something. */
function drive(shadow: Shadow, most: number): number {
  let turns = 0;
  while (turns < most && shadow.tick(budget(shadow))) turns++;
  return turns;
}

/** Drives, twice frees a block when there is no more to do (external: also fills the largest hole), and drives on. */
function tour(shadow: Shadow, most: number): number {
  let turns = drive(shadow, most);
  for (const part of [3, 2]) {
    if (turns === most) break;
    const all = shadow.handles;
    shadow.drop(all[Math.floor(all.length / part)]);
    if (shadow.far) shadow.alloc(shadow.pool.stat().largest);
    turns += drive(shadow, most - turns);
  }
  return turns;
}

/** The block in two pieces if there is one, and its neighbours; otherwise the first, the middle and the last block. */
function subjects(shadow: Shadow): number[] {
  const order = shadow.handles.sort((a, b) => shadow.locate(a, 0) - shadow.locate(b, 0));
  const torn = order.indexOf(shadow.torn());
  const chosen = torn < 0 ? [0, order.length >> 1, order.length - 1] : [torn - 1, torn, torn + 1];
  return chosen.filter((i, k) => i >= 0 && i < order.length && chosen.indexOf(i) === k).map((i) => order[i]);
}

/** Does something foreign in the middle of a compaction, which then goes on to its end. Fails, saying when, unless all is as it should be after each. */
function resume(shadow: Shadow, when: string, foreign: () => void): void {
  try {
    foreign();
    shadow.verify(when);
    assert.ok(drive(shadow, 500) < 500, `${when}: ticks never end`);
    shadow.verify(when);
    finish(shadow);
    shadow.verify(when);
  } catch (error: any) {
    throw new Error(`${when}: ${error.message}`, { cause: error });
  }
}

/** Between which steps something comes, where there are so many: in one of STRIDE, another for each seed and each call. */
const STRIDE = amount(7, 1, 1);

for (const library of LIBRARIES) {
  for (const variant of VARIANTS.slice(0, { src: amount(3, 5, 5), far: amount(2, 3, 3) }[library.name] ?? 1)) {
    const subject = target(library, variant);
    const seeds = { src: amount(2, 3, 12), far: SMALL + amount(1, 2, 12) }[library.name] ?? 1;

    describe(`interrupt, ${subject.name}`, () => {
      it("D7 tears blocks: every scene stops inside one", () => {
        let torn = 0;
        let slid = 0;
        for (let seed = 1; seed <= seeds; seed++) {
          for (let k = 1, steps = tour(scene(subject, seed), 500); k <= steps; k++) {
            const shadow = stopped(subject, seed, k);
            if (shadow.torn()) torn++;
            if ((shadow.pool as any)._slide) slid++;
          }
        }
        assert.ok(torn >= seeds, `${torn} steps ended inside a block`);
        if (library.name === "far") assert.ok(slid >= 5 && torn - slid >= 5, `${slid} of ${torn} in a slide`);
      });

      FOREIGN.forEach(([name, act], turn) => {
        it(`D7 goes on right after ${name} behind every step`, function () {
          this.timeout(20000);
          let total = 0;
          for (let seed = 1; seed <= seeds; seed++) {
            const steps = tour(scene(subject, seed), 500);
            assert.ok(steps < 500, "ticks never end");
            total += steps;
            for (let k = (seed + turn) % STRIDE; k <= steps; k += STRIDE) {
              const count = subjects(stopped(subject, seed, k)).length;
              for (let which = 0; which < count; which++) {
                const shadow = stopped(subject, seed, k);
                const when = `seed ${seed}, step ${k}, block ${which}`;
                const h = subjects(shadow)[which];
                resume(shadow, when, () => act(shadow, h));
              }
            }
          }
          assert.ok(total >= 5 * seeds, `${total} steps in ${seeds} scenes`);
        });
      });
    });
  }
}

describe("interrupt, far, a block that slides up", () => {
  /** Seven blocks of 40 bytes with 20 free behind each; the first, locked, grows until the k-th call of the store throws. Undefined: it has grown before. */
  function risen(unit: number, k: number): Shadow | undefined {
    const memory = new Memory(SIZE);
    memory.chunk = 8;
    const shadow = new Shadow(FAR.create({ size: SIZE, handles: HANDLES, unit, store: memory }), memory, { unit, handles: HANDLES });
    const all = Array.from({ length: 14 }, (_, i) => shadow.alloc(i % 2 ? 24 : 44));
    all.push(shadow.alloc(shadow.free));
    for (let i = 1; i < 14; i += 2) shadow.drop(all[i]);
    shadow.lock(all[0]);
    let calls = 0;
    memory.enter = () => {
      if (++calls === k) throw new Error("no answer");
    };
    try {
      assert.equal(shadow.pool.resize(all[0], 120), true, shadow.pool.why);
      return undefined;
    } catch (error: any) {
      assert.equal(error.message, "no answer");
      return shadow;
    } finally {
      memory.enter = undefined;
    }
  }

  for (const [name, act] of FOREIGN) {
    it(`D7 goes on right after ${name} behind every step`, () => {
      let ups = 0;
      for (const unit of [1, 4]) {
        for (let k = 1; risen(unit, k); k += amount(3, 1, 1)) {
          for (let which = 0; which < subjects(risen(unit, k)!).length; which++) {
            const shadow = risen(unit, k)!;
            const when = `unit ${unit}, call ${k}, block ${which}`;
            if ((shadow.pool as any)._slide < 0) ups++;
            resume(shadow, when, () => act(shadow, subjects(shadow)[which]));
          }
        }
      }
      assert.ok(ups > 15, `${ups} slides up`);
    });
  }
});

function stopped(subject: Target, seed: number, k: number): Shadow {
  const shadow = scene(subject, seed);
  tour(shadow, k);
  return shadow;
}

/** Takes back all locks, then asks for all free bytes in one piece. */
function finish(shadow: Shadow): void {
  while (shadow.holds) shadow.release();
  for (const [h, count] of [...shadow.locks]) for (let i = 0; i < count; i++) shadow.unlock(h);
  shadow.alloc(shadow.free);
}
