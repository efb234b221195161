import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join, relative } from "node:path";
import { advise } from "../boards/board";
import { BOARDS } from "../boards/index";
import { command, fold, input, options, Progress, whole } from "./command";
import { count } from "./number";
import { board, flavour, report } from "./replay/advice";
import type { Result } from "./replay/measure";
import { FLAVOURS, play, type Flavour, type Setup, type Ticks } from "./replay/play";
import { program, type Program } from "./replay/program";
import { recorded } from "./replay/recorded";
import { NoPool, search, type Advice } from "./replay/search";
import { table } from "./replay/table";
import { parse, verify, type Trace } from "./trace";

const ROOT = join(__dirname, "..");
const FOLDER = join(ROOT, "test", "traces");
const MOST_COLUMNS = 12;
const MOST_BYTES = 1 << 30;

const HELP = `usage: npm run replay -- [trace] [options]
Runs a recorded program again, on simulated time, in a pool with other options, and says what would have happened.
A trace is what record(pool) of tidyheap-record wrote: a file, or the log of a console; - reads standard input.
Without options it also searches for the smallest pool that refuses nothing, and says which pool is right.
Without a trace it lists those of test/traces. docs/replay.md explains the table.

  --size BYTES       size of the pool             )
  --handles N        most blocks at a time        )
  --unit N           granule, a power of two      )  several values: --size 8192,12288
  --fit best|fast    how alloc looks for room     )  one column for each combination, ${MOST_COLUMNS} at most
  --pause N          most bytes one call may move )
  --tick MS:BYTES    ticks instead of those of the program, or none )
  --flavour NAME     ${FLAVOURS.join(", ")}          )
  --board NAME       board whose ticks are tried: ${Object.keys(BOARDS).slice(0, 3).join(", ")}, ... (default: that of the trace, or pico)
  --trace N          the N-th trace of the file, from 1 (default: the last)
  --json             everything as JSON
  --examples         records the programs of examples/ on their emulated boards, into test/traces
  --help             this text

The exit code is 1 when the trace has gaps, or comes to something else than the pool itself said: what is printed then says so.`;

const TEXT = { type: "string" } as const;
const SPEC = { size: TEXT, handles: TEXT, unit: TEXT, fit: TEXT, pause: TEXT, tick: TEXT, flavour: TEXT, board: TEXT, trace: TEXT, json: { type: "boolean" }, examples: { type: "boolean" } } as const;

type Values = Record<string, string | boolean | undefined>;

/** What one column of the table is. */
interface Column {
  name: string;
  setup?: Setup;
  result: Result;
}

/** Everything a replay found. */
export interface Replay {
  events: number;
  lost: number;
  /** What verify() says of the trace. */
  fault: string;
  unsound: number;
  before: number;
  columns: Column[];
  advice?: Advice;
  /** Why there is no advice although it was asked for. */
  without?: string;
}

/** Values of an option that may be a list. */
function list<T>(values: Values, name: string, base: T, read: (text: string) => T): T[] {
  const text = values[name];
  return text === undefined ? [base] : String(text).split(",").map(read);
}

function integer(name: string, least: number, most: number): (text: string) => number {
  return (text) => whole(`--${name}`, text, least, most)!;
}

function choice<T extends string>(name: string, all: readonly T[]): (text: string) => T {
  return (text) => {
    if (!all.includes(text as T)) throw new Error(`--${name} is ${text}, expected ${all.join(" or ")}`);
    return text as T;
  };
}

function granule(text: string): number {
  const unit = integer("unit", 1, 4096)(text);
  if (unit & (unit - 1)) throw new Error(`--unit is ${text}, expected a power of two from 1 to 4096`);
  return unit;
}

/** "20:256", or "none". */
function ticks(text: string): Ticks {
  if (text === "none") return "none";
  const match = /^(\d+):(\d+)$/.exec(text);
  if (!match) throw new Error(`--tick is ${text}, expected MS:BYTES or none`);
  return { ms: whole("--tick", match[1], 1, 1e9)!, budget: whole("--tick", match[2], 1, 1e9)! };
}

/** The pool that was recorded, as far as the trace says. */
export function setup({ head, about }: Trace): Setup {
  const { fit = "best", pause, generations } = about.options as Partial<Setup>;
  return { size: head.size, handles: head.handles, unit: head.unit || 1, fit, pause, generations, flavour: flavour(head), quick: !!board(about.board) || about.board === "LINUX" };
}

/** The pools the options ask for. Throws on what cannot be. */
function setups(values: Values, base: Setup): Setup[] {
  let all = [base];
  const vary = <K extends keyof Setup>(name: K, read: (text: string) => Setup[K]) => {
    const wanted = list<Setup[K]>(values, name, base[name], read);
    all = all.flatMap((one) => wanted.map((value) => ({ ...one, [name]: value })));
  };
  vary("flavour", choice<Flavour>("flavour", FLAVOURS));
  vary("size", integer("size", 1, MOST_BYTES));
  vary("handles", integer("handles", 1, 32767));
  vary("unit", granule);
  vary("fit", choice("fit", ["best", "fast"]));
  vary("pause", integer("pause", 0, MOST_BYTES));
  vary("tick", ticks);
  if (all.length > MOST_COLUMNS) throw new Error(`${all.length} combinations, ${MOST_COLUMNS} at most: give fewer values`);
  return all;
}

const VARIED = ["flavour", "size", "handles", "unit", "fit", "pause", "tick"] as const;

/** What makes a column differ from the recording: "size 8192, fit fast". */
function title(one: Setup, base: Setup): string {
  const text = (value: unknown) => (typeof value === "object" ? Object.values(value as object).join(":") : String(value));
  return VARIED.filter((name) => one[name] !== base[name]).map((name) => `${name} ${text(one[name])}`).join(", ") || "replayed";
}

/** Replays a trace as the options say. */
export function replay(trace: Trace, values: Values, progress = new Progress()): Replay {
  const work = program(trace);
  const base = setup(trace);
  const wanted = setups(values, base);
  const columns: Column[] = [{ name: "recorded", result: recorded(trace) }];
  wanted.forEach((one, i) => {
    progress.show("replaying", i, wanted.length);
    columns.push({ name: title(one, base), setup: one, result: play(work, one).result });
  });
  const asked = VARIED.some((name) => values[name] !== undefined);
  const found = asked ? {} : advised(work, base, trace, values, progress);
  progress.end();
  return { events: trace.events.length, lost: trace.lost, fault: verify(trace), unsound: work.unsound, before: work.before, columns, ...found };
}

function advised(work: Program, base: Setup, trace: Trace, values: Values, progress: Progress): Pick<Replay, "advice" | "without"> {
  const name = values.board === undefined ? trace.about.board : String(values.board);
  const facts = board(name) ?? BOARDS.pico;
  if (values.board !== undefined && !board(name)) throw new Error(`no board ${name}, there are ${Object.keys(BOARDS).join(", ")}`);
  const { tickMs, budget } = advise(facts);
  if (!work.steps.some(({ kind }) => kind === "alloc" || kind === "refused")) return { without: "the program allocates nothing" };
  try {
    return { advice: search(work, base, { ms: tickMs, budget }, (done, total) => progress.show("searching", done, total)) };
  } catch (error) {
    if (error instanceof NoPool) return { without: error.message };
    throw error;
  }
}

/** A replay as text, its sentences in lines of `wide` characters. */
export function text(name: string, { events, lost, fault, unsound, before, columns, advice, without }: Replay, wide?: number): string {
  const notes = [
    "A request that was refused when it was recorded is made again; what it gets is freed at once, because nobody knows what the program would have done with it.",
    "A block that is refused now is not used: what the program did with it later is left out. Holes are counted 400 times in the program, not at every step."
  ];
  if (before) notes.push(`${before === 1 ? "1 block was" : `${before} blocks were`} there when the recording began; the replay allocates ${before === 1 ? "it" : "them side by side"}, first of all.`);
  if (lost || unsound) notes.push(`Not whole: ${lost === 1 ? "1 line is" : `${lost} lines are`} missing and ${unsound} ${unsound === 1 ? "event is about a block" : "events are about blocks"} nobody has heard of; they are left out, so peaks may be too high or too low.`);
  else if (fault) notes.push(`The trace does not agree with itself: ${fault}.`);
  const found = advice ? report(advice) : without ? `No pool can be advised: ${without}.` : "";
  return [`${name}: ${count(events, "event")}`, "", table(columns), "", ...notes.map((note) => fold(note, wide)), ...(found ? ["", fold(found, wide)] : [])].join("\n");
}

/** The traces there are, a line each. */
function shown(): string {
  const files = readdirSync(FOLDER).filter((file) => file.endsWith(".trace")).sort();
  const lines = files.map((file) => {
    const all = parse(readFileSync(join(FOLDER, file), "utf8"));
    const { head, events, about } = all[all.length - 1];
    return `  ${relative(process.cwd(), join(FOLDER, file))}: ${count(events.length, "event")} in ${count(head.size, "byte")}${about.board ? `, ${board(about.board)?.title ?? about.board}` : ""}`;
  });
  return `Traces that are here:\n${lines.join("\n")}\nNext: npm run replay -- ${relative(process.cwd(), join(FOLDER, files[0] ?? "x.trace"))}, or record one of your own (docs/replay.md).`;
}

/** Records the examples: text by name of the file. Throws when the bundles are missing. */
export async function examples(): Promise<Record<string, string>> {
  if (!existsSync(join(ROOT, "dist", "tidyheap-record.min.js"))) throw new Error("dist/tidyheap-record.min.js is missing: npm run build");
  const { PLANS, play: perform } = await import("../test/plan");
  return Object.fromEntries(Object.keys(PLANS).map((file) => {
    const lines: string[] = [];
    perform(file, false, (line) => void lines.push(line));
    return [file.replace(".js", ".trace"), lines.map((line) => `${line}\n`).join("")];
  }));
}

async function write(): Promise<void> {
  for (const [file, lines] of Object.entries(await examples())) {
    writeFileSync(join(FOLDER, file), lines);
    console.log(`${file}: ${count(lines.length, "byte")}`);
  }
  console.log("Next: npm run replay");
}

function pick(traces: Trace[], values: Values): Trace {
  return traces[(whole("--trace", values.trace, 1, traces.length) ?? traces.length) - 1];
}

async function main(args: string[]): Promise<number | void> {
  const { values, rest } = options(args, SPEC, 1);
  if (values.examples && (rest.length || Object.keys(values).length > 1)) throw new Error("--examples stands alone");
  if (values.examples) return write();
  if (!rest.length && Object.keys(values).length) throw new Error("no trace is given, see --help");
  if (!rest.length) return console.log(shown());
  const [file] = rest;
  const found = replay(pick(parse(await input(file), file === "-" ? "standard input" : file), values), values);
  const code = found.lost || found.unsound || found.fault ? 1 : 0;
  if (values.json) {
    console.log(JSON.stringify(found, null, 2));
    return code;
  }
  const wide = process.stdout.isTTY ? process.stdout.columns : undefined;
  console.log(text(basename(file), found, wide));
  const next = found.advice ? "give your pool these options and record again, or try others" : "try others, or none to have the right ones searched for";
  const tried = found.advice ? ` --size ${found.advice.setup.size} --handles ${found.advice.setup.handles} --unit ${found.advice.setup.unit}` : "";
  console.log(`\n${fold(`Next: ${next}:`, wide)}\n  npm run replay -- ${file}${tried}`);
  return code;
}

if (require.main === module) command("replay", HELP, main);
