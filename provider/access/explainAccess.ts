import {
  type CallerIdentity,
  callerIn,
  foldCase,
  type PlacedEntry,
  placedEntries,
  placedEntry,
  resolveIdentity,
} from "../authenticator";
import { entryMismatches } from "../authenticator/callerIdentity";
import type { MapEntry } from "../awsAuthMap";
import type { ClusterAccess, LiveAdmission } from "./clusterAccess";
import { admissionsOf } from "./loginMap";
import type { Answer } from "./verdict";

/** The Kubernetes user that an identity becomes in a cluster, and why. */
export interface Explanation {
  readonly identity: CallerIdentity;
  /** Whether it can log in. */
  readonly answer: Answer;
  /** What a login comes out as; several where the entry that counts cannot be known. */
  readonly logins: readonly LiveAdmission[];
  /** Entries of aws-auth that match the identity and have no effect. */
  readonly shadowed: readonly PlacedEntry[];
  /** Entries of aws-auth for the same name in another account, kind or path. */
  readonly sameName: readonly PlacedEntry[];
}

/**
 * Explains which Kubernetes user an identity becomes in a cluster.
 *
 * @param arn the ARN of a role or user, or of a session, in any letter case.
 * @throws AwsAuthError `invalidInput` if `arn` is not an identity.
 */
export function explainAccess(access: ClusterAccess, arn: string): Explanation {
  const { document, logins: map, unread } = access;
  const identity = callerIn(arn);
  const logins = admissionsOf(map, identity);
  const counting = new Set(logins.map(({ entry }) => entry));
  // The authenticator compares any ARN, but no caller can have this one.
  const isAnyone = entryMismatches(identity.arn).length === 0;
  const { candidates, shadowed } = isAnyone
    ? resolveIdentity(document, identity, true)
    : { candidates: [], shadowed: [] };
  const matching = new Set<MapEntry>([...candidates, ...shadowed]);
  // An account's entry still counts for other identities of the account.
  const without = [...matching].filter((entry) => !counting.has(entry) && entry.key !== "mapAccounts");
  const isIn = new Set(logins.map(({ user }) => user !== undefined));
  const isKnown = isIn.size === 1 && (unread === undefined || isIn.has(true));
  return {
    identity,
    answer: !isKnown ? "unknown" : isIn.has(true) ? "yes" : "no",
    logins,
    shadowed: without.flatMap((entry) => placedEntry(document, entry) ?? []),
    sameName: placedEntries(document).filter(
      ({ entry }) => !matching.has(entry) && isNamed(entry, foldCase(identity.name)),
    ),
  };
}

function isNamed({ arn = "" }: MapEntry, name: string): boolean {
  const text = foldCase(arn);
  return name !== "" && /:(?:role|user)\//.test(text) && text.endsWith(`/${name}`);
}
