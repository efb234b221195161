// Runs scripts of package.json beside each other, one on each processor: node tools/pair.mjs build types lint. Prints what each has to say when it is over.
// Fails when one does.

import { spawn } from "node:child_process";
import { availableParallelism } from "node:os";

function run(name) {
  const from = performance.now();
  return new Promise((resolve, reject) => {
    const child = spawn("npm", ["run", "--silent", name], { stdio: ["ignore", "pipe", "pipe"], shell: process.platform === "win32" });
    let said = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (said += data));
    child.on("error", reject);
    child.on("close", (code) => {
      const seconds = ((performance.now() - from) / 1000).toFixed(1);
      console.log(`${name}: ${code === 0 ? "passed" : "FAILED"}, ${seconds} s`);
      if (code !== 0) console.log(said);
      resolve(code === 0);
    });
  });
}

const waiting = process.argv.slice(2);
let passed = true;

async function lane() {
  for (let name = waiting.shift(); name; name = waiting.shift()) passed = (await run(name)) && passed;
}

await Promise.all(Array.from({ length: Math.max(2, availableParallelism()) }, lane));
process.exitCode = passed ? 0 : 1;
