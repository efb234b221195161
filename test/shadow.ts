import assert from "node:assert/strict";
import type { Memory } from "./memory";
import { random, type Random } from "./random";
import { sound, up, type Pool } from "./target";

/** What a pool must hold: the bytes of every live block, its locks, and the owner of every byte of the store. */
export class Shadow {
  readonly blocks = new Map<number, Uint8Array>();
  readonly locks = new Map<number, number>();
  /** Address of each locked block. */
  readonly pinned = new Map<number, number>();
  /** Handles that must be refused, newest last. */
  readonly dead: number[] = [];
  private readonly given = new Set<number>();
  holds = 0;
  /** True when the pool is external. */
  readonly far: boolean;
  private readonly next: Random;

  /** `head`: bytes in front of each block of a persistent pool. */
  constructor(readonly pool: Pool, readonly memory: Memory, readonly rule: { unit: number; handles: number; pause?: number; head?: number }) {
    this.next = random(7);
    this.far = "load" in pool;
  }

  get handles(): number[] {
    return [...this.blocks.keys()];
  }

  /** Bytes no block takes. */
  get free(): number {
    let taken = 0;
    for (const data of this.blocks.values()) taken += this.need(data.length);
    return this.size - taken;
  }

  /** Bytes of the pool, which has less than its store where it is persistent. */
  get size(): number {
    return this.rule.head ? this.pool.stat().size : this.memory.size;
  }

  /** Bytes that a block of `n` bytes takes. */
  need(n: number): number {
    return up(n + (this.rule.head ?? 0), this.rule.unit);
  }

  alloc(n: number): number {
    const h = this.paused(() => this.pool.alloc(n));
    if (h) this.born(h, n);
    else this.refused(n, this.need(n));
    return h;
  }

  /** Bytes moved so far. In an external pool slides are reads and writes, and copy() moves: there the pool says it. */
  private get moved(): number {
    return this.far ? this.pool.epoch : this.memory.moved;
  }

  /** True while bytes that no block owns may still be wanted: a copy of a block is being made there. A minified pool does not say. */
  private get busy(): boolean {
    const { _fly, _rows } = this.pool as any;
    return this.far && (_fly === undefined || _fly !== _rows);
  }

  /** Makes a request, which may move no more than the pause. */
  private paused<T>(request: () => T): T {
    const before = this.moved;
    const result = request();
    const moved = this.moved - before;
    if (moved > (this.rule.pause ?? Infinity)) assert.fail(`${moved} bytes moved, the pause is ${this.rule.pause}`);
    return result;
  }

  /** Enters a block that was allocated by another road and writes to it. */
  born(h: number, n: number): void {
    assert.ok(n > 0 && h > 0 && h < 2 ** 31 && Number.isInteger(h), `alloc(${n}) gave ${h}`);
    assert.ok(!this.given.has(h), `handle ${h} was given out before`);
    this.given.add(h);
    const data = this.noise(n);
    this.blocks.set(h, data);
    this.pool.write(h, 0, data);
  }

  drop(h: number): void {
    if (this.locks.get(h)) {
      assert.throws(() => this.pool.free(h), { code: "LOCK" });
    } else {
      this.pool.free(h);
      this.gone(h);
    }
  }

  gone(h: number): void {
    this.blocks.delete(h);
    this.dead.push(h);
  }

  resize(h: number, n: number): boolean {
    const old = this.blocks.get(h)!;
    if (n === 0 && this.locks.get(h)) {
      assert.throws(() => this.pool.resize(h, 0), { code: "LOCK" });
      return false;
    }
    const ok = this.paused(() => this.pool.resize(h, n));
    if (!ok) this.refused(n, this.need(n) - this.need(old.length));
    else if (n === 0) this.gone(h);
    else this.sized(h, n);
    return ok;
  }

  /** Enters a resize that was done by another road; new bytes get a value. */
  sized(h: number, n: number): void {
    const old = this.blocks.get(h)!;
    const data = this.noise(n);
    data.set(old.subarray(0, Math.min(n, old.length)));
    this.blocks.set(h, data);
    if (n > old.length) this.pool.write(h, old.length, data.subarray(old.length));
  }

  write(h: number, at: number, n: number): void {
    const data = this.noise(n);
    this.pool.write(h, at, data);
    this.blocks.get(h)!.set(data, at);
  }

  copy(to: number, toAt: number, from: number, fromAt: number, n: number): void {
    this.pool.copy(to, toAt, from, fromAt, n);
    this.blocks.get(to)!.set(this.blocks.get(from)!.slice(fromAt, fromAt + n), toAt);
  }

  fill(h: number, value: number, at: number, n: number): void {
    this.pool.fill(h, value, at, n);
    this.blocks.get(h)!.fill(value, at, at + n);
  }

  lock(h: number): void {
    this.pool.lock(h);
    const count = this.locks.get(h) ?? 0;
    if (!count) this.pinned.set(h, this.pool.at(h));
    this.locks.set(h, count + 1);
  }

  unlock(h: number): void {
    const count = this.locks.get(h) ?? 0;
    if (!count) {
      assert.throws(() => this.pool.unlock(h), { code: "LOCK" });
      return;
    }
    this.pool.unlock(h);
    this.locks.set(h, count - 1);
    if (count === 1) {
      this.locks.delete(h);
      this.pinned.delete(h);
    }
  }

  hold(): void {
    this.pool.hold();
    this.holds++;
  }

  release(): void {
    if (!this.holds) {
      assert.throws(() => this.pool.release(), { code: "LOCK" });
      return;
    }
    this.pool.release();
    this.holds--;
  }

  tick(budget: number): number {
    const { memory } = this;
    const before = memory.moved + memory.written;
    const moved = this.pool.tick(budget);
    assert.ok(moved <= budget, `tick(${budget}) moved ${moved}`);
    if (!this.rule.head) assert.equal(memory.moved + memory.written - before, moved, "bytes that went through the store in a tick");
    return moved;
  }

  /** Holes left by pack(): one above each locked block and one at the end, at most. */
  pack(): void {
    this.pool.pack();
    if (!this.holds && !this.locks.size) this.tight();
  }

  reset(): void {
    this.pool.reset();
    for (const h of this.handles) this.gone(h);
    this.locks.clear();
    this.pinned.clear();
    this.holds = 0;
  }

  /** Fails unless the blocks stand side by side from address 0. */
  private tight(): void {
    const places = this.handles.map((h) => [this.pool.at(h), this.need(this.blocks.get(h)!.length)]);
    let top = 0;
    for (const [at, n] of places.sort((a, b) => a[0] - b[0])) {
      assert.equal(at, top, "address after pack()");
      top += n;
    }
    assert.equal(this.pool.stat().largest, this.free, "largest hole after pack()");
  }

  /** Fails unless the refusal of a request for `n` bytes that takes `need` more is one the contract allows. */
  private refused(n: number, need: number): void {
    const { pool, rule } = this;
    const bound = this.holds > 0 || this.locks.size > 0 || rule.pause !== undefined;
    const reason = pool.why;
    const story = `request for ${n} bytes with ${this.free} free, ${this.blocks.size} live: ${reason}`;
    if (n === 0 || n > this.size - (rule.head ?? 0)) assert.equal(reason, "SIZE", story);
    else if (reason === "FULL") assert.ok(this.free < need, story);
    else if (reason === "HANDLES") assert.ok(this.blocks.size === rule.handles - pool.stat().retired, story);
    else if (reason === "FRAGMENTED") assert.ok(bound && this.free >= need, story);
    else assert.fail(story);
  }

  /** Address of byte `i` of a block, found without moving anything. */
  locate(h: number, i: number): number {
    this.pool.read(h, i, 1);
    return this.memory.last;
  }

  /** The block that is in two pieces, or of which an external pool has copied a part; 0 when none is. */
  torn(): number {
    const { edge } = this.memory;
    for (const [h, data] of this.blocks) {
      const last = this.locate(h, data.length - 1);
      const first = this.locate(h, 0);
      if (last - first !== data.length - 1 || (this.far && edge > first && edge <= last)) return h;
    }
    return 0;
  }

  /** Where a block begins whose first and last byte are as far apart as they should be, and with it the others; -1: each byte has to be asked for. */
  private whole(h: number, data: Uint8Array): number {
    const last = this.locate(h, data.length - 1);
    const first = this.locate(h, 0);
    return last - first === data.length - 1 ? first : -1;
  }

  /** Fails unless every byte is right and has one owner; then writes noise to every byte that has none. */
  verify(when = ""): void {
    const { pool, memory } = this;
    sound(pool, when);
    const owner = new Uint32Array(memory.size);
    for (const [h, data] of this.blocks) {
      const at = this.whole(h, data);
      for (let i = 0; i < data.length; i++) {
        if (at >= 0 && memory.bytes[at + i] === data[i] && !owner[at + i]) {
          owner[at + i] = h;
          continue;
        }
        const value = pool.read(h, i, 1)[0];
        if (value !== data[i]) assert.fail(`${when}: byte ${i} of block ${h} is ${value}, expected ${data[i]}`);
        if (owner[memory.last]) assert.fail(`${when}: byte ${memory.last} is of block ${owner[memory.last]} and of ${h}`);
        owner[memory.last] = h;
      }
    }
    if (!this.busy && !this.rule.head) {
      owner.forEach((h, at) => {
        if (!h) memory.bytes[at] ^= 0x5a;
      });
    }
    this.counted(when);
    for (const [h, at] of this.pinned) assert.equal(pool.at(h), at, `${when}: locked block ${h}`);
    for (const h of this.dead.slice(-4)) assert.equal(pool.has(h), false, `${when}: freed ${h}`);
  }

  private counted(when: string): void {
    const stat = this.pool.stat();
    let used = 0;
    for (const data of this.blocks.values()) used += data.length;
    const wanted = { used, live: this.blocks.size, free: this.free };
    for (const [name, value] of Object.entries(wanted)) {
      const got = stat[name as keyof typeof wanted];
      if (got !== value) assert.fail(`${when}: ${name} is ${got}, expected ${value}`);
    }
    assert.ok(stat.largest <= stat.free, `${when}: largest`);
  }

  private noise(n: number): Uint8Array {
    const data = new Uint8Array(n);
    for (let i = 0; i < n; i++) data[i] = this.next(256);
    return data;
  }
}
