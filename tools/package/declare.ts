import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { rollup } from "rollup";
import { dts } from "rollup-plugin-dts";
import ts from "typescript";
import { above, comment, said, typed } from "./comment";

const ROOT = join(__dirname, "..", "..");

/** A change of a text: what is between two places becomes `text`. */
interface Edit {
  from: number;
  to: number;
  text: string;
}

function apply(code: string, edits: Edit[]): string {
  return edits.sort((a, b) => b.from - a.from).reduce((all, { from, to, text }) => all.slice(0, from) + text + all.slice(to), code);
}

/** A comment of the sources, as it stands above a node that begins at `indent`. */
function block(text: string, indent: string): string {
  return text.includes("\n") ? `/**\n${indent} * ${text.replace(/\n/g, `\n${indent} * `)}\n${indent} */\n${indent}` : `/** ${text} */\n${indent}`;
}

/** Names under which a text of declarations exports what it has under others. */
function renamed(tree: ts.SourceFile): Map<string, string> {
  const lists = tree.statements.filter(ts.isExportDeclaration).map((node) => node.exportClause);
  return new Map(lists.filter((list) => list && ts.isNamedExports(list)).flatMap((list) => (list as ts.NamedExports).elements.map((one) => [(one.propertyName ?? one.name).text, one.name.text])));
}

/** Takes private members out of declarations, and gives functions, and interfaces among `own` with their members, the comments of the sources where they have none. */
function publish(code: string, entry: string, own: string[]): string {
  const tree = ts.createSourceFile("bundle.d.ts", code, ts.ScriptTarget.ES2022, true);
  const names = renamed(tree);
  const edits: Edit[] = [];
  const tell = (node: ts.Node, text: string): void => {
    const from = node.getStart(tree);
    const indent = /[^\n]*$/.exec(code.slice(0, from))![0];
    if (text && !above(node)) edits.push({ from, to: from, text: block(text, indent) });
  };
  for (const node of tree.statements) {
    if (ts.isFunctionDeclaration(node) && node.name) tell(node, comment(entry, names.get(node.name.text) ?? node.name.text));
    if (!ts.isInterfaceDeclaration(node)) continue;
    const owner = node.name.text;
    if (own.includes(owner)) tell(node, said(entry, owner));
    for (const member of node.members) {
      const name = member.name?.getText(tree) ?? "";
      if (name.startsWith("_")) edits.push({ from: member.pos, to: member.end, text: "" });
      else if (own.includes(owner)) tell(member, said(entry, owner, name));
    }
  }
  return apply(code, edits);
}

/** The declarations of the module whose source is `input`, in one text: those of tools/type where it has a file there, else its own. */
export async function declarations(input: string): Promise<string> {
  const entry = join(ROOT, input);
  const types = join(ROOT, "tools", "type", basename(input));
  const has = existsSync(types);
  const build = await rollup({ input: has ? types : entry, plugins: [dts({ tsconfig: join(ROOT, "tsconfig.json") })] });
  const { output } = await build.generate({ format: "es" });
  await build.close();
  return publish(output[0].code, entry, has ? typed(types) : []);
}
