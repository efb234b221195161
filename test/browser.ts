// The browser of the tests: Debian's or any other Chromium, without a window.

import type { Browser } from "playwright-core";
import { needed, which } from "../tools/engine";

const NAMES = ["chromium", "chromium-browser", "google-chrome", "chrome"];

/** Path of the browser that CHROMIUM names, or of one on PATH; "" if there is none. */
function chromium(): string {
  const named = process.env.CHROMIUM;
  return named ? which(named) || named : NAMES.map(which).find(Boolean) ?? "";
}

/**
 * Describes what needs a browser: `suite` gets a function that gives the one that is started before the first test. Where there is none the
 * whole is skipped and its title says why, or fails if TIDYHEAP_NEED asks for chromium.
 */
export function browsing(title: string, suite: (browser: () => Browser) => void): void {
  const path = chromium();
  if (!path && needed("chromium")) return void it(title, () => { throw new Error("no Chromium here: CHROMIUM names none, and none is on PATH"); });
  if (!path) return void it.skip(`${title} (skipped: no Chromium on PATH, and CHROMIUM names none)`);
  describe(title, function () {
    this.timeout(30_000);
    let started: Browser;
    before(async () => {
      const { chromium: engine } = await import("playwright-core");
      // as root there is no sandbox, and a container has a small /dev/shm
      started = await engine.launch({ executablePath: path, args: ["--no-sandbox", "--disable-dev-shm-usage"] });
    });
    after(() => started?.close());
    suite(() => started);
  });
}
