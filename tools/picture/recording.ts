import { Reader } from "../trace";

/** The lines of every trace in a text, whatever else is between them. */
export function recordings(text: string): string[][] {
  const found: string[][] = [];
  const reader = new Reader();
  for (const line of text.split("\n")) {
    const piece = reader.take(line);
    if (piece?.head) found.push([]);
    if (piece) found[found.length - 1].push(piece.line);
  }
  return found;
}
