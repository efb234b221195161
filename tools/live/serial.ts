// A board at a serial port, by Web Serial.

import { bytes, explain, text, type Ear, type Line, type Link } from "./link";

/** What is used of a port of Web Serial. */
interface Port extends EventTarget {
  readonly readable: ReadableStream<Uint8Array> | null;
  readonly writable: WritableStream<Uint8Array> | null;
  open(options: { baudRate: number; bufferSize?: number }): Promise<void>;
  close(): Promise<void>;
}

/** navigator.serial */
export interface Ports extends EventTarget {
  requestPort(): Promise<Port>;
  getPorts(): Promise<Port[]>;
}

const BUFFER = 4096; // bytes: a page in the background is slow to read
const TRY_MS = 1500; // from one try to open a port that is back to the next

const CHOOSING = {
  NotFoundError: "No port was chosen. If yours is not in the list: is the cable one that carries data, and is the board switched on?",
  SecurityError: "The browser does not let this page use serial ports: the permission was refused, or the page is inside another one.",
  NotAllowedError: "The browser does not let this page use serial ports: the permission was refused."
};

const OPENING = {
  NetworkError:
    "The port could not be opened: another program has it (Web IDE, espruino, a terminal; close it), or, on Linux, you may not use it (your user belongs into the group dialout).",
  InvalidStateError: "The port is open already, in this page or another tab: close it there."
};

/** Errors of a byte or two, after which the port goes on. */
const ODD: Record<string, string> = {
  FramingError: "The port hears bytes that are none: is the baud rate right?",
  ParityError: "The port hears bytes with wrong parity: is the baud rate right?",
  BreakError: "The board sent a break.",
  BufferOverrunError: "The browser was too slow and lost bytes."
};

export class SerialLink implements Link {
  readonly title = "serial port";
  private port: Port | undefined;

  constructor(private readonly ports: Ports, private readonly baud: number) {}

  async open(ear: Ear): Promise<Line> {
    const port = (this.port ??= await this.ports.requestPort().catch((error) => {
      throw explain(error, CHOOSING);
    }));
    await port.open({ baudRate: this.baud, bufferSize: BUFFER }).catch((error) => {
      throw explain(error, OPENING);
    });
    return new SerialLine(port, ear);
  }

  async back(over: () => boolean): Promise<void> {
    while (!over()) {
      // a USB board that is back is another port for some systems; those the user has allowed are listed
      const known = await this.ports.getPorts();
      if (known.includes(this.port as Port)) return;
      if (known.length === 1) return void (this.port = known[0]);
      await new Promise<void>((done) => {
        const timer = setTimeout(done, TRY_MS);
        this.ports.addEventListener("connect", () => (clearTimeout(timer), done()), { once: true });
      });
    }
  }
}

class SerialLine implements Line {
  private reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  private readonly writer: WritableStreamDefaultWriter<Uint8Array>;
  private readonly read: Promise<void>;
  private closing = false;

  constructor(private readonly port: Port, private readonly ear: Ear) {
    this.writer = port.writable!.getWriter();
    port.addEventListener("disconnect", () => this.lost(), { once: true });
    this.read = this.run();
  }

  send(text: string): Promise<void> {
    return this.writer.write(bytes(text));
  }

  async close(): Promise<void> {
    this.closing = true;
    await this.reader?.cancel().catch(() => undefined);
    await this.read;
    await this.writer.abort().catch(() => undefined);
    this.writer.releaseLock();
    // not while a stream of it is locked
    await this.port.close().catch(() => undefined);
  }

  private async run(): Promise<void> {
    // after an error that is not the end the port has another stream
    while (this.port.readable && !this.closing) {
      const reader = (this.reader = this.port.readable.getReader());
      try {
        for (let piece = await reader.read(); !piece.done; piece = await reader.read()) this.ear.data(text(piece.value));
        break;
      } catch (error) {
        const said = ODD[(error as Error).name];
        if (!said) break;
        this.ear.odd(said);
      } finally {
        reader.releaseLock();
      }
    }
    this.lost();
  }

  private lost(): void {
    if (this.closing) return;
    // the port can be opened again only once it is closed
    void this.close().then(() => this.ear.gone("The board was disconnected: cable, power, or it left the bus."));
  }
}
