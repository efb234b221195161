import assert from "node:assert";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { bundle, wrap } from "../tools/bundle";
import { faults } from "../tools/dialect";
import { find, isEspruino, names, needed, run, type Engine, type Run } from "../tools/engine";
import * as care from "./care-portable";
import { external } from "./portable";
import * as chain from "./chain-portable";
import * as record from "./record-portable";
import * as slab from "./slab-portable";
import { verdicts } from "./verdict";

const DIST = join(__dirname, "..", "dist");
const SUITES: Record<string, { name: string; ram?: boolean; run(lib: any): void }[]> = { slab: slab.CASES, chain: chain.CASES, record: record.CASES, care: care.CASES };
const CODE = { tidyheap: text("tidyheap"), kit: text("tidyheap-kit") };

function text(flavour: string): string {
  return readFileSync(join(DIST, `${flavour}.min.js`), "utf8");
}

// On Espruino the code stays in Storage, as on a board, and each case has a turn of its own, so that what the last one left can be collected.
function stored(engine: Engine, program: string): Promise<Run> {
  const source = `var lib={tidyheap:require("tidyheap"),kit:require("kit")},c=require("cases").cases;
function next(i){
process.memory();
if(i==c.CASES.length)return print("@end");
c.judge(c.CASES[i].name,function(){c.CASES[i].run(lib)},print);
setTimeout(next,1,i+1);
}
setTimeout(next,1,0);`;
  return run(engine, source, { timeout: 60000, modules: { ...CODE, cases: `${program}\nexports.cases=cases;` } });
}

function loaded(engine: Engine, program: string): Promise<Run> {
  const source = `${wrap(CODE.tidyheap, "tidyheap")}\n${wrap(CODE.kit, "kit")}\n${program}\ncases.CASES.forEach(function(c){cases.judge(c.name,function(){c.run({tidyheap:tidyheap,kit:kit})},print)});`;
  return run(engine, source, { timeout: 60000 });
}

// Each work is done twice before, because what a name takes when it is first used stays. The chunk has room for all that is appended, and no number is
// above 4,095: larger ones take a variable more.
const WORKS: Record<string, [setup: string, work: string]> = {
  "slab alloc and free": ["var s=kit.slab(p,{size:8,slots:20}),h=0;", "h=s.alloc(8);s.alloc(8);s.free(h);if(s.live>9)s.clear();"],
  "queue push and shift": ["var q=kit.queue(p,{count:8,size:2});", "q.push(k);q.push(k+1);q.shift();q.peek();q.shift();"],
  "buffer append": ["var b=kit.buffer(p,{chunk:1200}),d=new Uint8Array(6);", "b.append(d);"],
  "deque push, unshift, shift and pop": ["var b=kit.deque(p,{chunk:64});b.push(1);", "b.push(k);b.unshift(k);b.first();b.last();b.shift();b.pop();"],
  "struct get and set": ["var s=kit.struct({a:'i16',b:'u8'},p),h=s.alloc();", "s.set(h,'a',k);s.get(h,'a');s.to(h).set('b',3);s.get('b');"],
  "array get and set": ["var a=kit.array(p,'i16',20);", "a.set(k%20,k);a.get(k%20);"],
  "collector get and set": ["var s=kit.struct({a:'i16',next:'handle'}),c=kit.collector(p),h=c.alloc(s);c.root('r',h);", "c.set(h,'a',k);c.get(h,'a');c.set(h,'next',h);"]
};

async function usage(engine: Engine, [setup, work]: [string, string]): Promise<string> {
  const source = `var p=require("tidyheap").create({size:2048,handles:40}),kit=require("kit"),u=0,w=0,k=0;
function usage(){process.memory();return process.memory().usage}
function work(n){for(k=0;k<n;k++){${work}}}
${setup}
work(40);u=usage();work(40);u=usage();work(40);w=usage();print("@usage "+(w-u));`;
  const { lines, fault } = await run(engine, source, { timeout: 30000, modules: CODE });
  return fault || lines[lines.length - 1];
}

describe("kit inside an engine", () => {
  const programs: Record<string, string> = {};
  before(async () => {
    for (const suite of Object.keys(SUITES)) programs[suite] = await bundle(join(__dirname, `${suite}-portable.ts`), { name: "cases", min: true });
  });

  it("is given programs that every engine can read", () => {
    for (const suite of Object.keys(SUITES)) assert.deepEqual(faults(programs[suite]), [], suite);
  });

  for (const [suite, cases] of Object.entries(SUITES)) {
    const kit = (): any => require(join(DIST, "tidyheap-kit.min.js"));
    const far = (): any => external(require(join(DIST, "tidyheap-far.min.js")));
    for (const one of cases) {
      it(`${suite}: ${one.name}, in Node`, () => one.run({ tidyheap: require(join(DIST, "tidyheap.min.js")), kit: kit() }));
      if (!one.ram) it(`${suite}: ${one.name}, in Node on external pools`, () => one.run({ tidyheap: far(), kit: kit() }));
    }

    for (const name of names()) {
      const engine = find(name);
      const title = `${name} runs the cases of ${suite} on the minified bundle`;
      it(engine ? title : `${title} (no ${name} here: name one in TIDYHEAP_ENGINES)`, async function () {
        this.timeout(70000);
        if (!engine && needed(name)) assert.fail(`TIDYHEAP_NEED asks for ${name}, TIDYHEAP_ENGINES does not name it`);
        if (!engine) return this.skip();
        const { lines, fault } = await (isEspruino(engine) ? stored : loaded)(engine, programs[suite]);
        assert.deepEqual(verdicts(lines, cases.map((one) => one.name)), cases.map((one) => `@ok ${one.name}`), fault || lines.slice(-3).join("\n"));
      });
    }
  }

  for (const name of names()) {
    const engine = find(name);
    if (!engine || !isEspruino(engine)) continue;
    for (const [what, work] of Object.entries(WORKS)) {
      it(`${name} takes no variable for ${what}`, async function () {
        this.timeout(40000);
        assert.equal(await usage(engine, work), "@usage 0");
      });
    }
  }
});
