// Errors with a name, which a program or a test can tell apart.

/** Throws an Error whose `code` is given and whose text names what came and what is right. */
export function fail(code: string, text: string): never {
  const error = new Error(text) as Error & { code: string };
  error.code = code;
  throw error;
}
