// A program on its way to a board: looked through before anything is sent.

import { parse, type Comment, type Options, type Program as Tree, type Token } from "acorn";
import { basename } from "node:path";
import { escaped } from "../terminal";

/** A program as it is sent. */
export interface Program {
  name: string;
  /** All of it without comments, as it is stored. */
  text: string;
  /** Its statements at the top level, one line of the console each. */
  statements: string[];
  /** Modules it requires by name. */
  requires: string[];
}

// Newer syntax than Espruino has is the board's to refuse: what it accepts changes with its firmware.
const SYNTAX = { ecmaVersion: "latest", sourceType: "script", allowReturnOutsideFunction: true } as const;

/** Reads a program. Throws one line, with file, line and column, on a syntax error, on a character that is no byte and on one that a console obeys. */
export function program(file: string, source: string): Program {
  const name = basename(file);
  const text = bare(name, source.replace(/^\uFEFF/, "").replace(/\r\n?/g, "\n"));
  const tokens: Value[] = [];
  const statements = tree(name, text, { onToken: tokens as Token[] }).body.map(({ start, end }) => text.slice(start, end));
  if (!statements.length) throw new Error(`${name} has no statements`);
  return { name, text, statements, requires: requires(tokens) };
}

function tree(name: string, text: string, more: Partial<Options>): Tree {
  try {
    return parse(text, { ...SYNTAX, ...more });
  } catch (error) {
    const { message, loc } = error as Error & { loc?: { line: number; column: number } };
    throw new Error(`${name}:${loc?.line ?? 1}:${(loc?.column ?? 0) + 1} ${message.replace(/ \(\d+:\d+\)$/, "")}`);
  }
}

/** The program without comments, lines kept: boards store and read every character. */
function bare(name: string, source: string): string {
  const comments: Comment[] = [];
  tree(name, source, { onComment: comments });
  let text = "";
  let at = 0;
  for (const { type, start, end } of comments) {
    text += source.slice(at, start) + (source.slice(start, end).replace(/[^\n]/g, "") || (type === "Block" ? " " : ""));
    at = end;
  }
  text += source.slice(at);
  const code = /[\x00-\x08\x0b-\x1f\x7f]/.exec(text);
  if (code) throw new Error(`${name}:${text.slice(0, code.index).split("\n").length} has the control character ${escaped(code[0])}, which a console obeys: write it with an escape`);
  const wide = /[^\x00-\xff]/.exec(text);
  if (wide) throw new Error(`${name}:${text.slice(0, wide.index).split("\n").length} "${wide[0]}" is no single byte, and strings of Espruino have bytes: write it with \\x escapes`);
  return text;
}

/** A token with its value, which acorn's types leave out. */
type Value = Token & { value?: unknown };

function requires(tokens: Value[]): string[] {
  const names = tokens.filter(({ type }, at) => type.label === "string" && tokens[at - 1]?.type.label === "(" && tokens[at - 2]?.value === "require");
  return [...new Set(names.map(({ value }) => String(value)))];
}
