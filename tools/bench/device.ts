import { Random } from "./random";

// The programs that run inside an engine, as ES5 text. What they draw at random is written into them as tables, so
// that it costs the same two reads everywhere.

/** Which blocks are replaced in which order, by what, and the sizes all start with. */
export interface Churn {
  live: number;
  places: number[];
  sizes: number[];
  first: number[];
  /** Bytes of the live blocks, in whole units: mean over the program. */
  mean: number;
}

const SMALL = 8; // bytes of the smallest block
const BIG = 63; // bytes of the largest
const UNIT = 4; // bytes
const BAND = 0.05; // how far the live bytes may stray from their mean
const TRIES = 1000;

function whole(bytes: number): number {
  return Math.ceil(bytes / UNIT) * UNIT;
}

/**
 * A churn of `turns` replacements among `live` blocks of 8 to 63 bytes. The live bytes stay within 5 % of `live` mean
 * blocks, so that a pool can be sized to be 90 % full all the time, and after `turns` all sizes are those of the start,
 * so that the churn can be repeated.
 */
export function churn(live: number, turns: number, seed = 1): Churn {
  const random = new Random(seed);
  const aim = live * mean();
  const places = Array.from({ length: turns }, () => random.below(live));
  const sizes = places.map(() => random.between(SMALL, BIG));
  let first = balanced(random, live, aim);
  for (let n = 0; n < TRIES; n++) {
    const { last, redrawn, total } = settle(random, places, sizes, first, aim);
    const same = last.every((size, place) => size === first[place]);
    if (same && !redrawn) return { live, places, sizes, first, mean: total / turns };
    first = last;
  }
  throw new Error(`no churn of ${turns} turns repeats with ${live} blocks`);
}

// Plays the churn once and redraws every size that would leave the band.
function settle(random: Random, places: number[], sizes: number[], first: number[], aim: number) {
  const last = [...first];
  let bytes = sum(first);
  let total = 0;
  let redrawn = false;
  places.forEach((place, turn) => {
    const rest = bytes - whole(last[place]);
    if (!near(rest + whole(sizes[turn]), aim)) {
      sizes[turn] = draw(random, rest, aim);
      redrawn = true;
    }
    last[place] = sizes[turn];
    bytes = rest + whole(sizes[turn]);
    total += bytes;
  });
  return { last, redrawn, total };
}

function mean(): number {
  const sizes = Array.from({ length: BIG - SMALL + 1 }, (_, n) => whole(SMALL + n));
  return sizes.reduce((total, size) => total + size, 0) / sizes.length;
}

function sum(sizes: number[]): number {
  return sizes.reduce((total, size) => total + whole(size), 0);
}

// Redraws single blocks until the sum is right.
function balanced(random: Random, live: number, aim: number): number[] {
  const sizes = Array.from({ length: live }, () => random.between(SMALL, BIG));
  while (!near(sum(sizes), aim)) sizes[random.below(live)] = random.between(SMALL, BIG);
  return sizes;
}

function near(total: number, aim: number): boolean {
  return Math.abs(total - aim) <= BAND * aim;
}

function draw(random: Random, rest: number, aim: number): number {
  for (let n = 0; n < TRIES; n++) {
    const size = random.between(SMALL, BIG);
    if (near(rest + whole(size), aim)) return size;
  }
  return Math.max(SMALL, Math.min(BIG, Math.round(aim - rest)));
}

/** A table of bytes as text that any engine reads back with `table("...")`. */
function hex(bytes: number[]): string {
  return bytes.map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

const TABLE = `var table=function(s){
var n=s.length/2,a=new Uint8Array(n);
for(var k=0;k<n;k++)a[k]=parseInt(s.substr(2*k,2),16);
return a};
`;

/**
 * Code that loads a CommonJS bundle as `lib`, into the engine's memory. On Espruino out of the file lib.js: a program stays in
 * memory as text, which leaves no 16 KB in one piece.
 */
export function load(bundle: string, file: boolean): string {
  const text = file ? 'eval(require("fs").readFileSync("lib.js"));' : bundle;
  return bundle && `var lib=(function(){var exports={};${text}\nreturn exports})();\n`;
}

/** What one contender does, as code over `p`, its pool, `h`, what it gave out, `i`, a place in it, and `g`, a turn. */
export interface Rival {
  name: string;
  bundle: "core" | "full" | "bump" | "";
  /** Bytes it adds to each block inside the pool. */
  header: number;
  /** Builds the pool `p` of `size` bytes for `live` blocks. */
  open(size: number, live: number): string;
  /** What `h` is. */
  holder: string;
  /** Frees what `h[i]` holds. */
  drop: string;
  /** Makes a block; `bytes` is code. */
  make(bytes: string): string;
  /** Work between operations, every eighth of them. */
  tick: string;
  /** Measure only the first so many turns after the engine has collected its garbage. */
  calm?: number;
}

/** A contender at work: its bundle as text, the churn, the bytes of the pool, and whether it ticks. */
export interface Task {
  rival: Rival;
  lib: string;
  churn: Churn;
  size: number;
  ticks: boolean;
}

function setUp({ rival, lib, churn: c, size }: Task): string {
  // the pool first: tables leave no long run of free memory
  return `${lib}${rival.open(size, c.live)}
${TABLE}var I=table("${hex(c.places)}"),S=table("${hex(c.sizes)}"),F=table("${hex(c.first)}");
var h=${rival.holder.replace("LIVE", String(c.live))};
for(var k=0;k<${c.live};k++)h[k]=${rival.make("F[k]")};
`;
}

// A pool says why it last refused anything.
function tearDown(live: number): string {
  return `var z=0;for(k=0;k<${live};k++)if(!h[k])z++;
print("end "+z+(typeof p==="undefined"||!p.why?"":p.why));
`;
}

/** The last line of a program in which nothing was refused. */
export const END = "end 0";

function turns({ rival, churn: c, ticks }: Task, pair: string, tick: string): string {
  return `for(g=0;g<${c.places.length};){
for(e=g+8;g<e;g++){${pair}}
${ticks ? rival.tick : ""}${tick}
}`;
}

const COLLECT = "process.memory();\n"; // collects garbage and puts Espruino's list of free variables in order

/** The measured program: `passes` times all turns of a churn, eight at a time, then a tick where there are ticks. */
export function program(task: Task, passes: number): string {
  const { drop, make } = task.rival;
  const pair = `i=I[g];${drop}h[i]=${make("S[g]")}`;
  return `${setUp(task)}function work(n){
var i,g,e;
while(n--)${turns(task, pair, "")}
}
${task.rival.calm ? COLLECT : ""}work(${passes});
${tearDown(task.churn.live)}`;
}

/**
 * One pass without marks, then one with a mark around every call. Between marks lie: nothing, then for each eight turns
 * eight times the loop, the free, the alloc, and at last the tick.
 */
export function marked(task: Task): string {
  const { drop, make } = task.rival;
  const pair = `i=I[g];${drop}h[i]=${make("S[g]")}`;
  return `${setUp(task)}var M=E.getErrorFlags;
function warm(){
var i,g,e;
${turns(task, pair, "")}
}
function work(){
var i,g,e;
${turns(task, `i=I[g];M();${drop}M();h[i]=${make("S[g]")};M()`, ";M();")}
}
warm();
M();M();
work();
${tearDown(task.churn.live)}`;
}

/** A single call: `body` runs `n` times in a loop over `k`, after `before`. `u` is a Uint8Array of 128 bytes. */
export function repeated(lib: string, before: string, body: string, n: number): string {
  return `${lib}var u=new Uint8Array(128),w=new Uint8Array(16),k;
${before}
function work(n){
var k;
for(k=0;k<n;k++){${body}}
}
work(${n});
print("${END}");
`;
}
