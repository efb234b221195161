import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { FLAVOURS, MODULES } from "../rollup.config.mjs";
import { command, options } from "./command";
import { declarations } from "./package/declare";
import { module } from "./package/module";

const ROOT = join(__dirname, "..");
const DIST = join(ROOT, "dist");

const HELP = `usage: node --import=tsx tools/package.ts
Makes what goes with the bundles of dist/, as npm run build does: NAME.d.ts and NAME.d.mts with the types of each, and in dist/modules
NAME.js, NAME.min.js and NAME.md for Espruino's Web IDE. The comments in both are those of the sources.`;

/** Removes declarations in dist/ that belong to no module any more. */
function clean(): void {
  const names = MODULES.flatMap(({ name }) => [`${name}.d.ts`, `${name}.d.mts`]);
  for (const file of readdirSync(DIST)) if (/\.d\.m?ts$/.test(file) && !names.includes(file)) rmSync(join(DIST, file));
  rmSync(join(DIST, "modules"), { recursive: true, force: true });
  mkdirSync(join(DIST, "modules"));
}

async function main(args: string[]): Promise<void> {
  options(args, {});
  const missing = FLAVOURS.find(({ file }) => !existsSync(join(ROOT, file)));
  if (missing) throw new Error(`${missing.file} is missing, run npm run build`);
  clean();
  for (const { name, input } of MODULES) {
    const types = await declarations(input);
    for (const end of [".d.ts", ".d.mts"]) writeFileSync(join(DIST, name + end), types);
    for (const [end, text] of Object.entries(module(name, input, types))) writeFileSync(join(DIST, "modules", name + end), text);
  }
}

command("package", HELP, main);
