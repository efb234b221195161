import { readFileSync } from "node:fs";
import { advise, pinNames, type Board } from "../../boards/board";
import { chip } from "../../boards/emulator/chip";
import type { Machine } from "../../boards/emulator/machine";
import { sandbox } from "../../boards/emulator/sandbox";
import type { Load, Socket } from "./engine";
import type { Bus, Job, Kind, Report } from "./program";
import type { Lane, Screen } from "./screen";

// The program on two emulated boards of one kind, one for each memory, that hear the same messages.

/** Bits a second of the serial port. */
export const BAUD = 115200;

const BITS = 10; // per byte: start, eight of data, stop
const KINDS: Kind[] = ["firstfit", "tidyheap"];

/** A chip as its driver takes it: the IS62WVS5128 by default is the one without read latency. */
const PLAIN = ["IS62WVS5128"];

/** Makes the library tell which pool it made last. */
const TAPPED = 'var pool,library={create:function(o){return pool=require("tidyheap").create(o)}};';

/** Records that pool, with what each block is for. */
const RECORD = 'var recorder=require("record").record(pool,{to:line});board.memory.owner=recorder.owner;global.stop=function(){recorder.stop();return recorder.lost};';

interface Node {
  machine: Machine;
  job: Job;
  /** Where the memory is a chip: what it cost so far. */
  bus?: () => Bus;
  /** Where it is recorded: ends that, and gives how many lines could not be written. */
  stop?: () => number;
}

/** Runs the program on the board, fed at the speed of a serial port in virtual time. Throws what the program throws. */
export async function emulate(board: Board, load: Load, screen: Screen): Promise<Report[]> {
  const nodes = KINDS.map((kind) => upload(board, load, kind));
  const lanes = nodes.map(lane);
  for (const [number, message] of load.messages.entries()) {
    for (const node of nodes) deliver(node, `${message}\n`);
    if (number === load.damage) for (const node of nodes) damage(node);
    await screen.show(number + 1, load.messages.length, lanes);
  }
  for (const node of nodes) drain(node);
  const lost = nodes.reduce((sum, { stop }) => sum + (stop ? stop() : 0), 0);
  if (lost) throw new Error(`${lost} lines of the recording could not be written`);
  return nodes.map(({ job, bus }) => ({ ...JSON.parse(JSON.stringify(job.report())), ...(bus && { bus: bus() }) })); // objects of this realm
}

/** A board with the bundle as a module, and the program listening on its serial port. */
function upload(board: Board, { library, program, plan, socket, trace }: Load, kind: Kind): Node {
  const natives = { clock: () => performance.now(), Date: { now: () => Math.floor(machine.now() / 1000) }, line: (text: string) => trace?.line(text) };
  const machine: Machine = sandbox(board, { pageNatives: natives });
  machine.load("tidyheap", readFileSync(library, "utf8"));
  const store = socket ? `,${plug(machine, socket)}` : "";
  const recorded = trace && kind === "tidyheap";
  if (recorded) machine.load("record", readFileSync(trace.recorder, "utf8"));
  const job = machine.exec(`${program}
${recorded ? TAPPED : 'var library=require("tidyheap");'}
var board=job.open("${kind}",library,${JSON.stringify(plan)},clock${store});
${recorded ? RECORD : ""}
Serial1.setup(${BAUD});
Serial1.on("data",function(data){board.take(data)});
setInterval(function(){board.tick()},${advise(board).tickMs});
return board;`);
  collect(machine, job);
  return { machine, job, bus: socket && meter(machine, job, socket), stop: machine.globals.stop };
}

/** Puts the chip on the board and gives the expression of its store. */
function plug(machine: Machine, { part, baud, driver }: Socket): string {
  const { name, sck, miso, mosi } = machine.board.spi[0];
  const cs = select(machine.board);
  machine.load("driver", readFileSync(driver, "utf8"));
  machine.spi.attach(cs, chip(part, undefined, PLAIN.includes(part) ? { dummy: 0 } : {}));
  return `(${name}.setup({sck:${sck},miso:${miso},mosi:${mosi},baud:${baud}}),require("driver").connect(${name},{cs:${cs},chip:"${part}",baud:${baud}}))`;
}

/** The first pin that has no other name and no part in SPI. */
function select(board: Board): string {
  const busy = [...Object.values(board.alias), ...board.spi.flatMap(({ sck, miso, mosi }) => [sck, miso, mosi])];
  return pinNames(board).find((pin) => !busy.includes(pin)) as string;
}

/** What the bus does from now on; what the job only looks at for its figures and for the screen does not count. */
function meter({ spi }: Machine, { memory }: Job, { baud }: Socket): () => Bus {
  const link = spi.link();
  const from = { bytes: link.bytes, frames: link.frames };
  const free = <T>(look: () => T): T => {
    const { bytes, frames, clock } = link;
    const { micros } = clock;
    const seen = look();
    Object.assign(link, { bytes, frames });
    clock.micros = micros;
    return seen;
  };
  const { largest, meta, check, map } = memory;
  memory.largest = () => free(() => largest.call(memory));
  memory.meta = () => free(() => meta.call(memory));
  memory.check = () => free(() => check.call(memory));
  memory.map = (columns) => free(() => map.call(memory, columns));
  return () => ({ bytes: link.bytes - from.bytes, frames: link.frames - from.frames, ms: ((link.bytes - from.bytes) * 8000) / baud });
}

/** Frees what read() has copied once the next copy is made: the emulated heap collects no garbage by itself. */
function collect({ memory }: Machine, job: Job): void {
  const read = job.memory.read;
  let last: any;
  job.memory.read = (ref, at, n) => {
    if (last && last.length === last.buffer.byteLength) memory.drop(last);
    return (last = read.call(job.memory, ref, at, n));
  };
}

/** Puts a message on the line and lets the time pass that it takes; its last bytes may come with the next one. */
function deliver({ machine }: Node, message: string): void {
  machine.serial.send(message);
  machine.run((message.length * BITS * 1000) / BAUD);
  if (machine.faults.length) throw new Error(machine.faults[0]);
}

/** Lets the rest of what is on the line arrive. */
function drain({ machine }: Node): void {
  while (machine.serial.left()) machine.run(1);
}

function damage(node: Node): void {
  drain(node);
  node.job.damage();
}

function lane({ job }: Node): Lane {
  const name = job.kind === "tidyheap" ? "tidyheap" : "first fit";
  return { name, kept: () => job.kept.length, map: (columns) => job.memory.map(columns) };
}
