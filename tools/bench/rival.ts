import type { Rival } from "./device";

// The contenders of the bench on engines, as data.

const HANDLES = "new Uint32Array(LIVE)";
const PER_ROW = 48; // bytes of pool for each live block below which the pool's own rows are too few

/** Options of a pool of `size` bytes for `live` blocks, as text. */
type OptionText = (size: number, live: number) => string;

function tidyheap(name: string, bundle: "core" | "full", options: OptionText): Rival {
  return {
    name,
    bundle,
    header: 0,
    open: (size, live) => `var p=lib.create({size:${size}${options(size, live)}});`,
    holder: HANDLES,
    drop: "p.free(h[i]);",
    make: (bytes) => `p.alloc(${bytes})`,
    tick: "p.tick(256)"
  };
}

function rows(factor: number): OptionText {
  return (_size, live) => `,handles:${Math.ceil(factor * live)}`;
}

// The pool's own number of rows where it is at least 1.5 for each live block, else as many as that.
const usual: OptionText = (size, live) => (size / PER_ROW > live ? "" : rows(1.5)(size, live));

function and(options: OptionText, more: string): OptionText {
  return (size, live) => options(size, live) + more;
}

export const LOOP: Rival = {
  name: "the loop alone",
  bundle: "",
  header: 0,
  open: () => "",
  holder: "new Uint8Array(LIVE)",
  drop: "",
  make: (bytes) => bytes,
  tick: ""
};

/** The engine's own arrays in a heap that has been in use for a while: Espruino searches a list of free variables. */
export const USED: Rival = {
  name: "new Uint8Array(n), heap in use",
  bundle: "",
  header: 0,
  open: () => "",
  holder: "[]",
  drop: "",
  make: (bytes) => `new Uint8Array(${bytes})`,
  tick: ""
};

/** The same in the best case, on Espruino: 64 arrays right after a garbage collection. */
export const FRESH: Rival = { ...USED, name: "new Uint8Array(n), fresh heap", calm: 64 };

const BUMP: Rival = {
  name: "bump and full slide",
  bundle: "bump",
  header: 4,
  open: (size, live) => `var p=lib.create(${size},${live});`,
  holder: HANDLES,
  drop: "p.free(h[i]);",
  make: (bytes) => `p.alloc(${bytes})`,
  tick: ""
};

/** The pool whose single calls are measured. */
export const DEFAULT = tidyheap("tidyheap core, default", "core", usual);

export const RIVALS: Rival[] = [
  LOOP,
  FRESH,
  USED,
  BUMP,
  DEFAULT,
  tidyheap("tidyheap core, rows 1.5x live", "core", rows(1.5)),
  tidyheap("tidyheap core, rows 2x live", "core", rows(2)),
  tidyheap("tidyheap core, fit fast, rows 1.5x", "core", and(rows(1.5), ',fit:"fast"')),
  tidyheap("tidyheap core, fit fast, rows 2x", "core", and(rows(2), ',fit:"fast"')),
  tidyheap("tidyheap core, unit 1, rows 1.5x", "core", and(rows(1.5), ",unit:1")),
  tidyheap("tidyheap full, default", "full", usual)
];

/** A call that is measured alone: `per` calls or moves for each turn of the loop. */
export interface Probe {
  name: string;
  before: string;
  body: string;
  /** Turns of the loop in the longer run; the shorter one has none. */
  turns: number;
  per: number;
  /** Default: core. */
  bundle?: "core" | "full";
}

const POOL = "var p=lib.create({size:8192,handles:256}),h=[];for(k=0;k<50;k++)h[k]=p.alloc(32);var q=h[20];";
const IDLE = `${POOL}while(p.tick(256));`;
const FULL = `${POOL}for(k=50;k<250;k++)h[k]=0;`;
const SPREAD = "var p=lib.create({size:8192,handles:256}),h=[];for(k=0;k<101;k++)h[k]=p.alloc(32);";
const EVERY_SECOND = `${SPREAD}for(k=0;k<101;k+=2)p.free(h[k]);`;
const ROWS_AND_HOLES = "var p=lib.create({size:6528,handles:128}),h=[];for(k=0;k<101;k++)h[k]=p.alloc(k&1?96:32);for(k=1;k<101;k+=2)p.free(h[k]);";
const FIRST_ONE = `${SPREAD}p.free(h[0]);`;

/** The first row is the loop: it is taken off all others. */
export const PROBES: Probe[] = [
  { name: "one turn of an empty loop (taken off below)", before: POOL, body: "", turns: 400, per: 1 },
  { name: "u.subarray(64, 96)", before: POOL, body: "u.subarray(64,96)", turns: 400, per: 1 },
  { name: "new Uint8Array(32)", before: POOL, body: "new Uint8Array(32)", turns: 400, per: 1 },
  { name: "new Uint8Array(64)", before: POOL, body: "new Uint8Array(64)", turns: 400, per: 1 },
  { name: "u.set(16 bytes)", before: POOL, body: "u.set(w,64)", turns: 400, per: 1 },
  { name: "at(h)", before: POOL, body: "p.at(q)", turns: 400, per: 1 },
  { name: "view(h)", before: POOL, body: "p.view(q)", turns: 400, per: 1 },
  { name: "has(h)", before: POOL, body: "p.has(q)", turns: 400, per: 1 },
  { name: "size(h)", before: POOL, body: "p.size(q)", turns: 400, per: 1 },
  { name: "read(h, 0, 16)", before: POOL, body: "p.read(q,0,16)", turns: 400, per: 1 },
  { name: "write(h, 0, 16 bytes)", before: POOL, body: "p.write(q,0,w)", turns: 400, per: 1 },
  { name: "lock(h) and unlock(h)", before: POOL, body: "p.lock(q);p.unlock(q)", turns: 400, per: 1 },
  { name: "resize(h) in place", before: POOL, body: "p.resize(q,31);p.resize(q,32)", turns: 200, per: 2 },
  { name: "tick(256), idle", before: IDLE, body: "p.tick(256)", turns: 400, per: 1 },
  { name: "alloc(32) from the hole in hand", before: FULL, body: "p.alloc(32)", turns: 200, per: 1 },
  { name: "alloc(32) and free of it", before: POOL, body: "p.free(p.alloc(32))", turns: 200, per: 1 },
  { name: "pack(): a block of 32 B moved alone (of 50)", before: EVERY_SECOND, body: "p.pack()", turns: 1, per: 50 },
  { name: "pack(): a block of 32 B moved in a run (of 100)", before: FIRST_ONE, body: "p.pack()", turns: 1, per: 100 },
  { name: "wipe(): a row (of 50) and 96 free bytes of it", before: ROWS_AND_HOLES, body: "p.wipe()", turns: 1, per: 50, bundle: "full" }
];
