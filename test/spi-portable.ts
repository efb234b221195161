// Cases of the chip driver, spans, the page cache and external pools that run in any ES5 engine, on chip models of few bytes.

import { fram as modelFram } from "../boards/emulator/fram";
import type { Model } from "../boards/emulator/frame";
import { psram as modelPsram } from "../boards/emulator/psram";
import { sram as modelSram } from "../boards/emulator/sram";
import { wire } from "../boards/emulator/wire";
import type { create as Create } from "../src/far";
import type { cache as Cache } from "../src/page";
import type { connect as Connect, part as Part, span as Span } from "../src/spi";
import type { Store } from "../src/store";
import { same } from "./verdict";

/** What a case runs on: the exports of the bundles. */
export interface Library {
  spi: { connect: typeof Connect; part: typeof Part; span: typeof Span };
  page: { cache: typeof Cache };
  far: { create: typeof Create };
}

export interface Case {
  name: string;
  /** It needs lib.far, which may come only then: on Espruino it takes a quarter of the heap. */
  far?: boolean;
  run: (lib: Library) => void;
}

const CS = "cs";
const HZ = 10e6;
// commands and IDs are those of the parts, the bytes are fewer
const SRAM = { bytes: 1024, width: 2, kind: "s", baud: 20e6 };
const FRAM = { bytes: 512, width: 2, kind: "f", baud: 20e6, id: "047f0302" };
const PSRAM = { bytes: 1024, width: 3, kind: "p", baud: 84e6 };

/** The store of a chip alone on its bus. Frames are short: on Espruino the model of a bus takes a variable for every byte of one. */
function plug(lib: Library, model: Model, row: any, chunk?: number): Store {
  return lib.spi.connect(wire([[CS, model]], HZ), { cs: CS, chip: row, baud: HZ, chunk: chunk || 48 });
}

function sram(lib: Library, chunk?: number): Store {
  return plug(lib, modelSram("23K640", undefined, { size: 1024 }), SRAM, chunk);
}

function fram(lib: Library): Store {
  return plug(lib, modelFram("MB85RS64V", undefined, { size: 512 }), FRAM);
}

/** What is written during the probe, 9 bytes and a header, takes longer than 8 us at this clock. */
function psram(lib: Library): Store {
  return plug(lib, modelPsram("APS6404L", undefined, { size: 1024, lowMicros: 12 }), PSRAM, 7);
}

/** Blocks in a pool that is nearly full against plain arrays, with ticks and numbers. */
function keep(lib: Library, store: Store, turns: number): void {
  const pool = lib.far.create({ store: store, handles: 12 });
  const live: { h: number; data: Uint8Array }[] = [];
  let state = 5;
  let tight = 0;
  function next(n: number): number {
    state = (state * 75 + 74) % 65537;
    return state % n;
  }
  function drop(i: number): void {
    compare(live[i].h, live[i].data);
    pool.free(live[i].h);
    live.splice(i, 1);
  }
  function compare(h: number, data: Uint8Array): void {
    const got = pool.load(h);
    same(got.length, data.length, "bytes of a block");
    for (let i = 0; i < data.length; i++) same(got[i], data[i], "byte " + i);
  }
  for (let turn = 0; turn < turns; turn++) {
    const n = 30 + next(90);
    const data = new Uint8Array(n);
    for (let i = 0; i < n; i++) data[i] = next(256);
    let h;
    while (!(h = pool.alloc(n))) {
      tight++;
      drop(next(live.length));
    }
    pool.write(h, 0, data);
    live.push({ h: h, data: data });
    const value = next(65536);
    pool.set16(h, 3, value);
    data[3] = value & 255;
    data[4] = value >> 8;
    same(pool.get16(h, 3), value, "number");
    same(pool.tick(40) <= 40, true, "a tick within its budget");
    same(pool.check(), "", "check");
  }
  while (live.length) drop(0);
  same(tight > 3, true, "allocs that found no room");
  same(pool.stat().moved > 100, true, "bytes moved " + pool.stat().moved);
}

/** Writes and overlapping moves in a store against a plain array. */
function follow(store: Store, turns: number): void {
  const size = store.size;
  const model = new Uint8Array(size);
  let state = 11;
  function next(n: number): number {
    state = (state * 75 + 74) % 65537;
    return state % n;
  }
  function check(at: number, n: number): void {
    const got = store.read(at, n);
    same(got.length, n, "bytes read");
    for (let i = 0; i < n; i++) same(got[i], model[at + i], "byte " + (at + i));
  }
  store.write(0, model);
  for (let turn = 0; turn < turns; turn++) {
    const n = 1 + next(50);
    const from = next(size - n + 1);
    const to = Math.max(0, Math.min(size - n, from + next(60) - 30));
    if (turn & 1) {
      const data = [];
      for (let i = 0; i < n; i++) data.push(next(256));
      store.write(to, turn & 2 ? data : new Uint8Array(data));
      for (let k = 0; k < n; k++) model[to + k] = data[k];
    } else {
      store.move(to, from, n);
      const copy = [];
      for (let m = 0; m < n; m++) copy.push(model[from + m]);
      for (let w = 0; w < n; w++) model[to + w] = copy[w];
    }
    check(to, n);
  }
  same(store.read(size, 0).length, 0, "bytes of nothing");
  store.write(size, []);
  store.move(0, 1, 0);
  check(0, size);
}

/** Runs fn and compares the code of the error it throws. */
function throws(fn: () => void, code: string): void {
  let got = "nothing";
  try {
    fn();
  } catch (error) {
    got = (error as any).code || String(error);
  }
  same(got, code, "code");
}

export const CASES: Case[] = [
  {
    name: "an SRAM keeps what is written and moved",
    run: function (lib) {
      follow(sram(lib, 16), 14);
    }
  },
  {
    name: "an FRAM keeps what is written and moved",
    run: function (lib) {
      const store = fram(lib);
      same((store as any).id, "047f0302", "id");
      follow(store, 14);
    }
  },
  {
    name: "a span of parts and chips keeps what is written and moved",
    run: function (lib) {
      const chip = sram(lib, 32);
      follow(lib.spi.span([lib.spi.part(chip, 100, 60), fram(lib), lib.spi.part(chip, 500, 7)]), 14);
    }
  },
  {
    name: "a cache keeps what is written and moved",
    run: function (lib) {
      follow(lib.page.cache(sram(lib, 64), { page: 32, pages: 3 }), 14);
    }
  },
  {
    name: "a cache reads and writes numbers where they are",
    run: function (lib) {
      const chip = sram(lib, 64);
      const store = lib.page.cache(chip, { page: 16, pages: 2 });
      for (let at = 0; at < 300; at += 5) store.set32(at, 4000000000 + at);
      for (let k = 0; k < 300; k += 5) same(store.get32(k), 4000000000 + k, "number at " + k);
      store.set16(15, 65000);
      store.set8(17, 200);
      same(store.get16(15), 65000, "number across pages");
      same(store.get8(17), 200, "byte");
      store.flush();
      const bytes = chip.read(15, 3);
      same([bytes[0], bytes[1], bytes[2]].join(), "232,253,200", "bytes in the chip");
      same(store.stat().hits > 200, true, "hits over 200");
    }
  },
  {
    name: "a PSRAM keeps what is written and moved",
    run: function (lib) {
      follow(psram(lib), 14);
    }
  },
  {
    name: "a part number, a missing chip and another chip are told apart",
    run: function (lib) {
      const one = modelSram("23K640", undefined, { size: 1024 });
      throws(function () {
        plug(lib, one, "23LC1");
      }, "OPTION");
      throws(function () {
        plug(lib, one, "23K640");
      }, "WRONG_CHIP");
      one.gone = true;
      throws(function () {
        plug(lib, one, "23K640");
      }, "NO_CHIP");
      throws(function () {
        plug(lib, modelFram("MB85RS64V", undefined, { size: 512 }), "MB85RS64T");
      }, "WRONG_CHIP");
    }
  },
  {
    name: "a pool over an SRAM keeps its blocks",
    far: true,
    run: function (lib) {
      keep(lib, sram(lib), 25);
    }
  },
  {
    name: "a pool over an FRAM keeps its blocks",
    far: true,
    run: function (lib) {
      keep(lib, fram(lib), 25);
    }
  },
  {
    name: "a pool over a PSRAM keeps its blocks",
    far: true,
    run: function (lib) {
      keep(lib, psram(lib), 20);
    }
  },
  {
    name: "a pool over a span of two chips keeps its blocks",
    far: true,
    run: function (lib) {
      keep(lib, lib.spi.span([lib.spi.part(sram(lib), 600, 424), fram(lib)]), 20);
    }
  },
  {
    name: "a pool over a cache keeps its blocks",
    far: true,
    run: function (lib) {
      keep(lib, lib.page.cache(sram(lib), { page: 64, pages: 3 }), 20);
    }
  }
];
