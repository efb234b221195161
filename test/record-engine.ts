import assert from "node:assert/strict";
import { all, run } from "../tools/engine";
import { parse, verify, type Trace } from "../tools/trace";
import { on, prove, text } from "./suite";

const MODULES = { tidyheap: text("tidyheap-core.min.js"), trail: text("tidyheap-record.min.js") };
const PROGRAM = `var h=[],k=0,i;
for(i=0;i<60;i++){k=(k+7)%20;if(h[k])p.free(h[k]);h[k]=p.alloc(8+i*37%56);if(i%9===0)print("something else "+i)}
r.stop();`;

/** The one trace of a console, which is whole. */
function only(console: string): Trace {
  const traces = parse(console);
  assert.equal(traces.length, 1);
  assert.equal(verify(traces[0]), "");
  assert.equal(traces[0].events.filter(({ kind }) => kind === "A").length, 60);
  return traces[0];
}

describe("record inside an engine", () => {
  prove(["record"]);

  for (const name of all().filter((one) => one.startsWith("espruino"))) {
    on(name, `${name} writes over the console, and into a file that is read back`, async (engine) => {
      const source = `var p=require("tidyheap").create({size:1024,handles:30}),r=require("trail").record(p);
${PROGRAM}
var q=p;p=require("tidyheap").create({size:1024,handles:30});r=require("trail").record(p,{file:require("Storage").open("t","a")});
${PROGRAM}
print("@@@");var f=require("Storage").open("t","r"),l;while((l=f.readLine())!==undefined)print(l.slice(0,-1));`;
      const { lines, fault } = await run(engine, source, { timeout: 60000, modules: MODULES });
      assert.equal(fault, "");
      const cut = lines.indexOf("@@@");
      const printed = only(lines.slice(0, cut).join("\n"));
      const stored = only(lines.slice(cut + 1).join("\r\n"));
      const plain = ({ events }: Trace) => events.filter(({ kind }) => !"TDAMFO".includes(kind));
      assert.deepEqual(plain(stored), plain(printed));
      assert.equal(stored.about.board, "LINUX");
    }, 120000);
  }
});
