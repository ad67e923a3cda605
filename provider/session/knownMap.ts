import { isOver } from "../async/waiting";
import type { ConfigMapStore, StoredConfigMap } from "../cluster/store";
import { type AwsAuthDocument, type MapChanges, parseDocument } from "../document";
import { AwsAuthError, UnknownOutcomeError } from "../errors";

/** How long to wait, in milliseconds, before telling the user. */
const patience = 2_000;

export async function tellIfSlow<T>(pending: Promise<T>, tell: () => void): Promise<T> {
  const timer = setTimeout(tell, patience);
  try {
    return await pending;
  } finally {
    clearTimeout(timer);
  }
}

export interface Snapshot {
  readonly stored: StoredConfigMap;
  readonly document: AwsAuthDocument;
}

/** How long a failed read is kept, in milliseconds, so that a plan of many mappings waits for a dead cluster only once. */
const failureKeptFor = 10_000;

/** The maximum age of the map, in milliseconds, for deciding that a change has nothing to write or must fail. */
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
  readonly #tell: (status: string) => void;
  #held: Held | undefined;
  /** The last version, so that parts that the next one has in common with it are not parsed again. */
  #last: AwsAuthDocument | undefined;

  /** @param tell shows the user what the run is waiting for. */
  constructor(store: ConfigMapStore, tell: (status: string) => void) {
    this.#store = store;
    this.#tell = tell;
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
      return this.#hold(this.#read());
    }
    return held.snapshot;
  }

  /** Makes the next {@link current} read the map again. */
  forget(): void {
    this.#held = undefined;
  }

  /** The same, unless it could not be read: see {@link failureKeptFor}. */
  forgetRead(): void {
    if (this.#held?.isFailure === false) {
      this.forget();
    }
  }

  /**
   * Writes the changes between a snapshot and a document.
   *
   * @throws AwsAuthError as {@link ConfigMapStore.write} does. The snapshot still holds after a refusal, unless that is a conflict.
   */
  async write(changes: MapChanges, document: AwsAuthDocument, base: Snapshot): Promise<void> {
    const writing = this.#store.write(changes, base.stored);
    try {
      const stored = await tellIfSlow(writing, () => this.#tell(`waiting for ${this.label} to accept a write`));
      this.#hold(Promise.resolve(this.#parse(withTextsOf(changes, stored), document)));
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
    const origin = { label: this.label, places: stored.places };
    this.#last = parseDocument(stored.data, known, stored.claims, origin);
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

/** The ConfigMap with the texts that were sent in place of equal ones in the response, so that a large map is in memory once. */
function withTextsOf(changes: MapChanges, stored: StoredConfigMap): StoredConfigMap {
  const sent = Object.entries(changes.data).filter(([key, text]) => stored.data[key] === text);
  const claims = changes.claims === stored.claims ? changes.claims : stored.claims;
  return { ...stored, data: { ...stored.data, ...Object.fromEntries(sent) }, claims };
}
