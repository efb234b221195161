import { number } from "../number";
import { align } from "../table";
import { payload, refusals, type Result } from "./measure";

type Row = [title: string, cell: (result: Result) => string];

const share = (n: number): string => `${n.toFixed(1)} %`;

const ROWS: Row[] = [
  ["pool, bytes", (r) => number(r.size)],
  ["handles", (r) => number(r.handles)],
  ["unit, bytes", (r) => number(r.unit)],
  ["refused", (r) => number(refusals(r))],
  ...["FULL", "FRAGMENTED", "HANDLES", "SIZE"].map((why): Row => [`  ${why}`, (r) => number(r.refused[why] ?? 0)]),
  ["requests that waited for moves", (r) => number(r.waits)],
  ["bytes moved", (r) => number(r.moved)],
  ["longest call, bytes moved", (r) => number(r.longestCall)],
  ["longest tick, bytes moved", (r) => number(r.longestTick)],
  ["bytes live at peak", (r) => number(r.peak)],
  ["  of pool and bookkeeping", (r) => share(payload(r))],
  ["blocks live at peak", (r) => number(r.blocks)],
  ["largest hole, at worst", (r) => number(r.hole)],
  ["free bytes outside of it, at worst", (r) => share(r.frayed)],
  ["bookkeeping, bytes", (r) => number(r.meta)]
];

/** Results side by side under their names, in columns for a fixed-width font. */
export function table(columns: { name: string; result: Result }[]): string {
  const head = ["", ...columns.map(({ name }) => name)];
  return align([head, ...ROWS.map(([title, cell]) => [title, ...columns.map(({ result }) => cell(result))])]).join("\n");
}
