// What a board sends, cut into lines: terminal codes, prompts and flow control are gone, however the pieces are cut.

/** Characters of a line without an end after which it is handed on as it is. */
const MOST = 16384;

/** Flow control of Espruino's serial consoles: stop sending, go on. */
const XON = "\x11";

// the prompt and what is typed are wiped like this before something is printed
const WIPED = /^[^]*\r\x1b\[J/;
const CODES = /\x1b\[[0-9;?]*[@-~]|\x1b[@-Z\\^_]|[\x00-\x08\x0b-\x1f\x7f]/g;

/** The text of a line as one sees it in a terminal; prompts before it are gone. */
export function plain(line: string): string {
  return line.replace(WIPED, "").replace(CODES, "").replace(/^>+/, "");
}

/** Makes lines of pieces. A character is a byte. */
export class Lines {
  private rest = "";

  constructor(private readonly take: (line: string) => void, private readonly flow: (go: boolean) => void = () => undefined) {}

  /** Takes a piece; calls for each line that ends in it. */
  feed(piece: string): void {
    for (const mark of piece.match(/[\x11\x13]/g) ?? []) this.flow(mark === XON);
    const lines = (this.rest + piece.replace(/[\x11\x13]/g, "")).split("\n");
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
