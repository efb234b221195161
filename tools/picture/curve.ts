// The curves under a map: what is drawn of them, for a canvas and for SVG.

import { duration, number, percent } from "../number";
import type { History } from "./history";
import type { Palette } from "./palette";
import type { View } from "./view";

/** One line of a lane. */
export interface Curve {
  name: string;
  colour: keyof Palette & string;
  /** Fills what is below it. */
  filled?: boolean;
  value(op: number): number;
  say(value: number): string;
}

/** Curves over one scale from 0. */
export interface Lane {
  name: string;
  curves: Curve[];
  /** What the top of the lane stands for. */
  most: number;
}

const bytes = (value: number): string => number(value);

/** The lanes of a history, as far as there is something to draw: milliseconds only where calls took any. */
export function lanes(history: History): Lane[] {
  const { head, ops } = history;
  const top = (data: ArrayLike<number>): number => {
    let most = 0;
    for (let op = 0; op < ops; op++) most = Math.max(most, data[op]);
    return most;
  };
  const moved = top(history.moved.data);
  const pause = top(history.durations.data);
  const found: Lane[] = [
    {
      name: "bytes",
      most: head.size,
      curves: [
        { name: "used", colour: "used", filled: true, value: (op) => history.used.data[op], say: bytes },
        { name: "free", colour: "free", value: (op) => history.free.data[op], say: bytes },
        { name: "largest hole", colour: "largest", value: (op) => history.largest.data[op], say: bytes }
      ]
    },
    { name: "fragmentation", most: 1, curves: [{ name: "fragmentation", colour: "split", filled: true, value: (op) => history.fragmentation(op), say: percent }] },
    { name: "moved", most: Math.max(1, moved), curves: [{ name: "moved per call", colour: "moved", filled: true, value: (op) => history.moved.data[op], say: (n) => `${number(n)} bytes` }] }
  ];
  if (pause) found.push({ name: "pause", most: pause, curves: [{ name: "pause per call", colour: "pause", filled: true, value: (op) => history.durations.data[op], say: duration }] });
  return found;
}

/** What is written at the top of a lane. */
export function label({ curves, most }: Lane): string {
  return curves[curves.length - 1].say(most).replace(" bytes", "");
}

/**
 * Corners of a curve in a field `width` times `height` large: x, y, x, y, ... A value stands until the next operation; of those that share a
 * pixel the least and the largest are drawn. Cost: O(operations in view).
 */
export function corners(view: View, curve: Curve, most: number, width: number, height: number): number[] {
  const found: number[] = [];
  const across = width / (view.to - view.from);
  const last = Math.min(view.history.ops - 1, view.op(view.to));
  const y = (value: number): number => Math.round(10 * (height - (height * Math.min(value, most)) / most)) / 10;
  let column = -1;
  let [low, high, final] = [0, 0, 0];
  const flush = (): void => {
    if (column < 0) return;
    if (low !== high) found.push(column, y(low), column, y(high));
    found.push(column, y(final));
  };
  for (let op = view.op(view.from); op <= last; op++) {
    const value = curve.value(op);
    const x = Math.max(0, Math.round((view.place(op) - view.from) * across));
    if (x !== column) {
      flush();
      if (column >= 0) found.push(x, y(final));
      column = x;
      low = high = value;
    }
    low = Math.min(low, value);
    high = Math.max(high, value);
    final = value;
  }
  flush();
  found.push(width, y(final));
  return found;
}

/** Numbers for the marks of an axis from `from` to `to`: at most `most`, round ones. */
export function marks(from: number, to: number, most: number): number[] {
  const rough = (to - from) / Math.max(1, most);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((n) => n * power).find((n) => n >= rough)!;
  const found: number[] = [];
  for (let i = Math.ceil(from / step); i * step <= to; i++) found.push(i * step);
  return found;
}
