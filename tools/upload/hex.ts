// Storage as flash has it, and Intel HEX files that put it there.
//
//   header  [ size: 24 bits, flags: 8 bits, little endian ][ name: 28 bytes, zeros behind it ]    flags 0: a plain file
//   file    [ header ][ data ][ to the next multiple of 4 ]       one after another, 255 behind the last
//
// As src/jsflash.h of Espruino (2v29) has them: JsfFileHeader, JsfFileFlags, jsfAlignAddress.

/** A file of Storage. */
export interface File {
  name: string;
  data: Buffer;
}

/** Bytes of a file's header. */
const HEAD_BYTES = 32;
const NAME_BYTES = 28;

/** Bytes a file takes in Storage. */
export function taken(length: number): number {
  return HEAD_BYTES + ((length + 3) & ~3);
}

/** All of Storage with these files in it and nothing else. Throws when they do not fit. */
export function image(files: File[], size: number): Buffer {
  const flash = Buffer.alloc(size, 255);
  const total = files.reduce((sum, { data }) => sum + taken(data.length), 0);
  if (total > size) throw new Error(`the files take ${total} bytes of Storage, the board has ${size}`);
  let at = 0;
  for (const { name, data } of files) {
    if (!data.length || !name || Buffer.byteLength(name, "latin1") > NAME_BYTES) throw new Error(`"${name}" cannot be a file: names have 1 to ${NAME_BYTES} bytes, files at least one`);
    flash.fill(0, at, at + HEAD_BYTES);
    flash.writeUInt32LE(data.length, at);
    flash.write(name, at + 4, "latin1");
    data.copy(flash, at + HEAD_BYTES);
    at += taken(data.length);
  }
  return flash;
}

// Records of Intel's "Hexadecimal Object File Format Specification", revision A, 1988: ":", bytes, address, type, data, sum.
const DATA = 0;
const END = 1;
const SEGMENT = 2; // the data's address is 16 times this further on
const UPPER = 4; // and here 65,536 times
const ROW_BYTES = 16;

function record(type: number, address: number, data: Uint8Array): string {
  const bytes = [data.length, (address >> 8) & 255, address & 255, type, ...data];
  const sum = -bytes.reduce((total, byte) => total + byte, 0) & 255;
  return `:${Buffer.from([...bytes, sum]).toString("hex").toUpperCase()}\n`;
}

/** `data` at `address` as records of an Intel HEX file, without the one that ends it. */
function records(address: number, data: Uint8Array): string {
  const lines: string[] = [];
  let upper = -1;
  for (let at = 0; at < data.length; ) {
    const here = address + at;
    if (here >>> 16 !== upper) {
      upper = here >>> 16;
      lines.push(record(UPPER, 0, Uint8Array.of(upper >> 8, upper & 255)));
    }
    const n = Math.min(ROW_BYTES - (here % ROW_BYTES), data.length - at);
    lines.push(record(DATA, here & 0xffff, data.subarray(at, at + n)));
    at += n;
  }
  return lines.join("");
}

/** A stretch of memory in a HEX file. */
export interface Stretch {
  address: number;
  data: Buffer;
}

interface Line {
  type: number;
  address: number;
  data: Buffer;
}

function line(text: string, number: number): Line {
  const bytes = /^:(?:[\da-f]{2}){5,}$/i.test(text) ? Buffer.from(text.slice(1), "hex") : Buffer.alloc(0);
  const sum = bytes.reduce((total, byte) => (total + byte) & 255, 0);
  if (bytes.length !== bytes[0] + 5 || sum) throw new Error(`line ${number} is no record of an Intel HEX file`);
  return { type: bytes[3], address: bytes.readUInt16BE(1), data: bytes.subarray(4, -1) };
}

function lines(text: string): Line[] {
  const list = text.split(/\r?\n/).map((one) => one.trim());
  const parsed = list.flatMap((one, at) => (one ? [line(one, at + 1)] : []));
  if (parsed.at(-1)?.type !== END) throw new Error("the last record of an Intel HEX file is missing");
  return parsed;
}

/** What an Intel HEX file puts where, in its order. Throws on a line that is none, on a wrong sum, and when its end is missing. */
export function stretches(text: string): Stretch[] {
  const list: { address: number; end: number; parts: Buffer[] }[] = [];
  let base = 0;
  for (const { type, address, data } of lines(text)) {
    if (type === UPPER) base = data.readUInt16BE(0) * 65536;
    if (type === SEGMENT) base = data.readUInt16BE(0) * 16;
    if (type !== DATA) continue;
    if (list.at(-1)?.end !== base + address) list.push({ address: base + address, end: base + address, parts: [] });
    const last = list[list.length - 1];
    last.parts.push(data);
    last.end += data.length;
  }
  return list.map(({ address, parts }) => ({ address, data: Buffer.concat(parts) }));
}

/**
 * An Intel HEX file with Storage at its address, and with the firmware when one is given: tools that erase all of the flash first need both in one file.
 * Throws when the firmware is no HEX file, or has bytes where Storage is to be.
 */
export function hex(address: number, flash: Buffer, firmware = ""): string {
  const own = records(address, flash) + record(END, 0, new Uint8Array(0));
  if (!firmware) return own;
  const clash = stretches(firmware).find((one) => one.address < address + flash.length && one.address + one.data.length > address);
  if (clash) throw new Error(`the firmware has bytes at 0x${clash.address.toString(16)}, where Storage is (0x${address.toString(16)}): it is not for this board`);
  const kept = firmware.split(/\r?\n/).map((one) => one.trim()).filter((one) => one && line(one, 0).type !== END);
  return `${kept.join("\n")}\n${own}`;
}
