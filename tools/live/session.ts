// From a line to numbers: connects, finds the pool, asks again and again, comes back after what may happen in between.

import { Reader, type Piece } from "../trace";
import { Board, Failure, REAL, type Timing } from "./board";
import type { Line, Link } from "./link";
import { facts, poll, question, recording, sample, STOPPED, Unfit, type Facts, type Sample, type Way } from "./pool";

/** idle: not connected; seeking: no pool yet; live: numbers come; paused; trouble: they should and do not. */
export type State = "idle" | "seeking" | "live" | "paused" | "trouble";

/** Who shows it. */
export interface Screen {
  state(state: State, text: string): void;
  facts(facts: Facts): void;
  /** `ms` from the question to the answer, `bytes` sent and received for it. */
  sample(sample: Sample, ms: number, bytes: number): void;
  /** A line that the program has printed. */
  printed(line: string): void;
  /** A line of a trace. */
  recorded(piece: Piece): void;
}

export interface Wish {
  /** Variable on the board. */
  name: string;
  /** Milliseconds from one question to the next, at least. */
  interval: number;
  /** Characters of the map; 0: none. */
  columns: number;
  /** Lists the blocks of a pool without map(). */
  list: boolean;
}

const ANSWER_MS = 5000; // a large pool on a slow board and a slow line: 1,344 rows take about a second
const LIST_MS = 20_000; // for a list of blocks
const AGAIN_MS = 2000; // until the pool is looked for again
const START_MS = 700; // a board that has started anew runs its program first
const REST = 4; // times as long as an answer took nothing is asked: the board is asked for a fifth of its time at most
const TRIES = 40; // to come back to a board that was lost

/** A page's work with one board at a time. */
export class Session {
  wish: Wish;
  found: Facts | undefined;
  /** A recorder of this page, or one that was there, is at work. */
  recording = false;
  /** Answers so far, and those that were spoiled. */
  answers = 0;
  spoiled = 0;
  private board: Board | undefined;
  private line: Line | undefined;
  private reader = new Reader();
  private halted = false;
  private timer: unknown;
  /** Counts connections: what belongs to an earlier one comes too late. */
  private turn = 0;
  private silent = 0;
  private busy = false;

  constructor(private readonly screen: Screen, wish: Wish, private readonly timing: Timing = REAL) {
    this.wish = wish;
  }

  get connected(): boolean {
    return this.line !== undefined;
  }

  get paused(): boolean {
    return this.halted;
  }

  /** How the map is come by. */
  get way(): Way {
    return !this.wish.columns ? "none" : this.found?.map ? "map" : this.found?.each && this.wish.list ? "each" : "none";
  }

  /** Opens a line and looks for the pool. Says what went wrong on the screen. */
  async connect(link: Link): Promise<void> {
    await this.disconnect();
    this.screen.state("seeking", `Opening the ${link.title} …`);
    await this.open(link, ++this.turn).catch((error) => this.screen.state("idle", error.message));
  }

  /** Closes the line; the program on the board goes on. */
  async disconnect(): Promise<void> {
    const { line } = this;
    this.turn++;
    this.drop();
    this.screen.state("idle", "Not connected.");
    await line?.close();
  }

  /** Asks no more until it is called again. */
  pause(): void {
    if (!this.connected) return;
    this.halted = !this.halted;
    if (this.halted) this.screen.state("paused", "Paused: the board is not asked. What it prints is still read.");
    else this.soon(0);
  }

  /** Other settings; another name is looked for at once. */
  change(wish: Partial<Wish>): void {
    const other = wish.name !== undefined && wish.name !== this.wish.name;
    this.wish = { ...this.wish, ...wish };
    if (other) this.found = undefined;
    if (this.connected && !this.halted) this.soon(0);
  }

  /** Records what the program does with the pool from now on. Rejects with a sentence. */
  async record(): Promise<void> {
    const { board, found } = this;
    if (!board || !found) throw new Error("There is no pool to record yet.");
    if (!found.records) throw new Error("The board has no module tidyheap-record: write dist/tidyheap-record.min.js to its Storage under that name first.");
    if (found.trace) throw new Error(found.trace === "other" ? "The program has a variable trace of its own: the page would overwrite it." : "A recorder runs already (trace): stop it first.");
    // its first lines may come before the answer
    this.recording = true;
    await board.ask(recording(found.name), ANSWER_MS).catch((error) => {
      this.recording = false;
      throw new Error(`The recorder does not start: ${error.message}.`);
    });
    found.trace = "recorder";
  }

  /** Stops the recorder. Rejects with a sentence. */
  async stop(): Promise<void> {
    const { board, found } = this;
    if (!board || !found) throw new Error("The board is not connected: the recorder on it, if there is one, runs on.");
    await board.ask(STOPPED, ANSWER_MS).catch((error) => {
      throw new Error(`The recorder does not stop: ${error.message}.`);
    });
    this.recording = false;
    found.trace = "";
  }

  private drop(): void {
    this.timing.clear(this.timer);
    this.board?.close();
    this.board = this.line = this.found = undefined;
    this.recording = this.halted = false;
    this.silent = 0;
  }

  private async open(link: Link, turn: number): Promise<void> {
    const mine = () => turn === this.turn;
    const board = new Board(
      (text) => this.line?.send(text) ?? Promise.resolve(),
      { printed: (text) => mine() && this.printed(text), restarted: () => mine() && this.restarted() },
      this.timing
    );
    const line = await link.open({
      data: (piece) => board.take(piece),
      gone: (why) => mine() && void this.lost(link, why),
      odd: (text) => mine() && this.screen.printed(`(${text})`)
    });
    if (!mine()) return line.close();
    this.line = line;
    this.board = board;
    this.screen.state("seeking", `Connected. Looking for ${this.wish.name} …`);
    await board.clear();
    this.soon(0);
  }

  private async lost(link: Link, why: string): Promise<void> {
    const turn = ++this.turn;
    this.drop();
    this.screen.state("trouble", `${why} Waiting for it to come back …`);
    for (let n = 0; n < TRIES && turn === this.turn; n++) {
      await link.back(() => turn !== this.turn);
      if (turn !== this.turn) return;
      const open = await this.open(link, turn).then(() => true, () => false);
      if (open) return;
      await new Promise<void>((done) => this.timing.set(done, START_MS));
    }
    if (turn === this.turn) this.screen.state("idle", `${why} It did not come back: connect again when it is there.`);
  }

  private printed(text: string): void {
    const piece = this.reader.take(text);
    if (!piece) return this.screen.printed(text);
    if (piece.head) this.recording = true;
    if (piece.end) this.recording = false;
    this.screen.recorded(piece);
  }

  private restarted(): void {
    this.found = undefined;
    this.recording = false;
    this.reader = new Reader();
    this.screen.state("seeking", "The board has started anew: looking for the pool again …");
    if (!this.halted) this.soon(START_MS);
  }

  private soon(ms: number): void {
    this.timing.clear(this.timer);
    const { board } = this;
    this.timer = this.timing.set(() => void this.step(board as Board), ms);
  }

  private async step(board: Board): Promise<void> {
    // the answer on its way asks again
    if (this.busy || board !== this.board || this.halted) return;
    this.busy = true;
    const from = Date.now();
    try {
      await (this.found ? this.look(board, this.found) : this.seek(board));
      this.silent = 0;
    } catch (error) {
      if (board === this.board) this.failed(error as Error);
    } finally {
      this.busy = false;
      const took = Date.now() - from;
      if (this.board && !this.halted) this.soon(this.found && board === this.board ? Math.max(this.wish.interval - took, REST * took) : board === this.board ? AGAIN_MS : 0);
    }
  }

  private async seek(board: Board): Promise<void> {
    const { name } = this.wish;
    const answer = await board.ask(question(name), ANSWER_MS);
    const found = facts(name, answer);
    if (board !== this.board || name !== this.wish.name) return;
    this.found = found;
    this.recording = found.trace === "recorder";
    this.screen.facts(found);
    await this.look(board, found);
  }

  private async look(board: Board, found: Facts): Promise<void> {
    const { way } = this;
    const { columns } = this.wish;
    const before = board.sent + board.heard;
    const from = Date.now();
    const answer = await board.ask(poll(found, way, columns), way === "each" ? LIST_MS : ANSWER_MS);
    const seen = sample(found, way, columns, answer);
    if (board !== this.board || found !== this.found) return;
    this.answers++;
    this.screen.sample(seen, Date.now() - from, board.sent + board.heard - before);
    if (!this.halted) this.screen.state("live", `Live: ${found.name} on ${found.board}, Espruino ${found.version}.`);
  }

  private failed(error: Error): void {
    const code = error instanceof Failure ? error.code : "";
    if (error instanceof Unfit) return this.screen.state("trouble", `${sentence(error.message)} Looking again every ${AGAIN_MS / 1000} s.`);
    if (code === "CLOSED") return;
    if (code === "CUT") {
      this.spoiled++;
      return this.screen.state("trouble", `${sentence(error.message)} The numbers below are those before it; asking again.`);
    }
    if (code === "SILENT") {
      const again = ++this.silent > 1 ? `${this.silent} times in a row` : "";
      return this.screen.state("trouble", `The board is silent (${error.message}${again && `, ${again}`}). Is the baud rate right? Is the program busy, or its console elsewhere (Serial1 instead of USB, or a password)?`);
    }
    if (code === "MEMORY") return this.screen.state("trouble", "The board had too little memory to answer: choose fewer columns, or a longer interval.");
    if (/^Error: BUSY|^BUSY/.test(error.message)) return this.screen.state("trouble", "The pool is BUSY: a call of the program was cut off (Ctrl-C, out of memory). The pool gives itself back within a millisecond; asking again.");
    // the variable may be gone, or another
    this.found = undefined;
    this.screen.state("trouble", `The board threw ${sentence(error.message)} Looking for the pool again.`);
  }
}

function sentence(text: string): string {
  const first = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(first) ? first : `${first}.`;
}
