import { readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { Plugin } from "rollup";

export interface Shape {
  /** The global variable that will hold the entry's exports; without one it is a CommonJS module. */
  name?: string;
  /** Minify like a bundle of dist/. Off by default: names stay as written. */
  min?: boolean;
  /** Leave functions and variables where they are, which is quicker to make and does not run on Espruino. */
  raw?: boolean;
  /** Exports that are wanted, all by default: what only the others need is dropped. */
  only?: string[];
}

/** What bundles: slow to load, so only where it is used. */
async function workshop() {
  const { rollup } = await import("rollup");
  const { minify: terser } = await import("terser");
  const { default: ts } = await import("typescript");
  return { rollup, terser, ts, ...(await import("../rollup.config.mjs")) };
}

type Compiler = Awaited<ReturnType<typeof workshop>>["ts"];

/**
 * Bundles a TypeScript file and all it imports into one ES5 script that sets one global variable, or is a module, and runs on Espruino.
 * Types are not checked. Rejects on imports of packages, since nothing on a device could resolve them.
 */
export async function bundle(entry: string, { name, min, raw, only }: Shape): Promise<string> {
  const { rollup, terser, ts, minify, READABLE } = await workshop();
  const build = await rollup(only ? { input: "only", plugins: [some(entry, only), es5(ts)], onwarn: refuse } : { input: entry, plugins: [es5(ts)], onwarn: refuse });
  const { output } = await build.generate({
    format: name ? "iife" : "cjs",
    name,
    exports: "named",
    esModule: false,
    strict: false,
    freeze: false,
    externalLiveBindings: false,
    generatedCode: { preset: "es5" }
  });
  await build.close();
  if (raw) return output[0].code;
  const options = min ? minify({ format: name ? "iife" : "cjs", name }) : { ...READABLE, format: { comments: false } };
  return (await terser(output[0].code, options as object)).code ?? "";
}

/** Bundles a TypeScript file and all it imports into one minified script for browsers, which runs when it is loaded. Types are not checked. */
// only import() asks for it
// ts-unused-exports:disable-next-line
export async function page(entry: string): Promise<string> {
  const { rollup, terser, ts } = await workshop();
  const build = await rollup({ input: entry, plugins: [modern(ts)], onwarn: refuse });
  const { output } = await build.generate({ format: "iife", exports: "none" });
  await build.close();
  return (await terser(output[0].code, { ecma: 2020, toplevel: true, format: { comments: false } })).code ?? "";
}

/** Turns a CommonJS bundle into a script that sets the global variable `name`, for engines without `exports`. */
export function wrap(code: string, name: string): string {
  return `var ${name}=(function(exports){${code}\nreturn exports})({});`;
}

/** Code of a bundle of dist/ as a script that sets the global variable `tidyheap`. */
export function script(file: string): string {
  const code = readFileSync(file, "utf8");
  return basename(file).includes(".iife.") ? code : wrap(code, "tidyheap");
}

function refuse(warning: { code?: string; message: string }): void {
  // functions that call each other from two files are bundled in the right order
  if (warning.code !== "CIRCULAR_DEPENDENCY") throw new Error(warning.message);
}

function some(entry: string, only: string[]): Plugin {
  return {
    name: "some",
    resolveId: (id) => (id === "only" ? id : null),
    load: (id) => (id === "only" ? `export { ${only.join(", ")} } from ${JSON.stringify(entry)};` : null)
  };
}

const transpiled = new Map<string, string>(); // by source text: programs share most of their files

function transpile({ transpileModule, ScriptTarget, ModuleKind }: Compiler, code: string, fileName: string): string {
  const compilerOptions = { target: ScriptTarget.ES5, module: ModuleKind.ESNext, ignoreDeprecations: "6.0" };
  if (!transpiled.has(code)) transpiled.set(code, transpileModule(code, { fileName, compilerOptions }).outputText);
  return transpiled.get(code)!;
}

function es5(ts: Compiler): Plugin {
  return compiled((code, file) => transpile(ts, code, file));
}

function modern(ts: Compiler): Plugin {
  const compilerOptions = { target: ts.ScriptTarget.ES2020, module: ts.ModuleKind.ESNext };
  return compiled((code, fileName) => ts.transpileModule(code, { fileName, compilerOptions }).outputText);
}

function compiled(transform: (code: string, fileName: string) => string): Plugin {
  return {
    name: "typescript",
    resolveId: (id, from) => (from && id.startsWith(".") ? join(dirname(from), id.endsWith(".ts") ? id : `${id}.ts`) : id.endsWith(".ts") ? id : null),
    transform
  };
}
