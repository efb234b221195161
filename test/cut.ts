// Calls that end in the middle because the store throws, or because the engine ends them: the pool is given back by a timer, nothing is lost.

import assert from "node:assert/strict";
import { create as far } from "../src/far";
import { create } from "../src/full";
import { Clock } from "./clock";
import { Memory } from "./memory";
import { random } from "./random";
import { code } from "./verdict";

/** A pool of blocks of known bytes with a hole behind every third. */
function filled(seed: number, options: object): { pool: any; memory: Memory; clock: Clock; all: Map<number, number> } {
  const next = random(seed);
  const memory = new Memory(512);
  const clock = new Clock();
  const pool: any = create({ ...options, size: 512, handles: 30, store: memory, scheduler: clock });
  const all = new Map<number, number>();
  for (let h; (h = pool.alloc(4 + next(40))); ) {
    all.set(h, all.size + 1);
    pool.fill(h, all.size, 0, pool.size(h));
  }
  for (const [h, value] of all) if (value % 3 === seed % 3 && pool.has(h)) pool.free(h), all.delete(h);
  return { pool, memory, clock, all };
}

/** Fails unless every block has its bytes, and the first `sizes` of them. */
function whole(pool: any, all: Map<number, number>, when: string, sizes?: Map<number, number>): void {
  assert.equal(pool.check(), "", when);
  for (const [h, value] of all) assert.deepEqual([...new Set(pool.read(h, 0, sizes?.get(h) ?? pool.size(h)))], [value], `${when}, block ${h}`);
}

/** An external pool of five blocks, the third of which is about to slide down, or to be copied behind the last; each is filled with its number. */
function flying(slides: boolean): { pool: any; memory: Memory; clock: Clock; all: number[] } {
  const memory = new Memory(132, false);
  memory.chunk = 4;
  const clock = new Clock();
  const pool: any = far({ store: memory, handles: 7, scheduler: clock });
  const all = Array.from({ length: 5 }, (_, i) => {
    const h = pool.alloc(slides && i === 2 ? 24 : 19);
    pool.fill(h, i + 1, 0, pool.size(h));
    return h;
  });
  for (const i of slides ? [1] : [0, 1]) pool.free(all[i]);
  pool.stat();
  if (slides) (pool._way = 2), (pool._low = 0), (pool._to = 2);
  else (pool._way = 1), (pool._low = 7), (pool._from = 0), (pool._to = 12);
  return { pool, memory, clock, all };
}

/** Calls that move. */
const CALLS: [string, (pool: any, h: number) => unknown][] = [
  ["pack", (pool) => pool.pack()],
  ["alloc", (pool) => pool.alloc(100)],
  ["alloc of more than there is", (pool) => pool.alloc(400)],
  ["resize", (pool, h) => pool.resize(h, 90)],
  ["tick", (pool) => [...Array(9)].forEach(() => pool.tick(30))],
  ["at in the middle of a block", (pool, h) => (pool.tick(6), pool.tick(6), pool.at(h))]
];

describe("cut", () => {
  for (const [name, call] of CALLS) {
    for (const options of [{ unit: 4 }, { unit: 1 }, { unit: 16, fit: "fast" }, { unit: 4, pause: 200 }]) {
      it(`loses nothing when any move of ${name} throws, with ${JSON.stringify(options)}`, () => {
        let cuts = 0;
        for (let seed = 0; seed < 9; seed++) {
          for (let k = 1; ; k++) {
            const { pool, memory, clock, all } = filled(seed, options);
            const when = `seed ${seed}, move ${k}`;
            const h = [...all.keys()][seed % all.size];
            const sizes = new Map([...all.keys()].map((one) => [one, pool.size(one) as number]));
            let n = 0;
            memory.enter = () => {
              if (++n === k) throw new Error("cut");
            };
            const end = code(() => call(pool, h));
            memory.enter = undefined;
            if (n < k) {
              assert.equal(end, "", when);
              break;
            }
            cuts++;
            // a call that has begun keeps the pool
            if (pool._state > 1) {
              assert.equal(code(() => pool.at(h)), "BUSY", when);
              assert.equal(clock.running, 1, when);
              clock.fire();
              assert.equal(clock.running, 0, when);
            }
            // a block that was to grow may have got some of the bytes
            for (const [one, size] of sizes) if (pool.size(one) !== size) assert.ok(name === "resize" && one === h && pool.size(one) > size && pool.size(one) <= 90, `${when}: ${size}, ${pool.size(one)}`);
            whole(pool, all, when, sizes);
            pool.pack();
            whole(pool, all, `${when}, packed`, sizes);
            assert.equal(pool.stat().free, pool.stat().largest, when);
          }
        }
        // where a pause forbids the moves of a large alloc, none is made, and where blocks are multiples of 16, none is torn
        assert.ok(cuts > 5 || "pause" in options || options.unit === 16, `${cuts} cuts`);
      });
    }
  }

  it("gives back a pool that a call left claimed, with the hole it had in hand", () => {
    const { pool, clock, all } = filled(1, {});
    const before = pool.stat();
    (pool._state = 2), (pool._open = []);
    assert.equal(code(() => pool.stat()), "BUSY");
    assert.equal(code(() => pool.alloc(4)), "BUSY");
    clock.fire();
    assert.deepEqual(pool.stat(), before);
    assert.equal(clock.running, 0);
    whole(pool, all, "after");
    // a second timer finds nothing to do
    pool._state = 2;
    assert.equal(code(() => pool.stat()), "BUSY");
    pool._state = 0;
    const row = pool._row;
    clock.fire();
    assert.equal(pool._row, row);
    assert.equal(pool._state, 0);
  });

  it("sets the timer again when the host has ended it with the tick", () => {
    const { pool, clock } = filled(2, {});
    pool.start(25, 10);
    clock.lose();
    (pool._state = 2), (pool._beat = true);
    assert.equal(code(() => pool.stat()), "BUSY");
    clock.fire();
    assert.deepEqual(clock.delays, [25, 1, 25]);
    assert.equal(clock.running, 1);
    (pool._state = 2), (pool._beat = false);
    assert.equal(code(() => pool.stat()), "BUSY");
    clock.fire();
    assert.equal(clock.delays.length, 4, "the timer runs");
    pool.stop();
    (pool._state = 2), (pool._beat = true);
    assert.equal(code(() => pool.stat()), "BUSY");
    clock.fire();
    assert.equal(clock.running, 0, "there is none to set");
  });

  for (const [what, steps] of [["begun", 1], ["half done", 3], ["all but done", 5]] as const) {
    for (const slides of [false, true]) {
      it(`gives back an external pool with a ${slides ? "slide" : "flight"} that is ${what}`, () => {
        const { pool, memory, clock, all } = flying(slides);
        for (let k = 0; k < steps; k++) pool.tick(slides || k < 4 ? 4 : 2);
        assert.equal(pool._fly, 2);
        const { free } = pool.stat();
        pool._busy = true;
        assert.equal(code(() => pool.stat()), "BUSY");
        // the last bytes have arrived, but not the news
        if (steps === 5 && slides) {
          memory.bytes.fill(3, pool._ats[2] * 4 + pool._done, pool._ats[2] * 4 + 24);
          pool._done = 24;
        }
        clock.fire();
        assert.equal(pool._busy, false);
        assert.equal(pool.check(), "");
        assert.equal(pool.stat().free, free);
        assert.equal(pool._fly, slides && steps < 5 ? 2 : 7);
        for (const i of slides ? [0, 2, 3, 4] : [2, 3, 4]) assert.deepEqual([...new Set(pool.load(all[i]))], [i + 1]);
        pool.pack();
        assert.equal(pool.check(), "");
        for (const i of slides ? [0, 2, 3, 4] : [2, 3, 4]) assert.deepEqual([...new Set(pool.load(all[i]))], [i + 1]);
        assert.equal(clock.running, 0);
      });
    }
  }

  for (const slides of [false, true]) {
    for (const steps of [1, 3, 4]) {
      const name = `a block that ${slides ? "slides" : "is being copied"}, after ${steps} steps,`;
      const start = (): { pool: any; all: number[]; kept: () => void } => {
        const { pool, all } = flying(slides);
        for (let k = 0; k < steps; k++) pool.tick(4);
        assert.equal(pool._fly, 2);
        const kept = (): void => {
          assert.equal(pool.check(), "");
          for (const i of slides ? [0, 2, 3, 4] : [2, 3, 4]) if (pool.has(all[i])) assert.deepEqual([...new Set(pool.read(all[i], 0, 19))], [i + 1]);
        };
        return { pool, all, kept };
      };

      it(`${name} lies still once it is locked, and flies on while another is`, () => {
        const { pool, all, kept } = start();
        pool.lock(all[3]);
        assert.equal(pool._fly, 2);
        kept();
        pool.unlock(all[3]);
        pool.lock(all[2]);
        assert.equal(pool._fly, 7);
        kept();
        const at = pool.at(all[2]);
        pool.pack();
        assert.equal(pool.at(all[2]), at);
        kept();
      });

      it(`${name} is resized as far as the pause lets it, and keeps its bytes`, () => {
        for (const pause of [0, 4, 1000]) {
          const { pool, all, kept } = start();
          pool._pause = pause;
          const size = pool.size(all[2]);
          const done = pool.resize(all[2], 30);
          if (slides && pause < 24 - 4 * steps) assert.deepEqual([done, pool.why, pool.size(all[2])], [false, "FRAGMENTED", size], `pause ${pause}`);
          else if (pause > 24) assert.deepEqual([done, pool.size(all[2])], [true, 30], `pause ${pause}`);
          kept();
        }
      });

      it(`${name} can be freed, and held`, () => {
        const first = start();
        first.pool.free(first.all[2]);
        first.kept();
        const second = start();
        second.pool.hold();
        second.kept();
        second.pool.release();
        second.pool.pack();
        second.kept();
      });
    }
  }
});
