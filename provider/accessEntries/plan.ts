import { keepIgnored, parseIamArn, sameGroups } from "../mapping";
import {
  type Claimant,
  type Contents,
  type EntryPlan,
  type EntryRemoval,
  isInConflict,
  type Leave,
  planEntries,
  planEntryRemoval,
  type Slot,
  type Wish,
} from "../ownership";
import {
  type AccessEntryContent,
  type AccessPolicy,
  differencesOf,
  hasOwnUser,
  includesPolicies,
  isOlderThanPrincipal,
  type LiveAccessEntry,
  sameAccessEntry,
  samePolicies,
  samePolicy,
  usernameOf,
} from "./accessEntry";
import { claimsIn, keptClaimant, type TagClaim, type TagStanding } from "./claims";

export interface AccessEntryIntent extends Omit<Wish<AccessEntryContent>, "noDuplicateARNs"> {
  /** When IAM says that the role or user was created; undefined if that is not known. */
  readonly principalCreatedAt: Date | undefined;
}

/**
 * The changes to an access entry of the same principal and type, in this order, so that rights are never less than before and after:
 * associate, set username and groups, disassociate.
 */
export interface AccessEntryChange {
  /** The policies to associate. Associating a policy again sets its scope. */
  readonly associate: readonly AccessPolicy[];
  /**
   * What to set; undefined if neither differs. EKS replaces both at each update, and gives a default for what is left out, so both are
   * always here.
   */
  readonly user: { readonly username: string; readonly groups: readonly string[] } | undefined;
  readonly disassociate: readonly string[];
}

/**
 * What to do so that the access entry of a principal says what a resource wants. There is one at most, so that entries never shadow each
 * other.
 *
 * - `create`: there is none
 * - `inSync`: it says so already
 * - `update`: it can be changed
 * - `recreate`: it has to be deleted and made again, because of what never changes, or because it is dead
 * - `conflict`: it says something else and is not this resource's
 * - `held`: others want it as it is
 * - `takenOver`: others have taken it from this resource
 */
export type AccessEntryPlan = EntryPlan<LiveAccessEntry, AccessEntryContent, TagClaim> & {
  readonly isDead: boolean;
  /** Whether adoption helps; else the entry would have to be deleted, and nobody who claims it has made it. */
  readonly canAdopt: boolean;
} & (
    | { readonly kind: "create"; readonly live: undefined }
    | {
        readonly kind: "inSync" | "update" | "recreate" | "conflict" | "held" | "takenOver";
        readonly live: LiveAccessEntry;
      }
  );

export type LiveEntryPlan = Extract<AccessEntryPlan, { readonly live: LiveAccessEntry }>;

/**
 * Plans what a resource does with the access entry of its principal.
 *
 * @param live the access entry whose principal is the same role or user, whatever path its ARN has; undefined if there is none.
 */
export function planAccessEntry(live: LiveAccessEntry | undefined, intent: AccessEntryIntent): AccessEntryPlan {
  const { previous, adopt } = intent;
  const isDead = live !== undefined && isDeadBeside(live, intent.principalCreatedAt);
  const { slots, claims, claimant } = placeOf(live, intent.claimant, isDead);
  const wish = { ...intent, noDuplicateARNs: true, claimant };
  const plan = planEntries(slots, claims, wish, entryContents);
  if (live === undefined) {
    return { ...plan, kind: "create", live, isDead, canAdopt: true };
  }
  const { principalArn, type } = differencesOf(live, plan.wanted);
  const isReplacement = isDead || principalArn !== undefined || type !== undefined;
  const canAdopt = !isReplacement || isDeletable(live, intent);
  const kindOf = (): LiveEntryPlan["kind"] => {
    if (plan.takenOverBy.length > 0) {
      return "takenOver";
    }
    if (plan.isEqual && !isDead) {
      return "inSync";
    }
    if (!canAdopt || isInConflict(plan, wish) || (!adopt && isOfSomebody(plan.standing, intent))) {
      return "conflict";
    }
    return plan.heldBy.length > 0 ? "held" : isReplacement ? "recreate" : "update";
  };
  const kind = kindOf();
  const isUnfinishedOwn = previous === undefined && isUnfinished(live, plan.wanted);
  const [namesakes, ended] = isUnfinishedOwn ? [[], plan.namesakes] : [plan.namesakes, []];
  const replaced = [...plan.replaced, ...ended];
  return { ...plan, kind, live, replaced, namesakes, isDead, canAdopt, isFound: plan.isFound && kind !== "recreate" };
}

export type AccessEntryRemoval = EntryRemoval<LiveAccessEntry, TagClaim>;

export type AccessEntryRemovalIntent = Omit<Leave<AccessEntryContent>, "noDuplicateARNs">;

/**
 * Plans a delete: it deletes only an access entry with the content in the state that a claim, or else the state, says to be made by the
 * resource, and only if nobody else wants it.
 */
export function planAccessEntryRemoval(
  live: LiveAccessEntry | undefined,
  intent: AccessEntryRemovalIntent,
): AccessEntryRemoval {
  const { slots, claims, claimant } = placeOf(live, intent.claimant);
  return planEntryRemoval(slots, claims, { ...intent, claimant, noDuplicateARNs: true }, entryContents);
}

/** The access entry of a principal, with the claims on it, and who asks, by the label as claims keep it. */
function placeOf(live: LiveAccessEntry | undefined, claimant: Claimant, isDead = false) {
  const claims = claimsIn(live?.tags ?? {});
  const slots: readonly Slot<LiveAccessEntry, TagClaim>[] =
    live === undefined ? [] : [{ entry: live, counts: !isDead, claims }];
  return { slots, claims, claimant: keptClaimant(claimant) };
}

/** How access entries compare. A tag does not say what its resource wants. */
const entryContents: Contents<LiveAccessEntry, AccessEntryContent, TagClaim> = {
  isSingle: true,
  says: sameAccessEntry,
  areEqual: sameAccessEntry,
  withIgnored: withLiveIgnored,
  isWhole: () => false,
  isSatisfied: () => false,
};

/** Whether the program changes an entry that the resource has found: its delete would leave it as if it had been so before. */
function isOfSomebody({ own, earlier, siblings }: TagStanding, { desired, previous }: AccessEntryIntent): boolean {
  const isFound = [...own, ...earlier, ...siblings].some((claim) => claim.isFound);
  return isFound && (previous === undefined || !sameAccessEntry(desired, previous));
}

/**
 * The desired content, with the live one's for the properties that the program ignores. `groups` includes the policies that stand for
 * groups.
 *
 * @param previous the content when the resource last wrote or read the entry.
 */
export function withLiveIgnored(
  desired: AccessEntryContent,
  live: AccessEntryContent,
  ignored: readonly string[],
  previous: AccessEntryContent = desired,
): AccessEntryContent {
  const areSame = sameGroups(desired.groups, previous.groups) && samePolicies(desired.policies, previous.policies);
  return hasOwnUser(desired) && hasOwnUser(live)
    ? keepIgnored(desired, ignored, {
        username: { isSame: usernameOf(desired) === usernameOf(previous), live: { username: live.username } },
        groups: { isSame: areSame, live: { groups: live.groups, policies: live.policies } },
      })
    : desired;
}

/**
 * Describes the drift of an access entry from what its resource last wrote, by property, in the words of the drift of a map:
 * `{ groups: "changed outside Pulumi: [viewers] => [admins]" }`. Empty if there is none.
 *
 * @param live undefined if it is gone.
 * @param principalCreatedAt when the role or user was created, if that is known.
 */
export function describeAccessEntryDrift(
  previous: AccessEntryContent,
  live: LiveAccessEntry | undefined,
  ignored: readonly string[],
  principalCreatedAt: Date | undefined,
): Record<string, string> {
  if (live === undefined) {
    return { accessEntry: "removed outside Pulumi" };
  }
  const changes = Object.entries(differencesOf(withLiveIgnored(previous, live, ignored), live));
  return Object.fromEntries([
    ...changes.map(([name, { before, after }]) => [name, changedOutside(before, after)]),
    ...(isDeadBeside(live, principalCreatedAt) ? [["accessEntry", describeDeath(live)]] : []),
  ]);
}

/** Describes drift of one property, wherever a mapping is kept. */
export function changedOutside(before: string, after: string): string {
  return `changed outside Pulumi: ${before} => ${after}`;
}

/** Why an access entry is dead: `dead, since the role was deleted and made again after it, so that it lets nobody in`. */
export function describeDeath({ principalArn }: Pick<AccessEntryContent, "principalArn">): string {
  const kind = parseIamArn(principalArn).kind === "user" ? "user" : "role";
  return `dead, since the ${kind} was deleted and made again after it, so that it lets nobody in`;
}

/** Whether a role or user was deleted and made again since the access entry was made. */
function isDeadBeside(live: LiveAccessEntry, principalCreatedAt: Date | undefined): boolean {
  return principalCreatedAt !== undefined && isOlderThanPrincipal(live, principalCreatedAt);
}

/**
 * Whether an access entry lacks nothing but policies, as one does whose run was killed between the call that makes it and the one that
 * associates them.
 */
export function isUnfinished(live: LiveAccessEntry, wanted: AccessEntryContent): boolean {
  const { policies, ...rest } = differencesOf(live, wanted);
  return policies !== undefined && Object.keys(rest).length === 0 && includesPolicies(wanted.policies, live.policies);
}

/**
 * Whether an access entry may be deleted: somebody who claims it has made it, or nobody claims it and the state says that this resource
 * made just this one. Those of EKS, and of other tools, never are.
 */
function isDeletable(live: LiveAccessEntry, { isMade = false, previous, ignored }: AccessEntryIntent): boolean {
  const claims = claimsIn(live.tags);
  return claims.length === 0
    ? isMade && previous !== undefined && sameAccessEntry(withLiveIgnored(previous, live, ignored), live)
    : claims.some(({ isFound }) => !isFound);
}

export function changeOf(live: LiveAccessEntry, wanted: AccessEntryContent): AccessEntryChange {
  const isUserSame =
    !hasOwnUser(wanted) || (live.username === usernameOf(wanted) && sameGroups(live.groups, wanted.groups));
  return {
    associate: wanted.policies.filter((policy) => !live.policies.some((other) => samePolicy(policy, other))),
    user: isUserSame ? undefined : { username: usernameOf(wanted), groups: wanted.groups },
    disassociate: live.policies
      .map(({ policyArn }) => policyArn)
      .filter((policyArn) => !wanted.policies.some((policy) => policy.policyArn === policyArn)),
  };
}
