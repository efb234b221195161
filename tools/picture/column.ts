type Numbers = Float64Array | Int32Array | Uint16Array | Uint8Array;

const FIRST = 1024; // numbers that there is room for at first

/** Numbers of one kind that grow in number. */
export class Column<T extends Numbers> {
  /** What is behind `length` is no number of it. */
  data: T;
  length = 0;

  constructor(private readonly type: new (length: number) => T) {
    this.data = new type(FIRST);
  }

  push(value: number): void {
    if (this.length === this.data.length) {
      const more = new this.type(2 * this.length);
      more.set(this.data);
      this.data = more;
    }
    this.data[this.length++] = value;
  }
}
