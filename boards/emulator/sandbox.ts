// For Node only: programs run in a context of their own from which the natives that no board has are deleted,
// instances and prototypes included. Nothing else of the emulator needs Node.

import type { Board } from "../board";
import { boot, type Machine, type Options } from "./machine";
import { ABSENT, ARRAYS, STATICS } from "./native";

declare const require: (name: string) => any;

/** Members no instance has on a board. An array's BYTES_PER_ELEMENT is missing here: it cannot be deleted. */
const MEMBERS = ["copyWithin", "lastIndexOf"];

function drop(names: string[], owner: string): string {
  return names.map((name) => "delete " + owner + "." + name + ";").join("");
}

function strip(): string {
  const kinds = ARRAYS.filter((name) => name !== "ArrayBuffer");
  const statics = Object.keys(STATICS).map((name) => drop(STATICS[name], name));
  const arrays = kinds.map((name) => drop(MEMBERS, name + ".prototype"));
  const shared = "var base=Object.getPrototypeOf(Uint8Array);" + drop(["from", "of"], "base") + drop(MEMBERS, "base.prototype") + "delete this.base;";
  return statics.join("") + arrays.join("") + shared + drop(MEMBERS, "Array.prototype") + drop(MEMBERS, "String.prototype") + drop(ABSENT, "this");
}

/** As boot(), in a context of its own. Throws when there is no node:vm. */
export function sandbox(board: Board, options?: Options): Machine {
  const vm = require("node:vm");
  const context = vm.createContext({});
  vm.runInContext(strip(), context);
  const compile = (body: string) => vm.compileFunction(body, ["$"], { parsingContext: context });
  const o = options || {};
  return boot(board, { modules: o.modules, print: o.print, pageNatives: o.pageNatives, compile });
}
