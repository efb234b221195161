// What can be put on a board: bundles of dist/, the module names programs know them by, what they take, and how to see that they work.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { figures } from "../size/figure";

/** A bundle as it is installed. */
export interface Flavour {
  name: string;
  /** Name for require(). */
  module: string;
  /** Its file in dist/. */
  file: string;
  /** It is of no use without one of these; the first is brought when none is named. */
  needs?: string[];
  /** Body of a function that ends with an exception unless the module works; `m` is what require() gives. */
  trial: string;
  /** JsVars the trial takes besides what npm run size says, with the line it stands in and a tenth to spare; measured on 2v29 with 13-byte JsVars. */
  trialVars: number;
}

/** A bundle with its text and its costs. */
export interface Module extends Flavour {
  text: string;
  /** JsVars from RAM and from Storage with an empty pool; from RAM a lower bound for what did not fit the engine that was measured. */
  ramVars: number;
  storageVars: number;
}

const ROOT = join(__dirname, "..", "..");

// alloc, write, free, a stale handle, check. The pool of 256 bytes is gone when the trial is over.
const STALE = 'e=0;try{p.size(h)}catch(x){e=x.code}if(e!="HANDLE")throw "a stale handle gives "+e';
const CHECK = "if(p.check&&p.check())throw p.check()";
const RAM = `var p=m.create({size:256,handles:8}),a=p.alloc(40),h=p.alloc(9),e;if(!a||!h)throw "alloc gives 0";p.bytes[p.at(h)]=7;p.free(a);if(p.bytes[p.at(h)]!==7)throw "bytes are lost";p.free(h);${STALE};${CHECK}`;
/** A store as external pools want it, in an array `b` of `n` bytes. */
const STORE = "function store(n){var b=new Uint8Array(n);return{size:n,chunk:64,move:function(t,f,c){b.set(b.subarray(f,f+c),t)},read:function(f,c){return new Uint8Array(b.subarray(f,f+c))},write:function(t,d){b.set(d,t)}}}";
const FAR = `${STORE};var p=m.create({store:store(256),handles:8}),h=p.alloc(9),e;if(!h)throw "alloc gives 0";p.write(h,3,"!");if(p.read(h,3,1)[0]!==33)throw "bytes are lost";p.free(h);${STALE};${CHECK}`;
const FRAM = `${STORE};var s=store(640),p=m.format({store:s,handles:4}),h=p.alloc(9);if(!h)throw "alloc gives 0";p.write(h,3,"!");p=m.mount(s);if(p.read(h,3,1)[0]!==33)throw "bytes are lost";p.free(h);var e;${STALE};${CHECK}`;
const SPI = 'var e;try{m.connect({send:function(d){return new Uint8Array(d.length)},write:function(){}},{cs:1,chip:"23LC1024"})}catch(x){e=x.code}if(e!="NO_CHIP")throw "no chip gives "+e';
const PAGE = `${STORE};var s=store(256),c=m.cache(s,{page:32,pages:2});c.set8(5,7);c.flush();if(s.read(5,1)[0]!==7||c.get8(5)!==7)throw "bytes are lost"`;
const THUMB = 'var s=m.ram(64);s.write(0,[1,2,3,4]);s.move(32,0,4);if(s.read(32,4)[3]!==4)throw "bytes are lost"';
const RECORD = 'var n=0,p={epoch:0,why:"",stat:function(){return{}},alloc:function(){return 9},at:function(){return 0}},r=m.record(p,{to:function(){n++}});p.alloc(4);r.stop();if(n!==3)throw n+" lines instead of 3"';
const KIT = 'if(!m.deque||!m.slab||!m.collector)throw "parts are missing"';

/** Every flavour in the order they are listed in. */
export const FLAVOURS: Flavour[] = [
  { name: "full", module: "tidyheap", file: "tidyheap.min.js", trial: RAM, trialVars: 260 },
  { name: "core", module: "tidyheap", file: "tidyheap-core.min.js", trial: RAM, trialVars: 260 },
  { name: "tiny", module: "tidyheap", file: "tidyheap-tiny.min.js", trial: RAM, trialVars: 260 },
  { name: "far", module: "tidyheap-far", file: "tidyheap-far.min.js", trial: FAR, trialVars: 270 },
  { name: "fram", module: "tidyheap-fram", file: "tidyheap-fram.min.js", needs: ["spi"], trial: FRAM, trialVars: 640 },
  { name: "spi", module: "tidyheap-spi", file: "tidyheap-spi.min.js", needs: ["far", "fram"], trial: SPI, trialVars: 270 },
  { name: "page", module: "tidyheap-page", file: "tidyheap-page.min.js", needs: ["spi"], trial: PAGE, trialVars: 400 },
  { name: "thumb", module: "tidyheap-thumb", file: "tidyheap-thumb.min.js", needs: ["full", "core"], trial: THUMB, trialVars: 270 },
  { name: "record", module: "tidyheap-record", file: "tidyheap-record.min.js", needs: ["full", "core", "far", "fram"], trial: RECORD, trialVars: 400 },
  { name: "kit", module: "tidyheap-kit", file: "tidyheap-kit.min.js", needs: ["full", "core", "tiny", "far", "fram"], trial: KIT, trialVars: 150 }
];

/**
 * Flavours by a list of names, with those they are of no use without. Throws on a name that does not exist and on two of one module name.
 * An empty list gives what a program requires, and the full pool when it requires nothing of tidyheap.
 */
export function choose(names: string, required: string[] = []): Flavour[] {
  const wanted = names.split(",").map((name) => name.trim()).filter(Boolean);
  const asked = wanted.length ? wanted : FLAVOURS.filter(({ module, name }) => required.includes(module) && !["core", "tiny"].includes(name)).map(({ name }) => name);
  const list = new Set(asked.length ? asked : ["full"]);
  for (const name of list) {
    const flavour = FLAVOURS.find((one) => one.name === name);
    if (!flavour) throw new Error(`no flavour "${name}", there are ${FLAVOURS.map((one) => one.name).join(", ")}`);
    const { needs } = flavour;
    if (needs && !needs.some((other) => list.has(other))) list.add(needs[0]); // the loop comes to it
  }
  const chosen = FLAVOURS.filter(({ name }) => list.has(name));
  const twice = chosen.find((one, at) => chosen.findIndex(({ module }) => module === one.module) !== at);
  if (twice) throw new Error(`${chosen.filter(({ module }) => module === twice.module).map(({ name }) => name).join(" and ")} have the same name "${twice.module}", take one`);
  return chosen;
}

/** The bundle of a flavour with its costs. Throws when it has not been built. */
export function read(flavour: Flavour, folder = join(ROOT, "dist")): Module {
  const file = join(folder, flavour.file);
  if (!existsSync(file)) throw new Error(`dist/${flavour.file} is missing, run npm run build`);
  return { ...flavour, text: readFileSync(file, "latin1"), ...costs(flavour.file) };
}

/** JsVars of a bundle, as npm run size has measured them on an Espruino. Throws where it has not. */
export function costs(file: string): { ramVars: number; storageVars: number } {
  const { engine, sizes } = figures().espruino;
  const { ram, storage } = sizes[file] ?? {};
  if (ram === undefined || !storage) throw new Error(`no JsVars of ${file} in tools/size/figure.json: npm run size -- --write with an Espruino named measures them`);
  // 0: it does not load there, so more than that engine has
  return { ramVars: ram || Number(/(\d+) JsVars/.exec(engine)?.[1]), storageVars: storage };
}
