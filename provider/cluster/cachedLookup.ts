import { isOver } from "../async/waiting";

/** How long a failure is kept, in milliseconds, so that a plan of many mappings waits for AWS only once. */
const failureKeptFor = 10_000;

/** A lookup that runs once, and again some time after a failure. */
export class CachedLookup<T> {
  #result: Promise<T> | undefined;
  #failedAt: number | undefined;

  get(ask: () => Promise<T>): Promise<T> {
    if (this.#result === undefined || (this.#failedAt !== undefined && isOver(failureKeptFor, this.#failedAt))) {
      this.#failedAt = undefined;
      this.#result = ask();
      this.#result.catch(() => {
        this.#failedAt = Date.now();
      });
    }
    return this.#result;
  }
}
