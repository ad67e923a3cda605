import type { AccessEntryContent } from "../accessEntries/accessEntry";
import {
  type DataKey,
  dataKeys,
  droppedBecause,
  entriesInForce,
  isEffective,
  type MapEntry,
  type SsoRoles,
} from "../awsAuthMap";
import { isAccountId } from "../mapping";
import { accessEntriesOf, type ClusterAccess, type Places } from "./clusterAccess";
import { accountIdentity, arnMismatches, foldCase, type Identity, matchedIdentity } from "./identity";
import { entryLogin, groupsWithImplied, type Login, mapLogin } from "./login";
import { memoize } from "./placedEntry";

/** An answer; `unknown` if it depends on something that could not be read. */
export type Answer = "yes" | "no" | "unknown";

export interface WhoLogsIn<Content extends AccessEntryContent = AccessEntryContent> {
  readonly answer: Answer;
  /** What could not be read and may change the result, as a clause. */
  readonly doubt: string | undefined;
  /**
   * The possible results of a login. There are several if the entry in force is not determined: the authenticator chooses randomly between
   * two spellings of a user, and entries with `sso` apply only with its feature gate SSORoleMatch.
   */
  readonly logins: readonly Login<Content>[];
  /** The entries of aws-auth that match the identity but are never in force. */
  readonly shadowed: readonly MapEntry[];
}

/** Resolves an identity as EKS and the authenticator do: an access entry takes precedence over aws-auth, and mode `API` ignores aws-auth. */
export function whoLogsIn<Content extends AccessEntryContent>(
  places: Places<Content>,
  identity: Identity,
): WhoLogsIn<Content> {
  if (identity.kind !== "account" && arnMismatches(identity.arn).length > 0) {
    // The authenticator compares any ARN, but no identity can have this one.
    return { answer: "no", doubt: undefined, logins: [{ user: undefined }], shadowed: [] };
  }
  const { logins, matching, isByEntry } = possibleLogins(places, identity);
  const refused = isByEntry ? [] : refusedBefore(places, logins);
  const [death] = logins.length > 1 ? logins.flatMap(({ accessEntry }) => accessEntry?.death ?? []) : [];
  const doubts = [
    ...(isByEntry || places.unread === undefined ? [] : [places.unread]),
    ...(death === undefined
      ? []
      : [
          `its access entry grants no access, since ${death.text}, and AWS does not document whether EKS uses aws-auth instead`,
        ]),
    ...refused,
  ];
  const [isIn, isOut] = [logins.some(({ user }) => user), logins.some(({ user }) => !user)];
  // An access entry that could not be read may grant access too.
  const isUnknown = (isIn && isOut) || refused.length > 0 || (isOut && doubts.length > 0);
  const counting = new Set(logins.map(({ entry }) => entry));
  return {
    answer: isUnknown ? "unknown" : isIn ? "yes" : "no",
    doubt: doubts.length === 0 ? undefined : doubts.join("; "),
    logins,
    shadowed: ownEntries(matching, identity).filter((entry) => !counting.has(entry)),
  };
}

/**
 * The logins through an access entry, or otherwise through the entries of aws-auth that may apply. If the access entry is dead, AWS does not document
 * whether EKS uses aws-auth instead, as the open-source authenticator does.
 */
function possibleLogins<Content extends AccessEntryContent>(places: Places<Content>, identity: Identity) {
  const own = accessEntriesOf(places, identity.arn);
  const alive = own.filter(({ death }) => death === undefined);
  const matching = matchingEntries(places, identity);
  const byEntry = (alive.length > 0 ? alive : own).map((accessEntry) => entryLogin(accessEntry, identity));
  const byMap = possibleEntries(matching).map((entry) => mapLogin(entry, identity));
  const isByEntry = alive.length > 0;
  const logins: readonly Login<Content>[] = isByEntry
    ? byEntry
    : [...byMap.filter(({ entry }) => own.length === 0 || entry !== undefined), ...byEntry];
  return { logins, matching, isByEntry };
}

/**
 * Why an identity without an entry may be an administrator, as a clause: the creator of a cluster is an identity of its account. In the
 * other modes, its access entry is listed.
 */
export function creatorDoubt({ mode, account }: ClusterAccess, identity?: Identity): string | undefined {
  const isOther = identity !== undefined && account !== undefined && identity.account !== account;
  return mode !== "CONFIG_MAP" || isOther || (identity && arnMismatches(identity.arn).length > 0)
    ? undefined
    : "in mode CONFIG_MAP, the identity that created the cluster is an administrator without an entry, and EKS does not report which one that is";
}

/** Whether an entry is for the identity of a login, rather than its whole account. */
export function hasOwnEntry({ given, entry }: Login): boolean {
  return given !== undefined && entry?.key !== "mapAccounts";
}

/** The possible logins of a principal, by its ARN or account. Empty if no identity can match it. */
export function loginsOf(places: Places, principal: string): readonly Login[] {
  const identity = identityOfPrincipal(principal);
  return identity === undefined ? [] : possibleLogins(places, identity).logins;
}

/** The unreadable keys that may contain the entry in force, each with the reason. */
function refusedBefore({ mode, refusedKeys }: Places, logins: readonly Login[]): readonly string[] {
  const orders = logins.map(({ entry }) => (entry === undefined ? dataKeys.length : dataKeys.indexOf(entry.key)));
  const isBefore = (key: DataKey) => orders.some((order) => dataKeys.indexOf(key) < order);
  const all = mode === "API" || refusedKeys === undefined ? [] : [...refusedKeys];
  return all.flatMap(([key, reason]) => (isBefore(key) ? [reason] : []));
}

/** The entry that applies instead of an entry of aws-auth. */
export interface Shadow {
  /** The entry of aws-auth in force; undefined if an access entry is in force. */
  readonly entry?: MapEntry;
  readonly accessEntry?: AccessEntryContent;
  readonly isEqual: boolean;
}

/**
 * The entries of aws-auth that match an identity but never apply, each with the entry that applies instead. Entries
 * that match no identity shadow nothing.
 */
export function shadowedEntries(places: Places): ReadonlyMap<MapEntry, Shadow> {
  const found = new Map<MapEntry, Shadow>();
  for (const [principal, entries] of Map.groupBy(places.entries, (entry) => entry.principal)) {
    const identity = principal === undefined ? undefined : identityOfPrincipal(principal);
    const own = identity ? accessEntriesOf(places, identity.arn) : [];
    const winner = own.find(({ death }) => death === undefined);
    // Skip the majority of principals, which have one entry.
    if (identity === undefined || (entries.length < 2 && winner === undefined)) {
      continue;
    }
    const matching = matchingEntries(places, identity);
    const counting = new Set(entriesInForce(matching.own));
    const resultOf = (entry: MapEntry | undefined) => comparableResult(mapLogin(entry, identity));
    const [first] = counting;
    const [given, inMap] = [winner && comparableResult(entryLogin(winner, identity)), resultOf(first)];
    for (const entry of ownEntries({ ...matching, sets: [] }, identity)) {
      if (first !== undefined && !counting.has(entry)) {
        found.set(entry, { entry: first, isEqual: resultOf(entry) === inMap });
      } else if (winner !== undefined) {
        found.set(entry, { accessEntry: winner, isEqual: resultOf(entry) === given });
      }
    }
  }
  return found;
}

/** The identity of an ARN or an account; undefined if none can exist. */
function identityOfPrincipal(principal: string): Identity | undefined {
  if (isAccountId(principal)) {
    return accountIdentity(principal);
  }
  const identity = matchedIdentity(principal);
  return identity === undefined || arnMismatches(identity.arn).length > 0 ? undefined : identity;
}

function comparableResult(login: Login): string {
  const { user } = login;
  return JSON.stringify(user && [String(user.username), ...[...new Set(groupsWithImplied(login))].sort()]);
}

interface Matching {
  /** Those for its permission set, by the prefix that matches. */
  readonly sets: readonly (readonly MapEntry[])[];
  readonly own: readonly MapEntry[];
}

/** Uses an index, since a large map is searched for each of its identities. */
function matchingEntries({ entries, mode }: Places, { arn, account }: Identity): Matching {
  if (mode === "API") {
    return { sets: [], own: [] };
  }
  const index = entriesByMatch(entries);
  const find = (key: DataKey, match: string) => index.get(`${key} ${match}`) ?? [];
  const subject = foldCase(arn);
  return {
    sets: ssoRolePrefixes(subject).map((prefix) => find("mapRoles", `sso ${prefix}`)),
    own: dataKeys.flatMap((key) => find(key, key === "mapAccounts" ? account : subject)),
  };
}

/** The entries that may apply; undefined stands for none. Those of permission sets apply only with the feature gate SSORoleMatch. */
function possibleEntries({ sets, own }: Matching): readonly (MapEntry | undefined)[] {
  const certain = entriesInForce(own);
  return [...sets.flatMap(entriesInForce), ...(certain.length === 0 ? [undefined] : certain)];
}

/** The entries for the identity itself. Excludes account entries, which apply to other identities even if they never apply to this one. */
function ownEntries({ sets, own }: Matching, { kind }: Identity): readonly MapEntry[] {
  const all = [...sets.flat(), ...own];
  return kind === "account" ? all : all.filter(({ key }) => key !== "mapAccounts");
}

const entriesByMatch = memoize((entries: readonly MapEntry[]): ReadonlyMap<string, readonly MapEntry[]> => {
  const kept = entries.filter((entry) =>
    entry.sso === undefined ? isEffective(entry) : droppedBecause(entry) === undefined,
  );
  return Map.groupBy(kept, (entry) => `${entry.key} ${matchedBy(entry)}`);
});

/** What an entry matches: an ARN in folded case, an account, or the roles with a prefix. */
function matchedBy({ key, account = "", arn, sso }: MapEntry): string {
  if (key === "mapAccounts") {
    return account;
  }
  if (arn !== undefined || sso === undefined) {
    return foldCase(arn ?? "");
  }
  // If a partition is set, the authenticator builds a pattern without a partition, which matches no role.
  return sso.partition === "" ? `sso ${ssoRolePrefix(sso).toLowerCase()}` : "sso";
}

/** The prefix of the ARNs of all roles of a permission set. */
export function ssoRolePrefix({ accountId, permissionSetName }: SsoRoles): string {
  return `arn:aws:iam::${accountId}:role/AWSReservedSSO_${permissionSetName}_`;
}

const longestSsoPrefix = "arn:aws:iam::111122223333:role/awsreservedsso__".length + 32;

/** The prefixes of a folded ARN that may belong to a permission set, whose name has at most 32 characters. */
function ssoRolePrefixes(subject: string): string[] {
  const start = subject.slice(0, longestSsoPrefix);
  return [...start.matchAll(/_/g)].map(({ index }) => start.slice(0, index + 1));
}
