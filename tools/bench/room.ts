import { markdown } from "../table";
import { bounded, tidyheap, type Heap, type Peer } from "./peer";
import { operations, type Program } from "./program";
import { mean, percent } from "./figure";

/** How a program ended: at the first request that was refused although nothing was locked. */
export interface Filling {
  /** Operations until then. */
  steps: number;
  /** Bytes asked for by the blocks alive then. */
  payload: number;
  meta: number;
  /** Most blocks alive at a time. */
  peak: number;
  why: string;
  /** Refusals that went away when every lock was given up. */
  locked: number;
  /** 1 when the pool had the bytes it refused. */
  wrong: number;
}

interface Block {
  ref: any;
  bytes: number;
  locked: boolean;
}

/** A program at work in one pool. */
class Room {
  private readonly blocks = new Map<number, Block>();
  private payload = 0;
  private peak = 0;
  private locked = 0;
  private why = "";
  private wrong = 0;

  constructor(private readonly heap: Heap) {}

  fill(program: Program, seed: number, size: number): Filling {
    let steps = 0;
    for (const step of operations(program, seed, size)) {
      const done = "bytes" in step ? this.want(step.id, step.bytes) : this.obey(step.kind, step.id);
      if (!done) break;
      steps++;
    }
    const { payload, peak, why, locked, wrong } = this;
    return { steps, payload, meta: this.heap.meta(), peak, why, locked, wrong };
  }

  /** Allocates or resizes; on a refusal gives up the locks and asks once more. */
  private want(id: number, bytes: number): boolean {
    const block = this.blocks.get(id) ?? { ref: 0, bytes: 0, locked: false };
    const ref = this.ask(block, bytes) || (this.unlockAll() && this.again(block, bytes));
    if (!ref) return this.refused(block.bytes, bytes);
    this.payload += bytes - block.bytes;
    this.blocks.set(id, { ...block, ref, bytes });
    this.peak = Math.max(this.peak, this.blocks.size);
    return true;
  }

  private ask(block: Block, bytes: number): any {
    return block.ref ? this.heap.resize(block.ref, block.bytes, bytes) : this.heap.alloc(bytes);
  }

  private again(block: Block, bytes: number): any {
    const ref = this.ask(block, bytes);
    if (ref) this.locked++;
    return ref;
  }

  private refused(from: number, to: number): false {
    this.why = this.heap.why();
    this.wrong = this.why !== "HANDLES" && this.heap.fits(from, to) ? 1 : 0;
    return false;
  }

  private unlockAll(): boolean {
    const locked = [...this.blocks.values()].filter((block) => block.locked);
    for (const block of locked) this.unlock(block);
    return locked.length > 0;
  }

  private unlock(block: Block): void {
    if (block.locked) this.heap.unlock(block.ref);
    block.locked = false;
  }

  private obey(kind: "free" | "lock" | "unlock", id: number): true {
    const block = this.blocks.get(id) as Block;
    if (kind === "unlock") this.unlock(block);
    if (kind === "lock") {
      this.heap.lock(block.ref);
      block.locked = true;
    }
    if (kind === "free") {
      this.heap.free(block.ref);
      this.payload -= block.bytes;
      this.blocks.delete(id);
    }
    return true;
  }
}

/** Runs one program in a new pool with so many rows. */
function fill(peer: Peer, program: Program, seed: number, size: number, rows: number): Filling {
  return new Room(peer.open(size, rows)).fill(program, seed, size);
}

const MOST = 32767; // rows of the largest table

/**
 * Runs one program with as many rows as it needs: first with as many as a pool that loses nothing would use, which
 * shows the most blocks it has alive, then with that many; rows are added until it gets as far as before. `extra`
 * tells how many that took.
 */
function fit(peer: Peer, program: Program, seed: number, size: number): Filling & { extra: number } {
  const ideal = fill(bound(1, 0), program, seed, size, 0);
  const plenty = fill(peer, program, seed, size, Math.min(MOST, ideal.peak + 1));
  for (let rows = plenty.peak; ; rows += 1 + (rows >> 6)) {
    const filling = fill(peer, program, seed, size, rows);
    const full = filling.steps >= plenty.steps || filling.why !== "HANDLES";
    if (full) return { ...filling, extra: rows - plenty.peak };
  }
}

/** Payload ÷ (pool + bookkeeping). */
function share(filling: Filling, size: number): number {
  return filling.payload / (size + filling.meta);
}

/** The option sets that are compared. Rows are as many as each program needs. */
const SETS: Peer[] = [
  tidyheap("tidyheap, default"),
  tidyheap("tidyheap, tightest (unit 1)", { unit: 1 }),
  tidyheap("tidyheap, unit 2", { unit: 2 }),
  tidyheap("tidyheap, fit fast", { fit: "fast" })
];

// What no pool can beat: nothing is lost but what no block was asked for.
function bound(unit: number, row: number): Peer {
  const whole = (bytes: number) => Math.ceil(bytes / unit) * unit;
  function open(size: number, rows: number): Heap {
    let free = size;
    const take = (from: number, to: number) => whole(to) - whole(from) <= free && ((free -= whole(to) - whole(from)), true);
    const sizes = new Map<number, number>();
    let last = 0;
    const change = (ref: number, from: number, to: number) => (take(from, to) ? (sizes.set(ref, to), ref) : 0);
    return {
      alloc: (bytes) => change(++last, 0, bytes),
      free: (ref) => void (take(sizes.get(ref) ?? 0, 0) && sizes.delete(ref)),
      resize: change,
      lock: () => undefined,
      unlock: () => undefined,
      meta: () => row * rows,
      fits: () => false,
      why: () => "FULL"
    };
  }
  return { name: `bound: unit ${unit}, ${row} B a row`, open };
}

export const SIZES = [4096, 16384, 65536, 262144];

/** One line of the result: a peer in a pool of one size, one filling per program and seed. */
export interface Line {
  peer: string;
  size: number;
  fillings: { program: string; seed: number; filling: Filling & { extra: number } }[];
}

export interface Plan {
  programs: Program[];
  sizes: number[];
  seeds: number[];
  /** What the names of the pools contain. */
  match: string;
  progress(text: string): void;
}

/** Runs every program, seed and size in every peer. */
export async function measure(plan: Plan): Promise<Line[]> {
  const pools = [...SETS, ...(await bounded())].filter((peer) => peer.name.includes(plan.match));
  const peers = [...pools, bound(4, 0), bound(1, 0), bound(1, 4)];
  const lines: Line[] = [];
  for (const size of plan.sizes) {
    for (const peer of peers) {
      plan.progress(`room: ${peer.name}, ${size / 1024} KB`);
      lines.push({ peer: peer.name, size, fillings: fillings(peer, size, plan) });
    }
  }
  return lines;
}

function fillings(peer: Peer, size: number, { programs, seeds }: Plan): Line["fillings"] {
  const runs = programs.flatMap((program) => seeds.map((seed) => ({ program, seed })));
  return runs.map(({ program, seed }) => ({ program: program.name, seed, filling: fit(peer, program, seed, size) }));
}

/** Tables of the lines of one size: % of the bytes that are payload, per program, and what was refused wrongly. */
export function report(lines: Line[], { programs, sizes }: Plan): string {
  return sizes.map((size) => table(size, lines.filter((line) => line.size === size), programs)).join("\n\n");
}

function table(size: number, lines: Line[], programs: Program[]): string {
  const names = programs.map((program) => program.name);
  const head = [`${size / 1024} KB, payload %`, ...names, "mean", "false refusals", "refused under locks", "rows beyond the peak"];
  const rows = lines.map((line) => [
    line.peer,
    ...names.map((name) => percent(shareOf(line, name))),
    percent(mean(names.map((name) => shareOf(line, name)))),
    sum(line, "wrong"),
    sum(line, "locked"),
    sum(line, "extra")
  ]);
  return markdown(head, rows);
}

function shareOf(line: Line, program: string): number {
  return mean(line.fillings.filter((run) => run.program === program).map((run) => share(run.filling, line.size)));
}

function sum(line: Line, field: "wrong" | "locked" | "extra"): number {
  return line.fillings.reduce((total, run) => total + run.filling[field], 0);
}
