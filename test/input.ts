import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { Clock } from "./clock";
import { BAD, FUNCTIONS, functions, publics, right, type Kind } from "./surface";
import { FAR, layout, LIBRARIES, SOURCE, sound, target, VARIANTS, type Pool } from "./target";

/** A pool with four blocks of 32 bytes, of which the second is locked, and a stale and a foreign handle. */
function stage(subject: ReturnType<typeof target>): { pool: Pool; all: number[]; stale: number; foreign: number } {
  const pool = subject.make({ size: 1024, handles: 16, scheduler: new Clock() });
  const other = subject.make({ size: 1024, handles: 16 });
  const all = [1, 2, 3, 4].map((value) => {
    const h = pool.alloc(32);
    pool.fill(h, value, 0, 32);
    return h;
  });
  pool.lock(all[1]);
  const stale = pool.alloc(8);
  pool.free(stale);
  return { pool, all, stale, foreign: [1, 2, 3, 4, 5, 6].map(() => other.alloc(8))[5] };
}

/** What a bad value gives: the code thrown, "" nothing thrown, or the code left in `why`. */
function verdict(name: string, kind: Kind, label: string, value: unknown): string {
  if (name === "has") return "";
  const huge = label === "2^31";
  switch (kind) {
    case "handle":
      return "HANDLE";
    case "bytes":
      return huge ? "why SIZE" : "ARGUMENT";
    case "offset":
    case "length":
      return huge ? "RANGE" : "ARGUMENT";
    case "data":
      // strings and arrays are data
      return typeof value === "string" || Array.isArray(value) ? "" : "ARGUMENT";
    case "fn":
      return typeof value === "function" ? "" : "ARGUMENT";
    case "number":
      return huge || label === "-1" ? "" : "ARGUMENT";
    case "budget":
    case "ms":
      return huge ? "" : "ARGUMENT";
    default:
      return "ARGUMENT";
  }
}

/** Everything that may not change when a call is refused. */
function picture(pool: Pool, all: number[]): string {
  const bytes = all.map((h) => [...pool.read(h, 0, pool.size(h))]);
  // refusals are counted, whatever else happens
  return JSON.stringify([{ ...pool.stat(), refused: 0 }, layout(pool, all), bytes]);
}

/** Calls and tells what came of it, as `verdict` does. */
function outcome(pool: Pool, name: string, list: unknown[]): string {
  pool.why = "";
  try {
    (pool as any)[name](...list);
  } catch (error: any) {
    assert.ok(error instanceof Error || typeof error.message === "string", `${name}: no Error is thrown`);
    const value = error.code as string | undefined;
    assert.ok(value, `${name}: ${error.message}`);
    assert.ok(error.message.length > value.length + 3, `${name}: message is "${error.message}"`);
    return value;
  }
  return pool.why ? `why ${pool.why}` : "";
}

describe("input table", () => {
  it("has a row for every public function", () => {
    for (const library of [SOURCE, FAR]) assert.deepEqual(publics(library.create({ size: 64, handles: 8 })), functions(library).sort());
  });

  for (const library of LIBRARIES) {
    it(`is about functions that ${library.name} has`, () => {
      const pool = library.create({ size: 64, handles: 8 }) as any;
      for (const name of Object.keys(FUNCTIONS)) {
        assert.equal(typeof pool[name] === "function", functions(library).includes(name), name);
      }
    });
  }
});

describe("input, a picture too wide for memory", () => {
  it("map with 2^31 as columns: ARGUMENT", () => {
    const file = join(__dirname, "..", "dist", "tidyheap.min.js");
    const code = `try { require(${JSON.stringify(file)}).create(64).map(2147483648) } catch (error) { console.log(error.code) }`;
    const child = spawnSync(process.execPath, ["-e", code], { encoding: "utf8", timeout: 5000 });
    assert.equal(child.stdout, "ARGUMENT\n", child.signal ?? child.stderr.slice(0, 200));
  });
});

for (const library of LIBRARIES) {
  for (const variant of VARIANTS.slice(0, 2)) {
    const subject = target(library, variant);
    const names = functions(library);

    describe(`input, ${subject.name}`, () => {
      for (const name of names) {
        const kinds = FUNCTIONS[name];
        kinds.forEach((kind, i) => {
          for (const [label, value] of BAD) {
            // a picture of 2^31 columns may end the process: it has its own below
            if (kind === "columns" && label === "2^31") continue;
            const wanted = verdict(name, kind, label, value);
            it(`${name} with ${label} as ${kind}, argument ${i + 1}: ${wanted || "right"}`, () => {
              const { pool, all } = stage(subject);
              const list = right(kinds, all[2]);
              list[i] = value;
              const before = picture(pool, all);
              assert.equal(outcome(pool, name, list), wanted);
              if (wanted) assert.equal(picture(pool, all), before, "the pool has changed");
              sound(pool);
            });
          }
          it(`${name} without argument ${i + 1}`, () => {
            const { pool, all } = stage(subject);
            const before = picture(pool, all);
            // every argument from here on is missing: the code is that of one of them
            const wanted = kinds.slice(i).map((missing) => verdict(name, missing, "undefined", undefined));
            const got = outcome(pool, name, right(kinds, all[2]).slice(0, i));
            assert.ok(wanted.includes(got), `${got} instead of ${wanted}`);
            if (got) assert.equal(picture(pool, all), before, "the pool has changed");
            sound(pool);
          });
          if (kind !== "handle") return;
          it(`${name} with a stale or foreign handle as argument ${i + 1}`, () => {
            const { pool, all, stale, foreign } = stage(subject);
            const before = picture(pool, all);
            for (const h of [stale, foreign]) {
              const list = right(kinds, all[2]);
              list[i] = h;
              assert.equal(outcome(pool, name, list), name === "has" ? "" : "HANDLE");
            }
            assert.equal(picture(pool, all), before, "the pool has changed");
            sound(pool);
          });
        });
      }

      it("free and resize to 0 with a locked handle: LOCK", () => {
        const { pool, all } = stage(subject);
        const before = picture(pool, all);
        assert.equal(outcome(pool, "free", [all[1]]), "LOCK");
        assert.equal(outcome(pool, "resize", [all[1], 0]), "LOCK");
        assert.equal(picture(pool, all), before, "the pool has changed");
        pool.unlock(all[1]);
        assert.equal(outcome(pool, "free", [all[1]]), "");
      });

      for (const name of names.filter((name) => !["free", "resize"].includes(name))) {
        const wanted = name === "release" ? "LOCK" : name === "view" && library.far ? "VIEW" : "";
        it(`${name} with a locked handle: ${wanted || "right"}`, () => {
          const { pool, all } = stage(subject);
          assert.equal(outcome(pool, name, right(FUNCTIONS[name], all[1])), wanted);
          sound(pool);
        });
      }

      it("has says no to everything that is no handle", () => {
        const { pool, stale, foreign } = stage(subject);
        for (const value of [...BAD.map(([, bad]) => bad), 0, stale, foreign]) assert.equal(pool.has(value as number), false);
      });

      it("free and resize of 0", () => {
        const { pool, all } = stage(subject);
        const before = picture(pool, all);
        assert.equal(outcome(pool, "free", [0]), "");
        assert.equal(outcome(pool, "free", [-0]), "");
        assert.equal(outcome(pool, "resize", [0, 0]), "HANDLE");
        assert.equal(picture(pool, all), before, "the pool has changed");
      });

      it("unlock and release without a lock: LOCK", () => {
        const { pool, all } = stage(subject);
        const before = picture(pool, all);
        assert.equal(outcome(pool, "unlock", [all[0]]), "LOCK");
        assert.equal(outcome(pool, "release", []), "LOCK");
        assert.equal(picture(pool, all), before, "the pool has changed");
      });

      it("write with data that is like an array only: ARGUMENT", () => {
        const { pool, all } = stage(subject);
        const before = picture(pool, all);
        for (const length of [undefined, null, NaN, -1, 0.5, "2", 2, Infinity, 2 ** 53]) {
          assert.equal(outcome(pool, "write", [all[2], 0, { length, 0: 1, 1: 2 }]), "ARGUMENT", `length ${length}`);
        }
        assert.equal(picture(pool, all), before, "the pool has changed");
      });

      it("messages name the value", () => {
        const { pool, all } = stage(subject);
        const said: [() => unknown, RegExp][] = [
          [() => pool.alloc(-12), /-12/],
          [() => pool.read(all[0], 30, 7), /37|7/],
          [() => pool.read(all[0], 0.25, 7), /0\.25/],
          [() => pool.fill(all[0], 300, 0, 1), /300/],
          [() => pool.tick(-3), /-3/],
          [() => pool.free(7), /7/]
        ];
        for (const [fn, text] of said) assert.throws(fn, text);
      });
    });
  }
}
