// Lines a program prints.
// NOT MODELLED: Espruino's own notation of objects; they are printed as JSON.

function show(value: any): string {
  if (typeof value === "function") return "function () { ... }";
  if (value && typeof value === "object" && value.message === undefined && !value.toJSON) return json(value);
  return String(value);
}

function json(value: any): string {
  if (!(value.byteLength >= 0 && value.length >= 0)) return JSON.stringify(value);
  const list: number[] = [];
  for (let i = 0; i < value.length; i++) list.push(value[i]);
  return JSON.stringify(list);
}

/** The functions of `console`, all of which print a line. */
export function consoleOf(print: (line: string) => void): any {
  function log(): void {
    const parts: string[] = [];
    for (let i = 0; i < arguments.length; i++) parts.push(show(arguments[i]));
    print(parts.join(" "));
  }
  return { log, info: log, warn: log, error: log, debug: log };
}
