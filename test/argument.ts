// Bad arguments of the parts of the kit, of the tiny pool and of the modules: those of other pools are in input.ts.

import assert from "node:assert/strict";
import { BAD, MODULES, PARTS, publics, RULES, type Part } from "./surface";

/** What a rule makes of the value with a label. */
function wanted(rule: string, label: string): string {
  const [most, ...rest] = RULES[rule].split("|").map((text) => text.trim());
  const name = label.replace(/^digit.*$/, "digit").replace(" ", "-");
  const found = rest.find((text) => text.split(":")[1].trim().split(" ").includes(name));
  return found === undefined ? most : found.split(":")[0].trim();
}

/** What came of a call, as RULES say it. */
function outcome(object: any, name: string, list: unknown[]): string {
  object = Object.isFrozen(object) || !("why" in object) ? object : ((object.why = ""), object);
  try {
    object[name](...list);
  } catch (error: any) {
    if (!error.code) return error.name;
    assert.ok(error.message.length > error.code.length + 3, `${name}: message is "${error.message}"`);
    return error.code;
  }
  return object.why ? `why ${object.why}` : "";
}

/** What a call that throws may change: the record that is chosen, that a cycle is to be begun, when the watermark is looked at again. */
const CHOICE = ["why", "_h", "_at", "_more", "_left"];

/** All that a call that throws may not change: blocks and bytes of the pool, and the numbers of the part. */
function picture({ pool, object }: Part): string {
  const own = Object.entries(object).filter(([name, value]) => !CHOICE.includes(name) && ["number", "string", "boolean"].includes(typeof value));
  const blocks: unknown[] = [];
  pool?.each?.((h: number, at: number, size: number) => blocks.push([h, at, size, ...pool.read(h, 0, size)]));
  return JSON.stringify([own, { ...pool?.stat?.(), refused: 0, peak: 0 }, blocks, [...(pool?.bytes ?? [])]]);
}

for (const [name, make] of Object.entries({ ...PARTS, ...MODULES })) {
  describe(`argument, ${name}`, () => {
    it("has a row for every public function", () => {
      const { object, rows } = make();
      assert.deepEqual(publics(object).filter((one) => Object.hasOwn(rows, one) || !Object.hasOwn(Object.prototype, one)), Object.keys(rows).sort());
    });

    for (const [fn, args] of Object.entries(make().rows)) {
      it(`${fn}(${args.map(([, rule]) => rule).join(", ")}) throws nothing for what is right`, () => {
        const part = make();
        // a bus is no two lines of a test
        if (name === "spi" && fn === "connect") return;
        if (fn === "leave") part.object.enter();
        assert.equal(outcome(part.object, fn, part.rows[fn].map(([value]) => value)), "");
      });

      args.forEach(([, rule], i) => {
        it(`${fn} says ${RULES[rule].split("|")[0].trim() || "nothing"} for most of what is no ${rule}, argument ${i + 1}`, () => {
          for (const [label, value] of [...BAD, ["missing", undefined] as const]) {
            const part = make();
            const list = part.rows[fn].map(([right]) => right);
            list[i] = value;
            // what stands behind it would move up
            if (label === "missing" && i === list.length - 1) list.pop();
            const before = picture(part);
            const got = outcome(part.object, fn, list);
            assert.equal(got, wanted(rule, label === "missing" ? "undefined" : label), `${fn} with ${label}`);
            if (got) assert.equal(picture(part), before, `${fn} with ${label} has changed something`);
            if (part.pool?.check) assert.equal(part.pool.check(), "");
          }
        });

        if (!["handle", "record", "gone"].includes(rule)) return;
        it(`${fn} with a stale and a foreign handle, argument ${i + 1}`, () => {
          const part = make();
          const other = make();
          const stale = part.pool.alloc(8);
          part.pool.free(stale);
          const foreign = [other.pool.alloc(8), other.rows[fn][i][0]];
          const list = part.rows[fn].map(([right]) => right);
          const before = picture(part);
          for (const h of [stale, ...foreign, -stale, 2 ** 32 + (list[i] as number), (list[i] as number) + 0.5]) {
            const bad = list.slice();
            bad[i] = h;
            assert.equal(outcome(part.object, fn, bad), rule === "gone" ? "" : "HANDLE", `${h}`);
          }
          assert.equal(picture(part), before);
        });
      });
    }
  });
}

describe("argument", () => {
  it("LOCK for what is locked and is to go", () => {
    for (const [name, fn] of [["owner", "free"], ["pressure", "free"], ["owner", "close"], ["array", "close"]]) {
      const part = PARTS[name]();
      const h = (part.rows[fn][0]?.[0] as number) ?? 0;
      part.pool.each((one: number) => (!h || one === h) && part.pool.lock(one));
      assert.equal(outcome(part.object, fn, h ? [h] : []), "LOCK", `${name}.${fn}`);
    }
  });

  it("knows every rule", () => {
    const used = new Set(Object.values({ ...PARTS, ...MODULES }).flatMap((make) => Object.values(make().rows).flatMap((args) => args.map(([, rule]) => rule))));
    assert.deepEqual(Object.keys(RULES).filter((rule) => !used.has(rule)), []);
  });
});
