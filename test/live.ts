import assert from "node:assert/strict";
import { Board, Failure, line, type Hearer } from "../tools/live/board";
import { bytes, text } from "../tools/live/link";
import { facts, fragmentation, poll, question, sample, Unfit, variable, type Facts } from "../tools/live/pool";
import { draw } from "../tools/picture/map";
import { Hand, settle } from "./hand";

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

describe("live", () => {
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
});
