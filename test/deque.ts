import assert from "node:assert/strict";
import { deque, type Deque } from "../src/deque";
import { create as far } from "../src/far";
import { create } from "../src/full";
import { cut, live, LOTS, series } from "./ground";
import { Memory } from "./memory";
import { random } from "./random";
import { refuses, sound } from "./target";

function make(chunk: number, max?: number, pool: any = create({ size: 8192, handles: 200 })): { pool: any; d: Deque } {
  return { pool, d: deque(pool, { chunk, max }) };
}

function all(d: Deque): number[] {
  return [...d.read(0, d.length)];
}

function text(bytes: Uint8Array | undefined): string | undefined {
  return bytes && String.fromCharCode(...bytes);
}

const CALLS: [string, (d: any, other: any) => unknown][] = [
  ["push", (d) => d.push(1)],
  ["unshift", (d) => d.unshift(1)],
  ["append", (d) => d.append(series(20))],
  ["split", (d) => d.split(7)],
  ["drain", (d, other) => d.drain(other)],
  ["copy", (d, other) => d.copy(other, 1, 8)],
  ["take", (d) => d.take(9)],
  ["skip", (d) => d.skip(9)],
  ["shift", (d) => d.shift()],
  ["pop", (d) => d.pop()],
  ["until", (d) => d.until(series(11, 0)[10])],
  ["parse", (d) => d.parse((input: any) => (input.next(), input.take(8)))],
  ["peek", (d) => d.peek(9)],
  ["first", (d) => d.first()],
  ["last", (d) => d.last()]
];

describe("deque", () => {
  it("H pops to empty from both ends and goes on, in chunks of every size", () => {
    for (const lot of LOTS) {
      for (let chunk = 9; chunk < 15; chunk++) {
        const { pool, heap } = lot.make(600, 40);
        const d = deque(heap, { chunk });
        for (const [put, get] of [["push", "pop"], ["push", "shift"], ["unshift", "pop"], ["unshift", "shift"]] as const) {
          for (let n = 1; n < 16; n++) {
            const model: number[] = [];
            for (let i = 0; i < n; i++) assert.equal(d[put](i), true), model[put](i);
            assert.deepEqual([all(d), d.first(), d.last()], [model, model[0], model[n - 1]]);
            assert.equal(live(pool), Math.ceil(n / (chunk - 8)));
            while (model.length) assert.equal(d[get](), model[get]());
            assert.deepEqual([d[get](), d.first(), d.last(), d.length, live(pool)], [undefined, undefined, undefined, 0, 0]);
          }
        }
      }
    }
  });

  it("H frees a chunk exactly when its last byte is consumed, at either end", () => {
    for (const lot of LOTS) {
      const { pool, heap } = lot.make(600, 40);
      const d = deque(heap, { chunk: 13 });
      for (let n = 1; n <= 30; n++) {
        d.append(series(n));
        for (let left = n; left; left--) {
          assert.equal(live(pool), Math.ceil(n / 5) - Math.floor((n - left) / 5), `${lot.name}: ${left} of ${n} left`);
          d.shift();
        }
        d.append(series(n));
        for (let left = n; left; left--) {
          assert.equal(live(pool), Math.ceil(left / 5), `${lot.name}: ${left} of ${n} left`);
          d.pop();
        }
        assert.equal(live(pool), 0);
      }
    }
  });

  it("H loses nothing in 300 cycles of 100 and of 3,000 bytes", () => {
    for (const n of [100, 3000]) {
      const { pool, d } = make(64, n);
      for (let cycle = 0; cycle < 300; cycle++) {
        assert.equal(d.append(new Uint8Array(n - 2)), true);
        assert.equal(d.push(1) && d.unshift(2), true);
        assert.deepEqual([d.push(3), d.why, d.unshift(3), d.why, d.length], [false, "LIMIT", false, "LIMIT", n]);
        if (cycle % 3 === 0) d.clear();
        else if (cycle % 3 === 1) assert.equal(d.skip(n + 5), n);
        else assert.deepEqual([d.shift(), d.pop(), d.take(n - 2).length], [2, 1, n - 2]);
        assert.deepEqual([d.length, pool.stat().live], [0, 0]);
      }
    }
  });

  it("H finds positions relative to the unread part", () => {
    const { d } = make(11);
    d.append("abcdefghij");
    d.skip(4);
    assert.deepEqual([text(d.read(0, 3)), text(d.read(2, 4)), text(d.peek(2)), d.first()], ["efg", "ghij", "ef", 101]);
    const places: number[] = [];
    d.forEach((byte, at) => void places.push(byte - at));
    assert.deepEqual(places, [101, 101, 101, 101, 101, 101]);
    d.unshift(120);
    assert.deepEqual([text(d.read(0, 2)), text(d.until("g"))], ["xe", "xef"]);
  });

  it("H peeks n, or all there are, and takes nothing", () => {
    const { d } = make(10);
    assert.deepEqual([...d.peek(3)], []);
    d.append([1, 2, 3, 4, 5]);
    for (let n = 0; n < 9; n++) assert.deepEqual([...d.peek(n)], [1, 2, 3, 4, 5].slice(0, n));
    assert.equal(d.length, 5);
  });

  it("H skips a number, or while a function says so", () => {
    const { pool, d } = make(10);
    d.append("   \t  xyz");
    assert.equal(d.skip((byte) => byte <= 32), 6);
    assert.equal(d.toString(), "xyz");
    assert.equal(pool.stat().live, 2);
    assert.deepEqual([d.skip(() => false), d.skip(0), d.skip(2), d.skip(() => true), d.skip(() => true), d.skip(7)], [0, 0, 2, 1, 0, 0]);
    assert.equal(pool.stat().live, 0);
    d.append("ab");
    assert.throws(() => d.skip(() => assert.fail("stop")), /stop/);
    // the function takes what it was asked about
    assert.ok(d.skip(() => (d.clear(), true)) <= 1);
    assert.deepEqual([d.length, d.push(9), d.shift(), d.length], [0, true, 9, 0]);
  });

  it("H consumes up to a byte or a pattern, wherever the ends of chunks are", () => {
    for (let chunk = 9; chunk < 18; chunk++) {
      for (const mark of ["#", "\r\n", "#-#", "aab"]) {
        for (let n = 0; n < 12; n++) {
          const { pool, d } = make(chunk);
          const before = "aaaaaaaaaaaa".slice(0, n);
          d.push(1);
          d.append(before + mark.slice(0, -1));
          d.shift();
          assert.equal(d.until(mark), undefined, "half a mark");
          assert.equal(d.toString(), before + mark.slice(0, -1));
          d.append(`${mark.slice(-1)}rest`);
          assert.equal(text(n & 1 ? d.until(mark) : d.until([...mark].map((c) => c.charCodeAt(0)))), before);
          assert.equal(d.toString(), "rest");
          assert.equal(d.until(mark), undefined);
          d.clear();
          assert.equal(pool.stat().live, 0);
        }
      }
    }
  });

  it("H consumes up to a mark after pops", () => {
    const { d } = make(10);
    d.append("ab;cd;ef;");
    assert.equal(d.pop(), 59);
    assert.equal(d.pop(), 102);
    assert.deepEqual([text(d.until(59)), text(d.until(";")), d.until(59), d.toString()], ["ab", "cd", undefined, "e"]);
    d.append(new Uint8Array([0, 255, 59]));
    assert.deepEqual([...d.until([255])!], [101, 0]);
    assert.deepEqual([...d.until(59)!], []);
    assert.equal(d.length, 0);
  });

  it("H reads lines, whole ones only", () => {
    const { pool, d } = make(12);
    const lines: (string | undefined)[] = [];
    for (const piece of ["on", "e\r\ntwo", "\n", "\r", "\n\nth\rree\n", "\r\r\n", "\u00e4\u00ff\n", "rest"]) {
      d.append(piece);
      for (let line; (line = d.readLine()) !== undefined; ) lines.push(line);
    }
    assert.deepEqual(lines, ["one", "two", "", "", "th\rree", "\r", "\u00e4\u00ff"]);
    assert.equal(d.toString(), "rest");
    d.append(`${"x".repeat(700)}\n`);
    assert.equal(d.readLine(), `rest${"x".repeat(700)}`);
    assert.equal(pool.stat().live, 0);
  });

  it("H gives a parser bytes, or lets it wait for more", () => {
    const { pool, d } = make(11);
    const frames: number[][] = [];
    let turns = 0;
    const wire = [2, 7, 8, 0, 1, 9, 5, 1, 2, 3, 4, 5, 3, 1];
    for (const byte of wire) {
      d.push(byte);
      for (let frame; (frame = d.parse((input) => (turns++, [...input.take(input.next())]))); ) frames.push(frame);
    }
    assert.deepEqual(frames, [[7, 8], [], [9], [1, 2, 3, 4, 5]]);
    assert.deepEqual(all(d), [3, 1]);
    assert.ok(turns > wire.length);
    assert.throws(() => d.parse((input) => assert.fail(`byte ${input.next()}`)), /byte 3/);
    for (const bad of [-1, 0.5, NaN, undefined, null, "x", {}]) refuses(() => d.parse((input) => input.take(bad as any)), "RANGE", String(bad));
    assert.equal(d.parse((input) => input.take(2 ** 31)), undefined);
    assert.deepEqual(all(d), [3, 1]);
    assert.equal(d.parse(() => 5), 5);
    assert.equal(d.length, 2);
    // a parser that clears what it reads
    d.parse((input) => (input.next(), d.clear(), 1));
    assert.deepEqual([d.length, d.push(4), all(d)], [0, true, [4]]);
    d.clear();
    assert.equal(pool.stat().live, 0);
  });

  it("H drains into another and splits off its front", () => {
    const { pool, d } = make(12);
    const e = make(12, 30, pool).d;
    d.append(series(15));
    d.unshift(99);
    e.append([1, 2]);
    e.unshift(0);
    assert.equal(d.drain(e), true);
    assert.deepEqual([d.length, all(e)], [0, [0, 1, 2, 99, ...series(15)]]);
    assert.deepEqual([d.pop(), d.shift(), d.push(5), d.pop()], [undefined, undefined, true, 5]);
    const front = e.split(5)!;
    assert.deepEqual([all(front), all(e), front.max], [[0, 1, 2, 99, 0], series(14, 3), 30]);
    assert.deepEqual([front.push(6), front.unshift(7), front.pop(), front.shift(), e.unshift(8), e.shift()], [true, true, 6, 7, true, 8]);
    assert.equal(front.drain(d), true);
    assert.deepEqual([d.readLine(), all(d)], [undefined, [0, 1, 2, 99, 0]]);
    e.append(series(15));
    assert.deepEqual([d.drain(e), d.why, d.length], [false, "LIMIT", 5]);
    refuses(() => d.drain(d), "OPTION");
    refuses(() => d.drain(make(13, 30, pool).d), "OPTION");
    d.clear();
    e.clear();
    assert.equal(pool.stat().live, 0);
  });

  it("H leaves everything as it was when the heap refuses, at every size of the pool", () => {
    let refused = 0;
    for (const lot of LOTS) {
      for (let size = 16; size <= 200; size += 4) {
        const { pool, heap } = lot.make(size & -4, 30);
        const d = deque(heap, { chunk: 12 });
        const model: number[] = [];
        for (let i = 0; i < 40; i++) {
          const before = live(pool);
          const up = i % 3 > 0;
          const done = up ? d.push(i) : d.unshift(i);
          if (done) up ? model.push(i) : model.unshift(i);
          else refused++, assert.match(d.why, /^(FULL|SIZE|HANDLES|FRAGMENTED)$/), assert.equal(live(pool), before);
          assert.deepEqual(all(d), model);
        }
        const before = live(pool);
        for (let n = 0; n <= model.length; n++) {
          const half = d.split(n);
          if (!half) assert.equal(live(pool), before), refused++;
          else assert.deepEqual([all(half), d.drain(half)], [model.slice(0, n), true]), assert.equal(half.drain(d), true);
          assert.deepEqual(all(d), model);
          // no room for another split
          if (live(pool) !== before) break;
        }
        d.clear();
        assert.equal(live(pool), 0);
      }
    }
    assert.ok(refused > 500, `${refused}`);
  });

  it("H leaves everything as it was when the store throws, at every access", () => {
    let thrown = 0;
    for (const [name, call] of CALLS) {
      for (const shifts of [0, 1, 3, 7]) {
        for (let k = 1, ended = true; ended; k++) {
          const memory = new Memory(400, false);
          const pool: any = far({ size: 400, handles: 40, store: memory });
          const d = deque(pool, { chunk: 12 });
          const other = deque(pool, { chunk: 12 });
          const h = pool.alloc(30);
          d.append(series(16 + (shifts & 1)));
          for (let i = 0; i < shifts; i++) d.shift();
          other.append(series(9));
          pool.free(h);
          const before = [all(d), all(other), live(pool)];
          ended = cut(memory, "enter", k, () => void call(d, other));
          if (ended) {
            thrown++;
            assert.deepEqual([all(d), all(other), live(pool)], before, `${name}, access ${k}, ${shifts} shifts`);
            sound(pool);
          } else if (name === "split") continue;
          d.clear();
          other.clear();
          assert.equal(live(pool), 0);
        }
      }
    }
    assert.ok(thrown > 150, `${thrown}`);
  });

  it("H changes nothing in a call that comes during a call of the pool", () => {
    for (const n of [1, 17]) {
      for (const [name, call] of [...CALLS, ["clear", (d: any) => d.clear()] as const]) {
        const pool: any = create({ size: 600, handles: 40 });
        const h = pool.alloc(40);
        const d = deque(pool, { chunk: 12 });
        const other = deque(pool, { chunk: 12 });
        d.append(series(n));
        other.append(series(9));
        pool.free(h);
        const before = [all(d), all(other), live(pool)];
        let called = 0;
        pool.onmove = () => {
          if (called++) return;
          let code = "none";
          try {
            call(d, other);
          } catch (error: any) {
            code = error.code;
          }
          // one that asks for more than there is
          assert.match(code, n > 1 || !/take|split|copy|parse|until/.test(name) ? /^BUSY$/ : /^(BUSY|RANGE|none)$/, name);
        };
        pool.pack();
        pool.onmove = undefined;
        assert.ok(called);
        assert.deepEqual([all(d), all(other), live(pool)], before, name);
        d.clear();
        other.clear();
        assert.equal(live(pool), 0);
      }
    }
  });

  it("H pushes to the right place between ticks that move its chunk in pieces", () => {
    for (const unit of [1, 4, 16]) {
      const pool: any = create({ size: 1024, handles: 30, unit });
      const d = deque(pool, { chunk: 150 });
      const next = random(unit);
      const model: number[] = [];
      const around: number[] = [];
      let split = 0;
      for (let turn = 0; turn < 3000; turn++) {
        if (around.length > 6) pool.free(around.shift()!);
        const h = pool.alloc(1 + next(90));
        if (h) around.push(h);
        for (let i = 0; i < 3; i++) {
          const epoch = pool.epoch;
          pool.tick(unit + next(20));
          assert.equal(d.push(turn & 255), true);
          model.push(turn & 255);
          if (pool.epoch !== epoch) split++;
          assert.equal(d.push(i), true);
          model.push(i);
          if (next(4) === 0) assert.equal(d.pop(), model.pop());
        }
        if (model.length > 130) assert.deepEqual([...d.take(100)], model.splice(0, 100));
        assert.deepEqual(all(d), model);
      }
      sound(pool);
      assert.ok(split > 300, `${split} pushes behind a move`);
      d.clear();
    }
  });

  it("H is refused once reset() has ended its chunks, and touches the bytes of nobody else", () => {
    for (const lot of LOTS.filter(({ name }) => name !== "tiny")) {
      for (const warm of [true, false]) {
        for (const [name, call] of CALLS) {
          const { pool, heap } = lot.make(512, 20);
          const d = deque(heap, { chunk: 12 });
          const other = deque(heap, { chunk: 12 });
          d.append(series(18));
          other.append(series(9));
          if (!warm) d.unshift(4);
          pool.reset();
          const mine = pool.alloc(512 - 60);
          pool.fill(mine, 85, 0, 452);
          refuses(() => call(d, other), "HANDLE", `${lot.name}: ${name}`);
          assert.deepEqual([...new Set(pool.read(mine, 0, 452))], [85], name);
          assert.equal(live(pool), 1, name);
        }
      }
    }
  });

  it("pushes and appends without asking the pool while nothing moves", () => {
    const { pool, d } = make(40);
    d.push(0);
    const { at, alloc } = pool;
    pool.at = pool.alloc = () => assert.fail("the pool is asked");
    for (let i = 1; i < 20; i++) d.push(i);
    d.append([20, 21, 22]);
    d.append(new Uint8Array([23, 24]));
    Object.assign(pool, { at, alloc });
    assert.deepEqual(all(d), Array.from({ length: 25 }, (_, i) => i));
  });

  it("refuses arguments that are none", () => {
    const { pool, d } = make(12);
    d.append([1, 2, 0, 65]);
    for (const bad of [undefined, null, NaN, -1, 0.5, 2 ** 31, 256, 300, {}, () => 1, true, "", [], "\u0100"]) {
      refuses(() => d.until(bad as any), "ARGUMENT", String(bad));
    }
    for (const bad of [undefined, null, NaN, -1, 0.5, 2 ** 32, {}, true, "", [], "x"]) {
      refuses(() => d.skip(bad as any), "ARGUMENT", String(bad));
      if (bad !== 2 ** 32 && typeof bad !== "boolean" && bad !== null && bad !== "" && !Array.isArray(bad)) refuses(() => d.peek(bad as any), "RANGE", String(bad));
      refuses(() => d.take(bad as any), "RANGE", String(bad));
    }
    for (const bad of [undefined, null, 5, "x", {}]) assert.throws(() => d.parse(bad as any)), refuses(() => d.drain(bad as any), "OPTION");
    assert.deepEqual([all(d), pool.stat().live], [[1, 2, 0, 65], 1]);
    d.clear();
    // numbers that are no bytes: their low 8 bits at both ends, wherever they are stored
    for (const lot of LOTS) {
      const e = deque(lot.make(200, 8).heap, { chunk: 10 });
      for (const bad of [-1, 256, 300, 0.5, NaN, undefined, null, "x"]) e.push(bad as any), e.unshift(bad as any);
      assert.deepEqual(all(e), [0, 0, 0, 0, 0, 44, 0, 255, 255, 0, 44, 0, 0, 0, 0, 0], lot.name);
    }
  });
});
