// The counters as they are read by people.

import { number, percent } from "../number";
import { fragmentation, type Facts } from "./pool";

/** One thing that is counted: its name for programs, for people, and its value. */
export interface Counter {
  name: string;
  title: string;
  text: string;
}

const TITLES: Record<string, string> = {
  used: "used",
  free: "free",
  largest: "largest hole",
  live: "live blocks",
  retired: "rows used up",
  moved: "moved so far",
  moves: "moves so far",
  epoch: "epoch",
  waits: "calls that moved first",
  longest: "most moved by a call",
  "peak.used": "most used",
  "peak.live": "most live blocks"
};
const BYTES = ["used", "free", "largest", "moved", "longest", "peak.used"];
const REFUSED = "refused.";

/** Everything that is counted, with shares where there is a whole. */
export function counters({ stat }: Facts, values: Record<string, number>): Counter[] {
  const whole: Record<string, number> = { used: stat.size, free: stat.size, largest: values.free, live: stat.handles, "peak.used": stat.size, "peak.live": stat.handles };
  const refused = Object.keys(values).filter((name) => name.startsWith(REFUSED));
  // every byte that is moved changes epoch by one
  const plain = Object.keys(values).filter((name) => !refused.includes(name) && !(name === "epoch" && values.epoch === values.moved));
  const list = plain.map((name) => ({ name, title: TITLES[name] ?? name, text: said(name, values[name], whole[name]) }));
  list.splice(3, 0, { name: "fragmentation", title: "fragmentation", text: percent(fragmentation(values)) });
  if (refused.length) list.push({ name: "refused", title: "refused", text: causes(refused.map((name) => [name.slice(REFUSED.length), values[name]])) });
  return list;
}

function said(name: string, value: number, whole = 0): string {
  const bytes = BYTES.includes(name) ? " bytes" : "";
  const share = whole > 0 ? `, ${percent(value / whole)}` : "";
  return number(value) + bytes + share + (share && name === "largest" ? " of what is free" : "");
}

function causes(list: [string, number][]): string {
  const found = list.filter(([, count]) => count > 0);
  const sum = found.reduce((all, [, count]) => all + count, 0);
  return sum ? `${number(sum)}: ${found.map(([why, count]) => `${why} ${number(count)}`).join(", ")}` : "0";
}
