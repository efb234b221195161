import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createContext, runInContext } from "node:vm";
import * as kit from "../src/kit";
import { alone, PARTS, shares } from "../tools/size";

const ROOT = join(__dirname, "..");
const DOCUMENT = readFileSync(join(ROOT, "docs", "kit.md"), "utf8");
const MIN = join(ROOT, "dist", "tidyheap-kit.min.js");

/** Bytes of the kit that may come from one file of src/. */
const MOST = 2048;

describe("kit", () => {
  it("has the parts", () => {
    assert.deepEqual([...PARTS].sort(), ["array", "buffer", "collector", "deque", "global", "guard", "idle", "owner", "pressure", "queue", "scope", "slab", "struct"]);
  });

  for (const file of ["tidyheap-kit.js", "tidyheap-kit.min.js"]) {
    it(`${file} exports all of them`, () => assert.deepEqual(Object.keys(require(join(ROOT, "dist", file))).sort(), [...PARTS].sort()));
  }

  it("tidyheap-kit.mjs exports all of them", async () => {
    const module = await import(join(ROOT, "dist", "tidyheap-kit.mjs"));
    assert.deepEqual(Object.keys(module).sort(), [...PARTS].sort());
  });

  it("tidyheap-kit.iife.min.js sets tidyheapKit", () => {
    const context = createContext({});
    runInContext(readFileSync(join(ROOT, "dist", "tidyheap-kit.iife.min.js"), "utf8"), context);
    assert.deepEqual(Object.keys((context as any).tidyheapKit).sort(), [...PARTS].sort());
  });

  it("has no file with more than 2 KB in it", () => {
    for (const [file, bytes] of Object.entries(shares(MIN))) assert.ok(bytes <= MOST, `${file} has ${bytes} bytes`);
  });

  it("lets a bundler drop what is not asked for", async () => {
    const all = readFileSync(MIN).length;
    for (const part of ["guard", "idle", "global"]) assert.ok((await alone(part)) < all / 15, part);
  });

  it("has the sizes that docs/kit.md quotes", async () => {
    const quoted = (name: string): string | undefined => new RegExp(`\\| ${name} \\| ([\\d,]+) `).exec(DOCUMENT)?.[1];
    for (const part of PARTS) assert.equal(quoted(part), (await alone(part)).toLocaleString("en"), part);
    assert.ok(DOCUMENT.includes(`All together: ${readFileSync(MIN).length.toLocaleString("en")} bytes`));
  }).timeout(30000);

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
