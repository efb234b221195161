// The console of an Espruino as text. Runs in browsers as well.

/** Characters of a line without an end after which it is handed on as it is. */
const MOST = 16384;

/** A line that begins with it is neither echoed, nor is its value printed. */
export const DLE = "\x10";

/** Flow control of its serial lines: go on, stop sending. */
const XON = "\x11";
export const XOFF = "\x13";
export const FLOW = /[\x11\x13]/g;

/** Milliseconds that a board may hold the line with XOFF; the espruino package waits as long. */
export const HELD_MS = 10_000;

/** In the last line of what it prints when it starts. */
export const BANNER = /espruino\.com\/Donate/;

// the prompt and what is typed are wiped like this before something is printed
const WIPED = /^[^]*\r\x1b\[J/;
const CODES = /\x1b\[[0-9;?]*[@-~]|\x1b[@-Z\\^_]|[\x00-\x08\x0b-\x1f\x7f]/g;

/** The text of a line as one sees it in a terminal; prompts before it are gone. */
export function plain(line: string): string {
  return line.replace(WIPED, "").replace(CODES, "").replace(/^>+/, "");
}

/** A character as \xNN. */
export function escaped(letter: string): string {
  return `\\x${letter.charCodeAt(0).toString(16).padStart(2, "0")}`;
}

/** A text from a board or a file as a terminal may have it: control characters that it would obey are shown as \xNN. */
export function shown(text: string): string {
  return text.replace(/[\x00-\x08\x0b-\x1f\x7f-\x9f]/g, escaped);
}

/** The lines of all that was printed, without prompts and the banner; empty ones are left out. */
export function printed(text: string): string[] {
  const lines = text.split("\n").map(plain);
  return lines.slice(lines.findIndex((line) => BANNER.test(line)) + 1).filter((line) => line !== "");
}

/** Makes lines of what comes in pieces, however they are cut. A character is a byte. */
export class Lines {
  private rest = "";

  constructor(private readonly take: (line: string) => void, private readonly flow: (go: boolean) => void = () => undefined) {}

  /** Takes a piece; calls for each line that ends in it. */
  feed(piece: string): void {
    for (const mark of piece.match(FLOW) ?? []) this.flow(mark === XON);
    const lines = (this.rest + piece.replace(FLOW, "")).split("\n");
    this.rest = lines.pop() as string;
    for (const line of lines) this.take(plain(line));
    if (this.rest.length > MOST) this.end();
  }

  /** Hands on what has no end: the line is over. */
  end(): void {
    const line = plain(this.rest);
    this.rest = "";
    if (line) this.take(line);
  }
}
