// A board over Bluetooth Low Energy: the Nordic UART service, as Espruino boards offer it.

import { bytes, explain, text, type Ear, type Line, type Link } from "./link";

/** What is used of a characteristic of Web Bluetooth. */
interface Characteristic extends EventTarget {
  readonly value?: DataView;
  startNotifications(): Promise<unknown>;
  writeValueWithoutResponse?(data: BufferSource): Promise<void>;
  writeValue(data: BufferSource): Promise<void>;
}

interface Server {
  connect(): Promise<Server>;
  disconnect(): void;
  getPrimaryService(service: string): Promise<{ getCharacteristic(name: string): Promise<Characteristic> }>;
}

interface Device extends EventTarget {
  readonly gatt: Server;
}

/** navigator.bluetooth */
export interface Radio {
  requestDevice(options: object): Promise<Device>;
}

// Nordic UART service: the board reads what is written to 2 and notifies what it sends by 3
const SERVICE = "6e400001-b5a3-f393-e0a9-e50e24dcca9e";
const WRITE = "6e400002-b5a3-f393-e0a9-e50e24dcca9e";
const NOTIFY = "6e400003-b5a3-f393-e0a9-e50e24dcca9e";

/** Names of boards that do not always tell their services. */
const NAMES = ["Puck.js", "Pixl.js", "Jolt.js", "MDBT42Q", "Bangle", "Espruino", "Thingy", "iTracker", "RuuviTag", "BBC micro:bit"];
const PACKET = 20; // bytes: what every connection carries, whatever its MTU
const TRY_MS = 1000; // from one try to come back to the next

const CHOOSING = {
  NotFoundError: "No board was chosen, or Bluetooth is switched off. A board that is connected elsewhere (a phone, the Web IDE) is not in the list.",
  SecurityError: "The browser does not let this page use Bluetooth: the permission was refused, or the page is inside another one.",
  NotAllowedError: "The browser does not let this page use Bluetooth: the permission was refused.",
  NotSupportedError: "This machine has no Bluetooth that the browser can use."
};

const OPENING = {
  NetworkError: "The board could not be reached: is it near, and not connected elsewhere (a phone, the Web IDE)?",
  NotFoundError: "The board has no Nordic UART service: its program may have switched it off (NRF.setServices with uart: false)."
};

export class BluetoothLink implements Link {
  readonly title = "Bluetooth";
  private device: Device | undefined;

  constructor(private readonly radio: Radio) {}

  async open(ear: Ear): Promise<Line> {
    const filters = [{ services: [SERVICE] }, ...NAMES.map((namePrefix) => ({ namePrefix }))];
    const device = (this.device ??= await this.radio.requestDevice({ filters, optionalServices: [SERVICE] }).catch((error) => {
      throw explain(error, CHOOSING);
    }));
    try {
      const server = await device.gatt.connect();
      const service = await server.getPrimaryService(SERVICE);
      const hears = await service.getCharacteristic(NOTIFY);
      const takes = await service.getCharacteristic(WRITE);
      const line = new BluetoothLine(device, hears, takes, ear);
      await hears.startNotifications();
      return line;
    } catch (error) {
      device.gatt.disconnect();
      throw explain(error, OPENING);
    }
  }

  async back(): Promise<void> {
    await new Promise((done) => setTimeout(done, TRY_MS));
  }
}

class BluetoothLine implements Line {
  private readonly over = new AbortController();

  constructor(private readonly device: Device, hears: Characteristic, private readonly takes: Characteristic, ear: Ear) {
    const { signal } = this.over;
    hears.addEventListener(
      "characteristicvaluechanged",
      () => {
        const { value } = hears;
        if (value) ear.data(text(new Uint8Array(value.buffer, value.byteOffset, value.byteLength)));
      },
      { signal }
    );
    device.addEventListener(
      "gattserverdisconnected",
      () => {
        this.over.abort();
        ear.gone("The board was disconnected: too far, switched off, or it started anew.");
      },
      { signal }
    );
  }

  async send(text: string): Promise<void> {
    const all = bytes(text);
    for (let at = 0; at < all.length; at += PACKET) {
      const packet = all.slice(at, at + PACKET);
      if (this.takes.writeValueWithoutResponse) await this.takes.writeValueWithoutResponse(packet);
      else await this.takes.writeValue(packet);
    }
  }

  async close(): Promise<void> {
    this.over.abort();
    this.device.gatt.disconnect();
  }
}
