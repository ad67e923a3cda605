import { hash } from "node:crypto";
import type { ClusterAccess, LiveAdmission } from "../access/clusterAccess";
import { type OverriddenEntry, overriddenEntries } from "../access/compare";
import { describeAccess, describeSource, describeSubject } from "../access/describe";
import { type Person, peopleIn } from "../access/people";
import { isDefault, type Right, rightsOf } from "../access/rights";
import { type ClusterRights, isNode } from "../access/verdict";
import { type LiveAccessEntry, policyName } from "../accessEntries";
import { callerIdentity, ownersOf, type PlacedEntry } from "../authenticator";
import { ownersIn } from "../claims";
import { type AwsAuthDocument, describePosition, type Entry, problemsOf } from "../document";
import { lintDocument } from "../lint/lint";
import type { Finding } from "../lint/lintEntry";
import type { PolicyRule, User } from "../rbac";
import { findingsOn, isOfAdministrator, severities } from "./findings";
import type {
  EntryEffect,
  ReviewedCluster,
  ReviewedEntry,
  ReviewedIdentity,
  ReviewedKind,
  ReviewedRight,
} from "./model";

/** A map that is reviewed, with what is known of its cluster. */
export interface MapToReview {
  /** All data keys of the ConfigMap. */
  readonly data: Readonly<Record<string, string>>;
  /** The same, parsed, and the access entries that go with it. */
  readonly access: ClusterAccess;
  readonly rights: ClusterRights;
  /** The account of the cluster; undefined where it is not known. */
  readonly account?: string | undefined;
}

/** Everybody in a map or with an access entry, and the keys that the authenticator drops, with the place and the reason. */
export function reviewMap(map: MapToReview): Pick<ReviewedCluster, "identities" | "droppedKeys"> {
  const { access } = map;
  const { document } = access;
  const context: Context = {
    ...map,
    document,
    deadBecause: deadEntries(map),
    digests: new Map(),
    overridden: overriddenEntries(access),
    places: new Map(access.entries.map((entry, index) => [entry, index + 1])),
  };
  const identities = peopleIn(access, map.rights.authorizer).map((person) => reviewPerson(person, context));
  const droppedKeys = problemsOf(document).map(
    (problem) => `${problem.key}, ${describePosition(document.origin, problem.key, problem)}: ${problem.reason}`,
  );
  return { identities: identities.sort((a, b) => rank(a) - rank(b)), droppedKeys };
}

interface Context extends MapToReview {
  readonly deadBecause: ReadonlyMap<string, string>;
  readonly digests: Map<readonly PolicyRule[], string>;
  readonly document: AwsAuthDocument;
  readonly overridden: ReadonlyMap<Entry, OverriddenEntry>;
  /** Where access entries stand among all of the cluster, from 1. */
  readonly places: ReadonlyMap<LiveAccessEntry, number>;
}

/** Why nobody ever matches an entry, by its place. */
function deadEntries({ data, access: { document } }: MapToReview): ReadonlyMap<string, string> {
  const isDead = ({ rule }: Finding) => deadRules.includes(rule);
  return new Map(
    lintDocument(data, document)
      .filter(isDead)
      .map(({ key, position, message }) => [`${key} ${position}`, message]),
  );
}

const deadRules: readonly string[] = ["dropped-entry", "never-matches", "role-path", "assumed-role", "account-id"];

function reviewPerson({ identity, logins, entries }: Person, context: Context): ReviewedIdentity {
  const byEntry = new Map(logins.map((login) => [login.entry, login]));
  const reviewed = entries.map((placed) => {
    const login = byEntry.get(placed.entry);
    const dead = context.deadBecause.get(`${placed.key} ${placed.position}`) ?? refusal(login);
    const effect = effectOf(dead, login, logins);
    const isRepeated = context.overridden.get(placed.entry)?.isEqual;
    return { entry: reviewEntry(placed, effect, identity, login?.user, context), dead, user: login?.user, isRepeated };
  });
  const living = logins.flatMap((login) => {
    const { accessEntry, user } = login;
    const dead = refusal(login);
    const effect = effectOf(dead, login, logins);
    return accessEntry === undefined
      ? []
      : [{ entry: reviewAccessEntry(accessEntry, effect, user, context), dead, user }];
  });
  const order: readonly EntryEffect[] = ["counts", "mayCount", "shadowed", "dead"];
  const sorted = [...living, ...reviewed].sort((a, b) => order.indexOf(a.entry.effect) - order.indexOf(b.entry.effect));
  const effective = sorted.filter(({ entry }) => hasEffect(entry));
  const isNobody = logins.every(({ entry }) => entry === undefined) && sorted.every(({ dead }) => dead !== undefined);
  const kind = isNobody ? "none" : kindOf(identity);
  return {
    identity,
    kind,
    isAdministrator: effective.some(({ entry }) => entry.rights.some(isOfAdministrator)),
    entries: sorted.map(({ entry }) => entry),
    findings: findingsOn({ identity, kind }, sorted, context.rights.authorizer, context.account),
  };
}

/** Why an entry that counts lets nobody in: no user, root or federated user is named like an EC2 instance. */
function refusal(login: LiveAdmission | undefined): string | undefined {
  return login?.entry === undefined || login.user !== undefined
    ? undefined
    : "every login is refused, since {{EC2PrivateDNSName}} is for sessions of EC2 instances alone; remove it";
}

/** Whether an entry lets anybody in. */
export function hasEffect({ effect }: Pick<ReviewedEntry, "effect">): boolean {
  return effect === "counts" || effect === "mayCount";
}

function effectOf(
  dead: string | undefined,
  login: LiveAdmission | undefined,
  logins: readonly LiveAdmission[],
): EntryEffect {
  if (dead !== undefined) {
    return "dead";
  }
  if (login !== undefined) {
    return logins.length === 1 ? "counts" : "mayCount";
  }
  return logins.some(({ entry }) => entry !== undefined) ? "shadowed" : "dead";
}

function kindOf(identity: string): ReviewedKind {
  if (identity.startsWith("account ")) {
    return "account";
  }
  return identity.endsWith("_*") ? "permissionSet" : (callerIdentity(identity)?.kind ?? "none");
}

function reviewEntry(
  { entry, key, position, line }: PlacedEntry,
  effect: EntryEffect,
  identity: string,
  user: User | undefined,
  context: Context,
): ReviewedEntry {
  return {
    source: "aws-auth",
    key,
    position,
    ...(line !== undefined && { line }),
    effect,
    username: usernameOf(entry, identity, user),
    groups: [...entry.groups],
    owners: [...ownersOf(context.document, entry)],
    ...effectiveRights(hasEffect({ effect }) ? user : undefined, context),
  };
}

function reviewAccessEntry(
  accessEntry: LiveAccessEntry,
  effect: EntryEffect,
  user: User | undefined,
  context: Context,
): ReviewedEntry {
  const { principalArn, type, username, groups, policies } = accessEntry;
  return {
    source: "access-entry",
    key: "accessEntries",
    position: context.places.get(accessEntry) ?? 0,
    accessEntry: {
      principalArn,
      type,
      policies: policies.map(({ policyArn, scope }) => ({
        name: policyName(policyArn),
        ...(scope.type === "namespace" && { namespaces: [...scope.namespaces] }),
      })),
    },
    effect,
    username,
    groups: [...groups],
    owners: ownersIn(accessEntry),
    ...effectiveRights(user, context),
  };
}

/** @param user undefined where an entry has no effect. */
function effectiveRights(user: User | undefined, context: Context): Pick<ReviewedEntry, "isNode" | "rights"> {
  if (user === undefined) {
    return { rights: [] };
  }
  const { rights, digests, access } = context;
  const found = rightsOf(user, rights.authorizer, access.mode === "API").filter((right) => !isDefault(right));
  return {
    ...(isNode(user) && { isNode: true as const }),
    rights: found.map((right) => reviewRight(right, right.rules && digestOf(right.rules, digests))),
  };
}

/** An account gives each of its identities the own ARN as username; that of a permission set's role nobody knows in full. */
function usernameOf(entry: Entry, identity: string, user: User | undefined): string {
  return entry.key === "mapAccounts" && user !== undefined && user.username !== "" ? identity : entry.username;
}

function reviewRight(right: Right, rules: string | undefined): ReviewedRight {
  const { strength, namespace, binding, isKnownByName, isCertain, subject } = right;
  return {
    access: describeAccess(right),
    by: describeSource(right),
    allows: strength,
    ...(namespace !== undefined && { namespace }),
    ...(binding !== undefined && { role: { ...binding.role } }),
    ...(isKnownByName && { isKnownByName: true as const }),
    ...(rules !== undefined && { rules }),
    ...(!isCertain && { onlyForThatName: true as const, onlyFor: describeSubject(subject) }),
  };
}

/** A fingerprint of what a role allows, in whatever order its rules stand: those of an aggregated role have none. */
function digestOf(rules: readonly PolicyRule[], digests: Map<readonly PolicyRule[], string>): string {
  const known = digests.get(rules);
  if (known !== undefined) {
    return known;
  }
  const texts = rules.map(({ verbs, apiGroups, resources, resourceNames, nonResourceURLs }) =>
    JSON.stringify([verbs, apiGroups, resources, resourceNames, nonResourceURLs].map((list) => list.toSorted())),
  );
  const digest = hash("sha256", texts.sort().join("\n")).slice(0, 12);
  digests.set(rules, digest);
  return digest;
}

/** Where an identity stands in the order of risk; within one severity the order of the map stays. */
function rank({ isAdministrator, findings }: ReviewedIdentity): number {
  const [first] = findings;
  return isAdministrator ? -1 : first === undefined ? severities.length : severities.indexOf(first.severity);
}
