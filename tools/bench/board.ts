import { isEspruino, named, which, type Engine } from "../engine";
import { markdown, type Cell } from "../table";
import { built, newer, small } from "./bundle";
import { Counter, type Files } from "./count";
import { churn, END, load, marked, program, repeated, type Rival, type Task } from "./device";
import { DEFAULT, FRESH, LOOP, PROBES, RIVALS, USED, type Probe } from "./rival";
import { mean, quantile, thousands, times } from "./figure";

const LIVE = [10, 50, 200];
const ROOMY = 16384; // bytes of the pool that is at most half full: 45 % at 200 live
const TABLE = 256; // turns of its churn
const WARM = 3; // passes before those that are measured: enough to go through 16 KB once
const PASSES = 4; // that are measured, to go through 16 KB at least twice
const FILL = 0.9; // of the pool that fits its blocks
const MARK = "jswrap_espruino_getErrorFlags"; // what E.getErrorFlags() is called inside Espruino: cheap and without effect

const FILLS = { roomy: "pool of 16 KB", tight: "pool of which the live blocks fill 90 %, tick(256) every 8th pair" };
type Fill = keyof typeof FILLS;

/** Instructions of one free and alloc of a contender; NaN when it does not fit into the engine's memory. */
export interface Pair {
  rival: string;
  fill: Fill;
  live: number;
  instructions: number;
}

/** Instructions of the calls of one churn, each measured alone. */
export interface Calls {
  fill: Fill;
  live: number;
  /** [mean, median, most] of each kind. */
  free: number[];
  alloc: number[];
  tick: number[];
}

/** Instructions of one call of a probe. */
export interface Single {
  name: string;
  instructions: number;
}

export interface Result {
  engine: string;
  pairs: Pair[];
  /** Empty when the engine has no symbols to tell single calls apart. */
  calls: Calls[];
  singles: Single[];
}

export interface Plan {
  /** Replacements that are measured. */
  turns: number;
  fresh: boolean;
  /** What the names of the contenders contain. */
  match: string;
  progress(text: string): void;
}

/** The engines that can be counted: Espruino and JerryScript, as named in TIDYHEAP_ENGINES. */
export function engines(): Engine[] {
  return which("valgrind") ? named().filter((engine) => engine.name === "espruino" || engine.name === "jerry") : [];
}

const SOURCES = ["src/core.ts", "src/pool.ts", "src/place.ts", "src/tick.ts", "src/bubble.ts"];

/** Why there is nothing to measure, or what to mind, in one line; "" when all is well. */
export function warning(): string {
  if (!which("valgrind")) return "board: valgrind is not on PATH";
  if (engines().length === 0) return 'board: no engine named, set TIDYHEAP_ENGINES="espruino=/path;jerry=/path"';
  const file = newer("tidyheap-core.min.js", SOURCES);
  return file && `board: ${file} is newer than dist/, "npm run build" makes it current`;
}

class Bench {
  private readonly counter: Counter;
  private readonly espruino: boolean;

  constructor(engine: Engine, private readonly bundles: Record<string, string>, private readonly plan: Plan) {
    this.counter = new Counter(engine, plan.fresh);
    this.espruino = isEspruino(engine);
  }

  async all(): Promise<Result> {
    const engine = this.counter.engine.name;
    const result: Result = { engine, pairs: [], calls: [], singles: [] };
    for (const fill of Object.keys(FILLS) as Fill[]) {
      for (const live of LIVE) for (const rival of this.rivals()) result.pairs.push(await this.pair(rival, fill, live));
    }
    for (const probe of PROBES) result.singles.push(await this.single(probe));
    if (!this.espruino) return result;
    for (const fill of Object.keys(FILLS) as Fill[]) {
      for (const live of LIVE) result.calls.push(...(await this.calls(fill, live)));
    }
    return result;
  }

  private rivals(): Rival[] {
    const wanted = RIVALS.filter((rival) => rival.name.includes(this.plan.match) || [LOOP, FRESH, USED].includes(rival));
    return wanted.filter((rival) => this.espruino || !rival.calm);
  }

  private task(rival: Rival, fill: Fill, live: number): Task {
    // longer tables do not fit beside a pool of 16 KB
    const turns = fill === "roomy" ? Math.min(TABLE, this.plan.turns) : this.plan.turns;
    const blocks = churn(live, rival.calm ?? turns);
    const bytes = blocks.mean + live * rival.header;
    const size = fill === "roomy" ? ROOMY : 4 * Math.round(bytes / FILL / 4);
    return { rival, lib: this.lib(rival.bundle), churn: blocks, size, ticks: fill === "tight" };
  }

  private lib(bundle: Rival["bundle"]): string {
    return load(bundle && this.bundles[bundle], this.espruino);
  }

  private files(bundle: Rival["bundle"]): Files {
    return bundle && this.espruino ? { "lib.js": this.bundles[bundle] } : {};
  }

  private async pair(rival: Rival, fill: Fill, live: number): Promise<Pair> {
    const task = this.task(rival, fill, live);
    const warm = rival.calm ? 0 : WARM;
    const passes = rival.calm ? 1 : PASSES;
    const [before, after] = [await this.count(program(task, warm), rival.bundle), await this.count(program(task, warm + passes), rival.bundle)];
    const instructions = (after - before) / passes / task.churn.places.length;
    this.say(`${live} live, ${fill}, ${rival.name}: ${thousands(instructions)}k`);
    return { rival: rival.name, fill, live, instructions };
  }

  private async single({ name, before, body, turns, per, bundle = "core" }: Probe): Promise<Single> {
    const lib = this.lib(bundle);
    const none = await this.count(repeated(lib, before, body, 0), bundle);
    const all = await this.count(repeated(lib, before, body, turns), bundle);
    const instructions = (all - none) / turns / per;
    this.say(`${name}: ${thousands(instructions)}k`);
    return { name, instructions };
  }

  private async count(source: string, bundle: Rival["bundle"]): Promise<number> {
    const { lines, instructions } = await this.counter.count(source, this.files(bundle));
    if (lines.some((line) => /out of memory|LOW_MEMORY/i.test(line))) return NaN;
    if (!lines.includes(END)) throw new Error(`${this.counter.engine.name} did not end well: ${lines.slice(-3).join(" / ")}`);
    return instructions;
  }

  private async calls(fill: Fill, live: number): Promise<Calls[]> {
    const [empty, , ...rest] = await this.counter.marks(marked(this.task(DEFAULT, fill, live)), MARK, this.files("core"));
    if (empty === undefined) return [];
    const turn = 8 * 3 + 1; // marks in eight turns
    const pick = (part: (n: number) => boolean) => rest.filter((_, n) => part(n % turn)).map((cost) => cost - empty);
    // `rest` begins behind the loop of the very first turn, so every eight turns it ends with the loop of the next
    const free = summary(pick((n) => n < turn - 1 && n % 3 === 0));
    const alloc = summary(pick((n) => n < turn - 1 && n % 3 === 1));
    const tick = summary(pick((n) => n === turn - 2));
    this.say(`${live} live, ${fill}, longest call: ${thousands(Math.max(free[2], alloc[2], tick[2]))}k`);
    return [{ fill, live, free, alloc, tick }];
  }

  private say(text: string): void {
    this.plan.progress(`board: ${this.counter.engine.name}, ${text}`);
  }
}

function summary(costs: number[]): number[] {
  return [mean(costs), quantile(costs, 0.5), Math.max(...costs)];
}

/** Counts everything on every engine that is named. */
export async function measure(plan: Plan): Promise<Result[]> {
  const bundles = { core: built("tidyheap-core.min.js"), full: built("tidyheap.min.js"), bump: await small("bump.ts") };
  const results: Result[] = [];
  for (const engine of engines()) results.push(await new Bench(engine, bundles, plan).all());
  return results;
}

/** Tables: pairs at both fills, the calls of the churn, and single calls. In thousands of instructions. */
export function report(results: Result[]): string {
  return results.map((result) => [...fills(result), ...calls(result), singles(result)].join("\n\n")).join("\n\n");
}

function fills({ engine, pairs }: Result): string[] {
  return (Object.keys(FILLS) as Fill[]).map((fill) => `${engine}, ${FILLS[fill]}\n\n${fillTable(pairs.filter((pair) => pair.fill === fill))}`);
}

function fillTable(pairs: Pair[]): string {
  const names = [...new Set(pairs.map((pair) => pair.rival))];
  const base = names.includes(FRESH.name) ? FRESH.name : USED.name;
  const cost = (rival: string, live: number) => pairs.find((pair) => pair.rival === rival && pair.live === live)?.instructions ?? NaN;
  const row = (name: string): Cell[] => [
    name,
    ...LIVE.map((live) => thousands(cost(name, live))),
    ...LIVE.map((live) => times(cost(name, live) / cost(base, live))),
    times(cost(name, LIVE[LIVE.length - 1]) / cost(name, LIVE[0]))
  ];
  const head = ["1000 Ir per free and alloc, loop included", ...LIVE.map((live) => `${live} live`), ...LIVE.map((live) => `ratio ${live}`)];
  return `Ratios are against ${base}.\n\n${markdown([...head, "growth 10 to 200"], names.map(row))}`;
}

function calls({ engine, calls }: Result): string[] {
  if (calls.length === 0) return [];
  const text = ([average, median, most]: number[]) => `${thousands(average)} · ${thousands(median)} · ${thousands(most)}`;
  const row = ({ fill, live, free, alloc, tick }: Calls): Cell[] => [
    `${live} live, ${fill === "tight" ? "90 % full" : "16 KB"}`,
    text(free),
    text(alloc),
    fill === "tight" ? text(tick) : ""
  ];
  const head = [`${engine}, ${DEFAULT.name}: 1000 Ir, mean · median · most`, "free", "alloc", "tick(256)"];
  return [markdown(head, calls.map(row))];
}

function singles({ engine, singles: [loop, ...rest] }: Result): string {
  const base = rest.find((single) => single.name.startsWith("u.subarray")) as Single;
  const net = ({ name, instructions }: Single) => instructions - (name.startsWith("pack") ? 0 : loop.instructions);
  const row = (single: Single): Cell[] => [single.name, thousands(net(single)), times(net(single) / net(base))];
  const head = [`${engine}, one call`, "1000 Ir", "against a bare subarray"];
  return markdown(head, [[loop.name, thousands(loop.instructions), ""], ...rest.map(row)]);
}
