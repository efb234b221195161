import { readdirSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";

/** The messages of one run. Texts are binary strings: one character a byte, as a serial port gives them. */
export interface Feed {
  /** Where they come from, in words. */
  name: string;
  messages: string[];
}

const SPACE = /\s+/g;

/** Every package.json below node_modules, in path order, one message a file. Throws when there is none. */
export function packages(root: string): Feed {
  const folder = join(root, "node_modules");
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name === "package.json")
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join("/"))
    .sort((a, b) => (a < b ? -1 : 1));
  if (files.length === 0) throw new Error(`no package.json below ${folder}`);
  const messages = files.map((file) => binary(dense(readFileSync(join(folder, file), "utf8"))));
  return { name: "package.json files below node_modules", messages };
}

/** One message a line, empty lines left out. */
export function lines(name: string, text: Buffer): Feed {
  return { name, messages: text.toString("latin1").split(/\r?\n/).filter((line) => line !== "") };
}

/** JSON without white space between its parts; what is not JSON keeps one space where it had any. */
function dense(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text));
  } catch {
    return text.replace(SPACE, " ").trim() || "{}";
  }
}

function binary(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}
