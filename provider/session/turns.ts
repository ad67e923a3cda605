import { Slots } from "../async/concurrency";
import { AwsAuthError } from "../errors";

/** A change of a mapping that has, had or gets an access entry. */
export interface Turn {
  /** Identifies the resource, as in {@link Turns.expect}; undefined for one that is never announced. */
  readonly key: string | undefined;
  readonly isAdministrator: boolean;
  /** Whether it moves the mapping of the run's own identity. */
  readonly isOwn: boolean;
}

/** How long the run's own identity waits for others to move, in milliseconds. */
export interface TurnPatience {
  /** For the next one, if all that were checked have come. Longer on a slow machine: four times the longest pause so far. */
  readonly quiet: number;
  /** For one that was checked and has not come, and at most: the engine may never ask for it, after a failure or under `--parallel 1`. */
  readonly expected: number;
}

const defaultPatience: TurnPatience = { quiet: 2_000, expected: 10_000 };

/**
 * The order of the moves on one cluster. Administrators move one after the other, and none after one that failed, so that a mistake
 * that locks administrators out affects one of them. The run's own identity moves last, so that a mistake in its mapping does not
 * stop the others half-way.
 *
 * "Last" is as far as can be known: the engine asks for one resource after the other, and tells nobody what is still to come. So the
 * run's own identity waits until nothing else is moving and nothing new comes for a while. A resource that comes later, for example
 * because it depends on that mapping, moves after it.
 */
export class Turns {
  readonly #patience: TurnPatience;
  readonly #turn = new Slots(1);
  /** Those that were checked and have not come. */
  readonly #expected = new Set<string>();
  /** How many are under way or wait for their turn, without the run's own identity. */
  #underWay = 0;
  /** Since when nothing is under way; undefined: something is. */
  #idleSince: number | undefined;
  /** The longest pause in which nothing was under way, until something came. */
  #pause = 0;
  /** Called when something comes or ends. */
  readonly #listeners = new Set<() => void>();
  /** Why the change of an administrator failed. */
  #failed: string | undefined;

  constructor(patience = defaultPatience) {
    this.#patience = patience;
  }

  /** Announces a move, which the engine will ask for unless the run fails. */
  expect(key: string): void {
    this.#expected.add(key);
    this.#stir();
  }

  /**
   * Makes a change in its turn.
   *
   * @param tell shows the user what the run is waiting for.
   * @throws AwsAuthError `rejected` if the change of an administrator has failed before, and whatever the change throws.
   */
  async run<T>(
    { key, isAdministrator, isOwn }: Turn,
    change: () => Promise<T>,
    tell: (status: string) => void,
  ): Promise<T> {
    if (key !== undefined) {
      this.#expected.delete(key);
    }
    if (isOwn) {
      this.#stir();
      tell("the mapping of this run's own identity moves last, and waits for the others");
      await this.#othersEnd();
      return this.#turn.run(() => this.#unlessFailed(change, isAdministrator));
    }
    this.#underWay++;
    this.#stir();
    try {
      return await (isAdministrator ? this.#turn.run(() => this.#unlessFailed(change, true)) : change());
    } finally {
      this.#underWay--;
      this.#stir();
    }
  }

  async #unlessFailed<T>(change: () => Promise<T>, isAdministrator: boolean): Promise<T> {
    if (this.#failed !== undefined) {
      throw new AwsAuthError(
        "rejected",
        `the change of another administrator failed in this run, so this mapping stays as it is; fix that one first: ${this.#failed}`,
      );
    }
    try {
      return await change();
    } catch (error) {
      if (isAdministrator) {
        this.#failed = error instanceof Error ? error.message : String(error);
      }
      throw error;
    }
  }

  async #othersEnd(): Promise<void> {
    const { quiet, expected } = this.#patience;
    let stirs = true;
    while (stirs) {
      const patience = this.#expected.size > 0 ? expected : Math.min(Math.max(quiet, 4 * this.#pause), expected);
      stirs = await this.#stirsWithin(this.#underWay > 0 ? undefined : patience);
    }
  }

  /** Waits until something comes or ends; false if nothing does within the limit. */
  async #stirsWithin(limit: number | undefined): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    let listener = () => {};
    const stirs = await new Promise<boolean>((resolve) => {
      listener = () => resolve(true);
      this.#listeners.add(listener);
      timer = limit === undefined ? undefined : setTimeout(() => resolve(false), limit);
    });
    clearTimeout(timer);
    this.#listeners.delete(listener);
    return stirs;
  }

  #stir(): void {
    const now = performance.now();
    this.#pause = Math.max(this.#pause, now - (this.#idleSince ?? now));
    this.#idleSince = this.#underWay === 0 ? now : undefined;
    for (const listener of this.#listeners) {
      listener();
    }
  }
}
