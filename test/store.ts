import assert from "node:assert";
import { join } from "node:path";
import { cache } from "../src/page";
import { connect, part, span } from "../src/spi";
import { ram, type Store } from "../src/store";
import { fixture, type Fake, type Fixture } from "./fake";
import { random } from "./random";

const LC1024: Fake = { kind: "sram", bytes: 131072, width: 3 };
const K640: Fake = { kind: "sram", bytes: 8192, width: 2, mode: 0 };
const WVS2568: Fake = { kind: "sram", bytes: 262144, width: 3, dummy: 1 };
const WVS5128: Fake = { kind: "sram", bytes: 524288, width: 3, wrap: 262144 };
const RS64V: Fake = { kind: "fram", bytes: 8192, width: 2, id: [0x04, 0x7f, 0x03, 0x02] };
const H256: Fake = { kind: "fram", bytes: 32768, width: 2 };
// 16 Mbit: bits 7 to 5 of the third byte are 000
const PSRAM: Fake = { kind: "psram", bytes: 2097152, width: 3, wrap: 1024, id: [0x0d, 0x5d, 0x11] };
const PSRAM_ROW = { bytes: 2097152, width: 3, kind: "p", baud: 84e6, edge: 1024, id: "0d5d" };

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

const made: Fixture[] = [];

function chip(lib: Library, fake: Fake, name: string | object, baud: number, options = {}): Store {
  const fix = fixture(fake, baud);
  made.push(fix);
  return lib.connect(fix.spi, { cs: fix.cs, chip: name as any, baud, ...options });
}

/** Every store there is, by name. */
const STORES: [string, (lib: Library) => Store][] = [
  ["ram", () => ram(4096)],
  ["ram of an odd size", () => ram(1021)],
  ["a part of ram", (lib) => lib.part(ram(4096), 100, 1000)],
  ["a part of a part", (lib) => lib.part(lib.part(ram(4096), 100, 3000), 24, 900)],
  ["a span of ram", (lib) => lib.span([ram(300), ram(1), ram(700), ram(64)])],
  ["a span of parts of one ram", (lib) => ((all) => lib.span([lib.part(all, 500, 500), lib.part(all, 0, 500)]))(ram(1000))],
  ["23LC1024", (lib) => chip(lib, LC1024, "23LC1024", 20e6)],
  ["23LC1024 by single bytes", (lib) => lib.part(chip(lib, LC1024, "23LC1024", 20e6, { chunk: 1 }), 1000, 500)],
  ["23LC1024 by 7 bytes with a gap", (lib) => lib.part(chip(lib, LC1024, "23LC1024", 20e6, { chunk: 7, gap: 3 }), 0, 4000)],
  ["23K640", (lib) => chip(lib, K640, "23K640", 20e6)],
  ["IS62WVS2568", (lib) => chip(lib, WVS2568, "IS62WVS2568", 40e6)],
  ["the middle of an IS62WVS5128", (lib) => lib.part(chip(lib, WVS5128, "IS62WVS5128", 20e6), 260000, 4000)],
  ["MB85RS64V", (lib) => chip(lib, RS64V, "MB85RS64V", 20e6)],
  ["MR25H256", (lib) => chip(lib, H256, "MR25H256", 40e6)],
  ["PSRAM at 24 MHz", (lib) => lib.part(chip(lib, PSRAM, PSRAM_ROW, 24e6), 1000, 5000)],
  ["PSRAM at 48 MHz", (lib) => lib.part(chip(lib, PSRAM, PSRAM_ROW, 48e6), 2000000, 97152)],
  ["PSRAM at 12 MHz", (lib) => lib.part(chip(lib, PSRAM, PSRAM_ROW, 12e6), 2090000, 7152)],
  ["a span of two kinds of chips", (lib) => lib.span([chip(lib, K640, "23K640", 20e6), chip(lib, RS64V, "MB85RS64V", 20e6), ram(100)])],
  ["a cache over ram", (lib) => lib.cache(ram(4096))],
  ["a cache of one small page over ram of an odd size", (lib) => lib.cache(ram(1021), { page: 16, pages: 1 })],
  ["a cache over a span", (lib) => lib.cache(lib.span([ram(1000), ram(1000)]), { page: 64, pages: 3 })],
  ["a cache over a part", (lib) => lib.cache(lib.part(ram(2000), 3, 1500), { page: 32 })],
  ["a cache over 23K640", (lib) => lib.cache(chip(lib, K640, "23K640", 20e6))],
  ["a cache over PSRAM", (lib) => lib.cache(lib.part(chip(lib, PSRAM, PSRAM_ROW, 24e6), 5000, 3000), { page: 128 })],
  ["a cache over MB85RS64V", (lib) => lib.cache(chip(lib, RS64V, "MB85RS64V", 20e6), { page: 2, pages: 5 })],
  ["a part of a cache", (lib) => lib.part(lib.cache(ram(4096)), 1, 3000)]
];

describe("store", () => {
  for (const [library, load] of LIBRARIES) {
    for (const [name, make] of STORES) {
      describe(`${name}, ${library}`, () => {
        let store: Store;
        let model: Uint8Array;

        beforeEach(() => {
          made.splice(0);
          store = make(load());
          model = store.read(0, store.size);
        });
        afterEach(() => {
          for (const fix of made) {
            assert.deepEqual(fix.faults, []);
            assert.ok(!store.chunk || fix.most() <= Math.max(store.chunk, 8), `${fix.most()} bytes in a frame, chunk ${store.chunk}`);
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
          for (const seed of [1, 2, 3, 4]) {
            const next = random(seed);
            for (let turn = 0; turn < 60; turn++) {
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
