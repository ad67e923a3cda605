import { isWayUp, reachesCluster, type Strength } from "../access/strength";
import type { Authorizer, User } from "../rbac";
import { cutShort } from "../text/text";
import type { ReviewedEntry, ReviewedKind, ReviewedRight, ReviewFinding, ReviewSeverity } from "./model";

/** The severities, the worst first. */
export const severities: readonly ReviewSeverity[] = ["high", "medium", "low"];

/** An entry of an identity, with what only the review itself needs. */
interface JudgedEntry {
  readonly entry: ReviewedEntry;
  /** Why nobody ever matches it. */
  readonly dead: string | undefined;
  /** Whether an access entry that counts in its place says the same; undefined where none does. */
  readonly isRepeated?: boolean | undefined;
  /** Whom it makes of the identity; undefined where it does not count. */
  readonly user: User | undefined;
}

/** How many places or roles one sentence names. */
const shownOfOneList = 3;

/**
 * What is risky about an identity, the most severe first.
 *
 * @param account that of the cluster; undefined where it is not known.
 */
export function findingsOn(
  { identity, kind }: { readonly identity: string; readonly kind: ReviewedKind },
  entries: readonly JudgedEntry[],
  authorizer: Authorizer,
  account: string | undefined,
): ReviewFinding[] {
  const rights = entries.flatMap(({ entry }) => entry.rights);
  const found = [
    ...everything(rights),
    ...escalation(rights),
    ...allSecrets(entries, rights, authorizer),
    ...userInsteadOfRole(kind),
    ...otherAccount(identity, entries, account),
    ...undecided(entries),
    ...entries.flatMap(withoutEffect),
    ...unowned(entries),
    ...unknownPolicy(entries),
  ];
  return found.sort((a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity));
}

/** Whether a right is one to everything, in the whole cluster. */
export function isOfAdministrator({ allows, namespace }: Pick<ReviewedRight, "allows" | "namespace">): boolean {
  return allows === "everything" && namespace === undefined;
}

function everything(rights: readonly ReviewedRight[]): ReviewFinding[] {
  const all = rights.filter(({ allows }) => allows === "everything");
  const global = all.find(isOfAdministrator);
  if (global !== undefined) {
    return [finding("everything", "high", `may do everything in the cluster, by ${global.by}`)];
  }
  const places = listed(all.map(({ namespace }) => JSON.stringify(namespace)));
  return all.length === 0 ? [] : [finding("everything", "medium", `may do everything in ${places}`)];
}

/** Whether a right is a way to every other right in the cluster. */
export function isWayToAll({ allows, namespace }: Pick<ReviewedRight, "allows" | "namespace">): boolean {
  return isWayUp(allows) && reachesCluster(namespace);
}

/** In a namespace, its own workloads have these rights at most, and whoever runs them has as well. */
const waysInNamespace: readonly Strength[] = ["escalate", "bind", "impersonate"];

function escalation(rights: readonly ReviewedRight[]): ReviewFinding[] {
  const ways = rights.filter((right) => isWayToAll(right) || waysInNamespace.includes(right.allows));
  if (ways.length === 0 || rights.some(isOfAdministrator)) {
    return [];
  }
  // Who has edit in a namespace has the rights of its service accounts: that is how Kubernetes ships it.
  const isOrdinary = ways.every(({ isKnownByName }) => isKnownByName === true);
  const severity = ways.some(isWayToAll) ? "high" : isOrdinary ? "low" : "medium";
  return [finding("escalation", severity, `may get more rights by ${listed(ways.map(({ access }) => access))}`)];
}

/** Of whoever may do everything this goes without saying. */
function allSecrets(
  entries: readonly JudgedEntry[],
  rights: readonly ReviewedRight[],
  authorizer: Authorizer,
): ReviewFinding[] {
  if (rights.some(isOfAdministrator)) {
    return [];
  }
  const reads = entries.some(({ user }) => user !== undefined && readsAllSecrets(user, authorizer));
  return reads ? [finding("all-secrets", "high", "reads the secrets of all namespaces")] : [];
}

function readsAllSecrets(user: User, authorizer: Authorizer): boolean {
  const secrets = { group: "", resource: "secrets", subresource: "", name: "", namespace: "" };
  return ["get", "list", "watch"].some((verb) => authorizer.grantsFor(user, { ...secrets, verb }).length > 0);
}

function userInsteadOfRole(kind: ReviewedKind): ReviewFinding[] {
  if (kind === "root") {
    return [finding("iam-user", "medium", "is the root user of its account; map a role")];
  }
  return kind === "user"
    ? [finding("iam-user", "medium", "is an IAM user, whose access keys do not expire; map a role")]
    : [];
}

/** Who may assume a role, or has the keys of a user, is decided in its own account. */
function otherAccount(identity: string, entries: readonly JudgedEntry[], account: string | undefined): ReviewFinding[] {
  const [, own] = /^(?:account |arn:[^:]*:\w+::)(\d{12})\b/.exec(identity) ?? [];
  const getsIn = entries.some(({ user }) => user !== undefined);
  return account === undefined || own === undefined || own === account || !getsIn
    ? []
    : [
        finding(
          "other-account",
          "medium",
          `is of account ${own}, not of the cluster's: who may use it is decided there`,
        ),
      ];
}

function undecided(entries: readonly JudgedEntry[]): ReviewFinding[] {
  const places = entries.flatMap(({ entry }) => (entry.effect === "mayCount" ? [placeOf(entry)] : []));
  const message = `it cannot be determined which entry counts: ${listed(places)}`;
  return places.length === 0 ? [] : [finding("undecided", "medium", message)];
}

function withoutEffect({ entry, dead, isRepeated }: JudgedEntry): ReviewFinding[] {
  const place = placeOf(entry);
  if (isRepeated !== undefined) {
    // In both on purpose: it is the way back.
    const message = `${place} has no effect: the access entry of this identity counts, and differs; remove one of them`;
    return isRepeated ? [] : [finding("shadowed", "medium", message)];
  }
  if (entry.effect === "shadowed") {
    const message = `${place} has no effect: another entry for this identity counts; remove one of them`;
    return [finding("shadowed", "medium", message)];
  }
  return entry.effect === "dead"
    ? [finding("dead", "medium", `${place}: ${dead ?? "nobody ever matches this entry; remove it"}`)]
    : [];
}

function unowned(entries: readonly JudgedEntry[]): ReviewFinding[] {
  const places = entries.flatMap(({ entry }) => (entry.owners.length === 0 ? [placeOf(entry)] : []));
  return places.length === 0 ? [] : [finding("unowned", "low", `no stack claims ${listed(places)}`)];
}

function unknownPolicy(entries: readonly JudgedEntry[]): ReviewFinding[] {
  const policies = entries.flatMap(({ user }) => user?.policies ?? []);
  const names = policies.filter(({ rules }) => rules === undefined).map(({ name }) => name);
  const message = `what it may do by ${listed(names)} is not known here, since AWS does not publish the rules`;
  return names.length === 0 ? [] : [finding("unknown-policy", "medium", message)];
}

function placeOf({ source, key, position }: ReviewedEntry): string {
  return source === "access-entry" ? "its access entry" : `${key} entry ${position}`;
}

function listed(names: readonly string[]): string {
  return cutShort([...new Set(names)], shownOfOneList);
}

function finding(rule: ReviewFinding["rule"], severity: ReviewSeverity, message: string): ReviewFinding {
  return { rule, severity, message };
}
