import typescript from "@rollup/plugin-typescript";
import { minify as terse } from "terser";

// Everything that can be required or imported, one line each: `name` is that of its bundles, its Web IDE module and its types, `global` that of an iife
// where there is one. A `store` (or recorder) has no create(), a `tiny` pool not all its methods, a `far` one needs a store, the `kit` has parts that
// work on pools.
export const MODULES = [
  { name: "tidyheap", input: "src/full.ts", global: "tidyheap" },
  { name: "tidyheap-core", input: "src/core.ts" },
  { name: "tidyheap-tiny", input: "src/tiny.ts", tiny: true },
  { name: "tidyheap-far", input: "src/far.ts", global: "tidyheap", far: true },
  { name: "tidyheap-fram", input: "src/fram.ts", far: true },
  { name: "tidyheap-thumb", input: "src/thumb.ts", store: true },
  { name: "tidyheap-spi", input: "src/spi.ts", store: true },
  { name: "tidyheap-page", input: "src/page.ts", store: true },
  { name: "tidyheap-record", input: "src/record.ts", store: true },
  { name: "tidyheap-kit", input: "src/kit.ts", global: "tidyheapKit", kit: true }
];

/**
 * Every bundle of dist/. `input` is one build, `min` picks the terser settings, `name` the global of an iife.
 * @type {{ input: string, file: string, format: "cjs" | "es" | "iife", min?: boolean, name?: string, tiny?: boolean, far?: boolean, store?: boolean, kit?: boolean }[]}
 */
export const FLAVOURS = MODULES.flatMap(({ name, input, global, ...kind }) => [
  { input, file: `dist/${name}.js`, format: "cjs", ...kind },
  { input, file: `dist/${name}.mjs`, format: "es", ...kind },
  { input, file: `dist/${name}.min.js`, format: "cjs", min: true, ...kind },
  ...(global ? [{ input, file: `dist/${name}.iife.min.js`, format: "iife", min: true, name: global, ...kind }] : [])
]);

// Espruino hoists neither functions nor variables, so both bundles get them hoisted by terser.
const HOIST = { hoist_funs: true, hoist_vars: true, reduce_funcs: false, directives: false };

/** terser settings of a readable bundle. */
export const READABLE = {
  ecma: 5,
  ie8: true,
  compress: { defaults: false, ...HOIST },
  mangle: false,
  format: { beautify: true, indent_level: 2, comments: "all" }
};

/** terser settings of a minified bundle: private names (`_x`) are mangled, `of` is a reserved word on Espruino. */
export function minify({ format, name }) {
  const toplevel = format === "cjs";
  return {
    ecma: 5,
    ie8: true,
    toplevel,
    compress: { ...HOIST, toplevel, keep_infinity: true, passes: 2, pure_getters: true },
    mangle: { toplevel, reserved: name ? ["of", name] : ["of"], properties: { regex: /^_/ } },
    format: { comments: false }
  };
}

/** terser without a thread for every bundle: there are many, and a thread takes longer to start than to work. */
function terser(options) {
  return {
    name: "terser",
    async renderChunk(code, _, { format }) {
      const { code: small, map } = await terse(code, { ...options, toplevel: format === "cjs", module: format === "es", sourceMap: true });
      return { code: small, map };
    }
  };
}

function output(flavour) {
  const { file, format, name, min } = flavour;
  return {
    file,
    format,
    name,
    exports: "named",
    esModule: false,
    strict: false,
    freeze: false,
    externalLiveBindings: false,
    generatedCode: { preset: "es5" },
    sourcemap: min ? "hidden" : true, // a hidden map leaves no comment in the code that is uploaded
    plugins: [terser(min ? minify(flavour) : READABLE)]
  };
}

const compiled = typescript({
  tsconfig: "tsconfig.json",
  include: ["src/**/*.ts"],
  filterRoot: ".",
  noEmitOnError: true,
  compilerOptions: { noEmit: false, inlineSources: true, rootDir: "src" }
});

// One program compiles all of src/ for the first build; the others only take what they need of it.
const taken = { name: "typescript", resolveId: compiled.resolveId, load: compiled.load };

function build(input, index) {
  return { input, output: FLAVOURS.filter((flavour) => flavour.input === input).map(output), plugins: [index === 0 ? compiled : taken] };
}

export default [...new Set(FLAVOURS.map((flavour) => flavour.input))].map(build);
