import { writeFileSync } from "node:fs";
import * as board from "./bench/board";
import * as chip from "./bench/chip";
import { CACHE } from "./bench/count";
import * as heap from "./bench/heap";
import * as kit from "./bench/kit";
import * as option from "./bench/option";
import { COMPARED, PROGRAMS } from "./bench/program";
import * as room from "./bench/room";
import * as speed from "./bench/speed";
import * as traffic from "./bench/traffic";
import { command, options, Progress } from "./command";

const PARTS = ["room", "traffic", "option", "chip", "speed", "board", "kit", "heap"] as const;
type Part = (typeof PARTS)[number];

const HELP = `usage: npm run bench -- [--only PART[,PART]] [--match TEXT] [--quick] [--fresh] [--json FILE]
Prints Markdown tables on standard output and progress on standard error.
  --only    ${PARTS.join(", ")}; all by default
              room     payload / (pool + bookkeeping) at the first refusal, eight programs and three mixes
              traffic  bytes moved, requests that waited, longest pause at 85, 90 and 95 % full
              option   the same traffic with other sizes, handles, units and thresholds
              chip     external pools: bytes moved on a 128 KB chip, bytes on the bus, 8 MB, hits of the page cache
              speed    operations per second in Node beside other pools
              board    instructions inside the engines named in TIDYHEAP_ENGINES="espruino=/path;jerry=/path"
                       (needs valgrind and an up to date dist/)
              kit      the same for the parts of tidyheap-kit, one call each
              heap     typed arrays in the heap of a real Espruino beside a pool: until when 15,000 bytes are to be had
                       in one piece, instructions of E.defrag(), bytes that an array takes beside its own
  --match   only the contenders and settings with TEXT in their name, and what they are compared with
  --quick   fewer seeds, requests, rounds and turns: figures for a first look
  --fresh   count everything anew instead of going on with what an earlier board run has counted
            (kept in ${CACHE})
  --json    also write all results to FILE`;

interface Choice {
  parts: Part[];
  match: string;
  quick: boolean;
  fresh: boolean;
  json: string;
}

const TEXT = { type: "string" } as const;
const FLAG = { type: "boolean" } as const;
const OPTIONS = { only: TEXT, match: TEXT, quick: FLAG, fresh: FLAG, json: TEXT };

/** Reads the command line. Throws on anything it does not know. */
export function choose(args: string[]): Choice {
  const { only, match = "", quick = false, fresh = false, json = "" } = options(args, OPTIONS).values as Partial<Choice & { only: string }>;
  return { parts: only === undefined ? [...PARTS] : parts(only), match, quick, fresh, json };
}

function parts(list: string): Part[] {
  const unknown = list.split(",").find((part) => !PARTS.includes(part as Part));
  if (unknown !== undefined) throw new Error(`--only knows ${PARTS.join(", ")}, not "${unknown}"`);
  return list.split(",") as Part[];
}

/** What has been measured is a line each; how long the next one takes is shown below them. */
const clock = new Progress();
const progress = (text: string) => (clock.end(), void process.stderr.write(`${text}\n`));

const RUN: Record<Part, (choice: Choice) => Promise<unknown>> = {
  async room({ quick, match }) {
    const seeds = quick ? [1] : [1, 2, 3];
    const plan = { programs: PROGRAMS, sizes: room.SIZES, seeds, match, progress };
    const mixes = { programs: COMPARED, sizes: [262144], seeds, match, progress };
    const lines = await room.measure(plan);
    console.log(`## Room\n\n${room.report(lines, plan)}\n`);
    const compared = await room.measure(mixes);
    console.log(`${room.report(compared, mixes)}\n`);
    return { lines, compared };
  },
  async traffic({ quick, match }) {
    const result = traffic.measure({ requests: quick ? 5000 : 20000, match, progress });
    console.log(`## Traffic, 16 KB\n\n${traffic.report(result)}\n`);
    return result;
  },
  async option({ quick }) {
    const result = option.measure({ requests: quick ? 5000 : 20000, progress });
    console.log(`## Options, 16 KB\n\n${option.report(result)}\n`);
    return result;
  },
  async chip({ quick, match }) {
    const result = chip.measure({ requests: quick ? 4000 : 20000, seeds: quick ? [1] : [1, 2, 3], match, progress });
    console.log(`## External pools\n\n${chip.report(result)}\n`);
    return result;
  },
  async speed({ quick, match }) {
    const result = await speed.measure({ rounds: quick ? 5 : 15, match, progress });
    console.log(`## Speed in Node\n\n${speed.report(result)}\n`);
    return result;
  },
  async board({ quick, fresh, match }) {
    const warning = board.warning();
    if (warning) progress(warning);
    const results = await board.measure({ turns: quick ? 256 : 1024, fresh, match, progress });
    console.log(`## Instructions on engines\n\n${results.length ? board.report(results) : warning}\n`);
    return results;
  },
  async kit({ fresh, match }) {
    const warning = kit.warning();
    if (warning) progress(warning);
    const results = await kit.measure({ fresh, match, progress });
    console.log(`## Parts of the kit on engines\n\n${results.length ? kit.report(results) : warning}\n`);
    return results;
  },
  async heap({ quick }) {
    const warning = heap.warning();
    if (warning) progress(warning);
    const result = await heap.measure({ turns: quick ? 500 : 2000, seeds: quick ? [1] : [1, 2, 3], progress });
    console.log(`## Typed arrays of the engine\n\n${warning || heap.report(result)}\n`);
    return result;
  }
};

async function main(args: string[]): Promise<void> {
  const choice = choose(args);
  const results: Partial<Record<Part, unknown>> = {};
  for (const part of choice.parts) {
    results[part] = await clock.during(part, RUN[part](choice));
    if (choice.json) writeFileSync(choice.json, JSON.stringify(results, null, 1));
  }
  if (choice.json) console.error(`bench: all results are in ${choice.json}`);
  else if (choice.quick) console.error("bench: these are figures for a first look; next: npm run bench without --quick");
}

if (require.main === module) command("bench", HELP, main);
