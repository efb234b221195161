/** A small seeded generator (mulberry32): the same seed gives the same numbers on every machine. */
export class Random {
  private state: number;

  constructor(seed: number) {
    this.state = Math.imul(seed + 1, 0x9e3779b1);
  }

  /** A whole number from 0 to 2^32 - 1. */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.state ^ (this.state >>> 15), this.state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (t ^ (t >>> 14)) >>> 0;
  }

  /** A whole number from 0 to n - 1. */
  below(n: number): number {
    return Math.floor((this.next() / 0x100000000) * n);
  }

  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number {
    return low + this.below(high - low + 1);
  }

  /** True in `percent` of 100 calls. */
  chance(percent: number): boolean {
    return this.below(100) < percent;
  }

  /** A whole number ≥ 0 of which every further `half` halves the odds: an exponential law in integers. */
  decay(half: number): number {
    let halves = 0;
    while (this.next() & 0x10000) halves++;
    return halves * half + this.below(half);
  }

  /** From `low` to `high`; every doubling is as likely as the one before. */
  spread(low: number, high: number): number {
    const doublings = Math.floor(Math.log2(high / low));
    const from = low * 2 ** this.between(0, doublings);
    return this.between(from, Math.min(high, 2 * from - 1));
  }
}
