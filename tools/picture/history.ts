// Everything a heap has been, made from the events of a trace as they come: what the drawings of picture and live are made of.
// Runs in browsers as well.

import { Heap, differ, Reader, type Block, type Event, type Stat } from "../trace";
import { Column } from "./column";

/** `to` of a span that has not ended. */
export const OPEN = 0x7fffffff;

const GROUP = 256; // spans that share the number of the last operation any of them reaches

/** Events that are operations: calls of the program, and W, the ticks of the timer together. Moves stand in front of theirs. */
const OPERATIONS = "ARZQFLUHGKPCVSEW";

/** The time for which a block stands at one place. Operations count from 1; 0 is what was there before. */
export interface Span {
  /** Number of the span. */
  index: number;
  handle: number;
  at: number;
  bytes: number;
  /** Bytes of whole units. */
  room: number;
  /** First operation after which it is there, and the first after which it is not. */
  from: number;
  to: number;
  /** Operation and event that allocated the block. */
  born: number;
  event: number;
  /** Number in `owners`. */
  owner: number;
  /** Moves of the block so far. */
  moves: number;
  /** The span before, of the same block; -1: none. */
  prior: number;
}

/** A block that is locked where it stands. */
export interface Lock {
  handle: number;
  at: number;
  room: number;
  from: number;
  to: number;
}

/** Lines that were lost before an operation. */
export interface Gap {
  op: number;
  lines: number;
}

/** What is known after an operation. */
export interface Moment {
  /** Letter of src/record.ts, "" for what was there before. */
  kind: string;
  /** Of the call: a handle, and the bytes asked for, the budget or the like; 0: none. */
  handle: number;
  bytes: number;
  why: string;
  /** Number of its event. */
  event: number;
  /** Milliseconds since the recording began, and those that the call took. */
  time: number;
  ms: number;
  /** Bytes moved by it, in so many moves, and by all so far. */
  moved: number;
  moves: number;
  total: number;
  used: number;
  /** Bytes of whole units that belong to no block, and the largest piece of them. */
  free: number;
  largest: number;
  live: number;
  holes: number;
  /** Refusals so far. */
  refused: number;
}

/** A history grows with every event; nothing in it changes afterwards but the end of what is still there. */
export class History {
  readonly heap: Heap;
  /** stat() at the end, where the recording was stopped. */
  end?: Stat;
  /** Operations, the one of what was there before included. */
  ops = 0;
  /** By operation. */
  readonly times = new Column(Float64Array);
  readonly durations = new Column(Float64Array);
  readonly moved = new Column(Float64Array);
  readonly moves = new Column(Float64Array);
  readonly used = new Column(Float64Array);
  readonly free = new Column(Float64Array);
  readonly largest = new Column(Float64Array);
  /** Spans in the order of `from`. */
  spans = 0;
  readonly owners: string[] = [];
  readonly locks: Lock[] = [];
  /** Operations that were refused. */
  readonly refusals: number[] = [];
  /** Operations after which ticks are held, and released again, in turn. */
  readonly holds: number[] = [];
  readonly gaps: Gap[] = [];
  /** Operation of the first thing that is not as it says, or OPEN. */
  sound = OPEN;

  private readonly kinds = new Column(Uint8Array);
  private readonly subjects = new Column(Float64Array);
  private readonly amounts = new Column(Float64Array);
  private readonly reasons = new Column(Uint16Array);
  private readonly events = new Column(Float64Array);
  private readonly totals = new Column(Float64Array);
  private readonly lives = new Column(Float64Array);
  private readonly holeses = new Column(Float64Array);
  private readonly refused = new Column(Float64Array);

  private readonly froms = new Column(Int32Array);
  private readonly tos = new Column(Int32Array);
  private readonly ats = new Column(Float64Array);
  private readonly rooms = new Column(Float64Array);
  private readonly sizes = new Column(Float64Array);
  private readonly handles = new Column(Float64Array);
  private readonly borns = new Column(Int32Array);
  private readonly births = new Column(Float64Array);
  private readonly whose = new Column(Uint16Array);
  private readonly shifts = new Column(Int32Array);
  private readonly priors = new Column(Int32Array);
  /** By group: operation that the last of its spans that ended reaches, and how many have not ended. */
  private readonly reach = new Column(Int32Array);
  private readonly open = new Column(Int32Array);

  private readonly whys: string[] = [""];
  /** Last span by handle. */
  private readonly last = new Map<number, number>();
  private readonly locked = new Map<number, Lock>();
  /** Blocks by address. */
  private readonly order: Block[] = [];
  private now = 0;
  private pending = 0;
  private dirty = true;
  private room = 0;
  private hole = { largest: 0, count: 0 };

  constructor(readonly head: Stat) {
    this.heap = new Heap(head, { placed: (block) => this.place(block), left: (block) => this.leave(block), locked: (block) => this.lock(block) });
    this.close("", 0, 0, "");
  }

  /** Takes an event. */
  take(event: Event): void {
    const { heap } = this;
    const { kind, text, n } = event;
    const faults = heap.faults.length;
    // a name is given, and what was there before is told of, after the operation before; ticks may have moved something since
    this.now = (kind === "O" && !this.pending) || kind === "B" ? this.ops - 1 : this.ops;
    if (kind === "M") this.pending++;
    heap.take(event);
    if (heap.faults.length > faults) this.doubt();
    if (OPERATIONS.includes(kind)) this.close(kind, n.length > 1 || "FLU".includes(kind) ? n[0] : 0, amount(kind, n), text);
    else if (kind === "Y" || kind === "D" || kind === "B") this.amend(kind, n[0]);
  }

  /** Notes that lines are missing here. */
  lose(lines: number): void {
    this.gaps.push({ op: this.ops, lines });
    this.doubt();
  }

  /** What is known after operation `op`. */
  moment(op: number): Moment {
    const kind = this.kinds.data[op];
    return {
      kind: kind ? String.fromCharCode(kind) : "",
      handle: this.subjects.data[op],
      bytes: this.amounts.data[op],
      why: this.whys[this.reasons.data[op]],
      event: this.events.data[op],
      time: this.times.data[op],
      ms: this.durations.data[op],
      moved: this.moved.data[op],
      moves: this.moves.data[op],
      total: this.totals.data[op],
      used: this.used.data[op],
      free: this.free.data[op],
      largest: this.largest.data[op],
      live: this.lives.data[op],
      holes: this.holeses.data[op],
      refused: this.refused.data[op]
    };
  }

  /** A span by number. */
  span(index: number): Span {
    return {
      index,
      handle: this.handles.data[index],
      at: this.ats.data[index],
      bytes: this.sizes.data[index],
      room: this.rooms.data[index],
      from: this.froms.data[index],
      to: this.tos.data[index],
      born: this.borns.data[index],
      event: this.births.data[index],
      owner: this.whose.data[index],
      moves: this.shifts.data[index],
      prior: this.priors.data[index]
    };
  }

  /** Calls `fn` for every span that is there after some operation from `from` to before `to`. Cost: O(spans), a group of 256 at once where none is. */
  each(from: number, to: number, fn: (index: number, from: number, to: number, at: number, room: number, born: number, owner: number) => void): void {
    const { froms, tos, ats, rooms, borns, whose, reach, open, spans } = this;
    for (let group = 0; group * GROUP < spans; group++) {
      if (!open.data[group] && reach.data[group] <= from) continue;
      const end = Math.min(spans, (group + 1) * GROUP);
      for (let i = group * GROUP; i < end; i++) {
        if (froms.data[i] >= to) return;
        if (tos.data[i] > from && tos.data[i] > froms.data[i]) fn(i, froms.data[i], tos.data[i], ats.data[i], rooms.data[i], borns.data[i], whose.data[i]);
      }
    }
  }

  /** Spans of the blocks that are there after operation `op`, by address. */
  blocks(op: number): Span[] {
    const found: Span[] = [];
    this.each(op, op + 1, (index) => found.push(this.span(index)));
    return found.sort((a, b) => a.at - b.at);
  }

  /** All spans of the block of a span, first to last. Cost: O(spans after it). */
  life(index: number): Span[] {
    const found = [this.span(index)];
    while (found[0].prior >= 0) found.unshift(this.span(found[0].prior));
    for (let i = index + 1, last = index; i < this.spans; i++) {
      if (this.priors.data[i] === last) found.push(this.span((last = i)));
    }
    return found;
  }

  /** Share of the free bytes that is not in the largest hole after operation `op`: 0 to 1. */
  fragmentation(op: number): number {
    const free = this.free.data[op];
    return free > 0 ? Math.max(0, 1 - this.largest.data[op] / free) : 0;
  }

  /** Sentences that say what is not as it should be: none, when the trace is whole and comes to what the pool said at its end. */
  doubts(): string[] {
    const { heap, gaps, end, head } = this;
    const lost = gaps.reduce((sum, { lines }) => sum + lines, 0);
    const said: string[] = [];
    if (lost) said.push(`${lost} ${lost === 1 ? "line of the trace is" : "lines of the trace are"} missing, ${gaps.length === 1 ? "" : "first "}before operation ${gaps[0].op}.`);
    if (heap.faults.length) said.push(`${heap.faults.length} ${heap.faults.length === 1 ? "event" : "events"} cannot be and changed nothing; the first: ${heap.faults[0]}.`);
    const wrong = end ? differ(heap, head, end) : "";
    if (wrong) said.push(`The pool says otherwise: ${wrong}.`);
    if (this.sound < OPEN) said.push(`Right is what is before operation ${this.sound}; after it blocks may be missing, too many, or at other places.`);
    else if (wrong) said.push("Every line is there and no event is impossible: something was done to the pool that was not recorded, at an unknown operation.");
    return said;
  }

  private doubt(): void {
    this.sound = Math.min(this.sound, this.ops);
  }

  /** Ends an operation: everything since the one before belongs to it. */
  private close(kind: string, handle: number, bytes: number, why: string): void {
    const { heap, ops } = this;
    this.kinds.push(kind ? kind.charCodeAt(0) : 0);
    this.subjects.push(handle);
    this.amounts.push(kind === "W" ? 0 : bytes);
    this.reasons.push(this.reason(why));
    this.events.push(heap.count);
    this.times.push(heap.time);
    this.durations.push(0);
    this.moved.push(kind === "W" ? bytes : 0);
    this.moves.push(this.pending);
    this.totals.push(heap.moved);
    this.refused.push(this.refusals.length + (kind === "R" || kind === "Q" ? 1 : 0));
    this.used.push(0);
    this.free.push(0);
    this.largest.push(0);
    this.lives.push(0);
    this.holeses.push(0);
    this.ops++;
    this.pending = 0;
    this.count(ops);
    if (kind === "R" || kind === "Q") this.refusals.push(ops);
    if (this.heap.held > 0 !== (this.holds.length % 2 > 0)) this.holds.push(ops);
  }

  /** Adds to the operation that was closed last. */
  private amend(kind: string, n: number): void {
    const op = this.ops - 1;
    if (kind === "D") {
      this.durations.data[op] += n;
      this.times.data[op] = this.heap.time;
    } else if (kind === "Y") {
      this.moved.data[op] += n;
      this.totals.data[op] = this.heap.moved;
    } else this.count(op);
  }

  /** Takes down the figures of the heap as they are. */
  private count(op: number): void {
    if (this.dirty) this.hole = this.measure();
    this.dirty = false;
    this.used.data[op] = this.heap.used;
    this.free.data[op] = Math.max(0, this.heap.size - this.room);
    this.largest.data[op] = this.hole.largest;
    this.holeses.data[op] = this.hole.count;
    this.lives.data[op] = this.heap.blocks.size;
  }

  private measure(): { largest: number; count: number } {
    const { heap, order } = this;
    let largest = 0;
    let count = 0;
    let end = 0;
    for (let i = 0; i <= order.length; i++) {
      const gap = (i < order.length ? order[i].at : heap.size) - end;
      if (gap > 0) count++;
      if (gap > largest) largest = gap;
      if (i < order.length) end = Math.max(end, order[i].at + heap.room(order[i]));
    }
    return { largest, count };
  }

  private place(block: Block): void {
    const { now, heap } = this;
    const room = heap.room(block);
    const before = this.last.get(block.handle) ?? -1;
    const same = before >= 0 && this.births.data[before] === block.born;
    // a span that was over as soon as it began is no step of the life
    const prior = same ? (this.tos.data[before] > this.froms.data[before] ? before : this.priors.data[before]) : -1;
    this.last.set(block.handle, this.spans);
    this.froms.push(now);
    this.tos.push(OPEN);
    this.ats.push(block.at);
    this.rooms.push(room);
    this.sizes.push(block.bytes);
    this.handles.push(block.handle);
    this.borns.push(same ? this.borns.data[before] : now);
    this.births.push(block.born);
    this.whose.push(this.owner(block.owner));
    this.shifts.push(same ? this.shifts.data[before] + (this.ats.data[before] === block.at ? 0 : 1) : 0);
    this.priors.push(prior);
    const group = Math.floor(this.spans / GROUP);
    if (group === this.reach.length) this.reach.push(0), this.open.push(0);
    this.open.data[group]++;
    this.spans++;
    this.room += room;
    this.order.splice(this.find(block.at), 0, block);
    this.dirty = true;
    if (block.locks) this.lock(block);
  }

  private leave(block: Block): void {
    const { heap, now, order } = this;
    const index = this.last.get(block.handle)!;
    const group = Math.floor(index / GROUP);
    this.tos.data[index] = Math.max(now, this.froms.data[index]);
    this.open.data[group]--;
    this.reach.data[group] = Math.max(this.reach.data[group], now);
    this.room -= heap.room(block);
    // damaged traces have several at one address
    let place = this.find(block.at);
    while (place < order.length && order[place] !== block) place++;
    order.splice(place, 1);
    this.dirty = true;
    this.unlock(block.handle);
  }

  private lock(block: Block): void {
    if (!block.locks) return this.unlock(block.handle);
    if (this.locked.has(block.handle)) return;
    const lock = { handle: block.handle, at: block.at, room: this.heap.room(block), from: this.now, to: OPEN };
    this.locks.push(lock);
    this.locked.set(block.handle, lock);
  }

  private unlock(handle: number): void {
    const lock = this.locked.get(handle);
    if (lock) lock.to = this.now;
    this.locked.delete(handle);
  }

  /** Place in `order` of the first block at `at` or above. */
  private find(at: number): number {
    const { order } = this;
    let low = 0;
    let high = order.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (order[middle].at < at) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private owner(name: string): number {
    const known = this.owners.indexOf(name);
    return known < 0 ? this.owners.push(name) - 1 : known;
  }

  private reason(why: string): number {
    const known = this.whys.indexOf(why);
    return known < 0 ? this.whys.push(why) - 1 : known;
  }
}

function amount(kind: string, n: number[]): number {
  return "AZQS".includes(kind) ? n[1] : "RKW".includes(kind) ? n[0] : 0;
}

/** A recording as it is embedded in a page or kept in a file: every line of one trace. Throws when it has no head. */
export function history(lines: Iterable<string>): History {
  const reader = new Reader();
  let made: History | undefined;
  for (const line of lines) {
    const piece = reader.take(line);
    if (!piece) continue;
    if (piece.head) made = new History(piece.head);
    if (piece.lost) made!.lose(piece.lost);
    for (const event of piece.events) made!.take(event);
    if (piece.end) made!.end = piece.end;
  }
  if (!made) throw new Error("no trace: it has no line like @dwj.0 {...}, with which one begins");
  return made;
}
