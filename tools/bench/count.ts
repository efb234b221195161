import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { appendFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run, which, type Engine } from "../engine";
import { printed } from "../terminal";
import { END } from "./device";

/** What a program printed and how many instructions the engine executed for all of it. */
export interface Count {
  lines: string[];
  instructions: number;
}

/** Where finished runs are kept, so that a bench that was broken off goes on where it stopped. */
export const CACHE = join(tmpdir(), "tidyheap-bench.jsonl");

/** Files beside a program, by name. */
export type Files = Record<string, string>;

const TIMEOUT = 60000; // milliseconds of a run without callgrind

/** Counts instructions, and remembers the result by what was run: the engine, the program and the way of counting. */
export class Counter {
  private readonly known = new Map<string, any>();
  private readonly engineHash: string;

  constructor(readonly engine: Engine, fresh: boolean) {
    this.engineHash = hash(readFileSync(engine.path));
    if (fresh || !existsSync(CACHE)) return;
    for (const line of readFileSync(CACHE, "utf8").split("\n").filter(Boolean)) this.load(line);
  }

  /** Instructions of a whole run and all it printed, its errors too. Throws when the engine was ended from outside. */
  count(source: string, files: Files): Promise<Count> {
    return this.remember("count", source, files, async () => {
      const { lines, fault, instructions } = await run(this.engine, source, { count: true, timeout: TIMEOUT, files });
      if (!instructions) throw new Error(`${this.engine.name}: ${fault || "nothing was counted"}`);
      return { lines: fault ? [...lines, fault] : lines, instructions };
    });
  }

  /** Instructions between any two calls of the mark, in order; empty when the engine has no symbols to find the mark by. */
  marks(source: string, mark: string, files: Files): Promise<number[]> {
    return this.remember(`marks ${mark}`, source, files, () => marked(this.engine, source, mark, files));
  }

  private async remember<T>(how: string, source: string, files: Files, measure: () => Promise<T>): Promise<T> {
    const key = hash(`${this.engineHash} ${how} ${JSON.stringify(files)} ${source}`);
    if (!this.known.has(key)) {
      const value = await measure();
      this.known.set(key, value);
      appendFileSync(CACHE, `${JSON.stringify({ key, value })}\n`);
    }
    return this.known.get(key);
  }

  // A line cut off by a kill in the middle of writing is measured again.
  private load(line: string): void {
    try {
      const { key, value } = JSON.parse(line);
      this.known.set(key, value);
    } catch {
      return;
    }
  }
}

function hash(data: string | Buffer): string {
  return createHash("sha1").update(data).digest("hex");
}

// callgrind writes what was executed since the last call to a file each time the engine enters the marked function.
async function marked(engine: Engine, source: string, mark: string, files: Files): Promise<number[]> {
  const folder = mkdtempSync(join(tmpdir(), "tidyheap-"));
  try {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    writeFileSync(join(folder, "script.js"), source);
    const text = await callgrind(engine, folder, mark);
    const lines = printed(text).filter((line) => !/^==\d+==/.test(line));
    if (lines.some((line) => /out of memory|LOW_MEMORY/i.test(line))) return []; // it does not fit: no figures
    if (!lines.includes(END)) throw new Error(`${engine.name} did not end well: ${lines.slice(-3).join(" / ")}`);
    return dumps(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function callgrind(engine: Engine, folder: string, mark: string): Promise<string> {
  const args = ["--tool=callgrind", "--dump-line=no", `--dump-before=${mark}`, "--callgrind-out-file=dump", engine.path, "script.js"];
  return new Promise((resolve, reject) => {
    const child = spawn(which("valgrind"), args, { cwd: folder, stdio: ["pipe", "pipe", "pipe"] });
    let text = "";
    child.stdin.on("error", () => undefined); // an engine that ends first closes the pipe
    child.stdout.on("data", (data) => (text += data));
    child.stderr.on("data", (data) => (text += data));
    child.on("error", reject);
    child.on("close", () => resolve(text));
  });
}

// The first dump is what came before the first mark.
function dumps(folder: string): number[] {
  const files = readdirSync(folder).filter((name) => /^dump\.\d+$/.test(name));
  const sorted = files.sort((a, b) => Number(a.slice(5)) - Number(b.slice(5))).slice(1);
  return sorted.map((name) => Number(/^summary: (\d+)/m.exec(readFileSync(join(folder, name), "utf8"))?.[1]));
}
