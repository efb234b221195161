// What a program does with a pool, written down as it happens.
//
// A trace is text, so that it can go over the console among whatever else is printed there. Its lines:
//
//   @dwj.0 {stat() of the pool, "trace":1, "options":{...}, "board":"PICO_R1_3"}    the first: a new trace begins
//   @p4.1 A6bk.5k.0T3F6bk                          events
//   @c0w.z {stat() of the pool}                    the last, by stop()
//
// Behind the @ stand, in base 36, the sum of the codes of all characters behind the point, by which a spoiled line is known, and the number of the line,
// by which it is known what was lost.
//
// An event is a letter, a text in quotes where it has one, and numbers in base 36 with points between them:
//
//   A handle.bytes.at  allocated               R"why"bytes         alloc refused
//   Z handle.bytes.at  resized                 Q"why"handle.bytes  resize refused
//   F handle           freed                   B handle.bytes.at   was there when the recording began
//   M handle.at        moved to this address   L handle, U handle  locked, unlocked
//   M handle.at.last   so were all blocks above, up to the last one, by the same distance
//   H, G               hold, release           P, C, V             pack, reset, wipe
//   K budget           tick by the program     S ms.budget, E      start, stop
//   T ms               time passes             D ms                the call before took so long
//   Y bytes            so many were moved by the call before       W bytes  and so many by ticks of the timer
//   O"name"            blocks from here on are allocated for this name        O"name"handle  this one is
//
// Moves stand in front of the call, or of the W, that made them.

import { fail } from "./error";
import { now } from "./time";

declare var print: ((line: string) => void) | undefined;
declare var console: { log(line: string): void };
declare var process: { env: { BOARD?: string } };
declare var E: { sum(text: string): number };

/** What is recorded: a pool of any kind with stat(). */
export interface Recorded {
  alloc(bytes: number): number;
  free(h: number): void;
  at(h: number): number;
  stat(): object;
  why: string;
  epoch: number;
  onmove: ((handle: number, at: number) => void) | undefined;
  each?(fn: (handle: number, at: number, size: number) => void): void;
  has?(h: number): boolean;
}

export interface Recording {
  /** Gets every line, without its end. Default: it is printed. What it throws is caught, and the line lost. */
  to?(line: string): void;
  /** What the lines are written to instead, with their ends: `require("Storage").open("trace", "a")`, or a serial port. */
  file?: { write(text: string): void };
  /** What the pool was made with, where it is not the default: `npm run replay` takes it from there. */
  options?: { unit?: number; fit?: string; pause?: number; generations?: number; [name: string]: unknown };
  /** Characters after which a line is full. Default 200. */
  line?: number;
}

export interface Recorder {
  /** Lines that could not be written. */
  lost: number;
  /** Says for whom the blocks are that are allocated from here on, or the one of handle `h` is. */
  owner(name: string, h?: number): void;
  /** Writes what has not been written yet. */
  flush(): void;
  /** Ends the recording: the pool is as it was before. Throws BUSY, and goes on recording then. */
  stop(): void;
}

type Call = (a: number, b: unknown) => unknown;
type Calls = { [name: string]: Call } & { use: Call };

/** The pools that are being recorded. */
var pools: Recorded[] = [];

/**
 * Records what is done with `pool` from here on: calls that allocate, free, resize, lock or compact, every move of a block, and time.
 * Throws BUSY, and OPTION where there is no stat(), no way to write, or a recorder already. Set `onmove` before. Blocks that are there already are known
 * where the pool has each(), which ends a move of an external pool. A program that keeps pool.alloc and the like in variables goes unrecorded, and so do
 * moves whose call was cut off (Ctrl-C, out of memory): record anew then.
 * Cost on Espruino: 2.0 million instructions for a free and an alloc instead of 0.5, which is 12 ms more at 84 MHz; 640 JsVars with the code in Storage,
 * 1,090 in RAM; a string of up to a line. Writing takes engine memory, also in ticks.
 */
export function record(pool: Recorded, options?: Recording): Recorder {
  var o = options || {};
  var most = o.line || 200;
  var methods = pool as unknown as Calls;
  var kept = {} as Calls;
  // alloc and free are fields of some pools, all others come from their prototype
  var lent: string[] = [];
  var told = pool && pool.onmove;
  var text = "";
  var lines = 0;
  // what was written last: time, bytes moved
  var time = now();
  var moved = 0;
  // calls that run; the blocks moved last, by one copy: the first, its address, the last
  var deep = 0;
  var first = 0;
  var place = 0;
  var last = 0;
  var copy = -1;
  var on = true;
  var self: Recorder;

  if (!pool || !pool.stat) fail("OPTION", pool, "a pool with stat()");
  if (pools.indexOf(pool) >= 0) fail("OPTION", "recorded already", "one recorder");
  var to = o.to || (o.file ? into(o.file) : typeof print !== "undefined" ? print : typeof console !== "undefined" ? console.log : fail("OPTION", "no print", "to"));
  if (typeof to !== "function" || (o.file && typeof o.file.write !== "function")) fail("OPTION", "to or file", "a function, with write()");

  // before anything is changed, because the pool may be BUSY
  var about = JSON.stringify(head());

  /** Writes what was moved last. */
  function land(): void {
    if (!first) return;
    text += numbers("M", first, place, last === first ? undefined : last);
    first = 0;
  }

  // what an event says is made before, because at() may move the block and write of it
  function note(event: string): void {
    if (first) land();
    text += event;
  }

  function flush(): void {
    land();
    var line = (lines++).toString(36) + " " + text;
    text = "";
    try {
      to("@" + sum(line).toString(36) + "." + line);
    } catch (error) {
      self.lost++;
    }
  }

  /** Notes what was moved up to epoch `end` since the last time, and that time has passed, as these letters. */
  function lap(bytes: string, end: number, ms: string): void {
    var t = now() - time;
    if (end > moved) note(bytes + (end - moved).toString(36)), (moved = end);
    // Espruino has parts of milliseconds; a clock that was set, by more than 24 days if forward, has no time to tell of
    if (t >= 1) (t = Math.floor(t)), t < 0x7fffffff && note(ms + t.toString(36));
    if (t >= 1 || t < 0) time += t;
    if (text.length > most) flush();
  }

  /** Begins to tell of what one copy moves. */
  function launch(h: number, at: number): void {
    // of a tick; those of one millisecond count as one
    if (!deep && now() - time >= 1) lap("W", copy, "T");
    land();
    if (text.length > most) flush();
    (copy = pool.epoch), (first = last = h), (place = at);
  }

  function move(h: number, at: number): void {
    // a pool in RAM copies a run of neighbours at once and tells of one after another; in a call within a call a block may be between them that is not known yet
    if (first && pool.epoch === copy && deep < 2) last = h;
    else launch(h, at);
    if (told) told.call(pool, h, at);
  }

  function keep(name: string, call: Call): void {
    kept[name] = call;
    if (!(methods as object).hasOwnProperty(name)) lent.push(name);
  }

  /** Records the method of that name: `event` gives what is written of it. */
  function tap(name: string, event: (a: number, b: unknown, result: unknown) => string): void {
    var call = methods[name];
    if (!call) return;
    keep(name, call);
    methods[name] = function (a, b) {
      var result;
      var was = deep;
      lap("W", pool.epoch, "T");
      deep = was + 1;
      try {
        result = call.call(pool, a, b);
        // also after a call that was cut off
        was = 0;
        note(event(a, b, result));
      } finally {
        deep = was;
        lap("Y", pool.epoch, "D");
      }
      return result;
    };
  }

  function numbers(letter: string, a: number, b?: number, c?: number): string {
    return letter + a.toString(36) + (b === undefined ? "" : "." + b.toString(36)) + (c === undefined ? "" : "." + c.toString(36));
  }

  /** Records a lock for as long as the function of use() runs. */
  function use(call: Call): void {
    keep("use", call);
    methods.use = function (h, fn) {
      lap("W", pool.epoch, "T");
      return call.call(pool, h, typeof fn !== "function" ? fn : function (view: unknown) {
        note(numbers("L", h));
        try {
          return (fn as (view: unknown) => unknown)(view);
        } finally {
          // reset() has unlocked it
          if (!pool.has || pool.has(h)) note(numbers("U", h));
        }
      });
    };
  }

  /** The event of a call that has no more to say than its first argument, or nothing: a timer or a button gives arguments of its own. */
  function plain(letter: string, one?: boolean): (a: number) => string {
    return function (a) {
      return one ? numbers(letter, a) : letter;
    };
  }

  /** That a block has a place; "" if it has none any more, because onlow() called reset(). */
  function placed(letter: string, h: number, n: number): string {
    try {
      return numbers(letter, h, n, pool.at(h));
    } catch (error) {
      return "";
    }
  }

  tap("alloc", function (n, _, h) {
    return h ? placed("A", h as number, n) : numbers('R"' + pool.why + '"', n);
  });
  tap("free", function (h) {
    return h ? numbers("F", h) : "";
  });
  tap("resize", function (h, n, done) {
    return !done ? numbers('Q"' + pool.why + '"', h, n as number) : n ? placed("Z", h, n as number) : numbers("F", h);
  });
  tap("lock", plain("L", true));
  tap("unlock", plain("U", true));
  tap("tick", plain("K", true));
  tap("hold", plain("H"));
  tap("release", plain("G"));
  tap("pack", plain("P"));
  tap("reset", plain("C"));
  tap("wipe", plain("V"));
  tap("stop", plain("E"));
  tap("start", function (ms, budget) {
    return numbers("S", ms, budget as number);
  });

  if (methods.use) use(methods.use);
  self = {
    lost: 0,
    owner: function (name, h) {
      note("O" + quote(name) + (h ? h.toString(36) : ""));
    },
    flush: function () {
      land();
      if (text) flush();
    },
    stop: function () {
      if (!on) return;
      lap("W", pool.epoch, "T");
      self.flush();
      text = JSON.stringify(pool.stat());
      flush();
      on = false;
      for (var name in kept) methods[name] = kept[name];
      for (var i = 0; i < lent.length; i++) delete methods[lent[i]];
      pool.onmove = told;
      pools.splice(pools.indexOf(pool), 1);
    },
  };
  pools.push(pool);
  text = about;
  flush();
  moved = pool.epoch;
  pool.onmove = move;
  if (pool.each)
    pool.each(function (h, at, size) {
      note(numbers("B", h, size, at));
      if (text.length > most) flush();
    });

  function head(): object {
    var s = pool.stat() as { trace: number; board: unknown; options: unknown };
    s.trace = 1;
    s.options = o.options;
    s.board = typeof process === "undefined" ? undefined : process.env.BOARD;
    return s;
  }

  return self;
}

/** A name in quotes, whatever is no ASCII as \uXXXX: a console may not take it. */
function quote(name: string): string {
  var text = JSON.stringify("" + name);
  var out = "";
  for (var i = 0; i < text.length; i++) {
    var code = text.charCodeAt(i);
    out += code > 126 ? "\\u" + (65536 + code).toString(16).slice(1) : text.charAt(i);
  }
  return out;
}

/** The sum of the codes of a text's characters. */
function sum(text: string): number {
  if (typeof E !== "undefined" && E.sum) return E.sum(text);
  for (var n = 0, i = text.length; i--; ) n += text.charCodeAt(i);
  return n;
}

function into(file: { write(text: string): void }): (line: string) => void {
  return function (line) {
    file.write(line + "\n");
  };
}
