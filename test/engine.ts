import assert from "node:assert/strict";
import { all, find, named, run } from "../tools/engine";
import { on, verdicts } from "./suite";

describe("engine", () => {
  for (const name of all()) {
    on(name, `${name} reports an uncaught error`, async (engine) => {
      const { lines, fault } = await run(engine, 'print("before");\nnowhere.x;\nprint("after")');
      assert.equal(lines[0], "before");
      assert.ok(!lines.includes("after"));
      assert.notEqual(fault, "");
    });

    if (find(name)?.path) {
      it(`${name} is ended when it takes too long`, async () => {
        const { fault } = await run(find(name)!, "for(;;);", { timeout: 300 });
        assert.equal(fault, "still running after 300 ms");
      });
    }
  }

  it("reads the list of engines", () => {
    const node = process.execPath;
    assert.deepEqual(named(`a=${node}; b=${node};`), [{ name: "a", path: node }, { name: "b", path: node }]);
    assert.deepEqual(named(""), []);
    assert.throws(() => named("espruino"), /TIDYHEAP_ENGINES has "espruino"/);
    assert.throws(() => named("espruino=/nowhere/espruino"), /no program that can be run/);
  });

  it("tells cases that passed, failed, leaked and did not run, and a fault behind the last", () => {
    const lines = ["@ok 0", ">@no 1 Error: x", "@ok 2", "@leak 2 7"];
    assert.deepEqual(verdicts(lines, "ended by SIGSEGV", 4), ["", "Error: x", "leaks 7 JsVars", "did not run: ended by SIGSEGV"]);
    assert.deepEqual(verdicts(["@ok 0"], "exit code 3", 1), ["exit code 3"]);
    assert.deepEqual(verdicts(["@ok 0"], "", 2), ["", "did not run: the last line is @ok 0"]);
  });

  it("keeps QuickJS to its limit", async () => {
    const { lines, fault } = await run(find("quickjs64")!, "print('begun');var a=new Uint8Array(60000);print('made')");
    assert.deepEqual(lines.slice(0, 1), ["begun"]);
    assert.match(fault, /out of memory/);
  });
});
