import {
  type AwsAuthDocument,
  assertReadable,
  dataKeys,
  describeMap,
  droppedBecause,
  type Entry,
  entryInForce,
  entryMapping,
  findEntries,
  isEffective,
  isSso,
} from "../document";
import { arnMismatches, principalKey } from "../mapping";
import type { Importable, Obstacle } from "./declaredMapping";
import { hasContentOf } from "./places/mapEntries";
import { describeEntry, describeSubject } from "./places/mapMessages";

/** The entry in aws-auth that counts for a principal; if none counts, the last one. */
export interface FoundInMap extends Importable {
  /** The others for the principal, except for those with `sso`. */
  readonly others: "none" | "same content" | "other content";
}

/**
 * Finds the entry that an import names.
 *
 * @param subject ARN or account.
 * @throws AwsAuthError `unreadableKey`.
 */
export function findInMap(document: AwsAuthDocument, subject: string): FoundInMap | undefined {
  for (const key of dataKeys) {
    assertReadable(document, key);
  }
  const isAccount = !subject.startsWith("arn:");
  const all = findEntries(document, principalKey(subject));
  const named = all.filter(({ key }) => (key === "mapAccounts") === isAccount);
  const entry = entryInForce(named) ?? named.findLast((other) => !isSso(other)) ?? named.at(-1);
  const live = entry && entryMapping(entry);
  if (entry === undefined || live === undefined) {
    return undefined;
  }
  const others = all.filter((other) => other !== entry && !isSso(other));
  const isSame = others.every((other) => isEffective(other) && hasContentOf(other, live));
  return {
    live,
    label: `${describeEntry(document, entry)} in ${describeMap(document.origin)}`,
    obstacles: obstaclesOf(entry),
    others: others.length === 0 ? "none" : isSame ? "same content" : "other content",
  };
}

/** Why nobody matches an entry. */
function obstaclesOf(entry: Entry): readonly Obstacle[] {
  const dropped = droppedBecause(entry);
  if (dropped !== undefined) {
    return [{ reason: dropped, isCorrectable: false }];
  }
  // A resource writes the ARN without a role's path, which gives access to somebody.
  return isEffective(entry)
    ? []
    : arnMismatches(entry.arn ?? "").map(({ reason }) => ({ reason, isCorrectable: true }));
}

/**
 * Says which of several entries is imported.
 *
 * @param isAllowed whether the resource allows the others by itself.
 */
export function describeOthers({ live, label, others }: FoundInMap, isAllowed: boolean): string {
  const imported = `${label} is imported, the one of several for ${describeSubject(live)} that counts`;
  if (others === "same content") {
    return `${imported}; the others say the same, and adopt: true removes them`;
  }
  return isAllowed
    ? `${imported}; the others stay because of noDuplicateARNs: false, and adopt: true in its place removes them`
    : `${imported}; the others stay because of aws-auth:noDuplicateARNs, and adopt: true removes them`;
}
