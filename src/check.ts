// Looking inside: the invariants (DESIGN.md has them under the same numbers), a picture, a walk.

import { at, callable, size } from "./access";
import { live, start, stuck } from "./bubble";
import { whole } from "./error";
import { begin, end } from "./gate";
import { Pool } from "./pool";

/** "" or the first broken invariant with its values. Throws BUSY. Cost: O(handles). */
export function check(this: Pool): string {
  begin(this);
  var text = table(this) || hand(this) || bubble(this) || pins(this);
  end(this);
  return text;
}

function table(p: Pool): string {
  var gens = p._gens;
  var offs = p._offs;
  var n = p._rows;
  var at = 0;
  if (gens[n] || gens[n + 1] !== 1 || offs[n + 1] !== p._size)
    return "I1 row " + n + " is free, row " + (n + 1) + " at " + p._size + ": " + gens[n] + ", " + gens[n + 1] + ", " + offs[n + 1];
  for (var r = 0; r < n; r++) {
    if (gens[r] > p._pass) return "I2 row " + r + " is of pass " + gens[r] + ", now is " + p._pass;
    if (gens[r] === p._pass && r >= p._row) return "I3 row " + r + " is of this pass, rows from " + p._row + " are not";
  }
  for (r = 0; r <= n; r++) {
    // the first free row behind a live one, and every live row, say where the last block ends
    if (r ? gens[r] || gens[r - 1] : gens[0]) {
      if (start(p, r) < at || (r && gens[r - 1] && offs[r] - start(p, r) > p._unit))
        return "I4 row " + r + " at " + start(p, r) + ", the block before it ends at " + at;
      if (!gens[r] && offs[r] !== start(p, r)) return "I4 free row " + r + " is at " + offs[r];
      if (gens[r] && gens[r - 1] && r && start(p, r) !== at && !(p._gap && p._next === r))
        return "I5 no free row between " + at + " and row " + r + " at " + start(p, r);
      at = start(p, r);
    }
    if (gens[r]) {
      at = start(p, r + 1) - (p._next === r + 1 ? p._gap : 0);
      if (at <= offs[r]) return "I6 row " + r + " at " + offs[r] + " ends at " + at;
    }
  }
  return at > p._size ? "I4 the last block ends at " + at + " of " + p._size : "";
}

function hand(p: Pool): string {
  if (p._hole < 0) return "";
  var next = p._hole + 1;
  for (var r = p._row; r < next; r++) if (p._gens[r]) return "I7 row " + r + " of the hole in hand is live";
  if (p._offs[p._row] !== p._top && p._row < next)
    return "I7 the hole in hand starts at " + p._top + ", its row " + p._row + " at " + p._offs[p._row];
  var real = start(p, live(p, next));
  return p._end > real ? "I7 the hole in hand ends at " + p._end + ", the next block starts at " + real : "";
}

function bubble(p: Pool): string {
  var r = p._next - 1;
  if (!p._gap) return "";
  if (r < 0 || !p._gens[r] || p._at <= start(p, r) || p._at + p._gap > start(p, r + 1))
    return "I8 bubble of " + p._gap + " at " + p._at + " is not in row " + r;
  if (p._held || (p._pinned && stuck(p, r + 1))) return "I9 bubble below row " + (r + 1) + " cannot rise";
  return "";
}

function pins(p: Pool): string {
  var n = 0;
  for (var r in p._pins) {
    n++;
    if (!p._gens[r as unknown as number]) return "I10 row " + r + " is free and has " + p._pins[r] + " locks";
  }
  return n === p._pinned ? "" : "I10 " + n + " rows are locked, counted " + p._pinned;
}

/**
 * The pool as one line of `columns` characters: `#` in use, `+` partly, `.` free, `@` with a locked block.
 * Throws ARGUMENT, BUSY. Cost: O(handles + columns).
 */
export function map(this: Pool, columns: number): string {
  whole(columns, "columns");
  begin(this);
  var wide = this._size / columns;
  var used: number[] = [];
  var text = "";
  for (var i = 0; i < columns; i++) used.push(0);
  for (var r = 0; r < this._rows; r++) {
    if (!this._gens[r]) continue;
    var to = start(this, r + 1);
    for (var from = start(this, r); from < to; from = next) {
      i = (from / wide) | 0;
      var next = Math.min(to, (i + 1) * wide);
      if (next <= from) next = from + 1;
      used[i] += this._pins[r] ? Infinity : next - from;
    }
  }
  for (i = 0; i < columns; i++) text += !used[i] ? "." : used[i] === Infinity ? "@" : used[i] < wide - 0.01 ? "+" : "#";
  end(this);
  return text;
}

/** Calls `fn` with handle, address and size of every live block, in address order; fn may call the pool. Throws ARGUMENT. */
export function each(this: Pool, fn: (handle: number, at: number, size: number) => void): void {
  callable(fn);
  for (var r = 0; r < this._rows; r++) {
    if (!this._gens[r]) continue;
    var h = (this._gens[r] << this._bits) | this._id | r;
    fn(h, at.call(this, h), size.call(this, h));
  }
}
