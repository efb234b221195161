// A page cache over a store: its pages in internal RAM, written back when they have to go, for data that a program reads and writes in small pieces.
//
//   bytes  [ page ][ page ][ page ][ page ]     slots, in this order for ever
//   list   [ slot ][ slot ][ slot ][ slot ]     the one used last at the end, the one that goes next at the start
//
// A slot holds page _base with the bytes from _low to _high still to be written, addresses of the store.

import { fail } from "./error";
import { Store } from "./store";

export interface PageOptions {
  /** Bytes of a page, a power of two from 2 on. Default 256. */
  page?: number;
  /** Pages kept. Default 4. */
  pages?: number;
}

/** What a cache has done since it was made. */
export interface PageStat {
  /** Pages asked for that were there, and that were not: one for each page of a short range, one to four for a number. */
  hits: number;
  misses: number;
  /** Calls of the store below. */
  writes: number;
  reads: number;
}

/** A store whose numbers can be read and written where they are; what is written reaches the store below by flush() alone for certain. */
export interface Cache extends Store {
  flush(): void;
  get8(at: number): number;
  get16(at: number): number;
  get32(at: number): number;
  set8(at: number, value: number): void;
  set16(at: number, value: number): void;
  set32(at: number, value: number): void;
  stat(): PageStat;
}

interface Slot {
  _base: number;
  /** Its first byte in the array. */
  _at: number;
  _low: number;
  _high: number;
}

/** The base of no page: no address is near it. */
var NONE = 1 << 31;

/**
 * A cache of pages over a store, in one array of page * pages bytes. The page that was used longest ago goes; only what was written in it
 * goes back, in one write from the first such byte to the last. flush() writes all pages back: until then the chip does not have what was
 * written. read() and write() of more than a page go past the cache, and so does move(): they write back the pages they read, write back
 * and drop those they write. get8, get16, get32 give numbers without a sign, little endian, set8 to set32 write
 * them, also where they cross pages; on the page used last they cost a few statements, on another kept one a search, else one read of a
 * page and maybe a write. Throws OPTION, and RANGE on a page outside the store.
 */
export function cache(store: Store, options?: PageOptions): Cache {
  var o = options || {};
  var page = o.page === undefined ? 256 : o.page;
  var pages = o.pages === undefined ? 4 : o.pages;
  if (!store || !(page > 1) || (page & -page) !== page || !(pages > 0) || pages % 1) fail("OPTION", page + " and " + pages, "a store, 2^n bytes and pages");
  var bytes = new Uint8Array(page * pages);
  var even = -page;
  var inner = page - 1;
  var list: Slot[] = [];
  for (var k = 0; k < pages; k++) list[k] = { _base: NONE, _at: k * page, _low: NONE, _high: 0 };
  // the page used last: its slot, its base, and what takes an address to its place in the array
  var slot = list[0];
  var base = NONE;
  var shift = 0;
  var uses = 0;
  var misses = 0;
  var writes = 0;
  var reads = 0;

  function clean(one: Slot): void {
    if (one._high) {
      var from = one._at - one._base;
      // the last page may reach beyond the store
      store.write(one._low, bytes.subarray(from + one._low, from + Math.min(one._high, store.size)));
      writes++;
      one._high = 0;
    }
  }
  /** Makes the page of an address the one used last; without its bytes where `blank`, because all will be written. */
  function seek(at: number, blank?: boolean): void {
    var want = at & even;
    if (!(at >= 0 && at < store.size)) fail("RANGE", at, "below " + store.size);
    var i = list.length - 1;
    while (i && list[i]._base !== want) i--;
    // a call that is cut off leaves no page in hand rather than a wrong one
    base = NONE;
    slot = list[i];
    list.push(list.splice(i, 1)[0]);
    if (slot._base !== want) {
      misses++;
      clean(slot);
      slot._base = NONE;
      if (!blank) {
        reads++;
        bytes.set(store.read(want, Math.min(page, store.size - want)), slot._at);
      }
      slot._base = want;
    }
    shift = slot._at - want;
    base = want;
  }
  function drop(one: Slot): void {
    // bytes beside the range stay
    clean(one);
    one._base = base = NONE;
  }
  /** Says that bytes of the page in hand will have to be written. */
  function soil(from: number, to: number): void {
    if (!slot._high || from < slot._low) slot._low = from;
    if (to > slot._high) slot._high = to;
  }
  function get8(at: number): number {
    return uses++, (at & even) === base || seek(at), bytes[at + shift];
  }
  function set8(at: number, value: number): void {
    uses++, (at & even) === base || seek(at), (bytes[at + shift] = value), (slot._high > at && slot._low <= at) || soil(at, at + 1);
  }
  function get16(at: number): number {
    // the last byte of a page and a page that is not in hand: two steps
    return (at - base) >>> 0 < inner ? (uses++, bytes[at + shift] | (bytes[at + shift + 1] << 8)) : get8(at) | (get8(at + 1) << 8);
  }
  function set16(at: number, value: number): void {
    if ((at - base) >>> 0 < inner) {
      uses++;
      bytes[at + shift] = value;
      bytes[at + shift + 1] = value >> 8;
      (slot._high > at + 1 && slot._low <= at) || soil(at, at + 2);
    } else {
      set8(at, value);
      set8(at + 1, value >> 8);
    }
  }
  /** Calls `each` with the pages that hold bytes of a range. */
  function over(at: number, n: number, each: (one: Slot) => void): void {
    for (var i = 0; i < pages; i++) if (list[i]._base < at + n && list[i]._base + page > at) each(list[i]);
  }
  /** Bytes of a short range, one page at a time: into `all`, or from `data`. */
  function walk(at: number, n: number, all?: Uint8Array, data?: Uint8Array): void {
    for (var done = 0; done < n; done += by) {
      var from = at + done;
      var by = Math.min(n - done, page - (from & inner));
      uses++;
      if ((from & even) !== base) seek(from, !!data && by === page);
      if (all) all.set(bytes.subarray(from + shift, from + shift + by), done);
      else {
        bytes.set(data!.subarray(done, done + by), from + shift);
        soil(from, from + by);
      }
    }
  }
  return {
    size: store.size,
    chunk: store.chunk,
    get8: get8,
    set8: set8,
    get16: get16,
    set16: set16,
    get32: function (at) {
      return get16(at) + get16(at + 2) * 65536;
    },
    set32: function (at, value) {
      set16(at, value);
      set16(at + 2, value >> 16);
    },
    read: function (at, n) {
      if (n > page) {
        over(at, n, clean);
        reads++;
        return store.read(at, n);
      }
      var all = new Uint8Array(n);
      walk(at, n, all);
      return all;
    },
    write: function (at, data) {
      var n = data.length;
      if (n > page) {
        over(at, n, drop);
        writes++;
        store.write(at, data);
      } else walk(at, n, undefined, (data as Uint8Array).buffer ? (data as Uint8Array) : new Uint8Array(data));
    },
    move: function (to, from, n) {
      over(from, n, clean);
      over(to, n, drop);
      store.move(to, from, n);
    },
    flush: function () {
      for (var i = 0; i < pages; i++) clean(list[i]);
      if (store.flush) store.flush();
    },
    stat: function () {
      return { hits: uses - misses, misses: misses, writes: writes, reads: reads };
    },
  };
}
