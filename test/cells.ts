import assert from "node:assert/strict";
import type { Store } from "../src/store";

/** A byte that changed a cell: how many bytes were written behind it, and where. */
export interface Change {
  after: number;
  at: number;
  byte: number;
}

/** Memory that keeps its bytes without power. */
export class Cells implements Store {
  readonly bytes: Uint8Array;
  readonly size: number;
  /** Bytes that can be written until power goes. */
  left = Infinity;
  /** Bytes written so far. */
  written = 0;
  /** Every byte that changed a cell. */
  readonly changes: Change[] = [];
  constructor(from: number | Uint8Array) {
    const cells = typeof from === "number" ? new Uint8Array(from).map((_, i) => i * 7 + 3) : from.slice();
    this.bytes = cells;
    this.size = cells.length;
  }
  read(at: number, n: number): Uint8Array {
    assert.ok(at >= 0 && at + n <= this.size, `read ${at}, ${n}`);
    return this.bytes.slice(at, at + n);
  }
  write(at: number, data: ArrayLike<number>): void {
    assert.ok(at >= 0 && at + data.length <= this.size, `write ${at}, ${data.length}`);
    for (let i = 0; i < data.length; i++) {
      if (this.left <= 0) throw Object.assign(new Error("power is gone"), { code: "POWER" });
      this.left--;
      this.written++;
      if (this.bytes[at + i] !== (data[i] & 255)) this.changes.push({ after: this.written, at: at + i, byte: data[i] & 255 });
      this.bytes[at + i] = data[i];
    }
  }
  move(to: number, from: number, n: number): void {
    this.write(to, this.read(from, n));
  }
}
