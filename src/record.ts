// What a program does with a pool, written down as it happens.
//
// A trace is text, so that it can go over the console among whatever else is printed there. Its lines:
//
//   @0 {"trace":1, stat() of the pool, ...}    the first: a new trace begins
//   @1 A6bk.5k.0T3F6bk                         events; the number of the line in base 36 shows what was lost
//   @z {stat() of the pool}                    the last, by stop()
//
// An event is a letter, a text in quotes where it has one, and numbers in base 36 with points between them:
//
//   A handle.bytes.at  allocated               R"why"bytes         alloc refused
//   Z handle.bytes.at  resized                 Q"why"handle.bytes  resize refused
//   F handle           freed                   B handle.bytes.at   was there when the recording began
//   M handle.at        moved to this address   L handle, U handle  locked, unlocked
//   H, G               hold, release           P, C, V             pack, reset, wipe
//   K budget           tick by the program     S ms.budget, E      start, stop
//   T ms               time passes             D ms                the call before took so long
//   Y bytes            so many were moved by the call before       W bytes  and so many by ticks of the timer
//   O"name"            blocks from here on are allocated for this name        O"name"handle  this one is
//
// Moves stand in front of the call, or of the W, that made them.

import { fail } from "./error";
import { now } from "./time";

declare var require: (name: string) => { open(name: string, mode: string): { write(text: string): void } };
declare var print: ((line: string) => void) | undefined;
declare var console: { log(line: string): void };

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
}

export interface Recording {
  /** Gets every line, without its end. Default: it is printed. */
  to?(line: string): void;
  /** A file of Storage to which lines are appended instead. */
  file?: string;
  /** Characters after which a line is full. Default 200. */
  line?: number;
}

export interface Recorder {
  /** Says for whom the blocks are that are allocated from here on, or the one of handle `h` is. */
  owner(name: string, h?: number): void;
  /** Writes what has not been written yet. */
  flush(): void;
  /** Ends the recording: the pool is as it was before. */
  stop(): void;
}

type Call = (a: number, b: unknown) => unknown;
type Calls = { [name: string]: Call } & { use: Call };

/**
 * Records what is done with `pool` from here on: calls that allocate, free, resize, lock or compact, every move of a block, and time.
 * Throws OPTION where there is no stat(), or no way to write. Set `onmove` before. Cost: about 100,000 instructions a call on Espruino, a string of up
 * to a line; writing takes engine memory, also in ticks. Blocks that are there already are known where the pool has each().
 * A program that keeps pool.alloc and the like in variables goes unrecorded.
 */
export function record(pool: Recorded, options?: Recording): Recorder {
  var o = options || {};
  var most = o.line || 200;
  var methods = pool as unknown as Calls;
  var kept = {} as Calls;
  var told = pool && pool.onmove;
  var text = "";
  var lines = 0;
  // what was written last: time, bytes moved
  var time = now();
  var moved = 0;
  var deep = 0;

  if (!pool || !pool.stat) fail("OPTION", pool, "a pool with stat()");
  var to = o.to || (o.file ? file(o.file) : typeof print !== "undefined" ? print : typeof console !== "undefined" ? console.log : fail("OPTION", "no print", "to"));

  function flush(): void {
    var line = text;
    if (line) (text = ""), to("@" + (lines++).toString(36) + " " + line);
  }

  // an argument, because at() may move the block and write of it
  function note(event: string): void {
    text += event;
  }

  /** Notes that time has passed, as `letter`. */
  function clock(letter: string): void {
    var t = now();
    if (t > time) text += letter + (t - time).toString(36);
    time = t;
  }

  /** Notes what was moved since the last time, as `letter`. */
  function bytes(letter: string): void {
    var n = pool.epoch - moved;
    moved += n;
    if (n) text += letter + n.toString(36);
  }

  function move(h: number, at: number): void {
    // of a tick; those of one millisecond count as one
    if (!deep && now() > time) bytes("W"), clock("T");
    text += "M" + h.toString(36) + "." + at.toString(36);
    if (told) told.call(pool, h, at);
    if (text.length > 2 * most) flush();
  }

  /** Records the method of that name: `event` gives what is written of it. */
  function tap(name: string, event: (a: number, b: unknown, result: unknown) => string): void {
    var call = methods[name];
    if (!call) return;
    kept[name] = call;
    methods[name] = function (a, b) {
      var result;
      var done = false;
      // what a call within a call does is part of it
      if (deep) return call.call(pool, a, b);
      bytes("W");
      clock("T");
      deep = 1;
      try {
        result = call.call(pool, a, b);
        done = true;
      } finally {
        deep = 0;
        if (done) note(event(a, b, result));
        bytes("Y");
        clock("D");
        if (text.length > most) flush();
      }
      return result;
    };
  }

  function numbers(letter: string, a: number, b?: number, c?: number): string {
    return letter + a.toString(36) + (b === undefined ? "" : "." + b.toString(36)) + (c === undefined ? "" : "." + c.toString(36));
  }

  /** Records a lock for as long as the function of use() runs. */
  function use(call: Call): void {
    kept.use = call;
    methods.use = function (h, fn) {
      return call.call(pool, h, typeof fn !== "function" ? fn : function (view: unknown) {
        note(numbers("L", h));
        try {
          return (fn as (view: unknown) => unknown)(view);
        } finally {
          note(numbers("U", h));
        }
      });
    };
  }

  /** The event of a call that has no more to say than its first argument. */
  function plain(letter: string): (a: number) => string {
    return function (a) {
      return a === undefined ? letter : numbers(letter, a);
    };
  }

  tap("alloc", function (n, _, h) {
    return h ? numbers("A", h as number, n, pool.at(h as number)) : numbers('R"' + pool.why + '"', n);
  });
  tap("free", function (h) {
    return h ? numbers("F", h) : "";
  });
  tap("resize", function (h, n, done) {
    return !done ? numbers('Q"' + pool.why + '"', h, n as number) : n ? numbers("Z", h, n as number, pool.at(h)) : numbers("F", h);
  });
  tap("lock", plain("L"));
  tap("unlock", plain("U"));
  tap("tick", plain("K"));
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
  to("@0 " + JSON.stringify(head()));
  lines = 1;
  moved = pool.epoch;
  pool.onmove = move;
  if (pool.each)
    pool.each(function (h, at, size) {
      text += numbers("B", h, size, at);
    });

  function head(): object {
    var s = pool.stat() as { trace: number };
    s.trace = 1;
    return s;
  }

  return {
    owner: function (name, h) {
      text += "O" + JSON.stringify(name) + (h ? h.toString(36) : "");
    },
    flush: flush,
    stop: function () {
      bytes("W");
      flush();
      text = JSON.stringify(pool.stat());
      flush();
      for (var name in kept) {
        delete methods[name];
        // alloc and free are fields of some pools
        if (methods[name] !== kept[name]) methods[name] = kept[name];
      }
      pool.onmove = told;
    },
  };
}

function file(name: string): (line: string) => void {
  var f = require("Storage").open(name, "a");
  return function (line) {
    f.write(line + "\n");
  };
}
