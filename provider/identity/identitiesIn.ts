import type { LiveAccessEntry } from "../accessEntries/accessEntry";
import type { MapEntry } from "../awsAuthMap";
import type { ClusterAccess } from "./clusterAccess";
import { accountIdentity, foldCase, type Identity, matchedIdentity, parseIdentity } from "./identity";
import { type PlacedEntry, placedEntries, placedEntry } from "./placedEntry";
import { ssoRolePrefix, type WhoLogsIn, whoLogsIn } from "./whoLogsIn";

export interface MappedIdentity {
  /**
   * An ARN, with `*` for the suffix that IAM Identity Center adds, or `account 111122223333` for all other identities
   * of an account. If no identity matches the entry, its ARN or position.
   */
  readonly name: string;
  /** Undefined if no identity has the ARN. */
  readonly who: WhoLogsIn<LiveAccessEntry> | undefined;
  /** The entries of the map that name it or may apply to it, in the map's order. */
  readonly entries: readonly PlacedEntry[];
}

/**
 * All identities without duplicates: those in the map in its order, then those that have only an access entry.
 *
 * @param bound the users in bindings: of a mapped account, only these have more rights than every authenticated user.
 */
export function identitiesIn(access: ClusterAccess, bound: Iterable<string>): readonly MappedIdentity[] {
  const { document } = access;
  const found = new Map<string, { name: string; who: MappedIdentity["who"]; entries: Set<PlacedEntry> }>();
  const add = (name: string, identity: Identity | undefined, placed?: PlacedEntry) => {
    const key = foldCase(name);
    const who = identity && !found.has(key) ? whoLogsIn(access, identity) : undefined;
    const one = found.get(key) ?? { name, who, entries: new Set() };
    found.set(key, one);
    // The entry of a permission set or an account may apply to an identity that another entry maps.
    for (const { entry } of who?.logins ?? []) {
      const counting = entry && placedEntry(document, entry);
      if (counting !== undefined) {
        one.entries.add(counting);
      }
    }
    if (placed !== undefined) {
      one.entries.add(placed);
    }
  };
  const boundOf = Map.groupBy(bound, (user) => parseIdentity(user)?.account);
  const all = placedEntries(document);
  for (const placed of all) {
    const { arn, account } = placed.entry;
    if (account === undefined) {
      const [name, identity] = namedBy(placed.entry);
      add(name ?? arn ?? `${placed.key} entry ${placed.position}`, identity, placed);
      continue;
    }
    const name = `account ${account}`;
    for (const user of found.has(name) ? [] : (boundOf.get(account) ?? [])) {
      const identity = matchedIdentity(user);
      if (identity !== undefined) {
        add(identity.arn, identity);
      }
    }
    add(name, accountIdentity(account), placed);
  }
  for (const { principalArn } of access.accessEntries) {
    const identity = parseIdentity(principalArn);
    if (identity !== undefined) {
      add(identity.arn, identity);
    }
  }
  const order = new Map(all.map((one, index) => [one, index]));
  const place = (one: PlacedEntry) => order.get(one) ?? 0;
  return [...found.values()].map(({ entries, ...one }) => ({
    ...one,
    entries: [...entries].sort((a, b) => place(a) - place(b)),
  }));
}

/** The identity that an entry with an ARN or `sso` maps, if any identity matches it. */
function namedBy({ arn, sso }: MapEntry): readonly [name?: string, identity?: Identity] {
  if (sso === undefined || arn !== undefined) {
    const identity = matchedIdentity(arn ?? "");
    return identity === undefined ? [] : [identity.arn, identity];
  }
  const role = ssoRolePrefix(sso);
  // An identity with a suffix in the form of IAM Identity Center, but with an unlikely value.
  const identity = matchedIdentity(`${role}${"0".repeat(16)}`);
  return identity === undefined ? [] : [`${role}*`, identity];
}
