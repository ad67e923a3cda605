import {
  type AccessEntryContent,
  describeAccessEntry,
  type LiveAccessEntry,
  mappingOf,
  sameAccessEntry,
  samePrincipalArn,
} from "../accessEntries";
import { AwsAuthError } from "../errors";
import { type ArnMapping, describeMapping, type Mapping } from "../mapping";
import type { ClusterSession } from "../session/session";
import { quoted } from "../text/text";
import type { Importable } from "./declaredMapping";
import { type EntryCluster, entryClusterOf, translationOf } from "./places/entryCluster";
import { describeSubject } from "./places/mapMessages";

/** An access entry that an import may name. */
export interface FoundAccessEntry {
  readonly at: EntryCluster;
  readonly live: LiveAccessEntry;
}

/**
 * Finds the access entry of a principal.
 *
 * @param subject an ARN, with or without the path of a role, or an account, which has none.
 * @throws AwsAuthError `invalidInput` if there are several, none of which has just this ARN, and any of the cluster codes.
 */
export async function findAccessEntry(session: ClusterSession, subject: string): Promise<FoundAccessEntry | undefined> {
  const at = await entryClusterOf(session);
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
export function importableIn(found: FoundAccessEntry): Importable {
  const live = mappingIn(found);
  const label = `the access entry of arn ${quoted(found.live.principalArn)} (${describeMapping(live)})`;
  return { live, label, obstacles: [] };
}

function mappingIn({ at: { cluster }, live }: FoundAccessEntry): ArnMapping {
  const mapping = mappingOf(live, { clusterAccount: cluster.account, partition: cluster.partition });
  if (mapping === undefined) {
    throw new AwsAuthError(
      "unsupportedEntry",
      `the access entry of arn ${quoted(live.principalArn)} says ${describeAccessEntry(live)}, which no mapping says; leave it to whoever made it, or manage it with another resource`,
    );
  }
  return mapping;
}

/**
 * Proves that a mapping that is kept in both places says the same in both.
 *
 * @throws AwsAuthError `changedOutside` if it does not.
 */
export function assertAgreed({ at, live }: FoundAccessEntry, inMap: Mapping): void {
  const translation = translationOf(inMap, at, live.principalArn);
  const content: AccessEntryContent | undefined = translation.kind === "entry" ? translation.content : undefined;
  if (content === undefined || !sameAccessEntry(content, live)) {
    throw new AwsAuthError(
      "changedOutside",
      `${describeSubject(inMap)} is kept in both: aws-auth says ${describeMapping(inMap)}, and its access entry, which takes precedence, says ${describeAccessEntry(live)}; make them agree, or import one of them by an ID that begins with "CONFIG_MAP:" or "API:"`,
    );
  }
}
