import { parseArgs, type ParseArgsConfig } from "node:util";

type Spec = NonNullable<ParseArgsConfig["options"]>;

/** What a tool is asked for: values by option, and what stands beside options. */
export interface Asked {
  values: Record<string, string | boolean | undefined>;
  rest: string[];
}

/**
 * Runs a tool: prints `help` for --help, ends with the exit code that `main` gives (none: 0), or with one line
 * "name: what is wrong" and exit code 1 when it throws.
 */
export function command(name: string, help: string, main: (args: string[]) => Promise<number | void> | number | void): void {
  process.stdout.on("error", () => process.exit(1)); // whoever read the output has gone
  const args = process.argv.slice(2);
  if (args.includes("--help") || args.includes("-h")) return console.log(help);
  Promise.resolve()
    .then(() => main(args))
    .then(
      (code) => void (process.exitCode = code ?? 0),
      (error) => {
        console.error(`${name}: ${String(error?.message ?? error).split("\n")[0]}`);
        process.exitCode = 1;
      }
    );
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
  }

  /** Takes the line in the terminal away. */
  end(): void {
    if (this.shown && this.out.isTTY) this.out.write("\r\x1b[K");
    this.shown = false;
  }
}
