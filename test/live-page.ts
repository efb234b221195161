import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BrowserContextOptions, Page } from "playwright-core";
import { parse, verify } from "../tools/trace";
import { build, live } from "../tools/live";
import type { Html } from "../tools/picture/shell";
import { serve, type Served } from "../tools/live/server";
import { browsing } from "./browser";
import { Console, PROGRAM, type Bench } from "./console";
import { Interpreter } from "./interpreter";
import { on } from "./suite";

const ROOT = join(__dirname, "..");
const FULL = { tidyheap: "tidyheap.min.js", "tidyheap-record": "tidyheap-record.min.js" };
const PACKET = 20; // bytes of what is written by radio

/** What stands for the browser's own in the page: a port, or a radio, whose far end is in the test. */
function fake(): void {
  const world = window as any;
  const state = (world.fake = { refuse: "", busy: "", chosen: 0, opened: [] as number[], packets: [] as number[], port: undefined as any, hear: (piece: string) => void piece, pull: () => {}, back: () => {} });
  const bytes = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
  const text = (data: Uint8Array) => Array.from(data, (byte) => String.fromCharCode(byte)).join("");
  class Port extends EventTarget {
    readable: ReadableStream | null = null;
    writable: WritableStream | null = null;
    out: any;
    async open({ baudRate }: { baudRate: number }): Promise<void> {
      if (state.busy) throw new DOMException("Failed to open serial port.", state.busy);
      if (this.readable) throw new DOMException("The port is already open.", "InvalidStateError");
      state.opened.push(baudRate);
      this.readable = new ReadableStream({ start: (out) => void (this.out = out) });
      this.writable = new WritableStream({ write: (data: Uint8Array) => world.far(text(data)) });
      state.hear = (piece) => this.out.enqueue(bytes(piece));
    }
    async close(): Promise<void> {
      if (this.readable?.locked || this.writable?.locked) throw new TypeError("Cannot cancel a locked stream");
      this.readable = this.writable = null;
    }
  }
  class Ports extends EventTarget {
    list: Port[] = [];
    async requestPort(): Promise<Port> {
      if (state.refuse) throw new DOMException("no", state.refuse);
      if (!navigator.userActivation.isActive) throw new DOMException("Must be handling a user gesture", "SecurityError");
      state.chosen++;
      this.list = [(state.port = new Port())];
      return state.port;
    }
    async getPorts(): Promise<Port[]> {
      return this.list;
    }
  }
  const ports = new Ports();
  state.pull = () => {
    const { port } = state;
    ports.list = [];
    port.out.error(new DOMException("The device has been lost.", "NetworkError"));
    port.dispatchEvent(new Event("disconnect"));
  };
  state.back = () => {
    ports.list = [state.port];
    ports.dispatchEvent(new Event("connect"));
  };

  class Characteristic extends EventTarget {
    value: DataView | undefined;
    async startNotifications(): Promise<void> {}
    async writeValueWithoutResponse(data: Uint8Array): Promise<void> {
      state.packets.push(data.length);
      await world.far(text(data));
    }
  }
  class Device extends EventTarget {
    readonly gatt = {
      connect: async () => {
        if (state.busy) throw new DOMException("Connection failed", "NetworkError");
        return this.gatt;
      },
      disconnect: () => undefined,
      getPrimaryService: async () => ({ getCharacteristic: async (name: string) => (name.startsWith("6e400003") ? this.hears : this.takes) })
    };
    readonly hears = new Characteristic();
    readonly takes = new Characteristic();
  }
  const radio = {
    requestDevice: async () => {
      if (state.refuse) throw new DOMException("no", state.refuse);
      const device = new Device();
      state.hear = (piece) => {
        // a view into something larger, as browsers may give
        const all = bytes(`__${piece}`);
        device.hears.value = new DataView(all.buffer, 2);
        device.hears.dispatchEvent(new Event("characteristicvaluechanged"));
      };
      state.pull = () => device.dispatchEvent(new Event("gattserverdisconnected"));
      return device;
    }
  };
  Object.defineProperty(navigator, "serial", { value: ports, configurable: true });
  Object.defineProperty(navigator, "bluetooth", { value: radio, configurable: true });
}

function wait(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms));
}

describe("live page", function () {
  this.timeout(30_000);
  let page: Html;
  let served: Served;
  before(async () => {
    page = await build();
    served = await serve(page, 0, false);
  });
  after(() => served?.close());

  /** What a server says to a request. */
  function ask(options: object): Promise<{ code: number; headers: any; body: string }> {
    const { port } = new URL(served.url);
    return new Promise((done, failed) => {
      request({ host: "127.0.0.1", port, ...options }, (response) => {
        let body = "";
        response.on("data", (data) => (body += data));
        response.on("end", () => done({ code: response.statusCode!, headers: response.headers, body }));
      })
        .on("error", failed)
        .end();
    });
  }

  describe("server", () => {
    it("gives one page under a policy that lets nothing else load", async () => {
      const { code, headers, body } = await ask({ path: "/" });
      assert.deepEqual([code, body], [200, page.html]);
      assert.match(headers["content-security-policy"], /^default-src 'none'; script-src 'sha256-[^']+'; style-src 'sha256-[^']+'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'$/);
      assert.deepEqual([headers["x-content-type-options"], headers["referrer-policy"], headers["permissions-policy"]], ["nosniff", "no-referrer", "serial=(self)"]);
      assert.equal((await ask({ path: "/", method: "HEAD" })).body, "");
    });

    it("refuses other names, paths and methods", async () => {
      const port = new URL(served.url).port;
      for (const host of ["evil.example", `evil.example:${port}`, "127.0.0.1", "127.0.0.1:1"]) assert.equal((await ask({ path: "/", headers: { Host: host } })).code, 403, host);
      assert.equal((await ask({ path: "/", headers: { Host: `localhost:${port}` } })).code, 200);
      for (const path of ["/x", "/../package.json", "/?a", "//", "/%2e%2e/"]) assert.equal((await ask({ path })).code, 404, path);
      for (const method of ["POST", "PUT", "DELETE", "OPTIONS"]) assert.equal((await ask({ path: "/", method })).code, 405, method);
    });

    it("takes another port when the usual one is taken, and says when the one that was asked for is", async () => {
      const other = createServer();
      await new Promise<void>((done) => other.listen(0, "127.0.0.1", done));
      const { port } = other.address() as AddressInfo;
      try {
        const free = await serve(page, port, false);
        assert.deepEqual([free.moved, free.url === `http://127.0.0.1:${port}/`], [true, false]);
        await free.close();
        await assert.rejects(serve(page, port, true), { message: `port ${port} is taken: --port 0 takes a free one` });
      } finally {
        other.close();
      }
    });

    it("ends with Ctrl-C", async function () {
      if (process.platform === "win32") this.skip();
      const child = spawn(process.execPath, ["--import=tsx", join(ROOT, "tools", "live.ts"), "--port", "0"], { cwd: ROOT });
      let out = "";
      const url = await new Promise<string>((done, failed) => {
        child.stdout.on("data", (data) => ((out += data), /^http:\S+/m.test(out) && out.includes("Ctrl-C") && done(/^http:\S+/m.exec(out)![0])));
        child.stderr.on("data", (data) => failed(new Error(String(data))));
        child.on("error", failed);
      });
      assert.equal((await fetch(url)).status, 200);
      child.kill("SIGINT");
      const code = await new Promise((done) => child.on("close", done));
      assert.deepEqual([code, /no longer served/.test(out)], [0, true]);
    });

    it("writes the page as a file, and refuses what makes no sense", async () => {
      const folder = mkdtempSync(join(tmpdir(), "tidyheap-"));
      const said: string[] = [];
      const out = { write: (text: string) => said.push(text) };
      try {
        await live(["-o", join(folder, "live.html")], Promise.resolve(), out, async () => page);
        assert.equal(readFileSync(join(folder, "live.html"), "utf8"), page.html);
        assert.match(said.join(""), /bytes: file:\/\/.*live\.html\nOpen it/);
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
      const wrong: [string[], RegExp][] = [[["-o", "live.txt"], /ends with \.html/], [["-o", "a.html", "--port", "1"], /-o writes a file/], [["--port", "x"], /--port is x, expected/], [["--porte"], /no option --porte/], [["more"], /one too many/]];
      for (const [args, message] of wrong) await assert.rejects(live(args, Promise.resolve(), out), { message });
    });

    it("is small", () => assert.ok(page.html.length < 120_000, `${page.html.length} bytes`));
  });

  browsing("in Chromium", (browser) => {
    /** The page with a board at its far end. */
    class Desk {
      private readonly faults: string[] = [];
      private readonly requests: string[] = [];
      private sending: Promise<unknown> = Promise.resolve();
      private unheard = "";
      private constructor(readonly page: Page, readonly bench: Bench) {}

      static async open(bench: Bench, options: BrowserContextOptions = {}, bare = false): Promise<Desk> {
        const context = await browser().newContext({ acceptDownloads: true, ...options });
        const page = await context.newPage();
        const desk = new Desk(page, bench);
        page.on("console", (message) => ["error", "warning"].includes(message.type()) && desk.faults.push(message.text()));
        page.on("pageerror", (error) => desk.faults.push(error.message));
        page.on("request", (one) => desk.requests.push(one.url()));
        await page.exposeFunction("far", (text: string) => bench.write(text));
        bench.heard = (text) => desk.hear(text);
        await page.addInitScript("globalThis.__name = (named) => named"); // what tsx puts into functions
        if (bare) await page.addInitScript(() => ["serial", "bluetooth"].forEach((name) => Object.defineProperty(navigator, name, { value: undefined })));
        else await page.addInitScript(fake);
        await page.goto(served.url);
        return desk;
      }

      /** Hands on what the board sends in pieces of a packet, all there are at a time. */
      private hear(text: string): void {
        this.unheard += text;
        this.sending = this.sending.then(async () => {
          const pieces = this.unheard.match(/[^]{1,20}/g) ?? [];
          this.unheard = "";
          if (pieces.length) await this.page.evaluate((all) => all.forEach((one) => (window as any).fake.hear(one)), pieces).catch(() => undefined);
        });
      }

      set(name: string, value: unknown): Promise<unknown> {
        return this.page.evaluate(([key, what]) => ((window as any).fake[key as string] = what), [name, value]);
      }

      async connect(way = "serial"): Promise<void> {
        await this.page.fill("#interval", "0.1");
        await this.page.click(`#${way}`);
        await this.status(/^Live/);
      }

      /** Waits until the status says this. */
      async status(text: RegExp): Promise<void> {
        await this.page.waitForFunction(([source]) => new RegExp(source).test(document.getElementById("status")!.textContent!), [text.source], { timeout: 9000 }).catch(async () => {
          assert.match(await this.page.innerText("#status"), text);
        });
      }

      /** Waits for an answer that was asked for from here on. */
      async fresh(): Promise<void> {
        const now = Number(await this.page.evaluate(() => document.body.dataset.answers));
        await this.page.waitForFunction((least) => Number(document.body.dataset.answers) >= least, now + 2);
      }

      async shows(name: string): Promise<string> {
        return this.page.innerText(`#counters [data-name="${name}"]`);
      }

      map(): Promise<string> {
        return this.page.evaluate(() => document.getElementById("map")!.dataset.map!);
      }

      async end(): Promise<void> {
        assert.deepEqual(this.faults.slice(0, 3), [], "errors on the console");
        assert.deepEqual(this.requests.filter((url) => url !== served.url && !/^(blob|data):/.test(url)), [], "other requests");
        await this.page.context().close();
        this.bench.end();
      }
    }

    function board(): Console {
      const bench = new Console(FULL);
      bench.machine.exec(`${PROGRAM};for(var i=0;i<40;i++)global.step()`);
      return bench;
    }

    const first = (text: string) => Number(text.replace(/,/g, "").split(" ")[0]);

    for (const way of ["serial", "bluetooth"]) {
      it(`shows over ${way} what the pool itself says, as it changes`, async () => {
        const bench = board();
        const desk = await Desk.open(bench);
        await desk.connect(way);
        const maps = new Set<string>();
        for (let i = 0; i < 3; i++) {
          bench.machine.exec("for(var i=0;i<9;i++)step();print('stepped')");
          await desk.fresh();
          const { pool } = bench.machine.globals;
          const stat = pool.stat();
          assert.equal(await desk.map(), pool.map(64));
          for (const name of ["used", "free", "largest", "live", "moves"]) assert.equal(first(await desk.shows(name)), stat[name], name);
          assert.equal(first(await desk.shows("refused")), Object.values<number>(stat.refused).reduce((a, b) => a + b));
          assert.equal(await desk.shows("fragmentation"), `${Math.round(100 * (1 - stat.largest / stat.free))} %`);
          maps.add(await desk.map());
        }
        assert.equal(maps.size, 3);
        assert.equal(await desk.page.innerText("#console"), "stepped\n".repeat(3));
        const cells = await desk.page.evaluate(() => [...document.querySelectorAll("#map i")].map((cell) => ({ whole: "#", part: "+", free: ".", lock: "@" })[cell.className]).join(""));
        assert.equal(cells, await desk.map());
        assert.match((await desk.page.getAttribute("#map", "aria-label"))!, /^Map in 64 parts: \d+ in use/);
        if (way === "bluetooth") {
          assert.ok((await desk.page.evaluate(() => Math.max(...(window as any).fake.packets))) <= PACKET);
          await desk.page.evaluate(() => (window as any).fake.pull());
          await desk.status(/^The board was disconnected.*Waiting/);
          await desk.status(/^Live/);
        }
        await desk.end();
      });
    }

    it("says what keeps it from a board", async () => {
      const bench = board();
      const desk = await Desk.open(bench);
      const { page } = desk;
      assert.match(await page.innerText("#recordable"), /^Draws every block over time when a board with tidyheap-record is connected/);
      for (const [refuse, busy, said] of [
        ["NotFoundError", "", /^No port was chosen/],
        ["SecurityError", "", /permission was refused/],
        ["", "NetworkError", /another program has it/],
        ["", "InvalidStateError", /open already/]
      ] as [string, string, RegExp][]) {
        await desk.set("refuse", refuse);
        await desk.set("busy", busy);
        await page.click("#serial");
        await desk.status(said);
      }
      await desk.set("busy", "NetworkError");
      await page.click("#bluetooth");
      await desk.status(/^The board could not be reached/);
      await desk.set("busy", "");
      await page.selectOption("#baud", "115200");
      await page.click("#serial");
      await desk.status(/^Live/);
      assert.equal(await page.evaluate(() => (window as any).fake.opened.at(-1)), 115200);
      await page.fill("#name", "heap");
      await page.press("#name", "Enter");
      await desk.status(/^The program has no variable heap/);
      await page.fill("#name", "pool.reset()");
      await page.press("#name", "Enter");
      await desk.status(/is no name of a variable/);
      await desk.end();
    });

    it("comes back when the board was unplugged, and starts anew with it", async () => {
      const bench = board();
      const desk = await Desk.open(bench);
      await desk.connect();
      await desk.page.evaluate(() => (window as any).fake.pull());
      await desk.status(/^The board was disconnected.*Waiting/);
      await desk.page.evaluate(() => (window as any).fake.back());
      await desk.status(/^Live/);
      bench.greet();
      await desk.status(/started anew/);
      bench.machine.exec(PROGRAM);
      await desk.status(/^Live/);
      await desk.fresh();
      assert.equal(await desk.shows("live"), "0, 0 %");
      await desk.page.click("#disconnect");
      await desk.status(/^Not connected/);
      assert.equal(await desk.page.evaluate(() => (window as any).fake.port.readable), null);
      await desk.page.click("#serial");
      await desk.status(/^Live/);
      await desk.end();
    });

    it("says when the browser has no way to a board", async () => {
      const desk = await Desk.open(board(), {}, true);
      await desk.status(/^This browser has no Web Serial.*no Web Bluetooth/);
      await desk.page.click("#bluetooth");
      await desk.status(/^This browser has no Web Bluetooth/);
      await desk.end();
    });

    it("records, draws what comes in and saves it", async () => {
      const bench = board();
      const desk = await Desk.open(bench);
      const { page } = desk;
      await desk.connect();
      assert.equal(await page.isDisabled("#record"), true);
      bench.machine.exec('require("tidyheap-record")');
      await page.click("#disconnect");
      await desk.connect();
      await page.click("#record");
      await page.waitForFunction(() => !(document.getElementById("stop") as HTMLButtonElement).disabled);
      for (let i = 0; i < 10; i++) {
        bench.machine.exec("for(var i=0;i<30;i++)step()");
        await wait(20);
      }
      await page.waitForFunction(() => /^\d{3} operations/.test(document.getElementById("recorded")!.textContent!));
      const drawn = () => page.evaluate(() => Number(document.getElementById("chart")!.dataset.drawn));
      const before = await drawn();
      bench.machine.exec("for(var i=0;i<90;i++)step()");
      await page.waitForFunction((least) => Number(document.getElementById("chart")!.dataset.drawn) > least, before);
      await page.click("#stop");
      await page.waitForFunction(() => (document.getElementById("stop") as HTMLButtonElement).disabled);
      await page.waitForFunction(() => !(document.getElementById("save") as HTMLButtonElement).disabled);
      const [download] = await Promise.all([page.waitForEvent("download"), page.click("#save")]);
      assert.match(download.suggestedFilename(), /^pool-\d{14}\.trace$/);
      const [trace] = parse(readFileSync(await download.path(), "utf8"));
      assert.equal(verify(trace), "");
      assert.ok(trace.events.length > 390);
      assert.doesNotMatch(await page.innerText("#recorded"), /certain/);
      assert.equal(await page.innerText("#console"), "");
      await desk.end();
    });

    it("needs no mouse, and fits a phone in the dark", async () => {
      const bench = board();
      const desk = await Desk.open(bench, { viewport: { width: 360, height: 740 }, colorScheme: "dark", hasTouch: true });
      const { page } = desk;
      await page.keyboard.press("Tab");
      assert.equal(await page.evaluate(() => document.activeElement!.id), "serial");
      await page.keyboard.press("Enter");
      await desk.status(/^Live/);
      const widths = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
      assert.ok(widths[0] <= widths[1], `${widths}`);
      const [ground, cell] = await page.evaluate(() => [getComputedStyle(document.body).backgroundColor, (document.querySelector("#map i") as HTMLElement).offsetWidth]);
      assert.equal(ground, "rgb(18, 22, 28)");
      assert.ok(cell >= 6, `${cell} pixels`);
      const order: string[] = [];
      for (let i = 0; i < 8; i++) {
        order.push(await page.evaluate(() => document.activeElement!.id));
        await page.keyboard.press("Tab");
      }
      assert.deepEqual(order, ["serial", "bluetooth", "disconnect", "pause", "baud", "name", "interval", "columns"]);
      await desk.end();
    });

    for (const [modules, said] of [
      [{ tidyheap: "tidyheap-core.min.js" }, /^This kind of pool has no map\(\) and no each\(\): counters only/],
      [{ tidyheap: "tidyheap-tiny.min.js" }, /^Pool is no pool with stat\(\): the tiny pool has none/]
    ] as [Record<string, string>, RegExp][]) {
      it(`says what ${modules.tidyheap} cannot`, async () => {
        const bench = new Console(modules);
        bench.machine.exec(PROGRAM);
        const desk = await Desk.open(bench);
        await desk.page.click("#serial");
        if (modules.tidyheap.includes("core")) {
          await desk.status(/^Live/);
          assert.match(await desk.page.innerText("#about"), said);
          assert.match(await desk.page.innerText("#recordable"), /^This board has no module tidyheap-record/);
          assert.equal(await desk.page.isVisible("#map"), false);
        } else await desk.status(/no pool with stat\(\): the tiny pool has none/);
        await desk.end();
      });
    }

    on("espruino", "shows a pool on a real Espruino, and records it", async (engine) => {
      const bench = new Interpreter(engine.path);
      bench.store("tidyheap", FULL.tidyheap);
      bench.store("tidyheap-record", FULL["tidyheap-record"]);
      bench.write(`\x10${PROGRAM}\n\x10setInterval(function(){step();if(pool.stat().moves%7==0)print("tock")},20);\n`);
      bench.write("var half=pool.stat("); // somebody has typed that and not ended it
      const desk = await Desk.open(bench);
      const { page } = desk;
      await desk.connect();
      const maps = new Set<string>();
      for (let i = 0; i < 3; i++) {
        await desk.fresh();
        maps.add(await desk.map());
        assert.match(await desk.map(), /^[#+.@]{64}$/);
        assert.equal(first(await desk.shows("used")) > 0, true);
      }
      assert.equal(maps.size, 3);
      // it stands still: what the page shows is what it says
      bench.write("\x10clearInterval();\n");
      await desk.fresh();
      bench.write('\x10print("STAT",JSON.stringify([pool.stat(),pool.map(64)]))\n');
      await page.waitForFunction(() => document.getElementById("console")!.textContent!.includes("STAT"));
      const [stat, map] = JSON.parse(/STAT (.*)/.exec(await page.innerText("#console"))![1]);
      assert.equal(await desk.map(), map);
      for (const name of ["used", "free", "largest", "live", "moves"]) assert.equal(first(await desk.shows(name)), stat[name], name);
      bench.write("\x10setInterval(step,10);\n");
      await page.click("#record");
      await page.waitForFunction(() => /^\d\d+ operations/.test(document.getElementById("recorded")!.textContent!));
      await page.click("#stop");
      await page.waitForFunction(() => (document.getElementById("stop") as HTMLButtonElement).disabled);
      const [download] = await Promise.all([page.waitForEvent("download"), page.click("#save")]);
      const [trace] = parse(readFileSync(await download.path(), "utf8"));
      assert.equal(verify(trace), "");
      await desk.end();
    });

    it("is safe enough for boards as a file", async () => {
      const folder = mkdtempSync(join(tmpdir(), "tidyheap-"));
      try {
        writeFileSync(join(folder, "live.html"), page.html);
        const context = await browser().newContext();
        const one = await context.newPage();
        await one.goto(`file://${join(folder, "live.html")}`);
        assert.deepEqual(await one.evaluate(() => [isSecureContext, "serial" in navigator]), [true, true]);
        await context.close();
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    });
  });
});
