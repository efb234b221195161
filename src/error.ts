// What a call says when it does not do what was asked: refusals (alloc, resize) are
// codes in `pool.why`, misuse is an Error with the code in `.code`.

export type Refusal = "" | "FULL" | "FRAGMENTED" | "HANDLES" | "SIZE";
export type Misuse = "HANDLE" | "RANGE" | "ARGUMENT" | "LOCK" | "BUSY" | "OPTION" | "MEMORY" | "VIEW";

/** Throws an Error that carries `code`. Built by hand: Espruino cannot subclass Error. */
export function fail(code: Misuse, text: string): never {
  var error = new Error(code + ": " + text) as Error & { code: Misuse };
  error.code = code;
  throw error;
}

/** Throws ARGUMENT unless `value` is a whole number from 0 to 2^32 - 1. */
export function whole(value: number, name: string): void {
  if (value >>> 0 !== value) fail("ARGUMENT", name + " is " + value);
}
