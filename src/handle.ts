// From a handle to its row: the cold side of the check that every public call starts with.

import { leave } from "./bubble";
import { begin } from "./entry";
import { end, quit } from "./gate";
import { Pool } from "./pool";

/** The row of `h` for a call that has begun. Throws HANDLE when `h` is not a live handle of this pool. */
export function find(p: Pool, h: number): number {
  var r = h & p._mask;
  var right = (p._gens[r] << p._bits) | r | p._id;
  if (right !== h || h <= p._floor) quit(p, "HANDLE", typeof h === "number" ? h : typeof h, right > p._floor ? right : "of a free row");
  return r;
}

/** Throws HANDLE when `h` is not a live handle of this pool, and BUSY. */
export function test(p: Pool, h: number): void {
  begin(p);
  find(p, h);
  end(p);
}

/** As test, and brings the block of `h` into one piece. */
export function open(p: Pool, h: number): void {
  begin(p);
  var r = find(p, h);
  if (p._gap && p._next === r + 1) leave(p);
  end(p);
}
