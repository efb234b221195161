import type { Options } from "../../src/option";
import { markdown, type Cell } from "../table";
import { mean, percent } from "./figure";
import { Load, SIZE, type Traffic } from "./traffic";

// What single options do to the traffic of traffic.ts: one table for each, the others as create() has them.

const ROWS = 1024; // handles where they are not what is looked at: more than the traffic ever has blocks
const PART = 0.85; // of the pool, where the fill is not what is looked at
const LIVE = 120; // blocks that are live at that fill

/** One line: a name, the options, the fill, and the budget of the tick after every operation, 0 for none. */
type Line = [name: string, options: Partial<Options>, fill?: number, tick?: number];

const FILLS = [0.5, 0.7, PART];
const PAUSES = [0, 5, 20, 80]; // ticks
const EVERY = 40; // requests from one pause to the next
const LARGE = SIZE / 8; // bytes of the request behind a pause: what ticks work for

const TABLES: Record<string, Line[]> = {
  "size, as live bytes / size": [0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95].map((fill): Line => [percent(fill, 0) + " %", {}, fill]),
  "handles, as a multiple of live blocks": [1.1, 1.25, 1.5, 2, 4].map((times): Line => [`${times}`, { handles: Math.round(LIVE * times) }]),
  unit: [1, 4, 16, 64].map((unit): Line => [`${unit}`, { unit }]),
  "start, with tick(256)": [
    ["none", {}, PART, 256],
    ["used 0.9", { start: { used: 0.9 } }, PART, 256],
    ["used 0.9, 95 % full", { start: { used: 0.9 } }, 0.95, 256],
    ["least 0.05", { start: { least: 0.05 } }, PART, 256],
    ["least 0.1", { start: { least: 0.1 } }, PART, 256]
  ]
};

export interface Plan {
  requests: number;
  progress(text: string): void;
}

export interface Result {
  /** The traffic with every line of every table, by table. */
  tables: Record<string, Traffic[]>;
  /** With pauses, by fill and ticks. */
  pauses: Traffic[][];
}

export function measure({ requests, progress }: Plan): Result {
  const tables: Result["tables"] = {};
  for (const [title, lines] of Object.entries(TABLES)) {
    progress(`option: ${title}`);
    tables[title] = lines.map(([name, options, fill = PART, tick = 0]) => new Load({ name, options: { handles: ROWS, ...options }, tick }, fill).run(requests));
  }
  progress("option: ticks in pauses");
  const pause = (fill: number, ticks: number) => new Load({ name: `${ticks}`, options: { handles: ROWS }, tick: 0, rest: { every: EVERY, ticks, large: LARGE } }, fill).run(requests);
  return { tables, pauses: FILLS.map((fill) => PAUSES.map((ticks) => pause(fill, ticks))) };
}

/** A table for each option, and one of the requests behind pauses: how many moved something, and bytes moved, mean and most. */
export function report({ tables, pauses }: Result): string {
  const row = (line: Traffic): Cell[] => [line.setting, line.moved.toFixed(2), percent(line.waited, 0), percent(line.longest, 0), percent(line.refused, 1)];
  const head = ["bytes moved per byte", "waited, %", "longest, % of pool", "refused, %"];
  const all = Object.entries(tables).map(([title, lines]) => markdown([title, ...head], lines.map(row)));
  const cell = ({ behind }: Traffic): Cell => `${percent(behind.filter(Boolean).length / behind.length, 0)} · ${mean(behind).toFixed(0)} · ${Math.max(...behind)}`;
  const ticks = PAUSES.map((n, i): Cell[] => [`${n} ticks of 256 bytes`, ...pauses.map((fill) => cell(fill[i]))]);
  const behind = markdown([`a request for ${LARGE} bytes behind: waited, % · bytes moved, mean · most`, ...FILLS.map((fill) => `${percent(fill, 0)} % full`)], ticks);
  return [...all, behind].join("\n\n");
}
