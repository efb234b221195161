import assert from "node:assert";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { faults } from "../tools/dialect";
import { bundle, script } from "../tools/bundle";
import { find, named, names, needed, run, strip } from "../tools/engine";
import { CASES, EXTERNAL } from "./portable";
import { marks } from "./verdict";

const DIST = join(__dirname, "..", "dist");
const FAR = "tidyheap-far.min.js";
const FILES = ["tidyheap.min.js", "tidyheap.iife.min.js", "tidyheap-core.min.js", FAR];

/** Problems in what an engine printed: cases that failed, cases that are missing, an end that never came. */
function problems(lines: string[], fault: string, wanted: string[]): string[] {
  const all = marks(lines);
  const failed = all.filter((mark) => mark.startsWith("@no "));
  const missing = wanted.filter((name) => !all.some((mark) => mark === `@ok ${name}` || mark.startsWith(`@no ${name}: `)));
  const end = all.includes("@end") ? [] : [`no end mark, last line: ${lines[lines.length - 1] ?? "none"}`];
  return [...failed, ...missing.map((name) => `did not run: ${name}`), ...end, ...(fault ? [fault] : [])];
}

describe("engine", () => {
  let program = "";
  before(async () => {
    program = await bundle(join(__dirname, "portable.ts"), { name: "portable" });
  });

  it("is given a program that every engine can read", () => assert.deepEqual(faults(program), []));

  for (const name of names()) {
    const engine = find(name);
    // on Espruino the code stays in Storage and is required, as on a board
    const stored = name.startsWith("espruino");
    for (const file of FILES.filter((one) => !(stored && one.includes("iife")))) {
      const title = `${name} runs the portable cases on ${file}`;
      it(engine ? title : `${title} (no ${name} here: name one in TIDYHEAP_ENGINES)`, async function () {
        this.timeout(60000);
        if (!engine && needed(name)) assert.fail(`TIDYHEAP_NEED asks for ${name}, TIDYHEAP_ENGINES does not name it`);
        if (!engine) return this.skip();
        const path = join(DIST, file);
        const library = stored ? 'var tidyheap=require("tidyheap");' : script(path);
        const modules = stored ? { tidyheap: readFileSync(path, "utf8") } : undefined;
        const source = `${library}\n${program}\nportable.report(${file === FAR ? "portable.external(tidyheap)" : "tidyheap"},print);`;
        const { lines, fault } = await run(engine, source, { timeout: 50000, modules });
        const wanted = file === FAR ? [...CASES, ...EXTERNAL] : CASES;
        assert.deepEqual(problems(lines, fault, wanted.map((one) => one.name)), []);
      });
    }
    if (engine && stored) {
      it(`${name} has its own RAM checked: more than views can reach is refused`, async () => {
        const modules = { tidyheap: readFileSync(join(DIST, "tidyheap-core.min.js"), "utf8"), thumb: readFileSync(join(DIST, "tidyheap-thumb.min.js"), "utf8"), full: readFileSync(join(DIST, "tidyheap.min.js"), "utf8") };
        const source = `function say(fn){try{fn();print("made")}catch(e){print(e.code)}}
say(function(){require("tidyheap").create(70000)});
say(function(){require("thumb").ram(70000)});
say(function(){require("tidyheap").create({store:require("thumb").ram(512)}).alloc(100)});
say(function(){require("full").create(512).alloc(100)});`;
        const { lines, fault } = await run(engine, source, { modules });
        assert.deepEqual([lines.slice(-4), fault], [["MEMORY", "MEMORY", "made", "made"], ""]);
      });
    }
    if (engine) {
      it(`${name} reports an uncaught error`, async () => {
        const { lines, fault } = await run(engine, 'print("before");\nnowhere.x;\nprint("after")');
        assert.equal(lines[0], "before");
        assert.ok(!lines.includes("after"));
        assert.notEqual(fault, "");
      });
    }
    if (engine?.path) {
      it(`${name} is ended when it takes too long`, async () => {
        const { fault } = await run(engine, "for(;;);", { timeout: 300 });
        assert.equal(fault, "still running after 300 ms");
      });
    }
  }

  it("counts a failed, a missing and an unfinished case as problems", () => {
    assert.deepEqual(problems(["@ok a", "@ok b", "@end"], "", ["a", "b"]), []);
    assert.deepEqual(problems(["@ok a", "@no b: x", "@end"], "", ["a", "b"]), ["@no b: x"]);
    assert.deepEqual(problems(["@ok a", "@end"], "", ["a", "b"]), ["did not run: b"]);
    assert.deepEqual(problems(["@ok a", "Uncaught x"], "Uncaught x", ["a"]), ["no end mark, last line: Uncaught x", "Uncaught x"]);
  });

  it("reads the list of engines", () => {
    const node = process.execPath;
    assert.deepEqual(named(`a=${node}; b=${node};`), [{ name: "a", path: node }, { name: "b", path: node }]);
    assert.deepEqual(named(""), []);
    assert.throws(() => named("espruino"), /TIDYHEAP_ENGINES has "espruino"/);
    assert.throws(() => named("espruino=/nowhere/espruino"), /no program that can be run/);
  });

  it("strips banner, prompt and ANSI codes", () => {
    const text = "\x1b[J\r\n|____| espruino.com\r\nhttp://espruino.com/Donate\r\n\r\nhello\r\n>\x1b[2Kworld\r\n>";
    assert.deepEqual(strip(text), ["hello", "world"]);
  });
});
