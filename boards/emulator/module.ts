// require() and Modules.

/** Where modules come from. */
export interface Loader {
  /** Exports by name, of what has been evaluated. */
  cache: { [name: string]: any };
  /** Sources by name, not evaluated yet. */
  sources: { [name: string]: string };
  /** Source of a module kept in Storage. */
  stored(name: string): string | undefined;
  /** Runs a module's source and returns its exports. */
  evaluate(source: string): any;
}

// Modules that Espruino has built in on one board or another.
const BUILT_IN = "fs http https net tls dgram crypto heatshrink timer Flash Wifi neopixel tensorflow CC3000 WIZnet TelnetServer".split(" ");

/** Exports of a module, which is evaluated when it is asked for the first time. Throws when there is none. */
export function load(l: Loader, name: string): any {
  if (l.cache["#" + name] !== undefined) return l.cache["#" + name];
  const source = l.sources["#" + name] === undefined ? l.stored(name) : l.sources["#" + name];
  if (source !== undefined) return (l.cache["#" + name] = l.evaluate(source));
  if (BUILT_IN.indexOf(name) >= 0) throw new Error('not modelled: require("' + name + '")');
  throw new Error('Module "' + name + '" not found');
}

/** The object `Modules` of a program. */
export function modulesOf(l: Loader): object {
  return {
    addCached: function (name: string, source: string | (() => void)) {
      // what the Web IDE sends is a function whose body is the module
      if (typeof source !== "string") source = String(source).slice(String(source).indexOf("{") + 1, -1);
      l.cache["#" + name] = l.evaluate(source);
    },
    getCached: function () {
      const names: string[] = [];
      for (const name in l.cache) names.push(name.slice(1));
      return names;
    },
    removeCached: function (name: string) {
      delete l.cache["#" + name];
    },
    removeAllCached: function () {
      l.cache = {};
    }
  };
}
