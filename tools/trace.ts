// Reads what src/record.ts writes (the format is described there), and what the heap was at every moment of it.
// Runs in browsers as well: the pages of picture and live have it in them.

/** One thing that happened: a letter of src/record.ts, its text and its numbers. */
export interface Event {
  kind: string;
  text: string;
  n: number[];
}

/** stat() of the pool when the recording began or ended. */
export interface Stat {
  size: number;
  handles: number;
  unit: number;
  used: number;
  free: number;
  largest: number;
  live: number;
  meta: number;
  epoch: number;
  [name: string]: number;
}

/** What a head says beside stat(): options of the pool, where the program gave them, and the board. */
export interface About {
  options: Record<string, unknown>;
  board: string;
}

/** What is read of a line. */
export interface Piece {
  /** The line itself, without what stood around it. */
  line: string;
  head?: Stat;
  /** There with a head. */
  about?: About;
  end?: Stat;
  events: Event[];
  /** Lines that are missing before this one. */
  lost: number;
}

export interface Trace {
  head: Stat;
  /** stat() at the end, where the recording was stopped. */
  end?: Stat;
  about: About;
  events: Event[];
  /** Lines that are missing. */
  lost: number;
}

/** Where a line may begin: prompts, colours and whatever else is printed may stand before it, a carriage return behind. */
const LINE = /@([0-9a-z]+)\.(?=([0-9a-z]+) )/g;
const EVENT = /([A-Z])("(?:[^"\\]|\\.)*")?((?:[0-9a-z]+(?:\.[0-9a-z]+)*)?)/y;

/** How many numbers each event has; some may have one or none. */
const NUMBERS: Record<string, number[]> = {
  A: [3], B: [3], Z: [3], F: [1], M: [2, 3], R: [1], Q: [2], L: [1], U: [1], H: [0], G: [0], K: [1], P: [0], C: [0], V: [0],
  S: [2], E: [0], T: [1], D: [1], Y: [1], W: [1], O: [0, 1]
};
const TEXTS = "RQO";

/** The events in the text of a line, a run of blocks that moved as one. Throws when it is no such text. */
export function events(line: string): Event[] {
  const found: Event[] = [];
  for (EVENT.lastIndex = 0; EVENT.lastIndex < line.length; ) {
    const at = EVENT.lastIndex;
    const match = EVENT.exec(line);
    if (!match) throw new Error(`no event: ${line.slice(at, at + 20)}`);
    const [, kind, text, list] = match;
    const n = list ? list.split(".").map((digits) => parseInt(digits, 36)) : [];
    if (!n.every(Number.isSafeInteger) || !NUMBERS[kind]?.includes(n.length) || TEXTS.includes(kind) === (text === undefined)) throw new Error(`no event: ${match[0].slice(0, 20)}`);
    found.push({ kind, text: text ? JSON.parse(text) : "", n });
  }
  return found;
}

/** A line of a trace: its number and its text, and both with their sum. */
interface Line {
  number: number;
  sum: number;
  text: string;
  whole: string;
}

/** The line of a trace in a line of a console, undefined where there is none that is whole. */
function find(line: string): Line | undefined {
  if (!line.includes("@")) return undefined;
  for (const part of line.split(/[^ -~]+/)) {
    const found = seek(part.trimEnd());
    if (found) return found;
  }
  return undefined;
}

/** The same in a part that is all of printable characters. Cost: its length, however many lines might begin in it. */
function seek(part: string): Line | undefined {
  // sum of the characters from `at` on
  let at = part.length;
  let rest = 0;
  const starts = [...part.matchAll(LINE)].map((match) => ({ from: match.index, begin: match.index + match[0].length, sum: parseInt(match[1], 36), number: match[2] }));
  let found: Line | undefined;
  for (const { from, begin, sum, number } of starts.reverse()) {
    while (at > begin) rest += part.charCodeAt(--at);
    if (rest === sum) found = { number: parseInt(number, 36), sum, text: part.slice(begin + number.length + 1), whole: part.slice(from) };
  }
  return found;
}

/** Where blocks are, as far as is needed to tell of every block of a run that moved. */
class Order {
  private readonly places = new Map<number, { handle: number; at: number; bytes: number }>();
  /** By address. */
  private list: { handle: number; at: number; bytes: number }[] = [];

  constructor(private readonly unit: number) {}

  /** The event, or the moves it stands for. */
  take(event: Event): Event[] {
    const { kind, n } = event;
    if (kind === "M" && n.length === 3) return this.run(n[0], n[1], n[2]);
    if (kind === "A" || kind === "B" || kind === "Z") this.put(n[0], n[2], n[1]);
    else if (kind === "M") this.put(n[0], n[1], this.places.get(n[0])?.bytes);
    else if (kind === "F") this.remove(n[0]);
    else if (kind === "C") this.places.clear(), (this.list = []);
    return [event];
  }

  private run(first: number, at: number, last: number): Event[] {
    const start = this.places.get(first);
    const moves: Event[] = [];
    if (!start) return [move(first, at)];
    const by = at - start.at;
    const known = this.places.has(last);
    for (let i = this.list.indexOf(start); i < this.list.length; i++) {
      const block = this.list[i];
      const end = block.at + Math.ceil(block.bytes / this.unit) * this.unit;
      block.at += by;
      moves.push(move(block.handle, block.at));
      if (block.handle === last) break;
      if (known || this.list[i + 1]?.at === end) continue;
      // the last is being allocated: it is known when it has been moved
      moves.push(move(last, end + by));
      break;
    }
    return moves;
  }

  private put(handle: number, at: number, bytes?: number): void {
    if (bytes === undefined) return;
    this.remove(handle);
    const block = { handle, at, bytes };
    let low = 0;
    for (let high = this.list.length; low < high; ) {
      const middle = (low + high) >> 1;
      if (this.list[middle].at < at) low = middle + 1;
      else high = middle;
    }
    this.list.splice(low, 0, block);
    this.places.set(handle, block);
  }

  private remove(handle: number): void {
    const block = this.places.get(handle);
    if (!block) return;
    this.list.splice(this.list.indexOf(block), 1);
    this.places.delete(handle);
  }
}

function move(handle: number, at: number): Event {
  return { kind: "M", text: "", n: [handle, at] };
}

/** Reads lines as they come, whatever else is between them. */
export class Reader {
  private next = -1;
  private order = new Order(1);
  /** Sums of the lines so far, by their numbers. */
  private readonly seen = new Map<number, number>();

  /**
   * What a line says, undefined if it is none of a trace, or was there before. A line that is spoiled counts as lost once the next has come; so does
   * one of another recorder in between, whose lines have the same numbers.
   */
  take(line: string): Piece | undefined {
    const found = find(line);
    if (!found) return undefined;
    const { number, sum, text, whole } = found;
    const piece = read(text, whole);
    // a trace begins with its head
    if (!piece || (number === 0) !== !!piece.head || (this.next < 0 && number)) return undefined;
    if (number && number < this.next) return (this.seen.get(number) ?? sum) === sum ? undefined : { line: whole, events: [], lost: 1 };
    piece.lost = piece.head ? 0 : number - this.next;
    this.next = number + 1;
    if (piece.head) this.seen.clear();
    this.seen.set(number, sum);
    if (piece.head) this.order = new Order(piece.head.unit || 1);
    piece.events = piece.events.flatMap((event) => this.order.take(event));
    return piece;
  }
}

function read(text: string, line: string): Piece | undefined {
  try {
    if (text[0] !== "{") return { line, events: events(text), lost: 0 };
    const stat = JSON.parse(text);
    if (!["used", "live", "epoch"].every((name) => counts(stat[name], 0))) return undefined;
    if (stat.trace !== 1) return { line, end: stat, events: [], lost: 0 };
    if (!counts(stat.size, 1) || !counts(stat.handles, 1) || !counts(stat.meta, 0) || !counts(stat.unit ?? 1, 1)) return undefined;
    const { options, board } = stat;
    return { line, head: stat, about: { options: options && typeof options === "object" ? options : {}, board: typeof board === "string" ? board : "" }, events: [], lost: 0 };
  } catch {
    return undefined;
  }
}

function counts(value: unknown, least: number): boolean {
  return Number.isSafeInteger(value) && (value as number) >= least;
}

/** Every trace in a text: a file, or a whole log of a console. Throws when there is none, and says so of `name`. */
export function parse(text: string, name = "the text"): Trace[] {
  const traces: Trace[] = [];
  const reader = new Reader();
  for (const line of text.split("\n")) {
    const piece = reader.take(line);
    if (!piece) continue;
    if (piece.head) traces.push({ head: piece.head, about: piece.about!, events: [], lost: 0 });
    const trace = traces[traces.length - 1];
    for (const event of piece.events) trace.events.push(event);
    trace.lost += piece.lost;
    if (piece.end) trace.end = piece.end;
  }
  if (!traces.length) throw new Error(`${name} has no trace in it: record(pool) of tidyheap-record writes lines like @p4.1 A6bk.5k.0`);
  return traces;
}

/** A block that is live. */
export interface Block {
  handle: number;
  at: number;
  bytes: number;
  owner: string;
  /** Number of the event that allocated it, and milliseconds since the beginning. */
  born: number;
  time: number;
  locks: number;
}

/** What changed in the heap with one event, for who draws it. */
export interface Watch {
  /** A block has a place from here on. */
  placed?(block: Block): void;
  /** It has left it: freed, moved or resized. Its fields are those of before. */
  left?(block: Block): void;
  locked?(block: Block): void;
}

/** The heap at one moment, made from events one after another. */
export class Heap {
  readonly size: number;
  readonly unit: number;
  readonly blocks = new Map<number, Block>();
  /** Milliseconds since the recording began. */
  time = 0;
  /** Events taken. */
  count = 0;
  used = 0;
  held = 0;
  owner = "";
  /** Bytes moved so far. */
  moved = 0;
  /** Blocks that were moved before their own alloc was over: they are told of first. */
  private readonly early: number[] = [];
  /** What cannot be: the trace has gaps, or is of something else. */
  readonly faults: string[] = [];

  constructor(head: Stat, private readonly watch: Watch = {}) {
    this.size = head.size;
    this.unit = head.unit || 1;
  }

  /** Takes an event. One that cannot be is noted in `faults` and changes nothing. */
  take({ kind, text, n }: Event): void {
    this.count++;
    if (this.early.length && !"MTDWY".includes(kind) && !(kind === "A" && this.early.every((handle) => handle === n[0]))) this.fault(`block ${this.early[0]} is moved and was never allocated`);
    if (!"MTDWY".includes(kind)) this.early.length = 0;
    if (kind === "A" || kind === "B") this.place(n[0], n[2], n[1]);
    else if (kind === "F") this.drop(n[0]);
    else if (kind === "M") this.move(n[0], n[1]);
    else if (kind === "Z") this.move(n[0], n[2], n[1]);
    else if (kind === "L" || kind === "U") this.lock(n[0], kind === "L" ? 1 : -1);
    else if (kind === "H" || kind === "G") this.held += kind === "H" ? 1 : -1;
    else if (kind === "C") this.reset();
    else if (kind === "T" || kind === "D") this.time += n[0];
    else if (kind === "W" || kind === "Y") this.moved += n[0];
    else if (kind === "O") this.name(text, n[0]);
  }

  /** Bytes of the places that a block takes: whole units. */
  room(block: Block): number {
    return Math.ceil(block.bytes / this.unit) * this.unit;
  }

  private place(handle: number, at: number, bytes: number): void {
    if (this.blocks.has(handle)) return this.fault(`block ${handle} is allocated twice`);
    const block = { handle, at, bytes, owner: this.owner, born: this.count, time: this.time, locks: 0 };
    if (at + bytes > this.size) return this.fault(`block ${handle} ends at ${at + bytes} of ${this.size}`);
    this.blocks.set(handle, block);
    this.used += bytes;
    this.watch.placed?.(block);
  }

  private drop(handle: number): void {
    const block = this.find(handle, "freed");
    if (!block) return;
    this.watch.left?.(block);
    this.blocks.delete(handle);
    this.used -= block.bytes;
  }

  private move(handle: number, at: number, bytes?: number): void {
    if (bytes === undefined && !this.blocks.has(handle)) return void this.early.push(handle);
    const block = this.find(handle, "resized");
    if (!block || (block.at === at && (bytes === undefined || block.bytes === bytes))) return;
    this.watch.left?.(block);
    this.used += (bytes ?? block.bytes) - block.bytes;
    block.at = at;
    block.bytes = bytes ?? block.bytes;
    this.watch.placed?.(block);
  }

  private lock(handle: number, by: number): void {
    const block = this.find(handle, by > 0 ? "locked" : "unlocked");
    if (!block) return;
    block.locks = Math.max(0, block.locks + by);
    this.watch.locked?.(block);
  }

  private reset(): void {
    for (const handle of [...this.blocks.keys()]) this.drop(handle);
    this.held = 0;
  }

  private name(owner: string, handle?: number): void {
    if (handle === undefined) this.owner = owner;
    else {
      const block = this.find(handle, "given an owner");
      if (!block || block.owner === owner) return;
      this.watch.left?.(block);
      block.owner = owner;
      this.watch.placed?.(block);
    }
  }

  private find(handle: number, what: string): Block | undefined {
    const block = this.blocks.get(handle);
    if (!block) this.fault(`block ${handle} is ${what} and was never allocated`);
    return block;
  }

  private fault(text: string): void {
    this.faults.push(`event ${this.count}: ${text}`);
  }
}

/** Holes between blocks of a pool, by address. Cost: a sort of the blocks. */
export function holes(blocks: Iterable<{ at: number; bytes: number }>, size: number, unit: number): { at: number; bytes: number }[] {
  const found: { at: number; bytes: number }[] = [];
  let end = 0;
  const gap = (to: number) => to > end && found.push({ at: end, bytes: to - end });
  for (const { at, bytes } of [...blocks].sort((a, b) => a.at - b.at)) {
    gap(at);
    end = Math.max(end, at + Math.ceil(bytes / unit) * unit);
  }
  gap(size);
  return found;
}

/** "" or how the end of a trace differs from what its events come to. */
export function verify(trace: Trace): string {
  const heap = new Heap(trace.head);
  for (const event of trace.events) heap.take(event);
  if (trace.lost) return `${trace.lost} lines are missing`;
  if (heap.faults.length) return heap.faults[0];
  return trace.end ? differ(heap, trace.head, trace.end) : "";
}

/** "" or how what the pool said at the end differs from what its events come to. */
export function differ(heap: Heap, head: Stat, end: Stat): string {
  const wrong = [
    ["live", heap.blocks.size],
    ["used", heap.used],
    ["epoch", head.epoch + heap.moved]
  ].find(([name, value]) => end[name] !== value);
  return wrong ? `${wrong[0]} is ${end[wrong[0]]} at the end, the events come to ${wrong[1]}` : "";
}
