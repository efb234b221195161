import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { runInNewContext } from "node:vm";
import { BOARDS } from "../boards/index";
import { advise } from "../boards/board";
import { chip } from "../boards/emulator/chip";
import { boot, type Machine } from "../boards/emulator/machine";

const ROOT = join(__dirname, "..");
const README = readFileSync(join(ROOT, "README.md"), "utf8");

describe("readme", () => {
  it("has a first program that does what its comments say", () => {
    const program = /```js\n([^]*?)```/.exec(README)![1];
    const lines = program.trimEnd().split("\n");
    const last = lines.pop()!;
    assert.match(last, /^pool\.read\(h, 0, 4\);.*throws HANDLE/);
    const armed: unknown[] = [];
    const world = {
      require: (name: string) => (assert.equal(name, "tidyheap"), require(join(ROOT, "dist", "tidyheap.min.js"))),
      print: () => assert.fail("refused"),
      setInterval: (fn: unknown) => armed.push(fn),
      seen: [] as unknown[],
      Error
    };
    // the comment behind a statement says its value
    const spied = lines.map((line) => line.replace(/^(pool\.(?:resize|view).*?);.*\/\/ (\w+)[:,].*$/, "seen.push([$1, $2]);"));
    runInNewContext(spied.join("\n"), world);
    assert.deepEqual(JSON.parse(JSON.stringify(world.seen)), [[true, true], [116, 116]]);
    assert.throws(() => runInNewContext(last, world), { code: "HANDLE" });
  });

  describe("programs for chips", () => {
    const programs = [...README.matchAll(/```js\n([^]*?)```/g)].map((match) => match[1]);
    const plugged = (part: string): Machine => {
      const machine = boot(BOARDS.pico);
      for (const name of ["tidyheap-spi", "tidyheap-far", "tidyheap-fram"]) machine.load(name, readFileSync(join(ROOT, "dist", `${name}.min.js`), "utf8"));
      machine.spi.attach("A4", chip(part));
      machine.spend(1000); // power has been there for a while
      return machine;
    };

    it("keep bytes on an SRAM", () => {
      const machine = plugged("23LC1024");
      const [, value] = /pool\.get8\(h, 3\);\s*\/\/ (\d+)/.exec(programs[1])!;
      machine.exec(`${programs[1]}\nglobal.seen=[pool.size(h),pool.get8(h,3),copy.length,pool.has(h)]`);
      assert.deepEqual([...machine.globals.seen], [20000, Number(value), 20000, true]);
    });

    it("find a pool on FRAM again", () => {
      const machine = plugged("MB85RS64V");
      const setup = "SPI1.setup({sck:A5,miso:A6,mosi:A7,baud:8000000});";
      const run = (more: string) => machine.exec(`${setup}${programs[2]}\n${more}`);
      run('var h=pool.alloc(40);pool.write(h,0,"kept");global.h=h');
      run("global.seen=[pool.stat().live,[].slice.call(pool.read(global.h,0,4)).join()]");
      assert.deepEqual([...machine.globals.seen], [1, "107,101,112,116"]);
    });
  });

  it("has a program for the kit that prints the lines of a port", () => {
    const program = [...README.matchAll(/```js\n([^]*?)```/g)].map((match) => match[1]).find((one) => one.includes("tidyheap-kit"))!;
    const lines: string[] = [];
    const machine = boot(BOARDS.pico, { print: (line) => void lines.push(line) });
    for (const name of ["tidyheap", "tidyheap-kit"]) machine.load(name, readFileSync(join(ROOT, "dist", `${name}.min.js`), "utf8"));
    machine.exec(`var pool = require("tidyheap").create(4096);Serial1.setup(9600);\n${program}`);
    machine.serial.send("first\r\nsec");
    machine.run(1500);
    assert.deepEqual(lines, ["first"]);
  });

  it("says of its picture what the picture says", () => {
    const [, operations, bytes] = /!\[Memory over time: ([\d,]+) operations of npm start in ([\d,]+) bytes\]\(docs\/memory\.svg\)/.exec(README)!;
    const picture = readFileSync(join(ROOT, "docs", "memory.svg"), "utf8");
    assert.ok(picture.includes(`A pool of ${bytes} bytes over ${operations} operations`));
  });

  it("has its first program by line 20 and is below 200 lines", () => {
    const lines = README.split("\n");
    assert.ok(lines.indexOf("```js") < 20);
    assert.ok(lines.length < 200);
  });

  it("recommends for every board what its rule gives", () => {
    for (const board of Object.values(BOARDS)) {
      const { size, handles, tickMs, budget } = advise(board);
      const wanted = new RegExp(`\\| ${size.toLocaleString("en")} \\| ${handles.toLocaleString("en")} \\| ${budget.toLocaleString("en")}[^|]*\\b${tickMs}\\b`);
      assert.match(README, wanted, board.title);
    }
  });
});
