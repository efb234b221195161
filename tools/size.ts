import { existsSync, readFileSync } from "node:fs";
import { SourceMap } from "node:module";
import { basename, join } from "node:path";
import { gzipSync } from "node:zlib";
import { FLAVOURS } from "../rollup.config.mjs";
import { bundle, script } from "./bundle";
import { find, isEspruino, names, run, type Engine } from "./engine";

/** What one bundle costs. A figure no engine here can give is absent. */
export interface Size {
  file: string;
  bytes: number;
  gzip: number;
  /** JsVars of the module and an empty pool, its bytes left out: loaded into RAM, and kept in Storage. Espruino only. */
  ramVars?: number;
  storageVars?: number;
  /** Bytes of engine heap for the same, where the engine tells. JerryScript only. */
  heap?: number;
}

const ROOT = join(__dirname, "..");
const BYTES = 1024; // of the pool measured
const ROWS = 32;

// Espruino: process.memory() collects garbage first; its second answer is free of what the first one made.
const USAGE = "function usage(){process.memory();return process.memory().usage}";
const OPTIONS = `size:${BYTES},handles:${ROWS}`;
const STORE = `store:{size:${BYTES},chunk:256,move:function(){},read:function(){},write:function(){}}`;

/** What is made to see what it takes, and what of that is not counted: a pool without its own bytes, or the module alone. */
const MAKE = {
  pool: { made: `require("tidyheap").create({${OPTIONS}})`, plain: `new Uint8Array(${BYTES})` },
  far: { made: `require("tidyheap").create({${OPTIONS},${STORE}})`, plain: `({${STORE}}).store` },
  fram: { made: `require("tidyheap")`, plain: "0" },
  store: { made: `require("tidyheap")`, plain: "0" }
};
type Kind = keyof typeof MAKE;

function kindOf(flavour: { file: string; store?: boolean; kit?: boolean; far?: boolean }): Kind {
  return flavour.store || flavour.kit ? "store" : !flavour.far ? "pool" : flavour.file.includes("fram") ? "fram" : "far";
}

const CODE = 'require("fs").readFileSync("code")'; // not a literal: that would be in memory twice

/** The program that prints JsVars of the module and what is made after `load`, and then those of what is not counted. */
function program(load: string, kind: Kind): string {
  return `${USAGE}
var pool=0,plain=0,mark=0,vars=0;
require("Storage");require("fs");usage();mark=usage();
${load}
pool=${MAKE[kind].made};
vars=usage()-mark;mark=usage();
plain=${MAKE[kind].plain};
print("@vars "+vars+" "+(usage()-mark));`;
}

async function vars(engine: Engine, code: string, load: string, kind: Kind): Promise<number> {
  const { lines, fault } = await run(engine, program(load, kind), { files: { code } });
  const mark = /@vars (\d+) (\d+)/.exec(lines.join("\n"));
  if (!mark) throw new Error(`${engine.name} gave no figure: ${fault || lines.join(" / ")}`);
  return Number(mark[1]) - Number(mark[2]);
}

/** JsVars a CommonJS bundle takes with an empty pool of 32 rows, its bytes or its store left out (fram and stores: alone), when loaded from RAM. */
function ramVars(engine: Engine, code: string, kind: Kind = "pool"): Promise<number> {
  return vars(engine, code, `Modules.addCached("tidyheap",${CODE});`, kind);
}

/** The same when the bundle stays in Storage. */
function storageVars(engine: Engine, code: string, kind: Kind = "pool"): Promise<number> {
  return vars(engine, code, `require("Storage").write("tidyheap",${CODE});`, kind);
}

/** Bytes of JerryScript's heap after loading the bundle and making the pool, or undefined when its build does not count them. */
async function heap(engine: Engine, file: string): Promise<number | undefined> {
  const make = `var pool=tidyheap.create({size:${BYTES},handles:${ROWS}});`;
  const empty = await allocated(engine, `var pool=new Uint8Array(${BYTES});`);
  const full = await allocated(engine, `${script(file)}\n${make}`);
  return empty === undefined || full === undefined ? undefined : full - empty;
}

async function allocated(engine: Engine, source: string): Promise<number | undefined> {
  const { lines } = await run(engine, source, { args: ["--mem-stats"] });
  const peak = /Peak allocated = (\d+)/.exec(lines.join("\n"));
  return peak ? Number(peak[1]) : undefined;
}

async function measure(file: string, small: boolean, kind: Kind, engines: Engine[]): Promise<Size> {
  const code = readFileSync(file);
  const size: Size = { file: basename(file), bytes: code.length, gzip: gzipSync(code, { level: 9 }).length };
  const espruino = engines.find(isEspruino);
  const jerry = engines.find((engine) => engine.name.startsWith("jerry"));
  if (espruino && small) {
    size.ramVars = await ramVars(espruino, code.toString(), kind).catch((error) => {
      if (/OUT OF MEMORY/.test(error.message)) return undefined; // the engine has 5,000 JsVars: no cell
      throw error;
    });
    size.storageVars = await storageVars(espruino, code.toString(), kind);
  }
  if (jerry && kind === "pool") size.heap = await heap(jerry, file);
  return size;
}

const COLUMNS: [keyof Size, string][] = [
  ["file", "bundle"],
  ["bytes", "bytes"],
  ["gzip", "gzip"],
  ["ramVars", "JsVars from RAM"],
  ["storageVars", "JsVars from Storage"],
  ["heap", "JerryScript heap"]
];

/** The sizes as a table in Markdown. Columns without any figure are left out. */
function table(sizes: Size[]): string {
  const columns = COLUMNS.filter(([key]) => sizes.some((size) => size[key] !== undefined));
  const rows = sizes.map((size) => columns.map(([key]) => String(size[key] ?? "")));
  const rule = columns.map((_, at) => (at ? "--:" : "---"));
  return [columns.map(([, title]) => title), rule, ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");
}

/** Exports of the kit. */
export const PARTS = Object.keys(require("../src/kit")) as string[];

/** Bytes of one part of the kit in a bundle of its own, minified, with all it needs. */
export async function alone(part: string): Promise<number> {
  return (await bundle(join(ROOT, "src", "kit.ts"), { name: "k", min: true, only: [part] })).length;
}

/** Bytes of a minified bundle of dist/ by the file of src/ they come from, as its source map says. */
export function shares(file: string): Record<string, number> {
  const code = readFileSync(file, "utf8");
  const map = new SourceMap(JSON.parse(readFileSync(`${file}.map`, "utf8")));
  const shares: Record<string, number> = {};
  code.split("\n").forEach((text, line) => {
    for (let column = 0; column < text.length; column++) {
      const source = basename((map.findEntry(line, column) as { originalSource?: string }).originalSource ?? "");
      shares[source] = (shares[source] ?? 0) + 1;
    }
  });
  return shares;
}

async function parts(): Promise<string> {
  const own = shares(join(ROOT, "dist", "tidyheap-kit.min.js"));
  const sizes = await Promise.all(PARTS.map(alone));
  const rows = PARTS.map((part, n) => `| ${part} | ${sizes[n].toLocaleString("en")} |`);
  const files = Object.entries(own).filter(([source]) => source).sort(([, a], [, b]) => b - a);
  return `| part alone | bytes |\n| --- | --: |\n${rows.join("\n")}\n\n| file in the kit | bytes |\n| --- | --: |\n${files.map(([source, bytes]) => `| ${source} | ${bytes.toLocaleString("en")} |`).join("\n")}`;
}

const HELP = `usage: npm run size -- [--json]
Bytes of every bundle in dist/, and with TIDYHEAP_ENGINES naming an Espruino also the JsVars of module and empty pool
(${BYTES} bytes, ${ROWS} rows; the pool's bytes left out; fram and stores: the module alone), and with a JerryScript built with memory statistics its heap peak.`;

async function main(args: string[]): Promise<string> {
  if (args.includes("--help")) return HELP;
  const bad = args.find((arg) => arg !== "--json");
  if (bad) throw new Error(`no option ${bad}, see --help`);
  const missing = FLAVOURS.find(({ file }) => !existsSync(join(ROOT, file)));
  if (missing) throw new Error(`${missing.file} is missing, run npm run build`);
  const engines = names().map(find).filter((engine) => engine !== undefined);
  const sizes: Size[] = [];
  for (const flavour of FLAVOURS) {
    sizes.push(await measure(join(ROOT, flavour.file), flavour.format === "cjs" && flavour.min === true, kindOf(flavour as { file: string }), engines));
  }
  return args.includes("--json") ? JSON.stringify(sizes, null, 2) : `${table(sizes)}\n\n${await parts()}`;
}

if (require.main === module) {
  main(process.argv.slice(2)).then(console.log, (error) => {
    console.error(`size: ${error.message}`);
    process.exitCode = 1;
  });
}
