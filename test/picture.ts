// What check() says of a broken pool, and what map() draws, word for word.

import assert from "node:assert/strict";
import { create as far } from "../src/far";
import { create } from "../src/full";
import { Memory } from "./memory";

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
  ["the bubble is in a locked block", (p) => ((p._hole = -1), (p._gap = 4), (p._next = 4), (p._at = 64)), "I8 the bubble in row 3 cannot rise"],
  ["a block is all bubble", (p) => ((p._hole = -1), (p._gap = 19), (p._next = 6), (p._at = 104)), "I5 row 5 at 101 ends at 120"],
  ["a free row is locked", (p) => (p._pins[1] = 3), "I9 row 1 has 3 locks"],
  ["a lock is not counted", (p) => (p._pinned = 0), "I9 1 rows are locked, counted 0"]
];

/** The same in an external pool of 33 units and 7 rows; five blocks of 5 units, row 1 freed, row 3 locked. `flies`: row 2 is to be copied behind row 4. */
function external(flies = false): any {
  const memory = new Memory(132, false);
  memory.chunk = 4;
  const pool: any = far({ store: memory, handles: 7 });
  const all = Array.from({ length: 5 }, () => pool.alloc(19));
  pool.free(all[1]);
  if (!flies) pool.lock(all[3]);
  else {
    pool.free(all[0]);
    pool.stat();
    pool._way = 1;
    (pool._low = 7), (pool._from = 0), (pool._to = 12);
    pool.tick(4);
    assert.deepEqual([pool._fly, pool._slide, pool._done], [2, 0, 4]);
  }
  assert.equal(pool.check(), "");
  return pool;
}

const FAR: [string, boolean, (p: any) => void, string][] = [
  ["the closing row is free", false, (p) => (p._gens[7] = 0), "F1 rows 7.. are 0, 1 at 33"],
  ["the row of the copy is of another generation", false, (p) => (p._gens[8] = 2), "F1 rows 7.. are 1, 2 at 33"],
  ["the end is elsewhere", false, (p) => (p._ats[7] = 32), "F1 rows 7.. are 1, 1 at 32"],
  ["a row is of generation 1", false, (p) => (p._gens[2] = 1), "F2 row 2 is of generation 1, the last is 32767"],
  ["the list has a loop", false, (p) => ((p._next[1] = 1), (p._gaps[1] = 0)), "F3 row 1 is twice in the list"],
  ["a hole is too large", false, (p) => (p._gaps[4] = 14), "F4 the hole behind row 4 has 14 units, the next row is at 33"],
  ["a block has no bytes", false, (p) => (p._gaps[2] = 5), "F5 row 2 of generation 2 has -1 bytes"],
  ["a freed row has bytes", false, (p) => (p._gaps[1] = 4), "F5 row 1 of generation -1 has 3 bytes"],
  ["bytes stand before the first block", false, (p) => (p._ats[0] = 1), "F5 row 7 of generation 1 has -128 bytes"],
  ["a spare row is live", false, (p) => (p._gens[5] = 2), "F6 spare row 5 of generation 2 has a hole of 0, seen 0"],
  ["a spare row has a hole", false, (p) => (p._gaps[6] = 3), "F6 spare row 6 of generation 0 has a hole of 3, seen 0"],
  ["a row of the list is spare", false, (p) => ((p._next[5] = 1), (p._next[6] = 7)), "F6 spare row 1 of generation -1 has a hole of 5, seen 1"],
  ["the last spare row is not the last", false, (p) => (p._last = 5), "F6 the last spare row is 6, not 5"],
  ["a row is lost", false, (p) => ((p._next[5] = 7), (p._last = 5)), "F6 row 6 is in no list"],
  ["the first row is lost", false, (p) => ((p._first = 6), (p._next[6] = 7)), "F6 row 5 is in no list"],
  ["nothing flies, and its copy is there", true, (p) => (p._fly = 7), "F7 row 7 flies, its copy is in the list"],
  ["a row flies without a copy", false, (p) => (p._fly = 2), "F7 row 2 flies, its copy is not in the list"],
  ["no row slides", false, (p) => (p._slide = 3), "F7 no row flies, a slide by 3"],
  ["a row that is free flies", true, (p) => (p._fly = 0), "F7 row 0 of generation -1 flies, 4 bytes are copied"],
  ["all is copied", true, (p) => (p._done = 19), "F7 row 2 of generation 2 flies, 19 bytes are copied"],
  ["the copy is shorter", true, (p) => p._gaps[8]++, "F7 the copy of row 2 has 4 units, not 5"],
  ["a row that flies is locked", true, (p) => (p._pins[2] = 1), "F8 row 2 flies and may not move"],
  ["a row flies while all are held", true, (p) => (p._held = 1), "F8 row 2 flies and may not move"],
  ["a free row is locked", false, (p) => (p._pins[1] = 3), "F9 row 1 has 3 locks"],
  ["a lock is not counted", false, (p) => (p._pinned = 0), "F9 1 rows are locked, counted 0"]
];

describe("picture", () => {
  for (const [what, flies, act, text] of FAR) {
    it(`of an external pool where ${what}: ${text}`, () => {
      const pool = external(flies);
      act(pool);
      assert.equal(pool.check(), text);
    });
  }

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
    ["the bubble in a block below a locked one", (p) => ((p._hole = -1), (p._gap = 4), (p._next = 3), (p._at = 44))],
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

  it("counts every byte in the column it lies in, also where columns do not divide the pool", () => {
    for (const size of [31, 100, 257, 996]) {
      const pool = create({ size, handles: 40, unit: 1 });
      const all = Array.from({ length: 24 }, (_, i) => pool.alloc(1 + ((i * 7 + size) % Math.floor(size / 24)))).filter(Boolean);
      all.forEach((h, i) => (i % 4 === 0 ? pool.free(h) : i % 4 === 1 && pool.lock(h)));
      for (const columns of [1, 2, 3, 7, 13, 64, 100, 333, size, 3 * size + 1]) {
        const used = new Array(columns).fill(0);
        pool.each((h: number, at: number, bytes: number) => {
          const locked = pool._pins[h & pool._mask];
          for (let b = at; b < at + bytes; b++) used[Math.floor((b * columns) / pool.stat().size)] += locked ? Infinity : 1;
        });
        const wide = Math.floor(pool.stat().size / columns);
        assert.equal(pool.map(columns), used.map((n) => (!n ? "." : n === Infinity ? "@" : n < wide ? "+" : "#")).join(""), `${size} bytes, ${columns} columns`);
      }
    }
  });
});
