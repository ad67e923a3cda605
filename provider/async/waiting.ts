import { setTimeout } from "node:timers/promises";

/** How long to wait for something in all, and between two looks at first and at most. In milliseconds. */
export interface Patience {
  readonly total: number;
  readonly first: number;
  readonly most: number;
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
  const until = Date.now() + total;
  for (let pause = first; ; pause = Math.min(2 * pause, most)) {
    const seen = await look();
    if (seen !== undefined || Date.now() >= until) {
      return seen;
    }
    onPause();
    await setTimeout(pause);
  }
}
