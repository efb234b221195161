import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import ts from "typescript";

/** A file of src as far as comments are concerned. */
interface Source {
  file: string;
  tree: ts.SourceFile;
  /** What a name of it means elsewhere: the file and the name there, "*" for all of the file. */
  names: Map<string, { file: string; name: string }>;
}

const sources = new Map<string, Source>();

function source(file: string): Source {
  if (!sources.has(file)) sources.set(file, read(file));
  return sources.get(file)!;
}

function read(file: string): Source {
  const tree = ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.ES2022, true);
  const names: Source["names"] = new Map();
  for (const node of tree.statements) {
    if (!(ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) || !node.moduleSpecifier) continue;
    const from = join(dirname(file), `${(node.moduleSpecifier as ts.StringLiteral).text}.ts`);
    const bindings = ts.isImportDeclaration(node) ? node.importClause?.namedBindings : node.exportClause;
    if (!bindings || !existsSync(from)) continue;
    if (ts.isNamespaceImport(bindings)) names.set(bindings.name.text, { file: from, name: "*" });
    else if (!ts.isNamespaceExport(bindings)) for (const one of bindings.elements) names.set(one.name.text, { file: from, name: (one.propertyName ?? one.name).text });
  }
  return { file, tree, names };
}

/** The text of the comment above a node; "" when it has none. */
export function above(node: ts.Node): string {
  const docs = ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc).filter((doc) => doc.parent === node || ts.isVariableStatement(doc.parent));
  return ts.getTextOfJSDocComment(docs.at(-1)?.comment) ?? "";
}

/** What the function `name` of a file says of itself, wherever it is declared; "" when it says nothing. */
export function comment(file: string, name: string): string {
  const { tree, names } = source(file);
  for (const node of tree.statements) {
    if (ts.isFunctionDeclaration(node) && node.name?.text === name && above(node)) return whole(file, above(node));
    if (!ts.isExportDeclaration(node) || node.moduleSpecifier || !node.exportClause || !ts.isNamedExports(node.exportClause)) continue;
    const other = node.exportClause.elements.find((one) => one.name.text === name && one.propertyName);
    if (other) return comment(file, other.propertyName!.text);
  }
  const there = names.get(name);
  return there && there.name !== "*" ? comment(there.file, there.name) : "";
}

/** "As alloc in place.ts, counted." means what alloc says there, and what follows but for that one word. */
function whole(file: string, text: string): string {
  const [, name, other, more] = /^As (\w+) in (\w+)\.ts, ([^]*)$/.exec(text) ?? [];
  if (!name) return text;
  const rest = more === "counted." ? "" : ` ${more[0].toUpperCase()}${more.slice(1)}`;
  return comment(join(dirname(file), `${other}.ts`), name) + rest;
}

/** What a value given to a field says: a function elsewhere, or the one that `turn(this, it, ...)` calls. */
function value(file: string, node: ts.Expression): string {
  if (ts.isIdentifier(node)) return comment(file, node.text);
  if (ts.isPropertyAccessExpression(node) && ts.isIdentifier(node.expression)) {
    const space = source(file).names.get(node.expression.text);
    return space ? comment(space.file, node.name.text) : "";
  }
  const [only] = ts.isFunctionExpression(node) ? node.body.statements : [];
  const call = only && ts.isReturnStatement(only) && only.expression;
  return call && ts.isCallExpression(call) && call.arguments[1] ? value(file, call.arguments[1]) : "";
}

function* objects(tree: ts.SourceFile): Generator<ts.ObjectLiteralExpression> {
  for (const node of tree.statements) {
    if (!ts.isVariableStatement(node)) continue;
    for (const { initializer } of node.declarationList.declarations) {
      for (const one of initializer && ts.isCallExpression(initializer) ? initializer.arguments : [initializer]) if (one && ts.isObjectLiteralExpression(one)) yield one;
    }
  }
}

/** What the member `name` of an object or an interface of a file says, those of the interface `owner` first. */
function inFile(file: string, owner: string, name: string): string {
  const { tree } = source(file);
  const called = (node: { name?: ts.PropertyName }): boolean => node.name?.getText(tree) === name;
  const types = tree.statements.filter(ts.isInterfaceDeclaration);
  for (const { members } of types.filter((type) => type.name.text === owner)) for (const node of members) if (called(node) && above(node)) return whole(file, above(node));
  for (const { properties } of objects(tree)) {
    for (const node of properties) {
      if (!called(node)) continue;
      const text = above(node) || (ts.isPropertyAssignment(node) ? value(file, node.initializer) : "");
      if (text) return whole(file, text);
    }
  }
  for (const { members } of types) for (const node of members) if (called(node) && above(node)) return above(node);
  return "";
}

/** All files that a file needs, itself first. */
function reach(file: string, all: string[] = []): string[] {
  if (all.includes(file)) return all;
  all.push(file);
  for (const { file: next } of source(file).names.values()) reach(next, all);
  return all;
}

// Interfaces of tools/type that have another name than what they describe.
const ALIAS: Record<string, string> = { Chain: "Buffer", Table: "List", Row: "List" };

function declares(file: string, name: string): ts.Node | undefined {
  return source(file).tree.statements.find((node) => (ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node)) && node.name.text === name);
}

/** Names that the files of tools/type declare: what has comments of its own elsewhere is not among them. */
export function typed(file: string): string[] {
  const all = reach(file).filter((one) => dirname(one) === dirname(file));
  return all.flatMap((one) => source(one).tree.statements.filter(ts.isInterfaceDeclaration).map((node) => node.name.text));
}

/** What the interface `owner` of the flavour that `entry` makes says, or its member `name`; "" when the sources say nothing. */
export function said(entry: string, owner: string, name?: string): string {
  const type = ALIAS[owner] ?? owner;
  const home = reach(entry).find((file) => declares(file, type));
  if (name === undefined) return home ? above(declares(home, type)!) : "";
  const from = home ?? entry;
  for (const file of [from, ...[...source(from).names.values()].map((one) => one.file)]) {
    const text = inFile(file, type, name);
    if (text) return text;
  }
  return "";
}
