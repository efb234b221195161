import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const ROOT = join(__dirname, "..");

/** Folders whose files are all named in CONTRIBUTING.md; those below them, too. */
const TOPS = ["src", "boards", "tools"];

/** Every folder from `top` down. */
function folders(top: string): string[] {
  const below = readdirSync(join(ROOT, top), { withFileTypes: true }).filter((one) => one.isDirectory());
  return [top, ...below.flatMap((one) => folders(`${top}/${one.name}`))];
}

function files(folder: string): string[] {
  const all = readdirSync(join(ROOT, folder), { withFileTypes: true });
  return all.filter((one) => one.isFile()).map((one) => one.name).sort();
}

/** The files that a text names below the heading of each folder. */
function named(text: string): Record<string, string[]> {
  const sections = text.split(/^### /m).slice(1).map((section): [string, string] => [section.split("/\n")[0], section]);
  return Object.fromEntries(sections.map(([folder, section]) => [folder, [...section.matchAll(/^- `([\w.-]+)` \S/gm)].map((match) => match[1]).sort()]));
}

describe("map", () => {
  const map = named(readFileSync(join(ROOT, "CONTRIBUTING.md"), "utf8"));

  for (const folder of TOPS.flatMap(folders)) {
    it(`names every file of ${folder} in CONTRIBUTING.md, and no other`, () => assert.deepEqual(map[folder], files(folder)));
  }

  it("names no folder that there is not", () => {
    assert.deepEqual(Object.keys(map).filter((folder) => folder !== "test").sort(), TOPS.flatMap(folders).sort());
  });

  it("names only tests that there are", () => {
    const section = /^### test\/\n([^]*)/m.exec(readFileSync(join(ROOT, "CONTRIBUTING.md"), "utf8"))![1];
    const tests = [...section.matchAll(/`([\w-]+\.ts)`/g)].map((match) => match[1]);
    assert.ok(tests.length > 20);
    for (const one of tests) assert.ok(files("test").includes(one), one);
  });

  it("sees a file that is not named", () => assert.deepEqual(named("### src/\n\n- `a.ts` one\n- `b.ts` two\n\n### tools/bench/\n\n- `c.ts` three\n"), { src: ["a.ts", "b.ts"], "tools/bench": ["c.ts"] }));
});
