// The lines of one SPI unit, and an SPI object for hosts without the emulated board: Node, a real Espruino or JerryScript.
// NOT MODELLED: clock modes (chips take any), limits of the baud rate, what a call costs besides its bits; in wire() a chip select
// that is held across calls.

import { append, text } from "./byte";
import { fail } from "./error";

/** Virtual time and clock rate, as a chip sees them. */
export interface Timing {
  /** Microseconds; they only grow. */
  micros(): number;
  /** Clock rate in Hz. */
  baud(): number;
}

/** A chip on the bus. It is selected while its chip select pin is low. */
export interface Chip {
  select(): void;
  /** One byte goes in, the byte that leaves at the same time is returned. */
  transfer(byte: number): number;
  deselect(): void;
  /** The bus it hangs on, set when it is plugged in. */
  bus?: Timing;
  /** Its power is cut: every access throws POWER until power(). */
  off?: boolean;
  /** It has been taken out. */
  gone?: boolean;
  /** Switches it off and on. */
  power?(): void;
}

/** The lines of one SPI unit and the chips on them. */
export interface Link {
  /** Where time is kept, in microseconds. */
  clock: { micros: number };
  /** Clock rate in Hz. */
  rate: number;
  /** Least significant bit first. */
  least: boolean;
  chips: Chip[];
  /** Chip select of each of them. */
  pins: any[];
  /** Bytes so far, over all chips and also without one. */
  bytes: number;
  /** Selections so far, over all chips. */
  frames: number;
  /** What the host reads when a byte is on the line (fault.ts). Throws POWER when power fails behind it. */
  fault?(byte: number): number;
}

/** Who holds the chip selects of a link. */
export interface Holder {
  /** Whether the last argument of write() is a chip select and not data. */
  is(value: any): boolean;
  /** Drives a chip select. Throws when there is none of that name, and what the chip has to say. */
  drive(cs: any, high: boolean): void;
  /** The chip that listens. Throws CHIP_SELECT when there are two. */
  chip(): Chip | undefined;
}

export const DEFAULT_BAUD = 100000; // of Espruino's spi.setup()
const FLOATING = 255; // a byte read from a line nobody drives, as with a pull-up

/** Lines without chips, on the time of `clock`. */
export function link(clock: Link["clock"]): Link {
  return { clock, rate: DEFAULT_BAUD, least: false, chips: [], pins: [], bytes: 0, frames: 0 };
}

/** Plugs a chip in. */
export function plug(l: Link, cs: any, chip: Chip): void {
  chip.bus = { micros: () => l.clock.micros, baud: () => l.rate };
  l.pins.push(cs);
  l.chips.push(chip);
}

/** Switches all chips of a link off and on. */
export function power(l: Link): void {
  for (let i = 0; i < l.chips.length; i++) {
    l.chips[i].off = false;
    if (l.chips[i].power) l.chips[i].power!();
  }
}

/** The chip select of a chip goes low or high. Throws POWER when a chip without power is selected, and what the chip throws. */
export function strobe(l: Link, chip: Chip, high: boolean): void {
  if (!high) l.frames++;
  if (!high && chip.off) fail("POWER", "no power");
  if (chip.off || chip.gone) return;
  if (high) chip.deselect();
  else chip.select();
}

function reverse(byte: number): number {
  let out = 0;
  for (let bit = 0; bit < 8; bit++) if (byte & (1 << bit)) out |= 128 >> bit;
  return out;
}

/** Eight clocks: a byte for the chip that listens, if any, gives the byte that came back. Throws POWER, and what the chip throws. */
function shift(l: Link, chip: Chip | undefined, byte: number): number {
  if (chip && chip.off) fail("POWER", "no power");
  l.clock.micros += 8e6 / l.rate;
  l.bytes++;
  const into = l.least ? reverse(byte) : byte;
  let back = chip && !chip.gone ? chip.transfer(into) & 255 : FLOATING;
  if (l.fault) back = l.fault(back);
  return l.least ? reverse(back) : back;
}

/** Exchanges bytes with the chip select, if any, low for all of them. Throws the first thing that goes wrong, with the chip select high. */
function exchange(l: Link, h: Holder, data: any, cs: any): number[] {
  const line = append([], data);
  try {
    if (cs !== undefined) h.drive(cs, false);
    for (let i = 0; i < line.length; i++) line[i] = shift(l, h.chip(), line[i]);
  } catch (error) {
    try {
      if (cs !== undefined) h.drive(cs, true);
    } catch (second) {
      // what the chip says to the end of a broken frame follows from the first error
    }
    throw error;
  }
  if (cs !== undefined) h.drive(cs, true);
  return line;
}

/** Adds send and write, as Espruino's SPI has them, to an object. `bytes(n)` makes the array a reply is put in. */
export function duplex(to: any, l: Link, h: Holder, bytes: (n: number) => Uint8Array): void {
  to.send = function (data: any, cs?: any): any {
    const back = exchange(l, h, data, cs);
    if (typeof data === "number") return back[0];
    if (typeof data === "string") return text(back);
    const out = bytes(back.length);
    for (let i = 0; i < back.length; i++) out[i] = back[i];
    return out;
  };
  to.write = function (): void {
    const data: any[] = [];
    const count = arguments.length;
    const cs = count && h.is(arguments[count - 1]) ? arguments[count - 1] : undefined;
    for (let i = 0; i < (cs === undefined ? count : count - 1); i++) data.push(arguments[i]);
    exchange(l, h, data, cs);
  };
}

/** An SPI object with its own time, clock rate and counters. */
export interface Wire extends Link, Timing {
  /** Takes `baud` and `order` ("lsb"); pins are ignored. */
  setup(options?: any): void;
  /** A number gives a number, a string a string, anything else a new Uint8Array of the full length. */
  send(data: any, cs?: any): any;
  /** Any mix of numbers, arrays, typed arrays and strings. The last argument is the chip select when it is the token of a socket. */
  write(...data: any[]): void;
}

/**
 * An SPI object over sockets, which are pairs of a chip select and a chip. A chip select is told from data by being the same value:
 * an object (a Pin will do) or a string that is never data; throws an Error for a number, which write() would take for data.
 * Calls throw an Error for a chip select no socket has, POWER, and what the chips throw.
 */
export function wire(sockets: [any, Chip][], baud?: number): Wire {
  const w = link({ micros: 0 }) as Wire;
  let held: Chip | undefined;

  function drive(cs: any, high: boolean): void {
    const chip = w.chips[w.pins.indexOf(cs)];
    if (!chip) throw new Error("Invalid pin " + cs);
    held = high ? undefined : chip;
    strobe(w, chip, high);
  }
  for (let i = 0; i < sockets.length; i++) {
    if (typeof sockets[i][0] === "number") throw new Error("chip select " + sockets[i][0] + ", not an object or a string");
    plug(w, sockets[i][0], sockets[i][1]);
  }
  duplex(w, w, { is: (value) => w.pins.indexOf(value) >= 0, drive, chip: () => held }, (n) => new Uint8Array(n));
  w.rate = baud || DEFAULT_BAUD;
  w.micros = () => w.clock.micros;
  w.baud = () => w.rate;
  w.setup = function (options) {
    const o = options || {};
    w.rate = o.baud || DEFAULT_BAUD;
    w.least = o.order === "lsb";
  };
  return w;
}
