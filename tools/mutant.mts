// Runs the tests for Stryker, many mutants in one process: each test under a watchdog, those that killed a mutant before first, then the
// shortest; a failure counts when the same test passes without the mutant.

import { declareClassPlugin, PluginKind, tokens, commonTokens } from "@stryker-mutator/api/plugin";
import { determineHitLimitReached, DryRunStatus, MutantRunStatus, TestStatus } from "@stryker-mutator/api/test-runner";
import type { CompleteDryRunResult, DryRunResult, MutantRunOptions, MutantRunResult, TestRunner } from "@stryker-mutator/api/test-runner";
import type { InstrumenterContext, StrykerOptions } from "@stryker-mutator/api/core";
import Mocha from "mocha";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { runInThisContext } from "node:vm";

/** Milliseconds of each test, for the other processes. */
const TIMES = "times.json";

/** Names of globals, which a test that is ended by the watchdog may leave changed. */
const GLOBALS = ["E", "Uint8Array", "Uint16Array", "Uint32Array", "Int16Array", "Int32Array", "setInterval", "clearInterval", "setTimeout", "require", "process"];

class Late extends Error {}
class Skip extends Error {}

interface Case {
  id: string;
  file: string;
  test: Mocha.Test;
}

/** What a test sees as `this`. */
const CONTEXT = {
  timeout: () => CONTEXT,
  slow: () => CONTEXT,
  skip: () => {
    throw new Skip();
  }
};

const host = globalThis as any;

/** Runs `fn`; throws Late when it takes longer than `ms`. */
async function within(ms: number, fn: () => unknown): Promise<void> {
  host.mutantCall = fn;
  let result: any;
  try {
    result = runInThisContext("mutantCall()", { timeout: ms });
  } catch (error: any) {
    if (error?.code === "ERR_SCRIPT_EXECUTION_TIMEOUT") throw new Late();
    throw error;
  }
  if (!result?.then) return;
  let timer: NodeJS.Timeout;
  const late = new Promise((_, reject) => (timer = setTimeout(() => reject(new Late()), ms)));
  await Promise.race([result, late]).finally(() => clearTimeout(timer));
}

/** Hooks `name` of the suites around a test, outermost first. */
function hooks(test: Mocha.Test, name: string): (() => unknown)[] {
  const all: (() => unknown)[] = [];
  for (let suite: any = test.parent; suite; suite = suite.parent) all.unshift(...suite[name].map((hook: any) => hook.fn));
  return all;
}

class Runner implements TestRunner {
  static inject = tokens(commonTokens.options);
  private cases: Case[] = [];
  private times: { [id: string]: number } = {};
  private before = new Set<unknown>();
  /** Tests that killed, the last one first. */
  private killers: string[] = [];
  private readonly saved = new Map(GLOBALS.map((name) => [name, Object.getOwnPropertyDescriptor(globalThis, name)]));

  /** Titles of tests that are left out. */
  private readonly leave: RegExp;

  constructor(private readonly options: StrykerOptions) {
    this.leave = new RegExp(options.leave as string);
  }

  capabilities() {
    return { reloadEnvironment: true };
  }

  private get state(): InstrumenterContext {
    return (host.__stryker__ ??= {});
  }

  /** Loads the tests and what they test. */
  private load(): void {
    const root = process.cwd();
    const require = createRequire(join(root, "x"));
    for (const file of Object.keys(require.cache)) if (file.startsWith(root) && !file.includes("node_modules")) delete require.cache[file];
    const mocha = new Mocha({ ui: "bdd" });
    for (const file of this.options.tests as string[]) {
      const path = join(root, file);
      mocha.suite.emit("pre-require", globalThis, path, mocha);
      require(path);
    }
    this.cases = [];
    this.before.clear();
    const seen = new Map<string, number>();
    mocha.suite.eachTest((test: Mocha.Test) => {
      const title = test.fullTitle();
      const n = (seen.get(title) ?? 0) + 1;
      seen.set(title, n);
      if (!test.isPending() && test.fn && !this.leave.test(title)) this.cases.push({ id: n > 1 ? `${title} (${n})` : title, file: test.file!, test });
    });
    if (existsSync(TIMES)) this.times = JSON.parse(readFileSync(TIMES, "utf8"));
  }

  /** Runs one test; resolves to what it throws. */
  private async run({ test }: Case, ms: number): Promise<unknown> {
    const call = (fn: any) => within(ms, () => (fn.length ? new Promise((done, failed) => fn.call(CONTEXT, (error: unknown) => (error ? failed(error) : done(0)))) : fn.call(CONTEXT)));
    try {
      for (const fn of hooks(test, "_beforeAll")) {
        if (this.before.has(fn)) continue;
        this.before.add(fn);
        await call(fn);
      }
      for (const fn of hooks(test, "_beforeEach")) await call(fn);
      await call(test.fn);
    } catch (error) {
      if (error instanceof Late) this.restore();
      return error instanceof Skip ? undefined : (error ?? new Error("thrown"));
    } finally {
      for (const fn of hooks(test, "_afterEach")) await call(fn);
    }
    return undefined;
  }

  private restore(): void {
    for (const [name, own] of this.saved) {
      if (own) Object.defineProperty(globalThis, name, own);
      else delete host[name];
    }
  }

  async dryRun(): Promise<DryRunResult> {
    this.load();
    const tests: CompleteDryRunResult["tests"] = [];
    for (const one of this.cases) {
      this.state.currentTestId = one.id;
      const start = performance.now();
      const error: any = await this.run(one, 120000);
      const timeSpentMs = performance.now() - start;
      this.times[one.id] = timeSpentMs;
      const result = { id: one.id, name: one.id, fileName: one.file, timeSpentMs };
      tests.push(error ? { ...result, status: TestStatus.Failed, failureMessage: String(error.message ?? error) } : { ...result, status: TestStatus.Success });
    }
    this.state.currentTestId = undefined;
    writeFileSync(TIMES, JSON.stringify(this.times));
    return { status: DryRunStatus.Complete, tests, mutantCoverage: this.state.mutantCoverage };
  }

  async mutantRun(options: MutantRunOptions): Promise<MutantRunResult> {
    const { state } = this;
    const { activeMutant, mutantActivation, reloadEnvironment, testFilter } = options;
    state.activeMutant = undefined;
    state.hitCount = state.hitLimit = undefined;
    const fixed = mutantActivation === "static";
    if (fixed) state.activeMutant = activeMutant.id;
    if (reloadEnvironment || !this.cases.length) {
      try {
        await within(20000, () => this.load());
      } catch (error: any) {
        this.cases = [];
        return { status: MutantRunStatus.Killed, killedBy: [], failureMessage: `does not load: ${error?.message}`, nrOfTests: 0 };
      }
    }
    const wanted = testFilter && new Set(testFilter);
    const rank = (one: Case) => (this.killers.includes(one.id) ? this.killers.indexOf(one.id) - 1e9 : (this.times[one.id] ?? 0));
    const list = this.cases.filter(({ id }) => !wanted || wanted.has(id)).map((one) => ({ one, rank: rank(one) }));
    list.sort((a, b) => a.rank - b.rank);
    let done = 0;
    for (const { one } of list) {
      done++;
      state.activeMutant = activeMutant.id;
      state.hitCount = options.hitLimit ? 0 : undefined;
      state.hitLimit = options.hitLimit;
      const error: any = await this.run(one, Math.ceil(400 + 4 * (this.times[one.id] ?? 0)));
      const endless = determineHitLimitReached(state.hitCount, state.hitLimit);
      state.hitCount = state.hitLimit = undefined;
      if (!error && !endless) continue;
      if (!fixed) {
        state.activeMutant = undefined;
        if (await this.run(one, 20000)) {
          // what mutants left behind: begin anew
          this.load();
          if (await this.run(one, 20000)) continue;
          this.load();
          state.activeMutant = activeMutant.id;
          if (!(await this.run(one, 20000))) continue;
        }
      }
      this.killers = [one.id, ...this.killers.filter((id) => id !== one.id)].slice(0, 40);
      if (endless) return { status: MutantRunStatus.Timeout, reason: endless.reason };
      if (error instanceof Late) return { status: MutantRunStatus.Timeout, reason: one.id };
      return { status: MutantRunStatus.Killed, killedBy: [one.id], failureMessage: String(error?.message ?? error).slice(0, 300), nrOfTests: done };
    }
    return { status: MutantRunStatus.Survived, nrOfTests: done };
  }
}

export const strykerPlugins = [declareClassPlugin(PluginKind.TestRunner, "heap", Runner)];
