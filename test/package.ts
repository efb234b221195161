import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { rollup } from "rollup";
import { minify as terse } from "terser";
import ts from "typescript";
import { BOARDS } from "../boards/index";
import { sandbox } from "../boards/emulator/sandbox";
import { FLAVOURS, minify, MODULES } from "../rollup.config.mjs";
import { find, needed, run } from "../tools/engine";

const ROOT = join(__dirname, "..");
const MOST = 1e6; // bytes of the tarball
const PARTS = MODULES.map(({ name }) => name.replace(/^tidyheap-?/, ""));
const NAMES = PARTS.map((part) => (part ? `tidyheap/${part}` : "tidyheap"));

/** npm's own program, wherever this Node has it; "" when it has none. */
function npm(): string {
  const folder = dirname(realpathSync(process.execPath));
  const places = [process.env.npm_execpath ?? "", join(folder, "node_modules", "npm", "bin", "npm-cli.js"), join(folder, "..", "lib", "node_modules", "npm", "bin", "npm-cli.js"), "/usr/share/nodejs/npm/bin/npm-cli.js"];
  return places.find((path) => path.endsWith("npm-cli.js") && existsSync(path)) ?? "";
}

// What a program with types may do: it compiles.
const GOOD = `
import { create as full, type Pool, type Handle, type HeapError, type Refusal, type PoolOptions } from "tidyheap";
import { create as core, type StorePool } from "tidyheap/core";
import { create as tiny } from "tidyheap/tiny";
import { create as far, type FarPool } from "tidyheap/far";
import { format, mount, repair } from "tidyheap/fram";
import { connect, part, span, type Chip } from "tidyheap/spi";
import { cache } from "tidyheap/page";
import { ram } from "tidyheap/thumb";
import { record } from "tidyheap/record";
import * as kit from "tidyheap/kit";
import { slab } from "tidyheap/dist/tidyheap-kit.mjs";

var options: PoolOptions = { size: 1024, handles: 16, fit: "fast", generations: 16, start: { used: 0.5 }, onmove: function (h, at) { var handle: Handle = h; at.toFixed(); handle.toFixed(); } };
var pool: Pool = full(options);
var h: Handle | 0 = pool.alloc(10);
if (!h) { var why: Refusal = pool.why; throw new Error(why); }
pool.write(h, 0, "text");
pool.write(h, 4, [1, 2]);
var view: Uint8Array = pool.view(h);
var bytes: Uint8Array = pool.bytes;
var first: number = pool.use(h, function (v) { return v[0]; });
pool.onmove = function (handle) { pool.size(handle); };
pool.free(h);
pool.free(0);
pool.free(pool.alloc(4));
pool.each(function (handle, at, size) { pool.lock(handle); pool.unlock(handle); at + size; });
var n: number = 8192;
if (pool.has(n)) pool.free(n);
pool.stat().peak.live + pool.stat().refused["FULL"];
try { pool.tick(-1); } catch (error) { if ((error as HeapError).code === "ARGUMENT") first++; }

var inRam = core({ store: ram(512) }); // a store with views
var same: Uint8Array = inRam.bytes;
var small = tiny({ size: 512, handles: 8 });
var slot = small.alloc(4);
if (slot) small.view(slot)[0] = 1;

var row: Chip = { bytes: 65536, width: 2, kind: "s", baud: 20000000 };
var chip = connect({ send: function (data) { return data; }, write: function () {} }, { cs: 1, chip: row });
var outside: FarPool = far({ store: span([cache(part(chip, 0, 4096), { page: 128 })]), handles: 8 });
var mixed: StorePool = core({ store: chip });
mixed.bytes && mixed.bytes.length;
var o = outside.alloc(8);
if (o) { outside.set16(o, 0, 500); outside.store(o, outside.load(o)); outside.use(o, function (x) { return outside.get8(x, 0); }); }
var kept = format({ store: chip, handles: 8, journal: 64, id: 1 });
kept = mount(chip, { pause: 100 });
repair(chip).why.join();
record(pool, { to: function (line) { line.length; } }).stop();
record(outside).flush();

var s = kit.slab(pool, { size: 8, slots: 4 });
if (s) { var k = s.alloc(8); if (k) { s.write(k, 0, "x"); s.free(k); } if (s.block) pool.lock(s.block); kit.buffer(s, { chunk: 16 }).append("y"); }
slab(pool, { size: 4, slots: 4 });
var Track = kit.struct({ lat: "f32", next: "handle", name: "utf8:12" }, pool, { name: "start" });
var t = Track.alloc({ lat: 1.5 });
if (t) {
  var lat: number = Track.get(t, "lat");
  var name: string = Track.get(t, "name");
  var next: Handle | 0 = Track.get(t, "next");
  Track.set(t, "next", next);
  Track.to(t).set("name", name + lat);
  kit.guard(pool, t).unlock();
}
var temps = kit.array(pool, "i16", 10);
if (temps) { temps.set(1, 5); lat! = temps.get(1); }
var rows = kit.array(pool, Track, 3);
if (rows) { rows.set(0, "name", "z"); name! = rows.get(0, "name"); }
var Node = kit.struct({ value: "i16", next: "handle" });
var gc = kit.collector(pool);
gc.onfree = function (record) { gc.root("last", record); };
var a = gc.alloc(Node, { value: 1 });
if (a) { gc.root("list", a); var value: number = gc.get(a, "value"); var b = gc.get(a, "next"); if (b) gc.set(b, "value", value); gc.set(a, "next", a); }
var net = kit.owner(pool, 100);
var mine = net.alloc(10);
if (mine) { net.keep(mine); pool.free(mine); }
net.leaks()[0].handle;
var result: Handle | 0 = kit.scope(net, function (scope) { var x = scope.alloc(4); return x && scope.keep(x); });
var p = kit.pressure(pool, { low: 100, onlow: function (free) { free.toFixed(); }, onpurge: function (gone) { pool.has(gone); }, onfull: function () { p.release(); return true; } });
var reserve: Handle | 0 = p.reserve(10);
var d = kit.deque(p, { max: 100 });
d.parse(function (input) { return input.take(input.next()); });
var line: string | undefined = d.readLine();
var q = kit.queue(pool, { count: 4, size: 2 });
if (q) q.push(1);
kit.idle(pool, { also: function (left) { return gc.collect(left); } }).start();
var shared: Pool = kit.global({ create: full }, "small");
export { same, view, bytes, first, result, reserve, line, shared };
`;

// What a program with types may not do: every line below a mark is an error.
const BAD = `
import { create, type Handle } from "tidyheap";
import { create as core } from "tidyheap/core";
import { create as tiny } from "tidyheap/tiny";
import { create as far } from "tidyheap/far";
import { format, mount } from "tidyheap/fram";
import { connect } from "tidyheap/spi";
import { cache } from "tidyheap/page";
import { ram } from "tidyheap/thumb";
import * as kit from "tidyheap/kit";

var pool = create({ size: 1024 });
var h = pool.alloc(10) as Handle;
var store = ram(256);
var slab = kit.slab(pool, { size: 8, slots: 4 }) as kit.Slab;
var slot = slab.alloc(8) as kit.Slot;
var Track = kit.struct({ lat: "f32", next: "handle", name: "utf8:12" }, pool);
var Node = kit.struct({ value: "i16", next: "handle" });
var gc = kit.collector(pool);
var item = gc.alloc(Node) as kit.Item<{ value: "i16"; next: "handle" }>;
var outside = far({ store: store });

// a number is no handle
pool.free(8192);
pool.write(1, 0, "x");
outside.load(1);
// neither is what alloc gave, before it was asked for 0
pool.view(pool.alloc(10));
pool.write(pool.alloc(10), 0, "x");
pool.resize(pool.alloc(10), 5);
kit.guard(pool, pool.alloc(10));
Track.get(Track.alloc(), "lat");
// a number that was kept has to be asked for
pool.size(h + 0);
// slots, records and handles
pool.free(slot);
pool.size(slot);
slab.free(h);
slab.write(h, 0, "x");
pool.free(item);
gc.root("list", h);
gc.get(h, "value");
kit.owner(slab).keep(h);
Track.get(slot, "lat");
// options
create({ size: 1024, handle: 10 });
create({ size: 1024, fit: "bets" });
create({ size: "1024" });
create({ size: 1024, generations: 32 });
create({ size: 1024, start: { use: 0.5 } });
create({ size: 1024, _gens: 1 });
core({ size: 1024, low: 100 });
tiny({ size: 1024, fit: "fast" });
tiny({ handles: 10 });
far({ size: 1024 });
far(1024);
far({ store: {} });
format({ store: store, journel: 64 });
mount(store, { size: 100 });
connect({ send: function (data) { return data; }, write: function () {} }, { cs: 1 });
cache(store, { pages: 4, bytes: 4 });
kit.slab(pool, { size: 8 });
kit.buffer(pool, { chunks: 64 });
kit.queue(pool, { count: 4, size: 3 });
kit.pressure(pool, { onlows: function () {} });
kit.global({ create: create }, "smal");
// what a pool has not
tiny(64).read(h, 0, 1);
core(64).check();
core(64).stat().peak;
outside.view(h);
outside.map(10);
outside.bytes;
pool._gens;
pool.get8(h, 0);
kit.buffer(pool).push(1);
kit.deque(pool).move(kit.deque(pool));
// results
var text: string = pool.read(h, 0, 1);
var code: "FULLL" = pool.why;
if (pool.why === "EMPTY") pool.pack();
pool.bytes = [];
kit.slab(pool, { size: 8, slots: 4 }).alloc(8);
kit.queue(pool, { count: 4 }).push(1);
// structs
kit.struct({ x: "u9" }, pool);
kit.struct({ x: "utf8" }, pool);
kit.struct({ x: "u8" }).alloc();
kit.struct({ x: "u8" }, pool, { y: 1 });
Track.get(h, "lan");
Track.set(h, "lat", "1");
Track.set(h, "name", 1);
Track.set(h, "next", 5);
Track.set(h, "next", h + 1);
Track.alloc({ lat: 1, long: 2 });
var num: number = Track.get(h, "name");
var str: string = Track.get(h, "lat");
pool.free(Track.get(h, "lat"));
pool.size(Track.get(h, "next"));
kit.array(pool, "u9", 10);
(kit.array(pool, "u8", 10) as kit.List<"u8">).set(0, "x");
gc.get(item, "worth");
gc.set(item, "value", "x");
gc.alloc({ size: 4 }, { value: 1 }).toFixed("x");
`;

const MARK = "// @ts-expect-error";

/** BAD with a mark above every statement that has to be an error: those behind the first comment. */
function marked(): string {
  const lines = BAD.trim().split("\n");
  const from = lines.findIndex((line) => line.startsWith("// a number"));
  return lines.map((line, n) => (n < from || line.startsWith("//") ? line : `${MARK}\n${line}`)).join("\n") + "\nexport { text, code, num, str };\n";
}

/** How TypeScript finds the package, and what kind of file asks. */
const WAYS: Record<string, { module: ts.ModuleKind; moduleResolution: ts.ModuleResolutionKind; end: string }> = {
  "node16, ESM": { module: ts.ModuleKind.Node16, moduleResolution: ts.ModuleResolutionKind.Node16, end: ".mts" },
  "node16, CommonJS": { module: ts.ModuleKind.Node16, moduleResolution: ts.ModuleResolutionKind.Node16, end: ".cts" },
  bundler: { module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler, end: ".ts" }
};

// A program for a board, as a bundler takes it.
const BOARD = `
import { create } from "tidyheap/core";
import { deque } from "tidyheap/kit";
var pool = create({ size: 1024, handles: 16 });
var line = deque(pool);
line.append("first\\nsec");
print("@" + line.readLine() + " " + line.length + " " + pool.stat().live);
`;

describe("package", () => {
  const program = npm();
  let folder = "";
  let files: { path: string; size: number }[] = [];
  let size = 0;
  const installed = (): string => join(folder, "node_modules", "tidyheap");

  before(function () {
    this.timeout(60000);
    assert.ok(program, "this Node has no npm");
    folder = realpathSync(mkdtempSync(join(tmpdir(), "tidyheap-")));
    const call = (...args: string[]): string => execFileSync(process.execPath, [program, ...args, "--offline", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], { cwd: folder, encoding: "utf8", stdio: "pipe" });
    const packed = JSON.parse(call("pack", ROOT, "--json", "--pack-destination", folder));
    const [one] = Array.isArray(packed) ? packed : (Object.values(packed) as any[]);
    ({ files, size } = one);
    writeFileSync(join(folder, "package.json"), '{ "name": "empty", "version": "1.0.0", "private": true }');
    call("install", `./${one.filename}`);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  describe("tarball", () => {
    it("has the bundles, their types, the modules and the documents, and nothing else", () => {
      const names = MODULES.map(({ name }) => name);
      const bundles = FLAVOURS.flatMap(({ file }) => (file.endsWith(".min.js") ? [file] : [file, `${file}.map`]));
      const others = names.flatMap((name) => [`dist/${name}.d.ts`, `dist/${name}.d.mts`, ...[".js", ".min.js", ".md"].map((end) => `dist/modules/${name}${end}`)]);
      const folders = ["docs", "examples"].flatMap((one) => readdirSync(join(ROOT, one), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => relative(ROOT, join(entry.parentPath, entry.name)).replace(/\\/g, "/")));
      const wanted = [...bundles, ...others, ...folders, "package.json", "README.md", "LICENSE", "CHANGELOG.md", "CONTRIBUTING.md", "DESIGN.md", "SECURITY.md"];
      assert.deepEqual(files.map(({ path }) => path).sort(), wanted.sort());
      assert.ok(size < MOST, `${size} bytes`);
    });

    it("is made of a build also where npm takes the package from git: it runs prepare there and nothing else", () => {
      const { prepare } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")).scripts;
      assert.equal(prepare, "npm run build");
    });

    it("needs nothing", () => {
      const all = readdirSync(join(folder, "node_modules")).filter((name) => !name.startsWith("."));
      assert.deepEqual(all, ["tidyheap"]);
    });

    it("has the sources in its maps", () => {
      for (const { path } of files.filter((one) => one.path.endsWith(".map"))) {
        const { sources, sourcesContent } = JSON.parse(readFileSync(join(installed(), path), "utf8"));
        assert.equal(sourcesContent?.length, sources.length, path);
        assert.ok(sourcesContent.every((text: unknown) => typeof text === "string" && text.length > 0), path);
      }
    });

    it("shows nothing private in its types", () => {
      for (const { path } of files.filter((one) => /\.d\.m?ts$/.test(one.path))) assert.doesNotMatch(readFileSync(join(installed(), path), "utf8"), /^\s+_\w+[?:(]/m, path);
    });
  });

  describe("in Node", () => {
    const MADE = "create({size:64}).alloc(8)>0";

    it("is found by require and by import, all parts and the paths of the documents", () => {
      const deep = ["tidyheap/dist/tidyheap.min.js", "tidyheap/dist/tidyheap-kit.mjs", "tidyheap/dist/modules/tidyheap-spi.min.js", "tidyheap/package.json"];
      writeFileSync(join(folder, "list.mjs"), `for (const name of ${JSON.stringify([...NAMES, ...deep])}) console.log(import.meta.resolve(name));`);
      writeFileSync(join(folder, "keys.mjs"), `${NAMES.map((name, n) => `import * as m${n} from "${name}";`).join("")}console.log(JSON.stringify([${NAMES.map((_, n) => `Object.keys(m${n})`).join()}]));`);
      writeFileSync(join(folder, "keys.cjs"), `console.log(JSON.stringify(${JSON.stringify(NAMES)}.map((name) => Object.keys(require(name)))));`);
      const node = (file: string): string => execFileSync(process.execPath, [file], { cwd: folder, encoding: "utf8" });
      for (const url of node("list.mjs").trim().split("\n")) assert.ok(existsSync(fileURLToPath(url)), url);
      const sorted = (text: string): string[][] => (JSON.parse(text) as string[][]).map((keys) => keys.filter((key) => key !== "default" && key !== "module.exports").sort());
      const [esm, cjs] = [sorted(node("keys.mjs")), sorted(node("keys.cjs"))];
      assert.deepEqual(esm, cjs);
      NAMES.forEach((name, n) => assert.ok(cjs[n].length > 0, name));
    });

    it("makes a pool", () => {
      writeFileSync(join(folder, "pool.mjs"), `import { create } from "tidyheap"; console.log(${MADE});`);
      writeFileSync(join(folder, "pool.cjs"), `const { create } = require("tidyheap"); console.log(${MADE});`);
      for (const file of ["pool.mjs", "pool.cjs"]) assert.equal(execFileSync(process.execPath, [file], { cwd: folder, encoding: "utf8" }).trim(), "true", file);
    });

    it("refuses what is no part of it", () => {
      writeFileSync(join(folder, "none.cjs"), 'try { require("tidyheap/src/full"); } catch (error) { console.log(error.code); }');
      assert.equal(execFileSync(process.execPath, ["none.cjs"], { cwd: folder, encoding: "utf8" }).trim(), "MODULE_NOT_FOUND");
    });
  });

  describe("with TypeScript", () => {
    /** What the compiler says of programs in the folder, by their names, as "line: text". */
    const errors = (way: string, programs: Record<string, string>): Record<string, string[]> => {
      const { end, ...found } = WAYS[way];
      const place = mkdtempSync(join(folder, "types-"));
      const files = Object.entries(programs).map(([name, code]) => (writeFileSync(join(place, name + end), code), join(place, name + end)));
      const options: ts.CompilerOptions = { ...found, target: ts.ScriptTarget.ES5, lib: ["lib.es5.d.ts"], types: [], strict: true, exactOptionalPropertyTypes: true, skipLibCheck: false, noEmit: true, ignoreDeprecations: "6.0" };
      const made = ts.createProgram(files, options);
      const taken = made.getSourceFiles().map((one) => one.fileName).filter((one) => one.includes("/node_modules/tidyheap/"));
      const kind = end === ".cts" ? ".d.ts" : ".d.mts";
      for (const one of taken) assert.ok(one.endsWith(kind), `${way} takes ${one}`);
      const said: Record<string, string[]> = Object.fromEntries(Object.keys(programs).map((name) => [name, []]));
      for (const { file, start, messageText } of ts.getPreEmitDiagnostics(made)) {
        const name = file ? basename(file.fileName, end) : "";
        (said[name] ??= []).push(`${file && start !== undefined ? file.getLineAndCharacterOfPosition(start).line + 1 : 0}: ${ts.flattenDiagnosticMessageText(messageText, " ")}`);
      }
      return said;
    };

    const [, example] = /```ts\n([^]*?)```/.exec(readFileSync(join(ROOT, "docs", "install.md"), "utf8"))!;

    for (const way of Object.keys(WAYS)) {
      it(`compiles programs, and refuses misuse on every line (${way}, lib ES5, strict)`, () => {
        // CommonJS may not load an ES module there
        const good = way.endsWith("CommonJS") ? GOOD.replace("tidyheap/dist/tidyheap-kit.mjs", "tidyheap/dist/tidyheap-kit.js") : GOOD;
        assert.deepEqual(errors(way, { good, example, bad: marked() }), { good: [], example: [], bad: [] });
      }).timeout(30000);
    }

    it("fails without the marks, once a line, and sees a mark that is not needed", () => {
      const plain = marked().replaceAll(MARK, "//");
      const said = errors("bundler", { plain, unused: `${MARK}\nvar n: number = 1;\nexport { n };\n`, blind: example.replace("if (h) ", "") });
      const wrong = [...new Set(said.plain.map((text) => Number(text.split(":")[0])))];
      const wanted = plain.split("\n").flatMap((line, n) => (line === "//" ? [n + 2] : []));
      assert.deepEqual(wrong.sort((a, b) => a - b), wanted);
      assert.ok(wanted.length > 70);
      assert.match(said.unused.join(), /Unused '@ts-expect-error'/);
      assert.match(said.blind.join(), /'0 \| Handle' is not assignable to parameter of type 'Handle'|Argument of type/);
    }).timeout(30000);

    it("shows the comments of the sources", () => {
      const types = readFileSync(join(installed(), "dist", "tidyheap.d.ts"), "utf8");
      const source = readFileSync(join(ROOT, "src", "access.ts"), "utf8");
      const [, comment] = /\/\*\* (A copy of `n` bytes.*) \*\/\nexport function read/.exec(source)!;
      assert.ok(types.includes(`/** ${comment} */\n    read(h: Handle`));
    });
  });

  describe("in a bundle for a board", () => {
    let code = "";
    before(async function () {
      this.timeout(30000);
      const resolved = (name: string): string => {
        writeFileSync(join(folder, "where.mjs"), `console.log(import.meta.resolve("${name}"));`);
        return fileURLToPath(execFileSync(process.execPath, ["where.mjs"], { cwd: folder, encoding: "utf8" }).trim());
      };
      writeFileSync(join(folder, "board.js"), BOARD);
      const plugin = { name: "packages", resolveId: (id: string) => (id.startsWith("tidyheap") ? resolved(id) : null) };
      const build = await rollup({ input: join(folder, "board.js"), plugins: [plugin] });
      const { output } = await build.generate({ format: "iife", esModule: false, strict: false, freeze: false, externalLiveBindings: false, generatedCode: { preset: "es5" } });
      await build.close();
      code = (await terse(output[0].code, minify({ format: "iife", name: "app" }) as object)).code!;
    });

    it("brings only what it uses", () => {
      const all = readFileSync(join(ROOT, "dist", "tidyheap-kit.min.js")).length + readFileSync(join(ROOT, "dist", "tidyheap-core.min.js")).length;
      assert.ok(code.length < 0.75 * all, `${code.length} of ${all} bytes`);
      assert.doesNotMatch(code, /QUOTA/); // of owners
    });

    const WANTED = "@first 3 1";

    it("runs on the emulated board", () => {
      const lines: string[] = [];
      sandbox({ ...BOARDS.pico }, { print: (line) => lines.push(line) }).exec(code);
      assert.deepEqual(lines, [WANTED]);
    });

    for (const engine of ["espruino", "espruino12000"]) {
      if (!find(engine) && !needed(engine)) {
        it.skip(`runs on ${engine}: TIDYHEAP_ENGINES does not name it`);
        continue;
      }
      it(`runs on ${engine}`, async () => {
        const { lines, fault } = await run(find(engine)!, 'require("app")', { modules: { app: code } });
        assert.equal(fault, "");
        assert.ok(lines.includes(WANTED), lines.join("\n"));
      }).timeout(60000);
    }
  });
});
