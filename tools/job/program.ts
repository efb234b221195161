// The program that runs on the board. It reads messages from a serial port and keeps the latest of them,
// some for longer than others, in one memory or the other. ES5 without Node when bundled.

import { firstfit } from "./firstfit";
import type { Store } from "../../src/store";
import { tidyheap, type Library, type Memory } from "./memory";

/** Names of the memories the program runs over. */
export type Kind = "firstfit" | "tidyheap";

export interface Plan {
  /** Bytes of the memory, its bookkeeping included. */
  size: number;
  /** Rows of tidyheap's table. */
  rows: number;
  /** Bytes of a message that are kept; what a longer one has more is cut off. */
  longest: number;
  /** Most bytes one tick may move. */
  budget: number;
  /** Changes which messages live long and which grow. */
  seed: number;
}

/** One kept message. */
export interface Message {
  /** Number in the order of arrival, from 0. */
  number: number;
  ref: number;
  /** Bytes, those it has grown by included. */
  size: number;
  /** Checksum of these bytes, made while they came in. */
  sum: number;
  /** Is dropped when so many bytes have been received. */
  due: number;
}

/** Everything the program counts. Sizes in bytes. */
export interface Tally {
  /** Messages received, and the bytes of them that were kept. */
  messages: number;
  bytes: number;
  /** Messages longer than is kept. */
  cut: number;
  /** Messages dropped because they were due or the share of the memory was used up. */
  dropped: number;
  /** Requests that the memory said no to, and messages lost to get them through. */
  refused: number;
  lost: number;
  /** Messages that got a stamp, and that took in the one after them. */
  stamped: number;
  joined: number;
  /** Transmit buffers asked for, and those that were had. */
  asked: number;
  served: number;
  /** Bytes compared with what had come in, and messages and buffers that were not the same. */
  verified: number;
  damaged: number;
  /** Numbers of the first damaged ones; -1 is a transmit buffer. */
  faults: number[];
  /** Most bytes moved by one tick and by one request. */
  tick: number;
  pause: number;
  /** Milliseconds of the longest tick. */
  ms: number;
  /** Sums over all messages, to be divided by `messages`: messages kept, bytes in use, largest hole. */
  sums: { kept: number; used: number; largest: number };
}

/** What a memory on a chip cost on the bus. */
export interface Bus {
  bytes: number;
  frames: number;
  /** Time on the bus. */
  ms: number;
}

/** What the program reports at the end. */
export interface Report extends Tally {
  kind: Kind;
  size: number;
  /** Messages kept, their bytes, and how many of these bytes were found right in the last pass. */
  kept: number;
  keptBytes: number;
  right: number;
  largest: number;
  moved: number;
  meta: number;
  /** "" or what is wrong with the bookkeeping of the memory. */
  check: string;
  /** Where the memory is a chip. */
  bus?: Bus;
}

/** Share of the memory that the program keeps in use at most. */
export const LIMIT = 0.92;

/** Bytes that a block of `bytes` bytes counts for there: whole words, and bookkeeping. */
export function weigh(bytes: number): number {
  return ((bytes + 3) & ~3) + BOOKS;
}

const BOOKS = 8; // bytes of bookkeeping the program allows for a block: two rows of a table, or a header and some loss
const NEWLINE = 10;
const LIVES = [0.5, 2, 8]; // memories full of bytes received until a message is due: short, medium, long
const EIGHTHS = [0, 0, 0, 0, 1, 1, 1, 2]; // life of the messages by three bits of their hash
const NAMES = ["short-lived message", "medium-lived message", "long-lived message"]; // what they are for, in recordings
const TRANSMIT = 8; // the transmit buffer takes one eighth of the memory
const SERVE = 16; // messages from one transmit buffer to the next
const HOLD = 3; // messages a transmit buffer stays for
const VERIFY = 64; // messages from one verification of everything to the next
const PIECE = 128; // bytes copied or verified at once
const STAMP = 16; // bytes of the longest stamp
const FAULTS = 5; // numbers of damaged messages that are remembered
const FACTOR = 33; // odd: two states that differ stay different, so one wrong byte always shows
const MASK = 0xffffff; // 24 bits, so that the product is exact in a double

/** The checksum of `data`, continued from `sum`. */
export function checksum(sum: number, data: ArrayLike<number>): number {
  const n = data.length;
  for (let i = 0; i < n; i++) sum = ((sum * FACTOR) ^ data[i]) & MASK;
  return sum;
}

export class Job {
  /** Messages kept, oldest first. */
  readonly kept: Message[] = [];
  readonly tally: Tally = {
    messages: 0, bytes: 0, cut: 0, dropped: 0, refused: 0, lost: 0, stamped: 0, joined: 0, asked: 0, served: 0,
    verified: 0, damaged: 0, faults: [], tick: 0, pause: 0, ms: 0, sums: { kept: 0, used: 0, largest: 0 }
  };
  private readonly _limit: number;
  private readonly _line: Uint8Array;
  private readonly _note = new Uint8Array(STAMP);
  private readonly _blank = new Uint8Array(PIECE);
  private _came = 0; // bytes of the message on its way, those cut off included
  private _sum = 0;
  private _used = 0;
  private _load = 0; // the same, weighed
  private _joiner: Message | undefined; // takes in the next message
  private _buffer: Message | undefined; // the transmit buffer

  constructor(readonly kind: Kind, readonly memory: Memory, private readonly _plan: Plan, private readonly _clock: () => number) {
    this._limit = Math.floor(_plan.size * LIMIT);
    this._line = new Uint8Array(_plan.longest);
  }

  /** Takes what the serial port delivers: one character a byte, a newline after each message. */
  take(data: string): void {
    for (let i = 0; i < data.length; i++) {
      const code = data.charCodeAt(i);
      if (code === NEWLINE) this._finish();
      else if (this._came++ < this._plan.longest) {
        this._line[this._came - 1] = code;
        this._sum = ((this._sum * FACTOR) ^ code) & MASK;
      }
    }
  }

  /** Lets the memory tidy up. Called by a timer, or now and then. */
  tick(): void {
    const before = this._clock();
    const moved = this.memory.tick(this._plan.budget);
    this.tally.ms = Math.max(this.tally.ms, this._clock() - before);
    this.tally.tick = Math.max(this.tally.tick, moved);
  }

  /** Turns one bit of the newest message over, behind the program's back. False: nothing is kept. */
  damage(): boolean {
    const message = this.kept[this.kept.length - 1];
    if (!message) return false;
    const at = message.size >> 1;
    this.memory.write(message.ref, at, new Uint8Array([this.memory.read(message.ref, at, 1)[0] ^ 1]));
    return true;
  }

  /** Verifies everything that is kept and returns all figures. */
  report(): Report {
    if (this._buffer) this._discard();
    const before = this.tally.verified;
    const right = this._verify();
    const { kind, kept, memory } = this;
    const extra = { kind, size: this._plan.size, kept: kept.length, keptBytes: this.tally.verified - before, right };
    const state = { largest: memory.largest(), moved: memory.moved(), meta: memory.meta(), check: memory.check() };
    return merge(this.tally, merge(extra, state)) as Report;
  }

  private _finish(): void {
    const size = Math.min(this._came, this._plan.longest);
    if (size > 0) this._receive(this._line.subarray(0, size), this._sum, this._came > size);
    this._came = this._sum = 0;
  }

  private _receive(data: Uint8Array, sum: number, cut: boolean): void {
    const tally = this.tally;
    const size = data.length;
    tally.bytes += size;
    if (cut) tally.cut++;
    this._retire();
    if (!this._join(data)) this._keep(data, sum);
    tally.messages++;
    if (tally.messages % SERVE === 0) this._serve();
    if (tally.messages % SERVE === HOLD && this._buffer) this._discard();
    if (tally.messages % VERIFY === 0) this._verify();
    this._sample();
  }

  /** Drops what is due. */
  private _retire(): void {
    for (let i = this.kept.length; i-- > 0; ) if (this.kept[i].due <= this.tally.bytes) this._drop(i);
  }

  private _keep(data: Uint8Array, sum: number): void {
    const { tally } = this;
    const hash = (sum ^ (sum >> 11) ^ (this._plan.seed * 2654435)) & MASK;
    if (this.memory.owner) this.memory.owner(NAMES[EIGHTHS[hash & 7]]);
    const ref = this._request(data.length);
    if (!ref) {
      tally.lost++;
      return;
    }
    this.memory.write(ref, 0, data);
    const due = tally.bytes + Math.floor(LIVES[EIGHTHS[hash & 7]] * this._plan.size);
    const message = { number: tally.messages, ref, size: data.length, sum, due };
    this.kept.push(message);
    const habit = (hash >> 3) & 15;
    if (habit < 4 && this._append(message, this._stamp())) tally.stamped++;
    if (habit === 4 || habit === 5) this._joiner = message;
  }

  /** What is appended to some messages: after how many bytes they came. */
  private _stamp(): Uint8Array {
    const text = " @" + this.tally.bytes;
    for (let i = 0; i < text.length; i++) this._note[i] = text.charCodeAt(i);
    return this._note.subarray(0, text.length);
  }

  /** Appends a message to the one before it, if that is waiting for it and the memory lets it. */
  private _join(data: Uint8Array): boolean {
    const message = this._joiner;
    this._joiner = undefined;
    if (!message || this.kept.indexOf(message) < 0 || !this._append(message, data)) return false;
    this.tally.joined++;
    return true;
  }

  /** Grows a message by `data`. False: the memory refused, or the message was dropped to make room. */
  private _append(message: Message, data: Uint8Array): boolean {
    const size = message.size + data.length;
    this._room(data.length + 3);
    while (this.kept.indexOf(message) >= 0) {
      const before = this.memory.moved();
      const ref = this.memory.resize(message.ref, size);
      this._paused(before);
      if (ref) {
        message.ref = ref;
        this.memory.write(ref, message.size, data);
        message.size = size;
        message.sum = checksum(message.sum, data);
        this._account(data.length, weigh(size) - weigh(size - data.length));
        return true;
      }
      this._lose();
    }
    return false;
  }

  /** A new block: whenever the memory refuses, the oldest message is lost. 0: refused and nothing left to lose. */
  private _request(bytes: number): number {
    this._room(weigh(bytes));
    for (;;) {
      const before = this.memory.moved();
      const ref = this.memory.alloc(bytes);
      this._paused(before);
      if (ref) {
        this._account(bytes, weigh(bytes));
        return ref;
      }
      if (!this._lose()) return 0;
    }
  }

  private _account(bytes: number, load: number): void {
    this._used += bytes;
    this._load += load;
  }

  private _paused(before: number): void {
    this.tally.pause = Math.max(this.tally.pause, this.memory.moved() - before);
  }

  /** Keeps what is in use below the limit: what is due first goes first. */
  private _room(bytes: number): void {
    while (this._load + bytes > this._limit && this.kept.length > 0) {
      let first = 0;
      for (let i = 1; i < this.kept.length; i++) if (this.kept[i].due < this.kept[first].due) first = i;
      this._drop(first);
    }
  }

  private _drop(place: number): void {
    this._release(this.kept.splice(place, 1)[0]);
    this.tally.dropped++;
  }

  /** After a refusal: gives the oldest message up. False: there is none. */
  private _lose(): boolean {
    this.tally.refused++;
    if (this.kept.length === 0) return false;
    this._release(this.kept.splice(0, 1)[0]);
    this.tally.lost++;
    return true;
  }

  /** Frees a block whose bytes are looked at for the last time. */
  private _release(message: Message): void {
    this._right(message);
    this.memory.free(message.ref);
    this._account(-message.size, -weigh(message.size));
  }

  /** Fills a transmit buffer with the latest messages. */
  private _serve(): void {
    const bytes = Math.floor(this._plan.size / TRANSMIT);
    if (this._buffer) this._discard();
    this.tally.asked++;
    if (this.memory.owner) this.memory.owner("transmit buffer");
    const ref = this._request(bytes);
    if (!ref) return;
    this.tally.served++;
    const buffer = { number: -1, ref, size: bytes, sum: 0, due: 0 };
    this._buffer = buffer;
    let at = 0;
    for (let i = this.kept.length; i-- > 0 && at < bytes; ) at = this._collect(buffer, at, this.kept[i]);
    while (at < bytes) at = this._put(buffer, at, this._blank.subarray(0, Math.min(PIECE, bytes - at)));
  }

  /** Copies a message, or what of it fits, into the buffer. Returns where the next one goes. */
  private _collect(buffer: Message, at: number, message: Message): number {
    const n = Math.min(message.size, buffer.size - at);
    for (let done = 0; done < n; done += PIECE) {
      const data = this.memory.read(message.ref, done, Math.min(PIECE, n - done)) as Uint8Array;
      at = this._put(buffer, at, data);
    }
    return at;
  }

  private _put(buffer: Message, at: number, data: Uint8Array): number {
    this.memory.write(buffer.ref, at, data);
    buffer.sum = checksum(buffer.sum, data);
    return at + data.length;
  }

  private _discard(): void {
    const buffer = this._buffer as Message;
    this._buffer = undefined;
    this._release(buffer);
  }

  /** Compares everything that is kept. Returns how many bytes are in messages that are right. */
  private _verify(): number {
    let bytes = 0;
    for (let i = 0; i < this.kept.length; i++) if (this._right(this.kept[i])) bytes += this.kept[i].size;
    if (this._buffer) this._right(this._buffer);
    return bytes;
  }

  /** Reads all bytes of a block and compares their checksum with the one made when they came. */
  private _right(message: Message): boolean {
    const { tally } = this;
    let sum = 0;
    for (let at = 0; at < message.size; at += PIECE) {
      sum = checksum(sum, this.memory.read(message.ref, at, Math.min(PIECE, message.size - at)));
    }
    tally.verified += message.size;
    if (sum === message.sum) return true;
    tally.damaged++;
    if (tally.faults.length < FAULTS && tally.faults.indexOf(message.number) < 0) tally.faults.push(message.number);
    return false;
  }

  private _sample(): void {
    const { sums } = this.tally;
    sums.kept += this.kept.length;
    sums.used += this._used;
    sums.largest += this.memory.largest();
  }
}

function merge(a: any, b: any): any {
  const all: any = {};
  for (const key in a) all[key] = a[key];
  for (const key in b) all[key] = b[key];
  return all;
}

/** The program over one memory, in RAM or in a store. `lib` is only used by tidyheap; `clock` tells milliseconds. Throws what the memory throws. */
export function open(kind: Kind, lib: Library, plan: Plan, clock: () => number, store?: Store): Job {
  const memory = kind === "tidyheap" ? tidyheap(lib, plan.size, plan.rows, store) : firstfit(plan.size, store);
  return new Job(kind, memory, plan, clock);
}
