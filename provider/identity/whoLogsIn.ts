import type { AccessEntryContent } from "../accessEntries";
import { type DataKey, dataKeys, droppedBecause, type MapEntry, type SsoRoles } from "../awsAuthMap";
import { accessEntriesOf, hasAccessEntries, type Places } from "./clusterAccess";
import { accountIdentity, entryMismatches, foldCase, type Identity, parseIdentity } from "./identity";
import { entryLogin, impliedGroups, type Login, mapLogin } from "./login";
import { memoize } from "./placedEntry";

/** An answer; `unknown` if it depends on something that cannot be read. */
export type Answer = "yes" | "no" | "unknown";

/** Who an identity logs in as. */
export interface WhoLogsIn<Content extends AccessEntryContent = AccessEntryContent> {
  /** Whether it can log in. */
  readonly answer: Answer;
  /** What could not be read that may change who it logs in as, in a clause. */
  readonly doubt: string | undefined;
  /**
   * The possible results of a login. Several if the entry that counts cannot be known: it is random for two spellings of a user, and
   * entries with `sso` count only with the authenticator's feature gate SSORoleMatch.
   */
  readonly logins: readonly Login<Content>[];
  /** The entries of aws-auth that match the identity and never count. */
  readonly shadowed: readonly MapEntry[];
}

/**
 * Decides who an identity logs in as, as EKS and the authenticator do: an access entry wins over aws-auth, and in mode `API` aws-auth
 * does not count. In aws-auth, mapRoles comes first, then mapUsers, then mapAccounts; of entries for the same ARN, the last one counts.
 *
 * @see https://github.com/kubernetes-sigs/aws-iam-authenticator/tree/master/pkg/mapper/configmap
 */
export function whoLogsIn<Content extends AccessEntryContent>(
  places: Places<Content>,
  identity: Identity,
): WhoLogsIn<Content> {
  if (identity.kind !== "account" && entryMismatches(identity.arn).length > 0) {
    // The authenticator compares any ARN, but no identity can have this one.
    return { answer: "no", doubt: undefined, logins: [{ user: undefined }], shadowed: [] };
  }
  const own = hasAccessEntries(places) ? accessEntriesOf(places, identity.arn) : [];
  const matching = matchingEntries(places, identity);
  const logins: readonly Login<Content>[] =
    own.length > 0
      ? own.map((accessEntry) => entryLogin(accessEntry, identity))
      : possibleEntries(matching).map((entry) => mapLogin(entry, identity));
  const refused = own.length > 0 ? [] : refusedBefore(places, logins);
  const doubts = [...(own.length > 0 || places.unread === undefined ? [] : [places.unread]), ...refused];
  const [isIn, isOut] = [true, false].map((wanted) => logins.some(({ user }) => (user !== undefined) === wanted));
  // An access entry that could not be read lets its principal in too.
  const isUnknown = (isIn && isOut) || refused.length > 0 || (isOut && doubts.length > 0);
  const counting = new Set(logins.map(({ entry }) => entry));
  return {
    answer: isUnknown ? "unknown" : isIn ? "yes" : "no",
    doubt: doubts.length === 0 ? undefined : doubts.join("; "),
    logins,
    shadowed: ownEntries(matching, identity).filter((entry) => !counting.has(entry)),
  };
}

/** The refused keys that may hold the entry that counts, each with the reason. */
function refusedBefore({ mode, refusedKeys }: Places, logins: readonly Login[]): readonly string[] {
  const orders = logins.map(({ entry }) => (entry === undefined ? dataKeys.length : dataKeys.indexOf(entry.key)));
  const isBefore = (key: DataKey) => orders.some((order) => dataKeys.indexOf(key) < order);
  const all = mode === "API" || refusedKeys === undefined ? [] : [...refusedKeys];
  return all.flatMap(([key, reason]) => (isBefore(key) ? [reason] : []));
}

/** What counts in place of an entry of aws-auth. */
export interface Shadow {
  /** The entry of aws-auth that counts; undefined if an access entry does. */
  readonly entry?: MapEntry;
  readonly accessEntry?: AccessEntryContent;
  /** Whether both give the same. */
  readonly isEqual: boolean;
}

/**
 * The entries of aws-auth that match an identity but never count, each with what counts instead. Entries that no identity matches shadow
 * nothing.
 */
export function shadowedEntries(places: Places): ReadonlyMap<MapEntry, Shadow> {
  const found = new Map<MapEntry, Shadow>();
  for (const [principal, entries] of Map.groupBy(places.entries, (entry) => entry.principal)) {
    const identity = principal === undefined ? undefined : identityOfKey(principal);
    const [winner] = identity && hasAccessEntries(places) ? accessEntriesOf(places, identity.arn) : [];
    // Most principals have one entry.
    if (identity === undefined || (entries.length < 2 && winner === undefined)) {
      continue;
    }
    const matching = matchingEntries(places, identity);
    const counting = new Set(countingEntries(matching));
    const resultOf = (entry: MapEntry | undefined) => textOf(mapLogin(entry, identity));
    const [first] = counting;
    const [given, inMap] = [winner && textOf(entryLogin(winner, identity)), resultOf(first)];
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

/** The identity of a `principalKey` or an account; undefined if there can be none. */
function identityOfKey(principal: string): Identity | undefined {
  if (/^\d{12}$/.test(principal)) {
    return accountIdentity(principal);
  }
  const identity = parseIdentity(principal);
  return identity === undefined || entryMismatches(identity.arn).length > 0 ? undefined : identity;
}

/** The result of a login, so that two can be compared: groups are a set. */
function textOf({ user, accessEntry }: Login): string {
  const groups = [...(user?.groups ?? []).map(String), ...impliedGroups(accessEntry)];
  return JSON.stringify(user && [String(user.username), ...[...new Set(groups)].sort()]);
}

/** Entries that match the same identities. */
interface Alike {
  readonly all: readonly MapEntry[];
  /** Of those that the authenticator stores under one key, the last. */
  readonly counting: readonly MapEntry[];
}

/** The entries of each list that match an identity. */
interface Matching {
  /** Those with `sso`. */
  readonly sets: readonly Alike[];
  readonly lists: readonly Alike[];
}

/** Uses an index, since a large map is searched for every identity in it. */
function matchingEntries({ entries, mode }: Places, { arn, account }: Identity): Matching {
  if (mode === "API") {
    return { sets: [], lists: [] };
  }
  const index = indexOf(entries);
  const find = (key: DataKey, name: string) => index.get(`${key} ${name}`) ?? [];
  const subject = foldCase(arn);
  return {
    sets: ssoRolePrefixes(subject).flatMap((prefix) => find("mapRoles", `sso ${prefix}`)),
    lists: [find("mapRoles", subject), find("mapUsers", subject), find("mapAccounts", account)].flat(),
  };
}

/** The entries of which one counts if the feature gate SSORoleMatch is off; the authenticator picks one at random at each login. */
function countingEntries({ lists: [first] }: Matching): readonly MapEntry[] {
  return first?.counting ?? [];
}

/** The entries that may count; undefined for none. */
function possibleEntries(matching: Matching): readonly (MapEntry | undefined)[] {
  const certain = countingEntries(matching);
  return [...matching.sets.flatMap(({ counting }) => counting), ...(certain.length === 0 ? [undefined] : certain)];
}

/** The entries that name the identity. An account's entry counts for other identities of the account, even if it does not for this one. */
function ownEntries({ sets, lists }: Matching, { kind }: Identity): readonly MapEntry[] {
  const all = [...sets, ...lists].flatMap((alike) => alike.all);
  return kind === "account" ? all : all.filter(({ key }) => key !== "mapAccounts");
}

/** What the authenticator keeps, by its list and what it matches. */
const indexOf = memoize((entries: readonly MapEntry[]): ReadonlyMap<string, readonly [Alike]> => {
  const kept = entries.filter((entry) => droppedBecause(entry) === undefined);
  const alike = Map.groupBy(kept, (entry) => `${entry.key} ${matchedBy(entry)}`);
  return new Map(
    [...alike].map(([name, all]) => {
      const last = new Map(all.map((entry) => [storeKey(entry), entry]));
      return [name, [{ all, counting: [...last.values()] }]];
    }),
  );
});

/** What an entry matches: a folded ARN, an account, or the roles with a prefix. */
function matchedBy({ key, account = "", arn, sso }: MapEntry): string {
  if (key === "mapAccounts") {
    return account;
  }
  if (arn !== undefined || sso === undefined) {
    return foldCase(arn ?? "");
  }
  // If a partition is set, the authenticator builds a pattern without one, which matches no role.
  return sso.partition === "" ? `sso ${ssoRolePrefix(sso)}` : "sso";
}

/** The key under which the authenticator stores an entry: a role's ARN in lower case, a user's ARN as written. */
function storeKey({ key, account = "", arn = "" }: MapEntry): string {
  return key === "mapAccounts" ? account : key === "mapUsers" ? arn : arn.toLowerCase();
}

/** The prefix of the ARNs of all roles of a permission set, in lower case. */
function ssoRolePrefix({ accountId, permissionSetName }: SsoRoles): string {
  return `arn:aws:iam::${accountId}:role/awsreservedsso_${permissionSetName}_`.toLowerCase();
}

const longestSsoPrefix = "arn:aws:iam::111122223333:role/awsreservedsso__".length + 32;

/** The prefixes of a folded ARN that may be those of a permission set, whose name has 32 characters at most. */
function ssoRolePrefixes(subject: string): string[] {
  const start = subject.slice(0, longestSsoPrefix);
  return [...start.matchAll(/_/g)].map(({ index }) => start.slice(0, index + 1));
}
