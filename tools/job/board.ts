import { readFileSync } from "node:fs";
import { advise, type Board } from "../../boards/board";
import type { Machine } from "../../boards/emulator/machine";
import { sandbox } from "../../boards/emulator/sandbox";
import type { Load } from "./engine";
import type { Job, Kind, Report } from "./program";
import type { Lane, Screen } from "./screen";

// The program on two emulated boards of one kind, one for each memory, that hear the same messages.

/** Bits a second of the serial port. */
export const BAUD = 115200;

const BITS = 10; // per byte: start, eight of data, stop
const KINDS: Kind[] = ["firstfit", "tidyheap"];

interface Node {
  machine: Machine;
  job: Job;
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
  return nodes.map(({ job }) => JSON.parse(JSON.stringify(job.report()))); // objects of this realm
}

/** A board with the bundle as a module, and the program listening on its serial port. */
function upload(board: Board, { library, program, plan }: Load, kind: Kind): Node {
  const machine = sandbox(board, { pageNatives: { clock: () => performance.now() } });
  machine.load("tidyheap", readFileSync(library, "utf8"));
  const job = machine.exec(`${program}
var board=job.open("${kind}",require("tidyheap"),${JSON.stringify(plan)},clock);
Serial1.setup(${BAUD});
Serial1.on("data",function(data){board.take(data)});
setInterval(function(){board.tick()},${advise(board).tickMs});
return board;`);
  collect(machine, job);
  return { machine, job };
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
