// FRAM (MB85RS by Fujitsu, FM25 and CY15 by Cypress) and MRAM (MR25H by Everspin): cells that keep their bytes without power.
//
// A byte is in its cell as soon as its eight clocks are over, and so is the status register:
//
//   bit   7     6 5 4   3   2     1    0
//       [ WPEN | .... | BP1 BP0 | WEL | 0 ]     BP: 00 nothing, 01 the upper quarter, 10 the upper half, 11 all is protected
//
// WEL is set by WREN when CS rises behind it, and cleared by WRDI, by power-up and, where a part does so, when CS rises behind WRITE or WRSR.
//
//   awake -- B9 --> asleep -- CS falls (FRAM) or AB (MRAM) --> waking -- 400 or 450 us --> awake
//
// NOT MODELLED: the WP pin (WPEN is kept but protects nothing), serial numbers and special sectors, hibernation, the time from power-up to the
// first command, MRAM's rule on RDSR right behind READ.

import { clock, halt, hex, model, NONE, now, type Family, type Model, type Options, type Part } from "./frame";
import type { Timing } from "./wire";

/** Facts about an FRAM or MRAM. */
export interface FramPart extends Part {
  /** Fastest clock of READ in Hz. */
  readHz: number;
  /** Fastest clock of FSTRD in Hz, 0 = the part has none. */
  fastHz: number;
  /** Bytes RDID gives, in hexadecimal, "" = the part has none. */
  id: string;
  /** Microseconds until it is awake, 0 = it has no sleep. */
  wake: number;
  /** Bits of the status register WRSR writes. */
  mask: number;
  /** Bits that always read 1. */
  fixed: number;
  /** WEL stays behind WRITE and WRSR. */
  keeps: boolean;
  /** MRAM: wakes by command. */
  mram: boolean;
}

interface Fram extends Model {
  part: FramPart;
  /** Bits 7 to 2 as they were written. */
  status: number;
  /** Write enable latch. */
  wel: boolean;
  asleep: boolean;
  /** When it is awake, in microseconds. */
  until: number;
}

const WRSR = 0x01;
const WRITE = 0x02;
const READ = 0x03;
const WRDI = 0x04;
const RDSR = 0x05;
const WREN = 0x06;
const FSTRD = 0x0b;
const RDID = 0x9f;
const WAKE = 0xab;
const SLEEP = 0xb9;

const WEL = 2;
const MHZ = 1e6;

/** A part by Fujitsu. Bits 6 to 4 of its status register are cells without a meaning. */
function fujitsu(size: number, hz: number, readHz: number, fastHz: number, id: string, wake: number, keeps?: boolean): FramPart {
  return { size, wide: size > 65536 ? 3 : 2, hz, readHz, fastHz, id, wake, mask: 0xfc, fixed: 0, keeps: !!keeps, mram: false };
}

/** A part by Cypress without an ID, or with the last two bytes of one. Those with an ID also have FSTRD and sleep, and bit 6 reads 1. */
function cypress(size: number, hz: number, id: string): FramPart {
  const v = id !== "";
  const wide = size > 65536 ? 3 : 2;
  const whole = v ? "7F7F7F7F7F7FC2" + id : "";
  return { size, wide, hz, readHz: hz, fastHz: v ? hz : 0, id: whole, wake: v ? 450 : 0, mask: 0x8c, fixed: v ? 0x40 : 0, keeps: false, mram: false };
}

/** A part by Everspin. */
function everspin(size: number): FramPart {
  const hz = 40 * MHZ;
  return { size, wide: size > 65536 ? 3 : 2, hz, readHz: hz, fastHz: 0, id: "", wake: 400, mask: 0x8c, fixed: 0, keeps: true, mram: true };
}

/** Parts by number. */
export const FRAM: { [part: string]: FramPart } = {
  MB85RS64V: fujitsu(8192, 20 * MHZ, 20 * MHZ, 0, "047F0302", 0), // DS501-00015
  MB85RS64T: fujitsu(8192, 10 * MHZ, 10 * MHZ, 0, "047F2303", 400), // DS501-00051; FSTRD not confirmed
  MB85RS256B: fujitsu(32768, 33 * MHZ, 25 * MHZ, 0, "047F0509", 0), // data sheet of MB85RS256B
  MB85RS512T: fujitsu(65536, 30 * MHZ, 30 * MHZ, 40 * MHZ, "047F2603", 400), // data sheet of MB85RS512T
  MB85RS1MT: fujitsu(131072, 30 * MHZ, 30 * MHZ, 40 * MHZ, "047F2703", 400), // DS501-00022
  MB85RS2MT: fujitsu(262144, 25 * MHZ, 25 * MHZ, 40 * MHZ, "047F2803", 400), // DS501-00023
  MB85RS2MTA: fujitsu(262144, 40 * MHZ, 40 * MHZ, 40 * MHZ, "047F4803", 400, true), // DS501-00032
  MB85RS4MT: fujitsu(524288, 40 * MHZ, 40 * MHZ, 40 * MHZ, "047F4903", 400), // DS501-00053
  FM25L256: cypress(32768, 20 * MHZ, ""), // data sheet of FM25L256B
  FM25W256: cypress(32768, 20 * MHZ, ""), // data sheet of FM25W256
  FM25V01A: cypress(16384, 40 * MHZ, "2108"), // data sheet of FM25V01A
  FM25V02A: cypress(32768, 40 * MHZ, "2208"), // 001-90865
  FM25V10: cypress(131072, 40 * MHZ, "2400"), // data sheet of FM25V10
  FM25V20A: cypress(262144, 40 * MHZ, "2508"), // 001-90261
  CY15B104Q: cypress(524288, 40 * MHZ, "2608"), // 001-94240
  MR25H256: everspin(32768), // MR25H256 rev. 9
  MR25H10: everspin(131072), // data sheet of MR25H10
  MR25H40: everspin(524288) // MR20H40/MR25H40 rev. 12.6
};

/** FRAM wakes when it is selected. */
function open(m: Fram): void {
  if (!m.asleep || m.part.mram) return;
  m.asleep = false;
  m.until = now(m) + m.part.wake;
}

/** Throws CHIP_SLEEP for a command the chip cannot hear. */
function hear(m: Fram, code: number): void {
  if (m.asleep && !(m.part.mram && code === WAKE)) halt(m, "CHIP_SLEEP", "command " + hex(code) + " while asleep");
  const micros = m.bus ? m.until - now(m) : 0;
  if (micros > 0) halt(m, "CHIP_SLEEP", "command " + hex(code) + " " + micros + " us before it is awake");
}

/** Throws CHIP_WREN for a write that is not enabled. */
function enabled(m: Fram, head: number): number {
  if (!m.wel) halt(m, "CHIP_WREN", "write " + hex(m.code) + " without 0x06");
  return head;
}

/** The head of a command the part has, undefined for others. */
function known(m: Fram, code: number): number | undefined {
  const part = m.part;
  if (code === READ) return part.wide;
  if (code === WRITE) return enabled(m, part.wide);
  if (code === WREN || code === WRDI) return NONE;
  if (code === RDSR) return 0;
  if (code === WRSR) return enabled(m, 0);
  if (code === RDID && part.id) return 0;
  if (code === FSTRD && part.fastHz) return part.wide + 1;
  return (code === SLEEP && part.wake) || (code === WAKE && part.mram) ? NONE : undefined;
}

function head(m: Fram, code: number): number | undefined {
  hear(m, code);
  const found = known(m, code);
  if (found !== undefined) clock(m, code === READ ? m.part.readHz : code === FSTRD ? m.part.fastHz : m.part.hz);
  return found;
}

/** Byte k of the ID. Behind it Fujitsu's parts hold the last bit; what Cypress's do is not said, here MISO floats. */
function id(m: Fram, k: number): number {
  const text = m.part.id;
  if (2 * k < text.length) return parseInt(text.slice(2 * k, 2 * k + 2), 16);
  return m.part.mask === 0xfc && !(parseInt(text.slice(-1), 16) & 1) ? 0 : 255;
}

/** Throws CHIP_PROTECT for an address in a protected block. */
function guard(m: Fram): void {
  const bits = (m.status >> 2) & 3;
  const free = bits === 3 ? 0 : bits ? m.size - (m.size >> (3 - bits)) : m.size;
  if (m.at >= free) halt(m, "CHIP_PROTECT", "write to " + m.at + ", protected from " + free + " on");
}

function put(m: Fram, byte: number): void {
  guard(m);
  m.bytes[m.at] = byte;
}

function data(m: Fram, byte: number, k: number): number {
  if (m.code === RDID) return id(m, k);
  if (m.code === RDSR) return m.status | m.part.fixed | (m.wel ? WEL : 0);
  if (m.code === WRSR) {
    if (k) halt(m, "CHIP_FRAME", "a second byte for the status register");
    m.status = byte & m.part.mask;
    return 255;
  }
  if (m.code === WRITE) put(m, byte);
  const out = m.code === WRITE ? 255 : m.bytes[m.at];
  m.at = (m.at + 1) & (m.size - 1);
  return out;
}

function close(m: Fram): void {
  if (m.code === WREN) m.wel = true;
  if (m.code === WRDI || (!m.part.keeps && (m.code === WRITE || m.code === WRSR))) m.wel = false;
  if (m.code === WAKE && m.asleep) m.until = now(m) + m.part.wake;
  if (m.code === WAKE) m.asleep = false;
  if (m.code === SLEEP) m.asleep = true;
}

function power(m: Fram): void {
  m.status = m.status || 0;
  m.wel = m.asleep = false;
  m.until = 0;
}

const family: Family = { open, head, data, close, power, fades: false };

/** An FRAM or MRAM. Throws an Error for a part that is none. */
export function fram(name: string, bus?: Timing, options?: Options): Model {
  if (!FRAM[name]) throw new Error("no FRAM or MRAM " + name);
  return model(name, FRAM[name], family, bus, options);
}
