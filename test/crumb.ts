/** Cuts a text into pieces of a few characters. */
export function crumbs(text: string, next: (n: number) => number, most: number): string[] {
  const all: string[] = [];
  for (let at = 0; at < text.length; ) {
    const n = 1 + next(most);
    all.push(text.slice(at, at + n));
    at += n;
  }
  return all;
}
