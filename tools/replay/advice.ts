import { advise, type Board } from "../../boards/board";
import { BOARDS } from "../../boards/index";
import { number } from "../number";
import { align } from "../table";
import { payload, refusals } from "./measure";
import type { Flavour, Setup, Ticks } from "./play";
import { addressable, type Advice } from "./search";

/** The board of that name, of BOARDS or as process.env.BOARD has it; undefined when there is none. */
export function board(name: string): Board | undefined {
  return (Object.hasOwn(BOARDS, name) ? BOARDS[name] : undefined) ?? Object.values(BOARDS).find((one) => one.name === name);
}

/** What create() is to be called with. Defaults are left out. */
export function call({ size, handles, unit, fit, pause, generations, flavour }: Setup): string {
  const options = [
    flavour === "far" ? "store: store" : "",
    `size: ${size}`,
    `handles: ${handles}`,
    unit === 4 ? "" : `unit: ${unit}`,
    fit === "best" ? "" : `fit: "${fit}"`,
    pause === undefined ? "" : `pause: ${pause}`,
    generations === 24 ? "generations: 24" : ""
  ];
  return `create({ ${options.filter(Boolean).join(", ")} })`;
}

function start(tick: Ticks | "as recorded"): string {
  if (tick === "as recorded") return ", and ticks as in the program";
  return tick === "none" ? ", without ticks" : `, pool.start(${tick.ms}, ${tick.budget})`;
}

/** What was found, as text. */
export function report({ needs, best, setup, trials, tick, result }: Advice): string {
  const rows = needs.map((need) => [`unit ${need.unit}${need === best ? " *" : ""}`, ...[need.size, need.handles, need.result.meta, need.bytes].map(number)]);
  const times = trials.map(({ name, result: one }) => [name, ...[refusals(one), one.waits, one.longestCall, one.longestTick, one.moved].map(number)]);
  return [
    `Smallest pool in which nothing is refused (${number(best.live)} bytes are live at peak: no pool can be smaller)`,
    ...align([["", "pool", "handles", "bookkeeping", "together"], ...rows]),
    ...(best.unit < 4 && setup.flavour !== "far" ? [`A pool in RAM with unit ${best.unit} copies byte by byte: 330 instructions a byte on Espruino against 124 with unit 4.`] : []),
    "",
    `Ticks, in a pool a tenth larger`,
    ...align([["", "refused", "waited", "longest call", "longest tick", "bytes moved"], ...times]),
    "",
    `The right pool for this program: ${call(setup)}${start(tick)}`,
    `  ${number(setup.size + result.meta)} bytes with bookkeeping, ${payload(result).toFixed(1)} % of them payload at peak; a tenth more than the least, because no other day is quite the same.`,
    `  ${fits(setup)}`
  ].join("\n");
}

/** Where the pool is no larger than what is advised for the board. */
function fits(setup: Setup): string {
  if (setup.flavour === "far") return `On any chip of ${number(setup.size)} bytes or more; its table takes RAM.`;
  if (!addressable(setup)) return "Too large for a pool in the RAM of an Espruino: 65,536 bytes at most.";
  const all = Object.values(BOARDS).map((one) => ({ title: one.title, size: advise(one).size }));
  const name = ({ title, size }: { title: string; size: number }) => `${title} (${number(size)})`;
  const good = all.filter(({ size }) => size >= setup.size).map(name);
  if (good.length === all.length) return "Every board here is advised as much or more.";
  return good.length ? `Boards that are advised as much or more: ${good.join(", ")}.` : `No board is advised as much (at most ${number(Math.max(...all.map(({ size }) => size)))}): take a chip on SPI and tidyheap-far.`;
}

/** The kind of pool a trace is of, by its bookkeeping and its counters. */
export function flavour(stat: Record<string, unknown>): Flavour {
  // RAM: 4 to 8 bytes a row; external: 9 and more
  if ((stat.meta as number) / ((stat.handles as number) + 2) > 8) return "far";
  return stat.peak ? "full" : "core";
}
