import assert from "node:assert/strict";
import type { Scheduler } from "../src/time";

/** A scheduler whose time stands still until fire(). Ids are numbers that start at 0, as on Kaluma. */
export class Clock implements Scheduler {
  /** Delays of all set() calls so far. */
  readonly delays: number[] = [];
  private readonly timers = new Map<number, () => void>();
  private next = 0;

  set(fn: () => void, ms: number): number {
    assert.equal(typeof fn, "function");
    this.delays.push(ms);
    this.timers.set(this.next, fn);
    return this.next++;
  }

  clear(id: unknown): void {
    assert.ok(this.timers.delete(id as number), `clear(${id}) of a timer that does not run`);
  }

  /** Timers that run. */
  get running(): number {
    return this.timers.size;
  }

  /** Calls every timer once; one that throws is cancelled, as on Kaluma, and the Error returned. */
  fire(): unknown[] {
    const errors: unknown[] = [];
    for (const [id, fn] of [...this.timers]) {
      if (!this.timers.has(id)) continue;
      try {
        fn();
      } catch (error) {
        this.timers.delete(id);
        errors.push(error);
      }
    }
    return errors;
  }

  /** Forgets every timer, as Espruino does after out of memory. */
  lose(): void {
    this.timers.clear();
  }
}
