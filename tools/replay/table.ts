import { payload, refusals, type Result } from "./measure";

type Row = [title: string, cell: (result: Result) => string];

const count = (n: number): string => n.toLocaleString("en");
const share = (n: number): string => `${n.toFixed(1)} %`;

const ROWS: Row[] = [
  ["pool, bytes", (r) => count(r.size)],
  ["handles", (r) => count(r.handles)],
  ["unit, bytes", (r) => count(r.unit)],
  ["refused", (r) => count(refusals(r))],
  ...["FULL", "FRAGMENTED", "HANDLES", "SIZE"].map((why): Row => [`  ${why}`, (r) => count(r.refused[why] ?? 0)]),
  ["requests that waited for moves", (r) => count(r.waits)],
  ["bytes moved", (r) => count(r.moved)],
  ["longest call, bytes moved", (r) => count(r.longestCall)],
  ["longest tick, bytes moved", (r) => count(r.longestTick)],
  ["bytes live at peak", (r) => count(r.peak)],
  ["  of pool and bookkeeping", (r) => share(payload(r))],
  ["blocks live at peak", (r) => count(r.blocks)],
  ["largest hole, at worst", (r) => count(r.hole)],
  ["free bytes outside of it, at worst", (r) => share(r.frayed)],
  ["bookkeeping, bytes", (r) => count(r.meta)]
];

/** Results side by side under their names, in columns for a fixed-width font. */
export function table(columns: { name: string; result: Result }[]): string {
  const head = ["", ...columns.map(({ name }) => name)];
  return align([head, ...ROWS.map(([title, cell]) => [title, ...columns.map(({ result }) => cell(result))])]);
}

/** Cells in columns, the first one to the left, the others to the right. */
export function align(lines: string[][]): string {
  const widths = lines[0].map((_, column) => Math.max(...lines.map((line) => line[column].length)));
  const pad = (cell: string, column: number) => (column ? cell.padStart(widths[column] + 2) : cell.padEnd(widths[0]));
  return lines.map((line) => line.map(pad).join("").trimEnd()).join("\n");
}
