import { matchesArn, ownersOf, type PlacedEntry, placedEntries, shadowedEntries } from "./authenticator";
import { openStore, resolveClusterRef, type Settings } from "./cluster";
import { assertReadable, dataKeys, parseDocument } from "./document";

/** One entry of kube-system/aws-auth, as the authenticator reads it. */
export interface FoundIdentityMapping {
  /** The list that the entry stands in: mapRoles, mapUsers or mapAccounts. */
  kind: "role" | "user" | "account";
  /** ARN as the entry spells it; absent for an account, and where the authenticator finds none. */
  arn?: string;
  /** Kubernetes username, templates as they stand; absent where the entry gives none. */
  username?: string;
  /** Kubernetes groups, in the entry's order. */
  groups: string[];
  /** The account, 12 digits in any entry that can match. */
  account?: string;
  /** The permission set of IAM Identity Center, where the entry names one in place of an ARN. */
  sso?: { permissionSetName: string; accountId: string };
  /** Where the entry stands in its list, from 1. */
  position: number;
  /** Whether another entry for the same identity counts in place of this one, so that it has no effect. */
  isShadowed: boolean;
  /**
   * Who claims the entry in the annotation `pulumi-aws-auth/claims`, each by the stack and the resource's name
   * (`organization/infra/prod admin`), or by what `aws-auth:owner` says in place of the stack. Empty where nobody does.
   */
  owners: string[];
}

/**
 * Reads the mappings of a cluster, without a session: nothing is going to be written.
 *
 * @param cluster a `cluster` input; undefined for the one that the settings name.
 * @param arn the role or user to look for; undefined for all.
 * @throws AwsAuthError with one of the cluster codes, or `unreadableKey`.
 */
export async function findMappings(
  cluster: unknown,
  arn: string | undefined,
  settings: Settings,
): Promise<FoundIdentityMapping[]> {
  const store = await openStore(await resolveClusterRef(cluster, settings), settings);
  const { data, claims, places } = await store.read();
  const document = parseDocument(data, undefined, claims, { label: store.label, places });
  // A key that cannot be read may hold what is looked for, so that "none" would be a guess.
  for (const key of dataKeys) {
    assertReadable(document, key);
  }
  const shadowed = shadowedEntries(document);
  return placedEntries(document)
    .filter(({ entry }) => arn === undefined || matchesArn(entry, arn))
    .map((placed) => ({
      ...contentOf(placed),
      position: placed.position,
      isShadowed: shadowed.has(placed.entry),
      owners: [...ownersOf(document, placed.entry)],
    }));
}

const kinds = { mapRoles: "role", mapUsers: "user", mapAccounts: "account" } as const;

function contentOf({ key, entry }: PlacedEntry): Omit<FoundIdentityMapping, "position" | "isShadowed" | "owners"> {
  const { arn, username, groups, account, sso } = entry;
  return {
    kind: kinds[key],
    ...(arn !== undefined && { arn }),
    ...(username !== "" && { username }),
    groups: [...groups],
    ...(account !== undefined && { account }),
    ...(sso !== undefined && {
      sso: { permissionSetName: sso.permissionSetName, accountId: sso.accountId },
    }),
  };
}
