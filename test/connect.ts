import assert from "node:assert";
import { join } from "node:path";
import { chip, parts } from "../boards/emulator/chip";
import { fault } from "../boards/emulator/fault";
import type { Model } from "../boards/emulator/frame";
import { wire, type Wire } from "../boards/emulator/wire";
import { connect as source } from "../src/spi";
import { mute } from "./line";
import { random } from "./random";

const LIBRARIES = {
  source: () => source,
  "tidyheap-spi.min.js": () => require(join(__dirname, "..", "dist", "tidyheap-spi.min.js")).connect
};
const BAUD = 10e6; // the MB85RS64T goes no faster

// Parts that cannot be told apart, because they have the same size, width, commands and ID, from the datasheets. The IS62WVS5128 is the one
// without read latency.
const ALIKE = [
  ["23LC1024", "23A1024", "23LCV1024", "IS62WVS1288", "IS65WVS1288"],
  ["23LC512", "23LCV512"],
  ["23K256", "23A256"],
  ["23K640", "23A640"],
  ["APS6404L", "ESP-PSRAM64H", "LY68L6400", "IPS6404"],
  // FRAM asked for without an ID: 32,768 bytes, 2 bytes of address; the MB85RS256B and the FM25V02A are asked for with one
  ["FM25L256", "FM25W256", "MR25H256"],
  // 131,072 bytes
  ["MR25H10"],
  // 524,288 bytes
  ["MR25H40"]
];
const SILENT: Record<string, string[]> = {
  FM25L256: ["MB85RS256B", "FM25V02A"],
  FM25W256: ["MB85RS256B", "FM25V02A"],
  MR25H256: ["MB85RS256B", "FM25V02A"],
  MR25H10: ["MB85RS1MT", "FM25V10"],
  MR25H40: ["MB85RS4MT", "CY15B104Q"]
};

/** Whether a chip may pass for the one that is asked for. */
function alike(asked: string, there: string): boolean {
  return asked === there || ALIKE.some((group) => group.includes(asked) && group.includes(there)) || !!SILENT[asked]?.includes(there);
}

/** What the cells hold when the board is switched on. */
const FILLS: [string, (model: Model) => void][] = [
  ["noise", () => undefined],
  ["zeros", (model) => void model.bytes.fill(0)],
  ["ones", (model) => void model.bytes.fill(255)],
  ["a header in front of ones", (model) => (model.bytes.fill(255), model.bytes.set([0x74, 0x68, 1, 0, 0, 2, 0, 0, 16]))],
  ["ones with a few bytes behind the first page", (model) => (model.bytes.fill(255), void model.bytes.set([1, 2, 3, 4, 5, 6, 7, 8, 9], 257))]
];

interface Board {
  model: Model;
  spi: Wire;
}

function board(name: string): Board {
  const model = chip(name, undefined, { ...(name === "IS62WVS5128" ? { dummy: 0 } : {}), float: true, lowMicros: 100 });
  return { model, spi: wire([["cs", mute(model)]], BAUD) };
}

/** "" or the code of the error. */
function attempt(connect: typeof source, spi: any, asked: string): string {
  try {
    connect(spi, { cs: "cs", chip: asked, baud: BAUD });
    return "";
  } catch (error: any) {
    assert.ok(error.code, String(error.stack));
    return error.code;
  }
}

for (const [library, load] of Object.entries(LIBRARIES)) {
  describe(`connect, ${library}`, function () {
    this.timeout(60000);
    const connect: typeof source = load();
    const boards: Record<string, Board> = {};
    before(() => parts().forEach((name) => (boards[name] = board(name))));
    after(() => parts().forEach((name) => delete boards[name]));

    for (const [contents, fill] of FILLS) {
      // 8 MB take their time, and what a PSRAM holds is not asked at this clock
      const big = (name: string): boolean => boards[name].model.size > 1e6 && contents !== "noise";
      describe(`on chips that hold ${contents}`, () => {
        before(() => parts().filter((name) => !big(name)).forEach((name) => fill(boards[name].model)));

        for (const asked of parts()) {
          it(`takes for ${asked} only what is like it`, () => {
            for (const there of parts().filter((name) => !big(name))) {
              const { model, spi } = boards[there];
              for (const warm of [false, true]) {
                model.family.power(model);
                // reset by a program before, or with its write enable latch left set
                (model as any).ready = (model as any).wel = warm;
                const before = Buffer.from(model.size > 1e6 ? [] : model.bytes);
                const code = attempt(connect, spi, asked);
                const text = `${asked} asked for, ${there} there${warm ? ", warm" : ""}: ${code || "silence"}`;
                if (!alike(asked, there)) assert.ok(["WRONG_CHIP", "NO_CHIP", "BUS"].includes(code), text);
                else assert.equal(code, "", text);
                if (!code) assert.equal(Buffer.compare(before, model.bytes.subarray(0, before.length)), 0, `${text}, other bytes`);
                else model.bytes.set(before);
              }
            }
          });
        }
      });
    }

    for (const name of parts()) {
      it(`says NO_CHIP for a missing ${name} and a stuck line`, () => {
        const { model, spi } = boards[name];
        const f = fault(spi);
        f.pull(spi.chips[0]);
        assert.equal(attempt(connect, spi, name), "NO_CHIP");
        f.heal();
        for (const level of [0, 255]) {
          f.stick(level);
          assert.equal(attempt(connect, spi, name), "NO_CHIP", `stuck at ${level}`);
        }
        f.heal();
        model.family.power(model);
        assert.equal(attempt(connect, spi, name), "");
      });

      it(`says BUS or WRONG_CHIP when a bit of what ${name} answers is wrong`, () => {
        const { model, spi } = boards[name];
        const f = fault(spi);
        model.family.power(model);
        const from = spi.bytes;
        assert.equal(attempt(connect, spi, name), "");
        const bytes = spi.bytes - from;
        const next = random(5);
        let found = 0;
        for (let byte = 1; byte <= bytes; byte++) {
          const bit = next(8);
          model.family.power(model);
          f.flip(byte, bit);
          const before = Buffer.from(model.size > 1e6 ? [] : model.bytes);
          const code = attempt(connect, spi, name);
          model.bytes.set(before);
          f.heal();
          if (code) found++;
          assert.ok(["", "BUS", "WRONG_CHIP", "NO_CHIP"].includes(code), code);
        }
        // the rest comes back beside an answer, or is put back
        assert.ok(found >= 1);
      });
    }

    it("says BUS, WRONG_CHIP or NO_CHIP when a bit of all answers is always set or never, and that shows", () => {
      for (const name of parts()) {
        boards[name].model.family.power(boards[name].model);
        const { id } = connect(boards[name].spi, { cs: "cs", chip: name, baud: BAUD });
        // of the third byte of a PSRAM bits 7 to 5 count
        const seen = [...Buffer.from(id, "hex")].map((byte, i) => (i === 2 && id.length === 6 ? byte & 0xe0 : byte));
        for (let bit = 0; bit < 8; bit++) {
          for (const bend of [(byte: number) => byte | (1 << bit), (byte: number) => byte & ~(1 << bit)]) {
            const { model, spi } = boards[name];
            model.family.power(model);
            spi.fault = bend;
            const code = attempt(connect, spi, name);
            spi.fault = undefined;
            // an ID that has the bit everywhere or nowhere stays what it is; FRAM without one that holds something is only read
            const blind = id ? seen.every((byte, i) => ((bend(byte) ^ byte) & (i === 2 && id.length === 6 ? 0xe0 : 255)) === 0) : /^(FM25[LW]|MR25)/.test(name);
            assert.ok((blind && code === "") || ["BUS", "WRONG_CHIP", "NO_CHIP"].includes(code), `${name} bit ${bit}: ${code || "silence"}`);
          }
        }
      }
    });
  });
}
