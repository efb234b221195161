// What an Error says: the code, what came, and what is right, word for word.

import assert from "node:assert/strict";
import { array } from "../src/array";
import { buffer } from "../src/buffer";
import { collector } from "../src/collect";
import { deque } from "../src/deque";
import { create as far } from "../src/far";
import { format, mount } from "../src/fram";
import { create } from "../src/full";
import { guard } from "../src/guard";
import { idle } from "../src/idle";
import { cache } from "../src/page";
import { global as shared } from "../src/preset";
import { pressure } from "../src/pressure";
import { queue } from "../src/queue";
import { slab } from "../src/slab";
import { connect, part, span } from "../src/spi";
import { ram } from "../src/store";
import { struct } from "../src/struct";
import { create as tiny } from "../src/tiny";
import { Cells } from "./cells";
import { Clock } from "./clock";
import { Memory } from "./memory";

/** A pool with one block of 12 bytes, the handle of which is known. */
function near(): any {
  const pool: any = create({ size: 64, handles: 7, scheduler: new Clock() });
  pool._id = 24;
  pool.h = pool.alloc(12);
  return pool;
}

function external(): any {
  const pool: any = far({ store: new Memory(64, false), handles: 7, scheduler: new Clock() });
  pool._id = 24;
  pool.h = pool.alloc(12);
  return pool;
}

/** What pools of both kinds say. */
const POOL: [string, (pool: any) => unknown, string][] = [
  ["alloc of half a byte", (pool) => pool.alloc(0.5), "ARGUMENT: 0.5, not a whole number"],
  ["alloc of a list", (pool) => pool.alloc([]), "ARGUMENT: an object, not a whole number"],
  ["alloc of a text", (pool) => pool.alloc("9"), "ARGUMENT: 9, not a whole number"],
  ["free of a number that is no handle", (pool) => pool.free(1), "HANDLE: 1, not of a free row"],
  ["size of an older handle", (pool) => pool.size(pool.h + 4096), "HANDLE: 12312, not 8216"],
  ["size of the first number below handles", (pool) => pool.size(4096 + 24), "HANDLE: 4120, not 8216"],
  ["size of a freed block", (pool) => (pool.free(pool.h), pool.size(pool.h)), "HANDLE: 8216, not of a free row"],
  ["at of a text", (pool) => pool.at("x"), "HANDLE: string, not 8216"],
  ["read of a part of a byte", (pool) => pool.read(pool.h, 0.5, 1), "ARGUMENT: 0.5, 1, not whole numbers"],
  ["read behind the end", (pool) => pool.read(pool.h, 10, 3), "RANGE: 13, not up to 12"],
  ["fill with 256", (pool) => pool.fill(pool.h, 256, 0, 1), "ARGUMENT: 256, not 0..255"],
  ["write of nothing", (pool) => pool.write(pool.h, 0, null), "ARGUMENT: NaN, not a whole number"],
  ["write of a wide character", (pool) => pool.write(pool.h, 0, "a\u20ac"), "ARGUMENT: 8364, not up to 255"],
  ["free of a locked block", (pool) => (pool.lock(pool.h), pool.lock(pool.h), pool.free(pool.h)), "LOCK: 2 locks, not 0"],
  ["unlock of a block without a lock", (pool) => pool.unlock(pool.h), "LOCK: 0 locks, not 1 to take back"],
  ["release without a hold", (pool) => pool.release(), "LOCK: 0 holds, not 1 to take back"],
  ["use of nothing", (pool) => pool.use(pool.h), "ARGUMENT: undefined, not a function"],
  ["each of a number", (pool) => pool.each(5), "ARGUMENT: number, not a function"],
  ["tick of half a byte", (pool) => pool.tick(0.5), "ARGUMENT: 0.5, not a whole number"],
  ["start of an object", (pool) => pool.start({}, 1), "ARGUMENT: an object, not a whole number"],
  ["a call inside a call", (pool) => inside(pool), "BUSY: inside a call, not between two"]
];

/** Calls a pool from onmove. */
function inside(pool: any): void {
  const high = pool.alloc(8);
  pool.free(pool.h);
  pool.onmove = () => pool.at(high);
  pool.pack();
}

const RAM: [string, () => unknown, string][] = [
  ["map of 65,536 columns", () => near().map(65536), "ARGUMENT: 65536, not up to 65535"],
  ["view in a store without views", () => viewless(), "VIEW: a store without views, not one with"],
  ["a unit that is no power of two", () => create({ size: 64, unit: 12 }), "OPTION: size 60, unit 12, generations 16, fit best, not bytes, 2^n, 16 or 24, best or fast"],
  ["a fit", () => create({ size: 64, fit: "worst" as any }), "OPTION: size 64, unit 4, generations 16, fit worst, not bytes, 2^n, 16 or 24, best or fast"],
  ["generations of 20 bits", () => create({ size: 64, generations: 20 as any }), "OPTION: size 64, unit 4, generations 20, fit best, not bytes, 2^n, 16 or 24, best or fast"],
  ["no size", () => create({} as any), "OPTION: size NaN, unit 4, generations 16, fit best, not bytes, 2^n, 16 or 24, best or fast"],
  ["handles of 0", () => create({ size: 64, handles: 0 }), "OPTION: handles 0, not 1..32767"],
  ["handles of 128 with 24 bits", () => create({ size: 64, handles: 128, generations: 24 }), "OPTION: handles 128, not 1..127"],
  ["a pause below 0", () => create({ size: 64, pause: -1 }), "OPTION: pause -1, not 0..Infinity"],
  ["a share above 1", () => create({ size: 64, start: { used: 1.5 } }), "OPTION: used 1.5, not 0..1"],
  ["an onmove that is a number", () => create({ size: 64, onmove: 5 as any }), "OPTION: onmove 5, not a function"],
  ["a scheduler without set", () => create({ size: 64, scheduler: {} as any }), "OPTION: scheduler or store, not with set, with move"],
  ["a size below a unit", () => create(3), "OPTION: size 3, not 4..1073741824"],
  ["a low above 2^32", () => create({ size: 64, low: 2 ** 33 }), "OPTION: low 8589934592, not 0..4294967295"]
];

/** Calls view() of a pool whose store has none. */
function viewless(): void {
  const pool = create({ store: new Memory(64, false) });
  pool.view(pool.alloc(4));
}

const REST: [string, () => unknown, string][] = [
  ["far without a store", () => far({ size: 64 }), "OPTION: no store, not a store"],
  ["far, view", () => external().view(8216), "VIEW: external memory, not one with views: load(h) gives a copy"],
  ["tiny, 3 bytes", () => tiny(3), "OPTION: 3, 8, not bytes, handles"],
  ["tiny, 2,048 handles", () => tiny({ size: 64, handles: 2048 }), "OPTION: 64, 2048, not bytes, handles"],
  ["buffer, a chunk of 8", () => buffer(near(), { chunk: 8 }), "OPTION: 8, 2147483647, not chunk, max"],
  ["buffer, no pool", () => buffer(5 as any), "OPTION: 5, not a pool"],
  ["deque, a mark", () => deque(near()).until(""), "ARGUMENT: , not a mark"],
  ["slab, slots of 1.5 bytes", () => slab(near(), { size: 1.5, slots: 2 }), "OPTION: 1.5, 2, not bytes, up to 4095"],
  ["slab, a handle", () => (slab(near(), { size: 4, slots: 2 }) as any).at(7), "HANDLE: 7, not live"],
  ["slab, behind the end", () => slotted((s, h) => s.read(h, 2, 3)), "RANGE: 2, 3, not 4"],
  ["queue, numbers of 3 bytes", () => queue(near(), { count: 2, size: 3 }), "OPTION: 2, 3, not numbers, bytes"],
  ["struct, a kind", () => struct({ a: "u9" as any }), "OPTION: u9, not a kind"],
  ["struct, no fields", () => struct({}), "OPTION: [object Object], not fields"],
  ["struct, a field", () => record((s, h) => s.get(h, "b")), "ARGUMENT: b, not a field"],
  ["struct, a value too large", () => record((s, h) => s.set(h, "a", 256)), "RANGE: 256, not u8"],
  ["struct, a value that is none", () => record((s, h) => s.set(h, "a", "1")), "ARGUMENT: 1, not u8"],
  ["struct, a record", () => record((s, h) => s.to(h, 3)), "RANGE: 3, not a record"],
  ["struct, a letter", () => (struct as any)({ a: "latin1:3" }, near(), { a: "\u20ac" }), "RANGE: 8364, not latin1"],
  ["array, half an element", () => array(near(), "u8", 0.5), "ARGUMENT: 0.5, not a whole number"],
  ["collector, a struct", () => collector(near()).alloc(5 as any), "ARGUMENT: 5, not a struct"],
  ["collector, a record", () => collector(near()).get(5, "a"), "HANDLE: 5, not a record"],
  ["guard, a pool without locks", () => guard(tiny(64), 5), "OPTION: 0, not lock()"],
  ["guard, unlocked twice", () => twice(), "LOCK: 0, not 1 to unlock"],
  ["idle, a pool without ticks", () => idle(tiny(64) as any, {} as any), "OPTION: [object Object], not a pool"],
  ["pressure, a pool without numbers", () => pressure(tiny(64), { low: 5 } as any), "OPTION: 0, not stat()"],
  ["span of nothing", () => span([]), "OPTION: , not stores"],
  ["span of a number", () => span([5 as any]), "OPTION: 5, not a store"],
  ["part behind the end", () => part(ram(16), 8, 9), "OPTION: 8 + 9, not inside"],
  ["cache, a page of 3 bytes", () => cache(ram(64), { page: 3, pages: 2 }), "OPTION: 3 and 2, not a store, 2^n bytes and pages"],
  ["cache, behind the end", () => (cache(ram(64), { page: 16, pages: 2 }) as any).get8(64), "RANGE: 64, not below 64"],
  ["connect, a chip", () => connect({} as any, { cs: 1, chip: "23LC9999" }), "OPTION: chip 23LC9999, not a part"],
  ["connect, no pin", () => connect({} as any, { chip: "23LC1024" } as any), "OPTION: cs undefined, not a pin"],
  ["connect, a clock", () => connect({} as any, { cs: 1, chip: "23LC1024", baud: 1e9 }), "OPTION: baud 1000000000, not 1..20000000"],
  ["connect, no clock", () => connect({} as any, { cs: 1, chip: "LY68L6400" }), "OPTION: chunk or baud NaN, not 1..8388608"],
  ["connect, a gap without a clock", () => connect({} as any, { cs: 1, chip: "23LC1024", gap: 5 }), "OPTION: gap 5, not 0..0"],
  ["format, a short journal", () => format({ store: new Cells(800), journal: 63 }), "OPTION: journal 63, unit 16, id 0, not 64..65535, 16 or more, a whole number"],
  ["format, a short store", () => format({ store: new Cells(300), handles: 40 }), "OPTION: a heap of -16 bytes, not one unit or more"],
  ["mount, zeros", () => mount(new Cells(new Uint8Array(800))), "IMAGE: 0, 0, 0..., not 116, 105, 100"],
  ["mount, a later version", () => spoiled([[8, 2], [26, 0xf2], [27, 0x88]]), "VERSION: 2, not 1"],
  ["mount, a wrong sum", () => spoiled([[26, 0]]), "DAMAGED: a root with sum 42496, not 42707"],
  ["mount, a state of the journal", () => spoiled([[54, 0]]), "DAMAGED: a journal in state 0, not 60 or 195"],
  ["mount, an operation", () => spoiled([[54, 0xc3], [55, 1], [56, 0], [57, 9]]), "DAMAGED: operation 9 on 12 bytes at 208, not 1, 2 or 3 inside 800"],
  ["mount, a state of the slide", () => spoiled([[28, 0]]), "DAMAGED: 35: a slide in state 0, sum 10530, not sound"],
  ["mount, a generation", () => spoiled([[185, 1]]), "DAMAGED: 0: row 0 of generation 1, not sound"],
  ["mount, a header", () => spoiled([[208, 0]]), "DAMAGED: 0: tag 0, sum 62830, not sound"],
  ["write to a pool that is torn", () => torn(), "TORN: a pool whose last change was cut off, not one mounted since"],
  ["write without room for a copy", () => full(), "FULL: no hole for a copy of 200 bytes, not one, so that power may fail"],
  ["a global pool that is in use", () => used(), "LOCK: 4096, not with live blocks"]
];

function slotted(call: (s: any, h: number) => unknown): void {
  const s: any = slab(near(), { size: 4, slots: 2 });
  call(s, s.alloc(4));
}

function record(call: (s: any, h: number) => unknown): void {
  const s: any = struct({ a: "u8" }, near());
  call(s, s.alloc());
}

function twice(): void {
  const pool = near();
  const g = guard(pool, pool.h);
  g.unlock();
  g.unlock();
}

/** A pool of 8 handles in 800 bytes, in which bytes are changed before it is mounted. */
function spoiled(bytes: [number, number][]): void {
  const cells = new Cells(800);
  format({ store: cells, handles: 8 }).alloc(20);
  for (const [at, value] of bytes) cells.bytes[at] = value;
  mount(cells);
}

function torn(): void {
  const cells = new Cells(800);
  const pool = format({ store: cells, handles: 8 });
  const h = pool.alloc(20);
  cells.left = 3;
  assert.throws(() => pool.write(h, 0, "abc"));
  cells.left = Infinity;
  pool.write(h, 0, "abc");
}

function full(): void {
  const pool = format({ store: new Cells(800), handles: 8 });
  const h = pool.alloc(400);
  pool.write(h, 0, new Uint8Array(200));
}

function used(): void {
  const library: any = { create };
  (shared(library, { size: 4096 } as any) as any).alloc(5);
  shared(library, 4096 as any);
}

/** Fails unless the call throws an Error with just this message. */
function says(call: () => unknown, message: string): void {
  assert.throws(call, (error: any) => {
    assert.equal(error.message, message);
    return true;
  });
}

describe("message", () => {
  for (const [kind, make] of [["in RAM", near], ["external", external]] as const) {
    for (const [name, call, message] of POOL) it(`of ${name}, ${kind}: ${message}`, () => says(() => call(make()), message));
  }
  for (const [name, call, message] of [...RAM, ...REST]) it(`of ${name}: ${message}`, () => says(call, message));
});
