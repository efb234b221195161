import { execFileSync, spawn } from "node:child_process";
import { accessSync, constants, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import type { QuickJSWASMModule } from "quickjs-emscripten-core";
import { command, options, Progress } from "./command";
import { printed } from "./terminal";

/** A JavaScript engine a script can be run in. `path` is "" for the ones that come with npm and run inside Node. */
export interface Engine {
  name: string;
  path: string;
}

/** What a script printed, line by line, and how it ended. */
export interface Run {
  lines: string[];
  /** "" when the script ran to its end, else why not: an uncaught error, an exit code, a signal, the timeout. */
  fault: string;
  /** Instructions executed, 0 unless they were counted. */
  instructions: number;
}

export interface Limit {
  /** Milliseconds until the engine is killed, 20000 by default. */
  timeout?: number;
  /** Count instructions with valgrind's callgrind, which slows the engine about 50 times. */
  count?: boolean;
  /** Options for the engine, before the file's name. */
  args?: string[];
  /** Files the script finds in its working folder, text by name. */
  files?: Record<string, string>;
  /** Modules the script can require from Storage, where they take no engine memory. Espruino only. */
  modules?: Record<string, string>;
}

/** Every engine that is tried with all a program needs. The first two are npm packages, the next two are looked for on PATH, all can be named. */
const KNOWN = ["duktape", "quickjs", "duk", "njs", "espruino", "espruino64", "espruino12000", "jerry", "jerry24", "jerry20", "mqjs"];

/** Engines that hold a part of it only, and why: few bytes, or no typed arrays. */
export const SMALL: Record<string, string> = {
  quickjs64: "64 KB",
  espruino2500: "2,500 JsVars",
  jerry16: "16 KB",
  mujs: "no typed arrays"
};

/** What TIDYHEAP_NEED may name and is no engine here: the browser of the tests of pages. */
const BROWSER = "chromium";

const KB = 1024;
const INSIDE: Record<string, (source: string) => Promise<string>> = { duktape, quickjs: (source) => quickjs(source), quickjs64: (source) => quickjs(source, 64 * KB) };
const ON_PATH = ["duk", "njs", "mujs"];
const PRINT = 'var print=typeof print!=="undefined"?print:function(s){console.log(s)};';
const PIECE = 4000;
const WAIT = 60000; // milliseconds for files given on the command line
const SLOWER = 50; // callgrind against a plain run, measured on Espruino

/** Path of a program on PATH, or "". */
export function which(program: string): string {
  const folders = (process.env.PATH ?? "").split(delimiter).filter(Boolean);
  const ends = process.platform === "win32" ? (process.env.PATHEXT ?? ".EXE").split(";") : [""];
  return folders.flatMap((folder) => ends.map((end) => join(folder, program + end))).find(runnable) ?? "";
}

/** The engines named by TIDYHEAP_ENGINES ("espruino=/path;jerry=/path"). Throws on an entry that names no runnable file. */
export function named(list = process.env.TIDYHEAP_ENGINES ?? ""): Engine[] {
  return list.split(";").filter((entry) => entry.trim()).map(parse);
}

/** The engine of that name, or undefined when this machine has none. */
export function find(name: string): Engine | undefined {
  if (INSIDE[name]) return { name, path: "" };
  const given = named().find((engine) => engine.name === name);
  if (given) return given;
  const path = ON_PATH.includes(name) ? which(name) : "";
  return path ? { name, path } : undefined;
}

/** Names of all engines a test should try: the known ones and whatever else TIDYHEAP_ENGINES names. Without the small ones. */
export function names(): string[] {
  return all().filter((name) => !(name in SMALL));
}

/** The same with the small ones. */
export function all(): string[] {
  return [...new Set([...KNOWN, ...Object.keys(SMALL), ...named().map((engine) => engine.name), ...needs().filter((name) => name !== BROWSER)])];
}

/** Whether TIDYHEAP_NEED asks for this engine: then its absence is a failure and not a skip. */
export function needed(name: string): boolean {
  return needs().includes(name);
}

/** Whether an engine is Espruino: named "espruino", "espruino64" and the like. */
export function isEspruino(engine: Engine): boolean {
  return engine.name.startsWith("espruino");
}

/** What an engine says it is, as far as it tells. */
export async function version(engine: Engine): Promise<string> {
  const { name, path } = engine;
  if (isEspruino(engine)) {
    const { lines } = await run(engine, 'var m=process.memory();print("@ "+process.version+", "+m.total+" JsVars of "+m.blocksize+" bytes")');
    return lines.map((line) => /@ (.*)/.exec(line)?.[1]).find(Boolean) ?? "";
  }
  if (name.startsWith("jerry")) return told(path, ["--version"]).replace("Version: ", "JerryScript ");
  if (name === "njs") return told(path, ["-v"]);
  if (name === "duk" || name === "duktape") {
    const { lines } = await run(engine, "print(Duktape.version)");
    return `Duktape ${lines[0].replace(/^(\d)(\d\d)(\d\d)$/, (_, a, b, c) => `${a}.${+b}.${+c}`)}`;
  }
  return name.startsWith("quickjs") ? `QuickJS of ${require("@jitl/quickjs-singlefile-cjs-release-sync/package.json").version}` : "";
}

function told(path: string, args: string[]): string {
  try {
    return execFileSync(path, args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).split("\n")[0].trim();
  } catch {
    return "";
  }
}

/**
 * Runs ES5 source in an engine and returns what it printed. `print` is defined everywhere. Never rejects for what the
 * script does (see `fault`); rejects when the engine cannot be started or counting is asked for where it cannot be done.
 */
export async function run(engine: Engine, source: string, limit: Limit = {}): Promise<Run> {
  if (!engine.path) return inside(engine, source, limit);
  const folder = mkdtempSync(join(tmpdir(), "tidyheap-"));
  try {
    const file = join(folder, "script.js");
    for (const [name, text] of Object.entries(limit.files ?? {})) writeFileSync(join(folder, name), text);
    await keep(engine, limit.modules ?? {}, folder, limit.timeout);
    writeFileSync(file, PRINT + source);
    return await outside(engine, file, folder, limit);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Writes modules into Storage, PIECE bytes at a time, because the smallest heaps do not hold a whole one. */
async function keep(engine: Engine, modules: Record<string, string>, folder: string, timeout?: number): Promise<void> {
  const pieces: string[] = [];
  for (const [name, text] of Object.entries(modules)) {
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length; at += PIECE) {
      const file = `piece${pieces.length}`;
      writeFileSync(join(folder, file), bytes.subarray(at, at + PIECE));
      pieces.push(`require("Storage").write(${JSON.stringify(name)},require("fs").readFileSync("${file}"),${at},${bytes.length});`);
    }
  }
  const file = join(folder, "keep.js");
  writeFileSync(file, pieces.join("\n"));
  if (pieces.length) await outside(engine, file, folder, { timeout });
}

function needs(): string[] {
  return (process.env.TIDYHEAP_NEED ?? "").split(",").map((name) => name.trim()).filter(Boolean);
}

function parse(entry: string): Engine {
  const cut = entry.indexOf("=");
  const name = entry.slice(0, cut).trim();
  const path = entry.slice(cut + 1).trim();
  if (cut < 1 || !name) throw new Error(`TIDYHEAP_ENGINES has "${entry}", expected name=path`);
  if (!runnable(path)) throw new Error(`TIDYHEAP_ENGINES names ${name}=${path}, which is no program that can be run`);
  return { name, path };
}

function runnable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

async function inside(engine: Engine, source: string, limit: Limit): Promise<Run> {
  if (limit.count) throw new Error(`${engine.name} runs inside Node: its instructions cannot be counted`);
  const lines = (await INSIDE[engine.name](source)).split("\n").filter((line) => line !== "");
  return { lines, fault: uncaught(lines), instructions: 0 };
}

function outside(engine: Engine, file: string, folder: string, limit: Limit): Promise<Run> {
  const wait = (limit.timeout ?? 20000) * (limit.count ? SLOWER : 1);
  const command = limit.count ? [valgrind(), "--tool=callgrind", "--callgrind-out-file=/dev/null"] : [];
  const [program, ...args] = [...command, engine.path, ...(limit.args ?? []), file];
  return new Promise((resolve, reject) => {
    // Espruino reads garbage for ever after an end of its input: the pipe stays open until the engine is gone.
    const child = spawn(program, args, { cwd: folder, stdio: ["pipe", "pipe", "pipe"] });
    let out = "";
    let err = "";
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      child.kill("SIGKILL");
    }, wait);
    child.stdin.on("error", () => undefined); // an engine that ends first closes the pipe
    child.stdout.on("data", (data) => (out += data));
    child.stderr.on("data", (data) => (err += data));
    child.on("error", reject);
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      const ending = late ? `still running after ${wait} ms` : signal ? `ended by ${signal}` : code ? `exit code ${code}` : "";
      resolve(outcome(`${out}\n${err}`, ending));
    });
  });
}

function valgrind(): string {
  const path = which("valgrind");
  if (!path) throw new Error("valgrind is not on PATH: instructions cannot be counted");
  return path;
}

function outcome(text: string, ending: string): Run {
  const all = printed(text);
  const lines = all.filter((line) => !/^==\d+==/.test(line));
  const collected = /Collected : (\d+)/.exec(text);
  return { lines, fault: uncaught(lines) || ending, instructions: collected ? Number(collected[1]) : 0 };
}

// Exit codes are unreliable: Espruino returns 0 after an error in a timer.
function uncaught(lines: string[]): string {
  return lines.find((line) => /^(Uncaught|Unhandled exception|Thrown:|Out of memory)/i.test(line)) ?? "";
}

async function duktape(source: string): Promise<string> {
  const { getInstance } = require("duktape-eval");
  const machine = await getInstance();
  const catcher = "}catch(e){$l.push('Uncaught '+e)}return $l.join('\\n')})()";
  return machine.eval(`(function(){var $l=[],print=function(s){$l.push(String(s))};try{${source}\n${catcher}`);
}

let quick: Promise<QuickJSWASMModule> | undefined;

/**
 * In QuickJS, with a memory limit of `limit` bytes, 0 for none. In this WebAssembly build the limit does not count what it says: 8 bytes for each
 * allocation there is and all of the one that is made, because it cannot ask malloc for sizes.
 */
async function quickjs(source: string, limit = 0): Promise<string> {
  const { newQuickJSWASMModuleFromVariant } = await import("quickjs-emscripten-core");
  const { default: variant } = await import("@jitl/quickjs-singlefile-cjs-release-sync");
  quick ??= newQuickJSWASMModuleFromVariant(variant);
  const runtime = (await quick).newRuntime();
  if (limit) runtime.setMemoryLimit(limit);
  const context = runtime.newContext();
  const lines: string[] = [];
  const print = context.newFunction("print", (value) => void lines.push(context.getString(value)));
  context.setProp(context.global, "print", print);
  print.dispose();
  const result = context.evalCode(source);
  if (result.error) lines.push(`Uncaught ${describeError(context.dump(result.error))}`);
  result.dispose();
  context.dispose();
  runtime.dispose();
  return lines.join("\n");
}

function describeError(error: any): string {
  return error && error.message !== undefined ? `${error.name}: ${error.message}` : String(error);
}

const HELP = `usage: node --import=tsx tools/engine.ts [--count] NAME FILE...
       node --import=tsx tools/engine.ts --list
Runs ES5 files, joined, in one engine and prints what they print. The exit code is 1 when an error ended them.
  --list    the names, and where each is; engines are found on PATH or named in TIDYHEAP_ENGINES="name=path;name=path"
  --count   also prints how many instructions were executed, which takes valgrind and fifty times as long`;

const FLAG = { type: "boolean" } as const;

async function main(args: string[]): Promise<number> {
  const { values, rest } = options(args, { count: FLAG, list: FLAG }, Infinity);
  if (values.list) return say(all().map((name) => `${name}: ${where(name)}`));
  const [name = "", ...files] = rest;
  const engine = find(name);
  if (!engine) throw new Error(`no engine "${name}" here, --list shows those there are`);
  if (files.length === 0) throw new Error("no file given, see --help");
  const source = files.map((file) => readFileSync(file, "utf8")).join("\n");
  const { lines, instructions, fault } = await new Progress().during(name, run(engine, source, { count: values.count === true, timeout: WAIT }));
  say(lines);
  if (instructions) say([`${instructions} instructions`]);
  if (fault) throw new Error(fault);
  return 0;
}

function where(name: string): string {
  const engine = find(name);
  return engine ? engine.path || "npm package" : "not found";
}

function say(lines: string[]): number {
  for (const line of lines) console.log(line);
  return 0;
}

if (require.main === module) command("engine", HELP, main);
