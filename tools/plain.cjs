// Loads TypeScript with nothing added: what other loaders put in front of a module has branches that count as those of its first line.
"use strict";

const { readFileSync } = require("node:fs");
const { _extensions: extensions } = require("node:module");
const ts = require("typescript");

const compilerOptions = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.CommonJS,
  ignoreDeprecations: "6.0",
  importHelpers: true,
  esModuleInterop: true,
  inlineSourceMap: true,
  inlineSources: true
};

extensions[".ts"] = (module, fileName) => {
  const { outputText } = ts.transpileModule(readFileSync(fileName, "utf8"), { fileName, compilerOptions });
  module._compile(outputText, fileName);
};
