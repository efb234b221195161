import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BOARDS } from "../boards/index";
import { chip } from "../boards/emulator/chip";
import { sandbox } from "../boards/emulator/sandbox";
import { MODULES } from "../rollup.config.mjs";
import { find, needed, run } from "../tools/engine";
import { page } from "../tools/package/page";

const ROOT = join(__dirname, "..");
const FOLDER = join(ROOT, "dist", "modules");
const COMMAND = join(ROOT, "node_modules", "espruino", "bin", "espruino-cli.js");
const HEADER = 80; // bytes that a module to load may have more than its bundle
const BOARD = { ...BOARDS.pico, vars: 16000 }; // with room for modules that are usually in Storage
const NAMES = MODULES.map(({ name }) => name);

function file(name: string): string {
  return readFileSync(join(FOLDER, name), "utf8");
}

const MINIFIED = Object.fromEntries(NAMES.map((name) => [name, file(`${name}.min.js`)]));

/** A program of a document, and the lines that its comments say it prints. */
interface Program {
  code: string;
  wanted: string[];
}

function programs(text: string): Program[] {
  const blocks = [...text.matchAll(/```js\n([^]*?)```/g)].map(([, code]) => code);
  return blocks.map((code) => ({ code, wanted: [...code.matchAll(/^print\(.*\);\s*\/\/ (.*)$/gm)].map(([, line]) => line.trim()) }));
}

// The emulated board runs no machine code: tidyheap-thumb asks where it is and does without.
const PLAIN = { process: { env: { BOARD: "LINUX" } } };

/** What a program prints on the emulated board, with the memory chip it names behind A4. */
function emulated(code: string, modules: Record<string, string> = MINIFIED): string[] {
  const lines: string[] = [];
  const machine = sandbox(BOARD, { modules, print: (line) => lines.push(line.trim()), pageNatives: code.includes("tidyheap-thumb") ? PLAIN : {} });
  const part = /chip: "(\w+)"/.exec(code);
  if (part) machine.spi.attach("A4", chip(part[1]));
  machine.spend(1000); // power has been there for a while
  machine.exec(code);
  assert.deepEqual(machine.faults, []);
  return lines;
}

const ENGINES = ["espruino", "espruino12000"];

// The runner's own print() takes one value.
const PRINT = "print=console.log;";

/** The lines among those that are wanted that a program prints on a real engine, which has the modules it requires in Storage. */
async function real(name: string, code: string, wanted: string[], stored = true): Promise<string[]> {
  const engine = find(name);
  if (!engine) throw new Error(`${name} is needed and not there`);
  const wants = stored ? [...code.matchAll(/require\("(tidyheap[\w-]*)"\)/g)].map(([, one]) => one) : [];
  const { lines, fault } = await run(engine, `${PRINT}${code}`, { modules: Object.fromEntries(wants.map((one) => [one, MINIFIED[one]])) });
  assert.equal(fault, "");
  return lines.map((line) => line.trim()).filter((line) => wanted.includes(line));
}

/** What can be called on an object, its own or inherited, without private names. */
function methods(object: any): string[] {
  const all: string[] = [];
  for (const key in object) if (typeof object[key] === "function" && !key.startsWith("_")) all.push(key);
  return all;
}

/** What one bundle exports for another alone. */
const INNER = ["methods"];

function exported(name: string): string[] {
  return Object.keys(load(name)).filter((key) => !INNER.includes(key));
}

function load(name: string): any {
  return require(join(ROOT, "dist", `${name}.js`));
}

/** One object of every kind that a module makes: readable bundles, because minified ones have short private names. */
function made(name: string): any[] {
  const pool = load("tidyheap").create(4096);
  const store = load("tidyheap-thumb").ram(2048);
  const k = load("tidyheap-kit");
  const all: Record<string, () => any[]> = {
    tidyheap: () => [pool],
    "tidyheap-core": () => [load(name).create(1024)],
    "tidyheap-tiny": () => [load(name).create(1024)],
    "tidyheap-far": () => [load(name).create({ store, handles: 8 })],
    "tidyheap-fram": () => [load(name).format({ store, handles: 8 })],
    "tidyheap-thumb": () => [store],
    "tidyheap-spi": () => [load(name).part(store, 0, 100), load(name).span([store, store])],
    "tidyheap-page": () => [load(name).cache(store)],
    "tidyheap-record": () => [load(name).record(pool, { to: () => {} })],
    "tidyheap-kit": () => {
      const struct = k.struct({ x: "u8" }, pool);
      const parts = [k.slab(pool, { size: 4, slots: 4 }), k.buffer(pool), k.deque(pool), k.queue(pool, { count: 4 }), struct, k.array(pool, struct, 2)];
      return [...parts, k.owner(pool), k.guard(pool, pool.alloc(4)), k.pressure(pool, {}), k.collector(pool), k.idle(pool)];
    }
  };
  assert.ok(all[name], `${name} makes nothing that this test knows`);
  return all[name]();
}

describe("module", () => {
  it("is there for every flavour and nothing else", () => {
    assert.deepEqual(readdirSync(FOLDER).sort(), NAMES.flatMap((name) => [`${name}.js`, `${name}.md`, `${name}.min.js`]).sort());
  });

  it("gets a page without a section in docs/install.md, too, and every section there belongs to one", () => {
    const text = page({ name: "tidyheap-new", title: "something", declarations: "/** Makes it. */\ndeclare function make(n?: number): number;\nexport { make };\n", keywords: ["heap"], copyright: "Copyright (c) 2026 us" });
    assert.match(text, /^tidyheap-new: something\n=+\n\n\* KEYWORDS: Module,tidyheap-new,heap\n/m);
    assert.match(text, /Usage\n-----\n\n```js\nvar tidyheapNew = require\("tidyheap-new"\);\n```\n\nReference\n---------\n\n\* `make\(n\?\): number`: Makes it\.\n$/);
    const sections = [...readFileSync(join(ROOT, "docs", "install.md"), "utf8").matchAll(/^### (.*)$/gm)].map(([, name]) => name);
    assert.deepEqual(sections.filter((name) => !NAMES.includes(name)), []);
  });

  for (const name of NAMES) {
    describe(name, () => {
      const text = file(`${name}.md`);

      it("has the head of a module page", () => {
        const [copyright, title, rule] = text.split("\n");
        assert.match(copyright, /^<!--- Copyright \(c\) \d+ .* See the file LICENSE for copying permission\. -->$/);
        assert.match(title, new RegExp(`^${name}: .`));
        assert.equal(rule, "=".repeat(title.length));
        assert.match(text, new RegExp(`^\\* KEYWORDS: Module,${name}(,\\w+)*$`, "m"));
      });

      it("says whose it is, in one short line where it is loaded", () => {
        assert.match(file(`${name}.js`), /^\/\* Copyright \(c\) \d+ /);
        const small = MINIFIED[name];
        const bundle = readFileSync(join(ROOT, "dist", `${name}.min.js`), "utf8");
        assert.match(small, new RegExp(`^/\\* ${name} \\d+\\.\\d+\\.\\d+, MIT, .* \\*/\\n`));
        assert.equal(small.slice(small.indexOf("\n") + 1).trim(), bundle.trim());
        assert.ok(small.length - bundle.length <= HEADER, `${small.length - bundle.length} bytes more`);
      });

      for (const end of [".js", ".min.js"]) {
        it(`gives with require, from ${end}, what the bundle exports`, () => {
          const [keys] = emulated(`var all=[];for(var key in require("${name}"))all.push(key);print(all.sort().join())`, { [name]: file(name + end) });
          assert.equal(keys, Object.keys(load(name)).sort().join());
        });
      }

      it("has every call in its page", () => {
        const calls = [...methods(load(name)), ...made(name).flatMap(methods)].filter((key) => key !== "constructor");
        const missing = [...new Set(calls)].filter((key) => !text.includes(`* \`${key}(`));
        assert.deepEqual(missing, []);
      });

      it("has something to say of every export", () => {
        for (const key of exported(name)) assert.match(text, new RegExp(`^\\* \`${key}\\b.*\`: \\S`, "m"), key);
      });

      it("runs its programs, which print what they say", () => {
        const all = programs(text);
        assert.ok(all.length > 0);
        for (const { code, wanted } of all) assert.deepEqual(emulated(code), wanted);
      });

      it("has nothing private in its page", () => assert.doesNotMatch(text, /`_\w/));
    });
  }

  describe("in Espruino", () => {
    for (const engine of ENGINES) {
      const found = find(engine);
      for (const name of NAMES) {
        const all = programs(file(`${name}.md`));
        // it has no SPI with a chip behind it
        const bound = all.some(({ code }) => code.includes("SPI1"));
        const title = `${engine} ${bound ? "loads" : "runs the program of"} ${name}`;
        if (!found && !needed(engine)) it.skip(`${title}: TIDYHEAP_ENGINES does not name it`);
        else
          it(title, async () => {
            const keys = exported(name).sort().join();
            const list = { code: `var all=[];for(var key in require("${name}"))if(key!="${INNER[0]}")all.push(key);print(all.sort().join());`, wanted: [keys] };
            for (const { code, wanted } of bound ? [list] : [list, ...all]) assert.deepEqual(await real(engine, code, wanted), wanted);
          }).timeout(60000);
      }
    }
  });

  describe("with the command line", () => {
    const { code, wanted } = programs(file("tidyheap-core.md"))[0];
    let folder = "";
    let out = "";
    before(function () {
      this.timeout(60000);
      folder = mkdtempSync(join(tmpdir(), "tidyheap-"));
      writeFileSync(join(folder, "app.js"), code);
      const printed = execFileSync(process.execPath, [COMMAND, "--no-ble", "--config", `MODULE_URL=${FOLDER}`, "-o", "out.js", "app.js"], { cwd: folder, encoding: "utf8", stdio: "pipe" });
      assert.doesNotMatch(printed, /Module .* not found\n/);
      out = readFileSync(join(folder, "out.js"), "utf8");
    });
    after(() => rmSync(folder, { recursive: true, force: true }));

    it("goes into the file that -o writes", () => {
      assert.ok(out.includes('Modules.addCached("tidyheap-core",function(){/* tidyheap-core '), out.slice(0, 100));
    });

    it("runs from there on the emulated board", () => assert.deepEqual(emulated(out, {}), wanted));

    for (const engine of ENGINES) {
      if (!find(engine) && !needed(engine)) it.skip(`runs from there on ${engine}: TIDYHEAP_ENGINES does not name it`);
      else it(`runs from there on ${engine}`, async () => assert.deepEqual(await real(engine, out, wanted, false), wanted)).timeout(60000);
    }
  });
});
