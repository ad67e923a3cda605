import { type AwsAuthDocument, type Entry, faultsOf, type KeyFault } from "../document";
import { AwsAuthError } from "../errors";
import { type CallerIdentity, callerIdentity } from "./callerIdentity";
import { nearMissOf } from "./nearMiss";
import { notesOn } from "./notes";
import { ownersOf } from "./owners";
import { type PlacedEntry, placedEntries } from "./placedEntry";
import { resolveIdentity } from "./resolve";

/** An entry, its place, and who wants it. */
export interface ExplainedEntry extends PlacedEntry {
  /** The labels of the claims on the entry, each a stack and a resource's name; none where nobody claims it. */
  readonly owners: readonly string[];
}

/** An entry that looks right for an identity, and why it does not count. */
export interface NearMiss {
  readonly placed: ExplainedEntry;
  /** A clause about "it", the entry, with the remedy. */
  readonly reason: string;
}

/** Who a cluster takes an identity for, and why. */
export interface Explanation {
  /** The ARN that was asked about. */
  readonly arn: string;
  /** The identity as the authenticator sees it. */
  readonly identity: CallerIdentity;
  /** The Kubernetes user; undefined when the cluster refuses the identity. Templates are not filled in. */
  readonly user: { readonly username: string; readonly groups: readonly string[] } | undefined;
  /** The entry that gives it. */
  readonly givenBy: ExplainedEntry | undefined;
  /** Entries that count in place of `givenBy`, at random. */
  readonly alternatives: readonly ExplainedEntry[];
  /** Entries that fit as well, and never count. */
  readonly shadowed: readonly ExplainedEntry[];
  /** Entries that look right and do not fit. */
  readonly nearMisses: readonly NearMiss[];
  /** Keys that the authenticator drops as a whole, so that none of their entries count. */
  readonly droppedKeys: readonly KeyFault[];
  /** What else to know, one sentence each. */
  readonly notes: readonly string[];
}

/**
 * Explains who the cluster takes an identity for.
 *
 * @param arn the ARN of a role or user, or of a session, in any letter case.
 * @throws AwsAuthError `invalidInput` for what is no identity.
 */
export function explainIdentity(document: AwsAuthDocument, arn: string): Explanation {
  const identity = callerIdentity(arn);
  if (identity === undefined) {
    throw new AwsAuthError(
      "invalidInput",
      `arn ${JSON.stringify(arn)} is no identity that a cluster could meet; give the ARN of an IAM role or user, or the one that "aws sts get-caller-identity" shows`,
    );
  }
  const { candidates, shadowed } = resolveIdentity(document, identity, { ssoRoleMatch: true });
  const all = placedEntries(document).map(
    (placed): ExplainedEntry => ({ ...placed, owners: ownersOf(document, placed.entry) }),
  );
  const placed = (entries: readonly Entry[]) => all.filter(({ entry }) => entries.includes(entry));
  const [givenBy, ...alternatives] = placed(candidates);
  const met = [...candidates, ...shadowed];
  const nearMisses = all.flatMap((candidate) => {
    const reason = met.includes(candidate.entry) ? undefined : nearMissOf(candidate, identity);
    return reason === undefined ? [] : [{ placed: candidate, reason }];
  });
  return {
    arn,
    identity,
    user: givenBy && userFrom(givenBy.entry, identity),
    givenBy,
    alternatives,
    // An account's entry goes on counting for the others of the account; a note tells what it would do here.
    shadowed: placed(shadowed.filter(({ key }) => key !== "mapAccounts")),
    nearMisses,
    droppedKeys: faultsOf(document),
    notes: notesOn(document, identity, givenBy?.entry, shadowed),
  };
}

function userFrom(entry: Entry, identity: CallerIdentity): NonNullable<Explanation["user"]> {
  if (entry.key === "mapAccounts") return { username: identity.arn, groups: [] };
  return { username: entry.username, groups: entry.groups };
}
