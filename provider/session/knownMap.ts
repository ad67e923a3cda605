import type { ConfigMapStore, StoredConfigMap } from "../cluster/store";
import { type AwsAuthDocument, type MapChanges, parseDocument } from "../document";
import { AwsAuthError, UnknownOutcomeError } from "../errors";

/** How long, in milliseconds, a user waits without being told what for. */
const patience = 2_000;

/** Waits for a result, and tells when it takes long. */
export async function tellIfSlow<T>(pending: Promise<T>, tell: () => void): Promise<T> {
  const timer = setTimeout(tell, patience);
  try {
    return await pending;
  } finally {
    clearTimeout(timer);
  }
}

/** The document at one version of the ConfigMap. */
export interface Snapshot {
  readonly stored: StoredConfigMap;
  readonly document: AwsAuthDocument;
}

/** How long a failed read is kept, in milliseconds, so that a plan of many mappings waits for a dead cluster only once. */
const failureKeptFor = 10_000;

/** How old, in milliseconds, the map may be that tells a change that there is nothing to write, or that it must fail. */
const trustedFor = 5_000;

/** What is known of the map, or why it is not. */
interface Held {
  readonly snapshot: Promise<Snapshot>;
  /** When the read ended or, until then, started: milliseconds since the epoch. */
  since: number;
  isFailure: boolean;
}

/** What one run knows of one cluster's map: what it read last, or wrote since. */
export class KnownMap {
  readonly #store: ConfigMapStore;
  readonly #tell: (status: string) => void;
  #held: Held | undefined;
  /** The last version that was seen: what the next one has in common with it is not parsed again. */
  #last: AwsAuthDocument | undefined;

  /** @param tell shows a user what the run is waiting for, while it is. */
  constructor(store: ConfigMapStore, tell: (status: string) => void) {
    this.#store = store;
    this.#tell = tell;
  }

  /** Names the cluster in messages. */
  get label(): string {
    return this.#store.label;
  }

  /** Whether the map may have changed since it was read: only a write proves that it has not. */
  get isOld(): boolean {
    return this.#held !== undefined && isOlder(this.#held, trustedFor);
  }

  /** The newest version that is known; read where none is. */
  current(): Promise<Snapshot> {
    const held = this.#held;
    if (held === undefined || (held.isFailure && isOlder(held, failureKeptFor))) {
      return this.#hold(this.#read());
    }
    return held.snapshot;
  }

  /** Lets the next {@link current} read anew. */
  forget(): void {
    this.#held = undefined;
  }

  /**
   * Writes the changes that make the document of a snapshot.
   *
   * @throws AwsAuthError as {@link ConfigMapStore.write} does. The snapshot still holds after a refusal, unless that is a conflict.
   */
  async write(changes: MapChanges, document: AwsAuthDocument, base: Snapshot): Promise<void> {
    const writing = this.#store.write(changes, base.stored);
    try {
      const stored = await tellIfSlow(writing, () => this.#tell(`waiting for ${this.label} to take a write`));
      this.#hold(Promise.resolve(this.#parse(stored, document)));
    } catch (error) {
      const isRefused = error instanceof AwsAuthError && !(error instanceof UnknownOutcomeError);
      if (!isRefused || error.code === "conflict") {
        this.forget();
      }
      throw error;
    }
  }

  async #read(): Promise<Snapshot> {
    const stored = await tellIfSlow(this.#store.read(), () => this.#tell(`waiting for ${this.label} to respond`));
    return this.#parse(stored, this.#last);
  }

  #parse(stored: StoredConfigMap, known: AwsAuthDocument | undefined): Snapshot {
    this.#last = parseDocument(stored.data, known, stored.claims, { label: this.label, places: stored.places });
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

function isOlder(held: Held, milliseconds: number): boolean {
  return Date.now() - held.since > milliseconds;
}
