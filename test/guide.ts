import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { advise, type Board } from "../boards/board";
import { chip as model } from "../boards/emulator/chip";
import { BOARDS } from "../boards/index";
import { PARTS } from "../src/chips";

const GUIDE = readFileSync(join(__dirname, "..", "docs", "guide.md"), "utf8");
const ERRORS = readFileSync(join(__dirname, "..", "docs", "errors.md"), "utf8");
const SIZES = JSON.parse(readFileSync(join(__dirname, "..", "tools", "size", "figure.json"), "utf8")).espruino.sizes;
const KB = 1024;

const number = (n: number): string => n.toLocaleString("en");

/** A row of the table of boards. */
function board(short: string, one: Board): string {
  const { size, handles, tickMs, budget } = advise(one);
  const heap = Math.floor((one.vars * one.varBytes) / KB);
  const [{ sck, miso, mosi }] = one.spi;
  const cells = [one.title, short, `${number(one.vars)} x ${one.varBytes} = ${heap} KB`, `${one.clockHz / 1e6}`, one.storageBytes ? `${one.storageBytes / KB} KB` : "none", `${sck} ${miso} ${mosi}`, number(size), number(handles), `${number(budget)} / ${tickMs}`];
  return `| ${cells.join(" | ")} |`;
}

const KINDS: Record<string, string> = { s: "SRAM", t: "SRAM", u: "SRAM", f: "FRAM", d: "FRAM", e: "FRAM", p: "PSRAM" };
const MRAM = /^MR/;

/** The rows of the table of chips: a row for each family of PARTS. */
function chips(): string[] {
  const words = PARTS.trim().split(" ");
  const rows: string[] = [];
  let names: string[] = [];
  for (const word of words) {
    if (!/^[a-z]/.test(word)) {
      names.push(word);
      continue;
    }
    const [, kind, bits, mhz] = /^([a-z])([0-9a-z])(\d\d)/.exec(word)!;
    const size = 1 << parseInt(bits, 36);
    const what = names.every((name) => MRAM.test(name)) ? "MRAM" : KINDS[kind];
    rows.push(`| ${names.join(", ")} | ${what} | ${size < KB * KB ? `${size / KB} KB` : `${size / KB / KB} MB`} | ${+mhz} |`);
    for (const name of names) assert.equal(model(name).size, size, name);
    names = [];
  }
  return rows;
}

describe("guide", () => {
  for (const [short, one] of Object.entries(BOARDS)) {
    it(`has ${one.title} as boards/${short}.ts has it`, () => {
      const row = board(short, one);
      assert.ok(GUIDE.includes(row), `docs/guide.md needs the row\n${row}`);
    });
  }

  it("has the sizes of tools/size/figure.json in its sentences, and docs/errors.md too", () => {
    const { full, core, tiny } = { full: SIZES["tidyheap.min.js"], core: SIZES["tidyheap-core.min.js"], tiny: SIZES["tidyheap-tiny.min.js"] };
    assert.ok(GUIDE.includes(`from RAM it takes ${number(full.ram)} JsVars instead of ${number(full.storage)} (full)`));
    assert.ok(GUIDE.includes(`code is in RAM: core ${number(core.ram)} of 5,450 JsVars, tiny ${number(tiny.ram)}.`));
    assert.ok(ERRORS.includes(`${number(full.ram)} JsVars for the full flavour | Storage: ${number(full.storage)} of them`));
  });

  it("has the chips of src/chips.ts and no others", () => {
    const table = /\| chip, `chip:` \|[^\n]*\n\| ---[^\n]*\n([^]*?)\n\n/.exec(GUIDE)?.[1];
    assert.equal(table, chips().join("\n"));
  });
});
