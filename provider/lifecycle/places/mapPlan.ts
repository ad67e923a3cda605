import {
  type AwsAuthDocument,
  assertReadable,
  assignClaims,
  type ClaimedPart,
  claimsOn,
  type Entry,
  entryInForce,
  entryMapping,
  findEntries,
  isEffective,
  isSso,
  isWhole,
  type RecordedClaim,
  wouldCover,
} from "../../document";
import { ignores, type Mapping, principalOf, sameContent, withIgnored } from "../../mapping";
import {
  type Contents,
  type EntryPlan,
  type EntryRemoval,
  type Leave,
  planEntries,
  planEntryRemoval,
  type Slot,
  type Wish,
} from "../../ownership";

export type Intent = Wish<Mapping>;

/** The changes to one version of the document that fulfil an {@link Intent}. */
export interface Plan extends EntryPlan<Entry, Mapping, RecordedClaim> {
  /** Whether the entry is as it is to be. */
  readonly inSync: boolean;
  /** The rival that the authenticator would use instead of the resource's own entry. */
  readonly shadowedBy: Entry | undefined;
}

/**
 * Finds a resource's own entry and everything that conflicts with it. Runs for a preview, and again for each version of the
 * document that a write is based on.
 */
export function planEntry(document: AwsAuthDocument, intent: Intent): Plan {
  const { desired, previous } = intent;
  const { entries, claims, slots } = placeOf(document, principalOf(desired));
  const plan = planEntries(slots, claims, intent, mapContents);
  const { free, left, own, wanted, isEqual, isJoining, rivals, removes } = plan;
  const inOrder = (some: readonly Entry[]) => entries.filter((entry) => some.includes(entry));
  // A new entry is the last of its list, so only an entry of the other list can win over it.
  const later = desired.kind === "role" ? [] : rivals.filter(isInRoles);
  const winner = entryInForce(own === undefined ? later : free);
  // Another spelling of the same ARN is left as it is until the resource has other changes to write.
  const isSpelt = wanted.kind === "account" || own?.arn === wanted.arn;
  const isWritten = previous === undefined || isJoining || isSpelt;
  return {
    ...plan,
    inSync: own !== undefined && isEffective(own) && isEqual && isWritten,
    rivals: inOrder(rivals),
    left: inOrder(left),
    shadowedBy: winner === own ? undefined : winner,
    removes: inOrder(removes),
  };
}

export type Removal = EntryRemoval<Entry, RecordedClaim>;

/** Plans a delete: it removes only an entry with the content in the state, and only if nobody else wants that. */
export function planRemoval(document: AwsAuthDocument, leave: Leave<Mapping>): Removal {
  const { claims, slots } = placeOf(document, principalOf(leave.previous));
  return planEntryRemoval(slots, claims, leave, mapContents);
}

/** How entries of aws-auth compare, in any spelling of the ARN. */
const mapContents: Contents<Entry, Mapping, RecordedClaim> = {
  isSingle: false,
  says: hasContentOf,
  areEqual: (a, b) => {
    const content = entryMapping(b);
    return content !== undefined && hasContentOf(a, content);
  },
  withIgnored,
  isWhole,
  isSatisfied: (claim, content) =>
    wouldCover(claim, content.kind === "account" ? { ...nobody, account: content.account } : { ...nobody, ...content }),
};

const nobody = { username: "", groups: [] };

/** The entries of a principal and the claims on them. Slots are in the order in which later ones count instead of earlier ones. */
function placeOf(document: AwsAuthDocument, principal: string) {
  const entries = entriesFor(document, principal);
  const claims = claimsOn(document, principal);
  const assigned = assignClaims(claims, entries, isEffective);
  const [roles, others] = [entries.filter(isInRoles), entries.filter((entry) => !isInRoles(entry))];
  const slots = [...others, ...roles].map(
    (entry): Slot<Entry, RecordedClaim> => ({ entry, counts: isEffective(entry), claims: assigned.get(entry) ?? [] }),
  );
  return { entries, claims, slots };
}

function isInRoles({ key }: Entry): boolean {
  return key === "mapRoles";
}

/**
 * Makes sure that an entry that was not found really does not exist: an ARN's entry may be in either list, and a list that the
 * authenticator drops hides its entries.
 *
 * @throws AwsAuthError `unreadableKey`.
 */
export function assertFound(document: AwsAuthDocument, own: Entry | undefined, mapping: Mapping): void {
  if (own === undefined) {
    for (const key of mapping.kind === "account" ? (["mapAccounts"] as const) : (["mapRoles", "mapUsers"] as const)) {
      assertReadable(document, key);
    }
  }
}

/** The part of an entry that a resource claims: everything that the program does not ignore. */
export function claimedPart(ignored: readonly string[]): ClaimedPart {
  const [username, groups] = [ignores(ignored, "username"), ignores(ignored, "groups")];
  if (username && groups) {
    return "none";
  }
  return username ? "groups" : groups ? "username" : "all";
}

/** A principal's entries, without those for permission sets. */
export function entriesFor(document: AwsAuthDocument, principal: string): Entry[] {
  return findEntries(document, principal).filter((entry) => !isSso(entry));
}

/** Whether an entry has the content of a mapping, in any spelling of the ARN. */
export function hasContentOf(entry: Entry, mapping: Mapping): boolean {
  const content = entryMapping(entry);
  return content !== undefined && sameContent(content, mapping);
}
