// What programs build on a pool. Each part stands alone, so that a bundler drops the others.

export { buffer } from "./buffer";
export { deque } from "./deque";
