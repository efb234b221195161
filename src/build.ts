// How a pool comes to be.

import { fail } from "./error";
import { end } from "./gate";
import { NONE, Pool, SHUT } from "./pool";
import { take } from "./row";
import { ram, Store } from "./store";
import { timers } from "./time";

/** Row numbers given out by all pools so far, so that one pool's handles mean nothing to another. */
var ids = 0;

/**
 * A new pool with the given methods: `size` bytes, whole units, in `store`, `rows` rows, generations of 24 bits if `wide`.
 * Throws what ram() throws. Cost: O(rows).
 */
export function build(methods: { alloc: unknown; free: unknown }, size: number, unit: number, rows: number, wide: boolean, store?: Store): Pool {
  var p = Object.create(methods) as Pool;
  // the end of the last block has to fit into 16 bits: 3.4 % more payload than with 32-bit rows
  if (size === 65536) size -= unit;
  // first, because it says what is missing
  store = store || ram(size);
  var mask = 1;
  while (mask < rows) mask += mask + 1;
  var bits = wide ? 7 : 12;
  while (1 << bits <= mask) bits++;
  // Espruino searches an object from the front: what alloc, free and at() need comes first, in this order
  var own = p as unknown as { alloc: unknown; free: unknown };
  own.alloc = methods.alloc;
  own.free = methods.free;
  p._mask = mask;
  p._drop = 0;
  p._open = SHUT;
  p._bits = bits;
  // generation 1 is the mark of the row behind the last
  p._floor = (2 << bits) - 1;
  ids = (ids + mask) & ~mask;
  p._id = ids & ((1 << bits) - 1);
  ids += mask + 1;
  p._top = 0;
  p._end = 0;
  p._row = 0;
  p._hole = 0;
  p._most = wide ? 0xffffff : 32767;
  p._offs = new (size > 65535 ? Uint32Array : Uint16Array)(rows + 2);
  p._unit = unit - 1;
  p._even = -unit;
  p._gens = new (wide ? Int32Array : Int16Array)(rows + 2);
  p._state = 2;
  p._gap = p._at = p._next = p._pinned = p._held = p._calm = p._seen = 0;
  p._arm = p._timer = undefined;
  p._rows = rows;
  p._size = p._offs[rows + 1] = size;
  p._gens[rows] = 1 - p._most;
  p._gens[rows + 1] = 1;
  p._pause = NONE;
  p._way = p._trip = 1;
  p._want = size >> 3;
  p._rule = undefined;
  p._clock = timers;
  p.moves = p.epoch = 0;
  p._pins = {};
  p._beat = false;
  p.why = "";
  p.onmove = undefined;
  p._store = store;
  p.bytes = store.bytes;
  p._near = Math.max(size >> 4, store.quick ? 4096 : 1024);
  p._view =
    store.view ||
    function () {
      return fail("VIEW", "a store without views", "one with");
    };
  take(p, 0);
  end(p);
  return p;
}
