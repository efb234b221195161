import assert from "node:assert";
import { join } from "node:path";
import { cache as source } from "../src/page";
import { connect } from "../src/spi";
import { ram, type Store } from "../src/store";
import { line } from "./line";
import { random } from "./random";

const LIBRARIES = {
  source: () => ({ cache: source }),
  "tidyheap-page.min.js": () => require(join(__dirname, "..", "dist", "tidyheap-page.min.js"))
};

interface Watched extends Store {
  /** "r at n", "w at n" and "m to from n", in order. */
  calls: string[];
  bytes: Uint8Array;
}

/** A store of `size` bytes 1, 2, 3 and so on modulo 251 that tells what it is asked. */
function watched(size: number): Watched {
  const store = ram(size);
  const calls: string[] = [];
  for (let i = 0; i < size; i++) store.bytes![i] = (i + 1) % 251;
  return {
    size,
    chunk: 64,
    calls,
    bytes: store.bytes!,
    read: (at, n) => (calls.push(`r ${at} ${n}`), store.read(at, n)),
    write: (at, data) => (calls.push(`w ${at} ${data.length}`), store.write(at, data)),
    move: (to, from, n) => (calls.push(`m ${to} ${from} ${n}`), store.move(to, from, n))
  };
}

function refuses(run: () => unknown, code: string): void {
  assert.throws(run, (error: any) => (assert.equal(error.code, code, error.message), true));
}

for (const [library, load] of Object.entries(LIBRARIES)) {
  describe(`page, ${library}`, () => {
    const { cache }: { cache: typeof source } = load();
    const small = (store: Store, pages = 2) => cache(store, { page: 16, pages });

    it("has size and chunk of the store below", () => {
      assert.equal(cache(watched(5000)).size, 5000);
      assert.equal(cache(watched(5000)).chunk, 64);
      assert.equal(cache(ram(50)).chunk, undefined);
    });

    it("refuses pages of no power of two, no pages and no store", () => {
      for (const page of [0, 1, 3, 100, -16, NaN, 16.5]) refuses(() => cache(ram(64), { page }), "OPTION");
      for (const pages of [0, -1, 1.5, NaN]) refuses(() => cache(ram(64), { pages }), "OPTION");
      refuses(() => cache(undefined as any), "OPTION");
    });

    it("refuses addresses outside the store", () => {
      for (const at of [-1, 64, 1e6, NaN]) {
        refuses(() => small(ram(64)).get8(at), "RANGE");
        refuses(() => small(ram(64)).set8(at, 1), "RANGE");
      }
    });

    it("reads numbers little endian, without a sign", () => {
      const store = watched(64);
      store.bytes.set([0x80, 0x81, 0x82, 0xff], 4);
      const view = small(store);
      assert.equal(view.get8(4), 0x80);
      assert.equal(view.get16(4), 0x8180);
      assert.equal(view.get32(4), 0xff828180);
    });

    it("writes the low bits of numbers little endian", () => {
      const store = watched(64);
      const view = small(store);
      view.set8(0, 0x1ff);
      view.set16(1, 0x54321);
      view.set32(3, 0xfedcba98);
      view.set32(7, -2);
      view.flush();
      assert.deepEqual([...store.bytes.subarray(0, 12)], [0xff, 0x21, 0x43, 0x98, 0xba, 0xdc, 0xfe, 0xfe, 0xff, 0xff, 0xff, 12]);
    });

    it("reads and writes numbers across two pages", () => {
      const store = watched(64);
      const view = small(store);
      for (const at of [13, 14, 15, 29, 30, 31]) {
        view.set32(at, 0xa1b2c3d4);
        assert.equal(view.get32(at), 0xa1b2c3d4);
        assert.equal(view.get16(at + 1), 0xb2c3);
        view.flush();
        assert.deepEqual([...store.bytes.subarray(at, at + 4)], [0xd4, 0xc3, 0xb2, 0xa1]);
      }
    });

    it("reads a page once and writes nothing that was not written", () => {
      const store = watched(64);
      const view = small(store);
      for (let at = 0; at < 32; at++) assert.equal(view.get8(at), at + 1);
      view.flush();
      assert.deepEqual(store.calls, ["r 0 16", "r 16 16"]);
    });

    it("writes a page back only when it goes, from the first to the last byte written", () => {
      const store = watched(64);
      const view = small(store);
      view.set8(5, 1);
      view.set8(9, 2);
      view.set8(7, 3);
      view.get8(16);
      assert.deepEqual(store.calls, ["r 0 16", "r 16 16"]);
      view.get8(32);
      assert.deepEqual(store.calls, ["r 0 16", "r 16 16", "w 5 5", "r 32 16"]);
      view.get8(48);
      view.flush();
      assert.equal(store.calls.length, 5);
    });

    it("lets the page go that was used longest ago", () => {
      const store = watched(128);
      const view = small(store, 3);
      for (const at of [0, 16, 32, 0, 48, 0, 32]) view.get8(at);
      assert.deepEqual(store.calls, ["r 0 16", "r 16 16", "r 32 16", "r 48 16"]);
      view.get8(64);
      view.get8(0);
      view.get8(32);
      assert.deepEqual(store.calls.slice(4), ["r 64 16"]);
    });

    it("reads no page that is written as a whole", () => {
      const store = watched(64);
      const view = small(store);
      view.write(16, new Uint8Array(16).fill(7));
      assert.deepEqual(store.calls, []);
      assert.equal(view.get8(20), 7);
      view.flush();
      assert.deepEqual(store.calls, ["w 16 16"]);
    });

    it("writes once after flush, and again only what was written since", () => {
      const store = watched(64);
      const view = small(store);
      view.set16(0, 5);
      view.flush();
      view.flush();
      view.set8(3, 5);
      view.flush();
      assert.deepEqual(store.calls, ["r 0 16", "w 0 2", "w 3 1"]);
    });

    it("flushes the store below too", () => {
      let flushed = 0;
      small({ ...ram(64), flush: () => void flushed++ }).flush();
      assert.equal(flushed, 1);
    });

    it("writes nothing past the end of a store of an odd size", () => {
      const store = watched(37);
      const view = small(store);
      view.set8(36, 9);
      view.set8(38, 9);
      view.flush();
      assert.deepEqual(store.calls, ["r 32 5", "w 36 1"]);
    });

    describe("reads of more than a page", () => {
      it("go past the cache and see what is in it", () => {
        const store = watched(128);
        const view = small(store);
        view.set8(20, 99);
        const got = view.read(10, 40);
        assert.equal(got[10], 99);
        assert.deepEqual(store.calls, ["r 16 16", "w 20 1", "r 10 40"]);
        view.get8(16);
        assert.equal(store.calls.length, 3);
      });
    });

    describe("writes of more than a page", () => {
      it("go past the cache and are seen in it", () => {
        const store = watched(128);
        const view = small(store);
        view.set8(2, 98);
        view.set8(20, 99);
        view.write(10, new Uint8Array(20).fill(5));
        assert.equal(view.get8(2), 98);
        assert.equal(view.get8(20), 5);
        assert.equal(view.get8(10), 5);
        view.flush();
        assert.equal(store.bytes[2], 98);
        assert.deepEqual([...store.bytes.subarray(9, 31)], [10, ...Array(20).fill(5), 31]);
      });
    });

    describe("move", () => {
      it("takes what is still to be written along", () => {
        const store = watched(128);
        const view = small(store);
        view.set8(18, 99);
        view.move(66, 16, 8);
        assert.equal(view.get8(68), 99);
        assert.deepEqual(store.calls.slice(0, 3), ["r 16 16", "w 18 1", "m 66 16 8"]);
      });

      it("loses no byte written beside its target", () => {
        const store = watched(128);
        const view = small(store);
        view.set8(64, 98);
        view.set8(70, 97);
        view.set8(79, 99);
        view.move(66, 0, 8);
        view.flush();
        assert.equal(store.bytes[64], 98);
        assert.equal(store.bytes[70], 5);
        assert.equal(store.bytes[79], 99);
        assert.deepEqual([64, 70, 79].map((at) => view.get8(at)), [98, 5, 99]);
      });

      it("does not leave old bytes in the page that was used last", () => {
        const view = small(watched(128));
        view.get16(64);
        view.move(64, 0, 4);
        assert.equal(view.get8(64), 1);
        view.get16(64);
        view.move(64, 10, 4);
        assert.equal(view.get16(64), 11 + 12 * 256);
      });

      it("keeps pages it does not touch", () => {
        const store = watched(128);
        const view = small(store);
        view.set8(0, 5);
        view.get8(112);
        view.move(64, 32, 16);
        view.get8(112);
        view.get8(0);
        assert.deepEqual(store.calls, ["r 0 16", "r 112 16", "m 64 32 16"]);
      });
    });

    it("counts hits, misses and calls of the store below", () => {
      const view = small(watched(128));
      view.get8(0);
      view.get8(1);
      view.set8(16, 1);
      view.get16(2);
      view.read(0, 16);
      view.read(0, 17);
      assert.deepEqual(view.stat(), { hits: 4, misses: 2, writes: 1, reads: 3 });
    });

    it("has 99 % hits when lines in 64 KB are looked for one after another", () => {
      const store = watched(65536);
      const view = cache(store);
      let lines = 0;
      for (let at = 0; at < 65536; at++) if (view.get8(at) === 10) lines++;
      const { hits, misses, reads } = view.stat();
      assert.equal(lines, store.bytes.filter((byte) => byte === 10).length);
      assert.equal(misses, 256);
      assert.equal(reads, 256);
      assert.ok(hits / (hits + misses) >= 0.99);
    });

    it("costs a serial SRAM 1.03 bytes on the bus a byte parsed", () => {
      const fix = line("23LC1024");
      const view = cache(connect(fix.spi, { cs: fix.cs, chip: "23LC1024" }));
      fix.clear();
      for (let at = 0; at < 65536; at++) view.get8(at);
      assert.ok(fix.total() <= 1.03 * 65536, `${fix.total()}`);
    });

    for (const [page, pages] of [[2, 1], [16, 2], [16, 5], [64, 4], [256, 4]]) {
      it(`is a flat array to whoever uses it, ${pages} pages of ${page}`, () => {
        for (const seed of [1, 2, 3, 4, 5]) {
          const store = watched(1000);
          const view = cache(store, { page, pages });
          const model = store.bytes.slice();
          const data = new DataView(model.buffer);
          const next = random(seed * page);
          for (let turn = 0; turn < 1500; turn++) {
            const at = next(996);
            const value = next(0xffffffff);
            const n = next(next(4) ? 20 : 600) % (1000 - at);
            const act = next(10);
            if (act === 0) assert.equal(view.get8(at), model[at], `turn ${turn} of seed ${seed}`);
            else if (act === 1) assert.equal(view.get16(at), data.getUint16(at, true), `turn ${turn} of seed ${seed}`);
            else if (act === 2) assert.equal(view.get32(at), data.getUint32(at, true), `turn ${turn} of seed ${seed}`);
            else if (act === 3) view.set8(at, value), data.setUint8(at, value);
            else if (act === 4) view.set16(at, value), data.setUint16(at, value, true);
            else if (act === 5) view.set32(at, value), data.setUint32(at, value, true);
            else if (act === 6) assert.deepEqual([...view.read(at, n)], [...model.subarray(at, at + n)], `turn ${turn} of seed ${seed}`);
            else if (act === 7) {
              const bytes = Array.from({ length: n }, () => next(256));
              view.write(at, bytes);
              model.set(bytes, at);
            } else if (act === 8) {
              const to = next(1001 - n);
              view.move(to, at, n);
              model.copyWithin(to, at, at + n);
            } else if (next(20) === 0) {
              view.flush();
              assert.deepEqual([...store.bytes], [...model], `turn ${turn} of seed ${seed}`);
            }
          }
          view.flush();
          assert.deepEqual([...store.bytes], [...model]);
        }
      });
    }
  });
}
