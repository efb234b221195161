import { isEspruino, named, run, which, type Engine } from "../engine";
import { markdown, type Cell } from "../table";
import { built } from "./bundle";
import { mean, percent, thousands } from "./figure";

// The engine's own heap of typed arrays beside a pool, under the same traffic: how long one large array still gets a place in
// one piece, what E.defrag() takes to make one, and what an array costs beside its bytes.

const LARGE = 15000; // bytes of the array that has to be in one piece
const LIVE = [10000, 20000]; // bytes of the arrays that are live beside it
const POOL = 40000; // bytes of the pool: less than the heap has left without arrays
const HANDLES = 512;
const ASK = 25; // turns from one request for a large array to the next
const SIZES = [8, 16, 32, 64, 128, 256, 512]; // bytes of the arrays whose cost is counted
const READS = 50; // of one byte, counted twice
const TIMEOUT = 120000; // milliseconds of a run
const SEEDS = 65537; // the generator in the engine has this modulus, a prime

/** What one kind of memory made of the traffic; NaN where nothing was counted. */
export interface Course {
  engine: string;
  kind: Kind;
  live: number;
  /** Mean turn at which the large array was first refused or in pieces; `turns` when it never was. */
  first: number;
  /** Share of all requests for it that failed. */
  failed: number;
  /** Of those, how many succeeded after one E.defrag(). */
  mended: number;
  turns: number;
}

/** Instructions in the heap that the traffic leaves when the large array has first found no place in one piece. */
export interface Pause {
  engine: string;
  live: number;
  /** Of one E.defrag(). */
  defrag: number;
  /** Of reading the byte in the middle of the large array, in pieces as it then is, and in one piece in an empty heap; loop included. */
  pieces: number;
  whole: number;
}

/** Bytes of engine memory that an array takes beside its own, with the place in an array that holds it. */
export interface Cost {
  engine: string;
  bytes: number;
  beside: number;
}

export interface Result {
  courses: Course[];
  pauses: Pause[];
  costs: Cost[];
}

export interface Plan {
  turns: number;
  seeds: number[];
  progress(text: string): void;
}

const KINDS = {
  arrays: "new Uint8Array(n)",
  pool: "tidyheap core"
} as const;
type Kind = keyof typeof KINDS;

/** The Espruinos that are named. */
function engines(): Engine[] {
  return named().filter(isEspruino);
}

/** Why there is nothing to measure, in one line; "" when all is well. */
export function warning(): string {
  return engines().length ? "" : 'heap: no Espruino named, set TIDYHEAP_ENGINES="espruino=/path"';
}

// Arrays are dropped by taking them out of the list, blocks by free().
const MAKE: Record<Kind, { open: string; make: string; drop: string; large: string }> = {
  arrays: {
    open: "",
    make: "new Uint8Array(n)",
    drop: "",
    large: "big=new Uint8Array(LARGE);ok=!!E.getAddressOf(big,true);if(KEEP&&!ok)large=big;big=undefined;"
  },
  pool: {
    open: `var p=require("tidyheap").create({size:${POOL},handles:${HANDLES}});`,
    make: "p.alloc(n)",
    drop: "p.free(list[i]);",
    large: "big=p.alloc(LARGE);ok=!!big;p.free(big);"
  }
};

/** The traffic: `turns` new blocks of 8 to 512 bytes, every doubling as likely, among so many live bytes; ends at the first failure if `stop`. */
function traffic(kind: Kind, live: number, turns: number, seed: number, stop: boolean): string {
  const { open, make, drop, large } = MAKE[kind];
  return `${open}
var list=[],sizes=new Uint16Array(1500),used=0,first=-1,asked=0,failed=0,mended=0,x=${seed},large;
function rnd(n){x=(x*75+74)%${SEEDS};return x%n}
function ask(){
var big,ok;
${large.replace("LARGE", String(LARGE)).replace("KEEP", String(stop))}
return ok
}
function drop(){
var i=rnd(list.length),last=list.length-1;
${drop}used-=sizes[i];
list[i]=list[last];sizes[i]=sizes[last];list.splice(last,1)
}
function turn(){
var n=8<<rnd(6);
n+=rnd(n);
while(used+n>${live})drop();
sizes[list.length]=n;used+=n;
list.push(${make})
}
function work(){
for(var t=0;t<${turns};t++){
turn();
if(t%${ASK}==${ASK - 1}&&used+520>${live}){
asked++;
if(!ask()){
if(first<0)first=t;
failed++;
if(${stop})return;
if(${kind === "arrays"}){E.defrag();if(ask())mended++}
}
}
}
}
work();
`;
}

const REPORT = 'print("@"+[first,asked,failed,mended,E.getErrorFlags().join("+")].join());';

async function perform(engine: Engine, source: string, count = false): Promise<{ figures: number[]; flags: string; instructions: number }> {
  const { lines, fault, instructions } = await run(engine, source, { timeout: TIMEOUT, count, modules: { tidyheap: built("tidyheap-core.min.js") } });
  const line = lines.find((one) => one.startsWith("@"));
  if (line === undefined) throw new Error(`${engine.name} did not end well: ${fault || lines.slice(-3).join(" / ")}`);
  const fields = line.slice(1).split(",");
  return { figures: fields.slice(0, 4).map(Number), flags: fields[4], instructions };
}

async function course(engine: Engine, kind: Kind, live: number, { turns, seeds, progress }: Plan): Promise<Course> {
  const runs: number[][] = [];
  for (const seed of seeds) runs.push((await perform(engine, traffic(kind, live, turns, seed, false) + REPORT)).figures);
  const sum = (k: number) => runs.reduce((all, one) => all + one[k], 0);
  const first = mean(runs.map(([at]) => (at < 0 ? turns : at)));
  progress(`heap: ${engine.name}, ${KINDS[kind]}, ${live} live: ${sum(2)} of ${sum(1)} failed`);
  return { engine: engine.name, kind, live, first, failed: sum(2) / sum(1), mended: sum(2) ? sum(3) / sum(2) : NaN, turns };
}

/** Instructions of what stands behind a program: the difference of two runs. */
async function count(engine: Engine, before: string, less: string, more: string): Promise<number> {
  const [a, b] = [await perform(engine, before + less + REPORT, true), await perform(engine, before + more + REPORT, true)];
  return b.instructions - a.instructions;
}

async function pause(engine: Engine, live: number, { turns, seeds, progress }: Plan): Promise<Pause> {
  const worn = traffic("arrays", live, turns, seeds[0], true);
  const empty = traffic("arrays", live, 0, seeds[0], true);
  const reads = (n: number) => `(function(a){for(var i=0,b;i<${n};i++)b=a[${LARGE / 2}]})(large||new Uint8Array(${LARGE}));\n`;
  const defrag = await count(engine, worn, "large=0;\n", "large=0;\nE.defrag();\n");
  const pieces = (await count(engine, worn, reads(READS), reads(2 * READS))) / READS;
  const whole = (await count(engine, empty, reads(READS), reads(2 * READS))) / READS;
  progress(`heap: ${engine.name}, E.defrag() with ${live} live: ${thousands(defrag)}k; a byte in pieces ${thousands(pieces)}k, whole ${thousands(whole)}k`);
  return { engine: engine.name, live, defrag, pieces, whole };
}

async function costs(engine: Engine): Promise<Cost[]> {
  const many = 20;
  const source = `var m=process.memory(),u,a,o=[],S=[${SIZES}];
function add(n){for(var i=0;i<${many};i++)a.push(new Uint8Array(n))}
S.forEach(function(n){
a=[];u=process.memory().usage;add(n);
o.push((process.memory().usage-u)*m.blocksize/${many}-n)
});
print("@"+o.join());`;
  const { lines } = await run(engine, source, { timeout: TIMEOUT });
  const figures = lines.find((one) => one.startsWith("@"))!.slice(1).split(",").map(Number);
  return figures.map((beside, i) => ({ engine: engine.name, bytes: SIZES[i], beside }));
}

/** Runs everything on every Espruino that is named; instructions only where valgrind is and on the one named "espruino". */
export async function measure(plan: Plan): Promise<Result> {
  const result: Result = { courses: [], pauses: [], costs: [] };
  for (const engine of engines()) {
    if (engine.name === "espruino") {
      for (const live of LIVE) for (const kind of Object.keys(KINDS) as Kind[]) result.courses.push(await course(engine, kind, live, plan));
      if (which("valgrind")) for (const live of LIVE) result.pauses.push(await pause(engine, live, plan));
    }
    result.costs.push(...(await costs(engine)));
  }
  return result;
}

/** Tables: the courses, the pauses, and what an array costs. */
export function report({ courses, pauses, costs: all }: Result): string {
  const course = (one: Course): Cell[] => [
    `${KINDS[one.kind]}, ${one.live} bytes live`,
    one.failed ? Math.round(one.first) : `none in ${one.turns}`,
    percent(one.failed, 0),
    Number.isNaN(one.mended) ? "-" : percent(one.mended, 0)
  ];
  const names = [...new Set(all.map(({ engine }) => engine))];
  const cost = (name: string): Cell[] => [name, ...all.filter(({ engine }) => engine === name).map(({ beside }) => beside.toFixed(0))];
  return [
    markdown([`${LARGE} bytes in one piece`, "first failure, turn", "failed, %", "E.defrag() helped, %"], courses.map(course)),
    markdown(
      ["1000 Ir, at the first failure", "E.defrag()", `large[${LARGE / 2}] in pieces`, "in one piece"],
      pauses.map(({ live, defrag, pieces, whole }): Cell[] => [`${live} bytes live`, thousands(defrag), thousands(pieces), thousands(whole)])
    ),
    markdown(["bytes beside those of an array of", ...SIZES.map(String)], names.map(cost))
  ].join("\n\n");
}
