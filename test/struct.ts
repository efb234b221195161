import assert from "node:assert/strict";
import fc from "fast-check";
import { array } from "../src/array";
import { struct } from "../src/struct";
import { code } from "./verdict";
import { BAD, BELOW, broken, KINDS, live, nudge, SEED } from "./ground";

const FIELDS = { x: "i16", on: "u8", next: "handle", name: "utf8:12", far: "f64", tag: "latin1:3", big: "u32", near: "f32", low: "i8", mid: "u16", all: "i32" } as const;
type Name = keyof typeof FIELDS;
const NAMES = Object.keys(FIELDS) as Name[];

/** Values each kind of field takes, and values it refuses with the code. */
const RIGHT: { [kind: string]: any[] } = {
  u8: [0, 1, 127, 128, 255],
  i8: [0, -1, 127, -128],
  u16: [0, 255, 256, 32768, 65535],
  i16: [0, -1, 32767, -32768],
  u32: [0, 1, 2 ** 31, 2 ** 32 - 1, 65536],
  i32: [0, -1, 2 ** 31 - 1, -(2 ** 31)],
  handle: [0, 8192, 2 ** 31 - 1, -(2 ** 31), -5],
  f32: [0, 1.5, -0.25, 2 ** 100, Infinity, -Infinity],
  f64: [0, Math.PI, -1e300, 5e-324, Infinity],
  "utf8:12": ["", "abc", "h\xe9\u20ac", "\u{1f600}\u{1f600}\u{1f600}", "twelve bytes"],
  "latin1:3": ["", "\xff\0\xe9", "abc"]
};
const WRONG: { [kind: string]: any[] } = {
  u8: [256, -1, 0.5, 1e10, Infinity, -Infinity],
  i8: [128, -129, 1e300],
  u16: [65536, -1],
  i16: [32768, -32769, 0.1],
  u32: [2 ** 32, -1, 0.5],
  i32: [2 ** 31, -(2 ** 31) - 1],
  handle: [2 ** 31, 0.5],
  f32: [1e300, -1e39],
  f64: [],
  "utf8:12": ["thirteen byte", "\u20ac\u20ac\u20ac\u20ac\u20ac"],
  "latin1:3": ["abcd", "\u20ac"]
};

for (const site of [...KINDS, BELOW]) {
  describe(`struct, ${site.name}`, () => {
    it("gives back what each field was set to, and leaves its neighbours", () => {
      const pool = site.make(1024);
      const type = struct(FIELDS, pool);
      assert.equal(type.size, 2 + 1 + 4 + 13 + 8 + 4 + 4 + 4 + 1 + 2 + 4);
      const before = pool.alloc(5);
      const h = type.alloc();
      const after = pool.alloc(5);
      const want: any = {};
      for (const name of NAMES) want[name] = /:/.test(FIELDS[name]) ? "" : 0;
      const all = (when: string): void => {
        for (const name of NAMES) assert.equal(type.get(h, name), want[name], `${name} ${when}`);
      };
      all("when new");
      for (const name of NAMES) {
        for (const value of RIGHT[FIELDS[name]]) {
          type.set(h, name, value);
          want[name] = value;
          all(`after ${name} = ${value}`);
        }
        for (const value of WRONG[FIELDS[name]]) assert.equal(code(() => type.set(h, name, value)), "RANGE", `${name} = ${value}`);
        const text = /:/.test(FIELDS[name]);
        for (const value of [undefined, null, NaN, {}, [], () => 0, true, text ? 5 : "5"]) {
          assert.equal(code(() => type.set(h, name, value as any)), "ARGUMENT", `${name} = ${value}`);
        }
        all(`after what ${name} cannot hold`);
      }
      for (const one of [before, h, after]) pool.free(one);
      assert.equal(live(pool), 0);
      assert.equal(broken(pool), "");
    });

    it("lays bytes out one after the other, little endian", () => {
      const pool = site.make(256);
      const type = struct({ a: "u8", b: "i16", c: "u32", t: "utf8:3", f: "f32" }, pool);
      const h = type.alloc({ a: 1, b: -2, c: 0x12345678, t: "\xe9", f: 1 });
      const want = [1, 0xfe, 0xff, 0x78, 0x56, 0x34, 0x12, 2, 0xc3, 0xa9, 0, 0, 0, 0x80, 0x3f];
      const got = pool.bytes ? pool.bytes.slice(pool.at(h), pool.at(h) + type.size) : pool.read(h, 0, type.size);
      assert.deepEqual([...got], [...want, 0].slice(0, type.size));
      pool.free(h);
    });

    it("starts a record with defaults, and takes values by name", () => {
      const pool = site.make(256);
      const type = struct({ x: "i16", name: "utf8:5", y: "f32" }, pool, { x: -3, name: "abc" });
      const h = type.alloc();
      const k = type.alloc({ name: "", y: 2.5 });
      assert.deepEqual([type.get(h, "x"), type.get(h, "name"), type.get(h, "y")], [-3, "abc", 0]);
      assert.deepEqual([type.get(k, "x"), type.get(k, "name"), type.get(k, "y")], [-3, "", 2.5]);
      assert.equal(code(() => type.alloc({ x: 40000 })), "RANGE");
      assert.equal(code(() => type.alloc({ z: 1 } as any)), "ARGUMENT");
      assert.equal(code(() => type.alloc({ x: 1, toString: 1 } as any)), "ARGUMENT");
      assert.equal(live(pool), 2);
      pool.free(h), pool.free(k);
    });

    it("refuses handles that are stale, foreign, too small or none", () => {
      const pool = site.make(256);
      const other = site.make(256);
      const type = struct({ x: "i32", y: "i32" }, pool);
      const small = pool.alloc(7);
      const h = type.alloc({ x: 1, y: 2 });
      const stale = type.alloc();
      const foreign = other.alloc(8);
      pool.free(stale);
      const cursor = type.cursor().to(h);
      for (const [bad, want] of [[small, "RANGE"], [stale, "HANDLE"], [foreign, "HANDLE"], [0, "HANDLE"]] as const) {
        assert.equal(code(() => type.get(bad, "x")), want);
        assert.equal(code(() => type.set(bad, "x", 9)), want);
        assert.equal(code(() => cursor.to(bad)), want);
        assert.equal(cursor.get("x"), 1);
      }
      for (const bad of BAD.filter((one) => typeof one !== "string")) {
        assert.ok(/HANDLE|ARGUMENT/.test(code(() => type.get(bad, "x"))), String(bad));
        assert.ok(/HANDLE|ARGUMENT/.test(code(() => type.set(bad, "x", 9))), String(bad));
      }
      for (const bad of [...BAD.filter((one) => one !== "x"), "X", "", "constructor", "__proto__", "toString", "_n"]) {
        assert.equal(code(() => type.get(h, bad as any)), "ARGUMENT", String(bad));
        assert.equal(code(() => type.set(h, bad as any, 1)), "ARGUMENT", String(bad));
      }
      assert.deepEqual([type.get(h, "x"), type.get(h, "y")], [1, 2]);
      pool.free(small), pool.free(h);
      assert.equal(code(() => cursor.get("x")), "HANDLE");
      assert.equal(code(() => cursor.set("x", 1)), "HANDLE");
      assert.equal(code(() => struct({ x: "u8" }, pool).get("x")), "HANDLE");
    });

    it("moves a cursor over records of one block and of many", () => {
      const pool = site.make(512);
      const type = struct({ x: "u8", y: "u16" }, pool);
      const many = pool.alloc(10);
      const one = type.cursor();
      const two = type.cursor();
      for (let i = 0; i < 3; i++) one.to(many, i).set("x", i), one.set("y", 1000 * i);
      for (let i = 0; i < 3; i++) assert.deepEqual([one.to(many, i).get("x"), two.to(many, 2 - i).get("y"), one.get("y")], [i, 2000 - 1000 * i, 1000 * i]);
      for (const i of [3, -1, 0.5, 2 ** 32, "1"]) assert.equal(code(() => one.to(many, i as any)), "RANGE", String(i));
      assert.equal(one.get("x"), 2);
      nudge(pool, 0);
      assert.equal(one.get("x"), 2);
      pool.free(many);
    });

    it("keeps arrays of numbers, texts and records", () => {
      const pool = site.make(2048);
      const hole = pool.alloc(100);
      const numbers = array(pool, "i16", 77);
      const texts = array(pool, "utf8:7", 9);
      const records = array(pool, struct({ x: "u8", name: "latin1:4" }, undefined, { x: 7, name: "none" }), 31);
      if (!numbers || !texts || !records) return assert.fail("room");
      pool.free(hole);
      nudge(pool, 0);
      for (let i = 0; i < 77; i++) assert.equal(numbers.get(i), 0);
      for (let i = 0; i < 9; i++) assert.equal(texts.get(i), "");
      for (let i = 0; i < 31; i++) assert.deepEqual([records.get(i, "x"), records.get(i, "name")], [7, "none"]);
      for (let i = 0; i < 77; i++) numbers.set(i, i * 400 - 15000);
      for (let i = 0; i < 9; i++) texts.set(i, `n\xe9${i}`);
      for (let i = 0; i < 31; i++) records.set(i, "name", String(i)), records.to(i).set("x", i);
      nudge(pool, 0);
      for (let i = 0; i < 77; i++) assert.equal(numbers.get(i), i * 400 - 15000);
      for (let i = 0; i < 9; i++) assert.equal(texts.get(i), `n\xe9${i}`);
      for (let i = 0; i < 31; i++) assert.deepEqual([records.get(i, "x"), records.get(i, "name")], [i, String(i)]);
      assert.deepEqual([numbers.length, texts.length, records.length], [77, 9, 31]);
      for (const i of [77, ...BAD.filter((one) => typeof one !== "string")]) {
        assert.equal(code(() => numbers.get(i)), "RANGE", String(i));
        assert.equal(code(() => numbers.set(i, 1)), "RANGE", String(i));
      }
      assert.equal(code(() => numbers.get("x" as any)), "ARGUMENT");
      assert.equal(code(() => numbers.set(1, 40000)), "RANGE");
      assert.equal(code(() => (numbers as any).get(1, "x")), "ARGUMENT");
      assert.equal(code(() => (records as any).get(1)), "ARGUMENT");
      assert.equal(code(() => texts.set(1, "eight by")), "RANGE");
      const walk = records.to(30).cursor();
      assert.equal(walk.to(5).get("x"), 5);
      assert.equal(records.get("x"), 30);
      for (const one of [numbers, texts, records]) {
        one.close();
        assert.equal(one.length, 0);
        one.close();
      }
      assert.equal(code(() => numbers.get(0)), "HANDLE");
      assert.equal(code(() => walk.get("x")), "HANDLE");
      assert.equal(live(pool), 0);
      assert.equal(broken(pool), "");
    });

    it("refuses kinds, heaps and lengths that there are not", () => {
      const pool = site.make(256);
      for (const kind of [...BAD, "", "u", "u8:3", "u64", "i64", "f16", "f8", "u24", "utf8", "utf8:", "utf8:0", "utf8:256", "utf8:1.5", "utf8:-1", "latin1:x", "utf16:4", "toString", "constructor", "hasOwnProperty", "__proto__"]) {
        if (Array.isArray(kind)) continue;
        assert.equal(code(() => struct({ x: kind as any }, pool)), "OPTION", String(kind));
        if (!kind?._fields) assert.equal(code(() => array(pool, kind as any, 3)), "OPTION", String(kind));
      }
      for (const fields of [{}, undefined, null, 5, "abc"]) assert.equal(code(() => struct(fields as any, pool)), "OPTION");
      for (const heap of [{}, 5, "x", () => 0]) assert.equal(code(() => struct({ x: "u8" }, heap as any)), "OPTION");
      assert.equal(code(() => struct({ x: "u8" }, pool, { x: 256 })), "RANGE");
      assert.equal(code(() => struct({ x: "u8" }, pool, { y: 2 } as any)), "ARGUMENT");
      assert.equal(code(() => struct({ x: "u8" }).get(8192, "x")), "OPTION");
      assert.equal(code(() => struct({ x: "u8" }).alloc()), "OPTION");
      for (const heap of BAD) assert.equal(code(() => array(heap, "u8", 3)), "OPTION");
      for (const n of BAD.filter((one) => one !== 2 ** 31)) assert.equal(code(() => array(pool, "u8", n)), "ARGUMENT", String(n));
      for (const n of [0, 2 ** 31, 257]) {
        assert.equal(array(pool, "u8", n), 0);
        assert.equal(pool.why, "SIZE");
      }
      assert.equal(live(pool), 0);
    });

    it("leaves nothing behind at any size of the pool", () => {
      const seen = new Set<string>();
      for (let size = 64; size < 400; size += 16) {
        const pool = site.make(size, 6);
        const type = struct({ x: "u32", t: "utf8:19" }, pool);
        const all: number[] = [];
        for (let h = type.alloc({ x: 9 }); h; h = type.alloc({ x: 9 })) all.push(h);
        seen.add(type.why);
        assert.equal(type.why, pool.why);
        const list = array(pool, "u16", 20);
        if (list) list.close();
        for (const h of all) assert.equal(type.get(h, "x"), 9), pool.free(h);
        assert.equal(live(pool), 0);
        assert.equal(broken(pool), "");
      }
      assert.deepEqual([...seen].sort(), ["FULL", "HANDLES"]);
    });

    it(`agrees with plain objects in random programs, seed ${SEED}`, () => {
      let moved = 0;
      const names = NAMES.filter((name) => name !== "big");
      const step = fc.record({ verb: fc.nat(9), a: fc.nat(50), f: fc.nat(names.length - 1), v: fc.nat(20) });
      fc.assert(
        fc.property(fc.array(step, { maxLength: 80, size: "max" }), (program) => {
          const pool = site.make(1024, 20);
          const type = struct(FIELDS, pool, { tag: "abc" });
          const cursor = type.cursor();
          const list = array(pool, type, 3);
          if (!list) return assert.fail("room");
          const model: any[] = [];
          const noise: number[] = [];
          const fresh = (): any => Object.fromEntries(NAMES.map((name) => [name, name === "tag" ? "abc" : /:/.test(FIELDS[name]) ? "" : 0]));
          const rows = [fresh(), fresh(), fresh()];
          const start = pool.epoch;
          for (const { verb, a, f, v } of program) {
            const one = model[a % (model.length || 1)];
            const name = names[f];
            const value = RIGHT[FIELDS[name]][v % RIGHT[FIELDS[name]].length];
            if (verb === 0 || !one) {
              const h = type.alloc({ [name]: value });
              if (h) model.push({ h, row: { ...fresh(), [name]: value } });
            } else if (verb === 1) pool.free(one.h), model.splice(model.indexOf(one), 1);
            else if (verb < 4) type.set(one.h, name, value), (one.row[name] = value);
            else if (verb === 4) cursor.to(one.h).set(name, value), (one.row[name] = value);
            else if (verb === 5) list.set(a % 3, name, value), (rows[a % 3][name] = value);
            else if (verb === 6) nudge(pool, v);
            else if (verb === 7) {
              const h = pool.alloc(1 + v * 3);
              if (h) noise.push(h);
            } else if (noise.length) pool.free(noise.splice(a % noise.length, 1)[0]);
            for (const { h, row } of model) assert.equal(type.get(h, name), row[name]);
            for (let i = 0; i < 3; i++) assert.equal(list.get(i, name), rows[i][name]);
            assert.equal(broken(pool), "");
          }
          for (const { h, row } of model) for (const name of NAMES) assert.equal(cursor.to(h).get(name), row[name]);
          for (let i = 0; i < 3; i++) for (const name of NAMES) assert.equal(list.get(i, name), rows[i][name]);
          moved += pool.epoch - start;
          list.close();
          for (const { h } of model) pool.free(h);
          for (const h of noise) pool.free(h);
          assert.equal(live(pool), 0);
        }),
        { seed: SEED, numRuns: 25 }
      );
      assert.ok(moved > 200, `${moved} bytes moved`);
    });

    it("agrees with plain objects in every short program", () => {
      const verbs = ["x=1", "x=-1", "t=ab", "free", "alloc", "stir", "cursor"] as const;
      for (let n = 0; n < verbs.length ** 4; n++) {
        const pool = site.make(160, 6);
        const type = struct({ x: "i16", t: "utf8:3" }, pool);
        const cursor = type.cursor();
        let hole = pool.alloc(9);
        let h = type.alloc();
        let row = { x: 0, t: "" };
        for (let rest = n, i = 0; i < 4; i++, rest = Math.floor(rest / verbs.length)) {
          const verb = verbs[rest % verbs.length];
          const dead = h && !pool.has(h);
          if (verb === "alloc") dead ? (h = type.alloc((row = { x: 5, t: "z" }))) : 0;
          else if (verb === "stir") hole ? (pool.free(hole), (hole = 0), nudge(pool, 0)) : (hole = pool.alloc(9));
          else if (dead) assert.equal(code(() => type.set(h, "x", 1)), "HANDLE");
          else if (verb === "free") pool.free(h);
          else if (verb === "cursor") cursor.to(h).set("x", (row.x = 77));
          else if (verb === "t=ab") type.set(h, "t", (row.t = "ab"));
          else type.set(h, "x", (row.x = Number(verb.slice(2))));
          if (pool.has(h)) assert.deepEqual([type.get(h, "x"), type.get(h, "t")], [row.x, row.t]);
        }
        if (pool.has(h)) pool.free(h);
        pool.free(hole);
        if (live(pool)) assert.fail(`program ${n} leaves a block`);
      }
    });
  });
}
