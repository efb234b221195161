// Virtual time and the main loop: what happens when, in the order Espruino does it.
//
// A turn of the loop takes what inputs have delivered, runs the timers that are due, then the queued events.
// Timers that are due in the same turn run in the order they were made, not in the order of their times.
// NOT MODELLED: the time statements take. Time passes between turns, on the SPI bus, in E.defrag() and by spend().

/** A timer of a program. Times are in microseconds. */
export interface Timer {
  id: number;
  at: number;
  /** Interval; 0 = runs once. */
  every: number;
  run: () => void;
}

/** Something that happens by itself, like a line on which bytes arrive. */
export interface Source {
  /** When it wants the next turn, Infinity = never. */
  next(): number;
  /** Queues what has happened up to now. */
  poll(): void;
}

export interface Clock {
  /** Microseconds since boot. */
  micros: number;
  timers: Timer[];
  /** Id of the latest timer. */
  last: number;
  /** Callbacks of events, run at the end of the turn. */
  queue: (() => void)[];
  sources: Source[];
  /** Set by whatever changes the list of timers: a pass over it starts anew. */
  changed: boolean;
  /** Runs a callback of the program. False = it was aborted: an interval does not survive that. */
  guard(callback: () => void): boolean;
}

const LEAST_MICROS = 100; // Espruino's shortest interval, 0.1 ms

/** A clock at 0 without timers. */
export function clock(guard: Clock["guard"]): Clock {
  return { micros: 0, timers: [], last: 0, queue: [], sources: [], changed: false, guard };
}

function micros(ms: number): number {
  return ms * 1000 >= LEAST_MICROS ? ms * 1000 : LEAST_MICROS;
}

/** Adds a timer that is first due in `ms` milliseconds and returns it. */
export function add(c: Clock, run: () => void, ms: number, repeat: boolean): Timer {
  const span = micros(ms);
  const timer = { id: ++c.last, at: c.micros + span, every: repeat ? span : 0, run };
  c.timers.push(timer);
  c.changed = true;
  return timer;
}

/** Takes a timer off the list; nothing happens when it is not on it. */
export function drop(c: Clock, timer: Timer): void {
  const at = c.timers.indexOf(timer);
  if (at >= 0) c.timers.splice(at, 1);
  c.changed = true;
}

function find(c: Clock, id: number): Timer | undefined {
  for (let i = 0; i < c.timers.length; i++) if (c.timers[i].id === id) return c.timers[i];
  return undefined;
}

/** Runs what is due at the present time, each timer at most once unless the list changes. */
function fire(c: Clock): void {
  const now = c.micros;
  do {
    c.changed = false;
    for (let i = 0; i < c.timers.length && !c.changed; ) {
      const timer = c.timers[i];
      if (timer.at > now) i++;
      else if (once(c, timer)) i++;
    }
  } while (c.changed);
}

/** Runs one timer. True = it stays on the list. */
function once(c: Clock, timer: Timer): boolean {
  const at = timer.at;
  const whole = c.guard(timer.run);
  // the phase is kept, also when the callback has changed the interval
  if (timer.every && whole) timer.at = at + timer.every;
  else drop(c, timer);
  return !c.changed;
}

/** One turn of the main loop. */
function turn(c: Clock): void {
  for (let i = 0; i < c.sources.length; i++) c.sources[i].poll();
  fire(c);
  while (c.queue.length) c.guard(c.queue.shift() as () => void);
}

/** When something happens next, Infinity = never. */
export function next(c: Clock): number {
  let at = c.queue.length ? c.micros : Infinity;
  for (let i = 0; i < c.timers.length; i++) if (c.timers[i].at < at) at = c.timers[i].at;
  for (let i = 0; i < c.sources.length; i++) at = Math.min(at, c.sources[i].next());
  return at;
}

/** Lets `ms` milliseconds pass with all that is due in them. Callbacks that take long may end later. Throws unless `ms` is finite. */
export function run(c: Clock, ms: number): void {
  if (!(ms >= 0 && ms < Infinity)) throw new Error("run for " + ms + " ms");
  const end = c.micros + ms * 1000;
  for (let at = next(c); at <= end; at = next(c)) {
    if (at > c.micros) c.micros = at;
    turn(c);
  }
  if (c.micros < end) c.micros = end;
}

/** The timer functions of a program; `root` is what `this` is in a callback. */
export function timing(c: Clock, root: any): any {
  function start(repeat: boolean): (callback: any, ms: number) => number {
    return function (callback: any) {
      const rest: any[] = [];
      for (let i = 2; i < arguments.length; i++) rest.push(arguments[i]);
      if (typeof callback === "string") throw new Error("not modelled: a timer that evaluates a string");
      if (typeof callback !== "function") throw new Error("Function or String not supplied!");
      const run = function () {
        callback.apply(root, rest);
      };
      return add(c, run, arguments[1], repeat).id;
    };
  }
  function stop(name: string): (id?: number) => void {
    return function () {
      const id = arguments[0]; // Espruino counts declared parameters as arguments
      if (!arguments.length) c.timers.splice(0, c.timers.length);
      else if (id === undefined) throw new Error(name + "(undefined) not allowed. Use " + name + "() instead");
      const timer = id === undefined ? undefined : find(c, id);
      if (timer) drop(c, timer);
      c.changed = true;
    };
  }
  return {
    setTimeout: start(false),
    setInterval: start(true),
    clearTimeout: stop("clearTimeout"),
    clearInterval: stop("clearInterval"),
    changeInterval: function (id: number, ms: number) {
      const timer = find(c, id);
      if (!timer) throw new Error("Unknown Interval");
      timer.every = micros(ms);
      timer.at = c.micros + timer.every;
      c.changed = true;
    },
    getTime: function () {
      return c.micros / 1e6;
    }
  };
}
