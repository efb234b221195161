import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join, relative, sep } from "node:path";
import { parse } from "acorn";
import ts from "typescript";
import { FLAVOURS } from "../rollup.config.mjs";

const ROOT = join(__dirname, "..");

/** A part of src: its files, each of which may import those before it, and the parts below all of whose files it may import. */
interface Part {
  files: string;
  below: string[];
  /** Single files of other parts. */
  also?: string;
}

/** Who may import whom in src. */
const PARTS: Record<string, Part> = {
  base: { files: "error time store text", below: [] },
  stores: { files: "chips piece span spi page thumb", below: ["base"] },
  pool: { files: "pool option row gate bubble entry build handle access check lock stat place tick plan resize count wipe", below: ["base"] },
  pools: { files: "tiny core full", below: ["base", "pool"] },
  far: { files: "table flight claim evacuate block reach pin census blank sift far", below: ["base"], also: "pool option gate access check stat tick" },
  fram: { files: "image journal mount fram", below: ["base", "far"], also: "option span" },
  record: { files: "record", below: ["base"] },
  kit: { files: "cell chain buffer deque queue slab struct array collect ledger owner pressure guard preset idle kit", below: ["base"] }
};

/** Which folders the files of a folder may import. */
const FOLDERS: Record<string, string[]> = {
  src: ["src"],
  boards: ["boards"],
  tools: ["src", "boards", "tools", "test", "rollup.config.mjs"],
  test: ["src", "boards", "tools", "test", "dist", "rollup.config.mjs"]
};

function files(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true, recursive: true })
    .filter((one) => one.isFile() && one.name.endsWith(".ts"))
    .map((one) => relative(ROOT, join(one.parentPath, one.name)));
}

interface Imports {
  files: string[];
  packages: string[];
}

const seen = new Map<string, Imports>();

/** The files of this project that a file imports, types included, and the names of packages. */
function imports(file: string): Imports {
  if (!seen.has(file)) seen.set(file, look(file));
  return seen.get(file)!;
}

function look(file: string): Imports {
  if (!/\.m?ts$/.test(file)) return { files: [], packages: [] };
  const names = ts.preProcessFile(readFileSync(join(ROOT, file), "utf8"), true, true).importedFiles.map((one) => one.fileName);
  const near = names.filter((name) => name.startsWith("."));
  return { files: near.map((name) => resolve(join(dirname(file), name))), packages: names.filter((name) => !name.startsWith(".")) };
}

function resolve(path: string): string {
  return existsSync(join(ROOT, `${path}.ts`)) ? `${path}.ts` : path;
}

/** Imports of src that the table does not allow. */
function strangers(parts: Record<string, Part>): string[] {
  const wrong: string[] = [];
  for (const [name, { files: list, below, also = "" }] of Object.entries(parts)) {
    const own = list.split(" ");
    const may = [...below.flatMap((part) => parts[part].files.split(" ")), ...also.split(" ")];
    own.forEach((file, i) => {
      for (const other of imports(`src/${file}.ts`).files.map((path) => basename(path, ".ts"))) {
        if (!may.includes(other) && !own.slice(0, i).includes(other)) wrong.push(`${file} (${name}) imports ${other}`);
      }
    });
  }
  return wrong;
}

/** The first cycle of imports among these files, "" if there is none. */
function cycle(all: string[]): string {
  const done = new Set<string>();
  const walk = (file: string, path: string[]): string => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file].join(" > ");
    if (done.has(file) || !all.includes(file)) return "";
    for (const next of imports(file).files) {
      const found = walk(next, [...path, file]);
      if (found) return found;
    }
    done.add(file);
    return "";
  };
  for (const file of all) {
    const found = walk(file, []);
    if (found) return found;
  }
  return "";
}

/** Names that a bundle requires or imports. */
function needs(code: string, format: string): string[] {
  const found: string[] = [];
  const look = (node: any): void => {
    if (!node || typeof node !== "object") return;
    if (node.source?.type === "Literal") found.push(node.source.value);
    if (node.type === "CallExpression" && node.callee.name === "require") found.push("require");
    for (const key of Object.keys(node)) look(node[key]);
  };
  look(parse(code, { ecmaVersion: format === "es" ? 2020 : 5, sourceType: format === "es" ? "module" : "script" }));
  return found;
}

describe("import", () => {
  it("has every file of src in one part", () => {
    const listed = Object.values(PARTS).flatMap((part) => part.files.split(" "));
    assert.deepEqual([...listed].sort(), files("src").map((file) => basename(file, ".ts")).sort());
  });

  it("has in tools/type nothing that runs", () => {
    const types = files("tools").filter((file) => dirname(file) === join("tools", "type"));
    assert.ok(types.length > 0);
    for (const file of types) {
      const { outputText } = ts.transpileModule(readFileSync(join(ROOT, file), "utf8"), { compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext, removeComments: true, ignoreDeprecations: "6.0" } });
      assert.doesNotMatch(outputText, /^(?!export|import)\S/m, file);
    }
  });

  it("goes one way in src", () => assert.deepEqual(strangers(PARTS), []));

  it("has no line in the table that is not used", () => {
    for (const [name, part] of Object.entries(PARTS)) {
      const used = new Set(part.files.split(" ").flatMap((file) => imports(`src/${file}.ts`).files.map((path) => basename(path, ".ts"))));
      for (const file of part.also?.split(" ") ?? []) assert.ok(used.has(file), `${name} does not import ${file}`);
      for (const below of part.below) assert.ok(PARTS[below].files.split(" ").some((file) => used.has(file)), `${name} imports nothing of ${below}`);
    }
  });

  for (const [folder, may] of Object.entries(FOLDERS)) {
    it(`keeps ${folder} to ${may.join(", ")}, without cycles`, () => {
      const all = files(folder);
      for (const file of all) {
        for (const other of imports(file).files) assert.ok(may.includes(other.split(sep)[0]), `${file} imports ${other}`);
      }
      assert.equal(cycle(all), "");
    });
  }

  it("takes no package into src and boards, and only tools of the project elsewhere", () => {
    const { devDependencies } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
    for (const file of [...files("src"), ...files("boards")]) assert.deepEqual(imports(file).packages.filter((name) => name !== "node:vm"), [], file);
    for (const file of [...files("tools"), ...files("test")]) {
      // text of a program that a test writes may have an import in it
      for (const name of imports(file).packages) if (!name.includes("${")) assert.ok(name.startsWith("node:") || name in devDependencies, `${file} imports ${name}`);
    }
  });

  it("leaves nothing to install at run time", () => {
    const { dependencies, peerDependencies, optionalDependencies } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
    assert.deepEqual([dependencies, peerDependencies, optionalDependencies], [undefined, undefined, undefined]);
    for (const { file, format } of FLAVOURS) assert.deepEqual(needs(readFileSync(join(ROOT, file), "utf8"), format), [], file);
  });

  it("sees a bundle that needs something", () => {
    assert.deepEqual(needs("var a = require('a');", "cjs"), ["require"]);
    assert.deepEqual(needs("import a from 'a'; export { b } from 'b'; export * from 'c';", "es"), ["a", "b", "c"]);
  });
});
