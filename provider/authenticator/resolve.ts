import {
  type AwsAuthDocument,
  type DataKey,
  droppedBecause,
  type Entry,
  entriesOf,
  memoize,
  type SsoRoles,
} from "../document";
import type { Name, User } from "../rbac";
import { escapeRegExp } from "../text/text";
import { type CallerIdentity, callerIdentity, entryMismatches } from "./callerIdentity";

/**
 * Finds the entry that the authenticator uses for an identity, as its ConfigMapMapper and server do: mapRoles first, then mapUsers,
 * then mapAccounts; of entries for the same ARN, the last one.
 *
 * @param ssoRoleMatch the authenticator's feature gate, which makes entries with `sso` count. Off by default there too.
 * @returns the {@link candidatesFor candidates}, and the entries that also match but never count, because of them.
 * @see https://github.com/kubernetes-sigs/aws-iam-authenticator/tree/master/pkg/mapper/configmap
 */
export function resolveIdentity(
  document: AwsAuthDocument,
  identity: Pick<CallerIdentity, "arn" | "account">,
  ssoRoleMatch = false,
) {
  const candidates = candidatesFor(document, identity, ssoRoleMatch);
  const obeyed = new Set(candidates);
  const fitting = fittingIn(document, identity, ssoRoleMatch).flatMap((group) =>
    inOrder(group.flatMap(({ all }) => all)),
  );
  return { candidates, shadowed: fitting.filter((entry) => !obeyed.has(entry)) };
}

/**
 * The entry that counts, in a time that does not depend on how many entries it shadows. If there are several, the authenticator picks one
 * at random at each login. If there are none, the identity is not mapped.
 */
export function candidatesFor(
  document: AwsAuthDocument,
  identity: Pick<CallerIdentity, "arn" | "account">,
  ssoRoleMatch = false,
): readonly Entry[] {
  const [roles, users, accounts] = fittingIn(document, identity, ssoRoleMatch);
  const foremost = first.get(document);
  const winners = foremost === undefined ? [] : [...roles, ...users].flatMap(({ all }) => all);
  const winning = inOrder(winners).filter((entry) => foremost?.has(entry));
  if (winning.length > 0) {
    return winning;
  }
  const [only, ...more] = [roles, users, accounts].find((fitting) => fitting.length > 0) ?? [];
  return more.length === 0 ? (only?.counting ?? []) : inOrder([only, ...more].flatMap((alike) => alike?.obeyed ?? []));
}

/** Makes entries of a document count before all others of their identities, as access entries do. */
export function putFirst(document: AwsAuthDocument, entries: readonly Entry[]): AwsAuthDocument {
  first.set(document, new Set(entries));
  return document;
}

const first = new WeakMap<AwsAuthDocument, ReadonlySet<Entry>>();

/** The prefix of the ARNs of all roles of a permission set, in lower case. */
export function ssoRolePrefix({ accountId, permissionSetName }: SsoRoles): string {
  return `arn:aws:iam::${accountId}:role/awsreservedsso_${permissionSetName}_`.toLowerCase();
}

/** Folds case as Go's strings.EqualFold does, for characters that fold to the ASCII of an ARN. */
export function foldCase(text: string): string {
  return text.toLowerCase().replaceAll("\u017f", "s");
}

type Numbered = readonly [place: number, entry: Entry];

/** Entries that fit the same identities. */
interface Alike {
  readonly all: readonly Numbered[];
  /** Of those with the same store key the last, which replaces the others, at the place of the first. */
  readonly obeyed: readonly Numbered[];
  /** The same without their places, once for all who ask. */
  readonly counting: readonly Entry[];
}

/** The entries of each list that fit an identity. To look at all entries for every identity would take a large map minutes. */
function fittingIn(
  document: AwsAuthDocument,
  { arn, account }: Pick<CallerIdentity, "arn" | "account">,
  ssoRoleMatch: boolean,
): readonly [roles: readonly Alike[], users: readonly Alike[], accounts: readonly Alike[]] {
  const index = indexOf(document);
  const find = (key: DataKey, name: string) => index.get(`${key} ${name}`) ?? [];
  const subject = foldCase(arn);
  const sets = ssoRoleMatch ? ssoRolePrefixes(subject).flatMap((prefix) => find("mapRoles", `sso ${prefix}`)) : [];
  return [[...sets, ...find("mapRoles", subject)], find("mapUsers", subject), find("mapAccounts", account)];
}

/** What the authenticator keeps, by its list and what it fits. */
const indexOf = memoize((document: AwsAuthDocument): ReadonlyMap<string, readonly [Alike]> => {
  const kept = [...entriesOf(document).entries()].filter(([, entry]) => droppedBecause(entry) === undefined);
  const alike = Map.groupBy(kept, ([, entry]) => `${entry.key} ${fittedBy(entry)}`);
  return new Map(
    [...alike].map(([name, all]) => {
      const obeyed = new Map<string, Numbered>();
      for (const [place, entry] of all) {
        const key = storeKey(entry);
        obeyed.set(key, [obeyed.get(key)?.[0] ?? place, entry]);
      }
      return [name, [{ all, obeyed: [...obeyed.values()], counting: [...obeyed.values()].map(([, entry]) => entry) }]];
    }),
  );
});

function inOrder(entries: readonly Numbered[]): Entry[] {
  return entries.toSorted(([a], [b]) => a - b).map(([, entry]) => entry);
}

/** What an entry fits: a folded ARN, an account, or the roles with a prefix. */
function fittedBy({ key, account = "", arn, sso }: Entry): string {
  if (key === "mapAccounts") {
    return account;
  }
  if (arn !== undefined || sso === undefined) {
    return foldCase(arn ?? "");
  }
  // If a partition is set, the authenticator builds a pattern without one, which matches nobody.
  return sso.partition === "" ? `sso ${ssoRolePrefix(sso)}` : "sso";
}

const longestSsoPrefix = "arn:aws:iam::111122223333:role/awsreservedsso__".length + 32;

/** The prefixes of a folded ARN that may be those of a permission set, whose name has 32 characters at most. */
function ssoRolePrefixes(subject: string): string[] {
  const start = subject.slice(0, longestSsoPrefix);
  return [...start.matchAll(/_/g)].map(({ index }) => start.slice(0, index + 1));
}

/** The key under which the authenticator stores an entry: a role's ARN in lower case, a user's ARN as written. */
function storeKey(entry: Entry): string {
  if (entry.key === "mapAccounts") {
    return entry.account ?? "";
  }
  if (entry.key === "mapUsers") {
    return entry.arn ?? "";
  }
  if (entry.arn !== undefined) {
    return entry.arn.toLowerCase();
  }
  return entry.sso === undefined ? "" : `${ssoRolePrefix(entry.sso)}*`;
}

/**
 * The entries that match an identity but never count, each with the entries that count instead: the authenticator uses only one
 * entry for each identity. Entries that nobody can match shadow nothing.
 */
export function shadowedEntries(document: AwsAuthDocument): ReadonlyMap<Entry, readonly Entry[]> {
  const found = new Map<Entry, readonly Entry[]>();
  for (const [principal, entries] of Map.groupBy(entriesOf(document), (entry) => entry.principal)) {
    // Most principals have one entry.
    if (principal === undefined || entries.length < 2) {
      continue;
    }
    // The canonical form of an ARN matches every entry for it.
    const arn = callerIdentity(principal)?.arn ?? principal;
    if (!/^\d{12}$/.test(principal) && entryMismatches(arn).length > 0) {
      continue;
    }
    const { candidates, shadowed } = resolveIdentity(document, { arn, account: principal });
    for (const entry of shadowed) {
      found.set(entry, candidates);
    }
  }
  return found;
}

/** What one login of an identity may come out as. */
export interface Login {
  /** The entry that counts; undefined: the login is refused, since no entry does. */
  readonly entry: Entry | undefined;
  /** The Kubernetes user; undefined: the login is refused. */
  readonly user: User | undefined;
}

/**
 * What the logins of an identity may come out as: several where which entry counts is random, or depends on the authenticator's feature
 * gate SSORoleMatch, which nobody sees from outside.
 */
export function loginsOf(document: AwsAuthDocument, identity: CallerIdentity): readonly Login[] {
  if (entryMismatches(identity.arn).length > 0) {
    // The authenticator compares any ARN, but no caller can have this one.
    return [{ entry: undefined, user: undefined }];
  }
  const entries = [true, false].flatMap((ssoRoleMatch): (Entry | undefined)[] => {
    const candidates = candidatesFor(document, identity, ssoRoleMatch);
    return candidates.length === 0 ? [undefined] : [...candidates];
  });
  return [...new Set(entries)].map((entry) => ({ entry, user: entry && userOf(entry, identity, patternOf) }));
}

/** The user that an entry makes of an identity, as text: what the ARN does not tell stays as the template that it is. */
export function userTextOf(entry: Entry, identity: CallerIdentity) {
  return userOf(entry, identity, (text) => text);
}

/** The user that an entry makes of an identity, templates filled in as far as the ARN tells what with; undefined: it refuses the login. */
function userOf<Filled extends Name>(
  entry: Entry,
  identity: CallerIdentity,
  nameOf: (text: string) => Filled,
): { readonly username: string | Filled; readonly groups: readonly Filled[] } | undefined {
  if (entry.key === "mapAccounts") {
    return { username: identity.arn, groups: [] };
  }
  const { username, groups } = entry;
  const isNode = [username, ...groups].some((text) => text.includes("{{EC2PrivateDNSName}}"));
  const session = sessionOf(identity);
  if (isNode && session !== undefined && !instanceId.test(session)) {
    return undefined;
  }
  const fill = (text: string) => nameOf(fillIn(text, identity.account, session));
  return { username: fill(username), groups: groups.map(fill) };
}

/** The name of the session; undefined where the ARN is the role's, which may have any. */
function sessionOf({ kind, name, sessionName }: CallerIdentity): string | undefined {
  return kind === "role" ? sessionName : kind === "federatedUser" ? name : "";
}

/** The authenticator fills in one kind of template after another; nothing that it puts in has braces. */
function fillIn(text: string, account: string, session: string | undefined): string {
  const known = [
    ["{{AccountID}}", account],
    ["{{SessionName}}", session?.replaceAll("@", "-")],
    ["{{SessionNameRaw}}", session],
  ] as const;
  return known.reduce((rest, [template, value]) => {
    return value === undefined ? rest : rest.split(template).join(value);
  }, text);
}

/** What fits a name: itself, or a pattern where templates are left. */
function patternOf(filled: string): Name {
  const pieces = filled.split(/(\{\{(?:EC2PrivateDNSName|SessionName|SessionNameRaw|AccessKeyID)\}\})/);
  if (pieces.length === 1) {
    return filled;
  }
  if (filled.length > longestPattern) {
    return new RegExp(`^${escapeRegExp(pieces[0]?.slice(0, longestPattern) ?? "")}(?!)`);
  }
  // Every second piece is a template. It stands for the same string each time; to try a pattern of many that are free takes ages.
  const pattern = pieces.map((piece, index) => {
    if (index % 2 === 0) {
      return escapeRegExp(piece);
    }
    const group = piece.slice(2, -2);
    if (pieces.indexOf(piece) < index) {
      return `\\k<${group}>`;
    }
    return pieces.lastIndexOf(piece) > index ? `(?<${group}>${parts[piece]})` : parts[piece];
  });
  return new RegExp(`^${pattern.join("")}$`, "s");
}

/** In characters. A longer name fits nothing: no binding has one, and JavaScript refuses very long patterns. */
const longestPattern = 4_000;

/** What may stand in place of a template, by AWS's rules for the names of sessions, hosts and keys. */
const parts: Readonly<Record<string, string>> = {
  "{{EC2PrivateDNSName}}": "[\\w.-]+",
  "{{SessionName}}": "[\\w+=,.-]{2,64}",
  "{{SessionNameRaw}}": "[\\w+=,.@-]{2,64}",
  "{{AccessKeyID}}": "\\w{16,128}",
};

const instanceId = /^i-(?:\w{8}|\w{17})$/;
