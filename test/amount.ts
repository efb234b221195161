/** How much is to be proven: "" by `npm test`, "bounded" or "full" by `npm run prove`. */
const PROOF = process.env.TIDYHEAP_PROOF ?? "";

/** How many runs, seeds or sizes a test does: a few in `npm test`, more in `npm run prove`, most in `npm run prove -- --full`. */
export function amount(quick: number, bounded: number, full = bounded * 10): number {
  return PROOF === "full" ? full : PROOF === "bounded" ? bounded : quick;
}
