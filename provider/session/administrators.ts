import { Slots } from "../async/concurrency";
import { AwsAuthError } from "../errors";

/**
 * The changes of administrators' access entries on one cluster: one after the other, and none after one that failed, so that a mistake
 * that locks administrators out affects one of them.
 */
export class Administrators {
  readonly #turn = new Slots(1);
  /** Why the change of one failed. */
  #failed: string | undefined;

  /**
   * Makes a change in its turn.
   *
   * @throws AwsAuthError `rejected` if the change of another one has failed before, and whatever the change throws.
   */
  run<T>(change: () => Promise<T>): Promise<T> {
    return this.#turn.run(async () => {
      if (this.#failed !== undefined) {
        throw new AwsAuthError(
          "rejected",
          `the change of another administrator failed in this run, so this mapping stays as it is; fix that one first: ${this.#failed}`,
        );
      }
      try {
        return await change();
      } catch (error) {
        this.#failed = error instanceof Error ? error.message : String(error);
        throw error;
      }
    });
  }
}
