// A history on a page: the drawing, what one can do with it, and the numbers of what is looked at. The history may grow: call changed().

import { count, duration, number, percent } from "../number";
import { lanes, type Lane } from "./curve";
import { make } from "./element";
import { OPEN, type History, type Span } from "./history";
import { across, field, height, mark, paint, strip, type Scene } from "./paint";
import { DARK, LIGHT, type Palette } from "./palette";
import type { Colouring } from "./raster";
import { View, type Axis } from "./view";
import { colours, deed, facts } from "./words";

const WHEEL = 0.0015; // zoom of a pixel of the wheel
const ZOOM = 1.5; // of a key or a button
const STRIP = 40; // pixels
const NEAR = 6; // pixels from a sign that point at it
const CLICK = 5; // pixels a pointer may go in a click
const NARROW = 600;
const PLAY = 900; // frames from one side of the view to the other

/** How a chart begins. */
export interface Start {
  colouring?: Colouring;
  axis?: Axis;
}

/** A chart in an element, which it fills. */
export class Chart {
  private history!: History;
  private view!: View;
  private lanes: Lane[] = [];
  private palette: Palette = LIGHT;
  private colouring: Colouring;
  private readonly axis: Axis;
  private moves = false;
  /** Operation at the cursor; the one that is pointed at, and the address and the event of the block there. */
  private op = 0;
  private point = { op: 0, at: -1, event: -1 };
  private follow = true;
  private waiting = 0;
  private stale = true;
  private readonly pointers = new Map<number, { x: number; y: number }>();
  private dragged = 0;
  private playing = false;

  private readonly base = make("canvas", { class: "base" });
  private readonly over = make("canvas", { class: "over" });
  private readonly stage = make("div", { class: "stage", tabindex: "0", role: "application", "aria-roledescription": "map of memory", "aria-describedby": "keys" }, this.base, this.over);
  private readonly range = make("input", { type: "range", min: "0", step: "1", id: "moment", "aria-label": "Moment" });
  private readonly player = make("button", { type: "button" }, "play");
  private readonly reading = make("output", { for: "moment" });
  private readonly bar = make("canvas", { class: "strip", role: "img" });
  private readonly here = make("dl", {});
  private readonly pointed = make("dl", {});
  private readonly said = make("p", { class: "said", "aria-live": "polite" });
  private readonly legend = make("ul", { class: "legend", "aria-label": "Colours" });

  constructor(private readonly root: HTMLElement, history: History, { colouring, axis }: Start = {}) {
    this.colouring = colouring ?? "age";
    this.axis = axis ?? "operation";
    root.classList.add("chart");
    root.append(
      this.controls(),
      this.stage,
      make("div", { class: "moment" }, make("label", { for: "moment" }, "Moment"), this.range, this.player, this.reading),
      this.legend,
      make("figure", {}, make("figcaption", {}, "The heap at this moment, from address 0 on the left"), this.bar),
      make("div", { class: "panels" }, make("section", {}, make("h2", {}, "Under the pointer"), this.said, this.pointed), make("section", {}, make("h2", {}, "At this moment"), this.here))
    );
    this.listen();
    this.show(history);
  }

  /** Shows another history. */
  show(history: History): void {
    this.history = history;
    this.view = new View(history);
    this.view.turn(this.axis);
    this.follow = true;
    this.point = { op: 0, at: -1, event: -1 };
    this.changed();
  }

  /** The history has grown: draws it with the next frame. */
  changed(): void {
    this.lanes = lanes(this.history);
    this.view.grow();
    this.range.max = String(this.history.ops - 1);
    const timer = this.root.querySelector<HTMLInputElement>("input[value=time]")!;
    timer.disabled = this.history.times.data[this.history.ops - 1] === 0;
    timer.parentElement!.title = timer.disabled ? "no time was recorded" : "";
    if (this.follow) this.op = this.history.ops - 1;
    this.refresh();
  }

  /** Puts the cursor on an operation. */
  move(op: number): void {
    this.op = Math.max(0, Math.min(this.history.ops - 1, op));
    this.follow = this.op === this.history.ops - 1;
    this.view.reach(this.op);
    this.aim(this.op);
    this.refresh();
  }

  private controls(): HTMLElement {
    const choice = (name: string, label: string, list: string[], chosen: string, take: (value: string) => void): HTMLElement =>
      make(
        "fieldset",
        {},
        make("legend", {}, label),
        ...list.map((value) => {
          const input = make("input", { type: "radio", name, value });
          input.checked = value === chosen;
          input.addEventListener("change", () => take(value));
          return make("label", {}, input, value);
        })
      );
    const button = (text: string, label: string, act: () => void): HTMLElement => {
      const made = make("button", { type: "button", "aria-label": label, title: label }, text);
      made.addEventListener("click", () => (act(), this.refresh()));
      return made;
    };
    const moves = make("input", { type: "checkbox", name: "moves" });
    moves.addEventListener("change", () => ((this.moves = moves.checked), this.refresh()));
    return make(
      "div",
      { class: "controls" },
      choice("colouring", "Colour", ["age", "owner"], this.colouring, (value) => ((this.colouring = value as Colouring), this.refresh())),
      make("fieldset", {}, make("label", {}, moves, "moves")),
      choice("axis", "Across", ["operation", "time"], this.axis, (value) => (this.view.turn(value as Axis), this.refresh())),
      make(
        "div",
        { class: "buttons", role: "group", "aria-label": "Zoom" },
        button("+", "Zoom in", () => this.zoom(1 / ZOOM)),
        button("−", "Zoom out", () => this.zoom(ZOOM)),
        button("↕+", "Zoom in on addresses", () => this.stretch(1 / ZOOM)),
        button("↕−", "Zoom out of addresses", () => this.stretch(ZOOM)),
        button("whole", "Show all of it", () => this.view.whole())
      )
    );
  }

  /** Lets the cursor run, or stops it. */
  private play(): void {
    this.playing = !this.playing;
    this.player.textContent = this.playing ? "stop" : "play";
    if (!this.playing) return;
    if (this.op === this.history.ops - 1) this.move(0);
    let part = 0;
    const run = (): void => {
      if (!this.playing) return;
      part += (this.view.op(this.view.to) - this.view.op(this.view.from) + 1) / PLAY;
      if (part >= 1) this.move(this.op + Math.floor(part));
      part %= 1;
      if (this.op === this.history.ops - 1) this.play();
      else requestAnimationFrame(run);
    };
    requestAnimationFrame(run);
  }

  private zoom(factor: number): void {
    const place = this.view.place(this.op);
    const inside = place >= this.view.from && place <= this.view.to;
    this.view.zoom(factor, inside ? place : (this.view.from + this.view.to) / 2);
  }

  private stretch(factor: number): void {
    const { at } = this.point;
    this.view.stretch(factor, at >= this.view.low && at < this.view.high ? at : (this.view.low + this.view.high) / 2);
  }

  private listen(): void {
    this.player.addEventListener("click", () => this.play());
    this.range.addEventListener("input", () => this.move(Number(this.range.value)));
    this.stage.addEventListener("keydown", (event) => this.key(event, true));
    this.range.addEventListener("keydown", (event) => this.key(event, false));
    this.stage.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    this.stage.addEventListener("pointerdown", (event) => this.down(event));
    this.stage.addEventListener("pointermove", (event) => this.drag(event));
    for (const name of ["pointerup", "pointercancel"] as const) this.stage.addEventListener(name, (event) => this.up(event));
    for (const query of ["(prefers-color-scheme: dark)", "(resolution: 1dppx)"]) matchMedia(query).addEventListener("change", () => this.refresh());
    new ResizeObserver(() => this.refresh()).observe(this.root);
  }

  private key(event: KeyboardEvent, whole: boolean): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { view, history } = this;
    const page = Math.max(1, Math.round((view.op(view.to) - view.op(view.from)) / (event.shiftKey ? 20 : 8)));
    const keys: Record<string, () => void> = {
      ArrowLeft: () => this.move(this.op - (event.shiftKey ? page : 1)),
      ArrowRight: () => this.move(this.op + (event.shiftKey ? page : 1)),
      PageDown: () => this.move(this.op + page),
      PageUp: () => this.move(this.op - page),
      Home: () => this.move(0),
      End: () => this.move(history.ops - 1),
      "+": () => this.zoom(1 / ZOOM),
      "=": () => this.zoom(1 / ZOOM),
      "-": () => this.zoom(ZOOM),
      "0": () => view.whole(),
      " ": () => this.play(),
      "]": () => this.stretch(1 / ZOOM),
      "[": () => this.stretch(ZOOM),
      ...(whole && { ArrowUp: () => this.step(1), ArrowDown: () => this.step(-1) })
    };
    if (!keys[event.key]) return;
    event.preventDefault();
    keys[event.key]();
    this.refresh();
  }

  /** Points at the next block or hole up or down from the one that is pointed at, at the cursor. */
  private step(by: number): void {
    const blocks = this.history.blocks(this.op);
    const places = blocks.flatMap((block, i) => (block.at + block.room < (blocks[i + 1]?.at ?? this.history.head.size) ? [block.at, block.at + block.room] : [block.at]));
    if (blocks[0]?.at !== 0) places.unshift(0);
    const now = this.point.at < 0 || this.point.op !== this.op ? (by > 0 ? -1 : places.length) : places.filter((at) => at <= this.point.at).length - 1;
    const at = places[Math.max(0, Math.min(places.length - 1, now + by))];
    this.point = { op: this.op, at, event: blocks.find((block) => block.at === at)?.event ?? -1 };
    if (at < this.view.low || at >= this.view.high) this.view.pan(0, (at - (this.view.low + this.view.high) / 2) / (this.view.high - this.view.low));
  }

  /** Points at operation `op`, at the block that was pointed at before if it is still there. */
  private aim(op: number): void {
    const { point } = this;
    if (point.at < 0) return;
    const same = point.event < 0 ? undefined : this.history.blocks(op).find(({ event }) => event === point.event);
    this.point = same ? { op, at: same.at, event: point.event } : { op, at: point.at, event: -1 };
    if (!same) this.point.event = this.block()?.event ?? -1;
  }

  private wheel(event: WheelEvent): void {
    event.preventDefault();
    const { x, y } = this.where(event);
    const lines = event.deltaMode === 1 ? 20 : 1;
    const [dx, dy] = [event.deltaX * lines, event.deltaY * lines];
    const scene = this.scene();
    if (event.shiftKey) this.view.stretch(Math.exp((dy || dx) * WHEEL), this.address(y));
    else if (Math.abs(dx) > Math.abs(dy)) this.view.pan(dx / field(scene).width);
    else this.view.zoom(Math.exp(dy * WHEEL), this.place(x));
    this.refresh();
  }

  private down(event: PointerEvent): void {
    if (event.button) return;
    this.stage.setPointerCapture(event.pointerId);
    this.pointers.set(event.pointerId, this.where(event));
    if (this.pointers.size === 1) this.dragged = 0;
  }

  private drag(event: PointerEvent): void {
    const now = this.where(event);
    const before = this.pointers.get(event.pointerId);
    if (!before) return this.hover(now);
    const other = [...this.pointers].find(([id]) => id !== event.pointerId)?.[1];
    const { width, map } = field(this.scene());
    this.dragged += Math.abs(now.x - before.x) + Math.abs(now.y - before.y);
    this.pointers.set(event.pointerId, now);
    if (other) {
      const [was, is] = [Math.abs(before.x - other.x), Math.abs(now.x - other.x)];
      this.view.zoom((was + 20) / (is + 20), this.place((now.x + other.x) / 2));
    } else if (this.dragged > CLICK) this.view.pan((before.x - now.x) / width, event.pointerType === "mouse" ? (now.y - before.y) / map : 0);
    this.refresh();
  }

  private up(event: PointerEvent): void {
    const known = this.pointers.delete(event.pointerId);
    if (!known || event.type === "pointercancel" || this.pointers.size || this.dragged > CLICK) return;
    const now = this.where(event);
    this.point.at = -1;
    this.move(this.view.op(this.place(now.x)));
    this.hover(now);
  }

  /** Points at what is at a place of the stage. */
  private hover({ x, y }: { x: number; y: number }): void {
    const { left, width, top, map } = field(this.scene());
    if (x < left || x > left + width) return;
    const op = y < top ? this.sign(x) : this.view.op(this.place(x));
    const at = y < top || y >= top + map ? -1 : Math.floor(this.address(y));
    this.point = { op, at, event: -1 };
    this.point.event = this.block()?.event ?? -1;
    this.refresh(false);
  }

  /** The refusal whose sign is next to `x`, or the operation that is there. */
  private sign(x: number): number {
    const scene = this.scene();
    const place = field(scene);
    const near = this.history.refusals.filter((op) => Math.abs(across(scene, place, op) - x) < NEAR);
    return near.length ? near[near.length >> 1] : this.view.op(this.place(x));
  }

  private block(): Span | undefined {
    const { op, at } = this.point;
    return at < 0 ? undefined : this.history.blocks(op).find((block) => at >= block.at && at < block.at + block.room);
  }

  private where(event: MouseEvent): { x: number; y: number } {
    const { left, top } = this.stage.getBoundingClientRect();
    return { x: event.clientX - left - this.stage.clientLeft, y: event.clientY - top - this.stage.clientTop };
  }

  private place(x: number): number {
    const { left, width } = field(this.scene());
    return this.view.from + ((x - left) / width) * (this.view.to - this.view.from);
  }

  private address(y: number): number {
    const { top, map } = field(this.scene());
    return this.view.high - ((y - top) / map) * (this.view.high - this.view.low);
  }

  private scene(): Scene {
    const { history, view, lanes, palette, colouring, moves } = this;
    const width = this.stage.clientWidth;
    const map = Math.round(width < NARROW ? Math.max(220, innerHeight * 0.36) : Math.max(260, innerHeight * 0.42));
    return { history, view, lanes, palette, colouring, moves, width, height: height(lanes, map), ratio: devicePixelRatio || 1 };
  }

  /** Draws with the next frame; only the cursor and the numbers unless `all`. */
  private refresh(all = true): void {
    this.stale ||= all;
    this.waiting ||= requestAnimationFrame(() => this.draw());
  }

  private draw(): void {
    this.waiting = 0;
    this.palette = matchMedia("(prefers-color-scheme: dark)").matches ? DARK : LIGHT;
    const scene = this.scene();
    const life = this.point.event < 0 ? [] : this.life();
    if (this.stale) paint(fit(this.base, scene), scene);
    mark(fit(this.over, scene), scene, this.op, life);
    const bar = { ...scene, width: this.bar.parentElement!.clientWidth, height: STRIP };
    strip(fit(this.bar, bar), bar, this.op, this.point.event);
    if (this.stale) this.explain();
    this.stale = false;
    this.tell();
    this.root.dataset.drawn = String(Number(this.root.dataset.drawn ?? 0) + 1);
  }

  private life(): Span[] {
    const block = this.block();
    return block ? this.history.life(block.index) : [];
  }

  /** Writes the numbers of the moment and of what is pointed at. */
  private tell(): void {
    const { history, op, point } = this;
    const now = history.moment(op);
    const size = history.head.size;
    this.range.value = String(op);
    const text = `operation ${number(op)} of ${number(history.ops - 1)}, ${duration(now.time)}: ${deed(now, history.blocks(op))}`;
    this.reading.textContent = text;
    this.range.setAttribute("aria-valuetext", text);
    this.stage.setAttribute("aria-label", `Addresses over ${this.view.axis === "time" ? "time" : "operations"}. ${text}`);
    const counters: [string, string][] = [
      ["used", `${number(now.used)} bytes, ${percent(now.used / size)}`],
      ["free", `${number(now.free)} bytes in ${count(now.holes, "hole")}`],
      ["largest hole", `${number(now.largest)} bytes`],
      ["fragmentation", percent(history.fragmentation(op))],
      ["blocks", number(now.live)],
      ["moved by this call", `${number(now.moved)} bytes, ${count(now.moves, "move")}`],
      ["it took", duration(now.ms)],
      ["moved so far", `${number(now.total)} bytes`],
      ["refused so far", number(now.refused)],
      ["event", number(now.event)]
    ];
    list(this.here, counters);
    this.bar.setAttribute("aria-label", `The heap after operation ${op}: ${counters.slice(0, 5).map(([name, value]) => `${name} ${value}`).join(", ")}`);
    const block = this.block();
    const at = history.moment(point.op);
    const hole = point.at < 0 || block ? undefined : this.hole();
    const title = block ? `Block ${block.handle}: ${number(block.bytes)} bytes at ${number(block.at)}` : hole ? `Hole: ${number(hole.to - hole.from)} bytes at ${number(hole.from)}` : "";
    const when: [string, string][] = [["at operation", `${number(point.op)}, ${duration(at.time)}: ${deed(at)}`]];
    const nothing = point.at < 0 && !point.op;
    this.said.textContent = nothing ? "Point at the map or tap it, or press \u2191 and \u2193 there." : title;
    this.said.classList.toggle("hint", nothing);
    list(this.pointed, nothing ? [] : [...(block ? facts(history, block, point.op) : []), ...when]);
  }

  /** The hole that is pointed at. */
  private hole(): { from: number; to: number } {
    const { op, at } = this.point;
    const blocks = this.history.blocks(op);
    const before = blocks.filter((block) => block.at + block.room <= at);
    return { from: Math.max(0, ...before.map((block) => block.at + block.room)), to: Math.min(this.history.head.size, ...blocks.filter((block) => block.at > at).map((block) => block.at)) };
  }

  private explain(): void {
    const { palette, history } = this;
    const names = colours(history, this.colouring);
    const list = this.colouring === "age" ? palette.age : palette.owner;
    const entry = (style: string, text: string): HTMLElement => make("li", {}, make("i", { style, "aria-hidden": "true" }), text);
    const rows = [
      ...names.map((name, i) => entry(`background:${list[i]}`, name)),
      entry(`background:${palette.hole};outline:1px solid ${palette.line}`, "hole"),
      ...(history.locks.length ? [entry(`background:repeating-linear-gradient(135deg,${palette.lock} 0 2px,${list[1]} 2px 6px)`, "locked")] : []),
      ...(history.refusals.length ? [entry(`background:${palette.refused};clip-path:polygon(0 10%,100% 10%,50% 90%)`, "refused")] : []),
      ...(history.holds.length ? [entry(`background:${palette.faint};height:4px`, "ticks held")] : []),
      ...(history.sound < OPEN ? [entry(`border-left:2px dashed ${palette.lost};width:2px`, "lines lost, or what cannot be")] : [])
    ];
    this.legend.replaceChildren(...rows);
  }
}

/** Gives a canvas the size of a scene, and its context. */
function fit(canvas: HTMLCanvasElement, { width, height, ratio }: Scene): CanvasRenderingContext2D {
  const [w, h] = [Math.max(1, Math.round(width * ratio)), Math.max(1, Math.round(height * ratio))];
  if (canvas.width !== w || canvas.height !== h) (canvas.width = w), (canvas.height = h);
  canvas.style.width = `${w / ratio}px`;
  canvas.style.height = `${h / ratio}px`;
  return canvas.getContext("2d")!;
}

function list(element: HTMLElement, pairs: [string, string][]): void {
  element.replaceChildren(...pairs.flatMap(([name, value]) => [make("dt", {}, name), make("dd", { "data-name": name }, value)]));
}
