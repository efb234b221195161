// The map of a pool in characters, as pool.map() of the full flavour draws it.

/** Where a block is, and its bytes. */
export interface Place {
  at: number;
  bytes: number;
}

/** `columns` characters for the blocks of a pool of `size` bytes; locks are not in them. Cost: O(blocks + columns). */
export function draw(blocks: Place[], size: number, unit: number, columns: number): string {
  const used = new Array<number>(columns).fill(0);
  const first = (column: number) => Math.ceil((column * size) / columns);
  for (const { at, bytes } of blocks) {
    const end = at + Math.ceil(bytes / unit) * unit;
    for (let from = at; from < end; ) {
      const column = Math.floor((from * columns) / size);
      const to = Math.min(end, first(column + 1));
      used[column] += to - from;
      from = to;
    }
  }
  const wide = Math.floor(size / columns);
  return used.map((bytes) => (!bytes ? "." : bytes < wide ? "+" : "#")).join("");
}
