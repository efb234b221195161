// The counters as they are read by people.

import { number, percent } from "../picture/words";
import { fragmentation, type Facts } from "./pool";

/** One thing that is counted: its name for programs, for people, and its value. */
export interface Counter {
  name: string;
  title: string;
  text: string;
}

const TITLES: Record<string, string> = {
  used: "used, bytes of payload",
  free: "free, bytes",
  largest: "largest hole, bytes",
  live: "live blocks",
  retired: "rows used up",
  moved: "bytes moved so far",
  moves: "blocks moved so far",
  epoch: "epoch",
  waits: "calls that moved blocks first",
  longest: "most bytes one call moved",
  "peak.used": "most bytes used",
  "peak.live": "most live blocks"
};
const REFUSED = "refused.";

/** Everything that is counted, with shares where there is a whole. */
export function counters({ stat }: Facts, values: Record<string, number>): Counter[] {
  const share = (value: number, whole: number) => (whole > 0 ? ` (${percent(value / whole)})` : "");
  const whole: Record<string, number> = { used: stat.size, free: stat.size, largest: values.free, live: stat.handles, "peak.used": stat.size, "peak.live": stat.handles };
  const refused = Object.keys(values).filter((name) => name.startsWith(REFUSED));
  const plain = Object.keys(values).filter((name) => !refused.includes(name) && !(name === "epoch" && values.epoch === values.moved));
  const list = plain.map((name) => ({ name, title: TITLES[name] ?? name, text: number(values[name]) + (name === "largest" ? ` (${percent(values.free ? values.largest / values.free : 1)} of what is free)` : share(values[name], whole[name] ?? 0)) }));
  list.splice(3, 0, { name: "fragmentation", title: "fragmentation index", text: percent(fragmentation(values)) });
  if (refused.length) list.push({ name: "refused", title: "refused", text: causes(refused.map((name) => [name.slice(REFUSED.length), values[name]])) });
  return list;
}

function causes(list: [string, number][]): string {
  const found = list.filter(([, count]) => count > 0);
  const sum = found.reduce((all, [, count]) => all + count, 0);
  return sum ? `${number(sum)}: ${found.map(([why, count]) => `${why} ${number(count)}`).join(", ")}` : "0";
}
