import type { Store } from "../../src/store";
import { shade, type Memory } from "./memory";

// The memory to compare with: what malloc is on most boards. The first hole that is large enough is taken,
// neighbouring holes are merged at once, blocks never move. Bookkeeping is a header before each block and hole:
//
//   [ 1: block, 0: hole | words of it, header included ][ words of the one below it ]   1 + 15, 16 bits
//
// Addresses inside are in words of 4 bytes, references are addresses in bytes of what follows the header. On a chip headers
// are where they belong, too: there each costs a transaction.

const HEADER = 4; // bytes
const TAKEN = 0x8000;

class FirstFit implements Memory {
  private readonly _bytes: Uint8Array;
  private readonly _heads: Uint16Array;
  private readonly _end: number;
  private readonly _store: Store | undefined;
  private _last = -1; // the header of a chip that is in the array
  private _copied = 0;

  constructor(size: number, store?: Store) {
    this._end = size >> 2;
    this._store = store;
    // a header on its way, where there is a chip
    this._bytes = new Uint8Array(store ? HEADER : 4 * this._end);
    this._heads = new Uint16Array(this._bytes.buffer);
    this._write(0, this._end, 0);
  }

  alloc(bytes: number): number {
    const need = words(bytes);
    for (let at = 0; at < this._end; at += this._words(at)) {
      if (this._taken(at) || this._words(at) < need) continue;
      this._take(at, need);
      return 4 * at + HEADER;
    }
    return 0;
  }

  free(ref: number): void {
    const at = (ref - HEADER) >> 2;
    const below = at - this._below(at);
    this._join(at, this._words(at));
    if (at > 0 && !this._taken(below)) this._join(below, this._words(below));
  }

  resize(ref: number, bytes: number): number {
    const at = (ref - HEADER) >> 2;
    const above = at + this._words(at);
    const room = this._words(at) + (above < this._end && !this._taken(above) ? this._words(above) : 0);
    if (words(bytes) > room) return this._replace(ref, bytes);
    this._put(at, room);
    this._take(at, words(bytes));
    return ref;
  }

  read(ref: number, at: number, n: number): ArrayLike<number> {
    return this._store ? this._store.read(ref + at, n) : this._bytes.subarray(ref + at, ref + at + n);
  }

  write(ref: number, at: number, data: Uint8Array): void {
    if (this._store) this._store.write(ref + at, data);
    else this._bytes.set(data, ref + at);
  }

  tick(): number {
    return 0;
  }

  /** Bytes copied because a block had to grow where there was no room behind it. */
  moved(): number {
    return this._copied;
  }

  largest(): number {
    let most = HEADER;
    for (let at = 0; at < this._end; at += this._words(at)) {
      if (!this._taken(at) && 4 * this._words(at) > most) most = 4 * this._words(at);
    }
    return most - HEADER;
  }

  meta(): number {
    let headers = 0;
    for (let at = 0; at < this._end; at += this._words(at)) headers++;
    return headers * HEADER;
  }

  check(): string {
    let below = 0;
    let hole = false;
    for (let at = 0; at < this._end; at += below) {
      if (this._below(at) !== below) return "word " + at + " is above " + this._below(at) + " words, not " + below;
      if (hole && !this._taken(at)) return "two holes meet at word " + at;
      hole = !this._taken(at);
      below = this._words(at);
      if (below < 1 || at + below > this._end) return "word " + at + " has " + below + " of " + this._end + " words";
    }
    return "";
  }

  map(columns: number): string {
    let line = "";
    let at = 0;
    for (let column = 0; column < columns; column++) {
      const from = (column * this._end) / columns;
      const to = ((column + 1) * this._end) / columns;
      let taken = 0;
      for (;;) {
        const top = at + this._words(at);
        if (this._taken(at)) taken += Math.min(top, to) - Math.max(at, from);
        if (top >= to) break;
        at = top;
      }
      line += shade(taken / (to - from));
    }
    return line;
  }

  private _words(at: number): number {
    return this._heads[this._find(at)] & ~TAKEN;
  }

  private _taken(at: number): boolean {
    return (this._heads[this._find(at)] & TAKEN) !== 0;
  }

  private _below(at: number): number {
    return this._heads[this._find(at) + 1];
  }

  /** Where in the array the header at word `at` is, which a chip is asked for unless it is the one it was asked for last. */
  private _find(at: number): number {
    if (!this._store) return 2 * at;
    if (this._last !== at) this._bytes.set(this._store.read(4 * at, HEADER));
    this._last = at;
    return 0;
  }

  /** Writes a header: its first half, its second, or both. */
  private _write(at: number, first?: number, second?: number): void {
    const i = first !== undefined && second !== undefined && this._store ? 0 : this._find(at);
    if (first !== undefined) this._heads[i] = first;
    if (second !== undefined) this._heads[i + 1] = second;
    if (!this._store) return;
    this._last = at;
    this._store.write(4 * at, this._bytes);
  }

  /** Writes a hole of `n` words, and to the header above it how far down it begins. */
  private _put(at: number, n: number): void {
    this._write(at, n);
    if (at + n < this._end) this._write(at + n, undefined, n);
  }

  /** Writes a hole of `n` words, the hole above it included. */
  private _join(at: number, n: number): void {
    if (at + n < this._end && !this._taken(at + n)) n += this._words(at + n);
    this._put(at, n);
  }

  /** Makes the lower `need` words of a hole a block. */
  private _take(at: number, need: number): void {
    const rest = this._words(at) - need;
    if (rest > 0) {
      this._put(at, need);
      this._put(at + need, rest);
    }
    this._write(at, need | TAKEN);
  }

  private _replace(ref: number, bytes: number): number {
    const to = this.alloc(bytes);
    if (!to) return 0;
    const n = 4 * this._words((ref - HEADER) >> 2) - HEADER;
    if (this._store) this._store.move(to, ref, n);
    else this._bytes.set(this._bytes.subarray(ref, ref + n), to);
    this._copied += n;
    this.free(ref);
    return to;
  }
}

function words(bytes: number): number {
  return (bytes + HEADER + 3) >> 2;
}

/** A memory of `bytes` bytes in RAM or of a store, headers included; at most 131,068, for sizes have 15 bits and count words. */
export function firstfit(bytes: number, store?: Store): Memory {
  return new FirstFit(bytes, store);
}
