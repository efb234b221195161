import assert from "node:assert/strict";
import type { Store } from "../src/store";

/** A store that refuses what the Store contract does not allow, counts, and remembers where it was read. */
export class Memory implements Store {
  bytes: Uint8Array;
  /** Address of the last read. */
  last = -1;
  /** Bytes moved so far. */
  moved = 0;
  /** Address behind the last byte that was moved. */
  edge = -1;
  /** Bytes written so far. */
  written = 0;
  /** Bytes of one step of an external pool; 256 where it is undefined. */
  chunk?: number;
  /** Called at the start of every move, read and write. */
  enter?: () => void;
  view?: (from: number, to: number) => Uint8Array;

  constructor(readonly size: number, views = true) {
    this.bytes = new Uint8Array(size);
    if (views) this.view = (from, to) => this.bytes.subarray(this.inside(from, to - from), to);
  }

  move(to: number, from: number, n: number): void {
    this.enter?.();
    this.inside(to, n);
    this.inside(from, n);
    this.bytes.copyWithin(to, from, from + n);
    this.moved += n;
    this.edge = from + n;
  }

  read(at: number, n: number): Uint8Array {
    this.enter?.();
    this.last = this.inside(at, n);
    return this.bytes.slice(at, at + n);
  }

  write(at: number, data: ArrayLike<number>): void {
    this.enter?.();
    this.inside(at, data.length);
    this.bytes.set(data, at);
    this.written += data.length;
  }

  private inside(at: number, n: number): number {
    assert.ok(at >= 0 && n >= 0 && at + n <= this.size, `bytes ${at} to ${at + n} of a store of ${this.size}`);
    return at;
  }
}
