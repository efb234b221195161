// The way to a board: bytes go out, bytes come in, and it may end at any time.

import { fork, type ChildProcess } from "node:child_process";
import { createConnection } from "node:net";
import { join } from "node:path";
import type { Answer, Order, Port } from "./driver";

/** An open connection. Text is Latin-1: one character is one byte. */
export interface Wire {
  /** Resolves when the system has taken the bytes. Rejects when the connection has ended. */
  send(text: string): Promise<void>;
  /** Ends the connection and what serves it. */
  close(): void;
  /** Called with what comes in. */
  ondata(text: string): void;
  /** Called once when the connection ends and close() was not called, with the reason. */
  onend(why: string): void;
}

export interface WireOptions {
  /** Milliseconds until an attempt to connect is given up. */
  openMs: number;
  /** Bits a second of a serial port; USB takes any. */
  baud: number;
}

const TCP = /^tcp:\/\/(.*?)(?::(\d+))?$/i;
const TELNET_PORT = 23; // as in the espruino package

/**
 * Connects to "tcp://host:port", else to a serial port or a Bluetooth device through the drivers of the espruino package, in a process of
 * their own. Rejects with one sentence that says why it cannot be reached.
 */
export function open(port: string, options: WireOptions): Promise<Wire> {
  const tcp = TCP.exec(port);
  return tcp ? dial(tcp[1] || "localhost", Number(tcp[2] ?? TELNET_PORT), options) : drive(port, options);
}

const END_MS = 1000; // for a driver to close its port

function silent(): void {}

const REASONS: Record<string, string> = {
  ECONNREFUSED: "nothing listens there",
  ENOTFOUND: "no host of that name",
  EAI_AGAIN: "no host of that name",
  EHOSTUNREACH: "no way to that host",
  ENETUNREACH: "no way to that network",
  ETIMEDOUT: "the host does not answer",
  ECONNRESET: "the other side has reset it",
  EPIPE: "the other side has gone"
};

// Not through the espruino package: it waits for ever where a connection is refused, and sends bytes above 127 as UTF-8.
function dial(host: string, port: number, { openMs }: WireOptions): Promise<Wire> {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ host, port });
    let state: "new" | "open" | "closed" = "new";
    const wire: Wire = {
      ondata: silent,
      onend: silent,
      send: (text) => new Promise((sent, failed) => void socket.write(text, "latin1", (error) => (error ? failed(error) : sent()))),
      close: () => {
        state = "closed";
        socket.destroy();
      }
    };
    const end = (why: string): void => {
      clearTimeout(timer);
      const was = state;
      state = "closed";
      socket.destroy();
      if (was === "new") reject(new Error(`no connection to tcp://${host}:${port}: ${why}`));
      if (was === "open") wire.onend(why);
    };
    const timer = setTimeout(() => end("the host does not answer"), openMs);
    socket.on("connect", () => {
      clearTimeout(timer);
      socket.setNoDelay(true);
      state = "open";
      resolve(wire);
    });
    socket.on("data", (data) => wire.ondata(data.toString("latin1")));
    socket.on("error", (error: NodeJS.ErrnoException) => end(REASONS[error.code ?? ""] ?? error.message));
    socket.on("close", () => end("the other side has closed it"));
  });
}

/** A process with the drivers of the espruino package, which print a lot, and end the process on errors of a port. */
class Driver {
  private readonly child: ChildProcess;
  private errors = "";
  /** Called with every answer; one that the process has ended comes last. */
  onanswer: (answer: Answer) => void = silent;

  constructor() {
    this.child = fork(join(__dirname, "driver.ts"), { execArgv: ["--import=tsx"], cwd: join(__dirname, "..", ".."), stdio: ["ignore", "ignore", "pipe", "ipc"] });
    this.child.stderr?.on("data", (data) => (this.errors = (this.errors + data).slice(-4000)));
    this.child.on("message", (answer) => this.onanswer(answer as Answer));
    this.child.on("error", (error) => this.onanswer({ kind: "failed", why: error.message }));
    this.child.on("exit", () => this.onanswer({ kind: "closed", why: /^\w*Error: (.*)/m.exec(this.errors)?.[1] ?? "its driver has ended" }));
  }

  order(order: Order): boolean {
    return this.child.connected && this.child.send(order);
  }

  /** Lets it close its port and end; by force when it does not. */
  end(): void {
    this.onanswer = silent;
    if (this.child.connected) this.child.disconnect();
    const timer = setTimeout(() => this.child.kill("SIGKILL"), END_MS);
    this.child.once("exit", () => clearTimeout(timer));
    if (this.child.exitCode !== null) clearTimeout(timer);
  }
}

function drive(port: string, { openMs, baud }: WireOptions): Promise<Wire> {
  const driver = new Driver();
  return new Promise((resolve, reject) => {
    const waiting: { sent(): void; failed(error: Error): void }[] = [];
    let ended = "";
    const wire: Wire = {
      ondata: silent,
      onend: silent,
      send: (text) =>
        new Promise((sent, failed) => {
          if (ended || !driver.order({ kind: "send", text })) return failed(new Error(ended || "its driver has ended"));
          waiting.push({ sent, failed });
        }),
      close: () => driver.end()
    };
    const fail = (why: string): void => {
      clearTimeout(timer);
      driver.end();
      reject(new Error(`no connection to ${port}: ${why}`));
    };
    const timer = setTimeout(() => fail(`it does not open within ${openMs / 1000} s`), openMs);
    driver.onanswer = (answer) => {
      if (answer.kind === "failed" || answer.kind === "closed") return fail(answer.why);
      if (answer.kind !== "opened") return;
      clearTimeout(timer);
      driver.onanswer = (next) => {
        if (next.kind === "data") wire.ondata(next.text);
        if (next.kind === "sent") waiting.shift()?.sent();
        if (next.kind !== "closed" && next.kind !== "failed") return;
        ended = next.why;
        for (const one of waiting.splice(0)) one.failed(new Error(next.why));
        driver.end();
        wire.onend(next.why);
      };
      resolve(wire);
    };
    driver.order({ kind: "open", port, baud });
  });
}

/** What this machine has: its serial ports, and Bluetooth devices with a console; and a word on what it cannot list. Resolves within `openMs`. */
export function ports(openMs: number): Promise<{ ports: Port[]; lacks: string[] }> {
  const driver = new Driver();
  return new Promise((resolve) => {
    const done = (list: Port[], lacks: string[]): void => {
      clearTimeout(timer);
      driver.end();
      resolve({ ports: list, lacks });
    };
    const timer = setTimeout(() => done([], ["the ports cannot be listed: the drivers of the espruino package do not answer"]), openMs);
    driver.onanswer = (answer) => {
      if (answer.kind === "ports") done(answer.ports, answer.lacks);
      if (answer.kind === "failed" || answer.kind === "closed") done([], [`the ports cannot be listed: ${answer.why}`]);
    };
    driver.order({ kind: "list" });
  });
}
