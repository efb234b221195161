import { readFileSync } from "node:fs";
import { SourceMap } from "node:module";
import { basename, join } from "node:path";
import { gzip } from "pako";
import { FLAVOURS } from "../../rollup.config.mjs";
import { bundle } from "../bundle";

// What is measured: every minified bundle of dist/ that require() loads, and every part of the kit in a bundle of its own.

const ROOT = join(__dirname, "..", "..");
const KIT = join(ROOT, "src", "kit.ts");

/** What an engine makes of the code to see what it takes: a pool in RAM, one on a store, or the module alone. */
export type Kind = "pool" | "far" | "module";

/** Code that is measured, and what it takes. A figure that no engine here gave is absent, `ram: 0` is more than the engine has. */
export interface Part {
  name: string;
  kind: Kind;
  code: string;
  bytes: number;
  gzip: number;
  /** JsVars of the module and an empty pool, its bytes left out: loaded into RAM, and kept in Storage. Espruino only. */
  ram?: number;
  storage?: number;
  /** Bytes of engine heap for the same at the peak, the parser's included. JerryScript only. */
  heap?: number;
}

interface Flavour {
  input: string;
  file: string;
  format: string;
  min?: boolean;
  far?: boolean;
}

/** Files of dist/ that are measured, and the entry each is made of. */
export const MEASURED = (FLAVOURS as Flavour[]).filter(({ file, format, min }) => min && format === "cjs" && /^dist\/[^/]+$/.test(file));

/** Names of the parts of the kit. */
export const PARTS = Object.keys(require("../../src/kit")).sort();

/** Bytes that a text has when it is compressed as a web server does: zlib at its best, the same on every machine. */
export function packed(code: string): number {
  return gzip(code, { level: 9 }).length; // in JavaScript: the zlib of Node is another one on other processors
}

function part(name: string, kind: Kind, code: string): Part {
  return { name, kind, code, bytes: Buffer.byteLength(code), gzip: packed(code) };
}

function kindOf(file: string, far: boolean): Kind {
  const { create, mount } = require(file);
  return !create || mount ? "module" : far ? "far" : "pool";
}

/** The bundles of dist/ as they are. Throws when one is missing, with the command that makes it. */
export function bundles(): Part[] {
  return MEASURED.map(({ file, far = false }) => {
    const path = join(ROOT, file);
    return part(basename(file), kindOf(path, far), text(path));
  });
}

function text(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    throw new Error(`dist/${basename(path)} is missing, run npm run build`);
  }
}

let kit: Promise<Part[]> | undefined;

/** The parts of the kit, each as a module with all it needs. They are bundled once: two seconds. */
export function parts(): Promise<Part[]> {
  return (kit ??= Promise.all(PARTS.map(async (name) => part(name, "module", await bundle(KIT, { min: true, only: [name] })))));
}

/** Bytes of a minified bundle of dist/ by the file of src/ they come from, most first, as its source map says; what no file has is "". */
export function shares(name: string): [string, number][] {
  const path = join(ROOT, "dist", name);
  const map = new SourceMap(JSON.parse(text(`${path}.map`)));
  const bytes = new Map<string, number>();
  text(path)
    .split("\n")
    .forEach((line, row) => {
      for (let column = 0; column < line.length; column++) {
        const { originalSource = "" } = map.findEntry(row, column) as { originalSource?: string };
        const source = originalSource.split("/").pop() as string;
        bytes.set(source, (bytes.get(source) ?? 0) + 1);
      }
    });
  return [...bytes].sort(([, a], [, b]) => b - a);
}

/** What a bundle is, from the first words of its entry in src/: up to the first colon, bracket or full stop. */
export function about({ input }: Pick<Flavour, "input">): string {
  const comment = readFileSync(join(ROOT, input), "utf8").match(/^(\/\/.*\r?\n)+/)?.[0] ?? "";
  const words = comment.replace(/^\/\/ ?/gm, "").replace(/\s+/g, " ").trim();
  const first = words.split(/ \(|:|\.(?: |$)/)[0].trim();
  return first.charAt(0).toLowerCase() + first.slice(1);
}
