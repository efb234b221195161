import assert from "node:assert";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { bundle, wrap } from "../tools/bundle";
import { faults } from "../tools/dialect";
import { find, isEspruino, names, needed, run, type Engine, type Run } from "../tools/engine";
import { CASES } from "./spi-portable";
import { verdicts } from "./verdict";

const DIST = join(__dirname, "..", "dist");
const PARTS = ["spi", "page", "far"];
const LIBRARY = `{${PARTS.map((part) => `${part}:${part}`)}}`;

function text(part: string): string {
  return readFileSync(join(DIST, `tidyheap-${part}.min.js`), "utf8");
}

// On Espruino code, cases and models stay in Storage, as on a board, and take no room from the chips. Each case has a turn of its own, so that
// what the last one left can be collected.
function stored(engine: Engine, program: string): Promise<Run> {
  const modules = { ...Object.fromEntries(PARTS.map((part) => [part, text(part)])), cases: `${program}\nexports.cases=cases;` };
  const source = `var lib={spi:require("spi"),page:require("page")},c=require("cases").cases;
function next(i){
process.memory();
if(i==c.CASES.length)return print("@end");
if(c.CASES[i].far&&!lib.far)lib.far=require("far");
c.verdict(c.CASES[i],lib,print);
setTimeout(next,1,i+1);
}
setTimeout(next,1,0);`;
  return run(engine, source, { timeout: 100000, modules });
}

// A bus with 1,024 cells behind it, as small as it can be.
const SMALL = `var cells=new Uint8Array(1024),cs={},mode=0;
function array(d,to){var i,at=d[1]*256+d[2];for(i=3;i<d.length;i++)if(to)to[i]=cells[at+i-3&1023];else cells[at+i-3&1023]=d[i]}
var bus={send:function(d){var r=new Uint8Array(d.length);if(d[0]==5)r[1]=mode;else array(d,r);return r},
write:function(a,b){if(a==1)mode=b;else if(b!=cs){var d=new Uint8Array(3+b.length);d.set(a);d.set(b,3);array(d)}}};`;

/** JsVars that pool and driver take, code from RAM, with a pool of 16 rows on a chip. */
async function ramVars(engine: Engine): Promise<number> {
  const source = `function usage(){process.memory();return process.memory().usage}
${SMALL}
var store=0,pool=0,h=0,mark=0;
require("fs");usage();mark=usage();
Modules.addCached("spi",require("fs").readFileSync("spi"));
Modules.addCached("far",require("fs").readFileSync("far"));
store=require("spi").connect(bus,{cs:cs,chip:{bytes:1024,width:2,kind:"s",baud:20e6}});
pool=require("far").create({store:store,handles:16});
h=pool.alloc(100);pool.write(h,0,"kept");
print("@vars "+(usage()-mark)+" "+pool.read(h,0,4).join());`;
  const { lines, fault } = await run(engine, source, { timeout: 50000, files: { spi: text("spi"), far: text("far") } });
  const mark = /@vars (\d+) 107,101,112,116/.exec(lines.join("\n"));
  assert.ok(mark, fault || lines.join("\n"));
  return Number(mark[1]);
}

function loaded(engine: Engine, program: string): Promise<Run> {
  const source = `${PARTS.map((part) => wrap(text(part), part)).join("\n")}\n${program}\ncases.report(${LIBRARY},print);`;
  return run(engine, source, { timeout: 50000 });
}

describe("spi inside an engine", () => {
  let program = "";
  before(async () => {
    program = await bundle(join(__dirname, "spi-portable.ts"), { name: "cases", min: true });
  });

  it("is given a program that every engine can read", () => assert.deepEqual(faults(program), []));

  const lib = (): any => Object.fromEntries(PARTS.map((part) => [part, require(join(DIST, `tidyheap-${part}.min.js`))]));
  for (const one of CASES) it(`${one.name}, in Node`, () => one.run(lib()));

  for (const name of names()) {
    const engine = find(name);
    const title = `${name} runs all cases`;
    it(engine ? title : `${title} (no ${name} here: name one in TIDYHEAP_ENGINES)`, async function () {
      this.timeout(120000);
      if (!engine && needed(name)) assert.fail(`TIDYHEAP_NEED asks for ${name}, TIDYHEAP_ENGINES does not name it`);
      if (!engine) return this.skip();
      const { lines, fault } = await (isEspruino(engine) ? stored : loaded)(engine, program);
      assert.deepEqual(verdicts(lines, CASES.map((one) => one.name)), CASES.map((one) => `@ok ${one.name}`), fault || lines.slice(-3).join("\n"));
    });
    if (engine && isEspruino(engine)) {
      it(`${name} leaves 1,500 of the 5,100 JsVars of an Espruino Pico beside driver and external pool from RAM`, async function () {
        this.timeout(60000);
        const vars = await ramVars(engine);
        assert.ok(vars > 1500 && vars <= 3600, `${vars} JsVars`);
      });
    }
  }
});
