// A bus with one modelled chip on it that keeps what went over it. The models say by named errors what no datasheet allows.

import { chip } from "../boards/emulator/chip";
import type { Model, Options } from "../boards/emulator/frame";
import { wire, type Chip, type Wire } from "../boards/emulator/wire";

export interface Frame {
  sent: number[];
  got: number[];
}

export interface Line {
  /** The bus as a program has it. */
  spi: any;
  cs: object;
  wire: Wire;
  chip: Model;
  /** What the chip holds: 7, 8, 9 and so on modulo 251 at first. */
  cells: Uint8Array;
  /** Everything sent while CS was low, in order. */
  frames: Frame[];
  /** Bytes clocked while CS was high, by the number of frames before them. */
  idle: number[];
  /** Changes what arrives, to break the line. */
  bend: (byte: number) => number;
  /** Most data bytes of a frame so far. */
  most(): number;
  /** Bytes on the bus so far with CS low. */
  total(): number;
  /** Forgets the frames so far. */
  clear(): void;
}

/** What a model refuses, taken as the chip takes it: nothing happens and the line floats until CS rises. */
export function mute(model: Model): Chip {
  const quiet = (run: () => number | void): number => {
    try {
      return run() ?? 255;
    } catch (error: any) {
      if (!/^CHIP_/.test(error.code)) throw error;
      return 255;
    }
  };
  return {
    select: () => void quiet(model.select),
    transfer: (byte) => quiet(() => model.transfer(byte)),
    deselect: () => void quiet(model.deselect),
    power: model.power,
    get bus() {
      return model.bus;
    },
    set bus(bus) {
      model.bus = bus;
    }
  };
}

/** A bus at `baud` Hz with a chip of that part number; a `silent` one takes what its datasheet forbids without an error. */
export function line(part: string, baud = 20e6, options?: Options, silent = false): Line {
  const cs = { name: "B5" };
  const model = chip(part, undefined, options);
  const w = wire([[cs, silent ? mute(model) : model]], baud);
  for (let i = 0; i < 251 && i < model.size; i++) model.bytes[i] = (i + 7) % 251;
  for (let n = 251; n < model.size; n *= 2) model.bytes.copyWithin(n, 0, n);
  const one: Line = {
    spi: { send, write },
    cs,
    wire: w,
    chip: model,
    cells: model.bytes,
    frames: [],
    idle: [0],
    bend: (byte) => byte,
    most: () => one.frames.reduce((most, { sent }) => Math.max(most, payload(sent)), 0),
    total: () => one.frames.reduce((sum, { sent }) => sum + sent.length, 0),
    clear: () => {
      one.frames = [];
      one.idle = [0];
    }
  };

  function payload(sent: number[]): number {
    const head = 1 + model.part.wide;
    if (sent[0] === 2) return sent.length - head;
    if (sent[0] === 3) return sent.length - head - (options?.dummy ?? model.part.dummy ?? 0);
    return sent[0] === 0x0b ? sent.length - head - 1 : 0;
  }
  function exchange(sent: number[], selected: boolean): Uint8Array {
    const got = Uint8Array.from([...w.send(new Uint8Array(sent), selected ? cs : undefined)], (byte) => one.bend(byte));
    if (selected) one.frames.push({ sent, got: [...got] });
    else one.idle[one.frames.length] = (one.idle[one.frames.length] ?? 0) + sent.length;
    return got;
  }
  function send(data: any, pin?: object): Uint8Array {
    if (!(data instanceof Uint8Array)) throw new Error("send of no Uint8Array");
    return exchange([...data], pin === cs);
  }
  function write(...parts: any[]): void {
    const selected = parts[parts.length - 1] === cs;
    if (selected) parts.pop();
    exchange(parts.flatMap((part) => (typeof part === "number" ? [part & 255] : [...part])), selected);
  }
  return one;
}
