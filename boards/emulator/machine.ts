// A board without hardware: runs programs as Espruino would, on virtual time.
//
// Runs itself in any ES5 engine that has typed arrays: Node, Duktape, JerryScript, Espruino.
// Each part says in its own file what it leaves out. Beyond that these are NOT MODELLED: the cost of statements
// (a callback takes no time unless it uses the SPI bus, E.defrag or the host's spend); the dialect (no hoisting, syntax:
// the bundle gates and real engines are for that); the difference between `var` at the top level and a global (each exec has
// its own scope: use `global.x`); promises; the console; save(); interrupts between two statements.
// What Espruino has and this has not throws an Error "not modelled: X" (trap.ts).

import type { Board } from "../board";
import { pinNames } from "../board";
import { append, text } from "./byte";
import { clock, next, run, timing, type Clock } from "./clock";
import { consoleOf } from "./console";
import { emitter } from "./emitter";
import { addCode, addVars, address, counted, defrag, heap, report, type Heap, type Memory } from "./memory";
import { load, modulesOf, type Loader } from "./module";
import { ABSENT, ARRAYS, STATICS, without } from "./native";
import { Pin, pinOf, pinning, port, put } from "./pin";
import { serial, type Line } from "./serial";
import { spi, type Bus } from "./spi";
import { storage } from "./storage";
import { arm, gap, trap } from "./trap";

/** Makes a function of one argument `$` from the text of its body. */
export type Compile = (body: string) => ($?: any) => any;

export interface Options {
  /** Sources of modules by name, as load() takes them. */
  modules?: { [name: string]: string };
  /** Gets each line the program prints. Default: they are dropped. */
  print?(line: string): void;
  /** Further globals of the program; they replace the emulator's own of the same name. */
  pageNatives?: { [name: string]: any };
  /** Default: the Function of the engine underneath. Its natives are the ones the program sees. */
  compile?: Compile;
}

/** A board that has been switched on. */
export interface Machine {
  board: Board;
  /** What a program sees, by name. */
  globals: any;
  /** Registers a CommonJS module; require(name) evaluates it once. */
  load(name: string, source: string): void;
  /** Runs a program and gives what it returns. Throws what it throws. Its timers run in run(). */
  exec(source: string): any;
  /** Microseconds since boot. */
  now(): number;
  /** Lets `ms` milliseconds pass, with all that is due in them. */
  run(ms: number): void;
  /** Runs all that is due now; gives the milliseconds until something else is, -1 = never. */
  idle(): number;
  /** Timers of the program that run. */
  timers(): number;
  /** Lets time pass without running anything, as statements do. For use in hooks a program calls. */
  spend(micros: number): void;
  /** Drives a pin from outside. Throws when there is none of that name. */
  drive(pin: string, level: any): void;
  /** Whether a pin is high. */
  level(pin: string): boolean;
  /** The far end of Serial1. */
  serial: Line;
  spi: Bus;
  memory: Memory;
  storage: any;
  /** Texts of errors no callback has caught. */
  faults: string[];
  /** Ends the callback that runs now as Ctrl-C or lack of memory do: its interval is deleted. For use in hooks. Throws. */
  abort(text: string): never;
}

const VERSION = "2v29";
const BOOT_VARS = 50; // in use before any program runs: E.getSizeOf(global) of 2v29 on Linux

function compileHere(body: string): ($?: any) => any {
  return new Function("$", body) as ($?: any) => any;
}

/** One value of the realm programs run in; undefined when it has none of that name. */
function native(compile: Compile, name: string): any {
  return compile("return typeof " + name + '==="undefined"?undefined:' + name)();
}

/** Natives with their gaps, and arrays that count. */
function natives(compile: Compile, h: Heap): any {
  const out: any = {};
  for (const name in STATICS) out[name] = without(native(compile, name), STATICS[name]);
  for (let i = 0; i < ARRAYS.length; i++) {
    const array = native(compile, ARRAYS[i]);
    if (array) out[ARRAYS[i]] = counted(h, array);
  }
  return out;
}

/** What an object that is built in is on Espruino: typeof says "function". */
function builtin(members: object): any {
  const made = function () {};
  copy(made, members);
  return made;
}

/** The object E. */
function utility(c: Clock, h: Heap, flags: string[], array: any): any {
  const e = builtin({
    getAddressOf: function (value: any, flat?: boolean) {
      return address(h, value, !!flat);
    },
    defrag: function () {
      defrag(h);
    },
    kickWatchdog: function () {},
    enableWatchdog: function () {},
    getErrorFlags: function () {
      return flags.splice(0, flags.length);
    },
    toUint8Array: function () {
      const bytes: number[] = [];
      for (let i = 0; i < arguments.length; i++) append(bytes, arguments[i]);
      return new array(bytes);
    },
    toArrayBuffer: function (data: any) {
      return new array(append([], data)).buffer;
    },
    toString: function () {
      const bytes: number[] = [];
      for (let i = 0; i < arguments.length; i++) append(bytes, arguments[i]);
      return text(bytes);
    },
    sum: function (data: any) {
      const bytes = typeof data === "string" ? append([], data) : data;
      let sum = 0;
      for (let i = 0; i < bytes.length; i++) sum += bytes[i];
      return sum;
    },
    clip: function (x: number, min: number, max: number) {
      return Math.min(Math.max(x, min), max);
    }
  });
  emitter(e, c);
  return e;
}

function processOf(board: Board, h: Heap): object {
  return builtin({
    version: VERSION,
    env: { VERSION, BOARD: board.name, RAM: board.ramBytes },
    memory: function () {
      return report(h);
    },
    on: trap("process.on")
  });
}

function copy(to: any, from: any): void {
  for (const name in from) to[name] = from[name];
}

/** `var` declarations for the names that occur in a source: a program gets what it may use, and undefined for what no board has. */
function header(source: string, globals: any): string {
  let out = "";
  for (const name in globals) if (source.indexOf(name) >= 0) out += "var " + name + "=$." + name + ";";
  for (let i = 0; i < ABSENT.length; i++) {
    if (globals[ABSENT[i]] === undefined && source.indexOf(ABSENT[i]) >= 0) out += "var " + ABSENT[i] + ";";
  }
  return out;
}

/**
 * Switches a board on. Throws when the board's data are wrong. A source that does not fit the heap throws in exec or require.
 * Costs some 2100 JsVars when run on Espruino itself, and 1400 for its code in Storage.
 */
export function boot(board: Board, options?: Options): Machine {
  const o: Options = options || {};
  const compile = o.compile || compileHere;
  const print = o.print || function () {};
  const faults: string[] = [];
  const flags: string[] = [];
  let aborted = false;

  function guard(callback: () => void): boolean {
    aborted = false;
    try {
      callback();
    } catch (error) {
      faults.push(String(error));
      print("Uncaught " + error);
    }
    if (aborted) flags.push("CALLBACK");
    return !aborted;
  }
  function abort(reason: string): never {
    aborted = true;
    throw new Error(reason);
  }
  function starve(reason: string): never {
    flags.push("LOW_MEMORY", "MEMORY");
    return abort(reason);
  }

  const c = clock(guard);
  const h = heap(c, board.vars, board.varBytes, starve);
  const p = port(c, pinNames(board), board.alias);
  const line = serial(c, board.eventBytes);
  const bytes = native(compile, "Uint8Array");
  const bus = spi(c, p, board.spi, (n) => new bytes(n));
  const files = storage(board.storageBytes, bytes);
  const globals: any = {};

  function evaluate(source: string): any {
    const module = { exports: {} };
    addCode(h, source);
    enclose(source, "exports,module")(module.exports, module);
    return module.exports;
  }
  /** A function with the given parameters that sees the globals. */
  function enclose(source: string, params: string): any {
    arm(gaps, globals, source);
    return compile(header(source, globals) + "return function(" + params + "){" + source + "\n}")(globals);
  }
  const loader: Loader = { cache: { "#Storage": files }, sources: {}, stored: (name) => files.read(name), evaluate };

  copy(globals, natives(compile, h));
  copy(globals, timing(c, globals));
  copy(globals, pinning(p));
  copy(globals, p.pins);
  copy(globals, bus.units);
  globals.console = consoleOf(print);
  globals.print = globals.console.log;
  globals.Serial1 = line.port;
  globals.E = utility(c, h, flags, bytes);
  globals.process = processOf(board, h);
  globals.Modules = modulesOf(loader);
  globals.require = (name: string) => load(loader, name);
  globals.Pin = (name: Pin | string) => pinOf(p, name);
  globals.global = globals;
  copy(globals, o.pageNatives);
  addVars(h, BOOT_VARS, "boot");
  const gaps = [
    gap(globals.E, "E", "E"),
    gap(globals.console, "console", "console"),
    gap(line.port, "Serial", "Serial1"),
    gap(files, "Storage", "Storage")
  ];
  for (const name in bus.units) gaps.push(gap(bus.units[name], "SPI", name));

  const machine: Machine = {
    board,
    globals,
    load: function (name, source) {
      loader.sources["#" + name] = source;
      delete loader.cache["#" + name];
    },
    exec: function (source) {
      addCode(h, source);
      return enclose(source, "").call(globals);
    },
    now: () => c.micros,
    run: (ms) => run(c, ms),
    idle: function () {
      run(c, 0);
      const at = next(c);
      return at === Infinity ? -1 : (at - c.micros) / 1000;
    },
    timers: () => c.timers.length,
    spend: function (micros) {
      c.micros += micros;
    },
    drive: (pin, level) => put(pinOf(p, pin), !!level),
    level: (pin) => pinOf(p, pin).high,
    serial: line.line,
    spi: bus.bus,
    memory: h,
    storage: files,
    faults,
    abort
  };
  for (const name in o.modules) machine.load(name, o.modules[name]);
  return machine;
}
