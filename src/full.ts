// The pool in RAM with everything.

import { at, copy, fill, has, read, size, view, write } from "./access";
import { build } from "./build";
import { check, each, map } from "./check";
import * as count from "./count";
import { end } from "./gate";
import { hold, lock, release, unlock, use } from "./lock";
import { make, Options } from "./option";
import { odd, seek } from "./plan";
import { start, stop } from "./tick";
import { wipe } from "./wipe";

var methods = {
  alloc: count.countAlloc,
  free: count.countFree,
  at: at,
  view: view,
  size: size,
  has: has,
  read: read,
  write: write,
  copy: copy,
  fill: fill,
  resize: count.countResize,
  lock: lock,
  unlock: unlock,
  use: use,
  tick: count.countTick,
  start: start,
  stop: stop,
  pack: count.countPack,
  hold: hold,
  release: release,
  stat: count.countStat,
  reset: count.countReset,
  wipe: wipe,
  check: check,
  map: map,
  each: each,
  _odd: odd,
  _seek: seek,
};

/** A new pool of `options` bytes, or as `options` says. Throws OPTION, MEMORY. */
export function create(options: number | Options): count.Counted & typeof methods {
  var p = make(methods, options, build) as count.Counted & typeof methods;
  end(p);
  // a number has no fields on Espruino
  count.init(p, typeof options === "object" ? options : {});
  return p;
}
