import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { format } from "node:util";
import { reporters, Runner } from "mocha";

const Tally = require("../tools/tally.cjs");
const { EVENT_RUN_BEGIN, EVENT_RUN_END, EVENT_TEST_END, EVENT_TEST_FAIL, EVENT_TEST_PENDING } = Runner.constants;

interface Seen {
  file: string;
  title: string;
  state?: "fail" | "pending";
  duration?: number;
}

/** What is printed of tests that are seen in this order, without colours. */
function printed(tests: Seen[]): string[] {
  const lines: string[] = [];
  const { consoleLog, useColors } = reporters.Base as any;
  Object.assign(reporters.Base, { consoleLog: (text = "", ...values: unknown[]) => lines.push(...format(text, ...values).split("\n")), useColors: false });
  try {
    const count = (state: Seen["state"]) => tests.filter((one) => one.state === state).length;
    const runner = Object.assign(new EventEmitter(), { stats: { passes: count(undefined), failures: count("fail"), pending: count("pending"), duration: 0 } });
    new Tally(runner, {});
    runner.emit(EVENT_RUN_BEGIN);
    for (const one of tests) {
      const test = { ...one, pending: one.state === "pending", fullTitle: () => `whole ${one.title}`, titlePath: () => ["whole", one.title], slow: () => 75, isPending: () => one.state === "pending" };
      if (one.state === "pending") runner.emit(EVENT_TEST_PENDING, test);
      else if (one.state === "fail") runner.emit(EVENT_TEST_FAIL, test, new Error("no"));
      runner.emit(EVENT_TEST_END, test);
    }
    runner.emit(EVENT_RUN_END);
    return lines;
  } finally {
    Object.assign(reporters.Base, { consoleLog, useColors });
    process.stdout.removeListener("error", process.stdout.listeners("error").pop() as () => void);
  }
}

describe("tally", () => {
  const { ok, err } = reporters.Base.symbols;

  it("has a line for each file, and none for each test", () => {
    const lines = printed([{ file: "/t/a.ts", title: "x", duration: 250 }, { file: "/t/a.ts", title: "y", duration: 800 }, { file: "/t/b.ts", title: "z" }]);
    assert.deepEqual(lines.slice(0, 2), [`  ${ok} a: 2 tests, 1.1 s`, `  ${ok} b: 1 test, 0.0 s`]);
    assert.match(lines.join("\n"), /^ +3 passing/m);
  });

  it("counts what is skipped by the reason in brackets", () => {
    const title = (n: number, why: string): Seen => ({ file: "/t/a.ts", title: `runs ${n} (${why})`, state: "pending" });
    const lines = printed([title(1, "no engine here: name one (or two)"), title(2, "too small"), title(3, "no engine here: name one (or two)"), { file: "/t/b.ts", title: "bare", state: "pending" }]);
    assert.equal(lines[0], `  ${ok} a: 3 tests, 3 skipped, 0.0 s`);
    assert.deepEqual(lines.slice(2, 7), ["", "  skipped:", "      2 no engine here: name one (or two)", "      1 too small", "      1 bare"]);
    assert.match(lines.join("\n"), /^ +4 pending/m);
  });

  it("says at once what failed, and again at the end", () => {
    const lines = printed([{ file: "/t/a.ts", title: "x" }, { file: "/t/a.ts", title: "y", state: "fail" }]);
    assert.deepEqual(lines.slice(0, 2), ["    1) whole y", `  ${err} a: 2 tests, 1 failed, 0.0 s`]);
    assert.match(lines.join("\n"), /^ +1 failing$/m);
  });
});
