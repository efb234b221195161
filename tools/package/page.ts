import { readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { above } from "./comment";

const ROOT = join(__dirname, "..", "..");

/** What docs/install.md says of a module, without its heading; "" when it says nothing. */
function section(name: string): string {
  const text = readFileSync(join(ROOT, "docs", "install.md"), "utf8");
  const at = text.indexOf(`\n### ${name}\n`);
  return at < 0 ? "" : text.slice(at + name.length + 6).split(/\n#{1,3} /)[0].trim();
}

/** The table of README.md whose first line begins with `head`. Throws when there is none. */
function table(head: string): string {
  const lines = readFileSync(join(ROOT, "README.md"), "utf8").split("\n");
  const from = lines.findIndex((line) => line.startsWith(head));
  if (from < 0) throw new Error(`README.md has no table that begins with "${head}"`);
  return lines.slice(from, lines.findIndex((line, n) => n > from && !line.startsWith("|"))).join("\n");
}

const WIRING = "| chip | 1 CS";
const CHIPS = "| chip, `chip:`";

/** One thing that can be called or set. */
interface Entry {
  name: string;
  optional: boolean;
  call: string;
  type: string;
  text: string;
}

/** A text as one line of Markdown. */
function line(text: string): string {
  return text.replace(/\s*\n\s*/g, " ").replace(/</g, "&lt;");
}

function entry(node: ts.SignatureDeclaration | ts.PropertySignature | ts.VariableDeclaration, name: string, tree: ts.SourceFile, from: ts.Node = node): Entry {
  const type = node.type?.getText(tree).replace(/\s+/g, " ") ?? "";
  const optional = "questionToken" in node && node.questionToken !== undefined;
  const one = { name, type, optional, text: above(from) };
  if (!("parameters" in node)) return { ...one, call: name + (optional ? "?" : "") };
  const parameters = node.parameters.map((each) => (each.dotDotDotToken ? "..." : "") + each.name.getText(tree) + (each.questionToken ? "?" : ""));
  return { ...one, call: `${name}(${parameters.join(", ")})` };
}

/** Declarations as they are looked up. */
class Types {
  private readonly tree: ts.SourceFile;
  private readonly exported = new Map<string, string>();

  constructor(code: string) {
    this.tree = ts.createSourceFile("types.d.ts", code, ts.ScriptTarget.ES2022, true);
    for (const node of this.tree.statements.filter(ts.isExportDeclaration)) {
      if (node.exportClause && ts.isNamedExports(node.exportClause)) for (const one of node.exportClause.elements) this.exported.set((one.propertyName ?? one.name).text, one.name.text);
    }
  }

  /** Functions and variables that are exported, each once. */
  values(): Entry[] {
    const all = new Map<string, Entry>();
    for (const node of this.tree.statements) {
      const list = ts.isFunctionDeclaration(node) ? [node] : ts.isVariableStatement(node) ? node.declarationList.declarations : [];
      for (const one of list) {
        const name = this.exported.get(one.name!.getText(this.tree));
        if (name) all.set(name, entry(one, name, this.tree, node));
      }
    }
    return [...all.values()];
  }

  /** Interfaces that are exported, with what they inherit, in the order of their declarations. */
  interfaces(): { name: string; text: string; members: Entry[] }[] {
    const nodes = this.tree.statements.filter(ts.isInterfaceDeclaration).filter((node) => this.exported.has(node.name.text));
    return nodes.map((node) => ({ name: this.exported.get(node.name.text)!, text: above(node), members: [...this.members(node).values()] }));
  }

  private members(node: ts.InterfaceDeclaration): Map<string, Entry> {
    const all = new Map<string, Entry>();
    for (const base of node.heritageClauses?.flatMap((clause) => [...clause.types]) ?? []) {
      for (const [name, one] of this.inherited(base)) all.set(name, one);
    }
    for (const member of node.members) {
      const name = member.name?.getText(this.tree) ?? "";
      if (!name || /^["']/.test(name) || !(ts.isMethodSignature(member) || ts.isPropertySignature(member))) continue;
      const one = entry(member, name, this.tree);
      all.set(name, { ...one, text: one.text || (all.get(name)?.text ?? "") });
    }
    return all;
  }

  /** Members of a base, which may be `Omit` of one. */
  private inherited(base: ts.ExpressionWithTypeArguments): [string, Entry][] {
    const [first, names] = base.typeArguments ?? [];
    const omit = base.expression.getText(this.tree) === "Omit";
    const of = omit ? first.getText(this.tree).replace(/<[^]*/, "") : base.expression.getText(this.tree);
    const node = this.tree.statements.find((one): one is ts.InterfaceDeclaration => ts.isInterfaceDeclaration(one) && one.name.text === of);
    const left = omit ? [...names.getText(this.tree).matchAll(/"(\w+)"/g)].map(([, name]) => name) : [];
    return node ? [...this.members(node)].filter(([name]) => !left.includes(name)) : [];
  }
}

function item({ call, type, text }: Entry): string {
  const gives = !type || type === "void" ? "" : `: ${/^\w+ is /.test(type) ? "boolean" : type}`;
  return `* \`${call}${gives}\`${text && `: ${line(text)}`}`;
}

/** The reference of a module from its declarations: what it exports, then what that takes and gives. */
function reference(declarations: string): string {
  const types = new Types(declarations);
  const rest = types.interfaces().filter(({ members }) => members.length > 0);
  const parts = rest.map(({ name, text, members }) => `### ${name}\n\n${text ? `${line(text)}\n\n` : ""}${members.map(item).join("\n")}`);
  return [types.values().map(item).join("\n"), ...parts].join("\n\n");
}

/** Members of the interface `name` of declarations, those it inherits first. */
export function members(declarations: string, name: string): Entry[] {
  return new Types(declarations).interfaces().find((one) => one.name === name)?.members ?? [];
}

/** What a page is made from. */
export interface Facts {
  name: string;
  /** What it is, in a few words. */
  title: string;
  declarations: string;
  keywords: string[];
  copyright: string;
}

/** The page of a module, as Espruino's module site has them. */
export function page({ name, title, declarations, keywords, copyright }: Facts): string {
  const about = section(name) || `\`\`\`js\nvar ${name.replace(/\W(\w)/g, (_, letter: string) => letter.toUpperCase())} = require("${name}");\n\`\`\``;
  const code = about.indexOf("```");
  const chips = about.includes("tidyheap-spi");
  const heading = `${name}: ${title}`;
  const parts = [
    `<!--- ${copyright}. See the file LICENSE for copying permission. -->\n${heading}\n${"=".repeat(heading.length)}`,
    `* KEYWORDS: Module,${[name, ...keywords].join(",")}`,
    about.slice(0, code).trim(),
    chips ? `Wiring\n------\n\nThe chips with 8 pins have them in the same places; 100 nF between 4 and 8, short wires:\n\n${table(WIRING)}\n\n${table(CHIPS)}` : "",
    `Usage\n-----\n\n${about.slice(code)}`,
    `Reference\n---------\n\n${reference(declarations)}`
  ];
  return `${parts.filter(Boolean).join("\n\n")}\n`;
}
