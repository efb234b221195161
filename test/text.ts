import assert from "node:assert/strict";
import fc from "fast-check";
import { decode, encode } from "../src/text";
import { code } from "./verdict";
import { SEED } from "./ground";

const utf8 = (bytes: ArrayLike<number>): string => decode(bytes, false, 0, bytes.length);
const native = new TextDecoder("utf-8", { ignoreBOM: true });
/** How many U+FFFD stand for a bad sequence is not promised. */
const fold = (text: string): string => text.replace(/\ufffd+/g, "\ufffd");

describe("text", () => {
  it("encodes every character as TextEncoder does", () => {
    for (let c = 0; c < 0x110000; c += c < 0x900 || (c > 0xd700 && c < 0x10100) ? 1 : 97) {
      if (c >= 0xd800 && c < 0xe000) continue;
      const text = String.fromCodePoint(c);
      assert.deepEqual(encode(text, false), [...new TextEncoder().encode(text)], c.toString(16));
      assert.equal(utf8(encode(text, false)), text, c.toString(16));
    }
  });

  it("gives strings back", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        assert.deepEqual(encode(text, false), [...new TextEncoder().encode(text)]);
        assert.equal(utf8(encode(text, false)), text);
      }),
      { seed: SEED, numRuns: 150 }
    );
  });

  it("reads half a surrogate pair as U+FFFD", () => {
    for (const text of ["\ud800", "a\udc00b", "\udc00\ud800", "\ud800\ud800", "\udbffx"]) {
      assert.equal(fold(utf8(encode(text, false))), fold((text as any).toWellFormed?.() ?? text.replace(/[\ud800-\udfff]/g, "\ufffd")));
    }
  });

  it("decodes any three bytes as TextDecoder does, up to the number of U+FFFD", () => {
    const lead = [0, 0x41, 0x7f, 0x80, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xed, 0xef, 0xf0, 0xf1, 0xf4, 0xf5, 0xf8, 0xfe, 0xff];
    const next = [0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xe2, 0xff];
    for (const a of lead) for (const b of next) for (const c of next) for (const d of next) {
      const bytes = Uint8Array.of(a, b, c, d);
      assert.equal(fold(utf8(bytes)), fold(native.decode(bytes)), bytes.join());
    }
  });

  it("decodes random bytes as TextDecoder does", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => assert.equal(fold(utf8(bytes)), fold(native.decode(bytes)))), { seed: SEED, numRuns: 2000 });
  });

  it("reads nothing behind the end", () => {
    const bytes = encode("a\u20acb\u{1f600}", false);
    for (let end = 0; end <= bytes.length; end++) {
      const cut = bytes.slice(0, end);
      assert.equal(decode(bytes, false, 0, end), utf8(cut));
      assert.equal(decode([9, ...bytes], false, 1, end + 1), utf8(cut));
    }
  });

  it("keeps one byte for each character of Latin-1", () => {
    const text = Array.from({ length: 256 }, (_, i) => String.fromCharCode(i)).join("");
    assert.deepEqual(encode(text, true), Array.from({ length: 256 }, (_, i) => i));
    assert.equal(decode(encode(text, true), true, 0, 256), text);
    for (const bad of ["\u0100", "a\u20ac", "\u{1f600}"]) assert.equal(code(() => encode(bad, true)), "RANGE", bad);
  });

  it("puts a question mark where the engine has no such character", () => {
    const { fromCharCode } = String;
    // as Espruino does it
    String.fromCharCode = (...codes: number[]) => fromCharCode(...codes.map((c) => c & 255));
    try {
      assert.equal(utf8([0x61, 0xe2, 0x82, 0xac, 0xc3, 0xa9, 0xf0, 0x9f, 0x98, 0x80, 0xff]), "a?\xe9??");
    } finally {
      String.fromCharCode = fromCharCode;
    }
  });
});
