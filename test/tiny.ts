import assert from "node:assert/strict";
import { join } from "node:path";
import * as source from "../src/tiny";
import { random } from "./random";

const FILE = join(__dirname, "..", "dist", "tidyheap-tiny.min.js");
const LIBRARIES: [string, typeof source][] = [["src/tiny.ts", source], ["tidyheap-tiny.min.js", require(FILE)]];

const code = (code: string) => (error: any) => error.code === code && error.message.startsWith(code);

for (const [name, library] of LIBRARIES) {
  describe(`tiny, ${name}`, () => {
    it("A keeps every block through random work, and refuses only what cannot fit", () => {
      for (let seed = 1; seed <= 60; seed++) {
        const next = random(seed);
        const size = 4 * (8 + next(250));
        const handles = 1 + next(40);
        const pool = library.create({ size, handles });
        const live = new Map<number, Uint8Array>();
        const gone: number[] = [];
        const used = () => [...live.values()].reduce((sum, bytes) => sum + ((bytes.length + 3) & -4), 0);
        for (let turn = 0; turn < 500; turn++) {
          const when = `seed ${seed}, turn ${turn}`;
          const keys = [...live.keys()];
          if (next(2) && keys.length) {
            const h = keys[next(keys.length)];
            pool.free(h);
            live.delete(h);
            gone.push(h);
          } else {
            const n = 1 + next(next(4) ? 40 : size);
            const h = pool.alloc(n);
            if (h) {
              assert.ok(!live.has(h) && !gone.includes(h), `${when}: ${h} again`);
              live.set(h, Uint8Array.from({ length: n }, () => next(256)));
              pool.view(h).set(live.get(h)!);
            } else if (pool.why === "HANDLES") assert.equal(live.size, handles, when);
            else assert.ok(used() + n > size && pool.why === (n > size ? "SIZE" : "FULL"), `${when}: ${pool.why}, ${used()} + ${n} of ${size}`);
          }
          for (const [h, bytes] of live) {
            assert.equal(pool.size(h), bytes.length, when);
            assert.deepEqual(pool.view(h), bytes, when);
            assert.equal(pool.view(h).byteOffset, pool.at(h), when);
          }
          for (const h of gone.slice(-9)) assert.ok(!pool.has(h), when);
        }
      }
    });

    it("F refuses stale, forged and foreign handles in every call", () => {
      const pool = library.create(256);
      const other = library.create(256).alloc(8);
      const good = pool.alloc(8);
      const stale = pool.alloc(8);
      pool.free(stale);
      for (const h of [stale, other, good + 1, -good, good + 0.5, NaN, undefined, null, "1", {}, 2 ** 40] as number[]) {
        assert.equal(pool.has(h), false, String(h));
        for (const call of ["free", "at", "view", "size"] as const) assert.throws(() => pool[call](h), code("HANDLE"), `${call} ${h}`);
      }
      pool.free(0);
      assert.equal(pool.size(good), 8);
    });

    it("C says why it refuses", () => {
      const pool = library.create({ size: 64, handles: 2 });
      assert.deepEqual([pool.alloc(0), pool.why], [0, "SIZE"]);
      assert.deepEqual([pool.alloc(65), pool.why], [0, "SIZE"]);
      for (const n of [-1, 0.5, NaN, Infinity, "8", undefined, {}] as number[]) assert.throws(() => pool.alloc(n), code("ARGUMENT"), String(n));
      assert.ok(pool.alloc(40));
      assert.deepEqual([pool.alloc(40), pool.why], [0, "FULL"]);
      assert.ok(pool.alloc(4));
      assert.deepEqual([pool.alloc(4), pool.why], [0, "HANDLES"]);
    });

    it("F comes to the end of its generations with HANDLES", () => {
      const pool = library.create({ size: 64, handles: 2 });
      const kept = pool.alloc(8);
      let count = 0;
      for (let h = pool.alloc(8); h; h = pool.alloc(8), count++) pool.free(h);
      assert.equal(pool.why, "HANDLES");
      assert.ok(count >= 32766 && pool.size(kept) === 8, `${count}`);
    });

    it("E refuses wrong options", () => {
      for (const bad of [0, 3, 65536, 10.5, NaN, "x", undefined, {}, { size: 64, handles: 2048 }, { size: 64, handles: 1.5 }, { size: 64, handles: -1 }])
        assert.throws(() => library.create(bad as number), code("OPTION"), JSON.stringify(bad));
    });
  });
}
