// Where the bytes of a pool live. The pool knows addresses, a store knows bytes.

import { fail } from "./error";

/** Everything a pool asks of the memory behind it. Addresses and lengths are in bytes. */
export interface Store {
  /** Bytes the pool may use, from address 0. */
  size: number;
  /** The memory itself, where the processor can address it. */
  bytes?: Uint8Array;
  /** Copies `n` bytes; the pool asks for overlap only towards lower addresses (`to` < `from`). */
  move(to: number, from: number, n: number): void;
  /** A copy of `n` bytes. */
  read(at: number, n: number): Uint8Array;
  /** Writes all of `data`. */
  write(at: number, data: ArrayLike<number>): void;
  /** A window on the memory itself; absent where there can be none. */
  view?(from: number, to: number): Uint8Array;
}

interface Board {
  getAddressOf?(array: Uint8Array, flat: boolean): number;
  defrag(): void;
}

declare var E: Board | undefined;

/**
 * One fixed Uint8Array of `size` bytes. Throws MEMORY when the engine has no typed arrays, when it has
 * no such array in one piece (on Espruino after one E.defrag(), which may take seconds), or when views
 * cannot reach its end (Espruino: byte offsets have 16 bits).
 */
export function ram(size: number): Store {
  if (typeof Uint8Array === "undefined") fail("MEMORY", "this engine has no typed arrays");
  var board = typeof E !== "undefined" && E.getAddressOf ? E : undefined;
  if (board && size > 65536) fail("MEMORY", size + " bytes asked, an Espruino view reaches 65536");
  var bytes = new Uint8Array(size);
  if (board && !board.getAddressOf!(bytes, true)) {
    board.defrag();
    bytes = new Uint8Array(size);
    if (!board.getAddressOf!(bytes, true)) fail("MEMORY", "no " + size + " bytes in one piece");
  }
  bytes[0] = 0; // JerryScript 3.0 allocates on first access
  // 32-bit views copy 2.7 times faster on Espruino (124 against 330 instructions a byte)
  var words = new Uint32Array(bytes.buffer, 0, size >> 2);
  var set = bytes.set.bind(bytes) as (data: ArrayLike<number>, at: number) => void;
  var view = bytes.subarray.bind(bytes) as (from: number, to: number) => Uint8Array;
  var setWords = words.set.bind(words) as (data: ArrayLike<number>, at: number) => void;
  var viewWords = words.subarray.bind(words) as (from: number, to: number) => Uint32Array;
  return {
    size: size,
    bytes: bytes,
    view: view,
    write: function (at, data) {
      set(data, at);
    },
    read: function (at, n) {
      return new Uint8Array(view(at, at + n));
    },
    move: function (to, from, n) {
      (to | from | n) & 3 ? set(view(from, from + n), to) : setWords(viewWords(from >> 2, (from + n) >> 2), to >> 2);
    },
  };
}
