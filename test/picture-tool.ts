// What npm run picture writes and says.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";
import { inflateRawSync } from "node:zlib";
import { parse as parseScript } from "acorn";
import { history } from "../tools/picture/history";
import { svg } from "../tools/picture/svg";
import { print } from "../tools/picture/text";
import { number } from "../tools/number";
import { picture } from "../tools/picture";
import { create as full } from "../src/full";
import { record } from "../src/record";
import { parse, verify } from "../tools/trace";
import { recording } from "./recording";

const ROOT = join(__dirname, "..");
const LARGEST = 500_000; // bytes of a picture for documents
const LONG = 13000; // calls that come to more than 20,000 operations

/** What is written on a screen that is no terminal. */
class Paper {
  text = "";
  write(text: string): void {
    this.text += text;
  }
}

describe("picture", () => {
  const folder = mkdtempSync(join(tmpdir(), "tidyheap-"));
  const lines = recording(300, 2048);
  const all = history(lines);
  const file = join(folder, "a.log");
  const out = join(folder, "out");

  before(() => writeFileSync(file, ["boot", ...recording(40, 1024), "between", ...lines].join("\n")));
  after(() => rmSync(folder, { recursive: true, force: true }));

  /** What it prints, and its exit code. */
  async function say(...args: string[]): Promise<{ text: string; wrong: string; code: number }> {
    const [paper, wrong] = [new Paper(), new Paper()];
    const code = await picture(args, paper, wrong);
    return { text: paper.text, wrong: wrong.text, code };
  }

  it("writes a page with the trace in it, which has no address of any network", async function () {
    this.timeout(60_000); // rollup, on a machine that has other things to do
    const { text, code, wrong } = await say(file, "-o", `${out}.html`);
    assert.deepEqual([code, wrong], [0, ""]);
    assert.match(text, new RegExp(`2 traces, this is number 2: --trace N shows another\\.\nOpen ${pathToFileURL(`${out}.html`).href.replace(/[.]/g, "\\.")}\n$`));
    const page = readFileSync(`${out}.html`, "utf8");
    const packed = /id="trace"[^>]*>([^<]*)</.exec(page)![1];
    assert.deepEqual(inflateRawSync(Buffer.from(packed, "base64")).toString().split("\n"), lines);
    assert.doesNotMatch(page.replace(packed, ""), /https?:|src=|@import|url\(/);
    // one script, with all that it imports
    const [script, ...more] = [...page.matchAll(/<script>([^]*?)<\/script>/g)].map(([, text]) => text);
    assert.deepEqual(more, []);
    assert.ok(script.length > 20_000 && script.length < 60_000, `${script.length} characters`);
    parseScript(script, { ecmaVersion: 2020, sourceType: "script" });
  });

  it("takes the trace that is asked for", async () => {
    const { text } = await say(file, "--trace", "1");
    assert.match(text, /A pool of 1,024 bytes/);
    await assert.rejects(say(file, "--trace", "3"), /^Error: --trace is 3, .*a\.log has 2$/);
  });

  it("refuses what it does not know in one line", async () => {
    await assert.rejects(say(file, "-o", "a.png"), /^Error: -o is a\.png, expected a name that ends with \.html, \.svg or \.txt$/);
    await assert.rejects(say(file, "--colour", "red"), /^Error: --colour is red, expected age or owner$/);
    await assert.rejects(say(file, "--axis", "x"), /^Error: --axis is x, expected operation or time$/);
    await assert.rejects(say(file, "--columns", "5"), /from 20 to 1000$/);
    await assert.rejects(say(join(ROOT, "package.json")), /^Error: .*package\.json has no trace in it/);
    await assert.rejects(say(join(folder, "absent")), /ENOENT/);
    await assert.rejects(say(file, file), /is one too many/);
  });

  it("does not write over the recording", async () => {
    const kept = join(folder, "kept.txt");
    writeFileSync(kept, lines.join("\n"));
    await assert.rejects(say(kept, "-o", join(folder, "..", basename(folder), "kept.txt")), /^Error: -o is .*kept\.txt: the recording in it would be gone$/);
    assert.equal(readFileSync(kept, "utf8"), lines.join("\n"));
  });

  it("says what is missing, ends with 1, and makes the picture all the same", async () => {
    const holed = join(folder, "holed.log");
    writeFileSync(holed, lines.filter((_, i) => i !== 9).join("\n"));
    for (const kind of ["html", "svg", "txt"]) {
      const { code, wrong, text } = await say(holed, "-o", `${out}.${kind}`);
      assert.equal(code, 1);
      assert.match(wrong, /^picture: not all of this is certain\. 1 line of the trace is missing, before operation \d+\..* Right is what is before operation \d+;/);
      assert.match(text, /of which only the first \d+ are certain/);
      assert.ok(statSync(`${out}.${kind}`).size > 1000);
    }
    assert.match(readFileSync(`${out}.svg`, "utf8"), /1 line of the trace is missing/);
  });

  it("reads standard input, prints help, and says what is wrong in one line", function () {
    this.timeout(30_000);
    const run = (args: string[], input = ""): { status: number | null; stdout: string; stderr: string } =>
      spawnSync(process.execPath, ["--import=tsx", join(ROOT, "tools", "picture.ts"), ...args], { cwd: ROOT, input, encoding: "utf8" });
    const piped = run(["-", "--columns", "60"], lines.join("\n"));
    assert.equal(piped.status, 0, piped.stderr);
    assert.match(piped.stdout, /address 0 to 2,047/);
    const help = run(["--help"]).stdout;
    for (const word of ["-o FILE", "--trace", "--colour", "--axis", "--text", "--columns"]) assert.ok(help.includes(word), word);
    const bad = run(["--nonsense"]);
    assert.deepEqual([bad.status, bad.stderr], [1, "picture: no option --nonsense, see --help\n"]);
  });

  it("comes with a recording that is whole", () => {
    const text = readFileSync(join(ROOT, "test", "traces", "first.trace"), "utf8");
    const [trace, ...more] = parse(text);
    assert.equal(more.length, 0);
    assert.ok(trace.end && trace.events.length > 5000);
    assert.equal(verify(trace), "");
    assert.deepEqual(history(text.split("\n")).doubts(), []);
  });

  describe("text", () => {
    it("draws the map as pool.map() does, and fits the columns", () => {
      for (const columns of [20, 40, 80, 133]) {
        const rows = print(all, columns, false).trimEnd().split("\n");
        for (const row of rows) assert.ok(row.length <= columns, row);
        for (const row of rows.slice(1, 25)) assert.equal(row.length, columns, row);
        const meaning = rows.slice(25).join(" ");
        for (const name of ["largest", "split", "moved"]) assert.equal(meaning.includes(`${name}: `), new RegExp(`\\b${name}\\b`).test(rows[0]), `${name} at ${columns}`);
        assert.match(meaning, /^# in use, \+ in part, \. free(; .* (hole|it|above))*$/);
        const last = rows[24].trim().split(/\s+/);
        assert.equal(last[0], number(all.ops - 1));
        assert.match(last[last.length - 1], /^[.#+]+$/);
      }
      const map = /[.#+]+$/.exec(print(all, 120, false).split("\n")[24])![0];
      const width = 2048 / map.length;
      for (let i = 0; i < map.length; i++) {
        const taken = all.blocks(all.ops - 1).reduce((sum, { at, room }) => sum + Math.max(0, Math.min(at + room, (i + 1) * width) - Math.max(at, i * width)), 0);
        assert.equal(map[i], taken < 0.01 ? "." : taken > width - 0.01 ? "#" : "+", `column ${i}`);
      }
    });

    it("has colours only when asked for", () => {
      assert.match(print(all, 80, true), /\x1b\[32m/);
      assert.doesNotMatch(print(all, 80, false), /\x1b/);
    });
  });

  describe("svg", () => {
    const look = { title: "a < b", colouring: "age", axis: "operation" } as const;

    it("is told what it is, in words, and drawn for light and dark", () => {
      const text = svg(all, look);
      assert.match(text, /<title id="title">a &#60; b<\/title><desc id="desc">A pool of 2,048 bytes/);
      assert.match(text, /@media\(prefers-color-scheme:dark\)/);
      assert.doesNotMatch(text, /href|url\(|<script|NaN|undefined/);
    });

    it("is XML whatever the owners are called", () => {
      const name = `<i>&"\u0000\u001b[31m\ud800\uffff]]>${"n".repeat(1000)}`;
      const made: string[] = [];
      const pool = full(512);
      const recorder = record(pool, { to: (line) => void made.push(line) });
      recorder.owner(name);
      pool.alloc(40);
      recorder.stop();
      const text = svg(history(made), { title: name, colouring: "owner", axis: "operation" });
      assert.match(text, /&#60;i&#62;&#38;&#34;\ufffd\ufffd\[31m\ufffd\ufffd\]\]&#62;n{20,60}…<\/text>/);
      assert.doesNotMatch(text, /[\x00-\x08\x0b-\x1f\uffff]|[\ud800-\udfff]|<i>/);
    });

    it("covers as much as the blocks do", () => {
      const text = svg(all, { ...look, colouring: "owner" });
      let area = 0;
      for (const [, d] of text.matchAll(/<path class="o\d" d="([^"]*)"/g)) for (const [, wide, high] of d.matchAll(/h(\d+)v(\d+)/g)) area += Number(wide) * Number(high);
      let bytes = 0;
      for (let op = 0; op < all.ops; op++) bytes += 2048 - all.free.data[op];
      const share = bytes / (2048 * all.ops);
      const field = 892 * 300;
      assert.ok(Math.abs(area / field - share) < 0.01, `${area / field} drawn, ${share} in use`);
    });

    it("has at most 500,000 bytes for 20,000 operations", function () {
      this.timeout(30_000);
      const long = history(recording(LONG, 8192));
      assert.ok(long.ops > 20_000);
      for (const axis of ["operation", "time"] as const) for (const colouring of ["age", "owner"] as const) assert.ok(svg(long, { title: "long", colouring, axis }).length <= LARGEST);
    });
  });
});
