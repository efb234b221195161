/** Simulated time with timers, for the scheduler of a pool. */
export class Clock {
  now = 0;
  private readonly timers = new Map<number, { fn: () => void; ms: number; next: number }>();
  private last = 0;

  /** `after` is called when a timer has fired. */
  constructor(private readonly after: () => void) {}

  set = (fn: () => void, ms: number): number => {
    this.timers.set(++this.last, { fn, ms: Math.max(1, ms), next: this.now + Math.max(1, ms) });
    return this.last;
  };

  clear = (id: unknown): void => void this.timers.delete(id as number);

  /** Lets `ms` milliseconds pass with all that is due in them. */
  run(ms: number): void {
    const end = this.now + ms;
    for (let due; (due = this.due(end)); ) {
      this.now = Math.max(this.now, due.next);
      due.next += due.ms;
      due.fn();
      this.after();
    }
    this.now = end;
  }

  private due(end: number): { fn: () => void; ms: number; next: number } | undefined {
    let first;
    for (const timer of this.timers.values()) if (timer.next <= end && (!first || timer.next < first.next)) first = timer;
    return first;
  }
}
