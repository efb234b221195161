import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { createContext, runInContext } from "node:vm";
import * as kit from "../src/kit";
import { PARTS } from "../tools/size/part";

const ROOT = join(__dirname, "..");
const DOCUMENT = readFileSync(join(ROOT, "docs", "kit.md"), "utf8");

describe("kit", () => {
  it("has the parts", () => {
    assert.deepEqual([...PARTS].sort(), ["array", "buffer", "collector", "deque", "global", "guard", "idle", "owner", "pressure", "queue", "scope", "slab", "struct"]);
  });

  for (const file of ["tidyheap-kit.js", "tidyheap-kit.min.js"]) {
    it(`${file} exports all of them`, () => assert.deepEqual(Object.keys(require(join(ROOT, "dist", file))).sort(), [...PARTS].sort()));
  }

  it("tidyheap-kit.mjs exports all of them", async () => {
    const module = await import(pathToFileURL(join(ROOT, "dist", "tidyheap-kit.mjs")).href);
    assert.deepEqual(Object.keys(module).sort(), [...PARTS].sort());
  });

  it("tidyheap-kit.iife.min.js sets tidyheapKit", () => {
    const context = createContext({});
    runInContext(readFileSync(join(ROOT, "dist", "tidyheap-kit.iife.min.js"), "utf8"), context);
    assert.deepEqual(Object.keys((context as any).tidyheapKit).sort(), [...PARTS].sort());
  });

  it("refuses what is no heap", () => {
    const makers: ((heap: any) => unknown)[] = [
      (heap) => kit.slab(heap, { size: 4, slots: 4 }),
      (heap) => kit.buffer(heap),
      (heap) => kit.deque(heap),
      (heap) => kit.queue(heap, { count: 4 }),
      (heap) => kit.struct({ x: "u8" }, heap).alloc(),
      (heap) => kit.array(heap, "u8", 4),
      (heap) => kit.owner(heap),
      (heap) => kit.scope(heap, () => 0),
      (heap) => kit.guard(heap, 1),
      (heap) => kit.pressure(heap, {}),
      (heap) => kit.collector(heap),
      (heap) => kit.idle(heap)
    ];
    for (const make of makers) {
      for (const heap of [undefined, null, 0, 5, NaN, "", "x", true, {}, [], () => 0, new Uint8Array(4)]) {
        assert.throws(() => make(heap), { code: "OPTION" }, `${make} with ${String(heap)}`);
      }
    }
  });

  it("does in docs/kit.md what its comments say", () => {
    const printed: string[] = [];
    const world = createContext({
      require: (name: string) => require(join(ROOT, "dist", name === "tidyheap" ? "tidyheap.min.js" : "tidyheap-kit.min.js")),
      print: (...values: unknown[]) => void printed.push(values.map(String).join(" ")),
      Error
    });
    const programs = [...DOCUMENT.matchAll(/```js\n([^]*?)```/g)].map(([, program]) => program);
    assert.ok(programs.length > 8);
    for (const program of programs) {
      printed.length = 0;
      runInContext(program, world);
      const wanted = [...program.matchAll(/print\(.*\/\/ (.*)$/gm)].flatMap(([, comment]) => comment.split(", "));
      assert.deepEqual(printed, wanted.map((value) => value.trim()), program);
    }
    const pool = (world as any).pool;
    assert.equal(pool.stat().live, 0);
    assert.equal(pool.check(), "");
  });
});
