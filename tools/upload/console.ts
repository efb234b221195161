// The console of an Espruino as a place to ask: a line goes out, its answer comes back between marks.
//
//   out  [ DLE ][ print("<"+"th7="+JSON.stringify(...)+"=th7>") ][ LF ]     DLE: the line is neither echoed nor its value printed
//   in   ...whatever the board prints... <th7=16947=th7> ...
//
// A mark is put together on the board, so that an echo of the line is not taken for it.

import { DLE, FLOW, HELD_MS, plain, XOFF } from "../terminal";
import type { Wire } from "./wire";

const CTRL_C = "\x03";
const LINE_FEED_INSIDE = "\x1b\n"; // a new line that does not end the input

export interface ConsoleOptions {
  /** Milliseconds a board may take for an answer that needs no work. */
  answerMs: number;
  /** Milliseconds for a page of flash to be erased, or all of Storage to be compacted. */
  writeMs: number;
  /** Milliseconds a board gets to print the errors of what was started last. */
  settleMs: number;
  /** Milliseconds between blocks of 20 bytes, for boards that lose input; 0 sends larger ones without a pause. */
  paceMs: number;
  /** Bytes of a file in one line. */
  pieceBytes: number;
}

/** Why a line has no answer. `text` is what the board said instead. */
export class Unanswered extends Error {
  constructor(
    readonly kind: "ended" | "late" | "uncaught" | "memory" | "stopped",
    readonly text: string
  ) {
    super(text);
  }
}

const SLOW_BYTES = 20;
const FAST_BYTES = 512;
const QUOTED = 120; // characters of what a board said, at most
const KEPT = 20000; // characters of what the board prints

// LOW_MEMORY alone is a warning
const MEMORY = /OUT OF MEMORY|New interpreter error: (?:\w+,)*MEMORY\b/;
const ANSWERS = /<th\d+[^]*?th\d+>/g;
const UNCAUGHT = /^.*?(Uncaught .*)$/m;

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** A board's console. One question at a time. */
export class Console {
  private input = "";
  private count = 0;
  private ended: string | undefined;
  private halted = false;
  /** Whether errors on the console are those of what was sent: not before the interpreter has been started again. */
  private alone = false;
  /** Whether it has been told of `halt`. */
  private stopped = false;
  private wake: () => void = () => undefined;

  constructor(
    private readonly wire: Wire,
    readonly options: ConsoleOptions,
    private readonly halt?: AbortSignal
  ) {
    wire.ondata = (text) => this.take(text);
    wire.onend = (why) => {
      this.ended = why;
      this.wake();
    };
  }

  /** What the board has printed since this was last read, without colours, prompts and answers. */
  heard(): string {
    const lines = this.input.replace(ANSWERS, "").split("\n").map(plain);
    this.input = "";
    return lines.join("\n").trim();
  }

  /** The value of an expression. Rejects with Unanswered: an exception is "uncaught". */
  async ask<T>(expression: string, ms = this.options.answerMs): Promise<T> {
    const text = await this.line(`print("<"+"th#="+JSON.stringify(${expression})+"=th#>")`, ms);
    try {
      return (text === "undefined" ? undefined : JSON.parse(text)) as T;
    } catch {
      throw new Unanswered("uncaught", `its answer is ${text.slice(0, QUOTED)}`);
    }
  }

  /** Runs statements. Resolves when they have been run. Rejects with Unanswered. */
  async run(statements: string, ms = this.options.answerMs): Promise<void> {
    await this.line(`${statements}${/[;}]$/.test(statements) ? "" : ";"}print("<"+"th#=0=th#>")`, ms);
  }

  /**
   * Runs one statement of a program, whatever it prints. Unlike run() it is a line of its own, so that the board sees it as it would have come from
   * an IDE. Rejects with Unanswered.
   */
  async statement(text: string, ms = this.options.answerMs): Promise<void> {
    await this.send(`${DLE}${text.replace(/\r?\n/g, LINE_FEED_INSIDE)}\n`);
    await this.run("0", ms);
  }

  /** Ends what the board runs or has been given half of, and finds out that a console answers. */
  async hello(): Promise<void> {
    const tries = 3; // a board that restarts when its port is opened misses the first
    for (let round = 1; ; round++) {
      await this.send(`${CTRL_C}\n`);
      await pause(this.options.settleMs);
      this.heard();
      try {
        return await this.run("0", this.options.answerMs / tries);
      } catch (error) {
        if (!(error instanceof Unanswered) || error.kind !== "late" || round === tries) throw error;
      }
    }
  }

  /** Starts the interpreter again with "reset()", without saved code, or "load()", with it. Resolves when its console answers. */
  async restart(call: "reset()" | "load()"): Promise<void> {
    this.heard();
    await this.send(`${DLE}${call};\n`);
    this.alone = true;
    await pause(this.options.settleMs);
    await this.run("0", this.options.writeMs);
    if (call === "reset()") this.heard(); // no more than a banner; after load() it is what the program printed
  }

  /** Waits for the errors of what was started last; what it has printed instead. Rejects with Unanswered when there are some. */
  async settle(): Promise<string> {
    await pause(this.options.settleMs);
    await this.run("0");
    const text = this.heard();
    this.faults(text);
    return text;
  }

  /** Rejects when `text` has an error the board printed. */
  private faults(text: string): void {
    if (!this.alone) return;
    if (MEMORY.test(text)) throw new Unanswered("memory", text);
    const uncaught = UNCAUGHT.exec(text);
    if (uncaught) throw new Unanswered("uncaught", uncaught[1].trim());
  }

  private async line(text: string, ms: number): Promise<string> {
    // once: what is half done is cleaned up after it
    if (this.halt?.aborted && !this.stopped) {
      this.stopped = true;
      throw new Unanswered("stopped", "");
    }
    const mark = `th${++this.count}`;
    const pattern = new RegExp(`<${mark}=([^]*?)=${mark}>`);
    await this.send(`${DLE}${text.replace(/th#/g, mark)}\n`);
    const late = Date.now() + ms;
    for (;;) {
      const found = pattern.exec(this.input);
      if (found) {
        this.faults(this.input.slice(0, found.index));
        this.input = this.input.replace(found[0], "");
        return found[1];
      }
      if (this.ended !== undefined) throw new Unanswered("ended", this.ended);
      if (this.alone && (UNCAUGHT.test(this.input) || MEMORY.test(this.input))) {
        await this.more(this.options.settleMs); // the rest of the message
        this.faults(this.input);
      }
      const left = late - Date.now();
      if (left <= 0) throw new Unanswered("late", this.heard());
      await this.more(left);
    }
  }

  /** Waits until something comes in, the connection ends, or `ms` are over. */
  private more(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  private take(text: string): void {
    for (const sign of text.match(FLOW) ?? []) this.halted = sign === XOFF;
    this.input = (this.input + text.replace(FLOW, "")).slice(-KEPT);
    this.wake();
  }

  private async send(text: string): Promise<void> {
    const most = this.options.paceMs ? SLOW_BYTES : FAST_BYTES;
    for (let at = 0; at < text.length; at += most) {
      for (const until = Date.now() + HELD_MS; this.halted && Date.now() < until && this.ended === undefined; ) await this.more(until - Date.now());
      this.halted = false;
      if (this.ended !== undefined) throw new Unanswered("ended", this.ended);
      try {
        await this.wire.send(text.slice(at, at + most));
      } catch (error) {
        throw new Unanswered("ended", this.ended ?? (error as Error).message);
      }
      if (this.options.paceMs) await pause(this.options.paceMs);
    }
  }
}

/** What `work` gives; when the board does not answer, one sentence that says what was being done and what to do. */
export async function during<T>(doing: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof Unanswered ? new Error(sentence(doing, error)) : error;
  }
}

function sentence(doing: string, { kind, text }: Unanswered): string {
  const quote = text.split("\n").filter((line) => line.trim()).at(-1)?.trim().slice(0, QUOTED);
  if (kind === "stopped") return `stopped while ${doing}: repeat the upload`;
  if (kind === "ended") return `connection lost while ${doing} (${text}): connect the board again and repeat the upload`;
  if (kind === "memory") return `the board ran out of JsVars while ${doing}: use --storage, --flavour core or tiny, or a smaller program`;
  const missing = /Module "?([^"\n]*?)"? not found/.exec(text)?.[1];
  if (missing !== undefined) return `module "${missing}" is not on the board, it said so while ${doing}: store it first, or add its --flavour`;
  if (kind === "uncaught") return `error on the board while ${doing}: ${text.split("\n")[0]}${/Error: [A-Z]+(_[A-Z]+)*: /.test(text) ? " (see docs/errors.md)" : ""}`;
  if (/password/i.test(text)) return `the console of the board asks for a password: open it in a terminal first (E.setPassword())`;
  const said = quote ? `, its last words: ${JSON.stringify(quote)}` : "";
  if (/^running/.test(doing)) return `no answer from the board while ${doing}${said}: a program has to come to an end, what repeats belongs in setInterval(). Switch the board off and on; if it only takes long, give a longer --timeout`;
  return `no answer from the board while ${doing}${said}: switch it off and on and repeat the upload, with --slow or a longer --timeout if that does not help`;
}
