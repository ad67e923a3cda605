import { type AwsAuthDocument, type Claim, claimsOf, covers, type Entry } from "../document";
import { groupBy } from "../groupBy";

/** The labels of the claims on an entry, in the order of the record, each once; none where nobody claims it. */
export function ownersOf(document: AwsAuthDocument, entry: Entry): readonly string[] {
  if (entry.principal === undefined) return [];
  const claims = claimsByPrincipal(document).get(entry.principal) ?? [];
  return [...new Set(claims.filter((claim) => covers(claim, entry)).map(({ label }) => label))];
}

/** Owners in a sentence: `"organization/infra/prod admin" and "organization/apps/prod ops"`. */
export function describeOwners(owners: readonly string[]): string {
  return owners.map((label) => JSON.stringify(label)).join(" and ");
}

/** The claims of a document by principal, found once for all of its entries. */
function claimsByPrincipal(document: AwsAuthDocument): ReadonlyMap<string, readonly Claim[]> {
  const known = indexes.get(document.record);
  if (known !== undefined) return known;
  const index = groupBy(claimsOf(document), ({ principal }) => principal);
  indexes.set(document.record, index);
  return index;
}

const indexes = new WeakMap<AwsAuthDocument["record"], ReadonlyMap<string, readonly Claim[]>>();
