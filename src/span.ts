// Several stores as one, and one as several.

import { fail } from "./error";
import { pieces } from "./piece";
import { Store } from "./store";

function pair(low: Store, high: Store): Store {
  var edge = low.size;
  var both = pieces(
    edge + high.size,
    low.chunk! >= high.chunk! ? high.chunk : low.chunk || high.chunk,
    function (at, n) {
      return at < edge ? Math.min(n, edge - at) : n;
    },
    function (at, n) {
      return at < edge ? low.read(at, n) : high.read(at - edge, n);
    },
    function (at, bytes) {
      at < edge ? low.write(at, bytes) : high.write(at - edge, bytes);
    }
  );
  var cross = both.move;
  both.move = function (to, from, n) {
    if (to >= edge && from >= edge) high.move(to - edge, from - edge, n);
    else if (Math.max(to, from) + n > edge) cross(to, from, n);
    else low.move(to, from, n);
  };
  both.flush = function () {
    if (low.flush) low.flush();
    if (high.flush) high.flush();
  };
  return both;
}

/**
 * One store of all the given ones, their addresses one after another, `chunk` the smallest of theirs. It has no views. Throws OPTION on an
 * empty list and on what is no store. Cost of a call: that of the stores it touches and a comparison for each but the last; what moves from
 * one store to another goes through a copy of one chunk, 256 bytes where no store has one.
 */
export function span(stores: Store[]): Store {
  var all: Store | undefined;
  for (var k = 0; stores && k < stores.length; k++) {
    if (!stores[k] || !(stores[k].size > 0)) fail("OPTION", stores[k], "a store");
    all = all ? pair(all, stores[k]) : stores[k];
  }
  return all || fail("OPTION", stores, "stores");
}

/**
 * `size` bytes of a store from address `from` on as a store without views: several pools on one chip. Throws OPTION when they do not lie
 * inside it. Cost of a call: that of the store and one call.
 */
export function part(store: Store, from: number, size: number): Store {
  if (!store || !(from >= 0 && size > 0 && from + size <= store.size) || from % 1 || size % 1) fail("OPTION", from + " + " + size, "inside");
  return {
    size: size,
    chunk: store.chunk,
    move: function (to, at, n) {
      store.move(from + to, from + at, n);
    },
    read: function (at, n) {
      return store.read(from + at, n);
    },
    write: function (at, data) {
      store.write(from + at, data);
    },
    flush: store.flush,
  };
}
