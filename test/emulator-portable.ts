// Cases of the emulator that run in any ES5 engine. Programs are text, as on a board.

import type { Board } from "../boards/board";
import { pico } from "../boards/pico";
import { boot, type Machine, type Options } from "../boards/emulator/machine";
import { same, thrown } from "./verdict";

export type Boot = typeof boot;

export interface Case {
  name: string;
  run: (start: Boot) => void;
}

export interface Bench {
  machine: Machine;
  /** What the program printed since the last call, joined by "|". */
  out: () => string;
}

/** An Espruino Pico, or the given board, whose programs also have spend(ms) and abort(). */
export function bench(start: Boot, modules?: Options["modules"], board?: Board): Bench {
  let lines: string[] = [];
  const machine: Machine = start(board || pico, {
    modules: modules,
    print: (line) => void lines.push(line),
    pageNatives: {
      spend: (ms: number) => machine.spend(ms * 1000),
      abort: () => machine.abort("stopped")
    }
  });
  function out(): string {
    const text = lines.join("|");
    lines = [];
    return text;
  }
  return { machine, out };
}

/** A chip that answers each byte with its complement and keeps what it was sent: "<" selected, ">" released. */
function complement(): { log: string; select(): void; deselect(): void; transfer(byte: number): number } {
  const chip = {
    log: "",
    select: function () {
      chip.log += "<";
    },
    deselect: function () {
      chip.log += ">";
    },
    transfer: function (byte: number) {
      chip.log += byte + ",";
      return 255 - byte;
    }
  };
  return chip;
}

function timers(start: Boot): void {
  const { machine, out } = bench(start);
  const types = machine.exec(
    'setTimeout(function(){print("c",getTime())},3);setTimeout(function(x){print("a"+x,getTime())},1,7);' +
      'var id=setInterval(function(){print("b",getTime())},2);return typeof id'
  );
  same(types, "number", "type of an id");
  machine.run(4);
  same(out(), "a7 0.001|b 0.002|c 0.003|b 0.004", "output");
  same(machine.now(), 4000, "now");
  same(machine.idle(), 2, "ms to the next timer");
  machine.exec("clearInterval()");
  same(machine.idle(), -1, "ms to the next timer");
}

function builtins(start: Boot): void {
  const { machine } = bench(start);
  same(machine.exec('return typeof E+" "+typeof process+" "+typeof E.getAddressOf+" "+typeof process.env'), "function function function object", "types");
}

function catchUp(start: Boot): void {
  const { machine, out } = bench(start);
  machine.exec("var slow=25;setInterval(function(){print(getTime()*1000);spend(slow);slow=0},10)");
  machine.run(50);
  same(out(), "10|35|35|40|50", "times of the calls");
}

function orderMade(start: Boot): void {
  const { machine, out } = bench(start);
  machine.exec('setTimeout(function(){spend(30)},5);setTimeout(function(){print("first")},20);setTimeout(function(){print("second")},10)');
  machine.run(100);
  same(out(), "first|second", "order");
}

function exception(start: Boot): void {
  const { machine, out } = bench(start);
  machine.exec('var n=0;setInterval(function(){print(++n);if(n===2)throw new Error("oops")},10)');
  machine.run(30);
  same(out(), "1|2|Uncaught Error: oops|3", "output");
  same(machine.faults.join(), "Error: oops", "faults");
}

function aborted(start: Boot): void {
  const { machine, out } = bench(start);
  machine.exec("var n=0;setInterval(function(){print(++n);if(n===2)abort()},10);setInterval(function(){print('other')},25)");
  machine.run(60);
  same(out(), "1|2|Uncaught Error: stopped|other|other", "output");
  machine.exec("setInterval(function(){try{abort()}catch(e){print('caught')}},10)");
  machine.run(20);
  same(out(), "caught|other", "an abort the program swallows");
}

function change(start: Boot): void {
  const { machine, out } = bench(start);
  machine.exec("global.id=setInterval(function(){print(getTime()*1000)},10)");
  machine.run(15);
  machine.exec("changeInterval(id,3)");
  machine.run(7);
  same(out(), "10|18|21", "times of the calls");
  same(thrown(() => machine.exec("changeInterval(99,1)")), "Unknown Interval", "error");
  machine.exec("clearInterval(id)");
  machine.run(100);
  same(out(), "", "output of a cleared interval");
  same(thrown(() => machine.exec("clearInterval(undefined)")), "clearInterval(undefined) not allowed. Use clearInterval() instead", "error");
  same(thrown(() => machine.exec("setInterval(5,5)")), "Function or String not supplied!", "error");
}

function watch(start: Boot): void {
  const { machine, out } = bench(start);
  machine.exec(
    "function on(tag){return function(e){print(tag,e.state,e.time,e.lastTime,e.pin)}}" +
      "setWatch(on('up'),B3,{edge:'rising',repeat:true});setWatch(on('down'),B3,{edge:'falling',repeat:true});" +
      "setWatch(on('one'),B3);global.both=setWatch(on('both'),B3,{edge:'both',repeat:true})"
  );
  machine.run(10);
  machine.drive("B3", 1);
  machine.drive("B3", 1);
  machine.run(10);
  same(out().split(" undefined").join(""), "up true 0.01 B3|one true 0.01 B3|both true 0.01 B3", "rise");
  machine.exec("clearWatch(both)");
  machine.drive("B3", 0);
  same(out(), "", "output before the loop has turned");
  machine.run(10);
  same(out(), "down false 0.02 0.01 B3", "fall");
  machine.exec("clearWatch()");
  machine.drive("B3", 1);
  machine.run(10);
  same(out(), "", "output without watches");
}

function debounce(start: Boot): void {
  const { machine, out } = bench(start);
  machine.exec("setWatch(function(e){print(e.state,e.time)},B4,{edge:'both',repeat:true,debounce:10});setWatch(function(e){print('button')},BTN1)");
  for (let i = 0; i < 5; i++) {
    machine.drive("B4", !(i & 1));
    machine.drive("BTN1", 1);
    machine.run(2);
  }
  same(out(), "", "output while it bounces");
  machine.run(40);
  same(out(), "true 0.008|button", "output when it is still");
  machine.drive("B4", 0);
  machine.run(5);
  machine.drive("B4", 1);
  machine.run(40);
  same(out(), "", "output after a glitch");
}

function pins(start: Boot): void {
  const { machine } = bench(start);
  machine.exec("digitalWrite([A0,A1,LED1],6);pinMode(B9,'input_pullup')");
  same([machine.level("A0"), machine.level("A1"), machine.level("B2"), machine.level("B9")].join(), "true,true,false,true", "levels");
  machine.drive("A1", 0);
  same(machine.exec("return digitalRead([A0,A1,LED1])"), 4, "bits");
  same(machine.exec("A5.set();return A5.toggle()+','+getPinMode(A5)+','+A5"), "false,output,A5", "pin");
  same(thrown(() => machine.exec("digitalWrite('Z9',1)")), "Invalid pin Z9", "error");
}

function spiTypes(start: Boot): void {
  const { machine } = bench(start);
  const chip = complement();
  machine.spi.attach("B1", chip);
  machine.exec("SPI1.setup({sck:A5,miso:A6,mosi:A7,baud:1000000})");
  same(machine.exec("var r=SPI1.send(3,B1);return typeof r+r"), "number252", "send of a number");
  same(machine.exec("var r=SPI1.send('\\x01\\x02',B1);return typeof r+r.length+r.charCodeAt(1)"), "string2253", "send of a string");
  same(machine.exec("var r=SPI1.send([1,[2,'\\x03'],{data:4,count:2}],B1);return r.length+':'+r[0]+','+r[4]"), "5:254,251", "send of a list");
  same(machine.exec("var a=new Uint8Array([9,8]),r=SPI1.send(a,B1);return [r===a,r.length,a[0],r.buffer.byteLength].join()"), "false,2,9,2", "send of an array");
  same(chip.log, "<3,><1,2,><1,2,3,4,4,><9,8,>", "what the chip saw");
  chip.log = "";
  same(machine.exec("return typeof SPI1.write(2,[0,16],'AB',new Uint8Array([7,8]).subarray(1),B1)"), "undefined", "result of write");
  same(chip.log, "<2,0,16,65,66,8,>", "what the chip saw");
  chip.log = "";
  machine.exec("digitalWrite(B1,0);SPI1.send(1);SPI1.write(2);digitalWrite(B1,1);SPI1.setup({order:'lsb'});SPI1.send(1,B1)");
  same(chip.log, "<1,2,><128,>", "what the chip saw");
  same(machine.exec("return SPI2.send(7)"), 255, "byte from no chip");
  same(/^Expecting Number or iterable/.test(thrown(() => machine.exec("SPI1.send(undefined,B1)"))), true, "error");
  same(thrown(() => machine.exec("SPI1.setup({sck:B0})")), "not modelled: SPI1 with sck at B0 instead of A5", "error");
}

function spiTime(start: Boot): void {
  const { machine } = bench(start);
  machine.spi.attach("B1", complement(), "SPI2");
  machine.exec("SPI2.setup({baud:4000000});SPI2.write(new Uint8Array(200),B1)");
  same(machine.now(), 400, "microseconds for 200 bytes at 4 MHz");
  machine.exec("SPI1.send(0)");
  same(machine.now(), 480, "and one more at the default 100 kHz");
}

function spiClash(start: Boot): void {
  const { machine } = bench(start);
  const other = complement();
  machine.spi.attach("B1", complement());
  machine.spi.attach("B10", other);
  machine.exec("SPI1.write(5,B10)");
  same(other.log, "<5,>", "what the chip saw");
  machine.exec("digitalWrite(B10,0)");
  same(thrown(() => machine.exec("SPI1.send([1,2],B1)")), "CHIP_SELECT: SPI1: chips at B1 and B10 are both selected", "error");
  same(machine.level("B1"), true, "chip select after the error");
  same(thrown(() => machine.spi.attach("B1", other)), "two chips at B1", "error");
  same(thrown(() => machine.spi.attach("B2", other, "SPI9")), "no unit SPI9", "error");
}

function serialPieces(start: Boot): void {
  const { machine, out } = bench(start);
  let text = "";
  while (text.length < 100) text += String.fromCharCode(33 + (text.length % 90));
  machine.exec("Serial1.setup(115200);global.all='';Serial1.on('data',function(d){global.all+=d;print(d.length)})");
  machine.serial.send(text);
  machine.run(20);
  same(out(), "12|12|12|12|12|12|12|12|4", "bytes per event");
  same(machine.globals.all, text, "text");
  machine.serial.send(text);
  machine.run(100000 / 11520 - 0.1);
  same(machine.serial.left(), 4, "bytes under way after 99 byte times");
  machine.run(5);
  same(machine.globals.all, text + text, "text");
}

function serialSlow(start: Boot): void {
  const { machine, out } = bench(start);
  machine.exec("Serial1.setup(115200);Serial1.on('data',function(d){print(d.length);spend(20)})");
  machine.serial.send(new Uint8Array(256));
  machine.run(200);
  same(out(), "12|64|64|64|38|14", "bytes per event of a slow program");
  machine.exec("Serial1.setup(9600);Serial1.removeAllListeners('data');Serial1.print('up');Serial1.write([65,66])");
  same(machine.serial.take() + machine.serial.take(), "upAB", "what the program wrote");
  machine.serial.send("xyz");
  machine.run(10);
  same(machine.exec("return Serial1.available()+Serial1.read(2)"), "3xy", "unread");
  machine.exec("Serial1.on('data',function(d){print('late',d)})");
  machine.run(1);
  same(out(), "late z", "unread data for a new listener");
}

function events(start: Boot): void {
  const { machine, out } = bench(start);
  machine.exec("function f(a,b){print(a,b)}E.on('x',f);E.emit('x',1,2);print('first');E.kickWatchdog();E.on('y',f);E.removeListener('y',f);E.emit('y')");
  same(out(), "first", "output before the loop has turned");
  machine.idle();
  same(out(), "1 2", "output");
  machine.exec("E.on('z',function(){throw new Error('late')});E.on('z',function(){print('next')});E.emit('z')");
  machine.idle();
  same(out(), "Uncaught Error: late|next", "output of listeners");
  same(machine.exec("return E.toString([72,'i'])+E.toUint8Array('ab',3)[2]+E.clip(9,0,5)+E.sum('ab')"), "Hi35195", "conversions");
  // 2v29 keeps a string with a character above 255 in UTF-8
  same(machine.exec("return [].slice.call(E.toUint8Array('\\xff')).join()+' '+[].slice.call(E.toUint8Array('a\\u20ac\\xe9')).join()"), "255 97,226,130,172,195,169", "bytes of strings");
}

function printing(start: Boot): void {
  const { machine, out } = bench(start);
  machine.exec("console.log('a',1.5,true,undefined,null,{b:[1]},new Uint8Array([1,2]),new Error('e'),function(){})");
  same(out(), 'a 1.5 true undefined null {"b":[1]} [1,2] Error: e function () { ... }', "output");
  same(machine.exec("return process.env.BOARD+process.version"), "PICO_R1_32v29", "board");
}

export const CASES: Case[] = [
  { name: "runs timers in the order of their times", run: timers },
  { name: "has built-in objects of the type that Espruino gives them", run: builtins },
  { name: "keeps an interval's phase and catches up after a slow callback", run: catchUp },
  { name: "runs timers that are due together in the order they were made", run: orderMade },
  { name: "leaves an interval alive after an exception", run: exception },
  { name: "deletes an interval after an abort, even a swallowed one", run: aborted },
  { name: "changes and clears intervals", run: change },
  { name: "calls watches for their edges", run: watch },
  { name: "debounces watches", run: debounce },
  { name: "reads and writes pins", run: pins },
  { name: "gives back from SPI what it was given", run: spiTypes },
  { name: "lets SPI take its time", run: spiTime },
  { name: "refuses two selected chips", run: spiClash },
  { name: "hands on serial bytes in pieces as they arrive", run: serialPieces },
  { name: "hands on at most 64 bytes to a slow program", run: serialSlow },
  { name: "queues events", run: events },
  { name: "prints values", run: printing }
];

export { boot };
