import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BOARDS } from "../boards/index";
import { settings, write } from "../tools/upload";
import { crc32 } from "../tools/upload/crc";
import { hex, image, stretches, taken } from "../tools/upload/hex";

const ROOT = join(__dirname, "..");

describe("crc32", () => {
  it("is that of the catalogues", () => {
    assert.equal(crc32(Buffer.from("123456789")), 0xcbf43926);
    assert.equal(crc32(Buffer.alloc(0)), 0);
  });
});

describe("hex", () => {
  let folder = "";
  before(() => (folder = mkdtempSync(join(tmpdir(), "tidyheap-"))));
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("lays files out as Storage has them", () => {
    const flash = image([{ name: "ab", data: Buffer.from("hello") }, { name: ".bootcde", data: Buffer.from("1;") }], 96);
    const blank = (n: number): string => "ff".repeat(n);
    assert.equal(flash.toString("hex"), `05000000${"6162".padEnd(56, "0")}68656c6c6f${blank(3)}` + `02000000${"2e626f6f74636465".padEnd(56, "0")}313b${blank(2)}` + blank(20));
    assert.deepEqual([taken(5), taken(4), taken(1)], [40, 36, 36]);
  });

  it("refuses what Storage cannot hold", () => {
    assert.throws(() => image([{ name: "a", data: Buffer.alloc(65) }], 96), { message: "the files take 100 bytes of Storage, the board has 96" });
    assert.throws(() => image([{ name: "a".repeat(29), data: Buffer.alloc(1) }], 96), /cannot be a file/);
    assert.throws(() => image([{ name: "a", data: Buffer.alloc(0) }], 96), /cannot be a file/);
  });

  it("writes the records of the format", () => {
    // count, address, type, bytes, sum
    assert.equal(hex(0x1fff8, Buffer.from("0123456789")), [":020000040001F9", ":08FFF800303132333435363765", ":020000040002F8", ":0200000038398D", ":00000001FF", ""].join("\n"));
  });

  it("reads them back, segments as well, and finds each wrong digit", () => {
    const data = Buffer.from(Array.from({ length: 300 }, (_, n) => (n * 7) & 255));
    const text = hex(0x6bff0, data);
    assert.deepEqual(stretches(text), [{ address: 0x6bff0, data }]);
    assert.deepEqual(stretches(":020000021000EC\n:0100050042B8\n:00000001FF\n"), [{ address: 0x10005, data: Buffer.from("B") }]);
    const line = text.split("\n")[1];
    for (let at = 1; at < line.length; at++) {
      const digit = ((parseInt(line[at], 16) + 1) & 15).toString(16);
      assert.throws(() => stretches(text.replace(line, line.slice(0, at) + digit + line.slice(at + 1))), /line 2 is no record of an Intel HEX file/);
    }
    assert.throws(() => stretches(text.replace(":00000001FF\n", "")), /the last record .* is missing/);
  });

  it("puts firmware and Storage into one file, and refuses firmware that is where Storage is", () => {
    const firmware = hex(0x1000, Buffer.from("firmware")).replace(":00000001FF", ":10101400DEADBEEF00000000000000000000000094\n:00000001FF");
    const merged = stretches(hex(0x6c000, Buffer.from("storage"), firmware));
    assert.deepEqual(merged.map(({ address }) => address), [0x1000, 0x1014, 0x6c000]);
    assert.throws(() => hex(0x1004, Buffer.from("storage"), firmware), { message: "the firmware has bytes at 0x1000, where Storage is (0x1004): it is not for this board" });
  });

  for (const short of ["microbit2", "puck", "pixl"]) {
    it(`fills all of Storage of ${short}, below the file system and the bootloader of its firmware`, () => {
      const board = BOARDS[short];
      const path = join(folder, `${short}.hex`);
      const said = write(settings(["--hex", path, "--board", short, "--flavour", "tiny"]));
      const [one, ...more] = stretches(readFileSync(path, "latin1"));
      assert.deepEqual(more, []);
      assert.deepEqual([one.address, one.data.length], [board.storageAt, board.storageBytes]);
      assert.equal(one.address + one.data.length, 118 * 4096); // pages 118 to 127 are those of the firmware
      assert.ok(one.data.includes(readFileSync(join(ROOT, "dist", "tidyheap-tiny.min.js"))));
      assert.match(said[1], /^Next: .*--firmware/);
    });
  }

  it("has the program that runs at the start, and the firmware when it is given", () => {
    const path = join(folder, "all.hex");
    const app = join(folder, "app.js");
    const firmware = join(folder, "firmware.hex");
    writeFileSync(app, 'var pool = require("tidyheap").create(512); // a comment');
    writeFileSync(firmware, hex(0, Buffer.from("firmware")));
    const said = write(settings(["--hex", path, "--board", "microbit2", "--boot", "--firmware", firmware, app]));
    const [first, second] = stretches(readFileSync(path, "latin1"));
    assert.equal(first.data.toString(), "firmware");
    assert.ok(second.data.includes('var pool = require("tidyheap").create(512);') && !second.data.includes("a comment"));
    assert.match(said.join("\n"), /with tidyheap, \.bootcde\. .*\nNext: flash it/);
  });

  it("is refused in one line where it would be of no use", () => {
    const path = join(folder, "none.hex");
    const app = join(folder, "app.js");
    const text = join(folder, "text.hex");
    writeFileSync(app, "var a;");
    writeFileSync(text, "no hex\n");
    for (const [args, message] of [
      [[], /^--hex needs --board, one of puck, pixl, microbit2$/],
      [["--board", "pico"], /^Espruino Pico is not flashed with a HEX file: use --port and --storage; HEX files are for puck, /],
      [["--board", "puck", app], /^a HEX file has Storage only, .*: add --boot/],
      [["--board", "puck", "--flavour", "full,fram,kit"], /^the files take \d+ bytes of Storage, the board has 40960$/],
      [["--board", "puck", "--firmware", text], /^text.hex: line 1 is no record of an Intel HEX file$/],
      [["--board", "puck", "--firmware", join(folder, "none")], /ENOENT.*none/]
    ] as [string[], RegExp][]) assert.throws(() => write(settings(["--hex", path, ...args])), (error: Error) => message.test(error.message));
    assert.throws(() => readFileSync(path), { code: "ENOENT" });
  });
});
