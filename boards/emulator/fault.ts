// Faults of an SPI bus, injected while programs run.
//
// Bytes are counted on the whole bus from the moment of the injection, the first one is 1: commands, addresses, data.
// NOT MODELLED: power that fails inside a byte; two faults of the same kind at once.

import { fail } from "./error";
import type { Chip, Link } from "./wire";

/** What can go wrong on a link. */
export interface Fault {
  /** Power fails behind byte `bytes` (0: now). The call that sends it throws POWER, and so does every access until power(). */
  cut(bytes: number): void;
  /** MISO is stuck: all bytes read are 0x00 or 0xFF. */
  stick(byte: number): void;
  /** Bit `bit` (0 to 7) of byte number `byte` is read wrong, once. */
  flip(byte: number, bit: number): void;
  /** Takes a chip out: it hears nothing and MISO floats, 0xFF. */
  pull(chip: Chip): void;
  /** MISO and chips are whole again, nothing is going to fail. Power that has failed needs power(). */
  heal(): void;
}

/** The faults of a link, none yet. Replaces the ones it had. */
export function fault(l: Link): Fault {
  let left = Infinity; // bytes until power fails
  let stuck = -1; // what MISO is stuck at, -1 = nothing
  let wrong = Infinity; // bytes until one is read wrong
  let mask = 0; // its wrong bit

  function off(): void {
    left = Infinity;
    for (let i = 0; i < l.chips.length; i++) l.chips[i].off = true;
  }
  l.fault = function (byte) {
    left--;
    wrong--;
    if (left === 0) {
      off();
      fail("POWER", "power has failed");
    }
    return (stuck < 0 ? byte : stuck) ^ (wrong === 0 ? mask : 0);
  };
  return {
    cut: function (bytes) {
      left = bytes;
      if (!bytes) off();
    },
    stick: function (byte) {
      stuck = byte;
    },
    flip: function (byte, bit) {
      wrong = byte;
      mask = 1 << bit;
    },
    pull: function (chip) {
      chip.gone = true;
    },
    heal: function () {
      left = wrong = Infinity;
      stuck = -1;
      for (let i = 0; i < l.chips.length; i++) l.chips[i].gone = false;
    }
  };
}
