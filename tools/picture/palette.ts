// Colours for light and dark. Those of the ages grow darker with age in every kind of colour blindness (they follow viridis), those of the
// owners are the eight of Okabe and Ito, grey in the place of black.

import { COLOUR, EDGE, LOCKED } from "./raster";

export interface Palette {
  ground: string;
  hole: string;
  ink: string;
  faint: string;
  line: string;
  /** Young to old. */
  age: string[];
  /** The last is shared by all that are too many. */
  owner: string[];
  lock: string;
  lit: string;
  edge: string;
  refused: string;
  lost: string;
  move: string;
  cursor: string;
  used: string;
  largest: string;
  free: string;
  split: string;
  moved: string;
  pause: string;
}

const OWNER = ["#0072b2", "#009e73", "#e69f00", "#cc79a7", "#56b4e9", "#d55e00", "#b8a900", "#868b94"];

export const LIGHT: Palette = {
  ground: "#ffffff",
  hole: "#eceff4",
  ink: "#1c2430",
  faint: "#5a6573",
  line: "#cfd6df",
  age: ["#f7d21e", "#95cf3e", "#2fb07a", "#1f8a8d", "#38598c", "#440f58"],
  owner: OWNER,
  lock: "#10141a",
  lit: "#ff2d78",
  edge: "#101828",
  refused: "#c3002f",
  lost: "#c3002f",
  move: "#10141a",
  cursor: "#c3002f",
  used: "#0072b2",
  largest: "#b35900",
  free: "#7d8794",
  split: "#b0004f",
  moved: "#5b4bb0",
  pause: "#00795a"
};

export const DARK: Palette = {
  ground: "#12161c",
  hole: "#20262f",
  ink: "#e8edf3",
  faint: "#9aa6b4",
  line: "#38424f",
  age: ["#fde725", "#9fda3a", "#4ac16d", "#25a595", "#4583bd", "#8a6bc4"],
  owner: ["#3d9be0", "#1fbf91", "#f0ad1f", "#dd8fba", "#86cdf5", "#f0742a", "#e9df52", "#8f97a3"],
  lock: "#ffffff",
  lit: "#ff5c9a",
  edge: "#ffffff",
  refused: "#ff6b81",
  lost: "#ff6b81",
  move: "#ffffff",
  cursor: "#ff6b81",
  used: "#56b4e9",
  largest: "#f0ad1f",
  free: "#8f9aa8",
  split: "#ff7ab0",
  moved: "#a99cf5",
  pause: "#3fd0a3"
};

/** Red, green and blue of a colour #rrggbb. */
export function parts(colour: string): number[] {
  return [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
}

/** The colour of every cell of a raster, as #rrggbb. */
export function paints(palette: Palette, colouring: "age" | "owner"): string[] {
  const list = colouring === "age" ? palette.age : palette.owner;
  return Array.from({ length: 64 }, (_, cell) => {
    const colour = (cell & COLOUR) === 0 ? palette.hole : list[Math.min(list.length, cell & COLOUR) - 1];
    if (cell & LOCKED) return palette.lock;
    return cell & EDGE ? mix(colour, palette.edge, 0.35) : colour;
  });
}

/** A colour between two: `share` of the second. */
function mix(a: string, b: string, share: number): string {
  const [from, to] = [parts(a), parts(b)];
  return `#${from.map((value, i) => Math.round(value + (to[i] - value) * share).toString(16).padStart(2, "0")).join("")}`;
}
