// A real Espruino behind a pipe: its console as a board at the other end of a line has it.

import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Bench } from "./console";

const DIST = join(__dirname, "..", "dist");
const STORED = 2000; // characters of a line that writes to Storage

/** An Espruino for Linux in a folder of its own; `flash` is what is in its Storage. */
export class Interpreter implements Bench {
  heard: (text: string) => void = () => undefined;
  private readonly child;
  private readonly gone: Promise<void>;

  constructor(path: string, flash?: Buffer) {
    const folder = mkdtempSync(join(tmpdir(), "tidyheap-"));
    if (flash) writeFileSync(join(folder, "espruino.flash"), flash);
    // stdin stays open: after its end the interpreter reads garbage for ever
    this.child = spawn(path, [], { cwd: folder, stdio: ["pipe", "pipe", "ignore"] });
    this.child.stdout.on("data", (data: Buffer) => this.heard(data.toString("latin1")));
    this.child.stdin.on("error", () => undefined); // it has gone first
    this.child.on("error", () => undefined);
    this.gone = new Promise((done) => this.child.once("close", () => done(rmSync(folder, { recursive: true, force: true }))));
  }

  /** Writes a bundle to Storage, in pieces that its line takes. */
  store(name: string, file: string): void {
    const code = readFileSync(join(DIST, file), "latin1");
    for (let at = 0; at < code.length; at += STORED) this.write(`\x10require("Storage").write(${JSON.stringify(name)},${JSON.stringify(code.slice(at, at + STORED))},${at},${code.length})\n`);
  }

  write(text: string): void {
    this.child.stdin.write(Buffer.from(text, "latin1"));
  }

  /** Over when it has ended, by itself or by end(). */
  over(): Promise<void> {
    return this.gone;
  }

  end(): void {
    this.child.kill("SIGKILL"); // it ignores SIGTERM
  }
}
