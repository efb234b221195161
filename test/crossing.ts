import assert from "node:assert/strict";
import { amount } from "./amount";
import { Clock } from "./clock";
import { SEED } from "./ground";
import { Memory } from "./memory";
import { hooked, paused, type Hook, type Spot } from "./pause";
import { random } from "./random";
import { attempt, type Result } from "./scene";
import { remember } from "./state";
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** Of all combinations of a statement and two calls one in so many is tried. */
const ONE_IN = amount(2000, 10, 1);

/**
 * Parts that are for one program, not for a job that comes in the middle of it, with what belongs to them on the bench: a call in the middle of a call of the same
 * one may spoil that one, and nothing else. Of slab and queue: clear() and close() beside others of the same side.
 */
const ALONE: { [part: string]: string[] } = {
  buffer: ["buffer", "tail"],
  deque: ["deque", "other"],
  struct: ["struct"],
  array: ["array"],
  owner: ["owner"],
  pressure: ["pressure"],
  collector: ["collector"],
  slab: ["slab"],
  queue: ["queue"]
};

/** Calls of slab and queue that are made for it, whatever call of the other list comes in between. */
const MADE: { [part: string]: [RegExp, RegExp] } = {
  slab: [/^(alloc|free|at|read|write|fill|copy|stat)$/, /^(alloc|free|at|read|write|fill|copy|stat)$/],
  queue: [/^(shift|peek|waiting|clear)$/, /^push$/]
};

/** Parts of the kit on one pool, all of them at work. */
interface Bench {
  pool: any;
  kit: any;
  heap: any;
  /** Parts and blocks by name. */
  at: any;
  /** What calls have allocated or split off, to be given back. */
  more: (() => unknown)[];
  again(): void;
}

/** A way to set up a bench: where the parts take their blocks from. */
interface Site {
  name: string;
  /** Whether the statements of the pool are interrupted as well. */
  deep: boolean;
  make(): { build: { exports: any; spots: Spot[]; hook: Hook }; bench: Bench };
}

const DIST = join(__dirname, "..", "dist");
const code = (file: string): string => readFileSync(join(DIST, file), "utf8");

/** The pool and the kit in one script, so that one hook is in both; or the kit only. */
function built(file: string, deep: boolean): { exports: any; spots: Spot[]; hook: Hook } {
  if (!deep) return paused("tidyheap-kit.js");
  return hooked(`exports.lib=(function(exports){${code(file)};return exports})({});exports.kit=(function(exports){${code("tidyheap-kit.js")};return exports})({});`, "exports");
}

function site(name: string, file: string, far: boolean, slots: boolean, deep = false): Site {
  return {
    name, deep,
    make() {
      const build = built(file, deep);
      const memory = new Memory(2048, !far);
      memory.chunk = 16;
      const clock = new Clock();
      const { create } = deep ? build.exports.lib : require(join(DIST, file));
      const kit = deep ? build.exports.kit : build.exports;
      const pool = create({ size: 2048, handles: 80, ...(far ? { store: memory } : {}), scheduler: clock });
      const heap = slots ? kit.slab(pool, { size: 48, slots: 36 }) : pool;
      const bench = furnish(pool, heap, kit, clock);
      const back = remember(pool, memory, clock, heap, kit, bench.at, bench.more, ...Object.values(bench.at).filter((one): one is object => typeof one === "object"));
      bench.again = back;
      return { build, bench };
    }
  };
}

function furnish(pool: any, heap: any, kit: any, clock: Clock): Bench {
  const at: any = {};
  const text = (data: string): number[] => [...data].map((c) => c.charCodeAt(0));
  const block = (n: number): number => {
    const h = heap.alloc(n);
    heap.write(h, 0, text("PLAIN BLOCK TEXT".slice(0, n)));
    return h;
  };
  at.hole1 = block(16);
  at.slab = kit.slab(pool, { size: 8, slots: 4 });
  at.slots = [at.slab.alloc(8), at.slab.alloc(8)];
  at.slots.forEach((h: number, i: number) => at.slab.write(h, 0, text(`slot ${i}..`)));
  at.plain = block(16);
  at.buffer = kit.buffer(heap, { chunk: 16 });
  at.buffer.append("the bytes of a buffer");
  at.hole2 = block(16);
  at.tail = kit.buffer(heap, { chunk: 16 });
  at.tail.append("tail");
  at.deque = kit.deque(heap, { chunk: 16 });
  at.deque.append("ab\ncd\nefghijklm\n");
  at.other = kit.deque(heap, { chunk: 16 });
  at.other.append("other");
  at.queue = kit.queue(heap, { count: 4, size: 2 });
  at.queue.push(500), at.queue.push(501);
  at.struct = kit.struct({ a: "i16", name: "utf8:4", f: "f32" }, heap);
  at.one = at.struct.alloc({ a: 5, name: "one" });
  at.two = at.struct.alloc({ a: 6, name: "two", f: 2 });
  at.hole3 = block(16);
  at.array = kit.array(heap, "i16", 6);
  for (let i = 0; i < 6; i++) at.array.set(i, i * 100);
  at.owner = kit.owner(heap, 90, pool);
  at.owned = [at.owner.alloc(12), at.owner.alloc(16)];
  at.pressure = kit.pressure(heap, {}, pool);
  at.purge = at.pressure.alloc(20);
  at.pressure.touch(at.purge);
  at.pressure.reserve(12);
  at.gc = kit.collector(heap);
  at.node = kit.struct({ v: "i16", next: "handle" });
  at.nodes = [];
  for (let i = 0; i < 4; i++) at.nodes.push(at.gc.alloc(at.node, { v: i, next: at.nodes[i - 1] || 0 }));
  at.gc.root("r", at.nodes[2]);
  at.gc.collect(2);
  at.guarded = block(16);
  if (heap.lock) at.guard = kit.guard(heap, at.guarded);
  at.idle = kit.idle(pool, { scheduler: clock, budget: 40 });
  for (const name of ["hole1", "hole2", "hole3"]) heap.free(at[name]);
  return { pool, heap, kit, at, more: [], again: () => {} };
}

/** A call of a part. */
interface Step {
  part: string;
  name: string;
  run(bench: Bench): any;
}

const STEPS: Step[] = [];
function steps(part: string, list: { [name: string]: (at: any, bench: Bench) => any }): void {
  for (const [name, run] of Object.entries(list)) STEPS.push({ part, name, run: (bench) => run(bench.at, bench) });
}

function chainSteps(part: string, tail: string): void {
  steps(part, {
    append: (at) => at[part].append([1, 2, 3]),
    "append of more than a chunk": (at) => at[part].append("twelve and more"),
    read: (at) => at[part].read(2, 9),
    take: (at) => at[part].take(3),
    "take of chunks": (at) => at[part].take(12),
    toString: (at: any) => at[part].toString(),
    forEach: (at) => {
      let sum = 0;
      at[part].forEach((byte: number) => void (sum += byte));
      return sum;
    },
    copy: (at) => at[part].copy(at[tail], 1, 10),
    split: (at, bench) => {
      const half = at[part].split(11);
      if (half) bench.more.push(() => [half.toString(), half.clear()]);
      return half && half.length;
    },
    clear: (at) => at[part].clear()
  });
}

steps("slab", {
  alloc: (at) => at.slab.alloc(8) < 0,
  free: (at) => at.slab.free(at.slots[1]),
  at: (at) => at.slab.at(at.slots[0]) >= 0,
  read: (at) => at.slab.read(at.slots[0], 0, 8),
  write: (at) => at.slab.write(at.slots[0], 2, [65, 66]),
  fill: (at) => at.slab.fill(at.slots[0], 67, 4, 3),
  copy: (at) => at.slab.copy(at.slots[0], 0, at.slots[0], 3, 4),
  stat: (at) => JSON.stringify(at.slab.stat()),
  clear: (at) => at.slab.clear(),
  close: (at) => at.slab.close()
});
chainSteps("buffer", "tail");
steps("buffer", {
  extend: (at) => at.buffer.extend(14, 46),
  write: (at) => at.buffer.write(5, "WRITTEN OVER"),
  toArray: (at) => at.buffer.toArray().join(),
  move: (at) => at.buffer.move(at.tail)
});
chainSteps("deque", "other");
steps("deque", {
  push: (at) => at.deque.push(33),
  shift: (at) => at.deque.shift(),
  pop: (at) => at.deque.pop(),
  unshift: (at) => at.deque.unshift(34),
  peek: (at) => at.deque.peek(5),
  skip: (at) => at.deque.skip(9),
  "skip with a function": (at) => at.deque.skip((byte: number) => byte !== 10),
  until: (at) => at.deque.until("e"),
  readLine: (at) => at.deque.readLine(),
  parse: (at) => at.deque.parse((input: any) => [input.next(), ...input.take(3)].join()),
  drain: (at) => at.deque.drain(at.other)
});
steps("queue", {
  push: (at) => at.queue.push(502),
  shift: (at) => at.queue.shift(),
  peek: (at) => at.queue.peek(),
  waiting: (at) => at.queue.waiting(),
  clear: (at) => at.queue.clear(),
  close: (at) => at.queue.close()
});
steps("struct", {
  get: (at) => at.struct.get(at.one, "a"),
  "get of a text": (at) => at.struct.get(at.one, "name"),
  set: (at) => at.struct.set(at.one, "a", 7),
  "set of a float": (at) => at.struct.set(at.two, "f", 1.5),
  "set of a text": (at) => at.struct.set(at.two, "name", "zwei"),
  to: (at) => at.struct.to(at.two).get("a"),
  alloc: (at, bench) => {
    const h = at.struct.alloc({ a: 9, name: "new", f: 4 });
    if (h) bench.more.push(() => [at.struct.get(h, "a"), at.struct.get(h, "name"), bench.heap.free(h)]);
    return h !== 0;
  }
});
steps("array", {
  get: (at) => at.array.get(3),
  set: (at) => at.array.set(3, -1),
  make: (_, bench) => {
    const a = bench.kit.array(bench.heap, "u8", 9);
    if (a) bench.more.push(() => [a.get(8), a.close()]);
    return a && a.length;
  },
  close: (at) => at.array.close()
});
steps("owner", {
  alloc: (at) => at.owner.alloc(10) !== 0,
  "alloc of too much": (at) => at.owner.alloc(500) !== 0,
  free: (at) => at.owner.free(at.owned[0]),
  keep: (at, bench) => {
    const h = at.owner.keep(at.owned[1]);
    bench.more.push(() => bench.heap.has(h) && bench.heap.free(h));
    return true;
  },
  used: (at) => at.owner.used(),
  leaks: (at) => at.owner.leaks().length,
  close: (at) => at.owner.close(),
  scope: (_, bench) => bench.kit.scope(bench.pool, (s: any) => (s.alloc(10), s.alloc(10), 5))
});
steps("pressure", {
  alloc: (at, bench) => {
    const h = at.pressure.alloc(10);
    if (h) bench.more.push(() => bench.heap.free(h));
    return h !== 0;
  },
  "alloc that purges": (at, bench) => {
    // all there is
    const h = at.pressure.alloc(bench.heap === bench.pool ? 1500 : 48);
    if (h) bench.more.push(() => bench.heap.free(h));
    return h !== 0;
  },
  touch: (at) => at.pressure.touch(at.purge),
  keep: (at, bench) => {
    const h = at.pressure.keep(at.purge);
    bench.more.push(() => bench.heap.has(h) && bench.heap.free(h));
    return true;
  },
  look: (at) => at.pressure.look(),
  reserve: (at) => at.pressure.reserve(8) !== 0,
  release: (at) => at.pressure.release(),
  close: (at) => at.pressure.close()
});
steps("collector", {
  alloc: (at) => at.gc.alloc(at.node, { v: 9, next: at.nodes[0] }) !== 0,
  get: (at) => at.gc.get(at.nodes[1], "v"),
  set: (at) => at.gc.set(at.nodes[1], "v", 77),
  link: (at) => at.gc.set(at.nodes[2], "next", at.nodes[0]),
  root: (at) => at.gc.root("s", at.nodes[1]),
  unroot: (at) => at.gc.root("r", 0),
  "collect a step": (at) => at.gc.collect(1),
  "collect all": (at) => {
    let n = 0;
    while (n++ < 100 && at.gc.collect(3));
  },
  close: (at) => at.gc.close()
});
steps("guard", {
  unlock: (at) => at.guard && at.guard.unlock(),
  make: (at, bench) => {
    if (!bench.heap.lock) return;
    const g = bench.kit.guard(bench.heap, at.plain);
    bench.more.push(() => g.unlock());
  }
});
steps("idle", { tick: (at) => void at.idle.tick(), start: (at) => at.idle.start(), stop: (at) => at.idle.stop(), enter: (at) => at.idle.enter() });
steps("pool", {
  alloc: (_, { pool, more }) => {
    const h = pool.alloc(30);
    if (h) more.push(() => pool.free(h));
    return h !== 0;
  },
  free: (at, { heap }) => void (heap.has(at.plain) && heap.free(at.plain)),
  tick: (_, { pool }) => void pool.tick(50),
  pack: (_, { pool }) => void pool.pack()
});

/** A value as text, in which all handles are the same. */
function plain(value: any): string {
  if (typeof value === "number") return value > 4096 || value < -4096 ? "handle" : String(value);
  if (ArrayBuffer.isView(value) || Array.isArray(value)) return `[${[...(value as any)].map(plain)}]`;
  return String(value);
}

function shown(result: Result): string {
  if (!result.error) return plain(result.got);
  return result.error.code ?? `fault ${result.error.message}`;
}

/** All there is on a bench by name of the part, looked at in turn and given back: what is left must be nothing. */
function look(bench: Bench, calm: () => void = () => {}): { [part: string]: string } {
  const { pool, heap, at } = bench;
  const all: { [part: string]: string } = {};
  const see = (part: string, ...list: (() => unknown)[]): void => void (all[part] = list.map((fn) => (calm(), shown(attempt(fn)))).join(" "));
  see("plain", () => heap.has(at.plain) && heap.read(at.plain, 0, 16), () => heap.read(at.guarded, 0, 16));
  see("slab", () => at.slab.live, () => at.slots.map((h: number) => (at.slab.has(h) ? plain(at.slab.read(h, 0, 8)) : "gone")), () => {
    const got = new Set(at.slots.filter((h: number) => at.slab.has(h)));
    let n = 0;
    for (let h = at.slab.alloc(8); h && n < 9; h = at.slab.alloc(8), n++) assert.ok(!got.has(h), "a slot is given twice"), got.add(h);
    return `${n} ${at.slab.live}`;
  }, () => at.slab.block && at.slab.close());
  for (const part of ["buffer", "tail", "deque", "other"]) {
    see(part, () => at[part].length, () => at[part].toString(), () => at[part].append("end"), () => at[part].toString(), () => at[part].clear(), () => at[part].toString());
  }
  see("queue", () => at.queue.waiting(), () => [at.queue.shift(), at.queue.shift(), at.queue.shift(), at.queue.shift()], () => at.queue.lost, () => at.queue.close());
  see("struct", () => at.struct.get(at.one, "a"), () => at.struct.get(at.one, "name"), () => at.struct.get(at.two, "f"), () => at.struct.get(at.two, "name"));
  see("array", () => [0, 1, 2, 3, 4, 5].map((i) => at.array.get(i)), () => at.array.handle && at.array.close());
  see("owner", () => at.owned.map((h: number) => heap.has(h)), () => at.owner.used(), () => at.owner.leaks().length, () => at.owner.close());
  see("pressure", () => heap.has(at.purge), () => at.pressure.close());
  see("collector", () => {
    const values = [];
    for (let n = 0; n++ < 100 && at.gc.collect(9); );
    for (const h of at.nodes) values.push(heap.has(h) ? at.gc.get(h, "v") : "gone");
    return `${at.gc.live} ${values}`;
  }, () => at.gc.close());
  see("guard", () => at.guard && at.guard.unlock());
  // in any order
  all.more = bench.more.map((fn) => shown(attempt(fn))).sort().join();
  see("idle", () => at.idle._deep, () => (at.idle._timer ? "on" : "off"), () => at.idle.stop());
  for (const h of [at.plain, at.guarded, at.one, at.two, at.purge]) if (heap.has(h)) attempt(() => heap.free(h));
  if (heap.has(at.owned[1])) attempt(() => heap.free(at.owned[1]));
  if (heap !== pool) see("slots", () => heap.live, () => heap.close());
  see("pool", () => (pool.check ? pool.check() : ""), () => pool.stat().live);
  return all;
}

const SITES: Site[] = [
  site("a pool in RAM", "tidyheap.js", false, false),
  site("an external pool", "tidyheap-far.js", true, false),
  site("a slab", "tidyheap.js", false, true),
  site("a pool in RAM, its own statements too", "tidyheap.js", false, false, true)
];

for (const place of SITES) {
  describe(`crossing, ${place.name}`, function () {
    this.timeout(1800000);

    it("gives BUSY or is right between parts, and spoils nothing else within one", () => {
      const { build, bench } = place.make();
      const { hook } = build;
      const next = random(SEED);
      const spoilt = new Map<string, Set<string>>();
      let runs = 0;
      let busy = 0;

      /** Nothing comes in between any more, but what never ends is ended. */
      function calm(): void {
        let left = 1e4;
        hook.run = () => {
          if (left-- < 0) throw new Error("it never ends");
        };
      }

      /** Runs steps one behind the other: what they give and what is left. */
      function serial(...list: Step[]): { results: string[]; left: { [part: string]: string } } {
        bench.again();
        const results = list.map((step) => shown(attempt(() => step.run(bench))));
        return { results, left: look(bench) };
      }

      for (const outer of STEPS.filter(({ part }) => part !== "pool")) {
        bench.again();
        const met: number[] = [];
        hook.run = (spot) => void met.push(spot);
        attempt(() => outer.run(bench));
        hook.run = undefined;
        const turns = met.flatMap((spot, i) => (met.indexOf(spot) === i || met.lastIndexOf(spot) === i ? [i] : []));
        for (const inner of STEPS) {
          let ways: { mine: string; yours: string; left: { [part: string]: string } }[] | undefined;
          for (const turn of turns) {
            if (next(ONE_IN)) continue;
            if (!ways) {
              const [a, b, c] = [serial(outer, inner), serial(inner, outer), serial(outer)];
              ways = [
                { mine: a.results[0], yours: a.results[1], left: a.left },
                { mine: b.results[1], yours: b.results[0], left: b.left },
                { mine: c.results[0], yours: "BUSY", left: c.left }
              ];
            }
            runs++;
            bench.again();
            let n = 0;
            let yours = "";
            hook.run = () => {
              if (n++ !== turn) return;
              calm();
              yours = shown(attempt(() => inner.run(bench)));
              calm();
            };
            const mine = shown(attempt(() => outer.run(bench)));
            if (yours === "BUSY") busy++;
            const got = look(bench, calm);
            hook.run = undefined;
            const spot = build.spots[met[turn]];
            const when = `seed ${SEED}, ${inner.part}.${inner.name} in turn ${turn} of ${outer.part}.${outer.name} (${spot.name}: ${spot.text})`;
            assert.match(got.pool, /^ \d+$/, `${when}: check()`);
            const wrong = ways.map((way) => Object.keys(got).filter((part) => got[part] !== way.left[part]));
            if (ways.some((way, i) => way.mine === mine && way.yours === yours && !wrong[i].length)) continue;
            const made = MADE[outer.part];
            // a number that is read byte by byte while a job moves its block is wrong, and with it the call
            const same = (outer.part === inner.part || inner.part === "pool" || place.deep) && !(made?.[0].test(outer.name) && made[1].test(inner.name));
            // what throws BUSY behind its first step, as close(), goes on when it is called again
            const alone = same ? (ALONE[outer.part] ?? []) : yours === "BUSY" && /^(close|clear|collect|take|scope|unroot|release)/.test(inner.name) ? (ALONE[inner.part] ?? []) : undefined;
            const why = ways.map((way, i) => `${wrong[i].map((part) => `${part}: ${got[part]}, not ${way.left[part]}`)} results ${mine}, ${yours}, not ${way.mine}, ${way.yours}`);
            assert.ok(alone, `${when}: ${why.join("; or ")}`);
            // how many blocks there are is a matter of the part as well: it may have lost some
            // inside a call of the pool all parts get BUSY, some behind their first step: there only the blocks of others are looked at
            const rest = place.deep ? Object.keys(got).filter((part) => part !== "plain") : [...alone, "pool", "slots", "more"];
            assert.ok(wrong.some((list) => list.every((part) => rest.includes(part))), `${when} spoils another part: ${why.join("; or ")}`);
            if (!spoilt.has(outer.part)) spoilt.set(outer.part, new Set());
            spoilt.get(outer.part)!.add(`${outer.name} x ${inner.name}`);
          }
        }
      }
      const list = [...spoilt].map(([part, pairs]) => `${part} ${pairs.size}`);
      console.log(`      ${runs} times a call came in between, ${busy} BUSY; pairs of calls of one and the same part that do not go together: ${list.join(", ")}`);
      assert.ok(runs > 100);
    });
  });
}
