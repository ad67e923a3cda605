import { type AwsAuthDocument, type Entry, entriesOf } from "../document";
import { callerIdentity } from "./callerIdentity";
import { resolveIdentity } from "./resolve";

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
    for (const entry of shadowed) found.set(entry, candidates);
  }
  return found;
}

/** Only principals with more than one entry are of interest; most maps have few. */
function repeatedPrincipals(document: AwsAuthDocument): ReadonlySet<string> {
  const seen = new Set<string>();
  const repeated = new Set<string>();
  for (const { principal } of entriesOf(document)) {
    if (principal === undefined) continue;
    (seen.has(principal) ? repeated : seen).add(principal);
  }
  return repeated;
}
