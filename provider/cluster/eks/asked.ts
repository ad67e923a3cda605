/** How long, in milliseconds, a failure answers for the next ones: a plan of many mappings waits for AWS once. */
const failureKeptFor = 10_000;

/** A question that is asked once; after a failure it is asked again later, since the next try may find better. */
export class Asked<T> {
  #answer: Promise<T> | undefined;
  #failedAt: number | undefined;

  get(ask: () => Promise<T>): Promise<T> {
    if (this.#answer === undefined || (this.#failedAt !== undefined && Date.now() - this.#failedAt > failureKeptFor)) {
      this.#failedAt = undefined;
      this.#answer = ask();
      this.#answer.catch(() => {
        this.#failedAt = Date.now();
      });
    }
    return this.#answer;
  }
}
