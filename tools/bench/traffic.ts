import { create } from "../../src/full";
import type { Options } from "../../src/option";
import { markdown, type Cell } from "../table";
import { Random } from "./random";
import { percent } from "./figure";

export const SIZE = 16384; // bytes of the pool
const SMALL = 8; // bytes of the smallest block
const BIG = 512; // bytes of the largest; every doubling is as likely as the one before
const WARM = 2000; // allocations before counting
const UNIT = 4; // bytes, the default

/** One line of the table: how a pool is set up and driven. */
export interface Setting {
  name: string;
  options: Partial<Options>;
  /** Bytes of the tick after every operation, 0 for none. */
  tick: number;
  /** A pause with so many ticks of 256 bytes after every so many requests, and one request for `large` bytes behind it, freed at once. */
  rest?: { every: number; ticks: number; large: number };
}

function pairs(name: string, options: Partial<Options>): Setting[] {
  return [
    { name, options, tick: 0 },
    { name: `${name}, tick(256)`, options, tick: 256 }
  ];
}

/** The settings that are compared. */
const SETTINGS: Setting[] = [
  ...pairs("fit best", { fit: "best" }),
  ...pairs("fit fast", { fit: "fast" }),
  ...pairs("fit best, pause 10 %", { fit: "best", pause: Math.floor(SIZE / 10) }),
  ...pairs("fit best, pause 5 %", { fit: "best", pause: Math.floor(SIZE / 20) })
];

/** What the requests of one run cost. Shares are 0..1. */
export interface Traffic {
  setting: string;
  fill: number;
  /** Bytes moved, by requests and ticks, per byte asked for. */
  moved: number;
  /** Share of the requests that had to move something. */
  waited: number;
  /** Most bytes one request moved, as a share of the pool. */
  longest: number;
  /** Most bytes one tick moved. */
  tick: number;
  /** Share of the requests that were refused, all of them although the bytes suffice. */
  refused: number;
  /** Bytes moved by each request behind a pause. */
  behind: number[];
}

/** Requests of random sizes against a pool that is kept at a fill. */
export class Load {
  private readonly random = new Random(1);
  private readonly pool;
  private readonly live: { handle: number; bytes: number }[] = [];
  private used = 0;
  private readonly behind: number[] = [];
  private readonly sum = { asked: 0, waits: 0, longest: 0, tick: 0, refused: 0 };

  constructor(private readonly setting: Setting, private readonly fill: number) {
    this.pool = create({ size: SIZE, handles: 1024, ...setting.options });
  }

  run(requests: number): Traffic {
    for (let n = 0; n < WARM; n++) this.request();
    Object.assign(this.sum, { asked: 0, waits: 0, longest: 0, tick: 0, refused: 0 });
    const before = this.pool.stat().moved;
    for (let n = 1; n <= requests; n++) this.request(), this.rest(n);
    const { asked, waits, longest, tick, refused } = this.sum;
    const moved = (this.pool.stat().moved - before) / asked;
    const { setting, fill } = this;
    return { setting: setting.name, fill, moved, waited: waits / requests, longest: longest / SIZE, tick, refused: refused / requests, behind: this.behind };
  }

  private request(): void {
    const bytes = this.random.spread(SMALL, BIG);
    while (this.used + whole(bytes, this.setting) > this.fill * SIZE) this.drop();
    const before = this.pool.stat().moved;
    const handle = this.pool.alloc(bytes);
    const moved = this.pool.stat().moved - before;
    this.sum.asked += bytes;
    if (moved) this.sum.waits++;
    this.sum.longest = Math.max(this.sum.longest, moved);
    if (handle) this.keep(handle, bytes);
    else this.sum.refused++;
    this.tick();
  }

  private keep(handle: number, bytes: number): void {
    this.live.push({ handle, bytes });
    this.used += whole(bytes, this.setting);
  }

  private drop(): void {
    const [{ handle, bytes }] = this.live.splice(this.random.below(this.live.length), 1);
    this.pool.free(handle);
    this.used -= whole(bytes, this.setting);
    this.tick();
  }

  private rest(n: number): void {
    const { every, ticks, large } = this.setting.rest ?? { every: Infinity, ticks: 0, large: 0 };
    if (n % every) return;
    for (let left = ticks; left && this.pool.tick(256); left--);
    const before = this.pool.stat().moved;
    const handle = this.pool.alloc(large);
    this.behind.push(handle ? this.pool.stat().moved - before : NaN);
    this.pool.free(handle);
  }

  private tick(): void {
    if (this.setting.tick) this.sum.tick = Math.max(this.sum.tick, this.pool.tick(this.setting.tick));
  }
}

/** Bytes that a block takes in a pool of the setting. */
function whole(bytes: number, { options: { unit = UNIT } }: Setting): number {
  return Math.ceil(bytes / unit) * unit;
}

const FILLS = [0.85, 0.9, 0.95];

export interface Plan {
  requests: number;
  /** What the names of the settings contain. */
  match: string;
  progress(text: string): void;
}

/** Holds a pool of 16 KB at each fill with random blocks and counts what is moved. */
export function measure({ requests, match, progress }: Plan): Traffic[] {
  const settings = SETTINGS.filter((setting) => setting.name.includes(match));
  progress(`traffic: ${requests} requests for each of ${settings.length} settings`);
  return settings.flatMap((setting) => FILLS.map((fill) => new Load(setting, fill).run(requests)));
}

/** Bytes moved per byte asked for · requests that waited % · longest pause % of the pool · refused %. */
export function report(traffic: Traffic[]): string {
  const names = [...new Set(traffic.map((line) => line.setting))];
  const cell = (line: Traffic) =>
    `${line.moved.toFixed(2)} · ${percent(line.waited)} · ${percent(line.longest, 0)} · ${percent(line.refused, 2)}`;
  const row = (name: string): Cell[] => {
    const lines = traffic.filter((line) => line.setting === name);
    return [name, ...lines.map(cell), Math.max(...lines.map((line) => line.tick))];
  };
  const head = ["bytes moved per byte · waited % · longest % of pool · refused %", ...FILLS.map((fill) => `${percent(fill, 0)} % full`)];
  return markdown([...head, "longest tick, bytes"], names.map(row));
}
