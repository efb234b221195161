// Bytes of whatever a program hands to SPI, Serial, Storage or E.

/** Appends the bytes of numbers, strings, array-likes, ArrayBuffers, `{data, count}` and any nesting of them. Throws TypeError else. */
export function append(bytes: number[], data: any): number[] {
  if (typeof data === "number" || typeof data === "boolean") bytes.push(+data & 255);
  else if (typeof data === "string") characters(bytes, data);
  else if (data && data.length >= 0) for (let i = 0; i < data.length; i++) append(bytes, data[i]);
  else if (data && data.byteLength >= 0) append(bytes, new Uint8Array(data));
  else if (data && data.data !== undefined) for (let n = data.count; n > 0; n--) append(bytes, data.data);
  else throw new TypeError("Expecting Number or iterable, got " + typeof data);
  return bytes;
}

/** Appends a string as 2v29 keeps it: a character a byte, or all in UTF-8 where one is above 255. */
function characters(bytes: number[], data: string): void {
  let wide = false;
  for (let i = 0; i < data.length; i++) wide = wide || data.charCodeAt(i) > 255;
  for (let i = 0; i < data.length; i++) {
    let c = data.charCodeAt(i);
    const low = c >> 10 === 54 ? data.charCodeAt(i + 1) : 0;
    if (low >> 10 === 55) i++, (c = 65536 + (((c & 1023) << 10) | (low & 1023)));
    if (!wide || c < 128) bytes.push(c);
    else {
      // [110xxxxx][10xxxxxx]  [1110xxxx][10...][10...]  [11110xxx][10...][10...][10...]
      const more = c < 2048 ? 1 : c < 65536 ? 2 : 3;
      bytes.push((256 - (128 >> more)) | (c >> (6 * more)));
      for (let k = more - 1; k >= 0; k--) bytes.push(128 | ((c >> (6 * k)) & 63));
    }
  }
}

/** The bytes as a string of character codes 0 to 255. */
export function text(bytes: ArrayLike<number>): string {
  let out = "";
  for (let i = 0; i < bytes.length; i++) out += String.fromCharCode(bytes[i] & 255);
  return out;
}
