import assert from "node:assert/strict";
import { join } from "node:path";
import { create } from "../src/far";
import { create as near } from "../src/full";
import { format, mount, repair } from "../src/fram";
import { amount } from "./amount";
import { Cells } from "./cells";
import { code } from "./verdict";
import { random } from "./random";

type Pool = ReturnType<typeof mount>;

/** What a pool holds: bytes by handle. */
type Content = Map<number, string>;

function content(pool: Pool): Content {
  const all: Content = new Map();
  pool.each((h) => void all.set(h, Buffer.from(pool.load(h)).toString("hex")));
  return all;
}

function bytes(hex: string): number[] {
  return hex.trim().split(/\s+/).map((one) => parseInt(one, 16));
}

// A pool of 3 handles in 400 bytes, unit 16, journal 64, id 7. In front of the heap 28 + 26 + 67 + 6 = 127 bytes, so that it begins at 128; a copy
// of the root takes 32 bytes at the end: 240 bytes, 15 units. Sums are those of "31 s + byte, modulo 65536".
const ROOT_AT = 0;
const SLIDE_AT = 28;
const JOURNAL_AT = 54;
const GENS_AT = 121;
const HEAP_AT = 128;
const COPY_AT = 368;

const IMAGE = {
  root: "74 69 64 79 68 65 61 70 01 04 03 00 80 00 00 00 f0 00 00 00 40 00 07 00 00 00 df 4f",
  gens: "02 80 02 80 02 80",
  first: "96 02 00 00 00 00 14 00 00 00 6e f5",
  third: "96 02 00 00 02 00 28 00 00 00 56 a0",
  hole: "69 00 00 00 ff ff 14 00 00 00 06 ee",
  end: "69 00 00 00 ff ff 64 00 00 00 f4 2d"
};

/** That pool with two blocks, as literals; all else is ones. */
function typed(): Cells {
  const cells = new Cells(new Uint8Array(400).fill(255));
  const put = (at: number, hex: string) => cells.bytes.set(bytes(hex), at);
  put(ROOT_AT, IMAGE.root);
  put(COPY_AT, IMAGE.root);
  put(SLIDE_AT, "3c");
  put(JOURNAL_AT, "3c");
  put(GENS_AT, IMAGE.gens);
  put(HEAP_AT, IMAGE.first);
  put(HEAP_AT + 32, IMAGE.third);
  put(HEAP_AT + 96, IMAGE.hole);
  put(HEAP_AT + 128, IMAGE.end);
  return cells;
}

function made(): { cells: Cells; pool: Pool } {
  const cells = new Cells(400);
  return { cells, pool: format({ store: cells, handles: 3, journal: 64, id: 7 }) };
}

describe("image", () => {
  it("is what its format says, byte by byte", () => {
    const { cells, pool } = made();
    const h = [pool.alloc(20), pool.alloc(5), pool.alloc(40)];
    pool.write(h[2], 0, "abcdefghijklmnopqrstuvwxyz0123456789ABCD");
    pool.free(h[1]);
    pool.pack();
    const has = (at: number, hex: string, what: string) => assert.deepEqual([...cells.bytes.slice(at, at + bytes(hex).length)], bytes(hex), what);
    for (const at of [ROOT_AT, COPY_AT]) has(at, IMAGE.root, "root");
    // the third block slid from unit 4 to unit 2 by 2 units, 40 bytes; where its header was is content now
    has(SLIDE_AT, "3c 02 00 00 00 02 00 00 00 28 00 00 00 54 d3 02 00 00 02 00 28 00 00 00 94 82", "slide");
    has(JOURNAL_AT, "3c", "journal");
    has(GENS_AT, IMAGE.gens, "generations");
    has(HEAP_AT, IMAGE.first, "the first block");
    has(HEAP_AT + 32, IMAGE.third, "the third block");
    has(HEAP_AT + 44, "61 62 63 64 65 66 67 68 69 6a", "its content");
    has(HEAP_AT + 96, IMAGE.hole, "the hole behind it");
    has(HEAP_AT + 128, IMAGE.end, "the rest");
  });

  it("is a pool when it is typed", () => {
    const cells = typed();
    const pool = mount(cells);
    assert.equal(pool.check(), "");
    // generation 2; 12 bits for id and row: 2,048 and 7 times 4, since three rows take two bits
    assert.deepEqual([...content(pool).keys()], [2 * 4096 + 2048 + 28, 2 * 4096 + 2048 + 28 + 2]);
    assert.equal(pool.size(2 * 4096 + 2048 + 28 + 2), 40);
    assert.deepEqual([pool.stat().size, pool.stat().free, pool.stat().used, pool.stat().handles], [240, 144, 60, 3]);
    assert.equal(pool.alloc(1), 3 * 4096 + 2048 + 28 + 1);
    assert.deepEqual([...cells.bytes.slice(GENS_AT, GENS_AT + 6)], bytes("02 80 03 00 02 80"));
  });

  it("of version 2 is refused with VERSION, and not mended with an older copy", () => {
    const cells = typed();
    cells.bytes.set(bytes("74 69 64 79 68 65 61 70 02 04 03 00 80 00 00 00 f0 00 00 00 40 00 07 00 00 00 fe 31"));
    assert.equal(code(() => mount(cells)), "VERSION");
    assert.equal(code(() => repair(cells)), "VERSION");
  });

  it("is missed in zeros, ones, noise and other text", () => {
    const text = Buffer.alloc(400, "tidyhop is no pool ");
    for (const from of [new Uint8Array(400), new Uint8Array(400).fill(255), new Cells(400).bytes, new Uint8Array(text)]) {
      const cells = new Cells(from);
      assert.equal(code(() => mount(cells)), "IMAGE");
      assert.equal(code(() => repair(cells)), "IMAGE");
      assert.deepEqual(cells.bytes, from);
    }
  });

  // in npm test some bits and some places to cut a repair off
  const BITS = amount(13, 1, 1);
  const CUTS = amount(5, 1, 1);

  describe(BITS > 1 ? `with one of the bits wrong of which there is one in ${BITS}` : "with a wrong bit", () => {
    /** An image with what is in it, and where. */
    interface Shot {
      bytes: Uint8Array;
      held: Content;
      /** Handles that are stale. */
      stale: number[];
      /** Bytes of generations. */
      gens: number;
      /** Addresses of headers, the handle of the block or 0 for a hole; without that of a block that slides. */
      heads: [number, number][];
      /** The block that slides, or 0. */
      slides: number;
    }

    /** Blocks a, b, c, d behind each other, one freed in between, one moved; cut off behind `left` bytes of `last`. */
    function shot(sizes: number[], generations: 16 | 24, work: (pool: Pool, h: number[]) => void, last: (pool: Pool, h: number[]) => void, left: number, moves = -1): Shot {
      const cells = new Cells(720);
      const pool = format({ store: cells, handles: 6, journal: 64, generations });
      const h = sizes.map((n) => pool.alloc(n));
      h.forEach((one, i) => pool.write(one, 0, new Uint8Array(Math.min(sizes[i], 50)).map((_, k) => i * 50 + k)));
      work(pool, h);
      const held = content(pool);
      cells.left = left;
      assert.equal(code(() => last(pool, h)), left < Infinity ? "POWER" : "");
      cells.left = Infinity;
      const gens = 6 * (generations === 24 ? 3 : 2);
      const heap = Math.ceil((GENS_AT + gens) / 16) * 16;
      const heads: [number, number][] = [];
      const image = cells.bytes;
      const at32 = (at: number) => new DataView(image.buffer).getUint32(at, true);
      for (let at = heap; at < heap + pool.stat().size; ) {
        const slides = image[28] === 0xc3 && at === heap + 16 * at32(29);
        const from = slides ? 43 - 1 : at;
        const row = image[from + 4] + 256 * image[from + 5];
        if (!slides) heads.push([at, image[at] === 0x96 ? [...held.keys()].find((one) => (one & 7) === row)! : 0]);
        at += Math.ceil((12 + at32(from + 6)) / 16) * 16 + (slides ? 16 * Math.abs(at32(33) | 0) : 0);
      }
      // a slice or more is done, and what began is whole
      if (moves >= 0 && (image[28] !== 0xc3 || image[54] !== 0x3c || image[37] < 40)) return shot(sizes, generations, work, last, left + 1, moves);
      return { bytes: image.slice(), held, stale: h.filter((one) => !held.has(one)), gens, heads, slides: moves < 0 ? 0 : h[moves] };
    }

    const frees = (pool: Pool, h: number[]) => void (pool.free(h[1]), pool.pack(), pool.free(h[0]));
    const SHOTS: [string, () => Shot][] = [
      ["at rest", () => shot([20, 30, 60, 90, 1], 16, frees, () => undefined, Infinity)],
      ["at rest, generations of 24 bits", () => shot([20, 30, 60, 90, 1], 24, frees, () => undefined, Infinity)],
      ["in a slide down", () => shot([20, 90, 60, 90, 1], 16, (pool, h) => pool.free(h[0]), (pool) => pool.pack(), 100, 1)],
      ["in a slide up", () => shot([84, 100, 20, 212], 16, (pool, h) => pool.free(h[2]), (pool, h) => pool.resize(h[0], 116), 100, 1)],
      ["behind a reset", () => shot([20, 30, 60, 90, 1], 16, (pool) => void (pool.reset(), pool.alloc(3)), () => undefined, Infinity)]
    ];

    /** Fails unless what repair() has mended is a whole pool with these blocks. */
    function sound(cells: Cells, held: Content, stale: number[], when: string): void {
      const again = repair(cells);
      assert.deepEqual(again, { live: held.size, lost: 0, why: [] }, when);
      const pool = mount(cells);
      assert.equal(pool.check(), "", when);
      assert.deepEqual(content(pool), held, when);
      for (const h of stale) assert.equal(code(() => pool.size(h)), "HANDLE", when);
      let free = pool.stat().size;
      for (const hex of held.values()) free -= Math.ceil((12 + hex.length / 2) / 16) * 16;
      assert.equal(pool.stat().free, free, when);
      pool.pack();
      assert.equal(pool.stat().largest, free, when);
      assert.deepEqual(content(pool), held, when);
      if (free) assert.ok(pool.alloc(free - 12), when);
    }

    for (const [name, make] of SHOTS) {
      const s = make();
      const before = content(mount(new Cells(s.bytes)));
      /** First byte, bytes, what is lost by a wrong bit there, and whether it may go unseen. */
      const places: [string, number, number, number, boolean][] = [
        ["root", 0, 28, 0, false],
        ["state of the slide", 28, 1, 0, false],
        ["record of the slide", 29, 25, s.slides, !s.slides],
        ["state of the journal", 54, 1, 0, false],
        ["generations", GENS_AT, s.gens, 0, false],
        ...s.heads.map(([at, h]) => ["header", at, 12, h, false] as [string, number, number, number, boolean])
      ];
      for (const [what, from, count, loses, unseen] of places) {
        it(`in the ${what} at ${from}, ${name}: ${unseen ? "is the same pool" : "is DAMAGED, and repair() keeps the rest"}`, function () {
          this.timeout(30000);
          for (let bit = from * 8; bit < (from + count) * 8; bit += BITS) {
            const when = `bit ${bit & 7} of byte ${bit >> 3}`;
            const cells = new Cells(s.bytes);
            cells.bytes[bit >> 3] ^= 1 << (bit & 7);
            const flipped = cells.bytes.slice();
            if (unseen) {
              assert.deepEqual(content(mount(cells)), before, when);
              continue;
            }
            assert.equal(code(() => mount(cells)), "DAMAGED", when);
            assert.deepEqual(cells.bytes, flipped, when);
            const found = repair(cells);
            const kept = new Map(before);
            if (loses) kept.delete(loses);
            assert.ok(found.why.length > 0, when);
            assert.equal(found.live, kept.size, when);
            if (what === "header") assert.ok(found.lost >= 16, when);
            else if (!loses) assert.equal(found.lost, 0, when);
            // a row whose generation nobody knows serves no more, unless its block does
            const row = Math.floor(((bit >> 3) - GENS_AT) / (s.gens / 6));
            const used = what === "generations" && ![...kept.keys()].some((h) => (h & 7) === row);
            assert.equal(mount(new Cells(cells.bytes)).stat().retired, used ? 1 : 0, when);
            sound(cells, kept, [...s.stale, ...(loses ? [loses] : [])], when);
            if (bit & 7) continue;
            // a repair that is cut off is made again
            for (let left = 0; ; left += CUTS) {
              const half = new Cells(flipped);
              half.left = left;
              if (!code(() => repair(half))) break;
              half.left = Infinity;
              repair(half);
              sound(half, kept, s.stale, `${when}, cut after ${left} bytes`);
            }
          }
        });
      }
    }

    it("in both roots is DAMAGED, and both roots gone are IMAGE", () => {
      const cells = typed();
      cells.bytes[ROOT_AT + 20] ^= 4;
      cells.bytes[COPY_AT + 12] ^= 1;
      assert.equal(code(() => mount(cells)), "DAMAGED");
      assert.equal(code(() => repair(cells)), "DAMAGED");
      cells.bytes.fill(0, ROOT_AT, 28);
      assert.equal(code(() => repair(cells)), "IMAGE");
    });
  });

  it("keeps a block behind a damaged one in which there is the header of an old hole", () => {
    const cells = new Cells(400);
    const old = format({ store: cells, handles: 3, journal: 64 });
    for (const h of [old.alloc(36), old.alloc(84)]) old.free(h);
    const pool = mount(cells);
    const first = pool.alloc(84);
    const second = pool.alloc(36);
    // a hole of 6 units at unit 3, behind it the second block
    assert.deepEqual([...cells.bytes.slice(HEAP_AT + 48, HEAP_AT + 52)], bytes("69 02 00 00"));
    assert.equal(pool.at(second), 6 * 16 + 12);
    const held = content(pool);
    cells.bytes[HEAP_AT + 6] ^= 1;
    const found = repair(cells);
    assert.deepEqual([found.live, found.lost], [1, 96]);
    held.delete(first);
    assert.deepEqual(content(mount(cells)), held);
  });

  it("keeps its journal when the store throws in repair()", () => {
    const cells = typed();
    // one write of 2 bytes at 140, the first of the heap's payload
    cells.bytes.set(bytes("c3 01 00 01 8c 00 00 00 02 00 00 00 4f 4b"), JOURNAL_AT);
    const { write } = cells;
    cells.write = () => {
      cells.write = write;
      throw Object.assign(new Error("no answer"), { code: "BUS" });
    };
    assert.equal(code(() => repair(cells)), "BUS");
    assert.deepEqual(repair(cells), { live: 2, lost: 0, why: [] });
    assert.equal(Buffer.from(mount(cells).read(10268, 0, 2)).toString(), "OK");
  });
});

/** The library loaded once more: tests in the same process may have used up the ids of pools, which then repeat. */
function anew(): { kept: typeof format; near: typeof near; create: typeof create } {
  const src = join(__dirname, "..", "src");
  for (const file of Object.keys(require.cache)) if (file.startsWith(src)) delete require.cache[file];
  return { kept: require("../src/fram").format, near: require("../src/full").create, create: require("../src/far").create };
}

describe("handles of a persistent pool", () => {
  const kept = (id: number, handles = 20) => format({ store: new Cells(2000), handles, id });

  it("are refused by one with another id", () => {
    const pools = [0, 1, 2, 63].map((id) => kept(id));
    for (const pool of pools) {
      const h = pool.alloc(10);
      for (const other of pools) assert.equal(other.has(h), other === pool);
      for (const other of pools) if (other !== pool) assert.equal(code(() => other.load(h)), "HANDLE");
    }
  });

  it("are those of the same id after mount()", () => {
    const cells = new Cells(2000);
    const h = format({ store: cells, handles: 20, id: 9 }).alloc(10);
    assert.ok(mount(cells).has(h));
    assert.ok(!mount(cells).has(kept(8).alloc(10)));
  });

  it("are not those of a pool in RAM or of an external one", () => {
    const { kept, near, create } = anew();
    const pool = kept({ store: new Cells(2000), handles: 20 });
    const mine = pool.alloc(10);
    for (const other of [near({ size: 1000, handles: 20 }) as unknown as Pool, create({ store: new Cells(2000), handles: 20 })]) {
      const h = other.alloc(10);
      assert.ok(h);
      assert.equal(pool.has(h), false);
      assert.equal(code(() => pool.size(h)), "HANDLE");
      assert.equal(code(() => other.size(mine)), "HANDLE");
    }
  });

  it("stay refused when power has gone since they were freed", () => {
    let pool = kept(3, 2);
    const cells = (pool as any)._disk as Cells;
    const stale = new Set<number>();
    const next = random(5);
    for (let turn = 0; turn < 300; turn++) {
      const h = pool.alloc(1 + next(40));
      assert.ok(h && !stale.has(h), `handle ${h} again in turn ${turn}`);
      pool.free(h);
      stale.add(h);
      if (next(2)) pool = mount(cells);
      for (const old of stale) assert.equal(pool.has(old), false);
    }
  });

  for (const [generations, last, most] of [[16, "fe 7f", 32767], [24, "fe ff 7f", 8388607]] as const) {
    it(`end at generation ${most} of a row, which then is used up for ever, ${generations} bits`, () => {
      const cells = new Cells(400);
      format({ store: cells, handles: 1, journal: 64, generations });
      cells.bytes.set(bytes(last), GENS_AT);
      let pool = mount(cells);
      const h = pool.alloc(10);
      assert.equal(Math.floor(h / 2 ** (generations === 16 ? 12 : 7)), most);
      pool = mount(cells);
      assert.ok(pool.has(h));
      pool.free(h);
      for (let turn = 0; turn < 3; turn++, pool = mount(cells)) {
        assert.deepEqual([pool.alloc(10), pool.why, pool.stat().retired, pool.has(h)], [0, "HANDLES", 1, false]);
      }
    });
  }
});
