import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { BOARDS } from "../boards/index";
import { chip } from "../boards/emulator/chip";
import { fault } from "../boards/emulator/fault";
import type { Model } from "../boards/emulator/frame";
import type { Machine } from "../boards/emulator/machine";
import { sandbox } from "../boards/emulator/sandbox";
import { power, type Link } from "../boards/emulator/wire";
import { faults } from "../tools/dialect";
import { names, run, type Engine } from "../tools/engine";
import { on } from "./suite";

const ROOT = join(__dirname, "..");
const FOLDER = join(ROOT, "docs");
const ROOMY = 200000; // JsVars: the bundles are not in Storage here, and nobody collects garbage
const TOPS = ["README.md", "DESIGN.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"];
const OWN = ["docs/kit.md", "docs/install.md"]; // their programs belong together: test/kit.ts, test/module.ts

/** A program of a page: its text, the heading it stands under, and its first line in the page. */
interface Program {
  page: string;
  heading: string;
  line: number;
  source: string;
}

/** What happens to the board while a program runs, by the heading it stands under; by default two seconds pass. */
const EVENTS: Record<string, (machine: Machine) => void> = {
  "From an interrupt to the main loop": (machine) => {
    for (const level of [1, 0, 1, 0]) machine.drive("C13", level), machine.run(100);
  },
  "Lines from a port": (machine) => {
    machine.serial.send("$GPGGA,12");
    machine.run(100);
    machine.serial.send("34\r\n$GPR");
    machine.run(100);
  }
};

/** Chips that are plugged in, by heading and pin; by default those that the program connects to. */
const CHIPS: Record<string, Record<string, () => Model>> = {
  "A new chip": { A4: () => chip("23K256") },
  WRONG_CHIP: { A4: () => chip("23K256") },
  POWER: { A4: () => chip("23LC1024") },
  CHIP_SELECT: { A4: () => chip("23LC1024"), B1: () => chip("23LC1024") },
  CHIP_CLOCK: { A4: () => chip("23LC1024") },
  CHIP_CELOW: { A4: () => chip("APS6404L") },
  CHIP_RESET: { A4: () => chip("APS6404L") },
  CHIP_PAGE: { A4: () => chip("APS6404L", undefined, { lowMicros: 1e6 }) },
  CHIP_COMMAND: { A4: () => chip("23LC1024") },
  CHIP_FRAME: { A4: () => chip("23LC1024") },
  CHIP_WREN: { A4: () => chip("MB85RS64V") },
  CHIP_PROTECT: { A4: () => chip("MB85RS64V") },
  CHIP_SLEEP: { A4: () => chip("MB85RS64T") }
};

/** What is wrong with the bus while a program runs, by heading. */
const BUS: Record<string, (link: Link) => void> = {
  NO_CHIP: (link) => fault(link).pull(link.chips[0]),
  BUS: (link) => fault(link).flip(4, 7), // the mode register, behind its command and the one that set it
  POWER: (link) => fault(link).cut(0)
};

/** Programs that run again behind a power cut, on the chips of the first run: how often, by heading. */
const AGAIN: Record<string, number> = { "A log that survives power": 3 };

function programs(page: string): Program[] {
  const out: Program[] = [];
  let heading = "";
  let open: Program | undefined;
  readFileSync(join(ROOT, page), "utf8")
    .split("\n")
    .forEach((text, i) => {
      if (open) {
        if (text === "```") out.push(open), (open = undefined);
        else open.source += `${text}\n`;
      } else if (text.startsWith("```js")) open = { page, heading, line: i + 2, source: "" };
      else if (/^#+ /.test(text)) heading = text.replace(/^#+ /, "");
    });
  return out;
}

const THROWS = / \/\/ (throws [A-Z_]+)\b/;

/** What a comment at the end of a line says must come of it: outputs of its print() one by one, or the error. */
function wanted(line: string): string | undefined {
  const thrown = THROWS.exec(line);
  return thrown ? thrown[1] : /\bprint\(.*;.* \/\/ (.*)$/.exec(line)?.[1];
}

/** The program with each print() told its line, and each line that throws caught. */
function spied(source: string): string {
  return source
    .split("\n")
    .map((line, i) => {
      const told = line.replace(/\bprint\(/g, `say(${i},`);
      if (!THROWS.test(line)) return told;
      return `try{${told}\nsay(${i},"throws nothing")}catch(error){say(${i},"throws "+(error.code||error))}`;
    })
    .join("\n");
}

const MODULES = readdirSync(join(ROOT, "dist")).filter((file) => /^tidyheap[\w-]*\.min\.js$/.test(file) && !file.includes("iife"));

/** A board with every bundle, and with chips by pin. */
function board(chips: [string, Model][], say: (line: number, ...values: unknown[]) => void): Machine {
  const machine: Machine = sandbox({ ...BOARDS.pico, vars: ROOMY }, { pageNatives: { say } });
  for (const file of MODULES) machine.load(file.replace(".min.js", ""), readFileSync(join(ROOT, "dist", file), "utf8"));
  for (const [pin, model] of chips) machine.spi.attach(pin, model);
  power(machine.spi.link());
  machine.spend(1000); // it has been there for a while
  return machine;
}

/** Runs a program and returns what each line gave, by line. */
function perform({ heading, source }: Program): Map<number, string[]> {
  const given = new Map<number, string[]>();
  const say = (line: number, ...values: unknown[]): void => void given.set(line, [...(given.get(line) ?? []), values.map(String).join(" ")]);
  const plugged: [string, Model][] = CHIPS[heading]
    ? Object.entries(CHIPS[heading]).map(([pin, make]) => [pin, make()])
    : [...source.matchAll(/cs: (\w+), chip: "([\w-]+)"/g)].map(([, pin, part]) => [pin, chip(part)]);
  for (let run = 0; run < (AGAIN[heading] ?? 1); run++) {
    const machine = board(plugged, say);
    BUS[heading]?.(machine.spi.link());
    machine.exec(spied(source));
    if (EVENTS[heading]) EVENTS[heading](machine);
    machine.run(2000);
    assert.deepEqual(machine.faults, [], source);
  }
  return given;
}

/** Fails unless every line of a program gives what its comment says. */
function compare(program: Program, given: Map<number, string[]>): void {
  program.source.split("\n").forEach((line, i) => {
    const place = `${program.page}:${program.line + i}: ${line.trim()}`;
    const want = wanted(line);
    if (/\bprint\(/.test(line)) assert.notEqual(want, undefined, `${place} has no result behind it`);
    if (want !== undefined) assert.equal((given.get(i) ?? []).join(" | "), want, place);
  });
}

/** Whether a program runs without hardware and without time that passes. */
function bare({ heading, source }: Program): boolean {
  return !/SPI1|Serial1|setWatch|setInterval|setTimeout|70000/.test(source) && !EVENTS[heading];
}

const MARK = "@docs";
const TOGETHER = 10; // programs that run one after the other in one engine: what they leave behind adds up

/** What each line of the programs gives on an Espruino, by program and line. All code is in Storage. */
async function upload(engine: Engine, all: Program[]): Promise<Map<number, string[]>[]> {
  const modules: Record<string, string> = {};
  for (const name of ["tidyheap", "tidyheap-core", "tidyheap-far", "tidyheap-record", "tidyheap-kit"]) modules[name] = readFileSync(join(ROOT, "dist", `${name}.min.js`), "utf8");
  all.forEach(({ source }, i) => (modules[`p${i}`] = spied(source)));
  const script = `var current;
function say(){var a=[].slice.call(arguments),line=a.shift();print("${MARK} "+current+" "+line+" "+a.map(String).join(" "))}
for(current=0;current<${all.length};current++){require("p"+current);Modules.removeAllCached()}`;
  const { lines, fault } = await run(engine, script, { timeout: 60000, modules });
  assert.equal(fault, "", lines.slice(-5).join("\n"));
  const out = all.map(() => new Map<number, string[]>());
  for (const [, program, line, text] of lines.map((one) => /^@docs (\d+) (\d+) (.*)$/.exec(one) ?? [])) {
    if (program) out[+program].set(+line, [...(out[+program].get(+line) ?? []), text]);
  }
  return out;
}

/** Codes in the text of a source: the members of the types, and what is thrown, refused or set as `why`. */
function read(text: string): string[] {
  const types = [...text.matchAll(/type (?:Refusal|Misuse) =([^;]*);/g)].map((match) => match[1].replace(/\/\/.*/g, ""));
  const calls = [...text.matchAll(/\b(?:fail|halt|quit|refuse)\(([^;]*)/g)].map((match) => match[1].replace(/(?:"[^"]*" ?\+|\+ ?"[^"]*")/g, ""));
  const reasons = [...text.matchAll(/\bwhy = ([^;]*)/g)].map((match) => match[1]);
  return [...types, ...calls, ...reasons].flatMap((part) => [...part.matchAll(/"([A-Z][A-Z_]*)"/g)].map((match) => match[1]));
}

/** Every code of the library and of the emulator. */
function codes(): Set<string> {
  const folders = [join(ROOT, "src"), join(ROOT, "boards", "emulator")];
  return new Set(folders.flatMap((folder) => readdirSync(folder).flatMap((file) => read(readFileSync(join(folder, file), "utf8")))));
}

/** The anchors of a page, as GitHub makes them of its headings. */
function anchors(text: string): string[] {
  return [...text.matchAll(/^#+ (.*)$/gm)].map((match) => match[1].toLowerCase().replace(/[^\w\- ]/g, "").replace(/ /g, "-"));
}

const pages = readdirSync(FOLDER).filter((file) => file.endsWith(".md")).map((file) => `docs/${file}`);

describe("docs", () => {
  for (const page of pages.filter((file) => !OWN.includes(file))) {
    for (const program of programs(page)) {
      it(`${page}, line ${program.line}: ${program.heading}`, () => {
        assert.deepEqual(faults(program.source), []);
        compare(program, perform(program));
      });
    }
  }

  for (const name of names().filter((one) => one.startsWith("espruino"))) {
    on(name, `the programs without hardware give the same on ${name}`, async (engine) => {
      const all = pages.filter((file) => !OWN.includes(file)).flatMap(programs).filter(bare);
      for (let at = 0; at < all.length; at += TOGETHER) {
        const some = all.slice(at, at + TOGETHER);
        const given = await upload(engine, some);
        some.forEach((program, i) => compare(program, given[i]));
      }
    }, 60000);
  }

  describe("errors.md", () => {
    const page = readFileSync(join(FOLDER, "errors.md"), "utf8");
    const entries = [...page.matchAll(/^### (\S+)$/gm)].map((match) => match[1]);

    it("has an entry for every code of the sources, and for no other", () => {
      assert.deepEqual([...entries].sort(), [...codes()].sort());
    });

    it("has a program in every entry that gives its code", () => {
      for (const code of entries) {
        const given = programs("docs/errors.md").filter(({ heading }) => heading === code).flatMap(({ source }) => source.split("\n").map(wanted));
        assert.ok(given.some((result) => result?.split(" ").includes(code)), code);
      }
    });

    it("finds codes in types, in calls and where `why` is set", () => {
      const text = 'type Misuse = "A" | "B_C"; fail("D", 1, 2); fail(x ? "E" : "F", 1); quit(p, "G", 1, 2); refuse(p, "H"); c.why = "I"; fail(code, "not J")';
      assert.deepEqual(read(text), ["A", "B_C", "D", "E", "F", "G", "H", "I"]);
    });
  });

  for (const page of [...pages, ...TOPS]) {
    it(`${page} links to what is there`, () => {
      const folder = dirname(join(ROOT, page));
      for (const [, to, part] of readFileSync(join(ROOT, page), "utf8").matchAll(/\]\(([^)#:]*)(?:#([^)]*))?\)/g)) {
        const file = to ? join(folder, to) : join(ROOT, page);
        assert.ok(existsSync(file), `${page} links to ${to}`);
        if (part) assert.ok(anchors(readFileSync(file, "utf8")).includes(part), `${page} links to ${to}#${part}`);
      }
    });
  }

  describe("DESIGN.md", () => {
    const text = readFileSync(join(ROOT, "DESIGN.md"), "utf8");

    it("names files that there are", () => {
      const files = ["src", "test", "tools", "boards"].flatMap((folder) => readdirSync(join(ROOT, folder), { recursive: true }) as string[]).map((file) => basename(file));
      const named = [...text.matchAll(/`([^`]*\.ts)`/g)].flatMap((match) => match[1].split(" ")).map((file) => basename(file));
      assert.ok(named.length > 50);
      for (const file of named) assert.ok(files.includes(file), file);
    });

    for (const [letter, source, tester] of [["I", "check", "check"], ["F", "census", "far"]]) {
      it(`has the invariants ${letter} of src/${source}.ts, each broken by test/${tester}.ts`, () => {
        const numbers = (from: string): string[] => [...new Set([...from.matchAll(new RegExp(`\\b${letter}[1-9]\\b`, "g"))].map((match) => match[0]))].sort();
        const listed = [...text.matchAll(new RegExp(`^- (${letter}\\d) `, "gm"))].map((match) => match[1]);
        assert.deepEqual(numbers(readFileSync(join(ROOT, "src", `${source}.ts`), "utf8")), listed);
        assert.deepEqual(numbers(readFileSync(join(__dirname, `${tester}.ts`), "utf8")), listed);
      });
    }
  });

  describe("README.md", () => {
    for (const { line, source } of programs("README.md")) {
      it(`line ${line} runs`, () => {
        const say = (at: number, text: unknown): void => void (/^throws/.test(String(text)) && assert.equal(text, wanted(source.split("\n")[at])));
        const plugged = [...source.matchAll(/cs: (\w+), chip: "([\w-]+)"/g)].map(([, pin, part]): [string, Model] => [pin, chip(part)]);
        const machine = board(plugged, say);
        machine.globals.Serial1.setup(9600);
        // a program that has no pool goes on with that of the first
        machine.exec((/\bvar pool\b/.test(source) ? "" : 'var pool=require("tidyheap").create(4096);') + spied(source));
        machine.run(2000);
        assert.deepEqual(machine.faults, []);
      });
    }
  });
});
