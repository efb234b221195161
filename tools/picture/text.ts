// A picture in characters: the map at some moments, one above the other, with the figures beside it.

import { number, percent } from "../number";
import type { History } from "./history";
import { draw } from "./map";

const MOMENTS = 24; // lines at most
const FIGURES = ["operation", "used", "free", "largest", "split", "moved"];
const WIDTH = 9; // characters of a figure
const GREEN = "\x1b[32m";
const DIM = "\x1b[2m";
const PLAIN = "\x1b[0m";

/** The picture in lines of at most `columns` characters; figures are left out, the last first, where there is no room for half a line of map. */
export function print(history: History, columns: number, colour: boolean): string {
  const { ops } = history;
  const count = Math.min(MOMENTS, ops);
  const figures = Math.max(1, Math.min(FIGURES.length, Math.floor(columns / 2 / (WIDTH + 1))));
  const width = Math.max(4, columns - 1 - figures * (WIDTH + 1));
  const rows = Array.from({ length: count }, (_, i) => {
    const op = count < 2 ? 0 : Math.round((i * (ops - 1)) / (count - 1));
    const before = count < 2 || !i ? -1 : Math.round(((i - 1) * (ops - 1)) / (count - 1));
    const line = draw(history.blocks(op), history.head.size, history.heap.unit, width);
    return values(history, op, before).slice(0, figures).map((value) => value.padStart(WIDTH)).join(" ") + "  " + (colour ? paint(line) : line);
  });
  const title = `${FIGURES.slice(0, figures).map((name) => name.padStart(WIDTH)).join(" ")}  ${"address 0 to " + number(history.head.size - 1)}`.slice(0, columns);
  return `${title}\n${rows.join("\n")}\n${"# in use, + in part, . free; split: share of the free bytes outside the largest hole; moved: bytes since the line before".slice(0, Math.max(columns, 40))}\n`;
}

function values(history: History, op: number, before: number): string[] {
  const { used, free, largest, total } = history.moment(op);
  const moved = total - (before < 0 ? 0 : history.moment(before).total);
  return [number(op), number(used), number(free), number(largest), percent(history.fragmentation(op)), number(moved)];
}

function paint(line: string): string {
  return line.replace(/[#+]+/g, `${GREEN}$&${PLAIN}`).replace(/\.+/g, `${DIM}$&${PLAIN}`);
}
