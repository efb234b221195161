import { create as core } from "../../src/core";
import { markdown, type Cell } from "../table";
import { all, tidyheap, type Heap, type Peer, type Rows } from "./peer";
import { Random } from "./random";
import { quantile } from "./figure";

const DEMAND = 0.7; // share of the pool that is asked for
const SMALL = 8; // bytes of the smallest block
const BIG = 63; // bytes of the largest
const PLACES = 4096; // random choices made beforehand, a power of two
const LENGTHS = 251; // a prime, so that places and lengths meet in ever new pairs
const TURN = 25; // milliseconds one peer runs before the next has its turn

const own: Rows = () => undefined;

/** The option sets that are compared. */
const SETS: Peer[] = [
  tidyheap("tidyheap, default", {}, own),
  tidyheap("tidyheap core, default", {}, own, core),
  tidyheap("tidyheap core, fit fast", { fit: "fast" }, own, core),
  tidyheap("tidyheap, unit 1", { unit: 1 }, own),
  tidyheap("tidyheap, fit fast", { fit: "fast" }, own),
  tidyheap("tidyheap, rows 1.5x live", {}, (blocks) => Math.ceil(1.5 * blocks)),
  tidyheap("tidyheap, fit fast, rows 2x live", { fit: "fast" }, (blocks) => 2 * blocks)
];

const SLOW = "@thi.ng/malloc"; // what all others are compared with

type Driver = (heap: Heap, refs: any[], places: Uint16Array, lengths: Uint8Array, pairs: number) => number;

const LOOP = `var refused = 0;
for (var k = 0; k < pairs; k++) {
  var place = places[k & ${PLACES - 1}];
  var ref = refs[place];
  if (ref) heap.free(ref);
  refs[place] = ref = heap.alloc(lengths[k % ${LENGTHS}]);
  if (!ref) refused++;
}
return refused;`;

// One copy of the loop for each peer: a shared one would call every pool through the same slow call site.
function driver(name: string): Driver {
  return new Function("heap", "refs", "places", "lengths", "pairs", `// ${name}\n${LOOP}`) as Driver;
}

class Runner {
  readonly rates: number[] = [];
  refused = 0;
  pairs = 1024;
  private readonly drive: Driver;
  private readonly places: Uint16Array;
  private readonly lengths: Uint8Array;

  constructor(readonly peer: Peer, private readonly size: number, private readonly live: number) {
    const random = new Random(1);
    this.drive = driver(peer.name);
    this.places = Uint16Array.from({ length: PLACES }, () => random.below(live));
    this.lengths = Uint8Array.from({ length: LENGTHS }, () => random.between(SMALL, BIG));
    while (this.turn() < TURN) this.pairs *= 2;
  }

  /** Milliseconds of one turn in a new pool: in an old one tidyheap's rows would be used up within seconds. */
  turn(): number {
    const heap = this.peer.open(this.size, this.live);
    const refs = Array.from({ length: this.live }, (_, n) => heap.alloc(this.lengths[n % LENGTHS]));
    this.drive(heap, refs, this.places, this.lengths, PLACES);
    const start = process.hrtime.bigint();
    this.refused = this.drive(heap, refs, this.places, this.lengths, this.pairs);
    return Number(process.hrtime.bigint() - start) / 1e6;
  }

  /** Notes the operations per second of one turn: a pair is two operations. */
  round(): void {
    this.rates.push((2 * this.pairs) / (this.turn() / 1000));
  }
}

/** Operations per second of one peer: the median and the quartiles of all rounds. */
export interface Rate {
  peer: string;
  size: number;
  live: number;
  median: number;
  low: number;
  high: number;
  /** Share of the requests of the last round that were refused. */
  refused: number;
}

export interface Plan {
  rounds: number;
  /** What the names of the pools contain. */
  match: string;
  progress(text: string): void;
}

function rates(peers: Peer[], size: number, live: number, { rounds }: Plan): Rate[] {
  const runners = peers.map((peer) => new Runner(peer, size, live));
  for (let round = 0; round < rounds; round++) for (const runner of runners) runner.round();
  return runners.map((runner) => rate(runner, size, live));
}

function rate({ peer, rates, refused, pairs }: Runner, size: number, live: number): Rate {
  const [low, median, high] = [0.25, 0.5, 0.75].map((part) => quantile(rates, part));
  return { peer: peer.name, size, live, median, low, high, refused: refused / pairs };
}

/** Blocks alive that ask for 70 % of a pool. */
function demand(size: number): number {
  return Math.floor((DEMAND * size * 2) / (SMALL + BIG));
}

const GROWTH = [20, 200, 2000]; // live blocks, ten times more each

export interface Result {
  rates: Rate[];
  growth: Rate[];
}

/** Runs every peer in turns, at 16 and 64 KB, then with ever more blocks at the same demand. */
export async function measure(plan: Plan): Promise<Result> {
  const peers = [...SETS, ...(await all())].filter((peer) => peer.name.includes(plan.match) || peer.name === SLOW);
  const result: Result = { rates: [], growth: [] };
  for (const size of [16384, 65536]) {
    plan.progress(`speed: ${size / 1024} KB`);
    result.rates.push(...rates(peers, size, demand(size), plan));
  }
  for (const live of GROWTH) {
    plan.progress(`speed: ${live} live blocks`);
    const size = 4 * Math.ceil((live * (SMALL + BIG)) / 2 / DEMAND / 4);
    result.growth.push(...rates(peers, size, live, plan));
  }
  return result;
}

/** The tables: operations per second, and the cost of a pair with ever more blocks. */
export function report({ rates, growth }: Result): string {
  const sizes = [...new Set(rates.map((rate) => rate.size))];
  return [...sizes.map((size) => speeds(rates.filter((rate) => rate.size === size))), costs(growth)].join("\n\n");
}

function speeds(rates: Rate[]): string {
  const first = rates[0];
  const slow = rates.find((rate) => rate.peer === SLOW) as Rate;
  const head = [`${first.size / 1024} KB, ${first.live} live`, "M operations/s", "quartiles", `against ${SLOW}`, "refused %"];
  const row = (rate: Rate): Cell[] => [
    rate.peer,
    millions(rate.median),
    `${millions(rate.low)}..${millions(rate.high)}`,
    `${(rate.median / slow.median).toFixed(1)}x`,
    (100 * rate.refused).toFixed(1)
  ];
  return markdown(head, rates.map(row));
}

function millions(rate: number): string {
  return (rate / 1e6).toFixed(2);
}

function costs(growth: Rate[]): string {
  const names = [...new Set(growth.map((rate) => rate.peer))];
  const row = (name: string): Cell[] => {
    const pairs = growth.filter((rate) => rate.peer === name).map((rate) => 2e9 / rate.median);
    const tenfold = (pairs[pairs.length - 1] / pairs[0]) ** (1 / (pairs.length - 1));
    return [name, ...pairs.map((cost) => cost.toFixed(0)), `${tenfold.toFixed(2)}x`];
  };
  const head = ["ns per free and alloc", ...GROWTH.map((live) => `${live} live`), "growth per tenfold"];
  return markdown(head, names.map(row));
}
