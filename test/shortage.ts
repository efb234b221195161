// On Espruino out of memory is no exception: the rest of the callback is dropped. Here it comes in the middle of every public call, at every number of
// free variables from none up to the first with which the call is undisturbed.

import assert from "node:assert/strict";
import { run, type Engine } from "../tools/engine";
import { amount } from "./amount";
import { random } from "./random";
import { on, text } from "./suite";

/** Bundles with the calls that are cut off: `p` is a pool whose block `h` has 40 bytes of value 2; `o` is what `setup` makes. */
interface Subject {
  bundles: Record<string, string>;
  /** Makes `p`. */
  pool: string;
  calls: Record<string, string | [setup: string, call: string]>;
}

const POOL: Record<string, string> = {
  alloc: "p.alloc(200)",
  "alloc of one hole": "p.alloc(20)",
  free: "p.free(h)",
  "resize up": "p.resize(h,90)",
  "resize down": "p.resize(h,8)",
  size: "p.size(h)",
  has: "p.has(h)",
  at: "p.at(h)",
  read: "p.read(h,2,30)",
  write: "p.write(h,1,[2,2,2,2,2,2])",
  "write of a string": "p.write(h,1,'\\x02\\x02\\x02')",
  copy: "p.copy(h,9,h,2,20)",
  fill: "p.fill(h,2,0,40)",
  lock: "p.lock(h)",
  "lock and unlock": "p.lock(h);p.unlock(h)",
  use: "p.use(h,function(){})",
  tick: "p.tick(50)",
  pack: "p.pack()",
  "hold and release": "p.hold();p.release()",
  stat: "p.stat()",
  start: "p.start(60,64)",
  stop: "p.stop();p.start(60,64)"
};

const SUBJECTS: Record<string, Subject> = {
  full: {
    bundles: { tidyheap: "tidyheap.min.js" },
    pool: "tidyheap.create({size:1024,handles:24})",
    calls: { ...POOL, view: "p.view(h)", check: "p.check()", map: "p.map(20)", each: "p.each(function(){})" }
  },
  core: { bundles: { tidyheap: "tidyheap-core.min.js" }, pool: "tidyheap.create({size:1024,handles:24})", calls: { ...POOL, view: "p.view(h)" } },
  far: {
    bundles: { tidyheap: "tidyheap-far.min.js" },
    pool: "tidyheap.create({handles:24,store:shelf(1024)})",
    calls: { ...POOL, load: "p.load(h)", store: "p.store(h,p.load(h))", get16: "p.get16(h,3)", set32: "p.set32(h,4,33686018)", each: "p.each(function(){})" }
  },
  kit: {
    bundles: { tidyheap: "tidyheap.min.js", kit: "tidyheap-kit.min.js" },
    pool: "tidyheap.create({size:1024,handles:24})",
    calls: {
      slab: "kit.slab(p,{size:8,slots:8})",
      "slab alloc": ["kit.slab(p,{size:8,slots:8})", "o.alloc(8)"],
      "slab alloc and free": ["kit.slab(p,{size:8,slots:8})", "o.free(o.alloc(8))"],
      queue: "kit.queue(p,{count:8,size:2})",
      "queue push and shift": ["kit.queue(p,{count:8,size:2})", "o.push(7);o.shift()"],
      "buffer append": ["kit.buffer(p,{chunk:20})", "o.append([1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20])"],
      "deque append and take": ["kit.deque(p,{chunk:20})", "o.append('a line\\n');o.readLine()"],
      "deque push and pop": ["kit.deque(p,{chunk:20})", "o.push(1);o.unshift(2);o.pop();o.shift()"],
      "struct alloc, set and get": ["kit.struct({a:'i16',t:'utf8:5'},p)", "var s=o.alloc();o.set(s,'a',5);o.get(s,'a');o.set(s,'t','ab')"],
      "array set and get": ["kit.array(p,'i16',6)", "o.set(2,5);o.get(2)"],
      "owner alloc and close": ["kit.owner(p,300)", "o.alloc(20);o.alloc(30);o.close()"],
      scope: "kit.scope(p,function(s){s.alloc(20);s.alloc(30)})",
      "guard and unlock": "kit.guard(p,h).unlock()",
      "pressure alloc": ["kit.pressure(p,{low:300})", "o.free(o.alloc(100))"],
      "collector alloc and step": ["{c:kit.collector(p),t:kit.struct({a:'i16',next:'handle'})}", "o.c.root('r',o.c.alloc(o.t));o.c.tick(5)"]
    }
  }
};

const SHELF = `function shelf(n){var b=new Uint8Array(n);function read(at,n){var c=new Uint8Array(n);c.set(b.subarray(at,at+n));return c}
function write(at,d){b.set(d,at)}return{size:n,chunk:32,read:read,write:write,move:function(to,at,n){write(to,read(at,n))}}}`;

const SEED = Number(process.env.TIDYHEAP_SEED) || 1;
const STEP = amount(11, 5, 1); // variables from one trial to the next
const LEAST = 12; // variables that the timers of the trial itself take
const MANY = 400; // variables with which every call is undisturbed

/**
 * The trials of some calls as a script. A trial is a chain of timers made beforehand: a pool with holes, a move in progress and ticks started; a filler
 * that leaves `k` variables; the call; the filler gone; then all must be sound and the ticks must come to the end. It prints "@try call k", then "@no call k
 * why" where something is wrong, "@ok call k" for the trial that succeeded.
 */
function script({ bundles, pool, calls }: Subject, from: number, first: number, vars: number): string {
  const list = Object.values(calls).map((call) => (typeof call === "string" ? ["0", call] : call));
  const modules = Object.keys(bundles).map((name) => `Modules.addCached("${name}",require("fs").readFileSync("${name}"));var ${name}=require("${name}");`);
  return `${modules.join("\n")}
${SHELF}
var S=[${list.map(([setup]) => `function(){return(${setup})}`).join()}];
var C=[${list.map(([, call]) => `function(){${call};ok=1}`).join()}];
var i=${first},k=${vars},p=0,o=0,h=0,all=[],ok=0,chain=[],ids=[],turn=0,moved=0;
function left(){process.memory();return process.memory().free}
function make(){
var n;p=${pool};all=[];
for(n=0;n<14;n++){all[n]=p.alloc(40);p.fill(all[n],n,0,40)}
h=all[2];
for(n=1;n<12;n+=3){p.free(all[n]);all[n]=0}
o=S[i]();p.tick(24);p.start(60,64);ok=0;
}
function full(){
var n;chain=[];
while(left()>k+300)chain.push(new Uint8Array(1200));
while(left()>k+80)chain.push(0);
for(n=0;n<80;n++)chain.push(0);
}
function call(){C[i]()}
function empty(){
if(!chain)return;
chain=0;
while(ids.length)clearTimeout(ids.pop());
// again later, because an interruption that comes late takes away the callback behind it
ids=[setTimeout(judge,1),setTimeout(judge,30),setTimeout(judge,90)];
}
function wrong(){
var n,j,b,s=p.check?p.check():"";
if(s)return s;
for(n=0;n<14;n++)if(all[n]&&(n!=2||p.has(h))){b=p.read(all[n],0,Math.min(40,p.size(all[n])));for(j=0;j<b.length;j++)if(b[j]!=n)return "block "+n+" byte "+j+" is "+b[j]}
return"";
}
function say(s){print("@no "+i+" "+k+" "+s);next(1)}
function next(done){p.stop();p=o=0;if(done){print("@ok "+i+" "+k);i++;k=${from}}else k+=${STEP};chain=0;if(k>${MANY})print("@no "+i+" "+k+" never succeeds");else if(i==C.length)print("@end");else trial()}
function judge(){
var s;
while(ids.length)clearTimeout(ids.pop());
try{p.size(all[0])}catch(e){if(e.code!="BUSY"||turn++>3)return say("throws "+e);return setTimeout(judge,4)}
try{while(1)p.release()}catch(e){if(e.code!="LOCK")return say("throws "+e)}
try{while(p.has(h))p.unlock(h)}catch(e){if(e.code!="LOCK")return say("throws "+e)}
try{s=wrong()}catch(e){s="throws "+e}
if(s)return say(s);
p.free(all[3]);all[3]=0;moved=p.stat().moved;turn=0;alive();
}
function alive(){
if(p.stat().moved==moved){if(turn++<20)return setTimeout(alive,20);if(p.tick(64))return say("no tick comes")}
turn=0;p.start(2,64);setTimeout(settle,3);
}
function settle(){
var s=p.stat().moved;
if(s!=moved||++turn<3){if(s!=moved)turn=0;moved=s;return setTimeout(settle,4)}
if(p.tick(64))return say("the ticks have ended and left work");
s=wrong();if(s)return say("then "+s);
next(ok?2:0);
}
function trial(){
print("@try "+i+" "+k);make();turn=0;
setTimeout(full,1);setTimeout(call,2);
ids=[setTimeout(empty,4),setTimeout(empty,30),setTimeout(empty,90),setTimeout(empty,200)];
}
setTimeout(trial,1);`;
}

/** Runs all trials and returns how many calls were cut off. Where the timers of a trial have gone as well it is done again in a new engine. */
async function cut(engine: Engine, subject: Subject, from: number): Promise<number> {
  const names = Object.keys(subject.calls);
  const files = Object.fromEntries(Object.entries(subject.bundles).map(([name, file]) => [name, text(file)]));
  const wrong: string[] = [];
  let cuts = 0;
  let undecided = 0;
  for (let i = 0, k = from, twice = ""; i < names.length; ) {
    const { lines, fault } = await run(engine, script(subject, from, i, k), { timeout: 280000, files });
    const marks = lines.map((line) => /@(try|ok|no) (\d+) (\d+) ?(.*)/.exec(line)).filter((mark) => mark !== null);
    for (const [, kind, call, vars, why] of marks) {
      (i = Number(call)), (k = Number(vars));
      if (kind === "try") cuts++;
      if (kind === "no") wrong.push(`${names[i]} with ${k} free variables ${why}`);
    }
    if (lines.some((line) => line.includes("@end"))) break;
    if (!marks.length) return assert.fail(`${names[i]} with ${k} free variables: ${fault || lines.slice(-3).join(" / ")}`);
    if (marks[marks.length - 1][1] === "ok") (i += 1), (k = from);
    else if (twice === `${i} ${k}`) (k += STEP), undecided++;
    else (twice = `${i} ${k}`), cuts--;
  }
  assert.ok(undecided <= cuts / 10, `${undecided} of ${cuts} trials came to no end`);
  assert.deepEqual(wrong, [], `TIDYHEAP_SEED=${SEED}, from ${from} by ${STEP}`);
  // else nothing was tried: each call takes some variables
  assert.ok(cuts >= names.length * (1 + 10 / STEP), `${cuts} trials`);
  return cuts;
}

describe("shortage", () => {
  const next = random(SEED);
  for (const [name, subject] of Object.entries(SUBJECTS)) {
    const engine = name === "kit" ? "espruino12000" : "espruino";
    const title = `${engine} runs out of memory in each of ${Object.keys(subject.calls).length} calls of ${name}, and all is sound afterwards`;
    const trials = async function (this: Mocha.Context, place: Engine): Promise<void> {
      const cuts = await cut(place, subject, LEAST + next(STEP));
      this.test!.title += `: ${cuts} trials`;
    };
    if (name === "full") on(engine, title, trials, 300000);
    else it.skip(`${title} (the trials of ${name} do not come to an end in five minutes)`);
  }
});
