// The pool in RAM without its diagnostics (check, map, each, wipe, peaks, watermark).

import { at, copy, fill, has, read, size, view, write } from "./access";
import { build } from "./build";
import { end } from "./gate";
import { hold, lock, release, unlock, use } from "./lock";
import { make, Options } from "./option";
import { alloc, free } from "./place";
import { odd, seek } from "./plan";
import { Pool } from "./pool";
import { resize } from "./resize";
import { reset, stat } from "./stat";
import { pack, start, stop, tick } from "./tick";

var methods = {
  alloc: alloc,
  free: free,
  at: at,
  view: view,
  size: size,
  has: has,
  read: read,
  write: write,
  copy: copy,
  fill: fill,
  resize: resize,
  lock: lock,
  unlock: unlock,
  use: use,
  tick: tick,
  start: start,
  stop: stop,
  pack: pack,
  hold: hold,
  release: release,
  stat: stat,
  reset: reset,
  _odd: odd,
  _seek: seek,
};

/** A new pool of `options` bytes, or as `options` says. Throws OPTION, MEMORY. */
export function create(options: number | Options): Pool & typeof methods {
  var p = make(methods, options, build) as Pool & typeof methods;
  end(p);
  return p;
}
