import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { extname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { command, options, Progress, whole } from "./command";
import { html } from "./live/html";
import { serve } from "./live/server";
import { number } from "./number";
import type { Html } from "./picture/shell";

const PORT = 8417;
const HELP = `usage: npm run live [-- options]
Shows a pool on a board while the program runs: a page for Chrome, Edge or Opera that talks to the board over a serial port
(Web Serial) or Bluetooth (Web Bluetooth). Ctrl-C ends it.

  --port N   port of 127.0.0.1, 0 for any that is free (default ${PORT}, or a free one if that is taken)
  --open     opens the page in the browser of this machine
  -o FILE    writes the page as a file (.html) instead: for a server with https, or to open it as it is
  --help     this text

docs/live.md says what it costs on the board, and what to do when something goes wrong.`;

const TEXT = { type: "string" } as const;

interface Output {
  write(text: string): unknown;
}

/** The page, bundled. Rejects when the sources do not compile. */
export async function build(): Promise<Html> {
  const { page } = await import("./bundle"); // rollup and TypeScript: slow to load, not needed to refuse
  return html(await page(join(__dirname, "live", "page.ts")));
}

/** Does what the arguments say with the page that `make` makes; serves until `over`. */
export async function live(args: string[], over: Promise<unknown>, out: Output = process.stdout, make = build): Promise<void> {
  const { values } = options(args, { port: TEXT, o: { ...TEXT, short: "o" }, open: { type: "boolean" } });
  const port = whole("--port", values.port, 0, 65535);
  const file = values.o as string | undefined;
  if (file !== undefined && ![".html", ".htm"].includes(extname(file).toLowerCase())) throw new Error(`-o is ${file}, expected a name that ends with .html`);
  if (file !== undefined && (port !== undefined || values.open)) throw new Error("-o writes a file: --port and --open are for a page that is served");
  const progress = new Progress();
  progress.show("bundling the page");
  const page = await make();
  progress.end();
  if (file !== undefined) return write(file, page, out);
  const served = await serve(page, port ?? PORT, port !== undefined && port !== 0);
  if (served.moved) out.write(`Port ${PORT} is taken.\n`);
  out.write(`${served.url}\nOpen it in Chrome, Edge or Opera, then connect the board and choose its port. Ctrl-C ends this.\n`);
  if (values.open) open(served.url, out);
  await over;
  await served.close();
  out.write("The page is no longer served; one that is open goes on working.\n");
}

function write(file: string, { html }: Html, out: Output): void {
  writeFileSync(file, html);
  out.write(`${number(html.length)} bytes: ${pathToFileURL(resolve(file)).href}\nOpen it in Chrome or Edge, or put it on a server with https.\n`);
}

/** Opens an address in the browser of this machine, by the program that its system has for it. */
function open(url: string, out: Output): void {
  const [program, ...args] = { win32: ["explorer.exe", url], darwin: ["open", url] }[process.platform as string] ?? ["xdg-open", url];
  const child = spawn(program, args, { stdio: "ignore", detached: true });
  child.on("error", () => out.write(`${program} is not there: open the address by hand.\n`));
  child.unref();
}

/** Over with Ctrl-C, or when whoever started this ends it. */
function interrupted(): Promise<void> {
  return new Promise((done) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => done());
  });
}

if (require.main === module) command("live", HELP, (args) => live(args, interrupted()));
