import assert from "node:assert/strict";
import { create } from "../src/full";
import { create as far } from "../src/far";
import { record, type Recorder, type Recording } from "../src/record";
import { parse, verify } from "../tools/trace";
import { Cells } from "./cells";

type Any = any;

/** A pool without a memory, whose every answer a test sets. */
class Stub {
  epoch = 0;
  why = "";
  onmove: ((h: number, at: number) => void) | undefined;
  given: unknown = 7;
  places: Record<number, number> = {};
  /** Happens in the middle of the next call. */
  middle: () => void = () => {};

  constructor(private readonly live: [number, number, number][] = []) {}
  private answer(): Any {
    const { middle } = this;
    this.middle = () => {};
    middle();
    return this.given;
  }
  stat(): object {
    return { size: 256, used: 3 };
  }
  at(h: number): number {
    return this.places[h] ?? 0;
  }
  each(fn: (h: number, at: number, size: number) => void): void {
    for (const [h, at, size] of this.live) fn(h, at, size);
  }
  use(h: number, fn: (view: unknown) => unknown): unknown {
    return fn(`view of ${h}`);
  }
  declare alloc: (bytes: number) => number;
  declare free: (h: number) => void;
  declare resize: (h: number, bytes: number) => boolean;
  declare lock: (h: number) => void;
  declare unlock: (h: number) => void;
  declare tick: (budget: number) => number;
  declare start: (ms: number, budget: number) => void;
  declare stop: () => void;
  declare pack: () => void;
  declare hold: () => void;
  declare release: () => void;
  declare reset: () => void;
  declare wipe: () => void;

  static {
    for (const name of ["alloc", "free", "resize", "lock", "unlock", "tick", "start", "stop", "pack", "hold", "release", "reset", "wipe"]) {
      (this.prototype as Any)[name] = function (this: Stub) {
        return this.answer();
      };
    }
  }
}

/** What is written between the first line and the last, without sums and numbers. */
function told(pool: Any, act: (recorder: Recorder) => void, options: Recording = {}): string[] {
  const lines: string[] = [];
  const recorder = record(pool, { ...options, to: (line) => void lines.push(line) });
  act(recorder);
  recorder.stop();
  return lines.slice(1, -1).map((line) => line.replace(/^@\w+\.\w+ /, ""));
}

describe("trail", () => {
  const { now } = Date;
  let time = 0;
  beforeEach(() => {
    time = 5000;
    Date.now = () => time;
  });
  afterEach(() => void (Date.now = now));

  it("has an event for every call, as its letters say", () => {
    const pool = new Stub();
    const [text] = told(pool, (recorder) => {
      (pool.given = 100), (pool.places[100] = 36), pool.alloc(35);
      (pool.given = true), pool.resize(100, 71), pool.resize(100, 0);
      (pool.given = 0), (pool.why = "FULL"), pool.alloc(1296);
      (pool.given = false), (pool.why = "HANDLES"), pool.resize(101, 5);
      pool.free(36), pool.free(0);
      pool.lock(37), pool.unlock(37), pool.hold(), pool.release();
      pool.tick(256), pool.start(50, 128), pool.stop();
      pool.pack(), pool.reset(), pool.wipe();
      recorder.owner("net"), recorder.owner("net", 72);
    });
    assert.equal(text, 'A2s.z.10Z2s.1z.10F2sR"FULL"100Q"HANDLES"2t.5F10L11U11HGK74S1e.3kEPCVO"net"O"net"20');
  });

  it("has the pool before and after in its first line and its last, and numbers them", () => {
    const lines: string[] = [];
    const pool = new Stub();
    const recorder = record(pool as Any, { to: (line) => void lines.push(line), options: { fit: "fast" } });
    recorder.stop();
    const sum = (text: string): string => [...text].reduce((all, one) => all + one.charCodeAt(0), 0).toString(36);
    const texts = ['0 {"size":256,"used":3,"trace":1,"options":{"fit":"fast"}}', '1 {"size":256,"used":3}'];
    assert.deepEqual(lines, texts.map((text) => `@${sum(text)}.${text}`));
  });

  it("names the board, and takes the sum of the engine where it has one", () => {
    const world = globalThis as Any;
    const summed: string[] = [];
    const lines: string[] = [];
    process.env.BOARD = "PUCKJS";
    world.E = { sum: (text: string) => (summed.push(text), 46655) };
    try {
      record(new Stub() as Any, { to: (line) => void lines.push(line) }).stop();
    } finally {
      delete process.env.BOARD;
      delete world.E;
    }
    assert.equal(lines[0], `@zzz.0 {"size":256,"used":3,"trace":1,"board":"PUCKJS"}`);
    assert.equal(summed.length, 2);
    world.E = {};
    try {
      told(new Stub(), () => {});
    } finally {
      delete world.E;
    }
  });

  it("tells the time between calls, the time in them, and what they and the ticks between moved", () => {
    const pool = new Stub();
    const [text] = told(pool, () => {
      time += 1;
      pool.middle = () => ((pool.epoch += 40), (time += 36));
      pool.free(1);
      pool.epoch += 8;
      time += 0.5;
      pool.free(2);
      time += 0.5;
      pool.free(3);
    });
    assert.equal(text, "T1F1Y14D10W8F2T1F3");
  });

  it("keeps parts of milliseconds, and has no time for a clock that is set", () => {
    const pool = new Stub();
    const step = (ms: number): void => void ((time += ms), pool.free(1));
    const [text] = told(pool, () => [1.75, 0.25, -3000, 2, 0x7fffffff, 2, 0x7ffffffe, -0.5, 0.5, 1].forEach(step));
    assert.equal(text, "T1F1T1F1F1T2F1F1T2F1Tzik0ziF1F1F1T1F1".replace("Tzik0zi", `T${(0x7ffffffe).toString(36)}`));
  });

  it("writes a run that one copy moves as one event, and what moves apart as several", () => {
    const pool = new Stub();
    const [text] = told(pool, () => {
      pool.middle = () => {
        pool.epoch += 100;
        for (const h of [40, 41, 42]) pool.onmove!(h, h * 2);
        pool.epoch += 10;
        pool.onmove!(43, 99);
      };
      pool.free(1);
    });
    assert.equal(text, "M14.28.16M17.2rF1Y32");
  });

  it("puts ticks of one millisecond into one W, and those of another into the next", () => {
    const pool = new Stub();
    const tick = (h: number, bytes: number): void => void ((pool.epoch += bytes), pool.onmove!(h, 4));
    const [text] = told(pool, () => {
      tick(1, 10), tick(2, 5);
      time += 1;
      tick(3, 7);
      pool.free(9);
    });
    assert.equal(text, "M1.4M2.4WfT1M3.4W7F9");
    const [inside] = told(pool, () => {
      pool.middle = () => (tick(1, 3), (time += 2), tick(2, 4));
      pool.free(8);
    });
    assert.equal(inside, "M1.4M2.4F8Y7D2");
  });

  it("does not join what a call within a call moves", () => {
    const pool = new Stub();
    const [text] = told(pool, () => {
      pool.middle = () => {
        pool.middle = () => (pool.onmove!(5, 50), pool.onmove!(6, 60));
        pool.free(2);
      };
      pool.free(1);
    });
    assert.equal(text, "M5.1eM6.1oF2F1");
  });

  it("ends a line when it has more than so many characters, 200 by default", () => {
    for (const [line, most] of [[undefined, 200], [10, 10]] as const) {
      const pool = new Stub();
      const lengths: number[] = [];
      const lines = told(pool, () => {
        for (let i = 0; i < most / 2; i++) pool.free(1);
        lengths.push(1);
        pool.free(1);
        pool.free(1);
      }, { line });
      assert.deepEqual(lines.map((one) => one.length), [most + 2, 2], `${line}`);
    }
  });

  it("ends a line between moves and between blocks that were there as well", () => {
    const pool = new Stub(Array.from({ length: 9 }, (_, i) => [i + 1, i * 2, 3] as [number, number, number]));
    const lines = told(pool, () => {
      for (let i = 1; i < 5; i++) (pool.epoch += 1), pool.onmove!(i, i);
    }, { line: 6 });
    assert.deepEqual(lines, ["B1.3.0B2.3.2", "B3.3.4B4.3.6", "B5.3.8B6.3.a", "B7.3.cB8.3.e", "B9.3.gM1.1", "M2.2M3.3", "M4.4W4"]);
  });

  it("has the lock of use() around what its function does, also when that throws, and hands on what is none", () => {
    const pool = new Stub();
    const seen: unknown[] = [];
    const [text] = told(pool, () => {
      time += 2;
      seen.push(pool.use(36, (view) => (pool.free(1), view)));
      assert.throws(() => pool.use(37, () => assert.fail("no")), /no/);
      assert.throws(() => pool.use(38, 5 as Any), /not a function/);
    });
    assert.deepEqual(seen, ["view of 36"]);
    assert.equal(text, "T2L10F1U10L11U11");
  });

  it("has no unlock where reset() in the function of use() has done it", () => {
    const lines: string[] = [];
    const pool = create({ size: 512 });
    const recorder = record(pool as Any, { to: (line) => void lines.push(line) });
    const h = pool.alloc(20);
    assert.throws(() => pool.use(h, () => pool.reset()), { code: "HANDLE" });
    recorder.stop();
    assert.equal(verify(parse(lines.join("\n"))[0]), "");
  });

  it("writes names in ASCII: quotes, and all above ~, are escaped", () => {
    const [text] = told(new Stub(), (recorder) => ['a"b', "~", "\x7f", "é", "\u2713", "7" as Any, 7 as Any].forEach((name) => recorder.owner(name)));
    assert.equal(text, 'O"a\\"b"O"~"O"\\u007f"O"\\u00e9"O"\\u2713"O"7"O"7"');
    const [of] = told(new Stub(), (recorder) => recorder.owner("x", 36));
    assert.equal(of, 'O"x"10');
  });

  it("goes into a file line by line, counts the lines that could not be written, and flushes when it is asked to", () => {
    const pool = new Stub();
    const written: string[] = [];
    const recorder = record(pool as Any, { file: { write: (text: string) => void written.push(text) } });
    recorder.flush();
    pool.free(1);
    recorder.flush();
    recorder.flush();
    recorder.stop();
    assert.deepEqual(written.map((line) => line.slice(-4)), ["1}\n".padStart(4, ":"), " F1\n", ":3}\n"]);
    let on = true;
    const lossy = record(pool as Any, { to: () => { if (!on) throw new Error("port closed"); } });
    on = false;
    pool.free(1);
    lossy.flush();
    assert.equal(lossy.lost, 1);
    on = true;
    lossy.stop();
    assert.equal(lossy.lost, 1);
  });

  it("leaves a pool as it was: its own fields, its methods, its onmove", () => {
    const onmove = (): void => {};
    const pools: Any[] = [create({ size: 512, onmove }), far({ store: Object.assign(new Cells(512), { chunk: 64 }) as Any, handles: 8, onmove })];
    for (const pool of pools) {
      const before = Object.getOwnPropertyNames(pool).sort();
      const alloc = pool.alloc;
      const recorder = record(pool, { to: () => {} });
      assert.notEqual(pool.alloc, alloc);
      recorder.stop();
      assert.deepEqual(Object.getOwnPropertyNames(pool).sort(), before);
      assert.deepEqual([pool.alloc, pool.onmove], [alloc, onmove]);
    }
  });

  it("says in its error what came and what is right", () => {
    const pool = new Stub();
    assert.throws(() => record({} as Any), { code: "OPTION", message: "OPTION: [object Object], not a pool with stat()" });
    const recorder = record(pool as Any, { to: () => {} });
    assert.throws(() => record(pool as Any, { to: () => {} }), { code: "OPTION", message: "OPTION: recorded already, not one recorder" });
    recorder.stop();
    for (const wrong of [{ to: 5 }, { file: {} }, { file: "log" }]) assert.throws(() => record(pool as Any, wrong as Any), { code: "OPTION", message: "OPTION: to or file, not a function, with write()" });
    record(pool as Any, { to: () => {} }).stop();
  });
});
