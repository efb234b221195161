// What cases that run in any ES5 engine share: they throw when they fail and print one line each.

/** Throws when a value is not the wanted one. */
export function same(got: unknown, wanted: unknown, what: string): void {
  if (got !== wanted) throw new Error(what + " is " + got + ", expected " + wanted);
}

/** Text of the error a function throws, its code first if it has one; "" if it throws none. */
export function thrown(run: () => void): string {
  try {
    run();
  } catch (error: any) {
    return (error.code ? error.code + ": " : "") + (error.message || String(error));
  }
  return "";
}

/** Code of the error a function throws, its text where it has none, "" if it throws none. */
export function code(run: () => void): string {
  try {
    run();
  } catch (error: any) {
    return error.code || String(error);
  }
  return "";
}

/** Runs a case and prints "@ok name" or "@no name: why". */
export function judge(name: string, run: () => void, print: (line: string) => void): void {
  try {
    run();
    print("@ok " + name);
  } catch (error) {
    print("@no " + name + ": " + error);
  }
}

/** What an engine printed, each line from its mark on: banners and prompts may stand before it. */
export function marks(lines: string[]): string[] {
  return lines.map((line) => line.slice(Math.max(line.indexOf("@"), 0)));
}

/** One verdict per case out of what an engine printed. Not for engines. */
export function verdicts(lines: string[], names: string[]): string[] {
  const all = marks(lines);
  return names.map((name) => all.find((mark) => mark.startsWith(`@no ${name}`)) ?? all.find((mark) => mark === `@ok ${name}`) ?? `${name} did not run`);
}
