import type { create } from "../src/core";
import type { Store } from "../src/store";

/** What a case runs on: the exports of any bundle. `far`: its pools are external. */
export interface Library {
  create: typeof create;
  far?: boolean;
}

/** A test that runs on every engine: ES5 without a test framework. `run` throws when it fails. */
export interface Case {
  name: string;
  run: (lib: Library) => void;
}

function same(got: unknown, wanted: unknown, what: string): void {
  if (got !== wanted) throw new Error(what + " is " + got + ", expected " + wanted);
}

/** Runs fn and compares the code of the error it throws. */
function throws(fn: () => void, code: string, what: string): void {
  let got = "nothing";
  try {
    fn();
  } catch (error) {
    got = (error as any).code || String(error);
  }
  same(got, code, what + ": code");
}

function pattern(seed: number, n: number): number[] {
  const list: number[] = [];
  for (let i = 0; i < n; i++) list.push((seed * 31 + i * 7) & 255);
  return list;
}

function holds(pool: any, h: number, seed: number, n: number): void {
  const bytes = pool.read(h, 0, n);
  const wanted = pattern(seed, n);
  same(bytes.length, n, "bytes read");
  for (let i = 0; i < n; i++) same(bytes[i], wanted[i], "byte " + i + " of block " + seed);
}

/** Fills a pool of 1024 bytes with 16 blocks of 40 bytes and frees every second one. Returns the handles kept. */
function comb(pool: any): number[] {
  const all: number[] = [];
  const kept: number[] = [];
  for (let i = 0; i < 16; i++) {
    all.push(pool.alloc(40));
    pool.write(all[i], 0, pattern(i, 40));
  }
  for (let k = 0; k < 16; k++) {
    if (k & 1) kept.push(all[k]);
    else pool.free(all[k]);
  }
  return kept;
}

export const CASES: Case[] = [
  {
    name: "reads back what was written",
    run: function (lib) {
      const pool = lib.create({ size: 1024, handles: 8 });
      const h = pool.alloc(33);
      if (!(h > 0)) throw new Error("alloc gave " + h);
      same(pool.size(h), 33, "size");
      pool.write(h, 0, pattern(1, 33));
      holds(pool, h, 1, 33);
      if (!lib.far) same(pool.bytes![pool.at(h) + 2], pattern(1, 33)[2], "byte through at");
    }
  },
  {
    name: "takes typed arrays and strings",
    run: function (lib) {
      const pool = lib.create({ size: 1024, handles: 8 });
      const h = pool.alloc(8);
      pool.write(h, 0, new Uint8Array([9, 8, 7]));
      pool.write(h, 3, "AB");
      const back = pool.read(h, 0, 5);
      same([back[0], back[1], back[2], back[3], back[4]].join(), "9,8,7,65,66", "bytes");
    }
  },
  {
    name: "refuses a stale handle",
    run: function (lib) {
      const pool = lib.create({ size: 1024, handles: 8 });
      const h = pool.alloc(10);
      pool.free(h);
      same(pool.has(h), false, "has");
      throws(function () { pool.read(h, 0, 1); }, "HANDLE", "read of a freed block");
      throws(function () { pool.free(h); }, "HANDLE", "second free");
      for (let i = 0; i < 40; i++) {
        const next = pool.alloc(10);
        if (next === h) throw new Error("handle " + h + " was given out twice");
        pool.free(next);
      }
      throws(function () { pool.size(h); }, "HANDLE", "size of a freed block");
    }
  },
  {
    name: "grows and shrinks a block and keeps its bytes",
    run: function (lib) {
      const pool = lib.create({ size: 1024, handles: 8 });
      const h = pool.alloc(20);
      const behind = pool.alloc(20);
      pool.write(h, 0, pattern(2, 20));
      pool.write(behind, 0, pattern(3, 20));
      same(pool.resize(h, 60), true, "grow");
      same(pool.size(h), 60, "size");
      holds(pool, h, 2, 20);
      holds(pool, behind, 3, 20);
      same(pool.resize(h, 5), true, "shrink");
      holds(pool, h, 2, 5);
    }
  },
  {
    name: "takes the bytes of strings, and refuses what is no byte",
    run: function (lib) {
      const pool = lib.create({ size: 1024, handles: 8 });
      const h = pool.alloc(8);
      pool.write(h, 1, "tidy\xff\x00");
      const back = pool.read(h, 1, 6);
      same([back[0], back[1], back[2], back[3], back[4], back[5]].join(), "116,105,100,121,255,0", "bytes");
      throws(function () { pool.write(h, 0, "a\u20ac"); }, "ARGUMENT", "a character above 255");
      throws(function () { pool.write(h, 0, "\u00e9\u20ac"); }, "ARGUMENT", "one behind one below");
      pool.write(h, 0, "");
      same(pool.read(h, 1, 1)[0], 116, "a byte after a refusal");
    }
  },
  {
    name: "makes room for a request no hole fits",
    run: function (lib) {
      const pool = lib.create({ size: 1024, handles: 32 });
      const kept = comb(pool);
      const h = pool.alloc(600);
      if (!h) throw new Error("refused: " + pool.why);
      pool.fill(h, 255, 0, 600);
      for (let i = 0; i < kept.length; i++) holds(pool, kept[i], 2 * i + 1, 40);
    }
  },
  {
    name: "moves no more than the budget in a tick and keeps all bytes",
    run: function (lib) {
      const pool = lib.create({ size: 1024, handles: 32 });
      const kept = comb(pool);
      let moved = 1;
      for (let turn = 0; turn < 200; turn++) {
        moved = pool.tick(24);
        if (moved > 24) throw new Error("tick(24) moved " + moved);
        for (let i = turn & 3; i < kept.length; i += 4) holds(pool, kept[i], 2 * i + 1, 40);
        if (!moved) break;
      }
      same(moved, 0, "the last tick");
    }
  },
  {
    name: "packs into one hole",
    run: function (lib) {
      const pool = lib.create({ size: 1024, handles: 32 });
      const kept = comb(pool);
      pool.pack();
      const stat = pool.stat();
      same(stat.live, 8, "live");
      same(stat.largest, stat.free, "largest hole");
      for (let i = 0; i < kept.length; i++) holds(pool, kept[i], 2 * i + 1, 40);
    }
  },
  {
    name: "leaves a locked block where it is",
    run: function (lib) {
      const pool = lib.create({ size: 1024, handles: 32 });
      const kept = comb(pool);
      const at = pool.at(kept[3]);
      pool.lock(kept[3]);
      pool.pack();
      same(pool.at(kept[3]), at, "offset");
      throws(function () { pool.free(kept[3]); }, "LOCK", "free of a locked block");
      pool.unlock(kept[3]);
      throws(function () { pool.unlock(kept[3]); }, "LOCK", "second unlock");
      pool.free(kept[3]);
    }
  },
  {
    name: "says why it refuses",
    run: function (lib) {
      const pool = lib.create({ size: 256, handles: 4 });
      same(pool.alloc(5000), 0, "alloc of more than the pool");
      same(pool.why, "SIZE", "why");
      same(pool.alloc(200) > 0, true, "first");
      same(pool.alloc(100), 0, "second");
      same(pool.why, "FULL", "why");
      throws(function () { pool.alloc(NaN); }, "ARGUMENT", "alloc(NaN)");
      throws(function () { pool.alloc(-1); }, "ARGUMENT", "alloc(-1)");
      throws(function () { pool.alloc(1.5); }, "ARGUMENT", "alloc(1.5)");
    }
  },
  {
    name: "refuses offsets outside the block",
    run: function (lib) {
      const pool = lib.create({ size: 256, handles: 8 });
      const h = pool.alloc(8);
      const next = pool.alloc(8);
      pool.fill(next, 1, 0, 8);
      throws(function () { pool.write(h, 6, [2, 2, 2]); }, "RANGE", "write past the end");
      throws(function () { pool.read(h, 0, 9); }, "RANGE", "read past the end");
      same(pool.read(next, 0, 1)[0], 1, "the block behind");
    }
  },
  {
    name: "survives 300 random operations",
    run: function (lib) {
      const pool = lib.create({ size: 1024, handles: 24 });
      const live: { h: number; n: number; seed: number }[] = [];
      let state = 7;
      for (let turn = 0; turn < 300; turn++) {
        state = (state * 75 + 74) % 65537;
        const pick = live.length ? state % live.length : 0;
        if (live.length > 14 || (state & 3) === 0) {
          if (!live.length) continue;
          holds(pool, live[pick].h, live[pick].seed, live[pick].n);
          pool.free(live[pick].h);
          live.splice(pick, 1);
        } else {
          const n = 1 + (state >> 4) % 90;
          const h = pool.alloc(n);
          if (h) {
            pool.write(h, 0, pattern(turn, n));
            live.push({ h: h, n: n, seed: turn });
          }
        }
        pool.tick(16);
      }
      for (let i = 0; i < live.length; i++) holds(pool, live[i].h, live[i].seed, live[i].n);
      same(pool.stat().live, live.length, "live");
    }
  }
];

/** A store that only the pool can look into: an array behind two functions, moved in chunks of 16 bytes. */
function shelf(size: number): Store {
  const bytes = new Uint8Array(size);
  function read(at: number, n: number): Uint8Array {
    const copy = new Uint8Array(n);
    for (let i = 0; i < n; i++) copy[i] = bytes[at + i];
    return copy;
  }
  function write(at: number, data: ArrayLike<number>): void {
    for (let i = 0; i < data.length; i++) bytes[at + i] = data[i];
  }
  return { size: size, chunk: 16, read: read, write: write, move: function (to, from, n) { write(to, read(from, n)); } };
}

/** An Error with a code. */
function broken(code: string): Error {
  const made: any = new Error(code);
  made.code = code;
  return made;
}

/** The exports of an external bundle, whose pools get a store where the case has none. */
export function external(lib: Library): Library {
  return {
    far: true,
    create: function (options: any) {
      if (!options.store) options.store = shelf(options.size);
      return lib.create(options);
    } as Library["create"]
  };
}

/** What external pools have of their own; the other cases run on them too. */
export const EXTERNAL: Case[] = [
  {
    name: "gives copies of external blocks, and no views",
    run: function (lib) {
      const pool: any = lib.create({ size: 256, handles: 8 });
      const h = pool.alloc(12);
      pool.write(h, 0, pattern(5, 12));
      throws(function () { pool.view(h); }, "VIEW", "view");
      const copy = pool.load(h);
      same(copy.length, 12, "bytes loaded");
      copy[3] = 99;
      same(pool.read(h, 3, 1)[0], pattern(5, 12)[3], "byte 3 before store");
      pool.store(h, copy);
      same(pool.read(h, 3, 1)[0], 99, "byte 3 after store");
    }
  },
  {
    name: "passes on what the program throws in use() and what the store throws, and goes on",
    run: function (lib) {
      const shelves: any = shelf(256);
      const read = shelves.read;
      const pool: any = lib.create({ size: 256, handles: 8, store: shelves });
      const h = pool.alloc(12);
      throws(function () { pool.use(h, function () { throw broken("OWN"); }); }, "OWN", "use");
      throws(function () { pool.unlock(h); }, "LOCK", "unlock after use");
      shelves.read = function () {
        // Espruino forgets errors in some places where a try stands in another
        try { throw broken("BUS"); } catch (again) { throw again; }
      };
      throws(function () { pool.use(h, function () { pool.load(h); }); }, "BUS", "load in use");
      shelves.read = read;
      same(pool.use(h, function () { return pool.load(h).length; }), 12, "bytes loaded in use");
      pool.free(h);
    }
  },
  {
    name: "reads and writes an external block while it moves",
    run: function (lib) {
      // holes smaller than the blocks make them slide, larger ones make them go elsewhere
      for (let hole = 24; hole <= 48; hole += 24) {
        const pool = lib.create({ size: 512, handles: 16, unit: 4 });
        const gone: number[] = [];
        const kept: number[] = [];
        for (let i = 0; pool.stat().free >= 40 + hole; i++) {
          kept.push(pool.alloc(40));
          gone.push(pool.alloc(hole));
        }
        if (pool.stat().free) pool.alloc(pool.stat().free);
        for (let k = 0; k < gone.length; k++) pool.free(gone[k]);
        let steps = 0;
        while (pool.tick(7)) {
          steps++;
          for (let j = 0; j < kept.length; j++) pool.write(kept[j], steps % 30, pattern(steps + j, 10));
          for (let j = 0; j < kept.length; j++) {
            const back = pool.read(kept[j], steps % 30, 10);
            for (let b = 0; b < 10; b++) same(back[b], pattern(steps + j, 10)[b], "byte " + b + " of block " + j);
          }
        }
        if (steps < 6) throw new Error(steps + " steps with holes of " + hole);
      }
    }
  },
  {
    name: "grows an external block up through the one above",
    run: function (lib) {
      const pool = lib.create({ size: 256, handles: 8 });
      const low = pool.alloc(40);
      const high = pool.alloc(160);
      pool.write(low, 0, pattern(1, 40));
      pool.write(high, 0, pattern(2, 160));
      pool.lock(low);
      same(pool.resize(low, 80), true, "resize");
      same(pool.at(low), 0, "address");
      holds(pool, low, 1, 40);
      holds(pool, high, 2, 160);
    }
  }
];
