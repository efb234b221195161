// Which part of a history is looked at: a stretch of operations or of time, and of addresses.

import { OPEN, type History } from "./history";

/** What the x axis counts. */
export type Axis = "operation" | "time";

const LEAST_OPS = 8; // operations in the closest view
const LEAST_MS = 4; // milliseconds in it
const LEAST_UNITS = 8; // units of addresses in it

/** A window onto a history, in operations or milliseconds across and bytes up. */
export class View {
  axis: Axis = "operation";
  from = 0;
  to = 1;
  low = 0;
  high: number;
  /** Stays at the end of a history that grows, as long as the end is in view. */
  private followed = true;

  constructor(readonly history: History) {
    this.high = history.head.size;
    this.whole();
  }

  /** Where the history ends. */
  get end(): number {
    const { ops, times } = this.history;
    return this.axis === "operation" ? ops : times.data[ops - 1] + Math.max(1, times.data[ops - 1] / 1000);
  }

  /** Where operation `op` begins to be seen; OPEN and all after the last: the end. */
  place(op: number): number {
    if (op >= this.history.ops || op === OPEN) return this.end;
    return this.axis === "operation" ? op : this.history.times.data[op];
  }

  /** The operation that is seen at `place`: the last one that begins there or before. */
  op(place: number): number {
    const last = this.history.ops - 1;
    if (this.axis === "operation") return Math.max(0, Math.min(last, Math.floor(place)));
    const { data } = this.history.times;
    let low = 0;
    let high = last;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (data[middle] <= place) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** Shows all of it. */
  whole(): void {
    this.from = 0;
    this.to = this.end;
    this.low = 0;
    this.high = this.history.head.size;
    this.followed = true;
  }

  /** Changes the axis and goes on showing the same operations. */
  turn(axis: Axis): void {
    if (axis === this.axis) return;
    const all = this.from <= 0 && this.to >= this.end;
    const first = this.op(this.from);
    const last = this.op(this.to) + 1;
    this.axis = axis;
    if (all) return this.whole();
    this.from = this.place(first);
    this.to = this.place(last);
    this.fit();
  }

  /** Shows `factor` times as much of the axis as before; what is at `place` stays where it is. */
  zoom(factor: number, place: number): void {
    const width = Math.min(this.end, Math.max(this.least, (this.to - this.from) * factor));
    const share = (place - this.from) / (this.to - this.from);
    this.from = place - share * width;
    this.to = this.from + width;
    this.fit();
  }

  /** The same for addresses. */
  stretch(factor: number, address: number): void {
    const { size, unit } = this.history.head;
    const height = Math.min(size, Math.max(Math.min(size, LEAST_UNITS * (unit || 1)), (this.high - this.low) * factor));
    const share = (address - this.low) / (this.high - this.low);
    this.low = Math.max(0, Math.min(size - height, address - share * height));
    this.high = this.low + height;
  }

  /** Goes on by a share of what is seen, to the right or, below 0, to the left; and up or down. */
  pan(across: number, up = 0): void {
    const by = across * (this.to - this.from);
    this.from += by;
    this.to += by;
    this.fit();
    const rise = Math.max(-this.low, Math.min(this.history.head.size - this.high, up * (this.high - this.low)));
    this.low += rise;
    this.high += rise;
  }

  /** Moves as little as need be so that operation `op` is in view. */
  reach(op: number): void {
    const place = this.place(op);
    const margin = (this.to - this.from) / 20;
    if (place < this.from) this.pan((place - margin - this.from) / (this.to - this.from));
    else if (place >= this.to) this.pan((place + margin - this.to) / (this.to - this.from));
  }

  /** The history has grown: shows its end if that was in view before. */
  grow(): void {
    if (!this.followed) return;
    const { end } = this;
    if (this.from > 0) this.from += end - this.to;
    this.to = end;
  }

  private get least(): number {
    return Math.min(this.end, this.axis === "operation" ? LEAST_OPS : LEAST_MS);
  }

  private fit(): void {
    const { end } = this;
    const width = Math.min(end, this.to - this.from);
    this.from = Math.max(0, Math.min(end - width, this.from));
    this.to = this.from + width;
    this.followed = this.to >= end;
  }
}
