// Cases of structs, arrays, texts and the collector that run in any ES5 engine, in pools of up to 4 KB.

import type { array as Array_ } from "../src/array";
import type { collector as Collector } from "../src/collect";
import type { create as Create } from "../src/core";
import type { struct as Struct } from "../src/struct";
import { same, thrown } from "./verdict";

/** What a case runs on: the exports of the bundles. */
export interface Library {
  tidyheap: { create: typeof Create };
  kit: { struct: typeof Struct; array: typeof Array_; collector: typeof Collector };
}

export interface Case {
  name: string;
  run: (lib: Library) => void;
}

declare var process: any;

/** Variables in use, where the engine can say it; else 0. */
function usage(): number {
  if (typeof process === "undefined" || typeof process.memory !== "function") return 0;
  process.memory();
  return process.memory().usage;
}

/** Bytes of a block as text. */
function bytes(pool: any, h: number, n: number): string {
  const data = pool.read(h, 0, n);
  const all = [];
  for (let i = 0; i < n; i++) all.push(data[i]);
  return all.join();
}

/** The code of what is thrown. */
function code(run: () => void): string {
  return thrown(run).split(":")[0];
}

export const CASES: Case[] = [
  {
    name: "a record keeps each field",
    run: function (lib) {
      const pool: any = lib.tidyheap.create({ size: 1024 });
      const type: any = lib.kit.struct({ x: "i16", on: "u8", next: "handle", big: "u32", f: "f32", d: "f64", low: "i8", t: "utf8:9", l: "latin1:3" } as any, pool, { x: -7, t: "new" } as any);
      const hole = pool.alloc(40);
      const h = type.alloc({ big: 4000000000, low: -128 });
      same([type.get(h, "x"), type.get(h, "on"), type.get(h, "big"), type.get(h, "low"), type.get(h, "t")].join(), "-7,0,4000000000,-128,new", "new record");
      type.set(h, "x", -32768);
      type.set(h, "on", 255);
      type.set(h, "next", -2147483648);
      type.set(h, "f", 1.5);
      type.set(h, "d", -0.1);
      type.set(h, "t", "ab\u0000c");
      type.set(h, "l", "\xe9\xff");
      pool.free(hole);
      pool.pack();
      same([type.get(h, "x"), type.get(h, "on"), type.get(h, "next"), type.get(h, "f"), type.get(h, "d")].join(), "-32768,255,-2147483648,1.5,-0.1", "numbers");
      same(type.get(h, "t"), "ab\u0000c", "text");
      same(type.get(h, "l"), "\xe9\xff", "Latin-1");
      same(bytes(pool, h, 2), "0,128", "little endian");
      pool.free(h);
      same(pool.stat().live, 0, "live");
    }
  },
  {
    name: "a record refuses what a field cannot hold",
    run: function (lib) {
      const pool: any = lib.tidyheap.create({ size: 256 });
      const type: any = lib.kit.struct({ x: "i16", u: "u32", f: "f32", t: "utf8:3" } as any, pool);
      const h = type.alloc();
      const wrong: any[] = [["x", 32768], ["x", 0.5], ["x", 1e20], ["u", -1], ["u", 4294967296], ["f", 1e300], ["t", "abcd"], ["t", "\xe9\xe9"]];
      for (let i = 0; i < wrong.length; i++) {
        const one = wrong[i];
        same(code(() => type.set(h, one[0], one[1])), "RANGE", one.join(" = "));
      }
      const odd: any[] = [["x", "5"], ["x", null], ["x", NaN], ["x", {}], ["f", undefined], ["t", 5], ["t", null], ["zz", 1], ["toString", 1]];
      for (let i = 0; i < odd.length; i++) {
        const one = odd[i];
        same(code(() => type.set(h, one[0], one[1])), "ARGUMENT", one.join(" = "));
      }
      same(code(() => type.get(0, "x")), "HANDLE", "no handle");
      const small = pool.alloc(3);
      same(code(() => type.get(small, "x")), "RANGE", "a small block");
      same([type.get(h, "x"), type.get(h, "u"), type.get(h, "f"), type.get(h, "t")].join(), "0,0,0,", "record");
      const kinds: any[] = ["i15", "utf8", "utf8:0", "utf8:256", "u8:1", "toString", undefined];
      for (let i = 0; i < kinds.length; i++) {
        const kind = kinds[i];
        same(code(() => lib.kit.struct({ x: kind }, pool)), "OPTION", kind);
      }
    }
  },
  {
    name: "texts are UTF-8 and Latin-1",
    run: function (lib) {
      const pool: any = lib.tidyheap.create({ size: 256 });
      const type: any = lib.kit.struct({ t: "utf8:12" } as any, pool);
      const h = type.alloc({ t: "a\xe9" });
      same(bytes(pool, h, 4), "3,97,195,169", "bytes");
      same(type.get(h, "t"), "a\xe9", "text");
      const wide = String.fromCharCode(8364).charCodeAt(0) === 8364;
      pool.write(h, 0, [10, 226, 130, 172, 240, 159, 152, 128, 255, 97, 195, 98]);
      same(type.get(h, "t"), wide ? "\u20ac\ud83d\ude00\ufffda\ufffd" : "???a?", "euro, smile, bad byte");
      if (wide) {
        type.set(h, "t", "\u20ac\ud83d\ude00");
        same(bytes(pool, h, 8), "7,226,130,172,240,159,152,128", "bytes of euro and smile");
      }
      pool.free(h);
    }
  },
  {
    name: "arrays and cursors follow their blocks",
    run: function (lib) {
      const pool: any = lib.tidyheap.create({ size: 1024 });
      const hole = pool.alloc(30);
      const type: any = lib.kit.struct({ x: "u16", t: "latin1:2" } as any, pool, { t: "ab" } as any);
      const numbers: any = lib.kit.array(pool, "i32" as any, 20);
      const records: any = lib.kit.array(pool, type, 21);
      const cursor = type.cursor().to(records.handle, 20);
      for (let i = 0; i < 20; i++) numbers.set(i, -i * 100000);
      records.set(4, "x", 44);
      cursor.set("x", 2020);
      pool.free(hole);
      same(pool.pack() > 0, true, "moved");
      for (let i = 0; i < 20; i++) same(numbers.get(i), -i * 100000, "number " + i);
      same([records.get(4, "x"), records.get(20, "x"), records.get(19, "x"), records.get(20, "t"), cursor.get("x")].join(), "44,2020,0,ab,2020", "records");
      same(code(() => numbers.get(20)), "RANGE", "index");
      same(code(() => numbers.get(-1)), "RANGE", "index");
      same(code(() => cursor.to(records.handle, 21)), "RANGE", "cursor");
      numbers.close();
      records.close();
      same(code(() => cursor.get("x")), "HANDLE", "cursor on what was freed");
      same(code(() => numbers.get(0)), "HANDLE", "closed");
      same(pool.stat().live, 0, "live");
    }
  },
  {
    name: "get and set take no engine memory",
    run: function (lib) {
      const pool: any = lib.tidyheap.create({ size: 512 });
      const type: any = lib.kit.struct({ x: "i16", d: "f64", u: "u32" } as any, pool);
      const h = type.alloc();
      const cursor = type.cursor().to(h);
      const list: any = lib.kit.array(pool, "u16" as any, 10);
      let sum = 0;
      let before = 5000;
      function turn(): void {
        type.set(h, "x", -5);
        type.set(h, "d", 2.5);
        type.set(h, "u", 99);
        cursor.set("x", cursor.get("x") + 1);
        list.set(3, 7);
        sum += type.get(h, "x") + type.get(h, "d") + cursor.get("u") + list.get(3);
      }
      for (let i = -1; i < 100; i++) {
        turn();
        // what grows once, a number that is no longer small, has grown in the first turn
        if (i < 0) before = usage();
      }
      same(usage() - before, 0, "variables more");
      same(sum, 10554.5, "sum");
    }
  },
  {
    name: "the collector frees what no root leads to",
    run: function (lib) {
      const pool: any = lib.tidyheap.create({ size: 2048 });
      const type: any = lib.kit.struct({ next: "handle", v: "u16" } as any);
      const c: any = lib.kit.collector(pool);
      const freed: number[] = [];
      let last = 0;
      let n = 0;
      let steps = 0;
      c.onfree = function (h: number) {
        freed.push(c.get(h, "v"));
      };
      const plain = pool.alloc(20);
      pool.write(plain, 0, "twenty bytes of text");
      const end = c.alloc(type, { v: 50, next: plain });
      c.root("chain", end);
      for (let i = 0; i < 12; i++) {
        const h = c.alloc(type, { v: i, next: last || end });
        c.root("chain", h);
        if (i === 5) c.set(end, "next", h);
        last = h;
        n = c.collect(3);
        if (n > 3) throw new Error("over budget");
        pool.tick(20);
      }
      while ((n = c.collect(5))) if ((steps += n) > 500) throw new Error("no end");
      same(c.live, 13, "records of a chain");
      let sum = 0;
      for (let h = last, k = 0; k < 12; k++, h = c.get(h, "next")) sum += c.get(h, "v");
      same(sum, 66, "values");
      c.root("chain", end);
      while (c.collect(50));
      same(freed.sort((a, b) => a - b).join(), "6,7,8,9,10,11", "freed, the cycle stays");
      c.root("chain", 0);
      while (c.collect(50));
      same(c.live, 0, "records at the end");
      same(bytes(pool, plain, 6), "116,119,101,110,116,121", "a plain block");
      pool.free(plain);
      same(pool.stat().live, 0, "live");
    }
  },
  {
    name: "the collector takes no other block for a record",
    run: function (lib) {
      const pool: any = lib.tidyheap.create({ size: 1024 });
      const type: any = lib.kit.struct({ a: "handle" } as any);
      const c: any = lib.kit.collector(pool);
      const d: any = lib.kit.collector(pool);
      const other = d.alloc(type);
      const stale = c.alloc(type);
      while (c.collect(9));
      const plain = pool.alloc(16);
      same(code(() => c.get(stale, "a")), "HANDLE", "stale");
      same(code(() => c.get(plain, "a")), "HANDLE", "plain, where a record was");
      same(code(() => c.set(other, "a", 1)), "HANDLE", "of another collector");
      same(code(() => c.root("x", plain)), "HANDLE", "root");
      d.root("other", other);
      c.root("own", c.alloc(type, { a: other }));
      while (c.collect(9) + d.collect(9));
      same([c.live, d.live].join(), "1,1", "records");
      c.close();
      d.close();
      pool.free(plain);
      same(pool.stat().live, 0, "live");
    }
  }
];

export { external } from "./portable";
