import assert from "node:assert/strict";
import { program, prove, SUITES } from "./suite";

describe("emulator inside an engine", () => {
  prove(["emulator"]);

  // Beside emulator and cases an Espruino Pico's heap still takes a machine.
  const LIMITS: Record<string, number> = { "emulator-portable": 34000, "heap-portable": 34000, "chip-portable": 18000 };
  for (const one of SUITES.filter(({ file }) => file in LIMITS)) {
    it(`${one.name} has at most ${LIMITS[one.file]} bytes`, async () => {
      const { length } = await program(one, true);
      assert.ok(length <= LIMITS[one.file], `${length} bytes`);
    });
  }
});
