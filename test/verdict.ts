// What cases that run in any ES5 engine share: they throw when they fail.

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
