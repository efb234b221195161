import assert from "node:assert";
import { faults, NAMES } from "../tools/dialect";

// One or more refused sources per rule, and near misses that must pass.
const REFUSED: [string, string][] = [
  ["conditional var", "function f(a){if(a){var b=1}return b}"],
  ["conditional var", "for(;;){var c=1}f(c)"],
  ["conditional var", "try{var d=1}catch(e){f(d)}"],
  ["conditional var", "function f(a){if(a)for(var i=0;i<9;i++);return i}"],
  ["conditional var", "function f(a){if(a){var b=1}return function(){return b}}"],
  ["conditional var", "function f(a){if(a)var b=1;return b}"],
  ["conditional var", "switch(a){case 1:var b=1;case 2:f(b)}"],
  ["nested function", "if(1){function g(){}}"],
  ["label", "out:for(;;)break out"],
  ["default not last", "switch(1){default:f();case 2:}"],
  ["reserved name", "var of=1"],
  ["reserved name", "function f(let){}"],
  ["reserved name", "static=1"],
  ["prototype call", "Array.prototype.slice.call(a)"],
  ["prototype call", "Uint8Array.prototype.set.apply(a,b)"],
  ["prototype call", 'Array["prototype"]["slice"]["call"](a)'],
  ["absent global", "new Map()"],
  ["absent global", "typeof Symbol"],
  ["absent global", "throw new RangeError()"],
  ["absent static", "Object.freeze(a)"],
  ["absent static", "Math.imul(2,3)"],
  ["absent static", "Math['clz32'](2)"],
  ["absent static", "Uint8Array.from(a)"],
  ["absent member", "a.copyWithin(0,1)"],
  ["absent member", "b?c():a.copyWithin(0,1)"],
  ["absent member", "x=a.BYTES_PER_ELEMENT"],
  ["absent member", "Uint8Array.BYTES_PER_ELEMENT"],
  ["use strict", '"use strict";f()'],
  ["use strict", 'function f(){"use strict"}'],
  ["accessor", "a={get b(){return 1}}"],
  ["accessor", "a={set b(c){}}"],
  ["accessor", "Object.defineProperty(a,'b',{})"],
  ["set length", "a.length=0"],
  ["set length", "a.length--"],
  ["use before definition", "f();function f(){}"],
  ["use before definition", "x=1;var x"],
  ["use before definition", "function f(){g(h);var h=1}"],
  ["use before definition", "function f(){return g();function g(){}}"],
  ["use before definition", "var a=a||{}"],
  ["shared catch name", "function f(e){try{f()}catch(e){}}"],
  ["shared catch name", "function f(){try{f()}catch(e){}try{f()}catch(e){}}"],
  ["bare return at the end", "function f(a){if(a)return}"],
  ["bare return at the end", "f=function(a){for(;;)if(a)return}"]
];

const PASSED = [
  "function f(a){if(a){var b=1;g(b,function(){return b})}}",
  "function f(a){if(a){var b=1;g(b)}else{var b=2;g(b)}return function(b){return b}}",
  "if(a)for(var i=0;i<9;i++)f(i);while(a){var b=f();g(b)}",
  "function f(a){var b,i;if(a)b=1;for(i=0;i<a;i++);return b}",
  "for(var i=0;i<9;i++);for(var k in a);",
  "function f(){return g()}function g(){return x}var x=1;f()",
  "switch(1){case 2:default:f()}",
  "a.of=a.static;b={let:1,of:2}",
  "var set=u.set.bind(u);set(v);a.length>1;b=a.length",
  "m=a.copyWithin?function(){a.copyWithin(0,1)}:c;b=a.copyWithin;if(b)a.copyWithin(0,1);b?a.copyWithin(1,2):c()",
  "a.freeze();b.prototype.get=function(){};a.imul(2)",
  "function f(a){try{a()}catch(e){throw e}}",
  "function f(a){if(a)return;}function g(a){if(a){return}}function h(a){if(a)return;a()}",
  "exports.create=function(x){var y=x;return function(){return y}}"
];

describe("dialect", () => {
  for (const [rule, source] of REFUSED) {
    it(`refuses ${rule}: ${source}`, () => {
      assert.deepEqual([...new Set(faults(source).map((fault) => fault.split(":")[0]))], [rule]);
    });
  }
  for (const source of PASSED) it(`passes ${source}`, () => assert.deepEqual(faults(source), []));

  it("has a refused source for every rule", () => {
    assert.deepEqual(NAMES.filter((name) => !REFUSED.some(([rule]) => rule === name)), []);
  });

  it("throws on what is not ES5", () => {
    for (const source of ["let a=1", "a=>a", "`a`", "a?.b", "class A{}", "f(...a)", "({a})"]) assert.throws(() => faults(source), SyntaxError);
  });

  it("says where a fault is", () => {
    assert.deepEqual(faults("f();\n  a.length = 3"), ["set length: length (2:2)"]);
  });
});
