// A stand-in for a board on the network: the console protocol of Espruino over TCP, backed by the emulated board, with faults.
// NOT MODELLED: machine code, editing of a line, the debugger; variables of the top level live for one statement only, as in the emulator.

import { createServer, type AddressInfo, type Socket } from "node:net";
import type { Board } from "../boards/board";
import { boot, type Machine } from "../boards/emulator/machine";
import { crc32 } from "../tools/upload/crc";

/** What is wrong with it. Patterns are looked for in the lines it is sent. */
export interface Faults {
  /** It never answers. */
  mute?: boolean;
  /** It says this whatever comes. */
  babble?: string;
  version?: string;
  /** Bytes that are turned over in this file when it is written. */
  corrupt?: string;
  /** It hangs up when this comes, */
  drop?: RegExp;
  /** it does not come back from this, */
  hang?: RegExp;
  /** and prints that on this. */
  print?: [RegExp, string];
  /** Firmware without E.CRC32. */
  plain?: boolean;
  /** Its console does not take more than so much without a pause: XOFF, and XON a moment later. */
  halting?: boolean;
}

export interface Stand {
  port: string;
  /** Lines it has run. */
  lines: string[];
  /** Files of its Storage. */
  storage(): Record<string, string>;
  end(): Promise<void>;
}

const CTRL_C = "\x03";

/** Switches a board on and listens. */
export async function stand(board: Board, faults: Faults = {}): Promise<Stand> {
  const lines: string[] = [];
  let machine = power();
  let socket: Socket | undefined;
  let input = "";
  let stuck = false;

  /** Starts the board with the files it has. */
  function power(kept?: Machine): Machine {
    const made = boot(board, { print: (line) => say(`${line}\r\n`), pageNatives: { btoa: (text: string) => btoa(text), atob: (text: string) => atob(text) } });
    if (kept) for (const name of kept.storage.list()) made.storage.write(name, kept.storage.read(name));
    const write = made.storage.write;
    made.storage.getStats = () => ({ trashBytes: 0 });
    made.storage.write = (name: string, data: string, at?: number, size?: number) => write(name, name === faults.corrupt ? data.replace(/e/, "o") : data, at, size);
    made.globals.E.CRC32 = faults.plain ? null : (text: string) => crc32(Buffer.from(text, "latin1"));
    made.globals.E.nativeCall = null;
    made.globals.process.version = faults.version ?? made.globals.process.version;
    made.globals.process.env.MODULES = "Storage,heatshrink";
    return made;
  }
  function say(text: string): void {
    socket?.write(text, "latin1");
  }
  function restart(saved: boolean): void {
    machine = power(machine);
    say("\r\n Espruino\r\n>");
    const code = saved ? machine.storage.read(".bootcde") : undefined;
    if (code) evaluate(code);
  }
  function evaluate(text: string): void {
    try {
      machine.exec(text);
    } catch (error) {
      say(`Uncaught ${error instanceof Error ? error : JSON.stringify(error)}\r\n`);
    }
  }
  function line(text: string): void {
    const echo = !text.startsWith("\x10");
    const code = text.replace(/^\x10/, "");
    lines.push(code);
    if (echo) say(`${code}\r\n`);
    if (faults.drop?.test(code)) return void socket?.destroy();
    if (faults.hang?.test(code)) return void (stuck = true);
    if (faults.print?.[0].test(code)) say(faults.print[1]);
    else if (/^(reset|load)\(\);$/.test(code)) return restart(code === "load();");
    else evaluate(code);
    machine.run(1);
    if (echo) say(">");
  }
  function take(text: string): void {
    if (faults.babble) say(faults.babble);
    if (faults.mute || faults.babble || stuck) return;
    if (faults.halting) {
      say("\x13");
      setTimeout(() => say("\x11"), 1);
    }
    if (text.includes(CTRL_C)) input = "";
    input += text.slice(text.lastIndexOf(CTRL_C) + 1);
    for (let at = end(input); at >= 0; at = end(input)) {
      const one = input.slice(0, at);
      input = input.slice(at + 1);
      if (one) line(one.replaceAll("\x1b\n", "\n"));
    }
  }

  const server = createServer((one) => {
    socket = one;
    one.on("error", () => undefined);
    one.on("data", (data) => take(data.toString("latin1")));
    if (!faults.mute && !faults.babble) say(">");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`,
    lines,
    storage: () => Object.fromEntries(machine.storage.list().map((name: string) => [name, machine.storage.read(name)])),
    end: () =>
      new Promise((resolve) => {
        socket?.destroy();
        server.close(() => resolve());
      })
  };
}

/** Where the line ends: not at a new line that was sent with the escape key. */
function end(text: string): number {
  let at = text.indexOf("\n");
  while (at > 0 && text[at - 1] === "\x1b") at = text.indexOf("\n", at + 1);
  return at;
}
