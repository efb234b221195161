import { join } from "node:path";
import { Progress } from "../command";
import type { Engine } from "../engine";
import { outdated, tables } from "./document";
import { engines, measure } from "./engine";
import { figures, keep, known } from "./figure";
import { complete, COUNTED, decide, exceeded, limits } from "./limit";
import { bundles, parts } from "./part";

const ROOT = join(__dirname, "..", "..");

type Print = (text: string) => void;

/** Measures all there is, prints it, writes it down if asked to. Gives the exit code: 1 when something is above its limit. */
export async function report(write: boolean, json: boolean, here: Engine[] = engines(), print: Print = console.log, say: Print = console.error): Promise<number> {
  const progress = new Progress();
  const made = bundles();
  const kit = await progress.during("bundling the parts of the kit", parts());
  const code = [...made, ...kit];
  const all = figures();
  for (const engine of here) all[engine.name] = await measure(engine, code, (done) => progress.show(`measuring on ${engine.name}`, done, code.length));
  progress.end();
  const each = tables(known(made, all), known(kit, all), all);
  const sizes = known(code, all);
  if (write) keep(all), decide(complete(sizes, limits()));
  print(json ? JSON.stringify(sizes, ["name", ...COUNTED], 2) : Object.values(each).join("\n\n"));
  const over = exceeded(sizes, limits());
  for (const line of over) say(`size: ${line}`);
  say(conclusion(outdated(ROOT, each, write).join(", "), write));
  return over.length ? 1 : 0;
}

function conclusion(documents: string, write: boolean): string {
  if (!documents) return "size: the documents say the same";
  return write ? `size: wrote the tables of ${documents}; next: npm test` : `size: ${documents} says otherwise; next: npm run size -- --write`;
}
