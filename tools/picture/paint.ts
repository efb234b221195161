// Draws a history on a canvas. Knows nothing of where it comes from and of who looks at it.

import { duration, number } from "../number";
import { corners, label, marks, type Lane } from "./curve";
import { OPEN, type History, type Span } from "./history";
import { paints, parts, type Palette } from "./palette";
import { ages, dress, raster, type Colouring } from "./raster";
import type { View } from "./view";

/** What is drawn, and where. */
export interface Scene {
  history: History;
  view: View;
  lanes: Lane[];
  palette: Palette;
  colouring: Colouring;
  /** Draws lines from where blocks were to where they were moved. */
  moves: boolean;
  /** Size in CSS pixels, and device pixels of one. */
  width: number;
  height: number;
  ratio: number;
}

/** Places of the parts of a scene, in CSS pixels. */
export interface Field {
  left: number;
  width: number;
  /** Signs of refusals are above the map. */
  top: number;
  map: number;
  lanes: { lane: Lane; top: number; height: number }[];
}

const SIGNS = 18; // pixels above the map
const AXIS = 24; // and below it
const TITLE = 18; // above each lane
const LANE = 46;
const LEAST = 120; // height of a map at least
const DIGIT = 6.7; // pixels of a digit
const SPARE = 12; // and beside a number
const FONT = "12px system-ui, sans-serif";
const LINES = 20000; // lines of moves drawn at most
const ARROW = 12; // pixels of a line that has room for a head

/** Height of a scene whose map is `map` pixels high. */
export function height(lanes: Lane[], map: number): number {
  return SIGNS + map + AXIS + lanes.length * (TITLE + LANE);
}

/** Where the parts are. */
export function field({ lanes: all, width, height }: Scene): Field {
  const labels = all.map((lane) => label(lane));
  const left = Math.ceil(SPARE + DIGIT * Math.max(...labels.map((text) => text.length)));
  const map = Math.max(LEAST, height - SIGNS - AXIS - all.length * (TITLE + LANE));
  return {
    left,
    width: width - left - 1,
    top: SIGNS,
    map,
    lanes: all.map((lane, i) => ({ lane, top: SIGNS + map + AXIS + i * (TITLE + LANE) + TITLE, height: LANE - 6 }))
  };
}

/** Draws everything but the cursor. */
export function paint(context: CanvasRenderingContext2D, scene: Scene): void {
  const { palette, ratio } = scene;
  const place = field(scene);
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.fillStyle = palette.ground;
  context.fillRect(0, 0, scene.width, scene.height);
  context.font = FONT;
  map(context, scene, place);
  if (scene.moves) jumps(context, scene, place);
  signs(context, scene, place);
  axes(context, scene, place);
  for (const { lane, top, height } of place.lanes) curves(context, scene, place, lane, top, height);
  context.strokeStyle = palette.line;
  context.strokeRect(place.left - 0.5, place.top - 0.5, place.width + 1, place.map + 1);
  losses(context, scene, place);
}

/** Left edge of operation `op`, in CSS pixels. */
export function across({ view }: Scene, place: Field, op: number): number {
  return place.left + ((view.place(op) - view.from) / (view.to - view.from)) * place.width;
}

/** Height of an address. */
function upward({ view }: Scene, place: Field, at: number): number {
  return place.top + ((view.high - at) / (view.high - view.low)) * place.map;
}

function map(context: CanvasRenderingContext2D, scene: Scene, { left, top, width, map }: Field): void {
  const { history, view, palette, colouring, ratio } = scene;
  const [w, h] = [Math.max(1, Math.round(width * ratio)), Math.max(1, Math.round(map * ratio))];
  const cells = raster(history, view, w, h, colouring);
  const image = context.createImageData(w, h);
  const words = new Uint32Array(image.data.buffer);
  const colours = colourWords(paints(palette, colouring));
  for (let i = 0; i < cells.length; i++) words[i] = colours[cells[i]];
  context.putImageData(image, Math.round(left * ratio), Math.round(top * ratio));
}

/** Colours as ImageData has them, whatever the order of bytes is. */
function colourWords(list: string[]): Uint32Array {
  const bytes = new Uint8ClampedArray(list.flatMap((colour) => [...parts(colour), 255]));
  return new Uint32Array(bytes.buffer);
}

/** A line for each move in view, with an arrow where it is long enough. */
function jumps(context: CanvasRenderingContext2D, scene: Scene, place: Field): void {
  const { history, view, palette } = scene;
  const lines: [number, number, number][] = [];
  history.each(view.op(view.from), view.op(view.to) + 1, (index, from) => {
    if (lines.length >= LINES) return;
    const span = history.span(index);
    if (span.prior < 0 || view.place(from) < view.from) return;
    const before = history.span(span.prior);
    if (before.at === span.at) return;
    lines.push([across(scene, place, from), upward(scene, place, before.at + before.room / 2), upward(scene, place, span.at + span.room / 2)]);
  });
  clip(context, place, () => {
    context.strokeStyle = palette.move;
    context.globalAlpha = Math.max(0.08, Math.min(0.85, (2 * place.width) / (lines.length + 1)));
    context.lineWidth = 1;
    context.beginPath();
    for (const [x, from, to] of lines) {
      context.moveTo(x, from);
      context.lineTo(x, to);
      const head = Math.sign(from - to) * 4;
      if (Math.abs(from - to) > ARROW && lines.length < place.width) context.moveTo(x - 3, to + head), context.lineTo(x, to), context.lineTo(x + 3, to + head);
    }
    context.stroke();
    context.globalAlpha = 1;
  });
}

/** Where requests were refused and ticks were held. */
function signs(context: CanvasRenderingContext2D, scene: Scene, place: Field): void {
  const { history, view, palette } = scene;
  const { holds } = history;
  context.fillStyle = palette.faint;
  for (let i = 0; i < holds.length; i += 2) {
    const [from, to] = [holds[i], holds[i + 1] ?? OPEN].map((op) => Math.max(place.left, Math.min(place.left + place.width, across(scene, place, op))));
    context.fillRect(from, place.top - 4, Math.max(1, to - from), 3);
  }
  context.fillStyle = palette.refused;
  let last = -9;
  for (const op of history.refusals) {
    const where = view.place(op);
    if (where < view.from || where > view.to) continue;
    const x = Math.round(across(scene, place, op));
    if (x - last < 2) continue;
    last = x;
    context.beginPath();
    context.moveTo(x - 4, 3);
    context.lineTo(x + 4, 3);
    context.lineTo(x, 12);
    context.fill();
    context.globalAlpha = 0.5;
    context.fillRect(x - 0.5, 12, 1, place.top - 12);
    context.globalAlpha = 1;
  }
}

function axes(context: CanvasRenderingContext2D, scene: Scene, place: Field): void {
  const { view, palette } = scene;
  context.fillStyle = palette.faint;
  context.strokeStyle = palette.line;
  context.textBaseline = "middle";
  context.textAlign = "right";
  for (const at of marks(view.low, view.high, place.map / 50)) {
    const y = upward(scene, place, at);
    context.fillText(number(at), place.left - 7, Math.max(place.top + 6, Math.min(place.top + place.map - 5, y)));
    line(context, place.left - 4, y, place.left, y);
  }
  context.textBaseline = "top";
  for (const at of marks(view.from, view.to, place.width / 90)) {
    const x = place.left + ((at - view.from) / (view.to - view.from)) * place.width;
    const text = view.axis === "time" ? duration(at) : number(at);
    const half = context.measureText(text).width / 2;
    context.textAlign = "center";
    context.fillText(text, Math.max(place.left + half, Math.min(place.left + place.width - half, x)), place.top + place.map + 7);
    line(context, x, place.top + place.map, x, place.top + place.map + 5);
  }
}

function curves(context: CanvasRenderingContext2D, scene: Scene, place: Field, lane: Lane, top: number, high: number): void {
  const { palette, view } = scene;
  context.fillStyle = palette.hole;
  context.fillRect(place.left, top, place.width, high);
  context.textBaseline = "middle";
  context.textAlign = "right";
  context.fillStyle = palette.faint;
  context.fillText(label(lane), place.left - 7, top + 5);
  context.fillText("0", place.left - 7, top + high - 5);
  let x = place.left;
  context.textAlign = "left";
  for (const curve of lane.curves) {
    const colour = palette[curve.colour] as string;
    const points = corners(view, curve, lane.most, place.width, high);
    context.beginPath();
    for (let i = 0; i < points.length; i += 2) context.lineTo(place.left + points[i], top + points[i + 1]);
    context.strokeStyle = colour;
    // where several operations share a pixel lines lie side by side
    context.lineWidth = points.length > place.width * 2 ? 1 : 1.5;
    context.stroke();
    if (curve.filled) {
      context.lineTo(place.left + place.width, top + high);
      context.lineTo(place.left + points[0], top + high);
      context.globalAlpha = 0.22;
      context.fillStyle = colour;
      context.fill();
      context.globalAlpha = 1;
    }
    context.fillStyle = colour;
    context.fillRect(x, top - 12, 10, 4);
    context.fillStyle = palette.ink;
    context.fillText(curve.name, x + 14, top - 9);
    x += context.measureText(curve.name).width + 28;
  }
  context.lineWidth = 1;
}

/** A line through everything where lines of the trace are missing. */
function losses(context: CanvasRenderingContext2D, scene: Scene, place: Field): void {
  const { history, view } = scene;
  const ops = [...history.gaps.map(({ op }) => op), ...(history.sound < OPEN ? [history.sound] : [])];
  context.strokeStyle = scene.palette.lost;
  context.setLineDash([4, 3]);
  for (const op of new Set(ops)) {
    const where = view.place(op);
    if (where < view.from || where > view.to) continue;
    const x = Math.round(across(scene, place, op)) + 0.5;
    line(context, x, 0, x, scene.height);
  }
  context.setLineDash([]);
}

/** Draws over a scene: the cursor at operation `op`, and the life of a block. */
export function mark(context: CanvasRenderingContext2D, scene: Scene, op: number, life: Span[]): void {
  const { palette, ratio } = scene;
  const place = field(scene);
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, scene.width, scene.height);
  clip(context, place, () => {
    for (const [width, colour] of [[4, palette.ground], [2, palette.lit]] as const) {
      context.lineWidth = width;
      context.strokeStyle = colour;
      context.beginPath();
      outline(context, scene, place, life);
      context.stroke();
    }
    context.lineWidth = 1;
  });
  const [from, to] = [op, op + 1].map((n) => across(scene, place, n));
  if (to < place.left || from > place.left + place.width) return;
  context.fillStyle = palette.cursor;
  if (to - from > 3) {
    context.globalAlpha = 0.14;
    context.fillRect(from, place.top, to - from, scene.height - place.top);
    context.globalAlpha = 1;
  }
  context.fillRect(Math.round(from) - 0.5, place.top - 6, 1.5, scene.height - place.top + 6);
  context.beginPath();
  context.arc(from, place.top - 6, 4, 0, 7);
  context.fill();
}

function outline(context: CanvasRenderingContext2D, scene: Scene, place: Field, life: Span[]): void {
  life.forEach((span, i) => {
    const x = Math.max(place.left - 4, across(scene, place, span.from));
    const end = Math.min(place.left + place.width + 4, across(scene, place, span.to));
    const [top, bottom] = [upward(scene, place, span.at + span.room), upward(scene, place, span.at)];
    if (end > x) context.rect(x, top, end - x, Math.max(1, bottom - top));
    const before = life[i - 1];
    if (before && before.at !== span.at) {
      context.moveTo(across(scene, place, span.from), upward(scene, place, before.at + before.room / 2));
      context.lineTo(across(scene, place, span.from), upward(scene, place, span.at + span.room / 2));
    }
  });
}

/** Draws the heap after operation `op` as a strip as large as the scene. */
export function strip(context: CanvasRenderingContext2D, scene: Scene, op: number, event: number): void {
  const { history, palette, colouring, width, height, ratio } = scene;
  const { size } = history.head;
  const limits = ages(history);
  const x = (at: number): number => Math.round(((at * width) / size) * ratio) / ratio;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.fillStyle = palette.hole;
  context.fillRect(0, 0, width, height);
  for (const { at, room, born, owner, event: own } of history.blocks(op)) {
    const [from, to] = [x(at), x(at + room)];
    const age = limits.filter((limit) => op - born >= limit).length;
    context.fillStyle = colouring === "age" ? palette.age[age] : palette.owner[dress(owner)];
    context.fillRect(from, 0, to - from - (to - from > 3 ? 1 : 0), height);
    if (own !== event) continue;
    context.strokeStyle = palette.lit;
    context.lineWidth = 3;
    context.strokeRect(from + 0.5, 1.5, Math.max(2, to - from - 2), height - 3);
  }
  context.fillStyle = palette.lock;
  for (const { at, room, from, to } of history.locks) if (from <= op && to > op) context.fillRect(x(at), height - 5, Math.max(2, x(at + room) - x(at) - 1), 5);
}

function clip(context: CanvasRenderingContext2D, { left, top, width, map }: Field, draw: () => void): void {
  context.save();
  context.beginPath();
  context.rect(left, top, width, map);
  context.clip();
  draw();
  context.restore();
}

function line(context: CanvasRenderingContext2D, x: number, y: number, right: number, bottom: number): void {
  context.beginPath();
  context.moveTo(x, y);
  context.lineTo(right, bottom);
  context.stroke();
}
