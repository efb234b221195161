/** Timers that run when told to. */
export class Hand {
  private readonly all = new Map<number, { run: () => void; ms: number }>();
  private last = 0;
  set(run: () => void, ms: number): number {
    this.all.set(++this.last, { run, ms });
    return this.last;
  }
  clear(timer: unknown): void {
    this.all.delete(timer as number);
  }
  /** Runs what waits. */
  fire(): void {
    for (const [id, { run }] of [...this.all]) {
      this.all.delete(id);
      run();
    }
  }
}

/** Lets promises go on. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve();
}
