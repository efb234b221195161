// PSRAM: 8 MB of dynamic cells that refresh themselves while the chip is not selected.
//
//   power() -> cold -- 150 us, 66, 99 in two frames --> ready (linear burst) <- C0 -> ready (32 bytes)
//
// In linear burst the APS6404L-3SQR and the ESP-PSRAM64H cross the end of a page of 1024 bytes, once in a burst (rev. 2.3, 8.2);
// the others are taken to wrap to the start of the page, as parts without row boundary crossing do (table 3). A program
// that ends its bursts at page ends is right on all of them.
// NOT MODELLED: cells that fade (a chip that is selected for too long throws CHIP_CELOW instead), QPI and four data lines
// (commands 35, 38 and EB throw CHIP_COMMAND), the 4 us of the extended temperature grade, 18 ns between two frames, the time
// between CS and the first clock.

import { clock, halt, hex, missing, model, NONE, now, type Family, type Model, type Options, type Part } from "./frame";
import type { Timing } from "./wire";

/** Facts about a PSRAM. */
export interface PsramPart extends Part {
  /** Fastest clock while bursts wrap at 32 bytes. */
  wrapHz: number;
  /** Whether a linear burst crosses the end of a page, once. */
  cross: boolean;
}

interface Psram extends Model {
  part: PsramPart;
  /** Reset since power-up. */
  ready: boolean;
  /** 66 was the last command. */
  armed: boolean;
  /** Bursts wrap at 32 bytes. */
  wrap: boolean;
  /** Page ends this burst has crossed. */
  crossed: number;
  /** When CS fell, in microseconds. */
  low: number;
  /** When power came, in microseconds. */
  since: number;
}

const PAGE = 1024; // 8.2
const WRAP = 32; // 9
const POWER_MICROS = 150; // 7: tPU
const LOW_MICROS = 8; // 14.6: tCEM, standard grade
const SLACK_MICROS = 1e-6; // rounding of the sum of byte times
const READ_HZ = 33e6; // 8.5: Read and Read ID
const ID = [0x0d, 0x5d, 0x46]; // 10.4: maker, known good die, density in bits 7:5: 010 = 64 Mbit. The rest of the EID is a serial number: 0 here
const ID_BYTES = 8;

const WRITE = 0x02;
const READ = 0x03;
const FAST = 0x0b;
const QPI = 0x35;
const WRITE4 = 0x38;
const RSTEN = 0x66;
const RST = 0x99;
const RDID = 0x9f;
const WRAPPING = 0xc0;
const READ4 = 0xeb;

/** Parts by number. Sections above are those of APS6404L-3SQR, rev. 2.3, April 2020. */
export const PSRAM: { [part: string]: PsramPart } = {
  APS6404L: { size: 8388608, wide: 3, hz: 84e6, wrapHz: 109e6, cross: true }, // rev. 2.3, at 3.3 V
  "ESP-PSRAM64H": { size: 8388608, wide: 3, hz: 84e6, wrapHz: 109e6, cross: true }, // the same die; data sheet of ESP-PSRAM64/64H
  LY68L6400: { size: 8388608, wide: 3, hz: 100e6, wrapHz: 100e6, cross: false }, // rev. 0.3
  IPS6404: { size: 8388608, wide: 3, hz: 84e6, wrapHz: 84e6, cross: false } // data sheet of IPS6404L-SQ; crossing not confirmed
};

function open(m: Psram): void {
  m.low = now(m);
  m.crossed = 0;
}

/** Throws CHIP_CELOW when CS has been low for too long: the program sees it with the byte that is too late, or when CS rises. */
function check(m: Psram): void {
  const most = m.options.lowMicros || LOW_MICROS;
  const micros = now(m) - m.low;
  if (micros > most + SLACK_MICROS) halt(m, "CHIP_CELOW", "selected for " + micros + " us, the limit is " + most);
}

/** Throws CHIP_RESET for a command that comes before the chip is ready. Any command but 99 ends what 66 has begun. */
function wake(m: Psram, code: number): void {
  const armed = m.armed;
  m.armed = false;
  const micros = now(m) - m.since;
  if (m.bus && micros < POWER_MICROS) halt(m, "CHIP_RESET", "command " + hex(code) + " " + micros + " us after power-up, not " + POWER_MICROS);
  if (code === RST && !armed) halt(m, "CHIP_RESET", "reset without 0x66 in the frame before");
  if (!m.ready && code !== RSTEN && code !== RST) halt(m, "CHIP_RESET", "command " + hex(code) + " before 0x66 and 0x99");
}

function head(m: Psram, code: number): number | undefined {
  wake(m, code);
  clock(m, code === READ || code === RDID ? READ_HZ : m.wrap ? m.part.wrapHz : m.part.hz);
  if (code === READ || code === WRITE || code === RDID) return 3;
  if (code === FAST) return 4;
  if (code === RSTEN || code === RST || code === WRAPPING) return NONE;
  if (code === QPI || code === READ4 || code === WRITE4) missing(m, code);
  return undefined;
}

/** Where a burst goes on. Throws CHIP_PAGE at the end of a second page. */
function next(m: Psram): number {
  const mask = (m.wrap ? WRAP : Math.min(PAGE, m.size)) - 1;
  const at = (m.at & ~mask) | ((m.at + 1) & mask);
  if (at > m.at || m.wrap || !m.part.cross) return at;
  m.crossed++;
  return (m.at + 1) & (m.size - 1);
}

function data(m: Psram, byte: number, k: number): number {
  if (m.code === RDID) return k < ID.length ? ID[k] : k < ID_BYTES ? 0 : 255;
  if (m.crossed > 1) halt(m, "CHIP_PAGE", "a burst crosses the end of a second page at " + m.at);
  const at = m.at;
  m.at = next(m);
  if (m.code !== WRITE) return m.bytes[at];
  m.bytes[at] = byte;
  return 255;
}

function close(m: Psram): void {
  if (m.code === WRAPPING) m.wrap = !m.wrap;
  if (m.code === RST) {
    m.ready = true;
    m.wrap = false;
  }
  m.armed = m.code === RSTEN;
}

function power(m: Psram): void {
  // the first time there is no earlier power-up: the board has been on for a while
  m.since = m.since === undefined ? -POWER_MICROS : now(m);
  m.ready = m.armed = m.wrap = false;
}

const family: Family = { open, check, head, data, close, power, fades: true };

/** A PSRAM. Throws an Error for a part that is none. */
export function psram(name: string, bus?: Timing, options?: Options): Model {
  if (!PSRAM[name]) throw new Error("no PSRAM " + name);
  return model(name, PSRAM[name], family, bus, options);
}
