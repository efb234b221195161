// What belongs into every pixel of a map: the block that is at its middle, by address and by time. Where several are in one pixel none is
// mixed with another, and a block that is smaller than a pixel is seen as often as its share of the pixels says.

import { OPEN, type History } from "./history";
import type { View } from "./view";

/** What blocks are coloured by. */
export type Colouring = "age" | "owner";

/** Colours there are for either. */
const AGES = 6;
export const OWNERS = 8;

/** Cells: 0 is a hole, 1 and more the colour; a bit more where a block ends or is locked. */
export const EDGE = 16;
export const LOCKED = 32;
export const COLOUR = 15;

const EDGED = 4; // pixels of a block that is high enough for an edge
const HATCH = 6; // pixels from one line of a hatch to the next

/** Ages in operations from which on each colour but the first stands: a 2,048th of the history, and four times as much for each, to two digits. */
export function ages(history: History): number[] {
  return Array.from({ length: AGES - 1 }, (_, i) => Math.max(2 << i, Number(((history.ops * 4 ** i) / 2048).toPrecision(2).replace(/\.\d+$/, ""))));
}

/** Colour of each owner: the first ones in order of appearance have their own, the others share the last. */
export function dress(owner: number): number {
  return Math.min(owner, OWNERS - 1);
}

/** The cells of a picture `width` times `height` pixels large, row by row from the top, the highest address. */
export function raster(history: History, view: View, width: number, height: number, colouring: Colouring): Uint8Array {
  const cells = new Uint8Array(width * height);
  const { from, to, low, high } = view;
  const across = width / (to - from);
  const up = height / (high - low);
  const first = view.op(from);
  const after = view.op(to) + 1;
  const x = (op: number): number => Math.max(0, Math.min(width, Math.round((view.place(op) - from) * across)));
  const y = (at: number): number => Math.max(0, Math.min(height, Math.round((high - at) * up)));
  const limits = ages(history);

  history.each(first, after, (_, start, end, at, room, born, owner) => {
    const right = end === OPEN ? x(OPEN) : x(end);
    let left = x(start);
    if (left >= right) return;
    const top = y(at + room);
    const bottom = y(at);
    if (top >= bottom) return;
    const edge = bottom - top >= EDGED ? EDGE : 0;
    if (colouring === "owner") return fill(left, right, top, bottom, dress(owner) + 1, edge);
    // from one age to the next
    for (let age = 0; left < right; age++) {
      const turn = age < limits.length ? Math.min(right, x(Math.min(OPEN, born + limits[age]))) : right;
      if (turn <= left) continue;
      fill(left, turn, top, bottom, age + 1, edge);
      left = turn;
    }
  });

  for (const lock of history.locks) {
    if (lock.to <= first || lock.from >= after) continue;
    hatch(x(lock.from), Math.max(x(lock.from) + 1, x(lock.to)), y(lock.at + lock.room), y(lock.at));
  }
  return cells;

  function fill(left: number, right: number, top: number, bottom: number, value: number, edge: number): void {
    for (let row = top; row < bottom; row++) {
      const shade = row === top ? value | edge : value;
      const start = row * width + left;
      if (right - left > 8) cells.fill(shade, start, start + right - left);
      else for (let i = 0; i < right - left; i++) cells[start + i] = shade;
    }
  }

  function hatch(left: number, right: number, top: number, bottom: number): void {
    for (let row = top; row < bottom; row++)
      for (let column = left; column < Math.min(width, right); column++)
        if (row === top || row === bottom - 1 || (row + column) % HATCH < 2) cells[row * width + column] |= LOCKED;
  }
}
