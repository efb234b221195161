import { create as core } from "../../src/core";
import { create as far } from "../../src/far";
import { create as full } from "../../src/full";
import { ram, type Store } from "../../src/store";
import { LOOKS, look, nothing, type Result } from "./measure";
import type { Program, Step } from "./program";
import { Clock } from "./clock";

/** Kinds of pools. */
export const FLAVOURS = ["full", "core", "far"] as const;
export type Flavour = (typeof FLAVOURS)[number];

/** Ticks instead of those of the program: of the timer, or none. */
export type Ticks = { ms: number; budget: number } | "none";

/** The pool a program is to run in. */
export interface Setup {
  size: number;
  handles: number;
  unit: number;
  fit: "best" | "fast";
  pause?: number;
  generations?: 16 | 24;
  flavour: Flavour;
  /** Undefined: as the program has them. */
  tick?: Ticks;
  /** RAM of an Espruino, where a pool weighs moves otherwise. */
  quick?: boolean;
}

/** What a program got in a pool, and where each of its blocks came to be: the address, -1 where it was refused. */
export interface Outcome {
  result: Result;
  places: number[];
}

type Pool = ReturnType<typeof full>;
type Timed = Kind<"tick"> | Kind<"start"> | { kind: "stop" };
type Kind<K extends Step["kind"]> = Step & { kind: K };

/** Runs a program in a new pool on simulated time. Deterministic. Throws what create() throws. Without `holes` these are not counted, which is faster. */
export function play(program: Program, setup: Setup, holes = true): Outcome {
  return new Player(setup, holes ? Math.max(1, Math.floor(program.steps.length / LOOKS)) : Infinity).run(program.steps);
}

function make({ size, handles, unit, fit, pause, generations, flavour, quick }: Setup, clock: Clock): Pool {
  const options = { size, handles, unit, fit, pause, generations, scheduler: clock };
  if (flavour === "far") return far({ ...options, store: memory(size) }) as unknown as Pool;
  return (flavour === "core" ? core : full)({ ...options, store: { ...ram(size), quick } }) as unknown as Pool;
}

/** A store without addresses for the processor, which copies nothing: nobody reads what is in the blocks. */
function memory(size: number): Store {
  return { size, move: () => undefined, read: (_, n) => new Uint8Array(n), write: () => undefined };
}

/** A block of the program that has a place. */
interface Block {
  handle: number;
  at: number;
  bytes: number;
  locks: number;
}

class Player {
  private readonly clock = new Clock(() => this.ticked());
  private readonly pool: Pool;
  private readonly result: Result;
  private readonly blocks = new Map<number, Block>();
  private readonly byHandle = new Map<number, Block>();
  private readonly places: number[] = [];
  private used = 0;
  private seen = 0;
  private count = 0;

  constructor(private readonly setup: Setup, private readonly every: number) {
    this.pool = make(setup, this.clock);
    const { size, handles, unit, meta } = this.pool.stat();
    this.result = nothing(size, handles, unit, meta);
    this.pool.onmove = (handle, at) => {
      const block = this.byHandle.get(handle);
      if (block) block.at = at;
    };
  }

  run(steps: Step[]): Outcome {
    const { tick } = this.setup;
    if (tick && tick !== "none") this.pool.start(tick.ms, tick.budget);
    for (const step of steps) {
      this.take(step);
      if (++this.count % this.every === 0) look(this.result, this.blocks.values());
    }
    if (this.every < Infinity) look(this.result, this.blocks.values());
    this.pool.stop();
    return { result: this.result, places: this.places };
  }

  private take(step: Step): void {
    switch (step.kind) {
      case "alloc": return this.alloc(step);
      case "refused": return this.again(step);
      case "resize": return void this.resize(step);
      case "unsized": return this.resizeAgain(step);
      case "wait": return this.clock.run(step.ms);
      case "busy": return void (this.clock.now += step.ms);
      case "free": case "lock": case "unlock": return this.block(step);
      case "stop": return this.timer({ kind: "stop" });
      case "tick": case "start": return this.timer(step);
      case "reset": return this.reset();
      case "wipe": return;
      default: this.pool[step.kind](), this.called(false);
    }
  }

  private alloc({ id, bytes }: Kind<"alloc">): void {
    const handle = this.request(bytes);
    if (!handle) return void (this.places[id] = -1);
    const block = { handle, at: this.pool.at(handle), bytes, locks: 0 };
    this.places[id] = block.at;
    this.blocks.set(id, block);
    this.byHandle.set(handle, block);
    this.use(bytes, this.blocks.size);
  }

  /** Once more what was refused: what is got is of no use to the program. */
  private again({ bytes }: Kind<"refused">): void {
    const handle = this.request(bytes);
    if (!handle) return;
    this.use(bytes, this.blocks.size + 1);
    this.used -= bytes;
    this.pool.free(handle);
  }

  private request(bytes: number): number {
    const handle = this.pool.alloc(bytes);
    this.called(true);
    if (!handle) this.result.refused[this.pool.why]++;
    return handle;
  }

  private resize({ id, bytes }: Kind<"resize" | "unsized">): boolean {
    const block = this.blocks.get(id);
    if (!block) return false;
    const done = this.pool.resize(block.handle, bytes);
    this.called(true);
    if (!done) this.result.refused[this.pool.why]++;
    else {
      this.use(bytes - block.bytes, this.blocks.size);
      block.at = this.pool.at(block.handle);
      block.bytes = bytes;
    }
    return done;
  }

  private resizeAgain(step: Kind<"unsized">): void {
    const bytes = this.blocks.get(step.id)?.bytes;
    // the program goes on with the size it had
    if (this.resize(step) && this.pool.resize(this.blocks.get(step.id)!.handle, bytes!)) this.resized(step.id, bytes!);
  }

  private resized(id: number, bytes: number): void {
    const block = this.blocks.get(id)!;
    this.used += bytes - block.bytes;
    block.bytes = bytes;
    block.at = this.pool.at(block.handle);
    this.seen = this.pool.epoch;
  }

  private block({ kind, id }: Kind<"free" | "lock" | "unlock">): void {
    const block = this.blocks.get(id);
    if (!block) return;
    this.pool[kind](block.handle);
    this.called(false);
    if (kind !== "free") return;
    this.used -= block.bytes;
    this.blocks.delete(id);
    this.byHandle.delete(block.handle);
  }

  private timer(step: Timed): void {
    if (this.setup.tick) return;
    if (step.kind === "start") this.pool.start(step.ms, step.budget);
    else if (step.kind === "stop") this.pool.stop();
    else this.pool.tick(step.budget), this.ticked();
  }

  private reset(): void {
    this.pool.reset();
    // it counts as one byte
    this.seen++;
    this.called(false);
    this.blocks.clear();
    this.byHandle.clear();
    this.used = 0;
  }

  private use(bytes: number, blocks: number): void {
    this.used += bytes;
    this.result.peak = Math.max(this.result.peak, this.used);
    this.result.blocks = Math.max(this.result.blocks, blocks);
  }

  /** Counts what a call has moved. */
  private called(request: boolean): void {
    const bytes = this.pool.epoch - this.seen;
    if (request && bytes) this.result.waits++;
    this.result.longestCall = Math.max(this.result.longestCall, this.moved());
  }

  private ticked(): void {
    this.result.longestTick = Math.max(this.result.longestTick, this.moved());
  }

  private moved(): number {
    const bytes = this.pool.epoch - this.seen;
    this.seen += bytes;
    this.result.moved += bytes;
    return bytes;
  }
}
