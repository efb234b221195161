// The least that is a pool in RAM, with alloc, free, at, view, size and has: for boards with 3,000 variables, and for engines with a heap of 16 KB. Blocks move when alloc
// needs it; there are no ticks, locks, limits or timers.

import { has, size } from "./access";
import { build } from "./build";
import { begin } from "./entry";
import { hand, refuse } from "./gate";
import { fail, whole } from "./error";
import { test } from "./handle";
import { alloc, free } from "./place";
import { Pool } from "./pool";
import { none } from "./stat";

/** Address of the block of `h` in `bytes`, good until `epoch` changes. Throws HANDLE, BUSY. Cost: constant. */
function at(this: Pool, h: number): number {
  test(this, h);
  return this._offs[h & this._mask] & this._even;
}

/** The block of `h` as a Uint8Array, good until `epoch` changes. Throws HANDLE, BUSY. */
function view(this: Pool, h: number): Uint8Array {
  var from = at.call(this, h);
  return this._view(from, from + size.call(this, h));
}

var methods = {
  alloc: alloc,
  free: free,
  at: at,
  view: view,
  size: size,
  has: has,
  _odd: function (this: Pool, bytes: number): boolean {
    whole(bytes);
    begin(this);
    hand(this);
    return (bytes > 0 && bytes <= this._size) || !!refuse(this, "SIZE");
  },
  _seek: function (this: Pool, need: number): boolean {
    var why = none(this, need);
    return !why || !!refuse(this, why);
  },
};

/**
 * A new pool of `size` bytes, 4 to 65,535, for at most `handles` blocks, 1 to 2,047 (default: size / 32, at least 8). Other
 * options are not read. Throws OPTION, MEMORY.
 */
export function create(options: number | { size: number; handles?: number }): Pool & typeof methods {
  var o = (options || 0) as { size: number; handles?: number };
  var size = o.size || +options;
  var rows = o.handles || Math.min(2047, Math.max(8, size >> 5));
  if (!(size > 3 && size < 65536 && rows > 0 && rows < 2048) || size % 1 || rows % 1) fail("OPTION", size + ", " + rows, "bytes, handles");
  return build(methods, size & -4, 4, rows, false) as Pool & typeof methods;
}
