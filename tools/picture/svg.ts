// A picture for documents: nothing in it moves, and what is smaller than its pixels is left out.

import { duration, number } from "../number";
import { corners, label, lanes, marks, type Lane } from "./curve";
import { OPEN, type History } from "./history";
import { DARK, LIGHT, type Palette } from "./palette";
import { COLOUR, EDGE, raster, type Colouring } from "./raster";
import { escape } from "./shell";
import { View, type Axis } from "./view";
import { colours, summary } from "./words";

// pixels, unless it says otherwise
const WIDTH = 960;
const LEFT = 60;
const RIGHT = 8;
const INNER = WIDTH - LEFT - RIGHT;
const MAP = 300;
const TOP = 34; // title and signs
const AXIS = 26;
const TITLE = 18;
const LANE = 40;
const GAP = 10;
const KEY = 24; // height of a line of the legend
const KEYS = 5; // of it in a line
const LETTER = 6.5; // width of a letter, about
const MOST = 480_000; // characters
const COARSEST = 16; // pixels across that are one

/** How a picture is drawn. */
export interface Look {
  title: string;
  colouring: Colouring;
  axis: Axis;
}

/** The picture: at most 500,000 bytes, because the more there is in it the coarser its pixels are. */
export function svg(history: History, look: Look): string {
  const edged = draw(history, look, 1, true);
  if (edged.length < MOST) return edged;
  for (let pixel = 1; ; pixel++) {
    const made = draw(history, look, pixel, false);
    if (made.length < MOST || pixel === COARSEST) return made;
  }
}

function draw(history: History, { title, colouring, axis }: Look, pixel: number, edged: boolean): string {
  const view = new View(history);
  view.turn(axis);
  const columns = Math.floor(INNER / pixel);
  const cells = raster(history, view, columns, MAP / (pixel > 2 ? 2 : 1), colouring);
  const rows = cells.length / columns;
  const all = lanes(history);
  const doubts = history.doubts();
  const base = TOP + MAP + AXIS;
  const end = base + all.length * (TITLE + LANE + GAP);
  const keys = legend(history, colouring);
  const height = end + KEY * Math.ceil(keys.length / KEYS) + (doubts.length ? 22 : 0) + 8;
  const x = (place: number): number => round(((place - view.from) / (view.to - view.from)) * INNER);
  const y = (at: number): number => round(MAP - (at / history.head.size) * MAP);

  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-labelledby="title desc" font-family="system-ui,sans-serif" font-size="12">`,
    `<title id="title">${escape(title)}</title><desc id="desc">${escape([summary(history), ...doubts].join(" "))}</desc>`,
    `<style>${style(LIGHT)}@media(prefers-color-scheme:dark){${style(DARK)}}</style>`,
    `<rect class="ground" width="${WIDTH}" height="${height}"/><text class="ink" x="${LEFT}" y="14" font-weight="600">${escape(title)}</text>`,
    `<rect class="hole" x="${LEFT}" y="${TOP}" width="${INNER}" height="${MAP}"/>`,
    `<g transform="translate(${LEFT} ${TOP}) scale(${round(INNER / columns, 6)} ${MAP / rows})" shape-rendering="crispEdges">${blocks(cells, columns, rows, colouring)}${edged ? edges(cells, columns) : ""}</g>`,
    `<g transform="translate(${LEFT} ${TOP})">`,
    ...locks(history, view, x, y),
    ...refusals(history, view, x),
    ...losses(history, view, x, end - TOP),
    ...axes(history, view, x, y),
    `</g>`,
    ...all.map((lane, i) => drawn(lane, view, base + i * (TITLE + LANE + GAP) + TITLE)),
    ...keys.map(({ name, fill }, i) => {
      const [left, top] = [LEFT + (i % KEYS) * ((WIDTH - LEFT) / KEYS), end + KEY * Math.floor(i / KEYS)];
      return `<rect class="${fill}" x="${left}" y="${top}" width="13" height="13"/><text class="ink" x="${left + 19}" y="${top + 11}">${escape(name)}</text>`;
    }),
    doubts.length ? `<text class="lost" x="${LEFT}" y="${height - 12}">${escape(doubts.join(" ").slice(0, 150))}</text>` : "",
    `</svg>\n`
  ];
  return parts.join("\n");
}

/** Addresses on the left, operations or time below. */
function axes(history: History, view: View, x: (place: number) => number, y: (at: number) => number): string[] {
  const side = (left: number): string => (left < 20 ? "start" : left > INNER - 20 ? "end" : "middle");
  return [
    ...marks(0, history.head.size, 6).map((at) => `<text class="faint" x="-6" y="${y(at) + (y(at) < 8 ? 10 : 4)}" text-anchor="end">${number(at)}</text>`),
    ...marks(view.from, view.to, 8).map((at) => `<path class="line" d="M${x(at)} ${MAP}v4"/><text class="faint" x="${x(at)}" y="${MAP + 17}" text-anchor="${side(x(at))}">${view.axis === "time" ? duration(at) : number(at)}</text>`)
  ];
}

/** A lane with its names above it. */
function drawn(lane: Lane, view: View, top: number): string {
  let left = LEFT;
  const names = lane.curves.map(({ name, colour }) => {
    const made = `<rect class="f-${colour}" x="${left}" y="${top - 11}" width="10" height="4"/><text class="ink" x="${left + 14}" y="${top - 5}">${name}</text>`;
    left += 34 + LETTER * name.length;
    return made;
  });
  const lines = lane.curves.map((curve) => {
    const d = path(corners(view, curve, lane.most, INNER, LANE));
    return (curve.filled ? `<path class="f-${curve.colour}" fill-opacity=".22" d="${d}V${LANE}H0z"/>` : "") + `<path class="s-${curve.colour}" d="${d}"/>`;
  });
  return `${names.join("")}<text class="faint" x="${LEFT - 6}" y="${top + 9}" text-anchor="end">${label(lane)}</text><text class="faint" x="${LEFT - 6}" y="${top + LANE}" text-anchor="end">0</text><g transform="translate(${LEFT} ${top})"><rect class="hole" width="${INNER}" height="${LANE}"/>${lines.join("")}</g>`;
}

/** The cells as paths, one for each colour, of rectangles that are as wide as can be, then as high. */
function blocks(cells: Uint8Array, columns: number, rows: number, colouring: Colouring): string {
  const left = cells.map((cell) => cell & COLOUR);
  const paths = new Map<number, string[]>();
  for (let start = 0; start < left.length; start++) {
    const colour = left[start];
    if (!colour) continue;
    const [row, column] = [Math.floor(start / columns), start % columns];
    let tall = 1;
    while (row + tall < rows && left[start + tall * columns] === colour) tall++;
    let wide = 1;
    const same = (next: number): boolean => {
      for (let i = 0; i < tall; i++) if (left[start + next + i * columns] !== colour) return false;
      return true;
    };
    while (column + wide < columns && same(wide)) wide++;
    for (let i = 0; i < tall; i++) left.fill(0, start + i * columns, start + i * columns + wide);
    if (!paths.has(colour)) paths.set(colour, []);
    paths.get(colour)!.push(`M${column} ${row}h${wide}v${tall}h-${wide}`);
  }
  return [...paths].map(([colour, list]) => `<path class="${colouring[0]}${colour - 1}" d="${list.join("")}"/>`).join("\n");
}

/** The upper edges of the blocks. */
function edges(cells: Uint8Array, columns: number): string {
  let d = "";
  for (let start = 0; start < cells.length; ) {
    let wide = 0;
    // not into the next row
    while (cells[start + wide] & EDGE && (wide === 0 || (start + wide) % columns)) wide++;
    if (wide) d += `M${start % columns} ${Math.floor(start / columns)}h${wide}v1h-${wide}`;
    start += wide || 1;
  }
  return `<path class="edge" d="${d}"/>`;
}

function locks(history: History, view: View, x: (place: number) => number, y: (at: number) => number): string[] {
  const found = history.locks.map(({ at, room, from, to }) => {
    const [left, right] = [x(view.place(from)), x(view.place(to))];
    return right - left < 1 ? "" : `M${left} ${y(at + room)}H${right}V${y(at)}H${left}z`;
  });
  return found.some(Boolean) ? [`<path class="lock" d="${found.join("")}"/>`] : [];
}

function refusals(history: History, view: View, x: (place: number) => number): string[] {
  const places = new Set(history.refusals.map((op) => Math.round(x(view.place(op)))));
  return places.size ? [`<path class="f-refused" d="${[...places].map((place) => `M${place - 3} -11h6l-3 7z`).join("")}"/>`] : [];
}

function losses(history: History, view: View, x: (place: number) => number, height: number): string[] {
  return history.sound < OPEN ? [`<path class="s-lost" stroke-dasharray="4 3" d="M${x(view.place(history.sound))} -12V${height}"/>`] : [];
}

interface Key {
  name: string;
  fill: string;
}

function legend(history: History, colouring: Colouring): Key[] {
  const names = colours(history, colouring);
  return [
    ...names.map((name, i) => ({ name, fill: `${colouring[0]}${i}` })),
    { name: "hole", fill: "hole" },
    ...(history.locks.length ? [{ name: "locked", fill: "lock" }] : []),
    ...(history.refusals.length ? [{ name: `${number(history.refusals.length)} refused`, fill: "f-refused" }] : [])
  ];
}

function style(palette: Palette): string {
  const curves = ["used", "free", "largest", "split", "moved", "pause", "refused", "lost"] as const;
  return [
    `.ground{fill:${palette.ground}}.hole{fill:${palette.hole}}.ink{fill:${palette.ink}}.faint{fill:${palette.faint}}.lost{fill:${palette.lost}}`,
    `.edge{fill:${palette.edge};fill-opacity:.35}.line{stroke:${palette.line}}.lock{fill:none;stroke:${palette.lock};stroke-width:1.5}`,
    ...palette.age.map((colour, i) => `.a${i}{fill:${colour}}`),
    ...palette.owner.map((colour, i) => `.o${i}{fill:${colour}}`),
    ...curves.map((name) => `.f-${name}{fill:${palette[name]}}.s-${name}{fill:none;stroke:${palette[name]};stroke-width:1.2}`)
  ].join("");
}

function path(points: number[]): string {
  let d = "";
  let [x, y] = [NaN, NaN];
  for (let i = 0; i < points.length; i += 2) {
    const [right, down] = [points[i], points[i + 1]];
    if (right === x && down === y) continue;
    d += i === 0 ? `M${right} ${down}` : right === x ? `V${down}` : down === y ? `H${right}` : `L${right} ${down}`;
    [x, y] = [right, down];
  }
  return d;
}

function round(value: number, digits = 1): number {
  return Math.round(value * 10 ** digits) / 10 ** digits;
}
