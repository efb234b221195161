// Files in flash, as require("Storage") has them.
// NOT MODELLED: pages, wear and the time of erasing; file names longer than 28 characters are cut as on a board.

import { append, text } from "./byte";
import { open } from "./file";

const HEAD_BYTES = 32; // in front of each file
const NAME_LENGTH = 28;
const BLANK = String.fromCharCode(255); // as an escape it would become two bytes of UTF-8 in the bundle

function cost(length: number): number {
  return HEAD_BYTES + ((length + 3) & ~3);
}

function repeat(piece: string, n: number): string {
  let out = "";
  while (out.length < n) out += piece;
  return out;
}

/** Flash bits go from 1 to 0 only; Espruino refuses what is not blank and not the same. */
function patch(file: string, data: string, at: number): string {
  if (at + data.length > file.length) throw new Error("Too much data for file size");
  const old = file.slice(at, at + data.length);
  for (let i = 0; i < data.length; i++) {
    if (old.charAt(i) !== BLANK && old.charAt(i) !== data.charAt(i)) throw new Error("File already written with different data");
  }
  return file.slice(0, at) + data + file.slice(at + data.length);
}

/** The Storage of a board with `size` bytes of flash for it. `array` is the constructor of what it reads into. */
export function storage(size: number, array: any): any {
  let files: { [name: string]: string } = {};
  let used = 0; // of files
  let trash = 0; // of files erased since the last compaction

  function key(name: string): string {
    return "#" + String(name).slice(0, NAME_LENGTH);
  }
  function erase(name: string): void {
    const file = files[key(name)];
    if (file === undefined) return;
    trash += cost(file.length);
    used -= cost(file.length);
    delete files[key(name)];
  }
  function make(name: string, length: number): void {
    if (!length) throw new Error("Can't create zero length file");
    erase(name);
    if (cost(length) > size - used - trash) trash = 0;
    if (cost(length) > size - used) throw new Error("Unable to find or create file");
    used += cost(length);
    files[key(name)] = repeat(BLANK, length);
  }
  function write(name: string, data: any, offset?: number, total?: number): boolean {
    const piece = text(append([], typeof data === "object" && !(data.length >= 0) && !data.byteLength ? JSON.stringify(data) : data));
    if (!offset && files[key(name)] === piece) return true;
    if (!offset) make(name, total || piece.length);
    if (files[key(name)] === undefined) throw new Error("Unable to find or create file");
    files[key(name)] = patch(files[key(name)], piece, offset || 0);
    return true;
  }
  function read(name: string, offset?: number, length?: number): string | undefined {
    const file = files[key(name)];
    if (file === undefined) return undefined;
    return length && length > 0 ? file.slice(offset || 0, (offset || 0) + length) : file.slice(offset || 0);
  }
  function list(pattern?: RegExp | string): string[] {
    const names: string[] = [];
    for (const name in files) if (!pattern || name.slice(1).match(pattern)) names.push(name.slice(1));
    return names;
  }

  return {
    write,
    read,
    erase,
    list,
    open: function (name: string, mode: string) {
      return open({ read, write, erase }, name, mode);
    },
    writeJSON: function (name: string, data: any) {
      return write(name, JSON.stringify(data));
    },
    readJSON: function (name: string, quiet?: boolean) {
      try {
        const file = read(name);
        return file === undefined ? undefined : JSON.parse(file);
      } catch (error) {
        if (!quiet) throw error;
      }
      return undefined;
    },
    readArrayBuffer: function (name: string) {
      const file = read(name);
      return file === undefined ? undefined : new array(append([], file)).buffer;
    },
    eraseAll: function () {
      files = {};
      used = trash = 0;
    },
    compact: function () {
      trash = 0;
    },
    getFree: function () {
      return size - used - trash;
    }
  };
}
