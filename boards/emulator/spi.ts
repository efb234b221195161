// SPI units of a board and the chips on them.
// NOT MODELLED: clock modes (chips take any), limits of the baud rate, what a call costs besides its bits.

import type { Clock } from "./clock";
import { fail } from "./error";
import { Pin, pinOf, type Port } from "./pin";
import type { SpiUnit } from "../board";
import { DEFAULT_BAUD, duplex, link, plug, strobe, type Chip, type Holder, type Link } from "./wire";

/** Where chips are plugged in. A unit is the first one unless named. */
export interface Bus {
  /** Plugs a chip in. Throws on a pin or unit the board has not, and on a pin in use. */
  attach(cs: string, chip: Chip, unit?: string): void;
  /** The lines of a unit: its counters, and where faults are injected. Throws on a unit the board has not. */
  link(unit?: string): Link;
}

/** The chip whose pin is low. Throws CHIP_SELECT when there are two. */
function selected({ chips, pins }: Link, name: string): Chip | undefined {
  let found = -1;
  for (let i = 0; i < pins.length; i++) {
    if (pins[i].high) continue;
    if (found >= 0) fail("CHIP_SELECT", name + ": chips at " + pins[found].name + " and " + pins[i].name + " are both selected");
    found = i;
  }
  return chips[found];
}

function setup(p: Port, wires: any, l: Link, options: any): void {
  const o = options || {};
  for (const role in wires) {
    if (o[role] === undefined || role === "name" || role === "free") continue;
    const name = pinOf(p, o[role]).name;
    if (name !== wires[role]) throw new Error("not modelled: " + wires.name + " with " + role + " at " + name + " instead of " + wires[role]);
  }
  l.rate = o.baud || DEFAULT_BAUD;
  l.least = o.order === "lsb";
}

/** All units of a board by name, and the bus chips are attached to. `bytes(n)` makes the array a reply is put in. */
export function spi(c: Clock, p: Port, wires: SpiUnit[], bytes: (n: number) => Uint8Array): { units: any; bus: Bus } {
  const units: any = {};
  const links: { [unit: string]: Link } = {};
  const is: Holder["is"] = (value) => value instanceof Pin;
  const drive: Holder["drive"] = (cs, high) => pinOf(p, cs).write(high);

  function add(row: SpiUnit): void {
    const l = (links[row.name] = link(c));
    const made = (units[row.name] = { setup: (options: any) => setup(p, row, l, options) });
    duplex(made, l, { is, drive, chip: () => selected(l, row.name) }, bytes);
  }
  function find(name?: string): Link {
    const found = links[name || wires[0].name];
    if (!found) throw new Error("no unit " + name);
    return found;
  }
  function attach(cs: string, chip: Chip, name?: string): void {
    const pin = pinOf(p, cs);
    const l = find(name);
    if (pin.hear) throw new Error("two chips at " + cs);
    pin.high = true; // by its pull-up
    pin.hear = (high) => strobe(l, chip, high);
    plug(l, pin, chip);
  }

  for (let i = 0; i < wires.length; i++) add(wires[i]);
  return { units, bus: { attach, link: find } };
}
