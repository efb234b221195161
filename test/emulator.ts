import assert from "node:assert";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { BOARDS } from "../boards/index";
import { advise } from "../boards/board";
import { boot } from "../boards/emulator/machine";
import { sandbox } from "../boards/emulator/sandbox";
import { CASES as EMULATOR } from "./emulator-portable";
import { names, run } from "../tools/engine";
import { CASES as HEAP } from "./heap-portable";
import { on } from "./suite";

const CASES = [...EMULATOR, ...HEAP];
const BUNDLE = join(__dirname, "..", "dist", "tidyheap.min.js");

/** What a program sees of files that grow, a line each; n and m are bytes of a piece, which boards differ in. Its strings are too long for an emulator inside an Espruino. */
const GROWING = `var S=require("Storage"),f=S.open("a","a"),r,l,n=0,m=0;
function rep(n){var s="";while(s.length<n)s+="0123456789";return s.slice(0,n)}
function t(fn){try{l=fn();print(l===undefined?"none":typeof l==="string"?l.split("\\n").join("/"):l)}catch(e){print(e.message)}}
t(function(){return f.readLine()});
f.write("hello\\n");f.write("wor");f.write("ld\\nlast");
t(function(){return S.read("a")});
r=S.open("a","r");
t(function(){return r.readLine()});t(function(){return r.readLine()});t(function(){return r.readLine()});t(function(){return r.readLine()});
r=S.open("a","r");
t(function(){return r.read(3)});t(function(){return r.read(100)});t(function(){return r.read(1)});t(function(){return r.write("x")});
t(function(){return S.open("a","x")});
r=S.open("no","r");t(function(){return r.readLine()});t(function(){return r.getLength()});
f=S.open("a","a");f.write("!\\n");f.write("");f.write(5);f.write([6,7]);f.write(new Uint8Array([8,9]));
t(function(){return f.getLength()});t(function(){return S.open("a","r").read(99)});
S.erase("a");t(function(){return S.open("a","r").read(4)});
f=S.open("a","w");t(function(){return S.open("a","r").read(99)});f.write("new");t(function(){return S.open("a","r").read(99)});
n=S.read("a\\1").length;
f=S.open("b","w");f.write(rep(400));t(function(){return f.write(rep(n-400))});t(function(){return f.write("more")});t(function(){return f.getLength()-n});
t(function(){f=S.open("b","a");f.write("Z\\n");return f.getLength()-n});
r=S.open("b","r");for(m=0;(l=r.read(300))!==undefined;)m+=l.length;t(function(){return m-n});
r=S.open("b","r");t(function(){return r.readLine().length-n});t(function(){return r.readLine()});
f=S.open("c","w");t(function(){return f.write(rep(n+1))});t(function(){return f.write("a")});
f=S.open("c","w");t(function(){return f.write(rep(n))});t(function(){return f.write("a")});t(function(){return f.getLength()-n});
f=S.open("d","w");f.write("abc");t(function(){return f.write(rep(2*n))});t(function(){return f.getLength()-n});t(function(){return f.write("a")});
f=S.open("d","a");t(function(){return f.write("a")});t(function(){return f.getLength()-n});
f.erase();t(function(){return f.write("a")});t(function(){return S.list(/^d/).length});
f=S.open("abcdefghijklmnopqrstuvwxyz123456","a");f.write("x");t(function(){return S.open("abcdefghijklmnopqrstuvwxyz1","r").read(5)});
f=S.open("e","a");f.write("a\\xffb\\n");t(function(){return S.open("e","r").read(50)});t(function(){return S.open("e","r").read(-5)});
t(function(){return E.sum("AB")+E.sum([1,300])+E.sum(new Uint8Array([3]))});`;

/** The same on 2v29.277. */
const GREW =
  "Can't read in this mode|none|hello/|world/|last|none|hel|lo/world/last|none|Can't write in this mode|Invalid mode \"x\"|none|0|25|hello/world/last!/56,78,9|" +
  "hell|none|new|none|none|4|6|6|6|none|Too much data for file size|Can't write in this mode|none|none|1|Too much data for file size|0|Can't write in this mode|" +
  "none|1|Can't write in this mode|0|x|a|none|435";

/** What it prints on an emulated Pico. */
function grown(start: typeof boot): string {
  const lines: string[] = [];
  start(BOARDS.pico, { print: (line) => void lines.push(line) }).exec(GROWING);
  return lines.join("|");
}

describe("emulator", () => {
  for (const one of CASES) it(one.name, () => one.run(boot));

  it("keeps files that grow", () => assert.equal(grown(boot), GREW));

  describe("in a sandbox", () => {
    for (const one of CASES) it(one.name, () => one.run(sandbox));

    it("keeps files that grow", () => assert.equal(grown(sandbox), GREW));

    it("deletes members of instances", () => {
      const machine = sandbox(BOARDS.pico);
      const names = ["[].lastIndexOf", "''.lastIndexOf", "new Uint8Array(1).copyWithin", "(0,eval)('typeof Map')", "Function('return typeof Object.freeze')()"];
      const types = names.map((name) => machine.exec(`var x=${name};return typeof x==="string"?x:typeof x`));
      assert.deepEqual(types, names.map(() => "undefined"));
    });

    it("leaves the natives of Node alone", () => {
      sandbox(BOARDS.pico);
      assert.equal(typeof Object.freeze, "function");
      assert.equal(typeof [].lastIndexOf, "function");
    });
  });

  for (const name of names().filter((one) => one.startsWith("espruino"))) {
    on(name, `has files that grow as ${name} has them`, async (engine) => {
      const { lines, fault } = await run(engine, GROWING);
      assert.deepEqual([lines.join("|"), fault], [GREW, ""]);
    });
  }

  for (const [short, board] of Object.entries(BOARDS)) {
    it(`boots ${short} and gives it a pool of the advised size`, () => {
      assert.ok(existsSync(BUNDLE), "dist is missing: npm run build");
      const lines: string[] = [];
      const machine = sandbox(board, { modules: { tidyheap: readFileSync(BUNDLE, "utf8") }, print: (line) => void lines.push(line) });
      const { size, handles, tickMs, budget } = advise(board);
      machine.exec(`var pool=require("tidyheap").create({size:${size},handles:${handles}});
        var hs=[];for(var h;h=pool.alloc(100);)hs.push(h);
        for(var i=0;i<hs.length;i+=2)pool.free(hs[i]);
        pool.start(${tickMs},${budget});
        setTimeout(function(){print(process.env.BOARD,pool.check()==="",pool.stat().moved>0)},${tickMs * 20})`);
      machine.run(tickMs * 21);
      assert.deepEqual(lines, [`${board.name} true true`]);
      assert.deepEqual(machine.faults, []);
    });
  }
});
