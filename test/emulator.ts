import assert from "node:assert";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { BOARDS } from "../boards/index";
import { advise } from "../boards/board";
import { boot } from "../boards/emulator/machine";
import { sandbox } from "../boards/emulator/sandbox";
import { CASES as EMULATOR } from "./emulator-portable";
import { names, run } from "../tools/engine";
import { CASES as HEAP, GREW, GROWING } from "./heap-portable";
import { on } from "./suite";

const CASES = [...EMULATOR, ...HEAP];
const BUNDLE = join(__dirname, "..", "dist", "tidyheap.min.js");

describe("emulator", () => {
  for (const one of CASES) it(one.name, () => one.run(boot));

  describe("in a sandbox", () => {
    for (const one of CASES) it(one.name, () => one.run(sandbox));

    it("deletes members of instances", () => {
      const machine = sandbox(BOARDS.pico);
      const names = ["[].lastIndexOf", "''.lastIndexOf", "new Uint8Array(1).copyWithin", "(0,eval)('typeof Map')", "Function('return typeof Object.freeze')()"];
      const types = names.map((name) => machine.exec(`var x=${name};return typeof x==="string"?x:typeof x`));
      assert.deepEqual(types, names.map(() => "undefined"));
    });

    it("leaves the natives of Node alone", () => {
      sandbox(BOARDS.pico);
      assert.equal(typeof Object.freeze, "function");
      assert.equal(typeof [].lastIndexOf, "function");
    });
  });

  for (const name of names().filter((one) => one.startsWith("espruino"))) {
    on(name, `has files that grow as ${name} has them`, async (engine) => {
      const { lines, fault } = await run(engine, GROWING);
      assert.deepEqual([lines.join("|"), fault], [GREW, ""]);
    });
  }

  for (const [short, board] of Object.entries(BOARDS)) {
    it(`boots ${short} and gives it a pool of the advised size`, () => {
      assert.ok(existsSync(BUNDLE), "dist is missing: npm run build");
      const lines: string[] = [];
      const machine = sandbox(board, { modules: { tidyheap: readFileSync(BUNDLE, "utf8") }, print: (line) => void lines.push(line) });
      const { size, handles, tickMs, budget } = advise(board);
      machine.exec(`var pool=require("tidyheap").create({size:${size},handles:${handles}});
        var hs=[];for(var h;h=pool.alloc(100);)hs.push(h);
        for(var i=0;i<hs.length;i+=2)pool.free(hs[i]);
        pool.start(${tickMs},${budget});
        setTimeout(function(){print(process.env.BOARD,pool.check()==="",pool.stat().moved>0)},${tickMs * 20})`);
      machine.run(tickMs * 21);
      assert.deepEqual(lines, [`${board.name} true true`]);
      assert.deepEqual(machine.faults, []);
    });
  }
});
