// What all memory chips have in common: cells, counters, and frames of command, address and data.
//
//   CS low  [ command ][ address: 2 or 3 bytes ][ dummy bytes ][ data ... ]  CS high
//                       `------------ head -------------'
//
// A frame is a count of bytes: byte 0 is the command, then comes the head, then data. A family (sram.ts, psram.ts, fram.ts) says what
// a command needs and does. A chip is never silent about what it does not do: it throws a named Error, and the rest of that frame is ignored.
// NOT MODELLED: setup and hold times, HOLD and WP pins (both high), clock modes, two and four data lines.

import { fail } from "./error";
import type { Chip, Timing } from "./wire";

/** Facts about a part that every family has. */
export interface Part {
  /** Bytes, a power of two. */
  size: number;
  /** Bytes of an address. */
  wide: number;
  /** Fastest clock in Hz. */
  hz: number;
}

/** How a model is made. */
export interface Options {
  /** Bytes, a power of two up to the part's size: a model for a small engine. Its addresses wrap at this size. */
  size?: number;
  /** Of the noise in cells that were never written. Default 1. */
  seed?: number;
  /** A command the part does not know is not an error: it is ignored and MISO floats, as on the chip. For programs that look for an ID. */
  float?: boolean;
  /** Bytes between address and data of a serial SRAM's READ, where it differs from the part's. */
  dummy?: number;
  /** Longest time a PSRAM may be selected, in microseconds. Default: the part's 8. */
  lowMicros?: number;
}

/** A memory chip that has been plugged in for long enough to be ready. */
export interface Model extends Chip {
  /** Part number. */
  name: string;
  part: any;
  family: Family;
  options: Options;
  /** What the cells hold. */
  bytes: Uint8Array;
  size: number;
  /** Bytes on the bus while it was selected. */
  transfers: number;
  /** Selections. */
  frames: number;
  /** Switches it off and on: volatile cells become noise, registers take their defaults. */
  power(): void;
  /** Bytes of this frame so far, -1 = not selected. */
  count: number;
  /** Command of this frame. */
  code: number;
  /** Bytes between its command and its data, NONE = it has no data. */
  head: number;
  /** Address. */
  at: number;
  /** This frame has gone wrong. */
  broken: boolean;
  /** State of the noise. */
  noise: number;
}

/** What one kind of chip does. */
export interface Family {
  /** The head a command needs, NONE, or undefined for a command the part does not know. Throws what the command must not do now. */
  head(m: any, code: number): number | undefined;
  /** Data byte `k` of a frame goes in, the result comes out. */
  data(m: any, byte: number, k: number): number;
  /** CS rises behind a whole frame. */
  close(m: any): void;
  /** Registers take their defaults. */
  power(m: any): void;
  /** Whether cells are noise after power-up. */
  fades: boolean;
  /** CS falls. */
  open?(m: any): void;
  /** Called with each byte and when CS rises. */
  check?(m: any): void;
}

/** Head of a command that has neither address nor data. */
export const NONE = -1;
const FLOATING = 255; // MISO while the chip does not drive it

/** Ends a frame with an error that names the part. */
export function halt(m: Model, code: string, text: string): never {
  m.broken = true;
  return fail(code, m.name + ": " + text);
}

/** A byte as datasheets print it. */
export function hex(byte: number): string {
  return "0x" + (byte < 16 ? "0" : "") + byte.toString(16).toUpperCase();
}

/** Microseconds on the bus, 0 without a bus. */
export function now(m: Model): number {
  return m.bus ? m.bus.micros() : 0;
}

/** Throws CHIP_CLOCK when the bus is faster than `hz`. */
export function clock(m: Model, hz: number): void {
  const baud = m.bus ? m.bus.baud() : 0;
  if (baud > hz) halt(m, "CHIP_CLOCK", "command " + hex(m.code) + " at " + baud + " Hz, the limit is " + hz);
}

/** Throws CHIP_COMMAND for a command the part has and this model has not. */
export function missing(m: Model, code: number): never {
  return halt(m, "CHIP_COMMAND", "command " + hex(code) + " is not modelled");
}

/** Fills the cells with noise, another one each time. Xorshift, 32 bits a step. */
function scramble(m: Model): void {
  const words = new Uint32Array(m.bytes.buffer);
  let x = m.noise;
  for (let i = 0; i < m.size >> 2; i++) {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    words[i] = x;
  }
  m.noise = x;
}

function select(m: Model): void {
  m.frames++;
  m.count = 0;
  m.head = NONE;
  m.broken = false;
  if (m.family.open) m.family.open(m);
}

function command(m: Model, code: number): number {
  m.code = code;
  m.at = 0;
  const head = m.family.head(m, code);
  if (head !== undefined) m.head = head;
  else if (m.options.float) m.broken = true;
  else halt(m, "CHIP_COMMAND", "no command " + hex(code));
  return FLOATING;
}

/** One byte of the head. Address bits above the part's are ignored. */
function address(m: Model, byte: number, n: number): number {
  if (n <= m.part.wide) m.at = (m.at * 256 + byte) & (n < m.part.wide ? -1 : m.size - 1);
  return FLOATING;
}

function transfer(m: Model, byte: number): number {
  if (m.count < 0) return FLOATING;
  m.transfers++;
  if (m.broken) return FLOATING;
  const n = m.count++;
  if (m.family.check) m.family.check(m);
  if (!n) return command(m, byte);
  if (m.head === NONE) return halt(m, "CHIP_FRAME", "byte " + n + " behind command " + hex(m.code) + ", which takes none");
  return n <= m.head ? address(m, byte, n) : m.family.data(m, byte, n - m.head - 1);
}

function deselect(m: Model): void {
  const n = m.count;
  m.count = -1;
  if (n < 0 || m.broken) return;
  if (m.family.check) m.family.check(m);
  if (!n) return;
  const whole = m.head === NONE ? 1 : m.head + 2;
  if (n < whole) halt(m, "CHIP_FRAME", "command " + hex(m.code) + " ends behind " + n + " bytes, it takes " + whole + " or more");
  m.family.close(m);
}

/**
 * A chip of a family. Fresh cells are noise. It counts as switched on long ago; power() switches it off and on at the present time.
 * Throws an Error when the size is no power of two or larger than the part.
 */
export function model(name: string, part: Part, family: Family, bus?: Timing, options?: Options): Model {
  const o = options || {};
  const size = o.size || part.size;
  if (size > part.size || size < 64 || size & (size - 1)) throw new Error(name + ": size " + size + ", not a power of two from 64 to " + part.size);
  const m: Model = {
    name,
    part,
    family,
    bus,
    options: o,
    bytes: new Uint8Array(size),
    size,
    transfers: 0,
    frames: 0,
    count: -1,
    code: 0,
    head: NONE,
    at: 0,
    broken: false,
    off: false,
    noise: o.seed || 1,
    select: () => select(m),
    transfer: (byte) => transfer(m, byte & 255),
    deselect: () => deselect(m),
    power: function () {
      m.off = false;
      m.count = -1;
      if (family.fades) scramble(m);
      family.power(m);
    }
  };
  scramble(m);
  family.power(m);
  return m;
}
