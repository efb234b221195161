// The pool with everything.

import { check, each, map } from "./check";
import { methods as core } from "./core";
import { make, Options } from "./pool";

var methods = core as typeof core & { check: typeof check; map: typeof map; each: typeof each };
methods.check = check;
methods.map = map;
methods.each = each;

/** A new pool of `options` bytes, or as `options` says. Throws OPTION, MEMORY. */
export function create(options: number | Options) {
  return make(methods, options);
}
