// The HTML of the live page.

import { TERMS } from "../picture/html";
import { DARK, LIGHT, type Palette } from "../picture/palette";
import { shell, type Html } from "../picture/shell";
import { STYLE } from "../picture/style";

const BAUDS = [9600, 19200, 38400, 57600, 115200, 230400, 460800, 921600];
const COLUMNS = [32, 64, 128, 256];

const colours = ({ used, hole, lock, largest, split }: Palette): string => `--used:${used};--hole:${hole};--lock:${lock};--largest:${largest};--split:${split}`;

const OWN = `
:root{${colours(LIGHT)}}
@media(prefers-color-scheme:dark){:root{${colours(DARK)}}}
[hidden]{display:none!important}
#status{font-weight:600;color:var(--ink);min-height:2.9em}
#status[data-state=trouble]{background:var(--warn);color:var(--warned);border-left:4px solid currentColor;padding:8px 12px}
#status[data-state=live]::before{content:"";display:inline-block;width:.6em;height:.6em;border-radius:50%;background:var(--used);margin-right:.5em}
form{display:flex;flex-wrap:wrap;gap:8px 16px;align-items:end;margin:0 0 12px}
form label{display:grid;gap:2px;color:var(--faint);font-size:.9em}
form .buttons,#record-buttons{display:flex;flex-wrap:wrap;gap:6px;margin:0}
form .check{display:flex;align-items:center;gap:6px;min-height:34px}
input[type=text],input[type=number],select{font:inherit;min-height:34px;padding:2px 8px;border:1px solid var(--line);border-radius:6px;background:var(--ground);color:var(--ink)}
input[type=text]{width:11em}
input[type=number]{width:6em}
button:disabled{opacity:.5;cursor:default;border-color:var(--line)}
section{margin-bottom:12px}
section p{color:var(--faint)}
p:empty{display:none}
#map{display:grid;grid-template-columns:repeat(64,1fr);gap:2px 1px}
#map i{height:34px;border-radius:1px;background:var(--hole);min-width:0}
#map .whole{background:var(--used)}
#map .part{background:linear-gradient(to top,var(--used) 50%,var(--hole) 50%)}
#map .lock{background:var(--lock);border:solid var(--used);border-width:6px 0}
.legend .whole{background:var(--used)}
.legend .part{background:linear-gradient(to top,var(--used) 50%,var(--hole) 50%)}
.legend .free{background:var(--hole);border:1px solid var(--line)}
.legend .lock{background:var(--lock);border:solid var(--used);border-width:3px 0}
.legend .line{height:4px}
.legend .largest{background:var(--largest)}
.legend .split{background:var(--split)}
#strip .legend,#past .legend{margin-top:8px;font-size:.9em}
.curve{display:block;width:100%;background:var(--hole);margin-bottom:6px;border-radius:3px}
.high100{height:120px}
.high40{height:48px}
polyline{fill:none;stroke-width:2;vector-effect:non-scaling-stroke;stroke-linejoin:round}
.curve .used{stroke:var(--used)}
.curve .largest{stroke:var(--largest);stroke-dasharray:6 3}
.curve .split{stroke:var(--split)}
#console{max-height:14em;min-height:3em;overflow:auto;margin:6px 0 0;white-space:pre-wrap;overflow-wrap:anywhere;font:13px/1.4 ui-monospace,Consolas,monospace;color:var(--ink)}
summary{cursor:pointer;min-height:34px;align-content:center}
@media(max-width:640px){#counters dt{white-space:normal}#map{grid-template-columns:repeat(32,1fr)}form .buttons button,#record-buttons button{min-height:44px}input[type=text],input[type=number],select{min-height:44px}summary{min-height:44px}}
`;

function options(values: number[], chosen: number): string {
  return values.map((value) => `<option${value === chosen ? " selected" : ""}>${value}</option>`).join("");
}

const BODY = `<p class="status" id="status" role="status" aria-live="polite" data-state="idle">Connect a board whose program has a pool in a global variable.</p>
<noscript><p>This page works with JavaScript, which is switched off.</p></noscript>
<form id="settings" aria-label="Connection">
<div class="buttons"><button type="button" id="serial">Connect by serial port</button><button type="button" id="bluetooth">Connect by Bluetooth</button><button type="button" id="disconnect" disabled>Disconnect</button><button type="button" id="pause" disabled>Pause</button></div>
<label>Baud rate (USB: any)<select id="baud">${options(BAUDS, 9600)}</select></label>
<label>Variable of the pool<input type="text" id="name" value="pool" maxlength="60" spellcheck="false" autocapitalize="off" autocomplete="off"></label>
<label>Seconds between questions<input type="number" id="interval" value="1" min="0.1" max="3600" step="any"></label>
<label>Parts of the map<select id="columns"><option value="0">none</option>${options(COLUMNS, 64)}</select></label>
<label class="check" id="listing" hidden><input type="checkbox" id="list">List the blocks (each(): dear, and it ends the slide of a block that is just moving)</label>
</form>
<main>
<div id="numbers" hidden>
<section aria-labelledby="now"><h2 id="now">Now</h2>
<p id="pool"></p>
<div id="strip"><div id="map" role="img"></div>
<ul class="legend"><li><i class="whole"></i>in use</li><li><i class="part"></i>partly</li><li><i class="free"></i>free</li><li><i class="lock"></i>locked</li></ul></div>
<p id="about"></p>
</section>
<div class="panels">
<section aria-labelledby="counted"><h2 id="counted">Counters</h2><dl id="counters"></dl></section>
<section id="past" aria-labelledby="before"><h2 id="before">Before now</h2><div id="curve"></div>
<ul class="legend"><li><i class="line whole"></i>used</li><li><i class="line largest"></i>largest hole</li><li><i class="line split"></i>fragmentation: share of the free bytes outside the largest hole (below)</li></ul>
<p id="reach"></p></section>
</div>
<section aria-labelledby="costs"><h2 id="costs">What the view costs</h2><p id="cost"></p></section>
</div>
<section aria-labelledby="recordings"><h2 id="recordings">Recording</h2>
<div id="record-buttons" role="group" aria-label="Recording"><button type="button" id="record" disabled>Record</button><button type="button" id="stop" disabled>Stop</button><button type="button" id="save" disabled>Save the trace</button></div>
<p id="recordable">Draws every block over time when a board with tidyheap-record is connected.</p><p id="recording" role="status" aria-live="polite"></p>
<div id="picture" hidden><p id="recorded"></p><div id="chart"></div>
<details id="keys"><summary>Keys in the picture</summary><dl>${TERMS}</dl></details></div>
</section>
<section aria-labelledby="prints"><h2 id="prints">What the program prints</h2><pre id="console" tabindex="0" role="log" aria-live="off" aria-label="What the program prints"></pre></section>
</main>`;

/** The page around its script, and the policy that goes with it, which also keeps it out of the frames of others. */
export function html(script: string): Html {
  const { html, policy } = shell({ title: "tidyheap live", style: STYLE + OWN, body: BODY, script });
  return { html, policy: `${policy}; frame-ancestors 'none'` };
}
