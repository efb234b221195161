import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Part } from "./part";

/** What engines give of a part. */
export const GIVEN = ["ram", "storage", "heap"] as const;

type Figure = Partial<Pick<Part, (typeof GIVEN)[number]>>;

/** What one engine gave, by the name of the part. */
export interface Measured {
  /** What the engine says it is. */
  engine: string;
  date: string;
  /** `bytes` is what the part had at that time. */
  sizes: Record<string, Figure & { bytes: number }>;
}

/** By the name that the engine has in TIDYHEAP_ENGINES. */
export type Figures = Record<string, Measured>;

const FILE = join(__dirname, "figure.json");

/** The figures that are kept for machines without those engines. */
export function figures(): Figures {
  return JSON.parse(readFileSync(FILE, "utf8"));
}

/** Keeps figures for other machines. */
export function keep(all: Figures): void {
  writeFileSync(FILE, pretty(all));
}

/** JSON with a line for every object that has none in it. */
export function pretty(value: unknown): string {
  return `${JSON.stringify(value, null, 1).replace(/\{[^{}]*\}/g, (leaf) => leaf.replace(/\s+/g, " "))}\n`;
}

/** The parts with the figures that are kept for them. */
export function known(parts: Part[], all: Figures): Part[] {
  return parts.map((part) => Object.assign({}, part, ...Object.values(all).map(({ sizes }) => ({ ...sizes[part.name], bytes: part.bytes }))));
}

/** Whether figures that are kept are those of other code than the part has now. */
export function old(part: Part, all: Figures): boolean {
  return Object.values(all).some(({ sizes }) => part.name in sizes && sizes[part.name].bytes !== part.bytes);
}
