// Memory chips by part number.

import { FRAM, fram } from "./fram";
import type { Model, Options } from "./frame";
import { PSRAM, psram } from "./psram";
import { SRAM, sram } from "./sram";
import type { Timing } from "./wire";

/** Numbers of all parts. */
export function parts(): string[] {
  return Object.keys(SRAM).concat(Object.keys(PSRAM), Object.keys(FRAM));
}

/**
 * A model of the part. `bus` gives it time and clock rate until it is plugged in, then the bus it is plugged into does; without one
 * nothing that depends on them is checked. Throws an Error for a part that is not modelled.
 */
export function chip(part: string, bus?: Timing, options?: Options): Model {
  if (SRAM[part]) return sram(part, bus, options);
  if (PSRAM[part]) return psram(part, bus, options);
  if (FRAM[part]) return fram(part, bus, options);
  throw new Error("no model of " + part);
}
