import assert from "node:assert/strict";
import { Lines, plain, printed } from "../tools/terminal";
import { crumbs } from "./crumb";
import { random } from "./random";

describe("terminal", () => {
  it("has no terminal codes, prompts and carriage returns", () => {
    assert.equal(plain("\r\x1b[Jtick\r"), "tick");
    assert.equal(plain(">1\r"), "1");
    assert.equal(plain(">\r\x1b[J>>a > b\r"), "a > b");
    assert.equal(plain(">var pa\x1b[D\x1b[D\r\x1b[Jtick\r"), "tick");
    assert.equal(plain("\x1b[31mred\x1b[0m\r"), "red");
    assert.equal(plain("a\tb"), "a\tb");
  });

  it("is the same however the pieces are cut", () => {
    const whole = ">\r\x1b[Jtick\r\n>\r\x1b[J\x1b[1mbold\x1b[0m\r\n\x13>~7 3 abc~\r\n\x11last";
    for (let seed = 1; seed <= 40; seed++) {
      const found: string[] = [];
      const flow: boolean[] = [];
      const lines = new Lines((one) => found.push(one), (go) => flow.push(go));
      for (const piece of crumbs(whole, random(seed), seed % 9 || 1)) lines.feed(piece);
      lines.end();
      assert.deepEqual([found, flow], [["tick", "bold", "~7 3 abc~", "last"], [false, true]]);
    }
  });

  it("ends when it would never end", () => {
    const found: string[] = [];
    const lines = new Lines((one) => found.push(one));
    for (let i = 0; i < 20; i++) lines.feed("x".repeat(1000));
    assert.deepEqual([found.length, found[0].length], [1, 17000]);
  });

  it("gives the lines of a whole run, without banner and prompts", () => {
    const text = "\x1b[J\r\n|____| espruino.com\r\nhttp://espruino.com/Donate\r\n\r\nhello\r\n>\x1b[2Kworld\r\n>";
    assert.deepEqual(printed(text), ["hello", "world"]);
  });
});
