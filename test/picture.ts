// What check() says of a broken pool, and what map() draws, word for word.

import assert from "node:assert/strict";
import { create } from "../src/full";

/** Blocks of 20 bytes in rows 0 to 4 and 7 of 9, a locked one at row 3, rows 1 and 4 freed; 12 bytes at the end are free. */
function made(): any {
  const pool: any = create({ size: 132, handles: 9 });
  const all = Array.from({ length: 6 }, () => pool.alloc(19));
  pool.free(all[1]);
  pool.free(all[4]);
  pool.lock(all[3]);
  assert.equal(pool.check(), "");
  return pool;
}

const SAID: [string, (p: any) => void, string][] = [
  ["the closing row is live", (p) => (p._gens[9] = 5), "I1 rows 9.. are 5, 1 at 132"],
  ["the sentinel is free", (p) => (p._gens[10] = 0), "I1 rows 9.. are -32766, 0 at 132"],
  ["the sentinel is elsewhere", (p) => (p._offs[10] = 128), "I1 rows 9.. are -32766, 1 at 128"],
  ["a row is of generation 1", (p) => (p._gens[2] = 1), "I2 row 2 is of generation 1, the last is 32767"],
  ["a row is of a generation too low", (p) => (p._gens[8] = -32767), "I2 row 8 is of generation -32767, the last is 32767"],
  ["a free row starts elsewhere", (p) => ((p._gens[0] = -1), (p._offs[0] = 4)), "I3 free row 0 at 4, the hole starts at 0"],
  ["a block is inside another", (p) => (p._offs[2] = 16), "I4 row 2 at 16, the block before ends at 20"],
  ["a block has no bytes", (p) => (p._offs[5] = 120), "I5 row 5 at 120 ends at 120"],
  ["a block ends behind the pool", (p) => ((p._offs[6] = 136), (p._hole = -1)), "I4 the last block ends at 136 of 132"],
  ["a row in hand is live", (p) => ((p._row = 2), (p._hole = 3)), "I6 row 2 of the hole in hand is live"],
  ["the hole in hand starts elsewhere", (p) => ((p._row = p._hole = 1), (p._top = 24)), "I6 the hole in hand starts at 24, its row 1 at 20"],
  ["the hole in hand ends elsewhere", (p) => ((p._row = p._hole = 1), (p._top = 20), (p._end = 44)), "I6 the hole in hand ends at 44, the next block starts at 40"],
  ["the bubble is of no row", (p) => ((p._hole = -1), (p._gap = 4), (p._next = 0), (p._at = 24)), "I7 bubble of 4 at 24, row -1 at 0"],
  ["the bubble is at the start of a block", (p) => ((p._hole = -1), (p._gap = 4), (p._next = 3), (p._at = 40)), "I7 bubble of 4 at 40, row 2 at 40"],
  ["the bubble is beyond its block", (p) => ((p._hole = -1), (p._gap = 8), (p._next = 3), (p._at = 56)), "I7 bubble of 8 at 56, row 2 at 40"],
  ["the bubble is in a block below a locked one", (p) => ((p._hole = -1), (p._gap = 4), (p._next = 3), (p._at = 44)), "I8 the bubble in row 2 cannot rise"],
  ["a block is all bubble", (p) => ((p._hole = -1), (p._gap = 19), (p._next = 6), (p._at = 104)), "I5 row 5 at 101 ends at 120"],
  ["a free row is locked", (p) => (p._pins[1] = 3), "I9 free row 1 has 3 locks"],
  ["a lock is not counted", (p) => (p._pinned = 0), "I9 1 rows are locked, counted 0"]
];

describe("picture", () => {
  for (const [what, act, text] of SAID) {
    it(`of a pool where ${what}: ${text}`, () => {
      const pool = made();
      act(pool);
      assert.equal(pool.check(), text);
    });
  }

  for (const [what, act] of [
    ["the last generation", (p) => (p._gens[2] = 32767)],
    ["a row that is used up", (p) => (p._gens[8] = -32766)],
    ["no hole in hand", (p) => (p._hole = -1)],
    ["a bubble to the end of its block", (p) => ((p._hole = -1), (p._gap = 4), (p._next = 3), (p._at = 56))],
    ["the smallest block in front of a bubble", (p) => ((p._hole = -1), (p._offs[5] = 100), (p._gap = 16), (p._next = 6), (p._at = 104))],
    ["a hole in hand without a row", (p) => ((p._row = 1), (p._hole = 0), (p._top = p._end = 20))]
  ] as [string, (p: any) => void][]) {
    it(`of a pool with ${what}: nothing is wrong`, () => {
      const pool = made();
      act(pool);
      assert.equal(pool.check(), "");
    });
  }

  it("has one character for each part of the pool", () => {
    const pool = made();
    // bytes 0-19, 40-59, 60-79 locked, 100-119 of 132, in parts of 132, 33, 12, 4 and 1 byte
    assert.equal(pool.map(1), "@");
    assert.equal(pool.map(4), "+@@+");
    assert.equal(pool.map(11), "#+.+#@@.+#.");
    assert.equal(pool.map(33), "#####.....#####@@@@@.....#####...");
    assert.equal(pool.map(132), "#".repeat(20) + ".".repeat(20) + "#".repeat(20) + "@".repeat(20) + ".".repeat(20) + "#".repeat(20) + ".".repeat(12));
    assert.equal(pool.map(0), "");
    assert.equal(pool.map(65535).length, 65535);
  });
});
