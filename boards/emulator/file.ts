// Files that grow, as Storage.open() gives them: pieces of a fixed size in Storage, whose names end with the number of the piece.
// A piece ends with its first blank byte, so one that is full goes on in the next.
// NOT MODELLED: pipe(); two that write to one file at a time (an Error instead of bytes that are ANDed); pieces of boards with pages of less than 4 KB.

import { append, text } from "./byte";

const PIECE = 4096 - 32; // bytes: a page without the head of a file
const LAST = 255; // number of the last piece
const NAME_LENGTH = 27; // and one character for the number
const ENDLESS = 0xfffffff; // more than any line
const BLANK = String.fromCharCode(255);

/** Any value as a text. Engines differ in the one of a typed array. */
function plain(data: any): string {
  if (typeof data !== "object" || !(data.length >= 0)) return String(data);
  let out = "";
  for (let i = 0; i < data.length; i++) out += (i ? "," : "") + data[i];
  return out;
}

/** What a file needs of Storage. */
export interface Pieces {
  read(name: string): string | undefined;
  write(name: string, data: string, offset: number, total: number): boolean;
  erase(name: string): void;
}

/** A file of Storage for reading ("r"), from its start ("w") or its end on ("a"). Throws on another mode, as what it gives does where Espruino throws. */
export function open(pieces: Pieces, name: string, mode: string): any {
  let chunk = 1;
  let offset = 0;
  let may = mode;

  function title(n: number): string {
    return String(name).slice(0, NAME_LENGTH) + String.fromCharCode(n);
  }
  /** What is written of a piece, undefined where there is none. */
  function written(n: number): string | undefined {
    const piece = pieces.read(title(n));
    if (piece === undefined) return undefined;
    const end = piece.indexOf(BLANK);
    return end < 0 ? piece : piece.slice(0, end);
  }
  function erase(): void {
    for (let n = 1; n <= LAST && pieces.read(title(n)) !== undefined; n++) pieces.erase(title(n));
    may = "";
  }
  function check(wanted: string, verb: string): void {
    if (wanted.indexOf(may || "-") < 0) throw new Error("Can't " + verb + " in this mode");
  }
  /** A new piece that begins with `data`; one without any is made by the next write. */
  function begin(data: string): void {
    if (data) {
      // after an error Espruino writes no more
      const was = may;
      may = "";
      pieces.write(title(chunk), data, 0, PIECE);
      may = was;
    }
    offset = data.length;
  }
  function write(data: any): void {
    check("wa", "write");
    const piece = text(append([], plain(data)));
    if (!piece) return;
    if (pieces.read(title(chunk)) === undefined) return begin(piece);
    const room = PIECE - offset;
    const part = piece.slice(0, room);
    if (part) pieces.write(title(chunk), part, offset, 0);
    offset += part.length;
    if (piece.length < room) return;
    if (chunk === LAST) throw new Error("File too big!");
    chunk++;
    begin(piece.slice(room));
  }
  /** Up to `most` characters, and no more than a line if `line`. */
  function take(most: number, line: boolean): string | undefined {
    check("r", "read");
    let out = "";
    while (out.length < most) {
      const piece = written(chunk);
      if (piece === undefined) break;
      let part = piece.slice(offset, offset + most - out.length);
      const end = line ? part.indexOf("\n") + 1 : 0;
      if (end) part = part.slice(0, end);
      out += part;
      offset += part.length;
      if (end || offset < PIECE || chunk === LAST) break;
      chunk++;
      offset = 0;
    }
    return out || undefined;
  }

  if (mode !== "r" && mode !== "w" && mode !== "a") throw new Error("Invalid mode " + JSON.stringify(mode));
  if (mode === "w") erase(), (may = mode);
  if (mode === "a") {
    for (let piece; (piece = written(chunk)) && piece.length === PIECE && chunk < LAST; ) chunk++;
    offset = (written(chunk) || "").length;
  }
  return {
    write,
    read: function (n: number) {
      return take(n, false);
    },
    readLine: function () {
      return take(ENDLESS, true);
    },
    getLength: function () {
      let sum = 0;
      for (let n = 1, piece; n <= LAST && (piece = written(n)); n++) sum += piece.length;
      return sum;
    },
    erase
  };
}
