// Numbers, texts or records side by side in one block: a struct that is bound to it.

import { whole } from "./error";
import { Heap, memory, put } from "./cell";
import { Got, Kind, struct, Struct, Value } from "./struct";

export interface List<F = any, T = any> {
  /** The block, for a cursor of the struct; 0 after close(). */
  handle: number;
  /** Elements. */
  length: number;
  /** Bytes of an element. */
  size: number;
  /** Element `i`, or its field `name`. Throws RANGE (no such element), ARGUMENT (no such field), HANDLE (the block was freed), BUSY. Cost: constant. */
  get<K extends keyof F>(i: number, name: K): Got<F[K]>;
  get(i: number): Got<T>;
  /** A field of the element that to() chose last. */
  get<K extends keyof F>(name: K): Got<F[K]>;
  /** Sets element `i`, or its field `name`. Throws as get(), and as set() of a struct. */
  set<K extends keyof F>(i: number, name: K, value: Value): void;
  set(i: number, value: Value): void;
  set<K extends keyof F>(name: K, value: Value): void;
  /** Chooses element `i`, see to() of a struct; at first that is element 0. */
  to(i: number): this;
  /** The same array with a choice of its own. */
  cursor(): List<F, T>;
  /** Frees the block; the array has no elements then and every call throws HANDLE. Throws what the free() of the heap throws: nothing is changed then. */
  close(): void;
}

function close(this: Struct & List): void {
  this._heap.free(this.handle), (this.handle = this.length = 0);
}

/**
 * `n` elements of a kind, as struct() has them, or of a struct, each as new. 0: the heap refuses, its `why` says it (SIZE for no elements). Throws OPTION
 * (no heap, no kind), ARGUMENT. Cost: an alloc, the bytes.
 */
export function array<T extends Kind>(heap: Heap, type: T, n: number): List<never, T> | 0;
export function array<F>(heap: Heap, type: Struct<F>, n: number): List<F, never> | 0;
export function array(heap: Heap, type: any, n: number): any {
  // get(i) looks for the field of no name
  var a = (type && type._fields ? type : struct({ undefined: type })).cursor() as Struct & List;
  var size = a.size;
  var end = n * size;
  // as many elements as fit 64 bytes, and one
  var step = Math.min(64 - (64 % size) + size, end);
  var at = 0;
  var some;
  whole(n);
  a._mem = memory((a._heap = heap));
  a.length = n;
  a.close = close;
  if (!(a.handle = heap.alloc(end))) return 0;
  some = new Uint8Array(step);
  for (; at < step; at += size) some.set(a._image, at);
  // from the end, where the last piece may lie over the one before
  for (at = end; at > 0; ) put(a._mem, a.handle, (at -= step) < 0 ? 0 : at, some);
  return a.to(0);
}
