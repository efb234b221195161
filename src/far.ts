// The pool on memory the processor cannot address: SPI chips and whatever else is a store.

import { has } from "./access";
import { wipe } from "./blank";
import { alloc, at, free, resize, size } from "./block";
import { check, reset, stat } from "./census";
import { each } from "./check";
import { turn } from "./claim";
import { make, Options } from "./option";
import { hold, lock, release, unlock, use } from "./pin";
import { copy, fill, get16, get32, get8, load, read, set16, set32, set8, store, view, write } from "./reach";
import { pack, start, stop, tick } from "./sift";
import { build, Far } from "./table";

// Written out, because on Espruino a function made by another takes 15 JsVars more.
export var methods = {
  alloc: function (this: Far, bytes: number) {
    return turn(this, alloc, bytes);
  },
  free: function (this: Far, h: number) {
    return turn(this, free, h);
  },
  at: function (this: Far, h: number) {
    return turn(this, at, h);
  },
  view: function (this: Far, h: number) {
    return turn(this, view, h);
  },
  size: function (this: Far, h: number) {
    return turn(this, size, h);
  },
  has: has,
  read: function (this: Far, h: number, at: number, n: number) {
    return turn(this, read, h, at, n);
  },
  write: function (this: Far, h: number, at: number, data: ArrayLike<number> | string) {
    return turn(this, write, h, at, data);
  },
  copy: function (this: Far, to: number, toAt: number, from: number, fromAt: number, n: number) {
    return turn(this, copy, to, toAt, from, fromAt, n);
  },
  fill: function (this: Far, h: number, value: number, at: number, n: number) {
    return turn(this, fill, h, value, at, n);
  },
  load: function (this: Far, h: number) {
    return turn(this, load, h);
  },
  store: function (this: Far, h: number, data: ArrayLike<number>) {
    return turn(this, store, h, data);
  },
  get8: function (this: Far, h: number, at: number) {
    return turn(this, get8, h, at);
  },
  get16: function (this: Far, h: number, at: number) {
    return turn(this, get16, h, at);
  },
  get32: function (this: Far, h: number, at: number) {
    return turn(this, get32, h, at);
  },
  set8: function (this: Far, h: number, at: number, value: number) {
    return turn(this, set8, h, at, value);
  },
  set16: function (this: Far, h: number, at: number, value: number) {
    return turn(this, set16, h, at, value);
  },
  set32: function (this: Far, h: number, at: number, value: number) {
    return turn(this, set32, h, at, value);
  },
  resize: function (this: Far, h: number, bytes: number) {
    return turn(this, resize, h, bytes);
  },
  lock: function (this: Far, h: number) {
    return turn(this, lock, h);
  },
  unlock: function (this: Far, h: number) {
    return turn(this, unlock, h);
  },
  use: use,
  tick: function (this: Far, budget: number) {
    return turn(this, tick, budget);
  },
  start: start,
  stop: stop,
  pack: function (this: Far) {
    return turn(this, pack);
  },
  hold: function (this: Far) {
    return turn(this, hold);
  },
  release: function (this: Far) {
    return turn(this, release);
  },
  stat: function (this: Far) {
    return turn(this, stat);
  },
  reset: function (this: Far) {
    return turn(this, reset);
  },
  wipe: function (this: Far) {
    return turn(this, wipe);
  },
  check: function (this: Far) {
    return turn(this, check);
  },
  each: each,
};

/** A new pool in `options.store`, its content lost. Throws OPTION. Cost: O(handles). */
export function create(options: Options): Far & typeof methods {
  return make(methods, options, build) as Far & typeof methods;
}
