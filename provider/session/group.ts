import { type AwsAuthDocument, changesSince, type MapChanges } from "../document";
import type { Snapshot } from "./knownMap";
import { assertFits } from "./size";

/** A change that waits to be written. It is told once what became of it; whatever it is told later has no effect. */
export interface Pending {
  /** Computes the next document, and keeps the result for `settle`. */
  apply(document: AwsAuthDocument): AwsAuthDocument;
  settle(): void;
  fail(error: unknown): void;
}

/** A group of changes, as they come out on one version of the map. */
export interface Applied {
  readonly document: AwsAuthDocument;
  /** What to write; undefined: nothing. */
  readonly changes: MapChanges | undefined;
  /** The changes that threw, each with what it threw. */
  readonly rejected: ReadonlyMap<Pending, unknown>;
}

/** Applies each change to what the ones before it left; one that throws is left out. */
export function applyAll(group: readonly Pending[], base: Snapshot): Applied {
  const whole = applyInTurn(group, base, () => {});
  try {
    return { ...whole, changes: changesThatFit(whole.document, base) };
  } catch {
    // Only now is it worth measuring the map after each change: what makes it too large fails, and the rest goes on.
    const parts = applyInTurn(group, base, (document) => changesThatFit(document, base));
    return { ...parts, changes: changesThatFit(parts.document, base) };
  }
}

/** Tells each change of a group that was stored. */
export function settle(group: readonly Pending[], { rejected }: Applied): void {
  for (const change of group) {
    if (rejected.has(change)) {
      change.fail(rejected.get(change));
    } else {
      change.settle();
    }
  }
}

/** Tells the changes that threw, whatever became of the others. */
export function failRejected({ rejected }: Applied): void {
  for (const [change, error] of rejected) {
    change.fail(error);
  }
}

function applyInTurn(
  group: readonly Pending[],
  base: Snapshot,
  assertAllowed: (document: AwsAuthDocument) => void,
): Omit<Applied, "changes"> {
  let document = base.document;
  const rejected = new Map<Pending, unknown>();
  for (const change of group) {
    try {
      const next = change.apply(document);
      assertAllowed(next);
      document = next;
    } catch (error) {
      rejected.set(change, error);
    }
  }
  return { document, rejected };
}

function changesThatFit(document: AwsAuthDocument, base: Snapshot): MapChanges | undefined {
  const changes = changesSince(document, base.document);
  assertFits(base.stored.data, changes?.data ?? {});
  return changes;
}
