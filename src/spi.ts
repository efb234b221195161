// Memory chips on an SPI bus: a store for create({ store }).
//
// A transaction is one call of spi.send or spi.write, because each call costs an interpreter more than the bytes in it:
//
//   read   [ 03 | 0B ][ address: 2 or 3 bytes ][ dummy ][ zeros  ]  send: the reply has the data behind the header
//   write  [ 02 ][ address: 2 or 3 bytes ][ data ]                  write: header and a view, nothing is copied
//
// All numbers are in bytes unless named otherwise.

import { Chip, PARTS } from "./chips";
import { fail } from "./error";
import { pieces } from "./piece";
import { Store } from "./store";

export { part, span } from "./span";

/** What connect() asks of a bus: SPI1 and the like, or an object of your own. */
export interface Bus {
  /** Exchanges bytes while `cs`, if given, is low, and gives as many back. */
  send(data: Uint8Array, cs?: unknown): Uint8Array;
  /** Sends numbers and arrays one after another while the pin that comes last, if any, is low. */
  write(...data: unknown[]): void;
}

export interface Options {
  /** The pin of chip select. It needs a pull-up. */
  cs: unknown;
  /** Part number, or a row of your own. */
  chip: string | Chip;
  /** What the bus was set up with, Hz; connect() does not set it. PSRAM needs it, or `chunk`; below 7 MHz reading its ID takes longer than 8 us. */
  baud?: number;
  /**
   * Data bytes of one transaction, at most. Default 256; PSRAM: what fits into 90 % of the 8 us that its datasheet lets CS be low, 16 at
   * 24 MHz. More is faster, and outside the datasheet: what a chip forgets then nobody guarantees.
   */
  chunk?: number;
  /** Microseconds CS stays high after each transaction, clocked on the bus; needs `baud`. Default 0. */
  gap?: number;
}

/** The memory of a chip. It does not check addresses: pools do. */
export interface ChipStore extends Store {
  chunk: number;
  /** What the chip said it is, in hexadecimal; "" where it says nothing or was not asked, as PSRAM above 33 MHz. */
  id: string;
}

/** What the probe writes, less its last digit, the number of the place: a5 5a has each bit in both states. */
var SIGN = "01a55a0";

function hex(bytes: ArrayLike<number>): string {
  var text = "";
  for (var i = 0; i < bytes.length; i++) text += (256 + bytes[i]).toString(16).slice(1);
  return text;
}

/** Throws when what was read is not what was to be read: NO_CHIP for a line that is stuck, BUS for wrong bits, else WRONG_CHIP. */
function same(got: string, want: string, bits?: boolean): void {
  if (got !== want) fail(/[^0]/.test(got) && /[^f]/.test(got) ? (bits ? "BUS" : "WRONG_CHIP") : "NO_CHIP", got, want);
}

/** Throws OPTION unless a number is whole and from `low` to `high`. */
function check(name: string, value: number, low: number, high: number): void {
  if (!(value >= low && value <= high) || value % 1) fail("OPTION", name + " " + value, low + ".." + high);
}

/** The row of a part; a row is one already. Throws OPTION. */
function find(name: string | Chip): Chip {
  if (name && (name as Chip).bytes > 0) return name as Chip;
  var at = PARTS.indexOf(" " + name + " ");
  if (at < 0) fail("OPTION", "chip " + name, "a part");
  // names are upper case
  while (PARTS[++at] < "a");
  var kind = PARTS[at];
  var bits = PARTS.charCodeAt(at + 1) - 87;
  var end = PARTS.slice(at + 4, at + 8);
  return {
    kind: kind,
    bytes: 1 << bits,
    width: bits > 16 ? 3 : 2,
    baud: +PARTS.slice(at + 2, at + 4) * 1e6,
    dummy: +(kind === "t"),
    edge: ({ p: 1024, u: 1 << 18 } as { [kind: string]: number })[kind],
    id: ({ p: "0d5d", d: "047f" + end, e: "7f7f7f7f7f7fc2" + end } as { [kind: string]: string })[kind],
  };
}

/**
 * The memory of an SPI chip as a store. Asks the chip who it is first: parts with an ID by that; SRAM, and PSRAM above 33 MHz or at no known clock, by writing and reading four bytes
 * at three places, which get their old bytes back (a wrong chip may lose up to 36 bytes); FRAM and MRAM without ID by the write enable
 * latch and by what they hold, blank ones as SRAM. Sets the mode register of an SRAM, resets a PSRAM. Throws OPTION, NO_CHIP (the line does not move),
 * WRONG_CHIP (another ID, address width, size or read latency), BUS (wrong bits), with what was read and what was to be.
 * A call costs one transaction a chunk, and a chunk that crosses a page (PSRAM 1 KB) or the middle of an IS62WVS5128 two. read() of one
 * chunk gives a view of the reply; besides replies and views nothing is allocated.
 */
export function connect(spi: Bus, options: Options): ChipStore {
  var o = options || {};
  var cs = o.cs;
  var baud = o.baud;
  var chip = find(o.chip);
  var size = chip.bytes;
  var width = chip.width;
  var fram = chip.kind < "g";
  var psram = chip.kind === "p";
  // READ is good for 33 MHz, fast read for every clock
  var fast = psram && !(baud! <= 33e6);
  var skip = 1 + width + (chip.dummy || +fast);
  // 8 us are baud / 1e6 bytes, a tenth is left for the call
  var most = psram ? Math.floor((0.9 * baud!) / 1e6) - skip : 256;
  // powers of two divide pages
  while (most > 16 && most & (most - 1)) most &= most - 1;
  var chunk = o.chunk == null ? most : o.chunk;
  var gap = o.gap || 0;
  if (cs == null) fail("OPTION", "cs " + cs, "a pin");
  check("width", width, 2, 3);
  check("baud", baud === undefined ? 1 : baud, 1, chip.baud);
  // PSRAM without a baud rate, or with too small a one
  check("chunk or baud", chunk, 1, size);
  check("gap", gap, 0, baud ? 1e6 : 0);
  var edge = chip.edge || size;
  chunk = Math.min(chunk, edge);

  // the probe reads 9 bytes
  most = skip + Math.max(chunk, 9);
  var ask = new Uint8Array(most);
  var head = new Uint8Array(1 + width);
  var part = ask.subarray.bind(ask);
  var idle = gap && new Uint8Array(Math.ceil((gap * baud!) / 8e6));
  ask[0] = fast ? 0x0b : 3;
  head[0] = 2;

  /** Bytes of the transaction at `at`. */
  function fit(at: number, n: number): number {
    if (n > chunk) n = chunk;
    at = edge - (at % edge);
    return n > at ? at : n;
  }
  function get(at: number, n: number): Uint8Array {
    // for 2 bytes the second line overwrites the first
    ask[1] = at >> 16;
    ask[width - 1] = at >> 8;
    ask[width] = at;
    var reply = spi.send(skip + n < most ? part(0, skip + n) : ask, cs);
    if (idle) spi.write(idle);
    return reply.subarray(skip);
  }
  function put(at: number, bytes: Uint8Array): void {
    head[1] = at >> 16;
    head[width - 1] = at >> 8;
    head[width] = at;
    if (fram) spi.write(6, cs);
    spi.write(head, bytes, cs);
    if (idle) spi.write(idle);
  }
  /** Status register of FRAM, mode register of SRAM. */
  function status(): number {
    return spi.send(new Uint8Array([5, 0]), cs)[1];
  }
  var id = "";
  if (psram) {
    // 150 us with CS high after power-up, then 66 and 99
    for (var wait = (150 * (baud || chip.baud)) / 8e6; wait > 0; wait -= most) spi.write(ask);
    spi.write(0x66, cs);
    spi.write(0x99, cs);
  }
  // reading an ID is good for 33 MHz, too
  if (chip.id && !fast) {
    var from = psram ? 4 : 1;
    var frame = new Uint8Array(from + chip.id.length / 2 + +psram);
    frame[0] = 0x9f;
    var reply = spi.send(frame, cs).subarray(from);
    id = hex(reply);
    same(id.slice(0, chip.id.length), chip.id);
    // bits 7 to 5 of the third byte of a PSRAM: 2 MB << n
    if (psram && 2 << (20 + (reply[2] >> 5)) !== size) same(id, size + " bytes");
  } else {
    // beyond its end a chip begins again, unless it is larger; 64 differs from 0 in the last byte of the address, half in the top bit
    var places = [size, 0, 64, size / 2];
    var old = [];
    if (fram) {
      spi.write(6, cs);
      var set = status();
      spi.write(4, cs);
      var clear = status();
      if (!(set & ~clear & 2)) same(hex([set, clear]), "0200");
    } else if (!psram) {
      spi.write(1, 0x40, cs);
      // bits 7 and 6 are the mode; 23K256 and 23K640 read others as 1
      var mode = status();
      if (mode >> 6 !== 1) same(hex([mode]), "40", true);
    }
    for (var k = 0; k < 4; k++) old[k] = get(places[k], 8);
    var first = hex(old[1]);
    // what outlives power is not written where reading tells: behind the last byte comes the first, and places that differ are not the same
    if (fram) same(hex(get(size - 1, 9)).slice(2), first);
    if (!fram || first === hex(old[2]) || first === hex(old[3])) {
      for (k = 0; k < 4; k++) put(places[k], new Uint8Array([1, 0xa5, 0x5a, k]));
      var got!: string, want!: string;
      // more than was written, to see it shifted: by a byte of the address or of read latency
      for (k = 0; k < 4 && !(got = hex(get(places[k], 8))).indexOf((want = SIGN + (k || 1))); ) k++;
      // before an error, and not in a finally: there Espruino forgets the error when a bus has a try of its own
      for (k = 4; k--; ) put(places[k], old[k]);
      same(got.slice(0, 8), want, got.indexOf("a55a") < 0);
    }
  }
  var store = pieces(size, chunk, fit, get, put, edge < size ? 0 : chunk) as ChipStore;
  store.id = id;
  return store;
}
