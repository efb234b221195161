// What is public, and what its arguments are: a table for pools, one for the parts of the kit, and one for the modules.

import { create as core } from "../src/core";
import * as far from "../src/far";
import * as fram from "../src/fram";
import { create as full } from "../src/full";
import * as kit from "../src/kit";
import * as page from "../src/page";
import * as spi from "../src/spi";
import * as thumb from "../src/thumb";
import { create as tiny } from "../src/tiny";
import { Cells } from "./cells";
import { Clock } from "./clock";
import { Memory } from "./memory";
import type { Library } from "./target";

/** What one argument is: decides which code a bad value gets. */
export type Kind = "handle" | "bytes" | "offset" | "length" | "value" | "number" | "data" | "fn" | "budget" | "ms" | "columns";

/** Every public function with the kinds of its arguments. A function without a row fails test/input.ts. */
export const FUNCTIONS: Record<string, Kind[]> = {
  alloc: ["bytes"],
  free: ["handle"],
  resize: ["handle", "bytes"],
  size: ["handle"],
  has: ["handle"],
  at: ["handle"],
  view: ["handle"],
  read: ["handle", "offset", "length"],
  write: ["handle", "offset", "data"],
  copy: ["handle", "offset", "handle", "offset", "length"],
  fill: ["handle", "value", "offset", "length"],
  lock: ["handle"],
  unlock: ["handle"],
  use: ["handle", "fn"],
  tick: ["budget"],
  start: ["ms", "budget"],
  stop: [],
  pack: [],
  hold: [],
  release: [],
  stat: [],
  reset: [],
  wipe: [],
  check: [],
  map: ["columns"],
  each: ["fn"],
  load: ["handle"],
  store: ["handle", "data"],
  get8: ["handle", "offset"],
  get16: ["handle", "offset"],
  get32: ["handle", "offset"],
  set8: ["handle", "offset", "number"],
  set16: ["handle", "offset", "number"],
  set32: ["handle", "offset", "number"]
};

const DIAGNOSTIC = ["check", "map", "each", "wipe"];
const EXTERNAL = ["load", "store", "get8", "get16", "get32", "set8", "set16", "set32"];

/** The functions that the pools of a library have. */
export function functions({ full, far }: Library): string[] {
  const without = far ? ["map"] : full ? EXTERNAL : [...DIAGNOSTIC, ...EXTERNAL];
  return Object.keys(FUNCTIONS).filter((name) => !without.includes(name));
}

/** Values of the wrong type or kind of number, wrong for every argument but those that take them. */
export const BAD: [string, unknown][] = [
  ["undefined", undefined],
  ["null", null],
  ["NaN", NaN],
  ["Infinity", Infinity],
  ["-Infinity", -Infinity],
  ["-1", -1],
  ["0.5", 0.5],
  ["2^31", 2 ** 31],
  ["2^53", 2 ** 53],
  ["empty string", ""],
  ["x", "x"],
  ["digit as a string", "5"],
  ["object", {}],
  ["array", []],
  ["function", (): number => 1],
  ["true", true]
];

/** Arguments that are right, for the second, locked block. */
export function right(kinds: Kind[], h: number): unknown[] {
  const values: Record<Kind, unknown> = {
    handle: h, bytes: 16, offset: 0, length: 8, value: 7, number: 7, data: [1, 2], fn: () => 0, budget: 16, ms: 10, columns: 8
  };
  return kinds.map((kind) => values[kind]);
}

/** Names of the functions that a program may call: not what begins with an underscore, nor what the program sets. */
export function publics(object: object): string[] {
  const names = new Set<string>();
  for (const key in object) if (typeof (object as any)[key] === "function" && !/^(_|on[a-z]+$)/.test(key)) names.add(key);
  return [...names].sort();
}

/**
 * What kinds of arguments of parts and modules make of the values of BAD: a code that is thrown, "why X" for a refusal with a reason, "TypeError" for what
 * the engine throws by itself, "" for nothing. First what most values give, then others with the labels that give them.
 */
export const RULES: Record<string, string> = {
  handle: "HANDLE",
  gone: "",
  within: "RANGE",
  option: "OPTION",
  bytes: "ARGUMENT | why SIZE: 2^31",
  bare: "ARGUMENT | : 2^31",
  more: "ARGUMENT | why LIMIT: 2^31",
  value: "ARGUMENT",
  any: "",
  data: "ARGUMENT | : empty-string x digit array",
  content: "RANGE | : x digit array | ARGUMENT: function",
  call: "TypeError | : function",
  other: "TypeError",
  least: "RANGE | : null Infinity 2^31 2^53 empty-string array true digit",
  count: "ARGUMENT | : 2^31 function",
  mark: "ARGUMENT | : x digit",
  record: "HANDLE | ARGUMENT: empty-string digit",
  field: "ARGUMENT | : x",
  number: "ARGUMENT | RANGE: Infinity -Infinity 0.5 2^31 2^53 | : -1",
  index: "RANGE | : undefined null NaN empty-string",
  element: "RANGE | ARGUMENT: empty-string x digit",
  values: " | ARGUMENT: x digit",
  heap: "OPTION | : undefined null NaN empty-string",
  quota: "ARGUMENT | : undefined null NaN 2^31 empty-string",
  relief: " | TypeError: undefined null",
  lib: "TypeError",
  preset: "OPTION | : undefined null NaN empty-string",
  store: "OPTION",
  cached: " | OPTION: undefined null NaN empty-string",
  from: "OPTION | : null empty-string array true",
  width: "OPTION | : digit true",
  tiny: "OPTION | : digit",
  bus: "TypeError",
  format: "OPTION | TypeError: undefined null",
  mount: "TypeError",
  size: " | RangeError: Infinity -Infinity -1 2^31 2^53"
};

/** An object with public functions, the right arguments of each and what kinds they are. */
export interface Part {
  /** What the functions stand on. */
  pool?: any;
  object: any;
  rows: Record<string, [value: unknown, rule: string][]>;
}

const pool = (): any => full({ size: 2048, handles: 60, scheduler: new Clock() });

/** What buffers and deques have in common. */
function chain(to: unknown): Part["rows"] {
  return {
    append: [[[1], "data"]], read: [[0, "within"], [4, "within"]], take: [[2, "within"]], chunks: [[() => 1, "call"]], forEach: [[() => 1, "call"]], toString: [], clear: [],
    copy: [[to, "other"], [0, "within"], [4, "within"]], split: [[3, "within"]]
  };
}

/** A fresh object of every part, on a fresh pool. */
export const PARTS: Record<string, () => Part> = {
  "tiny pool": () => {
    const object: any = tiny({ size: 256, handles: 8 });
    const H: [unknown, string] = [object.alloc(20), "handle"];
    return { pool: object, object, rows: { alloc: [[8, "bytes"]], free: [H], at: [H], view: [H], size: [H], has: [[H[0], "gone"]] } };
  },
  slab: () => {
    const below = pool();
    const object: any = kit.slab(below, { size: 16, slots: 4 });
    const [h, g] = [object.alloc(4), object.alloc(4)];
    const H: [unknown, string] = [h, "handle"];
    return {
      pool: below,
      object,
      rows: {
        alloc: [[4, "bytes"]], free: [H], has: [[h, "gone"]], size: [H], at: [H], view: [H], read: [H, [0, "within"], [4, "within"]], write: [H, [0, "within"], [[1, 2], "content"]],
        copy: [H, [0, "within"], [g, "handle"], [0, "within"], [4, "within"]], fill: [H, [7, "value"], [0, "within"], [4, "within"]], stat: [], clear: [], close: []
      }
    };
  },
  buffer: () => {
    const below = pool();
    const object = kit.buffer(below);
    const to = kit.buffer(below);
    object.append("0123456789");
    return {
      pool: below,
      object,
      rows: { ...chain(to), move: [[to, "option"]], extend: [[2, "more"], [7, "any"]], write: [[0, "within"], [[1], "data"]], toArray: [] }
    };
  },
  deque: () => {
    const below = pool();
    const object = kit.deque(below);
    const to = kit.deque(below);
    object.append("0123\n56789");
    return {
      pool: below,
      object,
      rows: {
        ...chain(to), push: [[1, "any"]], shift: [], first: [], last: [], pop: [], unshift: [[1, "any"]], drain: [[to, "option"]], peek: [[2, "least"]], skip: [[2, "count"]],
        until: [[10, "mark"]], readLine: [], parse: [[() => 1, "call"]]
      }
    };
  },
  queue: () => {
    const below = pool();
    const object: any = kit.queue(below, { count: 4 });
    object.push(3);
    return { pool: below, object, rows: { push: [[1, "any"]], peek: [], shift: [], waiting: [], clear: [], close: [] } };
  },
  struct: () => {
    const below = pool();
    const object = kit.struct({ x: "i16" }, below);
    const h = object.alloc();
    return {
      pool: below,
      object,
      rows: { get: [[h, "record"], ["x", "field"]], set: [[h, "record"], ["x", "field"], [5, "number"]], to: [[h, "handle"], [0, "index"]], cursor: [], alloc: [[{ x: 1 }, "values"]] }
    };
  },
  array: () => {
    const below = pool();
    const object = kit.array(below, "i16", 4);
    return {
      pool: below,
      object,
      rows: { get: [[1, "element"]], set: [[1, "element"], [5, "number"]], to: [[1, "within"]], cursor: [], close: [], alloc: [[{ undefined: 1 }, "values"]] }
    };
  },
  collector: () => {
    const below = pool();
    const object = kit.collector(below);
    const type = kit.struct({ x: "i16", next: "handle" });
    const h = object.alloc(type);
    object.root("a", h);
    const H: [unknown, string] = [h, "handle"];
    return {
      pool: below,
      object,
      rows: {
        alloc: [[type, "value"], [{ x: 1 }, "values"]], get: [H, ["x", "field"]], set: [H, ["x", "field"], [5, "number"]], root: [["a", "any"], H], collect: [[5, "bare"]], close: []
      }
    };
  },
  owner: () => {
    const below = pool();
    const object = kit.owner(below);
    const h = object.alloc(8);
    return { pool: below, object, rows: { alloc: [[8, "bytes"]], free: [[h, "handle"]], keep: [[h, "handle"]], used: [], leaks: [], close: [] } };
  },
  pressure: () => {
    const below = pool();
    const object = kit.pressure(below, {});
    const h = object.alloc(8);
    return {
      pool: below,
      object,
      rows: { alloc: [[8, "bytes"]], free: [[h, "handle"]], touch: [[h, "gone"]], keep: [[h, "handle"]], look: [], reserve: [[16, "bare"]], release: [], close: [] }
    };
  },
  idle: () => {
    const below = pool();
    return { pool: below, object: kit.idle(below, { scheduler: new Clock() }), rows: { tick: [], start: [], stop: [], enter: [], leave: [] } };
  },
  guard: () => {
    const below = pool();
    return { pool: below, object: kit.guard(below, below.alloc(8)), rows: { unlock: [], release: [] } };
  }
};

/** Every module, its functions with right arguments. */
export const MODULES: Record<string, () => Part> = {
  kit: () => {
    const below = pool();
    const P: [unknown, string] = [below, "option"];
    return {
      pool: below,
      object: kit,
      rows: {
        slab: [P, [{ size: 8, slots: 2 }, "option"]], buffer: [P, [{}, "any"]], deque: [P, [{}, "any"]], queue: [P, [{ count: 3 }, "option"]],
        struct: [[{ x: "i16" }, "option"], [below, "heap"], [{}, "values"]],
        array: [P, ["i16", "option"], [3, "value"]], collector: [P], owner: [P, [100, "quota"], [below, "heap"]], scope: [P, [() => 1, "call"]], guard: [P, [below.alloc(8), "handle"]],
        pressure: [P, [{}, "relief"], [below, "heap"]], idle: [P, [{ scheduler: new Clock() }, "any"]], global: [[{ create: full }, "lib"], [640, "preset"]]
      }
    };
  },
  full: () => ({ object: { create: full }, rows: { create: [[64, "option"]] } }),
  core: () => ({ object: { create: core }, rows: { create: [[64, "option"]] } }),
  tiny: () => ({ object: { create: tiny }, rows: { create: [[64, "tiny"]] } }),
  far: () => ({ object: { create: far.create }, rows: { create: [[{ store: new Memory(64) }, "option"]] } }),
  fram: () => {
    const store = new Cells(1000);
    fram.format({ store, handles: 4 });
    return { object: fram, rows: { create: [[{ store }, "option"]], format: [[{ store }, "format"]], mount: [[store, "mount"], [{}, "any"]], repair: [[store, "mount"]] } };
  },
  spi: () => {
    const store = new Memory(64);
    return {
      object: spi,
      rows: { connect: [[{}, "bus"], [{ cs: 1, chip: "23K256" }, "option"]], span: [[[store], "store"]], part: [[store, "store"], [0, "from"], [32, "width"]] }
    };
  },
  page: () => ({ object: page, rows: { cache: [[new Memory(64), "cached"], [{}, "any"]] } }),
  thumb: () => ({ object: { ram: thumb.ram }, rows: { ram: [[64, "size"]] } })
};
