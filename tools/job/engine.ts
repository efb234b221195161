import { existsSync } from "node:fs";
import { basename, resolve } from "node:path";
import { script } from "../bundle";
import { find, run, type Engine } from "../engine";
import type { Kind, Plan, Report } from "./program";

// The program in a real interpreter. The messages are part of the script, the serial port is a direct call.

/** What a run needs: the bundles as source, the messages, and how the program is set up. */
export interface Load {
  /** File of the iife bundle of the library. */
  library: string;
  /** Source of the program, which sets the global `job`. */
  program: string;
  messages: string[];
  plan: Plan;
  /** Message after which one bit is turned over, or -1. */
  damage: number;
}

/** Reports of both memories, and how many of the messages they got. */
export interface Result {
  reports: Report[];
  messages: number;
}

const PIECE = 64; // characters of one call, one tick after each
const MOST = 128 * 1024; // characters of messages in a script: JerryScript's heap is often 512 KB
const LEAST = 256; // characters of messages below which it is given up
const TIMEOUT = 120000; // milliseconds
const CODE = 3; // characters of heap per character of code: the script, the function around each bundle, those inside
const SPARE = 4096; // characters of heap for what the program keeps beside its memory
const ASK = 'print("@memory "+(typeof process==="undefined"?"":JSON.stringify(process.memory())))';
const CLOCK = 'typeof getTime==="undefined"?function(){return +new Date()}:function(){return 1000*getTime()}';

/** The engine of a path, or of a name that tools/engine.ts knows. Throws when there is none. */
export function locate(path: string): Engine {
  const engine = find(path) ?? (existsSync(path) ? { name: basename(path), path: resolve(path) } : undefined);
  if (!engine) throw new Error(`no engine ${path}: give a path, or a name that tools/engine.ts --list shows`);
  return engine;
}

/** Bytes of heap that an engine has left for a memory and messages once the code is loaded; Infinity when it does not tell. */
export async function room(engine: Engine, { library, program }: Pick<Load, "library" | "program">): Promise<number> {
  const { lines } = await run(engine, ASK);
  const mark = /@memory (\{.*\})/.exec(lines.join("\n"));
  if (!mark) return Infinity;
  const { free, blocksize } = JSON.parse(mark[1]);
  return free * (blocksize - 1) - CODE * (script(library).length + program.length) - SPARE;
}

/** Runs the program over both memories, each in an engine of its own. Halves the messages until they fit; throws when none do. */
export async function interpret(engine: Engine, load: Load, room: number): Promise<Result> {
  let trouble = "";
  const most = Math.max(4 * LEAST, Math.min(MOST, room - 2 * load.plan.size));
  for (let limit = most; limit >= LEAST; limit /= 2) {
    const messages = first(load.messages, limit);
    const outcome = await both(engine, { ...load, messages });
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
async function both(engine: Engine, load: Load): Promise<Report[] | string> {
  const reports: Report[] = [];
  for (const kind of ["firstfit", "tidyheap"] as Kind[]) {
    const { lines, fault } = await run(engine, source(load, kind), { timeout: TIMEOUT });
    const mark = /@report (\{.*\})/.exec(lines.join("\n"));
    if (!mark) return fault || `no report, the last line was ${lines[lines.length - 1] ?? "empty"}`;
    reports.push(JSON.parse(mark[1]));
  }
  return reports;
}

function source({ library, program, messages, plan, damage }: Load, kind: Kind): string {
  const calls = messages.map((message, number) => deliver(`${message}\n`) + (number === damage ? "board.damage();\n" : ""));
  return `${script(library)}
${program}
var board=job.open("${kind}",tidyheap,${JSON.stringify(plan)},${CLOCK});
function take(data){board.take(data);board.tick()}
${calls.join("")}print("@report "+JSON.stringify(board.report()));`;
}

function deliver(message: string): string {
  const pieces = message.match(new RegExp(`[^]{1,${PIECE}}`, "g")) ?? [];
  return pieces.map((piece) => `take("${escape(piece)}");\n`).join("");
}

function escape(text: string): string {
  return text.replace(/[^ !#-[\]-~]/g, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, "0")}`);
}
