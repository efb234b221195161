import { join } from "node:path";
import { bundle } from "../bundle";
import { isEspruino, which, type Engine } from "../engine";
import { markdown, type Cell } from "../table";
import { engines } from "./board";
import { built, newer } from "./bundle";
import { Counter, type Files } from "./count";
import { churn, END, load, program, repeated, type Rival } from "./device";
import { DEFAULT, FRESH, LOOP, USED } from "./rival";
import { thousands, times } from "./figure";

/** A call that is measured alone, `turns` times in a loop over `k`. */
interface Operation {
  name: string;
  /** Code before the loop: `p` is a pool of 4 KB with a block `b` of 20 bytes, `d` a Uint8Array of 8, `kit` all parts. */
  setup: string;
  code: string;
  /** 200 by default. */
  turns?: number;
}

const SLAB = "var s=kit.slab(p,{size:16,slots:32});for(k=0;k<20;k++)s.alloc(16);var h=s.alloc(16);";
const BYTES = "var a=kit.buffer(p,{chunk:2000}),e=kit.deque(p,{chunk:1200}),w=new Uint8Array(20);a.append(w);e.append(w);";
const RECORD = "var t=kit.struct({x:'i16',y:'i16',next:'handle',name:'utf8:12'},p),r=t.alloc({x:1,name:'hello'}),c=t.cursor().to(r),l=kit.array(p,'i16',50);";
const HEAP = "var t=kit.struct({v:'i16',next:'handle'}),g=kit.collector(p),r=0,i;for(i=0;i<20;i++)r=g.alloc(t,{v:i,next:r});g.root('r',r);";
const CARE = "var o=kit.owner(p,2000),z=kit.pressure(p,{}),y=kit.idle(p,{budget:256}),i;for(i=0;i<20;i++){o.alloc(8);z.touch(z.alloc(8))}";
const CHURN = "var live=[],at;for(at=0;at<50;at++)live.push(p.alloc(20+at%37));";
const TURN = "at=k*7%50;p.free(live[at]);live[at]=p.alloc(20+k*13%37)";
const RING = "var q=kit.queue(p,{count:255,size:2});";

/** The first row is the loop: it is taken off all others. */
const OPERATIONS: Operation[] = [
  { name: "one turn of an empty loop (taken off below)", setup: "", code: "" },
  { name: "new Uint8Array(16)", setup: "", code: "new Uint8Array(16)" },
  { name: "pool: at(h)", setup: "", code: "p.at(b)" },
  { name: "pool: write(h, 0, 8 bytes)", setup: "", code: "p.write(b,0,d)" },
  { name: "pool: free and alloc of 20 to 56 bytes, 50 live", setup: CHURN, code: TURN, turns: 100 },
  { name: "pool: the same, recorded", setup: `${CHURN}trail.record(p,{to:function(){}});`, code: TURN, turns: 100 },
  { name: "slab: alloc(16) and free of it", setup: SLAB, code: "s.free(s.alloc(16))" },
  { name: "slab: has(h)", setup: SLAB, code: "s.has(h)" },
  { name: "slab: at(h)", setup: SLAB, code: "s.at(h)" },
  { name: "slab: bytes.set(8 bytes, at(h))", setup: `${SLAB}var u8=p.bytes;`, code: "u8.set(d,s.at(h))" },
  { name: "slab: write(h, 0, 8 bytes)", setup: SLAB, code: "s.write(h,0,d)" },
  { name: "queue: push(n)", setup: RING, code: "q.push(k)" },
  { name: "queue: push(n), something has moved", setup: RING, code: "p.epoch++;q.push(k)" },
  { name: "queue: push(n), full", setup: `${RING}while(q.push(1));`, code: "q.push(k)" },
  { name: "queue: shift()", setup: `${RING}while(q.push(1));`, code: "q.shift()" },
  { name: "queue: shift(), empty", setup: RING, code: "q.shift()" },
  { name: "buffer: append(20 bytes)", setup: BYTES, code: "a.append(w)", turns: 90 },
  { name: "buffer: append(20 bytes) in chunks of 64", setup: "var a=kit.buffer(p),w=new Uint8Array(20);", code: "a.append(w)", turns: 90 },
  { name: "buffer: append(20 bytes) in chunks of 256", setup: "var a=kit.buffer(p,{chunk:256}),w=new Uint8Array(20);", code: "a.append(w)", turns: 90 },
  { name: "buffer: append(20 characters)", setup: BYTES, code: "a.append('12345678901234567890')", turns: 90 },
  { name: "deque: push(byte)", setup: BYTES, code: "e.push(k)" },
  { name: "deque: shift()", setup: `${BYTES}for(k=0;k<20;k++)e.append(w);`, code: "e.shift()" },
  { name: "deque: readLine() of 20 characters", setup: `${BYTES}for(k=0;k<50;k++)e.append("1234567890123456789\\n");`, code: "e.readLine()", turns: 40 },
  { name: "struct: get(h, i16)", setup: RECORD, code: "t.get(r,'x')" },
  { name: "struct: set(h, i16)", setup: RECORD, code: "t.set(r,'x',k)" },
  { name: "cursor: get(i16)", setup: RECORD, code: "c.get('x')" },
  { name: "cursor: set(i16)", setup: RECORD, code: "c.set('x',k)" },
  { name: "cursor: get(utf8) of 5 characters", setup: RECORD, code: "c.get('name')" },
  { name: "array: get(i)", setup: RECORD, code: "l.get(k%50)" },
  { name: "array: set(i)", setup: RECORD, code: "l.set(k%50,k)" },
  { name: "collector: get(h, i16)", setup: HEAP, code: "g.get(r,'v')" },
  { name: "collector: set(h, handle)", setup: HEAP, code: "g.set(r,'next',r)", turns: 100 },
  { name: "collector: collect(1) of 20 records", setup: HEAP, code: "g.set(r,'v',1);g.collect(1)", turns: 100 },
  { name: "owner: alloc(8) and free, 20 owned", setup: CARE, code: "o.free(o.alloc(8))", turns: 50 },
  { name: "pressure: alloc(8) and free", setup: CARE, code: "z.free(z.alloc(8))" },
  { name: "pressure: touch(h), 20 purgeable", setup: `${CARE}var h=z.alloc(8);`, code: "z.touch(h)", turns: 20 },
  { name: "scope: one block", setup: "", code: "kit.scope(p,function(s){s.alloc(8)})", turns: 50 },
  { name: "guard: lock and unlock", setup: "", code: "kit.guard(p,b).unlock()", turns: 50 },
  { name: "idle: tick() with nothing to do", setup: CARE, code: "y.tick()" }
];

const SRC = join(__dirname, "..", "..", "src");
const POOL = "var p=lib.create({size:4096,handles:64}),b=p.alloc(20),d=new Uint8Array(8);";
const LIVE = 50;
const TABLE = 256; // turns of the churn
const WARM = 3; // passes before those that are measured, in which the heap comes into use
const PASSES = 4; // that are measured
const WIDEST = 64; // bytes of a slot that takes every block of the churn

/** Slots against the engine's own arrays, in the churn of the other tables. */
const SLOTS: Rival = {
  name: `slab of ${LIVE} slots`,
  bundle: "core",
  header: 0,
  open: (_size, live) => `var p=kit.slab(lib.create(${WIDEST * LIVE + 64}),{size:${WIDEST},slots:${live}});`,
  holder: "new Int32Array(LIVE)",
  drop: "p.free(h[i]);",
  make: (bytes) => `p.alloc(${bytes})`,
  tick: ""
};

/** Instructions of one operation, or of one free and alloc of a contender. */
interface Figure {
  name: string;
  instructions: number;
}

export interface Result {
  engine: string;
  pairs: Figure[];
  singles: Figure[];
}

export interface Plan {
  fresh: boolean;
  /** What the names of the operations contain. */
  match: string;
  progress(text: string): void;
}

/** Why there is nothing to measure, or what to mind, in one line; "" when all is well. */
export function warning(): string {
  if (!which("valgrind")) return "kit: valgrind is not on PATH";
  if (engines().length === 0) return 'kit: no engine named, set TIDYHEAP_ENGINES="espruino=/path;jerry=/path"';
  const file = newer("tidyheap-core.min.js", ["src/core.ts", "src/pool.ts", "src/place.ts"]);
  return file && `kit: ${file} is newer than dist/, "npm run build" makes it current`;
}

class Bench {
  private readonly counter: Counter;

  constructor(private readonly engine: Engine, private readonly core: string, private readonly plan: Plan) {
    this.counter = new Counter(engine, plan.fresh);
  }

  async all(): Promise<Result> {
    const result: Result = { engine: this.counter.engine.name, pairs: [], singles: [] };
    for (const one of OPERATIONS.filter(({ name }, n) => n === 0 || name.includes(this.plan.match))) result.singles.push(await this.single(one));
    const rivals = [LOOP, FRESH, USED, DEFAULT, SLOTS].filter(({ calm }) => !calm || isEspruino(this.counter.engine));
    if (SLOTS.name.includes(this.plan.match)) for (const rival of rivals) result.pairs.push(await this.pair(rival));
    return result;
  }

  private async single({ name, setup, code, turns = 200 }: Operation): Promise<Figure> {
    const { lib, files } = await this.code(`${setup}${code}`);
    const none = await this.count(repeated(lib, POOL + setup, code, 0), files);
    const instructions = ((await this.count(repeated(lib, POOL + setup, code, turns), files)) - none) / turns;
    return this.figure(name, instructions);
  }

  private async pair(rival: Rival): Promise<Figure> {
    const { lib, files } = await this.code(rival.open(0, 0));
    const blocks = churn(LIVE, rival.calm ?? TABLE);
    const task = { rival, lib, churn: blocks, size: 8192, ticks: false };
    const [warm, passes] = rival.calm ? [0, 1] : [WARM, PASSES];
    const [before, after] = [await this.count(program(task, warm), files), await this.count(program(task, warm + passes), files)];
    return this.figure(rival.name, (after - before) / passes / blocks.places.length);
  }

  /** Loads the pool and the parts that a program names, or the recorder: all of them would not leave room on Espruino. */
  private async code(program: string): Promise<{ lib: string; files: Files }> {
    const only = [...new Set([...program.matchAll(/kit\.(\w+)/g)].map(([, part]) => part))];
    const kit = only.length ? await bundle(join(SRC, "kit.ts"), { name: "kit", min: true, only }) : program.includes("trail.") ? await bundle(join(SRC, "record.ts"), { name: "trail", min: true }) : "";
    // on Espruino out of a file: a program stays in memory as text
    const board = isEspruino(this.engine);
    const then = board && kit ? 'eval(require("fs").readFileSync("kit.js"));\n' : `${kit}\n`;
    return { lib: load(this.core, board) + then, files: board ? { "lib.js": this.core, "kit.js": kit } : {} };
  }

  private figure(name: string, instructions: number): Figure {
    this.plan.progress(`kit: ${this.counter.engine.name}, ${name}: ${thousands(instructions)}k`);
    return { name, instructions };
  }

  private async count(source: string, files: Files): Promise<number> {
    const { lines, instructions } = await this.counter.count(source, files);
    if (lines.some((line) => /out of memory|LOW_MEMORY/i.test(line))) return NaN;
    if (!lines.includes(END)) throw new Error(`${this.counter.engine.name} did not end well: ${lines.slice(-3).join(" / ")}`);
    return instructions;
  }
}

/** Counts everything on every engine that is named. */
export async function measure(plan: Plan): Promise<Result[]> {
  const results: Result[] = [];
  for (const engine of engines()) results.push(await new Bench(engine, built("tidyheap-core.min.js"), plan).all());
  return results;
}

/** Tables of operations, and of slots beside arrays. In thousands of instructions. */
export function report(results: Result[]): string {
  return results.map((result) => [singles(result), ...pairs(result)].join("\n\n")).join("\n\n");
}

function singles({ engine, singles: [loop, ...rest] }: Result): string {
  const row = ({ name, instructions }: Figure): Cell[] => [name, thousands(instructions - loop.instructions)];
  return markdown([`${engine}, one call`, "1000 Ir"], [[loop.name, thousands(loop.instructions)], ...rest.map(row)]);
}

function pairs({ engine, pairs }: Result): string[] {
  const [loop, ...rest] = pairs;
  if (!loop) return [];
  const cost = (name: string): number => pairs.find((pair) => pair.name === name)?.instructions ?? NaN;
  const row = ({ name, instructions }: Figure): Cell[] => [
    name,
    thousands(instructions),
    thousands(instructions - loop.instructions),
    times(instructions / cost(FRESH.name)),
    times(instructions / cost(USED.name))
  ];
  const head = [`${engine}, free and alloc of 8 to 63 bytes, ${LIVE} live`, "1000 Ir with the loop", "without it", `against ${FRESH.name}`, `against ${USED.name}`];
  return [markdown(head, [[loop.name, thousands(loop.instructions), "", "", ""], ...rest.map(row)])];
}
