// A picture in characters: the map at some moments, one above the other, with the figures beside it.

import { fold } from "../command";
import { number, percent } from "../number";
import type { History } from "./history";
import { draw } from "./map";

const MOMENTS = 24; // lines at most
const FIGURES = ["operation", "used", "free", "largest", "split", "moved"];
const MEANINGS: Record<string, string> = { largest: "the largest hole", split: "share of the free bytes outside of it", moved: "bytes since the line above" };
const GREEN = "\x1b[32m";
const DIM = "\x1b[2m";
const PLAIN = "\x1b[0m";

/** The picture in lines of at most `columns` characters; figures are left out, the last first, where there is no room for half a line of map. */
export function print(history: History, columns: number, colour: boolean): string {
  const { ops } = history;
  const count = Math.min(MOMENTS, ops);
  const moments = Array.from({ length: count }, (_, i) => (count < 2 ? 0 : Math.round((i * (ops - 1)) / (count - 1))));
  const cells = [FIGURES, ...moments.map((op, i) => values(history, op, i ? moments[i - 1] : -1))];
  const widths = FIGURES.map((_, column) => Math.max(...cells.map((row) => row[column].length)));
  const figures = Math.max(1, widths.filter((_, column) => taken(widths.slice(0, column + 1)) <= columns / 2).length);
  const width = Math.max(4, columns - taken(widths.slice(0, figures)));
  const lines = cells.map((row) => row.slice(0, figures).map((cell, column) => cell.padStart(widths[column])).join(" ") + "  ");
  const maps = moments.map((op) => draw(history.blocks(op), history.head.size, history.heap.unit, width)).map((line) => (colour ? paint(line) : line));
  const top = [`address 0 to ${number(history.head.size - 1)}`, `to ${number(history.head.size - 1)}`].find((text) => text.length <= width) ?? "";
  const meaning = ["# in use, + in part, . free", ...FIGURES.slice(0, figures).filter((name) => MEANINGS[name]).map((name) => `${name}: ${MEANINGS[name]}`)];
  return [lines[0] + top, ...maps.map((line, i) => lines[i + 1] + line), fold(meaning.join("; "), columns), ""].join("\n");
}

/** Characters that figures of these widths take, with the gaps behind them. */
function taken(widths: number[]): number {
  return widths.reduce((sum, width) => sum + width + 1, 1);
}

function values(history: History, op: number, before: number): string[] {
  const { used, free, largest, total } = history.moment(op);
  const moved = total - (before < 0 ? 0 : history.moment(before).total);
  return [number(op), number(used), number(free), number(largest), percent(history.fragmentation(op)), number(moved)];
}

function paint(line: string): string {
  return line.replace(/[#+]+/g, `${GREEN}$&${PLAIN}`).replace(/\.+/g, `${DIM}$&${PLAIN}`);
}
