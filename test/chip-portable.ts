// Cases of the chip models that run in any ES5 engine. Commands are those of the datasheets. Cells are few, for small heaps.

import { fault } from "../boards/emulator/fault";
import { fram } from "../boards/emulator/fram";
import type { Model } from "../boards/emulator/frame";
import { psram } from "../boards/emulator/psram";
import { sram } from "../boards/emulator/sram";
import { power, wire, type Wire } from "../boards/emulator/wire";
import { same, thrown } from "./verdict";

export interface Case {
  name: string;
  run: () => void;
}

const SMALL = { size: 1024 };

/** What comes back for a list of bytes, joined by commas. */
function talk(w: Wire, bytes: number[]): string {
  const back = w.send(bytes, "cs");
  const list: number[] = [];
  for (let i = 0; i < back.length; i++) list.push(back[i]);
  return list.join();
}

/** Code of the error a function throws, or all of its text. */
function code(run: () => void): string {
  const text = thrown(run);
  return /^[A-Z_]+:/.test(text) ? text.split(":")[0] : text;
}

/** A READ of address 0 in so many bytes. */
function read(bytes: number): Uint8Array {
  const frame = new Uint8Array(bytes);
  frame[0] = 3;
  return frame;
}

/** A wire with one chip at "cs". */
function on(model: Model, baud: number): Wire {
  return wire([["cs", model]], baud);
}

function types(): void {
  const w = on(sram("23LC1024", undefined, SMALL), 1e6);
  w.write(2, [0, 0], 0, "AB", new Uint8Array([7, 8, 9]).subarray(1), "cs");
  same(talk(w, [3, 0, 0, 0, 0, 0, 0, 0]), "255,255,255,255,65,66,8,9", "reply to a list");
  same(w.send("\x03\x00\x00\x01\x00", "cs").charCodeAt(4), 66, "reply to a string");
  same(w.send(5), 255, "reply from no chip");
  same(w.bytes, 22, "bytes on the bus");
  same(w.frames, 3, "frames on the bus");
  same(w.micros(), 176, "microseconds");
  same(code(() => w.send(1, "nowhere")), "Invalid pin nowhere", "error");
}

function modes(): void {
  const small = sram("23K256", undefined, SMALL);
  const w = on(small, 1e6);
  same(talk(w, [5, 0]), "255,0", "mode register of a 23K256");
  w.write([2, 0, 40, 1, 2, 3], "cs");
  same(small.bytes[40], 3, "cell in byte mode");
  w.write([1, 0x80], "cs");
  w.write([2, 0, 63, 4, 5], "cs");
  same(small.bytes[63] + "," + small.bytes[32], "4,5", "cells on both sides of the end of a page");
  w.write([1, 0x40], "cs");
  w.write([2, 0x83, 255, 6, 7], "cs");
  same(small.bytes[1023] + "," + small.bytes[0], "6,7", "cells on both sides of the end");
  small.power();
  same(talk(w, [5, 0]), "255,0", "mode register after power-up");
}

function bursts(): void {
  const big = psram("APS6404L", undefined, SMALL);
  const w = on(big, 24e6);
  same(code(() => w.send([0x9f, 0, 0, 0, 0], "cs")), "CHIP_RESET", "error before the reset");
  w.write(0x66, "cs");
  w.write(0x99, "cs");
  same(talk(w, [0x9f, 0, 0, 0, 0, 0, 0]), "255,255,255,255,13,93,70", "ID");
  w.write([2, 0, 0, 31, 1, 2], "cs");
  same(talk(w, [0x0b, 0, 0, 31, 0, 0, 0]), "255,255,255,255,255,1,2", "bytes of a fast read");
  w.write(0xc0, "cs");
  w.write([2, 0, 0, 31, 3, 4], "cs");
  same(big.bytes[0], 4, "cell at the start of 32 bytes");
  w.send(read(24), "cs");
  same(code(() => w.send(read(25), "cs")), "CHIP_CELOW", "error at 8.3 microseconds");
  w.rate = 40e6;
  same(code(() => w.send([3, 0, 0, 0, 0], "cs")), "CHIP_CLOCK", "error at 40 MHz");
}

function writes(): void {
  const one = fram("FM25V10", undefined, SMALL);
  const w = on(one, 1e6);
  same(talk(w, [0x9f, 0, 0, 0, 0, 0, 0, 0, 0, 0]), "255,127,127,127,127,127,127,194,36,0", "ID");
  same(code(() => w.write([2, 0, 0, 0, 1], "cs")), "CHIP_WREN", "error of a write");
  w.write(6, "cs");
  w.write([2, 0xff, 3, 0xff, 1, 2], "cs");
  same(one.bytes[1023] + "," + one.bytes[0], "1,2", "cells on both sides of the end");
  same(talk(w, [5, 0]), "255,64", "status behind a write");
  w.write(6, "cs");
  w.write([1, 4], "cs");
  w.write(6, "cs");
  same(code(() => w.write([2, 0, 2, 0xff, 8, 9], "cs")), "CHIP_PROTECT", "error at the upper quarter");
  same(one.bytes[767], 8, "cell in front of it");
  w.write(0xb9, "cs");
  same(code(() => w.write(6, "cs")), "CHIP_SLEEP", "error while asleep");
  w.clock.micros += 450;
  same(talk(w, [3, 0, 0, 0, 0]), "255,255,255,255,2", "byte when awake");
}

function failing(): void {
  const one = fram("MB85RS64V", undefined, SMALL);
  const w = on(one, 1e6);
  const f = fault(w);
  w.write(6, "cs");
  w.write([2, 0, 0, 1, 1, 1], "cs");
  w.write(6, "cs");
  f.cut(5);
  same(code(() => w.write([2, 0, 0, 2, 3, 4], "cs")), "POWER", "error behind byte 5");
  same(code(() => w.send([3, 0, 0, 0], "cs")), "POWER", "error of the next call");
  power(w);
  same(talk(w, [3, 0, 0, 0, 0, 0]), "255,255,255,2,3,1", "bytes after power-up");
  same(talk(w, [5, 0]), "255,0", "status after power-up");
}

function lines(): void {
  const one = sram("23K640", undefined, SMALL);
  const w = on(one, 1e6);
  const f = fault(w);
  f.flip(2, 6);
  same(talk(w, [5, 0]), "255,64", "reply with a wrong bit");
  f.stick(0);
  same(talk(w, [5, 0]), "0,0", "reply on a stuck line");
  f.heal();
  f.pull(one);
  same(talk(w, [5, 0]), "255,255", "reply of a missing chip");
  f.heal();
  same(talk(w, [5, 0]), "255,0", "reply of a whole one");
}

function named(): void {
  const w = on(sram("23K256", undefined, SMALL), 1e6);
  same(code(() => w.send([0x9f, 0], "cs")), "CHIP_COMMAND", "error of an unknown command");
  same(code(() => w.send([3, 0], "cs")), "CHIP_FRAME", "error of half an address");
  same(thrown(() => w.send([3, 0], "cs")), "CHIP_FRAME: 23K256: command 0x03 ends behind 2 bytes, it takes 4 or more", "text");
}

export const CASES: Case[] = [
  { name: "gives back from a wire what it was given", run: types },
  { name: "moves the address of a serial SRAM by its mode", run: modes },
  { name: "resets, wraps and times a PSRAM", run: bursts },
  { name: "enables, protects and wakes an FRAM", run: writes },
  { name: "keeps what was written before power failed", run: failing },
  { name: "bends what comes back", run: lines },
  { name: "names what went wrong", run: named }
];
