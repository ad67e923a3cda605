import { hash } from "node:crypto";
import { policyName } from "../access/accessPolicies";
import { type Admission, type ClusterAccess, principalsOf } from "../access/clusterAccess";
import { describeAccess, describeSource } from "../access/describe";
import { type OverriddenEntry, overriddenEntries } from "../access/overridden";
import { isDefault, type Right, rightsOf } from "../access/rights";
import { type ClusterRights, isNode } from "../access/verdict";
import { memberAt, membersOf } from "../access/whoCan";
import { claimsIn, type LiveAccessEntry } from "../accessEntries";
import { callerIdentity, foldCase, ownersOf, type PlacedEntry, placedEntries, placedEntry } from "../authenticator";
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
  const identities = peopleIn(map).map((person) => reviewPerson(person, context));
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

/** Somebody in a map, or with an access entry: what its logins come out as, and its entries of the map in the map's order. */
interface Person {
  readonly identity: string;
  readonly logins: readonly Admission[];
  readonly entries: readonly PlacedEntry[];
}

/** Everybody, each once: those in the map in its order, then those who have an access entry alone. */
function peopleIn({ access, rights }: MapToReview): readonly Person[] {
  const placed = placedEntries(access.document);
  const people = new Map<string, Omit<Person, "entries"> & { readonly entries: Set<PlacedEntry> }>();
  const meet = (identity: string, logins: () => readonly Admission[], own: readonly PlacedEntry[]) => {
    const key = foldCase(identity);
    const known = people.get(key);
    const person = known ?? { identity, logins: logins(), entries: new Set<PlacedEntry>() };
    people.set(key, person);
    // An entry of a permission set may count for the roles of the set that have entries of their own.
    const counting = known
      ? []
      : person.logins.flatMap(({ entry }) => (entry && placedEntry(access.document, entry)) ?? []);
    for (const entry of [...own, ...counting]) {
      person.entries.add(entry);
    }
  };
  for (const own of placed) {
    const members = membersOf(access, own.entry, rights);
    for (const [identity, logins] of members.length === 0 ? [[nameOf(own), () => []] as const] : members) {
      meet(identity, logins, [own]);
    }
  }
  for (const [identity, logins] of principalsOf(access).flatMap(({ arn }) => memberAt(access, arn))) {
    meet(identity, logins, []);
  }
  const order = new Map(placed.map((one, index) => [one, index]));
  const place = (one: PlacedEntry) => order.get(one) ?? 0;
  return [...people.values()].map((person) => ({
    ...person,
    entries: [...person.entries].sort((a, b) => place(a) - place(b)),
  }));
}

/** What an entry that is for nobody says. */
function nameOf({ entry, key, position }: PlacedEntry): string {
  return entry.arn ?? `${key} entry ${position}`;
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
    const dead = context.deadBecause.get(`${placed.key} ${placed.position}`);
    const login = byEntry.get(placed.entry);
    const effect = effectOf(dead, login, logins);
    const isRepeated = context.overridden.get(placed.entry)?.isEqual;
    return { entry: reviewEntry(placed, effect, identity, login?.user, context), dead, user: login?.user, isRepeated };
  });
  const living = logins.flatMap(({ accessEntry, user }) =>
    accessEntry === undefined
      ? []
      : [
          {
            entry: reviewAccessEntry(accessEntry, logins, user, context),
            dead: undefined,
            user,
            isRepeated: undefined,
          },
        ],
  );
  const order: readonly EntryEffect[] = ["counts", "mayCount", "shadowed", "dead"];
  const sorted = [...living, ...reviewed].sort((a, b) => order.indexOf(a.entry.effect) - order.indexOf(b.entry.effect));
  const effective = sorted.filter(({ entry }) => hasEffect(entry));
  const kind = effective.length === 0 && sorted.every(({ dead }) => dead !== undefined) ? "none" : kindOf(identity);
  const isAdministrator = effective.some(({ entry }) => entry.rights.some(isOfAdministrator));
  return {
    identity,
    kind,
    isAdministrator,
    entries: sorted.map(({ entry }) => entry),
    findings: findingsOn(kind, sorted, context.rights.authorizer),
  };
}

/** Whether an entry lets anybody in. */
export function hasEffect({ effect }: Pick<ReviewedEntry, "effect">): boolean {
  return effect === "counts" || effect === "mayCount";
}

function effectOf(dead: string | undefined, login: Admission | undefined, logins: readonly Admission[]): EntryEffect {
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
  logins: readonly Admission[],
  user: User | undefined,
  context: Context,
): ReviewedEntry {
  const { principalArn, type, username, groups, policies, tags } = accessEntry;
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
    effect: logins.length === 1 ? "counts" : "mayCount",
    username,
    groups: [...groups],
    owners: [...new Set(claimsIn(tags).map(({ label }) => label))],
    ...effectiveRights(user, context),
  };
}

/** @param user undefined where an entry has no effect. */
function effectiveRights(user: User | undefined, context: Context): Pick<ReviewedEntry, "isNode" | "rights"> {
  return user === undefined
    ? { rights: [] }
    : { ...(isNode(user) && { isNode: true as const }), rights: reviewRights(user, context) };
}

/** An account gives each of its identities the own ARN as username; that of a permission set's role nobody knows in full. */
function usernameOf(entry: Entry, identity: string, user: User | undefined): string {
  return entry.key === "mapAccounts" && user !== undefined && user.username !== "" ? identity : entry.username;
}

function reviewRights(user: User, { rights, digests }: Context): ReviewedRight[] {
  return rightsOf(user, rights.authorizer)
    .filter((right) => !isDefault(right))
    .map((right) => {
      const rules = right.binding && rights.authorizer.rulesOf(right.binding);
      return reviewRight(right, rules && digestOf(rules, digests));
    });
}

function reviewRight(right: Right, rules: string | undefined): ReviewedRight {
  const { strength, namespace, binding, isKnownByName, isCertain } = right;
  return {
    access: describeAccess(right),
    by: describeSource(right),
    allows: strength,
    ...(namespace !== undefined && { namespace }),
    ...(binding !== undefined && { role: { ...binding.role } }),
    ...(isKnownByName && { isKnownByName: true as const }),
    ...(rules !== undefined && { rules }),
    ...(!isCertain && { onlyForThatName: true as const }),
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
