import assert from "node:assert/strict";
import type { Ear, Line, Link } from "../tools/live/link";
import type { Facts } from "../tools/live/pool";
import { Session, type Screen, type State } from "../tools/live/session";
import { draw } from "../tools/picture/map";
import { Reader, verify, type Piece } from "../tools/trace";
import { create as far } from "../src/far";
import { Console, PROGRAM } from "./console";
import { crumbs } from "./crumb";
import { Hand, settle } from "./hand";
import { Memory } from "./memory";
import { random } from "./random";

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
  recorded(piece: Piece): void {
    this.pieces.push(piece);
    this.trace.push(piece.line);
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
