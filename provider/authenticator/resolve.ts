import { type AwsAuthDocument, dataKeys, droppedBecause, type Entry, entriesOf, type SsoRoles } from "../document";
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
  const candidates = lists.find(({ obeyed }) => obeyed.length > 0)?.obeyed ?? [];
  const shadowed = lists.flatMap(({ fitting }) => fitting).filter((entry) => !candidates.includes(entry));
  return { candidates, shadowed };
}

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
