// The HTML of a page that has everything in it.

import { deflateRawSync } from "node:zlib";
import { STYLE } from "./style";

export const KEYS = [
  ["← →", "the moment, one operation; with Shift a twentieth of the view"],
  ["Page Up, Page Down", "an eighth of the view"],
  ["Home, End", "the first and the last operation"],
  ["↑ ↓", "point at the next block or hole, when the map has the focus"],
  ["space", "plays"],
  ["+ −", "zoom; 0 shows all"],
  ["[ ]", "zoom of addresses"]
];

/** What a page is made of. */
export interface Contents {
  title: string;
  /** The bundled page.ts. */
  script: string;
  /** The lines of one trace. */
  trace: string;
  colouring: string;
  axis: string;
}

/** One page that asks nothing of any network: the policy in it forbids that. */
export function shell({ title, script, trace, colouring, axis }: Contents): string {
  const packed = deflateRawSync(trace, { level: 9 }).toString("base64");
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>${escape(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>${escape(title)}</h1>
<p class="status">Reading the trace.</p>
<noscript><p>This page draws with JavaScript, which is switched off.</p></noscript>
<main></main>
<details id="keys"><summary>Keys, wheel and fingers</summary>
<dl>${KEYS.map(([keys, what]) => `<dt><kbd>${keys}</kbd></dt><dd>${what}</dd>`).join("")}
<dt>wheel</dt><dd>zoom; with Shift zoom of addresses; sideways: along</dd>
<dt>drag</dt><dd>along; a click puts the moment there</dd>
<dt>two fingers</dt><dd>zoom</dd></dl>
<p>A pixel shows the block that is at its middle, so what is smaller than a pixel is seen only now and then: zoom in.</p>
</details>
<script type="text/plain" id="trace" data-colouring="${colouring}" data-axis="${axis}">${packed}</script>
<script>${script.replace(/<\/(script)/gi, "<\\/$1")}</script>
</body>
</html>
`;
}

function escape(text: string): string {
  return text.replace(/[&<>"]/g, (letter) => `&#${letter.charCodeAt(0)};`);
}
