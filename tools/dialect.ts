import { readFileSync } from "node:fs";
import { parse } from "acorn";
import { command, list, options } from "./command";

/** One thing an engine this library runs on cannot do, or does differently. `test` gives a fault, or "". */
interface Rule {
  name: string;
  test: (node: Node, up: Node[]) => string;
}

interface Node {
  type: string;
  start: number;
  end: number;
  [field: string]: any;
}

/** A binding of one function: where its name is usable from. `kind` is "var", "function", "param" or "catch". */
interface Binding {
  kind: string;
  from: number;
}

/** Global names of ES5 and later that Espruino 2v29 does not have. */
export const ABSENT_GLOBALS = ["Symbol", "Map", "Set", "WeakMap", "WeakSet", "Proxy", "Reflect", "BigInt", "RangeError"];

/** Statics Espruino does not have. */
export const ABSENT_STATICS: Record<string, string[]> = {
  Object: ["freeze", "seal", "preventExtensions", "isFrozen", "isSealed"],
  Math: ["imul", "clz32", "trunc", "fround", "hypot", "cbrt", "log2", "log10", "log1p", "expm1", "sinh", "cosh", "tanh"],
  Array: ["from", "of"],
  Uint8Array: ["from", "of"],
  Uint16Array: ["from", "of"],
  Uint32Array: ["from", "of"]
};

/** Methods and fields Espruino does not have on any object. */
export const ABSENT_MEMBERS = ["copyWithin", "BYTES_PER_ELEMENT", "lastIndexOf"];

const RESERVED = ["of", "static", "let"];

const RULES: Rule[] = [
  { name: "conditional var", test: conditional },
  { name: "nested function", test: nested },
  { name: "label", test: (node) => (node.type === "LabeledStatement" ? `label ${node.label.name}` : "") },
  { name: "default not last", test: unordered },
  { name: "reserved name", test: reserved },
  { name: "prototype call", test: borrowed },
  { name: "absent global", test: absentGlobal },
  { name: "absent static", test: absentStatic },
  { name: "absent member", test: absentMember },
  { name: "use strict", test: (node) => (node.directive === "use strict" ? node.directive : "") },
  { name: "accessor", test: accessor },
  { name: "set length", test: setLength },
  { name: "use before definition", test: early },
  { name: "shared catch name", test: sharedCatch },
  { name: "bare return at the end", test: bareReturn }
];

/** Names of the rules, in the order they are tried. */
export const NAMES = RULES.map((rule) => rule.name);

/** The rule that does not hold for the kit: its objects have a length of their own. */
export const KIT = ["set length"];

/**
 * Everything in ES5 source that an engine of this library would refuse or misread, as "rule: what (line:column)", the rules in
 * `except` left out. Throws acorn's SyntaxError when the source is not ES5.
 */
export function faults(source: string, except: string[] = []): string[] {
  const found: string[] = [];
  const tree = parse(source, { ecmaVersion: 5, sourceType: "script", locations: true }) as unknown as Node;
  walk(tree, [], (node, up) => {
    for (const rule of RULES) {
      const fault = rule.test(node, up);
      if (fault && !except.includes(rule.name)) found.push(`${rule.name}: ${fault} (${node.loc.start.line}:${node.loc.start.column})`);
    }
  });
  return found;
}

/** Calls `visit` for every node below and including `node`; `up` holds its ancestors, the nearest last. */
function walk(node: Node, up: Node[], visit: (node: Node, up: Node[]) => void): void {
  visit(node, up);
  const below = [...up, node];
  for (const child of children(node)) walk(child, below, visit);
}

/** A function of a node that is asked more than once for each. */
function kept<T>(find: (node: Node) => T): (node: Node) => T {
  const known = new WeakMap<Node, { value: T }>();
  return (node) => {
    const found = known.get(node) ?? { value: find(node) };
    known.set(node, found);
    return found.value;
  };
}

const children = kept((node): Node[] => Object.values(node).flat().filter((value) => value && typeof value.type === "string"));

function isFunction(node: Node): boolean {
  return node.type === "FunctionDeclaration" || node.type === "FunctionExpression" || node.type === "Program";
}

/** Nodes of one function body or program, those of functions inside it left out. */
const own = kept((node): Node[] => children(node).flatMap((child) => (isFunction(child) ? [child] : [child, ...own(child)])));

/** Whether a statement runs whenever its function does: it stands in the body itself. */
function always(up: Node[]): boolean {
  const parent = up[up.length - 1];
  const above = up[up.length - 2];
  return parent.type === "Program" || (parent.type === "BlockStatement" && isFunction(above));
}

/** The part of a function in which a declaration has surely run: the whole body, or the block or loop it stands in. */
function reach(node: Node, up: Node[]): Node {
  const parent = up[up.length - 1];
  const head = parent.init === node || (parent.type === "ForInStatement" && parent.left === node);
  const place = head ? up.slice(0, -1) : up;
  if (always(place)) return up.filter(isFunction).pop() as Node;
  return head || parent.type === "BlockStatement" || parent.type === "SwitchCase" ? parent : node;
}

// Espruino makes a variable when its declaration runs: until then the name means an outer variable.
function conditional(node: Node): string {
  if (!isFunction(node)) return "";
  const parts = new Map<string, Node[]>();
  const names = new Set<string>();
  walk(node, [], (one, up) => {
    if (one.type !== "VariableDeclaration" || up.filter(isFunction).pop() !== node) return;
    for (const { id } of one.declarations) parts.set(id.name, [...(parts.get(id.name) ?? []), reach(one, up)]);
  });
  for (const [name, list] of parts) {
    const safe = (at: number): boolean => list.some((part) => part.start <= at && at < part.end);
    eachUse(node, name, (at) => void (safe(at) || names.add(name)));
  }
  return [...names].join(",");
}

/** Calls `visit` wherever a variable of a function is used, in its own code and in functions inside it. */
function eachUse(scope: Node, name: string, visit: (at: number) => void): void {
  eachName(scope, (used, at) => void (used === name && visit(at)));
  for (const inner of own(scope).filter(isFunction)) {
    if (inner.id?.name !== name && !bindings(inner).has(name)) eachUse(inner, name, visit);
  }
}

function nested(node: Node, up: Node[]): string {
  return node.type === "FunctionDeclaration" && !always(up) ? node.id.name : "";
}

function unordered(node: Node): string {
  if (node.type !== "SwitchStatement") return "";
  const at = node.cases.findIndex((one: Node) => !one.test);
  return at >= 0 && at < node.cases.length - 1 ? `default is case ${at + 1} of ${node.cases.length}` : "";
}

/** Whether an identifier is the name of a property and not of a variable. */
function isKey(node: Node, up: Node[]): boolean {
  const parent = up[up.length - 1];
  if (parent.type === "MemberExpression") return parent.property === node && !parent.computed;
  return parent.type === "Property" && parent.key === node;
}

function reserved(node: Node, up: Node[]): string {
  return node.type === "Identifier" && RESERVED.includes(node.name) && !isKey(node, up) ? node.name : "";
}

function member(node: Node): string {
  if (node.type !== "MemberExpression") return "";
  return node.computed ? (node.property.type === "Literal" ? String(node.property.value) : "") : node.property.name;
}

function borrowed(node: Node): string {
  if (!["call", "apply", "bind"].includes(member(node))) return "";
  const method = node.object;
  return member(method) && member(method.object) === "prototype" ? `prototype.${member(method)}.${member(node)}` : "";
}

function absentGlobal(node: Node, up: Node[]): string {
  return node.type === "Identifier" && ABSENT_GLOBALS.includes(node.name) && !isKey(node, up) ? node.name : "";
}

function absentStatic(node: Node): string {
  const name = member(node);
  if (!name || node.object.type !== "Identifier") return "";
  return (ABSENT_STATICS[node.object.name] ?? []).includes(name) ? `${node.object.name}.${name}` : "";
}

function absentMember(node: Node, up: Node[]): string {
  return ABSENT_MEMBERS.includes(member(node)) && !probed(node, up) ? member(node) : "";
}

/** A method that may be absent can be kept in a variable or be a condition, to ask for it, and called where a condition holds. */
function probed(node: Node, up: Node[]): boolean {
  const parent = up[up.length - 1];
  if (parent.type === "VariableDeclarator" || parent.type === "AssignmentExpression" || parent.test === node) return member(node) === "copyWithin";
  if (parent.type !== "CallExpression") return false;
  return up.some((outer, n) => /^(IfStatement|ConditionalExpression)$/.test(outer.type) && outer.consequent === up[n + 1]);
}

function accessor(node: Node): string {
  if (node.type === "Property" && node.kind !== "init") return `${node.kind} ${node.key.name ?? node.key.value}`;
  return /^define(Property|Properties|Getter|Setter)$/.test(member(node).replace(/__/g, "")) ? member(node) : "";
}

function setLength(node: Node): string {
  const target = node.type === "AssignmentExpression" ? node.left : node.type === "UpdateExpression" ? node.argument : undefined;
  return target && member(target) === "length" ? "length" : "";
}

/** Variables and functions a function makes itself, with the position from which each can be used on Espruino. */
const bindings = kept((scope): Map<string, Binding> => {
  const found = new Map<string, Binding>();
  const add = (name: string, kind: string, from: number): void => {
    if (!found.has(name)) found.set(name, { kind, from });
  };
  for (const param of scope.params ?? []) add(param.name, "param", scope.start);
  for (const node of own(scope)) {
    if (node.type === "VariableDeclarator") add(node.id.name, "var", node.init ? node.end : node.id.start);
    else if (node.type === "FunctionDeclaration") add(node.id.name, "function", node.start);
  }
  return found;
});

function early(node: Node): string {
  if (!isFunction(node)) return "";
  const known = bindings(node);
  const names = new Set<string>();
  eachName(node, (name, at) => {
    const binding = known.get(name);
    if (binding && at < binding.from) names.add(name);
  });
  return [...names].join(",");
}

/** Calls `visit` with every variable that the function's own code reads or writes, declarations left out. */
function eachName(scope: Node, visit: (name: string, at: number) => void): void {
  const descend = (node: Node, up: Node[]): void => {
    const parent = up[up.length - 1];
    const declares = parent.type === "VariableDeclarator" && parent.id === node;
    if (node.type === "Identifier" && !isKey(node, up) && !declares) visit(node.name, node.start);
    if (!isFunction(node)) for (const child of children(node)) descend(child, [...up, node]);
  };
  for (const child of children(scope)) if (!(scope.params ?? []).includes(child) && child !== scope.id) descend(child, [scope]);
}

// MicroQuickJS keeps a caught error in the variable of that name, if the function has one.
function sharedCatch(node: Node): string {
  if (!isFunction(node)) return "";
  const caught = own(node).filter((one) => one.type === "CatchClause" && one.param).map((one) => one.param.name);
  const twice = caught.filter((name, at) => caught.indexOf(name) !== at || bindings(node).has(name));
  return [...new Set(twice)].join(",");
}

// Espruino reads on behind a return without a value: the end of a function that stays in Storage or RAM is then an unexpected end of input.
function bareReturn(node: Node, up: Node[]): string {
  const bare = node.type === "ReturnStatement" && node.end - node.start === "return".length;
  return bare && isLast(node, up) ? "return" : "";
}

/** Whether a statement is the last text of its function. */
function isLast(node: Node, up: Node[]): boolean {
  const at = up.map(isFunction).lastIndexOf(true);
  return at >= 0 && up[at].body.end - 1 === node.end;
}

const HELP = `usage: node --import=tsx tools/dialect.ts FILE...
Lists what in ES5 files Espruino and other small engines refuse or misread. Rules:
  ${list(NAMES, "  ")}
The exit code is 1 when there is something.`;

function main(args: string[]): number {
  const { rest } = options(args, {}, Infinity);
  if (rest.length === 0) throw new Error("no file given, as in: node --import=tsx tools/dialect.ts app.js");
  const found = rest.flatMap((file) => every(readFileSync(file, "utf8")).map((fault) => `${file}: ${fault}`));
  for (const fault of found) console.log(fault);
  console.error(found.length ? `dialect: ${found.length} to mend` : "dialect: nothing to mend");
  return found.length ? 1 : 0;
}

/** The faults of source that may not be ES5 at all. */
function every(source: string): string[] {
  try {
    return faults(source);
  } catch (error: any) {
    return [`not ES5: ${error.message}`];
  }
}

if (require.main === module) command("dialect", HELP, main);
