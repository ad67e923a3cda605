import { isOver } from "../async";
import { type AwsAuthMap, type MapChanges, parseMap } from "../awsAuthMap";
import type { ConfigMapStore, StoredConfigMap } from "../cluster/store";
import { AwsAuthError, UnknownOutcomeError } from "../errors";

/** One version of the ConfigMap. */
export interface Snapshot {
  readonly stored: StoredConfigMap;
  readonly document: AwsAuthMap;
}

/** How long a failed read is kept, in milliseconds, so that a plan of many mappings waits only once for a cluster that is down. */
const failureKeptFor = 10_000;

/** The maximum age of the map, in milliseconds, for deciding that there is nothing to write. */
const trustedFor = 5_000;

interface Held {
  readonly snapshot: Promise<Snapshot>;
  /** When the read ended or, until then, started: milliseconds since the epoch. */
  since: number;
  isFailure: boolean;
}

/** The latest version of a cluster's map that a run has read or written. */
export class KnownMap {
  readonly #store: ConfigMapStore;
  #held: Held | undefined;
  /** The last version, so that the next one parses only what differs. */
  #last: AwsAuthMap | undefined;

  constructor(store: ConfigMapStore) {
    this.#store = store;
  }

  get label(): string {
    return this.#store.label;
  }

  /** Whether the map was read too long ago to rely on without a write. */
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

  /** Makes the next {@link current} read the map again, unless it could not be read just before. */
  forget(): void {
    if (this.#held?.isFailure === false) {
      this.#held = undefined;
    }
  }

  /**
   * Writes the changes between a snapshot and a document, which is the known version afterwards.
   *
   * @throws AwsAuthError as {@link ConfigMapStore.write} does. The snapshot is known no longer after a conflict or a lost answer.
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
    const origin = { label: this.label, places: stored.places };
    this.#last = parseMap(stored.data, known, stored.claims, origin);
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
