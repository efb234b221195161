import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { command, options } from "./command";

const ROOT = join(__dirname, "..");
const DIST = join(ROOT, "dist");

const HELP = `usage: npm run build, or behind rollup node --import=tsx tools/package.ts
Makes what goes with the bundles of dist/, as npm run build does: NAME.d.ts and NAME.d.mts with the types of each, and in dist/modules
NAME.js, NAME.min.js and NAME.md for Espruino's Web IDE. The comments in both are those of the sources.`;

/** Removes declarations in dist/ that belong to none of these modules any more. */
function clean(modules: { name: string }[]): void {
  const names = modules.flatMap(({ name }) => [`${name}.d.ts`, `${name}.d.mts`]);
  for (const file of readdirSync(DIST)) if (/\.d\.m?ts$/.test(file) && !names.includes(file)) rmSync(join(DIST, file));
  rmSync(join(DIST, "modules"), { recursive: true, force: true });
  mkdirSync(join(DIST, "modules"));
}

async function main(args: string[]): Promise<void> {
  options(args, {});
  const { FLAVOURS, MODULES } = await import("../rollup.config.mjs"); // rollup and TypeScript: slow to load, not needed to refuse
  const { declarations } = await import("./package/declare");
  const { module } = await import("./package/module");
  const missing = FLAVOURS.find(({ file }) => !existsSync(join(ROOT, file)));
  if (missing) throw new Error(`${missing.file} is missing, run npm run build`);
  clean(MODULES);
  for (const { name, input } of MODULES) {
    const types = await declarations(input);
    for (const end of [".d.ts", ".d.mts"]) writeFileSync(join(DIST, name + end), types);
    for (const [end, text] of Object.entries(module(name, input, types))) writeFileSync(join(DIST, "modules", name + end), text);
  }
}

command("package", HELP, main);
