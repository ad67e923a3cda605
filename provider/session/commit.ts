import { jittered } from "../async/waiting";
import { holds } from "../cluster/store";
import { type AwsAuthDocument, changesSince, type MapChanges, maxMapBytes } from "../document";
import { AwsAuthError, RefusedContentError, UnknownOutcomeError } from "../errors";
import type { KnownMap, Snapshot } from "./knownMap";

/**
 * One change to the document. It is called for each version of the document that a write is based on, so it must depend only on its
 * argument. An error that it throws fails only this change.
 */
export type Mutation<T> = (document: AwsAuthDocument) => { readonly document: AwsAuthDocument; readonly result: T };

/** How many versions of the map a change is decided on. Each conflict means that another writer wrote in between. */
const maxTries = 10;

/** How many answers may be lost, for each of which a write waits up to 30 seconds. */
const maxLost = 3;

/** The longest pause before the second try, in milliseconds. It doubles with each further try, up to the limit. */
const firstPause = 100;
const maxPause = 2_000;

/** A change that waits to be written. */
interface Pending {
  /** Computes the next document, and keeps the result for `settle`. */
  apply(document: AwsAuthDocument): AwsAuthDocument;
  settle(): void;
  fail(error: unknown): void;
}

/** A batch of changes as it was decided on one version of the map. */
interface Decided {
  readonly document: AwsAuthDocument;
  /** What is to be written; undefined for nothing. */
  readonly changes: MapChanges | undefined;
  /** The changes that threw, with their errors. */
  readonly failed: ReadonlyMap<Pending, unknown>;
}

/**
 * The changes of one run to a cluster's map. While one write is under way, further changes wait, and the next write contains all of
 * them.
 */
export class CommitQueue {
  readonly #map: KnownMap;
  #waiting: Pending[] = [];
  #isWriting = false;

  constructor(map: KnownMap) {
    this.#map = map;
  }

  /** Applies a change, and returns once a version of the map that contains it is stored. */
  commit<T>(mutation: Mutation<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      let result: T;
      this.#waiting.push({
        apply: (document) => {
          const next = mutation(document);
          result = next.result;
          return next.document;
        },
        settle: () => resolve(result),
        fail: reject,
      });
      void this.#writeWaiting();
    });
  }

  async #writeWaiting(): Promise<void> {
    if (this.#isWriting) {
      return;
    }
    this.#isWriting = true;
    while (this.#waiting.length > 0) {
      // What comes while the map is read is written with the rest. An error of the read is that of the batch.
      await this.#map.current().catch(() => undefined);
      await this.#writeBatch(this.#waiting.splice(0));
    }
    this.#isWriting = false;
  }

  /** Writes a batch, and settles each change with its own outcome. If the batch is refused for its content, writes each change alone. */
  async #writeBatch(batch: readonly Pending[]): Promise<void> {
    try {
      await this.#write(batch);
    } catch (error) {
      if (!(error instanceof RefusedContentError) || batch.length === 1) {
        for (const change of batch) {
          change.fail(error);
        }
        return;
      }
      for (const change of batch) {
        await this.#writeBatch([change]);
      }
    }
  }

  /**
   * Decides on the latest version of the map and writes, until a version with the changes is stored.
   *
   * @throws the error of all changes that are not settled.
   */
  async #write(batch: readonly Pending[]): Promise<void> {
    let lost: { readonly decided: Decided; readonly error: UnknownOutcomeError } | undefined;
    for (let tries = 1, losses = 0; ; tries++) {
      const base = await this.#map.current().catch((error: unknown) => {
        throw lost?.error ?? error;
      });
      if (lost?.decided.changes !== undefined && holds(base.stored, lost.decided.changes)) {
        return settle(batch, lost.decided);
      }
      const decided = decide(batch, base);
      const { document, changes } = decided;
      if (changes === undefined) {
        if (!this.#map.isOld) {
          return settle(batch, decided);
        }
        // An old version must not decide that there is nothing to write.
        this.#map.forget();
        continue;
      }
      try {
        await this.#map.write(changes, document, base);
        return settle(batch, decided);
      } catch (error) {
        if (error instanceof UnknownOutcomeError) {
          lost = { decided, error };
          losses++;
        } else if (!(error instanceof AwsAuthError && error.code === "conflict")) {
          throw error;
        }
        if (tries === maxTries || losses === maxLost) {
          throw error instanceof UnknownOutcomeError ? error : starved(this.#map.label, error);
        }
        const longest = Math.min(maxPause, firstPause * 2 ** (tries - 1));
        await new Promise((resolve) => setTimeout(resolve, jittered(longest)));
      }
    }
  }
}

/** Applies the changes one after the other, without those that throw. */
function decide(batch: readonly Pending[], { document: before, stored }: Snapshot): Decided {
  let document = before;
  const failed = new Map<Pending, unknown>();
  for (const change of batch) {
    try {
      document = change.apply(document);
    } catch (error) {
      failed.set(change, error);
    }
  }
  const changes = changesSince(document, before);
  if (changes !== undefined) {
    assertFits(stored.data, changes.data);
  }
  return { document, changes, failed };
}

function settle(batch: readonly Pending[], { failed }: Decided): void {
  for (const change of batch) {
    if (failed.has(change)) {
      change.fail(failed.get(change));
    } else {
      change.settle();
    }
  }
}

/**
 * Refuses a write that is too large for the API server, before sending it. A write that makes a map smaller that is too large already
 * is sent.
 *
 * @throws RefusedContentError `tooLarge`.
 */
export function assertFits(data: Readonly<Record<string, string>>, changes: Readonly<Record<string, string>>): void {
  const before = bytesOf(data);
  const after = bytesOf({ ...data, ...changes });
  if (after > maxMapBytes && after > before) {
    throw new RefusedContentError(
      "tooLarge",
      `kube-system/aws-auth would grow from ${before} to ${after} bytes, and a ConfigMap holds at most ${maxMapBytes}; map a role that many people assume instead of each person, or remove entries that are no longer used`,
    );
  }
}

function bytesOf(data: Readonly<Record<string, string>>): number {
  return Object.values(data).reduce((sum, text) => sum + Buffer.byteLength(text), 0);
}

function starved(label: string, cause: unknown): AwsAuthError {
  return new AwsAuthError(
    "conflict",
    `${label}: kube-system/aws-auth was changed by another writer before each of ${maxTries} attempts to write it; find the writer with "kubectl get configmap aws-auth -n kube-system -o yaml --show-managed-fields", then run again`,
    { cause },
  );
}
