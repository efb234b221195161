import { spawn } from "node:child_process";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { advise } from "../boards/board";
import { chip, parts } from "../boards/emulator/chip";
import { BOARDS } from "../boards/index";
import { bundle } from "./bundle";
import { command, options, whole } from "./command";
import { BAUD, emulate } from "./job/board";
import { interpret, locate, room, type Socket } from "./job/engine";
import { lines, packages, type Feed } from "./job/feed";
import { LIMIT, weigh, type Plan, type Report } from "./job/program";
import { Screen, type Output } from "./job/screen";
import { faults, meaning, table } from "./job/table";

const ROOT = join(__dirname, "..");
const LIBRARY = join(ROOT, "dist", "tidyheap.min.js");
const EXTERNAL = join(ROOT, "dist", "tidyheap-far.min.js");
const DRIVER = join(ROOT, "dist", "tidyheap-spi.min.js");
const RECORDER = join(ROOT, "dist", "tidyheap-record.min.js");
const BOARD = "pico";
const RECORDING = 5120; // bytes of the board that a recorder takes
const LONGEST = 1500; // bytes of a message that are kept: what fits an Ethernet frame
const PART = 10; // a message may have at most one tenth of the memory
const LEAST = 1024; // bytes of the smallest memory
const MOST = 65536; // bytes of the largest: an Espruino view cannot start further up
const MOST_CHIP = 131064; // bytes of the largest memory on a chip: sizes of the first fit have 15 bits and count words
const FEW = 16; // rows at least
const MANY = 2047; // rows at most: handles stay below 2^27
const FILLS = 6; // times the messages that an engine can be given fill the memory

const HELP = `usage: npm start -- [options]
Streams messages through two memories of the same size, tidyheap and a first-fit allocator that never compacts,
and compares what they could keep.

  --board NAME     emulated board: ${Object.keys(BOARDS).join(", ")} (default ${BOARD})
  --input FILE|-   messages, one a line; - reads standard input (default: every package.json below node_modules)
  --engine PATH    a real interpreter instead of the emulated board: a path, or a name of tools/engine.ts --list
  --size BYTES     bytes of each memory, bookkeeping included, ${LEAST} to ${MOST} (default: as advised for the board)
  --store PART     both memories on an SPI memory chip of the emulated board: ${parts().slice(0, 3).join(", ")}, ...
                   (all ${parts().length} of boards/emulator/chip.ts; --size up to the chip's bytes and ${MOST_CHIP}, which is the default)
  --seed N         decides which messages live long and which grow, and how the port cuts them (default 1)
  --damage N       turns one bit over after message N, counted from 0, to see the verification fail
  --trace FILE     writes down what is done with tidyheap's memory, for npm run picture -- FILE (emulated boards)
  --help           this text

A message of more than ${LONGEST} bytes, or a tenth of the memory, is cut. The exit code is 1 when a byte was wrong or
the job could not run.`;

/** What the command line asks for. */
export interface Settings {
  board: string;
  input?: string;
  engine?: string;
  size?: number;
  /** Part number of the chip the memory is on. */
  store?: string;
  seed: number;
  /** Number of the message after which a bit is turned over, or -1. */
  damage: number;
  /** File that the recording of tidyheap's memory goes to. */
  trace?: string;
}

const TEXT = { type: "string" } as const;
const OPTIONS = { board: TEXT, input: TEXT, engine: TEXT, size: TEXT, store: TEXT, seed: TEXT, damage: TEXT, trace: TEXT } as const;

/** Reads the arguments. Throws on anything that is not in HELP. */
export function settings(args: string[]): Settings {
  const { board = BOARD, input, engine, size, store, seed, damage, trace } = options(args, OPTIONS).values as Partial<Record<keyof typeof OPTIONS, string>>;
  if (!Object.keys(BOARDS).includes(board)) throw new Error(`no board ${board}, there are ${Object.keys(BOARDS).join(", ")}`);
  if (store !== undefined && !parts().includes(store)) throw new Error(`no chip ${store}, there are ${parts().join(", ")}`);
  if (store !== undefined && engine !== undefined) throw new Error("--store is for emulated boards, --engine runs none");
  if (trace !== undefined && engine !== undefined) throw new Error("--trace is for emulated boards, --engine runs none");
  const most = store === undefined ? MOST : Math.min(MOST_CHIP, chip(store).size);
  return {
    board,
    input,
    engine,
    size: whole("--size", size, LEAST, most),
    store,
    seed: whole("--seed", seed, 0, 0xffff) ?? 1,
    damage: whole("--damage", damage, 0, 0xffffff) ?? -1,
    trace
  };
}

/** The messages the settings ask for. Throws when they cannot be read. */
async function feed({ input }: Settings): Promise<Feed> {
  if (input === undefined) return packages(ROOT);
  return input === "-" ? lines("standard input", await buffer(process.stdin)) : lines(input, readFileSync(input));
}

/** How the program is set up for these messages. Rows: two for each message of mean weight that the limit lets in. */
export function plan(messages: string[], advised: number, budget: number, { size = advised, seed }: Settings): Plan {
  const longest = Math.min(LONGEST, Math.floor(size / PART));
  const weight = messages.reduce((sum, message) => sum + weigh(Math.min(longest, message.length)), 0);
  const rows = Math.ceil((2 * LIMIT * size * messages.length) / Math.max(weight, 1));
  return { size, rows: Math.min(MANY, Math.max(FEW, rows)), longest, budget, seed };
}

let source: Promise<string> | undefined;

/** The program as a script for the board. */
function compile(): Promise<string> {
  return bundle(join(__dirname, "job", "program.ts"), { name: "job", min: true });
}

/** Runs the job and shows it on `out`. Returns the reports, first fit first. Throws when it cannot run. */
export async function run(wanted: Settings, out: Output): Promise<Report[]> {
  const screen = new Screen(out);
  const input = await feed(wanted);
  await build(screen);
  const count = input.messages.length;
  if (wanted.damage >= count) throw new Error(`--damage is ${wanted.damage}, there are ${count} messages`);
  const program = await (source ??= compile());
  const reports = await (wanted.engine === undefined ? board : engine)(wanted, input, program, screen);
  screen.say(`\n${table(reports, out.isTTY ? out.columns : undefined)}\n\n${meaning(reports, LIMIT)}`);
  return reports;
}

async function board(wanted: Settings, { name, messages }: Feed, program: string, screen: Screen): Promise<Report[]> {
  const facts = BOARDS[wanted.board];
  const { size, budget } = advise(facts);
  const socket = wanted.store === undefined ? undefined : plugged(wanted.store, facts.clockHz);
  const taken = wanted.trace === undefined ? 0 : Math.min(RECORDING, size / 2);
  const room = socket ? Math.min(MOST_CHIP, chip(socket.part).size) : size - taken;
  const lines: string[] = [];
  const trace = wanted.trace === undefined ? undefined : { recorder: RECORDER, line: (text: string) => void lines.push(`${text}\n`) };
  const load = { library: socket ? EXTERNAL : LIBRARY, program, messages, plan: plan(messages, room, budget, wanted), damage: wanted.damage, socket, trace };
  const on = socket ? `${socket.part} on ${facts.spi[0].name} at ${socket.baud / 1e6} MHz, ` : "";
  screen.say(`${facts.title}, emulated, ${on}${BAUD} baud: ${about(messages.length, name, load.plan)}`);
  const reports = await emulate(facts, load, screen).catch((error) => {
    throw new Error(`${wanted.board}: ${error.message}`);
  });
  if (wanted.trace !== undefined) {
    writeFileSync(wanted.trace, lines.join(""));
    screen.say(`\n${wanted.trace} is the recording of tidyheap's memory: npm run picture -- ${wanted.trace} -o memory.html`);
  }
  return reports;
}

/** The chip at the fastest clock that it takes and that the board makes: its own, halved as often as need be. */
function plugged(part: string, clock: number): Socket {
  const { hz, readHz = hz, dies } = chip(part).part;
  // of the IS62WVS5128 the one without read latency goes up to 20 MHz
  const most = dies > 1 ? 20e6 : Math.min(hz, readHz);
  let baud = clock / 2;
  while (baud > most) baud /= 2;
  return { part, baud, driver: DRIVER };
}

async function engine(wanted: Settings, { name, messages }: Feed, program: string, screen: Screen): Promise<Report[]> {
  const place = locate(wanted.engine as string);
  const { size, budget } = advise(BOARDS[wanted.board]);
  const left = await room(place, { library: LIBRARY, program });
  const fits = Math.max(LEAST, Math.min(size, Math.floor(Math.min(left.text / FILLS, left.heap / 2) / 256) * 256));
  const load = { library: LIBRARY, program, messages, plan: plan(messages, fits, budget, wanted), damage: wanted.damage };
  screen.say(`${place.name}: ${about(messages.length, name, load.plan)}`);
  const result = await screen.during(`${place.name} runs it, twice`, interpret(place, load, left));
  if (result.messages < messages.length) screen.say(`Only the first ${result.messages} messages fit the script it can be given.`);
  return result.reports;
}

function about(count: number, name: string, { size, longest }: Plan): string {
  return `${count} messages (${name}), at most ${longest} bytes of each, into ${size} bytes`;
}

/** Builds the bundles when one is missing or older than what it is made of. Rejects when rollup cannot, which says why. */
async function build(screen: Screen): Promise<void> {
  const sources = [...readdirSync(join(ROOT, "src"), { recursive: true, encoding: "utf8" }).map((file) => join("src", file)), "rollup.config.mjs", "tsconfig.json"];
  const newest = Math.max(...sources.map((file) => changed(join(ROOT, file))));
  if ([LIBRARY, EXTERNAL, DRIVER, RECORDER].every((file) => changed(file) >= newest)) return;
  screen.say("building dist/, once");
  const failed = await screen.during("building", rollup());
  if (failed) throw new Error(`dist/ could not be built (${failed}): npm run build says why`);
}

/** "" when rollup has built the bundles, else how it ended. */
function rollup(): Promise<string> {
  const program = join(ROOT, "node_modules", "rollup", "dist", "bin", "rollup");
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, "-c", "--silent"], { cwd: ROOT, stdio: ["ignore", "ignore", "inherit"] });
    child.on("error", reject);
    child.on("close", (code, signal) => resolve(code === 0 ? "" : (signal ?? `exit code ${code}`)));
  });
}

/** Milliseconds of the last change; 0 when there is no such file. */
function changed(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

const NEXT = `
next: npm run picture         the same as a picture: every block over time
      npm start -- --help     other boards, chips, your messages, a real engine
      README.md, On a board   how to get it onto one`;

async function main(args: string[]): Promise<void> {
  const wrong = faults(await run(settings(args), process.stdout));
  if (wrong.length) throw new Error(`verification failed: ${wrong.join("; ")}`);
  if (args.length === 0) console.log(NEXT);
}

if (require.main === module) command("start", HELP, main);
