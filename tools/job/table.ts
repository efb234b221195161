import { count, number } from "../number";
import { align } from "../table";
import type { Report } from "./program";

type Row = [title: string, cell: (report: Report) => string];

const NAMES = { firstfit: "first fit", tidyheap: "tidyheap" };

const ROWS: Row[] = [
  ["messages received", (r) => number(r.messages)],
  ["messages kept at the end", (r) => number(r.kept)],
  ["messages kept, mean", (r) => mean(r, r.sums.kept).toFixed(1)],
  ["messages lost to refusals", (r) => number(r.lost)],
  ["refusals", (r) => number(r.refused)],
  ["transmit buffers served", (r) => `${number(r.served)} of ${number(r.asked)}`],
  ["bytes in use, mean", (r) => `${whole(mean(r, r.sums.used))} (${Math.round((100 * mean(r, r.sums.used)) / r.size)} %)`],
  ["bytes of bookkeeping at the end", (r) => number(r.meta)],
  ["largest hole at the end", (r) => number(r.largest)],
  ["largest hole, mean", (r) => whole(mean(r, r.sums.largest))],
  ["bytes moved, or copied to grow", (r) => number(r.moved)],
  ["longest tick, bytes moved", (r) => number(r.tick)],
  ["longest tick, ms here", (r) => r.ms.toFixed(2)],
  ["longest request, bytes moved", (r) => number(r.pause)],
  ["bytes kept and verified at the end", (r) => `${number(r.right)} of ${number(r.keptBytes)}`],
  ["bytes verified in all", (r) => number(r.verified)],
  ["verifications failed", (r) => number(r.damaged)]
];

/** Further rows where the memory is a chip. */
const BUS: Row[] = [
  ["bytes on the bus", (r) => number(r.bus!.bytes)],
  ["bytes on the bus per byte received", (r) => (r.bus!.bytes / Math.max(1, r.bytes)).toFixed(1)],
  ["transactions on the bus", (r) => number(r.bus!.frames)],
  ["time on the bus, ms", (r) => whole(r.bus!.ms)]
];

/** The reports side by side, in columns for a fixed-width font; where `columns` are too few for that, below the titles. */
export function table(reports: Report[], columns = Infinity): string {
  const head = ["", ...reports.map((report) => NAMES[report.kind])];
  const rows = reports.every((report) => report.bus) ? [...ROWS, ...BUS] : ROWS;
  const lines = [head, ...rows.map(([title, cell]) => [title, ...reports.map(cell)])];
  const text = align(lines);
  if (text.every((line) => line.length <= columns)) return text.join("\n");
  return lines.map(([title, ...cells]) => `${title || "of"}\n  ${cells.join(", ")}`).join("\n");
}

/** What the numbers mean, in one sentence. `limit` is the share of the memory the program never went beyond. */
export function meaning([fit, tidy]: Report[], limit: number): string {
  if (fit.messages === 0) return "No message came, so there is nothing to compare.";
  const frame = `Both had the same ${number(fit.size)} bytes and the program never asked for more than ${Math.round(100 * limit)} % of them, bookkeeping included`;
  if (fit.refused + tidy.refused === 0) return `${frame}: neither refused anything, this traffic is too light to tell them apart.`;
  return `${frame}: first fit ${fate(fit)}, tidyheap ${fate(tidy)} and moved ${moves(tidy)}.`;
}

function fate({ refused, lost }: Report): string {
  if (refused === 0) return "refused nothing";
  return `refused ${times(refused)} and lost ${count(lost, "message")} that should have stayed`;
}

function moves({ moved, bytes, tick }: Report): string {
  const ratio = (moved / Math.max(1, bytes)).toFixed(1);
  return `${number(moved)} bytes for it, ${ratio} per byte received, at most ${number(tick)} in one tick`;
}

/** One line for every verification that failed; none when all is as it came in. */
export function faults(reports: Report[]): string[] {
  return reports.flatMap((report) => {
    const name = NAMES[report.kind];
    const found = [];
    if (report.damaged > 0 || report.right !== report.keptBytes) found.push(`${name}: ${damage(report)}`);
    if (report.check) found.push(`${name}: check() says ${report.check}`);
    return found;
  });
}

function damage({ damaged, faults }: Report): string {
  const which = faults.map((number) => (number < 0 ? "a transmit buffer" : `message ${number}`)).join(", ");
  return `${times(damaged)} a block was not what had come in (${which})`;
}

function mean(report: Report, sum: number): number {
  return report.messages ? sum / report.messages : 0;
}

function times(n: number): string {
  return n === 1 ? "once" : `${number(n)} times`;
}

function whole(value: number): string {
  return number(Math.round(value));
}
