// Reports tests for mocha: a line for each file, then what was skipped and why, then what failed. There are too many tests for a
// line each; mocha --reporter spec prints them.
"use strict";

const { basename, extname } = require("node:path");
const { reporters, Runner } = require("mocha");

const { Base } = reporters;
const { EVENT_RUN_END, EVENT_TEST_END, EVENT_TEST_FAIL, EVENT_TEST_PENDING } = Runner.constants;

class Tally extends Base {
  constructor(runner, options) {
    super(runner, options);
    process.stdout.on("error", () => process.exit(1)); // whoever read the output has gone
    this.part = { name: "", tests: 0, skipped: 0, failed: 0, ms: 0 };
    this.reasons = new Map();
    runner.on(EVENT_TEST_END, (test) => {
      this.under(test);
      this.part.tests++;
      this.part.ms += test.duration ?? 0;
    });
    runner.on(EVENT_TEST_PENDING, (test) => {
      this.under(test);
      this.skip(test);
    });
    runner.on(EVENT_TEST_FAIL, (test) => {
      this.under(test);
      this.part.failed++;
      Base.consoleLog("    %s", Base.color("fail", `${this.failures.length}) ${test.fullTitle()}`));
    });
    runner.once(EVENT_RUN_END, () => {
      this.close();
      this.why();
      this.epilogue();
    });
  }

  /** Goes on with the file of a test; those of a file come one after another. */
  under({ file }) {
    const name = basename(file, extname(file));
    if (name === this.part.name) return;
    this.close();
    this.part = { name, tests: 0, skipped: 0, failed: 0, ms: 0 };
  }

  close() {
    const { name, tests, skipped, failed, ms } = this.part;
    if (!name) return;
    const mark = failed ? Base.color("fail", Base.symbols.err) : Base.color("checkmark", Base.symbols.ok);
    const more = [skipped && `${skipped} skipped`, failed && `${failed} failed`].filter(Boolean).map((text) => `, ${text}`).join("");
    Base.consoleLog("  %s %s: %s%s, %s s", mark, name, tests === 1 ? "1 test" : `${tests} tests`, more, (ms / 1000).toFixed(1));
  }

  /** The reason is in brackets at the end of the title. */
  skip(test) {
    this.part.skipped++;
    const reason = /\(([^()]*(?:\([^()]*\)[^()]*)*)\)$/.exec(test.title)?.[1] ?? test.title;
    this.reasons.set(reason, (this.reasons.get(reason) ?? 0) + 1);
  }

  why() {
    if (this.reasons.size === 0) return;
    Base.consoleLog("\n  skipped:");
    for (const [reason, count] of [...this.reasons].sort(([, a], [, b]) => b - a)) Base.consoleLog("  %s %s", String(count).padStart(5), Base.color("pending", reason));
  }
}

module.exports = Tally;
