import { parse } from "acorn";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Create } from "./target";

/** A place between two statements. */
export interface Spot {
  /** The function around it, "" where it has no name. */
  name: string;
  line: number;
  /** Begin of the statement behind it; "}" at the end of a body. */
  text: string;
}

/** Called at every place that is run through, with its number; set it to look, to call, or to throw. */
export interface Hook {
  run: ((spot: number) => void) | undefined;
}

/** A build that calls a hook between any two statements of any function. */
export interface Paused {
  create: Create;
  /** All it exports. */
  exports: any;
  spots: Spot[];
  hook: Hook;
}

interface Node {
  type: string;
  start: number;
  end: number;
  [key: string]: any;
}

const LOOSE = ["body", "consequent", "alternate"];
const JUMP = /^(Return|Throw|Break|Continue)Statement$/;

/** Calls visit for every place: in front of a statement (`loose` ones stand where no braces are), and behind the last of a function or a loop. */
function places(node: Node, name: string | undefined, visit: (node: Node, name: string, where: "front" | "loose" | "behind") => void, given = ""): void {
  const within = /^Function/.test(node.type) ? node.id?.name ?? given : name;
  if (within !== undefined && (/^Function/.test(node.type) || /^(For|ForIn|While|DoWhile)Statement$/.test(node.type))) {
    const last = node.body.type === "BlockStatement" ? node.body.body[node.body.body.length - 1] : node.body;
    if (last && !JUMP.test(last.type)) visit(last, within, "behind");
  }
  for (const [key, value] of Object.entries(node)) {
    for (const child of Array.isArray(value) ? value : [value]) {
      if (!child || typeof child.type !== "string") continue;
      const part = child as Node;
      const listed = Array.isArray(value) && (key === "body" || key === "consequent");
      const loose = !listed && LOOSE.includes(key) && /Statement$/.test(part.type) && part.type !== "BlockStatement";
      if (within !== undefined && (loose || (listed && part.type !== "FunctionDeclaration"))) visit(part, within, loose ? "loose" : "front");
      places(part, within, visit, node.key?.name ?? node.left?.property?.name ?? "");
    }
  }
}

/** Puts `call(spot);` between any two statements of every function. Returns the code and what there is. */
export function instrument(code: string, call: (spot: number) => string): { code: string; spots: Spot[] } {
  // where, how deep inside (fronts are the outermost), what
  const edits: [number, number, string][] = [];
  const spots: Spot[] = [];
  places(parse(code, { ecmaVersion: 5 }) as unknown as Node, undefined, (node, name, where) => {
    const at = where === "behind" ? node.end : node.start;
    const text = where === "behind" ? "}" : code.slice(node.start, node.end).split("\n")[0];
    const piece = `${call(spots.push({ name, line: code.slice(0, at).split("\n").length, text }) - 1)};`;
    if (where === "behind") edits.push([at, node.start + 0.5, `;${piece}`]);
    else edits.push([at, -1, where === "loose" ? `{${piece}` : piece]);
    if (where === "loose") edits.push([node.end, node.start, "}"]);
  });
  let text = code;
  for (const [at, , piece] of edits.sort((a, b) => b[0] - a[0] || a[1] - b[1])) text = text.slice(0, at) + piece + text.slice(at);
  return { code: text, spots };
}

/** A script with hooks; `result` is what it leaves. */
export function hooked(script: string, result: string): { exports: any; spots: Spot[]; hook: Hook } {
  const hook: Hook = { run: undefined };
  const { code, spots } = instrument(script, (spot) => `hook.run&&hook.run(${spot})`);
  const exports = {};
  return { exports: new Function("exports", "hook", `${code}\nreturn ${result}`)(exports, hook), spots, hook };
}

/** A readable bundle of dist/ with hooks. */
export function paused(file: string): Paused {
  const build = hooked(readFileSync(join(__dirname, "..", "dist", file), "utf8"), "exports");
  return { ...build, create: build.exports.create };
}
