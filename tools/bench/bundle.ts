import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Plugin } from "rollup";

const ROOT = join(__dirname, "..", "..");

/** Path of a bundle in dist/. Throws when it is missing, with the command that makes it. */
function path(name: string): string {
  const file = join(ROOT, "dist", name);
  if (!existsSync(file)) throw new Error(`dist/${name} is missing: run "npm run build" first`);
  return file;
}

/** Text of a bundle in dist/. */
export function built(name: string): string {
  return readFileSync(path(name), "utf8").trim();
}

/** Names the file of src/ that is younger than a bundle in dist/, or "". */
export function newer(name: string, sources: string[]): string {
  const made = statSync(path(name)).mtimeMs;
  return sources.find((file) => statSync(join(ROOT, file)).mtimeMs > made) ?? "";
}

async function es5(): Promise<Plugin> {
  const { default: typescript } = await import("typescript");
  const compilerOptions = { target: typescript.ScriptTarget.ES5, module: typescript.ModuleKind.ESNext };
  const transform = (source: string) => ({ code: typescript.transpileModule(source, { compilerOptions }).outputText, map: null });
  return { name: "es5", transform };
}

/** A file of this folder as an ES5 CommonJS bundle, minified with the settings of the bundles in dist/. */
export async function small(file: string): Promise<string> {
  const settings = pathToFileURL(join(ROOT, "rollup.config.mjs")).href;
  const { minify } = await import(settings);
  const { rollup } = await import("rollup");
  const { default: terser } = await import("@rollup/plugin-terser");
  const bundle = await rollup({ input: join(__dirname, file), plugins: [await es5()] });
  const { output } = await bundle.generate({
    format: "cjs",
    exports: "named",
    esModule: false,
    strict: false,
    freeze: false,
    generatedCode: { preset: "es5" },
    plugins: [(terser as any)(minify({ format: "cjs" }))]
  });
  await bundle.close();
  return output[0].code.trim();
}
