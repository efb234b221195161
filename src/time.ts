// The time of the board, where it has one.

/** Milliseconds since some day, 0 on engines without Date. */
export function now(): number {
  return typeof Date === "undefined" ? 0 : Date.now();
}
