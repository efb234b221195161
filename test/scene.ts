// Pools in the middle of their work, and every public call with what must come of it: for tests in which one call comes in the middle of another.

import assert from "node:assert/strict";
import { Clock } from "./clock";
import { Memory } from "./memory";
import { Shadow } from "./shadow";
import { remember } from "./state";
import type { Pool } from "./target";

const SIZE = 256;
const HANDLES = 16;
/** Bytes a `limits` pool may move in one call. */
const PAUSE = 24;

/** What makes pools: a create() that takes options, and what differs from a pool in RAM. */
export interface Maker {
  create(options: any): any;
  far: boolean;
  /** The least pool, which has no store, ticks or counters. */
  tiny?: boolean;
  /** A persistent pool: create() formats, this takes what is there. */
  mount?(store: Memory, options: any): any;
}

/**
 * What a call meets. whole: no block is on its way; torn: one is in two pieces (external: or copied in part); slid: one slides; locked: torn, and its
 * neighbours are locked; full: no byte is free; empty: no block is live; held: hold() and locks, also on the blocks of both calls; and for the
 * statements that only options reach: limits, worn (free rows that are used up), timed (a timer that rests), fast (fit), wide (generations of 24 bits), dear (any move is, and onmove is told).
 */
export type State = "whole" | "torn" | "slid" | "locked" | "full" | "empty" | "held" | "limits" | "worn" | "timed" | "fast" | "wide" | "dear";

/** A pool, what it must hold, and its clock. */
export interface Scene {
  maker: Maker;
  state: State;
  shadow: Shadow;
  clock: Clock;
  pool: any;
  /** The block of the call that is interrupted, and that of the one which comes in between. */
  mine: number;
  yours: number;
  /** Blocks, locks and holds at the start. */
  was: { live: Set<number>; locks: Map<number, number>; holds: number; free: number; count: number };
  /** reset() was called, so that what ran beside it may have been before or behind. */
  wiped: boolean;
  /** Bytes of a block that a call which was cut off has left to no one. */
  lost: number;
  /** A call was cut off that may have changed how often something is locked. */
  loose: boolean;
  /** Puts everything back as it was. */
  again(): void;
}

/** The states a pool of this kind can be in. */
export function states({ far, tiny, mount }: Maker): State[] {
  if (tiny) return ["whole", "full", "empty", "worn"];
  const all: State[] = ["whole", "torn", "locked", "full", "empty", "held", "limits", "timed", "fast", "wide", "dear"];
  if (far) all.push("slid");
  else all.push("worn");
  return all.filter((state) => !mount || state !== "fast");
}

const OPTIONS: { [state in State]?: object } = {
  limits: { pause: PAUSE, low: 60, onlow() {}, start: { used: 0.2, handles: 0.9, least: 0.01 } },
  fast: { fit: "fast" },
  wide: { generations: 24 },
  dear: { onmove() {} }
};

/** Gives a tiny pool what a Shadow asks for, on the side. */
function dress(pool: any, memory: Memory, clock: Clock): void {
  memory.bytes = pool.bytes;
  pool._clock = clock;
  const at = (h: number, i: number): number => (memory.last = pool.at(h) + i);
  const rows = (): number[] => handles(pool);
  pool.read = (h: number, i: number, n: number) => memory.bytes.slice(at(h, i), memory.last + n);
  pool.write = (h: number, i: number, data: number[]) => memory.bytes.set(data, at(h, i));
  pool.stat = () => {
    const sizes = rows().map((h) => pool.size(h));
    const taken = sizes.reduce((sum, n) => sum + ((n + 3) & -4), 0);
    const used = sizes.reduce((sum, n) => sum + n, 0);
    const retired = [...pool._gens].slice(0, pool._rows).filter((g) => g === 1 - pool._most).length;
    return { size: SIZE, used, live: sizes.length, free: SIZE - taken, largest: 0, retired };
  };
}

/** Live handles of a readable pool, also of one without each(); of a minified one what each() says. */
function handles(pool: any): number[] {
  const all: number[] = [];
  if (!("_rows" in pool)) pool.each?.((h: number) => void all.push(h));
  for (let r = 0; r < pool._rows; r++) if (pool._gens[r] > 0) all.push((pool._gens[r] << pool._bits) | r | pool._id);
  return all;
}

/** The block that is on its way in a readable external pool, 0: none. */
function flying({ _fly: r, _rows, _gens, _bits, _id, _done }: any): number {
  return r < _rows && _done ? (_gens[r] << _bits) | r | _id : 0;
}

/** Twelve blocks of 20 bytes, four of them freed, then what the state says; what slides has holes of 12 bytes around. `enter`: see Memory. */
export function scene(maker: Maker, state: State, enter?: () => void): Scene {
  const { far, tiny, mount } = maker;
  const unit = mount ? 16 : 4;
  const head = mount ? 12 : 0;
  const options = { handles: HANDLES, ...OPTIONS[state] } as any;
  const clock = new Clock();
  let size = SIZE;
  if (mount) {
    // a heap with room for the twelve and 16 bytes
    const store = new Memory(1024, false);
    size = 1024 + 400 - maker.create({ ...options, store }).stat().size;
  }
  const memory = new Memory(size, !far);
  memory.chunk = 8;
  const pool = maker.create(tiny ? { size, handles: HANDLES } : { ...options, size, store: memory, scheduler: clock });
  if (tiny) dress(pool, memory, clock);
  const shadow = new Shadow(pool as Pool, memory, { unit, handles: HANDLES, pause: state === "limits" ? PAUSE : undefined, head });
  // holes that no block fits into
  const slides = state === "slid";
  const every = slides && mount ? 2 : 3;
  const all = Array.from({ length: slides && mount ? 13 : 12 }, (_, i) => shadow.alloc(slides && i % every === 1 ? (mount ? 4 : 12) : 20));
  if (slides) all.push(shadow.alloc(shadow.free - head));
  for (let i = 1; i < 12; i += every) shadow.drop(all[i]);
  if (state === "locked") {
    // torn already when it is locked: a lock on what moves lets it arrive first
    const order = all.filter((h) => shadow.blocks.has(h));
    shadow.lock(order[3]);
    shadow.lock(order[7]);
  }
  if (!tiny) shadow.tick(["torn", "slid", "locked"].includes(state) ? 8 : 20);
  const rest = all.filter((h) => shadow.blocks.has(h));
  const torn = tiny ? 0 : "_fly" in pool ? flying(pool) : shadow.torn();
  if (state === "torn" || state === "slid") assert.ok(torn, `${state}: no block is on its way`);
  // the fifth block has a hole below: every compaction moves it
  const mine = torn || rest[4];
  const yours = rest[6] === mine ? rest[5] : rest[6];
  if (state === "full") while (shadow.alloc(Math.max(1, shadow.free - head)));
  if (state === "empty") shadow.handles.forEach((h) => shadow.drop(h));
  if (state === "held") shadow.lock(mine), shadow.lock(yours), shadow.hold();
  if (state === "worn") {
    const free = [...pool._gens].map((g: number, r) => (g <= 0 && r < pool._rows ? r : -1)).filter((r) => r >= 0);
    free.forEach((r, i) => (i % 2 || r === pool._row) && (pool._gens[r] = 1 - pool._most));
  }
  if (state === "dear") pool._near = 16;
  if (state === "timed") {
    pool.start(10, 30);
    for (let n = 0; clock.running; n++) {
      assert.ok(n < 100, "the timer never rests");
      clock.fire();
    }
  }
  const was = { live: new Set(shadow.blocks.keys()), locks: new Map(shadow.locks), holds: shadow.holds, free: shadow.free, count: shadow.blocks.size };
  // bound once, so that what the pool does to its store is interrupted as well
  memory.enter = enter;
  const now: Scene = { maker, state, shadow, clock, pool, mine, yours, was, wiped: false, lost: 0, loose: false, again: () => {} };
  const back = remember(shadow, pool, memory, clock);
  now.again = () => {
    back();
    now.wiped = false;
    now.lost = 0;
    now.loose = false;
    now.pool = shadow.pool;
  };
  return now;
}

/** What became of a call. */
export interface Result {
  got?: any;
  error?: any;
}

export function attempt(fn: () => unknown): Result {
  try {
    return { got: fn() };
  } catch (error) {
    return { error };
  }
}

/** A public call. */
export interface Call {
  name: string;
  /** The method: a pool without it has no such call. */
  verb: string;
  /** It is about a block. */
  block?: true;
  /** It is only interrupted. */
  outer?: true;
  /** The code of the error that it has to throw. */
  wrong?: string;
  run(now: Scene, h: number): any;
  /** Brings the model up to date with what it did, and looks at what it gave back; a function that it returns does so once the model knows of the other call. */
  done?(now: Scene, h: number, got: any): unknown;
}

const BYTES = Uint8Array.from({ length: 20 }, (_, i) => 200 + i);

function born(n: number) {
  return (now: Scene, _: number, h: number): unknown => {
    const { shadow, pool } = now;
    if (!h) return () => refused(now, n, shadow.need(n));
    assert.ok(pool.has(h) || now.wiped, `block ${h} was given and is gone`);
    return pool.has(h) ? shadow.born(h, n) : shadow.dead.push(h);
  };
}

/** Fails unless the refusal is right by what was there before both calls or behind them. */
function refused({ shadow, pool, was, state, lost, loose }: Scene, n: number, need: number): void {
  const why = pool.why;
  const bound = loose || state === "limits" || shadow.locks.size + was.locks.size + shadow.holds + was.holds > 0;
  const lack = Math.min(shadow.free, was.free) - lost < need;
  const rows = Math.max(shadow.blocks.size, was.count) >= HANDLES - pool.stat().retired;
  // the reason may be that of the other call
  assert.ok(lack || rows || bound || n > shadow.size, `request for ${n} bytes refused: ${why}, ${shadow.free} free`);
}

function sized(n: number) {
  return (now: Scene, h: number, ok: boolean): unknown => {
    const old = now.shadow.blocks.get(h);
    if (!old || (now.wiped && !now.pool.has(h))) return undefined;
    if (!ok) return () => refused(now, n, now.shadow.need(n) - now.shadow.need(old.length));
    return n ? now.shadow.sized(h, n) : now.shadow.gone(h);
  };
}

function poked(at: number, data: ArrayLike<number>) {
  return ({ shadow }: Scene, h: number): void => void shadow.blocks.get(h)?.set(data, at);
}

function shows(i: number, n: number) {
  return ({ shadow, wiped }: Scene, h: number, got: number): void => {
    const data = wiped ? undefined : shadow.blocks.get(h);
    let value = 0;
    if (data) for (let k = n; k--; ) value = value * 256 + data[i + k];
    if (data) assert.equal(got, value);
  };
}

function is(wanted: unknown) {
  return (_: Scene, __: number, got: unknown): void => assert.deepEqual(got, wanted);
}

/** Every public call. */
export const CALLS: Call[] = [
  { name: "alloc in place", verb: "alloc", run: ({ pool }) => pool.alloc(4), done: born(4) },
  { name: "alloc that moves", verb: "alloc", run: ({ pool }) => pool.alloc(50), done: born(50) },
  { name: "alloc that moves up", verb: "alloc", outer: true, run: ({ pool }) => ((pool._way = 1), pool.alloc(70)), done: born(70) },
  { name: "alloc that moves down", verb: "alloc", outer: true, run: ({ pool }) => ((pool._way = -1), pool.alloc(70)), done: born(70) },
  { name: "alloc of too much", verb: "alloc", run: ({ pool }) => pool.alloc(250), done: born(250) },
  { name: "alloc of nothing", verb: "alloc", run: ({ pool }) => pool.alloc(0), done: is(0) },
  { name: "alloc of -1", verb: "alloc", outer: true, wrong: "ARGUMENT", run: ({ pool }) => pool.alloc(-1) },
  { name: "resize to too much", verb: "resize", block: true, run: ({ pool }, h) => pool.resize(h, 9999), done: is(false) },
  { name: "fill of nothing", verb: "fill", block: true, run: ({ pool }, h) => pool.fill(h, 1, 5, 0) },
  { name: "fill with 256", verb: "fill", outer: true, wrong: "ARGUMENT", run: ({ pool }, h) => pool.fill(h, 256, 0, 1) },
  { name: "copy of nothing", verb: "copy", block: true, run: ({ pool }, h) => pool.copy(h, 5, h, 0, 0) },
  { name: "write of nothing", verb: "write", block: true, run: ({ pool }, h) => pool.write(h, 5, []) },
  { name: "write of a character above 255", verb: "write", outer: true, wrong: "ARGUMENT", run: ({ pool }, h) => pool.write(h, 5, "\u0100") },
  { name: "write of a number", verb: "write", outer: true, wrong: "ARGUMENT", run: ({ pool }, h) => pool.write(h, 5, 5) },
  { name: "write behind the end", verb: "write", outer: true, block: true, wrong: "RANGE", run: ({ pool }, h) => pool.write(h, 19, [1, 2]) },
  { name: "read from 0.5", verb: "read", outer: true, block: true, wrong: "ARGUMENT", run: ({ pool }, h) => pool.read(h, 0.5, 1) },
  { name: "use of nothing", verb: "use", outer: true, wrong: "ARGUMENT", run: ({ pool }, h) => pool.use(h, 0) },
  { name: "each of nothing", verb: "each", outer: true, wrong: "ARGUMENT", run: ({ pool }) => pool.each(0) },
  { name: "map of too much", verb: "map", outer: true, wrong: "ARGUMENT", run: ({ pool }) => pool.map(70000) },
  { name: "free of 0", verb: "free", run: ({ pool }) => pool.free(0) },
  { name: "free", verb: "free", block: true, run: ({ pool }, h) => pool.free(h), done: ({ shadow }, h) => shadow.blocks.has(h) && shadow.gone(h) },
  { name: "resize up", verb: "resize", block: true, run: ({ pool }, h) => pool.resize(h, 60), done: sized(60) },
  { name: "resize up a little", verb: "resize", block: true, run: ({ pool }, h) => pool.resize(h, 30), done: sized(30) },
  { name: "resize down", verb: "resize", block: true, run: ({ pool }, h) => pool.resize(h, 7), done: sized(7) },
  { name: "resize to 0", verb: "resize", block: true, run: ({ pool }, h) => pool.resize(h, 0), done: sized(0) },
  { name: "write", verb: "write", block: true, run: ({ pool }, h) => pool.write(h, 0, BYTES), done: poked(0, BYTES) },
  { name: "write of a string", verb: "write", block: true, run: ({ pool }, h) => pool.write(h, 4, "abcdef"), done: poked(4, Buffer.from("abcdef")) },
  { name: "read", verb: "read", block: true, run: ({ pool }, h) => pool.read(h, 0, 20), done: same },
  { name: "fill", verb: "fill", block: true, run: ({ pool }, h) => pool.fill(h, 33, 1, 18), done: ({ shadow }, h) => void shadow.blocks.get(h)?.fill(33, 1, 19) },
  {
    name: "copy", verb: "copy", block: true,
    run: ({ pool }, h) => pool.copy(h, 5, h, 0, 14),
    done: ({ shadow }, h) => void shadow.blocks.get(h)?.copyWithin(5, 0, 14)
  },
  // the last byte, because a block in two pieces has only that where at() says
  { name: "at", verb: "at", block: true, run: ({ pool, shadow, maker }, h) => (maker.far ? pool.at(h) >= 0 : shadow.memory.bytes[pool.at(h) + 19]), done: last },
  { name: "view", verb: "view", block: true, run: ({ pool }, h) => pool.view(h).slice(), done: same },
  { name: "load", verb: "load", block: true, run: ({ pool }, h) => pool.load(h), done: same },
  { name: "store", verb: "store", block: true, run: ({ pool }, h) => pool.store(h, BYTES), done: poked(0, BYTES) },
  { name: "get8", verb: "get8", block: true, run: ({ pool }, h) => pool.get8(h, 19), done: shows(19, 1) },
  { name: "get16", verb: "get16", block: true, run: ({ pool }, h) => pool.get16(h, 7), done: shows(7, 2) },
  { name: "get32", verb: "get32", block: true, run: ({ pool }, h) => pool.get32(h, 6), done: shows(6, 4) },
  { name: "set8", verb: "set8", block: true, run: ({ pool }, h) => pool.set8(h, 19, 77), done: poked(19, [77]) },
  { name: "set16", verb: "set16", block: true, run: ({ pool }, h) => pool.set16(h, 7, 0x4142), done: poked(7, [0x42, 0x41]) },
  { name: "set32", verb: "set32", block: true, run: ({ pool }, h) => pool.set32(h, 6, 0x41424344), done: poked(6, [0x44, 0x43, 0x42, 0x41]) },
  { name: "size", verb: "size", block: true, run: ({ pool }, h) => pool.size(h), done: ({ wiped }, _, got) => assert.ok(wiped || got === 20, `size ${got}`) },
  { name: "has", verb: "has", run: ({ pool, mine, yours }) => [mine, yours].map((h) => pool.has(h)), done: known },
  { name: "lock", verb: "lock", block: true, run: ({ pool }, h) => pool.lock(h), done: ({ shadow }, h) => shadow.blocks.has(h) && count(shadow.locks, h, 1) },
  { name: "unlock", verb: "unlock", block: true, run: ({ pool }, h) => pool.unlock(h), done: ({ shadow }, h) => (shadow.pinned.delete(h), count(shadow.locks, h, -1)) },
  { name: "use", verb: "use", block: true, run: ({ pool }, h) => pool.use(h, (block: any) => (typeof block === "number" ? pool.load(block) : block.slice())), done: same },
  { name: "hold", verb: "hold", run: ({ pool }) => pool.hold(), done: ({ shadow }) => void shadow.holds++ },
  { name: "release", verb: "release", run: ({ pool }) => pool.release(), done: ({ shadow }) => void shadow.holds-- },
  { name: "tick", verb: "tick", run: ({ pool }) => pool.tick(30), done: (_, __, moved) => assert.ok(moved >= 0 && moved <= 30, `${moved} bytes in a tick`) },
  { name: "pack", verb: "pack", run: ({ pool }) => pool.pack() },
  { name: "start", verb: "start", run: ({ pool }) => pool.start(10, 8) },
  { name: "stop", verb: "stop", run: ({ pool }) => pool.stop() },
  {
    name: "stat", verb: "stat",
    run: ({ pool }) => pool.stat(),
    done: ({ shadow }, _, { size, used, free }) => assert.ok(size === shadow.size && used >= 0 && used + free <= size, `${used} used, ${free} free`)
  },
  { name: "check", verb: "check", run: ({ pool }) => pool.check(), done: ({ pool }, _, text) => assert.ok(!text || pool._torn, text) },
  { name: "map", verb: "map", run: ({ pool }) => pool.map(16).length, done: is(16) },
  { name: "each", verb: "each", run: every, done: all },
  { name: "wipe", verb: "wipe", run: ({ pool }) => pool.wipe() },
  {
    name: "reset", verb: "reset",
    run: ({ pool }) => pool.reset(),
    done: ({ shadow, pool }) => {
      for (const h of shadow.handles) if (!pool.has(h)) shadow.gone(h);
      shadow.locks.clear();
      shadow.pinned.clear();
    }
  }
];

function same({ shadow, wiped }: Scene, h: number, got: ArrayLike<number>): void {
  const data = shadow.blocks.get(h);
  // what reset() ends while it is looked at may look like anything
  if (data && !wiped) assert.deepEqual([...(got as any)], [...data], `bytes of ${h}`);
}

function last({ shadow, maker, wiped }: Scene, h: number, got: any): void {
  if (maker.far) assert.equal(got, true);
  else if (shadow.blocks.has(h) && !wiped) assert.equal(got, shadow.blocks.get(h)![19]);
}

function known({ was, shadow, mine, yours }: Scene, _: number, got: boolean[]): () => void {
  return () => [mine, yours].forEach((h, i) => assert.ok(got[i] === was.live.has(h) || got[i] === shadow.blocks.has(h), `has(${h}) is ${got[i]}`));
}

function count(map: Map<number, number>, h: number, by: number): void {
  map.set(h, (map.get(h) ?? 0) + by);
  if (!map.get(h)) map.delete(h);
}

function every({ pool }: Scene): Set<number> {
  const met = new Set<number>();
  pool.each((h: number, _: number, size: number) => {
    assert.ok(!met.has(h) && size > 0, `block ${h} of ${size} bytes`);
    met.add(h);
  });
  return met;
}

function all({ was, shadow }: Scene, _: number, met: Set<number>): () => void {
  return () => was.live.forEach((h) => assert.ok(met.has(h) || !shadow.blocks.has(h), `each() passes block ${h} over`));
}

/** The calls a pool has. */
export function calls({ pool }: Scene): Call[] {
  return CALLS.filter(({ verb }) => verb in Object.getPrototypeOf(pool));
}

/** Fails unless an error is one that the call may throw by what was there before both calls or behind them. */
function excused(now: Scene, call: Call, h: number, { error }: Result): void {
  const { shadow, was, maker } = now;
  const locks = [was.locks.get(h) ?? 0, shadow.locks.get(h) ?? 0];
  const right =
    call.wrong && error.code === call.wrong ? true :
    // each() may come to a block at the moment in which it is freed
    error.code === "HANDLE" ? (call.verb === "each" && shadow.blocks.size < was.count) || (call.block && (!was.live.has(h) || !shadow.blocks.has(h)))
    : error.code === "TORN" ? !!maker.mount
    : error.code === "VIEW" ? maker.far && call.verb === "view"
    : error.code !== "LOCK" ? false
    : now.loose ? true
    : call.verb === "release" ? was.holds === 0 || shadow.holds === 0 || now.wiped
    : call.verb === "unlock" ? locks.includes(0) || now.wiped
    : /^(free|resize)$/.test(call.verb) && locks.some((n) => n > 0);
  if (!right) throw new Error(`${call.name}: ${error.message}`, { cause: error });
}

/** Takes a result into the model; the errors are looked at when all results are in, by what this returns. */
export function take(now: Scene, call: Call, h: number, result: Result): () => void {
  if (result.error) return () => excused(now, call, h, result);
  assert.ok(!call.wrong, `${call.name} is not refused`);
  assert.ok(!call.block || now.was.live.has(h), `${call.name} accepts handle ${h}, which is stale`);
  const later = call.done?.(now, h, result.got);
  return typeof later === "function" ? (later as () => void) : () => {};
}

/** Everything is still right: after the timers too, after all locks are taken back, and with all free bytes asked for in one piece. */
export function settled(now: Scene): void {
  const { shadow, clock, pool, maker } = now;
  shadow.verify("at once");
  if (!maker.tiny) {
    clock.fire();
    pool.stop();
    clock.fire();
    unpin(now);
    shadow.verify("after the timers");
  }
  if (maker.mount) mounted(now);
  if (maker.mount) pool.pack();
  const head = shadow.rule.head ?? 0;
  if (shadow.free > head) shadow.alloc(shadow.free - head);
  shadow.verify("filled up");
  // a call that was cut off, or reset() in the middle of one, may have left a wrong number until the next stat()
  pool.stat();
  if ("_used" in pool) assert.equal(pool._used, pool.stat().used, "bytes counted");
}

/** How often a call that takes back can be called. */
function times(undo: () => void): number {
  for (let n = 0; ; n++) {
    const { error } = attempt(undo);
    if (error && error.code !== "LOCK") throw error;
    if (error) return n;
  }
}

function unpin({ shadow, pool, wiped, loose, mine }: Scene): void {
  const holds = times(() => pool.release());
  if (!loose && !wiped) assert.equal(holds, shadow.holds, "holds");
  for (const h of shadow.handles) {
    const locks = times(() => pool.unlock(h));
    if (!wiped && !(loose && h === mine)) assert.equal(locks, shadow.locks.get(h) ?? 0, `locks of ${h}`);
  }
  shadow.holds = 0;
  shadow.locks.clear();
  shadow.pinned.clear();
}

/** What the store holds is the same pool. */
function mounted({ maker, shadow }: Scene): void {
  const store = new Memory(shadow.memory.size, false);
  store.bytes.set(shadow.memory.bytes);
  const pool = maker.mount!(store, {});
  assert.equal(pool.check(), "", "mounted");
  assert.equal(pool.stat().live, shadow.blocks.size, "blocks of the pool that is mounted");
  for (const [h, data] of shadow.blocks) assert.deepEqual(pool.load(h), data, `block ${h} of the pool that is mounted`);
}

/** Power was gone: the pool as it is mounted again. Locks are gone. */
export function remount(now: Scene): void {
  const { shadow, clock, maker } = now;
  clock.lose();
  now.pool = maker.mount!(shadow.memory, { scheduler: clock });
  (shadow as { pool: Pool }).pool = now.pool;
  shadow.locks.clear();
  shadow.pinned.clear();
  shadow.holds = 0;
}

/** Brings the model in line with a call that was cut off: it is done or not done, and nothing else has happened. */
export function adopt(now: Scene, cut: Call): void {
  const { shadow, pool, mine } = now;
  if (cut.verb === "reset") {
    shadow.locks.clear();
    shadow.pinned.clear();
    shadow.holds = 0;
  }
  for (const h of shadow.handles) {
    if (pool.has(h)) continue;
    assert.ok(h === mine || cut.verb === "reset" || now.wiped, `block ${h} is gone`);
    shadow.gone(h);
    shadow.locks.delete(h);
    shadow.pinned.delete(h);
  }
  const extra = handles(pool).filter((h) => !shadow.blocks.has(h));
  assert.ok(extra.length < 2, `${extra.length} blocks of no one`);
  for (const h of extra) {
    now.lost += shadow.need(pool.size(h));
    pool.free(h);
  }
  if (shadow.blocks.has(mine)) {
    const n = pool.size(mine);
    const data = new Uint8Array(n);
    for (let i = 0; i < n; i++) data[i] = pool.read(mine, i, 1)[0];
    shadow.blocks.set(mine, data);
  }
}
