import assert from "node:assert";
import { join } from "node:path";
import { connect as source, part as partSource, span as spanSource } from "../src/spi";
import type { Options } from "../boards/emulator/frame";
import { ram } from "../src/store";
import { line, type Line } from "./line";
import { random } from "./random";

const LIBRARIES = {
  source: () => ({ connect: source, part: partSource, span: spanSource }),
  "tidyheap-spi.min.js": () => require(join(__dirname, "..", "dist", "tidyheap-spi.min.js"))
};

const PSRAMS = ["APS6404L", "ESP-PSRAM64H", "LY68L6400", "IPS6404"];

/** Every part, typed from the datasheets: bytes, bytes of an address, greatest clock in MHz, what 9F answers. */
const PARTS: [string, number, number, number, string?][] = [
  ["23LC1024", 131072, 3, 20],
  ["23A1024", 131072, 3, 20],
  ["23LCV1024", 131072, 3, 20],
  ["IS62WVS1288", 131072, 3, 20],
  ["IS65WVS1288", 131072, 3, 20],
  ["23LC512", 65536, 2, 20],
  ["23LCV512", 65536, 2, 20],
  ["23K256", 32768, 2, 20],
  ["23A256", 32768, 2, 16],
  ["23K640", 8192, 2, 20],
  ["23A640", 8192, 2, 16],
  ["IS62WVS2568", 262144, 3, 45],
  ["IS62WVS5128", 524288, 3, 20],
  ...PSRAMS.map((name): [string, number, number, number, string] => [name, 8388608, 3, 84, "0d5d46"]),
  ["MB85RS64V", 8192, 2, 20, "047f0302"],
  ["MB85RS64T", 8192, 2, 10, "047f2303"],
  ["MB85RS256B", 32768, 2, 25, "047f0509"],
  ["MB85RS512T", 65536, 2, 30, "047f2603"],
  ["MB85RS1MT", 131072, 3, 30, "047f2703"],
  ["MB85RS2MT", 262144, 3, 25, "047f2803"],
  ["MB85RS2MTA", 262144, 3, 40, "047f4803"],
  ["MB85RS4MT", 524288, 3, 40, "047f4903"],
  ["FM25L256", 32768, 2, 20],
  ["FM25W256", 32768, 2, 20],
  ["FM25V01A", 16384, 2, 40, "7f7f7f7f7f7fc22108"],
  ["FM25V02A", 32768, 2, 40, "7f7f7f7f7f7fc22208"],
  ["FM25V10", 131072, 3, 40, "7f7f7f7f7f7fc22400"],
  ["FM25V20A", 262144, 3, 40, "7f7f7f7f7f7fc22508"],
  ["CY15B104Q", 524288, 3, 40, "7f7f7f7f7f7fc22608"],
  ["MR25H256", 32768, 2, 40],
  ["MR25H10", 131072, 3, 40],
  ["MR25H40", 524288, 3, 40]
];

/** A bus with that part; the row of the IS62WVS5128 is the one without read latency. */
function board(name: string, baud = 10e6, more: Options = {}): Line {
  return line(name, baud, name === "IS62WVS5128" ? { dummy: 0, ...more } : more);
}

function refuses(run: () => unknown, code: string, text: RegExp): void {
  assert.throws(run, (error: any) => {
    assert.equal(error.code, code, error.message);
    assert.match(error.message, text);
    return true;
  });
}

function same(cells: Uint8Array, want: Uint8Array): void {
  assert.equal(Buffer.compare(cells, want), 0, "cells have changed");
}

for (const [library, load] of Object.entries(LIBRARIES)) {
  describe(`spi, ${library}`, () => {
    const { connect, part, span }: { connect: typeof source; part: typeof partSource; span: typeof spanSource } = load();
    const attach = (fix: Line, chip: any, more = {}) => connect(fix.spi, { cs: fix.cs, chip, ...more });

    describe("connect", () => {
      for (const [name, bytes, width, mhz, id] of PARTS) {
        it(`knows ${name}`, () => {
          const fix = board(name, mhz * 1e6);
          const before = fix.cells.slice();
          const store = attach(fix, name, { baud: mhz * 1e6 });
          assert.equal(store.size, bytes);
          same(fix.cells, before);
          assert.equal(store.id, PSRAMS.includes(name) ? "" : (id ?? ""));
          fix.clear();
          store.write(store.size - 3, [1, 2, 3]);
          assert.equal(fix.frames[fix.frames.length - 1].sent.length, 1 + width + 3);
          assert.deepEqual([...fix.cells.subarray(bytes - 3)], [1, 2, 3]);
          assert.deepEqual([...store.read(store.size - 4, 4)], [before[bytes - 4], 1, 2, 3]);
          refuses(() => attach(fix, name, { baud: mhz * 1e6 + 1 }), "OPTION", new RegExp(`baud ${mhz}000001, not 1\\.\\.${mhz}000000`));
        });
      }

      it("asks a PSRAM who it is up to 33 MHz, which is as fast as it may be asked", () => {
        for (const name of PSRAMS) assert.equal(attach(board(name, 33e6), name, { baud: 33e6 }).id, "0d5d46");
        const fix = board("APS6404L", 34e6);
        const before = fix.cells.slice();
        assert.equal(attach(fix, "APS6404L", { baud: 34e6 }).id, "");
        assert.ok(!fix.frames.some(({ sent }) => sent[0] === 0x9f));
        same(fix.cells, before);
      });

      it("knows an IS62WVS5128 with read latency by a row of its own", () => {
        const fix = line("IS62WVS5128", 45e6, { dummy: 1 });
        const store = attach(fix, { bytes: 524288, width: 3, kind: "s", baud: 45e6, dummy: 1, edge: 262144 }, { baud: 45e6 });
        fix.clear();
        store.write(262140, [1, 2, 3, 4, 5, 6, 7, 8]);
        assert.deepEqual([...store.read(262139, 10)], [(262139 + 7) % 251, 1, 2, 3, 4, 5, 6, 7, 8, (262148 + 7) % 251]);
        assert.deepEqual(fix.frames.map(({ sent }) => sent.length), [8, 8, 10, 10]);
        refuses(() => attach(line("IS62WVS5128", 20e6, { dummy: 1 }), "IS62WVS5128"), "WRONG_CHIP", /not/);
      });

      it("takes a row in place of a part number", () => {
        const fix = board("23K256", 5e6, { size: 4096 });
        const store = attach(fix, { bytes: 4096, width: 2, kind: "s", baud: 5e6 }, { baud: 5e6 });
        assert.equal(store.size, 4096);
        refuses(() => attach(fix, { bytes: 4096, width: 2, kind: "s", baud: 5e6 }, { baud: 6e6 }), "OPTION", /baud 6000000/);
        refuses(() => attach(fix, { bytes: 4096, width: 4, kind: "s", baud: 5e6 }), "OPTION", /width 4, not 2\.\.3/);
        refuses(() => attach(fix, { bytes: 4096, kind: "s", baud: 5e6 }), "OPTION", /width/);
      });

      it("refuses options that are missing or wrong", () => {
        const fix = board("23LC1024", 20e6);
        refuses(() => connect(fix.spi, undefined as any), "OPTION", /chip undefined/);
        refuses(() => connect(fix.spi, { chip: "23LC1024" } as any), "OPTION", /cs undefined/);
        for (const chip of ["23LC", "23lc1024", "", " ", "23LC1025", 7, {}, null]) refuses(() => attach(fix, chip), "OPTION", /a part$/);
        for (const chunk of [0, -1, 1.5, NaN, Infinity, "x", 131073]) refuses(() => attach(fix, "23LC1024", { chunk }), "OPTION", /chunk/);
        for (const baud of [0, -1, 1.5, NaN, "fast"]) refuses(() => attach(fix, "23LC1024", { baud }), "OPTION", /baud/);
        for (const gap of [-1, 1.5, 1e7]) refuses(() => attach(fix, "23LC1024", { gap, baud: 1e6 }), "OPTION", /gap/);
        refuses(() => attach(fix, "23LC1024", { gap: 5 }), "OPTION", /gap 5, not 0\.\.0/);
        assert.equal(fix.frames.length, 0);
      });

      it("takes pin 0", () => {
        const fix = board("23LC1024", 20e6);
        const spi = { send: (data: any, pin: any) => fix.spi.send(data, pin === 0 ? fix.cs : pin), write: (...data: any[]) => fix.spi.write(...data.slice(0, -1), fix.cs) };
        assert.equal(connect(spi, { cs: 0, chip: "23LC1024" }).size, 131072);
      });
    });

    describe("probe", () => {
      const stuck: [string, (byte: number) => number][] = [["low", () => 0], ["high", () => 255]];
      for (const name of ["23LC1024", "23K640", "ESP-PSRAM64H", "MB85RS64V", "FM25V10", "MR25H256", "IS62WVS2568"]) {
        for (const [level, bend] of stuck) {
          it(`says NO_CHIP for ${name} on a line that is stuck ${level}`, () => {
            const fix = board(name, 10e6);
            fix.bend = bend;
            refuses(() => attach(fix, name, { baud: 10e6 }), "NO_CHIP", level === "low" ? /00/ : /ff/);
          });
        }
      }

      it("says NO_CHIP when only the data line of a chip with its mode set dies", () => {
        const fix = board("23LC1024", 20e6);
        fix.bend = (byte) => (fix.frames.length > 2 ? 0 : byte);
        refuses(() => attach(fix, "23LC1024"), "NO_CHIP", /00000000, not 01a55a01/);
      });

      for (const bit of [0, 1, 2, 3, 4, 5, 6, 7]) {
        it(`says BUS when bit ${bit} of an SRAM's answers is always set or never`, () => {
          for (const bend of [(byte: number) => byte | (1 << bit), (byte: number) => byte & ~(1 << bit)]) {
            const fix = board("23LC512", 20e6);
            fix.bend = bend;
            // without bit 6 the mode register reads 00
            refuses(() => attach(fix, "23LC512"), bit === 6 && bend(64) === 0 ? "NO_CHIP" : "BUS", /not/);
          }
        });
      }

      it("says WRONG_CHIP for an SRAM where FRAM is asked for, and NO_CHIP for FRAM where SRAM is", () => {
        refuses(() => attach(line("23LC512", 10e6, {}, true), "MR25H256"), "WRONG_CHIP", /4040, not 0200/);
        const fix = line("MR25H256", 10e6, {}, true);
        const before = fix.cells.slice();
        refuses(() => attach(fix, "23K256"), "NO_CHIP", /00, not 40/);
        same(fix.cells, before);
      });

      it("says WRONG_CHIP for a PSRAM that failed its test, and for one of another size", () => {
        const fix = board("LY68L6400", 24e6);
        fix.bend = (byte) => (byte === 0x5d ? 0x55 : byte);
        refuses(() => attach(fix, "LY68L6400", { baud: 24e6 }), "WRONG_CHIP", /0d55, not 0d5d/);
        fix.bend = (byte) => (byte === 0x46 ? 0x26 : byte);
        refuses(() => attach(fix, "LY68L6400", { baud: 24e6 }), "WRONG_CHIP", /0d5d26, not 8388608 bytes/);
      });

      it("names what was read and what was expected", () => {
        refuses(() => attach(board("MB85RS64T", 10e6), "MB85RS64V"), "WRONG_CHIP", /^WRONG_CHIP: 047f2303, not 047f0302$/);
      });

      it("puts the old bytes of an SRAM back, also when it refuses", () => {
        const fix = board("23LC1024", 20e6);
        const before = fix.cells.slice();
        attach(fix, "23LC1024");
        same(fix.cells, before);
        refuses(() => attach(fix, "IS62WVS5128"), "WRONG_CHIP", /not/);
        same(fix.cells, before);
      });

      it("writes nothing into FRAM that holds something", () => {
        for (const name of ["FM25L256", "FM25W256", "MR25H256", "MR25H10", "MR25H40", "MB85RS64V", "FM25V10"]) {
          const fix = board(name);
          attach(fix, name);
          assert.ok(!fix.frames.some(({ sent }) => sent[0] === 2 || sent[0] === 1), name);
          assert.deepEqual(fix.frames[0].sent.slice(0, 1), [/^M[RF]|^FM25[LW]/.test(name) ? 6 : 0x9f]);
        }
      });

      it("tells the size of blank FRAM by writing and puts the old bytes back", () => {
        for (const fill of [0, 255, 90]) {
          const fix = board("MR25H40");
          fix.cells.fill(fill);
          attach(fix, "MR25H40");
          assert.equal(fix.frames.filter(({ sent }) => sent[0] === 2).length, 8);
          assert.ok(fix.cells.every((byte) => byte === fill));
        }
      });
    });

    describe("frames", () => {
      it("set an SRAM to sequential", () => {
        const fix = board("23K256", 20e6);
        attach(fix, "23K256");
        assert.deepEqual(fix.frames[0].sent, [1, 0x40]);
      });

      it("have command, address and data", () => {
        const fix = board("23LC1024", 20e6);
        const store = attach(fix, "23LC1024");
        fix.clear();
        store.write(0x12345, [1, 2]);
        assert.deepEqual([...store.read(0x12344, 3)], [(0x12344 + 7) % 251, 1, 2]);
        assert.deepEqual(fix.frames.map(({ sent }) => sent), [[2, 1, 0x23, 0x45, 1, 2], [3, 1, 0x23, 0x44, 0, 0, 0]]);
      });

      it("have two bytes of address up to 64 KB", () => {
        const fix = board("23LC512", 20e6);
        const store = attach(fix, "23LC512");
        fix.clear();
        store.write(0xfffe, [1, 2]);
        store.read(0xfffe, 2);
        assert.deepEqual(fix.frames.map(({ sent }) => sent), [[2, 0xff, 0xfe, 1, 2], [3, 0xff, 0xfe, 0, 0]]);
      });

      it("have a dummy byte where READ has latency", () => {
        const fix = board("IS62WVS2568", 40e6);
        const store = attach(fix, "IS62WVS2568");
        fix.clear();
        assert.deepEqual([...store.read(2, 2)], [9, 10]);
        assert.deepEqual(fix.frames[0].sent, [3, 0, 0, 2, 0, 0, 0]);
      });

      it("open FRAM for each write", () => {
        const fix = board("MB85RS64V", 20e6);
        const store = attach(fix, "MB85RS64V", { chunk: 4 });
        fix.clear();
        store.write(0x100, [1, 2, 3, 4, 5]);
        assert.deepEqual(fix.frames.map(({ sent }) => sent), [[6], [2, 1, 0, 1, 2, 3, 4], [6], [2, 1, 4, 5]]);
      });

      it("end at the middle of an IS62WVS5128", () => {
        const fix = board("IS62WVS5128", 20e6);
        const store = attach(fix, "IS62WVS5128");
        fix.clear();
        store.write(0x3fff0, new Uint8Array(32).fill(9));
        assert.deepEqual([...store.read(0x3fff0, 32)], Array(32).fill(9));
        assert.deepEqual(fix.frames.map(({ sent }) => sent.slice(1, 4)), [[3, 255, 240], [4, 0, 0], [3, 255, 240], [4, 0, 0]]);
        assert.deepEqual([...fix.cells.subarray(0, 2)], [7, 8]);
      });

      it("never ask for more than chunk, and never for what is not needed", () => {
        const fix = board("23LC1024", 20e6);
        const store = attach(fix, "23LC1024", { chunk: 10 });
        assert.equal(store.chunk, 10);
        fix.clear();
        store.write(5, new Uint8Array(25));
        store.read(5, 25);
        store.move(100, 0, 25);
        assert.equal(fix.most(), 10);
        assert.equal(fix.total(), 4 * 3 * 4 + 4 * 25);
      });

      it("cost one header a chunk, 1.6 % of 256 bytes", () => {
        for (const [name, baud, header] of [["23LC1024", 20e6, 4], ["MB85RS64V", 20e6, 4], ["IS62WVS2568", 20e6, 5]] as const) {
          const fix = board(name, baud);
          const store = attach(fix, name, { baud });
          for (const n of [256, 1024, 5000]) {
            fix.clear();
            store.read(0, n);
            store.write(0, new Uint8Array(n));
            const chunks = Math.ceil(n / 256);
            assert.ok(fix.total() <= 1.05 * 2 * n + 2 * header * chunks, `${name} ${n}: ${fix.total()}`);
          }
        }
      });

      it("move in the order that is right for overlap, a chunk at a time", () => {
        const fix = board("23K640", 20e6);
        const store = attach(fix, "23K640", { chunk: 8 });
        const want = fix.cells.slice().copyWithin(3, 0, 20);
        fix.clear();
        store.move(3, 0, 20);
        same(fix.cells, want);
        assert.deepEqual(fix.frames.map(({ sent }) => [sent[0], sent[2]]), [[3, 12], [2, 15], [3, 4], [2, 7], [3, 0], [2, 3]]);
        want.copyWithin(0, 3, 23);
        store.move(0, 3, 20);
        same(fix.cells, want);
      });

      it("leave CS high for the gap, counted in bits of the bus", () => {
        const fix = board("23LC1024", 16e6);
        const store = attach(fix, "23LC1024", { baud: 16e6, gap: 5, chunk: 4 });
        fix.clear();
        store.write(0, [1, 2, 3, 4, 5]);
        store.read(0, 2);
        // 5 us at 16 MHz are 80 bits
        assert.deepEqual(fix.idle, [0, 10, 10, 10]);
      });
    });

    describe("psram", () => {
      it("is reset by 66 and 99 after 150 us with CS high, then asked who it is", () => {
        for (const baud of [8e6, 24e6, 48e6, 80e6]) {
          const fix = board("APS6404L", baud);
          attach(fix, "LY68L6400", { baud });
          assert.deepEqual(fix.frames.slice(0, 2).map(({ sent }) => sent), [[0x66], [0x99]]);
          if (baud < 33e6) assert.deepEqual(fix.frames.slice(2).map(({ sent }) => sent), [[0x9f, 0, 0, 0, 0, 0, 0]]);
          assert.ok(fix.idle[0] * 8e6 >= 150 * baud, `${fix.idle[0]} bytes`);
        }
      });

      for (const [mhz, chunk] of [[84, 64], [80, 64], [48, 32], [33, 16], [24, 16], [16, 10], [12, 6], [8, 3], [7, 2]]) {
        it(`takes ${chunk} bytes a frame at ${mhz} MHz and stays inside 8 us`, () => {
          const fix = board("APS6404L", mhz * 1e6);
          const store = attach(fix, "ESP-PSRAM64H", { baud: mhz * 1e6 });
          assert.equal(store.chunk, chunk);
          const data = Array.from({ length: 300 }, (_, i) => i & 255);
          store.write(900, data);
          assert.deepEqual([...store.read(900, 300)], data);
          assert.deepEqual([...fix.cells.subarray(900, 1200)], data);
          assert.equal(fix.most(), chunk);
        });
      }

      it("is read by 03 up to 33 MHz, by 0B above and when the clock is not known", () => {
        for (const [baud, options, command] of [[33e6, { baud: 33e6 }, 3], [34e6, { baud: 34e6 }, 0x0b], [40e6, { chunk: 16 }, 0x0b]] as const) {
          const fix = board("APS6404L", baud);
          const store = attach(fix, "APS6404L", options);
          fix.clear();
          assert.deepEqual([...store.read(3, 2)], [10, 11]);
          assert.equal(fix.frames[0].sent[0], command);
        }
      });

      it("needs a clock that leaves time for a byte, or a chunk", () => {
        for (const options of [{}, { baud: 5e6 }]) refuses(() => attach(board("APS6404L"), "APS6404L", options), "OPTION", /chunk or baud/);
        assert.equal(attach(board("APS6404L", 5e6, { lowMicros: 12 }), "APS6404L", { baud: 5e6, chunk: 2 }).chunk, 2);
      });

      it("takes longer frames when asked to, but never across a page", () => {
        // 1028 bytes at 24 MHz take 343 us
        const fix = board("APS6404L", 24e6, { lowMicros: 343 });
        const store = attach(fix, "APS6404L", { baud: 24e6, chunk: 4000, gap: 50 });
        assert.equal(store.chunk, 1024);
        fix.clear();
        store.write(1000, new Uint8Array(2000).fill(5));
        assert.deepEqual(fix.frames.map(({ sent }) => sent.length - 4), [24, 1024, 952]);
        // 50 us at 24 MHz are 1200 bits
        assert.deepEqual(fix.idle, [0, 150, 150, 150]);
        assert.deepEqual([...fix.cells.subarray(1000, 3000)], Array(2000).fill(5));
        const strict = board("APS6404L", 24e6);
        refuses(() => attach(strict, "APS6404L", { baud: 24e6, chunk: 32 }).write(0, new Uint8Array(32)), "CHIP_CELOW", /the limit is 8/);
      });
    });

    describe("span", () => {
      it("adds sizes and takes the smallest chunk", () => {
        const chips = [["23LC1024", 100], ["23K640", 30], ["MB85RS64V", 60]].map(([name, chunk]) => attach(board(name as string, 20e6), name, { chunk }));
        const all = span([ram(10), ...chips]);
        assert.equal(all.size, 10 + 131072 + 8192 + 8192);
        assert.equal(all.chunk, 30);
        assert.equal(span([ram(1), ram(1)]).chunk, undefined);
      });

      it("puts bytes where they belong", () => {
        const stores = [ram(10), ram(20), ram(30)];
        span(stores).write(5, Array.from({ length: 40 }, (_, i) => i + 1));
        assert.deepEqual([...stores[0].read(5, 5)], [1, 2, 3, 4, 5]);
        assert.deepEqual([...stores[1].read(0, 20)], Array.from({ length: 20 }, (_, i) => i + 6));
        assert.deepEqual([...stores[2].read(14, 2)], [40, 0]);
      });

      it("leaves a move inside one store to the store", () => {
        const calls: number[][] = [];
        const watched = { ...ram(100), move: (...call: number[]) => void calls.push(call) };
        const all = span([ram(50), watched, ram(50)]);
        all.move(60, 70, 20);
        all.move(50, 51, 99);
        assert.deepEqual(calls, [[10, 20, 20], [0, 1, 99]]);
      });

      it("refuses what is no store", () => {
        for (const list of [[], undefined, [undefined], [{}], [ram(5), { size: 0 }]]) refuses(() => span(list as any), "OPTION", /store/);
      });

      it("flushes every store that can be", () => {
        let flushed = 0;
        const lazy = () => ({ ...ram(10), flush: () => void flushed++ });
        span([lazy(), ram(10), lazy()]).flush!();
        part(lazy(), 1, 2).flush!();
        assert.equal(flushed, 3);
      });
    });

    describe("part", () => {
      it("shifts addresses", () => {
        const store = ram(100);
        const one = part(store, 40, 10);
        one.write(0, [1, 2, 3]);
        one.move(7, 0, 3);
        assert.deepEqual([...store.read(39, 12)], [0, 1, 2, 3, 0, 0, 0, 0, 1, 2, 3, 0]);
        assert.deepEqual([...one.read(7, 3)], [1, 2, 3]);
      });

      it("refuses a range outside the store", () => {
        for (const [from, size] of [[-1, 5], [0, 0], [96, 5], [0, 101], [1.5, 2], [1, 2.5], [NaN, 1], [0, NaN]]) {
          refuses(() => part(ram(100), from, size), "OPTION", /inside/);
        }
        refuses(() => part(undefined as any, 0, 1), "OPTION", /inside/);
      });
    });

    it("is the store of pools, several on one chip", () => {
      const { create } = require(join(__dirname, "..", "dist", "tidyheap-core.min.js"));
      const fix = board("23LC1024", 20e6);
      const chip = attach(fix, "23LC1024");
      const pools = [0, 65536].map((from) => create({ store: part(chip, from, 4096), handles: 40 }));
      const next = random(9);
      const live: { pool: any; h: number; data: number[] }[] = [];
      for (let turn = 0; turn < 400; turn++) {
        const pool = pools[next(2)];
        const data = Array.from({ length: 1 + next(300) }, () => next(256));
        const h = pool.alloc(data.length);
        if (h) pool.write(h, 0, data), live.push({ pool, h, data });
        if (!h || live.length > 30) {
          const [one] = live.splice(next(live.length), 1);
          assert.deepEqual([...one.pool.read(one.h, 0, one.data.length)], one.data);
          one.pool.free(one.h);
        }
      }
      for (const { pool, h, data } of live) assert.deepEqual([...pool.read(h, 0, data.length)], data);
      assert.ok(pools.every((pool) => pool.stat().moves > 0));
    });
  });
}
