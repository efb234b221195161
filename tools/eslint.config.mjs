import tseslint from "typescript-eslint";

// Names an ES5 engine has but Espruino lacks. The ES5 lib of tsconfig.json already refuses everything newer.
const ABSENT = ["RangeError", "Symbol", "Map", "Set", "WeakMap", "WeakSet", "Proxy", "Reflect", "BigInt"];

const LENGTH = "Espruino cannot set length: use splice.";

const DEVICE = [
  { selector: "LabeledStatement", message: "Espruino has no labels." },
  { selector: "ClassDeclaration[superClass]", message: "Espruino cannot run down-levelled inheritance." },
  { selector: "SpreadElement", message: "Down-levelled spread fails on Espruino." },
  { selector: "AssignmentExpression[left.property.name='length']", message: LENGTH },
  { selector: "MemberExpression[object.property.name='prototype'][property.name=/^(call|apply)$/]", message: "Bind natives from an instance." },
  { selector: "MemberExpression[object.object.name=/Array$/][object.property.name='prototype']", message: "Bind natives from an instance." },
  { selector: "MemberExpression[object.name='Object'][property.name=/^(freeze|seal|preventExtensions)$/]", message: "Absent on Espruino." },
  { selector: "MemberExpression[property.name=/^(lastIndexOf|BYTES_PER_ELEMENT)$/]", message: "Absent on Espruino." },
  { selector: "Literal[value='use strict']", message: "Slow on Espruino." },
  { selector: "Property[kind=/get|set/]", message: "Getters and setters are slow or absent on small engines." }
];

// What the strict rules that know types ask for and this code does otherwise.
const MEANT = {
  // values come from programs without types: what TypeScript rules out is looked at all the same, and made a number or a string
  "@typescript-eslint/no-unnecessary-condition": "off",
  "@typescript-eslint/no-unnecessary-type-conversion": "off",
  "@typescript-eslint/no-base-to-string": "off",
  "@typescript-eslint/restrict-plus-operands": "off",
  // an Espruino pays for every statement, so several calls share one
  "@typescript-eslint/no-confusing-void-expression": "off",
  // methods become fields of objects they are meant for: those are found sooner
  "@typescript-eslint/unbound-method": "off",
  // locks by row are members of an object: a Map is more than the engines have
  "@typescript-eslint/no-dynamic-delete": "off",
  // callbacks may return nothing
  "@typescript-eslint/no-invalid-void-type": "off",
  // ledger() gives what its caller will fill in
  "@typescript-eslint/no-unnecessary-type-parameters": "off",
  // the invariants say that it is there
  "@typescript-eslint/no-non-null-assertion": "off"
};

// Records of any fields, and links that parts leave in the objects of others.
const UNTYPED = ["array", "buffer", "collect", "guard", "preset", "struct"].map((name) => `src/${name}.ts`);

export default tseslint.config(
  { ignores: ["dist/", "node_modules/", "coverage/", "reports/"] },
  ...tseslint.configs.recommended,
  { files: ["src/**/*.ts"], extends: [tseslint.configs.strictTypeChecked], languageOptions: { parserOptions: { projectService: true } }, rules: MEANT },
  {
    files: UNTYPED,
    rules: Object.fromEntries(["argument", "assignment", "call", "member-access", "return"].map((name) => [`@typescript-eslint/no-unsafe-${name}`, "off"]))
  },
  // the last signature is the one that messages name and inference takes
  { files: ["tools/type/*.ts"], rules: { "@typescript-eslint/unified-signatures": "off" } },
  // what ends parse() is no error of the program
  { files: ["src/deque.ts"], rules: { "@typescript-eslint/only-throw-error": "off" } },
  // with the library of the tests, newer than ES5, a buffer may also be shared
  { files: ["src/queue.ts"], rules: { "@typescript-eslint/no-unnecessary-type-assertion": "off" } },
  {
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      "@typescript-eslint/no-explicit-any": "off",
      "@typescript-eslint/no-unused-vars": ["error", { args: "after-used", caughtErrors: "none" }],
      "@typescript-eslint/no-require-imports": "off",
      "@typescript-eslint/no-this-alias": "off",
      "@typescript-eslint/no-unused-expressions": "off",
      "no-var": "off",
      eqeqeq: ["error", "smart"],
      "no-constant-condition": ["error", { checkLoops: false }]
    }
  },
  {
    files: ["src/**/*.ts", "boards/**/*.ts"],
    rules: {
      "prefer-const": "off",
      "prefer-rest-params": "off",
      "no-restricted-globals": ["error", ...ABSENT],
      "no-restricted-syntax": ["error", ...DEVICE]
    }
  },
  {
    // their objects have a length of their own; apply is what spread would become
    files: ["src/chain.ts", "src/buffer.ts", "src/deque.ts", "src/array.ts", "src/text.ts"],
    rules: { "no-restricted-syntax": ["error", ...DEVICE.filter(({ message }) => message !== LENGTH)], "prefer-spread": "off" }
  }
);
