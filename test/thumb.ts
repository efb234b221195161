import assert from "node:assert/strict";
import { RP2040, LogLevel, ConsoleLogger } from "rp2040js";
import { create } from "../src/full";
import { ram as portable } from "../src/store";
import { CODE, ram } from "../src/thumb";
import { amount } from "./amount";
import { random } from "./random";

const SRAM = 0x20000000;
const AT = 0x8000; // of the code, from SRAM
const STACK = SRAM + 0x20000;
const BACK = 0x10000000; // where the code returns to
const SAVED = [4, 5, 6, 7, 8, 9, 10, 11]; // registers that a function keeps (AAPCS)

/** A Cortex-M0+ with the code in its memory. */
class Machine {
  readonly chip = new RP2040();
  steps = 0;

  constructor() {
    this.chip.logger = new ConsoleLogger(LogLevel.Error, true);
    CODE.forEach((word, i) => this.chip.writeUint16(SRAM + AT + 2 * i, word));
  }

  get memory(): Uint8Array {
    return this.chip.sram.subarray(0, AT);
  }

  /** Runs a copy; `each` is called after every instruction. Returns cycles. */
  copy(to: number, from: number, n: number, each?: () => void): number {
    const { core } = this.chip;
    core.registers.set([SRAM + to, SRAM + from, n]);
    SAVED.forEach((r) => (core.registers[r] = 0x1000 + r));
    (core.SP = STACK), (core.LR = BACK | 1), (core.PC = SRAM + AT);
    const before = core.cycles;
    for (let steps = 0; core.PC !== BACK; steps++) {
      assert.ok(steps < 100 + 10 * n, "the copy does not end");
      assert.ok(core.PC >= SRAM + AT && core.PC < SRAM + AT + 2 * CODE.length, `left the code for ${core.PC}`);
      core.executeInstruction();
      assert.ok(core.SP >= STACK - 12 && core.SP <= STACK);
      each?.();
    }
    assert.equal(core.SP, STACK);
    for (const r of SAVED) assert.equal(core.registers[r], 0x1000 + r, `r${r}`);
    return core.cycles - before;
  }
}

describe("thumb", () => {
  const machine = new Machine();

  function same(to: number, from: number, n: number): void {
    const next = random(to * 7 + from * 5 + n);
    for (let i = 0; i < machine.memory.length; i++) machine.memory[i] = next(256);
    const want = machine.memory.slice().copyWithin(to, from, from + n);
    machine.copy(to, from, n);
    assert.ok(Buffer.compare(machine.memory, want) === 0, `copy of ${n} bytes from ${from} to ${to}`);
  }

  it("copies as copyWithin does, at every alignment and overlap", () => {
    for (const n of [0, 1, 2, 3, 4, 5, 8, 12, 15, 16, 17, 20, 31, 32, 33, 36]) {
      for (let by = -40; by <= 40; by += amount(3, 1, 1)) same(100 + by, 100, n);
    }
    for (const from of [101, 102, 103]) for (const by of [-33, -4, -1, 1, 4, 33]) same(from + by, from, 64);
  });

  it("copies random blocks as copyWithin does", () => {
    const next = random(4);
    for (let turn = 0; turn < amount(100, 300); turn++) {
      const n = next(600) & (turn & 1 ? -4 : -1);
      same(next(4000) & (turn & 1 ? -4 : -1), next(4000) & (turn & 1 ? -4 : -1), n);
    }
  });

  it("writes every byte of the target once and nothing else, instruction by instruction", () => {
    for (const [to, from, n] of [[64, 96, 80], [96, 64, 80], [65, 96, 40], [97, 64, 40]]) {
      const next = random(n);
      for (let i = 0; i < 512; i++) machine.memory[i] = next(256);
      const want = machine.memory.slice(0, 512).copyWithin(to, from, from + n);
      let before = machine.memory.slice(0, 512);
      const written = new Set<number>();
      machine.copy(to, from, n, () => {
        for (let i = 0; i < 512; i++) {
          if (machine.memory[i] === before[i]) continue;
          assert.ok(i >= to && i < to + n, `wrote ${i}`);
          assert.ok(!written.has(i), `wrote ${i} twice`);
          assert.equal(machine.memory[i], want[i], `byte ${i} is not the one of the JavaScript copy`);
          written.add(i);
        }
        before = machine.memory.slice(0, 512);
      });
      assert.deepEqual(machine.memory.slice(0, 512), want);
    }
  });

  it("takes at most 0.9 cycles a byte down and 2.1 up, 10.1 and 8.1 where it is not aligned", () => {
    const cost = (to: number, from: number): number => machine.copy(to, from, 4096) / 4096;
    assert.ok(cost(1000, 1016) <= 0.9, `${cost(1000, 1016)}`);
    assert.ok(cost(1016, 1000) <= 2.1, `${cost(1016, 1000)}`);
    assert.ok(cost(1001, 1016) <= 10.1, `${cost(1001, 1016)}`);
    assert.ok(cost(1017, 1000) <= 8.1, `${cost(1017, 1000)}`);
  });

  describe("store", () => {
    const outer = globalThis as any;
    const native = outer.process;

    /** Runs `fn` on a board whose memory is that of the machine. */
    function on(board: { BOARD: string; at: number; call?: boolean; text?: boolean }, fn: (calls: number[][]) => void): void {
      const calls: number[][] = [];
      let bytes: Uint8Array | undefined;
      // built-in objects of Espruino are of type "function"
      outer.E = Object.assign(() => undefined, {
        getAddressOf: (array: Uint8Array) => ((bytes = array), board.at),
        defrag: () => assert.fail("defrag"),
        toString: (array: Uint8Array) => (board.text === false ? undefined : String.fromCharCode(...array)),
        nativeCall: board.call === false ? undefined : (offset: number, signature: string, code: string) => {
          assert.equal(offset, 1);
          assert.equal(signature, "void (int,int,int)");
          assert.deepEqual([...code].map((c) => c.charCodeAt(0)), CODE.flatMap((word) => [word & 255, word >> 8]));
          return (to: number, from: number, n: number) => {
            calls.push([to, from, n]);
            machine.memory.set(bytes!);
            machine.copy(to - board.at, from - board.at, n);
            bytes!.set(machine.memory.subarray(0, bytes!.length));
          };
        }
      });
      outer.process = Object.assign(() => undefined, { env: { BOARD: board.BOARD }, hrtime: native.hrtime, nextTick: native.nextTick });
      try {
        fn(calls);
      } finally {
        outer.process = native;
        delete outer.E;
      }
    }

    it("moves the blocks of a pool as the portable store does", () => {
      on({ BOARD: "PICO_R1_3", at: 0x20001230 }, (calls) => {
        const pools = [create({ store: ram(2048), handles: 60 }), create({ store: portable(2048), handles: 60 })];
        const next = random(8);
        const live: number[][] = [];
        for (let turn = 0; turn < 400; turn++) {
          if (live.length > 40 || (next(3) === 0 && live.length)) {
            const [pair] = live.splice(next(live.length), 1);
            pools.forEach((pool, i) => pool.free(pair[i]));
          } else {
            const n = 1 + next(60);
            const pair = pools.map((pool) => pool.alloc(n));
            if (!pair[0]) continue;
            pools.forEach((pool, i) => pool.write(pair[i], 0, Array.from({ length: n }, (_, k) => (k * 7 + turn) & 255)));
            live.push(pair);
          }
        }
        assert.ok(calls.length > 50, `${calls.length} copies`);
        assert.deepEqual(pools[0].bytes, pools[1].bytes);
      });
    });

    const portables: [string, Parameters<typeof on>[0]][] = [
      ["Linux", { BOARD: "LINUX", at: 0x20001000 }],
      ["an ESP32, whose RAM lies elsewhere", { BOARD: "ESP32", at: 0x3ffb0000 }],
      ["a board without nativeCall", { BOARD: "PUCKJS", at: 0x20001000, call: false }],
      ["a heap without room for the code", { BOARD: "PUCKJS", at: 0x20001000, text: false }]
    ];
    for (const [name, board] of portables) {
      it(`stays portable on ${name}`, () => {
        on(board, (calls) => {
          const store = ram(64);
          store.bytes!.set([1, 2, 3, 4]);
          store.move(8, 0, 4);
          assert.deepEqual([...store.bytes!.subarray(8, 12)], [1, 2, 3, 4]);
          assert.equal(calls.length, 0);
        });
      });
    }

    it("is the store of a pool in its own bundle", () => {
      const pool = require("../dist/tidyheap-core.min.js").create({ store: require("../dist/tidyheap-thumb.min.js").ram(1024) });
      const h = pool.alloc(10);
      pool.write(h, 0, "0123456789");
      assert.equal(Buffer.from(pool.view(h)).toString(), "0123456789");
      assert.equal(pool.stat().size, 1024);
    });

    it("stays portable where there is no E", () => {
      const store = ram(64);
      store.bytes!.set([1, 2, 3, 4]);
      store.move(8, 0, 4);
      assert.deepEqual([...store.bytes!.subarray(8, 12)], [1, 2, 3, 4]);
    });
  });
});
