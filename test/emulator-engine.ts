import assert from "node:assert";
import { join } from "node:path";
import { faults } from "../tools/dialect";
import { bundle } from "../tools/bundle";
import { find, isEspruino, names, needed, run, type Engine } from "../tools/engine";
import { CASES } from "./emulator-portable";

const LIMIT_BYTES = 36000; // emulator and cases, minified: beside them an Espruino Pico's heap still takes a machine
const CHUNK = 2000; // characters of a program in one literal: it is in memory twice while it is read

/** What an engine is given to run all cases. */
function script(engine: Engine, program: string): string {
  return isEspruino(engine) ? fromStorage(program) : `${program}\ncases.report(print);`;
}

// Code that is required from Storage does not take up the heap. Each case has a turn of its own, so that what the last
// one left can be collected, and the first waits until the script itself is gone from memory.
function fromStorage(program: string): string {
  const module = `${program}\nexports.cases=cases;`;
  const pieces: string[] = [];
  for (let at = 0; at < module.length; at += CHUNK) {
    const text = JSON.stringify(module.substring(at, at + CHUNK));
    pieces.push(`require("Storage").write("cases",${text},${at},${module.length});`);
  }
  const next = "function next(i){process.memory();if(i<c.CASES.length){c.verdict(c.CASES[i],print);setTimeout(next,1,i+1)}else print('@end')}";
  return `${pieces.join("\n")}\nsetTimeout(function(){var c=require("cases").cases;${next}setTimeout(next,1,0)},1);`;
}

/** One verdict per case out of what an engine printed. */
function verdicts(lines: string[]): string[] {
  const marks = lines.map((line) => line.slice(Math.max(line.indexOf("@"), 0)));
  return CASES.map(({ name }) => marks.find((mark) => mark.startsWith(`@no ${name}`)) ?? marks.find((mark) => mark === `@ok ${name}`) ?? `${name} did not run`);
}

describe("emulator inside an engine", () => {
  let program = "";
  before(async () => {
    program = await bundle(join(__dirname, "emulator-portable.ts"), { name: "cases", min: true });
  });

  it("is given a program that every engine can read", () => assert.deepEqual(faults(program), []));
  it("is small", () => assert.ok(program.length < LIMIT_BYTES, `${program.length} bytes, the limit is ${LIMIT_BYTES}`));

  for (const name of names()) {
    const engine = find(name);
    const title = `${name} runs all cases`;
    it(engine ? title : `${title} (no ${name} here: name one in TIDYHEAP_ENGINES)`, async function () {
      this.timeout(60000);
      if (!engine && needed(name)) assert.fail(`TIDYHEAP_NEED asks for ${name}, TIDYHEAP_ENGINES does not name it`);
      if (!engine) return this.skip();
      const { lines, fault } = await run(engine, script(engine, program), { timeout: 50000 });
      assert.deepEqual(verdicts(lines), CASES.map((one) => `@ok ${one.name}`), fault || lines.slice(-3).join("\n"));
    });
  }

  it("counts a failed and a missing case", () => {
    const [first, second] = CASES;
    const out = verdicts([`@ok ${first.name}`, `>@no ${second.name}: x`]);
    assert.deepEqual(out.slice(0, 3), [`@ok ${first.name}`, `@no ${second.name}: x`, `${CASES[2].name} did not run`]);
  });
});
