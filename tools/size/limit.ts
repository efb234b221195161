import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { GIVEN, pretty } from "./figure";
import type { Part } from "./part";

/** What is counted of a part. */
export const COUNTED = ["bytes", "gzip", ...GIVEN] as const;

type Counted = (typeof COUNTED)[number];
type Limit = Partial<Record<Counted, number>>;

/** The most that a part may have, by its name. Raising one is a decision: it is written by hand, in a commit of its own. */
export type Limits = Record<string, Limit>;

const FILE = join(__dirname, "limit.json");
const SPARE = 1.01; // a new limit is a percent above what the part has
const ROUND = 10;

const UNITS: Record<Counted, string> = {
  bytes: "bytes",
  gzip: "bytes gzipped",
  ram: "JsVars from RAM",
  storage: "JsVars from Storage",
  heap: "bytes of heap on JerryScript"
};

/** The limits that hold. */
export function limits(): Limits {
  return JSON.parse(readFileSync(FILE, "utf8"));
}

/** Writes limits down. */
export function decide(all: Limits): void {
  writeFileSync(FILE, pretty(all));
}

/** What parts have too much of, and what has no limit yet, a line each. */
export function exceeded(parts: Part[], all: Limits): string[] {
  return parts.flatMap((part) => present(part).map((key) => verdict(part, key, all[part.name]?.[key]))).filter(Boolean);
}

function verdict(part: Part, key: Counted, limit: number | undefined): string {
  const value = part[key] || Infinity; // 0: the engine has too few
  if (limit === undefined) return value < Infinity ? `${part.name} has ${value} ${UNITS[key]} and no limit: npm run size -- --write gives it one` : "";
  return value > limit ? `${part.name} has ${value} ${UNITS[key]}, the limit in tools/size/limit.json is ${limit}` : "";
}

function present(part: Part): Counted[] {
  return COUNTED.filter((key) => part[key] !== undefined);
}

/** Limits for exactly these parts: those there are stay as they are, figures without one get theirs. */
export function complete(parts: Part[], all: Limits): Limits {
  return Object.fromEntries(parts.map((part) => [part.name, Object.fromEntries(COUNTED.flatMap((key) => {
    const limit = all[part.name]?.[key] ?? (part[key] ? ROUND * Math.ceil((SPARE * part[key]) / ROUND) : undefined);
    return limit === undefined ? [] : [[key, limit]];
  }))]));
}
