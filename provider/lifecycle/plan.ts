import {
  type AwsAuthDocument,
  assertReadable,
  type Entry,
  entryInForce,
  entryMapping,
  findEntries,
  isEffective,
} from "../document";
import { type Mapping, principalOf, sameContent } from "../mapping";

/** What a resource wants of the document. */
export interface Intent {
  /** What the entry is to say. */
  readonly desired: Mapping;
  /** What it said when this resource last wrote or read it; undefined for a resource that has no entry yet. */
  readonly previous: Mapping | undefined;
  /** Whether entries of the same principal that belong to nobody in this run are an error. */
  readonly noDuplicateARNs: boolean;
  /** Whether such entries are taken over: one becomes ours, the others go. */
  readonly adopt: boolean;
  /** Properties that the program leaves to others (its `ignoreChanges`): whatever an existing entry says there is right. */
  readonly ignored: readonly string[];
  /** What the other resources of this run say about the same principal: their entries are not ours to touch. */
  readonly claimed: readonly Mapping[];
}

/** What has to happen in one version of the document for an {@link Intent} to hold. */
export interface Plan {
  /** The resource's own entry; undefined: there is none, and one is appended. */
  readonly own: Entry | undefined;
  /** What the entry is to say: what is desired, less what is ignored. */
  readonly wanted: Mapping;
  /** Whether the entry says so already. */
  readonly inSync: boolean;
  /** Entries of the same principal and other content that belong to nobody in this run. */
  readonly rivals: readonly Entry[];
  /** The rival that the authenticator would obey in place of the resource's own entry. */
  readonly shadowedBy: Entry | undefined;
  /** Entries that adoption removes. */
  readonly removes: readonly Entry[];
}

/**
 * Finds a resource's own entry, and what stands in its way. The same decision is made for a preview, and again for each version of
 * the document that a write is computed from.
 */
export function planEntry(document: AwsAuthDocument, intent: Intent): Plan {
  const { desired, previous, ignored } = intent;
  const free = unclaimed(document, desired, intent.claimed);
  const own =
    lastWith(free, previous, ignored) ??
    lastWith(free.filter(isEffective), desired) ??
    (intent.adopt ? (entryInForce(free) ?? free.at(-1)) : editedByHand(free, intent));
  const rest = free.filter((entry) => entry !== own);
  const rivals = rest.filter((entry) => !isEffective(entry) || !says(entry, desired));
  const wanted = previous === undefined ? desired : withIgnored(desired, own, ignored);
  return {
    own,
    wanted,
    inSync:
      own !== undefined && isEffective(own) && says(own, wanted) && (previous === undefined || isSpelt(own, wanted)),
    rivals,
    shadowedBy: own === undefined ? winnerOverNew(rivals, desired) : winnerOver(own, free),
    removes: intent.adopt ? rest : [],
  };
}

/** Whether somebody else changed or removed the resource's entry, and did not just do what the program wants. */
export function hasDrifted(plan: Plan, previous: Mapping): boolean {
  return !plan.inSync && !(plan.own !== undefined && isEffective(plan.own) && says(plan.own, previous));
}

/** Whether another entry stands in the way of the resource's rule that its principal is mapped once. */
export function isConflict(plan: Plan, intent: Intent): boolean {
  return plan.rivals.length > 0 && intent.noDuplicateARNs && !intent.adopt;
}

/**
 * Finds the entry that a deleted resource leaves behind: the one that says what the resource last wrote, else the one that it became
 * by a hand edit. Undefined: it is gone, or another resource of the run has taken it over.
 */
export function planRemoval(
  document: AwsAuthDocument,
  intent: Pick<Intent, "claimed" | "noDuplicateARNs"> & { readonly previous: Mapping },
): Entry | undefined {
  const { previous, claimed } = intent;
  const free = unclaimed(document, previous, claimed);
  const isTakenOver = claimed.some((mapping) => sameContent(mapping, previous));
  return lastWith(free, previous) ?? (isTakenOver ? undefined : editedByHand(free, intent));
}

/**
 * The resource's entry after somebody edited it. It can be told from a foreign one only where there is one entry and the resource
 * shares its principal with no other; anything else that is left is not ours to touch.
 */
function editedByHand(
  free: readonly Entry[],
  { previous, noDuplicateARNs }: Pick<Intent, "previous" | "noDuplicateARNs">,
): Entry | undefined {
  return previous !== undefined && noDuplicateARNs && free.length === 1 ? free[0] : undefined;
}

/**
 * Makes sure that an entry which was not found is really not there: an ARN's entry may stand in either list, and one that the
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

/** Takes over what the entry says in the properties that the program ignores. */
function withIgnored(desired: Mapping, own: Entry | undefined, ignored: readonly string[]): Mapping {
  if (own === undefined || desired.kind === "account") {
    return desired;
  }
  return {
    ...desired,
    ...(ignores(ignored, "username") && { username: own.username }),
    ...(ignores(ignored, "groups") && { groups: own.groups }),
  };
}

/** Whether the program leaves a property to others. */
export function ignores(ignored: readonly string[], property: "username" | "groups"): boolean {
  // A path such as groups[0] cannot be held apart from the list that it is in: groups are a set.
  return ignored.some((path) => path === "*" || path.split(/[.[]/)[0] === property);
}

function winnerOver(own: Entry, free: readonly Entry[]): Entry | undefined {
  const winner = entryInForce(free);
  return winner === own ? undefined : winner;
}

/** A new entry comes last in its list, so that only the other list can win over it. */
function winnerOverNew(rivals: readonly Entry[], desired: Mapping): Entry | undefined {
  return desired.kind === "role"
    ? undefined
    : rivals.findLast((entry) => entry.key === "mapRoles" && isEffective(entry));
}

/** The principal's entries, less one for each other resource of this run that says the same as the entry. */
function unclaimed(document: AwsAuthDocument, mapping: Mapping, claimed: readonly Mapping[]): Entry[] {
  // An entry with `sso` stands for a permission set, whatever ARN it has besides.
  const entries = findEntries(document, principalOf(mapping)).filter(({ sso }) => sso === undefined);
  for (const other of claimed) {
    const taken = lastWith(entries, other);
    if (taken !== undefined) {
      entries.splice(entries.indexOf(taken), 1);
    }
  }
  return entries;
}

/** An ARN in another spelling means the same, and is left as it is until its resource has something to write. */
function isSpelt(entry: Entry, mapping: Mapping): boolean {
  return mapping.kind === "account" || entry.arn === mapping.arn;
}

/** The last entry that says a mapping; one that nobody ever matches only where there is no other. */
function lastWith(
  entries: readonly Entry[],
  mapping: Mapping | undefined,
  ignored: readonly string[] = [],
): Entry | undefined {
  const saying =
    mapping === undefined ? [] : entries.filter((entry) => says(entry, withIgnored(mapping, entry, ignored)));
  return saying.findLast(isEffective) ?? saying.at(-1);
}

function says(entry: Entry, mapping: Mapping): boolean {
  const content = entryMapping(entry);
  return content !== undefined && sameContent(content, mapping);
}
