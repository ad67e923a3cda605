import { randomUUID } from "node:crypto";
import { accessPolicyArn, clusterAdminPolicy } from "./accessPolicies.ts";
import { Lagged } from "./lagged.ts";
import type { PrincipalArn } from "./principals.ts";
import { defaultsOf, principalOf } from "./rules.ts";
import type { AccessEntry, AwsState, Cluster } from "./state.ts";

/** What an entry says beside its principal. */
export interface EntryContent {
  readonly type: string;
  readonly username?: string | undefined;
  readonly groups?: readonly string[] | undefined;
  readonly tags?: Readonly<Record<string, string>> | undefined;
  /** Names of access policies for the whole cluster, or each with the namespaces that it is limited to. */
  readonly policies?: readonly (string | { readonly name: string; readonly namespaces: readonly string[] })[];
}

/** A new entry, by whoever makes it. It is valid for the role or user that has the ARN now. */
export function newEntry(
  state: AwsState,
  cluster: Cluster,
  principal: PrincipalArn,
  content: EntryContent,
): AccessEntry {
  const { arn, kind, account, name } = principal;
  const defaults = defaultsOf(content.type, principal);
  const now = state.now();
  const entry: AccessEntry = {
    principalArn: arn,
    uniqueId: state.principals.find(arn)?.uniqueId ?? "",
    // As in https://github.com/aws/karpenter-provider-aws/issues/7558: without the path.
    accessEntryArn: `${accessEntryPrefix(cluster)}/${kind}/${account}/${name}/${randomUUID()}`,
    type: content.type,
    username: content.username ?? defaults.username,
    kubernetesGroups: content.groups ?? defaults.groups,
    tags: content.tags ?? {},
    policies: (content.policies ?? []).map((policy) => ({
      policyArn: accessPolicyArn(cluster.partition, typeof policy === "string" ? policy : policy.name),
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

/** ARN that those of a cluster's entries begin with. */
export function accessEntryPrefix({ partition, region, account, name }: Cluster): string {
  return `arn:${partition}:eks:${region}:${account}:access-entry/${name}`;
}

/** @param entry undefined where it is deleted */
export function writeEntry(state: AwsState, cluster: Cluster, arn: string, entry: AccessEntry | undefined): void {
  const lagged = cluster.entries.get(arn) ?? new Lagged<AccessEntry | undefined>(undefined);
  cluster.entries.set(arn, lagged);
  const { lag: calls, authenticatorLag: authenticator } = state.behaviour;
  lagged.write(entry, state.now(), { calls, authenticator });
}

/**
 * The entries that EKS makes itself where the cluster's mode knows entries: for who made the cluster, and for the roles of managed node
 * groups and Fargate profiles (https://docs.aws.amazon.com/eks/latest/userguide/access-entries.html). An entry that is there stays.
 * For Fargate it was seen to make none (https://github.com/terraform-aws-modules/terraform-aws-eks/issues/2912).
 */
export function makeOwnEntries(state: AwsState, cluster: Cluster): void {
  if (cluster.mode === "CONFIG_MAP") {
    return;
  }
  const { nodegroups, fargateProfiles } = state.behaviour.makesEntriesFor;
  if (cluster.creator !== undefined) {
    makeOwnEntry(state, cluster, cluster.creator, { type: "STANDARD", policies: [clusterAdminPolicy] });
  }
  for (const { nodeRole, amiType } of nodegroups ? cluster.nodegroups.values() : []) {
    const isWindows = amiType?.startsWith("WINDOWS") ?? false;
    makeOwnEntry(state, cluster, nodeRole, { type: isWindows ? "EC2_WINDOWS" : "EC2_LINUX" });
  }
  for (const { podExecutionRoleArn } of fargateProfiles ? cluster.fargateProfiles.values() : []) {
    makeOwnEntry(state, cluster, podExecutionRoleArn, { type: "FARGATE_LINUX" });
  }
}

/** As EKS and other AWS services do: service-linked roles and groups of `system:` are no obstacle to them. An entry that is there stays. */
export function makeServiceEntry(state: AwsState, cluster: Cluster, arn: string, content: EntryContent): void {
  if (cluster.entries.get(arn)?.latest === undefined) {
    newEntry(state, cluster, principalOf(arn), content);
  }
}

/** Made once, with the first mode that knows entries; who deletes it does not get it back. */
function makeOwnEntry(state: AwsState, cluster: Cluster, arn: string, content: EntryContent): void {
  if (!cluster.entries.has(arn)) {
    newEntry(state, cluster, principalOf(arn), content);
  }
}
