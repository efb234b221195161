// The one list of what runs in every engine: cases, the bundles they run on, and the engines that have no room for them.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { bundle, wrap } from "../tools/bundle";
import { faults } from "../tools/dialect";
import { all, find, isEspruino, named, needed, run, SMALL, type Engine, type Run } from "../tools/engine";
import { amount } from "./amount";
import * as care from "./care-portable";
import * as chain from "./chain-portable";
import * as chip from "./chip-portable";
import * as emulator from "./emulator-portable";
import * as fram from "./fram-portable";
import * as heap from "./heap-portable";
import * as plain from "./portable";
import * as record from "./record-portable";
import * as slab from "./slab-portable";
import * as spi from "./spi-portable";
import * as tiny from "./tiny-portable";
import * as trail from "./trail-portable";

/** A test that runs in any ES5 engine. `run` throws when it fails. */
interface Case {
  name: string;
  run(lib: any): void;
}

/** Cases and the bundles they run on. */
export interface Suite {
  /** What is tested; suites of one group differ in the form of their bundles, or in the cases. */
  group: string;
  name: string;
  /** The file of the cases in test/, which a script has as the variable `cases`. */
  file: string;
  /** Bundles of dist/, by the variable a script has each in. */
  bundles: Record<string, string>;
  /** What the cases are given, as a script writes it. */
  lib: string;
  /** The same in Node; `load` gives the bundle of a variable. */
  make(load: (name: string) => any): any;
  cases: Case[];
  /** The list of the cases as a script writes it. */
  list: string;
}

/** How a case ended: "" when it passed, else what it said. */
export type Verdict = string;

const DIST = join(__dirname, "..", "dist");

function suite(group: string, form: string, file: string, cases: Case[], bundles: Record<string, string>, lib: string, make: Suite["make"], more: Partial<Suite> = {}): Suite {
  return { group, name: form ? `${group}, ${form}` : group, file, bundles, lib, make, cases, list: "cases.CASES", ...more };
}

/** Pools in RAM. */
function pools(group: string, form: string, file: string): Suite {
  return suite(group, form, "portable", plain.CASES, { tidyheap: file }, "tidyheap", (load) => load("tidyheap"));
}

/** External pools. */
function far(form: string, file: string): Suite {
  const more = { list: "cases.CASES.concat(cases.EXTERNAL)" };
  return suite("far", form, "portable", [...plain.CASES, ...plain.EXTERNAL], { tidyheap: file }, "cases.external(tidyheap)", (load) => plain.external(load("tidyheap")), more);
}

function chips(form: string, ext: string): Suite {
  const bundles = { spi: `tidyheap-spi${ext}`, page: `tidyheap-page${ext}`, far: `tidyheap-far${ext}` };
  return suite("spi, page", form, "spi-portable", spi.CASES, bundles, "{spi:spi,page:page,far:far}", (load) => ({ spi: load("spi"), page: load("page"), far: load("far") }));
}

const KITS: Record<string, Case[]> = { slab: slab.CASES, chain: chain.CASES, record: record.CASES, care: care.CASES };

function kit(part: string, form: string, ext: string): Suite {
  const bundles = { tidyheap: `tidyheap${ext}`, kit: `tidyheap-kit${ext}` };
  return suite("kit", `${part}, ${form}`, `${part}-portable`, KITS[part], bundles, "{tidyheap:tidyheap,kit:kit}", (load) => ({ tidyheap: load("tidyheap"), kit: load("kit") }));
}

/** The kit on external pools: without the cases that need addresses. */
function outer(part: string): Suite {
  const bundles = { tidyheap: "tidyheap-far.min.js", kit: "tidyheap-kit.min.js" };
  const cases = KITS[part].filter((one) => !(one as { ram?: boolean }).ram);
  const make: Suite["make"] = (load) => ({ tidyheap: plain.external(load("tidyheap")), kit: load("kit") });
  return suite("kit on far", part, `${part}-portable`, cases, bundles, "{tidyheap:cases.external(tidyheap),kit:kit}", make, { list: "cases.CASES.filter(function(c){return !c.ram})" });
}

/** The recorder on pools of a bundle. */
function trails(form: string, file: string, ext: string): Suite {
  const bundles = { tidyheap: file, trail: `tidyheap-record${ext}` };
  const far = file.includes("far");
  const make: Suite["make"] = (load) => ({ tidyheap: far ? plain.external(load("tidyheap")) : load("tidyheap"), trail: load("trail") });
  return suite("record", form, "trail-portable", trail.CASES, bundles, `{tidyheap:${far ? "cases.external(tidyheap)" : "tidyheap"},trail:trail}`, make);
}

const parts = Object.keys(KITS);
const store = "{create:function(o){return tidyheap.create({size:o.size,handles:o.handles,unit:o.unit,store:thumb.ram(o.size)})}}";
const thumb: Suite["make"] = (load) => ({ create: (o: any) => load("tidyheap").create({ ...o, store: load("thumb").ram(o.size) }) });
const persistent: Suite["make"] = (load) => load("fram");

/** Every suite there is. */
export const SUITES: Suite[] = [
  pools("full", "minified", "tidyheap.min.js"),
  pools("full", "readable", "tidyheap.js"),
  pools("full", "iife", "tidyheap.iife.min.js"),
  pools("core", "minified", "tidyheap-core.min.js"),
  pools("core", "readable", "tidyheap-core.js"),
  suite("thumb", "minified", "portable", plain.CASES, { tidyheap: "tidyheap-core.min.js", thumb: "tidyheap-thumb.min.js" }, store, thumb),
  suite("tiny", "minified", "tiny-portable", tiny.CASES, { tidyheap: "tidyheap-tiny.min.js" }, "tidyheap", (load) => load("tidyheap")),
  far("minified", "tidyheap-far.min.js"),
  far("readable", "tidyheap-far.js"),
  far("iife", "tidyheap-far.iife.min.js"),
  chips("minified", ".min.js"),
  chips("readable", ".js"),
  suite("fram", "minified", "fram-portable", fram.CASES, { fram: "tidyheap-fram.min.js" }, "fram", persistent),
  suite("fram", "readable", "fram-portable", fram.CASES, { fram: "tidyheap-fram.js" }, "fram", persistent),
  trails("full", "tidyheap.min.js", ".min.js"),
  trails("core", "tidyheap-core.min.js", ".min.js"),
  trails("far", "tidyheap-far.min.js", ".min.js"),
  trails("readable", "tidyheap.js", ".js"),
  ...parts.map((part) => kit(part, "minified", ".min.js")),
  ...parts.map((part) => kit(part, "readable", ".js")),
  ...parts.map((part) => kit(part, "iife", ".iife.min.js")),
  ...parts.map(outer),
  suite("emulator", "", "emulator-portable", emulator.CASES, {}, "cases.boot", () => emulator.boot),
  suite("emulator", "heap", "heap-portable", heap.CASES, {}, "cases.boot", () => heap.boot),
  suite("emulator", "chips", "chip-portable", chip.CASES, {}, "", () => undefined)
];

/** Why a suite is not run in an engine, "" where it is. What does not fit is tried by a test of its own. */
export function misfit(name: string, { group, name: title }: Suite): string {
  if (name === "mujs") return "without typed arrays there is no pool";
  if (name.startsWith("espruino") && title.includes("iife")) return "Espruino requires modules";
  if (name === "mqjs" && group === "emulator") return "the emulator takes its natives from Function, which it has not";
  if (name === "espruino" && title === "spi, page, readable") return "from Storage, which is a file here, it takes minutes";
  const least = NEEDS[name];
  return least && !least(group, title) ? `does not fit into ${SMALL[name]}` : "";
}

/** What the small engines have room for. */
const NEEDS: Record<string, (group: string, title: string) => boolean> = {
  quickjs64: (group, title) => group !== "emulator" && !(title.includes("readable") && group !== "core"),
  jerry16: () => false,
  espruino2500: (group, title) => /^(full|core|thumb|tiny)$/.test(group) || /^(far, minified|emulator, chips)$/.test(title)
};

const programs = new Map<string, Promise<string>>();

/** The program of a suite's cases: one script that sets `cases`. Made once; minified for an engine with little room, and for Espruino. */
export function program({ file }: Pick<Suite, "file">, min: boolean): Promise<string> {
  const key = file + min;
  if (!programs.has(key)) programs.set(key, bundle(join(__dirname, `${file}.ts`), { name: "cases", min, raw: !min }));
  return programs.get(key)!;
}

/** The text of a bundle of dist/. */
export function text(file: string): string {
  return readFileSync(join(DIST, file), "utf8");
}

/** Code of dist/ as a script that sets the variable `name`. */
export function variable(file: string, name: string): string {
  if (!file.includes(".iife.")) return wrap(text(file), name);
  const code = text(file);
  const own = /^var (\w+)/.exec(code)![1];
  return own === name ? code : `${code}\nvar ${name}=${own};`;
}

/** Runs a suite in an engine and tells how each case ended. */
export async function perform(engine: Engine, one: Suite): Promise<Verdict[]> {
  const min = engine.name in SMALL;
  const { lines, fault } = isEspruino(engine) ? await onBoard(engine, one) : await run(engine, await script(one, min), { timeout: WAIT });
  return verdicts(lines, fault, one.cases.length);
}

const WAIT = 60000;
const LONG = 240000; // on Espruino with code in Storage

/** A suite as a script that prints "@ok case" or "@no case why". */
async function script(one: Suite, min: boolean): Promise<string> {
  const code = Object.entries(one.bundles).map(([name, file]) => variable(file, name));
  return `${code.join("\n")}
${await program(one, min)}
var $c=${one.list},$lib=${one.lib || 0},$i;
for($i=0;$i<$c.length;$i++)try{$c[$i].run($lib);print("@ok "+$i)}catch($e){print("@no "+$i+" "+$e)}`;
}

/**
 * On Espruino each case has turns of its own, so that what the last one left can be collected, and the variables in use are counted around it. A case
 * after which there are more runs again, up to eight times, because what a name takes when it is first used stays, and a late timer takes some; if there are more each time, it prints "@leak case n".
 */
async function onBoard(engine: Engine, one: Suite): Promise<Run> {
  const { code, cases } = place(engine, one);
  const modules: Record<string, string> = {};
  const files: Record<string, string> = {};
  const load = (name: string, source: string, stored: boolean): string => {
    (stored ? modules : files)[name] = source;
    return `${stored ? "" : `Modules.addCached("${name}",require("fs").readFileSync("${name}"));`}var ${name}=require("${name}");`;
  };
  const loads = Object.entries(one.bundles).map(([name, file]) => load(name, text(file), code));
  loads.push(load("cases", `${await program(one, true)}\nexports.cases=cases;`, cases));
  loads.push("cases=cases.cases;");
  const source = `${loads.join("\n")}
var $c=${one.list},$lib=${one.lib || 0},$i=0,$u=1e5,$again=0;
function used(){process.memory();return process.memory().usage+1e5}
function before(){if($i==$c.length)return print("@end");$u=used();setTimeout(during,1)}
function during(){try{$c[$i].run($lib);print("@ok "+$i)}catch(e){print("@no "+$i+" "+e)}setTimeout(after,1)}
function after(){if(used()>$u&&$again<8)$again++;else{if(used()>$u)print("@leak "+$i+" "+(used()-$u));$again=0;$i++}setTimeout(before,1)}
setTimeout(before,1);`;
  return run(engine, source, { timeout: LONG, modules, files });
}

/** Whether bundles and cases are kept in Storage, as on a board. Where there is room they are not: on Linux Storage is a file that is opened for every few bytes. */
function place({ name }: Engine, { group, name: title, bundles }: Suite): { code: boolean; cases: boolean } {
  const room = name === "espruino64" || (name === "espruino12000" && !title.includes("readable"));
  const many = Object.keys(bundles).length > 1;
  return { code: !room, cases: !room && (name in SMALL || many || group === "emulator") };
}

/** How each of `count` cases ended, out of what an engine printed. */
export function verdicts(lines: string[], fault: string, count: number): Verdict[] {
  const marks = lines.map((line) => /@(ok|no|leak) (\d+) ?(.*)$/.exec(line)).filter((mark) => mark !== null);
  const end = fault || `the last line is ${lines[lines.length - 1] ?? "missing"}`;
  return Array.from({ length: count }, (_, i) => {
    const mine = marks.filter((mark) => Number(mark[2]) === i);
    const no = mine.find((mark) => mark[1] === "no");
    const leak = mine.find((mark) => mark[1] === "leak");
    if (no) return no[3] || "failed";
    if (leak) return `leaks ${leak[3]} JsVars`;
    if (!mine.length) return `did not run: ${end}`;
    return i === count - 1 ? fault : "";
  });
}

/** What stands in the title of a test whose engine is not here. */
function absent(name: string): string {
  return find(name) ? "" : ` (no ${name} here: name one in TIDYHEAP_ENGINES)`;
}

/** it() on an engine. Where there is none it is skipped, its title says how to name one, and with TIDYHEAP_NEED it fails. */
export function on(name: string, title: string, fn: (this: Mocha.Context, engine: Engine) => unknown, timeout = WAIT): void {
  it(title + absent(name), async function () {
    this.timeout(timeout);
    const engine = find(name);
    if (engine) return fn.call(this, engine) as Promise<void>;
    if (needed(name)) assert.fail(`TIDYHEAP_NEED asks for ${name}, TIDYHEAP_ENGINES does not name it`);
    this.skip();
  });
}

/** Whether a suite is left to `npm run prove`: forms beside the minified one in all but two engines, and whatever has to be minified for QuickJS with 64 KB. */
function later(name: string, { file, name: title }: Suite): boolean {
  if (amount(0, 1) || named().length) return false;
  return name === "quickjs64" ? !/^(portable|tiny-portable)$/.test(file) : !/^(quickjs|duk)$/.test(name) && /readable|iife/.test(title);
}

/** One test per engine, suite and case of the given groups. */
export function prove(groups: string[]): void {
  const mine = SUITES.filter((one) => groups.includes(one.group));
  const done = new Map<string, Verdict[]>();
  const names = all();

  before(async function () {
    this.timeout(10 * WAIT);
    await Promise.all(names.map(async (name) => {
      const engine = find(name);
      for (const one of engine ? mine : []) if (!misfit(name, one) && !later(name, one)) done.set(name + one.name, await perform(engine!, one));
    }));
  });

  it("is in the dialect of all engines", async function () {
    // without an Espruino the minified programs are made for this only
    if (!amount(0, 1) && !names.some((name) => name.startsWith("espruino") && find(name))) return this.skip();
    this.timeout(WAIT);
    for (const one of mine) assert.deepEqual(faults(await program(one, true)), [], one.file);
  });

  for (const one of mine.filter(({ name }) => !name.includes("iife"))) {
    for (const each of one.cases) it(`node: ${one.name}: ${each.name}`, () => each.run(one.make((name) => require(join(DIST, one.bundles[name])))));
  }
  for (const name of names) {
    for (const one of mine) {
      const why = misfit(name, one);
      if (why) it.skip(`${name}: ${one.name} (${why})`);
      else if (!find(name)) on(name, `${name}: ${one.name}`, () => undefined);
      else if (!later(name, one)) one.cases.forEach((each, i) => it(`${name}: ${one.name}: ${each.name}`, () => assert.equal(done.get(name + one.name)![i], "")));
    }
  }
}
