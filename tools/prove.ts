import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { command, options } from "./command";

const ROOT = join(__dirname, "..");

const HELP = `usage: npm run prove [-- [--full] [--only PART[,PART]] [TEST...]]
Proves more than npm test does, with the tests that can do more, and ends with a table. Non-zero when anything fails.
  tests    every test/*.ts that scales (it imports test/amount.ts), with more runs, seeds, sizes and points
  cover    lines and branches of src that the tests reach, by c8
  mutate   whether the tests notice a change in src, by Stryker: a sample, all of it with --full
  --full   most of everything: hours instead of minutes
  --only   these parts
  TEST     tests with this name only, as "npm run prove -- busy": no other part
TIDYHEAP_SEED=number gives other runs; a failure prints its seed and what reproduces it.`;

const PARTS = ["tests", "cover", "mutate"] as const;
type Part = (typeof PARTS)[number];

interface Choice {
  full: boolean;
  parts: Part[];
  /** Names of tests; none: all that scale. */
  tests: string[];
}

/** Reads the command line. Throws on anything it does not know. */
export function choose(args: string[]): Choice {
  const { values, rest: tests } = options(args, { full: { type: "boolean" }, only: { type: "string" } }, Infinity);
  const unknown = tests.find((name) => !scaling().includes(name));
  if (unknown !== undefined) throw new Error(`no test "${unknown}" that scales: ${scaling().join(" ")}`);
  if (tests.length && values.only !== undefined) throw new Error("--only is for parts, and tests are named");
  return { full: values.full === true, parts: tests.length ? ["tests"] : values.only === undefined ? [...PARTS] : parts(String(values.only)), tests };
}

function parts(list: string): Part[] {
  const unknown = list.split(",").find((part) => !PARTS.includes(part as Part));
  if (unknown !== undefined) throw new Error(`--only knows ${PARTS.join(", ")}, not "${unknown}"`);
  return list.split(",") as Part[];
}

/** Names of the tests that have more to do than they do in npm test. */
export function scaling(): string[] {
  const names = readdirSync(join(ROOT, "test")).filter((name) => name.endsWith(".ts") && name !== "amount.ts");
  return names.filter((name) => /from "\.\/amount"/.test(readFileSync(join(ROOT, "test", name), "utf8"))).map((name) => name.slice(0, -3));
}

/** What Node runs for a part: the scripts of package.json without npm, which takes a shell on Windows. */
function program(part: Part, { full, tests }: Choice): string[] {
  const names = tests.length ? tests : scaling();
  if (part === "tests") return [bin("mocha"), "--reporter", "dot", "--timeout", "3600000", ...names.map((name) => join("test", `${name}.ts`))];
  if (part === "cover") return [bin("c8"), "--config", join("tools", "c8.json"), process.execPath, bin("mocha"), "--config", join("tools", "cover.json")];
  return ["--import=tsx", join("tools", "mutate.mts"), ...(full ? [] : ["--sample", "60"])];
}

function bin(name: string): string {
  return join(ROOT, "node_modules", name, "bin", `${name}.js`);
}

interface Result {
  part: Part;
  passed: boolean;
  seconds: number;
}

function run(part: Part, choice: Choice): Promise<Result> {
  const from = performance.now();
  // coverage and mutants are a matter of the tests as npm test runs them
  const env = part === "tests" ? { ...process.env, TIDYHEAP_PROOF: choice.full ? "full" : "bounded" } : process.env;
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, program(part, choice), { cwd: ROOT, env, stdio: "inherit" });
    child.on("error", reject);
    child.on("close", (code) => resolve({ part, passed: code === 0, seconds: (performance.now() - from) / 1000 }));
  });
}

async function main(args: string[]): Promise<number> {
  const choice = choose(args);
  const results: Result[] = [];
  for (const part of choice.parts) {
    console.log(`prove: ${part}`);
    results.push(await run(part, choice));
  }
  console.log(`\n${results.map(({ part, passed, seconds }) => `${part.padEnd(8)}${passed ? "passed" : "FAILED"}  ${seconds.toFixed(0).padStart(5)} s`).join("\n")}`);
  if (results.every(({ passed }) => passed)) return 0;
  console.error("prove: what failed is above, with what reproduces it; next: npm run prove -- NAME for one test of it alone");
  return 1;
}

if (require.main === module) command("prove", HELP, main);
