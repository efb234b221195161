// What is said of a history, a moment and a block, in the page, in pictures and in the terminal.

import { count, duration, number, percent } from "../number";
import { OPEN, type History, type Moment, type Span } from "./history";
import { ages, OWNERS, type Colouring } from "./raster";

const NAME = 60; // characters of an owner that are shown

/** An owner as it is shown. */
function owner(history: History, index: number): string {
  const name = history.owners[index] || "no name";
  return name.length > NAME ? `${name.slice(0, NAME)}…` : name;
}

/** A sentence or two that say what is seen; of a trace with gaps only of what is certain. */
export function summary(history: History): string {
  const { head } = history;
  const ops = Math.min(history.ops, history.sound);
  const certain = ops < history.ops ? `, of which ${ops > 1 ? `only the first ${number(ops - 1)} are` : "none is"} certain,` : "";
  const last = history.moment(ops - 1);
  let [most, worst, longest, moves] = [0, 0, 0, 0];
  for (let op = 0; op < ops; op++) {
    most = Math.max(most, history.used.data[op]);
    worst = Math.max(worst, history.fragmentation(op));
    longest = Math.max(longest, history.moved.data[op]);
    moves += history.moves.data[op];
  }
  const refused = last.refused ? `${count(last.refused, "request was", "requests were")} refused` : "no request was refused";
  const moved = last.total ? `${count(last.total, "byte was", "bytes were")} moved in ${count(moves, "move")}, at most ${number(longest)} in one call` : "nothing was moved";
  const time = last.time ? ` in ${duration(last.time)}` : "";
  return (
    `A pool of ${number(head.size)} bytes over ${count(history.ops - 1, "operation")}${certain}${time}: at most ${percent(most / head.size)} in use, ${refused}, ${moved}. ` +
    `Of the free bytes up to ${percent(worst)} were outside the largest hole; ${ops < history.ops ? "then" : "at the end"} ${percent(history.fragmentation(ops - 1))}, the largest hole has ${number(last.largest)} bytes.`
  );
}

/** What operation `op` was. */
export function deed(moment: Moment, blocks: Span[] = []): string {
  const { kind, handle, bytes, why, moved, moves } = moment;
  const at = blocks.find((block) => block.handle === handle)?.at;
  const place = at === undefined ? "" : ` at ${number(at)}`;
  const said: Record<string, string> = {
    "": "before the first operation",
    A: `alloc(${bytes}): block ${handle}${place}`,
    R: `alloc(${bytes}) refused: ${why}`,
    Z: `resize(${handle}, ${bytes})${place}`,
    Q: `resize(${handle}, ${bytes}) refused: ${why}`,
    F: `free(${handle})`,
    L: `lock(${handle})`,
    U: `unlock(${handle})`,
    H: "hold()",
    G: "release()",
    K: `tick(${bytes || ""})`,
    P: "pack()",
    C: "reset()",
    V: "wipe()",
    S: `start(${handle}, ${bytes})`,
    E: "stop()",
    W: "ticks of the timer"
  };
  return said[kind] + (moves ? `, ${count(moves, "move")} of ${count(moved, "byte")}` : moved ? `, ${count(moved, "byte")} moved` : "");
}

/** The numbers of a block after operation `op`, by name. */
export function facts(history: History, span: Span, op: number): [string, string][] {
  const born = history.times.data[Math.min(span.born, history.ops - 1)];
  const locked = history.locks.some((lock) => lock.handle === span.handle && lock.from <= op && lock.to > op && lock.at === span.at);
  return [
    ["handle", String(span.handle)],
    ["bytes", number(span.bytes) + (span.room > span.bytes ? `, takes ${number(span.room)}` : "")],
    ["address", `${number(span.at)} to ${number(span.at + span.room - 1)}`],
    ["owner", owner(history, span.owner)],
    ["age", `${count(op - span.born, "operation")}, ${duration(history.times.data[op] - born)}`],
    ["moves so far", number(span.moves)],
    ["allocated", span.born ? `operation ${number(span.born)}, event ${number(span.event)}` : "before the recording"],
    ["stands here", `operation ${number(span.from)} to ${span.to === OPEN ? "the end" : number(span.to)}`],
    ["locked", locked ? "yes" : "no"]
  ];
}

/** What the colours of blocks mean, in their order. */
export function colours(history: History, colouring: Colouring): string[] {
  if (colouring === "age") return [`under ${count(ages(history)[0], "operation")} old`, ...ages(history).map((limit) => `from ${number(limit)}`)];
  const most = history.owners.length > OWNERS ? OWNERS - 1 : history.owners.length;
  return [...history.owners.slice(0, most).map((_, i) => owner(history, i)), ...(history.owners.length > most ? ["all others"] : [])];
}
