import assert from "node:assert";
import { join } from "node:path";
import { faults } from "../tools/dialect";
import { bundle } from "../tools/bundle";
import { find, isEspruino, names, needed, run, type Engine } from "../tools/engine";
import { CASES as CHIP } from "./chip-portable";
import { CASES as EMULATOR } from "./emulator-portable";
import { CASES as HEAP } from "./heap-portable";
import { verdicts } from "./verdict";

/** A program of cases: its title, its file, the names of its cases, and the most bytes it may have, minified. */
interface Program {
  title: string;
  file: string;
  names: string[];
  limit: number;
}

// Beside emulator and cases an Espruino Pico's heap still takes a machine.
const PROGRAMS: Program[] = [
  { title: "emulator", file: "emulator-portable.ts", names: EMULATOR.map((one) => one.name), limit: 34000 },
  { title: "emulated heap", file: "heap-portable.ts", names: HEAP.map((one) => one.name), limit: 34000 },
  { title: "chip models", file: "chip-portable.ts", names: CHIP.map((one) => one.name), limit: 18000 }
];
const SPARE = 1800; // bytes of heap that must be left over: 150 JsVars with 12 bytes each
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
  return `${pieces.join("\n")}\nvar spare=new Uint8Array(${SPARE});setTimeout(function(){var c=require("cases").cases;${next}setTimeout(next,1,0)},1);`;
}

function suite({ title, file, names: cases, limit }: Program): void {
  let program = "";
  before(async () => {
    program = await bundle(join(__dirname, file), { name: "cases", min: true });
  });

  it("is given a program that every engine can read", () => assert.deepEqual(faults(program), []));
  it("is small", () => assert.ok(program.length < limit, `${program.length} bytes, the limit is ${limit}`));

  for (const name of names()) {
    const engine = find(name);
    const claim = `${name} runs all cases of the ${title}`;
    it(engine ? claim : `${claim} (no ${name} here: name one in TIDYHEAP_ENGINES)`, async function () {
      this.timeout(60000);
      if (!engine && needed(name)) assert.fail(`TIDYHEAP_NEED asks for ${name}, TIDYHEAP_ENGINES does not name it`);
      if (!engine) return this.skip();
      const { lines, fault } = await run(engine, script(engine, program), { timeout: 50000 });
      assert.deepEqual(verdicts(lines, cases), cases.map((one) => `@ok ${one}`), fault || lines.slice(-3).join("\n"));
    });
  }
}

for (const program of PROGRAMS) describe(`${program.title} inside an engine`, () => suite(program));

describe("verdicts of an engine", () => {
  it("count a failed and a missing case", () => {
    const out = verdicts(["@ok a", ">@no b: x"], ["a", "b", "c"]);
    assert.deepEqual(out, ["@ok a", "@no b: x", "c did not run"]);
  });
});
