// Cases of the recorder that run in any ES5 engine. What it writes is read here by a reader of its own, apart from tools/trace.ts.

import type { create as Create } from "../src/core";
import type { record as Record } from "../src/record";
import { code, same } from "./verdict";

export interface Library {
  tidyheap: { create: typeof Create };
  trail: { record: typeof Record };
}

export interface Case {
  name: string;
  run: (lib: Library) => void;
}

/** An event: its letter, its text, its numbers. */
interface Told {
  kind: string;
  text: string;
  n: number[];
}

/** The number in base 36; MicroQuickJS takes the b, o and x of parseInt("x", 36) for the start of another base. */
function value(digits: string): number {
  var n = 0;
  for (var i = 0; i < digits.length; i++) n = n * 36 + "0123456789abcdefghijklmnopqrstuvwxyz".indexOf(digits.charAt(i));
  return n;
}

/** The text of a line. Throws when its sum or its number is wrong. */
function body(line: string, number: number): string {
  const point = line.indexOf(".");
  const rest = line.slice(point + 1);
  let sum = 0;
  for (let i = 0; i < rest.length; i++) sum += rest.charCodeAt(i);
  same(line.charAt(0), "@", "begin of line " + number);
  same(value(line.slice(1, point)), sum, "sum of line " + number);
  const space = rest.indexOf(" ");
  same(value(rest.slice(0, space)), number, "number of a line");
  return rest.slice(space + 1);
}

/** The events in a text. */
function split(text: string): Told[] {
  const out: Told[] = [];
  for (let i = 0; i < text.length; ) {
    const event: Told = { kind: text.charAt(i++), text: "", n: [] };
    if (text.charAt(i) === '"') {
      const from = i++;
      while (text.charAt(i) !== '"') i += text.charAt(i) === "\\" ? 2 : 1;
      event.text = JSON.parse(text.slice(from, ++i));
    }
    let digits = "";
    for (; i < text.length && /[0-9a-z.]/.test(text.charAt(i)); i++) digits += text.charAt(i);
    if (digits) {
      const parts = digits.split(".");
      for (let k = 0; k < parts.length; k++) event.n.push(value(parts[k]));
    }
    out.push(event);
  }
  return out;
}

/** What a recorder writes, taken apart as it comes. */
interface Ear {
  to: (line: string) => void;
  lines: number;
  /** Events since the last look, without those of time. */
  events: Told[];
  head: any;
  end: any;
}

function listen(): Ear {
  const ear: Ear = {
    lines: 0,
    events: [],
    head: undefined,
    end: undefined,
    to: function (line) {
      const text = body(line, ear.lines);
      if (!ear.lines++) ear.head = JSON.parse(text);
      else if (text.charAt(0) === "{") ear.end = JSON.parse(text);
      else {
        const more = split(text);
        for (let i = 0; i < more.length; i++) if (more[i].kind !== "T" && more[i].kind !== "D") ear.events.push(more[i]);
      }
    }
  };
  return ear;
}

/** The letters of what was heard since the last time. */
function heard(ear: Ear): string {
  let out = "";
  for (let i = 0; i < ear.events.length; i++) out += ear.events[i].kind;
  ear.events = [];
  return out;
}

interface Place {
  h: number;
  n: number;
  at: number;
}

/** Where the blocks are by what was told, in the order of their addresses. */
function follow(list: Place[], events: Told[], unit: number): Place[] {
  for (let i = 0; i < events.length; i++) {
    const kind = events[i].kind;
    const n = events[i].n;
    if (kind === "A" || kind === "B") put(list, { h: n[0], n: n[1], at: n[2] });
    else if (kind === "Z") remove(list, n[0]), put(list, { h: n[0], n: n[1], at: n[2] });
    else if (kind === "F") remove(list, n[0]);
    else if (kind === "C") list = [];
    else if (kind === "M" && n.length < 3) {
      const block = remove(list, n[0]);
      if (block) (block.at = n[1]), put(list, block);
    } else if (kind === "M") run(list, n[0], n[1], n[2], unit);
  }
  return list;
}

function put(list: Place[], block: Place): void {
  let i = list.length;
  while (i && list[i - 1].at > block.at) i--;
  list.splice(i, 0, block);
}

function find(list: Place[], h: number): number {
  for (let i = 0; i < list.length; i++) if (list[i].h === h) return i;
  return -1;
}

function remove(list: Place[], h: number): Place | undefined {
  const i = find(list, h);
  return i < 0 ? undefined : list.splice(i, 1)[0];
}

/** Moves the blocks from `first` on up to `last`, or to a hole where that is new. */
function run(list: Place[], first: number, at: number, last: number, unit: number): void {
  let i = find(list, first);
  if (i < 0) throw new Error("a run begins with " + first);
  const by = at - list[i].at;
  const known = find(list, last) >= 0;
  for (let more = true; more; i++) {
    const end = list[i].at + Math.ceil(list[i].n / unit) * unit;
    list[i].at += by;
    more = list[i].h !== last && i + 1 < list.length && (known || list[i + 1].at === end);
  }
}

/** Compares what was told with the pool. */
function compare(pool: any, list: Place[], live: number[], turn: number): void {
  same(list.length, live.length, "blocks told of in turn " + turn);
  for (let i = 0; i < list.length; i++) {
    same(pool.at(list[i].h), list[i].at, "address of block " + list[i].h + " in turn " + turn);
    same(pool.size(list[i].h), list[i].n, "size of block " + list[i].h + " in turn " + turn);
  }
}

/** Whole numbers below `n`, the same on every engine. */
function numbers(seed: number): (n: number) => number {
  let state = seed;
  return function (n) {
    state = (state * 75 + 74) % 65537;
    return state % n;
  };
}

export const CASES: Case[] = [
  {
    name: "what is done is told in order, with numbers, and refusals with their reason",
    run: function (lib) {
      const pool = lib.tidyheap.create({ size: 512, handles: 8 });
      const old = pool.alloc(40);
      const ear = listen();
      const recorder = lib.trail.record(pool, { to: ear.to, options: { pause: 9 } });
      recorder.flush();
      same(ear.head.trace, 1, "trace");
      same(ear.head.size, 512, "size in the head");
      same(ear.head.unit, 4, "unit in the head");
      same(ear.head.options.pause, 9, "option in the head");
      // the core has no each()
      same(heard(ear), (pool as any).each ? "B" : "", "blocks that were there");
      const a = pool.alloc(33);
      pool.alloc(600);
      pool.resize(a, 50);
      pool.resize(a, 5000);
      pool.lock(a);
      pool.unlock(a);
      pool.hold();
      pool.release();
      pool.tick(64);
      pool.start(50, 32);
      pool.stop();
      same(pool.use(a, function () {
        return pool.alloc(5);
      }) > 0, true, "alloc in use()");
      pool.free(0);
      same(code(() => pool.free(a + 4096)), "HANDLE", "code of a stale handle");
      pool.free(old);
      recorder.flush();
      same(ear.events[0].n.join(), [a, 33, pool.at(a)].join(), "numbers of alloc");
      same(ear.events[1].text + ear.events[1].n, "SIZE600", "what was refused");
      same(ear.events[3].text + ear.events[3].n.join(), "SIZE" + a + ",5000", "what was not resized");
      same(heard(ear).replace(/[MWY]/g, ""), "ARZQLUHGKSELAUF", "events");
      pool.reset();
      recorder.stop();
      same(heard(ear), "CY", "events of reset");
      same(ear.end.live, 0, "blocks in the end");
    }
  },
  {
    name: "every block is where the trace says, after every call",
    run: function (lib) {
      const random = numbers(7);
      const pool = lib.tidyheap.create({ size: 1024, handles: 24 });
      const ear = listen();
      const recorder = lib.trail.record(pool, { to: ear.to, line: 60 });
      let live: number[] = [];
      let list: Place[] = [];
      for (let turn = 0; turn < 120; turn++) {
        const way = random(16);
        const k = live.length ? random(live.length) : 0;
        if (way < 8 || !live.length) {
          const h = pool.alloc(1 + random(90));
          if (h) live.push(h);
        } else if (way < 12) pool.free(live.splice(k, 1)[0]);
        else if (way === 12) pool.resize(live[k], 1 + random(90));
        else if (way === 13) pool.tick(1 + random(100));
        else if (way === 14) pool.lock(live[k]), pool.pack(), pool.unlock(live[k]);
        else if (!random(6)) pool.reset(), (live = []);
        recorder.flush();
        list = follow(list, ear.events, 4);
        ear.events = [];
        compare(pool, list, live, turn);
      }
      same(pool.epoch > 500, true, "bytes moved");
      recorder.stop();
      same(ear.end.live, live.length, "blocks in the end");
    }
  },
  {
    name: "the pool is after stop() as it was before, and has one recorder at a time",
    run: function (lib) {
      let moves = 0;
      const onmove = function () {
        moves++;
      };
      const pool = lib.tidyheap.create({ size: 512, handles: 16, onmove: onmove });
      const was: any = {};
      const own = pool as any;
      for (const name in own) was[name] = own[name];
      const ear = listen();
      const recorder = lib.trail.record(pool, { to: ear.to });
      same(code(() => lib.trail.record(pool, { to: ear.to })), "OPTION", "code of a second recorder");
      same(code(() => lib.trail.record({} as any)), "OPTION", "code without stat()");
      for (let i = 0; i < 12; i++) pool.free(pool.alloc(30)), pool.alloc(20);
      pool.pack();
      same(moves, pool.moves, "moves that onmove was told of");
      recorder.stop();
      for (const key in was) if (typeof was[key] === "function") same(own[key], was[key], key);
      for (const other in own) if (typeof own[other] === "function") same(was[other], own[other], other);
      const lines = ear.lines;
      pool.alloc(20);
      same(ear.lines, lines, "lines after stop()");
      lib.trail.record(pool, { to: listen().to }).stop();
    }
  },
  {
    name: "a line that cannot be written is lost, and nothing else",
    run: function (lib) {
      const pool = lib.tidyheap.create({ size: 1024, handles: 30 });
      const got: string[] = [];
      let calls = 0;
      const recorder = lib.trail.record(pool, {
        line: 20,
        to: function (line) {
          if (++calls % 2 === 0) throw new Error("full");
          got.push(line);
        }
      });
      let live = 0;
      for (let i = 0; i < 20; i++) if (pool.alloc(20)) live++;
      recorder.stop();
      same(pool.stat().live, live, "live blocks");
      same(live, 20, "blocks allocated");
      same(recorder.lost, Math.floor(calls / 2), "lines lost");
      same(recorder.lost > 2, true, "some are");
      for (let k = 0; k < got.length; k++) body(got[k], 2 * k);
    }
  },
  {
    name: "names have any characters, lines have ASCII only",
    run: function (lib) {
      const pool = lib.tidyheap.create({ size: 512, handles: 8 });
      const names = ["plain", 'a "quoted" one\\', "@1 F2 @z.3 {}", "line\nend\ttab", "\xe9\u20ac\u3042", ""];
      const ear = listen();
      let text = "";
      const recorder = lib.trail.record(pool, {
        to: function (line) {
          text += line;
          ear.to(line);
        }
      });
      const h = pool.alloc(9);
      for (let i = 0; i < names.length; i++) recorder.owner(names[i]), recorder.owner(names[i], h);
      recorder.flush();
      for (let c = 0; c < text.length; c++) same(text.charCodeAt(c) > 31 && text.charCodeAt(c) < 127, true, "character " + text.charCodeAt(c));
      same(heard(listen()), "", "nothing");
      const owners: Told[] = [];
      for (let e = 0; e < ear.events.length; e++) if (ear.events[e].kind === "O") owners.push(ear.events[e]);
      same(owners.length, 2 * names.length, "names told");
      for (let k = 0; k < owners.length; k++) {
        same(owners[k].text, names[k >> 1], "name " + k);
        same(owners[k].n.join(), k % 2 ? "" + h : "", "block of name " + k);
      }
      recorder.stop();
    }
  }
];

export { external } from "./portable";
