import { describeAccessEntry, type LiveAccessEntry, samePrincipalArn } from "../accessEntries";
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
import { AwsAuthError } from "../errors";
import { arnMismatches, describeMapping, hiddenTexts, type Mapping, principalKey, validateMapping } from "../mapping";
import type { ClusterSession } from "../session/session";
import { quoted } from "../text/text";
import { type AccessEntryCluster, accessEntryClusterOf, mappingIn, saysMapping } from "./places/accessEntryCluster";
import { entryOf } from "./places/accessEntryMessages";
import { describeEntry } from "./places/mapMessages";
import { hasContentOf } from "./places/mapPlan";
import { describeSubject } from "./places/messages";

/** Why no program can declare what an import has found. */
export interface Obstacle {
  readonly reason: string;
  /** Whether a mapping with `adopt` corrects it. */
  readonly isCorrectable: boolean;
}

export interface Importable {
  readonly live: Mapping;
  /** Its place and content, for messages. */
  readonly label: string;
  /** Those that the content does not show. */
  readonly obstacles: readonly Obstacle[];
}

/**
 * The mapping as a program declares it. Pulumi would print code for one that the check of a resource refuses, and call the refusal a bug
 * in the provider.
 *
 * @param way another way on, or "".
 * @throws AwsAuthError `invalidInput` if no program can declare it.
 */
export function declaredMapping({ live, label, obstacles }: Importable, way: string): Mapping {
  const { kind: _kind, ...fields } = live;
  const { mapping, problems } = validateMapping(fields, () => false);
  const found = [
    ...obstacles,
    // A mapping cannot take over the entry of an ARN that it cannot have.
    ...problems.map(({ property, reason }) => ({ reason, isCorrectable: property !== "arn" })),
  ];
  if (mapping === undefined || found.length > 0) {
    const correct = found.every(({ isCorrectable }) => isCorrectable)
      ? "correct it, or declare a mapping with adopt: true in place of the import, which corrects it"
      : "correct or remove it";
    throw refusal(label, [...found.map(({ reason }) => reason), correct + way]);
  }
  const hidden = hiddenTexts(mapping).map((text) => `${quoted(text)} has characters that cannot be seen`);
  if (hidden.length > 0) {
    throw refusal(label, [...hidden, `in place of the import, declare a mapping that has escapes for them${way}`]);
  }
  return mapping;
}

function refusal(label: string, clauses: readonly string[]): AwsAuthError {
  return new AwsAuthError("invalidInput", `${label} cannot be imported: ${clauses.join("; ")}`);
}

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

/** Says which of several entries is imported. */
export function describeOthers({ live, label, others }: FoundInMap): string {
  const contents = others === "same content" ? "have the same content" : "have other content";
  return `${label} is imported, the one of several for ${describeSubject(live)} that counts; the others ${contents}, and adopt: true removes them`;
}

/** An access entry that an import may name. */
export interface FoundAccessEntry {
  readonly at: AccessEntryCluster;
  readonly live: LiveAccessEntry;
}

/**
 * Finds the access entry of a principal.
 *
 * @param subject an ARN, with or without the path of a role, or an account, which has none.
 * @throws AwsAuthError `invalidInput` if there are several, none of which has just this ARN, and any of the cluster codes.
 */
export async function findAccessEntry(session: ClusterSession, subject: string): Promise<FoundAccessEntry | undefined> {
  const at = await accessEntryClusterOf(session);
  if (at.cluster.authenticationMode === "CONFIG_MAP" || !subject.startsWith("arn:")) {
    return undefined;
  }
  const entries = await at.entries.find(subject);
  const [first, ...others] = entries;
  const live = others.length === 0 ? first : entries.find((entry) => samePrincipalArn(entry.principalArn, subject));
  if (live === undefined && first !== undefined) {
    const arns = entries.map(({ principalArn }) => quoted(principalArn)).join(" and ");
    throw new AwsAuthError(
      "invalidInput",
      `${at.entries.api.label} has ${entries.length} access entries for arn ${quoted(subject)}: of ${arns}; give the ARN with the role's path`,
    );
  }
  return live && { at, live };
}

/**
 * The mapping that an imported access entry stands for.
 *
 * @throws AwsAuthError `unsupportedEntry` if no mapping says the same.
 */
export function importableIn({ at, live }: FoundAccessEntry): Importable {
  const label = entryOf(live);
  const mapping = mappingIn(at, live);
  if (mapping === undefined) {
    throw new AwsAuthError(
      "unsupportedEntry",
      `${label} says ${describeAccessEntry(live)}, which no mapping says; leave it to whoever made it, or manage it with another resource`,
    );
  }
  return { live: mapping, label: `${label} (${describeMapping(mapping)})`, obstacles: [] };
}

/**
 * Proves that a mapping that is kept in both places says the same in both.
 *
 * @throws AwsAuthError `changedOutside` if it does not.
 */
export function assertAgreed({ at, live }: FoundAccessEntry, inMap: Mapping): void {
  if (!saysMapping(at, live, inMap)) {
    throw new AwsAuthError(
      "changedOutside",
      `${describeSubject(inMap)} is kept in both: aws-auth says ${describeMapping(inMap)}, and its access entry, which takes precedence, says ${describeAccessEntry(live)}; make them agree, or import one of them by an ID that begins with "CONFIG_MAP:" or "API:"`,
    );
  }
}
