// What the counters were in the last minutes: used, largest hole, and how much of what is free lies elsewhere.

import { number, percent } from "../number";
import { fragmentation } from "./pool";

const KEPT = 300; // samples
const WIDTH = 300;
const HIGH = 100; // of the bytes
const LOW = 40; // of the fragmentation

const SPACE = "http://www.w3.org/2000/svg";

interface Point {
  time: number;
  used: number;
  largest: number;
  split: number;
}

/** A curve in an element, which it fills. */
export class Curve {
  private points: Point[] = [];
  private readonly bytes = drawing(HIGH, "used", "largest");
  private readonly split = drawing(LOW, "split");

  constructor(root: HTMLElement) {
    root.append(this.bytes, this.split);
  }

  /** Adds what was counted at `time`, milliseconds; `size` is the top. */
  add(time: number, counters: Record<string, number>, size: number): void {
    this.points.push({ time, used: counters.used, largest: counters.largest, split: fragmentation(counters) });
    if (this.points.length > KEPT) this.points.shift();
    const { points } = this;
    const from = points[0].time;
    const span = Math.max(1, time - from);
    const line = (high: number, top: number, value: (point: Point) => number) =>
      points.map((point) => `${fixed(((point.time - from) / span) * WIDTH)},${fixed(high - (high * value(point)) / top)}`).join(" ");
    trace(this.bytes, "used", line(HIGH, size, (point) => point.used));
    trace(this.bytes, "largest", line(HIGH, size, (point) => point.largest));
    trace(this.split, "split", line(LOW, 1, (point) => point.split));
    this.bytes.setAttribute("aria-label", `${ago(span)}: used ${range(points.map((point) => point.used), number)} bytes, largest hole ${range(points.map((point) => point.largest), number)}`);
    this.split.setAttribute("aria-label", `${ago(span)}: ${range(points.map((point) => point.split), percent)} of the free bytes outside the largest hole`);
  }

  /** Forgets all. */
  clear(): void {
    this.points = [];
  }

  /** How long it reaches back, for people. */
  get reach(): string {
    const { points } = this;
    return points.length < 2 ? "" : ago(points[points.length - 1].time - points[0].time);
  }
}

function drawing(high: number, ...names: string[]): SVGSVGElement {
  const made = document.createElementNS(SPACE, "svg");
  for (const [name, value] of Object.entries({ viewBox: `0 0 ${WIDTH} ${high}`, preserveAspectRatio: "none", role: "img", class: `curve high${high}` })) made.setAttribute(name, value);
  for (const name of names) {
    const line = document.createElementNS(SPACE, "polyline");
    line.setAttribute("class", name);
    made.append(line);
  }
  return made;
}

function trace(svg: SVGSVGElement, name: string, points: string): void {
  svg.querySelector(`.${name}`)!.setAttribute("points", points);
}

function fixed(value: number): number {
  return Math.round(value * 10) / 10;
}

function range(values: number[], say: (value: number) => string): string {
  const [least, most] = [Math.min(...values), Math.max(...values)].map(say);
  return least === most ? least : `${least} to ${most}`;
}

function ago(ms: number): string {
  const seconds = Math.round(ms / 1000);
  return seconds < 120 ? `the last ${seconds} s` : `the last ${Math.round(seconds / 60)} min`;
}
