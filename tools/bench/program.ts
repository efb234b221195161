import { Random } from "./random";

/** One step of a program. `id` is the program's own name for a block: it counts up from 1 and is never used again. */
export type Operation =
  | { kind: "alloc" | "resize"; id: number; bytes: number }
  | { kind: "free" | "lock" | "unlock"; id: number };

/** An endless seeded stream of operations for a pool of so many bytes. What it asks for rises until any pool refuses. */
export interface Program {
  name: string;
  /** Least and most bytes of a block in a pool of that size. */
  range(pool: number): [number, number];
  run(random: Random, pool: number): Generator<Operation>;
}

/** What lives, in the order it was allocated. */
class Ledger {
  readonly ids: number[] = [];
  readonly sizes = new Map<number, number>();
  bytes = 0;
  private last = 0;

  alloc(bytes: number): Operation {
    this.ids.push(++this.last);
    return this.note("alloc", this.last, bytes);
  }

  resize(id: number, bytes: number): Operation {
    return this.note("resize", id, bytes);
  }

  /** Frees the block at a place of `ids`: 0 is the oldest. */
  free(place: number): Operation {
    const [id] = this.ids.splice(place, 1);
    this.bytes -= this.size(id);
    this.sizes.delete(id);
    return { kind: "free", id };
  }

  size(id: number): number {
    return this.sizes.get(id) ?? 0;
  }

  private note(kind: "alloc" | "resize", id: number, bytes: number): Operation {
    this.bytes += bytes - this.size(id);
    this.sizes.set(id, bytes);
    return { kind, id, bytes };
  }
}

/** Pools above 64 KB are external memory: what is kept there is twice as large. */
function wide(pool: number): number {
  return pool > 65536 ? 2 : 1;
}

function clamp(value: number, low: number, high: number): number {
  return Math.max(low, Math.min(high, Math.floor(value)));
}

// Packets come in bursts and leave in order, fewer than came: 7 in 10 are short, the others up to a full MTU.
function* queue(random: Random): Generator<Operation> {
  const live = new Ledger();
  for (;;) {
    for (let n = random.between(1, 16); n > 0; n--) {
      yield live.alloc(random.chance(70) ? random.between(4, 20) : random.between(21, 244));
    }
    for (let n = random.between(0, 14); n > 0 && live.ids.length > 0; n--) yield live.free(0);
  }
}

const RECORDS = [8, 12, 16, 28]; // bytes: a time stamp and 1, 2, 3 or 6 words
const BATCH = 16; // records that are flushed together
const PINNED = 5; // % of the records that an interrupt or a transfer holds in place

// Every batch written flushes an old one, but one in four times the ring grows instead. Pinned records outlive
// their batch by two batches.
function* ring(random: Random, pool: number): Generator<Operation> {
  const live = new Ledger();
  const batches: number[][] = [];
  const pinned: number[][] = [];
  for (;;) {
    const held: number[] = [];
    const batch: number[] = [];
    for (let n = 0; n < BATCH; n++) {
      const record = live.alloc(RECORDS[random.below(RECORDS.length)] * wide(pool));
      yield record;
      (random.chance(PINNED) ? held : batch).push(record.id);
    }
    for (const id of held) yield { kind: "lock", id };
    batches.push(batch);
    pinned.push(held);
    if (pinned.length > 2) yield* release(live, pinned.shift() ?? []);
    if (!random.chance(25)) for (const id of batches.shift() ?? []) yield live.free(live.ids.indexOf(id));
  }
}

function* release(live: Ledger, ids: number[]): Generator<Operation> {
  for (const id of ids) {
    yield { kind: "unlock", id };
    yield live.free(live.ids.indexOf(id));
  }
}

const TEMPORARIES = 12; // at a time

// One allocation in eight is kept for ever, the others die young in random order.
function* config(random: Random, pool: number): Generator<Operation> {
  const live = new Ledger();
  const young: number[] = [];
  for (;;) {
    if (random.chance(12)) yield live.alloc(random.between(12, 96) * wide(pool));
    const brief = live.alloc(random.spread(16, temporary(pool)));
    young.push(brief.id);
    yield brief;
    while (young.length > TEMPORARIES) {
      const [id] = young.splice(random.below(young.length), 1);
      yield live.free(live.ids.indexOf(id));
    }
  }
}

function temporary(pool: number): number {
  return clamp(pool / 32, 128, 1024);
}

const TILES = [1, 2, 3, 4, 6]; // sizes in grains
const SPARE = 8; // tiles looked at for every place the cache grows by

function grain(pool: number): number {
  return clamp(pool / 256, 16, 32) * wide(pool);
}

// A cache of tiles: a hit makes a tile the youngest, a miss loads one and drops the oldest; the cache grows slowly.
function* tiles(random: Random, pool: number): Generator<Operation> {
  const live = new Ledger();
  for (let places = 8 * SPARE; ; places++) {
    const hit = live.ids.length > 0 && random.chance(50);
    if (hit) {
      const [id] = live.ids.splice(random.below(live.ids.length), 1);
      live.ids.push(id);
      continue;
    }
    yield live.alloc(TILES[random.below(TILES.length)] * grain(pool) + 3);
    while (live.ids.length * SPARE > places) yield live.free(0);
  }
}

const TEXT = 24; // bytes after which half of the longer strings end
const LONGEST = 400; // bytes of a string

// Strings die at random, half of them within `half` allocations, and `half` rises.
function* json(random: Random, pool: number): Generator<Operation> {
  const live = new Ledger();
  const deaths = new Map<number, number[]>();
  for (let now = 0; ; now++) {
    for (const id of deaths.get(now) ?? []) yield live.free(live.ids.indexOf(id));
    deaths.delete(now);
    const text = live.alloc(Math.min(2 + random.decay(TEXT), LONGEST) * wide(pool));
    yield text;
    const end = now + 1 + random.decay(16 + (now >> 3));
    deaths.set(end, [...(deaths.get(end) ?? []), text.id]);
  }
}

const FIRST = 8; // bytes of a new buffer
const APPEND = 32; // most bytes appended at once

function longest(pool: number): number {
  return clamp(pool / 16, 256, 320) * wide(pool);
}

// Buffers grow by appending until they are complete, then they are cut back or dropped; more and more are open at a time.
function* grow(random: Random, pool: number): Generator<Operation> {
  const live = new Ledger();
  for (let step = 0; ; step++) {
    if (live.ids.length < 4 + step / 32) {
      yield live.alloc(FIRST);
      continue;
    }
    const place = random.below(live.ids.length);
    const id = live.ids[place];
    const bytes = live.size(id) + random.between(1, APPEND) * wide(pool);
    if (bytes <= random.between(64, longest(pool))) yield live.resize(id, bytes);
    else if (random.chance(50)) yield live.resize(id, Math.max(FIRST, live.size(id) >> 2));
    else yield live.free(place);
  }
}

const ROUNDS = 5; // doublings of the block size

function pebble(pool: number): number {
  return clamp(pool / 512, 12, 32);
}

// Robson: fill with small blocks, free every second one, go on with blocks of twice the size, which fit into no hole.
function* robson(random: Random, pool: number): Generator<Operation> {
  const live = new Ledger();
  let bytes = pebble(pool);
  for (let round = 0; round < ROUNDS; round++, bytes *= 2) {
    while (live.bytes < pool * 0.55) yield live.alloc(bytes);
    for (let place = live.ids.length - 1 - random.below(2); place >= 0; place -= 2) yield live.free(place);
  }
  for (;;) yield live.alloc(bytes >> 1);
}

function large(pool: number): number {
  return clamp(pool / 32, 128, 256) * wide(pool);
}

// Random sizes, random frees; what it keeps rises from half of the pool to more than all of it.
function* stress(random: Random, pool: number): Generator<Operation> {
  const live = new Ledger();
  for (let step = 0; ; step++) {
    const bytes = random.spread(4, large(pool));
    const wanted = pool / 2 + step * 8;
    while (live.bytes + bytes > wanted) yield live.free(random.below(live.ids.length));
    yield live.alloc(bytes);
  }
}

/** The eight programs of the bench. */
export const PROGRAMS: Program[] = [
  { name: "queue", range: () => [4, 244], run: queue },
  { name: "ring", range: (pool) => [RECORDS[0] * wide(pool), RECORDS[3] * wide(pool)], run: ring },
  { name: "config", range: (pool) => [12, Math.max(96 * wide(pool), temporary(pool))], run: config },
  { name: "tiles", range: (pool) => [grain(pool) + 3, 6 * grain(pool) + 3], run: tiles },
  { name: "json", range: (pool) => [2 * wide(pool), LONGEST * wide(pool)], run: json },
  { name: "grow", range: (pool) => [FIRST, longest(pool)], run: grow },
  { name: "robson", range: (pool) => [pebble(pool), pebble(pool) << (ROUNDS - 1)], run: robson },
  { name: "stress", range: (pool) => [4, large(pool)], run: stress }
];

interface Mix {
  usual: [number, number];
  rare: [number, number];
  /** % of the sizes that are drawn from `rare`. */
  share: number;
}

// The mixes other compacting allocators were measured with: 65 % allocations, 35 % frees of a random block.
const MIXES: Record<string, Mix> = {
  A: { usual: [1, 64], rare: [1, 256], share: 5 },
  B: { usual: [1, 128], rare: [1, 2048], share: 5 },
  C: { usual: [1, 32], rare: [1, 64], share: 50 }
};

function* mixed(random: Random, { usual, rare, share }: Mix): Generator<Operation> {
  const live = new Ledger();
  for (;;) {
    if (live.ids.length > 0 && random.chance(35)) yield live.free(random.below(live.ids.length));
    else yield live.alloc(random.between(...(random.chance(share) ? rare : usual)));
  }
}

/** Three more, for comparison with published figures. */
export const COMPARED: Program[] = Object.keys(MIXES).map((name) => ({
  name,
  range: () => [1, MIXES[name].rare[1]],
  run: (random: Random) => mixed(random, MIXES[name])
}));

/** The operations of a program: endless, the same for the same seed. */
export function operations(program: Program, seed: number, pool: number): Generator<Operation> {
  return program.run(new Random(seed), pool);
}
