import assert from "node:assert/strict";
import { ages, dress, EDGE, raster } from "../tools/picture/raster";
import { history, History, OPEN } from "../tools/picture/history";
import { recordings } from "../tools/picture/recording";
import { corners, lanes, marks } from "../tools/picture/curve";
import { View } from "../tools/picture/view";
import { summary } from "../tools/picture/words";
import { events, Heap, holes, Reader, type Event, type Stat } from "../tools/trace";
import { recording } from "./recording";

const HEAD = { size: 100, unit: 4, epoch: 0 } as Stat;

/** A history of the events of a line. */
function made(line: string, head = HEAD): History {
  const all = new History(head);
  for (const event of events(line)) all.take(event);
  return all;
}

/** handle@at+bytes of the blocks after an operation. */
function blocks(all: History, op: number): string {
  return all.blocks(op).map(({ handle, at, bytes }) => `${handle}@${at}+${bytes}`).join(" ");
}

/** The events of a recording. */
function said(lines: string[]): Event[] {
  const reader = new Reader();
  return lines.flatMap((line) => reader.take(line)?.events ?? []);
}

describe("history", () => {
  it("knows after every operation of a recording what the heap was then", () => {
    const lines = recording(500, 2048);
    const all = history(lines);
    const heap = new Heap(all.head);
    let op = 0;
    for (const event of said(lines)) {
      heap.take(event);
      if (!"ARZQFLUHGKPCVSEW".includes(event.kind)) continue;
      const gaps = holes(heap.blocks.values(), heap.size, heap.unit);
      const now = all.moment(++op);
      const expected = [...heap.blocks.values()].sort((a, b) => a.at - b.at).map(({ handle, at, bytes, owner, born }) => [handle, at, bytes, owner, born]);
      assert.deepEqual(all.blocks(op).map(({ handle, at, bytes, owner, event }) => [handle, at, bytes, all.owners[owner], event]), expected, `operation ${op}`);
      assert.deepEqual([now.largest, now.free, now.holes], [Math.max(0, ...gaps.map(({ bytes }) => bytes)), gaps.reduce((sum, { bytes }) => sum + bytes, 0), gaps.length], `holes of ${op}`);
      assert.deepEqual([now.used, now.live, now.event], [heap.used, heap.blocks.size, heap.count]);
    }
    assert.equal(op, all.ops - 1);
    assert.deepEqual(all.doubts(), []);
  });

  it("ends with the free bytes and the largest hole that the pool says", () => {
    for (const [size, seed] of [[1024, 1], [2048, 2], [4096, 3], [8192, 4]]) {
      const all = history(recording(400, size, seed));
      const { free, largest, used } = all.moment(all.ops - 1);
      assert.deepEqual([free, largest, used], [all.end!.free, all.end!.largest, all.end!.used]);
    }
  });

  it("counts what was there before as operation 0", () => {
    const all = made("B1.4.0B2.8.8A3.4.g");
    assert.equal(all.ops, 2);
    assert.equal(blocks(all, 0), "1@0+4 2@8+8");
    assert.equal(blocks(all, 1), "1@0+4 2@8+8 3@16+4");
    assert.equal(all.moment(0).used, 12);
  });

  it("gives the moves to the call that made them, and follows a block through all of its places", () => {
    const all = made("A1.4.0A2.4.4F1M2.0A3.4.4Y4M2.8W4");
    assert.equal(blocks(all, 4), "2@0+4 3@4+4");
    assert.equal(blocks(all, 5), "3@4+4 2@8+4");
    assert.deepEqual([all.moment(4).moves, all.moment(4).moved, all.moment(4).kind], [1, 4, "A"]);
    assert.deepEqual([all.moment(5).moves, all.moment(5).moved, all.moment(5).kind, all.moment(5).total], [1, 4, "W", 8]);
    const life = all.life(all.blocks(4)[0].index);
    assert.deepEqual(life.map(({ at, from, to, moves }) => [at, from, to, moves]), [[4, 2, 4, 0], [0, 4, 5, 1], [8, 5, OPEN, 2]]);
    assert.deepEqual(life.map(({ born }) => born), [2, 2, 2]);
  });

  it("counts every move of a block that an operation moves twice, and keeps its last place", () => {
    const all = made("A1.4.8A2.4.gM1.4M1.0F2");
    assert.equal(blocks(all, 3), "1@0+4");
    assert.equal(all.blocks(3)[0].moves, 2);
    assert.equal(all.blocks(3)[0].prior >= 0 && all.span(all.blocks(3)[0].prior).at, 8);
  });

  it("names the block that was just allocated, and takes handles that come back as other blocks", () => {
    const all = made('A1.4.0O"log"1F1A1.8.0');
    assert.deepEqual(all.blocks(1).map(({ owner }) => all.owners[owner]), ["log"]);
    assert.equal(all.blocks(3)[0].born, 3);
    assert.equal(all.blocks(3)[0].moves, 0);
  });

  it("knows what was locked and held, refused and how long calls took", () => {
    const all = made('A1.4.0L1T5K9D2U1HGR"FULL"50Q"SIZE"1.60');
    assert.deepEqual(all.locks.map(({ from, to, at }) => [from, to, at]), [[2, 4, 0]]);
    assert.deepEqual(all.holds, [5, 6]);
    assert.deepEqual(all.refusals, [7, 8]);
    assert.deepEqual([all.moment(7).why, all.moment(8).why, all.moment(8).refused], ["FULL", "SIZE", 2]);
    assert.deepEqual([all.moment(3).ms, all.moment(3).time, all.moment(2).time], [2, 7, 0]);
  });

  it("says which lines are missing, what cannot be, and up to where it is right", () => {
    const lines = recording(300, 2048);
    assert.deepEqual(history(lines).doubts(), []);
    const gap = history(lines.filter((_, i) => i !== 10));
    assert.equal(gap.gaps[0].lines, 1);
    assert.match(gap.doubts().join(" "), new RegExp(`^1 line of the trace is missing, before operation ${gap.sound}\\..* Right is what is before operation ${gap.sound};`));
    assert.match(summary(gap), new RegExp(`only the first ${gap.sound - 1} are certain`));
    const whole = history(lines);
    for (let op = 0; op < gap.sound; op++) assert.equal(blocks(gap, op), blocks(whole, op));
    const odd = made("A1.4.0F7");
    assert.equal(odd.sound, 2);
    assert.match(odd.doubts()[0], /^1 event cannot be and changed nothing; the first: event 2: block 7 is freed/);
    const other = made("A1.4.0");
    other.end = { ...HEAD, live: 1, used: 5 } as Stat;
    assert.match(other.doubts()[0], /^The pool says otherwise: used is 5 at the end, the events come to 4\.$/);
  });

  it("grows by what comes later", () => {
    const lines = recording(300, 1024);
    const all = history(lines);
    const slow = new History(all.head);
    const view = new View(slow);
    for (const event of said(lines)) {
      slow.take(event);
      view.grow();
    }
    assert.equal(blocks(slow, 100), blocks(all, 100));
    assert.deepEqual([view.from, view.to], [0, all.ops]);
  });
});

describe("recordings", () => {
  it("finds every trace in a log with other lines in it", () => {
    const [a, b] = [recording(30, 1024), recording(40, 2048)];
    const text = ["boot", ...a.map((line) => `>${line}\r`), "mail to x@0 y", ...b, "bye"].join("\n");
    assert.deepEqual(recordings(text), [a, b]);
    assert.deepEqual(recordings("nothing"), []);
  });
});

describe("raster", () => {
  const all = made('A1.k.0O"log"A2.k.kF1T9A3.4.0M2.24A4.4.4');

  it("has the block that is at the middle of each pixel", () => {
    const view = new View(all);
    assert.deepEqual([view.from, view.to], [0, 6]);
    const cells = raster(all, view, 6, 5, "owner");
    const rows = Array.from({ length: 5 }, (_, i) => [...cells.subarray(i * 6, i * 6 + 6)].map((cell) => cell & ~EDGE).join(""));
    // operations: before, A1, A2, F1, A3, A4 with a move of 2 from 20 to 76
    assert.deepEqual(rows, ["000002", "000000", "000000", "002220", "011000"]);
  });

  it("says the same as the blocks at every pixel of a closer view", () => {
    const long = history(recording(400, 2048));
    const view = new View(long);
    view.zoom(0.2, 150);
    view.stretch(0.5, 700);
    const [width, height] = [97, 61];
    const cells = raster(long, view, width, height, "owner");
    for (let column = 0; column < width; column++) {
      const op = view.op(view.from + ((column + 0.5) * (view.to - view.from)) / width);
      const there = long.blocks(op);
      for (let row = 0; row < height; row++) {
        const at = view.high - ((row + 0.5) * (view.high - view.low)) / height;
        const block = there.find((one) => one.at < at && at < one.at + one.room);
        const cell = cells[row * width + column] & 15;
        // a hatch or the next pixel at an edge that lies on a middle
        if (cell !== (block ? dress(block.owner) + 1 : 0)) assert.ok(near(there, at), `${column} ${row}: ${cell} at ${at} after ${op}`);
      }
    }
    function near(list: { at: number; room: number }[], at: number): boolean {
      return list.some((one) => Math.abs(one.at - at) < 1e-6 || Math.abs(one.at + one.room - at) < 1e-6);
    }
  });

  it("grows darker with age", () => {
    const old = made("A1.k.0" + "K0".repeat(400));
    const limits = ages(old);
    const cells = raster(old, new View(old), old.ops, 5, "age");
    const bottom = [...cells.subarray(4 * old.ops)].map((cell) => cell & 15);
    assert.equal(bottom[0], 0);
    for (const [i, limit] of limits.entries()) assert.deepEqual([bottom[limit], bottom[limit + 1]], [i + 1, i + 2], `age ${limit}`);
  });
});

describe("view", () => {
  const all = history(recording(300, 2048));

  it("stays within the history, however it is moved", () => {
    const view = new View(all);
    view.zoom(0.1, 0);
    view.pan(-5);
    assert.equal(view.from, 0);
    view.pan(1000, 1000);
    assert.deepEqual([view.to, view.high], [view.end, 2048]);
    view.zoom(1000, 3);
    view.stretch(1000, 3);
    assert.deepEqual([view.from, view.to, view.low, view.high], [0, view.end, 0, 2048]);
    view.zoom(1e-9, 100);
    assert.ok(view.to - view.from >= 8);
  });

  it("keeps what is under the pointer where it is", () => {
    const view = new View(all);
    view.zoom(0.5, 100);
    const share = (100 - view.from) / (view.to - view.from);
    view.zoom(0.5, 100);
    assert.ok(Math.abs(share - (100 - view.from) / (view.to - view.from)) < 1e-9);
  });

  it("shows the same operations by time", () => {
    const view = new View(all);
    view.zoom(0.25, 200);
    const [first, last] = [view.op(view.from), view.op(view.to)];
    view.turn("time");
    assert.ok(view.from <= all.times.data[first] && view.to >= all.times.data[last]);
    for (const op of [0, 7, 100, all.ops - 1]) assert.equal(all.times.data[view.op(view.place(op))], all.times.data[op]);
  });
});

describe("curve", () => {
  it("draws a value until the next, and the least and the largest of those in one pixel", () => {
    const all = made("A1.k.0K1K1F1");
    const [{ curves, most }] = lanes(all);
    const view = new View(all);
    assert.deepEqual(corners(view, curves[0], most, 10, 10), [0, 10, 2, 10, 2, 8, 4, 8, 4, 8, 6, 8, 6, 8, 8, 8, 8, 10, 10, 10]);
    assert.deepEqual(corners(view, curves[0], most, 1, 10), [0, 10, 0, 8, 0, 8, 1, 8, 1, 8, 1, 10, 1, 10, 1, 10].slice(0, 8).concat([1, 10, 1, 8, 1, 10, 1, 10]));
  });

  it("marks an axis with round numbers", () => {
    assert.deepEqual(marks(0, 100, 5), [0, 20, 40, 60, 80, 100]);
    assert.deepEqual(marks(13, 14, 2), [13, 13.5, 14]);
    assert.deepEqual(marks(0, 20000, 3), [0, 10000, 20000]);
  });
});
