import assert from "node:assert/strict";
import { amount } from "./amount";
import { random, type Random } from "./random";
import { LIBRARIES, sound, up, type Library, type Pool } from "./target";

/** A block the program holds; its first and last byte are `tag`. */
interface Held {
  h: number;
  n: number;
  tag: number;
}

/** Blocks with tags, and the refusals that were wrong: FULL although the bytes would do. */
class Crowd {
  readonly held: Held[] = [];
  taken = 0;
  used = 0;
  refusals = 0;

  constructor(readonly pool: Pool, readonly unit: number) {}

  alloc(n: number): boolean {
    const h = this.pool.alloc(n);
    if (!h) {
      this.refusals++;
      const { size } = this.pool.stat();
      assert.ok(this.pool.why === "FULL" || this.pool.why === "HANDLES", this.pool.why);
      if (this.pool.why === "FULL") assert.ok(size - this.taken < up(n, this.unit), `${n} bytes refused, ${size - this.taken} free`);
      return false;
    }
    const tag = this.held.length & 255;
    this.pool.write(h, 0, [tag]);
    this.pool.write(h, n - 1, [tag]);
    this.held.push({ h, n, tag });
    this.taken += up(n, this.unit);
    this.used += n;
    return true;
  }

  free(i: number): void {
    const one = this.held[i];
    this.right(one);
    this.pool.free(one.h);
    this.held[i] = this.held[this.held.length - 1];
    this.held.pop();
    this.taken -= up(one.n, this.unit);
    this.used -= one.n;
  }

  right({ h, n, tag }: Held): void {
    const { pool } = this;
    if (pool.size(h) !== n || pool.read(h, 0, 1)[0] !== tag || pool.read(h, n - 1, 1)[0] !== tag) assert.fail(`block ${h} is wrong`);
  }

  verify(): void {
    for (const one of this.held) this.right(one);
    const { used, live, free, size } = this.pool.stat();
    assert.equal([used, live, free].join(), [this.used, this.held.length, size - this.taken].join());
    sound(this.pool);
  }
}

function mixed(next: Random, often: number, seldom: number): number {
  return 1 + next(next(20) ? often : seldom);
}

/** Sizes of the three workloads of J5, and the payload in percent a compacting allocator reaches on them. */
const LOADS: [string, (next: Random) => number, number, number][] = [
  ["A", (next) => mixed(next, 64, 256), 96, 99],
  ["B", (next) => mixed(next, 128, 2048), 98, 99.3],
  ["C", (next) => 1 + next(next(2) ? 32 : 64), 94, 99.5]
];

/** In `npm test` one build of each kind. */
const SOME = LIBRARIES.filter(({ name }) => amount(0, 1) || !name.includes("min"));

for (const library of SOME) {
  describe(`stress, ${library.name}`, function () {
    this.timeout(600000);

    it("J1 fills above 90 % and frees, again and again, seeded", () => {
      const next = random(1);
      const size = 65532;
      const crowd = new Crowd(library.create({ size, handles: 2047, unit: 4 }), 4);
      for (let loop = 0; loop < amount(6, 30); loop++) {
        while (crowd.taken < 0.9 * size) crowd.alloc(mixed(next, 128, 2048));
        for (let turn = 0; turn < 200; turn++) {
          crowd.alloc(mixed(next, 128, 2048));
          if (crowd.taken > 0.9 * size && next(5) === 0) crowd.free(next(crowd.held.length));
        }
        for (let count = Math.floor(crowd.held.length / 3); count; count--) crowd.free(next(crowd.held.length));
        crowd.pool.tick(4096);
        crowd.verify();
      }
    });

    it("J2 keeps 512 slots in 512 KB", () => {
      const next = random(2);
      const crowd = new Crowd(library.create({ size: 524288, handles: 512, unit: 4 }), 4);
      for (let i = 0; i < amount(6000, 20000); i++) {
        const n = 4 * next(2047);
        if (crowd.held.length && (crowd.held.length === 512 || next(10) === 0)) {
          crowd.free(next(crowd.held.length));
          if (next(10) === 0) crowd.pool.tick(2048);
        } else if (n && !crowd.alloc(n)) {
          for (let count = 0; count < 9 && crowd.held.length; count++) crowd.free(next(crowd.held.length));
        }
        if (i % 1000 === 0) crowd.verify();
      }
      assert.ok(crowd.refusals > 5);
      crowd.verify();
    });

    for (const every of [0, 2, 3, 4].slice(0, amount(2, 4, 4))) {
      it(`J3 fills 2 MB, ${every ? `every ${every}. block freed and the rest filled again` : "nothing freed"}`, () => {
        const next = random(3);
        const size = 2097152;
        const crowd = new Crowd(library.create({ size, handles: 20000, unit: 4 }), 4);
        while (crowd.alloc(1 + next(1024)));
        const first = crowd.used / size;
        if (every) for (let i = crowd.held.length - 1; i >= 0; i -= every) crowd.free(i);
        while (crowd.alloc(1 + next(1024)));
        crowd.verify();
        assert.ok(first > 0.99 && crowd.used / size > 0.99, `${first} and ${crowd.used / size} of the bytes are payload`);
      });
    }

    for (const [name, size, loose, tight] of LOADS) {
      // an external pool looks at every row: once is enough
      for (const unit of library.far ? [4] : [4, 1]) {
        it(`J5 reaches ${unit === 1 ? tight : loose} % of 256 KB with workload ${name}, unit ${unit}`, () => {
          const payload = 100 * share(library, size, unit, 1);
          assert.ok(payload >= (unit === 1 ? tight : loose), `${payload.toFixed(2)} %`);
        });
      }
    }
  });
}

/** 65 % alloc, 35 % free of a random block until the first refusal: payload as a share of the pool. */
function share(library: Library, size: (next: Random) => number, unit: number, seed: number): number {
  const next = random(seed);
  const crowd = new Crowd(library.create({ size: 262144, handles: 24000, unit }), unit);
  for (;;) {
    if (next(100) < 65) {
      if (!crowd.alloc(size(next))) break;
    } else if (crowd.held.length) crowd.free(next(crowd.held.length));
  }
  crowd.verify();
  return crowd.used / 262144;
}
