// Looking inside: the invariants (DESIGN.md has them under the same numbers), a picture, a walk.

import { begin } from "./entry";
import { fail, whole } from "./error";
import { end } from "./gate";
import { NONE, Pool } from "./pool";
import { live, start } from "./row";

/** "" or the number of the first broken invariant with its values. Throws BUSY. Cost: O(handles). */
export function check(this: Pool): string {
  begin(this);
  var text = table(this) || generations(this, "I2") || order(this) || hand(this) || bubble(this) || pins(this, "I9");
  end(this);
  return text;
}

function table(p: Pool): string {
  var n = p._rows;
  if (p._gens[n] !== 1 - p._most || p._gens[n + 1] !== 1 || p._offs[n + 1] !== p._size)
    return "I1 rows " + n + ".. are " + p._gens[n] + ", " + p._gens[n + 1] + " at " + p._offs[n + 1];
  return "";
}

/** What the checks of all kinds of pools look at; `name` is the invariant. */
type Common = Pick<Pool, "_gens" | "_most" | "_rows" | "_bits" | "_id" | "_pins" | "_pinned">;

/** "" or the first row whose generation cannot be. */
export function generations(p: Common, name: string): string {
  for (var r = 0; r < p._rows; r++) if (p._gens[r] > p._most || p._gens[r] <= -p._most || p._gens[r] === 1) return name + " row " + r + " is of generation " + p._gens[r] + ", the last is " + p._most;
  return "";
}

function order(p: Pool): string {
  var last = 0; // end of the last live block
  for (var r = 0; r <= p._rows; r++) {
    if (p._gens[r] <= 0) {
      // where a block ends is what the free row behind it says, so only the first can be wrong
      if (!r && start(p, 0)) return "I3 free row 0 at " + start(p, 0) + ", the hole starts at 0";
      continue;
    }
    if (start(p, r) < last) return "I4 row " + r + " at " + start(p, r) + ", the block before ends at " + last;
    last = start(p, r + 1);
    if (last - (p._next === r + 1 ? p._gap : 0) <= p._offs[r]) return "I5 row " + r + " at " + p._offs[r] + " ends at " + last;
  }
  return last > p._size ? "I4 the last block ends at " + last + " of " + p._size : "";
}

function hand(p: Pool): string {
  if (p._hole < 0) return "";
  for (var r = p._row; r <= p._hole; r++) if (p._gens[r] > 0) return "I6 row " + r + " of the hole in hand is live";
  if (p._row <= p._hole && start(p, p._row) !== p._top)
    return "I6 the hole in hand starts at " + p._top + ", its row " + p._row + " at " + start(p, p._row);
  r = start(p, live(p, p._hole + 1));
  return p._end > r ? "I6 the hole in hand ends at " + p._end + ", the next block starts at " + r : "";
}

function bubble(p: Pool): string {
  var r = p._next - 1;
  if (!p._gap) return "";
  if (!(p._gens[r] > 0) || p._at <= start(p, r) || p._at + p._gap > start(p, r + 1))
    return "I7 bubble of " + p._gap + " at " + p._at + ", row " + r + " at " + start(p, r);
  // right behind a block it may wait, inside one it may not
  if (p._at + p._gap < start(p, r + 1) && (p._held || p._pins[r])) return "I8 the bubble in row " + r + " cannot rise";
  return "";
}

/** "" or what is wrong with the locks. */
export function pins(p: Common, name: string): string {
  var n = 0;
  for (var r in p._pins) {
    n++;
    if (p._gens[+r] <= 0 || p._pins[r] < 1) return name + " row " + r + " has " + p._pins[r] + " locks";
  }
  return n === p._pinned ? "" : name + " " + n + " rows are locked, counted " + p._pinned;
}

/**
 * The pool as one line of `columns` characters: `#` in use, `+` partly, `.` free, `@` with a locked block.
 * Throws ARGUMENT, BUSY. Cost: O(handles + columns).
 */
export function map(this: Pool, columns: number): string {
  whole(columns);
  if (columns > 65535) fail("ARGUMENT", columns, "up to 65535");
  begin(this);
  var gens = this._gens;
  var offs = this._offs;
  var even = this._even;
  var least = (this._size / columns) | 0;
  var text = "";
  // rows and columns both go up: r is the first row that ends behind byte `from`
  for (var i = 0, r = 0, from = 0; i < columns; from = to) {
    var to = ((++i * this._size + columns - 1) / columns) | 0;
    for (var n = 0; r < this._rows; r++) {
      if (gens[r] <= 0) continue;
      var a = offs[r] & even;
      var b = offs[r + 1] & even;
      if (a < to && from < to) n += this._pins[r] ? NONE : (b < to ? b : to) - (a > from ? a : from);
      if (b > to) break;
    }
    text += !n ? "." : n >= NONE ? "@" : n < least ? "+" : "#";
  }
  end(this);
  return text;
}

/** Calls `fn` with handle, address and size of every live block, in the order of rows (in RAM that of addresses); fn may call the pool. Throws ARGUMENT, BUSY, HANDLE (a job has freed the block it came to at that moment). */
export function each(this: Common & { at(h: number): number; size(h: number): number }, fn: (handle: number, at: number, size: number) => void): void {
  if (typeof fn !== "function") fail("ARGUMENT", typeof fn, "a function");
  for (var r = 0, h; r < this._rows; r++)
    // one statement: a row that is given to a block in between has another handle
    this._gens[r] > 0 && fn((h = (this._gens[r] << this._bits) | r | this._id), this.at(h), this.size(h));
}
