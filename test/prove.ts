import assert from "node:assert/strict";
import { amount } from "./amount";
import { choose, scaling } from "../tools/prove";

describe("prove", () => {
  it("proves everything unless it is told otherwise", () => {
    assert.deepEqual(choose([]), { full: false, parts: ["tests", "cover", "mutate"], tests: [] });
    assert.deepEqual(choose(["--full", "--only", "cover,mutate"]), { full: true, parts: ["cover", "mutate"], tests: [] });
    assert.deepEqual(choose(["wipe"]), { full: false, parts: ["tests"], tests: ["wipe"] });
  });

  it("refuses what it does not know", () => {
    assert.throws(() => choose(["--ful"]), /no option --ful/);
    assert.throws(() => choose(["--only", "test"]), /--only knows tests, cover, mutate, not "test"/);
    assert.throws(() => choose(["--only"]), /--only needs a value/);
    assert.throws(() => choose(["--only", "cover", "wipe"]), /--only is for parts/);
    assert.throws(() => choose(["nothing"]), /no test "nothing" that scales: .*wipe/);
  });

  it("finds the tests that scale", () => {
    assert.ok(scaling().includes("wipe") && scaling().includes("prove") && !scaling().includes("amount") && !scaling().includes("basic"));
  });

  it("makes tests larger by its environment", () => {
    const wanted = ({ bounded: 2, full: 3 } as Record<string, number>)[process.env.TIDYHEAP_PROOF ?? ""] ?? 1;
    assert.equal(amount(1, 2, 3), wanted);
  });
});
