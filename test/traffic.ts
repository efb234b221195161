// External pools on chip models, and what they put on the bus.

import assert from "node:assert";
import { join } from "node:path";
import { create as far } from "../src/far";
import { cache, type Cache } from "../src/page";
import { connect, part, span } from "../src/spi";
import type { Store } from "../src/store";
import { amount } from "./amount";
import { line, type Line } from "./line";
import { pick, random } from "./random";

type Create = typeof far;

interface Library {
  create: Create;
  connect: typeof connect;
  part: typeof part;
  span: typeof span;
  cache: typeof cache;
}

const DIST = join(__dirname, "..", "dist");
const load = (name: string): any => require(join(DIST, `tidyheap-${name}.min.js`));
const LIBRARIES: [string, () => Library][] = [
  ["source", () => ({ create: far, connect, part, span, cache })],
  ["minified", () => ({ ...load("page"), ...load("spi"), ...load("far") })]
];

/** A store and the buses below it. */
interface Ground {
  store: Store;
  lines: Line[];
}

function chip(lib: Library, name: string, baud: number, options = {}): Ground {
  const one = line(name, baud);
  return { store: lib.connect(one.spi, { cs: one.cs, chip: name, baud, ...options }), lines: [one] };
}

function some(ground: Ground, make: (store: Store) => Store): Ground {
  return { store: make(ground.store), lines: ground.lines };
}

const GROUNDS: [string, (lib: Library) => Ground][] = [
  ["an SRAM", (lib) => chip(lib, "23K640", 20e6)],
  ["an SRAM by 60 bytes", (lib) => chip(lib, "23K640", 20e6, { chunk: 60 })],
  ["an FRAM", (lib) => chip(lib, "MB85RS64V", 20e6)],
  ["a PSRAM at 24 MHz", (lib) => some(chip(lib, "APS6404L", 24e6), (store) => lib.part(store, 1020, 8000))],
  ["the middle of an SRAM of two dies", (lib) => some(chip(lib, "IS62WVS2568", 40e6), (store) => lib.part(store, 131072 - 4096, 8192))],
  [
    "a span of an SRAM and an FRAM",
    (lib) => {
      const [low, high] = [chip(lib, "23K640", 20e6), chip(lib, "MB85RS64V", 20e6)];
      return { store: lib.span([lib.part(low.store, 4192, 4000), high.store]), lines: [...low.lines, ...high.lines] };
    }
  ],
  ["a cache over an SRAM", (lib) => some(chip(lib, "23K640", 20e6), (store) => lib.cache(store, { page: 64, pages: 4 }))],
  ["a cache over a PSRAM", (lib) => some(chip(lib, "LY68L6400", 48e6), (store) => lib.cache(lib.part(store, 500, 8100), { page: 128, pages: 2 }))]
];

/** 32-bit numbers of a seed as bytes. */
function bytes(next: (n: number) => number, n: number): Uint8Array {
  return Uint8Array.from({ length: n }, () => next(256));
}

/** A program that keeps a pool between 85 and 97 % full and compares everything with plain arrays. Returns the bytes moved. */
function follow(lib: Library, ground: Ground, seed: number, turns: number): number {
  const { store, lines } = ground;
  const next = random(seed);
  const pool = lib.create({ store, handles: 200 });
  const live: { h: number; data: Uint8Array }[] = [];
  let used = 0;
  const drop = (at: number): void => {
    const [one] = live.splice(at, 1);
    assert.deepEqual(Buffer.from(pool.load(one.h)), Buffer.from(one.data), `seed ${seed}`);
    pool.free(one.h);
    used -= one.data.length;
  };
  for (let turn = 0; turn < turns; turn++) {
    const at = `seed ${seed}, turn ${turn}`;
    const act = next(8);
    const one = live.length ? pick(next, live) : undefined;
    if (act < 3 || !one) {
      const data = bytes(next, 1 + next(next(4) ? 90 : 700));
      while (used + data.length > 0.97 * store.size) drop(next(live.length));
      let h;
      while (!(h = pool.alloc(data.length)) && pool.why === "FULL") drop(next(live.length));
      assert.ok(h, `${at}: ${pool.why}`);
      pool.store(h, data);
      live.push({ h, data });
      used += data.length;
    } else if (act === 3) {
      const n = 1 + next(300);
      if (used + n - one.data.length > 0.97 * store.size) continue;
      if (!pool.resize(one.h, n)) continue;
      used += n - one.data.length;
      const grown = bytes(next, n);
      grown.set(one.data.subarray(0, n));
      pool.write(one.h, 0, grown);
      one.data = grown;
    } else if (act === 4) {
      const from = next(one.data.length);
      const data = bytes(next, 1 + next(one.data.length - from));
      pool.write(one.h, from, data);
      one.data.set(data, from);
    } else if (act === 5 && one.data.length >= 4) {
      const from = next(one.data.length - 3);
      const value = next(2 ** 32);
      const view = new DataView(one.data.buffer, one.data.byteOffset);
      assert.equal(pool.get32(one.h, from), view.getUint32(from, true), at);
      pool.set32(one.h, from, value);
      view.setUint32(from, value, true);
      pool.set16(one.h, from + 1, value);
      view.setUint16(from + 1, value & 65535, true);
      pool.set8(one.h, from + 3, value);
      view.setUint8(from + 3, value & 255);
      assert.equal(pool.get16(one.h, from + 2), view.getUint16(from + 2, true), at);
      assert.equal(pool.get8(one.h, from), view.getUint8(from), at);
    } else if (act === 6) {
      const budget = 1 + next(400);
      const before = lines.map((bus) => (bus.clear(), bus.wire.bytes));
      const moved = pool.tick(budget);
      assert.ok(moved <= budget, `${at}: ${moved} bytes moved, the budget is ${budget}`);
      for (const bus of lines) assert.ok(bus.most() <= store.chunk!, `${at}: ${bus.most()} bytes in a frame, chunk ${store.chunk}`);
      if (!moved) lines.forEach((bus, i) => assert.equal(bus.wire.bytes, before[i], `${at}: an idle tick is on the bus`));
    } else assert.deepEqual(Buffer.from(pool.load(one.h)), Buffer.from(one.data), at);
    if (turn % 16 === 0) assert.equal(pool.check(), "", at);
    if (turn > 250 && act < 3) assert.ok(used > 0.85 * store.size - 800, `${at}: ${used} bytes in use`);
  }
  for (const { h, data } of live) assert.deepEqual(Buffer.from(pool.load(h)), Buffer.from(data));
  if (store.flush) store.flush();
  return pool.stat().moved;
}

for (const [library, get] of LIBRARIES) {
  describe(`traffic, ${library}`, () => {
    const lib = get();

    for (const [name, make] of GROUNDS) {
      it(`a pool over ${name} holds what a plain array holds, 85 to 97 % full, and a tick keeps its budget and its chunk`, () => {
        let moved = 0;
        for (let seed = 1; seed <= amount(1, 3, 30); seed++) moved += follow(lib, make(lib), seed, amount(320, 500, 500));
        assert.ok(moved > amount(100, 3000), `${moved} bytes moved`);
      });
    }

    for (const [name, baud, head] of [["23LC1024", 20e6, 4], ["IS62WVS2568", 40e6, 5], ["MR25H10", 40e6, 5], ["MB85RS512T", 30e6, 4], ["APS6404L", 24e6, 4]] as const) {
      it(`load and store over ${name} cost 1.05 bytes a byte and one command a chunk`, () => {
        const { store, lines } = chip(lib, name, baud);
        const pool = lib.create({ store: lib.part(store, 0, 65536), handles: 40 });
        for (const n of [256, 300, 1024, 5000]) {
          const data = bytes(random(n), n);
          // a part of PSRAM that begins inside a page, and a block that ends in one, take two more
          const chunks = Math.ceil(n / store.chunk!) + Math.ceil(n / 1024) + 1;
          const h = pool.alloc(n);
          lines[0].clear();
          pool.store(h, data);
          assert.ok(lines[0].total() <= 1.05 * n + head * chunks, `${lines[0].total()} bytes to write ${n}`);
          lines[0].clear();
          assert.deepEqual(Buffer.from(pool.load(h)), Buffer.from(data));
          assert.ok(lines[0].total() <= 1.05 * n + head * chunks, `${lines[0].total()} bytes to read ${n}`);
        }
      });
    }

    describe("a text of 64 KB in one block, read with get8 through a cache", () => {
      const TEXT = 65536;
      let bus: Line;
      let view: Cache;
      let pool: ReturnType<Create>;
      let h: number;
      let text: Uint8Array;

      beforeEach(() => {
        const { store, lines } = chip(lib, "23LC1024", 20e6);
        bus = lines[0];
        view = lib.cache(store, { page: 256, pages: 4 });
        pool = lib.create({ store: view, handles: 64 });
        const next = random(4);
        // lines of 1 to 80 characters
        text = Uint8Array.from({ length: TEXT }, () => (next(40) ? 32 + next(95) : 10));
        // [ hole ][ text ][ hole ][ locked ][ hole ][ locked ][ hole ]: ticks make a larger hole only by sliding the text
        const below = pool.alloc(4096);
        h = pool.alloc(TEXT);
        const [above, low, between, high] = [4096, 24576, 4096, 24576].map((n) => pool.alloc(n));
        pool.store(h, text);
        pool.lock(low);
        pool.lock(high);
        for (const one of [below, above, between]) pool.free(one);
      });

      it("is parsed with 95 % hits while ticks move the block between lines", () => {
        const { hits, misses } = view.stat();
        let asked = 0;
        let ticks = 0;
        for (let at = 0; at < TEXT; at++) {
          const byte = pool.get8(h, at);
          asked++;
          assert.equal(byte, text[at], `byte ${at}`);
          // one in ten lines: a tick moves the block and takes pages for it
          if (byte === 10 && at % 10 === 0 && pool.tick(512)) ticks++;
        }
        const now = view.stat();
        const share = 1 - (now.misses - misses) / asked;
        assert.ok(ticks >= 100, `${ticks} ticks moved something`);
        assert.equal(pool.check(), "");
        assert.ok(share >= 0.95, `${share} of ${asked} bytes were there, ${now.hits - hits} hits and ${now.misses - misses} misses in all`);
      });

      it("loses no byte that is still to be written when the block moves under it", () => {
        const next = random(8);
        const turns = amount(500, 3000);
        let moved = 0;
        let wrote = 0;
        for (let turn = 0; turn < turns; turn++) {
          const at = next(TEXT - 4);
          const value = next(2 ** 32);
          pool.set32(h, at, value);
          text.set([value & 255, (value >> 8) & 255, (value >> 16) & 255, value >>> 24], at);
          wrote++;
          if (turn % 3 === 0) moved += pool.tick(next(900));
          if (turn % 50 === 0) assert.equal(pool.get32(h, at), value);
        }
        assert.ok(moved > 13 * turns && wrote === turns, `${moved} bytes moved`);
        assert.deepEqual(Buffer.from(pool.load(h)), Buffer.from(text));
        view.flush();
        const at = pool.at(h);
        assert.deepEqual(Buffer.from(bus.cells.subarray(at, at + TEXT)), Buffer.from(text));
        assert.equal(pool.check(), "");
      });
    });
  });
}
