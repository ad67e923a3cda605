import { randomUUID } from "node:crypto";
import type { PrincipalArn } from "./principals.ts";
import { accessPolicyArn, defaultsOf, principalOf } from "./rules.ts";
import { type AccessEntry, type AwsState, type Cluster, Lagged, region } from "./state.ts";

/** The content of an entry, without its principal. */
export interface EntryContent {
  readonly type: string;
  readonly username?: string | undefined;
  readonly groups?: readonly string[] | undefined;
  readonly tags?: Readonly<Record<string, string>> | undefined;
  /** Names of access policies with cluster scope, or with the namespaces of their scope. */
  readonly policies?: readonly (string | { readonly name: string; readonly namespaces: readonly string[] })[];
}

/** Creates an entry, for users and for EKS itself. It is valid for the role or user that has the ARN now. */
export function newEntry(
  state: AwsState,
  cluster: Cluster,
  { arn, kind, account, name, ...principal }: PrincipalArn,
  content: EntryContent,
): AccessEntry {
  const defaults = defaultsOf(content.type, { arn, kind, account, name, ...principal });
  const now = state.now();
  const entry: AccessEntry = {
    principalArn: arn,
    uniqueId: state.principals.find(arn)?.uniqueId ?? "",
    // As in https://github.com/aws/karpenter-provider-aws/issues/7558: without the path.
    accessEntryArn: `arn:aws:eks:${region}:${cluster.account}:access-entry/${cluster.name}/${kind}/${account}/${name}/${randomUUID()}`,
    type: content.type,
    username: content.username ?? defaults.username,
    kubernetesGroups: content.groups ?? defaults.groups,
    tags: content.tags ?? {},
    policies: (content.policies ?? []).map((policy) => ({
      policyArn: accessPolicyArn(typeof policy === "string" ? policy : policy.name),
      accessScope:
        typeof policy === "string"
          ? { type: "cluster", namespaces: [] }
          : { type: "namespace", namespaces: policy.namespaces },
      associatedAt: now,
      modifiedAt: now,
    })),
    createdAt: now,
    modifiedAt: now,
  };
  writeEntry(state, cluster, arn, entry);
  return entry;
}

/** @param entry undefined deletes it */
export function writeEntry(state: AwsState, cluster: Cluster, arn: string, entry: AccessEntry | undefined): void {
  const lagged = cluster.entries.get(arn) ?? new Lagged<AccessEntry | undefined>(undefined);
  cluster.entries.set(arn, lagged);
  lagged.write(entry, state);
}

/**
 * Creates the entry that EKS itself creates for the role of a managed node group or a Fargate profile
 * (https://docs.aws.amazon.com/eks/latest/userguide/access-entries.html). EKS does not recreate a deleted one.
 */
export function createNodeEntry(state: AwsState, cluster: Cluster, arn: string, type: string): void {
  if (cluster.mode !== "CONFIG_MAP" && !cluster.entries.has(arn)) {
    newEntry(state, cluster, principalOf(arn), { type });
  }
}
