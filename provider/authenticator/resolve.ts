import { type AwsAuthDocument, dataKeys, droppedBecause, type Entry, entriesOf, type SsoRoles } from "../document";
import { escapeRegExp } from "../text/text";
import { type CallerIdentity, callerIdentity, entryMismatches } from "./callerIdentity";

/** The authenticator's settings that affect how it resolves identities. */
export interface AuthenticatorOptions {
  /** The feature gate SSORoleMatch, which makes entries with `sso` count. Off by default in the authenticator. */
  readonly ssoRoleMatch: boolean;
}

/** Which entries match an identity, by the authenticator's rules. */
export interface Resolution {
  /**
   * The entry that counts. If there are several, the authenticator picks one at random at each login. If there are none, the
   * identity is not mapped.
   */
  readonly candidates: readonly Entry[];
  /** Entries that also match the identity but never count, because of the candidates. */
  readonly shadowed: readonly Entry[];
}

/**
 * Finds the entry that the authenticator uses for an identity, as its ConfigMapMapper and server do: mapRoles first, then mapUsers,
 * then mapAccounts; of entries for the same ARN, the last one.
 *
 * @see https://github.com/kubernetes-sigs/aws-iam-authenticator/tree/master/pkg/mapper/configmap
 */
export function resolveIdentity(
  document: AwsAuthDocument,
  identity: Pick<CallerIdentity, "arn" | "account">,
  options: AuthenticatorOptions,
): Resolution {
  const subject = foldCase(identity.arn);
  const entries = entriesFor(document, subject, identity.account);
  const lists = dataKeys.map((key) => {
    const fitting = entries.filter((entry) => entry.key === key && fits(entry, subject, identity.account, options));
    // The last entry with a store key replaces earlier ones. If several store keys match, the authenticator may find any of them
    // first.
    return { fitting, obeyed: [...new Map(fitting.map((entry) => [storeKey(entry), entry])).values()] };
  });
  const first = entries.filter((entry) => foremost.get(document)?.has(entry) && fits(entry, subject, "", options));
  const candidates = first.length > 0 ? first : (lists.find(({ obeyed }) => obeyed.length > 0)?.obeyed ?? []);
  const shadowed = lists.flatMap(({ fitting }) => fitting).filter((entry) => !candidates.includes(entry));
  return { candidates, shadowed };
}

/** Makes entries of a document count before all others of their identities, as access entries do. */
export function putFirst(document: AwsAuthDocument, entries: readonly Entry[]): AwsAuthDocument {
  foremost.set(document, new Set(entries));
  return document;
}

const foremost = new WeakMap<AwsAuthDocument, ReadonlySet<Entry>>();

/** The prefix of the ARNs of all roles of a permission set, in lower case. */
export function ssoRolePrefix({ accountId, permissionSetName }: SsoRoles): string {
  return `arn:aws:iam::${accountId}:role/awsreservedsso_${permissionSetName}_`.toLowerCase();
}

/** Folds case as Go's strings.EqualFold does, for characters that fold to the ASCII of an ARN. */
export function foldCase(text: string): string {
  return text.toLowerCase().replaceAll("\u017f", "s");
}

/** The entries that may fit an identity, in the order of the document; looking at all of them would take a large map a second. */
function entriesFor(document: AwsAuthDocument, subject: string, account: string): readonly Entry[] {
  const index = indexes.get(document) ?? indexEntries(document);
  indexes.set(document, index);
  const numbered = [...new Set([subject, account, permissionSets])].flatMap((name) => index.get(name) ?? []);
  return numbered.sort(([a], [b]) => a - b).map(([, entry]) => entry);
}

/** What the authenticator keeps, by folded ARN or by account, each with its place. */
function indexEntries(document: AwsAuthDocument): Index {
  const kept = [...entriesOf(document).entries()].filter(([, entry]) => droppedBecause(entry) === undefined);
  return Map.groupBy(kept, ([, { key, arn, account }]) => {
    if (key === "mapAccounts") {
      return account ?? "";
    }
    return arn === undefined ? permissionSets : foldCase(arn);
  });
}

type Index = ReadonlyMap<string, readonly (readonly [place: number, entry: Entry])[]>;

const indexes = new WeakMap<AwsAuthDocument, Index>();

/** Entries without an ARN fit by a pattern, and are looked at for everybody. */
const permissionSets = "sso";

function fits(entry: Entry, subject: string, account: string, { ssoRoleMatch }: AuthenticatorOptions): boolean {
  if (entry.key === "mapAccounts") {
    return entry.account === account;
  }
  if (entry.arn !== undefined) {
    return foldCase(entry.arn) === subject;
  }
  // If a partition is set, the authenticator builds a pattern without one, which matches nobody.
  return ssoRoleMatch && entry.sso?.partition === "" && subject.startsWith(ssoRolePrefix(entry.sso));
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
  for (const principal of repeatedPrincipals(document)) {
    // The canonical form of an ARN matches every entry for it.
    const arn = callerIdentity(principal)?.arn ?? principal;
    if (!/^\d{12}$/.test(principal) && entryMismatches(arn).length > 0) {
      continue;
    }
    const { candidates, shadowed } = resolveIdentity(document, { arn, account: principal }, { ssoRoleMatch: false });
    for (const entry of shadowed) {
      found.set(entry, candidates);
    }
  }
  return found;
}

/** Only principals with more than one entry matter, and most maps have few of those. */
function repeatedPrincipals(document: AwsAuthDocument): ReadonlySet<string> {
  const seen = new Set<string>();
  const repeated = new Set<string>();
  for (const { principal } of entriesOf(document)) {
    if (principal === undefined) {
      continue;
    }
    (seen.has(principal) ? repeated : seen).add(principal);
  }
  return repeated;
}

/** A name that a login gives; a pattern where a part of it depends on the session. */
export type LoginName = string | RegExp;

/** What one login of an identity may come out as. */
export interface Login {
  /** The entry that counts; undefined: the login is refused, since no entry does. */
  readonly entry: Entry | undefined;
  /** The Kubernetes user; undefined: the login is refused. */
  readonly user: { readonly username: LoginName; readonly groups: readonly LoginName[] } | undefined;
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
    const { candidates } = resolveIdentity(document, identity, { ssoRoleMatch });
    return candidates.length === 0 ? [undefined] : [...candidates];
  });
  return [...new Set(entries)].map((entry) => ({ entry, user: entry && userOf(entry, identity) }));
}

/** The user that an entry makes of an identity, templates filled in as far as the ARN tells what with. */
export function userOf(entry: Entry, identity: CallerIdentity): Login["user"] {
  if (entry.key === "mapAccounts") {
    return { username: identity.arn, groups: [] };
  }
  const { username, groups } = entry;
  const isNode = [username, ...groups].some((text) => text.includes("{{EC2PrivateDNSName}}"));
  const session = sessionOf(identity);
  if (isNode && session !== undefined && !instanceId.test(session)) {
    return undefined;
  }
  const fill = (text: string) => fillIn(text, identity.account, session);
  return { username: fill(username), groups: groups.map(fill) };
}

/** The name of the session; undefined where the ARN is the role's, which may have any. */
function sessionOf({ kind, name, sessionName }: CallerIdentity): string | undefined {
  if (kind === "role") {
    return sessionName;
  }
  return kind === "federatedUser" ? name : "";
}

/** The authenticator fills in one kind of template after another; nothing that it puts in has braces. */
function fillIn(text: string, account: string, session: string | undefined): LoginName {
  const known = [
    ["{{AccountID}}", account],
    ["{{SessionName}}", session?.replaceAll("@", "-")],
    ["{{SessionNameRaw}}", session],
  ] as const;
  const filled = known.reduce((rest, [template, value]) => {
    return value === undefined ? rest : rest.split(template).join(value);
  }, text);
  const pieces = filled.split(/(\{\{(?:EC2PrivateDNSName|SessionName|SessionNameRaw|AccessKeyID)\}\})/);
  if (pieces.length === 1) {
    return filled;
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

/** What may stand in place of a template, by AWS's rules for the names of sessions, hosts and keys. */
const parts: Readonly<Record<string, string>> = {
  "{{EC2PrivateDNSName}}": "[\\w.-]+",
  "{{SessionName}}": "[\\w+=,.-]{2,64}",
  "{{SessionNameRaw}}": "[\\w+=,.@-]{2,64}",
  "{{AccessKeyID}}": "\\w{16,128}",
};

const instanceId = /^i-(?:\w{8}|\w{17})$/;
