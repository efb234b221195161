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

export default tseslint.config(
  { ignores: ["dist/", "node_modules/", "coverage/", "reports/"] },
  ...tseslint.configs.recommended,
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
