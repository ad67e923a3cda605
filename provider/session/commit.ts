import { jittered } from "../async";
import { type AwsAuthMap, mapChangesSince } from "../awsAuthMap";
import { holds } from "../cluster/store";
import { AwsAuthError, hasCode, RefusedContentError, UnknownOutcomeError } from "../errors";
import type { KnownMap, Snapshot } from "./knownMap";

/**
 * One change to the document. It is called for each version that a write is based on, so it must depend only on its
 * argument. An error that it throws fails only this change.
 */
export type Mutation<T> = (document: AwsAuthMap) => { readonly document: AwsAuthMap; readonly result: T };

/** How often a write is attempted. Each conflict means that another writer wrote in between. */
const maxWrites = 10;

/** The maximum number of writes without a response; each waits up to 30 seconds. */
const maxLost = 3;

/** The maximum pause before the second try, in milliseconds. It doubles with each try, up to `maxPause`. */
const firstPause = 100;
const maxPause = 2_000;

interface Pending {
  /** The next document, which is the same if the change fails, and what to do once it is stored. */
  apply(document: AwsAuthMap): { readonly document: AwsAuthMap; readonly settle: () => void };
  fail(error: unknown): void;
}

/** The changes of one run to a cluster's map. Changes that arrive during a write are batched into the next one. */
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
      const apply = (document: AwsAuthMap) => {
        try {
          const next = mutation(document);
          return { document: next.document, settle: () => resolve(next.result) };
        } catch (error) {
          return { document, settle: () => reject(error) };
        }
      };
      this.#waiting.push({ apply, fail: reject });
      void this.#writeWaiting();
    });
  }

  async #writeWaiting(): Promise<void> {
    if (this.#isWriting) {
      return;
    }
    this.#isWriting = true;
    while (this.#waiting.length > 0) {
      // Changes that arrive during the read join the batch. A read error becomes that of the batch.
      await this.#map.current().catch(() => undefined);
      await this.#writeBatch(this.#waiting.splice(0));
    }
    this.#isWriting = false;
  }

  /** Writes a batch, and settles each change with its own result. If the content of the batch is refused, writes each change separately. */
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

  /** Applies the batch to the latest version of the map and writes it, until a version with the changes is stored. */
  async #write(batch: readonly Pending[]): Promise<void> {
    let lost: (ReturnType<typeof applyBatch> & { readonly error: UnknownOutcomeError }) | undefined;
    for (let tries = 1, losses = 0; ; tries++) {
      const base = await this.#map.current().catch((error: unknown) => {
        throw lost?.error ?? error;
      });
      if (lost?.changes !== undefined && holds(base.stored, lost.changes)) {
        return lost.settle();
      }
      const applied = applyBatch(batch, base);
      const { document, changes, settle } = applied;
      if (changes === undefined) {
        if (!this.#map.isOld) {
          return settle();
        }
        // A stale version must not be used to conclude that nothing has changed.
        this.#map.forget();
        continue;
      }
      try {
        await this.#map.write(changes, document, base);
        return settle();
      } catch (error) {
        if (error instanceof UnknownOutcomeError) {
          lost = { ...applied, error };
          losses++;
        } else if (!hasCode(error, "conflict")) {
          throw error;
        }
        if (tries === maxWrites || losses === maxLost) {
          throw error instanceof UnknownOutcomeError ? error : starved(this.#map.label, error);
        }
        const longest = Math.min(maxPause, firstPause * 2 ** (tries - 1));
        await new Promise((resolve) => setTimeout(resolve, jittered(longest)));
      }
    }
  }
}

function applyBatch(batch: readonly Pending[], { document: before }: Snapshot) {
  let document = before;
  const settlements = batch.map((change) => {
    const applied = change.apply(document);
    document = applied.document;
    return applied.settle;
  });
  const settle = () => settlements.forEach((settleOne) => void settleOne());
  return { document, changes: mapChangesSince(document, before), settle };
}

function starved(label: string, cause: unknown): AwsAuthError {
  return new AwsAuthError(
    "conflict",
    `${label}: all ${maxWrites} attempts to write kube-system/aws-auth conflicted with another writer; find that writer with "kubectl get configmap aws-auth -n kube-system -o yaml --show-managed-fields", then run again`,
    { cause },
  );
}
