import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";

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
  const choice: Choice = { full: false, parts: [...PARTS], tests: [] };
  for (let n = 0; n < args.length; n++) {
    if (args[n] === "--full") choice.full = true;
    else if (args[n] === "--only") choice.parts = parts(args[++n]);
    else if (args[n].startsWith("-")) throw new Error(`no option ${args[n]}, see --help`);
    else choice.tests.push(args[n]);
  }
  const unknown = choice.tests.find((name) => !scaling().includes(name));
  if (unknown !== undefined) throw new Error(`no test "${unknown}" that scales: ${scaling().join(" ")}`);
  if (choice.tests.length) choice.parts = ["tests"];
  return choice;
}

function parts(list = ""): Part[] {
  const unknown = list.split(",").find((part) => !PARTS.includes(part as Part));
  if (unknown !== undefined) throw new Error(`--only knows ${PARTS.join(", ")}, not "${unknown}"`);
  return list.split(",") as Part[];
}

/** Names of the tests that have more to do than they do in npm test. */
export function scaling(): string[] {
  const names = readdirSync(join(ROOT, "test")).filter((name) => name.endsWith(".ts") && name !== "amount.ts");
  return names.filter((name) => /from "\.\/amount"/.test(readFileSync(join(ROOT, "test", name), "utf8"))).map((name) => name.slice(0, -3));
}

/** Program and arguments of a part. */
function command(part: Part, { full, tests }: Choice): string[] {
  const names = tests.length ? tests : scaling();
  if (part === "tests") return [bin("mocha"), "--reporter", "dot", "--timeout", "3600000", ...names.map((name) => join("test", `${name}.ts`))];
  if (part === "cover") return ["--run", "cover"];
  return full ? ["--run", "mutate"] : ["--run", "mutate", "--", "--sample", "60"];
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
  const [program, ...args] = command(part, choice);
  // coverage and mutants are a matter of the tests as npm test runs them
  const env = part === "tests" ? { ...process.env, TIDYHEAP_PROOF: choice.full ? "full" : "bounded" } : process.env;
  return new Promise((resolve, reject) => {
    const script = program === "--run";
    const child = script
      ? spawn("npm", ["run", "--silent", ...args], { cwd: ROOT, env, stdio: "inherit", shell: process.platform === "win32" })
      : spawn(process.execPath, [program, ...args], { cwd: ROOT, env, stdio: "inherit" });
    child.on("error", reject);
    child.on("close", (code) => resolve({ part, passed: code === 0, seconds: (performance.now() - from) / 1000 }));
  });
}

async function main(args: string[]): Promise<number> {
  if (args.includes("--help")) return say(HELP);
  const choice = choose(args);
  const results: Result[] = [];
  for (const part of choice.parts) {
    say(`prove: ${part}`);
    results.push(await run(part, choice));
  }
  say(`\n${results.map(({ part, passed, seconds }) => `${part.padEnd(8)}${passed ? "passed" : "FAILED"}  ${seconds.toFixed(0).padStart(5)} s`).join("\n")}`);
  return results.every(({ passed }) => passed) ? 0 : 1;
}

function say(text: string): number {
  console.log(text);
  return 0;
}

if (require.main === module) {
  main(process.argv.slice(2)).then(
    (code) => (process.exitCode = code),
    (error) => {
      console.error(`${basename(__filename, ".ts")}: ${error.message}`);
      process.exitCode = 1;
    }
  );
}
