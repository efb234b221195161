import assert from "node:assert/strict";
import { basename } from "node:path";
import { createContext, runInContext } from "node:vm";
import { FLAVOURS } from "../rollup.config.mjs";
import { all, run } from "../tools/engine";
import { on, prove, text, variable } from "./suite";

const MODULES = FLAVOURS.map(({ file }) => basename(file)).filter((file) => file.endsWith(".js"));
const STORE = "{size:512,chunk:32,read:function(){return []},write:function(){},move:function(){}}";

/** A script that loads every bundle where there are no typed arrays and prints the code of what create() throws, one line for each that has it. */
function bare(): string {
  return MODULES.map((file) => `(function(){${variable(file, "lib")}
try{if(lib.create){lib.create({size:512,store:${/far|fram/.test(file) ? STORE : "undefined"}});print("${file} made")}else print("${file} loaded")}catch(e){print("${file} "+e.code+" "+e.message)}
})();`).join("\n");
}

/** What it has to print. */
function refused(lines: string[]): void {
  assert.deepEqual(lines.map((line) => line.split(" ").slice(0, 2).join(" ")), MODULES.map((file) => `${file} ${/kit|spi|page|thumb|record/.test(file) ? "loaded" : "MEMORY"}`));
  for (const line of lines) if (line.includes("MEMORY")) assert.match(line, /MEMORY: .*typed arrays/);
}

describe("engine without typed arrays", () => {
  on("mujs", "mujs loads every bundle, and create() throws MEMORY", async (engine) => {
    const { lines, fault } = await run(engine, bare());
    assert.equal(fault, "");
    refused(lines);
  });

  it("the same in Node without them", () => {
    const lines: string[] = [];
    const context = createContext({ print: (line: string) => void lines.push(line) });
    const natives = ["Int8Array", "Uint8Array", "Uint8ClampedArray", "Int16Array", "Uint16Array", "Int32Array", "Uint32Array", "Float32Array", "Float64Array", "ArrayBuffer", "DataView"];
    for (const name of natives) runInContext(`delete ${name}`, context);
    runInContext(bare(), context);
    refused(lines);
  });
});

// The cases take too much beside the bundle in 16 KB, a program of this size does not.
const CHURN = `var p=tidyheap.create({size:1024,handles:32}),h=[],bad=0,i,j,k,v;
for(i=0;i<1200;i++){k=i*7%20;
if(h[k]){v=p.view(h[k]);for(j=0;j<v.length;j++)if(v[j]!==k)bad++;p.free(h[k]);if(p.has(h[k]))bad++}
h[k]=p.alloc(8+i*13%32);if(!h[k])bad+=1000;v=p.view(h[k]);for(j=0;j<v.length;j++)v[j]=k}
try{p.free(h[3]+4096);bad+=1e6}catch(e){if(e.code!=="HANDLE")bad+=1e6}
print("bad "+bad+(p.epoch>1000?" moved":""))`;

describe("tiny pool in a heap of 16 KB", () => {
  on("jerry16", "jerry16 keeps every block of the tiny pool through 1,200 turns", async (engine) => {
    const { lines, fault } = await run(engine, `${variable("tidyheap-tiny.min.js", "tidyheap")}\n${CHURN}`);
    assert.deepEqual([lines, fault], [["bad 0 moved"], ""]);
  });
});

describe("pool on a scattered heap", () => {
  for (const name of ["espruino", "espruino12000"]) {
    on(name, `${name} refuses with MEMORY or repairs, and never gives a pool in pieces`, async (engine) => {
      // every second of the arrays that fill the heap is freed: no hole has more than 300 bytes
      const source = `var t=require("tidyheap"),a=[],i,p,n=0,made=0,refused=0;
try{while(process.memory().free>200)a.push(new Uint8Array(300))}catch(e){}
for(i=0;i<a.length;i+=2)a[i]=0;
for(i=9;i>0;i--){
try{p=t.create({size:i*400,handles:16});made++;if(!E.getAddressOf(p.bytes,true))print("@no in pieces");p.fill(p.alloc(i*300),7,0,i*300);if(p.check()||p.bytes[i*300-1]!=7)print("@no bytes")}
catch(e){refused++;if(e.code!="MEMORY")print("@no "+e)}
p=0;
}
print("@made "+made+" refused "+refused);`;
      const { lines, fault } = await run(engine, source, { modules: { tidyheap: text("tidyheap.min.js") } });
      assert.equal(fault, "");
      assert.ok(!lines.some((line) => line.includes("@no")), lines.join("\n"));
      assert.match(lines.join("\n"), /@made [1-9]/);
    });
  }
});

describe("pool inside an engine", () => {
  prove(["full", "core", "thumb", "tiny", "far"]);

  for (const name of all().filter((one) => one.startsWith("espruino"))) {
    on(name, `${name} has its own RAM checked: more than views can reach is refused`, async (engine) => {
      const modules = { tidyheap: text("tidyheap-core.min.js"), thumb: text("tidyheap-thumb.min.js"), full: text("tidyheap.min.js") };
      const source = `function say(fn){try{fn();print("made")}catch(e){print(e.code)}}
say(function(){require("tidyheap").create(70000)});
say(function(){require("thumb").ram(70000)});
say(function(){require("tidyheap").create({store:require("thumb").ram(512)}).alloc(100)});
say(function(){require("full").create(512).alloc(100)});`;
      const { lines, fault } = await run(engine, source, { modules });
      assert.deepEqual([lines.slice(-4), fault], [["MEMORY", "MEMORY", "made", "made"], ""]);
    });
  }
});
