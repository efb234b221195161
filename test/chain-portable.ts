// Cases of buffer and deque that run in any ES5 engine, on pools of up to 4 KB.

import type { buffer as BufferOf } from "../src/buffer";
import type { deque as DequeOf, Input } from "../src/deque";
import type { create as Create } from "../src/full";
import { code, same, thrown } from "./verdict";

/** What a case runs on: the exports of the bundles. */
export interface Library {
  tidyheap: { create: typeof Create };
  kit: { buffer: typeof BufferOf; deque: typeof DequeOf };
}

export interface Case {
  name: string;
  run: (lib: Library) => void;
}

function join(bytes: ArrayLike<number>): string {
  let text = "";
  for (let i = 0; i < bytes.length; i++) text += (i ? "," : "") + bytes[i];
  return text;
}

export const CASES: Case[] = [
  {
    name: "a buffer takes arrays, typed arrays and strings over the ends of chunks",
    run: function (lib) {
      const pool = lib.tidyheap.create({ size: 1024, handles: 24 });
      const b = lib.kit.buffer(pool as any, { chunk: 12 });
      same(b.append([1, 2, 3]), true, "an array");
      same(b.append(new Uint8Array([4, 5, 6])), true, "a typed array");
      same(b.append("\x07\xff"), true, "a string");
      same(b.append(""), true, "nothing");
      same(b.extend(3, 9), true, "extend");
      same(b.length, 11, "length");
      same(pool.stat().live, 3, "chunks");
      same(join(b.toArray()), "1,2,3,4,5,6,7,255,9,9,9", "bytes");
      same(join(b.read(2, 7)), "3,4,5,6,7,255,9", "a part");
      b.write(3, [40, 50]);
      same(join(b.take(5)), "1,2,3,40,50", "what is taken");
      same(pool.stat().live, 2, "chunks left");
      let seen = "";
      b.forEach(function (byte, at) {
        seen += at + ":" + byte + " ";
        return at === 2;
      });
      same(seen, "0:6 1:7 2:255 ", "bytes that were walked");
      b.clear();
      same(pool.stat().live, 0, "blocks left");
    }
  },
  {
    name: "a string of 600 characters comes out as it went in",
    run: function (lib) {
      const pool = lib.tidyheap.create({ size: 2048, handles: 40 });
      const d = lib.kit.deque(pool as any, { chunk: 512 });
      let line = "";
      for (let i = 0; i < 60; i++) line += "0123456789";
      same(d.append(line + "\r\nnext"), true, "append");
      same(d.toString().length, 606, "length");
      same(d.readLine(), line, "a line");
      same(d.readLine(), undefined, "half a line");
      same(d.toString(), "next", "the rest");
      d.clear();
      same(pool.stat().live, 0, "blocks left");
    }
  },
  {
    name: "a deque takes and gives at both ends",
    run: function (lib) {
      const pool = lib.tidyheap.create({ size: 512, handles: 24 });
      const d = lib.kit.deque(pool as any, { chunk: 10 });
      for (let turn = 0; turn < 3; turn++) {
        for (let i = 0; i < 9; i++) same(d.push(i) && d.unshift(100 + i), true, "push and unshift " + i);
        same(d.first(), 108, "first");
        same(d.last(), 8, "last");
        same(join(d.peek(3)), "108,107,106", "peek");
        for (let i = 8; i >= 0; i--) {
          same(d.pop(), i, "pop");
          same(d.shift(), 100 + i, "shift");
        }
        same(d.pop(), undefined, "nothing");
        same(d.shift(), undefined, "nothing");
        same(pool.stat().live, 0, "blocks left");
      }
    }
  },
  {
    name: "bytes are removed up to a mark, by number, by text and by a function",
    run: function (lib) {
      const pool = lib.tidyheap.create({ size: 512, handles: 24 });
      const d = lib.kit.deque(pool as any, { chunk: 11 });
      d.append("ab\ncd\r\n\nAT+OK;rest");
      same(d.readLine(), "ab", "line");
      same(d.readLine(), "cd", "line");
      same(d.readLine(), "", "line");
      same(d.readLine(), undefined, "line");
      same(join(d.until("+OK") || []), "65,84", "a text");
      same(join(d.until(59) || [1]), "", "a byte");
      same(d.until([116, 116]), undefined, "no mark");
      same(d.skip((byte) => byte !== 115), 2, "skip");
      same(d.skip(9), 2, "skip");
      same(pool.stat().live, 0, "blocks left");
    }
  },
  {
    name: "a parser takes bytes or waits for more",
    run: function (lib) {
      const pool = lib.tidyheap.create({ size: 512, handles: 24 });
      const d = lib.kit.deque(pool as any, { chunk: 10 });
      function packet(input: Input): string {
        return join(input.take(input.next()));
      }
      same(d.parse(packet), undefined, "nothing");
      d.append([3, 7, 8]);
      same(d.parse(packet), undefined, "half");
      same(d.length, 3, "length");
      d.append([9, 0, 1]);
      same(d.parse(packet), "7,8,9", "a packet");
      same(d.parse(packet), "", "an empty one");
      same(d.parse(packet), undefined, "half");
      d.clear();
      same(pool.stat().live, 0, "blocks left");
    }
  },
  {
    name: "bytes move from one to another and are split off without loss",
    run: function (lib) {
      const pool = lib.tidyheap.create({ size: 512, handles: 24 });
      const b = lib.kit.buffer(pool as any, { chunk: 12, max: 20 });
      const c = lib.kit.buffer(pool as any, { chunk: 12 });
      b.append("0123456789");
      c.append("abcdefghijk");
      same(c.move(b), false, "too many");
      same(c.why, "LIMIT", "why");
      const d = c.split(6);
      if (!d) throw new Error("no half: " + c.why);
      same(d.toString() + " " + c.toString(), "abcdef ghijk", "halves");
      same(d.move(b), true, "move");
      same(d.length, 0, "length");
      same(b.copy(c, 9, 3), true, "copy");
      same(b.toString() + " " + c.toString(), "0123456789abcdef ghijk9ab", "both");
      same(b.append("12345"), false, "too many");
      b.clear();
      c.clear();
      same(pool.stat().live, 0, "blocks left");
    }
  },
  {
    name: "a byte goes to the right place after every move of its chunk, and nowhere after reset()",
    run: function (lib) {
      const pool = lib.tidyheap.create({ size: 256, handles: 16 });
      const d = lib.kit.deque(pool as any, { chunk: 50 });
      let want = "";
      for (let i = 0; i < 36; i++) {
        const h = pool.alloc(30);
        if (i % 6 === 0) d.push(33 + i), (want += (want && ",") + (33 + i));
        pool.free(h);
        pool.tick(7);
        d.append([i]);
        want += "," + i;
      }
      same(join(d.read(0, d.length)), want, "bytes");
      same(d.push(1), true, "push");
      pool.reset();
      const all = pool.alloc(256);
      pool.fill(all, 77, 0, 256);
      same(code(() => d.push(5)), "HANDLE", "push");
      same(code(() => d.append([5])), "HANDLE", "append");
      same(code(() => d.shift()), "HANDLE", "shift");
      const bytes = pool.read(all, 0, 256);
      for (let i = 0; i < 256; i++) same(bytes[i], 77, "byte " + i);
    }
  },
  {
    name: "arguments that are none are refused by buffers",
    run: function (lib) {
      const pool = lib.tidyheap.create({ size: 256, handles: 16 });
      const b = lib.kit.buffer(pool as any, { chunk: 12, max: 100 });
      const d = lib.kit.deque(pool as any, { chunk: 12 });
      b.append("abcdef");
      d.append("abcdef");
      const bad: any[] = [undefined, null, NaN, -1, 0.5, 2147483648, "x", {}, function () {}];
      for (let i = 0; i < bad.length; i++) {
        const value = bad[i];
        const what = "argument " + i;
        if (i) same(code(() => lib.kit.buffer(pool as any, { chunk: value })), "OPTION", what + " as chunk");
        same(thrown(() => lib.kit.buffer(value).append([1])) !== "", true, what + " as heap");
        if (value !== "x") same(code(() => b.append(value)), "ARGUMENT", what + " as data");
        same(code(() => b.read(value, 1)), "RANGE", what + " as at");
        same(code(() => b.take(value)), "RANGE", what + " as n");
        same(code(() => b.split(value)), "RANGE", what + " as n");
        same(thrown(() => b.move(value)) !== "", true, what + " as buffer");
        same(thrown(() => b.copy(value, 0, 1)) !== "", true, what + " as buffer");
        if (value !== 2147483648) same(code(() => b.extend(value)), "ARGUMENT", what + " as n");
        if (value !== "x") same(code(() => d.until(value)), "ARGUMENT", what + " as mark");
      }
      same(b.extend(2147483648), false, "extend");
      same(b.toString() + d.toString(), "abcdefabcdef", "bytes");
      b.clear();
      d.clear();
      same(pool.stat().live, 0, "blocks left");
    }
  }
];

export { external } from "./portable";
