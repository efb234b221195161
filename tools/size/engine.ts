import { wrap } from "../bundle";
import { find, run, version, type Engine } from "../engine";
import type { Measured } from "./figure";
import type { Kind, Part } from "./part";

// What the code takes in an engine: of the two whose figures are kept, those that TIDYHEAP_ENGINES names.

const BYTES = 1024; // of the pool measured
const ROWS = 32;
const NAMES = ["espruino", "jerry"];

const OPTIONS = `size:${BYTES},handles:${ROWS}`;
const STORE = `store:{size:${BYTES},chunk:256,move:function(){},read:function(){},write:function(){}}`;
const BARE = `new Uint8Array(${BYTES})`;

/** What is made of the module `lib`, and what of that is not counted: the bytes of the pool, or its store. */
const MAKE: Record<Kind, { made: string; plain: string }> = {
  pool: { made: `lib.create({${OPTIONS}})`, plain: BARE },
  far: { made: `lib.create({${OPTIONS},${STORE}})`, plain: `({${STORE}}).store` },
  module: { made: "lib", plain: "0" }
};

/** The engines here whose figures are kept. */
export function engines(): Engine[] {
  return NAMES.map(find).filter((engine) => engine !== undefined);
}

/** What an engine gives for the parts; a second for ten. Rejects when it gives nothing for one. */
export async function measure(engine: Engine, parts: Part[], progress: (done: number) => void = () => undefined): Promise<Measured> {
  const sizes: Measured["sizes"] = {};
  for (const [n, part] of parts.entries()) {
    progress(n);
    const { bytes } = part;
    sizes[part.name] = engine.name === "jerry" ? { bytes, heap: await heap(engine, part) } : { bytes, ram: await vars(engine, part, LOAD.ram), storage: await vars(engine, part, LOAD.storage) };
  }
  return { engine: await told(engine), date: new Date().toISOString().slice(0, 10), sizes };
}

/** Name and version of an engine, as they are kept with its figures. */
export async function told(engine: Engine): Promise<string> {
  return `${engine.name === "espruino" ? "Espruino " : ""}${await version(engine)}`;
}

const CODE = 'require("fs").readFileSync("code")'; // not a literal: that would be in memory twice
const LOAD = { ram: `Modules.addCached("tidyheap",${CODE});`, storage: `require("Storage").write("tidyheap",${CODE});` };

// process.memory() collects garbage first; its second answer is free of what the first one made
const USAGE = "function usage(){process.memory();return process.memory().usage}";

/** JsVars of the module and what is made of it; 0 when the engine has fewer. */
async function vars(engine: Engine, { name, code, kind }: Part, load: string): Promise<number> {
  const source = `${USAGE}
var pool=0,plain=0,mark=0,vars=0;
require("Storage");require("fs");usage();mark=usage();
${load}
pool=${MAKE[kind].made.replace("lib", 'require("tidyheap")')};
vars=usage()-mark;mark=usage();
plain=${MAKE[kind].plain};
print("@vars "+vars+" "+(usage()-mark));`;
  const { lines, fault } = await run(engine, source, { files: { code } });
  const mark = /@vars (\d+) (\d+)/.exec(lines.join("\n"));
  if (mark) return Number(mark[1]) - Number(mark[2]);
  if (/OUT OF MEMORY/.test(`${fault} ${lines.join(" ")}`)) return 0;
  throw new Error(`${engine.name} gave no figure for ${name}: ${fault || lines.slice(-1)[0]}`);
}

/** Bytes of JerryScript's heap at the peak, with the module and what is made of it; the bytes of the pool are not counted. */
async function heap(engine: Engine, { name, code, kind }: Part): Promise<number> {
  const { made, plain } = MAKE[kind];
  // JerryScript allocates larger arrays when they are touched
  const peak = await peakOf(engine, name, `${wrap(code, "lib")}\nvar pool=${made};`);
  return plain === BARE ? peak - (await peakOf(engine, name, `var plain=${plain};plain[0]=1;`)) : peak;
}

async function peakOf(engine: Engine, name: string, source: string): Promise<number> {
  const { lines, fault } = await run(engine, source, { args: ["--mem-stats"] });
  const peak = /Peak allocated = (\d+)/.exec(lines.join("\n"));
  if (!peak || fault) throw new Error(`${engine.name} gave no figure for ${name}: ${fault || "it is built without memory statistics"}`);
  return Number(peak[1]);
}
