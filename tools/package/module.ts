import { readFileSync } from "node:fs";
import { join } from "node:path";
import { page } from "./page";

const ROOT = join(__dirname, "..", "..");

/** The files of a module for Espruino's Web IDE, by the ends of their names. */
export interface Module {
  ".js": string;
  ".min.js": string;
  ".md": string;
}

/** The first sentences of a source, up to an empty line of its comment. */
function about(input: string): string {
  const lines = readFileSync(join(ROOT, input), "utf8").split("\n");
  const end = lines.findIndex((line) => !/^\/\/ ./.test(line));
  return lines.slice(0, end).map((line) => line.slice(3)).join(" ");
}

function bundle(file: string): string {
  return readFileSync(join(ROOT, "dist", file), "utf8").replace(/\n?\/\/# sourceMappingURL=.*\n?$/, "").trimEnd();
}

/** Makes the module `name` of dist/modules from its bundles, its source and its declarations. */
export function module(name: string, input: string, declarations: string): Module {
  const { version, keywords } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { version: string; keywords: string[] };
  const copyright = /^Copyright.*$/m.exec(readFileSync(join(ROOT, "LICENSE"), "utf8"))![0].trim();
  const text = about(input);
  const [title] = text.split(/\.(?: |$)|: /);
  const short = title[0].toLowerCase() + title.slice(1);
  return {
    ".js": `/* ${copyright}. See the file LICENSE for copying permission. */\n/*\n${name} ${version}: ${text}\n${name}.md says how it is used, ${name}.min.js is what to load.\n*/\n${bundle(`${name}.js`)}\n`,
    // it goes into the memory of the board with the rest
    ".min.js": `/* ${name} ${version}, MIT, ${copyright.replace("Copyright ", "")} */\n${bundle(`${name}.min.js`)}\n`,
    ".md": page({ name, title: short, declarations, keywords, copyright })
  };
}
