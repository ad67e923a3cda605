import { setTimeout } from "node:timers/promises";

/** How often something is tried, in all, and how the pauses between grow: random between half and all of so many milliseconds. */
export const maxTries = 5;
const firstPause = 250;
const maxPause = 4_000;

/** A limit in time for something that takes several requests. */
export class Deadline {
  readonly #end: number;
  /** Milliseconds from the start. */
  readonly limit: number;

  constructor(limit: number) {
    this.limit = limit;
    this.#end = performance.now() + limit;
  }

  /** Milliseconds left; 0 when it is over. */
  get left(): number {
    return Math.max(0, this.#end - performance.now());
  }

  /** Aborts at the deadline, or after `limit` milliseconds if that is sooner. */
  signal(limit = Number.POSITIVE_INFINITY): AbortSignal {
    return AbortSignal.timeout(Math.ceil(Math.min(limit, this.left)));
  }

  /**
   * Waits before another try.
   *
   * @param tries how many there were
   * @param retryAfter seconds that the server asked for
   * @returns false, at once, when there should be no other
   */
  async pause(tries: number, retryAfter: number | undefined): Promise<boolean> {
    const longest = Math.min(maxPause, firstPause * 2 ** (tries - 1));
    const pause = Math.max((retryAfter ?? 0) * 1000, longest * (0.5 + Math.random() / 2));
    if (tries >= maxTries || pause >= this.left) {
      return false;
    }
    await setTimeout(pause);
    return true;
  }
}
