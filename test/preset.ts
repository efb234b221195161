import assert from "node:assert/strict";
import { create as core } from "../src/core";
import { create as far } from "../src/far";
import { create as full } from "../src/full";
import { global as shared } from "../src/preset";
import { create as tiny } from "../src/tiny";
import { Memory } from "./memory";

const code = (code: string) => (error: any) => error.code === code && error.message.startsWith(code + ": ");

/** Runs with what process.memory() says on a board. */
function on(free: number, blocksize: number, run: () => void): void {
  (process as any).memory = () => ({ free, blocksize });
  try {
    run();
  } finally {
    delete (process as any).memory;
  }
}

const FLAVOURS: [string, (options: any) => any][] = [["full", full], ["core", core], ["tiny", tiny]];

describe("preset", () => {
  for (const [name, create] of FLAVOURS) {
    it(`makes the pool at the first call and gives it at every other, ${name}`, () => {
      const lib: any = { create };
      const pool = shared(lib) as any;
      assert.equal(lib.global, pool);
      assert.equal(shared(lib), pool);
      assert.equal(shared(lib, pool.preset), pool);
      const h = pool.alloc(4000);
      assert.ok(pool.has(h));
      assert.equal(pool.alloc(200) + pool.why, "0FULL");
    });

    it(`has presets for small to large boards, ${name}`, () => {
      const sizes = ["tiny", "small", "medium", "large", "huge"].map((preset) => {
        const pool = shared({ create } as any, preset) as any;
        assert.equal(pool.preset, preset);
        return pool.bytes.length;
      });
      assert.deepEqual(sizes, [1024, 4096, 16384, 32768, 64512]);
    });

    it(`takes half of what a board has left, in whole KB, 63 at most, ${name}`, () => {
      // free JsVars and their bytes: Pico, Puck.js, Bangle.js 2, nearly nothing
      for (const [free, bytes, size] of [[4200, 13, 26624], [1900, 13, 12288], [11000, 14, 64512], [100, 13, 1024]]) {
        on(free, bytes, () => assert.equal((shared({ create } as any) as any).bytes.length, size));
      }
    });

    it(`refuses another preset while blocks live, ${name}`, () => {
      const lib: any = { create };
      const pool = shared(lib, "tiny") as any;
      const h = pool.alloc(10);
      assert.throws(() => shared(lib, "small"), code("LOCK"));
      assert.throws(() => shared(lib, { size: 100 }), code("LOCK"));
      assert.equal(shared(lib), pool);
      assert.ok(pool.has(h));
      pool.free(h);
      if (!pool.stat) return assert.throws(() => shared(lib, "small"), code("LOCK"));
      const other = shared(lib, "small") as any;
      assert.equal(other.bytes.length, 4096);
      assert.equal(shared(lib), other);
    });
  }

  it("takes options of its flavour, a number of bytes, and those of an external pool", () => {
    const options = { store: new Memory(2048, false), handles: 9 };
    const lib: any = { create: far };
    const pool = shared(lib, options) as any;
    assert.equal(pool.stat().handles, 9);
    assert.equal(shared(lib, options), pool);
    assert.equal((shared({ create: full } as any, 640) as any).stat().size, 640);
  });

  it("refuses what is no preset, and can be called again", () => {
    for (const [, create] of FLAVOURS) {
      const lib: any = { create };
      for (const junk of ["large ", "constructor", "toString", -1, 0.5, {}, () => 1]) assert.throws(() => shared(lib, junk), code("OPTION"), String(junk));
      assert.equal((shared(lib, "tiny") as any).bytes.length, 1024);
    }
  });
});
