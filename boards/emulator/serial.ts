// A serial port: bytes arrive one after another at the line's speed and are handed on in pieces.
// NOT MODELLED: overruns, flow control, parity and framing errors, the time sending takes.

import { append, text } from "./byte";
import type { Clock } from "./clock";
import { emitter, type Listener } from "./emitter";

/** The far end of the line. */
export interface Line {
  /** Puts data on the line, behind what is still under way. */
  send(data: any): void;
  /** What the program has written since the last call. */
  take(): string;
  /** Bytes still under way. */
  left(): number;
}

const DEFAULT_BAUD = 9600;
const FRAME_BITS = 10; // start, 8 data bits, stop
const LOOP_MICROS = 1000; // time from the first byte to the turn that takes it: a dozen statements on an 84 MHz board

/** A port as the program sees it and the far end of its line. An event holds at most `most` bytes. */
export function serial(c: Clock, most: number): { port: any; line: Line } {
  let baud = DEFAULT_BAUD;
  let way = ""; // bytes under way
  let first = 0; // when the first of them is there, µs
  let unread = "";
  let out = "";

  function byteMicros(): number {
    return (FRAME_BITS * 1e6) / baud;
  }
  function arrived(): number {
    return c.micros < first ? 0 : Math.min(way.length, Math.floor((c.micros - first) / byteMicros() + 1e-6) + 1);
  }
  function hand(piece: string): void {
    if (heard("data")) port.emit("data", piece);
    else unread += piece;
  }
  function poll(): void {
    const n = way ? arrived() : 0;
    for (let at = 0; at < n; at += most) hand(way.substring(at, Math.min(at + most, n)));
    way = way.substring(n);
    first += n * byteMicros();
  }
  function next(): number {
    return way ? Math.max(c.micros, first + Math.min(LOOP_MICROS, (way.length - 1) * byteMicros())) : Infinity;
  }
  function write(): void {
    for (let i = 0; i < arguments.length; i++) out += text(append([], arguments[i]));
  }

  const port: any = {
    setup: function (rate?: number) {
      baud = rate || DEFAULT_BAUD;
    },
    write,
    print: function (value: any) {
      out += value;
    },
    println: function (value: any) {
      out += value + "\r\n";
    },
    available: function () {
      return unread.length;
    },
    read: function (n?: number) {
      const piece = n === undefined ? unread : unread.slice(0, n);
      unread = unread.slice(piece.length);
      return piece;
    },
    flush: function () {}
  };
  const heard = emitter(port, c);
  const on = port.on;
  port.on = port.addListener = function (event: string, listener: Listener) {
    on(event, listener);
    if (event !== "data" || !unread) return;
    port.emit("data", unread);
    unread = "";
  };
  c.sources.push({ next, poll });

  return {
    port,
    line: {
      send: function (data: any) {
        if (!way) first = c.micros + byteMicros();
        way += text(append([], data));
      },
      take: function () {
        const piece = out;
        out = "";
        return piece;
      },
      left: function () {
        return way.length;
      }
    }
  };
}
