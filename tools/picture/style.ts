/** The style of a page with a chart. */
export const STYLE = `
:root{color-scheme:light dark;--ground:#fff;--panel:#f5f7fa;--ink:#1c2430;--faint:#5a6573;--line:#cfd6df;--strong:#0060a8;--warn:#fff1d6;--warned:#7a3e00}
@media(prefers-color-scheme:dark){:root{--ground:#12161c;--panel:#1a2028;--ink:#e8edf3;--faint:#9aa6b4;--line:#38424f;--strong:#6cbcf5;--warn:#3a2a10;--warned:#ffd591}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0 auto;padding:16px 20px 40px;max-width:1600px;background:var(--ground);color:var(--ink);font:15px/1.45 system-ui,-apple-system,"Segoe UI",sans-serif}
h1{font-size:1.25rem;margin:0 0 4px}
h2{font-size:.95rem;margin:0 0 6px}
p{margin:0 0 10px}
.status{max-width:90ch;color:var(--faint)}
.doubts{background:var(--warn);color:var(--warned);border-left:4px solid currentColor;padding:8px 12px;margin:0 0 12px;max-width:90ch}
.controls{display:flex;flex-wrap:wrap;gap:6px 14px;align-items:center;margin:10px 0}
fieldset{border:0;margin:0;padding:0;display:flex;align-items:center;gap:2px}
legend{float:left;color:var(--faint);padding:0;margin-right:6px}
fieldset label{display:inline-flex;align-items:center;gap:4px;padding:5px 6px;cursor:pointer}
fieldset label:has(:disabled){opacity:.5;cursor:default}
input[type=radio],input[type=checkbox]{width:16px;height:16px;margin:0;accent-color:var(--strong)}
.buttons{display:flex;gap:4px;margin-left:auto}
button{font:inherit;min-width:36px;min-height:34px;padding:2px 8px;border:1px solid var(--line);border-radius:6px;background:var(--panel);color:var(--ink);cursor:pointer}
button:hover{border-color:var(--strong)}
:focus-visible{outline:3px solid var(--strong);outline-offset:2px;border-radius:4px}
.stage{position:relative;touch-action:pan-y;cursor:crosshair;user-select:none;-webkit-user-select:none}
.stage canvas{display:block}
.stage .over{position:absolute;left:0;top:0;pointer-events:none}
.moment{display:grid;grid-template-columns:auto 1fr auto;gap:2px 12px;align-items:center;margin:10px 0}
.moment label{font-weight:600}
.moment input{width:100%;margin:0;height:26px;accent-color:var(--strong)}
.moment output{grid-column:1/-1;font-variant-numeric:tabular-nums;min-height:1.45em}
figure{margin:0 0 14px}
figcaption{color:var(--faint);margin-bottom:4px}
figure canvas{display:block;border-radius:3px}
.panels{display:grid;grid-template-columns:1fr 1fr;gap:12px;margin-bottom:14px}
section{background:var(--panel);border:1px solid var(--line);border-radius:8px;padding:10px 14px}
dl{display:grid;grid-template-columns:auto 1fr;gap:1px 14px;margin:0;font-variant-numeric:tabular-nums}
dt{color:var(--faint);white-space:nowrap}
dd{margin:0;overflow-wrap:anywhere}
.panels section:first-child{min-height:310px}
.said{font-weight:600;min-height:1.45em;margin-bottom:4px}
.said.hint{font-weight:400;color:var(--faint)}
.legend{display:flex;flex-wrap:wrap;gap:4px 18px;list-style:none;margin:0 0 14px;padding:0}
.legend li{display:flex;align-items:center;gap:6px}
.legend i{display:inline-block;width:16px;height:16px;border-radius:3px;flex:none}
details{margin-top:14px;color:var(--faint)}
kbd{font:inherit;border:1px solid var(--line);border-radius:4px;padding:0 5px;background:var(--panel);color:var(--ink)}
@media(min-width:1100px){.chart{display:grid;grid-template-columns:minmax(0,1fr) 372px;column-gap:20px;align-content:start}.chart .controls,.chart figure{grid-column:1/-1}.chart .panels{grid-column:2;grid-row:2/5;grid-template-columns:1fr;align-content:start}.chart .panels section{min-height:0}.chart figure{grid-row:5}}
@media(max-width:640px){body{padding:12px 10px 32px}.panels{grid-template-columns:1fr}.panels section:first-child{min-height:0;order:2}.buttons{margin-left:0}.buttons button{min-width:44px;min-height:44px}.controls{gap:4px 10px}fieldset label{padding:9px 6px}}
`;
