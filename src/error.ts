// What a call says when it does not do what was asked: a refusal (alloc, resize) is a code in `pool.why`,
// misuse is an Error with a code in `.code` and a message that names what came and what is right.

export type Refusal = "" | "FULL" | "FRAGMENTED" | "HANDLES" | "SIZE";
export type Misuse =
  | "HANDLE" | "RANGE" | "ARGUMENT" | "LOCK" | "BUSY" | "OPTION" | "MEMORY" | "VIEW"
  | "NO_CHIP" | "WRONG_CHIP" | "BUS" // spi.ts
  | "IMAGE" | "VERSION" | "DAMAGED" | "TORN"; // mount.ts

/** Throws an Error that carries `code`; built by hand, because Espruino cannot subclass Error. */
export function fail(code: Misuse, got: unknown, want: unknown): never {
  var error = new Error(code + ": " + got + ", not " + want) as Error & { code: Misuse };
  error.code = code;
  throw error;
}

/** Throws ARGUMENT unless `n` is a whole number from 0 to 2^32 - 1. */
export function whole(n: number): void {
  if (n >>> 0 !== n) fail("ARGUMENT", typeof n === "object" ? "an object" : n, "a whole number");
}
