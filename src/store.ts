// Where the bytes of a pool live. The pool knows addresses, a store knows bytes.

import { fail, whole } from "./error";

/** Everything a pool asks of the memory behind it. Addresses and lengths are in bytes. */
export interface Store {
  /** Bytes the pool may use, from address 0. */
  size: number;
  /** The memory itself, where the processor can address it. */
  bytes?: Uint8Array;
  /** Copies `n` bytes; the two places may overlap either way. */
  move(to: number, from: number, n: number): void;
  /** A copy of `n` bytes. */
  read(at: number, n: number): Uint8Array;
  /** Writes all of `data`, one byte an element. */
  write(at: number, data: ArrayLike<number>): void;
  /** True where looking for a cheaper place costs more than the bytes it saves: in RAM on Espruino, a row costs 15,000 instructions, a byte 126. */
  quick?: boolean;
  /** A window on the memory itself; absent where there can be none. */
  view?(from: number, to: number): Uint8Array;
  /** Bytes of one transaction; what is moved in steps is moved in multiples of it or less. */
  chunk?: number;
  /** Writes what is still held back in RAM; there where write() may hold back. */
  flush?(): void;
  /** One number at an address, little endian, without a sign; there where it costs no transaction each. */
  get8?(at: number): number;
  get16?(at: number): number;
  get32?(at: number): number;
  /** Writes the low 8, 16 or 32 bits of `value`, little endian. */
  set8?(at: number, value: number): void;
  set16?(at: number, value: number): void;
  set32?(at: number, value: number): void;
}

declare var E: { getAddressOf?(array: Uint8Array, flat: boolean): number; defrag(): void; toUint8Array?(text: string): Uint8Array } | undefined;

/**
 * One fixed Uint8Array of `size` bytes. Throws MEMORY when the engine has no typed arrays, when it has no
 * such array in one piece (on Espruino after one E.defrag(), which may take seconds), or when a view cannot
 * reach its end (on Espruino byte offsets have 16 bits).
 */
export function ram(size: number): Store {
  // typeof says "function" of what is built into Espruino
  var board = typeof E !== "undefined" && E.getAddressOf ? E : undefined;
  if (typeof Uint8Array === "undefined" || (board && size > 65536)) fail("MEMORY", size, board ? "up to 65536" : "typed arrays");
  var bytes = new Uint8Array(size);
  if (board && !board.getAddressOf!(bytes, true)) {
    board.defrag();
    bytes = new Uint8Array(size);
    if (!board.getAddressOf!(bytes, true)) fail("MEMORY", size, "one piece");
  }
  bytes[0] = 0; // JerryScript 3.0 allocates on first access
  // 32-bit views copy 2.7 times faster on Espruino (124 against 330 instructions a byte), bound natives save 25,000 a copy
  var words = new Uint32Array(bytes.buffer, 0, size >> 2);
  var view = bytes.subarray.bind(bytes);
  var view4 = words.subarray.bind(words);
  var set = bytes.set.bind(bytes);
  var set4 = words.set.bind(words);
  return {
    size: size,
    bytes: bytes,
    quick: !!board,
    view: view,
    write: function (at, data) {
      set(data, at);
    },
    read: function (at, n) {
      // set, because njs copies from the wrong place in new Uint8Array(view)
      var copy = new Uint8Array(n);
      if (n) copy.set(view(at, at + n));
      return copy;
    },
    // without copyWithin, set copies upwards in place, too: right on Espruino (470 instructions a byte), JerryScript 2, Duktape
    move: (bytes.copyWithin as unknown)
      ? function (to, from, n) {
          bytes.copyWithin(to, from, from + n);
        }
      : function (to, from, n) {
          (to | from | n) & 3 ? set(view(from, from + n), to) : set4(view4(from >> 2, (from + n) >> 2), to >> 2);
        },
  };
}

/** Writes `n` bytes `value` from address `to` on. */
export function repeat(store: Store, to: number, n: number, value: number): void {
  var size = Math.min(n, store.chunk || 256);
  var data = new Uint8Array(size);
  if (value) {
    data[0] = value;
    // each copy doubles what is there: a statement for a byte would cost 20,000 instructions on Espruino
    for (var done = 1; done < size; done *= 2) data.set(data.subarray(0, Math.min(done, size - done)), done);
  }
  for (var i = 0; i < n; i += size) store.write(to + i, n - i < size ? data.subarray(0, n - i) : data);
}

/** What write() of a pool takes, one byte an element. Throws ARGUMENT. */
export function octets(data: ArrayLike<number> | string): ArrayLike<number> {
  if (typeof data !== "string") {
    if (!Array.isArray(data) && !(data && (data as Uint8Array).buffer)) whole(NaN);
    return data;
  }
  // a character costs 30,000 instructions here; a string that has some above 255 gets longer there
  var native = typeof E !== "undefined" && E.toUint8Array ? E.toUint8Array(data) : "";
  if (data && native.length === data.length) return native as Uint8Array;
  var bytes: number[] = [];
  for (var i = 0; i < data.length; i++) if ((bytes[i] = data.charCodeAt(i)) > 255) fail("ARGUMENT", bytes[i], "up to 255");
  return bytes;
}

/** `n` as `bytes` bytes, little endian. */
export function word(n: number, bytes: number): number[] {
  var out: number[] = [];
  for (var i = 0; i < bytes; i++) out[i] = (n >>> (8 * i)) & 255;
  return out;
}

/** The number in `bytes` bytes of `data` from `at` on, little endian. */
export function number(data: ArrayLike<number>, at: number, bytes: number): number {
  var n = 0;
  while (bytes--) n = n * 256 + data[at + bytes];
  return n;
}
