import assert from "node:assert/strict";
import { amount } from "./amount";
import { Clock } from "./clock";
import { SEED } from "./ground";
import { random } from "./random";
import { adopt, attempt, CALLS, calls, scene, settled, take, type Call, type Result, type Scene, type State } from "./scene";
import { LIBRARIES, sound, SOURCE } from "./target";

/** Of all combinations of a moment and a call one in so many is tried. */
const ONE_IN = amount(16, 2, 1);
/** More moves than a call makes here. */
const MOVES = amount(4, 12);
const STATES: State[] = ["whole", "torn", "slid", "locked"];
const next = random(SEED);

/** Calls a host function while another call runs. */
function between(now: Scene, inner: Call): Result {
  const result = attempt(() => inner.run(now, now.yours));
  now.wiped ||= inner.verb === "reset" && !result.error;
  return result;
}

/** Takes both results into the model, that of the call which came in between unless it was BUSY. */
function both(now: Scene, outer: Call, result: Result, inner: Call, among: Result): void {
  const first = take(now, outer, now.mine, result);
  const second = among.error?.code === "BUSY" ? undefined : take(now, inner, now.yours, among);
  first();
  second?.();
  settled(now);
}

/** Adds where it happened to what went wrong. */
function at(when: string, fn: () => void): void {
  try {
    fn();
  } catch (error: any) {
    throw new Error(`seed ${SEED}, ${when}: ${error.message}`, { cause: error });
  }
}

for (const { name, create, far } of LIBRARIES) {
  describe(`busy, ${name}`, function () {
    this.timeout(600000);
    const known = new Map(STATES.filter((state) => far || state !== "slid").map((state) => [state, scene({ create, far }, state)]));
    const inners = calls(known.get("whole")!).filter(({ outer }) => !outer);
    // the private name of a direction is that of the source
    const movers = CALLS.filter((call) => /moves|resize up|tick|pack|lock|hold|read|copy|use/.test(call.name) && (call.outer ? name === "src" : inners.includes(call)));

    for (const outer of movers) {
      it(`survives every call from onmove during ${outer.name}`, () => {
        for (const [state, now] of known) {
          for (const inner of inners) {
            for (let k = 1, more = true; k < MOVES && more; k++) {
              if (next(ONE_IN)) continue;
              now.again();
              let moves = 0;
              let among: Result | undefined;
              now.pool.onmove = () => {
                if (++moves === k) among = between(now, inner);
              };
              at(`${state}, ${inner.name} in move ${k}`, () => {
                const result = attempt(() => outer.run(now, now.mine));
                now.pool.onmove = undefined;
                if (among) both(now, outer, result, inner, among);
              });
              more = moves >= k;
            }
          }
        }
      });
    }

    it("survives every call from a getter of the data written", () => {
      const write = CALLS.find((call) => call.name === "write")!;
      for (const inner of inners) {
        for (const [state, now] of known) {
          for (const place of [0, 5]) {
            for (let k = 1, more = true; more; k++) {
              now.again();
              let asked = 0;
              let among: Result | undefined;
              const data = Array.from({ length: 20 }, (_, i) => 200 + i);
              Object.defineProperty(data, place, {
                get() {
                  if (++asked === k) among = between(now, inner);
                  return 200 + place;
                }
              });
              at(`${state}, ${inner.name} from element ${place} read ${k} times`, () => {
                const result = attempt(() => now.pool.write(now.mine, 0, data));
                if (among) both(now, write, result, inner, among);
              });
              more = asked >= k;
            }
          }
        }
      }
    });

    it("survives every call from the scheduler", () => {
      const now = known.get("torn")!;
      const { set, clear } = Clock.prototype;
      for (const inner of inners) {
        for (const verb of ["set", "clear"] as const) {
          now.again();
          const clock = now.clock as any;
          let among: Result | undefined;
          clock[verb] = (...list: unknown[]) => {
            clock[verb] = verb === "set" ? set : clear;
            among = between(now, inner);
            return clock[verb](...list);
          };
          at(`${inner.name} from ${verb}()`, () => {
            now.pool.start(10, 12);
            now.clock.fire();
            now.pool.stop();
            both(now, CALLS.find((call) => call.name === "stop")!, {}, inner, among!);
          });
        }
      }
    });

    it("is not fooled by data whose length changes while it is read", () => {
      const now = scene({ create, far }, "whole");
      const other = [...now.was.live][[...now.was.live].indexOf(now.mine) + 1];
      for (const lengths of [[4, 60], [4, 4, 60], [4, 4, 4, 60], [60, 4]]) {
        let asked = 0;
        const data: any = { get length() { return lengths[Math.min(asked++, lengths.length - 1)]; } };
        for (let i = 0; i < 60; i++) data[i] = 250;
        attempt(() => now.pool.write(now.mine, 0, data));
        assert.deepEqual(now.pool.read(other, 0, 20), now.shadow.blocks.get(other), `lengths ${lengths}`);
        sound(now.pool);
      }
    });

    it("leaves a sound pool when onmove throws, and goes on", () => {
      for (const outer of movers.filter((call) => !/read|copy/.test(call.name))) {
        for (const [state, now] of known) {
          for (let k = 1, more = true; k < MOVES && more; k++) {
            now.again();
            now.loose = true;
            let moves = 0;
            now.pool.onmove = () => {
              if (++moves === k) throw new Error("mine");
            };
            at(`${state}, ${outer.name}, move ${k}`, () => {
              const { error } = attempt(() => outer.run(now, now.mine));
              now.pool.onmove = undefined;
              more = moves >= k;
              if (!more) return;
              assert.equal(error?.message, "mine");
              adopt(now, outer);
              settled(now);
            });
          }
        }
      }
    });
  });
}

describe("busy, code", () => {
  it("names BUSY as a code and gives the pool back", () => {
    const pool = SOURCE.create({ size: 256, handles: 8, scheduler: new Clock() });
    const all = [pool.alloc(50), pool.alloc(50)];
    const codes: string[] = [];
    pool.onmove = () => {
      try {
        pool.pack();
      } catch (error: any) {
        codes.push(error.code);
      }
    };
    pool.free(all[0]);
    pool.pack();
    assert.deepEqual(codes, ["BUSY"]);
    assert.ok(pool.alloc(200 - 52), pool.why);
  });
});
