import assert from "node:assert";
import { join } from "node:path";
import { parts } from "../boards/emulator/chip";
import type { Options } from "../boards/emulator/frame";
import { cache } from "../src/page";
import { connect, part, span } from "../src/spi";
import { ram, type Store } from "../src/store";
import { amount } from "./amount";
import { line, type Line } from "./line";
import { random } from "./random";

interface Library {
  connect: typeof connect;
  part: typeof part;
  span: typeof span;
  cache: typeof cache;
}

const DIST = join(__dirname, "..", "dist");
const LIBRARIES: [string, () => Library][] = [
  ["source", () => ({ connect, part, span, cache })],
  ["tidyheap-spi.min.js", () => ({ ...require(join(DIST, "tidyheap-page.min.js")), ...require(join(DIST, "tidyheap-spi.min.js")) })]
];

const made: Line[] = [];

/** A part through connect() on a bus that is as fast as 24 MHz or its clock limit allow; what it does wrong is an error of the model. */
function chip(lib: Library, name: string, options: { baud?: number; chunk?: number; gap?: number } = {}, model: Options = {}, row?: object): Store {
  // MB85RS64T 10 MHz, 23A256 and 23A640 16 MHz, MB85RS512T and all further ones from 25 MHz on, the rest 20 MHz
  const most = name === "MB85RS64T" ? 10e6 : /^23A(256|640)$/.test(name) ? 16e6 : /^(APS|ESP|LY|IPS)/.test(name) ? 24e6 : 20e6;
  const baud = options.baud ?? most;
  const fix = line(name, baud, name === "IS62WVS5128" && !row ? { dummy: 0, ...model } : model);
  made.push(fix);
  return lib.connect(fix.spi, { cs: fix.cs, chip: (row ?? name) as any, baud, ...options });
}

/** Bytes around the middle of a chip, where its top address bit changes: of all chips also the end of a die and of a page of PSRAM. */
function middle(lib: Library, store: Store, size = 3000): Store {
  return lib.part(store, store.size / 2 - (size >> 1), size);
}

/** The same with the last bytes and the first ones behind it. */
function ends(lib: Library, store: Store): Store {
  return lib.span([middle(lib, store, 1500), lib.part(store, store.size - 700, 700), lib.part(store, 0, 300)]);
}

// 524,288 bytes, 3 bytes of address, two dies, READ with 8 dummy clocks
const LATENT = { bytes: 524288, width: 3, kind: "s", baud: 45e6, dummy: 1, edge: 262144 };

/** One part of each kind: SRAM, with read latency, of two dies, PSRAM, FRAM with two kinds of ID, without, MRAM. */
const KINDS = ["23LC1024", "IS62WVS2568", "IS62WVS5128", "LY68L6400", "MB85RS64V", "FM25V10", "FM25L256", "MR25H40"];

/** Every store there is, by name. */
const STORES: [string, (lib: Library) => Store][] = [
  ["ram", () => ram(4096)],
  ["ram of an odd size", () => ram(1021)],
  ["a part of ram", (lib) => lib.part(ram(4096), 100, 1000)],
  ["a part of a part", (lib) => lib.part(lib.part(ram(4096), 100, 3000), 24, 900)],
  ["a span of ram", (lib) => lib.span([ram(300), ram(1), ram(700), ram(64)])],
  ["a span of parts of one ram", (lib) => ((all) => lib.span([lib.part(all, 500, 500), lib.part(all, 0, 500)]))(ram(1000))],
  ["all of a 23K640", (lib) => chip(lib, "23K640")],
  ["all of an MB85RS64V", (lib) => chip(lib, "MB85RS64V")],
  ...parts().map((name): [string, (lib: Library) => Store] => [`middle, end and start of ${name}`, (lib) => ends(lib, chip(lib, name))]),
  ["IS62WVS5128 with read latency", (lib) => middle(lib, chip(lib, "IS62WVS5128", { baud: 45e6 }, { dummy: 1 }, LATENT))],
  ["23LC1024 by single bytes", (lib) => lib.part(chip(lib, "23LC1024", { chunk: 1 }), 1000, 500)],
  ["23LC1024 by 7 bytes with a gap", (lib) => lib.part(chip(lib, "23LC1024", { chunk: 7, gap: 3 }), 0, 4000)],
  ...[8, 12, 16, 33, 48, 84].map((mhz): [string, (lib: Library) => Store] => [`APS6404L at ${mhz} MHz`, (lib) => middle(lib, chip(lib, "APS6404L", { baud: mhz * 1e6 }))]),
  // 1028 bytes at 24 MHz take 343 us
  ["LY68L6400 by pages with a gap", (lib) => middle(lib, chip(lib, "LY68L6400", { chunk: 1024, gap: 50 }, { lowMicros: 343 }))],
  ["a span of SRAM, FRAM and ram", (lib) => lib.span([chip(lib, "23K640"), chip(lib, "MB85RS64V"), ram(100)])],
  ["a span of one chip of each kind", (lib) => lib.span(KINDS.map((name) => middle(lib, chip(lib, name), 400)))],
  ["a cache over ram", (lib) => lib.cache(ram(4096))],
  ["a cache of one small page over ram of an odd size", (lib) => lib.cache(ram(1021), { page: 16, pages: 1 })],
  ["a cache over a part", (lib) => lib.cache(lib.part(ram(2000), 3, 1500), { page: 32 })],
  ["a cache over a span of ram", (lib) => lib.cache(lib.span([ram(1000), ram(1000)]), { page: 64, pages: 3 })],
  ["a cache over a span of chips", (lib) => lib.cache(lib.span(["23K640", "FM25L256", "APS6404L"].map((name) => middle(lib, chip(lib, name), 700))), { page: 64 })],
  ["a cache over a cache", (lib) => lib.cache(lib.cache(middle(lib, chip(lib, "MR25H10"))), { page: 16, pages: 2 })],
  ...KINDS.map((name, i): [string, (lib: Library) => Store] => [`a cache over ${name}`, (lib) => lib.cache(middle(lib, chip(lib, name)), { page: 2 << i, pages: 1 + (i % 5) })]),
  ["a part of a cache", (lib) => lib.part(lib.cache(ram(4096)), 1, 3000)],
  ["a span of caches", (lib) => lib.span([lib.cache(chip(lib, "23K640")), lib.cache(ram(500), { page: 32 })])]
];

describe("store", () => {
  for (const [library, load] of LIBRARIES) {
    for (const [name, make] of STORES) {
      describe(`${name}, ${library}`, () => {
        let store: Store;
        let model: Uint8Array;

        before(() => {
          made.splice(0);
          store = make(load());
          model = store.read(0, store.size);
        });
        afterEach(() => {
          for (const fix of made) {
            // the probe reads 9 bytes
            assert.ok(!store.chunk || made.length > 1 || fix.most() <= Math.max(store.chunk, 9), `${fix.most()} bytes in a frame, chunk ${store.chunk}`);
          }
        });

        function same(at = 0, n = store.size): void {
          const got = store.read(at, n);
          assert.ok(got instanceof Uint8Array);
          assert.deepEqual([...got], [...model.subarray(at, at + n)]);
        }
        function write(at: number, data: number[], as: (data: number[]) => ArrayLike<number> = (list) => list): void {
          store.write(at, as(data));
          model.set(data, at);
        }
        function move(to: number, from: number, n: number): void {
          store.move(to, from, n);
          model.copyWithin(to, from, from + n);
        }

        it("reads the first and the last byte", () => {
          assert.equal(store.read(0, 1).length, 1);
          write(0, [17]);
          write(store.size - 1, [18]);
          same(0, 1);
          same(store.size - 1, 1);
          same();
        });

        it("does nothing with no bytes", () => {
          assert.equal(store.read(0, 0).length, 0);
          assert.equal(store.read(store.size, 0).length, 0);
          store.write(0, []);
          store.write(store.size, new Uint8Array(0));
          store.move(5, 0, 0);
          store.move(0, store.size, 0);
          same();
        });

        it("writes arrays, typed arrays and views", () => {
          write(3, [1, 2, 3]);
          write(10, [4, 5, 6], (list) => new Uint8Array(list));
          write(20, [7, 8, 9], (list) => new Uint8Array([0, ...list, 0]).subarray(1, 4));
          same();
        });

        it("gives a copy", () => {
          const bytes = store.read(0, 8);
          bytes[0] ^= 255;
          same(0, 8);
        });

        it("keeps its bytes when it is written and moved as a whole", () => {
          const next = random(3);
          const n = Math.min(store.size, 20000);
          write(store.size - n, Array.from({ length: n }, () => next(256)));
          same();
          move(0, 1, store.size - 1);
          same();
          move(3, 0, store.size - 3);
          same();
        });

        it("holds what a plain array holds after random writes and overlapping moves", () => {
          for (let seed = 1; seed <= amount(2, 4, 40); seed++) {
            const next = random(seed);
            for (let turn = 0; turn < amount(30, 60); turn++) {
              const n = next(seed & 1 ? Math.min(store.size, 900) : 40) + 1;
              const near = next(2) ? 0 : next(store.size - n + 1);
              const from = Math.min(store.size - n, near);
              const to = Math.max(0, Math.min(store.size - n, from + next(2 * n + 1) - n));
              if (next(3)) move(to, from, n);
              else write(to, Array.from({ length: n }, () => next(256)));
              if (next(4) === 0) same(to, n);
            }
            same();
          }
        });
      });
    }
  }
});
