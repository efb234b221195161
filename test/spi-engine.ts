import assert from "node:assert";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { faults } from "../tools/dialect";
import { bundle, wrap } from "../tools/bundle";
import { find, isEspruino, names, needed, run } from "../tools/engine";
import { CASES } from "./spi-portable";

const DIST = join(__dirname, "..", "dist");

function verdicts(lines: string[]): string[] {
  const marks = lines.map((line) => line.slice(Math.max(line.indexOf("@"), 0)));
  return CASES.map(({ name }) => marks.find((mark) => mark.startsWith(`@no ${name}`)) ?? marks.find((mark) => mark === `@ok ${name}`) ?? `${name} did not run`);
}

describe("spi inside an engine", () => {
  let program = "";
  before(async () => {
    program = await bundle(join(__dirname, "spi-portable.ts"), { name: "cases", min: true });
  });

  it("is given a program that every engine can read", () => assert.deepEqual(faults(program), []));

  const lib = () => ({ spi: require(join(DIST, "tidyheap-spi.min.js")), page: require(join(DIST, "tidyheap-page.min.js")) });
  for (const one of CASES) it(`${one.name}, in Node`, () => one.run(lib()));

  for (const name of names()) {
    const engine = find(name);
    const title = `${name} runs all cases`;
    it(engine ? title : `${title} (no ${name} here: name one in TIDYHEAP_ENGINES)`, async function () {
      this.timeout(60000);
      if (!engine && needed(name)) assert.fail(`TIDYHEAP_NEED asks for ${name}, TIDYHEAP_ENGINES does not name it`);
      if (!engine) return this.skip();
      const text = (file: string): string => readFileSync(join(DIST, file), "utf8");
      const [spi, page] = [text("tidyheap-spi.min.js"), text("tidyheap-page.min.js")];
      // on Espruino the code stays in Storage, as on a board, and takes no room from the chips
      const modules = isEspruino(engine) ? { spi, page } : undefined;
      const load = modules ? 'var spi=require("spi"),page=require("page");' : `${wrap(spi, "spi")}\n${wrap(page, "page")}`;
      const source = `${load}\n${program}\ncases.report({spi:spi,page:page},print);`;
      const { lines, fault } = await run(engine, source, { timeout: 50000, modules });
      assert.deepEqual(verdicts(lines), CASES.map((one) => `@ok ${one.name}`), fault || lines.slice(-3).join("\n"));
    });
  }
});
