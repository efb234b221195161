import { setTimeout as sleep } from "node:timers/promises";
import { fold, Progress } from "../command";

/** One memory on the screen. */
export interface Lane {
  name: string;
  kept(): number;
  map(columns: number): string;
}

/** Where the screen is: process.stdout, or what a test puts in its place. */
export interface Output {
  isTTY?: boolean;
  columns?: number;
  write(text: string): unknown;
}

export interface Environment {
  NO_COLOR?: string;
  TERM?: string;
}

const FRAMES = 60; // of a whole run
const FRAME_MS = 70; // 14 frames a second
const PARTS = 4; // progress lines of a run without a terminal
const WIDEST = 100; // columns
const NARROW = 40; // columns below which names are left out
const GAP = "  ";
const GREEN = "\x1b[32m";
const DIM = "\x1b[2m";
const PLAIN = "\x1b[0m";

/** Shows a run: a live map and a bar in a terminal, otherwise a few lines. */
export class Screen {
  private frame = 0;
  private height = 0;
  private readonly live: boolean;
  private readonly colour: boolean;

  constructor(private readonly out: Output, env: Environment = process.env) {
    this.live = out.isTTY === true && env.TERM !== "dumb";
    this.colour = this.live && !env.NO_COLOR;
  }

  /** Says something, in a terminal in lines that fit. */
  say(text: string): void {
    this.out.write(`${fold(text, this.out.isTTY ? this.out.columns : undefined)}\n`);
  }

  /** Shows `text` for as long as `work` takes, when that is long. */
  during<T>(text: string, work: Promise<T>): Promise<T> {
    return new Progress(this.out).during(text, work);
  }

  /**
   * Shows the run after `done` of `total` messages. In a terminal it waits a little after each frame, so that a run
   * takes about four seconds and can be watched.
   */
  async show(done: number, total: number, lanes: Lane[]): Promise<void> {
    const parts = this.live ? FRAMES : PARTS;
    const frame = Math.floor((parts * done) / total);
    if (frame === this.frame) return;
    this.frame = frame;
    if (!this.live) return this.say(progress(done, total, lanes));
    this.draw(this.lines(done, total, lanes));
    await sleep(FRAME_MS);
  }

  private lines(done: number, total: number, lanes: Lane[]): string[] {
    const width = Math.max(1, Math.min(WIDEST, (this.out.columns ?? 80) - 1)); // a full last column would wrap
    const label = width < NARROW ? 0 : Math.max(...lanes.map((lane) => lane.name.length)) + GAP.length;
    const maps = lanes.map((lane) => lane.name.padEnd(label).slice(0, label) + this.paint(lane.map(width - label)));
    return [...maps, bar(done, total, width)];
  }

  /** Colours what is in use and what is free. */
  private paint(map: string): string {
    if (!this.colour) return map;
    return map.replace(/[^.]+/g, `${GREEN}$&${PLAIN}`).replace(/\.+/g, `${DIM}$&${PLAIN}`);
  }

  /** Writes the lines over the ones of the frame before. */
  private draw(lines: string[]): void {
    const up = this.height ? `\x1b[${this.height}A` : "";
    this.out.write(up + lines.map((line) => `\r\x1b[K${line}\n`).join(""));
    this.height = lines.length;
  }
}

function progress(done: number, total: number, lanes: Lane[]): string {
  const kept = lanes.map((lane) => `${lane.name} keeps ${lane.kept()}`).join(", ");
  return `${percent(done, total)} of ${total} messages: ${kept}`;
}

function bar(done: number, total: number, width: number): string {
  const text = ` ${percent(done, total)}`;
  const room = width - text.length - 2;
  if (room < 4) return text.trim().slice(0, width);
  const full = Math.floor((room * done) / total);
  return `[${"=".repeat(full)}${" ".repeat(room - full)}]${text}`;
}

function percent(done: number, total: number): string {
  return `${Math.floor((100 * done) / total)} %`.padStart(5);
}
