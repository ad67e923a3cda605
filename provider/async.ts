import { setTimeout } from "node:timers/promises";
import { AwsAuthError } from "./errors";
import { textOf } from "./text/fields";

/** Runs functions with limited concurrency, in the order of the calls. */
export class Slots {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(limit: number) {
    this.#free = limit;
  }

  async run<T>(act: () => Promise<T>): Promise<T> {
    if (this.#free === 0) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else {
      this.#free--;
    }
    try {
      return await act();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) {
        this.#free++;
      } else {
        next();
      }
    }
  }
}

/** More than a cluster or an account has: 500,000 objects of Kubernetes, or 100,000 of EKS or IAM. */
const maxPages = 1_000;

/** Reads all pages of a list. @throws AwsAuthError if a token repeats or the list does not end. */
export async function allPages<Page>(
  read: (token: string | undefined) => Promise<Page>,
  tokenAfter: (page: Page) => unknown,
): Promise<Page[]> {
  const pages: Page[] = [];
  const tokens = new Set<string>();
  let token = "";
  do {
    if (tokens.has(token) || tokens.size === maxPages) {
      throw new AwsAuthError(
        "clusterUnreachable",
        `the list does not end, after ${tokens.size} pages; check whether a proxy or a gateway changes the responses`,
      );
    }
    tokens.add(token);
    const page = await read(token || undefined);
    pages.push(page);
    token = textOf(tokenAfter(page));
  } while (token !== "");
  return pages;
}

/** The total time to wait, and the first and the longest pause between two attempts, in milliseconds. */
export interface PollLimits {
  readonly total: number;
  readonly first: number;
  readonly most: number;
}

/** A random pause between half of a length and all of it, so that concurrent writers retry at different times. */
export function jittered(pause: number): number {
  return pause * (0.5 + Math.random() / 2);
}

/** Polls with pauses that double, until `look` returns a result or the time is over. */
export async function waitFor<T>(
  look: () => Promise<T | undefined>,
  { total, first, most }: PollLimits,
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

/** How long a failure is cached, in milliseconds, so that a plan of many mappings waits only once for an unreachable cluster. */
const failureKeptFor = 10_000;

/** A lookup that runs once, and again some time after a failure. */
export class CachedLookup<T> {
  #result: Promise<T> | undefined;
  #failedAt: number | undefined;

  get hasFailed(): boolean {
    return this.#failedAt !== undefined;
  }

  get(ask: () => Promise<T>): Promise<T> {
    const isRetried = this.#failedAt !== undefined && performance.now() - this.#failedAt > failureKeptFor;
    if (this.#result === undefined || isRetried) {
      this.#failedAt = undefined;
      this.#result = ask();
      this.#result.catch(() => {
        this.#failedAt = performance.now();
      });
    }
    return this.#result;
  }
}
