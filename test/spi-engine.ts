import assert from "node:assert/strict";
import { run, type Engine } from "../tools/engine";
import { on, prove, text } from "./suite";

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
  const { lines, fault } = await run(engine, source, { timeout: 50000, files: { spi: text("tidyheap-spi.min.js"), far: text("tidyheap-far.min.js") } });
  const mark = /@vars (\d+) 107,101,112,116/.exec(lines.join("\n"));
  assert.ok(mark, fault || lines.join("\n"));
  return Number(mark[1]);
}

describe("spi inside an engine", () => {
  prove(["spi, page"]);

  for (const name of ["espruino", "espruino12000"]) {
    on(name, `${name} leaves 1,500 of the 5,100 JsVars of an Espruino Pico beside driver and external pool from RAM`, async (engine) => {
      const vars = await ramVars(engine);
      assert.ok(vars > 1500 && vars <= 3600, `${vars} JsVars`);
    });
  }
});
