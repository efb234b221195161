// Pins and watches.
// NOT MODELLED: analogue values, pulse widths, shorts between two outputs, the limits on which pins can be watched together.

import { add, drop, type Clock, type Timer } from "./clock";

/** What a watch waits for: 1 a rise, -1 a fall, 0 both. */
type Edge = 1 | -1 | 0;

interface Watch {
  pin: Pin;
  edge: Edge;
  repeat: boolean;
  debounceMs: number;
  /** Level after the last change that counted. */
  state: boolean;
  /** Seconds; undefined until the first change. */
  lastTime: number | undefined;
  callback: (event: object) => void;
  /** Runs when the pin has been still for long enough; `level` is where it stands then. */
  timer: Timer | undefined;
  level: boolean;
}

/** A change of a watched pin the program has not seen yet. */
interface Change {
  pin: Pin;
  level: boolean;
  micros: number;
}

/** All pins of a board. */
export interface Port {
  clock: Clock;
  pins: { [name: string]: Pin };
  watches: { [id: string]: Watch };
  /** Id of the latest watch. */
  last: number;
  changes: Change[];
}

const BUTTON_MS = 25; // Espruino's debounce time of built-in buttons

/** One pin, as a program sees it. */
export class Pin {
  name: string;
  port: Port;
  /** Level: false is low. */
  high!: boolean;
  kind!: string;
  button!: boolean;
  /** Called when the level has changed; a chip select ends here. */
  hear: ((high: boolean) => void) | undefined;

  constructor(port: Port, name: string) {
    this.name = name;
    this.port = port;
  }
  read(): boolean {
    return this.high;
  }
  write(value: any): void {
    this.kind = "output";
    put(this, !!value);
  }
  set(): void {
    this.write(1);
  }
  reset(): void {
    this.write(0);
  }
  toggle(): boolean {
    this.write(!this.high);
    return this.high;
  }
  mode(kind: string): void {
    this.kind = kind;
    if (kind === "input_pullup") put(this, true);
    if (kind === "input_pulldown") put(this, false);
  }
  getMode(): string {
    return this.kind;
  }
  toString(): string {
    return this.name;
  }
  toJSON(): string {
    return this.name;
  }
}

// What a pin is until it is used. Kept once: a board has up to 80 pins, and each field of each would cost two JsVars.
Pin.prototype.high = Pin.prototype.button = false;
Pin.prototype.kind = "input";
Pin.prototype.hear = undefined;

/** Sets the level of a pin, whoever drives it: tells the chip behind it and queues the change for its watches. */
export function put(pin: Pin, high: boolean): void {
  if (pin.high === high) return;
  pin.high = high;
  if (pin.hear) pin.hear(high);
  if (watched(pin)) pin.port.changes.push({ pin, level: high, micros: pin.port.clock.micros });
}

function watched(pin: Pin): boolean {
  const watches = pin.port.watches;
  for (const id in watches) if (watches[id].pin === pin) return true;
  return false;
}

/** Pins of the given names. Aliases are further names of the same pins; those that begin with BTN are buttons. */
export function port(clock: Clock, names: string[], alias: { [name: string]: string }): Port {
  const p: Port = { clock, pins: {}, watches: {}, last: 0, changes: [] };
  for (let i = 0; i < names.length; i++) p.pins[names[i]] = new Pin(p, names[i]);
  for (const name in alias) {
    const pin = (p.pins[name] = p.pins[alias[name]]);
    if (name.slice(0, 3) === "BTN") pin.button = true;
  }
  clock.sources.push({
    next: function () {
      return p.changes.length ? clock.micros : Infinity;
    },
    poll: function () {
      const changes = p.changes.splice(0, p.changes.length);
      for (let i = 0; i < changes.length; i++) tell(p, changes[i]);
    }
  });
  return p;
}

/** The pin of that name or the pin itself. Throws when there is none. */
export function pinOf(p: Port, pin: Pin | string): Pin {
  const found = pin instanceof Pin ? pin : p.pins[pin];
  if (!found) throw new Error("Invalid pin " + pin);
  return found;
}

function tell(p: Port, change: Change): void {
  const ids = Object.keys(p.watches); // a callback may clear some of them
  for (let i = 0; i < ids.length; i++) {
    const watch = p.watches[ids[i]];
    if (watch && watch.pin === change.pin) see(p, ids[i], change);
  }
}

/** Gives a watch a change of its pin. */
function see(p: Port, id: string, { level, micros }: Change): void {
  const watch = p.watches[id];
  if (!watch.debounceMs) return act(p, id, level, micros);
  watch.level = level;
  if (watch.timer) {
    // the loop was busy while the pin was still for long enough: the change before this one counts
    const due = watch.timer.at;
    watch.timer.at = micros + watch.debounceMs * 1000;
    if (micros <= due || level === watch.state) return;
    drop(p.clock, watch.timer);
    watch.timer = undefined;
    act(p, id, level, due - watch.debounceMs * 1000);
  } else if (level !== watch.state) {
    watch.timer = add(p.clock, () => settle(p, id), watch.debounceMs, false);
    watch.timer.at = micros + watch.debounceMs * 1000;
  }
}

function settle(p: Port, id: string): void {
  const watch = p.watches[id];
  if (!watch || !watch.timer) return;
  const due = watch.timer.at;
  watch.timer = undefined;
  if (watch.level !== watch.state) act(p, id, watch.level, due - watch.debounceMs * 1000);
}

/** A change that counts: runs the callback when it is the edge the watch waits for. */
function act(p: Port, id: string, level: boolean, micros: number): void {
  const watch = p.watches[id];
  const time = micros / 1e6;
  const event = { state: level, lastTime: watch.lastTime, time, pin: watch.pin };
  watch.state = level;
  watch.lastTime = time;
  if (watch.edge && watch.edge > 0 !== level) return;
  if (!p.clock.guard(() => watch.callback(event)) || !watch.repeat) clearWatch(p, id);
}

function edgeOf(edge: any, button: boolean): Edge {
  if (edge === undefined) return button ? 1 : 0;
  const known: { [name: string]: Edge } = { rising: 1, falling: -1, both: 0, "1": 1, "-1": -1, "0": 0 };
  if (known[edge] === undefined) throw new TypeError("'edge' in setWatch should be 1, -1, 0, 'rising', 'falling' or 'both'");
  return known[edge];
}

function setWatch(p: Port, callback: any, pin: Pin, options: any): number {
  const o = typeof options === "object" && options ? options : { repeat: options };
  if (typeof callback !== "function") throw new Error("Function or String not supplied!");
  if (o.irq || o.data) throw new Error("not modelled: setWatch with irq or data");
  const debounceMs = o.debounce === undefined ? (pin.button ? BUTTON_MS : 0) : Math.max(o.debounce || 0, 0);
  const edge = edgeOf(o.edge, pin.button);
  const state = pin.high;
  p.watches[++p.last] = { pin, edge, repeat: !!o.repeat, debounceMs, state, lastTime: undefined, callback, timer: undefined, level: state };
  return p.last;
}

function clearWatch(p: Port, id: string): void {
  const watch = p.watches[id];
  if (watch && watch.timer) drop(p.clock, watch.timer);
  delete p.watches[id];
}

function list(p: Port, pins: any): Pin[] {
  const out: Pin[] = [];
  if (!Array.isArray(pins)) return [pinOf(p, pins)];
  for (let i = 0; i < pins.length; i++) out.push(pinOf(p, pins[i]));
  return out;
}

/** The pin functions of a program. In a list of pins the last one is bit 0. */
export function pinning(p: Port): any {
  return {
    digitalWrite: function (pins: any, value: number) {
      const all = list(p, pins);
      if (all.length === 1) return all[0].write(value);
      for (let i = all.length - 1, bits = +value; i >= 0; i--, bits >>= 1) all[i].write(bits & 1);
    },
    digitalRead: function (pins: any) {
      const all = list(p, pins);
      let bits = 0;
      for (let i = 0; i < all.length; i++) bits = bits * 2 + (all[i].high ? 1 : 0);
      return bits;
    },
    pinMode: function (pin: any, kind: string) {
      pinOf(p, pin).mode(kind);
    },
    getPinMode: function (pin: any) {
      return pinOf(p, pin).kind;
    },
    setWatch: function (callback: any, pin: any, options: any) {
      return setWatch(p, callback, pinOf(p, pin), options);
    },
    clearWatch: function () {
      const ids = arguments.length ? [arguments[0]] : Object.keys(p.watches);
      if (ids[0] === undefined && arguments.length) throw new Error("clearWatch(undefined) not allowed. Use clearWatch() instead");
      for (let i = 0; i < ids.length; i++) clearWatch(p, ids[i]);
    }
  };
}
