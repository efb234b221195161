import assert from "node:assert/strict";
import { all, run, type Engine } from "../tools/engine";
import { on, prove, text } from "./suite";

const CODE = { tidyheap: text("tidyheap.min.js"), kit: text("tidyheap-kit.min.js") };

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
  prove(["kit", "kit on far"]);

  for (const name of all().filter((one) => one.startsWith("espruino"))) {
    for (const [what, work] of Object.entries(WORKS)) {
      on(name, `${name} takes no variable for ${what}`, async (engine) => assert.equal(await usage(engine, work), "@usage 0"));
    }
  }
});
