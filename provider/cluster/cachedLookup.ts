/** How long a failure is kept, in milliseconds, so that a plan of many mappings waits for AWS only once. */
const failureKeptFor = 10_000;

/** A lookup that runs once, and again some time after a failure. */
export class CachedLookup<T> {
  #result: Promise<T> | undefined;
  #failedAt = Number.NEGATIVE_INFINITY;

  get(ask: () => Promise<T>): Promise<T> {
    const isRetried = this.#failedAt > 0 && performance.now() - this.#failedAt > failureKeptFor;
    if (this.#result === undefined || isRetried) {
      this.#failedAt = Number.NEGATIVE_INFINITY;
      this.#result = ask();
      this.#result.catch(() => {
        this.#failedAt = performance.now();
      });
    }
    return this.#result;
  }
}
