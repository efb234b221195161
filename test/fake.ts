// Small SPI memory chips for the tests of the drivers, and the bus they are on. Opcodes and answers are from the datasheets: 23LC1024
// DS20005142C, MB85RS64V DS501-00015, APS6404L-3SQR.

/** A chip. Lengths in bytes. */
export interface Fake {
  kind: "sram" | "fram" | "psram";
  bytes: number;
  /** Bytes of an address. */
  width: number;
  /** Dummy bytes of READ. */
  dummy?: number;
  /** What 9F answers. */
  id?: number[];
  /** Addresses wrap inside blocks of this. Default: the chip. */
  wrap?: number;
  /** Mode register at power-up. */
  mode?: number;
  /** The write enable latch stays set after a WRITE. */
  keeps?: boolean;
}

export interface Frame {
  sent: number[];
  got: number[];
}

export interface Fixture {
  /** The bus as a program has it. */
  spi: any;
  cs: object;
  cells: Uint8Array;
  /** Everything sent while CS was low, in order. */
  frames: Frame[];
  /** Bytes clocked while CS was high, by the number of frames before them. */
  idle: number[];
  /** What no datasheet allows and was done. */
  faults: string[];
  /** Changes what arrives, to break the line. */
  bend: (byte: number) => number;
  /** Most data bytes of a frame so far. */
  most(): number;
  /** Bytes on the bus so far with CS low. */
  total(): number;
  /** Forgets the frames so far. */
  clear(): void;
}

const FLOATING = 255;

/** A bus at `baud` Hz with one chip on it, whose cells hold 7, 8, 9 and so on modulo 251. */
export function fixture(chip: Fake, baud = 20e6): Fixture {
  const cs = { name: "B5" };
  const cells = new Uint8Array(chip.bytes);
  for (let i = 0; i < cells.length; i++) cells[i] = (i + 7) % 251;
  const wrap = chip.wrap ?? chip.bytes;
  let mode = chip.mode ?? 0x40;
  let latch = false;
  let reset = chip.kind === "psram" ? 0 : 2;
  const fix: Fixture = {
    spi: { send, write },
    cs,
    cells,
    frames: [],
    idle: [0],
    faults: [],
    bend: (byte) => byte,
    most: () => Math.max(0, ...fix.frames.map(({ sent }) => payload(sent))),
    total: () => fix.frames.reduce((sum, { sent }) => sum + sent.length, 0),
    clear: () => {
      fix.frames = [];
      fix.idle = [0];
    }
  };

  function payload(sent: number[]): number {
    if (sent[0] === 2) return sent.length - 1 - chip.width;
    if (sent[0] === 3) return sent.length - 1 - chip.width - (chip.dummy ?? 0);
    return sent[0] === 0x0b ? sent.length - 2 - chip.width : 0;
  }
  function next(at: number): number {
    // 23LC1024: 00 byte mode, 80 page mode of 32 bytes, 40 sequential
    const block = chip.kind !== "sram" ? wrap : (mode & 0xc0) === 0x40 ? wrap : (mode & 0xc0) === 0x80 ? 32 : 1;
    return at - (at % block) + ((at + 1) % block);
  }
  function array(sent: number[], dummy: number, visit: (at: number, i: number) => void): void {
    let at = 0;
    for (let i = 1; i <= chip.width; i++) at = at * 256 + sent[i];
    at %= chip.bytes;
    for (let i = 1 + chip.width + dummy; i < sent.length; i++, at = next(at)) visit(at, i);
  }
  function answer(sent: number[]): number[] {
    const got = sent.map(() => FLOATING);
    const tell = (bytes: number[], from: number): void => bytes.forEach((byte, i) => void (from + i < got.length && (got[from + i] = byte)));
    const [command] = sent;
    if (chip.kind === "psram" && reset < 2) {
      if (command === 0x66 && fix.idle[0] * 8e6 < 150 * baud) fix.faults.push("reset before 150 us");
      if (sent.length === 1 && command === (reset ? 0x99 : 0x66)) reset++;
      else fix.faults.push(`${command} before reset`);
      return got;
    }
    if (chip.kind === "psram" && (sent.length * 8) / baud > 8e-6) fix.faults.push(`CS low for ${sent.length} bytes`);
    if (command === 3 && chip.kind === "psram" && baud > 33e6) fix.faults.push("READ above 33 MHz");
    if (command === 3) array(sent, chip.dummy ?? 0, (at, i) => (got[i] = cells[at]));
    else if (command === 0x0b && chip.kind === "psram") array(sent, 1, (at, i) => (got[i] = cells[at]));
    else if (command === 2) {
      if (chip.kind !== "fram" || latch) array(sent, 0, (at, i) => (cells[at] = sent[i]));
      latch = latch && !!chip.keeps;
    } else if (command === 1 && chip.kind === "sram") mode = sent[1];
    else if (command === 5 && chip.kind === "sram") tell(Array(sent.length - 1).fill(mode), 1);
    else if (command === 5 && chip.kind === "fram") tell(Array(sent.length - 1).fill(latch ? 2 : 0), 1);
    else if (command === 6 && chip.kind === "fram") latch = true;
    else if (command === 4 && chip.kind === "fram") latch = false;
    else if (command === 0x9f && chip.id) tell(chip.id, chip.kind === "psram" ? 4 : 1);
    return got;
  }
  function exchange(sent: number[], selected: boolean): number[] {
    if (!selected) {
      fix.idle[fix.frames.length] = (fix.idle[fix.frames.length] ?? 0) + sent.length;
      return sent.map(() => FLOATING);
    }
    const got = answer(sent).map((byte) => fix.bend(byte));
    fix.frames.push({ sent, got });
    return got;
  }
  function send(data: any, pin?: object): Uint8Array {
    if (!(data instanceof Uint8Array)) throw new Error("send of no Uint8Array");
    return Uint8Array.from(exchange([...data], pin === cs));
  }
  function write(...parts: any[]): void {
    const selected = parts[parts.length - 1] === cs;
    if (selected) parts.pop();
    exchange(parts.flatMap((part) => (typeof part === "number" ? [part & 255] : [...part])), selected);
  }
  return fix;
}
