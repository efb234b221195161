// What a board is, and whether it will do: asked before anything is written.

import type { Board } from "../../boards/board";
import { BOARDS } from "../../boards/index";
import { during, type Console } from "./console";
import type { Module } from "./flavour";
import { taken, type File } from "./hex";
import type { Program } from "./program";

/** The first firmware tidyheap has been run on: its engine tests use 2v29, older ones have never been tried. */
export const OLDEST = "2v29";

const TEXT_BYTES = 10; // characters in one JsVar of 12 bytes, the smallest there is; 12 and more in others

/** What a board says of itself. */
export interface Identity {
  version: string;
  board: string;
  /** Modules in its firmware. */
  modules: string[];
}

/** What is free after reset(). */
export interface Room {
  vars: number;
  /** Bytes of Storage, with what compaction gives back; 0 without Storage. */
  storage: number;
}

/** Asks who is there. Throws when what answers is no Espruino. */
export async function identify(console: Console): Promise<Identity> {
  const told = await during("asking what it is", () => console.ask<unknown[]>('[process.version,process.env.BOARD,process.env.MODULES||""]'));
  const [version, board, modules] = [told].flat().map(String);
  if (!/^\d+v\d+/.test(version)) throw new Error(`what answers is no Espruino: its process.version is ${version}`);
  return { version, board: board ?? "", modules: (modules ?? "").split(",") };
}

function release(version: string): number[] {
  return (/^(\d+)v(\d+)/.exec(version) ?? []).slice(1).map(Number);
}

/** Throws when the firmware is older than what has been tried, the board is another one than was said, or it has a use of its own for what runs at its start. */
export function suits({ version, board }: Identity, wanted: Board | undefined, untested: boolean, boot: boolean): void {
  const [major, minor] = release(version);
  const [least, lesser] = release(OLDEST);
  const old = major < least || (major === least && minor < lesser);
  if (old && !untested) throw new Error(`its firmware is ${version}, and tidyheap has been tried from ${OLDEST} on: update it (https://www.espruino.com/Download), or go on with --untested`);
  if (wanted && wanted.name !== board) throw new Error(`this is ${title(board)}, not ${title(wanted.name)}: give the right --board or --port`);
  if (boot && board.startsWith("BANGLEJS")) throw new Error(`${title(board)} starts its watch face and apps where --boot would put the program: leave --boot out, and install the program as an app`);
}

/** A board's title with the name it has for itself. */
export function title(name: string): string {
  const known = Object.values(BOARDS).find((board) => board.name === name);
  return known ? `${known.title} (${name})` : name;
}

/** Throws when the program requires what the board will not have. */
export async function provides(console: Console, { modules }: Identity, program: Program, own: Module[]): Promise<void> {
  const others = program.requires.filter((name) => !modules.includes(name) && !own.some(({ module }) => module === name));
  const sizes = others.length && modules.includes("Storage") ? await during("looking for modules", () => lengths(console, others)) : [];
  const missing = others.find((_, at) => !(sizes[at] >= 0));
  if (missing) {
    const way = missing.startsWith("tidyheap-") ? `add --flavour ${missing.slice(9)}` : `store it first: npx espruino -p PORT --storage ${missing}:FILE.js`;
    throw new Error(`${program.name} requires "${missing}", which is neither in the firmware nor in Storage: ${way}`);
  }
}

/** Lengths of files in Storage, -1 where there is none. */
export function lengths(console: Console, names: string[]): Promise<number[]> {
  return console.ask(`${JSON.stringify(names)}.map(function(n){n=require("Storage").read(n);return n===undefined?-1:n.length})`);
}

/** What is free. Right after reset(), because before it a program has its share. */
export async function room(console: Console, { modules }: Identity): Promise<Room> {
  const vars = await during("asking for its memory", () => console.ask<number>("process.memory().free"));
  if (!modules.includes("Storage")) return { vars, storage: 0 };
  const storage = await during("asking for its Storage", () => console.ask<number>('(function(s){return s.getFree()+(s.getStats?s.getStats().trashBytes:0)})(require("Storage"))'));
  return { vars, storage };
}

function text(length: number): number {
  return Math.ceil(length / TEXT_BYTES);
}

/**
 * JsVars needed to put modules and a program on a board: the figures of README.md, and what trying takes. From Storage each module is tried alone, and the
 * program has those it requires; in RAM all are there at once, with the text of the one that is being read.
 */
export function vars(modules: Module[], storage: boolean, program?: Program): number {
  let used = 0;
  let most = 0;
  for (const one of modules) {
    if (storage) most = Math.max(most, one.storageVars + one.trialVars);
    else {
      used += one.ramVars;
      most = Math.max(most, used + Math.max(text(one.text.length), one.trialVars));
    }
  }
  if (!program) return most;
  if (storage) for (const one of modules) if (program.requires.includes(one.module)) used += one.storageVars;
  // the longest line of a program is in memory while its functions are made of it
  return Math.max(most, used + text(program.text.length) + text(Math.max(...program.statements.map((one) => one.length))));
}

/** Throws when free JsVars or free Storage do not suffice. `old` are lengths of the files that will be replaced. */
export function fits({ vars: free, storage }: Room, need: number, files: File[], old: number[], from: "RAM" | "Storage"): void {
  if (free < need) {
    const way = from === "RAM" ? "--storage takes about half, --flavour core or tiny less" : "use a smaller flavour, core or tiny";
    throw new Error(`it has ${free} free JsVars, ${need} are needed with the code in ${from}: ${way}`);
  }
  const bytes = files.reduce((sum, { data }) => sum + taken(data.length), 0);
  const there = storage + old.reduce((sum, length) => sum + (length < 0 ? 0 : taken(length)), 0);
  if (files.length && bytes > there) {
    const way = storage ? 'erase files (require("Storage").list() names them) or use a smaller flavour' : "leave --storage out";
    throw new Error(`its Storage has ${there} bytes for this, ${bytes} are needed: ${way}`);
  }
}
