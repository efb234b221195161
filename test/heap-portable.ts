// Cases of the emulator's heap, Storage and modules that run in any ES5 engine. They are a program of their own: together with the others they
// would leave a real Espruino too little room.

import type { Board } from "../boards/board";
import { pico } from "../boards/pico";
import { boot } from "../boards/emulator/machine";
import { bench, type Boot, type Case } from "./emulator-portable";
import { same, thrown } from "./verdict";

/** An Espruino Pico with a heap of so few vars: arrays of the emulated heap are real ones in the engine's own. */
function withVars(vars: number): Board {
  const board: any = {};
  for (const field in pico) board[field] = (pico as any)[field];
  board.vars = vars;
  return board;
}

function files(start: Boot): void {
  const { machine } = bench(start);
  const run = (code: string) => machine.exec('var s=require("Storage");return ' + code);
  same(run("s.getFree()"), 49152, "free");
  same(run("s.write('a','hello',0,10)"), true, "write");
  same(run("s.write('a','zz',6)"), true, "write into a blank place");
  same(run("s.read('a').split(String.fromCharCode(255)).join('.')"), "hello.zz..", "file");
  same(thrown(() => run("s.write('a','yy',6)")), "File already written with different data", "error");
  same(thrown(() => run("s.write('a','yy',9)")), "Too much data for file size", "error");
  same(run("s.read('a',1,3)+s.read('nope')"), "ellundefined", "parts");
  run("s.write('a','new')");
  same(run("s.list().join()+s.getFree()"), "a" + (49152 - 44 - 36), "one file and one in the trash");
  same(run("(s.compact(),s.getFree())"), 49152 - 36, "free after compaction");
  same(run("s.writeJSON('j',{n:[1]})&&s.readJSON('j').n[0]"), 1, "JSON");
  same(run("new Uint8Array(s.readArrayBuffer('a'))[2]"), 119, "byte");
  same(thrown(() => run("s.write('b','x',0,49152)")), "Unable to find or create file", "error");
  same(thrown(() => run("s.write('b','')")), "Can't create zero length file", "error");
  run("(s.erase('a'),s.eraseAll())");
  same(run("s.getFree()+s.list().length"), 49152, "free");
}

function modules(start: Boot): void {
  const { machine, out } = bench(start, { one: "print('one evaluated');exports.n=41;exports.up=function(){return ++exports.n}" });
  same(machine.exec("return require('one').up()+require('one').up()"), 42 + 43, "sum");
  same(out(), "one evaluated", "output");
  machine.load("whole", "var E=5;module.exports=function(){return E} // ends in a comment");
  same(machine.exec("return require('whole')()"), 5, "a module's own E");
  machine.exec("require('Storage').write('kept','exports.x=3');Modules.addCached('mem','print(1);exports.y=4')");
  same(out(), "1", "output of addCached");
  same(machine.exec("return require('kept').x+require('mem').y"), 7, "sum");
  same(machine.exec("return Modules.getCached().join()"), "Storage,one,whole,mem,kept", "cached");
  machine.exec("Modules.removeCached('one');require('one')");
  same(out(), "one evaluated", "output after removeCached");
  same(thrown(() => machine.exec("require('nix')")), 'Module "nix" not found', "error");
  same(thrown(() => machine.exec("require('http')")), 'not modelled: require("http")', "error");
}

function hidden(start: Boot): void {
  const { machine } = bench(start);
  const names = "Symbol Map Set WeakMap Proxy RangeError Buffer Object.freeze Object.seal Math.imul Math.clz32 Math.trunc Array.from Uint8Array.from Uint8Array.BYTES_PER_ELEMENT";
  for (const name of names.split(" ")) same(machine.exec("return typeof " + name), "undefined", "type of " + name);
  machine.load("spy", "exports.seen=typeof Map+typeof Math.imul");
  same(machine.exec("return require('spy').seen"), "undefinedundefined", "types in a module");
  same(machine.exec("var o=Object.create({a:2});return Math.max(o.a,Math.PI)>3&&Object.keys({b:1}).join()+Array.isArray([])+typeof Object({})"), "btrueobject", "what is left");
}

function memoryModel(start: Boot): void {
  const { machine } = bench(start);
  const used = machine.memory.used();
  const flat = machine.exec("global.a=new Uint8Array(390);return E.getAddressOf(global.a,true)");
  same(flat > 0, true, "address is there");
  same(machine.exec("return E.getAddressOf(a.subarray(8),true)") - flat, 8, "distance of a view");
  same(machine.exec("return process.memory().total") - machine.exec("var m=process.memory();return m.free+m.usage"), 0, "sum");
  machine.memory.drop(machine.globals.a);
  const code = machine.memory.used() - used;
  machine.exec("global.a=new Uint8Array(390)");
  same(machine.memory.used() - used - code, 33 + 4, "vars of 390 bytes and of the code that made them");
  same(machine.exec("var m=process.memory();return m.total+','+m.blocksize"), "5100,13", "size");
}

function memoryScattered(start: Boot): void {
  const { machine } = bench(start, {}, withVars(400));
  machine.memory.scatter(50);
  same(machine.memory.largest(), 49, "largest hole");
  same(machine.exec("global.b=new Uint8Array(700);return E.getAddressOf(global.b,true)"), 0, "address of an array in pieces");
  same(machine.exec("global.b[699]=7;return global.b[699]"), 7, "byte of an array in pieces");
  same(machine.exec("return E.getAddressOf(new Uint8Array(400),true)>0"), true, "a smaller one in one piece");
  const before = machine.now();
  machine.exec("E.defrag()");
  same(machine.now() - before > 50000, true, "defrag takes its time");
  same(machine.exec("return E.getAddressOf(b,true)"), 0, "address after defrag");
  same(machine.exec("return E.getAddressOf(new Uint8Array(700),true)>0"), true, "a new array in one piece");
}

function memoryOut(start: Boot): void {
  const { machine, out } = bench(start, {}, withVars(200));
  machine.exec("setInterval(function(){print('take');new Uint8Array(500)},10);setInterval(function(){print('other')},100)");
  machine.run(100);
  const text = out();
  same(text.split("take").length - 1, 4, "calls until memory is out");
  same(/Uncaught Error: Out of memory: \d+ vars wanted, \d+ free\|other$/.test(text), true, "text " + text);
  same(machine.exec("return E.getErrorFlags().join()"), "LOW_MEMORY,MEMORY,CALLBACK", "flags");
  same(thrown(() => machine.exec("E.getAddressOf(new Uint8Array([1]),true)")), "not modelled: E.getAddressOf of an array that is a copy", "error");
}

function traps(start: Boot): void {
  const { machine } = bench(start);
  const calls = "analogRead peek32 I2C1.setup E.getTemperature SPI1.send4bit Serial1.pipe console.trace NRF.sleep save";
  for (const name of calls.split(" ")) same(thrown(() => machine.exec(name + "(1)")), "not modelled: " + name, "error of " + name);
  same(thrown(() => machine.exec("require('Storage').getStats()")), "not modelled: Storage.getStats", "error");
  same(thrown(() => machine.exec("setTimeout('print(1)',1)")), "not modelled: a timer that evaluates a string", "error");
  same(thrown(() => machine.run(Infinity)), "run for Infinity ms", "error");
}

/** What a program sees of files that grow, a line each; n and m are bytes of a piece, which boards differ in. */
export const GROWING = `var S=require("Storage"),f=S.open("a","a"),r,l,n=0,m=0;
function rep(n){var s="";while(s.length<n)s+="0123456789";return s.slice(0,n)}
function t(fn){try{l=fn();print(l===undefined?"none":typeof l==="string"?l.split("\\n").join("/"):l)}catch(e){print(e.message)}}
t(function(){return f.readLine()});
f.write("hello\\n");f.write("wor");f.write("ld\\nlast");
t(function(){return S.read("a")});
r=S.open("a","r");
t(function(){return r.readLine()});t(function(){return r.readLine()});t(function(){return r.readLine()});t(function(){return r.readLine()});
r=S.open("a","r");
t(function(){return r.read(3)});t(function(){return r.read(100)});t(function(){return r.read(1)});t(function(){return r.write("x")});
t(function(){return S.open("a","x")});
r=S.open("no","r");t(function(){return r.readLine()});t(function(){return r.getLength()});
f=S.open("a","a");f.write("!\\n");f.write("");f.write(5);f.write([6,7]);f.write(new Uint8Array([8,9]));
t(function(){return f.getLength()});t(function(){return S.open("a","r").read(99)});
S.erase("a");t(function(){return S.open("a","r").read(4)});
f=S.open("a","w");t(function(){return S.open("a","r").read(99)});f.write("new");t(function(){return S.open("a","r").read(99)});
n=S.read("a\\1").length;
f=S.open("b","w");f.write(rep(400));t(function(){return f.write(rep(n-400))});t(function(){return f.write("more")});t(function(){return f.getLength()-n});
t(function(){f=S.open("b","a");f.write("Z\\n");return f.getLength()-n});
r=S.open("b","r");for(m=0;(l=r.read(300))!==undefined;)m+=l.length;t(function(){return m-n});
r=S.open("b","r");t(function(){return r.readLine().length-n});t(function(){return r.readLine()});
f=S.open("c","w");t(function(){return f.write(rep(n+1))});t(function(){return f.write("a")});
f=S.open("c","w");t(function(){return f.write(rep(n))});t(function(){return f.write("a")});t(function(){return f.getLength()-n});
f=S.open("d","w");f.write("abc");t(function(){return f.write(rep(2*n))});t(function(){return f.getLength()-n});t(function(){return f.write("a")});
f=S.open("d","a");t(function(){return f.write("a")});t(function(){return f.getLength()-n});
f.erase();t(function(){return f.write("a")});t(function(){return S.list(/^d/).length});
f=S.open("abcdefghijklmnopqrstuvwxyz123456","a");f.write("x");t(function(){return S.open("abcdefghijklmnopqrstuvwxyz1","r").read(5)});
f=S.open("e","a");f.write("a\\xffb\\n");t(function(){return S.open("e","r").read(50)});t(function(){return S.open("e","r").read(-5)});
t(function(){return E.sum("AB")+E.sum([1,300])+E.sum(new Uint8Array([3]))});`;

/** The same on 2v29.277. */
export const GREW =
  "Can't read in this mode|none|hello/|world/|last|none|hel|lo/world/last|none|Can't write in this mode|Invalid mode \"x\"|none|0|25|hello/world/last!/56,78,9|" +
  "hell|none|new|none|none|4|6|6|6|none|Too much data for file size|Can't write in this mode|none|none|1|Too much data for file size|0|Can't write in this mode|" +
  "none|1|Can't write in this mode|0|x|a|none|435";

function growing(start: Boot): void {
  const { machine, out } = bench(start);
  machine.exec(GROWING);
  same(out(), GREW, "output");
}

export const CASES: Case[] = [
  { name: "keeps files in Storage", run: files },
  { name: "keeps files that grow", run: growing },
  { name: "evaluates a module once", run: modules },
  { name: "hides natives no board has", run: hidden },
  { name: "counts arrays in vars", run: memoryModel },
  { name: "gives an array in pieces when the heap is scattered", run: memoryScattered },
  { name: "aborts a callback when memory is out", run: memoryOut },
  { name: "names what is not modelled", run: traps }
];

export { boot };
