import assert from "node:assert";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { advise, pinNames, type Board } from "../boards/board";
import { BOARDS } from "../boards/index";

const FOLDER = join(__dirname, "..", "boards");

/** What is wrong with a board's data, line by line. */
function problems(board: Board): string[] {
  const pins = pinNames(board);
  const out: string[] = [];
  const need = (ok: boolean, what: string) => void (ok || out.push(what));
  need(board.vars >= 2000 && board.vars <= 16383, `${board.vars} vars`);
  need(board.varBytes === (board.vars > 8191 ? 14 : 13), `${board.varBytes} bytes per var`);
  need(board.vars * board.varBytes < board.ramBytes, "a heap larger than the RAM");
  need(board.clockHz >= 64e6 && board.clockHz <= 240e6, `${board.clockHz} Hz`);
  need(board.storageBytes % 4096 === 0, `${board.storageBytes} bytes of Storage`);
  need(new Set(pins).size === pins.length, "a pin twice");
  need(board.spi.length > 0, "no SPI");
  for (const [i, unit] of board.spi.entries()) {
    need(unit.name === `SPI${i + 1}`, `unit ${unit.name}`);
    const wires = [unit.sck, unit.miso, unit.mosi];
    need(new Set(wires).size === 3, `${unit.name} with two wires on one pin`);
    for (const wire of wires) need(pins.includes(wire), `${unit.name} at ${wire}`);
  }
  for (const name in board.alias) need(pins.includes(board.alias[name]), `${name} at ${board.alias[name]}`);
  return out;
}

/** Wires of a unit as one text. */
function wires(short: string, unit: number): string {
  const { sck, miso, mosi } = BOARDS[short].spi[unit - 1];
  return `${sck} ${miso} ${mosi}`;
}

describe("board", () => {
  it("has a file for every short name, and lists every file", () => {
    const other = ["board", "index"];
    const files = readdirSync(FOLDER).filter((file) => file.endsWith(".ts")).map((file) => file.slice(0, -3));
    assert.deepEqual(files.filter((file) => !other.includes(file)).sort(), Object.keys(BOARDS).sort());
  });

  for (const [short, board] of Object.entries(BOARDS)) {
    it(`${short} is complete`, () => assert.deepEqual(problems(board), []));
  }

  it("finds wrong data", () => {
    const spi = [{ name: "SPI2", sck: "A5", miso: "A5", mosi: "Z1" }];
    const wrong = { ...BOARDS.pico, vars: 9000, spi, alias: { LED1: "Z2" } };
    assert.deepEqual(problems(wrong), [
      "13 bytes per var",
      "a heap larger than the RAM",
      "unit SPI2",
      "SPI2 with two wires on one pin",
      "SPI2 at Z1",
      "LED1 at Z2"
    ]);
  });

  it("names boards as process.env.BOARD does", () => {
    const names = Object.values(BOARDS).map((board) => board.name);
    const wanted = "ESP32 ESP32S3_IDF4 PICO_R1_3 ESPRUINOWIFI STM32F4DISCOVERY PUCKJS PIXLJS MICROBIT2 BANGLEJS2 ESPR_RP2040_PICO";
    assert.equal(names.join(" "), wanted);
  });

  it("names the pins of SPI", () => {
    assert.equal(wires("pico", 1), "A5 A6 A7");
    assert.equal(wires("pico", 2), "B13 B14 B15");
    assert.equal(wires("wifi", 3), "B3 B4 B5");
    assert.equal(wires("stm32f4", 3), "C10 C11 C12");
    assert.equal(wires("esp32", 2), "D18 D19 D23");
    assert.equal(wires("esp32s3", 1), "D12 D13 D11");
    assert.equal(wires("microbit2", 1), "D13 D14 D15");
    assert.equal(wires("rp2040", 1), "D18 D16 D19");
  });

  it("spells out ranges of pins", () => {
    assert.deepEqual(pinNames({ ...BOARDS.pico, pins: "A9-A11 C3" }), ["A9", "A10", "A11", "C3"]);
    assert.throws(() => pinNames({ ...BOARDS.pico, pins: "A9-A3" }), /pins "A9-A3"/);
  });

  describe("advise", () => {
    // 5100 x 13 = 66300 bytes; (66300 - 24576) / 2 = 20862 = 20.4 KB; 500 µs at 125 a µs = 62500; (62500 - 20000) / 124 = 342
    // tick: 345000 / 125 + 500 = 3260 µs, times 8 = 26.08 ms
    it("gives an Espruino Pico 20 KB", () => {
      assert.deepEqual(advise(BOARDS.pico), { size: 20480, handles: 426, tickMs: 30, budget: 320 });
    });

    // 2630 x 13 = 34190 bytes; (34190 - 24576) / 2 = 4807 = 4.7 KB; 125 x 64 / 84 = 95.24 a µs; (47619 - 20000) / 124 = 222
    // tick: 345000 / 95.24 + 500 = 4122 µs, times 8 = 32.98 ms
    it("gives a Puck.js 4 KB", () => {
      assert.deepEqual(advise(BOARDS.puck), { size: 4096, handles: 85, tickMs: 40, budget: 192 });
    });

    it("stays below 64 KB on the largest boards", () => {
      for (const short of ["esp32", "bangle2", "rp2040"]) assert.equal(advise(BOARDS[short]).size, 64512);
    });

    it("leaves garbage collection its pause on the fastest", () => {
      const fast = { ...BOARDS.pico, clockHz: 4000e6 };
      assert.equal(advise(fast).tickMs, 20);
    });
  });
});
