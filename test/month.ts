// Thirty days of a board: readings, a button, a serial line, reports, two pools and the parts of the kit. What is held at the end of a day is what was held at its beginning.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { BOARDS } from "../boards/index";
import { chip } from "../boards/emulator/chip";
import type { Machine } from "../boards/emulator/machine";
import { sandbox } from "../boards/emulator/sandbox";
import { operations, PROGRAMS, type Operation } from "../tools/bench/program";
import { amount } from "./amount";
import { random, type Random } from "./random";
import { up } from "./target";

const DAYS = amount(1, 30, 365);
const SEED = Number(process.env.TIDYHEAP_SEED ?? 1);
const DAY = 86400; // seconds
const FIRST = 7200; // seconds of the day before: every part has been in use
const READING = 6; // seconds from one reading to the next
const STEP = 30; // seconds from one press of the button and one line on the port to the next
const QUIET = 120; // seconds at the end of a day in which the programs hold nothing
const TURN = 4; // operations of a program each time it has its turn
const PINGS = 3; // blocks a reading that live until the next
const UNIT = 4;
const SIZE = 16384;
const HANDLES = 430;
const CHIP = 131072;
const FILL = 0.7;
const LIFE = 32766; // generations of a row
const STORED = 3300; // JsVars of the modules in Storage

/** An operation of the mix as the board gets it; locks are those of the pool in RAM. */
type Order = [kind: Operation["kind"], id: number, bytes: number];

interface Block {
  bytes: number;
  locked: boolean;
}

/** The eight programs in turn on one heap, kept at a fill: what they ask for beyond it pushes out blocks at random. */
class Mix {
  readonly live = new Map<number, Block>();
  used = 0;
  private readonly waiting: Order[] = [];
  private readonly streams: Generator<Operation>[];
  private turn = 0;
  private left = TURN;
  private ended = false;
  private readonly next: Random;

  constructor(seed: number, private readonly size: number, private readonly rows: number, private readonly locks: boolean) {
    this.next = random(seed);
    this.streams = PROGRAMS.map((program, i) => operations(program, seed * 8 + i, size));
  }

  /** The next operation of the program whose turn it is, or what has to go out before; undefined when its turn is over. */
  order(): Order | undefined {
    for (; !this.waiting.length && this.left; this.left--) {
      const which = this.turn % this.streams.length;
      const step: Operation = this.streams[which].next().value;
      const id = step.id * this.streams.length + which;
      if ("bytes" in step) this.request(step.kind, id, step.bytes);
      else if (this.live.has(id) && (step.kind === "free" || (this.locks && step.kind === "lock"))) this.note([step.kind, id, 0]);
    }
    const next = this.waiting.shift();
    if (!next && !this.ended) this.pass();
    return next;
  }

  /** The turn of the next program; what the one before has locked is let go first, so that a lock lasts for a reading. */
  private pass(): void {
    this.turn++;
    this.left = TURN;
    for (const [id, { locked }] of this.live) if (locked) this.note(["unlock", id, 0]);
  }

  /** Frees all: there is nothing more to come. */
  end(): void {
    this.left = 0;
    this.ended = true;
    for (const id of [...this.live.keys()]) this.out(id);
  }

  /** The heap has refused this order. */
  refused([kind, id]: Order, before: number): void {
    this.used += up(before, UNIT) - up(this.live.get(id)!.bytes, UNIT);
    this.live.get(id)!.bytes = before;
    if (kind === "alloc") this.live.delete(id);
  }

  private request(kind: "alloc" | "resize", id: number, bytes: number): void {
    if (kind === "resize" && !this.live.has(id)) return;
    const more = up(bytes, UNIT) - up(this.live.get(id)?.bytes ?? 0, UNIT);
    while (this.used + more > FILL * this.size || this.live.size >= this.rows) {
      const free = [...this.live.keys()].filter((one) => one !== id && !this.live.get(one)!.locked);
      this.out(free[this.next(free.length)]);
    }
    this.note([kind, id, bytes]);
  }

  private out(id: number): void {
    if (this.live.get(id)!.locked) this.note(["unlock", id, 0]);
    this.note(["free", id, 0]);
  }

  private note(order: Order): void {
    const [kind, id, bytes] = order;
    const block = this.live.get(id) ?? { bytes: 0, locked: false };
    this.used += up(kind === "free" ? 0 : bytes || block.bytes, UNIT) - up(block.bytes, UNIT);
    if (kind === "free") this.live.delete(id);
    else this.live.set(id, { bytes: bytes || block.bytes, locked: kind === "lock" || (block.locked && kind !== "unlock") });
    this.waiting.push(order);
  }
}

/** What the board runs. `order(heap)` and `refused(heap, order, why)` are ours; every block has its number in its first and last byte. */
const PROGRAM = `
var lib = require("tidyheap");
var kit = require("tidyheap-kit");
function counted(pool) {
  var alloc = pool.alloc;
  pool.allocs = 0;
  pool.alloc = function (n) {
    var h = alloc.call(pool, n);
    if (h) pool.allocs++;
    return h;
  };
  return pool;
}
SPI1.setup({ sck: A5, miso: A6, mosi: A7, baud: 8000000 });
var store = require("tidyheap-spi").connect(SPI1, { cs: A4, chip: "23LC1024", baud: 8000000 });
var near = counted(lib.create({ size: ${SIZE}, handles: ${HANDLES} }));
var far = counted(require("tidyheap-far").create({ store: store, handles: ${HANDLES} }));
var presses = kit.queue(near, { count: 32 });
var line = kit.deque(near, { chunk: 64, max: 512 });
var slots = kit.slab(near, { size: 24, slots: 40 });
var desk = kit.owner(near, 400);
var b = { near: near, far: far, pings: undefined, presses: presses, line: line, slots: slots, desk: desk, blocks: [{}, {}], log: [], pinged: [], pressed: 0, heard: 0, full: 0, reports: 0, unsaid: 0, faults: 0, worn: 0 };

function check(h, pool, tag) {
  var n = pool.size(h);
  if (pool.bytes) return pool.bytes[pool.at(h)] === tag && pool.bytes[pool.at(h) + n - 1] === tag;
  return pool.get8(h, 0) === tag && pool.get8(h, n - 1) === tag;
}
function mark(h, pool, tag) {
  var n = pool.size(h);
  if (pool.bytes) {
    pool.bytes[pool.at(h)] = pool.bytes[pool.at(h) + n - 1] = tag;
    return;
  }
  pool.set8(h, 0, tag);
  pool.set8(h, n - 1, tag);
}
function act(heap, order) {
  var pool = heap ? far : near;
  var blocks = b.blocks[heap];
  var kind = order[0];
  var id = order[1];
  var tag = id & 255;
  var h = blocks[id];
  if (kind === "alloc") {
    h = pool.alloc(order[2]);
    if (!h) return refused(heap, order, pool.why, 0);
    blocks[id] = h;
    mark(h, pool, tag);
    return;
  }
  if (!h) return;
  if (!check(h, pool, tag)) b.faults++;
  if (kind === "free") {
    pool.free(h);
    delete blocks[id];
  } else if (kind === "resize") {
    if (!pool.resize(h, order[2])) return refused(heap, order, pool.why, pool.size(h));
    mark(h, pool, tag);
  } else pool[kind](h);
}
function ping() {
  var h;
  if (b.pinged.length === Math.min(${PINGS}, b.pings._rows)) b.pings.free(b.pinged.shift());
  h = b.pings.alloc(12);
  if (!h) return worn(b.pings.why);
  b.pings.write(h, 0, "ping");
  b.pinged.push(h);
}
setInterval(function () {
  for (var heap = 0; heap < 2; heap++) {
    for (var one = order(heap); one; one = order(heap)) act(heap, one);
  }
  for (var i = 0; i < ${PINGS}; i++) ping();
}, ${READING * 1000});
setInterval(function () {
  var h;
  for (var text = line.readLine(); text !== undefined; text = line.readLine()) {
    if (/^line \\d+ of day \\d+$/.test(text)) b.heard++;
    h = slots.alloc(text.length);
    slots.write(h, 0, text);
    b.log.push(h);
    if (b.log.length > 30) slots.free(b.log.shift());
  }
  while (presses.waiting()) b.pressed += presses.shift();
}, 2000);
setInterval(function () {
  var kept = kit.scope(desk, function (request) {
    var block = request.alloc(64);
    if (block) kit.guard(request, block).view[0] = 1;
    block = request.alloc(20);
    return block && request.keep(block);
  });
  if (desk.used() !== (kept ? 20 : 0)) b.faults++;
  desk.free(kept);
  if (kept) b.reports++;
  else b.unsaid++;
}, 600000);
setWatch(function () {
  presses.push(1);
}, BTN1, { repeat: true, edge: "rising", debounce: 25 });
Serial1.setup(9600);
Serial1.on("data", function (data) {
  if (!line.append(data)) b.full++, line.clear();
});
near.start(100, 384);
far.start(100, 256);
global.b = b;
global.open = function (rows) {
  b.pings = lib.create({ size: 64, handles: rows });
  b.pinged = [];
};
`;

/** Every object that can be reached from a value: how many there are, their members, and the buffers of their arrays. */
function weigh(root: object): { objects: number; keys: number; buffers: Set<unknown> } {
  const seen = new Set<object>();
  const buffers = new Set<unknown>();
  let keys = 0;
  for (const list = [root]; list.length; ) {
    const one = list.pop()!;
    if (seen.has(one)) continue;
    seen.add(one);
    if (ArrayBuffer.isView(one)) {
      buffers.add(one.buffer);
      continue;
    }
    for (const value of Object.values(one)) {
      keys++;
      if (value && typeof value === "object") list.push(value);
    }
  }
  return { objects: seen.size, keys, buffers };
}

/** How often each row of a pool was used: live rows are one generation ahead of what free ones remember. */
function uses(pool: any): number[] {
  return Array.from({ length: pool._rows }, (_, r) => (pool._gens[r] > 0 ? pool._gens[r] : -pool._gens[r] + 1) - 1).map((n) => Math.max(0, n));
}

/** What is looked at when a day is over. */
interface Sample {
  free: number;
  live: number;
  "far free": number;
  "far live": number;
  objects: number;
  keys: number;
  vars: number;
  timers: number;
}

interface Day extends Sample {
  day: number;
  largest: number;
  "far largest": number;
  allocs: number;
  used: string;
  retired: number;
  pings: number;
  moved: number;
  refused: number;
}

class Year {
  readonly machine: Machine;
  readonly b: any;
  readonly days: Day[] = [];
  readonly old: Set<unknown>;
  mixes: Mix[] = [];
  sent = 0;
  pressed = 0;
  refused = 0;
  rows = 1;

  constructor() {
    const text = (name: string): string => readFileSync(join(__dirname, "..", "dist", name), "utf8");
    this.machine = sandbox(BOARDS.wifi, {
      pageNatives: {
        order: (heap: number) => this.mixes[heap].order(),
        refused: (heap: number, order: Order, why: string, before: number) => {
          // blocks beside a locked one stay where they are, and the queue is locked
          assert.ok(why === "FRAGMENTED" && heap === 0, `seed ${SEED}, heap ${heap}, ${order.join(" ")}: ${why}`);
          this.mixes[heap].refused(order, before);
          this.refused++;
        },
        worn: (why: string) => this.worn(why)
      }
    });
    this.machine.spi.attach("A4", chip("23LC1024"));
    this.machine.spend(1000);
    for (const name of ["", "-kit", "-far", "-spi"]) {
      this.machine.load(`tidyheap${name}`, text(`tidyheap${name}.js`));
      this.machine.exec(`require("tidyheap${name}")`);
      this.machine.memory.drop("code");
    }
    this.machine.exec(`global.stored=new Uint8Array(${STORED * this.machine.board.varBytes})`);
    this.machine.exec(PROGRAM);
    // so many that they are used up shortly before the end
    this.rows = Math.max(1, Math.floor((DAYS * (DAY / READING) * PINGS) / LIFE));
    this.b = this.machine.globals.b;
    this.old = this.arrays();
    this.machine.globals.open(this.rows);
  }

  /** The pool of the pings is used up: all its generations are gone, or all but those of the blocks that live. */
  private worn(why: string): void {
    const { pings } = this.b;
    const { retired, live } = pings.stat();
    const sum = uses(pings).reduce((a, n) => a + n, 0);
    assert.equal(why, "HANDLES");
    assert.equal(retired + live, this.rows, `${retired} of ${this.rows} rows are retired, ${live} live`);
    assert.ok(sum >= 0.94 * this.rows * LIFE, `${sum} blocks in ${this.rows} rows`);
    this.b.worn++;
    this.machine.globals.open(this.rows);
  }

  private arrays(): Set<unknown> {
    return new Set((this.machine.memory as any).runs.map((run: any) => run.owner));
  }

  /** What the engine's collector would do: arrays made since the start that nothing holds give their JsVars back. */
  private collect(): void {
    const { buffers } = weigh(this.b);
    for (const owner of this.arrays()) if (!this.old.has(owner) && !buffers.has(owner)) this.machine.memory.drop(owner);
  }

  private step(day: number, seconds: number): void {
    this.machine.serial.send(`line ${this.sent++} of day ${day}\n`);
    this.machine.drive("BTN1", 1);
    this.machine.run(50);
    this.machine.drive("BTN1", 0);
    this.pressed++;
    this.machine.run(seconds * 1000 - 50);
  }

  /** The pools hold what the programs do, beside what the parts held when nothing else was there. */
  private compare(base: Sample, when: string): void {
    assert.deepEqual([this.machine.faults, this.b.faults], [[], 0], when);
    for (const [heap, name, pool] of [[0, "", this.b.near], [1, "far ", this.b.far]] as const) {
      const { free, live } = pool.stat();
      const mix = this.mixes[heap];
      assert.equal(pool.check(), "", when);
      assert.equal(live, base[`${name}live`] + mix.live.size, `${when}: ${name}blocks`);
      assert.equal(free, base[`${name}free`] - mix.used, `${when}: ${name}bytes free`);
    }
  }

  sample(): Sample {
    this.collect();
    const { near, far } = this.b;
    // what the parts of the kit remember of the last use is no growth
    const { objects, keys } = weigh(this.b);
    return {
      free: near.stat().free,
      live: near.stat().live,
      "far free": far.stat().free,
      "far live": far.stat().live,
      objects,
      keys,
      vars: this.machine.memory.used(),
      timers: this.machine.timers()
    };
  }

  /** How often the rows of the pool in RAM were used, and how many times in all. */
  wear(): { allocs: number; retired: number; rows: number[] } {
    const { near } = this.b;
    return { allocs: near.allocs, retired: near.stat().retired, rows: uses(near) };
  }

  /** One day; `base` is what is held without the programs. */
  day(day: number, length: number, base?: Sample): Sample {
    this.mixes = [new Mix(SEED * 1000 + day, SIZE, HANDLES / 2, true), new Mix(SEED * 1000 + day + 500, CHIP, HANDLES / 2, false)];
    for (let at = 0; at < length - QUIET; at += STEP) {
      this.step(day, STEP);
      if (at % 120 === 0) this.collect();
      if (base && at % 7200 === 0) this.compare(base, `seed ${SEED}, day ${day}, second ${at}`);
    }
    for (const mix of this.mixes) mix.end();
    for (let at = 0; at < QUIET; at += STEP) this.step(day, STEP);
    const now = this.sample();
    const { near, far, pings } = this.b;
    const stat = near.stat();
    const { rows } = this.wear();
    this.days.push({
      day,
      ...now,
      largest: stat.largest,
      "far largest": far.stat().largest,
      allocs: near.allocs,
      used: `${Math.min(...rows)}-${Math.max(...rows)}`,
      retired: stat.retired,
      pings: uses(pings).reduce((a, n) => a + n, 0),
      moved: stat.moved,
      refused: this.refused + this.b.full + this.b.unsaid
    });
    return now;
  }
}

describe("month", () => {
  let year: Year;
  let base: Sample;

  before(function () {
    this.timeout(0);
    year = new Year();
    base = year.day(0, FIRST);
    for (let day = 1; day <= DAYS; day++) year.day(day, DAY, base);
    // a table of at most 31 days
    if (DAYS > 1) console.table(year.days.filter(({ day }) => day % Math.ceil(DAYS / 30) === 0));
  });

  const spans = `${DAYS} days of programs, presses, lines, reports and ticks`;

  it(`holds every evening what it held the evening before, ${spans}`, () => {
    for (const day of year.days) for (const name of Object.keys(base) as (keyof Sample)[]) assert.equal(day[name], base[name], `seed ${SEED}, day ${day.day}: ${name}`);
  });

  it("has half of the free bytes in one piece every evening", () => {
    for (const day of year.days) {
      assert.ok(day.largest >= day.free / 2 && day["far largest"] >= day["far free"] / 2, `seed ${SEED}, day ${day.day}: ${day.largest} of ${day.free}, ${day["far largest"]} of ${day["far free"]}`);
    }
  });

  it("loses no byte, no line, no press and no report", () => {
    const { b, machine } = year;
    assert.deepEqual([machine.faults, b.faults], [[], 0], `seed ${SEED}`);
    assert.deepEqual([b.pressed, b.presses.lost], [year.pressed, 0], `seed ${SEED}`);
    // a refused piece damages its line and those that wait before it
    assert.ok(b.heard <= year.sent && year.sent - b.heard <= 3 * b.full, `seed ${SEED}: ${b.heard} of ${year.sent} lines, ${b.full} pieces refused`);
    assert.equal(b.reports + b.unsaid, Math.floor(machine.now() / 600e6), `seed ${SEED}`);
  });

  it("refuses one request in a hundred at most, because blocks beside the locked queue stay where they are", () => {
    const { near, far } = year.b;
    assert.deepEqual({ ...near.stat().refused, FRAGMENTED: 0 }, { FULL: 0, FRAGMENTED: 0, HANDLES: 0, SIZE: 0 }, `seed ${SEED}`);
    assert.ok(year.refused + year.b.full + year.b.unsaid <= near.allocs / 100, `seed ${SEED}: ${year.refused} orders, ${year.b.full} lines and ${year.b.unsaid} reports of ${near.allocs}`);
    assert.equal(far.why, "");
  });

  it("takes one generation a block, and wears no row out before its time", () => {
    const { allocs, retired, rows } = year.wear();
    assert.equal(rows.reduce((a, n) => a + n, 0), allocs, `seed ${SEED}`);
    assert.equal(retired, rows.filter((n) => n >= LIFE).length, `seed ${SEED}`);
    if (Math.max(...rows) < LIFE) assert.equal(retired, 0);
  });

  it("uses up a small pool after 94 % of its generations at the earliest, and the next one serves", () => {
    assert.ok(year.b.worn >= 1, `seed ${SEED}: ${year.days[DAYS].pings} blocks in ${year.rows} rows`);
    assert.equal(year.b.pings.why, "");
  });
});
