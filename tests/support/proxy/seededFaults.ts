import { type Arrival, type Fault, type FaultPlan, reads } from "./fault.ts";

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

/**
 * A random plan: each request gets one of all possible faults with the given probability. Reads and writes have different faults, since a
 * 409 or a closed connection means something else for each.
 *
 * @param meanwhile a concurrent change during some of the faults
 */
export function seededFaults(random: SeededRandom, probability: number, meanwhile: () => Promise<void>): FaultPlan {
  return (arrival) => {
    if (random.next() >= probability) {
      return undefined;
    }
    const fault = anyFault(arrival, random);
    return random.next() < 0.25 ? { ...fault, meanwhile } : fault;
  };
}

function anyFault(arrival: Arrival, random: SeededRandom): Fault {
  const refused: Fault = { kind: "respond", status: random.pick([429, 500, 503, 504]) };
  const delayed: Fault = { kind: "delay", milliseconds: random.below(400) };
  if (reads(arrival)) {
    return random.pick<Fault>([refused, delayed, { kind: "cutBefore" }, { kind: "truncate" }, { kind: "shorten" }]);
  }
  const conflict: Fault = { kind: "respond", status: 409 };
  const errorAfter: Fault = { kind: "respondAfter", status: random.pick([500, 503, 504]) };
  const lostResponse: Fault = random.pick<Fault>([
    { kind: "cutAfter" },
    { kind: "truncate" },
    { kind: "shorten" },
    errorAfter,
  ]);
  return random.pick<Fault>([refused, delayed, conflict, lostResponse, lostResponse, { kind: "cutBefore" }]);
}
