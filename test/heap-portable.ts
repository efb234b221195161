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

export const CASES: Case[] = [
  { name: "keeps files in Storage", run: files },
  { name: "evaluates a module once", run: modules },
  { name: "hides natives no board has", run: hidden },
  { name: "counts arrays in vars", run: memoryModel },
  { name: "gives an array in pieces when the heap is scattered", run: memoryScattered },
  { name: "aborts a callback when memory is out", run: memoryOut },
  { name: "names what is not modelled", run: traps }
];

export { boot };
