// Names the exports that no other file imports; fails when there are any. Types are not asked: they say what an exported function takes and gives.

import { relative } from "node:path";
import unused from "ts-unused-exports";

// What is called from elsewhere: by programs, by engines, by Stryker, and where import() waits until it is needed.
const CALLED = /^(src[/\\](full|core|tiny|far|fram|thumb|spi|page|kit)\.ts|test[/\\]([\w-]+-)?portable\.ts|tools[/\\](mutant\.mts|job[/\\]engine\.ts))$/;

const { unusedExports } = unused.analyzeTsConfig("tools/tsconfig.json", ["--allowUnusedTypes"]);
for (const [path, names] of Object.entries(unusedExports)) {
  const file = relative(process.cwd(), path);
  if (CALLED.test(file)) continue;
  console.log(`${file}: ${names.map((one) => one.exportName).join(", ")}`);
  process.exitCode = 1;
}
