// The page that picture makes, in a real browser.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { history, type History } from "../tools/picture/history";
import { number } from "../tools/number";
import { picture } from "../tools/picture";
import { create } from "../src/full";
import { record } from "../src/record";
import { browsing } from "./browser";
import { recording } from "./recording";

const DESK = { viewport: { width: 1280, height: 900 } };
const PHONE = { viewport: { width: 360, height: 740 }, deviceScaleFactor: 2, hasTouch: true };
const LONG = 13000; // calls of the program that come to more than 20,000 operations
const LARGEST = 1.5e6; // bytes of its page
const SLOWEST = 8000; // milliseconds to its first answer on a machine that has other things to do; alone it is under 1,000

/** A page of some lines in `folder`. */
async function made(folder: string, name: string, lines: string[]): Promise<string> {
  writeFileSync(join(folder, `${name}.trace`), lines.join("\n"));
  const file = join(folder, `${name}.html`);
  const paper = { write: () => undefined };
  await picture([join(folder, `${name}.trace`), "-o", file], paper, paper);
  return file;
}

browsing("page of picture", (browser: () => Browser) => {
  const folder = mkdtempSync(join(tmpdir(), "tidyheap-"));
  const lines = recording(300, 2048);
  const all: History = history(lines);
  const said: string[] = [];
  let file = "";

  before(async () => void (file = await made(folder, "short", lines)));
  after(() => rmSync(folder, { recursive: true, force: true }));
  afterEach(() => assert.deepEqual(said.splice(0), []));

  /** The page, drawn; whatever it complains of or asks of a network is in `said`. */
  async function open(what = file, options: BrowserContextOptions = DESK): Promise<Page> {
    const page = await (await browser().newContext(options)).newPage();
    page.on("console", (message) => said.push(`console: ${message.text()}`));
    page.on("pageerror", (error) => said.push(`error: ${error.message}`));
    page.on("request", (request) => request.url() === pathToFileURL(what).href || said.push(`request: ${request.url()}`));
    await page.goto(pathToFileURL(what).href);
    await page.waitForSelector("main[data-drawn]");
    return page;
  }

  /** Waits until what was done before is drawn. */
  const frame = (page: Page): Promise<void> => page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done()))));

  async function press(page: Page, ...keys: string[]): Promise<void> {
    for (const key of keys) await page.keyboard.press(key);
    await frame(page);
  }

  it("shows names of owners as they are, and runs none of them", async () => {
    const told: string[] = [];
    const pool = create(1024);
    const recorder = record(pool, { to: (line) => void told.push(line) });
    for (const name of ["<img src=x onerror=document.title='run'>", "</script><script>document.title='run'</script>", "__proto__"]) {
      recorder.owner(name);
      pool.alloc(100);
    }
    recorder.stop();
    const page = await open(await made(folder, "hostile", told));
    await page.getByText("owner", { exact: true }).first().click();
    await frame(page);
    assert.match((await page.textContent("body"))!, /<img src=x onerror=document\.title='run'>/);
    assert.equal(await page.title(), "Memory over time: hostile.trace");
    await page.context().close();
  });

  const moment = async (page: Page): Promise<number> => Number(await page.inputValue("#moment"));

  /** The numbers under the pointer, or at the moment, by name. */
  async function numbers(page: Page, section: "Under the pointer" | "At this moment"): Promise<Record<string, string>> {
    const pairs = await page.locator("section", { hasText: section }).locator("dd").evaluateAll((list) => list.map((one) => [one.getAttribute("data-name"), one.textContent]));
    return Object.fromEntries(pairs);
  }

  /** How many colours there are in the map. */
  const colours = (page: Page): Promise<number> =>
    page.evaluate(() => {
      const canvas = document.querySelector<HTMLCanvasElement>(".base")!;
      const words = new Uint32Array(canvas.getContext("2d")!.getImageData(70, 30, canvas.width - 80, 200).data.buffer);
      return new Set(words).size;
    });

  it("has each number on one line where there is room, and what is pointed at last on a phone", async () => {
    const desk = await open();
    const heights = await desk.locator("dd").evaluateAll((list) => list.map((one) => one.getBoundingClientRect().height));
    assert.ok(heights.length >= 10 && Math.max(...heights) < 1.5 * Math.min(...heights), heights.join(" "));
    assert.doesNotMatch((await desk.textContent(".status"))!, / %/);
    const phone = await open(file, PHONE);
    const tops = await phone.locator(".panels section").evaluateAll((list) => list.map((one) => one.getBoundingClientRect().top));
    assert.ok(tops[0] > tops[1], tops.join(" "));
  });

  it("draws the whole recording, says what is seen, and asks nothing of a network", async () => {
    const page = await open();
    assert.match((await page.textContent(".status"))!, new RegExp(`^A pool of 2,048 bytes over ${number(all.ops - 1)} operations in `));
    assert.equal(await page.locator("[role=alert]").count(), 0);
    assert.equal(await moment(page), all.ops - 1);
    assert.ok((await colours(page)) > 5);
    await page.context().close();
  });

  it("is moved by the keyboard, from one operation to the next", async () => {
    const page = await open();
    await page.focus(".stage");
    await press(page, "Home");
    assert.equal(await moment(page), 0);
    await press(page, "ArrowRight", "ArrowRight", "ArrowRight", "ArrowLeft");
    assert.equal(await moment(page), 2);
    assert.match((await page.textContent("output"))!, /^operation 2 of /);
    assert.match((await page.getAttribute("#moment", "aria-valuetext"))!, /^operation 2 of /);
    await press(page, "PageDown");
    assert.equal(await moment(page), 2 + Math.round((all.ops - 1) / 8));
    await press(page, "End", "ArrowRight");
    assert.equal(await moment(page), all.ops - 1);
    await page.focus("#moment");
    await press(page, "Home", "ArrowRight");
    assert.equal(await moment(page), 1);
    await page.context().close();
  });

  it("reaches every control by Tab, with a focus that is seen", async () => {
    const page = await open();
    const reached: string[] = [];
    for (let i = 0; i < 16; i++) {
      await page.keyboard.press("Tab");
      reached.push(await page.evaluate(() => {
        const now = document.activeElement as HTMLInputElement;
        const seen = getComputedStyle(now).outlineStyle !== "none" ? "" : " without outline";
        return (now === document.body ? "" : now.name || now.id || now.className || now.getAttribute("aria-label") || now.textContent!) + seen;
      }));
    }
    const expected = ["colouring", "moves", "axis", "Zoom in", "Zoom out", "Zoom in on addresses", "Zoom out of addresses", "Show all of it", "stage", "moment", "play"];
    assert.deepEqual(reached.slice(0, expected.length), expected);
    await page.context().close();
  });

  it("tells of every moment what the model knows of it", async () => {
    const page = await open();
    await page.focus(".stage");
    await press(page, "Home");
    for (let op = 1; op < 60; op += 7) {
      await press(page, ...Array<string>(7).fill("ArrowRight"));
      const at = await moment(page);
      const { used, free, largest, live, holes, refused, event } = all.moment(at);
      const told = await numbers(page, "At this moment");
      assert.deepEqual(
        [told["used"], told["free"], told["largest hole"], told["blocks"], told["refused so far"], told["event"]],
        [`${number(used)} bytes, ${Math.round((100 * used) / 2048)} %`, `${number(free)} bytes in ${holes} ${holes === 1 ? "hole" : "holes"}`, `${number(largest)} bytes`, String(live), String(refused), number(event)]
      );
    }
    await page.context().close();
  });

  it("points at each block by keys, at the cursor", async () => {
    const page = await open();
    await page.focus(".stage");
    await press(page, "Home", ...Array<string>(20).fill("ArrowRight"));
    const op = await moment(page);
    const found: string[] = [];
    for (let i = 0; i < 2 * all.moment(op).live; i++) {
      await press(page, "ArrowUp");
      const { handle, address } = await numbers(page, "Under the pointer");
      if (handle) found.push(`${handle} ${address}`);
    }
    const expected = all.blocks(op).map(({ handle, at, room }) => `${handle} ${number(at)} to ${number(at + room - 1)}`);
    assert.deepEqual([...new Set(found)], expected);
    await page.context().close();
  });

  it("tells the numbers of the block under the mouse", async () => {
    const page = await open();
    const stage = (await page.locator(".stage").boundingBox())!;
    const map = await page.evaluate(() => document.querySelector<HTMLCanvasElement>(".base")!.clientHeight);
    const lanes = all.durations.data.subarray(0, all.ops).some(Boolean) ? 4 : 3;
    const [left, top, width, high] = [47, 18, stage.width - 48, map - 18 - 24 - lanes * 64];
    let blocks = 0;
    for (let i = 1; i < 30; i++) {
      const op = Math.floor((all.ops * i) / 30);
      const there = all.blocks(op).filter(({ room }) => (room * high) / 2048 > 6)[i % 3];
      if (!there) continue;
      const x = stage.x + left + ((op + 0.5) / all.ops) * width;
      await page.mouse.move(x, stage.y + top + (1 - (there.at + there.room / 2) / 2048) * high);
      await frame(page);
      const told = await numbers(page, "Under the pointer");
      const seen = Number(told["at operation"].split(",")[0]);
      assert.ok(Math.abs(seen - op) <= 2, `operation ${seen}, the mouse is at ${op}`);
      const block = all.blocks(seen).find(({ handle }) => String(handle) === told["handle"]);
      if (!block) continue;
      blocks++;
      const ms = all.times.data[seen] - all.times.data[block.born];
      assert.deepEqual(
        [told["bytes"].split(",")[0], told["address"], told["owner"], told["moves so far"], told["age"].split(" ")[0]],
        [number(block.bytes), `${number(block.at)} to ${number(block.at + block.room - 1)}`, all.owners[block.owner] || "no name", number(block.moves), number(seen - block.born)]
      );
      assert.ok(told["age"].includes(ms < 1000 ? `${ms} ms` : " s"), told["age"]);
    }
    assert.ok(blocks > 15, `${blocks} blocks pointed at`);
    await page.context().close();
  });

  it("zooms by wheel and keys, goes along by dragging, and shows all again", async () => {
    const page = await open();
    const picture = (): Promise<string> => page.evaluate(() => document.querySelector<HTMLCanvasElement>(".base")!.toDataURL());
    const whole = await picture();
    const { x, y } = (await page.locator(".stage").boundingBox())!;
    const seen = new Set([whole]);
    const changed = async (act: () => Promise<void>): Promise<void> => {
      await act();
      await frame(page);
      const now = await picture();
      assert.ok(!seen.has(now), `picture ${seen.size} is one of those before`);
      seen.add(now);
    };
    await page.mouse.move(x + 400, y + 150);
    await changed(() => page.mouse.wheel(0, -400));
    await changed(async () => {
      await page.mouse.down();
      await page.mouse.move(x + 250, y + 150, { steps: 3 });
      await page.mouse.up();
    });
    await page.focus(".stage");
    await changed(() => press(page, "Home", "+"));
    await changed(() => press(page, "]"));
    await changed(() => page.check("input[value=owner]"));
    await changed(() => page.check("input[value=time]"));
    await changed(() => page.check("input[name=moves]"));
    await page.uncheck("input[name=moves]");
    await page.check("input[value=age]");
    await page.check("input[value=operation]");
    await page.click("text=whole");
    await frame(page);
    assert.equal(await picture(), whole);
    await page.context().close();
  });

  it("plays to the end and stops", async () => {
    const page = await open();
    await page.focus(".stage");
    await press(page, "End", "Shift+ArrowLeft", "Space");
    await page.waitForFunction((last) => Number(document.querySelector<HTMLInputElement>("#moment")!.value) === last, all.ops - 1);
    await page.waitForFunction(() => document.querySelector(".moment button")!.textContent === "play");
    await page.context().close();
  });

  it("fits a phone and takes a finger, light and dark, also when it is turned", async () => {
    for (const colorScheme of ["light", "dark"] as const) {
      const page = await open(file, { ...PHONE, colorScheme });
      const wide = (): Promise<number> => page.evaluate(() => document.documentElement.scrollWidth);
      assert.equal(await wide(), 360);
      const { x, y } = (await page.locator(".stage").boundingBox())!;
      await page.touchscreen.tap(x + 200, y + 120);
      await frame(page);
      assert.ok((await moment(page)) < all.ops - 10);
      const ground = await page.evaluate(() => document.querySelector<HTMLCanvasElement>(".base")!.getContext("2d")!.getImageData(1, 1, 1, 1).data[0]);
      assert.equal(ground > 128, colorScheme === "light");
      await page.setViewportSize({ width: 740, height: 360 });
      await frame(page);
      assert.equal(await wide(), 740);
      const sharp = await page.evaluate(() => {
        const canvas = document.querySelector<HTMLCanvasElement>(".base")!;
        return canvas.width / canvas.clientWidth;
      });
      assert.equal(Math.round(sharp), 2);
      await page.context().close();
    }
  });

  it("zooms by two fingers", async () => {
    const page = await open(file, PHONE);
    const fingers = await page.context().newCDPSession(page);
    const { x, y } = (await page.locator(".stage").boundingBox())!;
    const touch = (type: "touchStart" | "touchMove" | "touchEnd", ...places: number[]): Promise<unknown> =>
      fingers.send("Input.dispatchTouchEvent", { type, touchPoints: places.map((place, id) => ({ x: x + place, y: y + 100, id })) });
    const before = await page.evaluate(() => document.querySelector<HTMLCanvasElement>(".base")!.toDataURL());
    await touch("touchStart", 180, 220);
    for (let i = 1; i <= 5; i++) await touch("touchMove", 180 - 20 * i, 220 + 20 * i);
    await touch("touchEnd");
    await frame(page);
    assert.equal(await moment(page), all.ops - 1);
    assert.notEqual(await page.evaluate(() => document.querySelector<HTMLCanvasElement>(".base")!.toDataURL()), before);
    assert.equal(await page.evaluate(() => visualViewport!.scale), 1);
    await page.context().close();
  });

  it("says what is missing, and up to where it is right", async () => {
    const holed = lines.filter((_, i) => i !== 12);
    const page = await open(await made(folder, "holed", holed));
    assert.equal(await page.locator(".legend li", { hasText: "lines lost" }).count(), 1);
    const text = (await page.textContent("[role=alert]"))!;
    assert.match(text, /^Not all of this is certain\. 1 line of the trace is missing, before operation (\d+)\./);
    assert.match(text, new RegExp(`Right is what is before operation ${history(holed).sound};`));
    await page.context().close();
  });

  it("says so where a browser cannot unpack", async () => {
    const page = await (await browser().newContext()).newPage();
    await page.addInitScript("delete window.DecompressionStream");
    await page.goto(pathToFileURL(file).href);
    assert.match((await page.textContent("[role=alert]"))!, /^This browser cannot unpack the trace/);
    await page.context().close();
  });

  it("shows 20,000 operations in 1.5 MB, and answers soon", async function () {
    this.timeout(60_000);
    const many = recording(LONG, 8192);
    const count = history(many).ops - 1;
    assert.ok(count >= 20_000 && count < 21_000, `${count} operations`);
    const large = await made(folder, "long", many);
    assert.ok(statSync(large).size <= LARGEST, `${statSync(large).size} bytes`);
    const page = await (await browser().newContext(DESK)).newPage();
    const from = Date.now();
    await page.goto(pathToFileURL(large).href);
    await page.waitForSelector("main[data-drawn]");
    await page.focus(".stage");
    await press(page, "Home");
    const ms = Date.now() - from;
    assert.equal(await moment(page), 0);
    assert.ok(ms < SLOWEST, `${ms} ms`);
    this.test!.title += ` (${number(statSync(large).size)} bytes, ${ms} ms)`;
    await page.context().close();
  });
});
