// Boards at the other end of a line, for the tests of the live view: an emulated one with Espruino's console, and a real interpreter.

import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BOARDS } from "../boards/index";
import { sandbox } from "../boards/emulator/sandbox";
import type { Machine } from "../boards/emulator/machine";
import type { Engine } from "../tools/engine";

const DIST = join(__dirname, "..", "dist");

/** A board with a console. */
export interface Bench {
  /** Puts bytes on its line, a character each. */
  write(text: string): void;
  /** Gets what it sends. */
  heard: (text: string) => void;
  end(): void;
}

const STORED = 2000; // characters of a line that writes to Storage
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

/** A real Espruino behind a pipe, with modules in its Storage and a program that it has run. */
export class Interpreter implements Bench {
  heard: (text: string) => void = () => undefined;
  private readonly child;
  private readonly folder = mkdtempSync(join(tmpdir(), "tidyheap-"));

  constructor(engine: Engine) {
    this.child = spawn(engine.path, [], { cwd: this.folder, stdio: ["pipe", "pipe", "ignore"] });
    this.child.stdout.on("data", (data: Buffer) => this.heard(data.toString("latin1")));
    this.child.stdin.on("error", () => undefined); // it has gone first
    this.child.on("error", () => undefined);
  }

  /** Writes a bundle to Storage, in pieces that its line takes. */
  store(name: string, file: string): void {
    const code = readFileSync(join(DIST, file), "latin1");
    for (let at = 0; at < code.length; at += STORED) this.write(`\x10require("Storage").write(${JSON.stringify(name)},${JSON.stringify(code.slice(at, at + STORED))},${at},${code.length})\n`);
  }

  write(text: string): void {
    this.child.stdin.write(Buffer.from(text, "latin1"));
  }

  end(): void {
    this.child.kill("SIGKILL");
    this.child.on("close", () => rmSync(this.folder, { recursive: true, force: true }));
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
