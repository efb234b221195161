// What the library and its tests know about a board, and the rule that derives how to use it.

/** One hardware SPI unit and the pins it is used with. */
export interface SpiUnit {
  /** Name of the unit in a program. */
  name: string;
  sck: string;
  miso: string;
  mosi: string;
  /** The pins are a choice of this project: on this chip any pins will do. */
  free?: boolean;
}

/** Facts about one board with Espruino on it. A board file holds nothing else. */
export interface Board {
  /** Name printed on the board or its box. */
  title: string;
  /** What `process.env.BOARD` says there. */
  name: string;
  /** JsVars of the heap. On the ESP32s this is the most a build can have. */
  vars: number;
  /** Bytes of one JsVar. */
  varBytes: number;
  ramBytes: number;
  clockHz: number;
  spi: SpiUnit[];
  /** Storage in flash; 0 = none. */
  storageBytes: number;
  /** Where Storage begins in flash, on boards whose firmware comes as a HEX file (saved_code in Espruino's boards/NAME.py). */
  storageAt?: number;
  /** Bits a second of the serial console (default_console_baudrate there). Default 9600; USB takes any. */
  baud?: number;
  /** Names of all pins, as ranges: "A0-A10 C13". */
  pins: string;
  /** Further names of pins in a program. BTN* are debounced by default. */
  alias: { [name: string]: string };
  /** Most bytes in one event of an input. */
  eventBytes: number;
}

/** What to give `create()` and `start()` on a board. */
export interface Advice {
  size: number;
  handles: number;
  /** Milliseconds from tick to tick. */
  tickMs: number;
  /** Most bytes one tick moves. */
  budget: number;
}

const KB = 1024;

// Bytes kept for code: the full bundle in RAM takes about 20 KB (npm run size), the program may take the rest.
const CODE_BYTES = 24 * KB;

// Offsets below 65536 fit 16 bits, and an Espruino view cannot start further up.
const MOST_BYTES = 63 * KB;

// Bytes of pool per row. At 1.5 rows per live block, where Espruino is fastest, it is right for blocks of 72 bytes.
const ROW_BYTES = 48;

// Instructions an 84 MHz Cortex-M4 executes in one microsecond: 1000 take 8 µs.
const RATE_84_MHZ = 125;

// Instructions of one block move: fixed, per byte moved in words, and all decisions around a block that is moved alone.
const MOVE_FIXED = 20000;
const MOVE_BYTE = 124;
const MOVE_ALONE = 345000;

const SLICE_MICROS = 500; // time a tick may spend on copying one block
const TICK_SHARE = 1 / 8; // of the processor's time
const GC_IDLE_MS = 10; // Espruino collects garbage only when the next timer is further away than this

/**
 * Pool and tick for a board.
 *
 * size: half of what code leaves of the heap, in whole KB, at most 63. The other half is for the program's
 * own variables and for a heap that can still be defragmented.
 * handles: one row per 48 bytes.
 * budget: what one block move can copy in half a millisecond, a multiple of 64 bytes.
 * tickMs: so long that a tick which moves one block takes at most an eighth of it, in steps of 10 ms and never 10,
 * because timers that close keep garbage collection from running.
 */
export function advise(board: Board): Advice {
  const left = board.vars * board.varBytes - CODE_BYTES;
  const size = Math.min(Math.floor(left / 2 / KB) * KB, MOST_BYTES);
  const rate = (RATE_84_MHZ * board.clockHz) / 84e6;
  const budget = Math.floor((SLICE_MICROS * rate - MOVE_FIXED) / MOVE_BYTE / 64) * 64;
  const tickMicros = MOVE_ALONE / rate + SLICE_MICROS;
  const tickMs = Math.ceil(tickMicros / TICK_SHARE / 1000 / GC_IDLE_MS) * GC_IDLE_MS;
  return { size, handles: Math.floor(size / ROW_BYTES), tickMs: Math.max(tickMs, 2 * GC_IDLE_MS), budget };
}

/** Names of a board's pins, in the order of its file. Throws on a range that is not written like A0-A10. */
export function pinNames(board: Board): string[] {
  const names: string[] = [];
  const ranges = board.pins.split(" ");
  for (let i = 0; i < ranges.length; i++) expand(ranges[i], names);
  return names;
}

function expand(range: string, names: string[]): void {
  const ends = range.split("-");
  const port = range.charAt(0);
  const first = parseInt(ends[0].slice(1), 10);
  const last = parseInt(ends[ends.length - 1].slice(1), 10);
  if (!(first <= last)) throw new Error('pins "' + range + '", expected A0 or A0-A10');
  for (let n = first; n <= last; n++) names.push(port + n);
}
