import { existsSync, readFileSync } from "node:fs";
import { basename, resolve } from "node:path";
import { script as bundled } from "../bundle";
import { find, run, type Engine } from "../engine";
import { escaped } from "../terminal";
import type { Kind, Plan, Report } from "./program";

// The program in a real interpreter. The messages are part of the script, the serial port is a direct call.

/** What a run needs: the bundles as source, the messages, and how the program is set up. */
export interface Load {
  /** File of the CommonJS bundle of the library. */
  library: string;
  /** Source of the program, which sets the global `job`. */
  program: string;
  messages: string[];
  plan: Plan;
  /** Message after which one bit is turned over, or -1. */
  damage: number;
  /** The memory, where it is a chip. Emulated boards only. */
  socket?: Socket;
  /** Where what is done with tidyheap's memory is recorded. Emulated boards only. */
  trace?: Trace;
}

/** The recorder as a bundle, and what gets its lines. */
export interface Trace {
  recorder: string;
  line(text: string): void;
}

/** A memory chip on the first SPI unit. */
export interface Socket {
  part: string;
  /** Clock of the bus, Hz. */
  baud: number;
  /** File of the bundle with connect(). */
  driver: string;
}

/** Reports of both memories, and how many of the messages they got. */
export interface Result {
  reports: Report[];
  messages: number;
}

/** Bytes an engine has for the job. */
export interface Room {
  /** For a memory and variables, once the code is loaded; Infinity when it does not tell. */
  heap: number;
  /** For messages in the script, as long as that is in the heap. */
  text: number;
  /** Code and messages go to its Storage. */
  stored: boolean;
}

const PIECE = 64; // characters of one call, one tick after each
const BLOCK = 512; // characters written to Storage at once
const MOST = 128 * 1024; // characters of messages in a script: JerryScript's heap is often 512 KB
const LEAST = 256; // characters of messages below which it is given up
const TIMEOUT = 45000; // milliseconds
const CODE = 0.75; // bytes of heap per character of code that stays in Storage
const SCRIPT = 0.7; // characters of script that fit a byte of Espruino's heap
const STORED = 24 * 1024; // characters of messages on Espruino: some seconds
const QUOTED = 1.15; // characters per character of code in a string
const SPARE = 4096; // bytes of heap for what the program keeps beside its memory
const ASK = 'print("@memory "+(typeof process==="undefined"?"":JSON.stringify(process.memory())))';
const CLOCK = 'typeof getTime==="undefined"?function(){return Date.now()}:function(){return 1000*getTime()}';

/** The engine of a path, or of a name that tools/engine.ts knows. Throws when there is none. */
export function locate(path: string): Engine {
  const engine = find(path) ?? (existsSync(path) ? { name: basename(path), path: resolve(path) } : undefined);
  if (!engine) throw new Error(`no engine ${path}: give a path, or a name that tools/engine.ts --list shows`);
  return engine;
}

/** What an engine has left beside the code. Only Espruino tells. */
export async function room(engine: Engine, { library, program }: Pick<Load, "library" | "program">): Promise<Room> {
  const { lines } = await run(engine, ASK);
  const mark = /@memory (\{.*\})/.exec(lines.join("\n"));
  if (!mark) return { heap: Infinity, text: MOST, stored: false };
  const { free, blocksize } = JSON.parse(mark[1]);
  const heap = free * (blocksize - 1);
  const code = readFileSync(library, "utf8").length + program.length;
  return { heap: heap - CODE * code - SPARE, text: Math.min(STORED, SCRIPT * heap - QUOTED * code), stored: true };
}

/** Runs the program over both memories, each in an engine of its own. Halves the messages until they fit; throws when none do. */
export async function interpret(engine: Engine, load: Load, { text, stored }: Room): Promise<Result> {
  const heard = load.messages.map((message) => message.slice(0, load.plan.longest + 1)); // the rest would be cut off there
  let trouble = "";
  for (let limit = Math.max(4 * LEAST, text); limit >= LEAST; limit /= 2) {
    const messages = first(heard, limit);
    const outcome = await both(engine, { ...load, messages }, stored);
    if (typeof outcome !== "string") return { reports: outcome, messages: messages.length };
    trouble = outcome;
    if (!/memory|exit code|no report/i.test(trouble)) break;
  }
  throw new Error(`${engine.name} in ${load.plan.size} bytes: ${trouble}`);
}

/** As many messages as have `limit` characters together. */
function first(messages: string[], limit: number): string[] {
  let left = limit;
  const end = messages.findIndex((message) => (left -= message.length + 1) < 0);
  return end < 0 ? messages : messages.slice(0, end);
}

/** The reports, or why there are none. */
async function both(engine: Engine, load: Load, stored: boolean): Promise<Report[] | string> {
  const reports: Report[] = [];
  for (const kind of ["firstfit", "tidyheap"] as Kind[]) {
    const { lines, fault } = await run(engine, (stored ? storage : script)(load, kind), { timeout: TIMEOUT });
    const mark = /@report (\{.*\})/.exec(lines.join("\n"));
    if (!mark) return fault || `no report, the last line was ${lines[lines.length - 1] ?? "empty"}`;
    reports.push(JSON.parse(mark[1]));
  }
  return reports;
}

/** A script with everything in it. */
function script({ library, program, messages, plan, damage }: Load, kind: Kind): string {
  const calls = messages.map((message, number) => deliver(`${message}\n`) + (number === damage ? "board.damage();\n" : ""));
  return `${bundled(library)}
${program}
var board=job.open("${kind}",tidyheap,${JSON.stringify(plan)},${CLOCK});
function take(data){board.take(data);board.tick()}
${calls.join("")}print("@report "+JSON.stringify(board.report()));`;
}

function deliver(message: string): string {
  return pieces(message, PIECE).map((piece) => `take("${escape(piece)}");\n`).join("");
}

/** A script that puts code and messages into Espruino's Storage and runs from there once the script itself is gone. */
function storage({ library, program, messages, plan, damage }: Load, kind: Kind): string {
  const text = messages.map((message) => `${message}\n`);
  const spot = damage < 0 ? -1 : text.slice(0, damage + 1).join("").length;
  return `${store("tidyheap", readFileSync(library, "latin1"))}${store("job", `${program}\nexports.open=job.open;`)}${store("text", text.join(""))}
setTimeout(function(){
var files=require("Storage"),end=${text.join("").length},spot=${spot},at=0,to;
var board=require("job").open("${kind}",require("tidyheap"),${JSON.stringify(plan)},${CLOCK});
while(at<end){
to=Math.min(at+${PIECE},at<spot?spot:end);
board.take(files.read("text",at,to-at));
board.tick();
at=to;
if(at==spot)board.damage();
}
print("@report "+JSON.stringify(board.report()));
},1);`;
}

function store(name: string, text: string): string {
  const write = (piece: string, at: number) => `require("Storage").write("${name}","${escape(piece)}",${at * BLOCK},${text.length});\n`;
  return pieces(text, BLOCK).map(write).join("");
}

function pieces(text: string, most: number): string[] {
  return text.match(new RegExp(`[^]{1,${most}}`, "g")) ?? [];
}

function escape(text: string): string {
  return text.replace(/["\\]/g, "\\$&").replace(/[^ -~]/g, escaped);
}
