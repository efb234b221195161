import assert from "node:assert";
import { join } from "node:path";
import { faults } from "../tools/dialect";
import { bundle } from "../tools/bundle";
import { find, names, needed, run } from "../tools/engine";
import { CASES } from "./emulator-portable";

const LIMIT_BYTES = 40000; // emulator and cases, minified: what fits an Espruino Pico's heap

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
      const { lines, fault } = await run(engine, `${program}\ncases.report(print);`, { timeout: 50000 });
      assert.deepEqual(verdicts(lines), CASES.map((one) => `@ok ${one.name}`), fault || lines.slice(-3).join("\n"));
    });
  }

  it("counts a failed and a missing case", () => {
    const [first, second] = CASES;
    const out = verdicts([`@ok ${first.name}`, `>@no ${second.name}: x`]);
    assert.deepEqual(out.slice(0, 3), [`@ok ${first.name}`, `@no ${second.name}: x`, `${CASES[2].name} did not run`]);
  });
});
