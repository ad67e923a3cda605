import { failureKeptFor, isOver } from "../async";
import { type AwsAuthMap, type MapChanges, parseMap } from "../awsAuthMap";
import type { ConfigMapStore, StoredConfigMap } from "../cluster/store";
import { AwsAuthError, UnknownOutcomeError } from "../errors";

export interface Snapshot {
  readonly stored: StoredConfigMap;
  readonly document: AwsAuthMap;
}

/** The maximum age of the map, in milliseconds, for concluding that there is nothing to write. */
const trustedFor = 5_000;

interface Held {
  readonly snapshot: Promise<Snapshot>;
  /** The end of the read or, until then, its start, in milliseconds since the epoch. */
  since: number;
  isFailure: boolean;
}

/** The latest version of a cluster's map that a run has read or written. */
export class KnownMap {
  readonly #store: ConfigMapStore;
  #held: Held | undefined;
  /** The last version, so that only the differences of the next one are parsed. */
  #last: AwsAuthMap | undefined;

  constructor(store: ConfigMapStore) {
    this.#store = store;
  }

  get label(): string {
    return this.#store.label;
  }

  /** Whether the map was read too long ago to conclude that there is nothing to write. */
  get isOld(): boolean {
    return this.#held !== undefined && isOver(trustedFor, this.#held.since);
  }

  /** The latest known version. Reads the map if there is none. */
  current(): Promise<Snapshot> {
    const held = this.#held;
    if (held === undefined || (held.isFailure && isOver(failureKeptFor, held.since))) {
      return this.#hold(this.#store.read().then((stored) => this.#parse(stored, this.#last)));
    }
    return held.snapshot;
  }

  /** Makes the next {@link current} read the map again, unless the last read has just failed. */
  forget(): void {
    if (this.#held?.isFailure === false) {
      this.#held = undefined;
    }
  }

  /**
   * Writes the changes from a snapshot to a document, which becomes the known version.
   *
   * @throws AwsAuthError as {@link ConfigMapStore.write} does. A conflict or a lost response discards the known version.
   */
  async write(changes: MapChanges, document: AwsAuthMap, base: Snapshot): Promise<void> {
    try {
      const stored = await this.#store.write(changes, base.stored);
      this.#hold(Promise.resolve(this.#parse(stored, document)));
    } catch (error) {
      const isKnown = error instanceof AwsAuthError && !(error instanceof UnknownOutcomeError);
      if (!isKnown || error.code === "conflict") {
        this.#held = undefined;
      }
      throw error;
    }
  }

  #parse(stored: StoredConfigMap, known: AwsAuthMap | undefined): Snapshot {
    const { data, claims, places, lastWrites } = stored;
    this.#last = parseMap(data, known, claims, { label: this.label, places, lastWrites });
    return { stored, document: this.#last };
  }

  #hold(snapshot: Promise<Snapshot>): Promise<Snapshot> {
    const held: Held = { snapshot, since: Date.now(), isFailure: false };
    const ended = (isFailure: boolean) => () => Object.assign(held, { since: Date.now(), isFailure });
    snapshot.then(ended(false), ended(true));
    this.#held = held;
    return snapshot;
  }
}
