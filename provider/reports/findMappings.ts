import { assertReadable, kindOf } from "../awsAuthMap";
import { resolveClusterRef } from "../cluster/resolveClusterRef";
import type { Settings } from "../cluster/settings";
import { identityOf } from "../identity/identity";
import { matchesArn, ownershipOf, placedEntries } from "../identity/placedEntry";
import { shadowedEntries } from "../identity/whoLogsIn";
import { wellFormed } from "../pulumi/values";
import { printable } from "../text/text";
import { readCluster } from "./readCluster";

/** One entry in kube-system/aws-auth, as the authenticator reads it. */
export interface FoundIdentityMapping {
  /** `role`, `user` or `account`, for an entry in mapRoles, mapUsers or mapAccounts. */
  kind: "role" | "user" | "account";
  /** ARN as written in the entry; absent for an account, and if the authenticator finds none. */
  arn?: string;
  /** Kubernetes username, with unexpanded templates; absent if the entry has none. */
  username?: string;
  /** Kubernetes groups, in the entry's order. */
  groups: string[];
  /** The AWS account. An entry matches only if this has 12 digits. */
  account?: string;
  /** The IAM Identity Center permission set, if the entry has one instead of an ARN. */
  sso?: { permissionSetName: string; accountId: string };
  /** The position of the entry in its list, from 1. */
  position: number;
  /** Whether the entry has no effect because another entry for the same identity takes precedence. */
  isShadowed: boolean;
  /**
   * The owners that claim the entry in the annotation `pulumi-aws-auth/claims`, each as project, stack and resource name
   * (`infra/prod admin`), followed by the value of `aws-auth:owner` if that is set (`infra/prod admin (team-a)`). Empty if the entry
   * has no claim, or if there are `possibleOwners`.
   */
  owners: string[];
  /** The owners that claim one of the principal's entries, if it has several; absent otherwise. */
  possibleOwners?: string[];
}

/** @param arn the role or user to find, or a session of it; undefined for all. */
export async function findMappings(
  cluster: unknown,
  arn: string | undefined,
  settings: Settings,
): Promise<FoundIdentityMapping[]> {
  const wanted = arn === undefined ? undefined : identityOf(arn).arn;
  const { access } = await readCluster(await resolveClusterRef(cluster, settings), settings);
  const { document } = access;
  assertReadable(document);
  const shadowed = shadowedEntries(access);
  const found = placedEntries(document).filter(({ entry }) => wanted === undefined || matchesArn(entry, wanted));
  const mappings = found.map(({ key, position, entry }) => {
    const { arn, username, groups, account, sso } = entry;
    const { owners, possibleOwners } = ownershipOf(document, entry);
    return {
      kind: kindOf(key),
      ...(arn !== undefined && { arn }),
      ...(username !== "" && { username }),
      groups: [...groups],
      ...(account !== undefined && { account }),
      ...(sso !== undefined && { sso: { permissionSetName: sso.permissionSetName, accountId: sso.accountId } }),
      position,
      isShadowed: shadowed.has(entry),
      owners: [...owners],
      ...(possibleOwners && { possibleOwners: [...possibleOwners] }),
    };
  });
  // The engine prints the outputs of a stack unescaped.
  return wellFormed(mappings, printable);
}
