import assert from "node:assert/strict";
import { pico } from "../boards/pico";
import { chip, parts } from "../boards/emulator/chip";
import { fault } from "../boards/emulator/fault";
import type { Model, Options } from "../boards/emulator/frame";
import { boot } from "../boards/emulator/machine";
import { power, wire, type Chip, type Wire } from "../boards/emulator/wire";
import { CASES } from "./chip-portable";
import { random } from "./random";

// Typed from the datasheets: bytes, bytes of an address, fastest clock in MHz.
const SHEETS: Record<string, [number, number, number]> = {
  "23LC1024": [131072, 3, 20],
  "23A1024": [131072, 3, 20],
  "23LCV1024": [131072, 3, 20],
  "23LC512": [65536, 2, 20],
  "23LCV512": [65536, 2, 20],
  "23K256": [32768, 2, 20],
  "23A256": [32768, 2, 16],
  "23K640": [8192, 2, 20],
  "23A640": [8192, 2, 16],
  IS62WVS1288: [131072, 3, 20],
  IS65WVS1288: [131072, 3, 20],
  IS62WVS2568: [262144, 3, 45],
  IS62WVS5128: [524288, 3, 45],
  APS6404L: [8388608, 3, 84],
  "ESP-PSRAM64H": [8388608, 3, 84],
  LY68L6400: [8388608, 3, 100],
  IPS6404: [8388608, 3, 84],
  MB85RS64V: [8192, 2, 20],
  MB85RS64T: [8192, 2, 10],
  MB85RS256B: [32768, 2, 33],
  MB85RS512T: [65536, 2, 30],
  MB85RS1MT: [131072, 3, 30],
  MB85RS2MT: [262144, 3, 25],
  MB85RS2MTA: [262144, 3, 40],
  MB85RS4MT: [524288, 3, 40],
  FM25L256: [32768, 2, 20],
  FM25W256: [32768, 2, 20],
  FM25V01A: [16384, 2, 40],
  FM25V02A: [32768, 2, 40],
  FM25V10: [131072, 3, 40],
  FM25V20A: [262144, 3, 40],
  CY15B104Q: [524288, 3, 40],
  MR25H256: [32768, 2, 40],
  MR25H10: [131072, 3, 40],
  MR25H40: [524288, 3, 40]
};

const SRAMS = Object.keys(SHEETS).slice(0, 13);
const PSRAMS = Object.keys(SHEETS).slice(13, 17);
const FRAMS = Object.keys(SHEETS).slice(17);
const BYTE_MODE = ["23K256", "23A256", "23K640", "23A640"];

const IDS: Record<string, string> = {
  MB85RS64V: "04 7f 03 02",
  MB85RS64T: "04 7f 23 03",
  MB85RS256B: "04 7f 05 09",
  MB85RS512T: "04 7f 26 03",
  MB85RS1MT: "04 7f 27 03",
  MB85RS2MT: "04 7f 28 03",
  MB85RS2MTA: "04 7f 48 03",
  MB85RS4MT: "04 7f 49 03",
  FM25V01A: "7f 7f 7f 7f 7f 7f c2 21 08",
  FM25V02A: "7f 7f 7f 7f 7f 7f c2 22 08",
  FM25V10: "7f 7f 7f 7f 7f 7f c2 24 00",
  FM25V20A: "7f 7f 7f 7f 7f 7f c2 25 08",
  CY15B104Q: "7f 7f 7f 7f 7f 7f c2 26 08"
};
const SLEEPERS = "MB85RS64T MB85RS512T MB85RS1MT MB85RS2MT MB85RS2MTA MB85RS4MT FM25V01A FM25V02A FM25V10 FM25V20A CY15B104Q".split(" ");
const MRAMS = ["MR25H256", "MR25H10", "MR25H40"];

/** One chip at "cs", and what programs do with it. */
interface Bench {
  w: Wire;
  m: Model;
  /** Sends bytes and then `n` zeros; gives the last `n` bytes that came back, in hexadecimal. */
  ask(bytes: number[], n?: number): string;
  /** Command, address, data. */
  at(command: number, address: number, ...data: number[]): number[];
}

function bench(part: string, baud = 1e6, options?: Options): Bench {
  const m = chip(part, undefined, options);
  const w = wire([["cs", m]], baud);
  const wide = SHEETS[part][1];
  return {
    w,
    m,
    ask: (bytes, n = 0) => hex([...w.send([...bytes, ...Array(n).fill(0)], "cs")].slice(bytes.length)),
    at: (command, address, ...data) => [command, ...[address >> 16, (address >> 8) & 255, address & 255].slice(3 - wide), ...data]
  };
}

/** A bench whose PSRAM has been reset. */
function ready(part: string, baud?: number, options?: Options): Bench {
  const b = bench(part, baud, options);
  b.w.write(0x66, "cs");
  b.w.write(0x99, "cs");
  return b;
}

function hex(bytes: Iterable<number>): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
}

function throws(run: () => unknown, code: string, text?: RegExp): void {
  assert.throws(run, (error: any) => {
    assert.equal(error.code, code, String(error));
    if (text) assert.match(error.message, text);
    return true;
  });
}

/** Writes with whatever a part wants first. */
function put(b: Bench, address: number, ...data: number[]): void {
  if (FRAMS.includes(b.m.name)) b.w.write(0x06, "cs");
  b.w.write(b.at(0x02, address, ...data), "cs");
}

/** Reads with READ, or FSTRD where that is asked for. */
function get(b: Bench, address: number, n: number): string {
  const dummy = ["IS62WVS2568", "IS62WVS5128"].includes(b.m.name) ? [0] : [];
  return b.ask([...b.at(0x03, address), ...dummy], n);
}

function any(part: string, baud?: number): Bench {
  return PSRAMS.includes(part) ? ready(part, baud ?? 24e6) : bench(part, baud);
}

describe("chip", () => {
  it("has a datasheet row in this test for every part, and no other", () => assert.deepEqual(parts().sort(), Object.keys(SHEETS).sort()));
  it("refuses a part it does not know", () => assert.throws(() => chip("24LC256"), /no model of 24LC256/));
  it("refuses a size that is no power of two or larger than the part", () => {
    for (const size of [100, 32, 16384]) assert.throws(() => chip("23K640", undefined, { size }), /23K640: size \d+, not a power of two from 64 to 8192/);
  });

  for (const [part, [size, wide, mhz]] of Object.entries(SHEETS)) {
    describe(part, () => {
      it(`has ${size} cells`, () => assert.equal(chip(part).bytes.length, size));

      it("gives back what was written, and goes on at 0 behind the end", () => {
        const b = any(part);
        if (BYTE_MODE.includes(part)) b.w.write([0x01, 0x40], "cs");
        put(b, 5, 0xa1, 0xb2, 0xc3);
        assert.equal(get(b, 5, 3), "a1 b2 c3");
        assert.equal(hex(b.m.bytes.subarray(5, 8)), "a1 b2 c3");
        if (PSRAMS.includes(part) || part === "IS62WVS5128") return;
        put(b, size - 1, 0x11, 0x22);
        assert.equal(get(b, size - 1, 2), "11 22");
        assert.equal(hex([b.m.bytes[size - 1], b.m.bytes[0]]), "11 22");
      });

      const beyond = 2 ** (8 * wide);
      if (beyond > size) it("ignores address bits above its own", () => {
        const b = any(part);
        put(b, beyond - size + 9, 0x5a);
        assert.equal(b.m.bytes[9], 0x5a);
        assert.equal(get(b, beyond / 2 + 9, 1), "5a");
      });

      it(`throws CHIP_CLOCK above ${mhz} MHz`, () => {
        const b = any(part);
        b.w.setup({ baud: mhz * 1e6 });
        b.w.write(FRAMS.includes(part) ? [0x06] : b.at(0x02, 0, 1), "cs");
        b.w.setup({ baud: mhz * 1e6 + 1 });
        const run = (): void => b.w.write(FRAMS.includes(part) ? [0x06] : b.at(0x02, 0, 1), "cs");
        throws(run, "CHIP_CLOCK", new RegExp(`^${part}: command 0x0[26] at ${mhz}000001 Hz, the limit is ${mhz}000000$`));
      });

      it("throws CHIP_COMMAND for a command it has not, or floats when asked to", () => {
        const b = any(part);
        throws(() => b.ask([0x77], 1), "CHIP_COMMAND", new RegExp(`^${part}: no command 0x77$`));
        b.m.options.float = true;
        assert.equal(b.ask([0x77], 2), "ff ff");
      });

      it("throws CHIP_FRAME for a frame that ends too early or too late", () => {
        const b = any(part);
        const whole = b.at(0x03, 0).length;
        for (let n = 1; n < whole; n++) throws(() => b.ask(b.at(0x03, 0).slice(0, n)), "CHIP_FRAME", /ends behind/);
        throws(() => b.ask(b.at(0x03, 0)), "CHIP_FRAME", new RegExp(`command 0x03 ends behind ${whole} bytes, it takes `));
        if (FRAMS.includes(part)) throws(() => b.ask([0x06, 0]), "CHIP_FRAME", /byte 1 behind command 0x06, which takes none/);
      });

      it("is silent about a frame without a byte", () => {
        const b = any(part);
        b.m.select();
        b.m.deselect();
        assert.equal(b.m.frames, PSRAMS.includes(part) ? 3 : 1);
      });

      it("counts the bytes and frames it hears", () => {
        const b = any(part);
        const { transfers, frames } = b.m;
        b.w.send(1);
        put(b, 0, 1, 2, 3);
        const wren = FRAMS.includes(part) ? 1 : 0;
        assert.deepEqual([b.m.transfers - transfers, b.m.frames - frames], [b.at(2, 0).length + 3 + wren, 1 + wren]);
      });

      it(FRAMS.includes(part) ? "keeps its bytes without power" : "has noise in its cells after power-up, the same for the same seed", () => {
        const [one, two] = [chip(part), chip(part, undefined, { seed: 2 })];
        assert.deepEqual(one.bytes, chip(part).bytes);
        assert.notDeepEqual(one.bytes, two.bytes);
        const before = one.bytes.slice();
        one.power();
        assert.equal(Buffer.compare(before, one.bytes) === 0, FRAMS.includes(part));
      });
    });
  }

  describe("serial SRAM", () => {
    for (const part of SRAMS) {
      const first = BYTE_MODE.includes(part) ? "00" : "40";
      it(`${part} starts with mode register ${first}, also after power-up`, () => {
        const b = bench(part);
        assert.equal(b.ask([0x05], 1), first);
        b.w.write([0x01, 0x80], "cs");
        assert.equal(b.ask([0x05], 2), "80 80");
        b.m.power();
        assert.equal(b.ask([0x05], 1), first);
      });

      it(`${part} moves its address by the mode`, () => {
        const b = bench(part);
        b.m.bytes.fill(0);
        b.w.write([0x01, 0x00], "cs");
        put(b, 70, 1, 2, 3);
        assert.equal(hex(b.m.bytes.subarray(70, 73)), "03 00 00");
        assert.equal(get(b, 70, 3), "03 03 03");
        b.w.write([0x01, 0x80], "cs");
        put(b, 95, 4, 5);
        assert.deepEqual([b.m.bytes[95], b.m.bytes[64], b.m.bytes[96]], [4, 5, 0]);
        assert.equal(get(b, 95, 33).slice(-2), "04");
        b.w.write([0x01, 0x40], "cs");
        put(b, 95, 6, 7);
        assert.deepEqual([b.m.bytes[95], b.m.bytes[96]], [6, 7]);
      });

      it(`${part} has no ID`, () => {
        throws(() => bench(part).ask([0x9f], 1), "CHIP_COMMAND", /no command 0x9F/);
        assert.equal(bench(part, 1e6, { float: true }).ask([0x9f], 4), "ff ff ff ff");
      });

      it(`${part} refuses the reserved mode and two bytes for the register`, () => {
        throws(() => bench(part).ask([0x01, 0xc0]), "CHIP_COMMAND", /mode 11 is reserved/);
        throws(() => bench(part).ask([0x01, 0x40, 0x40]), "CHIP_FRAME", /a second byte for the mode register/);
      });

      it(`${part} ${BYTE_MODE.includes(part) ? "has no" : "does not model"} SDI and SQI`, () => {
        for (const command of [0x3b, 0x38]) {
          throws(() => bench(part).ask([command]), "CHIP_COMMAND", BYTE_MODE.includes(part) ? /no command 0x3[8B]/ : /command 0x3[8B] is not modelled/);
        }
        if (BYTE_MODE.includes(part)) throws(() => bench(part).ask([0xff]), "CHIP_COMMAND");
        else assert.equal(bench(part).ask([0xff]), "");
      });
    }

    it("23K and 23A parts keep the HOLD bit, the others do not have it", () => {
      for (const part of SRAMS) {
        const b = bench(part);
        b.w.write([0x01, 0x7f], "cs");
        assert.equal(b.ask([0x05], 1), BYTE_MODE.includes(part) ? "41" : "40", part);
      }
    });

    it("IS62WVS2568 reads after eight dummy clocks, 23LC1024 at once, any part as it is told", () => {
      for (const [part, dummy, options] of [["IS62WVS2568", 1], ["23LC1024", 0], ["IS62WVS5128", 0, { dummy: 0 }]] as [string, number, Options?][]) {
        const b = bench(part, 1e6, options);
        put(b, 3, 0xee, 0xdd);
        assert.equal(b.ask(b.at(0x03, 3), dummy + 2), dummy ? "ff ee dd" : "ee dd");
      }
    });

    it("IS62WVS5128 stays in its half of 256 KB", () => {
      const b = bench("IS62WVS5128");
      put(b, 262143, 1, 2);
      put(b, 524287, 3, 4);
      assert.deepEqual([262143, 0, 524287, 262144].map((at) => b.m.bytes[at]), [1, 2, 3, 4]);
    });
  });

  describe("PSRAM", () => {
    for (const part of PSRAMS) {
      it(`${part} does nothing before 66 and 99 in two frames`, () => {
        const b = bench(part, 24e6);
        for (const command of [0x03, 0x02, 0x0b, 0x9f, 0xc0]) throws(() => b.ask([command]), "CHIP_RESET", /before 0x66 and 0x99/);
        throws(() => b.ask([0x66, 0x99]), "CHIP_FRAME");
        throws(() => b.ask([0x99]), "CHIP_RESET", /reset without 0x66 in the frame before/);
        b.ask([0x66]);
        throws(() => b.ask([0x9f, 0, 0, 0, 0]), "CHIP_RESET");
        throws(() => b.ask([0x99]), "CHIP_RESET");
        b.ask([0x66]);
        b.ask([0x99]);
        assert.equal(b.ask([0x9f, 0, 0, 0], 2), "0d 5d");
      });

      it(`${part} needs 150 us of power before its reset, and the reset after each power-up`, () => {
        const b = ready(part, 8e6);
        b.m.power();
        b.w.clock.micros += 148;
        throws(() => b.ask([0x66]), "CHIP_RESET", /command 0x66 149 us after power-up, not 150/);
        b.ask([0x66]);
        b.ask([0x99]);
        b.m.power();
        b.w.clock.micros += 200;
        throws(() => b.ask([0x9f, 0, 0, 0, 0]), "CHIP_RESET", /before 0x66 and 0x99/);
      });

      it(`${part} says who it is: maker, known good die, 64 Mbit in the top bits of the EID`, () => {
        const b = ready(part, 10e6);
        assert.equal(b.ask([0x9f, 1, 2, 3], 2), "0d 5d");
        const eid = parseInt(b.ask([0x9f, 0, 0, 0], 3).slice(-2), 16);
        assert.equal(eid >> 5, 0b010);
        b.w.setup({ baud: 20e6 });
        assert.equal(b.ask([0x9f, 0, 0, 0], 10).slice(-5), "ff ff");
      });

      it(`${part} reads with 03 up to 33 MHz, with 0B and a dummy byte at its own limit`, () => {
        const b = ready(part, 33e6);
        put(b, 7, 0x77);
        assert.equal(get(b, 7, 1), "77");
        b.w.setup({ baud: 33.1e6 });
        throws(() => get(b, 7, 1), "CHIP_CLOCK", /command 0x03 at 33100000 Hz, the limit is 33000000/);
        throws(() => b.ask([0x9f, 0, 0, 0, 0]), "CHIP_CLOCK");
        assert.equal(b.ask(b.at(0x0b, 7), 2), "ff 77");
      });

      it(`${part} may be selected for 8 us: 8 bytes at 8 MHz, 32 at 32 MHz`, () => {
        const b = ready(part, 8e6);
        b.ask(b.at(0x02, 0, 1, 2, 3, 4));
        throws(() => b.ask(b.at(0x02, 0, 1, 2, 3, 4, 5)), "CHIP_CELOW", /selected for 9 us, the limit is 8/);
        assert.equal(b.m.bytes[3], 4);
        b.w.setup({ baud: 32e6 });
        b.ask([0x02, 0, 0, 0, ...Array(28).fill(9)]);
        throws(() => b.ask([0x02, 0, 0, 0, ...Array(29).fill(9)]), "CHIP_CELOW");
        b.m.options.lowMicros = 400;
        b.ask([0x02, 0, 0, 0, ...Array(1024).fill(9)]);
      });

      it(`${part} says when CS rises that it was selected for too long`, () => {
        const b = ready(part, 24e6);
        b.m.select();
        b.w.clock.micros += 8.1;
        throws(() => b.m.deselect(), "CHIP_CELOW");
        b.m.deselect();
      });

      it(`${part} wraps at 32 bytes after C0 until the next C0, reset or power-up`, () => {
        const b = ready(part, 80e6);
        const first = (): boolean => {
          b.m.bytes.fill(0);
          put(b, 63, 1, 2);
          return b.m.bytes[32] === 2;
        };
        assert.equal(first(), false);
        b.ask([0xc0]);
        assert.equal(first(), true);
        b.ask([0xc0]);
        assert.equal(first(), false);
        b.ask([0xc0]);
        b.ask([0x66]);
        assert.equal(first(), true, "66 alone");
        b.ask([0x66]);
        b.ask([0x99]);
        assert.equal(first(), false, "reset");
      });

      it(`${part} does not model QPI and four lines`, () => {
        for (const command of [0x35, 0x38, 0xeb]) throws(() => ready(part).ask([command]), "CHIP_COMMAND", /is not modelled/);
        throws(() => ready(part).ask([0xf5]), "CHIP_COMMAND", /no command 0xF5/);
      });
    }

    it("APS6404L and ESP-PSRAM64H cross the end of a page once in a burst", () => {
      for (const part of ["APS6404L", "ESP-PSRAM64H"]) {
        const b = ready(part, 80e6, { lowMicros: 1e6 });
        put(b, 2047, 1, 2);
        assert.deepEqual([b.m.bytes[2047], b.m.bytes[2048]], [1, 2]);
        put(b, 8388607, 3, 4);
        assert.deepEqual([b.m.bytes[8388607], b.m.bytes[0]], [3, 4]);
        put(b, 1023, ...Array(1025).fill(5));
        throws(() => put(b, 1023, ...Array(1026).fill(6)), "CHIP_PAGE", /crosses the end of a second page at 2048/);
        assert.equal(b.m.bytes[2047], 6);
      }
    });

    it("LY68L6400 and IPS6404 wrap to the start of the page", () => {
      for (const part of ["LY68L6400", "IPS6404"]) {
        const b = ready(part, 80e6);
        put(b, 2047, 1, 2);
        assert.deepEqual([b.m.bytes[2047], b.m.bytes[1024]], [1, 2]);
      }
    });

    it("APS6404L takes 109 MHz while it wraps at 32 bytes", () => {
      const b = ready("APS6404L", 24e6);
      b.ask([0xc0]);
      b.w.setup({ baud: 109e6 });
      put(b, 0, 1);
      b.w.setup({ baud: 110e6 });
      throws(() => put(b, 0, 1), "CHIP_CLOCK");
    });
  });

  describe("FRAM and MRAM", () => {
    for (const part of FRAMS) {
      const v = /^(FM25V|CY15)/.test(part);
      const idle = v ? "40" : "00";
      const set = v ? "42" : "02";
      const keeps = part === "MB85RS2MTA" || MRAMS.includes(part);

      it(`${part} throws CHIP_WREN for a write that is not enabled`, () => {
        const b = bench(part);
        throws(() => b.ask(b.at(0x02, 0, 1)), "CHIP_WREN", new RegExp(`^${part}: write 0x02 without 0x06$`));
        throws(() => b.ask([0x01, 0]), "CHIP_WREN");
        b.ask([0x06]);
        b.ask([0x04]);
        throws(() => b.ask(b.at(0x02, 0, 1)), "CHIP_WREN");
      });

      it(`${part} ${keeps ? "keeps WEL behind a write" : "clears WEL behind a write"}, and loses it without power`, () => {
        const b = bench(part);
        assert.equal(b.ask([0x05], 1), idle);
        for (const frame of [b.at(0x02, 0, 1), [0x01, 0x00]]) {
          b.ask([0x06]);
          assert.equal(b.ask([0x05], 2), `${set} ${set}`);
          b.ask(frame);
          assert.equal(b.ask([0x05], 1), keeps ? set : idle);
        }
        b.ask([0x06]);
        b.m.power();
        assert.equal(b.ask([0x05], 1), idle);
      });

      it(`${part} protects a quarter, a half or all, also after power-up`, () => {
        const b = bench(part);
        const size = SHEETS[part][0];
        for (const [bits, free] of [[0x04, (size / 4) * 3], [0x08, size / 2], [0x0c, 0]]) {
          b.ask([0x06]);
          b.ask([0x01, bits]);
          b.m.power();
          assert.equal(parseInt(b.ask([0x05], 1), 16) & 0x0c, bits);
          if (free) put(b, free - 1, 0x3c);
          b.m.bytes[free] = 0;
          b.ask([0x06]);
          throws(() => b.ask(b.at(0x02, free, 1)), "CHIP_PROTECT", new RegExp(`write to ${free}, protected from ${free} on`));
          assert.equal(b.m.bytes[free], 0);
        }
      });

      it(`${part} writes bit 7 and the block bits of its status register`, () => {
        const b = bench(part);
        b.ask([0x06]);
        b.ask([0x01, 0xff]);
        assert.equal(parseInt(b.ask([0x05], 1), 16) & ~2, /^MB/.test(part) ? 0xfc : v ? 0xcc : 0x8c);
        b.ask([0x06]);
        throws(() => b.ask([0x01, 0, 0]), "CHIP_FRAME", /a second byte for the status register/);
      });

      it(`${part} ${IDS[part] ? "says who it is" : "has no ID"}`, () => {
        if (!IDS[part]) {
          throws(() => bench(part).ask([0x9f], 1), "CHIP_COMMAND", /no command 0x9F/);
          assert.equal(bench(part, 1e6, { float: true }).ask([0x9f], 4), "ff ff ff ff");
          return;
        }
        const n = IDS[part].split(" ").length;
        assert.equal(bench(part).ask([0x9f], n), IDS[part]);
        // behind the ID a Fujitsu part holds its last bit
        assert.equal(bench(part).ask([0x9f], n + 2).slice(-5), part === "MB85RS64V" ? "00 00" : "ff ff");
      });

      it(`${part} ${SLEEPERS.includes(part) && part !== "MB85RS64T" ? "has" : "has no"} FSTRD`, () => {
        const b = bench(part);
        put(b, 3, 0x99);
        if (SLEEPERS.includes(part) && part !== "MB85RS64T") {
          b.w.setup({ baud: 40e6 });
          assert.equal(b.ask(b.at(0x0b, 3), 2), "ff 99");
          b.w.setup({ baud: 41e6 });
          throws(() => b.ask(b.at(0x0b, 3), 2), "CHIP_CLOCK");
        } else throws(() => b.ask(b.at(0x0b, 3), 2), "CHIP_COMMAND");
      });

      it(`${part} ${SLEEPERS.includes(part) ? "sleeps until it is selected" : MRAMS.includes(part) ? "sleeps until AB" : "does not sleep"}`, () => {
        const b = bench(part, 8e6);
        const wake = v ? 450 : 400;
        if (!SLEEPERS.includes(part) && !MRAMS.includes(part)) return throws(() => b.ask([0xb9]), "CHIP_COMMAND");
        put(b, 0, 0x42);
        b.ask([0xb9]);
        if (MRAMS.includes(part)) {
          throws(() => b.ask([0x05], 1), "CHIP_SLEEP", /command 0x05 while asleep/);
          b.ask([0xab]);
        } else throws(() => b.ask([0x05], 1), "CHIP_SLEEP", new RegExp(`command 0x05 ${wake - 1} us before it is awake`));
        b.w.clock.micros += wake - 10;
        throws(() => get(b, 0, 1), "CHIP_SLEEP");
        b.w.clock.micros += 10;
        assert.equal(get(b, 0, 1), "42");
        b.ask([0xb9]);
        b.m.power();
        assert.equal(get(b, 0, 1), "42");
      });

      it(`${part} has each byte in its cell as soon as its clocks are over`, () => {
        const b = bench(part);
        b.m.bytes.fill(0);
        b.ask([0x06]);
        b.m.select();
        for (const byte of b.at(0x02, 10, 0x81)) b.m.transfer(byte);
        assert.deepEqual([b.m.bytes[10], b.m.bytes[11]], [0x81, 0]);
        b.m.transfer(0x82);
        assert.equal(b.m.bytes[11], 0x82);
      });
    }

    it("an FRAM that is not asleep takes AB for an unknown command, an MRAM does nothing", () => {
      throws(() => bench("FM25V10").ask([0xab]), "CHIP_COMMAND");
      const b = bench("MR25H40");
      b.ask([0xab]);
      assert.equal(b.ask([0x05], 1), "00");
    });

    it("an FRAM wakes with an empty frame", () => {
      const b = bench("MB85RS1MT");
      b.ask([0xb9]);
      b.m.select();
      b.m.deselect();
      b.w.clock.micros += 400;
      assert.equal(b.ask([0x05], 1), "00");
    });

    it("MB85RS256B reads up to 25 MHz", () => {
      const b = bench("MB85RS256B", 25e6);
      get(b, 0, 1);
      b.w.setup({ baud: 26e6 });
      throws(() => get(b, 0, 1), "CHIP_CLOCK", /the limit is 25000000/);
    });
  });

  describe("faults", () => {
    it("cut power behind every byte: what was over is in its cells, nothing else is", () => {
      for (let n = 0; n <= 8; n++) {
        const b = bench("MB85RS64V");
        b.m.bytes.fill(0);
        const f = fault(b.w);
        f.cut(n);
        throws(() => put(b, 20, 1, 2, 3, 4), "POWER");
        throws(() => b.ask([0x05], 1), "POWER");
        throws(() => put(b, 20, 9), "POWER");
        power(b.w);
        assert.equal(hex(b.m.bytes.subarray(20, 24)), ["00 00 00 00", "01 00 00 00", "01 02 00 00", "01 02 03 00", "01 02 03 04"][Math.max(n - 4, 0)], `cut ${n}`);
        assert.equal(b.ask([0x05], 1), "00");
        assert.equal(get(b, 20, 1), n > 4 ? "01" : "00");
      }
    });

    it("leave a longer run alone until its turn comes", () => {
      const b = bench("23LC1024");
      fault(b.w).cut(10);
      b.ask(b.at(0x02, 0, 1));
      throws(() => b.ask(b.at(0x02, 0, 1)), "POWER");
      assert.equal(b.w.bytes, 10);
    });

    it("cut power for all chips of a bus; each comes back by its own power-up", () => {
      const [one, two] = [chip("23LC1024"), chip("FM25V10")];
      const w = wire([["one", one], ["two", two]]);
      fault(w).cut(1);
      throws(() => w.send([5, 0], "one"), "POWER");
      throws(() => w.send([5, 0], "two"), "POWER");
      two.power();
      assert.equal(hex(w.send([5, 0], "two")), "ff 40");
      throws(() => w.send([5, 0], "one"), "POWER");
      power(w);
      assert.equal(hex(w.send([5, 0], "one")), "ff 40");
    });

    it("make noise of volatile cells when power comes back", () => {
      const b = bench("23LC1024");
      put(b, 0, ...Array(100).fill(0));
      fault(b.w).cut(0);
      throws(() => b.ask([0x05], 1), "POWER");
      power(b.w);
      assert.notEqual(get(b, 0, 100), hex(Array(100).fill(0)));
    });

    it("stick MISO at either level", () => {
      const b = bench("23LC1024");
      const f = fault(b.w);
      f.stick(0x00);
      assert.equal(b.ask([0x05], 2), "00 00");
      f.stick(0xff);
      assert.equal(b.ask([0x05], 2), "ff ff");
      assert.equal(b.w.send(1), 255);
      f.heal();
      assert.equal(b.ask([0x05], 2), "40 40");
    });

    it("flip one bit of one byte, once", () => {
      const b = bench("23LC1024");
      fault(b.w).flip(3, 0);
      assert.equal(b.ask([0x05], 3), "40 41 40");
      assert.equal(b.ask([0x05], 3), "40 40 40");
    });

    it("take a chip out: it floats and hears nothing", () => {
      const b = bench("FM25V10");
      const f = fault(b.w);
      f.pull(b.m);
      assert.equal(b.ask([0x9f], 9), hex(Array(9).fill(255)));
      b.ask(b.at(0x02, 0, 1));
      assert.equal(b.m.frames + b.m.transfers, 0);
      f.heal();
      assert.equal(b.ask([0x9f], 9).slice(-5), "24 00");
    });
  });

  describe("wire", () => {
    const names: string[] = [];
    const echo = (name: string): Chip => ({ select: () => void names.push(`<${name}`), transfer: (byte) => byte ^ 255, deselect: () => void names.push(">") });

    it("gives back what kind it was given", () => {
      const w = wire([["cs", echo("a")]]);
      assert.equal(w.send(1, "cs"), 254);
      assert.equal(w.send("\x01\x02", "cs"), "\xfe\xfd");
      const data = new Uint8Array([1, 2]);
      const back = w.send(data, "cs");
      assert.ok(back instanceof Uint8Array && back.buffer.byteLength === 2);
      assert.deepEqual([...back, ...data], [254, 253, 1, 2]);
      assert.equal(w.write(1, [2, 3], "\x04", data, "cs"), undefined);
      assert.deepEqual([w.bytes, w.frames], [11, 4]);
    });

    it("tells a chip select from data by its identity", () => {
      names.length = 0;
      const pin = { toString: () => "A4" };
      const w = wire([[pin, echo("a")], ["b", echo("b")]]);
      w.write(1, "b");
      w.write("c", pin);
      w.write("c");
      assert.deepEqual(names, ["<b", ">", "<a", ">"]);
      assert.throws(() => w.send(1, { toString: () => "A4" }), /Invalid pin A4/);
      assert.throws(() => wire([[5, echo("c")]]), /chip select 5, not an object or a string/);
    });

    it("takes time by its clock rate", () => {
      const w = wire([["cs", echo("a")]], 4e6);
      w.write(Array(100).fill(0), "cs");
      assert.equal(w.micros(), 200);
      w.setup();
      w.write(0);
      assert.equal(w.micros(), 280);
      assert.equal(w.baud(), 100000);
    });

    it("reverses bits on request", () => {
      const w = wire([["cs", { select() {}, deselect() {}, transfer: (byte: number) => byte }]]);
      w.setup({ order: "lsb" });
      assert.equal(w.send(1, "cs"), 1);
      const b = bench("23LC1024");
      b.w.setup({ order: "lsb" });
      assert.equal(hex(b.w.send([0xa0, 0], "cs")), "ff 02");
    });

    it("releases the chip after an error, which is the first one", () => {
      const b = bench("MB85RS64V");
      throws(() => b.ask([0x02, 0]), "CHIP_WREN");
      assert.equal(b.ask([0x05], 1), "00");
      assert.equal(b.m.count, -1);
    });
  });

  describe("on an emulated board", () => {
    function board(part: string, options?: Options): { exec(code: string): any; m: Model; machine: ReturnType<typeof boot> } {
      const machine = boot(pico);
      const m = chip(part, undefined, options);
      machine.spi.attach("B1", m);
      machine.exec("SPI1.setup({sck:A5,miso:A6,mosi:A7,baud:8000000})");
      return { exec: (code) => machine.exec(code), m, machine };
    }

    it("has time and clock rate of its unit", () => {
      const { exec, machine } = board("APS6404L");
      exec("SPI1.write(0x66,B1);SPI1.write(0x99,B1);SPI1.write([2,0,0,0,1,2,3,4],B1)");
      throws(() => exec("SPI1.write([2,0,0,0,1,2,3,4,5],B1)"), "CHIP_CELOW");
      assert.equal(machine.level("B1"), true);
      throws(() => exec("SPI1.setup({baud:40000000});SPI1.write([3,0,0,0,0],B1)"), "CHIP_CLOCK");
      assert.equal(machine.spi.link().frames, 5);
      assert.equal(machine.spi.link("SPI2").bytes, 0);
      assert.throws(() => machine.spi.link("SPI9"), /no unit SPI9/);
    });

    it("hands on what a chip says when it is released", () => {
      const { exec, m, machine } = board("23LC1024");
      throws(() => exec("SPI1.write([3,0],B1)"), "CHIP_FRAME");
      throws(() => exec("digitalWrite(B1,0);SPI1.write([3,0]);digitalWrite(B1,1)"), "CHIP_FRAME");
      assert.equal(machine.level("B1"), true);
      assert.equal(hex(exec("return SPI1.send([5,0],B1)")), "ff 40");
      assert.equal(exec("digitalWrite(B1,0);var r=SPI1.send(5)+SPI1.send(0);digitalWrite(B1,1);return r"), 255 + 64);
      assert.equal(m.frames, 4);
    });

    it("fails and comes back as on a wire", () => {
      const { exec, m, machine } = board("MB85RS64V");
      fault(machine.spi.link()).cut(6);
      throws(() => exec("SPI1.write(6,B1);SPI1.write([2,0,0,77,78],B1)"), "POWER");
      throws(() => exec("SPI1.send([3,0,0,0],B1)"), "POWER");
      throws(() => exec("digitalWrite(B1,0)"), "POWER");
      exec("digitalWrite(B1,1)");
      m.power();
      assert.equal(exec("return SPI1.send([3,0,0,0],B1)[3]"), 78 - 1);
    });

    it("fails between two calls with the chip select held low", () => {
      const { exec, m, machine } = board("MB85RS64V");
      exec("digitalWrite(B1,0)");
      fault(machine.spi.link()).cut(2);
      throws(() => exec("SPI1.write([3,0])"), "POWER");
      throws(() => exec("SPI1.send(0)"), "POWER");
      exec("digitalWrite(B1,1)");
      m.power();
      assert.equal(hex(exec("return SPI1.send([5,0],B1)")), "ff 00");
    });

    it("agrees with the wire about 400 random frames", () => {
      const next = random(11);
      const { exec, m } = board("23K256", { size: 256 });
      const b = bench("23K256", 8e6, { size: 256 });
      for (let i = 0; i < 400; i++) {
        const command = [1, 2, 3, 5][next(4)];
        const data = Array.from({ length: 1 + next(5) }, () => next(256));
        const frame = command === 1 ? [1, next(3) << 6] : command === 5 ? [5, 0] : [command, next(256), next(256), ...data];
        assert.equal(hex(exec(`return SPI1.send([${frame}],B1)`)), hex(b.w.send(frame, "cs")), `frame ${i}: ${hex(frame)}`);
      }
      assert.deepEqual(m.bytes, b.m.bytes);
      assert.deepEqual([m.transfers, m.frames], [b.m.transfers, b.m.frames]);
    });
  });

  describe("in any engine", () => {
    for (const one of CASES) it(one.name, one.run);
  });
});
