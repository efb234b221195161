// A line to a board, whatever it is made of.

/** What comes over a line. */
export interface Ear {
  /** A piece of what the board sends, a character a byte. */
  data(piece: string): void;
  /** The line is gone and will not come back by itself. */
  gone(why: string): void;
  /** Something that the user may want to know and that ends nothing. */
  odd(text: string): void;
}

/** A line that is open. */
export interface Line {
  send(text: string): Promise<void>;
  close(): Promise<void>;
}

/** A way to a board. */
export interface Link {
  /** Its name for the user. */
  readonly title: string;
  /** Opens it; asks the user which board unless one was chosen before. Rejects with an Error whose message is a sentence for the user. */
  open(ear: Ear): Promise<Line>;
  /** Is over when the board that was lost can be tried again; `over` says that nobody waits any more. */
  back(over: () => boolean): Promise<void>;
}

/** Text of bytes, a character each. */
export function text(bytes: Uint8Array): string {
  let all = "";
  for (const byte of bytes) all += String.fromCharCode(byte);
  return all;
}

/** Bytes of a text, those of a character above 255 are cut off. */
export function bytes(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** What a browser's error says for the user: by its name, else as it is. */
export function explain(error: unknown, sentences: Record<string, string>): Error {
  const { name, message } = error as { name?: string; message?: string };
  return new Error(sentences[name ?? ""] ?? `${name ?? "Error"}: ${message ?? String(error)}`);
}
