import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { all, find, isEspruino, needed } from "../tools/engine";
import { settings, upload } from "../tools/upload";
import { Console } from "../tools/upload/console";
import { choose, read } from "../tools/upload/flavour";
import { hex, image, stretches } from "../tools/upload/hex";
import { prove } from "../tools/upload/install";
import { open } from "../tools/upload/wire";
import { bridge, type Bridge } from "./bridge";

const TIMES = { answerMs: 10000, writeMs: 20000, settleMs: 60, pieceBytes: 400, paceMs: 0 };
const LINUX_STORAGE = 262144; // flash in boards/LINUX.py of Espruino
const APP = 'var pool = require("tidyheap").create(512), h = pool.alloc(\n  20\n);\nfunction show() {\n  if (pool.has(h)) print("live");\n}\nsetInterval(show, 20);\n';

/** One interpreter with `flash` in its Storage, and what `use` does with it. */
async function on<T>(path: string, use: (one: Bridge) => Promise<T>, flash?: Buffer): Promise<T> {
  const one = await bridge(path, flash);
  try {
    return await use(one);
  } finally {
    await one.end();
  }
}

async function uploaded(one: Bridge, args: string[]): Promise<string[]> {
  const said: string[] = [];
  const made = settings(["--port", one.port, ...args]);
  await upload({ ...made, console: TIMES }, (line) => said.push(line), () => undefined);
  return said;
}

/** A console of an interpreter right after its start. */
async function asked<T>(one: Bridge, use: (console: Console) => Promise<T>): Promise<T> {
  const wire = await open(one.port, { openMs: 5000, baud: 9600 });
  try {
    const console = new Console(wire, TIMES);
    await console.hello();
    return await use(console);
  } finally {
    wire.close();
  }
}

for (const name of all().filter((one) => isEspruino({ name: one, path: "" }))) {
  const engine = find(name);
  const title = `upload to ${name}`;
  if (!engine && !needed(name)) {
    describe(title, () => it.skip(`is not tried: TIDYHEAP_ENGINES names no ${name}`, () => undefined));
    continue;
  }

  describe(title, function () {
    this.timeout(30000);
    // Espruino for Linux reads its console in a thread that shares a buffer with the interpreter and has no lock (targets/linux/jshardware.c):
    // now and then a character is lost, or it crashes. Boards read theirs in an interrupt.
    this.retries(3);
    let folder = "";
    let path = "";
    before(() => {
      path = engine!.path;
      folder = mkdtempSync(join(tmpdir(), "tidyheap-"));
      writeFileSync(join(folder, "app.js"), APP);
    });
    after(() => rmSync(folder, { recursive: true, force: true }));

    it("finds the modules of a HEX file in its Storage, and they work", () => {
      const modules = choose("full,thumb").map((flavour) => read(flavour));
      const made = image(modules.map(({ module, text }) => ({ name: module, data: Buffer.from(text, "latin1") })), LINUX_STORAGE);
      const [{ data }] = stretches(hex(0x6c000, made));
      return on(
        path,
        (one) =>
          asked(one, async (console) => {
            await console.restart("reset()");
            for (const module of modules) await prove(console, module, true);
            assert.deepEqual(await console.ask('require("Storage").list()'), ["tidyheap", "tidyheap-thumb"]);
            // and Storage takes more files behind them
            await console.run('require("Storage").write("more","text");');
            assert.equal(await console.ask('require("Storage").read("more")'), "text");
          }),
        data
      );
    });

    if (name === "espruino2500") {
      it("refuses the full pool in RAM, which it has no room for", () =>
        on(path, (one) => assert.rejects(uploaded(one, []), { message: /^it has \d+ free JsVars, \d+ are needed with the code in RAM: --storage takes about half/ })));
    }

    // the console is the same in all of them, and slow
    if (name !== "espruino") return;

    it("keeps a module in Storage, and runs a program at the start", () =>
      on(path, async (one) => {
        const said = await uploaded(one, ["--storage", "--boot", "--flavour", "tiny", join(folder, "app.js")]);
        assert.match(said.join("\n"), /^tidyheap: \d+ bytes written to Storage and compared$/m);
        assert.match(said.join("\n"), /^ {2}live$/m);
        assert.equal(await asked(one, (console) => console.ask<number>('require("Storage").read("tidyheap").length')), readFileSync(join(__dirname, "..", "dist", "tidyheap-tiny.min.js")).length);
      }));

    it("says what the interpreter says of an error", () =>
      on(path, async (one) => {
        writeFileSync(join(folder, "broken.js"), "var a = 1;\nundone.call(a);\n");
        await assert.rejects(uploaded(one, ["--flavour", "tiny", join(folder, "broken.js")]), { message: /^error on the board while running broken.js: Uncaught ReferenceError: "undone" is not defined$/ });
      }));
  });
}
