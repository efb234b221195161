import assert from "node:assert";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { faults } from "../tools/dialect";
import { bundle, wrap } from "../tools/bundle";
import { find, isEspruino, names, needed, run } from "../tools/engine";
import { CASES, follow } from "./fram-portable";
import { verdicts } from "./verdict";

const FILE = join(__dirname, "..", "dist", "tidyheap-fram.min.js");

describe("fram inside an engine", () => {
  let program = "";
  before(async () => {
    program = await bundle(join(__dirname, "fram-portable.ts"), { name: "cases", min: true });
  });

  it("is given a program that every engine can read", () => assert.deepEqual(faults(program), []));

  for (const one of CASES) it(`${one.name}, in Node`, () => one.run(require(FILE)));

  it("1,000 programs of a few rows are cut off and go on, in Node", function () {
    this.timeout(60000);
    for (let seed = 1; seed <= 1000; seed++) follow(require(FILE), seed, 20);
  });

  for (const name of names()) {
    const engine = find(name);
    const title = `${name} runs all cases`;
    it(engine ? title : `${title} (no ${name} here: name one in TIDYHEAP_ENGINES)`, async function () {
      this.timeout(60000);
      if (!engine && needed(name)) assert.fail(`TIDYHEAP_NEED asks for ${name}, TIDYHEAP_ENGINES does not name it`);
      if (!engine) return this.skip();
      const code = readFileSync(FILE, "utf8");
      // on Espruino the code stays in Storage: from RAM it takes more than half of an Espruino Pico
      const modules = isEspruino(engine) ? { fram: code } : undefined;
      const load = modules ? 'var fram=require("fram");' : wrap(code, "fram");
      const { lines, fault } = await run(engine, `${load}\n${program}\ncases.report(fram,print);`, { timeout: 50000, modules });
      assert.deepEqual(verdicts(lines, CASES.map((one) => one.name)), CASES.map((one) => `@ok ${one.name}`), fault || lines.slice(-3).join("\n"));
    });
  }
});
