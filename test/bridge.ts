// A real interpreter behind TCP: its console as a board on the network would have it.

import { createServer, type AddressInfo, type Socket } from "node:net";
import { Interpreter } from "./interpreter";

export interface Bridge {
  /** What --port takes. */
  port: string;
  /** Ends interpreter and server and removes its folder. */
  end(): Promise<void>;
}

const TERMINALS = 3; // connections, one after another

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
  const server = createServer((one) => {
    socket = one;
    one.on("error", () => undefined);
    one.on("data", (data) => interpreter.write(data.toString("latin1")));
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
