// Natives of the engine underneath that a board does not have.
// NOT MODELLED: what is reached through an instance (`[].lastIndexOf`, `bytes.copyWithin`), `eval` and `Function`.
// The Node sandbox deletes those too.

/** Global names a program must not see. */
export const ABSENT = (
  "Symbol Map Set WeakMap WeakSet WeakRef FinalizationRegistry Proxy Reflect BigInt RangeError Atomics SharedArrayBuffer globalThis " +
  "Buffer setImmediate clearImmediate queueMicrotask performance structuredClone fetch URL TextEncoder TextDecoder"
).split(" ");

/** Statics a program must not see. */
export const STATICS: { [name: string]: string[] } = {
  Object: ["freeze", "seal", "preventExtensions", "isFrozen", "isSealed", "isExtensible"],
  Math: "imul clz32 trunc fround hypot cbrt log2 log10 log1p expm1 sinh cosh tanh".split(" "),
  Array: ["from", "of"]
};

/** Constructors of arrays whose memory counts. */
export const ARRAYS =
  "ArrayBuffer Uint8Array Int8Array Uint8ClampedArray Uint16Array Int16Array Uint32Array Int32Array Float32Array Float64Array".split(" ");

/** `native` without the given statics: itself if it has none of them, else a copy that makes the same objects. */
export function without(native: any, absent: string[]): any {
  let clean = true;
  for (let i = 0; i < absent.length; i++) if (native[absent[i]] !== undefined) clean = false;
  if (clean) return native;
  const copy: any = typeof native === "function" ? double(native) : {};
  const names = Object.getOwnPropertyNames(native);
  for (let i = 0; i < names.length; i++) {
    if (absent.indexOf(names[i]) < 0 && copy[names[i]] === undefined) copy[names[i]] = native[names[i]];
  }
  return copy;
}

function double(native: any): any {
  const copy: any = function () {
    return native.apply(copy, arguments);
  };
  copy.prototype = native.prototype;
  return copy;
}
