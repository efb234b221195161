import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Board } from "../boards/board";
import { BOARDS } from "../boards/index";
import { explain } from "../tools/command";
import { vars } from "../tools/upload/check";
import { Console } from "../tools/upload/console";
import { choose, costs, FLAVOURS, read } from "../tools/upload/flavour";
import { reason } from "../tools/upload/driver";
import { program } from "../tools/upload/program";
import { open, type Wire } from "../tools/upload/wire";
import { OPTIONS, settings, upload, type Settings } from "../tools/upload";
import { stand, type Faults, type Stand } from "./stand";

const ROOT = join(__dirname, "..");
const DIST = join(ROOT, "dist");

/** Times for a stand-in that answers; one that never does is given up in 0.3 s, one that stops answering in half a second. */
const PATIENT = { answerMs: 8000, writeMs: 8000, settleMs: 2, pieceBytes: 4096 };

function times({ mute, babble, hang }: Faults): typeof PATIENT {
  const answerMs = mute || babble ? 300 : hang ? 500 : PATIENT.answerMs;
  return { ...PATIENT, answerMs, writeMs: answerMs };
}

let folder = "";

/** A file in the test's folder. */
function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

function wanted(port: string, args: string[], faults: Faults = {}): Settings {
  const made = settings(["--port", port, ...args]);
  return { ...made, wire: { ...made.wire, openMs: 5000 }, console: { ...made.console, ...times(faults) } };
}

interface Outcome {
  said: string[];
  shown: string[];
  /** "" when it went well. */
  error: string;
  board: Stand;
}

/** One upload to a stand-in. */
async function to(board: Board, args: string[], faults: Faults = {}): Promise<Outcome> {
  const one = await stand(board, faults);
  const outcome: Outcome = { said: [], shown: [], error: "", board: one };
  try {
    await upload(wanted(one.port, args, faults), (line) => outcome.said.push(line), (text, done, total) => outcome.shown.push(`${text} ${done} ${total}`));
  } catch (error) {
    outcome.error = (error as Error).message;
  } finally {
    await one.end();
  }
  return outcome;
}

/** The emulated board keeps the code of modules in RAM, also of those that are in Storage. */
const BIG: Board = { ...BOARDS.esp32, vars: 65535, storageBytes: 128 * 1024 };
const APP = 'global.pool = require("tidyheap").create(512);\n// counts\nglobal.h = global.pool.alloc(\n  40 // bytes\n);\nprint("live", global.pool.stat().live);\n';

describe("upload", () => {
  before(() => (folder = mkdtempSync(join(tmpdir(), "tidyheap-"))));
  after(() => rmSync(folder, { recursive: true, force: true }));

  describe("that goes well", () => {
    it("writes the module into Storage byte for byte, tries it and says what is next", async () => {
      const { said, shown, error, board } = await to(BOARDS.pico, ["--storage", "--board", "pico"]);
      assert.equal(error, "");
      assert.equal(board.storage().tidyheap, readFileSync(join(DIST, "tidyheap.min.js"), "latin1"));
      assert.match(said[0], /^Espruino Pico \(PICO_R1_3\), firmware 2v29: \d+ JsVars and 49152 bytes of Storage are free$/);
      assert.match(said[1], /^tidyheap: \d+ bytes written to Storage and compared$/);
      assert.match(said.at(-1)!, /create\(\{ size: 20480, handles: 426 \}\)/);
      assert.ok(shown.length > 3 && shown[1].startsWith("writing tidyheap 4096 "));
    });

    it("writes nothing that is there already", async () => {
      const one = await stand(BOARDS.pico);
      try {
        for (let round = 0; round < 2; round++) await upload(wanted(one.port, ["--storage", "--flavour", "tiny"]), () => undefined, () => undefined);
        assert.equal(one.lines.filter((line) => line.includes(".write(") && line.includes(",0,")).length, 1);
      } finally {
        await one.end();
      }
    });

    it("installs every flavour under the name that programs require", async () => {
      const { error, board } = await to(BIG, ["--storage", "--flavour", "full,far,fram,spi,page,thumb,record,kit"]);
      assert.equal(error, "");
      assert.deepEqual(Object.keys(board.storage()).sort(), ["tidyheap", "tidyheap-far", "tidyheap-fram", "tidyheap-kit", "tidyheap-page", "tidyheap-record", "tidyheap-spi", "tidyheap-thumb"]);
    });

    for (const flavour of ["core", "tiny"]) {
      it(`puts ${flavour} into RAM`, async () => {
        const { error, board, said } = await to(BOARDS.pico, ["--flavour", flavour]);
        assert.equal(error, "");
        assert.deepEqual(board.storage(), {});
        assert.match(said.at(-1)!, /gone after a reset/);
      });
    }

    it("runs a program without its comments, and shows what it prints", async () => {
      const { error, said, board } = await to(BOARDS.pico, [file("app.js", APP)]);
      assert.equal(error, "");
      assert.ok(said.includes("app.js: runs, without an error so far, and prints") && said.includes("  live 1"), said.join("\n"));
      assert.ok(board.lines.includes("global.h = global.pool.alloc(\n  40 \n);"));
    });

    it("makes a program run when the board starts, when that is asked for", async () => {
      const { error, said, board } = await to(BOARDS.pico, ["--storage", "--boot", file("boot.js", APP)]);
      assert.equal(error, "");
      assert.ok(board.storage()[".bootcde"].includes("pool.alloc"));
      assert.equal(board.lines.filter((line) => line.includes("pool.alloc")).length, 1, "only as a file");
      assert.ok(said.includes("  live 1"), said.join("\n"));
    });

    it("compares byte by byte where the firmware has no E.CRC32", async () => {
      const { error, shown } = await to(BOARDS.pico, ["--storage", "--flavour", "tiny"], { plain: true });
      assert.equal(error, "");
      assert.ok(shown.some((text) => text.startsWith("comparing tidyheap")));
    });

    it("waits while the board says so", async () => {
      const { error } = await to(BOARDS.pico, ["--storage", "--flavour", "tiny"], { halting: true });
      assert.equal(error, "");
    });

    it("goes slowly when asked", async () => {
      const sent: string[] = [];
      const wire: Wire = { ondata: () => undefined, onend: () => undefined, close: () => undefined, send: async (text) => void sent.push(text) };
      const console = new Console(wire, { ...PATIENT, answerMs: 1, paceMs: 1 });
      await assert.rejects(console.run("0".repeat(90)), { kind: "late" });
      assert.ok(sent.length > 5 && sent.every(({ length }) => length <= 20));
      assert.match(sent.join(""), /^\x10(0{90});print\(.*\)\n$/);
      assert.equal(wanted("x", ["--slow"]).console.paceMs, 50);
    });
  });

  describe("that does not", () => {
    it("takes LOW_MEMORY for the warning that it is", async () => {
      const wire: Wire = { ondata: () => undefined, onend: () => undefined, close: () => undefined, send: async (text) => {
        const mark = /th(\d+)=/.exec(text)?.[1];
        if (mark) wire.ondata(`New interpreter error: LOW_MEMORY${said}\r\n<th${mark}=0=th${mark}>\r\n`);
      } };
      let said = "";
      const console = new Console(wire, { ...PATIENT, paceMs: 0 });
      await console.restart("reset()");
      await console.run("0");
      said = ",MEMORY";
      await assert.rejects(console.run("0"), { kind: "memory" });
    });

    const cases: [string, Board, string[], Faults, RegExp][] = [
      ["a board that does not answer", BOARDS.pico, [], { mute: true }, /^no Espruino answers at tcp:.* within 0.3 s: check that this is the board and/],
      ["something else that talks", BOARDS.pico, [], { babble: "login: " }, /^no Espruino answers .*, it says "login:/],
      ["a console with a password", BOARDS.pico, [], { babble: "\r\npassword>" }, /asks for a password/],
      ["old firmware", BOARDS.pico, [], { version: "2v28" }, /^its firmware is 2v28, .* from 2v29 on: update it/],
      ["another engine", BOARDS.pico, [], { version: "v20.1" }, /^what answers is no Espruino/],
      ["an answer that is none", BOARDS.pico, [], { print: [/process\.version/, "<th2={=th2>\r\n<th3={=th3>"] }, /^error on the board while asking what it is: its answer is {$/],
      ["an answer to something else", BOARDS.pico, [], { print: [/process\.version/, "<th2=5=th2>"] }, /^what answers is no Espruino: its process.version is 5$/],
      ["another board", BOARDS.pico, ["--board", "puck"], {}, /^this is Espruino Pico \(PICO_R1_3\), not Puck.js \(PUCKJS\)/],
      ["too few JsVars for RAM", BOARDS.puck, [], {}, /^it has \d+ free JsVars, \d+ are needed with the code in RAM: --storage takes about half/],
      ["too few JsVars with Storage", { ...BOARDS.puck, vars: 1000 }, ["--storage"], {}, /^it has \d+ free JsVars, 1240 are needed with the code in Storage: use a smaller flavour, core or tiny$/],
      ["too little Storage", { ...BOARDS.pico, storageBytes: 8192 }, ["--storage"], {}, /^its Storage has 8192 bytes for this, \d+ are needed: erase files/],
      ["a board without Storage", BOARDS.stm32f4, ["--storage"], {}, /^its Storage has 0 bytes for this, .*: leave --storage out$/],
      ["a byte that changes", BOARDS.pico, ["--storage"], { corrupt: "tidyheap" }, /^tidyheap in Storage is not what was sent \(CRC-32 \w+, not \w+\), it has been erased/],
      ["a byte that changes, without E.CRC32", BOARDS.pico, ["--storage"], { corrupt: "tidyheap", plain: true }, /\(another byte after 0\), it has been erased/],
      ["a connection that drops in the middle", BOARDS.pico, ["--storage"], { drop: /,8192\)/ }, /^connection lost while writing tidyheap to Storage \(the other side has closed it\)/],
      ["a board that hangs", BOARDS.pico, ["--storage"], { hang: /,8192\)/ }, /^no answer from the board while writing tidyheap to Storage/],
      ["an error on the board", BOARDS.pico, ["--storage"], { print: [/,4096\)/, "Uncaught Error: flash is worn\r\n at line 1\r\n>"] }, /^error on the board while writing tidyheap to Storage: Uncaught Error: flash is worn$/],
      ["a board that runs out of memory", BOARDS.pico, [], { print: [/addCached/, "OUT OF MEMORY\r\nExecution Interrupted\r\n>"] }, /^the board ran out of JsVars while sending tidyheap/],
      ["a module that is not found", BOARDS.pico, ["--storage"], { print: [/\(require\("tidyheap"\)\)/, 'Uncaught Error: Module "tidyheap" not found\r\n>'] }, /^module "tidyheap" is not on the board/],
      ["a module that does not work", BOARDS.pico, ["--storage"], { print: [/\(require\("tidyheap"\)\)/, 'Uncaught "a stale handle gives 0"\r\n>'] }, /^error on the board while trying tidyheap: Uncaught "a stale handle/],
      ["a watch that starts by itself", { ...BIG, name: "BANGLEJS2" }, ["--storage", "--boot", "app.js"], {}, /^Bangle.js 2 \(BANGLEJS2\) starts its watch face/],
      ["an error with a code", BOARDS.pico, ["--storage"], { print: [/,4096\)/, "Uncaught Error: NO_CHIP: ff, not 40\r\n at line 1\r\n>"] }, /: Uncaught Error: NO_CHIP: ff, not 40 \(see docs\/errors\.md\)$/],
      ["a program with an error", BOARDS.pico, ["broken.js"], {}, /^error on the board while running broken.js: Uncaught ReferenceError: pol is not defined/],
      ["a program that never ends", BOARDS.pico, ["app.js"], { hang: /pool.alloc/ }, /^no answer from the board while running app.js.*: a program has to come to an end/],
      ["a program that lacks a module", BOARDS.pico, ["other.js"], {}, /^other.js requires "AT25", .*: store it first/]
    ];
    before(() => {
      file("app.js", APP);
      file("broken.js", "pol.alloc(1);");
      file("other.js", 'require("AT25"); require("tidyheap"); require("heatshrink");');
    });
    for (const [what, board, args, faults, text] of cases) {
      it(`says so of ${what}`, async () => {
        const { error, said, board: one } = await to(board, args.map((arg) => (arg.endsWith(".js") ? join(folder, arg) : arg)), faults);
        assert.match(error, text);
        assert.ok(!error.includes("\n") && error.length < 400, error);
        assert.ok(!said.some((line) => line.startsWith("Done")));
        if (faults.corrupt || /flash is worn/.test(error)) assert.deepEqual(one.storage(), {});
      });
    }

    it("leaves no half of a module when it is stopped", async () => {
      const one = await stand(BOARDS.pico);
      const halt = new AbortController();
      const show = (text: string, done: number): void => void (/writing/.test(text) && done && halt.abort());
      try {
        await assert.rejects(upload(wanted(one.port, ["--storage"]), () => undefined, show, () => halt.signal), { message: "stopped while writing tidyheap to Storage: repeat the upload" });
        assert.deepEqual(one.storage(), {});
        assert.ok(one.lines.some((line) => /write\("tidyheap"/.test(line)));
      } finally {
        await one.end();
      }
    });

    it("writes nothing before all checks are passed", async () => {
      for (const [board, args, faults] of [
        [{ ...BOARDS.puck, vars: 1000 }, ["--storage"], {}],
        [{ ...BOARDS.pico, storageBytes: 8192 }, ["--storage"], {}],
        [BOARDS.pico, ["--storage"], { version: "2v10" }]
      ] as [Board, string[], Faults][]) {
        const { error, board: one } = await to(board, args, faults);
        assert.notEqual(error, "");
        assert.ok(!one.lines.some((line) => /write|th\+=|addCached/.test(line)), one.lines.join("\n"));
      }
    });

    it("goes on with old firmware when it is told to", async () => {
      assert.equal((await to(BOARDS.pico, ["--storage", "--flavour", "tiny", "--untested"], { version: "2v10" })).error, "");
    });

    it("says in words what a driver says of a port", () => {
      assert.match(reason("Error: Error: Permission denied, cannot open /dev/ttyACM0"), /^no permission: on Linux/);
      assert.match(reason("Error: Error Resource temporarily unavailable Cannot lock port"), /^another program has it open/);
      assert.match(reason("Error: Opening COM3: File not found"), /^there is no such port$/);
      assert.equal(reason("Error: Error: something new\n  at x"), "something new");
    });

    it("says why a port cannot be reached", async () => {
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      const { port } = server.address() as AddressInfo;
      await new Promise((resolve) => server.close(resolve));
      await assert.rejects(open(`tcp://127.0.0.1:${port}`, { openMs: 5000, baud: 9600 }), { message: `no connection to tcp://127.0.0.1:${port}: nothing listens there` });
    });
  });

  describe("from the command line", () => {
    /** What the tool prints, and how it ends. */
    function run(args: string[]): Promise<{ code: number | null; out: string; error: string }> {
      return new Promise((resolve) => {
        const child = spawn(process.execPath, ["--import=tsx", join(ROOT, "tools", "upload.ts"), ...args], { cwd: ROOT, stdio: ["ignore", "pipe", "pipe"] });
        let out = "";
        let error = "";
        child.stdout.on("data", (data) => (out += data));
        child.stderr.on("data", (data) => (error += data));
        child.on("close", (code) => resolve({ code, out, error }));
      });
    }

    it("ends with 0 after success, and with 1 and one line after a failure", async () => {
      const one = await stand(BOARDS.pico);
      const other = await stand(BOARDS.pico, { version: "2v10" });
      try {
        const [good, bad] = await Promise.all([run(["--port", one.port, "--storage", "--flavour", "tiny"]), run(["--port", other.port, "--storage"])]);
        assert.deepEqual([good.code, good.error.replace(/^writing.*\n/gm, "")], [0, ""]);
        assert.match(good.out, /^Done\. Next/m);
        assert.equal(bad.code, 1);
        assert.match(bad.error, /^upload: its firmware is 2v10[^\n]*\n$/);
      } finally {
        await Promise.all([one.end(), other.end()]);
      }
    });

    it("lists the ports there are, through the drivers of the espruino package, when none or a wrong one is given", async () => {
      const { code, error } = await run([]);
      assert.equal(code, 1);
      assert.match(error, /^upload: --port is missing\. Ports here: [^\n]*tcp:\/\/host:port\n$/);
      await assert.rejects(upload(wanted(join(folder, "ttyNONE"), []), () => undefined, () => undefined), /ttyNONE: there is no such port\. Ports here: /);
    });
  });

  describe("arguments", () => {
    for (const [args, text] of [
      [["--board", "picco"], /^no board "picco", there are esp32, /],
      [["--flavour", "ful"], /^no flavour "ful", there are full, core, /],
      [["--flavour", "full,tiny"], /^full and tiny have the same name "tidyheap", take one$/],
      [["--boot"], /^--boot needs a program/],
      [["--boot", "APP"], /^--boot needs --storage/],
      [["--firmware", "x.hex"], /^--firmware is for --hex/],
      [["--port", "localhost:2323"], /^--port is localhost:2323: a board on the network is tcp:\/\/localhost:2323$/],
      [["--timeout", "0"], /^--timeout is 0, expected a whole number from 1 to 600$/],
      [["missing.js"], /^there is no missing.js$/],
      [["--hexx", "a"], /^no option --hexx, see --help$/]
    ] as [string[], RegExp][]) {
      it(`are refused in one line: ${args.join(" ")}`, () => {
        const given = args.map((arg) => (arg === "APP" ? file("app.js", APP) : arg));
        assert.throws(() => settings(given), (error: Error) => text.test(explain(error)));
      });
    }

    it("are refused with a program that a console would obey", () => {
      for (const letter of ["\x03", "\x08", "\x10", "\x11", "\x13", "\x1b", "\x7f"]) {
        const path = file("odd.js", `var a = 1;\nvar b = "${letter}";`);
        assert.throws(() => settings([path]), { message: `odd.js:2 has the control character \\x${letter.charCodeAt(0).toString(16).padStart(2, "0")}, which a console obeys: write it with an escape` });
      }
      settings([file("odd.js", "// \x03\nvar a = 1;\t\r\n")]);
    });

    it("bring what a flavour is of no use without", () => {
      const names = (list: string, required?: string[]): string => choose(list, required).map(({ name }) => name).join();
      assert.equal(names(""), "full");
      assert.equal(names("spi"), "far,spi");
      assert.equal(names("spi,fram"), "fram,spi");
      assert.equal(names("page"), "far,spi,page");
      assert.equal(names("kit"), "full,kit");
      assert.equal(names("kit, core"), "core,kit");
      assert.equal(names("thumb,kit"), "full,thumb,kit");
      assert.equal(names("", ["tidyheap-far", "tidyheap-spi", "AT25"]), "far,spi");
      assert.equal(names("", ["tidyheap"]), "full");
    });

    it("are all in docs/upload.md", () => {
      const text = readFileSync(join(ROOT, "docs", "upload.md"), "utf8");
      for (const name of Object.keys(OPTIONS)) assert.ok(text.includes(`\`--${name}`), name);
      for (const { name, module } of FLAVOURS) assert.ok(text.includes(name) && text.includes(`\`${module}\``), name);
    });

    it("take the speed of a board's console", () => {
      assert.equal(settings([]).wire.baud, 9600);
      assert.equal(settings(["--board", "esp32"]).wire.baud, 115200);
      assert.equal(settings(["--board", "esp32", "--baud", "9600"]).wire.baud, 9600);
    });
  });

  describe("room", () => {
    it("is what npm run size says a bundle takes, and what trying it takes", () => {
      const readme = readFileSync(join(ROOT, "README.md"), "utf8");
      for (const flavour of FLAVOURS) {
        const { ramVars, storageVars } = costs(flavour.file);
        assert.ok(storageVars > 0 && ramVars > storageVars, flavour.file);
        assert.ok(readme.includes(storageVars.toLocaleString("en")), flavour.file);
        const module = read(flavour);
        assert.equal(vars([module], true), storageVars + flavour.trialVars);
        assert.ok(vars([module], false) > ramVars + module.text.length / 12);
      }
    });

    it("is for one module at a time in Storage, for all in RAM, and for those a program requires", () => {
      const [full, kit] = choose("kit").map((flavour) => read(flavour));
      const app = program("a.js", 'require("tidyheap");require("tidyheap-kit");');
      assert.equal(vars([full, kit], true), Math.max(vars([full], true), vars([kit], true)));
      assert.equal(vars([full, kit], true, app), full.storageVars + kit.storageVars + 5 + 3);
      assert.ok(vars([full, kit], false) > full.ramVars + kit.ramVars);
    });

    it("is refused for a bundle that npm run size does not know", () => {
      assert.throws(() => costs("tidyheap-none.min.js"), /no JsVars of tidyheap-none.min.js/);
    });
  });

  describe("program", () => {
    it("is cut into statements, without comments, with the lines of what is inside", () => {
      const { statements, text, requires } = program("a/b.js", '\uFEFFvar a = "//";\r\n/* one\n two */ if (a)\n  b(); // ≥\nfunction f() { return require("x") }\nrequire(a);');
      assert.deepEqual(statements, ['var a = "//";', "if (a)\n  b();", 'function f() { return require("x") }', "require(a);"]);
      assert.equal(text.split("\n").length, 6);
      assert.deepEqual(requires, ["x"]);
    });

    for (const [source, text] of [
      ["f(;", "b.js:1:3 Unexpected token"],
      ["a;\nif (a) {", "b.js:2:9 Unexpected token"],
      ['\n"≥"', 'b.js:2 "≥" is no single byte, and strings of Espruino have bytes: write it with \\x escapes'],
      ["// nothing", "b.js has no statements"]
    ]) {
      it(`is refused in one line: ${JSON.stringify(source)}`, () => assert.throws(() => program("a/b.js", source), { message: text }));
    }
  });
});
