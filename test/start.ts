import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ram } from "../src/store";
import { bundle } from "../tools/bundle";
import { faults as dialect } from "../tools/dialect";
import { names } from "../tools/engine";
import { lines, packages } from "../tools/job/feed";
import { firstfit } from "../tools/job/firstfit";
import { tidyheap, type Library, type Memory } from "../tools/job/memory";
import { checksum, LIMIT, open, type Job, type Kind, type Report } from "../tools/job/program";
import { Screen, type Lane } from "../tools/job/screen";
import { faults, meaning, table } from "../tools/job/table";
import { plan, run, settings } from "../tools/start";
import { parse, verify } from "../tools/trace";
import { pick, random } from "./random";
import { on } from "./suite";

const ROOT = join(__dirname, "..");
const KINDS: Kind[] = ["firstfit", "tidyheap"];
const SIZE = 4096;

/** The bundle that the job runs. */
function library(): Library {
  return require(join(ROOT, "dist", "tidyheap.min.js"));
}

/** Messages of many lengths whose bytes tell them apart. */
function messages(count: number, longest: number, seed = 1): string[] {
  const next = random(seed);
  return Array.from({ length: count }, (_, number) => {
    const length = 1 + next(longest);
    return `${number}:${Array.from({ length }, () => String.fromCharCode(32 + next(224))).join("")}`;
  });
}

/** What a run writes on a screen that is no terminal. */
class Paper {
  text = "";
  write(text: string): void {
    this.text += text;
  }
}

/** The program over one memory, in Node, fed with pieces that do not mind where a message ends. */
function drive(kind: Kind, list: string[], size = SIZE): Job {
  const job = open(kind, library(), plan(list, size, 128, settings([])), () => 0);
  const text = list.map((message) => `${message}\n`).join("");
  for (let at = 0; at < text.length; at += 13) {
    job.take(text.slice(at, at + 13));
    job.tick();
  }
  return job;
}

function content({ memory }: Job, ref: number, size: number): string {
  return Array.from(memory.read(ref, 0, size), (code) => String.fromCharCode(code)).join("");
}

/** Throws unless `text` is the messages from `number` on, one after another, each with a stamp or without. */
function explain(text: string, number: number, list: string[]): void {
  for (let next = number; text !== ""; next++) {
    assert.ok(list[next] !== undefined && text.startsWith(list[next]), `message ${number} goes on with ${JSON.stringify(text.slice(0, 40))}`);
    text = text.slice(list[next].length).replace(/^ @\d+/, "");
  }
}

interface Exit {
  code: number | null;
  out: string;
  error: string;
}

function child(args: string[], input = ""): Promise<Exit> {
  return new Promise((resolve, reject) => {
    const one = spawn(process.execPath, ["--import=tsx", join(ROOT, "tools", "start.ts"), ...args], { cwd: ROOT });
    const exit: Exit = { code: null, out: "", error: "" };
    one.stdout.on("data", (data) => (exit.out += data));
    one.stderr.on("data", (data) => (exit.error += data));
    one.on("error", reject);
    one.on("close", (code) => resolve({ ...exit, code }));
    one.stdin.end(input);
  });
}

describe("start", function () {
  this.timeout(30000);
  const list = messages(300, 250);
  let folder = "";
  let file = "";
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "tidyheap-"));
    file = join(folder, "input");
    writeFileSync(file, list.map((message) => `${message}\n`).join(""), "latin1");
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  describe("job", () => {
    for (const kind of KINDS) {
      it(`keeps messages as they came in ${kind}`, () => {
        const job = drive(kind, list);
        const report = job.report();
        for (const message of job.kept) explain(content(job, message.ref, message.size), message.number, list);
        const bytes = job.kept.reduce((sum, message) => sum + message.size, 0);
        assert.ok(job.kept.length > 0);
        assert.deepEqual([report.kept, report.keptBytes, report.right], [job.kept.length, bytes, bytes]);
        assert.ok(report.verified > report.bytes / 2, `${report.verified} bytes verified of ${report.bytes} received`);
        assert.equal(report.damaged, 0);
        assert.equal(report.check, "");
      });

      it(`accounts for every message in ${kind}`, () => {
        const { messages, kept, joined, dropped, lost, bytes, served, asked } = drive(kind, list).report();
        assert.equal(messages, list.length);
        assert.equal(kept + joined + dropped + lost, messages);
        assert.equal(bytes, list.reduce((sum, message) => sum + message.length, 0));
        assert.equal(asked, Math.floor(list.length / 16));
        assert.ok(served > 0 && served <= asked);
      });

      it(`finds any bit turned over in ${kind}`, () => {
        for (let bit = 0; bit < 8; bit++) {
          const job = drive(kind, list);
          const message = job.kept[bit % job.kept.length];
          const at = (bit * 37) % message.size;
          job.memory.write(message.ref, at, new Uint8Array([job.memory.read(message.ref, at, 1)[0] ^ (1 << bit)]));
          const report = job.report();
          assert.deepEqual(report.faults, [message.number]);
          assert.equal(report.keptBytes - report.right, message.size);
          assert.match(faults([report])[0], new RegExp(`message ${message.number}\\)`));
        }
      });

      it(`loses the oldest message when ${kind} refuses`, () => {
        const job = drive(kind, list);
        const [first, second] = job.kept;
        let refusals = 1;
        const alloc = job.memory.alloc.bind(job.memory);
        job.memory.alloc = (bytes) => (refusals-- > 0 ? 0 : alloc(bytes));
        const { lost, refused } = job.tally;
        job.take("x\n");
        assert.deepEqual([job.tally.lost - lost, job.tally.refused - refused], [1, 1]);
        assert.ok(!job.kept.includes(first) && job.kept.includes(second));
      });
    }

    it("gives both memories the same bytes and fills them", () => {
      for (const kind of KINDS) {
        const { sums, messages, meta } = drive(kind, list).report();
        assert.ok(sums.used / messages / SIZE > 0.6, `${kind} holds ${sums.used / messages} bytes`);
        assert.ok(meta > 0 && meta < SIZE / 4);
      }
      const { memory } = drive("tidyheap", list);
      assert.ok(memory.largest() + memory.meta() <= SIZE);
      const empty = open("tidyheap", library(), plan(list, SIZE, 128, settings([])), () => 0).memory;
      assert.ok(empty.largest() + empty.meta() <= SIZE && empty.largest() + empty.meta() > SIZE - 8);
    });

    it("refuses nothing on tidyheap where first fit does", () => {
      const [fit, tidy] = KINDS.map((kind) => drive(kind, list).report());
      assert.ok(fit.refused > 0);
      assert.equal(tidy.refused, 0);
      assert.ok(tidy.moved > 0 && tidy.tick <= 128);
    });

    it("cuts a message that is too long", () => {
      const job = drive("firstfit", ["a".repeat(1000), "b"]);
      assert.equal(job.tally.cut, 1);
      const { ref, size } = job.kept[0];
      assert.match(content(job, ref, size), /^a{409}( @409)?b?$/); // a tenth of 4096
    });

    it("is in Espruino's dialect", async () => {
      const code = await bundle(join(ROOT, "tools", "job", "program.ts"), { name: "job", min: true });
      assert.deepEqual(dialect(code), []);
    });

    it("has a checksum that no single byte escapes", () => {
      const data = [1, 2, 3, 250];
      for (let at = 0; at < data.length; at++) {
        const sums = Array.from({ length: 256 }, (_, value) => checksum(0, data.map((byte, i) => (i === at ? value : byte))));
        assert.equal(new Set(sums).size, 256);
      }
    });
  });

  describe("first fit", () => {
    /** A memory of 64 bytes with blocks of 4, 12 and 4 bytes: # in use, . free, one character a word. */
    function three(): { memory: Memory; refs: number[] } {
      const memory = firstfit(64);
      return { memory, refs: [4, 12, 4].map((bytes) => memory.alloc(bytes)) };
    }

    it("takes the first hole that is large enough", () => {
      const { memory, refs } = three();
      assert.equal(memory.map(16), "########........");
      memory.free(refs[1]);
      assert.equal(memory.map(16), "##....##........");
      assert.equal(memory.alloc(13), 36);
      assert.equal(memory.map(16), "##....#######...");
      assert.equal(memory.alloc(12), refs[1]);
      assert.equal(memory.alloc(12), 0);
      assert.equal(memory.alloc(8), 56);
      assert.equal(memory.map(16), "################");
      assert.equal(memory.largest(), 0);
    });

    it("merges holes in any order", () => {
      for (const order of [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]]) {
        const { memory, refs } = three();
        for (const at of order) {
          memory.free(refs[at]);
          assert.equal(memory.check(), "");
        }
        assert.deepEqual([memory.map(16), memory.largest(), memory.meta()], ["................", 60, 4]);
      }
    });

    it("grows in place, else elsewhere, and leaves a block it cannot grow", () => {
      const { memory, refs } = three();
      memory.write(refs[2], 0, new Uint8Array([1, 2, 3, 4]));
      assert.equal(memory.resize(refs[2], 8), refs[2]);
      assert.equal(memory.map(16), "#########.......");
      memory.write(refs[0], 0, new Uint8Array([5, 6, 7, 8]));
      assert.equal(memory.resize(refs[0], 20), 40);
      assert.equal(memory.map(16), "..#############.");
      assert.deepEqual([Array.from(memory.read(40, 0, 4)), memory.moved()], [[5, 6, 7, 8], 4]);
      assert.equal(memory.resize(refs[2], 40), 0);
      assert.deepEqual(Array.from(memory.read(refs[2], 0, 4)), [1, 2, 3, 4]);
      assert.equal(memory.resize(refs[1], 1), refs[1]);
      assert.equal(memory.map(16), "..##..#########.");
      assert.equal(memory.check(), "");
    });

    it("agrees with a model", () => {
      for (let seed = 0; seed < 10; seed++) agree(seed, firstfit(1024));
    });

    it("agrees with a model in a store", () => {
      for (let seed = 0; seed < 10; seed++) agree(seed, firstfit(1024, ram(1024)));
    });

    it("says which word of its bookkeeping is broken", () => {
      const { memory } = three();
      const heads = (memory as any)._heads as Uint16Array;
      for (const word of [0, 1, 4, 5, 12, 13]) {
        const old = heads[word];
        heads[word] = 0x7123;
        assert.notEqual(memory.check(), "", `word ${word}`);
        heads[word] = old;
        assert.equal(memory.check(), "");
      }
    });
  });

  describe("feed", () => {
    it("reads every package.json in path order, without white space", () => {
      const write = (path: string, text: string) => {
        mkdirSync(join(folder, "node_modules", path), { recursive: true });
        writeFileSync(join(folder, "node_modules", path, "package.json"), text);
      };
      write("b", '{\n  "name": "b é"\n}\n');
      write("a/node_modules/c", '{ "name" : "c" }');
      write("a", "no\n  JSON\n");
      assert.deepEqual(packages(folder).messages, ['{"name":"c"}', "no JSON", '{"name":"b \xc3\xa9"}']);
    });

    it("reads lines as bytes and leaves empty ones out", () => {
      assert.deepEqual(lines("x", Buffer.from("é\r\n\n b \nc")).messages, ["\xc3\xa9", " b ", "c"]);
      assert.deepEqual(lines("x", Buffer.from("")).messages, []);
    });
  });

  describe("screen", () => {
    const lanes: Lane[] = KINDS.map((name) => ({ name, kept: () => 3, map: (columns) => "#+.".repeat(columns).slice(0, columns) }));

    async function frames(columns: number, env: object): Promise<string[]> {
      const frames: string[] = [];
      const screen = new Screen({ isTTY: true, columns, write: (text) => frames.push(text) }, env);
      for (let done = 1; done <= 30; done++) await screen.show(done, 600, lanes);
      return frames;
    }

    it("draws over itself, not at every message, and no wider than the terminal", async () => {
      for (const columns of [200, 80, 30, 10, 3]) {
        const drawn = await frames(columns, { NO_COLOR: "1" });
        assert.equal(drawn.length, 3);
        assert.ok(!drawn[0].includes("\x1b[3A") && drawn[1].startsWith("\x1b[3A"));
        const plain = drawn.join("").replace(/\x1b\[3A|\x1b\[K|\r/g, "");
        assert.ok(!plain.includes("\x1b"), "a colour with NO_COLOR");
        for (const line of plain.split("\n")) assert.ok(line.length < columns, `${line.length} characters of ${columns}`);
      }
    });

    it("colours the map unless NO_COLOR is set", async () => {
      assert.ok((await frames(80, {}))[0].includes("\x1b[32m"));
    });

    it("takes at least a fifteenth of a second for a frame", async () => {
      const from = performance.now();
      await frames(80, {});
      assert.ok(performance.now() - from > 3 * (1000 / 15) - 5);
    });

    it("writes four lines where there is no terminal", async () => {
      for (const out of [new Paper(), Object.assign(new Paper(), { isTTY: true })]) {
        const screen = new Screen(out, { TERM: "dumb" });
        for (let done = 1; done <= 50; done++) await screen.show(done, 50, lanes);
        assert.equal(out.text.split("\n").length, 5);
        assert.match(out.text, /^ 26 % of 50 messages: firstfit keeps 3, tidyheap keeps 3\n/m);
      }
    });
  });

  describe("table", () => {
    let fit: Report;
    let tidy: Report;
    before(() => ([fit, tidy] = KINDS.map((kind) => drive(kind, list).report())));

    it("says what happened in one sentence", () => {
      const text = meaning([fit, tidy], LIMIT);
      assert.match(text, /the same 4,096 bytes .* 92 % .*: first fit refused [\d,]+ times and lost [\d,]+ messages .*, tidyheap refused nothing/);
      assert.equal(text.split(". ").length, 1);
    });

    it("does not praise where there is nothing to praise", () => {
      const calm: Report = { ...tidy, refused: 0, lost: 0 };
      assert.match(meaning([{ ...fit, refused: 0, lost: 0 }, calm], LIMIT), /too light/);
      assert.match(meaning([{ ...fit, refused: 0, lost: 0 }, { ...tidy, refused: 2, lost: 1 }], LIMIT), /first fit refused nothing, tidyheap refused 2 times and lost 1 message that/);
      assert.match(meaning([{ ...fit, messages: 0 }, calm], LIMIT), /nothing to compare/);
    });

    it("reports what failed", () => {
      assert.deepEqual(faults([fit, tidy]), []);
      const broken = { ...tidy, damaged: 2, faults: [7, -1], check: "I1 row 3" };
      assert.deepEqual(faults([fit, broken]), [
        "tidyheap: 2 times a block was not what had come in (message 7, a transmit buffer)",
        "tidyheap: check() says I1 row 3"
      ]);
    });
  });

  describe("command line", () => {
    it("refuses what it does not know", () => {
      const bad = ["--board nope", "--size 12", "--size 1e4", "--size 65537", "--seed -1", "--seed x", "--damage 1.5", "--nope", "extra", "--board", "--store"];
      for (const args of bad) assert.throws(() => settings(args.split(" ")), Error, args);
      assert.throws(() => settings(["--board", "constructor"]), /no board constructor/);
      assert.throws(() => settings(["--store", "23lc1024"]), /^Error: no chip 23lc1024, there are 23LC1024, .+$/);
      assert.throws(() => settings(["--store", "constructor"]), /no chip constructor/);
      assert.throws(() => settings(["--store", "23K640", "--size", "8193"]), /--size is 8193, expected a whole number from 1024 to 8192$/);
      assert.throws(() => settings(["--store", "APS6404L", "--size", "131068"]), /from 1024 to 131064$/);
      assert.throws(() => settings(["--store", "23K640", "--engine", "duk"]), /--store is for emulated boards/);
      assert.throws(() => settings(["--trace", "a", "--engine", "duk"]), /--trace is for emulated boards/);
    });

    it("takes every option", () => {
      const args = ["--board", "puck", "--input=-", "--engine", "x", "--size", "2048", "--seed", "7", "--damage", "3"];
      assert.deepEqual(settings(args), { board: "puck", input: "-", engine: "x", size: 2048, store: undefined, seed: 7, damage: 3, trace: undefined, help: false });
      const chip = settings(["--store", "23LC1024", "--size=131064"]);
      assert.deepEqual([chip.store, chip.size], ["23LC1024", 131064]);
    });

    it("runs on the emulated board and says the same as the program alone", async () => {
      const paper = new Paper();
      const wanted = settings(["--input", file, "--size", String(SIZE)]);
      const reports = await run(wanted, paper);
      assert.deepEqual(faults(reports), []);
      const same = (report: Report) => [report.messages, report.bytes, report.kept, report.keptBytes, report.refused, report.lost, report.verified];
      assert.deepEqual(same(reports[0]), same(drive("firstfit", list).report()));
      assert.ok(paper.text.includes(table(reports)));
      assert.equal(paper.text.match(/messages: first fit keeps \d+, tidyheap keeps \d+/g)?.length, 4);
    });

    for (const [part, mhz] of [["23K640", "10.5"], ["MB85RS64V", "10.5"], ["APS6404L", "42"], ["IS62WVS5128", "10.5"]]) {
      it(`keeps on a ${part} what it keeps in RAM, and counts what that costs on the bus`, async () => {
        const paper = new Paper();
        const reports = await run(settings(["--input", file, "--size", "8192", "--store", part]), paper);
        assert.deepEqual(faults(reports), []);
        assert.ok(paper.text.startsWith(`Espruino Pico, emulated, ${part} on SPI1 at ${mhz} MHz, 115200 baud: 300 messages`), paper.text.slice(0, 100));
        const same = (report: Report) => [report.messages, report.bytes, report.kept, report.keptBytes, report.refused, report.lost, report.moved, report.sums];
        assert.deepEqual(same(reports[0]), same(drive("firstfit", list, 8192).report()));
        // the table of an external pool has 11 bytes a row, the program reckons with 8 a message
        assert.ok(10 * reports[1].refused < reports[0].refused, `${reports[1].refused} of ${reports[0].refused}`);
        assert.ok(reports[1].moved > 0 && reports[1].tick <= 320);
        for (const { bus, bytes, verified, moved, kind } of reports) {
          const payload = bytes + verified + 2 * moved;
          assert.ok(bus && bus.bytes > payload && bus.frames > bus.bytes / 260, `${kind}: ${JSON.stringify(bus)}, ${payload} bytes of payload`);
          assert.equal(Math.round(bus.ms), Math.round((bus.bytes * 8) / (Number(mhz) * 1000)));
          assert.ok(kind === "firstfit" || bus.bytes < 2.5 * payload);
        }
        assert.match(paper.text, /^bytes on the bus +[\d,]+ +[\d,]+\nbytes on the bus per byte received +[\d.]+ +[\d.]+\ntransactions on the bus +[\d,]+ +[\d,]+\ntime on the bus, ms +[\d,]+ +[\d,]+$/m);
      });
    }

    for (const store of [[], ["--store", "23LC1024"]]) {
      it(`records tidyheap's memory${store.length ? " on a chip" : ""}, which changes nothing of what it does`, async () => {
        const trace = join(folder, `job${store.length}.trace`);
        const args = ["--input", file, "--size", "8192", ...store];
        const [, plain] = await run(settings(args), new Paper());
        const paper = new Paper();
        const [, recorded] = await run(settings([...args, "--trace", trace]), paper);
        assert.deepEqual({ ...recorded, ms: 0, bus: 0 }, { ...plain, ms: 0, bus: 0 });
        assert.match(paper.text, /is the recording of tidyheap's memory: npm run picture -- /);
        const [made] = parse(readFileSync(trace, "utf8"));
        assert.equal(verify(made), "");
        assert.equal(made.end!["moved"], recorded.moved);
        assert.ok(made.events.filter(({ kind, text }) => kind === "O" && text === "transmit buffer").length >= recorded.served);
        // 115,200 baud: the messages take so long
        const ms = made.events.reduce((sum, { kind, n }) => sum + (kind === "T" ? n[0] : 0), 0);
        assert.ok(Math.abs(ms - (recorded.bytes * 10) / 115.2) < 0.2 * ms, `${ms} ms`);
      });
    }

    it("takes all of a chip unless it is told how much", async () => {
      const paper = new Paper();
      await run(settings(["--input", file, "--store", "23K640"]), paper);
      assert.match(paper.text, /at most 819 bytes of each, into 8192 bytes\n/);
    });

    it("says nothing of a bus where there is none", async () => {
      const paper = new Paper();
      await run(settings(["--input", file, "--size", String(SIZE)]), paper);
      assert.doesNotMatch(paper.text, /bus/);
    });

    it("draws where blocks are on a chip", () => {
      const lib = require(join(ROOT, "dist", "tidyheap-far.min.js"));
      const memory = tidyheap(lib, 4096 + 1600, 100, ram(8192));
      const free = memory.map(64);
      assert.equal(free, ".".repeat(64));
      const refs = [512, 1024, 512].map((bytes) => memory.alloc(bytes));
      const taken = (map: string): number => map.split(".").join("").length;
      assert.match(memory.map(64), /^#+\+?\.+$/);
      const all = taken(memory.map(64));
      memory.free(refs[0]);
      assert.match(memory.map(64), /^\.+\+?#+\+?\.+$/);
      assert.equal(memory.resize(refs[1], 100), refs[1]);
      assert.ok(taken(memory.map(64)) < all / 2 + 2);
    });

    it("depends on the seed alone", async () => {
      const args = ["--input", file, "--size", String(SIZE), "--seed"];
      const once = async (seed: string) => (await run(settings([...args, seed]), new Paper())).map((report) => ({ ...report, ms: 0 }));
      const first = await once("1");
      assert.deepEqual(await once("1"), first);
      assert.notDeepEqual(await once("2"), first);
    });

    it("reads standard input and ends with 0", async () => {
      const { code, out, error } = await child(["--input", "-", "--size", "1024"], list.join("\n"));
      assert.deepEqual([code, error], [0, ""]);
      assert.match(out, /^messages received +300 +300$/m);
      assert.match(out, /^verifications failed +0 +0$/m);
    });

    it("runs without any input", async () => {
      const empty = join(folder, "empty");
      writeFileSync(empty, "\n");
      const paper = new Paper();
      const reports = await run(settings(["--input", empty]), paper);
      assert.deepEqual(reports.map((report) => [report.messages, report.kept, report.verified]), [[0, 0, 0], [0, 0, 0]]);
      assert.match(paper.text, /nothing to compare/);
    });

    for (const [place, args] of [["in memory", []], ["on a chip", ["--store", "MB85RS64V", "--size", "4096"]]] as const) {
      it(`ends with 1 when a byte ${place} changes`, async () => {
        const short = join(folder, "short");
        writeFileSync(short, list.slice(0, 100).join("\n"), "latin1");
        const { code, out, error } = await child(["--input", short, "--damage", "99", ...args]);
        assert.equal(code, 1);
        assert.match(error, /^start: verification failed: first fit: .*\(message 9\d\); tidyheap: .*\(message 9\d\)\n$/);
        assert.match(out, /^verifications failed +[1-9]\d* +[1-9]\d*$/m);
      });
    }

    it("ends with 1 and one line when it cannot run", async () => {
      const { code, out, error } = await child(["--board", "nope"]);
      assert.deepEqual([code, out], [1, ""]);
      assert.match(error, /^start: no board nope, .+\n$/);
    });

    it("refuses what it cannot do", async () => {
      const fails = (args: string[], why: RegExp) => assert.rejects(run(settings(["--input", file, ...args]), new Paper()), why);
      await fails(["--engine", "/absent"], /no engine \/absent/);
      await assert.rejects(run(settings(["--input", join(folder, "absent")]), new Paper()), /ENOENT/);
      await fails(["--damage", "300"], /--damage is 300, there are 300 messages/);
    });

    it("explains itself", async () => {
      const { code, out } = await child(["--help"]);
      assert.equal(code, 0);
      for (const word of ["board", "input", "engine", "size", "store", "seed", "damage", "trace"]) assert.match(out, new RegExp(`--${word}\\b`));
    });
  });

  describe("engine", () => {
    for (const name of names()) {
      on(name, `${name} keeps what the emulated board keeps`, async () => {
        const few = join(folder, "few");
        writeFileSync(few, messages(60, 90).join("\n"), "latin1");
        const args = ["--input", few, "--size", "1024"];
        const [fit, tidy] = await run(settings([...args, "--engine", name]), new Paper());
        const [same] = await run(settings(args), new Paper());
        assert.deepEqual(faults([fit, tidy]), []);
        assert.deepEqual({ ...fit, ms: 0 }, { ...same, ms: 0 });
        assert.equal(tidy.refused, 0);
      }, 120000);
    }
  });
});

/** 500 random operations on a first-fit memory and on a list of byte arrays. */
function agree(seed: number, memory: Memory): void {
  const next = random(seed);
  const live: { ref: number; data: number[] }[] = [];
  const fresh = (from: number, to: number) => Array.from({ length: to - from }, () => next(256));
  for (let step = 0; step < 500; step++) {
    const block = live.length ? pick(next, live) : undefined;
    const bytes = 1 + next(100);
    if (!block || next(3) === 0) {
      const ref = memory.alloc(bytes);
      if (ref) live.push({ ref, data: fresh(0, bytes) });
      if (ref) memory.write(ref, 0, new Uint8Array(live[live.length - 1].data));
    } else if (next(2)) {
      const ref = memory.resize(block.ref, bytes);
      if (!ref) continue;
      const kept = block.data.slice(0, bytes);
      block.data = kept.concat(fresh(kept.length, bytes));
      block.ref = ref;
      memory.write(ref, 0, new Uint8Array(block.data));
    } else {
      memory.free(block.ref);
      live.splice(live.indexOf(block), 1);
    }
    assert.equal(memory.check(), "", `seed ${seed}, step ${step}`);
    for (const { ref, data } of live) {
      assert.ok(Buffer.from(data).equals(memory.read(ref, 0, data.length) as Uint8Array), `seed ${seed}, step ${step}`);
    }
  }
}
