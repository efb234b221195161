import assert from "node:assert/strict";
import type { Memory } from "./memory";
import { random, type Random } from "./random";
import { sound, up, type Pool } from "./target";

/** What a pool was made with. */
export interface Rule {
  unit: number;
  handles: number;
  pause?: number;
  /** Bytes in front of every payload: 12 in a persistent pool, whose image is walked by them. Default 0. */
  head?: number;
  /** Bytes of the pool. Default: those of the memory. */
  size?: number;
}

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
  private readonly head: number;
  private readonly owner: Int32Array;

  constructor(public pool: Pool, readonly memory: Memory, readonly rule: Rule) {
    this.next = random(7);
    this.far = "load" in pool;
    this.head = rule.head ?? 0;
    this.owner = new Int32Array(memory.size);
  }

  /** Bytes of the pool. */
  get size(): number {
    return this.rule.size ?? (this.head ? this.pool.stat().size : this.memory.size);
  }

  /** Bytes that a block of `n` payload bytes takes. */
  need(n: number): number {
    return up(n + this.head, this.rule.unit);
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
    this.put(h, 0, data);
  }

  /** Writes; to a persistent pool in pieces that its journal takes, because more would need a hole. */
  private put(h: number, at: number, data: Uint8Array): void {
    const most = this.head ? 50 : Infinity;
    for (let i = 0; i < data.length; i += most) this.pool.write(h, at + i, data.subarray(i, i + most));
  }

  /** True when a change of `n` bytes was made; a persistent pool may refuse those that its journal does not take. */
  private made(n: number, change: () => void): boolean {
    try {
      change();
      return true;
    } catch (error: any) {
      if (!this.head || !["FULL", "FRAGMENTED"].includes(error.code)) throw error;
      const lacks = error.code === "FULL" ? this.free < this.need(n) : this.bound && this.free >= this.need(n);
      assert.ok(n > 55 && lacks, `${error.code} for a copy of ${n} bytes with ${this.free} free`);
      return false;
    }
  }

  /** True while something may forbid moves. */
  private get bound(): boolean {
    return this.holds > 0 || this.locks.size > 0 || this.rule.pause !== undefined;
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
    if (n > old.length) this.put(h, old.length, data.subarray(old.length));
  }

  write(h: number, at: number, n: number): void {
    const data = this.noise(n);
    if (this.made(n, () => this.pool.write(h, at, data))) this.blocks.get(h)!.set(data, at);
  }

  copy(to: number, toAt: number, from: number, fromAt: number, n: number): void {
    const data = this.blocks.get(from)!.slice(fromAt, fromAt + n);
    if (this.made(n, () => this.pool.copy(to, toAt, from, fromAt, n))) this.blocks.get(to)!.set(data, toAt);
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
    return this.ticked(budget, () => this.pool.tick(budget));
  }

  /** Runs what moves at most `budget` bytes and says how many. */
  ticked(budget: number, run: () => number): number {
    const { memory } = this;
    const before = memory.moved + memory.written;
    const moved = run();
    if (moved > budget) assert.fail(`tick(${budget}) moved ${moved}`);
    const through = memory.moved + memory.written - before;
    // the journal takes more
    if (!this.head && through !== moved) assert.fail(`${through} bytes went through the store in a tick that moved ${moved}`);
    return moved;
  }

  /** Goes on with another pool on the same memory, as after power was off: locks and holds are gone. */
  remount(pool: Pool): void {
    this.pool = pool;
    this.locks.clear();
    this.pinned.clear();
    this.holds = 0;
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
    const places = this.handles.map((h) => [this.pool.at(h) - this.head, this.need(this.blocks.get(h)!.length)]);
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
    const reason: string = pool.why;
    let right: boolean;
    if (n === 0 || n > this.size - this.head) right = reason === "SIZE";
    else if (reason === "FULL") right = this.free < need;
    else if (reason === "HANDLES") right = this.blocks.size === rule.handles - ("stat" in pool ? pool.stat().retired : 0);
    else right = reason === "FRAGMENTED" && this.bound && this.free >= need;
    if (!right) assert.fail(`request for ${n} bytes with ${this.free} free, ${this.blocks.size} live: ${reason}`);
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

  /** Fails unless every byte is right and has one owner; then writes noise to every byte that has none. */
  verify(when = ""): void {
    const { pool, memory, owner } = this;
    sound(pool, when);
    owner.fill(0);
    for (const [h, data] of this.blocks) {
      const n = data.length;
      // a block in one piece is read at once, which moves nothing
      const top = this.locate(h, n - 1);
      const whole = top - this.locate(h, 0) === n - 1;
      for (let i = 0; i < n; i += whole ? n : 1) {
        const got = pool.read(h, i, whole ? n : 1);
        for (let k = 0; k < got.length; k++) {
          if (got[k] !== data[i + k]) assert.fail(`${when}: byte ${i + k} of block ${h} is ${got[k]}, expected ${data[i + k]}`);
          const at = memory.last + k;
          if (owner[at]) assert.fail(`${when}: byte ${at} is of block ${owner[at]} and of ${h}`);
          owner[at] = h;
        }
      }
    }
    if (!this.busy) this.soil();
    if ("stat" in pool) this.counted(when);
    for (const [h, at] of this.pinned) assert.equal(pool.at(h), at, `${when}: locked block ${h}`);
    for (const h of this.dead.slice(-4)) if (pool.has(h)) assert.fail(`${when}: freed ${h} is accepted`);
  }

  /** Writes noise to every byte that no block has; in a persistent pool, which keeps more than blocks, to holes behind their headers. */
  private soil(): void {
    const { owner, head } = this;
    const { bytes } = this.memory;
    if (!head) {
      for (let at = 0; at < owner.length; at++) if (!owner[at]) bytes[at] ^= 0x5a;
      return;
    }
    const view = new DataView(bytes.buffer);
    const base = view.getUint32(12, true);
    for (let at = base; at < base + this.size; ) {
      const n = view.getUint32(at + 6, true);
      if (bytes[at] === 0x69) for (let i = at + head; i < at + head + n; i++) bytes[i] ^= 0x5a;
      at += up(head + n, this.rule.unit);
    }
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
