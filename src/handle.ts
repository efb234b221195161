// From a handle to its row: the cold side of the check that every public call starts with.

import { rise, start } from "./bubble";
import { begin, end, quit } from "./gate";
import { take } from "./place";
import { Pool } from "./pool";

/** The row of `h`; the caller has begun. Throws HANDLE when `h` is not a live handle of this pool. */
export function find(p: Pool, h: number): number {
  var r = h & p._mask;
  if (h < 1 << p._bits || ((p._gens[r] << p._bits) | r | p._id) !== h) {
    quit(
      p,
      "HANDLE",
      typeof h === "number"
        ? "row " + r + " is at generation " + p._gens[r] + ", handle " + h + " has " + (h >> p._bits)
        : "a handle is a number, not " + typeof h
    );
  }
  return r;
}

/** The row of `h` with its block in one piece. Throws as `find`, and BUSY. */
export function open(p: Pool, h: number): number {
  begin(p);
  var r = find(p, h);
  // the bubble goes on into the next block, so that size and address are those of the row
  if (p._gap && p._next === r + 1) {
    rise(p, start(p, r + 1) - p._gap - p._at + p._unit + 1);
    if (!p._gap) take(p, p._next);
  }
  end(p);
  return r;
}
