// Serial SRAM: 23xx by Microchip, IS6xWVS by ISSI.
//
// The mode register says where the address goes behind a data byte (bits 7 and 6):
//
//   00 byte        nowhere: the datasheet allows one byte a frame, this model reads or writes the same cell again
//   10 page        on to the end of the page of 32 bytes, then to its start
//   01 sequential  on to the end, then to 0; on a part of two dies to the start of the same die
//   11             reserved: CHIP_COMMAND
//
// Bit 0, where there is one, switches the HOLD pin off; it is kept and read back.
// NOT MODELLED: SDI and SQI (commands 3B and 38 throw CHIP_COMMAND), battery backup of the 23LCV parts.

import { clock, halt, missing, model, NONE, type Family, type Model, type Options, type Part } from "./frame";
import type { Timing } from "./wire";

/** Facts about a serial SRAM. */
export interface SramPart extends Part {
  /** Mode register after power-up. */
  mode: number;
  /** Bits of the mode register that exist. */
  mask: number;
  /** Whether it has SDI or SQI and therefore RSTIO. */
  io: boolean;
  /** Bytes between address and data of READ. */
  dummy: number;
  /** Dies a sequential access does not leave. */
  dies: number;
}

interface Sram extends Model {
  part: SramPart;
  mode: number;
}

const PAGE = 32;
const PAGED = 0x80;
const SEQUENTIAL = 0x40;

const WRMR = 0x01;
const WRITE = 0x02;
const READ = 0x03;
const RDMR = 0x05;
const EQIO = 0x38;
const EDIO = 0x3b;
const RSTIO = 0xff; // back to SPI: no effect in SPI

/** Parts by number. */
export const SRAM: { [part: string]: SramPart } = {
  "23LC1024": { size: 131072, wide: 3, hz: 20e6, mode: 0x40, mask: 0xc0, io: true, dummy: 0, dies: 1 }, // DS20005142C
  "23A1024": { size: 131072, wide: 3, hz: 20e6, mode: 0x40, mask: 0xc0, io: true, dummy: 0, dies: 1 }, // DS20005142C
  "23LCV1024": { size: 131072, wide: 3, hz: 20e6, mode: 0x40, mask: 0xc0, io: true, dummy: 0, dies: 1 }, // DS20005156B
  "23LC512": { size: 65536, wide: 2, hz: 20e6, mode: 0x40, mask: 0xc0, io: true, dummy: 0, dies: 1 }, // data sheet of 23A512/23LC512
  "23LCV512": { size: 65536, wide: 2, hz: 20e6, mode: 0x40, mask: 0xc0, io: true, dummy: 0, dies: 1 }, // data sheet of 23LCV512
  "23K256": { size: 32768, wide: 2, hz: 20e6, mode: 0x00, mask: 0xc1, io: false, dummy: 0, dies: 1 }, // DS22100F
  "23A256": { size: 32768, wide: 2, hz: 16e6, mode: 0x00, mask: 0xc1, io: false, dummy: 0, dies: 1 }, // DS22100F
  "23K640": { size: 8192, wide: 2, hz: 20e6, mode: 0x00, mask: 0xc1, io: false, dummy: 0, dies: 1 }, // DS22126E
  "23A640": { size: 8192, wide: 2, hz: 16e6, mode: 0x00, mask: 0xc1, io: false, dummy: 0, dies: 1 }, // DS22126E
  IS62WVS1288: { size: 131072, wide: 3, hz: 20e6, mode: 0x40, mask: 0xc0, io: true, dummy: 0, dies: 1 }, // IS62/65WVS1288FBLL, July 2021
  IS65WVS1288: { size: 131072, wide: 3, hz: 20e6, mode: 0x40, mask: 0xc0, io: true, dummy: 0, dies: 1 }, // the same
  IS62WVS2568: { size: 262144, wide: 3, hz: 45e6, mode: 0x40, mask: 0xc0, io: true, dummy: 1, dies: 1 }, // IS62/65WVS2568GBLL, rev. A2
  // two dies of the part above; its own latency and clock are not confirmed
  IS62WVS5128: { size: 524288, wide: 3, hz: 45e6, mode: 0x40, mask: 0xc0, io: true, dummy: 1, dies: 2 }
};

function head(m: Sram, code: number): number | undefined {
  const { wide, dummy, io, hz } = m.part;
  clock(m, hz);
  if (code === READ) return wide + (m.options.dummy === undefined ? dummy : m.options.dummy);
  if (code === WRITE) return wide;
  if (code === RDMR || code === WRMR) return 0;
  if (io && code === RSTIO) return NONE;
  if (io && (code === EDIO || code === EQIO)) missing(m, code);
  return undefined;
}

/** The last address of the circle an address runs in, as a mask. */
function circle(m: Sram): number {
  if (m.mode & PAGED) return PAGE - 1;
  return m.mode & SEQUENTIAL ? m.size / m.part.dies - 1 : 0;
}

function cell(m: Sram, byte: number, write: boolean): number {
  const at = m.at;
  const mask = circle(m);
  m.at = (at & ~mask) | ((at + 1) & mask);
  if (write) m.bytes[at] = byte;
  return m.bytes[at];
}

function set(m: Sram, byte: number, k: number): number {
  if (k) halt(m, "CHIP_FRAME", "a second byte for the mode register");
  if ((byte & 0xc0) === 0xc0) halt(m, "CHIP_COMMAND", "mode 11 is reserved");
  m.mode = byte & m.part.mask;
  return 255;
}

function data(m: Sram, byte: number, k: number): number {
  if (m.code === RDMR) return m.mode;
  if (m.code === WRMR) return set(m, byte, k);
  const out = cell(m, byte, m.code === WRITE);
  return m.code === READ ? out : 255;
}

function power(m: Sram): void {
  m.mode = m.part.mode;
}

const family: Family = { head, data, close: function () {}, power, fades: true };

/** A serial SRAM. Throws an Error for a part that is none. */
export function sram(name: string, bus?: Timing, options?: Options): Model {
  if (!SRAM[name]) throw new Error("no serial SRAM " + name);
  return model(name, SRAM[name], family, bus, options);
}
