import { parseIamArn, sameGroups } from "../mapping";
import {
  type AccessEntryContent,
  type AccessEntryDifferences,
  type AccessPolicy,
  differencesOf,
  hasOwnUser,
  includesPolicies,
  isOlderThanPrincipal,
  type LiveAccessEntry,
  sameAccessEntry,
  samePolicy,
  usernameOf,
} from "./accessEntry";
import { claimsIn, keptLabel, standingIn, type TagClaim, type TagClaimant, type TagStanding } from "./claims";

/** What a resource wants of the access entry of its principal. */
export interface AccessEntryIntent {
  /** The content that the program wants. */
  readonly desired: AccessEntryContent;
  /**
   * The content when this resource last wrote or read the access entry. Undefined if it has none yet: it is new, or was kept in
   * aws-auth alone.
   */
  readonly previous: AccessEntryContent | undefined;
  /** Whether to take over an access entry with other content. */
  readonly adopt: boolean;
  /** The properties in the program's `ignoreChanges`. `groups` includes the policies that stand for groups. */
  readonly ignored: readonly IgnoredProperty[];
  /** Identifies the resource's own claims. */
  readonly claimant: TagClaimant;
  /** The label of the claim that is about to be made; undefined if none is, or if another resource has the same label. */
  readonly label: string | undefined;
  /** The labels of this run's other resources that want the same. */
  readonly agreeing: readonly string[];
  /** Whether the state says that this resource made the access entry, which the tags do not say if they have no claims. */
  readonly isMade: boolean;
  /** When IAM says that the role or user was created; undefined if that is not known. */
  readonly principalCreatedAt: Date | undefined;
}

/** A property of a mapping that a program may ignore. */
export type IgnoredProperty = "username" | "groups";

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
  /** The ARNs of the policies to disassociate. */
  readonly disassociate: readonly string[];
}

/** What all plans for an access entry that is there know. */
interface Found {
  readonly live: LiveAccessEntry;
  /** The content to reach: the desired content, except for ignored properties. */
  readonly wanted: AccessEntryContent;
  readonly standing: TagStanding;
}

/** What all plans that end in a claim know. */
interface Claiming {
  /** The claims that the resource's claim replaces: its own, those that adoption displaces, and namesakes. */
  readonly replaced: readonly TagClaim[];
  /** The claims of others that end here, which is told. */
  readonly displaced: readonly TagClaim[];
  /** The claims of other resources with the same label, which this one takes: of a run that was killed, or of a stack of that name. */
  readonly namesakes: readonly TagClaim[];
  /** Whether the resource's claim says that the entry was found, so that its delete leaves the entry. */
  readonly isFound: boolean;
}

/**
 * What to do so that an access entry says what a resource wants.
 *
 * - `create`: there is none; `isDrift` if the state has one
 * - `inSync`: it says so already; `sharedWith` are the claims of others
 * - `update`: it can be changed
 * - `recreate`: it has to be deleted and made again, because of what never changes, or because it is dead
 * - `conflict`: it says something else and is not this resource's; unless `canAdopt`, not even adoption helps, since it would have to
 *   be deleted, and nobody who claims it has made it
 * - `held`: others want it as it is
 * - `takenOver`: others have taken it from this resource
 */
export type AccessEntryPlan =
  | { readonly kind: "create"; readonly wanted: AccessEntryContent; readonly isDrift: boolean }
  | (Found & Claiming & { readonly kind: "inSync"; readonly sharedWith: readonly TagClaim[] })
  | (Found & Claiming & { readonly kind: "update"; readonly change: AccessEntryChange })
  | (Found & Claiming & { readonly kind: "recreate"; readonly isDead: boolean })
  | (Found & {
      readonly kind: "conflict";
      readonly differences: AccessEntryDifferences;
      readonly claimedBy: readonly TagClaim[];
      readonly isDead: boolean;
      readonly canAdopt: boolean;
    })
  | (Found & { readonly kind: "held"; readonly heldBy: readonly TagClaim[] })
  | (Found & { readonly kind: "takenOver"; readonly takenOverBy: readonly TagClaim[] });

/**
 * Plans what a resource does with the access entry of its principal. There is one at most, so that entries never shadow each other.
 *
 * @param live the access entry whose principal is the same role or user, whatever path its ARN has; undefined if there is none.
 */
export function planAccessEntry(live: LiveAccessEntry | undefined, intent: AccessEntryIntent): AccessEntryPlan {
  const { desired, previous, adopt, ignored, claimant, agreeing } = intent;
  if (live === undefined) {
    return { kind: "create", wanted: desired, isDrift: previous !== undefined };
  }
  const wanted = previous === undefined ? desired : withIgnored(desired, live, ignored);
  const standing = standingIn(live.tags, claimant, agreeing);
  const { own, others } = standing;
  const found = { live, wanted, standing };
  const differences = differencesOf(live, wanted);
  const isDead = isDeadBeside(live, intent.principalCreatedAt);
  const isEqual = Object.keys(differences).length === 0;
  const isSame = isEqual && !isDead;
  if (previous !== undefined && own.length === 0 && others.length > 0 && !isEqual) {
    return { kind: "takenOver", ...found, takenOverBy: others };
  }
  const namesakes = namesakesIn(others, intent);
  const strangers = others.filter((claim) => !namesakes.includes(claim));
  // Nobody wants a dead one as it is. If it says what all want, they have it again once it is made anew.
  const opposed = isEqual ? [] : strangers;
  const claiming = (displaced: readonly TagClaim[]) => ({
    replaced: [...own, ...new Set([...displaced, ...namesakes])],
    displaced,
    namesakes,
    isFound: isFoundAfter(live, standing, intent, isSame || isUnfinished(live, wanted)),
  });
  if (isSame) {
    return { kind: "inSync", ...found, ...claiming([]), sharedWith: strangers };
  }
  const isResumed = namesakes.length > 0 && strangers.length === 0 && !isDead && isUnfinished(live, wanted);
  const isOwn = previous !== undefined || own.length > 0 || isResumed;
  const isReplacement = isDead || differences.principalArn !== undefined || differences.type !== undefined;
  const canAdopt = !isReplacement || isDeletable(live, intent);
  if (!canAdopt || (!isOwn && !adopt)) {
    return { kind: "conflict", ...found, differences, claimedBy: others, isDead, canAdopt };
  }
  if (opposed.length > 0 && !adopt) {
    return { kind: "held", ...found, heldBy: opposed };
  }
  return isReplacement
    ? { kind: "recreate", ...found, ...claiming(opposed), isFound: false, isDead }
    : { kind: "update", ...found, ...claiming(opposed), change: changeOf(live, wanted) };
}

/** The desired content, with the live one's for the properties that the program ignores. */
export function withIgnored(
  desired: AccessEntryContent,
  live: AccessEntryContent,
  ignored: readonly IgnoredProperty[],
): AccessEntryContent {
  if (!hasOwnUser(desired) || !hasOwnUser(live)) {
    return desired;
  }
  return {
    ...desired,
    ...(ignored.includes("username") && { username: live.username }),
    ...(ignored.includes("groups") && { groups: live.groups, policies: live.policies }),
  };
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
  ignored: readonly IgnoredProperty[],
  principalCreatedAt: Date | undefined,
): Record<string, string> {
  if (live === undefined) {
    return { accessEntry: "removed outside Pulumi" };
  }
  const changes = Object.entries(differencesOf(withIgnored(previous, live, ignored), live));
  return Object.fromEntries([
    ...changes.map(([name, { before, after }]) => [name, `changed outside Pulumi: ${before} => ${after}`]),
    ...(isDeadBeside(live, principalCreatedAt) ? [["accessEntry", describeDeath(live)]] : []),
  ]);
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

/** The claims under the name of a resource that is new. */
function namesakesIn(others: readonly TagClaim[], { label, previous }: AccessEntryIntent): readonly TagClaim[] {
  if (label === undefined || previous !== undefined) {
    return [];
  }
  const kept = keptLabel(label);
  return others.filter((claim) => claim.label === kept);
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
function isDeletable(live: LiveAccessEntry, { isMade, previous, ignored }: AccessEntryIntent): boolean {
  const claims = claimsIn(live.tags);
  return claims.length === 0
    ? isMade && previous !== undefined && sameAccessEntry(withIgnored(previous, live, ignored), live)
    : claims.some(({ isFound }) => !isFound);
}

/**
 * Whether the claim says that the entry was found. An entry stays a found one as long as all who claim it have found it; one that is
 * adopted and changed is the resource's own.
 *
 * @param isKept whether the entry is taken as it is.
 */
function isFoundAfter(
  live: LiveAccessEntry,
  { own }: TagStanding,
  { previous, isMade }: AccessEntryIntent,
  isKept: boolean,
): boolean {
  const claims = claimsIn(live.tags);
  if (own.length > 0) {
    return own.some(({ isFound }) => isFound);
  }
  if (claims.length > 0) {
    return isKept && claims.every(({ isFound }) => isFound);
  }
  return previous === undefined ? isKept : !isMade;
}

function changeOf(live: LiveAccessEntry, wanted: AccessEntryContent): AccessEntryChange {
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
