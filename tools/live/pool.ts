// What is asked of a pool on a board, and what the answers say. Nothing here changes a pool: stat() and map() move and free nothing.

import { draw, type Place } from "../picture/map";
import type { Stat } from "../trace";
import { Failure } from "./board";

/** What is known of a pool once it has been asked. */
export interface Facts {
  name: string;
  version: string;
  board: string;
  /** Its stat() when it was asked. */
  stat: Stat;
  /** Names of the counters, as peak.used. */
  counters: string[];
  /** It has map(); each() (then blocks can be listed). */
  map: boolean;
  each: boolean;
  /** It has bytes of its own: it is in RAM. */
  near: boolean;
  /** `tidyheap-record` can be required. */
  records: boolean;
  /** What the global `trace` is: "" nothing, "recorder", or something else of the program. */
  trace: string;
}

/** A pool at one moment. */
export interface Sample {
  counters: Record<string, number>;
  /** A character for each part, as map() says it; "" where it is not known. */
  map: string;
  /** The map was made from a list of blocks: locks are not in it. */
  listed: boolean;
}

/** How the map is come by. */
export type Way = "map" | "each" | "none";

/** Why a variable is not shown. */
export class Unfit extends Error {}

const NAME = /^(?!(?:if|in|do|new|for|let|var|this|typeof|delete|void|function|return|while|with|try|throw|switch|class)\b)[A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*|\[\d{1,5}\])*$/;
const LONGEST = 60; // characters of a name
const PIECE = 100; // characters of a piece of a list: little memory on the board
const COUNTER = /^[A-Za-z]+(\.[A-Za-z]+)?$/;
const STILL = ["size", "handles", "unit", "meta"]; // never change
const RECORDER = "tidyheap-record";

/** Throws Unfit unless `name` is a variable or a field of one: nothing else is run on the board. */
export function variable(name: string): string {
  if (name.length > LONGEST || !NAME.test(name)) throw new Unfit(`"${name.slice(0, LONGEST)}" is no name of a variable: pool, app.pool or pools[0] would be`);
  return name;
}

/** The first question: is it a pool, and what can it do? */
export function question(name: string): string {
  const p = variable(name);
  const kind = (field: string) => `typeof s.${field}=="function"?1:0`;
  const record = `var r=0;try{r=(Modules.getCached().indexOf("${RECORDER}")>=0||require("Storage").read("${RECORDER}",0,1))?1:0}catch(e){}`;
  // many boards have a function trace() of their own, which comes back when the recorder goes
  const trace = 'typeof trace!="object"||!trace?0:typeof trace.owner=="function"?1:2';
  const first = p.split(/[.[]/)[0];
  return (
    `s=typeof ${first}=="undefined"?undefined:${p};if(s===undefined||s===null||typeof s!="object")t=JSON.stringify([typeof s]);else{${record}` +
    `t=JSON.stringify([typeof s,process.version,process.env.BOARD,${kind("stat")},${kind("map")},${kind("each")},s.bytes?1:0,r,${trace},typeof s.stat=="function"?s.stat():0])}`
  );
}

/** What the answer to it says. Throws Unfit when the variable is no pool that can be shown. */
export function facts(name: string, answer: string): Facts {
  const [type, version, board, stat, map, each, near, records, trace, counts] = parsed(answer);
  if (type === "undefined") throw new Unfit(`the program has no variable ${name}. It must be global (var ${name.split(/[.[]/)[0]} = ... in the first file, not inside a function or a module)`);
  if (type !== "object") throw new Unfit(`${name} is a ${type}, not a pool`);
  if (!stat) throw new Unfit(`${name} is no pool with stat(): the tiny pool has none`);
  if (!(counts && counts.size >= 0 && counts.used >= 0 && counts.largest >= 0)) throw new Unfit(`${name} has a stat(), but not that of a pool`);
  return {
    name,
    version,
    board,
    stat: counts,
    counters: flat(counts).filter((one) => COUNTER.test(one) && !STILL.includes(one)),
    map: !!map,
    each: !!each,
    near: !!near,
    records: !!records,
    trace: ["", "recorder", "other"][trace] ?? ""
  };
}

function parsed(answer: string): any[] {
  try {
    return JSON.parse(answer);
  } catch {
    throw new Failure("CUT", `the answer is no list: ${answer.slice(0, 60)}`);
  }
}

/** Names of all numbers in an object, with those of objects in it. */
function flat(object: object, before = ""): string[] {
  return Object.entries(object).flatMap(([name, value]) => (typeof value === "number" ? [before + name] : value && typeof value === "object" ? flat(value, `${before}${name}.`) : []));
}

/** What is asked again and again: the counters, and the map in `columns` characters or the blocks. */
export function poll({ name, counters }: Facts, way: Way, columns: number): string {
  const numbers = `s=${name}.stat();t=[${counters.map((one) => `s.${one}`).join()}].join()`;
  const block = 'function(h,a,n){t+=a.toString(36)+"."+n.toString(36)+",";';
  if (way === "map") return `${numbers}+"|"+${name}.map(${columns})`;
  if (way === "each") return `${numbers}+"|";${name}.each(${block}if(t.length>${PIECE}){print("~#+"+t+"~");t=""}})`;
  return numbers;
}

/** What its answer says. Throws Failure CUT when it does not agree with itself. */
export function sample({ counters, stat }: Facts, way: Way, columns: number, answer: string): Sample {
  const [numbers, rest = ""] = answer.split("|");
  const values = numbers.split(",").map(Number);
  if (values.length !== counters.length || values.some((value) => !Number.isFinite(value))) throw new Failure("CUT", `the answer is no list of ${counters.length} numbers: ${numbers.slice(0, 60)}`);
  const found = Object.fromEntries(counters.map((name, i) => [name, values[i]]));
  if (way === "none") return { counters: found, map: "", listed: false };
  if (way === "each") return { counters: found, map: draw(places(rest, found), stat.size, stat.unit, columns), listed: true };
  if (rest.length !== columns || /[^#+.@]/.test(rest)) throw new Failure("CUT", `the map is no ${columns} characters of # + . @: ${rest.slice(0, 60)}`);
  return { counters: found, map: rest, listed: false };
}

function places(list: string, { live, used }: Record<string, number>): Place[] {
  const all = list.split(",").filter(Boolean).map((item) => {
    const [at, bytes] = item.split(".").map((digits) => parseInt(digits, 36));
    return { at, bytes };
  });
  const sum = all.reduce((bytes, block) => bytes + block.bytes, 0);
  if (all.length !== live || sum !== used) throw new Failure("CUT", `the list has ${all.length} blocks with ${sum} bytes, stat() said ${live} with ${used}`);
  return all;
}

/** Share of the free bytes that are outside the largest hole, 0 where nothing is free. */
export function fragmentation({ free, largest }: Record<string, number>): number {
  return free > 0 ? 1 - largest / free : 0;
}

/** Starts a recorder: what it prints comes in between. It is kept in the global `trace`. */
export function recording(name: string): string {
  return `global.trace=require("${RECORDER}").record(${variable(name)});t="on"`;
}

/** Stops it. */
export const STOPPED = 'trace.stop();delete global.trace;t="off"';
