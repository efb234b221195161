import { readFileSync } from "node:fs";
import { buffer } from "node:stream/consumers";
import { parseArgs, type ParseArgsConfig } from "node:util";
import { shown } from "./terminal";

type Spec = NonNullable<ParseArgsConfig["options"]>;

const WIDE = 100; // characters of a line of names in a help text

/** Names for a help text: as many in a line as there is room for, each further line behind `indent`. */
export function list(names: string[], indent: string): string {
  const lines = [""];
  for (const name of names) {
    const last = lines.length - 1;
    const longer = lines[last] ? `${lines[last]}, ${name}` : name;
    if (!lines[last] || longer.length <= WIDE) lines[last] = longer;
    else lines[last] += ",", lines.push(name);
  }
  return lines.join(`\n${indent}`);
}

/** Text in lines of at most `columns` characters, broken between words; an indented line goes on as far in. Longer words and rows of tables stay whole. */
export function fold(text: string, columns = Infinity): string {
  return text.split("\n").map((line) => broken(line, columns)).join("\n");
}

function broken(line: string, columns: number): string {
  if (line.length <= columns || /\S {2,}\S/.test(line)) return line;
  const indent = /^ */.exec(line)![0];
  const lines: string[] = [];
  for (const word of line.trim().split(/ (?!%)/)) { // 12 % stays together
    const last = lines.length - 1;
    if (last >= 0 && lines[last].length + 1 + word.length <= columns) lines[last] += ` ${word}`;
    else lines.push(indent + word);
  }
  return lines.join("\n");
}

/** What a tool is asked for: values by option, and what stands beside options. */
export interface Asked {
  values: Record<string, string | boolean | undefined>;
  rest: string[];
}

/**
 * Runs a tool: prints `help` for --help, ends with the exit code that `main` gives (none: 0), or with one line
 * "name: what is wrong" and exit code 1 when it throws. TIDYHEAP_STACK=1 shows where an error came from.
 */
export function command(name: string, help: string, main: (args: string[]) => Promise<number | void> | number | void): void {
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => process.exit(1)); // whoever read the output has gone
  const args = process.argv.slice(2);
  if (args.includes("--help") || args.includes("-h")) return console.log(help);
  Promise.resolve()
    .then(() => main(args))
    .then(
      (code) => void (process.exitCode = code ?? 0),
      (error) => {
        visible?.end();
        console.error(`${name}: ${explain(error)}`);
        if (process.env.TIDYHEAP_STACK) console.error(error?.stack);
        process.exitCode = 1;
      }
    );
}

const FAULTS: Record<string, (path: string) => string> = {
  ENOENT: (path) => `there is no ${path}`,
  EACCES: (path) => `no permission for ${path}`,
  EPERM: (path) => `no permission for ${path}`,
  EROFS: (path) => `${path} cannot be written, its file system is read-only`,
  EISDIR: (path) => `${path} is a folder`,
  ENOTDIR: (path) => `${path} has a file where a folder should be`,
  EEXIST: (path) => `${path} is there already`,
  ENOSPC: (path) => `no space left for ${path}`
};

/** One line for an error: what the system says of a file in plain words, else the first line of its message. */
export function explain(error: any): string {
  const fault = FAULTS[error?.code];
  if (error?.code === "EISDIR" && error.path === undefined) return "that is a folder, not a file"; // reading one: the system names no path
  if (fault && typeof error.path === "string" && error.syscall !== undefined) return shown(/^spawn/.test(error.syscall) ? `${error.path} cannot be started` : fault(error.dest ?? error.path));
  return shown(String(error?.message ?? error).trim().split(/\r?\n/)[0]);
}

/** Reads arguments as node:util does. Throws one line that says what is wrong; `most` things may stand beside options. */
export function options(args: string[], spec: Spec, most = 0): Asked {
  const { tokens } = parseArgs({ args, options: spec, strict: false, allowPositionals: true, tokens: true });
  const asked: Asked = { values: {}, rest: [] };
  for (const token of tokens) {
    if (token.kind === "positional") asked.rest.push(token.value);
    if (token.kind !== "option") continue;
    const { name, rawName, value } = token;
    if (!Object.keys(spec).includes(name)) throw new Error(`no option ${rawName}, see --help`);
    if (spec[name].type === "boolean" && value !== undefined) throw new Error(`${rawName} takes no value`);
    if (spec[name].type === "string" && (value === undefined || (!token.inlineValue && /^-./.test(value)))) throw new Error(`${rawName} needs a value`);
    if (name in asked.values) throw new Error(`${rawName} is given twice`);
    asked.values[name] = value ?? true;
  }
  if (asked.rest.length > most) throw new Error(`"${asked.rest[most]}" is one too many, see --help`);
  return asked;
}

/** The text of a file, or of standard input for "-". Rejects with what the system says: explain() has words for it. */
export async function input(file: string): Promise<string> {
  return decode(file === "-" ? await buffer(process.stdin) : readFileSync(file));
}

/** The text of a file: UTF-8, or UTF-16 as the PowerShell of Windows writes it. Throws when it is too long for a string. */
export function decode(bytes: Uint8Array): string {
  const [one, two] = bytes;
  return new TextDecoder(one === 255 && two === 254 ? "utf-16le" : one === 254 && two === 255 ? "utf-16be" : "utf-8").decode(bytes);
}

/** The number in the text of an option, undefined when it was not given. Throws unless it is whole and from `least` to `most`. */
export function whole(name: string, text: string | boolean | undefined, least: number, most: number): number | undefined {
  if (text === undefined) return undefined;
  const value = typeof text === "string" && /^\d+$/.test(text) ? Number(text) : NaN;
  if (!(value >= least && value <= most)) throw new Error(`${name} is ${String(text)}, expected a whole number from ${least} to ${most}`);
  return value;
}

/** Where progress is shown: process.stderr, or what a test puts in its place. */
export interface Screen {
  isTTY?: boolean;
  columns?: number;
  write(text: string): unknown;
}

const SILENT_MS = 2000; // what is over sooner shows nothing
const LINE_MS = 5000; // from one line to the next where there is no terminal
const FRAME_MS = 100; // and in a terminal

/** What is on the screen now: an error that ends the tool takes it away. */
let visible: Progress | undefined;

/** Shows how far something is that takes longer than two seconds: one line that changes in a terminal, else a line now and then. */
export class Progress {
  private readonly from: number;
  private next: number;
  private shown = false;

  constructor(private readonly out: Screen = process.stderr, private readonly clock: () => number = Date.now) {
    this.from = clock();
    this.next = this.from + SILENT_MS;
  }

  /** What is being done, and how much of it: `done` of `total`. */
  show(text: string, done?: number, total?: number): void {
    const now = this.clock();
    if (now < this.next) return;
    this.next = now + (this.out.isTTY ? FRAME_MS : LINE_MS);
    const share = total ? ` ${Math.floor((100 * (done ?? 0)) / total)} %` : "";
    const line = `${text}${share}, ${Math.round((now - this.from) / 1000)} s`;
    this.out.write(this.out.isTTY ? `\r\x1b[K${line.slice(0, Math.max(1, (this.out.columns ?? 80) - 1))}` : `${line}\n`);
    this.shown = true;
    visible = this;
  }

  /** Shows `text` for as long as `work` takes, and gives what that gives. For work that lets timers run. */
  async during<T>(text: string, work: Promise<T>): Promise<T> {
    const beat = setInterval(() => this.show(text), FRAME_MS);
    try {
      return await work;
    } finally {
      clearInterval(beat);
      this.end();
    }
  }

  /** Takes the line in the terminal away. */
  end(): void {
    if (this.shown && this.out.isTTY) this.out.write("\r\x1b[K");
    this.shown = false;
  }
}
