import { setTimeout } from "node:timers/promises";

/** How long to wait for something in all, and between two looks at first and at most. In milliseconds. */
export interface Patience {
  readonly total: number;
  readonly first: number;
  readonly most: number;
}

/** A random pause between half of a length and all of it, so that those who wait for the same thing come back one by one. */
export function jittered(pause: number): number {
  return pause * (0.5 + Math.random() / 2);
}

/** Whether a time is over since a moment of the system's clock; if that was set back, nobody knows, and it counts as over. */
export function isOver(milliseconds: number, since: number): boolean {
  const age = Date.now() - since;
  return age > milliseconds || age < 0;
}

/**
 * Looks until there is something to see, with pauses that double.
 *
 * @param look undefined: not yet.
 * @param onPause called before each pause.
 * @returns undefined if the time is over.
 */
export async function waitFor<T>(
  look: () => Promise<T | undefined>,
  { total, first, most }: Patience,
  onPause: () => void = () => {},
): Promise<T | undefined> {
  const until = performance.now() + total;
  for (let pause = first; ; pause = Math.min(2 * pause, most)) {
    const seen = await look();
    if (seen !== undefined || performance.now() >= until) {
      return seen;
    }
    onPause();
    await setTimeout(jittered(pause));
  }
}
