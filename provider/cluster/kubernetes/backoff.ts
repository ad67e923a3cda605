import { setTimeout } from "node:timers/promises";

/** How long things may take, in milliseconds. */
export interface Limits {
  /** A read in all, with credentials, retries and pauses. */
  readonly read: number;
  /** One request of a read, so that a second one has a chance. */
  readonly readTry: number;
  /** A write in all. */
  readonly write: number;
  /** One request of a write. */
  readonly writeTry: number;
  /** The first pause between tries, at most; each is random between half and all of it, and the next twice as long. */
  readonly firstPause: number;
}

/** A plan waits 15 s for a cluster; a write passes admission webhooks, each of which may take 10 s by default. */
export const defaultLimits: Limits = {
  read: 15_000,
  readTry: 10_000,
  write: 45_000,
  writeTry: 20_000,
  firstPause: 250,
};

/** How often something is tried, in all. */
const maxTries = 5;

/** A limit in time for something that takes several requests. */
export class Deadline {
  readonly #end: number;
  /** Milliseconds from the start. */
  readonly limit: number;
  readonly #firstPause: number;

  constructor(limit: number, firstPause = defaultLimits.firstPause) {
    this.limit = limit;
    this.#firstPause = firstPause;
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
    const longest = this.#firstPause * 2 ** (tries - 1);
    const pause = Math.max((retryAfter ?? 0) * 1000, longest * (0.5 + Math.random() / 2));
    if (tries >= maxTries || pause >= this.left) {
      return false;
    }
    await setTimeout(pause);
    return true;
  }
}
