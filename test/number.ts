import assert from "node:assert/strict";
import { count, duration, number, percent } from "../tools/number";
import { align, markdown } from "../tools/table";

describe("number", () => {
  it("has commas between thousands, and two digits of a fraction", () => {
    const all: [number, string][] = [[0, "0"], [999, "999"], [1000, "1,000"], [1234567, "1,234,567"], [-1234, "-1,234"], [1234.567, "1,234.57"], [0.1 + 0.2, "0.3"]];
    for (const [value, text] of all) assert.equal(number(value), text);
  });

  it("stands before what it counts", () => {
    assert.deepEqual([count(1, "byte"), count(1200, "byte"), count(1, "byte was", "bytes were"), count(0, "byte was", "bytes were")], ["1 byte", "1,200 bytes", "1 byte was", "0 bytes were"]);
  });

  it("is a time in milliseconds, seconds or minutes", () => {
    assert.deepEqual([duration(0.5), duration(999), duration(1500), duration(119_000), duration(150_000)], ["0.5 ms", "999 ms", "1.5 s", "119 s", "2.5 min"]);
  });

  it("is a share in whole percents", () => assert.deepEqual([percent(0), percent(0.126), percent(1)], ["0 %", "13 %", "100 %"]));

  it("stands to the right in a table", () => {
    assert.deepEqual(align([["", "one"], ["name", "1,000"], ["x", "7"]]), ["        one", "name  1,000", "x         7"]);
    assert.equal(markdown(["a", "b"], [["x", 1]]), "| a | b |\n| --- | --: |\n| x | 1 |");
  });
});
