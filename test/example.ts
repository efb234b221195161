import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { BOARDS } from "../boards/index";
import { faults } from "../tools/dialect";
import { names, run, type Engine } from "../tools/engine";
import { FOLDER, play, PLANS, read, ROOT, text, type Step } from "./plan";
import { on } from "./suite";

/** Fails unless the lines are those wanted. */
function compare(lines: string[], wanted: (string | RegExp)[]): void {
  assert.equal(lines.length, wanted.length, lines.join("\n"));
  wanted.forEach((line, i) => (typeof line === "string" ? assert.equal(lines[i], line, `line ${i}`) : assert.match(lines[i], line, `line ${i}`)));
}

// What stands in for the hardware of a board, its clock included, so that minutes take no time.
const STAND_IN = `var clock=0,timers=[],ids=0,heard={},written="";
function setInterval(fn,ms){timers.push({id:++ids,fn:fn,ms:ms,at:clock+ms});return ids}
function clearInterval(id){timers=timers.filter(function(t){return t.id!==id})}
function wait(ms){
var end=clock+ms,next=0,i=0;
while(next!==undefined){
next=undefined;
for(i=0;i<timers.length;i++)if(timers[i].at<=end&&(next===undefined||timers[i].at<next.at))next=timers[i];
if(next){clock=next.at;next.at+=next.ms;next.fn()}
}
clock=end;
}
function getTime(){return clock/1000}
function setWatch(fn,pin){heard[pin]=fn}
function press(pin){wait(25);heard[pin]();wait(75)}
function again(n,fn){while(n--)fn()}
function send(text){for(var i=0;i<text.length;i+=64)heard.serial(text.substr(i,64))}
function packet(bytes){heard.radio({data:new Uint8Array(bytes).buffer})}
var Date={now:function(){return clock}};
var Serial1={setup:function(){},on:function(e,fn){heard.serial=fn},write:function(s){written+=s}};
var NRF={setServices:function(s){heard.radio=s[0xbcde][0xabcd].onWrite},setScan:function(fn){heard.scan=fn}};
var B6=0,B7=0,D0=0,D1=0,BTN="BTN",BTN1="BTN1",BTN2="BTN2";
`;

const PER_VAR = 12; // characters of code in a JsVar, when it is in RAM
const BARE = 73; // JsVars in use before anything runs

/** A step as a statement. */
function statement(step: Step): string {
  if ("again" in step) return `again(${step.again},function(){${step.steps.map(statement).join("")}});`;
  if ("wait" in step) return `wait(${step.wait});`;
  if ("serial" in step) return `send(${JSON.stringify(step.serial)});`;
  if ("packet" in step) return `packet(${JSON.stringify(step.packet)});`;
  return "heard" in step ? `heard.scan(${JSON.stringify(step.heard)});` : `press("${step.press}");`;
}

/**
 * The example on an Espruino without hardware. All code is in Storage, so that only the example takes memory; where its JsVars have the
 * size of those of the board, as many are taken away as the board has fewer, and those of the example's code.
 */
async function perform(engine: Engine, file: string): Promise<{ lines: string[]; live: number; fault: string }> {
  const { board, steps } = PLANS[file];
  const { source, modules } = read(file);
  const script = `${STAND_IN}setTimeout(function(){
var m=process.memory(),n=m.total-${BOARDS[board].vars}-m.usage+${BARE + Math.ceil(source.length / PER_VAR)};
var filler=n>0&&m.blocksize<15?new Uint8Array(n*m.blocksize):0;
var pool=require("example").pool;
require("steps");
if(written)print(written);
print("@live "+(pool.stat?pool.stat().live:-1));
},1);`;
  const stored = { ...Object.fromEntries(Object.entries(modules).map(([name, bundle]) => [name, text(bundle)])), example: `${source}\nexports.pool=pool;`, steps: steps.filter((step) => !("long" in step)).map(statement).join("\n") };
  const { lines, fault } = await run(engine, script, { timeout: 60000, modules: stored });
  const printed = lines.flatMap((line) => line.split("\n")).filter((line) => line !== "");
  const end = printed.findIndex((line) => line.startsWith("@live "));
  return { lines: end < 0 ? printed : printed.slice(0, end), live: end < 0 ? NaN : Number(printed[end].slice(6)), fault };
}

describe("example", () => {
  it("is run by this test, each of them", () => assert.deepEqual(readdirSync(FOLDER).sort(), Object.keys(PLANS).sort()));

  it("uses every part of the kit, all together", () => {
    const used = Object.keys(PLANS).flatMap((file) => [...read(file).source.matchAll(/\bkit\.(\w+)\(/g)].map((match) => match[1]));
    assert.deepEqual([...new Set(used)].sort(), Object.keys(require(join(ROOT, "dist", "tidyheap-kit.min.js"))).sort());
  });

  for (const [file, { board, lines: wanted, live, moves, bound }] of Object.entries(PLANS)) {
    describe(file, () => {
      const { source, modules } = read(file);

      it("is short, in the dialect of Espruino, and says how it is wired and uploaded", () => {
        assert.deepEqual(faults(source), []);
        const lines = source.trimEnd().split("\n");
        assert.ok(lines.length >= 25 && lines.length <= 60, `${lines.length} lines`);
        const head = lines.slice(0, lines.findIndex((line) => !line.startsWith("//")));
        assert.match(head.join("\n"), /^\/\/ Wiring \(.+\): .+$/m);
        assert.ok(head.some((line) => line.includes(`Wiring (${BOARDS[board].title})`)), BOARDS[board].title);
        assert.match(head[head.length - 1], new RegExp(`^// espruino -p \\S+ .* examples/${file.replace(".", "\\.")}$`));
        const required = [...source.matchAll(/require\("([\w-]+)"\)/g)].map((match) => match[1]);
        assert.deepEqual([...new Set(required)].sort(), Object.keys(modules).sort());
      });

      it(`prints what it should on an emulated ${BOARDS[board].title}`, () => {
        const { lines, pool } = play(file, false);
        compare(lines, wanted);
        if (moves) assert.ok(pool.stat().moves > 0);
      });

      it("leaves its pool sound at every step, and no block too many", () => {
        const { lines, pool } = play(file, true);
        compare(lines, wanted);
        assert.equal(pool.stat().live, live);
      });

      for (const name of names().filter((one) => one.startsWith("espruino"))) {
        const title = `prints the same on ${name}`;
        if (bound) it.skip(`${title} (${bound})`);
        else on(name, title, async (engine) => {
          const { lines, live: blocks, fault } = await perform(engine, file);
          assert.equal(fault, "", lines.join("\n"));
          compare(lines, wanted);
          if (blocks >= 0) assert.equal(blocks, live);
        }, 120000);
      }
    });
  }
});
