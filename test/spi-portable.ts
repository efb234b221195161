// Cases of the chip driver, spans and the page cache that run in any ES5 engine, on chips of few bytes.

import type { cache as Cache } from "../src/page";
import type { connect as Connect, part as Part, span as Span } from "../src/spi";
import type { Store } from "../src/store";

/** What a case runs on: the exports of the bundles. */
export interface Library {
  spi: { connect: typeof Connect; part: typeof Part; span: typeof Span };
  page: { cache: typeof Cache };
}

export interface Case {
  name: string;
  run: (lib: Library) => void;
}

const CS = 5;
const SRAM = { bytes: 1024, width: 2, kind: "s", baud: 20e6 };
const FRAM = { bytes: 512, width: 3, kind: "f", baud: 20e6, id: "047f0302" };

function same(got: unknown, wanted: unknown, what: string): void {
  if (got !== wanted) throw new Error(what + " is " + got + ", expected " + wanted);
}

/** A bus with one chip: 03 reads, 02 writes (FRAM: after 06), 01 and 05 are the mode register of SRAM, 9F the ID of FRAM. */
function bus(bytes: number, width: number, id: number[]): any {
  const cells = new Uint8Array(bytes);
  let mode = 0;
  let open = !id.length;
  function frame(sent: number[], got: Uint8Array): void {
    let at = 0;
    for (let i = 1; i <= width; i++) at = (at * 256 + sent[i]) % bytes;
    if (sent[0] === 1) mode = sent[1];
    if (sent[0] === 5) got[1] = mode;
    if (sent[0] === 6) open = true;
    if (sent[0] === 0x9f) for (let k = 0; k < id.length; k++) got[k + 1] = id[k];
    if (sent[0] === 3) for (let m = width + 1; m < sent.length; m++) got[m] = cells[(at + m - width - 1) % bytes];
    if (sent[0] === 2 && open) for (let w = width + 1; w < sent.length; w++) cells[(at + w - width - 1) % bytes] = sent[w];
    if (sent[0] === 2) open = !id.length;
  }
  function list(to: number[], data: any): void {
    if (typeof data === "number") to.push(data & 255);
    else for (let i = 0; i < data.length; i++) to.push(data[i]);
  }
  return {
    send: function (data: any, cs: any) {
      const sent: number[] = [];
      const got = new Uint8Array(data.length);
      list(sent, data);
      if (cs === CS) frame(sent, got);
      return got;
    },
    write: function (...parts: any[]) {
      const sent: number[] = [];
      const last = parts.length - 1;
      for (let i = 0; i < last; i++) list(sent, parts[i]);
      if (parts[last] === CS) frame(sent, new Uint8Array(sent.length));
    }
  };
}

function sram(lib: Library, chunk: number): Store {
  return lib.spi.connect(bus(1024, 2, []), { cs: CS, chip: SRAM, chunk: chunk });
}

function fram(lib: Library): Store {
  return lib.spi.connect(bus(512, 3, [4, 0x7f, 3, 2]), { cs: CS, chip: FRAM });
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
      follow(sram(lib, 16), 30);
    }
  },
  {
    name: "an FRAM keeps what is written and moved",
    run: function (lib) {
      const store = fram(lib);
      same((store as any).id, "047f0302", "id");
      follow(store, 30);
    }
  },
  {
    name: "a span of parts and chips keeps what is written and moved",
    run: function (lib) {
      const chip = sram(lib, 32);
      follow(lib.spi.span([lib.spi.part(chip, 100, 60), fram(lib), lib.spi.part(chip, 500, 7)]), 30);
    }
  },
  {
    name: "a cache keeps what is written and moved",
    run: function (lib) {
      follow(lib.page.cache(sram(lib, 64), { page: 32, pages: 3 }), 30);
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
    name: "a part number, a stuck line and another chip are told apart",
    run: function (lib) {
      throws(function () {
        lib.spi.connect(bus(1024, 2, []), { cs: CS, chip: "23LC1" });
      }, "OPTION");
      throws(function () {
        lib.spi.connect(bus(1024, 2, []), { cs: 9, chip: "23K640" });
      }, "NO_CHIP");
      throws(function () {
        lib.spi.connect(bus(1024, 2, []), { cs: CS, chip: "23K640" });
      }, "WRONG_CHIP");
      throws(function () {
        lib.spi.connect(bus(512, 3, [4, 0x7f, 3, 2]), { cs: CS, chip: "MB85RS64T" });
      }, "WRONG_CHIP");
    }
  }
];

/** Runs a case and prints "@ok name" or "@no name: why". */
export function verdict(one: Case, lib: Library, print: (line: string) => void): void {
  try {
    one.run(lib);
    print("@ok " + one.name);
  } catch (error) {
    print("@no " + one.name + ": " + error);
  }
}

/** Runs every case. */
export function report(lib: Library, print: (line: string) => void): void {
  for (let i = 0; i < CASES.length; i++) verdict(CASES[i], lib, print);
}
