// A board at the other end of a line, for the tests of the live view: an emulated one with Espruino's console.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { BOARDS } from "../boards/index";
import { sandbox } from "../boards/emulator/sandbox";
import type { Machine } from "../boards/emulator/machine";

const DIST = join(__dirname, "..", "dist");

/** A board with a console. */
export interface Bench {
  /** Puts bytes on its line, a character each. */
  write(text: string): void;
  /** Gets what it sends. */
  heard: (text: string) => void;
  end(): void;
}

const WIPE = "\r\x1b[J"; // before anything is printed while a prompt stands there

/**
 * The console of Espruino 2v29 on an emulated board, as it answers over a pipe: a line that begins with DLE is not echoed, others are and show
 * their value; what is printed wipes the prompt, which then stands there again; an error is told and ends nothing.
 */
export class Console implements Bench {
  readonly machine: Machine;
  heard: (text: string) => void = () => undefined;
  private typed = "";
  private prompt = true;

  constructor(modules: Record<string, string>, board = "pico") {
    this.machine = sandbox(BOARDS[board], { print: (line) => this.print(line) });
    for (const [name, file] of Object.entries(modules)) this.machine.load(name, readFileSync(join(DIST, file), "utf8"));
  }

  write(text: string): void {
    for (const letter of text) {
      if (letter === "\b") this.typed = this.typed.slice(0, -1);
      else if (letter !== "\n" && letter !== "\r") this.typed += letter;
      else if (letter === "\n") this.run();
    }
  }

  /** Lets time pass on the board. */
  pass(ms: number): void {
    this.machine.run(ms);
  }

  /** What a board prints when it starts. */
  greet(): void {
    this.heard("\r\n ____                 _ \r\n|  __|___ ___ ___ _ _|_|___ ___ \r\n espruino.com\r\n 2v29 (c) 2026 G.Williams\r\n\r\nhttp://espruino.com/Donate\r\n\r\n>");
    this.prompt = true;
  }

  end(): void {}

  private print(line: string): void {
    this.heard(`${this.prompt ? WIPE : ""}${line}\r\n${this.prompt ? ">" : ""}`);
  }

  private run(): void {
    const quiet = this.typed[0] === "\x10";
    const code = quiet ? this.typed.slice(1) : this.typed;
    this.typed = "";
    this.prompt = false;
    if (!quiet) this.heard(`${code}\r\n`);
    try {
      this.machine.exec(code);
    } catch (error) {
      this.heard(`Uncaught ${String(error)}\r\n    at REPL (:1:1)\r\n`);
    }
    this.prompt = true;
    this.heard(">");
  }
}

/** A program with a pool (`global.pool`), of which each `step()` allocates, frees or locks. Runs on a board and on an emulated one. */
export const PROGRAM = `(function(){
var pool=require("tidyheap").create({size:4096,handles:64}),held=[],seed=7;
function rnd(n){seed=(seed*1103+12345)%65536;return (seed>>3)%n}
global.pool=pool;
global.held=held;
global.step=function(){
var h=held.length>30||(held.length&&rnd(3)==0)?0:pool.alloc(8+rnd(150));
if(h){held.push(h);if(rnd(9)==0)pool.lock(h)}
else if(held.length){h=held.splice(rnd(held.length),1)[0];try{pool.free(h)}catch(e){pool.unlock(h);pool.free(h)}}
}})()`.replace(/\n/g, "");
