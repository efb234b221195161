import assert from "node:assert/strict";
import { buffer, type Buffer } from "../src/buffer";
import { create as far } from "../src/far";
import { create } from "../src/full";
import { slab } from "../src/slab";
import { cut, live, LOTS, series } from "./ground";
import { Memory } from "./memory";
import { pick, random } from "./random";
import { refuses, sound } from "./target";

const REFUSED = /^(FULL|SIZE|HANDLES|FRAGMENTED)$/;

function make(chunk: number, max?: number, pool: any = create({ size: 8192, handles: 200 })): { pool: any; b: Buffer } {
  return { pool, b: buffer(pool, { chunk, max }) };
}

/** Bytes of a string, a character each. */
function bytes(text: string): number[] {
  return [...text].map((c) => c.charCodeAt(0));
}

/** What stays as it was in a call that fails. */
function state(b: Buffer, pool: any): unknown {
  return [b.toArray(), b.length, live(pool), b.max];
}

/** Calls that change a buffer; each takes or asks for memory in another way. */
const CALLS: [string, (b: any, other: any) => unknown][] = [
  ["append an array", (b) => b.append(series(25, 50))],
  ["append a string", (b) => b.append("abcdefghijklmnop")],
  ["append what fits", (b) => b.append([9])],
  ["extend", (b) => b.extend(30, 7)],
  ["copy", (b, other) => other.copy(b, 2, 15)],
  ["copy to itself", (b) => b.copy(b, 2, 15)],
  ["move", (b, other) => other.move(b)],
  ["take", (b) => b.take(17)],
  ["take all", (b) => b.take(b.length)],
  ["split", (b) => b.split(6)],
  ["split at the end of a chunk", (b) => b.split(4)],
  ["split in the last chunk", (b) => b.split(21)],
  ["write", (b) => b.write(3, series(12))]
];

describe("buffer", () => {
  it("H takes bytes of every length over the ends of chunks", () => {
    for (const lot of LOTS) {
      for (const chunk of [9, 10, 12, 21]) {
        const { pool, heap } = lot.make(1200, 60);
        for (let n = 0; n <= 3 * chunk; n++) {
          const b = buffer(heap, { chunk });
          const room = chunk - 8;
          for (const [at, part] of [[0, n], [n, 1], [n + 1, 2]] as const) assert.equal(b.append(series(part, at * 3)), true);
          const wanted = series(n + 3);
          assert.deepEqual(b.toArray(), wanted);
          assert.equal(b.toString(), String.fromCharCode(...wanted));
          assert.equal(live(pool), Math.ceil((n + 3) / room), `${lot.name}, ${n} bytes`);
          b.clear();
          assert.equal(live(pool), 0);
        }
      }
    }
  });

  it("H loses nothing in 300 cycles of fill and clear, with 100 and with 3,000 bytes", () => {
    for (const n of [100, 3000]) {
      const { pool, b } = make(64, n);
      const data = series(n);
      for (let cycle = 0; cycle < 300; cycle++) {
        assert.equal(b.append(cycle & 1 ? data : new Uint8Array(data)), true);
        assert.deepEqual([b.length, pool.stat().live], [n, Math.ceil(n / 56)]);
        assert.equal(b.append([1]), false);
        if (cycle % 3) b.clear();
        else assert.deepEqual([...b.take(n)], data);
        assert.deepEqual([b.length, pool.stat().live, b.toArray(), b.toString()], [0, 0, [], ""]);
      }
    }
  });

  it("H counts unread bytes for its maximum, and takes none of what is too much", () => {
    const { pool, b } = make(12, 10);
    assert.equal(b.append("0123456"), true);
    assert.equal(b.append("7890"), false);
    assert.deepEqual([b.why, b.toString()], ["LIMIT", "0123456"]);
    assert.equal(b.extend(4), false);
    assert.equal(b.extend(2 ** 31), false);
    assert.equal(b.append("789"), true);
    assert.equal(b.append([1]), false);
    b.take(4);
    assert.equal(b.append("abcd"), true);
    assert.deepEqual([b.append("e"), b.why, b.toString()], [false, "LIMIT", "456789abcd"]);
    b.max = 11;
    assert.equal(b.append([101]), true);
    b.clear();
    assert.equal(pool.stat().live, 0);
  });

  it("H appends what is limited in place: the last byte that fits, in a chunk with room", () => {
    const { b } = make(40, 6);
    assert.equal(b.append([1, 2, 3]), true);
    assert.equal(b.append([4, 5, 6, 7]), false);
    assert.equal(b.append([4, 5, 6]), true);
    assert.equal(b.append([7]), false);
    assert.deepEqual(b.toArray(), [1, 2, 3, 4, 5, 6]);
  });

  it("H reads, copies and overwrites every range", () => {
    for (const lot of LOTS) {
      const { heap } = lot.make(800, 40);
      const b = buffer(heap, { chunk: 12 });
      const c = buffer(heap, { chunk: 15 });
      const data = series(14);
      b.append(data);
      b.take(1);
      data.shift();
      for (let at = 0; at <= 13; at++) {
        for (let n = 0; at + n <= 13; n++) {
          assert.deepEqual([...b.read(at, n)], data.slice(at, at + n));
          assert.equal(b.copy(c, at, n), true);
          assert.deepEqual([...c.take(n)], data.slice(at, at + n));
          b.write(at, series(n, at + n));
          data.splice(at, n, ...series(n, at + n));
          assert.deepEqual(b.toArray(), data);
        }
        refuses(() => b.read(at, 14 - at), "RANGE");
        refuses(() => b.write(at, series(14 - at)), "RANGE");
        refuses(() => b.copy(c, at, 14 - at), "RANGE");
      }
      assert.equal(c.length, 0);
    }
  });

  it("H copies to itself", () => {
    const { b } = make(11);
    b.append("abcdefg");
    assert.equal(b.copy(b, 1, 5), true);
    assert.equal(b.toString(), "abcdefgbcdef");
  });

  it("H extends with zeros or a value, also by far more than a chunk", () => {
    for (const lot of LOTS) {
      const { pool, heap } = lot.make(1200, 80);
      const b = buffer(heap, { chunk: 12 });
      b.append([1]);
      for (const [n, value] of [[0, 5], [1, 5], [2, undefined], [4, 6], [5, 0], [30, 255], [3, 300]] as const) {
        const before = b.toArray();
        assert.equal(b.extend(n, value), true);
        assert.deepEqual(b.toArray(), [...before, ...Array(n).fill((value ?? 0) & 255)]);
      }
      assert.equal(b.extend(5000), false);
      assert.match(b.why, REFUSED);
      assert.equal(b.length, 46);
      b.clear();
      assert.equal(live(pool), 0);
    }
  });

  it("H walks chunks and bytes until it is told to end", () => {
    const { b } = make(12);
    b.append("abcdefghij");
    b.take(2);
    const seen: [string, number][] = [];
    b.chunks((piece, at) => void seen.push([String.fromCharCode(...piece), at]));
    assert.deepEqual(seen, [["cd", 0], ["efgh", 2], ["ij", 6]]);
    let calls = 0;
    b.chunks(() => ++calls === 2);
    assert.equal(calls, 2);
    const places: number[][] = [];
    b.forEach((byte, at) => (places.push([byte, at]), at === 4));
    assert.deepEqual(places, [[99, 0], [100, 1], [101, 2], [102, 3], [103, 4]]);
    b.forEach((byte) => void (calls += byte));
    assert.equal(calls, 2 + bytes("cdefghij").reduce((sum, x) => sum + x));
    assert.throws(() => b.chunks(() => assert.fail("stop")), /stop/);
    assert.equal(b.toString(), "cdefghij");
  });

  it("H moves all bytes in constant time, with no copy and no leak", () => {
    const memory = new Memory(4096, false);
    const pool: any = far({ size: 4096, handles: 120, store: memory });
    const a = buffer(pool, { chunk: 24 });
    const b = buffer(pool, { chunk: 24 });
    for (const n of [0, 1, 300]) {
      const wanted = [...a.toArray(), ...series(n)];
      b.append(series(n));
      const before = live(pool);
      const written = memory.written;
      assert.equal(b.move(a), true);
      assert.ok(memory.written - written <= 8, `${memory.written - written} bytes written`);
      assert.deepEqual([a.toArray(), b.length, live(pool)], [wanted, 0, before]);
      assert.equal(b.append([n & 255]), true);
      assert.deepEqual(b.toArray(), [n & 255]);
      assert.equal(a.append([5]), true);
      assert.deepEqual(a.toArray(), [...wanted, 5]);
      a.take(1), b.clear();
    }
    a.clear();
    assert.equal(live(pool), 0);
  });

  it("H moves nothing that is too much for the other, and to none that has other chunks", () => {
    const { pool, b } = make(12, 8);
    const c = make(12, 100, pool).b;
    b.append("abcd");
    c.append("012345");
    assert.deepEqual([c.move(b), c.why, b.why, b.toString(), c.toString()], [false, "LIMIT", "LIMIT", "abcd", "012345"]);
    for (const other of [make(13, 8, pool).b, make(12).b, c, undefined, null, {}, 5, "x"]) refuses(() => c.move(other as any), "OPTION");
    assert.equal(c.toString(), "012345");
  });

  it("H splits at every byte, and both halves go on", () => {
    for (const lot of LOTS) {
      for (let skip = 0; skip < 3; skip++) {
        for (let n = 0; n <= 13 - skip; n++) {
          const { pool, heap } = lot.make(400, 20);
          const b = buffer(heap, { chunk: 12, max: 20 });
          b.append("0123456789abc");
          b.take(skip);
          const all = b.toString();
          const d = b.split(n)!;
          assert.deepEqual([d.toString(), b.toString(), d.length, b.length, d.max], [all.slice(0, n), all.slice(n), n, all.length - n, 20]);
          assert.equal(d.append("xyzuv"), true);
          assert.equal(b.append("XYZ"), true);
          assert.deepEqual([d.toString(), b.toString()], [`${all.slice(0, n)}xyzuv`, `${all.slice(n)}XYZ`]);
          assert.deepEqual([...b.take(2), ...d.take(2)], bytes(`${all.slice(n)}XYZ`.slice(0, 2) + `${all.slice(0, n)}xyzuv`.slice(0, 2)));
          d.clear();
          b.clear();
          assert.equal(live(pool), 0);
        }
      }
    }
  });

  it("H leaves everything as it was when the heap refuses, at every size of the pool", () => {
    let refused = 0;
    for (const lot of LOTS) {
      for (let size = 16; size <= 240; size += 8) {
        for (const [name, call] of CALLS) {
          const { pool, heap } = lot.make(size, 30);
          const b = buffer(heap, { chunk: 12 });
          const other = buffer(heap, { chunk: 12 });
          for (let i = 0; i < 24 && b.append([i]); i++);
          for (let i = 0; i < 20 && other.append([i]); i++);
          const before = [state(b, pool), state(other, pool)];
          let done;
          try {
            done = call(b, other);
          } catch (error: any) {
            assert.equal(error.code, "RANGE");
          }
          if (done === false || (done === undefined && name.startsWith("split"))) {
            if (b.length >= 22) assert.match(b.why, REFUSED);
            refused++;
          }
          if (done === false || done === undefined) if (name !== "write") assert.deepEqual([state(b, pool), state(other, pool)], before, `${lot.name}, ${size}, ${name}`);
          if (done && (done as Buffer).clear) (done as Buffer).clear();
          b.clear();
          other.clear();
          assert.equal(live(pool), 0, `${lot.name}, ${size}, ${name}`);
        }
      }
    }
    assert.ok(refused > 500, `${refused}`);
  });

  it("H leaves everything as it was when the store throws, at every access", () => {
    let thrown = 0;
    const calls: typeof CALLS = [...CALLS, ["clear", (b) => b.clear()]];
    for (const [name, call] of calls) {
      for (let k = 1, ended = true; ended; k++) {
        const memory = new Memory(400, false);
        const pool: any = far({ size: 400, handles: 40, store: memory });
        const b = buffer(pool, { chunk: 12 });
        const other = buffer(pool, { chunk: 12 });
        // a hole at the front, so that some allocs move
        const h = pool.alloc(30);
        b.append(series(23));
        other.append(series(18, 100));
        pool.free(h);
        const before = [state(b, pool), state(other, pool)];
        ended = cut(memory, "enter", k, () => void call(b, other));
        if (ended) {
          thrown++;
          const when = `${name}, access ${k}`;
          if (name === "clear") assert.equal(live(pool), Math.ceil(b.length / 4) + 5, when);
          else if (name === "write") assert.deepEqual([b.length, live(pool)], [23, 11], when);
          else assert.deepEqual([state(b, pool), state(other, pool)], before, when);
          sound(pool, when);
        } else if (name.startsWith("split")) continue;
        b.clear();
        other.clear();
        assert.equal(live(pool), 0, name);
      }
    }
    assert.ok(thrown > 80, `${thrown}`);
  });

  it("H changes nothing in a call that comes during a call of the pool", () => {
    for (const n of [3, 24]) {
      for (const [name, call] of [...CALLS, ["clear", (b: any) => b.clear()] as const]) {
        const pool: any = create({ size: 600, handles: 40 });
        const h = pool.alloc(40);
        const b = buffer(pool, { chunk: 12 });
        const other = buffer(pool, { chunk: 12 });
        b.append(series(n));
        other.append(series(20));
        pool.free(h);
        const before = [state(b, pool), state(other, pool)];
        let called = 0;
        pool.onmove = () => {
          if (called++) return;
          let code = "none";
          try {
            call(b, other);
          } catch (error: any) {
            code = error.code;
          }
          assert.match(code, n === 3 ? /^(BUSY|RANGE)$/ : /^BUSY$/, name);
        };
        pool.pack();
        pool.onmove = undefined;
        assert.ok(called);
        assert.deepEqual([state(b, pool), state(other, pool)], before, name);
        b.clear();
        other.clear();
        assert.equal(pool.stat().live, 0);
      }
    }
  });

  it("H finds its last chunk again after every move, and looks for it no more than once between two", () => {
    const pool: any = create({ size: 1024, handles: 30 });
    const next = random(5);
    const b = buffer(pool, { chunk: 200 });
    const wanted: number[] = [];
    const places = new Set<number>();
    let looks = 0;
    const at = pool.at;
    pool.at = function (h: number) {
      looks++;
      return at.call(this, h);
    };
    const around: number[] = [];
    for (let turn = 0; turn < 3000; turn++) {
      if (around.length > 8) pool.free(around.splice(next(around.length), 1)[0]);
      const h = pool.alloc(1 + next(60));
      if (h) around.push(h);
      pool.tick(1 + next(30));
      const data = series(next(4), turn);
      assert.equal(b.append(data), true);
      wanted.push(...data);
      const before = looks;
      if ((b as any)._to < 198) {
        b.append([turn & 255]), wanted.push(turn & 255);
        b.append(new Uint8Array([1])), wanted.push(1);
        // where nothing was appended since the tick it has to look
        if (data.length) assert.equal(looks, before, `turn ${turn}`), places.add((b as any)._base);
      }
      if (b.length > 150) assert.deepEqual([...b.take(100)], wanted.splice(0, 100));
      if (turn % 50 === 0) assert.deepEqual(b.toArray(), wanted), sound(pool);
    }
    assert.deepEqual(b.toArray(), wanted);
    assert.ok(places.size > 20, `${places.size} places`);
  });

  it("H finds its last chunk again when the slab around it has moved", () => {
    const pool: any = create({ size: 600, handles: 8 });
    const front = pool.alloc(100);
    const s = slab(pool, { size: 40, slots: 6 }) || assert.fail(pool.why);
    const b = buffer(s, { chunk: 40 });
    b.append([1, 2]);
    b.append([3]);
    pool.free(front);
    pool.pack();
    assert.ok(pool.epoch > 0);
    const mine = pool.alloc(200);
    pool.fill(mine, 85, 0, 200);
    assert.equal(b.append([4]), true);
    assert.deepEqual(b.toArray(), [1, 2, 3, 4]);
    assert.deepEqual([...new Set(pool.read(mine, 0, 200))], [85]);
    b.clear();
    assert.equal(s.live, 0);
  });

  it("H is refused bytes once reset() has ended its chunks, and touches those of nobody else", () => {
    for (const lot of LOTS.filter(({ name }) => name !== "tiny")) {
      for (const n of [2, 23]) {
        for (const [name, call] of [...CALLS, ["clear", (b: any) => b.clear()] as const]) {
          if (n === 2 && /copy|take|split|write/.test(name)) continue;
          const { pool, heap } = lot.make(512, 20);
          const b = buffer(heap, { chunk: 12 });
          const other = buffer(heap, { chunk: 12 });
          b.append(series(n));
          other.append(series(18));
          pool.reset();
          const mine = pool.alloc(500);
          pool.fill(mine, 85, 0, 500);
          const blocks = live(pool);
          refuses(() => call(b, other), "HANDLE", name);
          assert.deepEqual([...new Set(pool.read(mine, 0, 500))], [85], name);
          // what was allocated for the call is free again
          assert.equal(live(pool), blocks, name);
        }
      }
    }
  });

  it("refuses arguments that are none", () => {
    const { pool, b } = make(12, 50);
    const c = make(12, 50, pool).b;
    b.append([1, 2]);
    for (const bad of [undefined, null, NaN, -1, 0.5, 2 ** 31, 2 ** 32, "x", {}, () => 1, [], true]) {
      const what = String(bad);
      if (bad !== undefined) refuses(() => buffer(pool, { chunk: bad as any }), "OPTION", what);
      if (bad !== undefined && !(bad as number > 0)) refuses(() => buffer(pool, { max: bad as any }), "OPTION", what);
      for (const call of [() => b.read(bad as any, 1), () => b.read(0, bad as any), () => b.take(bad as any), () => b.split(bad as any), () => b.write(bad as any, [1]), () => b.copy(c, bad as any, 1)]) {
        refuses(call, "RANGE", what);
      }
      assert.throws(() => b.copy(bad as any, 0, 1), what);
      assert.throws(() => b.chunks(bad as any) ?? (typeof bad === "function" && assert.fail("a function")), what);
      if (typeof bad !== "string" && !Array.isArray(bad)) refuses(() => b.append(bad as any), "ARGUMENT", what), refuses(() => b.write(0, bad as any), "ARGUMENT", what);
      if ((bad as any) >>> 0 !== bad) refuses(() => b.extend(bad as any), "ARGUMENT", what);
    }
    for (const chunk of [0, 8, 8.5, 65536, 65545]) refuses(() => buffer(pool, { chunk }), "OPTION");
    for (const heap of [undefined, null, 5, {}, NaN]) refuses(() => buffer(heap as any), "OPTION");
    refuses(() => b.append("\u0100"), "ARGUMENT");
    refuses(() => b.append("a\u20ac"), "ARGUMENT");
    for (const length of [-1, 0.5, "1", NaN, undefined, null, 2 ** 31]) refuses(() => b.append({ length, 0: 5 } as any), "ARGUMENT", `length ${length}`);
    refuses(() => b.append(new DataView(new ArrayBuffer(3)) as any), "ARGUMENT");
    refuses(() => b.append(new ArrayBuffer(3) as any), "ARGUMENT");
    assert.deepEqual([b.toArray(), c.length, pool.stat().live], [[1, 2], 0, 1]);
  });

  it("takes bytes of the pool itself", () => {
    const { pool, b } = make(20);
    const h = pool.alloc(30);
    pool.write(h, 0, series(30));
    for (let i = 0; i < 5; i++) assert.equal(b.append(pool.view(h)), true);
    assert.deepEqual(b.toArray(), Array.from({ length: 5 }, () => series(30)).flat());
  });

  it("takes the largest chunk there is, and text of many bytes", () => {
    const pool: any = create({ size: 262144, handles: 8 });
    const b = buffer(pool, { chunk: 65535 });
    const data = Array.from({ length: 150000 }, (_, i) => i % 251);
    assert.equal(b.append(data), true);
    assert.equal(live(pool), 3);
    const text = b.toString();
    assert.equal(text.length, 150000);
    for (let i = 0; i < 150000; i += 499) assert.equal(text.charCodeAt(i), i % 251);
    assert.deepEqual([...b.read(65500, 100)], data.slice(65500, 65600));
    const d = b.split(65527 + 70)!;
    assert.equal(b.read(0, 1)[0], 65597 % 251);
    d.clear();
    b.clear();
    assert.equal(live(pool), 0);
  });

  it("keeps random calls of two apart", () => {
    const next = random(11);
    const pool: any = create({ size: 700, handles: 60 });
    const pair = [make(16, undefined, pool).b, make(16, undefined, pool).b];
    const text = ["", ""];
    for (let turn = 0; turn < 4000; turn++) {
      const i = next(2);
      const word = pick(next, ["", "a", "bcd", "efghijkl", "mnopqrstuvwxyz0123456789"]);
      if (text[i].length < 100) assert.equal(pair[i].append(word), true), (text[i] += word);
      const n = next(Math.min(12, text[i].length + 1));
      assert.deepEqual([...pair[i].take(n)], bytes(text[i].slice(0, n)));
      text[i] = text[i].slice(n);
      pool.tick(next(20));
      if (turn % 9 === 0 && text[0].length + text[1].length < 150) pair[i].move(pair[1 - i]), (text[1 - i] += text[i]), (text[i] = "");
      assert.deepEqual(pair.map(String), text);
    }
  });
});
