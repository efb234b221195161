import { create } from "../src/full";
import { record } from "../src/record";
import { random } from "./random";

const OWNERS = ["sensor", "radio", "screen", "log", "menu"];
const LARGEST = [60, 200, 400, 40, 120]; // bytes of their largest block
const BUSY = 0.8; // share of the pool that is kept in use at most

/** The lines of a recording of about `ops` calls that do everything a pool does, on a pool of `size` bytes; the time in it is made up. */
export function recording(ops: number, size: number, seed = 1): string[] {
  const lines: string[] = [];
  const next = random(seed);
  const { now } = Date;
  let ms = 0;
  Date.now = () => 1000 + ms;
  try {
    const timers: ((() => void) | undefined)[] = [];
    const scheduler = { set: (fn: () => void) => timers.push(fn) - 1, clear: (id: unknown) => void (timers[id as number] = undefined) };
    const pool: any = create({ size, handles: Math.ceil(size / 16), scheduler });
    const boot = pool.alloc(33);
    const recorder = record(pool, { to: (line) => void lines.push(line) });
    recorder.owner("boot", boot);
    pool.start(20, 128);
    const live: number[] = [];
    const take = (h: number): void => void (h && live.push(h));
    const drop = (): void => pool.free(live.splice(next(live.length), 1)[0]);
    const acts: (() => void)[] = [
      () => pool.tick(100),
      () => pool.resize(live[next(live.length)], 1 + next(200)),
      () => pool.use(live[next(live.length)], () => take(pool.alloc(8))),
      () => (pool.alloc(size), pool.hold(), take(pool.alloc(9)), pool.release())
    ];
    for (let i = 0; i < ops; i++) {
      ms += 3 * next(3);
      if (next(6) === 0) for (const fn of timers) fn?.();
      const dice = next(20);
      const who = next(OWNERS.length);
      if (dice < 10 || live.length < 5) recorder.owner(OWNERS[who]), take(pool.alloc(1 + next(LARGEST[who])));
      else if (dice < 16) drop();
      else if (dice === 19 && next(20)) pool.tick(100);
      else acts[dice - 16]();
      while (pool.stat().used > BUSY * size) drop();
    }
    recorder.stop();
  } finally {
    Date.now = now;
  }
  return lines;
}
