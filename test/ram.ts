// The store in RAM as it is on a board: with an E that knows addresses, and in engines that lack what Node has.

import assert from "node:assert/strict";
import { octets, ram, repeat, type Store } from "../src/store";
import { random } from "./random";

const host = globalThis as any;

/** Runs fn with globals that are others; undefined: there is none. */
function within(globals: { [name: string]: unknown }, fn: () => void): void {
  const saved = Object.keys(globals).map((name) => [name, Object.getOwnPropertyDescriptor(host, name)] as const);
  Object.assign(host, globals);
  try {
    fn();
  } finally {
    for (const [name, old] of saved) {
      if (old) Object.defineProperty(host, name, old);
      else delete host[name];
    }
  }
}

/** An E where arrays are flat after `defrags` calls of defrag(). */
function board(defrags: number): { E: any; calls: string[] } {
  const calls: string[] = [];
  const E = {
    getAddressOf: (array: Uint8Array, flat: boolean) => (calls.push(`address of ${array.length} ${flat}`), defrags > 0 ? 0 : 0x20000000),
    defrag: () => (calls.push("defrag"), defrags--)
  };
  return { E, calls };
}

function message(fn: () => unknown): string {
  try {
    fn();
  } catch (error: any) {
    return error.message;
  }
  return "";
}

function list(text: string): number[] {
  return Array.from(octets(text));
}

describe("ram", () => {
  it("takes a flat array as it is", () => {
    const { E, calls } = board(0);
    within({ E }, () => {
      const store = ram(64);
      assert.deepEqual([store.size, store.bytes!.length, store.quick], [64, 64, true]);
      assert.deepEqual(calls, ["address of 64 true"]);
    });
  });

  it("defragments once where the array is in pieces, and throws MEMORY where it still is", () => {
    const one = board(1);
    within({ E: one.E }, () => assert.equal(ram(64).bytes!.length, 64));
    assert.deepEqual(one.calls, ["address of 64 true", "defrag", "address of 64 true"]);
    const two = board(2);
    within({ E: two.E }, () => assert.equal(message(() => ram(64)), "MEMORY: 64, not one piece"));
    assert.deepEqual(two.calls, one.calls);
  });

  it("has up to 65,536 bytes on a board, where offsets of views have 16 bits", () => {
    within({ E: board(0).E }, () => {
      assert.equal(ram(65536).size, 65536);
      assert.equal(message(() => ram(65537)), "MEMORY: 65537, not up to 65536");
    });
    assert.equal(ram(65537).size, 65537);
    within({ E: {} }, () => assert.deepEqual([ram(65537).size, ram(64).quick], [65537, false]));
  });

  it("throws MEMORY without typed arrays", () => {
    within({ Uint8Array: undefined }, () => assert.equal(message(() => ram(64)), "MEMORY: 64, not typed arrays"));
  });

  it("moves bytes by views where there is no copyWithin", () => {
    const { copyWithin } = Uint8Array.prototype;
    const next = random(3);
    try {
      delete (Uint8Array.prototype as any).copyWithin;
      const store = ram(67);
      const model = Uint8Array.from({ length: 67 }, () => next(256));
      store.write(0, model);
      for (let k = 0; k < 2000; k++) {
        const unit = k % 2 ? 4 : 1;
        const n = unit * next(17);
        const to = unit * next(Math.floor((67 - n) / unit) + 1);
        const from = unit * next(Math.floor((67 - n) / unit) + 1);
        model.set(model.slice(from, from + n), to);
        store.move(to, from, n);
        assert.deepEqual([...store.bytes!], [...model], `${to}, ${from}, ${n}`);
      }
    } finally {
      Uint8Array.prototype.copyWithin = copyWithin;
    }
  });

  it("repeats a byte in pieces of a chunk, 256 bytes where the store names none", () => {
    for (const [chunk, value] of [[undefined, 7], [undefined, 0], [16, 255], [1, 3], [24, 0]] as const) {
      for (const n of [0, 1, 2, 15, 16, 17, 24, 25, 32, 48, 255, 256, 257, 600]) {
        const writes: number[][] = [];
        const bytes = new Uint8Array(700);
        const store = { size: 700, chunk, write: (at: number, data: ArrayLike<number>) => (writes.push([at, data.length]), bytes.set(data, at)) } as unknown as Store;
        repeat(store, 50, n, value);
        const size = Math.min(n, chunk ?? 256);
        const wanted: number[][] = [];
        for (let i = 0; i < n; i += size) wanted.push([50 + i, Math.min(size, n - i)]);
        assert.deepEqual(writes, wanted, `${n} in pieces of ${chunk}`);
        assert.deepEqual([...bytes], Array.from({ length: 700 }, (_, i) => (i >= 50 && i < 50 + n ? value : 0)));
      }
    }
  });

  it("makes bytes of a text, by the call of the board where it gives one byte a character", () => {
    assert.deepEqual([...list("a\xff\0")], [97, 255, 0]);
    assert.deepEqual([...list("")], []);
    assert.equal(message(() => octets("ab\u0100")), "ARGUMENT: 256, not up to 255");
    const calls: string[] = [];
    const toUint8Array = (text: string) => (calls.push(text), new TextEncoder().encode(text));
    within({ E: { toUint8Array } }, () => {
      const bytes = octets("abc");
      assert.ok(bytes instanceof Uint8Array);
      assert.deepEqual([...bytes], [97, 98, 99]);
      assert.deepEqual([...list("\xe9")], [0xe9]);
      assert.equal(message(() => octets("\u20ac")), "ARGUMENT: 8364, not up to 255");
      assert.deepEqual([...list("")], []);
    });
    assert.deepEqual(calls.slice(0, 3), ["abc", "\xe9", "\u20ac"]);
    within({ E: {} }, () => assert.deepEqual([...list("abc")], [97, 98, 99]));
    const numbers = [1, 2];
    assert.equal(octets(numbers), numbers);
    for (const wrong of [5, null, undefined, {}, true]) assert.match(message(() => octets(wrong as any)), /^ARGUMENT/);
  });
});
