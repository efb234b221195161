import assert from "node:assert/strict";
import { Board, Failure, line, type Hearer } from "../tools/live/board";
import { bytes, text, type Ear, type Line, type Link } from "../tools/live/link";
import { Lines, plain } from "../tools/live/line";
import { draw, facts, fragmentation, poll, question, sample, Unfit, variable, type Facts } from "../tools/live/pool";
import { Session, type Screen, type State } from "../tools/live/session";
import { parse, Reader, verify, type Piece } from "../tools/trace";
import { create as far } from "../src/far";
import { create } from "../src/full";
import { record } from "../src/record";
import { Console, PROGRAM } from "./console";
import { Memory } from "./memory";
import { random } from "./random";

/** Timers that run when told to. */
class Hand {
  private readonly all = new Map<number, { run: () => void; ms: number }>();
  private last = 0;
  set(run: () => void, ms: number): number {
    this.all.set(++this.last, { run, ms });
    return this.last;
  }
  clear(timer: unknown): void {
    this.all.delete(timer as number);
  }
  /** Runs what waits. */
  fire(): void {
    for (const [id, { run }] of [...this.all]) {
      this.all.delete(id);
      run();
    }
  }
}

/** A board that answers what it is told to, and what was sent and printed. */
function desk(answer: (number: string) => string | string[]): { board: Board; sent: string[]; printed: string[]; hand: Hand; restarts: number[] } {
  const sent: string[] = [];
  const printed: string[] = [];
  const restarts: number[] = [];
  const hand = new Hand();
  const hearer: Hearer = { printed: (text) => printed.push(text), restarted: () => restarts.push(1) };
  const board: Board = new Board(
    async (text) => {
      sent.push(text);
      const number = /print\("~(\w+)"/.exec(text)?.[1];
      if (number) for (const piece of [answer(number)].flat()) board.take(piece);
    },
    hearer,
    hand
  );
  return { board, sent, printed, hand, restarts };
}

async function failure(run: Promise<unknown>): Promise<string> {
  const error = await run.then(() => assert.fail("nothing was thrown"), (error) => error);
  assert.ok(error instanceof Failure, String(error));
  return `${error.code}: ${error.message}`;
}

/** Cuts a text into pieces of a few characters. */
function crumbs(text: string, next: (n: number) => number, most: number): string[] {
  const all: string[] = [];
  for (let at = 0; at < text.length; ) {
    const n = 1 + next(most);
    all.push(text.slice(at, at + n));
    at += n;
  }
  return all;
}

/** Lets promises go on. */
async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve();
}

describe("live", () => {
  describe("line", () => {
    it("has no terminal codes, prompts and carriage returns", () => {
      assert.equal(plain("\r\x1b[Jtick\r"), "tick");
      assert.equal(plain(">1\r"), "1");
      assert.equal(plain(">\r\x1b[J>>a > b\r"), "a > b");
      assert.equal(plain(">var pa\x1b[D\x1b[D\r\x1b[Jtick\r"), "tick");
      assert.equal(plain("\x1b[31mred\x1b[0m\r"), "red");
      assert.equal(plain("a\tb"), "a\tb");
    });

    it("is the same however the pieces are cut", () => {
      const whole = ">\r\x1b[Jtick\r\n>\r\x1b[J\x1b[1mbold\x1b[0m\r\n\x13>~7 3 abc~\r\n\x11last";
      for (let seed = 1; seed <= 40; seed++) {
        const found: string[] = [];
        const flow: boolean[] = [];
        const lines = new Lines((one) => found.push(one), (go) => flow.push(go));
        for (const piece of crumbs(whole, random(seed), seed % 9 || 1)) lines.feed(piece);
        lines.end();
        assert.deepEqual([found, flow], [["tick", "bold", "~7 3 abc~", "last"], [false, true]]);
      }
    });

    it("ends when it would never end", () => {
      const found: string[] = [];
      const lines = new Lines((one) => found.push(one));
      for (let i = 0; i < 20; i++) lines.feed("x".repeat(1000));
      assert.deepEqual([found.length, found[0].length], [1, 17000]);
    });
  });

  describe("board", () => {
    it("gives the answer among what the program prints", async () => {
      const { board, sent, printed } = desk((n) => [">\r\x1b[Jhello\r\n", `>21.5~${n} 5 `, "1,2,3~\r", "\n>more\r\n"]);
      assert.equal(await board.ask('t="1,2,3"', 100), "1,2,3");
      assert.deepEqual(printed, ["hello", "21.5", "more"]);
      const { board: other } = desk((n) => `~x 3 y~ and ~${n} 2 ok~\n`);
      assert.equal(await other.ask("", 100), "ok");
      assert.equal(sent[0], line("1", 't="1,2,3"'));
      assert.match(sent[0], /^\x10[^\n]+\n$/);
    });

    it("asks one after another", async () => {
      const { board, sent } = desk((n) => `~${n} 1 ${n}~\n`);
      assert.deepEqual(await Promise.all([board.ask("", 9), board.ask("", 9), board.ask("", 9)]), ["1", "2", "3"]);
      assert.equal(sent.length, 3);
    });

    it("joins the pieces of an answer", async () => {
      const { board } = desk((n) => [`~${n}+one,~\r\n`, "printed\r\n", `~${n}+two,~\r\n~${n} 5 three~\r\n`]);
      assert.equal(await board.ask("", 9), "one,two,three");
      const empty = desk((n) => [`~${n}+one~\r\n~${n} 0 ~\r\n`]);
      assert.equal(await empty.board.ask("", 9), "one");
    });

    it("says when the answer is cut or mixed with something", async () => {
      for (const broken of ["~1 5 1,2~\n", "~1 5 1,2,3\n", "~1 5 1,!!2,3~\n", "~1+1,2\n", "~1 5 1,2,3~ and more\n"]) {
        const { board } = desk(() => broken);
        assert.match(await failure(board.ask("", 9)), /^CUT: the answer was cut or mixed with something else: 1,/, JSON.stringify(broken));
      }
    });

    it("says what the board threw", async () => {
      const { board } = desk((n) => `~${n} 18 !Error: BUSY: abcd~\n`);
      assert.equal(await failure(board.ask("", 9)), "THROWN: Error: BUSY: abcd");
    });

    it("says when nothing comes, and drops what comes too late", async () => {
      let late = "";
      const { board, printed, hand } = desk((n) => (n === "1" ? ((late = `~${n} 3 old~\n`), "Uncaught SyntaxError: what\r\n") : [late, `~${n} 3 new~\n`]));
      const first = failure(board.ask("", 50));
      await settle();
      hand.fire();
      assert.equal(await first, "SILENT: Uncaught SyntaxError: what");
      assert.equal(await board.ask("", 50), "new");
      assert.deepEqual(printed, ["Uncaught SyntaxError: what"]);
    });

    it("says when the board had too little memory", async () => {
      const { board, hand } = desk(() => "Out of Memory!\r\n");
      const run = failure(board.ask("", 50));
      await settle();
      hand.fire();
      assert.match(await run, /^MEMORY/);
    });

    it("sends nothing while the board holds the line", async () => {
      const { board, sent, hand } = desk((n) => `~${n} 0 ~\n`);
      board.take("\x13");
      const run = board.ask("", 50);
      await settle();
      assert.deepEqual(sent, []);
      board.take("\x11");
      assert.equal(await run, "");
      board.take("\x13");
      const forgotten = board.ask("", 50);
      await settle();
      hand.fire(); // the board has forgotten it, and so the time is over
      assert.equal(sent.length, 1);
      await failure(forgotten);
    });

    it("knows when the board starts anew", async () => {
      const { board, restarts } = desk(() => ["\r\n|____|\r\n", "http://espruino.com/Don", "ate\r\n\r\n>"]);
      assert.equal(await failure(board.ask("", 9)), "CLOSED: the board has started anew");
      assert.equal(restarts.length, 1);
    });

    it("ends every question when the line is gone", async () => {
      const { board } = desk(() => "");
      const all = [failure(board.ask("", 9)), failure(board.ask("", 9))];
      board.close();
      assert.deepEqual(await Promise.all(all), ["CLOSED: the connection is closed", "CLOSED: the connection is closed"]);
      assert.equal(await failure(board.ask("", 9)), "CLOSED: the connection is closed");
    });

    it("says when sending fails", async () => {
      const board = new Board(() => Promise.reject(new Error("the pipe broke")));
      assert.equal(await failure(board.ask("", 9)), "CLOSED: the pipe broke");
    });

    it("turns bytes into characters and back", () => {
      const all = Uint8Array.from({ length: 256 }, (_, i) => i);
      assert.deepEqual(bytes(text(all)), all);
    });
  });

  describe("pool", () => {
    it("takes names of variables and nothing that does something", () => {
      for (const good of ["pool", "app.pool", "pools[0]", "a.b[12].c", "$x", "newer", "iffy.do1"]) assert.equal(variable(good), good);
      for (const bad of ["", "pool()", "pool.reset()", "a b", "pool;x", "1pool", "a.", "a[b]", "a=1", "pool\n", "new", "this", "delete x", "x".repeat(61)]) assert.throws(() => variable(bad), Unfit, bad);
    });

    it("says what is there instead of a pool", () => {
      const wrong: [string, RegExp][] = [
        ['["undefined"]', /no variable app\. It must be global/],
        ['["number"]', /app is a number, not a pool/],
        ['["object","2v29","PICO",0,0,0,1,0,0,0]', /no pool with stat\(\): the tiny pool/],
        ['["object","2v29","PICO",1,0,0,1,0,0,{"free":3}]', /not that of a pool/]
      ];
      for (const [answer, said] of wrong) assert.throws(() => facts("app", answer), (error: Error) => error instanceof Unfit && said.test(error.message));
      assert.throws(() => facts("app", '["object",'), Failure);
    });

    it("draws a list of blocks as map() would", () => {
      assert.equal(draw([{ at: 0, bytes: 20 }, { at: 40, bytes: 20 }, { at: 100, bytes: 18 }], 132, 4, 11), "#+.+#...+#.");
      assert.equal(draw([], 100, 4, 5), ".....");
      assert.equal(draw([{ at: 0, bytes: 97 }], 100, 4, 3), "###");
    });

    it("refuses an answer that does not agree with itself", () => {
      const known = { name: "p", counters: ["used", "free", "largest", "live"], stat: { size: 100, unit: 4 } } as unknown as Facts;
      assert.equal(sample(known, "map", 4, "8,92,60,2|#..+").map, "#..+");
      assert.equal(sample(known, "each", 4, "8,92,60,2|0.4,1s.4,").map, "+.+.");
      const wrong: ["map" | "each" | "none", string][] = [["map", "8,92,60,2|#.+"], ["map", "8,92,60,2|#.x+"], ["map", "8,92,,2,5|#..+"], ["map", "8,92,6"], ["each", "8,92,60,2|0.4,"], ["each", "8,92,60,2|0.4,1s.5,"], ["none", "8,x,1,2"]];
      for (const [way, answer] of wrong) assert.throws(() => sample(known, way, 4, answer), (error: Failure) => error.code === "CUT", answer);
    });

    it("counts what is outside the largest hole", () => {
      assert.equal(fragmentation({ free: 200, largest: 50 }), 0.75);
      assert.equal(fragmentation({ free: 0, largest: 0 }), 0);
    });

    it("asks in one line that a board can take", () => {
      const all = facts("pool", '["object","2v29","PICO",1,1,1,1,0,0,{"used":1,"free":2,"largest":2,"live":1,"size":3,"handles":4,"unit":4,"meta":9,"peak":{"used":1,"live":1}}]');
      assert.deepEqual(all.counters, ["used", "free", "largest", "live", "peak.used", "peak.live"]);
      for (const body of [question("pool"), poll(all, "map", 64), poll(all, "each", 64), poll(all, "none", 64)]) {
        const sent = line("1z", body);
        assert.doesNotMatch(sent.slice(1, -1), /[^\x20-\x7e]/);
        assert.ok(sent.length < 700, `${sent.length} characters`);
      }
    });
  });

  /** What a screen was told. */
  class Paper implements Screen {
    states: [State, string][] = [];
    samples: { map: string; counters: Record<string, number>; listed: boolean }[] = [];
    lines: string[] = [];
    found: Facts[] = [];
    pieces: Piece[] = [];
    trace: string[] = [];
    state(state: State, text: string): void {
      if (this.states.at(-1)?.join() !== [state, text].join()) this.states.push([state, text]);
    }
    facts(facts: Facts): void {
      this.found.push(facts);
    }
    sample(sample: { map: string; counters: Record<string, number>; listed: boolean }): void {
      this.samples.push(sample);
    }
    printed(line: string): void {
      this.lines.push(line);
    }
    recorded(piece: Piece, line: string): void {
      this.pieces.push(piece);
      this.trace.push(line);
    }
    get last(): string {
      return this.states.at(-1)!.join(": ");
    }
  }

  /** A line to an emulated board that cuts what it sends into crumbs. */
  class Wire implements Link {
    readonly title = "wire";
    ear: Ear | undefined;
    opened = 0;
    fails = "";
    constructor(readonly bench: Console, private readonly next = random(5)) {}
    async open(ear: Ear): Promise<Line> {
      if (this.fails) throw new Error(this.fails);
      this.opened++;
      this.ear = ear;
      this.bench.heard = (text) => crumbs(text, this.next, 7).forEach((piece) => this.ear?.data(piece));
      return { send: async (text) => this.ear && this.bench.write(text), close: async () => void (this.ear = undefined) };
    }
    async back(): Promise<void> {}
    cut(): void {
      const { ear } = this;
      this.ear = undefined;
      ear?.gone("The cable was pulled.");
    }
  }

  describe("session", () => {
    const WISH = { name: "pool", interval: 1000, columns: 32, list: false };
    const sessions: Session[] = [];
    afterEach(async () => {
      for (const session of sessions.splice(0)) await session.disconnect();
    });

    function start(modules: Record<string, string>, program = "", wish = {}): { console: Console; wire: Wire; paper: Paper; session: Session; hand: Hand; turn(times?: number): Promise<void> } {
      const console = new Console(modules);
      if (program) console.machine.exec(program);
      const paper = new Paper();
      const hand = new Hand();
      const session = new Session(paper, { ...WISH, ...wish }, hand);
      sessions.push(session);
      const turn = async (times = 1) => {
        for (let i = 0; i < times; i++) {
          await settle();
          hand.fire();
          await settle();
        }
      };
      return { console, wire: new Wire(console), paper, session, hand, turn };
    }
    const FULL = { tidyheap: "tidyheap.min.js", "tidyheap-record": "tidyheap-record.min.js" };

    it("shows what the pool itself says, as the program goes on", async () => {
      const { console, wire, paper, session, turn } = start(FULL, PROGRAM);
      await session.connect(wire);
      for (let i = 0; i < 40; i++) {
        console.machine.exec("for(var i=0;i<5;i++)step();print('step',held.length)");
        await turn();
        const pool = console.machine.globals.pool;
        const { peak, refused, ...rest } = pool.stat();
        const seen = paper.samples.at(-1)!;
        assert.equal(seen.map, pool.map(32));
        for (const [name, value] of Object.entries(rest)) if (!["size", "handles", "unit", "meta"].includes(name)) assert.equal(seen.counters[name], value, name);
        assert.deepEqual([seen.counters["peak.used"], seen.counters["refused.FULL"]], [peak.used, refused.FULL]);
      }
      assert.equal(new Set(paper.samples.map((one) => one.map)).size > 20, true);
      assert.match(paper.last, /^live: Live: pool on PICO_R1_3, Espruino 2v29\.$/);
      assert.equal(paper.lines.filter((one) => /^step \d+$/.test(one)).length, 40);
      assert.equal(paper.lines.length, 40, "nothing else is printed");
    });

    it("changes nothing in the pool", async () => {
      const { console, wire, session, turn } = start(FULL, PROGRAM);
      console.machine.exec("for(var i=0;i<60;i++)step()");
      const { pool } = console.machine.globals;
      const bytes = [...pool.bytes];
      const before = JSON.stringify(pool.stat());
      await session.connect(wire);
      await turn(5);
      assert.equal(session.answers, 5);
      assert.deepEqual([...pool.bytes], bytes);
      assert.equal(JSON.stringify(pool.stat()), before);
      assert.equal(pool.check(), "");
    });

    it("waits for a pool that is not there yet", async () => {
      const { console, wire, paper, session, turn } = start(FULL);
      await session.connect(wire);
      await turn();
      assert.match(paper.last, /^trouble: The program has no variable pool\. It must be global/);
      console.machine.exec("global.pool=5");
      await turn();
      assert.match(paper.last, /^trouble: Pool is a number, not a pool/);
      console.machine.exec(PROGRAM);
      await turn();
      assert.match(paper.last, /^live/);
      console.machine.globals.pool = undefined;
      await turn();
      assert.match(paper.last, /^trouble: The board threw /);
      session.change({ name: "no name" });
      await turn();
      assert.match(paper.last, /^trouble: "no name" is no name of a variable/);
    });

    it("asks for no map where none is wanted", async () => {
      const { wire, paper, session, turn } = start(FULL, PROGRAM, { columns: 0 });
      await session.connect(wire);
      await turn();
      assert.deepEqual([session.way, paper.samples[0].map, paper.samples[0].counters.live], ["none", "", 0]);
    });

    it("says that the core pool has counters only", async () => {
      const { wire, paper, session, turn } = start({ tidyheap: "tidyheap-core.min.js" }, PROGRAM, { list: true });
      await session.connect(wire);
      await turn();
      assert.deepEqual([paper.found[0].map, paper.found[0].each, session.way, paper.samples[0].map], [false, false, "none", ""]);
    });

    it("lists the blocks of an external pool when asked to", async () => {
      const { console, wire, paper, session, turn } = start({ tidyheap: "tidyheap-far.min.js" });
      console.machine.globals.pool = far({ store: new Memory(8192, false) as any, handles: 90 });
      const { pool } = console.machine.globals;
      const all = Array.from({ length: 60 }, (_, i) => pool.alloc(20 + ((i * 37) % 150))).filter(Boolean);
      all.forEach((h: number, i: number) => i % 3 === 1 && pool.free(h));
      await session.connect(wire);
      await turn();
      assert.deepEqual([session.way, paper.samples[0].map], ["none", ""]);
      session.change({ list: true });
      await turn();
      const blocks: { at: number; bytes: number }[] = [];
      pool.each((_: number, at: number, bytes: number) => blocks.push({ at, bytes }));
      assert.ok(blocks.length > 30);
      assert.equal(paper.samples.at(-1)!.map, draw(blocks, 8192, 4, 32));
      assert.equal(paper.samples.at(-1)!.listed, true);
      assert.equal(pool.check(), "");
    });

    it("says when the pool is BUSY and goes on when it is not", async () => {
      const { console, wire, paper, session, turn } = start(FULL, PROGRAM);
      await session.connect(wire);
      await turn();
      const { pool } = console.machine.globals;
      const stat = pool.stat;
      pool.stat = () => {
        const error: any = new Error("BUSY: inside a call, not between two");
        throw error;
      };
      await turn();
      assert.match(paper.last, /^trouble: The pool is BUSY/);
      pool.stat = stat;
      await turn();
      assert.match(paper.last, /^live/);
    });

    it("keeps the last numbers when an answer is cut", async () => {
      const { console, wire, paper, session, turn } = start(FULL, PROGRAM);
      await session.connect(wire);
      await turn(2);
      const { heard } = console;
      console.heard = (text) => heard(text.replace(/(~\w+ \d+ )\d/, "$1"));
      await turn();
      assert.match(paper.last, /^trouble: The answer was cut or mixed/);
      assert.deepEqual([session.spoiled, paper.samples.length], [1, 2]);
      console.heard = heard;
      await turn();
      assert.match(paper.last, /^live/);
    });

    it("says when the board is silent, and hears it again", async () => {
      const { console, wire, paper, session, turn } = start(FULL, PROGRAM);
      await session.connect(wire);
      await turn();
      const write = console.write.bind(console);
      console.write = () => undefined;
      await turn(2);
      assert.match(paper.last, /^trouble: The board is silent \(no answer in 5000 ms\)\. Is the baud rate right\?/);
      await turn(2);
      assert.match(paper.last, /2 times in a row/);
      console.write = write;
      await turn(2);
      assert.match(paper.last, /^live/);
    });

    it("looks for the pool again when the board starts anew", async () => {
      const { console, wire, paper, session, turn } = start(FULL, PROGRAM);
      await session.connect(wire);
      await turn(2);
      console.machine.globals.pool = undefined;
      console.greet();
      assert.match(paper.last, /^seeking: The board has started anew/);
      console.machine.exec(PROGRAM);
      await turn(2);
      assert.match(paper.last, /^live/);
      assert.equal(paper.found.length, 2);
    });

    it("comes back when the board does", async () => {
      const { wire, paper, session, turn } = start(FULL, PROGRAM);
      await session.connect(wire);
      await turn();
      wire.fails = "not there";
      wire.cut();
      assert.match(paper.last, /^trouble: The cable was pulled\. Waiting/);
      await turn(2);
      wire.fails = "";
      await turn(3);
      assert.match(paper.last, /^live/);
      assert.equal(wire.opened, 2);
      wire.fails = "gone";
      wire.cut();
      await turn(60);
      assert.match(paper.last, /^idle: The cable was pulled\. It did not come back/);
    });

    it("says why a line does not open", async () => {
      const { wire, paper, session } = start(FULL, PROGRAM);
      wire.fails = "No port was chosen.";
      await session.connect(wire);
      assert.deepEqual([paper.last, session.connected], ["idle: No port was chosen.", false]);
    });

    it("asks nothing while it is paused", async () => {
      const { console, wire, paper, session, turn } = start(FULL, PROGRAM);
      await session.connect(wire);
      await turn();
      session.pause();
      await turn(3);
      assert.equal(paper.samples.length, 1);
      assert.match(paper.last, /^paused/);
      console.machine.exec("print('still heard')");
      assert.deepEqual(paper.lines, ["still heard"]);
      session.pause();
      await turn();
      assert.equal(paper.samples.length, 2);
    });

    it("records whole milliseconds where the clock has fractions, and none when it is set", () => {
      const { now } = Date;
      const lines: string[] = [];
      let ms = 1000.75;
      Date.now = () => ms;
      try {
        const pool = create({ size: 256 });
        const recorder = record(pool, { to: (line) => void lines.push(line) });
        for (const step of [0.5, 0.5, 0.5, 40.25, 3e12, -1e12, 7]) (ms += step), pool.alloc(4);
        recorder.stop();
      } finally {
        Date.now = now;
      }
      const [trace] = parse(lines.join("\n"));
      assert.deepEqual(trace.events.filter(({ kind }) => kind === "T").map(({ n }) => n), [[1], [40], [7]]);
      assert.equal(verify(trace), "");
    });

    it("records what the program does", async () => {
      const { console, wire, paper, session, turn } = start(FULL, PROGRAM);
      await assert.rejects(session.record(), /no pool to record/);
      await session.connect(wire);
      await turn();
      assert.equal(paper.found[0].records, false);
      console.machine.storage.write("tidyheap-record", "x");
      console.machine.exec('require("tidyheap-record")');
      session.change({ name: "global.pool" });
      await turn();
      assert.equal(paper.found[1].records, true);
      console.machine.exec("for(var i=0;i<50;i++)step()");
      await session.record();
      assert.equal(session.recording, true);
      await assert.rejects(session.record(), /runs already/);
      for (let i = 0; i < 20; i++) {
        console.machine.exec("for(var i=0;i<20;i++)step()");
        await turn();
      }
      await session.stop();
      assert.equal(session.recording, false);
      assert.equal(console.machine.globals.trace, undefined);
      const events = paper.pieces.flatMap((piece) => piece.events);
      const [head] = paper.pieces;
      assert.ok(head.head);
      assert.equal(verify({ head: head.head, about: head.about!, end: paper.pieces.at(-1)!.end, events, lost: 0 }), "");
      assert.ok(events.length > 400);
      const again = new Reader();
      assert.ok(paper.trace.every((one) => again.take(one)));
    });
  });
});
