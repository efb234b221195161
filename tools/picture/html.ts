// The HTML of a page that shows one trace.

import { deflateRawSync } from "node:zlib";
import { shell } from "./shell";
import { STYLE } from "./style";

const KEYS = [
  ["← →", "the moment, one operation; with Shift a twentieth of the view"],
  ["Page Up, Page Down", "an eighth of the view"],
  ["Home, End", "the first and the last operation"],
  ["↑ ↓", "point at the next block or hole, when the map has the focus"],
  ["space", "plays"],
  ["+ −", "zoom; 0 shows all"],
  ["[ ]", "zoom of addresses"]
];

/** The keys of a chart, as terms of a list. */
export const TERMS = KEYS.map(([keys, what]) => `<dt><kbd>${keys}</kbd></dt><dd>${what}</dd>`).join("");

/** What a page shows. */
export interface Recorded {
  title: string;
  /** The bundled page.ts. */
  script: string;
  /** The lines of one trace. */
  trace: string;
  colouring: string;
  axis: string;
}

/** The page. */
export function html({ title, script, trace, colouring, axis }: Recorded): string {
  const packed = deflateRawSync(trace, { level: 9 }).toString("base64");
  const body = `<p class="status">Reading the trace.</p>
<noscript><p>This page draws with JavaScript, which is switched off.</p></noscript>
<main></main>
<details id="keys"><summary>Keys, wheel and fingers</summary>
<dl>${TERMS}
<dt>wheel</dt><dd>zoom; with Shift zoom of addresses; sideways: along</dd>
<dt>drag</dt><dd>along; a click puts the moment there</dd>
<dt>two fingers</dt><dd>zoom</dd></dl>
<p>A pixel shows the block that is at its middle, so what is smaller than a pixel is seen only now and then: zoom in.</p>
</details>
<script type="text/plain" id="trace" data-colouring="${colouring}" data-axis="${axis}">${packed}</script>`;
  return shell({ title, style: STYLE, body, script }).html;
}
