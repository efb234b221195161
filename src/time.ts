// The time of the board and its timers, where it has them.

/** A timer to run ticks on; `set` calls `fn` every `ms` milliseconds until `clear(id)`. */
export interface Scheduler {
  set(fn: () => void, ms: number): unknown;
  clear(id: unknown): void;
}

declare var setInterval: (fn: () => void, ms: number) => unknown;
declare var clearInterval: (id: unknown) => void;

/** Milliseconds since some day, 0 on engines without Date. */
export function now(): number {
  return typeof Date === "undefined" ? 0 : Date.now();
}

/** setInterval and clearInterval where they exist. */
export var timers: Scheduler = {
  set: function (fn, ms) {
    return typeof setInterval !== "undefined" ? setInterval(fn, ms) : 0;
  },
  clear: function (id) {
    if (typeof clearInterval !== "undefined") clearInterval(id);
  },
};
