import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { basename, extname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { named } from "../tools/engine";

const ROOT = join(__dirname, "..");
const TOOLS = join(ROOT, "tools");
const WIDEST = 150; // characters of a line of help
const QUICK_MS = 5000; // of a program that only says something, on a machine that does other things as well
const AT_ONCE = 2;

const read = (file: string): string => readFileSync(join(ROOT, file), "utf8");

/** Files of tools/ with TypeScript in them. */
const FILES = readdirSync(TOOLS).filter((name) => /\.m?ts$/.test(name));

/** Those that are started: by name, the file. */
const PROGRAMS = new Map(FILES.flatMap((file): [string, string][] => {
  const name = /^(?:if \(require\.main === module\) (?:\{\s+)?)?command\("([\w-]+)"/m.exec(read(`tools/${file}`))?.[1];
  return name === undefined ? [] : [[name, file]];
}));

const SCRIPTS: Record<string, string> = JSON.parse(read("package.json")).scripts;

/** What is read by people: documents, and the texts of the tools. */
const TEXTS = [...readdirSync(ROOT), ...readdirSync(join(ROOT, "docs")).map((name) => join("docs", name)), join(".ci", "run.sh")].filter((file) => file.endsWith(".md"));

/** A file that is not there, by a name as Windows has them: on other systems a file of this folder. */
const ABSENT = "C:\\no such folder\\absent.js";

/** Arguments that ask a program for that file. */
const ASKING: Record<string, string[]> = { dialect: [ABSENT], engine: ["duktape", ABSENT], start: ["--input", ABSENT], picture: [ABSENT], replay: [ABSENT] };

interface Exit {
  code: number | null;
  out: string;
  error: string;
  ms: number;
}

const waiting: (() => void)[] = [];
let running = 0;

/** Starts a tool as npm does, few at a time. `deaf`: nobody reads what it prints. */
async function child(file: string, args: string[], deaf = false): Promise<Exit> {
  if (running >= AT_ONCE) await new Promise<void>((resolve) => waiting.push(resolve));
  running++;
  const from = performance.now();
  const loader = extname(file) === ".mts" ? `--import=${pathToFileURL(require.resolve("tsx")).href}` : `--require=${require.resolve("tsx/cjs")}`; // the quicker one where it suffices
  try {
    return await new Promise((resolve, reject) => {
      const one = spawn(process.execPath, [loader, join(TOOLS, file), ...args], { cwd: ROOT, stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, NO_COLOR: "1" } });
      const exit: Exit = { code: null, out: "", error: "", ms: 0 };
      one.stdout.on("data", (data) => (exit.out += data));
      one.stderr.on("data", (data) => (exit.error += data));
      if (deaf) one.stdout.destroy();
      one.on("error", reject);
      one.on("close", (code) => resolve({ ...exit, code, ms: performance.now() - from }));
    });
  } finally {
    running--;
    waiting.shift()?.();
  }
}

/** Files that a tool could leave behind or write anew, with their times. */
function present(): string[] {
  return ["", "dist", "docs", "tools"].flatMap((folder) => readdirSync(join(ROOT, folder), { withFileTypes: true }).map((entry) => `${folder}/${entry.name} ${entry.isFile() ? statSync(join(ROOT, folder, entry.name)).mtimeMs : ""}`));
}

describe("tool", function () {
  this.timeout(60000);
  /** What all programs answer to the same question. */
  function ask(args: (name: string) => string[] | undefined): Promise<[string, Exit][]> {
    const asked = [...PROGRAMS].filter(([name]) => args(name));
    return Promise.all(asked.map(async ([name, file]): Promise<[string, Exit]> => [name, await child(file, args(name)!)]));
  }

  it("is made by tools/command.ts where it is a program, and is called as its file", () => {
    for (const name of ["bench", "dialect", "engine", "mutate", "proof", "prove", "size", "start"]) assert.ok(PROGRAMS.has(name), name);
    for (const [name, file] of PROGRAMS) assert.equal(basename(file, extname(file)), name);
    for (const file of FILES.filter((name) => name !== "command.ts" && ![...PROGRAMS.values()].includes(name))) {
      assert.doesNotMatch(read(`tools/${file}`), /process\.argv|require\.main/, `tools/${file} is a program without command()`);
    }
  });

  it("explains itself at once, with --help, and leaves nothing behind", async () => {
    const before = present();
    for (const [name, { code, out, error, ms }] of await ask(() => ["--help"])) {
      const [script] = Object.entries(SCRIPTS).find(([, text]) => text.includes(`tools/${PROGRAMS.get(name)}`)) ?? [];
      const call = script ? `npm ${script === "start" ? script : `run ${script}`}` : `node --import=tsx tools/${PROGRAMS.get(name)}`;
      assert.deepEqual([code, error], [0, ""], name);
      assert.ok(out.startsWith(`usage: ${call}`), `${name}: ${out.split("\n")[0]}`);
      assert.ok(ms < QUICK_MS, `${name} takes ${ms} ms`);
      for (const [, option] of read(`tools/${PROGRAMS.get(name)}`).matchAll(/\b(\w+): *(?:TEXT|FLAG|\{ *(?:\.\.\.TEXT|type: "))/g)) assert.match(out, new RegExp(`-${option}\\b`), `${name} does not explain it`);
      for (const line of out.split("\n")) assert.ok(line.length <= WIDEST, `${name} is ${line.length} wide: ${line}`);
    }
    assert.deepEqual(present(), before);
  });

  it("refuses an option it does not know in one line that names it, and ends with 1", async () => {
    const before = present();
    for (const [name, { code, out, error }] of await ask(() => ["--no-such=C:\\x"])) {
      assert.deepEqual([code, out, error], [1, "", `${name}: no option --no-such, see --help\n`]);
    }
    assert.deepEqual(present(), before);
  });

  it("refuses a file that is not there in one line with its path as it was given", async () => {
    for (const [name, { code, out, error }] of await ask((one) => ASKING[one])) {
      assert.deepEqual([code, out], [1, ""], name);
      assert.match(error, /^[^\n]+\n$/);
      assert.ok(error.startsWith(`${name}: `) && error.includes(ABSENT), error);
    }
  });

  it("ends without a word when nobody reads what it prints", async () => {
    const { code, error } = await child("start.ts", ["--help"], true);
    assert.deepEqual([typeof code, error], ["number", ""]);
  });

  it("takes engines by paths of Windows", () => {
    const list = "espruino=C:\\Program Files\\espruino.exe;jerry=D:/jerry.exe";
    assert.throws(() => named(list), { message: "TIDYHEAP_ENGINES names espruino=C:\\Program Files\\espruino.exe, which is no program that can be run" });
    assert.deepEqual(named(`node=${process.execPath}; `), [{ name: "node", path: process.execPath }]);
  });

  describe("script", () => {
    it("starts a tool that is there", () => {
      for (const [name, text] of Object.entries(SCRIPTS)) {
        for (const [, file] of text.matchAll(/(tools\/\S+\.(?:m?ts|json|mjs))/g)) assert.ok(existsSync(join(ROOT, file)), `npm run ${name}: ${file}`);
      }
      for (const [name, file] of PROGRAMS) if (SCRIPTS[name]) assert.ok(SCRIPTS[name].includes(`tools/${file}`), name);
    });

    it("needs no shell of Unix", () => {
      for (const [name, text] of Object.entries(SCRIPTS)) assert.doesNotMatch(text.replace(/"[^"]*"/g, ""), /['$`;|<>]|(^|&& )\s*(\w+=|(rm|cp|mv|mkdir|cat|echo|export|test) )/, `npm run ${name}`);
    });

    it("is there wherever a document or a tool tells one to run it", () => {
      const told = [...TEXTS, ...FILES.map((file) => `tools/${file}`), ...readdirSync(TOOLS, { withFileTypes: true }).filter((entry) => entry.isDirectory()).flatMap(({ name }) => readdirSync(join(TOOLS, name)).map((file) => `tools/${name}/${file}`))];
      let count = 0;
      for (const file of told) {
        for (const [, name] of read(file).matchAll(/npm run ([a-z][\w-]*(?::\w+)*)/g)) assert.ok(name in SCRIPTS, `${file}: npm run ${name}`), count++;
        for (const [, path] of read(file).matchAll(/\b((?:tools|test|boards|src|docs|examples)\/[\w/-]+\.(?:m?ts|json|md|mjs|cjs|js))\b/g)) assert.ok(/[A-Z]{3}/.test(path) || existsSync(join(ROOT, path)), `${file}: ${path}`), count++;
      }
      assert.ok(count > 40, `${count} found`);
    });
  });

  it("starts no program through a shell, and takes no path apart by hand", () => {
    const all = readdirSync(TOOLS, { recursive: true, encoding: "utf8" }).filter((name) => /\.m?ts$/.test(name)).map((name) => join("tools", name));
    for (const file of all) {
      assert.doesNotMatch(read(file), /\bexecSync\(|shell: *true|spawn(Sync)?\(\s*["'](npm|npx|sh|bash|node)\b/, file);
      assert.doesNotMatch(read(file), /import\.meta\.url\)?\.pathname|__dirname \+ |["'`]\/tmp\b/, file);
    }
  });
});
