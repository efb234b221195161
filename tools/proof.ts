import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { misfit, perform, SUITES } from "../test/suite";
import { command, options, Progress } from "./command";
import { all, find, version, type Engine } from "./engine";

const HELP = `usage: node --import=tsx tools/proof.ts [--write] [NAME...]
Runs every suite in every engine here, or in those named, and prints a table for DESIGN.md, into which --write puts it.
Engines are found on PATH or named in TIDYHEAP_ENGINES="name=path;name=path"; tools/engine.ts --list shows them.
The exit code is 1 when a case failed.`;

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

async function measure(engine: Engine, progress: (text: string) => void): Promise<Row> {
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
      progress(`${engine.name}: ${one.name}`);
      for (const [i, verdict] of (await perform(engine, one)).entries()) {
        if (verdict) failed++, faults.push(`${engine.name}: ${one.name}: ${one.cases[i].name}: ${verdict}`);
        else passed++;
      }
    }
    cells.push([passed || failed ? `${passed}` : "", failed ? `${failed} failed` : "", left ? `(${left})` : ""].filter(Boolean).join(" "));
  }
  return { name: engine.name, version: await version(engine), cells, faults };
}

/** The rows as Markdown, failures below. */
function table(rows: Row[]): string {
  const date = new Date().toISOString().slice(0, 10);
  const lines = rows.map(({ name, version: told, cells }) => `| ${[name, told, ...cells, date].join(" | ")} |`);
  const faults = rows.flatMap((row) => row.faults).map((fault) => `- ${fault}`);
  return [`| ${["engine", "version", ...GROUPS, "date"].join(" | ")} |`, `|${" --- |".repeat(2)}${" --: |".repeat(GROUPS.length)} --- |`, ...lines, ...(faults.length ? ["", ...faults] : [])].join("\n");
}

async function main(args: string[]): Promise<number> {
  const { values, rest } = options(args, { write: { type: "boolean" } }, Infinity);
  const absent = rest.find((name) => !find(name));
  if (absent !== undefined) throw new Error(`no engine "${absent}" here, tools/engine.ts --list shows those there are`);
  const engines = all().filter((name) => !rest.length || rest.includes(name)).map(find).filter((engine) => engine !== undefined);
  const clock = new Progress();
  const rows = await Promise.all(engines.map((engine) => measure(engine, (text) => clock.show(text))));
  clock.end();
  const text = table(rows);
  console.log(text);
  if (values.write) write(text);
  else console.error("proof: --write puts this into DESIGN.md");
  return rows.some(({ faults }) => faults.length) ? 1 : 0;
}

function write(text: string): void {
  const design = readFileSync(DESIGN, "utf8");
  const from = design.indexOf(HEAD);
  const to = design.indexOf(TAIL, from);
  if (from < 0 || to < from) throw new Error(`DESIGN.md has no ${HEAD} before ${TAIL}`);
  writeFileSync(DESIGN, `${design.slice(0, from)}${HEAD}\n${text}\n${design.slice(to)}`);
}

if (require.main === module) command("proof", HELP, main);
