import assert from "node:assert/strict";
import { join } from "node:path";
import { bundle } from "../tools/bundle";
import { amount } from "./amount";
import { SEED } from "./ground";
import { hooked, instrument, paused, type Spot, type Hook } from "./pause";
import { random } from "./random";
import { adopt, attempt, CALLS, calls, remount, scene, settled, states, take, type Call, type Maker, type Scene, type State } from "./scene";

/** Of all combinations of a statement and a call one in so many is tried in the states that matter most. */
const ONE_IN = amount(900, 1, 1);
/** The same for calls that are cut off, and for builds that have nearly the same code. */
const CUT = amount(2, 12, 1);
const TWIN = amount(2, 6, 1);
const MAIN: State[] = ["torn", "slid"];
/** The same for the other states. */
const SPARSE = amount(2, 8, 1);
/** How often a statement is interrupted that one call runs through again and again: so many times, and the last time. */
const OFTEN = amount(1, 1, Infinity);

interface Build {
  name: string;
  maker: Maker;
  spots: Spot[];
  hook: Hook;
}

function built(name: string, far: boolean): Build {
  const { exports, spots, hook } = paused(`${name}.js`);
  const fram = exports.mount;
  const create = fram ? exports.format : exports.create;
  const maker: Maker = { create: (options) => create(fram ? { ...options, unit: 16, journal: 600 } : options), far, mount: fram };
  return { name, maker, spots, hook };
}

/** What runs in no call that can be interrupted, or not with these stores. */
const NEVER: [RegExp, string][] = [
  [/^(create|build|make|init|pick|ram|laid|format.*|open|root|seal|up|copies|told|part): /, "makes a pool: there is none yet"],
  [/^(mount.*|repair.*|recall|walk|fault|doubt|parse|sound|nearer|either|spare|generations|wrong|shows?|sum|odd): /, "reads an image: there is no pool yet"],
  [/^(table|order|hand|bubble|pins|list|flight|generations\$?\d?): return/, "a broken invariant"],
  [/^(set|clear): .*(set|clear)Interval/, "the timers of the host"],
  [/^clear: }/, "the timers of the host"],
  [/^(recover|mend|beat|busy|rest.*|_arm): /, "runs on a timer, when no call runs, or behind a cut"],
  [/^(octets): (return native|whole)/, "Espruino only, or no data at all"],
  [/^: /, "a function without a name: timers, methods of the store in RAM and of parts of stores"],
  [/^(read|write|view): /, "the store in RAM, for which the tests have their own"],
  [/fail\(|quit\(|\blog\.|p\._log|return name \+/, "misuse, or a persistent pool only"]
];

/** Methods that a bundle lacks. */
const LACKS: { [bundle: string]: RegExp } = {
  tidyheap: /^(load|store|[gs]et\d+)$/,
  "tidyheap-core": /^(load|store|[gs]et\d+|check|map|each|wipe)$/,
  "tidyheap-tiny": /^(?!alloc|free|at|view|size|has)/,
  "tidyheap-far": /^map$/,
  "tidyheap-fram": /^map$/
};

/** Statements that no scene here comes to, by function: most want a larger pool or another history, or a store that another bundle has. */
const RARE: { [bundle: string]: string } = {
  tidyheap: "begin tell go piece place fresh pass ahead step work trim used use",
  "tidyheap-core": "begin tell go piece place fresh pass ahead step work trim use",
  "tidyheap-tiny": "begin hand end bound wake dead bottom regain match land tell drop down place fresh pass",
  "tidyheap-far": "step land turn outside plan depart alloc resize shove stat use set begin",
  "tidyheap-fram": "launch step land turn outside depart alloc open$1 resize shove stat use set begin redo age slide stage copy"
};

const BUILDS: [string, () => Build | Promise<Build>][] = [
  ["tidyheap", () => built("tidyheap", false)],
  ["tidyheap-core", () => built("tidyheap-core", false)],
  ["tidyheap-tiny", async () => {
    const { exports, spots, hook } = hooked(await bundle(join(__dirname, "..", "src", "tiny.ts"), { name: "tiny" }), "tiny");
    return { name: "tidyheap-tiny", maker: { create: exports.create, far: false, tiny: true }, spots, hook };
  }],
  ["tidyheap-far", () => built("tidyheap-far", true)],
  ["tidyheap-fram", () => built("tidyheap-fram", true)]
];

describe("statement", () => {
  it("has a hook in front of every statement, and behind the last of a function or a loop", () => {
    const text = "function f(a){var b=a;if(b)return 1;else for(;;)b++;switch(a){case 1:b=2;break}while(b)if(a)a()}f()";
    const { code, spots } = instrument(text, () => "h()");
    const wanted = "function f(a){h();var b=a;h();if(b){h();return 1;}else {h();for(;;){h();b++;;h();}}h();switch(a){case 1:h();b=2;h();break}h();while(b){h();if(a){h();a()};h();};h();}f()";
    assert.equal(code, wanted);
    assert.deepEqual([...new Set(spots.map(({ name }) => name))], ["f"]);
  });
});

for (const [name, make] of BUILDS) {
  describe(`statement, ${name}`, function () {
    this.timeout(1800000);
    let build: Build;
    let known: Map<State, Scene>;
    const all = CALLS.filter(({ verb }) => !LACKS[name].test(verb));
    const inners = all.filter(({ outer }) => !outer);
    const tally = { points: 0, pairs: 0, busy: 0, done: 0 };

    before(async () => {
      build = await make();
      known = new Map(states(build.maker).map((state) => [state, scene(build.maker, state, () => build.hook.run?.(-1))]));
    });
    after(() => console.log(`      ${tally.points} statements of calls, ${tally.pairs} times a call came in between: ${tally.busy} BUSY, ${tally.done} done`));

    /** From here on nothing comes in between, but what never ends is ended. */
    function calm(): void {
      let left = 1e5;
      build.hook.run = () => {
        if (left-- < 0) throw new Error("it never ends");
      };
    }

    /** The places that a call runs through, in order; -1: the store. */
    function path(now: Scene, outer: Call): number[] {
      now.again();
      const met: number[] = [];
      build.hook.run = (spot) => void met.push(spot);
      attempt(() => outer.run(now, now.mine));
      build.hook.run = undefined;
      return met;
    }

    /** Of a path, the turns at which to interrupt: of each place the first times, the last one, and all in between when OFTEN is enough. */
    function turns(met: number[]): number[] {
      const seen = new Map<number, number>();
      const left = new Map<number, number>();
      for (const spot of met) left.set(spot, (left.get(spot) ?? 0) + 1);
      return met.flatMap((spot, i) => {
        const n = (seen.get(spot) ?? 0) + 1;
        seen.set(spot, n);
        return n <= OFTEN || n === left.get(spot) ? [i] : [];
      });
    }

    /** Runs a call with `act` at one turn of its path. */
    function halt(now: Scene, outer: Call, turn: number, act: () => void): ReturnType<typeof attempt> {
      let n = 0;
      build.hook.run = () => {
        if (n++ !== turn) return;
        calm();
        act();
      };
      const result = attempt(() => outer.run(now, now.mine));
      calm();
      return result;
    }

    /** Runs a call up to one turn of its path: from there on no statement runs, in no finally either. */
    function cut(now: Scene, outer: Call, turn: number): void {
      let n = 0;
      build.hook.run = () => {
        if (n++ >= turn) throw new Error("cut off");
      };
      const { error } = attempt(() => outer.run(now, now.mine));
      calm();
      assert.match(error?.message ?? "", /cut off/);
    }

    /** Every state, turn and call that comes in between, or some of them. */
    function each(outer: Call, salt: number, fn: (now: Scene, turn: number, inner: Call) => void): void {
      for (const [state, now] of known) {
        const next = random(SEED + salt + CALLS.indexOf(outer) * 100 + state.length);
        const met = path(now, outer);
        const stride = ONE_IN * (MAIN.includes(state) ? 1 : SPARSE) * (salt ? CUT : 1) * (/core|fram/.test(name) ? TWIN : 1);
        for (const turn of turns(met)) {
          // the copy of a store in RAM and what the pool notes of it are one statement of the pool: a store that is cut off behind its copy has no place in between
          if (salt && build.maker.tiny && build.spots[met[turn]]?.name === "" && build.spots[met[turn]].text === "}") continue;
          if (!salt) tally.points++;
          for (const inner of inners) {
            if (next(stride)) continue;
            build.hook.run = undefined;
            now.again();
            tally.pairs++;
            try {
              fn(now, turn, inner);
            } catch (error: any) {
              build.hook.run = undefined;
              const spot = build.spots[met[turn]];
              const place = spot ? `line ${spot.line} of ${name}.js with hooks left out (${spot.name}: ${spot.text})` : "a call of the store";
              throw new Error(`seed ${SEED}, ${state}, ${inner.name} in turn ${turn} of ${outer.name}, ${place}: ${error.message}`, { cause: error });
            }
          }
        }
      }
    }

    function tell(result: ReturnType<typeof attempt>): boolean {
      const busy = result.error?.code === "BUSY";
      busy ? tally.busy++ : tally.done++;
      return busy;
    }

    it("has the calls it should have", () => {
      assert.deepEqual(calls(known.get("whole")!), all);
    });

    for (const outer of all) {
      it(`gives BUSY or is right at every statement of ${outer.name}`, () => {
        each(outer, 0, (now, turn, inner) => {
          let between: ReturnType<typeof attempt> = {};
          const result = halt(now, outer, turn, () => {
            between = attempt(() => inner.run(now, now.yours));
            now.wiped = inner.verb === "reset" && !between.error;
          });
          if (outer.verb === "reset") now.wiped = true;
          const first = take(now, outer, now.mine, result);
          const second = tell(between) ? undefined : take(now, inner, now.yours, between);
          first();
          second?.();
          settled(now);
        });
      });

      it(`is sound when ${outer.name} is cut off at any statement, whatever call comes first then`, () => {
        each(outer, 1, (now, turn, inner) => {
          cut(now, outer, turn);
          now.loose = /lock|hold|release|use/.test(outer.verb);
          let result = attempt(() => inner.run(now, now.yours));
          if (tell(result)) {
            now.clock.fire();
            result = attempt(() => inner.run(now, now.yours));
          }
          now.wiped = outer.verb === "reset" || (inner.verb === "reset" && !result.error);
          // some calls are never refused: has(), start(), stop()
          if (attempt(() => now.pool.free(-1)).error.code === "BUSY") now.clock.fire();
          const end = take(now, inner, now.yours, result);
          if (build.maker.mount) remount(now);
          adopt(now, outer);
          end();
          settled(now);
        });
      });
    }

    it("has every statement interrupted", () => {
      const reached = new Set<number>();
      for (const now of known.values()) for (const outer of all) path(now, outer).forEach((spot) => reached.add(spot));
      const missed = build.spots.filter(({ name: fn, text }, i) => !reached.has(i) && !NEVER.some(([rule]) => rule.test(`${fn}: ${text}`)));
      const rare = new Set((RARE[name] ?? "").split(" "));
      assert.deepEqual(missed.filter(({ name: fn }) => !rare.has(fn)).map(({ name: fn, line, text }) => `${fn}, line ${line}: ${text}`), []);
      console.log(`      ${reached.size} of ${build.spots.length} statements are reached`);
    });
  });
}
