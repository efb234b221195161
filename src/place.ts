// Finding room: alloc and free. The hole in hand goes on through the blocks like a lift, up to the top and down again, and
// takes in every hole it meets. What is rarer is in plan.ts.

import { mend, tell } from "./bubble";
import { begin } from "./entry";
import { end as finish, quit, wake } from "./gate";
import { find } from "./handle";
import { Pool, SHUT } from "./pool";

/**
 * A handle to a new block of `bytes` bytes, its content undefined, or 0 with the reason in `why`:
 * SIZE (0, or more than the pool), FULL (bytes do not suffice), HANDLES (rows do not), FRAGMENTED (they
 * do, but `pause`, a lock or hold() forbids the moves). Throws ARGUMENT, BUSY. Cost: constant while the
 * hole in hand lasts, then the rows passed and the moves.
 */
export function alloc(this: Pool, bytes: number): number {
  var top, r, g;
  // one statement: nothing can come between its parts
  return (top = this._top + bytes) <= this._end && bytes >>> 0 === bytes && bytes && (r = this._row) < this._hole && (g = 2 - this._open[r]) <= this._most
    ? ((this._offs[r] = (top = (top + this._unit) & this._even) - bytes),
      (this._open[r] = g),
      (this._offs[(this._row = r + 1)] = this._top = top),
      (g << this._bits) | this._id | r)
    : place(this, bytes);
}

/** Ends the block of `h`; 0 is ignored. Throws HANDLE, LOCK (it is locked), BUSY. Cost: constant. */
export function free(this: Pool, h: number): void {
  var r = h & this._mask;
  var g;
  // one statement, as in alloc
  h > this._drop && (((g = this._open[r]) << this._bits) | r | this._id) === h ? (this._open[r] = 1 - g) : h === 0 || drop(this, h);
}

function drop(p: Pool, h: number): void {
  begin(p);
  var r = find(p, h);
  if (p._pins[r]) quit(p, "LOCK", p._pins[r] + " locks", 0);
  p._gens[r] = 1 - p._gens[r];
  // [ done ][ bubble ][ rest ] => [ hole ]
  if (p._next === r + 1) p._gap = 0;
  wake(p);
}

/** Takes the hole in hand up past the next run of blocks, to the next free row. Returns 0, or -1 at the end of the pool. */
export function up(p: Pool): number {
  var gens = p._gens;
  var offs = p._offs;
  var was = p._hole + 1;
  var next = was;
  var top = p._top;
  var gap = p._end - top;
  var n;
  if (next > p._rows) return (p._way = -1);
  if (gap) {
    (p._at = top), (p._next = next), (p._gap = gap);
    while (gens[next] > 0) (offs[next] -= gap), (p._next = ++next);
    n = (offs[next] & p._even) - p._end;
    if (n) (p.epoch += n), p._store.move(top, top + gap, n), (p._at = top += n), (p.moves += next - was);
    (offs[next] = top), (p._gap = 0);
  } else {
    while (gens[next] > 0) next++;
    top = offs[next] & p._even;
  }
  // a row that was freed right above joins those in hand
  if (next > was || p._row === was) (p._row = next), (p._top = top);
  n = next;
  while (gens[++next] <= 0);
  (p._end = offs[next] & p._even), (p._hole = next - 1);
  if (gap && p.onmove) tell(p, was, n);
  return 0;
}

/** Takes the hole in hand down past the next run of blocks, to the next free row. Returns 0, or 1 where there is none. */
export function down(p: Pool): number {
  var gens = p._gens;
  var offs = p._offs;
  var row = p._row;
  var next = row;
  var top = p._top;
  var gap = p._end - top;
  var end, low;
  if (gap) {
    // the free rows stay above
    row <= p._hole && (offs[row] = p._end), (p._at = top), (p._next = row), (p._gap = gap);
    while (next && gens[next - 1] > 0) offs[(p._next = --next)] += gap;
  } else while (next && gens[next - 1] > 0) next--;
  if (!next) {
    if (gap) mend(p);
    return (p._way = 1);
  }
  end = offs[next] & p._even;
  low = next;
  if (gap) {
    // the address after the bytes: a call cut off inside the store has moved none
    if (next < row) (p.epoch += top + gap - end), p._store.move(end, end - gap, top + gap - end), (p._at = end - gap), (p.moves += row - next);
    p._gap = 0;
  }
  if (next < row || row > p._hole) (p._end = end), (p._hole = next - 1);
  while (--next && gens[next - 1] <= 0);
  (p._row = next), (p._top = offs[next] & p._even);
  if (gap && p.onmove) tell(p, low, row);
  return low < row ? 0 : 1;
}

/** alloc when the hole in hand does not do: moves it on until it does. */
function place(p: Pool, bytes: number): number {
  // one statement: no job can come between the look and the claim
  var cold = p._state || bytes >>> 0 !== bytes || !bytes || bytes > p._size || ((p._open = SHUT), (p._state = 2), 0);
  if (cold && !p._odd(bytes)) return 0;
  var need = (bytes + p._unit) & p._even;
  var near = p.epoch + p._near;
  var r, g!: number, top!: number;
  while ((r = p._row) > p._hole || (top = p._top + need) > p._end || (g = 2 - p._gens[r]) > p._most) {
    if (p.epoch > near) {
      if (!p._seek(need)) return 0;
      near = 1e99;
    } else if (r < p._hole && top <= p._end) near = pass(p, near);
    else if (p._gens[p._hole + 1] <= 0 || (p._way > 0 && !(r && p._gens[r - 1] <= 0)) ? up(p) : down(p)) near -= p._near >> 1; // three turns at most before it looks
  }
  // one statement: a call cut off here has done all or nothing
  (p._offs[r] = top - bytes), (p._gens[r] = g), (p._row = r + 1), (p._top = top),
    r < p._hole ? (p._offs[r + 1] = top) : top < p._end && ((p._at = top), (p._next = r + 1), (p._gap = p._end - top));
  // a large rest without a row goes on at once: the next alloc will be fast
  if (p._gap > 255 && !cold) p._way > 0 || p._gens[r + 1] <= 0 ? up(p) : down(p);
  cold ? finish(p) : ((p._open = p._gens), (p._state = 0));
  p._arm && p._arm();
  return (g << p._bits) | p._id | r;
}

/** The first row from `r` up that is not used up. */
export function fresh(p: Pool, r: number): number {
  while (p._gens[r] === 1 - p._most) r++;
  return r;
}

/** Passes the rows in hand that are used up, or goes on when all are. Returns `near`, less for a turn of the way. */
function pass(p: Pool, near: number): number {
  var row = fresh(p, p._row);
  if (row <= p._hole) (p._offs[row] = p._top), (p._row = row);
  else if (p._way > 0 ? up(p) : down(p)) near -= p._near >> 1;
  return near;
}
