// Asks a board with Espruino's console: a line that begins with DLE is run without being echoed. Answers are marked, so that they are
// found among all else that the board prints:
//
//   ~3 17 the answer itself~       number of the question, characters of the answer
//   ~3+a piece of it~              pieces may come before
//   ~3 25 !ReferenceError: no x~   it threw
//
// Knows no page and no port: it is given what came and how to send.

import { BANNER, DLE, HELD_MS, Lines } from "../terminal";

/** Why there is no answer. */
export type Cause = "SILENT" | "CUT" | "THROWN" | "MEMORY" | "CLOSED";

export class Failure extends Error {
  constructor(readonly code: Cause, message: string) {
    super(message);
  }
}

export interface Hearer {
  /** A line that is no answer: the program has printed it. */
  printed?(line: string): void;
  /** The board has started anew. */
  restarted?(): void;
}

/** Timers, so that tests need not wait. */
export interface Timing {
  set(run: () => void, ms: number): unknown;
  clear(timer: unknown): void;
}

interface Question {
  number: string;
  text: string;
  ms: number;
  pieces: string;
  answered(text: string): void;
  failed(failure: Failure): void;
}

const NUMBERS = 1296; // of questions, two digits in base 36: answers that come too late are told apart
const LATE = /~[0-9a-z]{1,2}(?: \d+ |\+).*~$/;
const STARVED = /^(Out of Memory!|New interpreter error:.*MEMORY|.*\bLOW_MEMORY\b)/i;
const TROUBLE = /^(Uncaught |Execution Interrupted)/;
/** Takes back what somebody has typed and not ended, up to this many characters; harmless where there is nothing. */
const RUBBED = "\b".repeat(80);

/** Timers as they are. */
export const REAL: Timing = { set: (run, ms) => setTimeout(run, ms), clear: (timer) => clearTimeout(timer as number) };

/** The line that is sent: `body` is run in a function of its own and sets t, the answer; `#` in it is the question's number. */
export function line(number: string, body: string): string {
  return `${DLE}(function(s,t){try{${body.replace(/#/g, number)}}catch(e){t="!"+e}print("~${number}",t.length,t+"~")})()\n`;
}

/** A board at the other end of a line. One question at a time; the others wait. */
export class Board {
  private readonly lines: Lines;
  private readonly waiting: Question[] = [];
  private now: Question | undefined;
  private timer: unknown;
  private last = 0;
  private trouble = "";
  private starved = false;
  private open = true;
  private held: (() => void)[] | undefined;
  /** Bytes sent and received so far. */
  sent = 0;
  heard = 0;

  /** `send` gets a character a byte. */
  constructor(private readonly send: (text: string) => Promise<void>, private readonly hearer: Hearer = {}, private readonly timing: Timing = REAL) {
    this.lines = new Lines((line) => this.line(line), (go) => this.flow(go));
  }

  /** Takes what has come over the line. */
  take(piece: string): void {
    this.heard += piece.length;
    this.lines.feed(piece);
  }

  /** Rubs out what stands in the board's line without an end. Rejects as ask() does. */
  clear(): Promise<void> {
    return this.write(RUBBED);
  }

  /**
   * Runs `body` on the board, which sets t, and gives that text. Rejects with a Failure: SILENT after `ms` milliseconds, CUT when a part is
   * missing, THROWN with what the board threw, MEMORY when it had too little, CLOSED.
   */
  ask(body: string, ms: number): Promise<string> {
    return new Promise((answered, failed) => {
      if (!this.open) return failed(new Failure("CLOSED", "the connection is closed"));
      const number = (this.last = (this.last + 1) % NUMBERS).toString(36);
      this.waiting.push({ number, text: line(number, body), ms, pieces: "", answered, failed });
      this.next();
    });
  }

  /** The line is gone: every question fails with CLOSED. */
  close(): void {
    this.open = false;
    this.lines.end();
    for (const go of this.held ?? []) go();
    this.held = undefined;
    const all = this.now ? [this.now, ...this.waiting.splice(0)] : this.waiting.splice(0);
    this.timing.clear(this.timer);
    this.now = undefined;
    for (const question of all) question.failed(new Failure("CLOSED", "the connection is closed"));
  }

  private next(): void {
    if (this.now) return;
    const question = (this.now = this.waiting.shift());
    if (!question) return;
    this.trouble = "";
    this.starved = false;
    this.timer = this.timing.set(() => this.late(), question.ms);
    this.write(question.text).catch((error) => this.end(question, new Failure("CLOSED", String(error?.message ?? error))));
  }

  private async write(text: string): Promise<void> {
    if (this.held) await new Promise<void>((go) => this.wait(go));
    if (!this.open) return;
    this.sent += text.length;
    await this.send(text);
  }

  // a board that holds the line for ever has forgotten it
  private wait(go: () => void): void {
    const timer = this.timing.set(() => this.flow(true), HELD_MS);
    this.held?.push(() => (this.timing.clear(timer), go()));
  }

  private flow(go: boolean): void {
    const held = this.held;
    this.held = go ? undefined : (held ?? []);
    if (go) for (const one of held ?? []) one();
  }

  private late(): void {
    const question = this.now as Question;
    const why = this.starved ? new Failure("MEMORY", "the board had too little memory for the question") : new Failure("SILENT", this.trouble || `no answer in ${question.ms} ms`);
    this.end(question, why);
  }

  private end(question: Question, result: string | Failure): void {
    if (this.now !== question) return;
    this.timing.clear(this.timer);
    this.now = undefined;
    if (typeof result === "string") question.answered(result);
    else question.failed(result);
    this.next();
  }

  private line(text: string): void {
    const match = this.now && new RegExp(`~${this.now.number}(?: (\\d+) |\\+)`).exec(text);
    if (this.now && match) {
      if (match.index) this.hearer.printed?.(text.slice(0, match.index));
      return this.answer(this.now, text.slice(match.index + match[0].length), match[1]);
    }
    if (LATE.test(text)) return;
    if (STARVED.test(text)) this.starved = true;
    if (TROUBLE.test(text)) this.trouble = text;
    if (text) this.hearer.printed?.(text);
    if (BANNER.test(text)) this.restart();
  }

  private answer(question: Question, rest: string, length: string | undefined): void {
    const whole = rest.endsWith("~");
    const text = whole ? rest.slice(0, -1) : rest;
    if (!whole || (length !== undefined && text.length !== Number(length))) return this.end(question, new Failure("CUT", `the answer was cut or mixed with something else: ${rest.slice(0, 60)}`));
    if (length === undefined) question.pieces += text;
    else if (text[0] === "!") this.end(question, new Failure("THROWN", text.slice(1)));
    else this.end(question, question.pieces + text);
  }

  private restart(): void {
    if (this.now) this.end(this.now, new Failure("CLOSED", "the board has started anew"));
    this.hearer.restarted?.();
  }
}
