import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { number } from "../number";
import { markdown } from "../table";
import { old, type Figures } from "./figure";
import { about, MEASURED, shares, type Part } from "./part";

// The tables of sizes in README.md, DESIGN.md and docs/: each between `<!-- made by npm run size: NAME -->` and `<!-- end -->`.

const END = "<!-- end -->";
const BLOCK = /<!-- made by npm run size: (\w+) -->\r?\n([^]*?)(<!-- end -->|<!-- made by |$)/g;

/** Files of Markdown below a folder that may have tables: its own and those of docs/. */
export function documents(root: string): string[] {
  const inside = (folder: string): string[] => readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isFile() && entry.name.endsWith(".md")).map((entry) => join(folder, entry.name));
  return [...inside(root), ...inside(join(root, "docs"))].sort();
}

/** The text of a document with its tables as they are in `tables`. Throws on a table that is unknown or has no end. */
export function filled(text: string, tables: Record<string, string>): string {
  return text.replace(BLOCK, (_, name: string, _old: string, next: string) => {
    if (next !== END) throw new Error(`the table "${name}" has no ${END}`);
    if (!Object.keys(tables).includes(name)) throw new Error(`there is no table "${name}", but ${Object.keys(tables).join(", ")}`);
    return `<!-- made by npm run size: ${name} -->\n${tables[name]}\n${next}`;
  });
}

/** Names of the tables in a text. */
export function marked(text: string): string[] {
  return [...text.matchAll(BLOCK)].map(([, name]) => name);
}

/** Documents whose tables say something else, by their path below `root`; with `write` they are put right. */
export function outdated(root: string, tables: Record<string, string>, write = false): string[] {
  return documents(root).filter((file) => {
    const text = readFileSync(file, "utf8");
    const right = filled(text, tables);
    if (write && right !== text) writeFileSync(file, right);
    return right !== text;
  }).map((file) => relative(root, file).split(sep).join("/"));
}

const COLUMNS: [keyof Part, string][] = [
  ["bytes", "bytes"],
  ["gzip", "gzip"],
  ["ram", "JsVars from RAM"],
  ["storage", "JsVars from Storage"],
  ["heap", "JerryScript heap"]
];

/** Parts as a table in Markdown, columns without a figure left out; `~` before a figure of older code. */
export function table(head: string, parts: Part[], all: Figures, title: (part: Part) => string = ({ name }) => name): string {
  const columns = COLUMNS.filter(([key]) => parts.some((part) => part[key]));
  const cell = (part: Part, key: keyof Part): string => {
    const value = part[key] as number | undefined;
    if (value === undefined) return "";
    const mark = key !== "bytes" && key !== "gzip" && old(part, all) ? "~" : "";
    return value ? mark + number(value) : `more than ${room(all)}`;
  };
  const rows = parts.map((part) => [title(part), ...columns.map(([key]) => cell(part, key))]);
  return markdown([head, ...columns.map(([, name]) => name)], rows);
}

/** JsVars of the engine that had too few. */
function room(all: Figures): string {
  return number(Number(/(\d+) JsVars/.exec(all.espruino?.engine ?? "")?.[1]));
}

/** What the figures of engines are of, and whether some are older than the code. */
function note(parts: Part[], all: Figures): string {
  const made = Object.values(all).map(({ engine, date }) => `${engine} (${date})`);
  if (made.length === 0) return "";
  const what = parts.some(({ kind }) => kind !== "module") ? "the module and, where it is a pool, an empty one of 32 rows without its bytes or store" : "the module alone";
  const stale = parts.some((part) => old(part, all)) ? "; `~`: of an earlier build" : "";
  return `\n\nJsVars and heap are those of ${what}: ${made.join(", ")}${stale}.`;
}

/** Every table, by the name that documents ask for it with. */
export function tables(bundles: Part[], parts: Part[], all: Figures): Record<string, string> {
  const kit = bundles.filter(({ name }) => name.includes("-kit."));
  const titles = new Map(MEASURED.map((flavour, n) => [bundles[n]?.name, about(flavour)]));
  return {
    bundles: `${table("bundle", bundles, all, ({ name }) => `${name}: ${titles.get(name)}`)}${note(bundles, all)}`,
    parts: `${table("part", [...parts, ...kit], all, (part) => (kit.includes(part) ? "all together" : part.name))}${note(parts, all)}`,
    files: `| bundle | bytes by file of src/ |\n| --- | --- |\n${bundles.map(({ name }) => `| ${name} | ${shares(name).map(([file, bytes]) => `${file.replace(/\.ts$/, "") || "around them"} ${number(bytes)}`).join(" · ")} |`).join("\n")}`
  };
}
