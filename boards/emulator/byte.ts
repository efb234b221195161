// Bytes of whatever a program hands to SPI, Serial, Storage or E.

/** Appends the bytes of numbers, strings, array-likes, ArrayBuffers, `{data, count}` and any nesting of them. Throws TypeError else. */
export function append(bytes: number[], data: any): number[] {
  if (typeof data === "number" || typeof data === "boolean") bytes.push(+data & 255);
  else if (typeof data === "string") {
    const chars = stored(data);
    for (let i = 0; i < chars.length; i++) bytes.push(chars.charCodeAt(i));
  }
  else if (data && data.length >= 0) for (let i = 0; i < data.length; i++) append(bytes, data[i]);
  else if (data && data.byteLength >= 0) append(bytes, new Uint8Array(data));
  else if (data && data.data !== undefined) for (let n = data.count; n > 0; n--) append(bytes, data.data);
  else throw new TypeError("Expecting Number or iterable, got " + typeof data);
  return bytes;
}

/** A string as 2v29 keeps it: a character a byte, or all in UTF-8 where one is above 255. */
function stored(data: string): string {
  for (let i = 0; i < data.length; i++) if (data.charCodeAt(i) > 255) return encodeURIComponent(data).replace(/%(..)/g, byte);
  return data;
}

function byte(_all: string, hex: string): string {
  return String.fromCharCode(parseInt(hex, 16));
}

/** The bytes as a string of character codes 0 to 255. */
export function text(bytes: ArrayLike<number>): string {
  let out = "";
  for (let i = 0; i < bytes.length; i++) out += String.fromCharCode(bytes[i] & 255);
  return out;
}
