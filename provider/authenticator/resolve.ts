import { type AwsAuthDocument, dataKeys, droppedBecause, type Entry, entriesOf, type SsoRoles } from "../document";
import { type CallerIdentity, callerIdentity } from "./callerIdentity";

/** How an authenticator is set up, where that decides who gets what. */
export interface AuthenticatorOptions {
  /** Its feature gate SSORoleMatch: whether entries with `sso` count. The authenticator's own default is off. */
  readonly ssoRoleMatch: boolean;
}

/** Which entries an identity meets, by the authenticator's rules. */
export interface Resolution {
  /** The entry that decides. Several: which one counts is random, from one login to the next. None: the identity is not mapped. */
  readonly candidates: readonly Entry[];
  /** Entries that fit the identity as well, and never count beside the candidates. */
  readonly shadowed: readonly Entry[];
}

/**
 * Finds what the authenticator obeys for an identity, as its ConfigMapMapper and server do: mapRoles, then mapUsers, then
 * mapAccounts; of entries with one key the last.
 *
 * @see https://github.com/kubernetes-sigs/aws-iam-authenticator/tree/master/pkg/mapper/configmap
 */
export function resolveIdentity(
  document: AwsAuthDocument,
  identity: Pick<CallerIdentity, "arn" | "account">,
  options: AuthenticatorOptions,
): Resolution {
  const subject = foldCase(identity.arn);
  const lists = dataKeys.map((key) => {
    const entries = entriesOf(document).filter((entry) => entry.key === key && isKept(entry));
    const fitting = entries.filter((entry) => fits(entry, subject, identity.account, options));
    // The last entry of a key replaces the ones before it; of different keys that fit, any may be met first.
    return { fitting, obeyed: [...new Map(fitting.map((entry) => [storeKey(entry), entry])).values()] };
  });
  const candidates = lists.find(({ obeyed }) => obeyed.length > 0)?.obeyed ?? [];
  const shadowed = lists.flatMap(({ fitting }) => fitting).filter((entry) => !candidates.includes(entry));
  return { candidates, shadowed };
}

/** What the ARN of every role of a permission set begins with, in lower case. */
export function ssoRolePrefix({ accountId, permissionSetName }: SsoRoles): string {
  return `arn:aws:iam::${accountId}:role/awsreservedsso_${permissionSetName}_`.toLowerCase();
}

/** Text as Go's strings.EqualFold compares it, as far as anything folds to the ASCII of an ARN. */
export function foldCase(text: string): string {
  return text.toLowerCase().replaceAll("\u017f", "s");
}

function isKept(entry: Entry): boolean {
  return droppedBecause(entry) === undefined;
}

function fits(entry: Entry, subject: string, account: string, { ssoRoleMatch }: AuthenticatorOptions): boolean {
  if (entry.key === "mapAccounts") {
    return entry.account === account;
  }
  if (entry.arn !== undefined) {
    return foldCase(entry.arn) === subject;
  }
  // With a partition the authenticator builds a pattern without one, which fits nobody.
  return ssoRoleMatch && entry.sso?.partition === "" && subject.startsWith(ssoRolePrefix(entry.sso));
}

/** What the authenticator files an entry under: a role's ARN in lower case, a user's as spelt. */
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
 * The entries that fit somebody and never count, each with the entries that count in their place: of several entries for one
 * identity the authenticator obeys one.
 */
export function shadowedEntries(document: AwsAuthDocument): ReadonlyMap<Entry, readonly Entry[]> {
  const found = new Map<Entry, readonly Entry[]>();
  for (const principal of repeatedPrincipals(document)) {
    // The canonical form of an ARN fits every entry that anything could fit; other text is compared as it stands.
    const arn = callerIdentity(principal)?.arn ?? principal;
    const { candidates, shadowed } = resolveIdentity(document, { arn, account: principal }, { ssoRoleMatch: false });
    for (const entry of shadowed) {
      found.set(entry, candidates);
    }
  }
  return found;
}

/** Only principals with more than one entry are of interest; most maps have few. */
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
