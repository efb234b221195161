/** Whole numbers from a seed, the same on every run. */
export interface Random {
  /** 0 .. n - 1. */
  (n: number): number;
}

/** An xorshift generator; any seed will do. */
export function random(seed: number): Random {
  let state = (seed * 2654435761 + 0x9e3779b9) >>> 0 || 1;
  return (n) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % n;
  };
}

/** One element of a list. */
export function pick<T>(next: Random, list: readonly T[]): T {
  return list[next(list.length)];
}
