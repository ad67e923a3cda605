import { CachedLookup } from "../async";
import { type AwsAuthMap, type MapChanges, parseMap } from "../awsAuthMap";
import type { ConfigMapStore, StoredConfigMap } from "../cluster/store";
import { AwsAuthError, UnknownOutcomeError } from "../errors";

export interface Snapshot {
  readonly stored: StoredConfigMap;
  readonly document: AwsAuthMap;
}

/** The maximum age of the map, in milliseconds, for concluding that there is nothing to write. */
const trustedFor = 5_000;

/** The latest version of a cluster's map that a run has read or written. */
export class KnownMap {
  readonly #store: ConfigMapStore;
  #known = new CachedLookup<Snapshot>();
  /** When the last version was read or written, by the system clock. */
  #since = 0;
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
    const age = Date.now() - this.#since;
    // The clock may have been set back.
    return age > trustedFor || age < 0;
  }

  /** The latest known version. Reads the map if there is none. */
  current(): Promise<Snapshot> {
    return this.#known.get(async () => this.#parse(await this.#store.read(), this.#last));
  }

  /** Makes the next {@link current} read the map again, unless the last read has just failed. */
  forget(): void {
    if (!this.#known.hasFailed) {
      this.#known = new CachedLookup();
    }
  }

  /** A conflict or a lost response discards the known version. */
  async write(changes: MapChanges, document: AwsAuthMap, base: Snapshot): Promise<void> {
    try {
      const stored = await this.#store.write(changes, base.stored);
      const snapshot = this.#parse(stored, document);
      this.#known = new CachedLookup();
      await this.#known.get(async () => snapshot);
    } catch (error) {
      const isKnown = error instanceof AwsAuthError && !(error instanceof UnknownOutcomeError);
      if (!isKnown || error.code === "conflict") {
        this.#known = new CachedLookup();
      }
      throw error;
    }
  }

  #parse(stored: StoredConfigMap, known: AwsAuthMap | undefined): Snapshot {
    const { data, claims, places, lastWrites } = stored;
    this.#last = parseMap(data, known, claims, { label: this.label, places, lastWrites });
    this.#since = Date.now();
    return { stored, document: this.#last };
  }
}
