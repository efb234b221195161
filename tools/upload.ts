import { readFileSync, writeFileSync } from "node:fs";
import { basename, resolve } from "node:path";
import { advise, type Board } from "../boards/board";
import { BOARDS } from "../boards/index";
import { command, options, Progress, whole } from "./command";
import { printed, shown } from "./terminal";
import { fits, identify, lengths, OLDEST, provides, room, suits, title, vars } from "./upload/check";
import { Console, during, Unanswered, type ConsoleOptions } from "./upload/console";
import { choose, FLAVOURS, read, type Module } from "./upload/flavour";
import { hex, image, type File } from "./upload/hex";
import { cache, prove, start, store, type Show } from "./upload/install";
import { program, type Program } from "./upload/program";
import { open, ports, type WireOptions } from "./upload/wire";

/** What an upload is asked for. */
export interface Settings {
  port: string;
  board?: Board;
  modules: Module[];
  storage: boolean;
  boot: boolean;
  program?: Program;
  untested: boolean;
  wire: WireOptions;
  console: ConsoleOptions;
  /** HEX file to write instead of talking to a board, and the firmware to put into it. */
  hex: string;
  firmware: string;
}

const BAUD = 9600; // of Espruino's consoles on serial ports, unless a board's file says another
const ANSWER_MS = 6000;
const WRITES = 10; // times an answer: the longest known work is to compact 8 MB of Storage, a minute
const SETTLE_MS = 400;
const PIECE_BYTES = 256; // a line of about 350 characters, less than any board's input buffer less what it keeps for XOFF
const OPEN_MS = 20000; // three scans for a Bluetooth device
const SLOW_MS = 50; // as the espruino package with its SERIAL_THROTTLE_SEND
const PRINTED = 5; // lines of what the program prints that are shown
const LIST_MS = 20000;
const BOOT = ".bootcde"; // runs when the board starts, not after reset(); src/jsflash.c of Espruino
const BOOT_RESET = ".bootrst"; // runs after reset() as well, and takes the place of .bootcde

const HELP = `usage: npm run upload -- --port PORT [--flavour NAMES] [--storage [--boot]] [app.js]
       npm run upload -- --hex FILE --board NAME [--firmware FILE] [--flavour NAMES] [--boot app.js]

Puts tidyheap onto a board with Espruino ${OLDEST} or newer, tries it there, and runs app.js. Checks port, firmware, board and room before it writes.

  --port PORT       /dev/ttyACM0, COM3, tcp://host:port, or name or address of a Bluetooth device; without it the ports here are listed
  --flavour NAMES   ${FLAVOURS.map(({ name }) => name).join(" ")}; several with commas. Default: what app.js requires, else full
                    spi and page bring far, fram and page bring spi, thumb, record, kit full, unless a pool for them is named
  --storage         into Storage, where modules stay without power and take half the JsVars; else into RAM until reset
  --boot            app.js into Storage as well, to run whenever the board starts (needs --storage)
  --board NAME      ${Object.keys(BOARDS).join(" ")}: refuse any other
  --baud N          of a serial port; default 115200 with --board esp32 and esp32s3, else ${BAUD}; USB takes any
  --slow            20 bytes every 50 ms, for boards that lose what comes faster
  --timeout S       seconds to wait for an answer, default ${ANSWER_MS / 1000}
  --untested        go on with firmware older than ${OLDEST}
  --hex FILE        write a HEX file with Storage and these modules in it, for ${hexed().join(", ")}
  --firmware FILE   put this HEX file of the firmware into it: then it is all a board needs

Exit code 0 when all was written, compared and tried, else 1 and one line that says what is wrong.`;

/** Every option. */
export const OPTIONS = {
  port: { type: "string", short: "p" },
  flavour: { type: "string" },
  board: { type: "string" },
  storage: { type: "boolean" },
  boot: { type: "boolean" },
  baud: { type: "string" },
  slow: { type: "boolean" },
  timeout: { type: "string" },
  untested: { type: "boolean" },
  hex: { type: "string" },
  firmware: { type: "string" }
} as const;

/** Short names of the boards that can be given a HEX file. */
function hexed(): string[] {
  return Object.keys(BOARDS).filter((name) => BOARDS[name].storageAt);
}

/** What the arguments ask for. Throws what explain() of command.ts makes one line of, on what is wrong in them or in the program. */
export function settings(args: string[]): Settings {
  const { values, rest } = options(args, OPTIONS, 1);
  const text = (name: string): string => (values[name] as string | undefined) ?? "";
  const board = BOARDS[text("board")] as Board | undefined;
  if (values.board && (!board || !Object.keys(BOARDS).includes(text("board")))) throw new Error(`no board "${text("board")}", there are ${Object.keys(BOARDS).join(", ")}`);
  const app = rest.length ? program(rest[0], readFileSync(rest[0], "utf8")) : undefined;
  if (values.boot && !app) throw new Error("--boot needs a program: what should run when the board starts?");
  if (values.boot && !values.storage && !values.hex) throw new Error("--boot needs --storage, because the program finds its modules there");
  if (values.firmware && !values.hex) throw new Error("--firmware is for --hex FILE");
  if (values.hex && [text("firmware"), ...rest].some((path) => path && resolve(path) === resolve(text("hex")))) throw new Error(`--hex is ${text("hex")}: what is in it would be gone`);
  if (/^[\w.-]+:\d+$/.test(text("port"))) throw new Error(`--port is ${text("port")}: a board on the network is tcp://${text("port")}`);
  const answerMs = (whole("--timeout", values.timeout, 1, 600) ?? ANSWER_MS / 1000) * 1000;
  return {
    port: text("port"),
    board,
    modules: choose(text("flavour"), app?.requires).map((flavour) => read(flavour)),
    storage: !!values.storage,
    boot: !!values.boot,
    program: app,
    untested: !!values.untested,
    wire: { openMs: Math.max(OPEN_MS, answerMs), baud: whole("--baud", values.baud, 300, 4000000) ?? board?.baud ?? BAUD },
    console: { answerMs, writeMs: WRITES * answerMs, settleMs: SETTLE_MS, paceMs: values.slow ? SLOW_MS : 0, pieceBytes: PIECE_BYTES },
    hex: text("hex"),
    firmware: text("firmware")
  };
}

/** The files Storage is to have. */
function files({ modules, boot, program: app }: Settings): File[] {
  const list = modules.map(({ module, text }) => ({ name: module, data: Buffer.from(text, "latin1") }));
  return boot && app ? [...list, { name: BOOT, data: Buffer.from(app.text, "latin1") }] : list;
}

/** Writes the HEX file. Throws when the board has none, the files do not fit, the firmware is not for it, or what the system says of a file. */
export function write(wanted: Settings): string[] {
  const { board, firmware, program: app, boot } = wanted;
  if (!board) throw new Error(`--hex needs --board, one of ${hexed().join(", ")}`);
  if (!board.storageAt) throw new Error(`${board.title} is not flashed with a HEX file: use --port and --storage; HEX files are for ${hexed().join(", ")}`);
  if (app && !boot) throw new Error(`a HEX file has Storage only, and not what runs in RAM: add --boot to make ${app.name} run when the board starts`);
  const flash = image(files(wanted), board.storageBytes);
  const text = firmware ? readFileSync(firmware, "latin1") : "";
  const made = (() => {
    try {
      return hex(board.storageAt, flash, text);
    } catch (error) {
      throw new Error(`${basename(firmware)}: ${(error as Error).message}`);
    }
  })();
  writeFileSync(wanted.hex, made, "latin1");
  const names = files(wanted).map(({ name }) => name).join(", ");
  return [
    `${wanted.hex}: Storage of ${board.title} at 0x${board.storageAt.toString(16)}, ${board.storageBytes} bytes, with ${names}. It replaces every file that is in Storage now.`,
    firmware
      ? `Next: flash it, and type require("tidyheap") into a console${boot ? "" : ", or send a program that does"}.`
      : "Next: flash it with a tool that erases only the pages in the file (nrfutil device program --options chip_erase_mode=ERASE_RANGES_TOUCHED_BY_FIRMWARE); one that erases the whole chip, as a drive does to which files are copied, needs --firmware."
  ];
}

/** Throws with the ports this machine has. */
async function refuse(port: string): Promise<never> {
  const { ports: list, lacks } = await ports(LIST_MS);
  const found = list.length ? list.map(({ path, about }) => (about ? `${path} (${about})` : path)).join(", ") : "none";
  const more = lacks.length ? ` (${lacks.join("; ")})` : "";
  throw new Error(`${port ? `${port}: there is no such port` : "--port is missing"}. Ports here: ${found}${more}; a board on the network is tcp://host:port`);
}

/**
 * Puts everything onto the board and proves it. Throws one line. `say` gets a line for each step that is done. `halt` is called once there is a
 * connection; when what it gives is aborted, the upload ends as soon as the board has answered, and erases a file that is half written.
 */
export async function upload(wanted: Settings, say: (line: string) => void, show: Show, halt?: () => AbortSignal): Promise<void> {
  const wire = await open(wanted.port, wanted.wire).catch((error) => (/there is no such port/.test(error.message) ? refuse(wanted.port) : Promise.reject(error)));
  try {
    await talk(new Console(wire, wanted.console, halt?.()), wanted, say, show);
  } finally {
    wire.close();
  }
}

async function talk(console: Console, wanted: Settings, say: (line: string) => void, show: Show): Promise<void> {
  const { modules, storage, program: app } = wanted;
  await hello(console, wanted);
  const identity = await identify(console);
  suits(identity, wanted.board, wanted.untested, wanted.boot);
  if (app) await provides(console, identity, app, modules);
  await during("starting it afresh", () => console.restart("reset()"));
  const free = await room(console, identity);
  const own = storage ? files(wanted) : [];
  const old = own.length && identity.modules.includes("Storage") ? await during("looking into Storage", () => lengths(console, own.map(({ name }) => name))) : [];
  say(`${title(identity.board)}, firmware ${identity.version}: ${free.vars} JsVars and ${free.storage} bytes of Storage are free`);
  fits(free, vars(modules, storage, app), own, old, storage ? "Storage" : "RAM");
  for (const one of own) {
    const written = await store(console, one, show);
    say(`${one.name}: ${one.data.length} bytes ${written ? "written to Storage and compared" : "are in Storage already"}`);
  }
  for (const one of modules) {
    if (!storage) await cache(console, one, show);
    await prove(console, one, storage);
    say(`${one.module}: require("${one.module}") works, tried on the board`);
  }
  if (app) await launch(console, wanted, app, say, show);
  say(next(wanted, identity.board));
}

async function hello(console: Console, { port, wire, console: { answerMs } }: Settings): Promise<void> {
  try {
    await console.hello();
  } catch (error) {
    if (!(error instanceof Unanswered) || error.kind !== "late" || /password/i.test(error.text)) return during("greeting it", () => Promise.reject(error));
    const said = error.text.trim().split("\n").at(-1)?.slice(0, 60);
    const speed = /^tcp:/i.test(port) ? "" : `, that it runs at ${wire.baud} baud (--baud)`;
    throw new Error(`no Espruino answers at ${port} within ${answerMs / 1000} s${said ? `, it says ${JSON.stringify(said)}` : ""}: check that this is the board${speed} and that its console is on this port`);
  }
}

async function launch(console: Console, { boot, storage }: Settings, app: Program, say: (line: string) => void, show: Show): Promise<void> {
  // what was tried in Storage leaves RAM again
  if (storage && !boot) await during("starting it afresh", () => console.restart("reset()"));
  if (boot) await during(`erasing ${BOOT_RESET}`, () => console.run(`require("Storage").erase("${BOOT_RESET}");`));
  console.heard();
  const text = boot ? await during(`starting ${app.name}`, () => console.restart("load()").then(() => console.settle())) : await start(console, app, show);
  const lines = printed(text);
  say(`${app.name}: runs, without an error so far${lines.length ? ", and prints" : ""}`);
  for (const line of lines.slice(0, PRINTED)) say(`  ${line}`);
  if (lines.length > PRINTED) say(`  ... ${lines.length - PRINTED} more lines`);
}

function next({ port, program: app, storage, boot, modules, board }: Settings, name: string): string {
  const known = board ?? Object.values(BOARDS).find((one) => one.name === name);
  const look = `npx espruino -p ${port}${/^tcp:/i.test(port) ? " --no-ble" : ""}`;
  if (boot) return `Done: it starts by itself from now on. To watch it: ${look}`;
  if (app) return `Done: it runs until the board is reset. To watch it: ${look}${storage ? "; to start it with the board, repeat with --boot" : "; to keep the modules, repeat with --storage"}`;
  const { size, handles } = known ? advise(known) : { size: 4096, handles: 85 };
  const call = modules.some(({ module }) => module === "tidyheap") ? `var pool = require("tidyheap").create({ size: ${size}, handles: ${handles} });` : `require("${modules[0].module}")`;
  return `Done. Next, in a program or in the console (${look}): ${call}${storage ? "" : " It is gone after a reset; --storage keeps it."}`;
}

async function main(args: string[]): Promise<void> {
  const wanted = settings(args);
  if (wanted.hex) return write(wanted).forEach((line) => console.log(line));
  if (!wanted.port) return refuse("");
  const progress = new Progress();
  const say = (line: string): void => {
    progress.end();
    console.log(shown(line));
  };
  const halt = new AbortController();
  const interrupted = (): void => halt.abort();
  try {
    await upload(wanted, say, (text, done, total) => progress.show(text, done, total), () => {
      process.once("SIGINT", interrupted); // a second one ends it as it is
      return halt.signal;
    });
  } finally {
    process.off("SIGINT", interrupted);
    progress.end();
  }
}

if (require.main === module) command("upload", HELP, main);
