import { setTimeout } from "node:timers/promises";
import type { ConfigMapStore, StoredConfigMap } from "../cluster/store";
import { type AwsAuthDocument, changedData, parseDocument } from "../document";
import { AwsAuthError } from "../errors";
import { Claims } from "./claims";
import { assertFits } from "./size";

/** The document at one version of the ConfigMap. */
interface Snapshot {
  readonly stored: StoredConfigMap;
  readonly document: AwsAuthDocument;
}

/**
 * One change to the document. It is called again on every newer version of the document until one of them is stored, so it
 * decides everything from its argument; what it throws fails this change alone.
 */
export type Mutation<T> = (document: AwsAuthDocument) => { readonly document: AwsAuthDocument; readonly result: T };

interface Pending {
  /** Computes the next document, and keeps the result for `settle`. */
  apply(document: AwsAuthDocument): AwsAuthDocument;
  settle(): void;
  fail(error: unknown): void;
}

/** Every conflict means that somebody else's write went through, so this many in a row is starvation, not a fault of ours. */
const maxAttempts = 100;

/** Pause before another attempt after a conflict: random up to so many milliseconds for each attempt made, and at most maxPause. */
const pauseStep = 10;
const maxPause = 250;

/** How long, in milliseconds, a failed read answers for the next ones: a plan of many mappings waits for a dead cluster once. */
const failureKeptFor = 10_000;

/**
 * All that one run does on one cluster. One read serves every check; writes are committed in groups: while one is under way the
 * next changes gather, and then one write carries them all.
 */
export class ClusterSession {
  readonly claims = new Claims();
  readonly #store: ConfigMapStore;
  #snapshot: Promise<Snapshot> | undefined;
  #failureKeptUntil = Number.POSITIVE_INFINITY;
  #queue: Pending[] = [];
  #draining = false;

  constructor(store: ConfigMapStore) {
    this.#store = store;
  }

  /** Names the cluster in messages. */
  get label(): string {
    return this.#store.label;
  }

  /** The newest version of the document that this run knows. */
  async document(): Promise<AwsAuthDocument> {
    return (await this.#current()).document;
  }

  /** Applies a change and returns once a version of the ConfigMap that holds it is stored. */
  commit<T>(mutation: Mutation<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      let result: T;
      this.#queue.push({
        apply: (document) => {
          const next = mutation(document);
          result = next.result;
          return next.document;
        },
        settle: () => resolve(result),
        fail: reject,
      });
      void this.#drain();
    });
  }

  #current(): Promise<Snapshot> {
    if (this.#snapshot === undefined || Date.now() > this.#failureKeptUntil) {
      this.#failureKeptUntil = Number.POSITIVE_INFINITY;
      this.#snapshot = this.#store.read().then(
        (stored) => ({ stored, document: parseDocument(stored.data) }),
        (error: unknown) => {
          this.#failureKeptUntil = Date.now() + failureKeptFor;
          throw error;
        },
      );
    }
    return this.#snapshot;
  }

  async #drain(): Promise<void> {
    if (this.#draining) {
      return;
    }
    this.#draining = true;
    while (this.#queue.length > 0) {
      await this.#commitGroup();
    }
    this.#draining = false;
  }

  /** Writes what waits as one group; it never throws, since each change is told its own outcome. */
  async #commitGroup(): Promise<void> {
    let group: Pending[] = [];
    for (let attempt = 1; ; attempt++) {
      try {
        const base = await this.#current();
        // Whatever came in during the read, or during the pause before another attempt, joins.
        group.push(...this.#queue.splice(0));
        const next = applyAll(group, base);
        group = next.accepted;
        if (Object.keys(next.changes).length > 0) {
          const stored = await this.#store.write(next.changes, base.stored);
          this.#snapshot = Promise.resolve({ stored, document: parseDocument(stored.data, next.document) });
        }
        for (const change of group) {
          change.settle();
        }
        return;
      } catch (error) {
        const isConflict = error instanceof AwsAuthError && error.code === "conflict";
        if (isConflict && attempt < maxAttempts) {
          this.#snapshot = undefined;
          await setTimeout(Math.random() * Math.min(maxPause, attempt * pauseStep));
          continue;
        }
        // A failed read came before anything was taken from the queue: all that waits for it fails.
        for (const change of [...group, ...this.#queue.splice(0)]) {
          change.fail(isConflict ? starved(this.label, error) : error);
        }
        if (this.#failureKeptUntil === Number.POSITIVE_INFINITY) {
          this.#snapshot = undefined;
        }
        return;
      }
    }
  }
}

function starved(label: string, cause: AwsAuthError): AwsAuthError {
  return new AwsAuthError(
    "conflict",
    `${label}: kube-system/aws-auth was changed by somebody else before each of ${maxAttempts} attempts to write it; find out who keeps writing ("kubectl get configmap aws-auth -n kube-system -o yaml --show-managed-fields" names them), then run again`,
    { cause },
  );
}

/** Applies each change to what the ones before it left; one that throws is told so, and left out. */
function applyAll(group: readonly Pending[], base: Snapshot) {
  let document = base.document;
  let changes: Readonly<Record<string, string>> = {};
  const accepted: Pending[] = [];
  for (const change of group) {
    try {
      const next = change.apply(document);
      const nextChanges = changedData(next, base.document);
      assertFits(base.stored.data, nextChanges);
      document = next;
      changes = nextChanges;
      accepted.push(change);
    } catch (error) {
      change.fail(error);
    }
  }
  return { document, changes, accepted };
}
