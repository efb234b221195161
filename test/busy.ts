import assert from "node:assert/strict";
import { Clock } from "./clock";
import { Memory } from "./memory";
import { instrument, paused } from "./pause";
import { Shadow } from "./shadow";
import { LIBRARIES, sound, SOURCE, type Create } from "./target";

const SIZE = 256;
const HANDLES = 16;

/** A pool in the middle of a compaction, what it must hold, and its clock. */
interface Scene {
  shadow: Shadow;
  clock: Clock;
  pool: Shadow["pool"];
  /** Live blocks in address order. The first half of them belongs to the call, the rest to the intruder. */
  all: number[];
  mine: number;
  yours: number;
}

/** What a call meets: no block on its way, one in two pieces (external: or copied in part), or, in external pools, one that slides. */
type State = "whole" | "torn" | "slid";

/** Twelve blocks of 20 bytes, four of them freed, one tick done. Unless "whole", block `mine` is on its way; what slides has holes of 12 bytes around. */
function scene(create: Create, state: State, enter?: () => void): Scene {
  const memory = new Memory(SIZE);
  memory.enter = enter;
  memory.chunk = 8;
  const clock = new Clock();
  const pool = create({ size: SIZE, handles: HANDLES, store: memory, scheduler: clock });
  const shadow = new Shadow(pool, memory, { unit: 4, handles: HANDLES });
  const all = Array.from({ length: 12 }, (_, i) => shadow.alloc(state === "slid" && i % 3 === 1 ? 12 : 20));
  if (state === "slid") all.push(shadow.alloc(shadow.free));
  for (const i of [1, 4, 7, 10]) shadow.drop(all[i]);
  shadow.tick(state === "whole" ? 20 : 8);
  const rest = all.filter((h) => shadow.blocks.has(h));
  const torn = shadow.torn();
  assert.ok(state === "whole" || torn, "no block is in two pieces");
  // the fifth block has a hole below: every compaction moves it
  const mine = state === "whole" ? rest[4] : torn;
  return { shadow, clock, pool, all: rest, mine, yours: rest[6] };
}

/** A call that comes in the middle of another: what it does, and what the model makes of its result. */
interface Intruder {
  name: string;
  call: (scene: Scene) => any;
  after?: (scene: Scene, result: any) => void;
}

const INTRUDERS: Intruder[] = [
  { name: "alloc", call: ({ pool }) => pool.alloc(12), after: ({ shadow }, h) => h && shadow.born(h, 12) },
  { name: "alloc that moves", call: ({ pool }) => pool.alloc(50), after: ({ shadow }, h) => h && shadow.born(h, 50) },
  { name: "free", call: ({ pool, yours }) => pool.free(yours), after: ({ shadow, yours }) => shadow.gone(yours) },
  { name: "resize up", call: ({ pool, yours }) => pool.resize(yours, 40), after: ({ shadow, yours }, ok) => ok && shadow.sized(yours, 40) },
  { name: "resize down", call: ({ pool, yours }) => pool.resize(yours, 3), after: ({ shadow, yours }, ok) => ok && shadow.sized(yours, 3) },
  {
    name: "write",
    call: ({ pool, yours }) => pool.write(yours, 1, [1, 2, 3]),
    after: ({ shadow, yours }) => shadow.blocks.get(yours)!.set([1, 2, 3], 1)
  },
  {
    name: "read",
    call: ({ pool, yours }) => pool.read(yours, 0, 20),
    after: ({ shadow, yours }, got) => assert.deepEqual(got, shadow.blocks.get(yours))
  },
  {
    name: "fill",
    call: ({ pool, yours }) => pool.fill(yours, 9, 2, 8),
    after: ({ shadow, yours }) => shadow.blocks.get(yours)!.fill(9, 2, 10)
  },
  {
    name: "copy",
    call: ({ pool, yours }) => pool.copy(yours, 3, yours, 0, 10),
    after: ({ shadow, yours }) => shadow.blocks.get(yours)!.copyWithin(3, 0, 10)
  },
  {
    name: "at",
    call: ({ pool, yours, shadow }) => [pool.at(yours), shadow.memory.bytes[pool.at(yours) + 19]],
    after: ({ shadow, yours }, got) => assert.equal(got[1], shadow.blocks.get(yours)![19])
  },
  {
    name: "view or load",
    call: ({ pool, yours, shadow }) => (shadow.far ? (pool as any).load(yours) : pool.view(yours).slice()),
    after: ({ shadow, yours }, got) => assert.deepEqual(got, shadow.blocks.get(yours))
  },
  { name: "size", call: ({ pool, yours }) => pool.size(yours), after: (_, got) => assert.equal(got, 20) },
  { name: "has", call: ({ pool, yours }) => pool.has(yours), after: (_, got) => assert.equal(got, true) },
  {
    name: "lock",
    call: ({ pool, yours }) => pool.lock(yours),
    after: ({ shadow, yours }) => void shadow.locks.set(yours, 1)
  },
  { name: "use", call: ({ pool, yours }) => pool.use(yours, () => 5), after: (_, got) => assert.equal(got, 5) },
  { name: "hold", call: ({ pool }) => pool.hold(), after: ({ shadow }) => void shadow.holds++ },
  { name: "tick", call: ({ pool }) => pool.tick(12), after: (_, moved) => assert.ok(moved <= 12) },
  { name: "pack", call: ({ pool }) => pool.pack() },
  { name: "stat", call: ({ pool }) => pool.stat(), after: (_, { size }) => assert.equal(size, SIZE) },
  { name: "check", call: ({ pool }) => (pool.check ? pool.check() : ""), after: (_, text) => assert.equal(text, "") },
  { name: "map", call: ({ pool }) => (pool.map ? pool.map(16).length : 16), after: (_, length) => assert.equal(length, 16) },
  { name: "start and stop", call: ({ pool }) => (pool.start(5, 5), pool.stop()) }
];

/** Runs the intruder: BUSY and nothing done, or done right. Any other code is a fault. */
function intrude(intruder: Intruder, now: Scene): () => void {
  let result: any;
  try {
    result = intruder.call(now);
  } catch (error: any) {
    if (error.code !== "BUSY") throw new Error(`${intruder.name} in the middle: ${error.message}`);
    return () => {};
  }
  return () => intruder.after?.(now, result);
}

/** A call that is interrupted, and what the model makes of its result. */
interface Outer {
  name: string;
  state: State;
  call: (scene: Scene) => any;
  after?: (scene: Scene, result: any) => void;
}

const BYTES = Uint8Array.from({ length: 20 }, (_, i) => 200 + i);

const STATES: [State, string][] = [["whole", ""], ["torn", " of a block in two pieces"], ["slid", " of a block that slides"]];

function each(name: string, call: Outer["call"], after?: Outer["after"]): Outer[] {
  return STATES.map(([state, suffix]) => ({ name: name + suffix, state, call, after }));
}

const OUTERS: Outer[] = [
  ...each("alloc in place", ({ pool }) => pool.alloc(4), ({ shadow }, h) => h && shadow.born(h, 4)),
  ...each("alloc that moves", ({ pool }) => pool.alloc(70), ({ shadow }, h) => h && shadow.born(h, 70)),
  // the private name is that of the source and the readable bundle of a pool in RAM; elsewhere these two go the way the scene left
  ...each("alloc that moves up", ({ pool }) => ((pool as any)._way = 1) && pool.alloc(70), ({ shadow }, h) => h && shadow.born(h, 70)),
  ...each("alloc that moves down", ({ pool }) => ((pool as any)._way = -1) && pool.alloc(70), ({ shadow }, h) => h && shadow.born(h, 70)),
  ...each("free", ({ pool, mine }) => pool.free(mine), ({ shadow, mine }) => shadow.gone(mine)),
  ...each("resize up", ({ pool, mine }) => pool.resize(mine, 60), ({ shadow, mine }, ok) => ok && shadow.sized(mine, 60)),
  ...each("resize down", ({ pool, mine }) => pool.resize(mine, 7), ({ shadow, mine }, ok) => ok && shadow.sized(mine, 7)),
  ...each("read", ({ pool, mine }) => pool.read(mine, 0, 20), ({ shadow, mine }, got) => assert.deepEqual(got, shadow.blocks.get(mine))),
  ...each("write", ({ pool, mine }) => pool.write(mine, 0, BYTES), ({ shadow, mine }) => shadow.blocks.get(mine)!.set(BYTES)),
  ...each("write of a string", ({ pool, mine }) => pool.write(mine, 4, "abcdef"), ({ shadow, mine }) => shadow.blocks.get(mine)!.set(Buffer.from("abcdef"), 4)),
  ...each("copy", ({ pool, mine }) => pool.copy(mine, 5, mine, 0, 14), ({ shadow, mine }) => shadow.blocks.get(mine)!.copyWithin(5, 0, 14)),
  ...each("fill", ({ pool, mine }) => pool.fill(mine, 33, 1, 18), ({ shadow, mine }) => shadow.blocks.get(mine)!.fill(33, 1, 19)),
  ...each("size", ({ pool, mine }) => pool.size(mine), (_, got) => assert.equal(got, 20)),
  ...each("lock", ({ pool, mine }) => pool.lock(mine), ({ shadow, mine }) => void shadow.locks.set(mine, 1)),
  ...each("use", ({ pool, mine }) => pool.use(mine, (block) => (typeof block === "number" ? pool.size(block) : block.length)), (_, got) => assert.equal(got, 20)),
  ...each("hold", ({ pool }) => pool.hold(), ({ shadow }) => void shadow.holds++),
  ...each("tick", ({ pool }) => pool.tick(30), (_, moved) => assert.ok(moved <= 30)),
  ...each("pack", ({ pool }) => pool.pack()),
  ...each("stat", ({ pool }) => pool.stat(), (_, { size }) => assert.equal(size, SIZE)),
  ...each("check", ({ pool }) => (pool.check ? pool.check() : ""), (_, text) => assert.equal(text, "")),
  ...each("start", ({ pool }) => pool.start(10, 8))
];

/** The calls for a pool in RAM, where nothing slides, or an external one, where no hole goes up or down. */
function outers(far: boolean): Outer[] {
  return OUTERS.filter(({ name, state }) => (far ? !/moves (up|down)/.test(name) : state !== "slid"));
}

/** Everything is still right: after the timers too, and with all free bytes asked for in one piece. */
function settled(now: Scene, when: string): void {
  const { shadow, clock, pool } = now;
  shadow.verify(when);
  clock.fire();
  pool.stop();
  clock.fire();
  shadow.verify(`${when}, after the timers`);
  while (shadow.holds) shadow.release();
  for (const [h, count] of [...shadow.locks]) for (let i = 0; i < count; i++) shadow.unlock(h);
  shadow.alloc(shadow.free);
  shadow.verify(`${when}, filled up`);
}

/** Adds where it happened to what went wrong. */
function at(when: string, fn: () => void): void {
  try {
    fn();
  } catch (error: any) {
    throw new Error(`${when}: ${error.message}`, { cause: error });
  }
}

for (const library of LIBRARIES) {
  describe(`busy, ${library.name}`, () => {
    for (const outer of outers(library.far).filter(({ name }) => /moves|resize up|tick|pack|lock|hold|read|copy|use/.test(name))) {
      it(`survives every call from onmove during ${outer.name}`, () => {
        for (const intruder of INTRUDERS) {
          for (let k = 1; k < 12; k++) {
            const now = scene(library.create, outer.state);
            let moves = 0;
            let settle: (() => void) | undefined;
            now.pool.onmove = () => {
              if (++moves === k) settle = intrude(intruder, now);
            };
            const when = `${intruder.name} in move ${k}`;
            at(when, () => {
              const result = outer.call(now);
              now.pool.onmove = undefined;
              outer.after?.(now, result);
              settle?.();
              settled(now, when);
            });
            if (moves < k) break;
          }
        }
      });
    }

    for (const intruder of INTRUDERS) {
      it(`survives ${intruder.name} from a getter of the data written`, () => {
        for (const state of ["whole", "torn"] as const) {
          for (const place of [0, 5]) {
            for (let k = 1; k < 6; k++) {
              const now = scene(library.create, state);
              let asked = 0;
              let settle: (() => void) | undefined;
              const data: any = Array.from(BYTES);
              const value = data[place];
              Object.defineProperty(data, place, {
                get() {
                  if (++asked === k) settle = intrude(intruder, now);
                  return value;
                }
              });
              at(`element ${place} read ${k} times`, () => {
                now.pool.write(now.mine, 0, data);
                now.shadow.blocks.get(now.mine)!.set(BYTES);
                settle?.();
                settled(now, intruder.name);
              });
              if (asked < k) break;
            }
          }
        }
      });

      it(`survives ${intruder.name} from the scheduler`, () => {
        for (const verb of ["set", "clear"] as const) {
          const now = scene(library.create, "torn");
          let settle: (() => void) | undefined;
          let depth = 0;
          const { clock } = now;
          const plain = clock[verb].bind(clock) as any;
          (clock as any)[verb] = (...list: unknown[]) => {
            if (!depth++) settle = intrude(intruder, now);
            depth--;
            return plain(...list);
          };
          at(verb, () => {
            now.pool.start(10, 12);
            clock.fire();
            now.pool.stop();
            clock[verb] = plain;
            settle?.();
            settled(now, intruder.name);
          });
        }
      });
    }

    it("is not fooled by data whose length changes while it is read", () => {
      const now = scene(library.create, "whole");
      const other = now.all[now.all.indexOf(now.mine) + 1];
      for (const lengths of [[4, 60], [4, 4, 60], [4, 4, 4, 60], [60, 4]]) {
        let asked = 0;
        const data: any = { get length() { return lengths[Math.min(asked++, lengths.length - 1)]; } };
        for (let i = 0; i < 60; i++) data[i] = 250;
        try {
          now.pool.write(now.mine, 0, data);
        } catch {
          // refused: as good
        }
        assert.deepEqual(now.pool.read(other, 0, 20), now.shadow.blocks.get(other), `lengths ${lengths}`);
        sound(now.pool);
      }
    });

    it("leaves a sound pool when onmove throws, and goes on", () => {
      for (const outer of outers(library.far).filter(({ name }) => /moves|resize up|tick|pack|lock|hold|use/.test(name))) {
        for (let k = 1; k < 12; k++) {
          const now = scene(library.create, outer.state);
          let moves = 0;
          now.pool.onmove = () => {
            if (++moves === k) throw new Error("mine");
          };
          const when = `${outer.name}, move ${k}`;
          at(when, () => {
            let caught = "";
            try {
              outer.after?.(now, outer.call(now));
            } catch (error: any) {
              caught = error.message;
            }
            now.pool.onmove = undefined;
            if (moves < k) return;
            assert.equal(caught, "mine");
            adopt(now);
            settled(now, when);
          });
          if (moves < k) break;
        }
      }
    });
  });
}

/** Brings the model in line with a call that was cut off: it is done or not done, and nothing else has happened. */
function adopt(now: Scene): void {
  const { shadow, pool, mine } = now;
  const live: number[] = [];
  for (const h of shadow.handles) if (pool.has(h)) live.push(h);
  const lost = shadow.handles.filter((h) => !live.includes(h));
  assert.ok(lost.every((h) => h === mine), `blocks ${lost} are gone`);
  lost.forEach((h) => shadow.gone(h));
  if (pool.each) {
    const extra: number[] = [];
    pool.each((h: number) => shadow.blocks.has(h) || extra.push(h));
    assert.ok(extra.length < 2, `${extra.length} blocks of no one`);
    extra.forEach((h) => pool.free(h));
  }
  if (shadow.blocks.has(mine)) {
    const n = pool.size(mine);
    const data = new Uint8Array(n);
    for (let i = 0; i < n; i++) data[i] = pool.read(mine, i, 1)[0];
    shadow.blocks.set(mine, data);
  }
}

for (const file of ["tidyheap.js", "tidyheap-far.js"]) describe(`busy, between statements of ${file}`, () => {
  const build = paused(file);
  const external = file.includes("far");
  const calls = outers(external);
  // a store is code as well: it can be interrupted before it does what it was asked
  const make = (state: State): Scene => scene(build.create, state, () => build.hook.run?.());

  it("has a hook in front of every statement", () => {
    const { code, points } = instrument("function f(a){var b=a;if(b)return 1;else for(;;)b++;switch(a){case 1:b=2;break}return 2}f()", "h()");
    assert.equal(points, 9);
    assert.match(code, /if\(b\)\{h\(\);return 1;\}else \{h\(\);for\(;;\)\{h\(\);b\+\+;\}\}/);
    assert.match(code, /\}f\(\)$/);
    assert.ok(build.points > 200, `${build.points} statements`);
  });

  /** Statements the call runs through. */
  function count(outer: Outer): number {
    const now = make(outer.state);
    let points = 0;
    build.hook.run = () => void points++;
    try {
      outer.call(now);
    } finally {
      build.hook.run = undefined;
    }
    return points;
  }

  /** Runs the call with `act` at its k-th statement. */
  function halt(now: Scene, outer: Outer, k: number, act: () => void): any {
    let points = 0;
    build.hook.run = () => {
      if (++points !== k) return;
      build.hook.run = undefined;
      act();
    };
    try {
      return outer.call(now);
    } finally {
      build.hook.run = undefined;
    }
  }

  /** Runs the call up to its k-th statement: from there on none runs, in no finally either. */
  function cut(now: Scene, outer: Outer, k: number): void {
    let points = 0;
    build.hook.run = () => {
      if (++points >= k) throw new Error("cut off");
    };
    try {
      outer.call(now);
    } finally {
      build.hook.run = undefined;
    }
  }

  for (const outer of calls.filter(({ name }) => /moves|tick|pack|resize up/.test(name))) {
    it(`keeps every block still that is locked at any statement of ${outer.name}`, () => {
      const points = count(outer);
      let locked = 0;
      for (let k = 1; k <= points; k++) {
        const now = make(outer.state);
        const places = new Map<number, number>();
        halt(now, outer, k, () => {
          for (const h of now.shadow.handles) {
            try {
              now.pool.lock(h);
            } catch (error: any) {
              assert.equal(error.code, "BUSY");
              return;
            }
            places.set(h, now.pool.at(h));
          }
        });
        locked += places.size;
        for (const [h, place] of places) assert.equal(now.pool.at(h), place, `block ${h}, locked at statement ${k} of ${points}, has moved`);
      }
      assert.ok(locked > 0, "nothing was locked");
    });
  }

  calls.forEach((outer, turn) => {
    it(`gives BUSY or is right at every statement of ${outer.name}`, function () {
      this.timeout(30000);
      const points = count(outer);
      assert.ok(points > 0);
      const stride = (points < 60 ? 1 : points < 120 ? 3 : 7) * (external ? 3 : 1);
      for (let k = 1; k <= points; k++) {
        // in a long call every statement meets some of the intruders, others in the next
        INTRUDERS.forEach((intruder, i) => {
          if ((i + k + turn) % stride) return;
          const now = make(outer.state);
          const when = `${intruder.name} at statement ${k} of ${points}`;
          at(when, () => {
            let settle = (): void => {};
            const result = halt(now, outer, k, () => (settle = intrude(intruder, now)));
            outer.after?.(now, result);
            settle();
            settled(now, when);
          });
        });
      }
    });

    it(`is sound when ${outer.name} is cut off at any statement`, () => {
      const points = count(outer);
      for (let k = 1; k <= points; k++) {
        const now = make(outer.state);
        at(`statement ${k} of ${points}`, () => {
          assert.throws(() => cut(now, outer, k), /cut off/);
          revive(now);
          adopt(now);
          for (const h of now.shadow.handles) release(now, h);
          settled(now, "cut off");
        });
      }
    });
  });

  /** One call that may be refused with BUSY, then the timers that give the pool back. */
  function revive(now: Scene): void {
    try {
      now.pool.stat();
    } catch (error: any) {
      assert.equal(error.code, "BUSY");
      now.clock.fire();
    }
    now.pool.stop();
  }

  /** Takes back what lock and hold may have left. */
  function release({ pool, shadow }: Scene, h: number): void {
    for (const undo of [() => pool.unlock(h), () => pool.release()]) {
      let code = "";
      while (!code) {
        try {
          undo();
        } catch (error: any) {
          code = error.code;
        }
      }
      assert.equal(code, "LOCK");
    }
    shadow.holds = 0;
  }

  it("gives BUSY or is right at every statement of free, with any call about the same block", () => {
    const same: ((pool: Shadow["pool"], h: number) => unknown)[] = [
      (pool, h) => pool.free(h), (pool, h) => pool.resize(h, 9), (pool, h) => pool.resize(h, 50), (pool, h) => pool.lock(h),
      (pool, h) => pool.read(h, 0, 5), (pool, h) => pool.write(h, 0, [1]), (pool, h) => pool.at(h)
    ];
    const known = ["BUSY", "HANDLE", "LOCK", "RANGE"];
    const attempt = (fn: () => unknown): void => {
      try {
        fn();
      } catch (error: any) {
        assert.ok(known.includes(error.code), error.message);
      }
    };
    for (const outer of calls.filter(({ name }) => /^(free|resize|read|write|copy|fill|lock)/.test(name))) {
      for (let k = 1, points = count(outer); k <= points; k++) {
        same.forEach((call, i) => {
          if ((i + k) % 4) return;
          const now = make(outer.state);
          at(`${outer.name}, statement ${k}, call ${i}`, () => {
            attempt(() => halt(now, outer, k, () => attempt(() => call(now.pool, now.mine))));
            revive(now);
            adopt(now);
            for (const h of now.shadow.handles) release(now, h);
            settled(now, "same block");
          });
        });
      }
    }
  });
});

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
