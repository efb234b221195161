// A real interpreter behind TCP: its console as a board on the network would have it.

import { createServer, type AddressInfo, type Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { Interpreter } from "./interpreter";

export interface Bridge {
  /** What --port takes. */
  port: string;
  /** Ends interpreter and server and removes its folder. */
  end(): Promise<void>;
}

const TERMINALS = 3; // connections, one after another
const PIECE = 64; // bytes, and
const PIECE_MS = 2; // from one to the next: the interpreter loses less of what comes slowly

async function trickle(to: Interpreter, text: string): Promise<void> {
  for (let at = 0; at < text.length; at += PIECE) {
    to.write(text.slice(at, at + PIECE));
    await pause(PIECE_MS);
  }
}

/** Starts an Espruino for Linux and waits for its prompt; `flash` is what is in its Storage. */
export async function bridge(path: string, flash?: Buffer): Promise<Bridge> {
  const interpreter = new Interpreter(path, flash);
  let socket: Socket | undefined;
  const prompt = new Promise<void>((done) => {
    interpreter.heard = (text) => {
      socket?.write(text, "latin1");
      if (text.endsWith(">")) done();
    };
  });
  const gone = interpreter.over().then(() => void socket?.destroy());
  let sent = Promise.resolve();
  const server = createServer((one) => {
    socket = one;
    one.on("error", () => undefined);
    one.on("data", (data) => void (sent = sent.then(() => trickle(interpreter, data.toString("latin1")))));
  });
  server.maxConnections = TERMINALS;
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  await Promise.race([prompt, gone]);
  return {
    port: `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async end() {
      interpreter.end();
      socket?.destroy();
      server.close();
      await gone;
    }
  };
}
