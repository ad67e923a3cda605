import { openStore, resolveClusterRef, type Settings } from "./cluster";
import { assertReadable, dataKeys, parseDocument } from "./document";
import { matchesArn, type PlacedEntry, placedEntries, shadowedEntries } from "./report";

/** An entry as programs get it. */
export interface FoundMapping {
  kind: "role" | "user" | "account";
  arn?: string;
  username?: string;
  groups: string[];
  account?: string;
  sso?: { permissionSetName: string; accountId: string };
  position: number;
  isShadowed: boolean;
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
): Promise<FoundMapping[]> {
  const store = await openStore(await resolveClusterRef(cluster, settings), settings);
  const document = parseDocument((await store.read()).data);
  // A key that cannot be read may hold what is looked for, so that "none" would be a guess.
  for (const key of dataKeys) assertReadable(document, key);
  const shadowed = shadowedEntries(document);
  return placedEntries(document)
    .filter(({ entry }) => arn === undefined || matchesArn(entry, arn))
    .map((placed) => ({ ...contentOf(placed), position: placed.position, isShadowed: shadowed.has(placed.entry) }));
}

const kinds = { mapRoles: "role", mapUsers: "user", mapAccounts: "account" } as const;

function contentOf({ key, entry }: PlacedEntry): Omit<FoundMapping, "position" | "isShadowed"> {
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
