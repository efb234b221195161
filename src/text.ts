// Strings as bytes, UTF-8 or Latin-1, without TextEncoder, which small engines do not have.

import { fail } from "./error";

/**
 * The bytes of a string in UTF-8, or in Latin-1 when `latin1`. Throws RANGE (a character above 255 in Latin-1). Half a surrogate pair
 * gives three bytes that decode() takes for U+FFFD. Cost: the bytes, and an array of them.
 */
export function encode(text: string, latin1: boolean): number[] {
  var bytes: number[] = [];
  var i = text.length;
  var c, d, most;
  // from the end, because the last bits of a character are the first to be known
  while (i--) {
    c = text.charCodeAt(i);
    if (latin1 && c > 255) fail("RANGE", c, "latin1");
    // a pair is one character, which Espruino gives as one
    if (c >> 10 === 55 && (d = text.charCodeAt(i - 1)) >> 10 === 54) i--, (c += (d << 10) - 56613888);
    // [0xxxxxxx]  [110xxxxx][10xxxxxx]  [1110xxxx][10...][10...]  [11110xxx][10...][10...][10...]
    for (most = latin1 ? 256 : 128; c >= most; most = (most / 2) & 63 || 32) bytes.push((c & 63) | 128), (c >>= 6);
    bytes.push(c | (-2 * most & 255));
  }
  return bytes.reverse();
}

/**
 * The string in `bytes` from `i` up to `end`. What is not UTF-8 becomes U+FFFD; a character that the engine cannot make (above 255 on
 * Espruino) becomes "?". Never throws. Cost: the bytes.
 */
export function decode(bytes: ArrayLike<number>, latin1: boolean, i: number, end: number): string {
  var text = "";
  var make = String.fromCharCode;
  var c, bit;
  while (i < end) {
    c = bytes[i++];
    if (!latin1 && c > 127) {
      // each bit of the first byte that says one more goes up with it; the bits below are those of the character
      for (bit = 64; c & bit && bit < 2e6 && i < end && bytes[i] >> 6 === 2; bit <<= 5) c = (c << 6) | (bytes[i++] & 63);
      // cut short, longer than needed, half a pair, above the last
      if (c & bit || (c &= bit - 1) < 128 || c < bit >> 5 || c >> 11 === 27 || c >> 16 > 16) c = 65533;
    }
    // where strings have 8 bits, character 256 is 0
    text += c > 255 && make(256) < " " ? "?" : c > 65535 ? make((c >> 10) + 55232, (c & 1023) | 56320) : make(c);
  }
  return text;
}

declare var E: { toUint8Array?: object; toString(bytes: Uint8Array): string | undefined } | undefined;

/** Bytes as a string, a character each. */
export function text(bytes: Uint8Array): string {
  // an eighth of the instructions, but it needs memory in one piece
  var all: string = (typeof E !== "undefined" && E.toUint8Array && E.toString(bytes)) || "";
  // MicroQuickJS applies no function to a typed array
  for (var i = all.length; i < bytes.length; i++) all += String.fromCharCode(bytes[i]);
  return all;
}
