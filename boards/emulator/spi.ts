// SPI units of a board and the chips on them.
// NOT MODELLED: clock modes (chips take any), limits of the baud rate, what a call costs besides its bits.

import { append, text } from "./byte";
import type { Clock } from "./clock";
import { Pin, pinOf, type Port } from "./pin";
import type { SpiUnit } from "../board";

/** A chip on the bus. It is selected while its chip select pin is low. */
export interface Chip {
  select(): void;
  /** One byte goes in, the byte that leaves at the same time is returned. */
  transfer(byte: number): number;
  deselect(): void;
}

/** Where chips are plugged in. */
export interface Bus {
  /** Plugs a chip in. `unit` is the first SPI unit unless named. Throws on a pin or unit the board has not, and on a pin in use. */
  attach(cs: string, chip: Chip, unit?: string): void;
}

interface Socket {
  pin: Pin;
  chip: Chip;
}

const DEFAULT_BAUD = 100000;
const FLOATING = 255; // a byte read from a line nobody drives, as with a pull-up

function reverse(byte: number): number {
  let out = 0;
  for (let bit = 0; bit < 8; bit++) if (byte & (1 << bit)) out |= 128 >> bit;
  return out;
}

/** A unit as the program sees it. `bytes(n)` makes the array a reply is put in. */
function unit(c: Clock, p: Port, wires: SpiUnit, sockets: Socket[], bytes: (n: number) => Uint8Array): any {
  let baud = DEFAULT_BAUD;
  let least = false; // least significant bit first

  function swap(byte: number): number {
    return least ? reverse(byte) : byte;
  }
  function selected(): Socket | undefined {
    let found: Socket | undefined;
    for (let i = 0; i < sockets.length; i++) {
      if (sockets[i].pin.high) continue;
      if (found) throw new Error(wires.name + ": chips at " + found.pin.name + " and " + sockets[i].pin.name + " are both selected");
      found = sockets[i];
    }
    return found;
  }
  function transfer(byte: number): number {
    const socket = selected();
    c.micros += 8e6 / baud;
    return socket ? swap(socket.chip.transfer(swap(byte)) & 255) : FLOATING;
  }
  /** Exchanges bytes with the chip select, if any, low for all of them. */
  function exchange(data: any, cs: Pin | undefined): number[] {
    const line = append([], data);
    if (cs) cs.write(0);
    try {
      for (let i = 0; i < line.length; i++) line[i] = transfer(line[i]);
    } finally {
      if (cs) cs.write(1);
    }
    return line;
  }
  function send(data: any, nss?: any): any {
    const back = exchange(data, nss === undefined ? undefined : pinOf(p, nss));
    if (typeof data === "number") return back[0];
    if (typeof data === "string") return text(back);
    const out = bytes(back.length);
    for (let i = 0; i < back.length; i++) out[i] = back[i];
    return out;
  }
  function write(): void {
    const data: any[] = [];
    const count = arguments.length;
    const cs = count && arguments[count - 1] instanceof Pin ? (arguments[count - 1] as Pin) : undefined;
    for (let i = 0; i < (cs ? count - 1 : count); i++) data.push(arguments[i]);
    exchange(data, cs);
  }
  function setup(options: any): void {
    const o = options || {};
    check(o, "sck", wires.sck);
    check(o, "miso", wires.miso);
    check(o, "mosi", wires.mosi);
    baud = o.baud || DEFAULT_BAUD;
    least = o.order === "lsb";
  }
  function check(options: any, role: string, wired: string): void {
    if (options[role] === undefined) return;
    const name = pinOf(p, options[role]).name;
    if (name !== wired) throw new Error("not modelled: " + wires.name + " with " + role + " at " + name + " instead of " + wired);
  }

  return { setup, send, write };
}

/** All units of a board by name, and the bus chips are attached to. */
export function spi(c: Clock, p: Port, wires: SpiUnit[], bytes: (n: number) => Uint8Array): { units: any; bus: Bus } {
  const units: any = {};
  const sockets: { [unit: string]: Socket[] } = {};
  for (let i = 0; i < wires.length; i++) {
    sockets[wires[i].name] = [];
    units[wires[i].name] = unit(c, p, wires[i], sockets[wires[i].name], bytes);
  }
  function attach(cs: string, chip: Chip, name?: string): void {
    const row = sockets[name || wires[0].name];
    const pin = pinOf(p, cs);
    if (!row) throw new Error("no unit " + name);
    if (pin.hear) throw new Error("two chips at " + cs);
    pin.high = true; // by its pull-up
    pin.hear = function (high) {
      if (high) chip.deselect();
      else chip.select();
    };
    row.push({ pin, chip });
  }
  return { units, bus: { attach } };
}
