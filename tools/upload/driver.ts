// Process that talks to serial ports and Bluetooth devices through the espruino package. Its parent gives orders by messages.
//
// The package fills the global scope, prints to the console, leaves errors of a port uncaught, and tells no one why Bluetooth is not there:
// so it has a process of its own, what it prints is read for the reason, and an uncaught error is an answer.

import { existsSync } from "node:fs";

/** What the parent asks for. */
export type Order = { kind: "list" } | { kind: "open"; port: string; baud: number } | { kind: "send"; text: string };

/** A place where a board may be. */
export interface Port {
  path: string;
  about: string;
}

/** What it is told. */
export type Answer =
  | { kind: "ports"; ports: Port[]; lacks: string[] }
  | { kind: "opened" }
  | { kind: "data"; text: string }
  | { kind: "sent" }
  | { kind: "closed"; why: string }
  | { kind: "failed"; why: string };

/** A driver of the package, as its core/serial.js describes them. */
interface Device {
  name: string;
  maxWriteLength?: number;
  getPorts(callback: (ports?: { path: string; description?: string; usb?: number[] }[], complete?: boolean) => void): void;
  open(path: string, opened: (info?: unknown) => void, received: (data: ArrayBuffer) => void, closed: () => void): void;
  write(text: string, sent: () => void): void;
}

interface Package {
  Config: Record<string, unknown>;
  Core: { Serial: { devices: Device[] } };
}

const SERIAL = "Node Serial";
const BLUETOOTH = "Noble Bluetooth LE";
const SCAN_MS = 4000; // the driver itself stops scanning after 3 s
const SCANS = 3;
const WRITE_BYTES = 128; // at once; less than the smallest buffer of a console that only XOFF protects

let printed = "";
let device: Device | undefined;
let opening = false;

function answer(message: Answer): void {
  process.send?.(message);
}

/** Ends this process: a port that has failed is of no use any more. */
function quit(message: Answer): void {
  process.send?.(message, () => process.exit(0));
}

function load(): Promise<Package> {
  for (const name of ["log", "warn", "error", "info"] as const) console[name] = (...parts: unknown[]) => void (printed = `${printed}${parts.join(" ")}\n`.slice(-4000));
  return new Promise((resolve) => (require("espruino") as { init(ready: () => void): void }).init(() => resolve((globalThis as unknown as { Espruino: Package }).Espruino)));
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Ports of one driver. Bluetooth ones are heard one after another: it asks again until `enough` says so or the driver is done. */
async function look(one: Device, enough: (list: Port[]) => boolean): Promise<Port[]> {
  let list: Port[] = [];
  for (let round = 0; round < SCANS; round++) {
    const complete = await new Promise<boolean>((resolve) =>
      one.getPorts((found, all) => {
        for (const { path, description, usb } of found ?? []) {
          const about = usb?.[0] === 0x0483 && usb[1] === 0x5740 ? "Espruino board" : (description ?? "");
          list = [...list.filter((port) => port.path !== path), { path, about }];
        }
        resolve(all !== false);
      })
    );
    if (complete || enough(list)) break;
    await pause(SCAN_MS);
  }
  return list;
}

/** Why the package has no such driver or it finds nothing, in words of this project; "" when it works. */
function lack(one: Device | undefined, name: string): string {
  if (name === SERIAL) return one ? "" : 'no serial ports: the package "serialport" is missing or not built for this system, npm install serialport';
  const word = /^(Noble: .*(?:couldn't|Didn't|ENODEV).*|.*bluetooth-hci-socket.*)$/im.exec(printed)?.[1];
  return one && !word ? "" : 'no Bluetooth: the package "@abandonware/noble" is not built, npm rebuild --ignore-scripts=false @abandonware/noble, or the host has no adapter';
}

async function list(espruino: Package): Promise<void> {
  const { devices } = espruino.Core.Serial;
  const found: Port[] = [];
  const lacks: string[] = [];
  for (const name of [SERIAL, BLUETOOTH]) {
    const one = devices.find((each) => each.name === name);
    if (one) found.push(...(await look(one, () => false)));
    const word = lack(one, name);
    if (word) lacks.push(word);
  }
  quit({ kind: "ports", ports: found, lacks });
}

/** The driver for a port and the path it knows it by, or why there is none. */
async function place(espruino: Package, port: string): Promise<{ one: Device; path: string } | string> {
  const { devices } = espruino.Core.Serial;
  const serial = devices.find((each) => each.name === SERIAL);
  if (existsSync(port) || /^COM\d+$/i.test(port)) return serial ? { one: serial, path: port } : lack(serial, SERIAL);
  if (/[/\\]/.test(port)) return "there is no such port";
  const bluetooth = devices.find((each) => each.name === BLUETOOTH);
  const same = ({ path, about }: Port): boolean => [path.toLowerCase(), about.toLowerCase()].includes(port.toLowerCase());
  const seen = bluetooth ? await look(bluetooth, (ports) => ports.some(same)) : [];
  const found = seen.find(same);
  if (bluetooth && found) return { one: bluetooth, path: found.path };
  return lack(bluetooth, BLUETOOTH) || `no Bluetooth device has this name or address, ${seen.length ? `there are ${seen.map(({ path, about }) => `${about} (${path})`).join(", ")}` : "none is near"}`;
}

async function connect(espruino: Package, port: string, baud: number): Promise<void> {
  espruino.Config.BAUD_RATE = baud;
  const found = await place(espruino, port);
  if (typeof found === "string") return quit({ kind: "failed", why: found });
  opening = true;
  found.one.open(
    found.path,
    (info) => {
      opening = false;
      if (!info) return quit({ kind: "failed", why: "it cannot be opened" });
      device = found.one;
      answer({ kind: "opened" });
    },
    (data) => answer({ kind: "data", text: Buffer.from(data).toString("latin1") }),
    () => quit({ kind: "closed", why: "the board has gone" })
  );
}

/** Writes piece by piece: Bluetooth takes 20 bytes at once, and no more than one piece. */
async function write(text: string): Promise<void> {
  const most = Math.min(device?.maxWriteLength ?? WRITE_BYTES, WRITE_BYTES);
  for (let at = 0; at < text.length; at += most) {
    await new Promise<void>((sent) => device?.write(text.slice(at, at + most), sent));
  }
  answer({ kind: "sent" });
}

const HINTS: [RegExp, string][] = [
  [/permission denied|EACCES/i, "no permission: on Linux, sudo usermod -a -G dialout $USER, and log in again"],
  [/busy|lock|access denied/i, "another program has it open: close the IDE or terminal"],
  [/no such file|ENOENT|file not found/i, "there is no such port"]
];

/** An error of a driver as a sentence. */
export function reason(text: string): string {
  return HINTS.find(([pattern]) => pattern.test(text))?.[1] ?? text.replace(/^(Error:\s*)+/, "").split("\n")[0];
}

if (require.main === module) {
  process.on("SIGINT", () => undefined); // Ctrl-C comes here too: the parent ends what it does first
  process.on("disconnect", () => process.exit(0));
  process.on("uncaughtException", (error) => quit({ kind: opening || !device ? "failed" : "closed", why: reason(String(error)) }));
  process.on("unhandledRejection", (error) => quit({ kind: opening || !device ? "failed" : "closed", why: reason(String(error)) }));
  const ready = load();
  process.on("message", (order: Order) => {
    void ready.then((espruino) => (order.kind === "list" ? list(espruino) : order.kind === "open" ? connect(espruino, order.port, order.baud) : write(order.text)));
  });
}
