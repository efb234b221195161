// The examples, what happens to their boards, and what must come of it.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { BOARDS } from "../boards/index";
import { chip } from "../boards/emulator/chip";
import type { Machine } from "../boards/emulator/machine";
import { sandbox } from "../boards/emulator/sandbox";

export const ROOT = join(__dirname, "..");
export const FOLDER = join(ROOT, "examples");
const ROOMY = 16000; // JsVars where it matters what check() says and not what fits
const SLICE = 10; // milliseconds from one look for garbage to the next

/** JsVars that a module takes when it is kept in Storage, those of pools with an empty one: 2v29 with 13-byte JsVars. */
const STORED: Record<string, number> = {
  "tidyheap.min.js": 975,
  "tidyheap-core.min.js": 843,
  "tidyheap-tiny.min.js": 494,
  "tidyheap-far.min.js": 1100,
  "tidyheap-spi.min.js": 151,
  "tidyheap-kit.min.js": 1058
};

/** Something that happens to the board: time passes, bytes arrive, a button is pressed, a packet comes by radio, a device is heard; or all that several times,
 * `long`: not on an engine, whose Storage is a file that it opens for every few bytes. */
export type Step = { again: number; steps: Step[]; long?: boolean } | { wait: number } | { serial: string } | { press: string } | { packet: number[] } | { heard: { id: string; rssi: number } };

/** How an example is run, and what must come of it. */
export interface Plan {
  board: string;
  steps: Step[];
  /** What it prints, and in the end what it has written to Serial1, line by line. */
  lines: (string | RegExp)[];
  /** Blocks of `pool` that are live in the end, where it counts them. */
  live: number;
  /** Its blocks are freed and allocated, so that some must have moved. */
  moves?: boolean;
  plug?: (machine: Machine) => void;
  /** Why it does not run on an engine without hardware. */
  bound?: string;
}

/** What a program of the emulated board shows when it is looked at. */
export interface Seen {
  lines: string[];
  pool: any;
  machine: Machine;
}

/** A sentence with its checksum. */
function nmea(body: string): string {
  const sum = [...Buffer.from(body)].reduce((all, byte) => all ^ byte, 0);
  return `$${body}*${sum.toString(16).toUpperCase().padStart(2, "0")}\r\n`;
}

function times<T>(n: number, make: (i: number) => T[]): T[] {
  return Array.from({ length: n }, (_, i) => make(i)).flat();
}

const track = [
  nmea("GPGGA,081530.00,4717.1130,N,00833.9160,E,1,07,1.1,499.6,M,48.0,M,,"),
  nmea("GPRMC,081530.00,A,4717.1130,N,00833.9160,E,012.4,084.4,211126,,,A"),
  nmea("GPGSV,1,1,01,21,47,104,38"),
  nmea("GNGGA,081531.00,3351.6000,S,15112.6000,W,1,12,0.8,-3.4,M,20.1,M,,"),
  nmea("GPGGA,081532.00,,,,,0,00,,,M,,M,,"),
  nmea("GPGGA,081533.00,4717.1200,N,00833.9200,E,1,07,1.1,500.0,M,48.0,M,,").replace("4717", "4718"),
  "x".repeat(1100),
  "\r\n",
  nmea("GNRMC,081531.00,A,3351.6000,S,15112.6000,W,000.9,,211126,,,A")
];

/** The packets of a text, 19 characters each, numbered from `from`. */
function packets(text: string, from: number): number[][] {
  return (text.match(/[^]{1,19}/g) ?? []).map((piece, i) => [(from + i) & 255, ...Buffer.from(piece)]);
}

const LONG = "a packet too many for the queue is left out as a whole. ".repeat(5).slice(0, 14 * 19 - 1) + "\n";
const ENDLESS = times(30, (i) => [`${i} has no end of line`.padEnd(19, ".").slice(0, 19)]).join("");
const radio = [packets("hello, board\n", 0), packets("one line in three packets, all of them here\n", 1), packets(LONG, 4), packets("over\n", 18), ...times(3, (i) => [packets(ENDLESS.slice(190 * i, 190 * (i + 1)), 19 + 10 * i)]), packets("end\n", 49)];

const device = (n: number) => `c0:ff:ee:00:00:0${n} public`;
const hear = (n: number): Step => ({ heard: { id: device(n), rssi: -40 - n } });

const SECONDS = 110;
const SIDE = 32;
const ACROSS = 24;
const WIDTH = 40;
const HEIGHT = 6;
const FITS = 127; // tiles of 1,028 bytes on a chip of 131,072

/** What tiles.js prints in so many seconds: the map computed, the cache as a list in the order of use. */
function walk(seconds: number): string[] {
  const cache: number[] = [];
  const lines: string[] = [];
  let loaded = 0;
  let evicted = 0;
  for (let step = 0; step < seconds; step++) {
    const left = (step * 37) % (SIDE * ACROSS - WIDTH);
    const top = (step * 23) % (SIDE * ACROSS - HEIGHT);
    for (let column = Math.floor(left / SIDE); column * SIDE < left + WIDTH; column++) {
      for (let row = Math.floor(top / SIDE); row * SIDE < top + HEIGHT; row++) {
        const number = row * ACROSS + column;
        const at = cache.indexOf(number);
        if (at >= 0) cache.splice(at, 1);
        else loaded++;
        if (cache.push(number) > FITS) cache.shift(), evicted++;
      }
    }
    lines.push(`at ${left},${top}: ${loaded} tiles loaded, ${evicted} evicted`);
    for (let y = top; y < top + HEIGHT; y++) {
      lines.push(Array.from({ length: WIDTH }, (_, i) => "~.,:^"[(((left + i) >> 2) * (y >> 1)) % 5]).join(""));
    }
  }
  assert.ok(evicted > 50 && loaded - evicted === FITS, `${loaded} loaded, ${evicted} evicted`);
  return lines;
}

export const PLANS: Record<string, Plan> = {
  "gps.js": {
    board: "pico",
    steps: [...track.flatMap((serial): Step[] => [{ serial }, { wait: 1300 }]), { press: "BTN" }],
    // 47 degrees and 17.113 minutes, 8 and 33.916; south and west are below 0
    lines: ["fix 1: 47.285217, 8.565267", "fix 2: -33.86, -151.21", "81530,500 m,12.4 kn,7", "81531,-3 m,0.9 kn,12", "2 fixes, 2 damaged sentences"],
    live: 1,
    moves: true
  },
  "ble.js": {
    board: "puck",
    steps: radio.flatMap((burst): Step[] => [...burst.map((packet) => ({ packet })), { wait: 1000 }]),
    lines: [
      "hello, board (1 packets, 0 lost)",
      "one line in three packets, all of them here (4 packets, 0 lost)",
      // 11 of 14 packets with 20 bytes each and one for their number fit 250 places
      `${LONG.slice(0, 11 * 19)}[3 lost]over (16 packets, 3 lost)`,
      // 26 packets of 19 characters are the most that 512 bytes take, the next one ends the message
      `${ENDLESS.slice(27 * 19)}end (47 packets, 3 lost)`
    ],
    live: 1
  },
  "tiles.js": {
    board: "pico",
    steps: [{ wait: 1000 * SECONDS + 500 }],
    lines: walk(SECONDS),
    live: FITS,
    plug: (machine) => {
      machine.spi.attach("A4", chip("23LC1024"));
      machine.spend(1000); // power has been there for a while
    },
    bound: "its chip has more bytes than an engine"
  },
  "list.js": {
    board: "microbit2",
    steps: [
      { wait: 500 },
      { again: 12, steps: [hear(1), hear(2), hear(3), { wait: 1000 }] },
      // more at once than the pool has rows
      { again: 600, steps: [hear(1)], long: true },
      { again: 50, steps: [hear(1), { wait: 1000 }] },
      { wait: 8000 }
    ],
    lines: [
      ...[1, 2, 3].map((n) => `${device(n)} is here`),
      // three devices with five sightings each, and what the collector has not come to yet
      ...Array(4).fill(/^(18|19|2\d|3[0-5]) records$/),
      ...[3, 2].map((n) => `${device(n)} is gone`),
      /^\d+ records$/,
      /^([6-9]|1[0-2]) records$/,
      "6 records"
    ],
    live: 6,
    moves: true
  },
  "log.js": {
    board: "microbit2",
    steps: [{ wait: 500 }, { press: "BTN1" }, { wait: 2000 }, { press: "BTN2" }, { wait: 20000 }],
    lines: [
      "sent 118 bytes in 6 packets, 0 of 200 chunks in use",
      "sent 218 bytes in 11 packets, 0 of 200 chunks in use",
      ...["0 button 1", "2 button 2"],
      // 200 chunks of 64 bytes without those with bytes: one of button lines, then one and two of these lines; a chunk takes 56
      ...["2 12736", "4 12672", "6 12672", "8 12608", "10 12608"].map((line) => `${line} bytes free`),
      ...["12 12800", "14 12736", "16 12736", "18 12672", "20 12672"].map((line) => `${line} bytes free`)
    ],
    live: 1
  },
  "report.js": {
    board: "wifi",
    steps: ["20 30 10\n", "leaks\n", ...times(12, (i) => [`${i} 255 7 ${i} 9\n`]), "leaks\nend\n7 7", " 8\n"].flatMap((serial): Step[] => [{ serial }, { wait: 1000 }]),
    lines: [
      "3 numbers, median 20",
      "20 bytes, 1 s old: 3 numbers, median 20",
      // 256 bytes of counts and 32 of the list of a request leave room for one text of 20 and ten of 19 before the quota of 500 is used up
      ...["7", "7", "7", "7", "7", "7", "7", "7", "8", "9"].map((n) => `5 numbers, median ${n}`),
      ...Array(2).fill("refused: QUOTA"),
      "20 bytes, 14 s old: 3 numbers, median 20",
      ...times(10, (i) => [`19 bytes, ${12 - i} s old: 5 numbers, median ${Math.max(7, i)}`]),
      "0 bytes in use",
      "3 numbers, median 7"
    ],
    live: 2
  }
};

/** The program of an example and the modules its upload line names, bundle by name. */
export function read(file: string): { source: string; modules: Record<string, string> } {
  const source = readFileSync(join(FOLDER, file), "utf8");
  const modules = Object.fromEntries([...source.matchAll(/--storage ([\w-]+):dist\/([\w.-]+)/g)].map(([, name, bundle]) => [name, bundle]));
  return { source, modules };
}

export function text(bundle: string): string {
  return readFileSync(join(ROOT, "dist", bundle), "utf8");
}

/** What records every pool a module makes from its beginning. */
function recorded(source: string): string {
  return `${source}
var make=exports.create,recorder;
exports.create=function(options){
var p=make(options);
recorder=require("tidyheap-record").record(p,{to:trail,options:{unit:options.unit,fit:options.fit,pause:options.pause,generations:options.generations}});
return p;
};
exports.stop=function(){recorder.stop()};`;
}

/**
 * The example on its board, the modules in Storage. `full`: pools in RAM have check(), in as much memory as that takes. `hear` gets a trace of the pool:
 * the external one where there is one, else that of the module tidyheap, which is the core where the example has a tiny one.
 */
export function play(file: string, full: boolean, hear?: (line: string) => void): Seen {
  const { board, steps, plug } = PLANS[file];
  const { source, modules } = read(file);
  const lines: string[] = [];
  let radio: (event: any) => void = () => assert.fail("no service");
  let scan: (found: any) => void = () => assert.fail("no scan");
  const NRF = {
    setServices: (services: any) => (radio = services[0xbcde][0xabcd].onWrite),
    setScan: (hear: typeof scan) => (scan = hear)
  };
  const machine: Machine = sandbox(full ? { ...BOARDS[board], vars: ROOMY } : BOARDS[board], { print: (line) => lines.push(...line.split("\n")), pageNatives: { NRF, trail: hear, Date: { now: () => Math.floor(machine.now() / 1000) } } });
  plug?.(machine);
  let vars = 0;
  const traced = modules["tidyheap-far"] ? "tidyheap-far" : "tidyheap";
  for (const [name, bundle] of [...(hear ? [["tidyheap-record", "tidyheap-record.min.js"]] : []), ...Object.entries(modules)]) {
    const taken = full && name === "tidyheap" ? "tidyheap.min.js" : hear && name === traced ? bundle.replace("tiny", "core") : bundle;
    machine.load(name, hear && name === traced ? recorded(text(taken)) : text(taken));
    machine.exec(`require("${name}")`);
    // the code stays in flash; in RAM is what it makes
    machine.memory.drop("code");
    vars += STORED[taken] ?? 0;
  }
  machine.exec(`global.stored=new Uint8Array(${vars * machine.board.varBytes})`);
  const pool = machine.exec(`${source}\nreturn pool`);
  const sweep = sweeper(machine);
  const wait = (ms: number): void => {
    for (let left = ms; left > 0; left -= SLICE) machine.run(Math.min(SLICE, left)), sweep();
  };
  const act = (step: Step): void => {
    if ("again" in step) return times(step.again, () => step.steps).forEach(act);
    if ("wait" in step) wait(step.wait);
    else if ("serial" in step) machine.serial.send(step.serial);
    else if ("packet" in step) radio({ data: Uint8Array.from(step.packet).buffer });
    else if ("heard" in step) scan(step.heard);
    else for (const level of [1, 0]) machine.drive(machine.board.alias[step.press], level), wait(50);
    sweep();
    assert.deepEqual(machine.faults, []);
    if (pool.check) assert.equal(pool.check(), "");
  };
  steps.forEach(act);
  if (hear) machine.exec(`require("${traced}").stop()`);
  lines.push(...machine.serial.take().split("\n").filter(Boolean));
  return { lines, pool, machine };
}

/** Frees on the emulated heap the arrays that are younger than this call: between turns of the loop a program of ours holds none. */
function sweeper({ memory }: Machine): () => void {
  const owners = (): any[] => [...new Set((memory as any).runs.map((run: any) => run.owner))].filter((owner: any) => owner.byteLength !== undefined);
  const old = new Set(owners());
  return () => {
    for (const owner of owners()) if (!old.has(owner)) memory.drop(owner);
  };
}
