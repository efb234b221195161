import { writeFileSync } from "node:fs";
import { extname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { command, fold, input, options, Progress, whole } from "./command";
import { history } from "./picture/history";
import { html } from "./picture/html";
import { recordings } from "./picture/recording";
import { svg } from "./picture/svg";
import { print } from "./picture/text";
import { summary } from "./picture/words";

const ROOT = join(__dirname, "..");
const SAMPLE = join(ROOT, "test", "traces", "first.trace");
const PAGE = "tidyheap.html";
const MOST_TRACES = 9999;
const MOST_COLUMNS = 1000;

const HELP = `usage: npm run picture -- [FILE|-] [options]
Shows what record(pool) of tidyheap-record has written: every block over its time of life, by address.
Without FILE: a page of a recording that comes with the sources, as ${PAGE}.

  FILE             a trace, or a whole log of a console with one in it; - reads standard input
  -o FILE          .html: a page that has everything in it; .svg: a picture for documents; .txt: as --text.
                   Without it the picture is printed as text
  --trace N        the N-th trace of the file, from 1 (default: the last)
  --colour WHAT    age or owner (default age; the page has a switch)
  --axis WHAT      operation or time (default operation)
  --text           prints the picture as text, also beside -o
  --columns N      columns of the text (default: those of the terminal)
  --help           this text

The exit code is 1 when the trace has gaps, or comes to something else than the pool itself said: the picture is made all
the same and says what in it is right.`;

const TEXT = { type: "string" } as const;
const FLAG = { type: "boolean" } as const;

/** Where something is printed. */
interface Output {
  isTTY?: boolean;
  columns?: number;
  write(text: string): unknown;
}

/** Reads a trace and shows it as the arguments say. Gives 1 when not all of it is certain, and says why on `err`. */
export async function picture(args: string[], out: Output = process.stdout, err: Output = process.stderr): Promise<number> {
  const { values, rest } = options(args, { o: { ...TEXT, short: "o" }, trace: TEXT, colour: TEXT, axis: TEXT, text: FLAG, columns: TEXT }, 1);
  const file = rest[0] ?? SAMPLE;
  const target = (values.o as string | undefined) ?? (rest.length || values.text ? undefined : PAGE);
  const kind = target === undefined ? "" : extname(target).toLowerCase();
  if (target !== undefined && ![".html", ".htm", ".svg", ".txt"].includes(kind)) throw new Error(`-o is ${target}, expected a name that ends with .html, .svg or .txt`);
  if (target !== undefined && resolve(target) === resolve(file)) throw new Error(`-o is ${target}: the recording in it would be gone`);
  const axis = among("--axis", values.axis, ["operation", "time"]) ?? "operation";
  const columns = whole("--columns", values.columns, 20, MOST_COLUMNS);
  const wanted = whole("--trace", values.trace, 1, MOST_TRACES);
  const chosen = among("--colour", values.colour, ["age", "owner"]);

  const progress = new Progress(err);
  progress.show("reading");
  const all = recordings(await input(file));
  const name = file === "-" ? "standard input" : file === SAMPLE ? "a recording of npm start" : file;
  if (!all.length) throw new Error(`${name} has no trace in it: record(pool) of tidyheap-record writes lines like @p4.1 A6bk.5k.0`);
  if (wanted !== undefined && wanted > all.length) throw new Error(`--trace is ${wanted}, ${name} has ${all.length}`);
  const lines = all[(wanted ?? all.length) - 1];
  const made = history(lines);
  const colouring = chosen ?? "age";
  const title = `Memory over time: ${file === "-" ? "a recording" : file === SAMPLE ? "npm start" : file.split(/[\\/]/).pop()}`;
  progress.show("drawing");
  if (kind === ".svg") writeFileSync(target!, svg(made, { title, colouring, axis }));
  else if (kind === ".txt") writeFileSync(target!, print(made, columns ?? 80, false));
  else if (target !== undefined) writeFileSync(target, html({ title, script: await script(), trace: lines.join("\n"), colouring, axis }));
  progress.end();
  if (target === undefined || values.text) out.write(print(made, columns ?? Math.min(160, out.columns ?? 80), out.isTTY === true && !process.env.NO_COLOR));

  const wide = out.isTTY ? (columns ?? out.columns) : undefined;
  out.write(`${fold(summary(made), wide)}\n`);
  if (all.length > 1) out.write(`${name} has ${all.length} traces, this is number ${wanted ?? all.length}: --trace N shows another.\n`);
  if (target !== undefined) out.write(`Open ${kind === ".txt" ? resolve(target) : pathToFileURL(resolve(target)).href}\n`);
  else out.write(`A page to look around in: npm run picture -- ${file} -o memory.html\n`);
  const doubts = made.doubts();
  if (doubts.length) err.write(`picture: not all of this is certain. ${doubts.join(" ")}\n`);
  return doubts.length ? 1 : 0;
}

let bundled: Promise<string> | undefined;

/** The script of the page. */
async function script(): Promise<string> {
  const { page } = await import("./bundle"); // rollup and TypeScript: slow to load, not needed for text
  return (bundled ??= page(join(__dirname, "picture", "page.ts")));
}

function among<T extends string>(name: string, value: string | boolean | undefined, list: readonly T[]): T | undefined {
  if (value !== undefined && !list.includes(value as T)) throw new Error(`${name} is ${value}, expected ${list.join(" or ")}`);
  return value as T | undefined;
}

if (require.main === module) command("picture", HELP, (args) => picture(args));
