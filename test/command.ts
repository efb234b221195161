import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { explain, fold, list, options, Progress, whole } from "../tools/command";

const SPEC = { out: { type: "string", short: "o" }, quiet: { type: "boolean" } } as const;

describe("command", () => {
  it("reads options in every form, and what stands beside them", () => {
    assert.deepEqual(options(["a.trace", "-o", "x", "--quiet"], SPEC, 1), { values: { out: "x", quiet: true }, rest: ["a.trace"] });
    assert.deepEqual(options(["--out=x"], SPEC), { values: { out: "x" }, rest: [] });
    assert.deepEqual(options(["--out=-"], SPEC).values, { out: "-" });
    assert.deepEqual(options(["--out", "-"], SPEC).values, { out: "-" });
    assert.deepEqual(options(["C:\\heap\\a.trace", "--out", "C:\\out\\a.html"], SPEC, 1), { values: { out: "C:\\out\\a.html" }, rest: ["C:\\heap\\a.trace"] });
  });

  it("says in one line what is wrong", () => {
    for (const [args, text] of [
      [["--outt", "x"], "no option --outt, see --help"],
      [["-x"], "no option -x, see --help"],
      [["--out"], "--out needs a value"],
      [["--out", "--quiet"], "--out needs a value"],
      [["--quiet=1"], "--quiet takes no value"],
      [["-o", "a", "--out", "b"], "--out is given twice"],
      [["a", "b"], '"b" is one too many, see --help']
    ] as [string[], string][]) assert.throws(() => options(args, SPEC, 1), { message: text });
  });

  it("puts names into lines", () => {
    assert.equal(list(["one", "two"], "  "), "one, two");
    const names = Array.from({ length: 40 }, (_, n) => `name${n}`);
    const lines = list(names, "  ").split("\n  ");
    assert.ok(lines.length === 4 && lines.every((line) => line.length <= 101), lines.join("|"));
    assert.deepEqual(lines.join(" ").split(", "), names);
    assert.equal(list(["x".repeat(200), "y"], " "), `${"x".repeat(200)},\n y`);
  });

  it("folds sentences between words, and leaves a longer word whole", () => {
    assert.equal(fold("one two three"), "one two three");
    assert.equal(fold("one two three\n\n  four five six", 9), "one two\nthree\n\n  four\n  five\n  six");
    assert.equal(fold("a https://a.b/c d", 6), "a\nhttps://a.b/c\nd");
    assert.equal(fold("up to 12 % used", 8), "up to\n12 %\nused");
    assert.equal(fold("row   1   2", 8), "row   1   2");
  });

  it("takes whole numbers within bounds only", () => {
    assert.equal(whole("--size", "12", 1, 20), 12);
    assert.equal(whole("--size", undefined, 1, 20), undefined);
    for (const text of ["0", "21", "1.5", "-1", "", "1e1", "0x1", "x"]) assert.throws(() => whole("--size", text, 1, 20), /--size is .*, expected a whole number from 1 to 20/);
  });

  it("says what the system says of a file in plain words", () => {
    const folder = mkdtempSync(join(tmpdir(), "tidyheap-"));
    const caught = (read: () => unknown): string => {
      try {
        return String(read());
      } catch (error) {
        return explain(error);
      }
    };
    try {
      const absent = join(folder, "absent.trace");
      assert.equal(caught(() => readFileSync(absent)), `there is no ${absent}`);
      assert.equal(caught(() => mkdtempSync(join(absent, "x"))), `there is no ${join(absent, "x")}XXXXXX`);
      const error = (code: string, syscall: string, path?: string) => explain(Object.assign(new Error(`${code}: words, ${syscall}`), { code, syscall, path }));
      assert.equal(error("EACCES", "open", "C:\\heap\\a.html"), "no permission for C:\\heap\\a.html");
      assert.equal(error("EROFS", "open", "/x"), "/x cannot be written, its file system is read-only");
      assert.equal(error("ENOENT", "spawn jerry", "jerry"), "jerry cannot be started");
      assert.equal(error("EADDRINUSE", "listen"), "EADDRINUSE: words, listen");
      assert.equal(explain(new Error("one\r\ntwo")), "one");
      // a terminal obeys these
      assert.equal(explain(new Error("a\x1b]0;b\x07\x9bc\td")), "a\\x1b]0;b\\x07\\x9bc\td");
      assert.equal(error("ENOENT", "open", "\x1b[2J"), "there is no \\x1b[2J");
      assert.equal(explain("text"), "text");
      assert.equal(explain(undefined), "undefined");
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it("shows progress while something is awaited, and takes it away when it ends or fails", async () => {
    const seen: string[] = [];
    let now = 0;
    const progress = new Progress({ isTTY: true, write: (text) => seen.push(text) }, () => (now += 1000));
    const work = new Promise<string>((resolve) => setTimeout(resolve, 350, "done"));
    assert.equal(await progress.during("waiting", work), "done");
    assert.match(seen[0], /^\r\x1b\[Kwaiting, \d s$/);
    assert.equal(seen.pop(), "\r\x1b[K");
    seen.length = 0;
    await assert.rejects(progress.during("waiting", Promise.reject(new Error("no"))), /no/);
    assert.deepEqual(seen, []);
  });

  it("shows progress after two seconds: lines without a terminal, one line in it", () => {
    for (const [isTTY, wanted] of [
      [false, ["reading 75 %, 3 s\n"]],
      [true, ["\r\x1b[Kreading 75 %, 3 s", "\r\x1b[Kreading, 4 s", "\r\x1b[K"]]
    ] as [boolean, string[]][]) {
      const seen: string[] = [];
      let now = 1000;
      const progress = new Progress({ isTTY, write: (text) => seen.push(text) }, () => now);
      progress.show("reading", 1, 4);
      now += 1999;
      progress.show("reading", 2, 4);
      now += 1001;
      progress.show("reading", 3, 4);
      progress.show("reading", 3, 4);
      now += 1000;
      progress.show("reading");
      progress.end();
      assert.deepEqual(seen, wanted);
    }
  });
});
