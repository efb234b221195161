import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { misfit, perform, SUITES } from "../test/suite";
import { all, find, version, type Engine } from "./engine";

const HELP = `usage: node --import=tsx tools/proof.ts [--write] [NAME...]
Runs every suite in every engine here, or in those named, and prints a table for DESIGN.md, into which --write puts it.
Further engines: TIDYHEAP_ENGINES="name=path;name=path".`;

const DESIGN = join(__dirname, "..", "DESIGN.md");
const HEAD = "<!-- made by tools/proof.ts -->";
const TAIL = "<!-- end -->";

/** Engine, version, and how the cases of each group ended; `faults` are those that failed. */
interface Row {
  name: string;
  version: string;
  cells: string[];
  faults: string[];
}

const GROUPS = [...new Set(SUITES.map((one) => one.group))];

async function measure(engine: Engine): Promise<Row> {
  const faults: string[] = [];
  const cells: string[] = [];
  for (const group of GROUPS) {
    let passed = 0;
    let failed = 0;
    let left = 0;
    for (const one of SUITES.filter((each) => each.group === group)) {
      if (misfit(engine.name, one)) {
        left += one.cases.length;
        continue;
      }
      for (const [i, verdict] of (await perform(engine, one)).entries()) {
        if (verdict) failed++, faults.push(`${engine.name}: ${one.name}: ${one.cases[i].name}: ${verdict}`);
        else passed++;
      }
    }
    cells.push([passed || failed ? `${passed}` : "", failed ? `${failed} failed` : "", left ? `(${left})` : ""].filter(Boolean).join(" "));
  }
  console.error(`${engine.name} ${faults.length} failed`);
  return { name: engine.name, version: await version(engine), cells, faults };
}

/** The rows as Markdown, failures below. */
function table(rows: Row[]): string {
  const date = new Date().toISOString().slice(0, 10);
  const lines = rows.map(({ name, version: told, cells }) => `| ${[name, told, ...cells, date].join(" | ")} |`);
  const faults = rows.flatMap((row) => row.faults).map((fault) => `- ${fault}`);
  return [`| ${["engine", "version", ...GROUPS, "date"].join(" | ")} |`, `|${" --- |".repeat(2)}${" --: |".repeat(GROUPS.length)} --- |`, ...lines, ...(faults.length ? ["", ...faults] : [])].join("\n");
}

async function main(args: string[]): Promise<void> {
  if (args.includes("--help")) return console.log(HELP);
  const wanted = args.filter((arg) => !arg.startsWith("-"));
  const engines = all().filter((name) => !wanted.length || wanted.includes(name)).map(find).filter((engine) => engine !== undefined);
  const text = table(await Promise.all(engines.map(measure)));
  console.log(text);
  if (!args.includes("--write")) return;
  const design = readFileSync(DESIGN, "utf8");
  const from = design.indexOf(HEAD);
  const to = design.indexOf(TAIL);
  if (from < 0 || to < from) throw new Error(`DESIGN.md has no ${HEAD} before ${TAIL}`);
  writeFileSync(DESIGN, `${design.slice(0, from)}${HEAD}\n${text}\n${design.slice(to)}`);
}

main(process.argv.slice(2)).catch((error) => {
  console.error(`proof.ts: ${error.message}`);
  process.exitCode = 1;
});
