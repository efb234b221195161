import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { gzip } from "pako";
import { find } from "../tools/engine";
import { documents, filled, marked, outdated, table, tables } from "../tools/size/document";
import { measure, told } from "../tools/size/engine";
import { figures, known, old, pretty, type Figures } from "../tools/size/figure";
import { complete, exceeded, limits } from "../tools/size/limit";
import { report } from "../tools/size/report";
import { about, bundles, MEASURED, packed, parts, PARTS, shares, type Part } from "../tools/size/part";
import { on } from "./suite";

const ROOT = join(__dirname, "..");

/** Bytes of the kit that may come from one file of src/. */
const MOST = 2048;

const made = (name: string, more: Partial<Part> = {}): Part => ({ name, kind: "module", code: "", bytes: 100, gzip: 60, ...more });

describe("size", () => {
  let large: Part[];
  let small: Part[];
  before(async function () {
    this.timeout(60000);
    large = bundles();
    small = await parts();
  });

  it("is what README, DESIGN and docs say: npm run size -- --write puts them right", () => {
    const all = figures();
    const right = tables(known(large, all), known(small, all), all);
    assert.deepEqual(outdated(ROOT, right), []);
    const used = documents(ROOT).flatMap((file) => marked(readFileSync(file, "utf8")));
    assert.deepEqual([...new Set(used)].sort(), Object.keys(right).sort());
  });

  it("is within its limits, and everything has one", () => {
    const all = figures();
    const each = [...known(large, all), ...known(small, all)];
    assert.deepEqual(exceeded(each, limits()), []);
    assert.deepEqual(Object.keys(limits()).sort(), each.map(({ name }) => name).sort());
  });

  it("is measured for every minified bundle and every part of the kit", () => {
    assert.ok(large.length >= 9 && MEASURED.length === large.length);
    for (const { name, bytes } of large) assert.equal(bytes, readFileSync(join(ROOT, "dist", name)).length);
    assert.deepEqual(small.map(({ name }) => name), PARTS);
    for (const flavour of MEASURED) assert.match(about(flavour), /^[a-z].{10,90}[^.:]$/, flavour.input);
  });

  it("of a part is a fraction of the kit where it needs little", () => {
    const all = large.find(({ name }) => name === "tidyheap-kit.min.js")!.bytes;
    for (const { name, bytes } of small) assert.ok(bytes < all / (["guard", "idle", "global"].includes(name) ? 15 : 2), name);
  });

  it("by file of src/ adds up to the bundle, and no file has more than 2 KB in the kit", () => {
    for (const { name, bytes } of large) {
      const sum = shares(name).reduce((all, [, share]) => all + share, 0);
      assert.ok(bytes - sum < 5, `${name}: ${bytes} bytes, ${sum} by file`); // ends of lines
    }
    for (const [file, bytes] of shares("tidyheap-kit.min.js")) assert.ok(bytes <= MOST, `${file} has ${bytes} bytes`);
  });

  it("gzipped is that of a real gzip", () => {
    for (const { code, gzip: bytes } of large) {
      assert.equal(gunzipSync(gzip(code, { level: 9 })).toString(), code);
      assert.equal(bytes, packed(code));
      const here = gzipSync(code, { level: 9 }).length;
      assert.ok(Math.abs(here - bytes) <= 0.03 * here, `${bytes} bytes, ${here} by the zlib of this Node`);
    }
  });

  it("is printed as JSON and as tables", async () => {
    const printed: string[] = [];
    const said: string[] = [];
    const once = (json: boolean) => report(false, json, [], (text) => printed.push(text), (text) => said.push(text));
    assert.deepEqual([await once(true), await once(false)], [0, 0]);
    assert.deepEqual(said, Array(2).fill("size: the documents say the same"));
    const sizes = JSON.parse(printed[0]);
    assert.deepEqual(sizes.map(({ name, bytes, gzip: packed }: Part) => [name, bytes, packed]), [...large, ...small].map(({ name, bytes, gzip: packed }) => [name, bytes, packed]));
    assert.ok(sizes[0].storage > 0 && !("code" in sizes[0]));
    for (const { name } of [...large, ...small]) assert.match(printed[1], new RegExp(`^\\| ${name}\\b.* \\d`, "m"));
  });

  describe("limit", () => {
    it("refuses one byte too many, JsVars too many, and more than the engine has", () => {
      const limit = { x: { bytes: 100, gzip: 60, ram: 9 } };
      assert.deepEqual(exceeded([made("x"), made("x", { ram: 9 })], limit), []);
      assert.match(exceeded([made("x", { bytes: 101 })], limit).join(), /^x has 101 bytes, the limit in tools\/size\/limit.json is 100$/);
      assert.match(exceeded([made("x", { gzip: 61 })], limit).join(), /^x has 61 bytes gzipped, the limit .* is 60$/);
      assert.match(exceeded([made("x", { ram: 10 })], limit).join(), /^x has 10 JsVars from RAM, /);
      assert.match(exceeded([made("x", { ram: 0 })], limit).join(), /^x has Infinity JsVars from RAM, /);
      for (const [name, all] of Object.entries(limits())) {
        for (const [key, most] of Object.entries(all)) assert.equal(exceeded([made(name, { bytes: 1, gzip: 1, [key]: most + 1 })], limits()).length, 1, `${name} ${key}`);
      }
    });

    it("is asked for where there is none, and given once", () => {
      assert.match(exceeded([made("y")], {}).join(), /^y has 100 bytes and no limit: npm run size -- --write gives it one,y has 60 bytes gzipped/);
      assert.deepEqual(exceeded([made("y", { ram: 0 })], { y: { bytes: 100, gzip: 60 } }), []);
      const first = complete([made("y", { storage: 200 })], { gone: { bytes: 1 } });
      assert.deepEqual(first, { y: { bytes: 110, gzip: 70, storage: 210 } });
      assert.deepEqual(complete([made("y", { bytes: 5000, heap: 990 })], first), { y: { bytes: 110, gzip: 70, storage: 210, heap: 1000 } });
    });
  });

  describe("table", () => {
    const kept: Figures = { espruino: { engine: "Espruino 2v0, 5000 JsVars", date: "2026-01-02", sizes: { a: { bytes: 1000, ram: 0, storage: 1200 }, b: { bytes: 90, ram: 7, storage: 5 } } } };

    it("has a column for each figure there is, and says which are of older code", () => {
      const each = known([made("a", { bytes: 1000 }), made("b"), made("c")], kept);
      assert.deepEqual(each.map((part) => old(part, kept)), [false, true, false]);
      const right = ["| part | bytes | gzip | JsVars from RAM | JsVars from Storage |", "| --- | --: | --: | --: | --: |", "| a | 1,000 | 60 | more than 5,000 | 1,200 |", "| b | 100 | 60 | ~7 | ~5 |", "| c | 100 | 60 |  |  |"];
      assert.equal(table("part", each, kept), right.join("\n"));
      assert.match(tables([], each, kept).parts, /: Espruino 2v0, 5000 JsVars \(2026-01-02\); `~`: of an earlier build\.$/);
      assert.equal(table("part", [made("c")], {}).split("\n")[0], "| part | bytes | gzip |");
    });

    it("is put between its marks and nowhere else", () => {
      const text = "a\n<!-- made by npm run size: one -->\nold\n<!-- end -->\nb\n<!-- made by tools/proof.ts -->\nc\n<!-- end -->\n<!-- made by npm run size: two -->\n<!-- end -->";
      const right = "a\n<!-- made by npm run size: one -->\n1\n<!-- end -->\nb\n<!-- made by tools/proof.ts -->\nc\n<!-- end -->\n<!-- made by npm run size: two -->\n$&\n<!-- end -->";
      assert.equal(filled(text, { one: "1", two: "$&" }), right);
      assert.equal(filled(right, { one: "1", two: "$&" }), right);
      assert.deepEqual(marked(text), ["one", "two"]);
      assert.throws(() => filled(text, { one: "1" }), { message: 'there is no table "two", but one' });
      assert.throws(() => filled("<!-- made by npm run size: one -->\n| 1 |", { one: "1" }), { message: 'the table "one" has no <!-- end -->' });
      assert.throws(() => filled(text.replace("<!-- end -->", ""), { one: "1", two: "2" }), { message: 'the table "one" has no <!-- end -->' });
    });

    it("is written where a document says something else, and only there", () => {
      const root = mkdtempSync(join(tmpdir(), "tidyheap-"));
      try {
        mkdirSync(join(root, "docs"));
        const mark = (text: string) => `<!-- made by npm run size: one -->\n${text}\n<!-- end -->\n`;
        writeFileSync(join(root, "README.md"), mark("1"));
        writeFileSync(join(root, "docs", "kit.md"), mark("0"));
        writeFileSync(join(root, "docs", "other.txt"), mark("0"));
        assert.deepEqual(outdated(root, { one: "1" }), ["docs/kit.md"]);
        assert.equal(readFileSync(join(root, "docs", "kit.md"), "utf8"), mark("0"));
        assert.deepEqual(outdated(root, { one: "1" }, true), ["docs/kit.md"]);
        assert.deepEqual([outdated(root, { one: "1" }), readFileSync(join(root, "docs", "kit.md"), "utf8")], [[], mark("1")]);
        assert.equal(readFileSync(join(root, "docs", "other.txt"), "utf8"), mark("0"));
      } finally {
        rmSync(root, { recursive: true, force: true });
      }
    });

    it("is made of files that are as npm run size writes them", () => {
      for (const name of ["figure", "limit"]) {
        const text = readFileSync(join(ROOT, "tools", "size", `${name}.json`), "utf8");
        assert.equal(text, pretty(JSON.parse(text)));
      }
    });
  });

  for (const name of ["espruino", "jerry"]) {
    const what = name === "jerry" ? "bytes of heap" : "JsVars";
    on(name, `has the ${what} that are kept, where ${name} is the one that gave them`, async function () {
      const { engine, sizes } = figures()[name];
      const here = find(name)!;
      const says = await told(here);
      if (says !== engine) this.test!.title += ` (they are of ${engine}, this is ${says})`;
      if (says !== engine) return this.skip();
      assert.deepEqual((await measure(here, [...large, ...small])).sizes, sizes);
    }, 120000);
  }
});
