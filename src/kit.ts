// What programs build on a pool. Each part stands alone, so that a bundler drops the others.

export { array } from "./array";
export { buffer } from "./buffer";
export { collector } from "./collect";
export { deque } from "./deque";
export { global } from "./preset";
export { guard } from "./guard";
export { idle } from "./idle";
export { owner, scope } from "./owner";
export { pressure } from "./pressure";
export { queue } from "./queue";
export { slab } from "./slab";
export { struct } from "./struct";
