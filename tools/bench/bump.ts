// The smallest pool that compacts, as the floor to compare with: new blocks go on top, and when the top is reached all
// live blocks slide down. No checks, no sizes, no locks. ES5 only: it also runs on the engines.
//
//   block   [ row: 16 bits ][ words with header: 16 bits ][ payload ]     row 0: nobody's

export interface Bump {
  bytes: Uint8Array;
  /** A handle, or 0 when the bytes or the rows do not suffice. */
  alloc(bytes: number): number;
  free(handle: number): void;
  /** Address of the payload, good until the next alloc. */
  at(handle: number): number;
}

/** A pool of `size` bytes (a multiple of 4, at most 256 KB) for at most `rows` blocks. */
export function create(size: number, rows: number): Bump {
  var bytes = new Uint8Array(size);
  var heads = new Uint16Array(bytes.buffer);
  var words = new Uint16Array(rows + 1); // where the block starts; of a free row: the next free row
  var end = size >> 2;
  var top = 0;
  var spare = 1;
  for (var row = 1; row < rows; row++) words[row] = row + 1;

  function slide(): void {
    var to = 0;
    for (var from = 0, n = 0; from < top; from += n) {
      var owner = heads[2 * from];
      n = heads[2 * from + 1];
      if (owner) {
        if (to < from) bytes.set(bytes.subarray(4 * from, 4 * (from + n)), 4 * to);
        words[owner] = to;
        to += n;
      }
    }
    top = to;
  }

  function alloc(want: number): number {
    var n = (want + 7) >> 2;
    if (top + n > end) slide();
    if (top + n > end || !spare) return 0;
    var owner = spare;
    spare = words[owner];
    words[owner] = top;
    heads[2 * top] = owner;
    heads[2 * top + 1] = n;
    top += n;
    return owner;
  }

  function free(owner: number): void {
    heads[2 * words[owner]] = 0;
    words[owner] = spare;
    spare = owner;
  }

  function at(owner: number): number {
    return 4 * words[owner] + 4;
  }

  return { bytes: bytes, alloc: alloc, free: free, at: at };
}
