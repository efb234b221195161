// Strings as bytes, UTF-8 or Latin-1, without TextEncoder, which small engines do not have.

import { fail } from "./error";

/**
 * The bytes of a string in UTF-8, or in Latin-1 when `latin1`. Throws RANGE (a character above 255 in Latin-1). Half a surrogate pair
 * gives three bytes that decode() takes for U+FFFD. Cost: the bytes, and an array of them.
 */
export function encode(text: string, latin1: boolean): number[] {
  var bytes: number[] = [];
  var i = 0;
  var c, d, n;
  while (i < text.length) {
    c = text.charCodeAt(i++);
    if (latin1 && c > 255) fail("RANGE", c, "up to 255");
    // a pair is one character, which Espruino gives as one
    if (c >> 10 === 54 && (d = text.charCodeAt(i)) >> 10 === 55) i++, (c = (c << 10) + d - 56613888);
    // [0xxxxxxx]  [110xxxxx][10xxxxxx]  [1110xxxx][10...][10...]  [11110xxx][10...][10...][10...]
    n = latin1 || c < 128 ? 0 : c < 2048 ? 1 : c < 65536 ? 2 : 3;
    for (bytes.push(n ? (256 - (128 >> n)) | (c >> (6 * n)) : c); n--; ) bytes.push(((c >> (6 * n)) & 63) | 128);
  }
  return bytes;
}

/**
 * The string in `bytes` from `i` up to `end`. What is not UTF-8 becomes U+FFFD; a character that the engine cannot make (above 255 on
 * Espruino) becomes "?". Never throws. Cost: the bytes.
 */
export function decode(bytes: ArrayLike<number>, latin1: boolean, i: number, end: number): string {
  var text = "";
  var make = String.fromCharCode;
  var c, n, more, char;
  while (i < end) {
    c = bytes[i++];
    if (!latin1 && c > 127) {
      n = more = c < 224 ? 1 : c < 240 ? 2 : 3;
      // a byte that begins nothing leaves a number below zero or above the last
      for (c += (128 >> n) - 256; more && i < end && bytes[i] >> 6 === 2; more--) c = (c << 6) | (bytes[i++] & 63);
      // cut short, longer than needed, half a pair, above the last
      if (more || c < 128 || !(c >> (5 * n + 1)) || c >> 11 === 27 || c > 1114111) c = 65533;
    }
    char = c > 65535 ? make((c >> 10) + 55232, (c & 1023) | 56320) : make(c);
    text += c > 255 && char.charCodeAt(0) < 256 ? "?" : char;
  }
  return text;
}

declare var E: { toUint8Array?: unknown; toString(bytes: Uint8Array): string | undefined } | undefined;

/** Bytes as a string, a character each. */
export function text(bytes: Uint8Array): string {
  // an eighth of the instructions, but it needs memory in one piece
  var all: string = (typeof E !== "undefined" && E.toUint8Array && (E.toString(bytes) as any)) || "";
  // Espruino applies a function to 256 arguments at most, and its subarray() does not stop at the end
  for (var i = all.length, n = bytes.length; i < n; i += 128) all += String.fromCharCode.apply(String, bytes.subarray(i, Math.min(i + 128, n)) as unknown as number[]);
  return all;
}
