/** A reproducible source of random numbers. */
export interface SeededRandom {
  /** From 0 up to, but excluding, 1. */
  next(): number;
  /** An integer from 0 up to, but excluding, `end`. */
  below(end: number): number;
  /** One of the given values. */
  pick<T>(from: readonly [T, ...T[]]): T;
}

/** Mulberry32: small, and sufficient to distribute faults over requests. */
export function seededRandom(seed: number): SeededRandom {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (end: number) => Math.floor(next() * end);
  return { next, below, pick: ([first, ...rest]) => [first, ...rest][below(rest.length + 1)] ?? first };
}
