import assert from "node:assert/strict";
import { all, run } from "../tools/engine";
import { on, prove, text } from "./suite";

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
