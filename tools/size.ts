import { command, options } from "./command";

const HELP = `usage: npm run size -- [--write] [--json]
What every minified bundle of dist/ takes, every part of the kit in a bundle of its own, and every file of src/ in the bundles:
bytes, bytes gzipped, and on engines that TIDYHEAP_ENGINES="espruino=/path;jerry=/path" names JsVars loaded into RAM and kept in
Storage (espruino), bytes of heap at the peak (jerry, built with memory statistics). A bundle with create() is measured with an
empty pool of 32 rows, whose bytes or store are not counted. Figures of engines that are not here are those kept from before.
  --write   also puts the tables into README.md, DESIGN.md and docs/, keeps the figures of the engines that are here in
            tools/size/figure.json, and gives what has no limit one in tools/size/limit.json: a percent more than it has
  --json    prints JSON instead of tables
The exit code is 1 when something is above its limit in tools/size/limit.json.`;

const OPTIONS = { write: { type: "boolean" }, json: { type: "boolean" } } as const;

if (require.main === module) {
  command("size", HELP, async (args) => {
    const { write = false, json = false } = options(args, OPTIONS).values;
    const { report } = await import("./size/report"); // rollup and TypeScript: slow to load, not needed to refuse
    return report(write === true, json === true);
  });
}
