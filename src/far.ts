// The pool on memory the processor cannot address: SPI chips and whatever else is a store.

import { alloc, at, free, has, resize, size } from "./block";
import { check, each, reset, stat } from "./census";
import { call } from "./claim";
import { make, Options } from "./option";
import { hold, lock, release, unlock, use } from "./pin";
import { copy, fill, get16, get32, get8, load, read, set16, set32, set8, store, view, write } from "./reach";
import { pack, start, stop, tick } from "./sift";
import { build, Far } from "./table";

export var methods = {
  alloc: call(alloc),
  free: call(free),
  at: call(at),
  view: call(view),
  size: call(size),
  has: has,
  read: call(read),
  write: call(write),
  copy: call(copy),
  fill: call(fill),
  load: call(load),
  store: call(store),
  get8: call(get8),
  get16: call(get16),
  get32: call(get32),
  set8: call(set8),
  set16: call(set16),
  set32: call(set32),
  resize: call(resize),
  lock: call(lock),
  unlock: call(unlock),
  use: use,
  tick: call(tick),
  start: start,
  stop: stop,
  pack: call(pack),
  hold: call(hold),
  release: call(release),
  stat: call(stat),
  reset: call(reset),
  check: call(check),
  each: each,
};

/** A new pool in `options.store`, its content lost. Throws OPTION. Cost: O(handles). */
export function create(options: Options): Far & typeof methods {
  return make(methods, options, build) as Far & typeof methods;
}
