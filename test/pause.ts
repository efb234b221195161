import { parse } from "acorn";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Create } from "./target";

/** A readable build that calls a hook between any two statements of any function. */
export interface Paused {
  create: Create;
  /** Statements with a hook in front. */
  points: number;
  /** Called in front of every statement that runs; set it to look, to call, or to throw. */
  hook: { run: (() => void) | undefined };
}

interface Node {
  type: string;
  start: number;
  end: number;
  [key: string]: unknown;
}

const LOOSE = ["body", "consequent", "alternate"];

/** Calls visit for every statement inside a function; `loose` ones stand where no braces are. */
function statements(node: Node, inside: boolean, visit: (node: Node, loose: boolean) => void): void {
  const within = inside || node.type === "FunctionExpression" || node.type === "FunctionDeclaration";
  for (const [key, value] of Object.entries(node)) {
    for (const child of Array.isArray(value) ? value : [value]) {
      if (!child || typeof (child as Node).type !== "string") continue;
      const part = child as Node;
      const listed = Array.isArray(value) && (key === "body" || key === "consequent");
      const loose = !listed && LOOSE.includes(key) && /Statement$/.test(part.type) && part.type !== "BlockStatement";
      if (within && (loose || (listed && part.type !== "FunctionDeclaration"))) visit(part, loose);
      statements(part, within, visit);
    }
  }
}

/** Puts `call;` in front of every statement of every function. Returns the code and how many there are. */
export function instrument(code: string, call: string): { code: string; points: number } {
  const edits: [number, string][] = [];
  let points = 0;
  statements(parse(code, { ecmaVersion: 5 }) as unknown as Node, false, (node, loose) => {
    points++;
    edits.push([node.start, `${loose ? "{" : ""}${call};`]);
    if (loose) edits.push([node.end, "}"]);
  });
  let text = code;
  // from the end, closing braces of inner statements first
  for (const [at, piece] of edits.map((edit, i) => [...edit, i] as const).sort((a, b) => b[0] - a[0] || b[2] - a[2])) {
    text = text.slice(0, at) + piece + text.slice(at);
  }
  return { code: text, points };
}

/** A readable bundle of dist/ with hooks. */
export function paused(file: string): Paused {
  const { code, points } = instrument(readFileSync(join(__dirname, "..", "dist", file), "utf8"), "hook.run&&hook.run()");
  const hook: Paused["hook"] = { run: undefined };
  const exports = {} as { create: Create };
  new Function("exports", "hook", code)(exports, hook);
  return { create: exports.create, points, hook };
}
