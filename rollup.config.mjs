import typescript from "@rollup/plugin-typescript";
import { minify as terse } from "terser";

// Every bundle of dist/. `input` is one build, `min` picks the terser settings, `name` the global of an iife; a `store` (or recorder) has no create(), a `tiny`
// pool not all its methods, a `far` one needs a store, the `kit` has parts that work on pools.
export const FLAVOURS = [
  { input: "src/full.ts", file: "dist/tidyheap.js", format: "cjs" },
  { input: "src/full.ts", file: "dist/tidyheap.min.js", format: "cjs", min: true },
  { input: "src/full.ts", file: "dist/tidyheap.iife.min.js", format: "iife", min: true, name: "tidyheap" },
  { input: "src/core.ts", file: "dist/tidyheap-core.js", format: "cjs" },
  { input: "src/core.ts", file: "dist/tidyheap-core.min.js", format: "cjs", min: true },
  { input: "src/tiny.ts", file: "dist/tidyheap-tiny.min.js", format: "cjs", min: true, tiny: true },
  { input: "src/far.ts", file: "dist/tidyheap-far.js", format: "cjs", far: true },
  { input: "src/far.ts", file: "dist/tidyheap-far.min.js", format: "cjs", min: true, far: true },
  { input: "src/far.ts", file: "dist/tidyheap-far.iife.min.js", format: "iife", min: true, name: "tidyheap", far: true },
  { input: "src/fram.ts", file: "dist/tidyheap-fram.js", format: "cjs", far: true },
  { input: "src/fram.ts", file: "dist/tidyheap-fram.min.js", format: "cjs", min: true, far: true },
  { input: "src/thumb.ts", file: "dist/tidyheap-thumb.min.js", format: "cjs", min: true, store: true },
  { input: "src/spi.ts", file: "dist/tidyheap-spi.js", format: "cjs", store: true },
  { input: "src/spi.ts", file: "dist/tidyheap-spi.min.js", format: "cjs", min: true, store: true },
  { input: "src/page.ts", file: "dist/tidyheap-page.js", format: "cjs", store: true },
  { input: "src/page.ts", file: "dist/tidyheap-page.min.js", format: "cjs", min: true, store: true },
  { input: "src/record.ts", file: "dist/tidyheap-record.js", format: "cjs", store: true },
  { input: "src/record.ts", file: "dist/tidyheap-record.min.js", format: "cjs", min: true, store: true },
  { input: "src/kit.ts", file: "dist/tidyheap-kit.js", format: "cjs", kit: true },
  { input: "src/kit.ts", file: "dist/tidyheap-kit.mjs", format: "es", kit: true },
  { input: "src/kit.ts", file: "dist/tidyheap-kit.min.js", format: "cjs", min: true, kit: true },
  { input: "src/kit.ts", file: "dist/tidyheap-kit.iife.min.js", format: "iife", min: true, name: "tidyheapKit", kit: true }
];

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
  compilerOptions: { noEmit: false, declaration: true, declarationDir: "dist", rootDir: "src" }
});

// One program compiles and declares all of src/ for the first build; the others only take what they need of it.
const taken = { name: "typescript", resolveId: compiled.resolveId, load: compiled.load };

function build(input, index) {
  return { input, output: FLAVOURS.filter((flavour) => flavour.input === input).map(output), plugins: [index === 0 ? compiled : taken] };
}

export default [...new Set(FLAVOURS.map((flavour) => flavour.input))].map(build);
