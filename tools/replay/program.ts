import type { Event, Trace } from "../trace";

/** What a recorded program did, without handles: `id` counts the blocks from 1. `why` and `at` are what came of it when it was recorded. */
export type Step =
  | { kind: "alloc"; id: number; bytes: number; at: number }
  | { kind: "refused"; bytes: number; why: string }
  | { kind: "resize"; id: number; bytes: number; at: number }
  | { kind: "unsized"; id: number; bytes: number; why: string }
  | { kind: "free" | "lock" | "unlock"; id: number }
  | { kind: "hold" | "release" | "pack" | "reset" | "wipe" | "stop" }
  | { kind: "tick"; budget: number }
  | { kind: "start"; ms: number; budget: number }
  | { kind: "wait"; ms: number }
  /** The call before took so long: no timer fires in it. */
  | { kind: "busy"; ms: number };

/** A recorded program. */
export interface Program {
  steps: Step[];
  /** Events that say nothing, because lines before them are missing. */
  unsound: number;
  /** Blocks that were there when the recording began. */
  before: number;
}

/** Makes the program of a trace. Blocks that were there before come first, by address. Events on blocks nobody has heard of are left out and counted. */
export function program(trace: Trace): Program {
  return new Reading().read(trace.events);
}

type Single = "hold" | "release" | "pack" | "reset" | "wipe" | "stop";
const SINGLE: Record<string, Single> = { H: "hold", G: "release", P: "pack", C: "reset", V: "wipe", E: "stop" };

class Reading {
  private readonly steps: Step[] = [];
  private readonly ids = new Map<number, number>();
  private readonly locks = new Map<number, number>();
  private last = 0;
  private held = 0;
  private unsound = 0;

  read(events: Event[]): Program {
    const there = events.filter(({ kind }) => kind === "B").sort((a, b) => a.n[2] - b.n[2]);
    for (const { n } of there) this.alloc(n[0], n[1], n[2]);
    for (const event of events) this.take(event);
    return { steps: this.steps, unsound: this.unsound, before: there.length };
  }

  private take({ kind, text, n }: Event): void {
    if (kind === "A") this.alloc(n[0], n[1], n[2]);
    else if (kind === "R") this.steps.push({ kind: "refused", bytes: n[0], why: text });
    else if (kind === "Z" || kind === "Q") this.resize(kind, text, n);
    else if (kind === "F") this.free(n[0]);
    else if (kind === "L" || kind === "U") this.lock(n[0], kind === "L");
    else if (kind === "K") this.steps.push({ kind: "tick", budget: n[0] });
    else if (kind === "S") this.steps.push({ kind: "start", ms: n[0], budget: n[1] });
    else if (kind === "T" || kind === "D") this.steps.push({ kind: kind === "T" ? "wait" : "busy", ms: n[0] });
    else if (SINGLE[kind]) this.single(SINGLE[kind]);
  }

  private alloc(handle: number, bytes: number, at: number): void {
    // its end is missing
    if (this.ids.has(handle)) this.unsound++, this.free(handle);
    this.ids.set(handle, ++this.last);
    this.steps.push({ kind: "alloc", id: this.last, bytes, at });
  }

  private resize(kind: string, why: string, [handle, bytes, at]: number[]): void {
    const id = this.ids.get(handle);
    if (id === undefined) this.unsound++;
    else this.steps.push(kind === "Z" ? { kind: "resize", id, bytes, at } : { kind: "unsized", id, bytes, why });
  }

  private free(handle: number): void {
    const id = this.ids.get(handle);
    if (id === undefined) return void this.unsound++;
    // the line with the unlock is missing
    for (let n = this.locks.get(id) ?? 0; n > 0; n--) this.unsound++, this.steps.push({ kind: "unlock", id });
    this.locks.delete(id);
    this.ids.delete(handle);
    this.steps.push({ kind: "free", id });
  }

  private lock(handle: number, on: boolean): void {
    const id = this.ids.get(handle);
    const locks = this.locks.get(id ?? 0) ?? 0;
    if (id === undefined || (!on && !locks)) return void this.unsound++;
    this.locks.set(id, locks + (on ? 1 : -1));
    this.steps.push({ kind: on ? "lock" : "unlock", id });
  }

  private single(kind: Single): void {
    if (kind === "release" && !this.held) return void this.unsound++;
    if (kind === "hold" || kind === "release") this.held += kind === "hold" ? 1 : -1;
    if (kind === "reset") this.ids.clear(), this.locks.clear(), (this.held = 0);
    this.steps.push({ kind });
  }
}
