// Cases of the persistent pool that run in any ES5 engine. The memory is one array, which outlives the pool objects; power goes while it is written.

import { same, thrown } from "./verdict";

export interface Library {
  format: (options: any) => any;
  mount: (store: any) => any;
  repair: (store: any) => any;
}

export interface Case {
  name: string;
  run: (lib: Library) => void;
}

/** Memory without power after `left` more bytes written. */
function memory(size: number): any {
  const bytes = new Uint8Array(size);
  const store = {
    size: size,
    bytes: bytes,
    left: 1e9,
    read: function (at: number, n: number) {
      const copy = new Uint8Array(n);
      for (let i = 0; i < n; i++) copy[i] = bytes[at + i];
      return copy;
    },
    write: function (at: number, data: ArrayLike<number>) {
      for (let i = 0; i < data.length; i++) {
        if (store.left-- <= 0) throw new Error("power is gone");
        bytes[at + i] = data[i];
      }
    },
    move: function (to: number, from: number, n: number) {
      store.write(to, store.read(from, n));
    }
  };
  // a pool asks for views where it finds bytes, on a chip there are none
  return { size: size, read: store.read, write: store.write, move: store.move, cells: store };
}

/** All that is in a pool, as text. */
function content(pool: any): string {
  const all: string[] = [];
  pool.each(function (h: number) {
    const data = pool.load(h);
    let text = h + ":";
    for (let i = 0; i < data.length; i++) text += data[i] + ",";
    all.push(text);
  });
  return pool.check() + all.join(";");
}

/** Whole numbers below `n`, the same on every engine. */
function numbers(seed: number): (n: number) => number {
  let state = seed;
  return function (n) {
    state = (state * 75 + 74) % 65537;
    return state % n;
  };
}

/** One step of a program; `live` are the handles there are. */
function turn(pool: any, live: number[], next: (n: number) => number): void {
  const kind = next(8);
  const at = live.length ? next(live.length) : 0;
  const n = 1 + next(60);
  if (kind < 3 || !live.length) {
    const h = pool.alloc(n);
    if (h) {
      live.push(h);
      pool.fill(h, n, 0, n);
    }
  } else if (kind === 3) pool.free(live.splice(at, 1)[0]);
  else if (kind === 4) pool.resize(live[at], n);
  else if (kind === 5) pool.write(live[at], 0, [n, n + 1, n + 2].slice(0, pool.size(live[at])));
  else if (kind === 6) pool.tick(40);
  else pool.pack();
}

/** Works on a pool and compares it with a second one that is mounted on the same memory; none may be lost in a cut. */
export function follow(lib: Library, seed: number, turns: number): void {
  const next = numbers(seed);
  const store = memory(900);
  let pool = lib.format({ store: store, handles: 1 + next(8), journal: 64 });
  let live: number[] = [];
  for (let i = 0; i < turns; i++) {
    turn(pool, live, next);
    const before = content(pool);
    const kept = live.slice(0);
    if (i % 3 === 2) store.cells.left = next(120);
    const error = thrown(function () {
      turn(pool, live, next);
    });
    store.cells.left = 1e9;
    if (!error) same(content(lib.mount(store)), content(pool), "seed " + seed + ", turn " + i + ", mounted");
    else {
      pool = lib.mount(store);
      const after = content(pool);
      same(pool.check(), "", "check");
      live = [];
      pool.each(function (h: number) {
        live.push(h);
      });
      if (live.length < kept.length - 1 || live.length > kept.length + 1) throw new Error("seed " + seed + ", turn " + i + ": " + before + " became " + after);
    }
  }
}

function mounts(lib: Library): void {
  const store = memory(600);
  const one = lib.format({ store: store, handles: 4, journal: 64 });
  const a = one.alloc(30);
  const b = one.alloc(100);
  one.write(b, 0, "persistent");
  one.free(a);
  one.pack();
  const two = lib.mount(store);
  same(two.has(a), false, "a stale handle");
  same(two.size(b), 100, "size");
  same(two.read(b, 2, 1)[0], 114, "byte");
  same(content(two), content(one), "second pool");
  same(two.stat().free, one.stat().free, "free bytes");
}

function refuses(lib: Library): void {
  const store = memory(600);
  same(thrown(function () {
    lib.mount(store);
  }).slice(0, 5), "IMAGE", "error over nothing");
  const pool = lib.format({ store: store, handles: 4, journal: 64 });
  const h = pool.alloc(20);
  store.cells.left = 5;
  same(thrown(function () {
    pool.fill(h, 1, 0, 20);
  }), "power is gone", "error of a cut");
  store.cells.left = 1e9;
  same(thrown(function () {
    pool.fill(h, 1, 0, 20);
  }).slice(0, 4), "TORN", "error behind it");
  same(lib.mount(store).has(h), true, "block behind a mount");
}

function mends(lib: Library): void {
  const store = memory(600);
  const pool = lib.format({ store: store, handles: 4, journal: 64 });
  const h = pool.alloc(20);
  pool.fill(h, 5, 0, 20);
  store.cells.bytes[3] = 0;
  same(thrown(function () {
    lib.mount(store);
  }).slice(0, 7), "DAMAGED", "error of a damaged root");
  const found = lib.repair(store);
  same(found.live + "," + found.lost, "1,0", "blocks and bytes");
  same(content(lib.mount(store)), content(pool), "pool that was mended");
}

export const CASES: Case[] = [
  { name: "a second pool object finds blocks, bytes and handles", run: mounts },
  { name: "nothing, a cut and a torn pool are told apart", run: refuses },
  { name: "a damaged root is mended", run: mends },
  {
    name: "programs are cut off and go on, 5 seeds",
    run: function (lib) {
      for (let seed = 1; seed < 6; seed++) follow(lib, seed, 25);
    }
  }
];
