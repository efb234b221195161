import { refusals, type Result } from "./measure";
import { play, type Setup, type Ticks } from "./play";
import type { Program } from "./program";

const UNITS = [1, 4, 8, 16, 32];
const FINE = 4096; // bytes up to which a size is found to a unit, above to COARSE
const COARSE = 64;
const WORD = 4; // bytes: with smaller units a pool in RAM copies bytes, 330 instructions on Espruino against 124 (DESIGN.md)
const WORTH = 1.05; // what smaller units have to save for that
const MARGIN = 1.1; // the next day of a program is not the one that was recorded
const MOST = 1 << 28; // bytes that are tried: half of what is needed at a time, in the memory of this machine
const LARGEST_RAM = 65536; // bytes of a pool in RAM on Espruino

/** The least a program needs with blocks of one unit. */
export interface Need {
  unit: number;
  /** The fewest handles, and then the smallest pool, with which nothing is refused. */
  handles: number;
  size: number;
  /** Both together with the bookkeeping. */
  bytes: number;
  /** Payload at its peak: no pool can be smaller. */
  live: number;
  result: Result;
}

/** What ticks do in a pool of that size. */
export interface Trial {
  name: string;
  result: Result;
}

export interface Advice {
  needs: Need[];
  best: Need;
  /** `best` with a margin. */
  setup: Setup;
  trials: Trial[];
  /** The ticks to be used, "none" where they do not help. */
  tick: Ticks | "as recorded";
  result: Result;
}

export class NoPool extends Error {}

/** The smallest pool for a program: `base` says what is not searched for. Throws NoPool when requests are refused in any. `show` hears how far it is. */
export function search(program: Program, base: Setup, ticks: Ticks, show: (done: number, total: number) => void): Advice {
  const needs: Need[] = [];
  for (const unit of UNITS) {
    show(needs.length, UNITS.length + 1);
    needs.push(need(program, { ...base, unit }));
  }
  show(UNITS.length, UNITS.length + 1);
  const weight = ({ unit, bytes }: Need) => bytes * (unit < WORD && base.flavour !== "far" ? WORTH : 1);
  const best = needs.reduce((one, other) => (weight(other) < weight(one) ? other : one));
  const size = round(best.size * MARGIN, COARSE);
  const handles = Math.min(base.generations === 24 ? 127 : 32767, Math.max(best.handles + 1, Math.ceil(best.handles * MARGIN)));
  const setup = { ...base, unit: best.unit, size, handles };
  const trials = [
    { name: "as recorded", tick: undefined },
    { name: "none", tick: "none" as const },
    ...(ticks === "none" ? [] : [{ name: `${ticks.budget} bytes every ${ticks.ms} ms`, tick: ticks }])
  ].map(({ name, tick }) => ({ name, tick, result: play(program, { ...setup, tick }).result }));
  const [asRecorded, without, advised] = trials;
  // fewer refusals first, then the shorter wait; what moves less where they are about the same
  const chosen = [without, asRecorded, ...(advised ? [advised] : [])].reduce((one, other) => (better(other.result, one.result) ? other : one));
  return { needs, best, setup: { ...setup, tick: chosen.tick }, trials, tick: chosen.tick ?? "as recorded", result: chosen.result };
}

const SHORTER = 0.8; // by which ticks have to shorten the longest request to be worth it

function better(one: Result, than: Result): boolean {
  if (refusals(one) !== refusals(than)) return refusals(one) < refusals(than);
  return one.longestCall < SHORTER * than.longestCall;
}

/** The fewest handles, and then bytes, with which nothing is refused. */
function need(program: Program, base: Setup): Need {
  const { unit } = base;
  const ample = demand(program, unit);
  if (ample.bytes > MOST) throw new NoPool(`${ample.bytes.toLocaleString("en")} bytes are asked for at a time`);
  const roomy = round(2 * ample.bytes + 1024, COARSE);
  const refuses = (size: number, handles: number) => refusals(play(program, { ...base, size, handles }, false).result) > ample.never;
  const most = base.generations === 24 ? 127 : 32767;
  const handles = least(ample.blocks, Math.min(most, 2 * ample.blocks + 16), 1, (n) => !refuses(roomy, n));
  const size = smallest(Math.max(unit, ample.bytes), roomy, unit, (n) => !refuses(n, handles));
  const { result } = play(program, { ...base, size, handles });
  return { unit, handles, size, bytes: size + result.meta, live: ample.live, result };
}

/** What a program has live at its peak, in bytes, in whole units, in blocks, when nothing is refused; and requests that nobody can serve. */
export function demand(program: Program, unit: number): { live: number; bytes: number; blocks: number; never: number } {
  const sizes = new Map<number, number>();
  const peak = { live: 0, bytes: 0, blocks: 0, never: 0 };
  let live = 0;
  let bytes = 0;
  const units = (n: number) => Math.ceil(n / unit) * unit;
  const take = (n: number) => ((live += n), (bytes += units(n)));
  const give = (n: number) => ((live -= n), (bytes -= units(n)));
  const look = (blocks: number) => {
    peak.live = Math.max(peak.live, live);
    peak.bytes = Math.max(peak.bytes, bytes);
    peak.blocks = Math.max(peak.blocks, blocks);
  };
  for (const step of program.steps) {
    if (step.kind === "refused" && !step.bytes) peak.never++;
    else if (step.kind === "refused") take(step.bytes), look(sizes.size + 1), give(step.bytes);
    else if (step.kind === "alloc") take(step.bytes), sizes.set(step.id, step.bytes), look(sizes.size);
    else if (step.kind === "free") give(sizes.get(step.id)!), sizes.delete(step.id);
    else if (step.kind === "reset") (live = bytes = 0), sizes.clear();
    else if (step.kind === "resize" || step.kind === "unsized") {
      const old = sizes.get(step.id)!;
      give(old), take(step.bytes), look(sizes.size);
      if (step.kind === "resize") sizes.set(step.id, step.bytes);
      else give(step.bytes), take(old);
    }
  }
  return peak;
}

/** The smallest multiple of `grain` from `low` to `high` that does. Throws NoPool when `high` does not. */
function least(low: number, high: number, grain: number, does: (n: number) => boolean): number {
  let bad = Math.ceil(low / grain) - 1;
  let good = Math.ceil(high / grain);
  if (!does(good * grain)) throw new NoPool("more than twice the bytes or handles that are live at peak would be needed, because locks, hold() or pause forbid the moves");
  while (good - bad > 1) {
    const middle = (bad + good) >> 1;
    if (middle > 0 && does(middle * grain)) good = middle;
    else bad = middle;
  }
  return good * grain;
}

/** The same for bytes: to 64, up to 4,096 bytes to a unit. */
function smallest(low: number, high: number, unit: number, does: (n: number) => boolean): number {
  const grain = Math.max(unit, COARSE);
  const coarse = least(low, high, grain, does);
  return coarse > FINE || grain === unit ? coarse : least(Math.max(low, coarse - grain + unit), coarse, unit, does);
}

function round(n: number, to: number): number {
  return Math.ceil(n / to) * to;
}

/** Whether a pool fits into what an Espruino can address. */
export function addressable({ size, flavour }: Setup): boolean {
  return flavour === "far" || size <= LARGEST_RAM;
}
