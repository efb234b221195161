import { cache } from "../../src/page";
import { connect } from "../../src/spi";
import { create as far } from "../../src/far";
import { create as core } from "../../src/core";
import type { Options } from "../../src/option";
import type { Store } from "../../src/store";
import { chip } from "../../boards/emulator/chip";
import { wire } from "../../boards/emulator/wire";
import { markdown, type Cell } from "../table";
import { operations, PROGRAMS, type Program } from "./program";
import { Random } from "./random";
import { mean, percent } from "./figure";

const SIZE = 131072; // bytes of a 23LC1024
const ROWS = 8191; // more than any program needs there
const UNIT = 4; // bytes, the default
const FILLS = [0.85, 0.9, 0.95];

/** A store that keeps nothing: for counts of bytes that do not depend on what they are. */
function nothing(size: number): Store {
  return { size, chunk: 256, move: () => undefined, read: (_at, n) => new Uint8Array(n), write: () => undefined };
}

interface Setting {
  name: string;
  make: typeof core;
  options: Partial<Options>;
  /** Bytes of the tick after every operation, 0 for none. */
  tick: number;
}

const FAR = far as unknown as typeof core;

const SETTINGS: Setting[] = [
  { name: "far", make: FAR, options: {}, tick: 0 },
  { name: "far, tick(256)", make: FAR, options: {}, tick: 256 },
  { name: "far, fit fast", make: FAR, options: { fit: "fast" }, tick: 0 },
  { name: "far, pause 1 %", make: FAR, options: { pause: Math.floor(SIZE / 100) }, tick: 0 },
  { name: "core", make: core, options: {}, tick: 0 }
];

/** What one program cost at one fill. Shares are 0..1. */
interface Traffic {
  setting: string;
  program: string;
  fill: number;
  /** Bytes moved per byte asked for; a resize asks for what it adds. */
  moved: number;
  /** The same without the bytes of blocks that went elsewhere because they themselves had to grow. */
  others: number;
  waited: number;
  /** Most bytes one request moved. */
  longest: number;
  refused: number;
}

function whole(bytes: number): number {
  return Math.ceil(bytes / UNIT) * UNIT;
}

/** One program in one pool, kept at a fill: what it asks for beyond that pushes out blocks at random. */
class Load {
  private readonly random: Random;
  private readonly pool;
  private readonly live = new Map<number, { handle: number; bytes: number }>();
  private readonly order: number[] = [];
  private used = 0;
  /** Bytes asked for, requests, requests that moved something, and so on since the fill was reached first. */
  private readonly sum = { asked: 0, requests: 0, waits: 0, longest: 0, refused: 0, moved: 0, own: 0 };
  private full = false;

  constructor(private readonly setting: Setting, private readonly fill: number, seed: number) {
    this.random = new Random(seed + 1000);
    this.pool = setting.make({ size: SIZE, handles: ROWS, store: nothing(SIZE), ...setting.options });
  }

  run(program: Program, seed: number, requests: number): Traffic {
    for (const step of operations(program, seed, SIZE)) {
      if ("bytes" in step) this.request(step.id, step.bytes);
      else if (step.kind === "free") this.drop(step.id);
      if (this.setting.tick) this.pool.tick(this.setting.tick);
      if (this.sum.requests >= requests) break;
    }
    const { asked, waits, longest, refused, moved, own } = this.sum;
    const now = this.pool.epoch - moved;
    return { setting: this.setting.name, program: program.name, fill: this.fill, moved: now / asked, others: (now - own) / asked, waited: waits / requests, longest, refused: refused / requests };
  }

  private request(id: number, bytes: number): void {
    const block = this.live.get(id);
    if (!block && this.order.includes(id)) return; // was pushed out
    const more = whole(bytes) - whole(block?.bytes ?? 0);
    if (!this.admit(more, id)) return;
    const before = this.pool.epoch;
    const at = block ? this.pool.at(block.handle) : 0;
    const handle = block ? (this.pool.resize(block.handle, bytes) ? block.handle : 0) : this.pool.alloc(bytes);
    if (this.full) this.count(Math.max(0, bytes - (block?.bytes ?? 0)), this.pool.epoch - before, !handle);
    if (!handle) return;
    if (this.full && block && this.pool.at(handle) !== at) this.sum.own += block.bytes;
    if (!block) this.order.push(id);
    this.live.set(id, { handle, bytes });
    this.used += more;
  }

  /** Pushes blocks out until `more` bytes keep to the fill. False: the block that wants them went as well. */
  private admit(more: number, id: number): boolean {
    const had = this.live.has(id);
    while (this.used + more > this.fill * SIZE) {
      if (!this.full) this.sum.moved = this.pool.epoch;
      this.full = true;
      const place = this.random.below(this.order.length);
      const victim = this.order[place];
      this.order[place] = this.order[this.order.length - 1];
      this.order.pop();
      this.drop(victim);
      if (had && !this.live.has(id)) return false;
    }
    return true;
  }

  private count(asked: number, moved: number, refused: boolean): void {
    this.sum.asked += asked;
    this.sum.requests++;
    if (moved) this.sum.waits++;
    if (refused) this.sum.refused++;
    this.sum.longest = Math.max(this.sum.longest, moved);
  }

  private drop(id: number): void {
    const block = this.live.get(id);
    if (!block) return;
    this.pool.free(block.handle);
    this.live.delete(id);
    this.used -= whole(block.bytes);
  }
}

export interface Plan {
  requests: number;
  seeds: number[];
  /** What the names of the settings contain. */
  match: string;
  progress(text: string): void;
}

/** Bytes moved at each fill of a 128 KB chip by each program. */
function traffic({ requests, seeds, match, progress }: Plan): Traffic[] {
  const settings = SETTINGS.filter((setting) => setting.name.includes(match));
  return settings.flatMap((setting) => {
    progress(`chip: ${setting.name}, ${PROGRAMS.length} programs, ${FILLS.length} fills, ${seeds.length} seeds`);
    return FILLS.flatMap((fill) => PROGRAMS.flatMap((program) => seeds.map((seed) => new Load(setting, fill, seed).run(program, seed, requests))));
  });
}

/** Bytes on the bus for a payload of so many bytes, in a block of that size and moved to another place. */
interface Bus {
  part: string;
  baud: number;
  bytes: number;
  load: number;
  store: number;
  move: number;
  frames: number;
}

function bus(part: string, baud: number, bytes: number): Bus {
  const pin = { name: "CS" };
  const lines = wire([[pin, chip(part)]], baud);
  lines.clock.micros += 1000; // since power came
  const store = connect(lines, { cs: pin, chip: part, baud });
  const pool = far({ store, size: Math.min(store.size, 65536), handles: 16 });
  const h = pool.alloc(bytes);
  const count = (run: () => unknown) => {
    const before = lines.bytes;
    run();
    return (lines.bytes - before) / bytes;
  };
  const data = new Uint8Array(bytes);
  const stored = count(() => pool.store(h, data));
  const frames = lines.frames;
  const loaded = count(() => pool.load(h));
  return { part, baud, bytes, store: stored, load: loaded, frames: lines.frames - frames, move: count(() => store.move(bytes, 0, bytes)) };
}

const CHIPS: [string, number][] = [["23LC1024", 16e6], ["23LC512", 16e6], ["APS6404L", 24e6], ["MB85RS1MT", 20e6], ["MR25H10", 40e6]];

/** Payload of an 8 MB chip at the first refusal, and what the table takes. */
interface Room {
  name: string;
  share: number;
  meta: number;
  live: number;
  why: string;
}

function room(name: string, options: Partial<Options>, [low, high]: [number, number], seed: number): Room {
  const size = 8 << 20;
  const pool = far({ store: nothing(size), size, handles: 4096, ...options });
  const random = new Random(seed);
  const live: number[] = [];
  let used = 0;
  for (;;) {
    if (live.length > 64 && random.chance(35)) {
      const [h] = live.splice(random.below(live.length), 1);
      used -= pool.size(h);
      pool.free(h);
    }
    const bytes = random.between(low, high);
    const h = pool.alloc(bytes);
    if (!h) return { name, share: used / size, meta: pool.stat().meta, live: live.length, why: pool.why };
    live.push(h);
    used += bytes;
  }
}

/** Share of the accesses of a parser that were hits: it reads a text of 64 KB byte by byte, line by line. */
function parser(pages: number, page: number): { hits: number; reads: number } {
  const size = 65536;
  const text = Array.from({ length: 2048 }, (_, n) => `$GPGGA,${100000 + n},4807.038,N\n`).join("").slice(0, 60000);
  const bytes = new Uint8Array(size);
  const store = { ...nothing(size), read: (at: number, n: number) => bytes.slice(at, at + n), write: (at: number, data: ArrayLike<number>) => bytes.set(data, at) };
  const pages_ = cache(store, { page, pages });
  const pool = far({ store: pages_, size, handles: 16 });
  const h = pool.alloc(text.length);
  pool.write(h, 0, text);
  const { hits, misses, reads } = pages_.stat();
  for (let at = 0; at < text.length; at++) pool.get8(h, at);
  const now = pages_.stat();
  return { hits: (now.hits - hits) / (now.hits + now.misses - hits - misses), reads: now.reads - reads };
}

export interface Result {
  traffic: Traffic[];
  bus: Bus[];
  room: Room[];
  parser: { hits: number; reads: number };
}

export function measure(plan: Plan): Result {
  return {
    traffic: traffic(plan),
    bus: CHIPS.flatMap(([part, baud]) => [256, 4096].map((bytes) => bus(part, baud, bytes))),
    room: [
      room("unit 128 (16 bits), 256..4096 B", { unit: 128 }, [256, 4096], 1),
      room("unit 128 (16 bits), 1..4 KB", { unit: 128 }, [1024, 4096], 1),
      room("unit 4 (32 bits), 1..4 KB", { unit: 4 }, [1024, 4096], 1)
    ],
    parser: parser(4, 256)
  };
}

export function report({ traffic, bus, room, parser }: Result): string {
  const settings = [...new Set(traffic.map((line) => line.setting))];
  const at = (setting: string, fill: number, pick: (line: Traffic) => boolean) =>
    traffic.filter((line) => line.setting === setting && line.fill === fill && pick(line));
  const moved = (lines: Traffic[]) => mean(lines.map((line) => line.moved)).toFixed(3);
  const others = (lines: Traffic[]) => mean(lines.map((line) => line.others)).toFixed(3);
  const cell = (lines: Traffic[]) =>
    `${moved(lines)} · ${percent(mean(lines.map((line) => line.waited)))} · ${Math.max(...lines.map((line) => line.longest))} · ${percent(mean(lines.map((line) => line.refused)), 2)}`;
  const head = FILLS.map((fill) => `${percent(fill, 0)} % full`);
  const means = settings.flatMap((name): Cell[][] => [
    [name, ...FILLS.map((fill) => cell(at(name, fill, () => true)))],
    [`${name}, the way of growing blocks themselves left out`, ...FILLS.map((fill) => others(at(name, fill, () => true)))],
    [`${name}, without the program that resizes (grow)`, ...FILLS.map((fill) => moved(at(name, fill, (line) => line.program !== "grow")))]
  ]);
  const programs = PROGRAMS.map(({ name }): Cell[] => {
    const cells = FILLS.map((fill) => at(settings[0], fill, (line) => line.program === name));
    return [name, ...cells.map((lines) => `${moved(lines)} (${others(lines)})`)];
  });
  const wires = bus.map((line): Cell[] => [`${line.part}, ${line.baud / 1e6} MHz, ${line.bytes} B`, line.load.toFixed(3), line.store.toFixed(3), line.move.toFixed(3), line.frames]);
  const rooms = room.map((line): Cell[] => [line.name, percent(line.share), line.live, line.meta, line.why]);
  return [
    markdown(["128 KB, mean of the programs: bytes moved per byte asked for · requests that waited % · longest, bytes · refused %", ...head], means),
    markdown([`${settings[0]}: bytes moved per byte asked for (growing blocks themselves left out)`, ...head], programs),
    markdown(["bus bytes per byte", "load", "store", "moved", "frames of load"], wires),
    markdown(["8 MB, 4,096 handles, first refusal", "payload %", "blocks", "table, bytes", "why"], rooms),
    `Parser over a block of 60 KB with 4 pages of 256 B: ${percent(parser.hits, 2)} % hits, ${parser.reads} pages read.`
  ].join("\n\n");
}
