// Modules and a program onto a board, each step with its proof.

import { crc32 } from "./crc";
import { during, Unanswered, type Console } from "./console";
import type { Module } from "./flavour";
import type { File } from "./hex";
import type { Program } from "./program";

/** Where a step says how far it is. */
export type Show = (text: string, done: number, total: number) => void;

/** Bytes as a literal on the board, whichever is shorter: a string, or base64. */
function literal(data: Buffer): string {
  const plain = data.toString("latin1");
  const quoted = /^[\n\r\t\x20-\x7e]*$/.test(plain) ? JSON.stringify(plain) : "";
  const coded = `atob("${data.toString("base64")}")`;
  return quoted && quoted.length <= coded.length ? quoted : coded;
}

async function pieces(data: Buffer, bytes: number, each: (piece: Buffer, at: number) => Promise<void>): Promise<void> {
  for (let at = 0; at < data.length; at += bytes) await each(data.subarray(at, at + bytes), at);
}

/**
 * Writes a file into Storage unless it is there already, and compares. True when it was written. Throws when it cannot be written or is stopped, and when what is there then is not what
 * was sent: such a file is erased, if the board still answers.
 */
export async function store(console: Console, { name, data }: File, show: Show): Promise<boolean> {
  const quoted = JSON.stringify(name);
  if (!(await differs(console, name, data, show))) return false;
  const erase = (): Promise<void> => console.run(`require("Storage").erase(${quoted});`, console.options.writeMs);
  await during(`writing ${name} to Storage`, () =>
    pieces(data, console.options.pieceBytes, async (piece, at) => {
      show(`writing ${name}`, at, data.length);
      // with the first piece the board looks for a place, and may compact its Storage
      await console.run(`require("Storage").write(${quoted},${literal(piece)},${at}${at ? "" : `,${data.length}`});`, at ? undefined : console.options.writeMs);
    }).catch(async (error) => {
      // half a module is worse than none, if the board still listens
      if (!(error instanceof Unanswered) || error.kind !== "late") await erase().catch(() => undefined);
      throw error;
    })
  );
  const wrong = await differs(console, name, data, show);
  if (wrong) {
    await during(`erasing ${name}`, erase);
    throw new Error(`${name} in Storage is not what was sent (${wrong}), it has been erased: repeat the upload, with --slow if that does not help`);
  }
  return true;
}

/** How a file of Storage differs from `data`; "" when it does not. By CRC-32 where the firmware has it, else byte by byte. */
async function differs(console: Console, name: string, data: Buffer, show: Show): Promise<string> {
  const quoted = JSON.stringify(name);
  const doing = `comparing ${name}`;
  const [length, sum] = await during(doing, () =>
    console.ask<[number, number | null]>(`(function(f){return f===undefined?[-1,0]:[f.length,typeof E.CRC32=="function"?E.CRC32(f):null]})(require("Storage").read(${quoted}))`)
  );
  if (length !== data.length) return `${length} bytes, not ${data.length}`;
  const right = crc32(data);
  if (sum !== null) return sum >>> 0 === right ? "" : `CRC-32 ${(sum >>> 0).toString(16)}, not ${right.toString(16)}`;
  let wrong = "";
  await during(doing, () =>
    pieces(data, console.options.pieceBytes, async (piece, at) => {
      show(doing, at, data.length);
      if (wrong) return;
      const there = Buffer.from(await console.ask<string>(`btoa(require("Storage").read(${quoted},${at},${piece.length}))`), "base64");
      if (!there.equals(piece)) wrong = `another byte after ${at}`;
    })
  );
  return wrong;
}

/** Puts a module into the board's RAM, piece by piece. Throws when it does not fit or does not load. */
export async function cache(console: Console, { module, text }: Module, show: Show): Promise<void> {
  const data = Buffer.from(text, "latin1");
  await during(`sending ${module}`, async () => {
    await console.run('global.$th="";');
    await pieces(data, console.options.pieceBytes, async (piece, at) => {
      show(`sending ${module}`, at, data.length);
      await console.run(`global.$th+=${literal(piece)};`);
    });
    const [length, sum] = await console.ask<[number, number | null]>('[$th.length,typeof E.CRC32=="function"?E.CRC32($th):null]');
    if (length !== data.length || (sum !== null && sum >>> 0 !== crc32(data))) throw new Error(`${module} did not arrive as it was sent: repeat the upload, with --slow if that does not help`);
    await console.run(`Modules.addCached("${module}",$th);delete global.$th;`);
  });
}

/** Lets the board try a module, and forget it again where it can have it from Storage. Throws when it is not found or does not do what it should. */
export async function prove(console: Console, { module, trial }: Module, storage: boolean): Promise<void> {
  await during(`trying ${module}`, () => console.run(`(function(m){${trial}})(require("${module}"));${storage ? `Modules.removeCached("${module}");` : ""}`));
}

/** Runs a program in the board's RAM, statement by statement; what it printed. Throws on the first error, also on one its timers have soon after. */
export function start(console: Console, { name, statements }: Program, show: Show): Promise<string> {
  return during(`running ${name}`, async () => {
    for (const [at, text] of statements.entries()) {
      show(`sending ${name}`, at, statements.length);
      await console.statement(text);
    }
    return console.settle();
  });
}
