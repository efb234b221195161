// What a chain of chunks is to be, in plain arrays: which bytes it has, and in how many blocks.

/** Bytes in front of those of a chunk. */
const HEAD = 8;

export class Chunks {
  /** Where each chunk's bytes begin in its block, and its bytes. */
  list: { from: number; bytes: number[] }[] = [];

  constructor(readonly size: number, readonly max = 0x7fffffff) {}

  get length(): number {
    return this.list.reduce((sum, { bytes }) => sum + bytes.length, 0);
  }

  bytes(): number[] {
    return this.list.flatMap(({ bytes }) => bytes);
  }

  may(n: number): boolean {
    return this.length + n <= this.max;
  }

  push(byte: number): void {
    const last = this.list[this.list.length - 1];
    if (last && last.from + last.bytes.length < this.size) last.bytes.push(byte);
    else this.list.push({ from: HEAD, bytes: [byte] });
  }

  unshift(byte: number): void {
    const first = this.list[0];
    if (first && first.from > HEAD) first.from--, first.bytes.unshift(byte);
    else this.list.unshift({ from: this.size - 1, bytes: [byte] });
  }

  pop(): number | undefined {
    const byte = this.list[this.list.length - 1]?.bytes.pop();
    this.list = this.list.filter(({ bytes }) => bytes.length);
    return byte;
  }

  take(n: number): number[] {
    const out: number[] = [];
    while (out.length < n && this.list.length) {
      const first = this.list[0];
      out.push(first.bytes.shift()!);
      first.from++;
      if (!first.bytes.length) this.list.shift();
    }
    return out;
  }

  write(at: number, data: number[]): void {
    for (const { bytes } of this.list) for (let i = 0; i < bytes.length; i++, at--) if (at <= 0 && -at < data.length) bytes[i] = data[-at];
  }

  join(other: Chunks): void {
    this.list.push(...other.list.splice(0));
  }

  /** The first `n` bytes and the rest, which is this. */
  split(n: number): [Chunks, Chunks] {
    const first = new Chunks(this.size, this.max);
    const rest = new Chunks(this.size, this.max);
    for (const { from, bytes } of this.list) {
      const part = Math.min(n, bytes.length);
      n -= part;
      if (part) first.list.push({ from, bytes: bytes.slice(0, part) });
      if (part < bytes.length) rest.list.push({ from: from + part, bytes: bytes.slice(part) });
    }
    return [first, rest];
  }
}
