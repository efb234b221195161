// Blocks of an external pool: alloc, free, resize, and what can be asked of a handle.

import { fail, whole } from "./error";
import { refuse, wake } from "./claim";
import { depart, empties, plan } from "./evacuate";
import { address, cancel, finish, launch, step } from "./flight";
import { before, bytes, end, Far, find, fit, free as spare, largest, sweep, units } from "./table";

/**
 * A handle to a new block of `n` bytes, its content undefined, or 0 with the reason in `why`: SIZE (0, or more than the
 * pool), HANDLES (no row is left), FULL (bytes do not suffice), FRAGMENTED (they do, but `pause`, a lock or hold() forbids the
 * moves). Throws ARGUMENT, BUSY, and what the store throws. Cost: O(handles), then the moves.
 */
export function alloc(p: Far, n: number): number {
  whole(n);
  if (!n || n > p._size - p._head) return refuse(p, "SIZE");
  var need = units(p, n);
  if (p._first === p._rows) sweep(p);
  var r = p._first;
  if (r === p._rows) return refuse(p, "HANDLES");
  var o = open(p, need, p.epoch + (p._held ? 0 : p._pause));
  if (o < 0) return 0;
  var g = 2 - p._gens[r];
  var at = end(p, o);
  if (p._log) p._log.block(p, r, g, at, n, p._gaps[o] - need);
  // one statement: a call cut off here has done all or nothing
  (p._first = p._next[r]),
    (p._ats[r] = at),
    (p._slack[r] = need * p._unit - n),
    (p._gaps[r] = p._gaps[o] - need),
    (p._next[r] = p._next[o]),
    (p._gaps[o] = 0),
    (p._next[o] = r),
    (p._gens[r] = g);
  p._seen = r;
  p._way = 0;
  p._arm && p._arm();
  return (g << p._bits) | p._id | r;
}

/** Owner of a hole of `need` units, made by moving no more than until epoch `most`; -1: refused. */
export function open(p: Far, need: number, most: number): number {
  var o = fit(p, need);
  if (o < 0 && p._dirty) {
    sweep(p);
    o = fit(p, need);
  }
  if (o >= 0) return o;
  if (spare(p) < need) return refuse(p, "FULL") - 1;
  arrive(p, most);
  for (var tries = 0; (o = fit(p, need)) < 0; tries++) {
    // a block may have taken the room another was to have: after a few such surprises blocks slide, which cannot fail
    if (p._fly !== p._rows || plan(p, need, tries > 2) * p._unit > most - p.epoch || !go(p, most)) {
      // what may be moved now is not lost for the next request
      go(p, most);
      return refuse(p, "FRAGMENTED") - 1;
    }
  }
  return o;
}

/** Goes on with the block in flight until epoch `most`. */
function arrive(p: Far, most: number): void {
  while (p._fly !== p._rows && p.epoch < most) step(p, most - p.epoch);
}

/** Moves what is planned until epoch `most`. False: there was nothing to move. */
function go(p: Far, most: number): boolean {
  var was = p.epoch;
  while (p.epoch < most && (p._fly !== p._rows || depart(p))) arrive(p, most);
  return p.epoch !== was;
}

/** Ends the block of `h`; 0 is ignored. Throws HANDLE, LOCK (it is locked), BUSY. Cost: constant, unless it is in flight. */
export function free(p: Far, h: number): void {
  if (h === 0) return;
  var r = find(p, h);
  if (p._pins[r]) fail("LOCK", p._pins[r] + " locks", 0);
  if (p._log) p._log.free(p, r);
  drop(p, r);
  p._way = 0;
  wake(p);
}

/** Frees row `r`, in flight or not. */
export function drop(p: Far, r: number): void {
  if (r === p._fly) cancel(p);
  // one statement
  (p._gaps[r] = p._ats[p._next[r]] - p._ats[r]), (p._gens[r] = 1 - p._gens[r]), (p._dirty = true), r === p._fly && ((p._fly = p._rows), (p._slide = 0), (p._hand = undefined));
}

/**
 * Makes the block of `h` `n` bytes long; its first bytes and its handle stay. 0 frees it. Returns false with the reason in
 * `why`, content and size as they were: SIZE, FULL, FRAGMENTED (as alloc). Throws ARGUMENT, HANDLE, LOCK (0 on a
 * locked block), BUSY, and what the store throws. Cost: O(handles) and the moves; constant where there is room behind.
 */
export function resize(p: Far, h: number, n: number): boolean {
  whole(n);
  var r = find(p, h);
  if (!n) {
    free(p, h);
    return true;
  }
  if (n > p._size - p._head) return !!refuse(p, "SIZE");
  var most = p.epoch + (p._held ? 0 : p._pause);
  var need = units(p, n);
  if (r === p._fly) {
    if (p._slide) arrive(p, most);
    else cancel(p);
    if (r === p._fly) return !!refuse(p, "FRAGMENTED");
  }
  var more = need - units(p, bytes(p, r));
  if (more > p._gaps[r]) sweep(p);
  if (more > p._gaps[r]) {
    if (spare(p) < more) return !!refuse(p, "FULL");
    p._way = 0;
    arrive(p, most);
    if (p._fly !== p._rows || !grow(p, r, more, most)) return !!refuse(p, "FRAGMENTED");
  }
  if (p._log) p._log.block(p, r, p._gens[r], p._ats[r], n, p._gaps[r] - more);
  // one statement
  (p._gaps[r] -= more), (p._slack[r] = need * p._unit - n);
  p._way = 0;
  wake(p);
  return true;
}

/** Makes a hole of `more` units behind row `r` by moving no more than until epoch `most`. False: it cannot. */
function grow(p: Far, r: number, more: number, most: number): boolean {
  var from = end(p, r);
  var size = from - p._ats[r];
  var need = size + more;
  // the largest hole, because a block that has grown will grow again
  var o = largest(p);
  var free = !p._pins[r] && size * p._unit <= most - p.epoch;
  // [ r ][ blocks that find room elsewhere ]
  if (from + more <= p._ats[p._rows] && clear(p, r, from, from + more, free && p._gaps[o] >= need ? Math.min(most, p.epoch + size * p._unit) : most)) return true;
  if (free && p._gaps[o] < need && spare(p) >= need) {
    plan(p, need, false);
    if ((p._cost + size) * p._unit <= most - p.epoch) while (depart(p)) arrive(p, most);
    o = largest(p);
  }
  if (!free || p._gaps[o] < need) return shove(p, r, more, most);
  launch(p, r, o, end(p, o));
  arrive(p, most);
  return true;
}

/** Evacuates units `from` to `to` behind row `r`, at most until epoch `most`. False: nothing is moved, or not all of it. */
function clear(p: Far, r: number, from: number, to: number, most: number): boolean {
  var cost = 0;
  for (var x = p._next[r]; p._ats[x] < to; x = p._next[x]) cost += p._pins[x] ? 1e12 : end(p, x) - p._ats[x];
  if (cost * p._unit > most - p.epoch || !empties(p, r, from, to)) return false;
  (p._low = r), (p._from = from), (p._to = to), (p._way = 1);
  while (depart(p)) arrive(p, most);
  return p._gaps[r] >= to - from;
}

/** Slides the blocks below down and those above up, as far as locks and `most` allow. False: there are still less than `more` units behind row `r`. */
function shove(p: Far, r: number, more: number, most: number): boolean {
  var cost = 0;
  for (var x = p._next[p._rows]; x !== p._rows; x = p._next[x]) cost += end(p, x) - p._ats[x];
  if (cost * p._unit > most - p.epoch) return false;
  down(p, r);
  while (p._gaps[r] < more) {
    // the nearest hole above comes down block by block
    for (x = p._next[r]; x !== p._rows && !p._gaps[x] && !p._pins[x]; ) x = p._next[x];
    if (x === p._rows || p._pins[x]) return false;
    for (; x !== r; x = before(p, x)) {
      launch(p, x, x, p._ats[x] + p._gaps[x]);
      arrive(p, most);
    }
  }
  return true;
}

/** Slides every block that is not locked down, up to row `last` and with it. */
export function down(p: Far, last: number): void {
  var o = p._rows;
  do {
    var r = p._next[o];
    if (r !== p._rows && p._gaps[o] && !p._pins[r]) {
      launch(p, r, o, end(p, o));
      finish(p);
    }
    o = r;
  } while (o !== last);
}

/** Bytes asked for when the block of `h` was allocated or resized. Throws HANDLE, BUSY. Cost: constant. */
export function size(p: Far, h: number): number {
  return bytes(p, find(p, h));
}

/** Address of the block of `h` in the store, good until `epoch` changes. Throws HANDLE, BUSY. Cost: constant, plus the end of a slide. */
export function at(p: Far, h: number): number {
  var r = find(p, h);
  return address(p, r, 0, bytes(p, r));
}
