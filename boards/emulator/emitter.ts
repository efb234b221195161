// Event listeners as Espruino's objects have them: emit() queues the calls for the end of the turn.

import type { Clock } from "./clock";

/** A function of a program, called with whatever the event brings. */
export type Listener = (...values: any[]) => void;

/** Gives `target` on, addListener, emit, removeListener and removeAllListeners. The result tells whether an event has listeners. */
export function emitter(target: any, c: Clock): (event: string) => boolean {
  let lists: { [event: string]: Listener[] } = {};

  target.on = target.addListener = function (event: string, listener: Listener) {
    (lists["#" + event] || (lists["#" + event] = [])).push(listener);
  };
  target.emit = function (event: string) {
    const rest: any[] = [];
    for (let i = 1; i < arguments.length; i++) rest.push(arguments[i]);
    const list = lists["#" + event] || [];
    for (let i = 0; i < list.length; i++) later(list[i], rest);
  };
  target.removeListener = function (event: string, listener: Listener) {
    const list = lists["#" + event] || [];
    const at = list.indexOf(listener);
    if (at >= 0) list.splice(at, 1);
  };
  target.removeAllListeners = function (event?: string) {
    if (event === undefined) lists = {};
    else delete lists["#" + event];
  };

  function later(listener: Listener, rest: any[]): void {
    c.queue.push(function () {
      listener.apply(target, rest);
    });
  }
  return function (event: string) {
    return !!lists["#" + event] && lists["#" + event].length > 0;
  };
}
