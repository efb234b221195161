// A store made of pieces, each of which is read and written at once: transactions of a chip, or the stores of a span.

import { Store } from "./store";

/**
 * A store of `size` bytes. `fit(at, n)` says how many of n bytes from an address on are one piece, at least 1; get and put read and write
 * within one. Up to `safe` bytes are one piece everywhere: fit is not asked. What is moved goes through a copy of `chunk` bytes, 256 if there
 * is none, in the order that is right for overlap. Cost: one get or put a piece; what is one piece is not copied.
 */
export function pieces(
  size: number,
  chunk: number | undefined,
  fit: (at: number, n: number) => number,
  get: (at: number, n: number) => Uint8Array,
  put: (at: number, bytes: Uint8Array) => void,
  safe?: number
): Store {
  function read(at: number, n: number): Uint8Array {
    if (n && (n <= safe! || fit(at, n) === n)) return get(at, n);
    var all = new Uint8Array(n);
    for (var done = 0; done < n; done += by) {
      var by = fit(at + done, n - done);
      all.set(get(at + done, by), done);
    }
    return all;
  }
  function write(at: number, data: ArrayLike<number>): void {
    var by;
    var n = data.length;
    var bytes = (data as Uint8Array).buffer ? (data as Uint8Array) : new Uint8Array(data);
    while (!(n <= safe!) && (by = fit(at, n)) < n) {
      put(at, bytes.subarray(0, by));
      bytes = bytes.subarray(by);
      at += by;
      n -= by;
    }
    if (n) put(at, bytes);
  }
  return {
    size: size,
    chunk: chunk,
    read: read,
    write: write,
    move: function (to, from, n) {
      for (var done = 0; done < n; done += by) {
        var by = Math.min(chunk || 256, n - done);
        // upwards from the end, so that bytes are read before they are written over
        var at = to > from ? n - done - by : done;
        write(to + at, read(from + at, by));
      }
    },
  };
}
