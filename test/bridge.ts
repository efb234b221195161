// A real interpreter behind TCP: its console as a board on the network would have it.

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Writable } from "node:stream";
import { setTimeout as pause } from "node:timers/promises";

export interface Bridge {
  /** What --port takes. */
  port: string;
  /** Everything it has printed. */
  printed(): string;
  /** Ends interpreter and server and removes its folder. */
  end(): Promise<void>;
}

const TERMINALS = 3; // connections, one after another

const PIECE = 64; // bytes, and
const PIECE_MS = 2; // from one to the next: the interpreter loses less of what comes slowly

async function trickle(to: Writable, data: Buffer): Promise<void> {
  for (let at = 0; at < data.length; at += PIECE) {
    to.write(data.subarray(at, at + PIECE));
    await pause(PIECE_MS);
  }
}

/** Starts an Espruino for Linux; `flash` is what is in its Storage. */
export async function bridge(path: string, flash?: Buffer): Promise<Bridge> {
  const folder = mkdtempSync(join(tmpdir(), "tidyheap-"));
  if (flash) writeFileSync(join(folder, "espruino.flash"), flash);
  // stdin stays open: after its end the interpreter reads garbage for ever
  const child = spawn(path, [], { cwd: folder, stdio: ["pipe", "pipe", "ignore"] });
  let printed = "";
  let socket: Socket | undefined;
  child.stdin.on("error", () => undefined);
  child.stdout.on("data", (data: Buffer) => {
    printed += data.toString("latin1");
    socket?.write(data);
  });
  const gone = new Promise<void>((resolve) => child.once("close", () => resolve(void socket?.destroy())));
  let sent = Promise.resolve();
  const server = createServer((one) => {
    socket = one;
    one.on("error", () => undefined);
    one.on("data", (data: Buffer) => (sent = sent.then(() => trickle(child.stdin, data))));
  });
  server.maxConnections = TERMINALS;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  while (!printed.endsWith(">") && child.exitCode === null) await pause(10);
  return {
    port: `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`,
    printed: () => printed,
    async end() {
      child.kill("SIGKILL"); // it ignores SIGTERM
      socket?.destroy();
      server.close();
      await gone;
      rmSync(folder, { recursive: true, force: true });
    }
  };
}
