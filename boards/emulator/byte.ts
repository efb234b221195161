// Bytes of whatever a program hands to SPI, Serial, Storage or E.

/** Appends the bytes of numbers, strings, array-likes, ArrayBuffers, `{data, count}` and any nesting of them. Throws TypeError else. */
export function append(bytes: number[], data: any): number[] {
  if (typeof data === "number" || typeof data === "boolean") bytes.push(+data & 255);
  else if (typeof data === "string") for (let i = 0; i < data.length; i++) bytes.push(data.charCodeAt(i) & 255);
  else if (data && data.length >= 0) for (let i = 0; i < data.length; i++) append(bytes, data[i]);
  else if (data && data.byteLength >= 0) append(bytes, new Uint8Array(data));
  else if (data && data.data !== undefined) for (let n = data.count; n > 0; n--) append(bytes, data.data);
  else throw new TypeError("Expecting Number or iterable, got " + typeof data);
  return bytes;
}

/** The bytes as a string of character codes 0 to 255. */
export function text(bytes: ArrayLike<number>): string {
  let out = "";
  for (let i = 0; i < bytes.length; i++) out += String.fromCharCode(bytes[i] & 255);
  return out;
}
