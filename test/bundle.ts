import assert from "node:assert";
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { createContext, runInContext } from "node:vm";
import { parse } from "acorn";
import { FLAVOURS } from "../rollup.config.mjs";
import { script } from "../tools/bundle";
import { ABSENT_GLOBALS, ABSENT_MEMBERS, ABSENT_STATICS, faults, KIT } from "../tools/dialect";
import { CASES, EXTERNAL, external } from "./portable";

const ROOT = join(__dirname, "..");
const DIST = join(ROOT, "dist");
const FILES = FLAVOURS.map((flavour) => join(ROOT, flavour.file));
const POOLS = FLAVOURS.filter((flavour) => !("store" in flavour || "tiny" in flavour || "kit" in flavour));
const SCRIPTS = FILES.filter((file) => file.endsWith(".js"));

function parses(code: string): void {
  parse(code, { ecmaVersion: 5, sourceType: "script" });
}

/** Runs es-check as its command line does. Throws what it printed when a file is not ES5. */
function escheck(files: string[]): void {
  const command = join(ROOT, "node_modules", "es-check", "lib", "cli", "index.js");
  execFileSync(process.execPath, [command, "es5", ...files], { cwd: ROOT, stdio: "pipe" });
}

// The natives Espruino lacks, gone from the context's own globals before the bundle is loaded.
function bare(): object {
  const context = createContext({});
  const statics = Object.entries(ABSENT_STATICS).flatMap(([owner, list]) => list.map((name) => `${owner}.${name}`));
  const members = ABSENT_MEMBERS.filter((name) => name !== "BYTES_PER_ELEMENT"); // cannot be deleted
  const owners = ["Array.prototype", "String.prototype", "Object.getPrototypeOf(Uint8Array.prototype)"];
  const methods = owners.flatMap((owner) => members.map((name) => `${owner}.${name}`));
  const shared = ["from", "of"].map((name) => `Object.getPrototypeOf(Uint8Array).${name}`);
  for (const path of [...statics, ...methods, ...shared, ...ABSENT_GLOBALS]) runInContext(`delete ${path}`, context);
  return context;
}

function load(file: string, context = bare()): any {
  return runInContext(`${script(file)}\ntidyheap`, context);
}

describe("bundle", () => {
  let folder = "";
  before(() => (folder = mkdtempSync(join(tmpdir(), "tidyheap-"))));
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("is built for every flavour and nothing else", () => {
    const built = readdirSync(DIST).filter((name) => /\.m?js$/.test(name));
    assert.deepEqual(built.sort(), FILES.map((file) => basename(file)).sort());
  });

  for (const file of SCRIPTS) {
    const name = basename(file);
    describe(name, () => {
      const code = existsSync(file) ? readFileSync(file, "utf8") : "";
      it("parses as ES5", () => parses(code));
      it("is in Espruino's dialect", () => assert.deepEqual(faults(code, name.includes("-kit") ? KIT : []), []));
      it("has a source map", () => assert.ok(JSON.parse(readFileSync(`${file}.map`, "utf8")).sources.length > 0));
      const flavour = POOLS.find((one) => file.endsWith(one.file));
      if (!flavour) return;
      const far = "far" in flavour;
      it("offers create", () => assert.equal(typeof load(file).create, "function"));
      for (const one of far ? [...CASES, ...EXTERNAL] : CASES) it(`${one.name}, natives deleted`, () => one.run(far ? external(load(file)) : load(file)));
    });
  }

  it("passes es-check", function () {
    this.timeout(30000);
    escheck(SCRIPTS);
  });

  it("loads as CommonJS in Node", () => {
    for (const { file, format } of POOLS) if (format === "cjs") assert.equal(typeof require(join(ROOT, file)).create, "function");
  });

  it("declares its types", () => {
    const { types } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
    assert.ok(existsSync(join(ROOT, types)), `${types} is missing`);
  });

  it("keeps public names when it mangles private ones", () => {
    const keys = (value: object): string[] => {
      const all: string[] = [];
      for (const key in value) all.push(key);
      return all;
    };
    const isPrivate = (key: string): boolean => /^_../.test(key); // short names are what the build makes of them
    for (const flavour of ["tidyheap", "tidyheap-core", "tidyheap-far"]) {
      const [plain, small] = [".js", ".min.js"].map((end) => external(load(join(DIST, flavour + end))).create({ size: 256 }) as any);
      for (const key of keys(plain).filter((one) => !one.startsWith("_"))) assert.ok(key in small, `pool.${key} is gone from ${flavour}.min.js`);
      assert.deepEqual(Object.keys(small.stat()), Object.keys(plain.stat()));
      assert.deepEqual(keys(small).filter(isPrivate), []);
    }
  });

  describe("gates", () => {
    it("refuse newer syntax", () => {
      for (const code of ["let a", "const a=1", "a=>a", "class A{}", "`a`", "a**b"]) assert.throws(() => parses(code), SyntaxError);
    });

    it("refuse newer syntax with es-check too", function () {
      this.timeout(30000);
      const file = join(folder, "new.js");
      writeFileSync(file, "const a = () => 1;\n");
      assert.throws(() => escheck([file]), /new\.js/);
    });

    it("refuse a bundle that needs a native Espruino lacks", () => {
      const sources = [...ABSENT_GLOBALS.map((name) => `new ${name}()`), "Object.freeze({})", "Math.imul(2,3)"];
      sources.push("new Uint8Array(4).copyWithin(0,1)", "Uint8Array.from([1])", "[1].lastIndexOf(1)");
      for (const source of sources) assert.throws(() => runInContext(source, bare() as any), source);
    });
  });
});
