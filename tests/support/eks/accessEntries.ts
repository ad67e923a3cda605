import { eksError, invalid } from "./awsError.ts";
import { pageOf } from "./clusters.ts";
import { newEntry, writeEntry } from "./ownEntries.ts";
import type { EksRequest } from "./routes.ts";
import {
  checkGroups,
  checkNode,
  checkPolicy,
  checkServiceLinked,
  checkStandard,
  checkTags,
  checkType,
  checkUsername,
  defaultsOf,
  principalOf,
  scopeOf,
} from "./rules.ts";
import {
  type AccessEntry,
  type AssociatedPolicy,
  type AwsState,
  type Cluster,
  latestEntries,
  visibleEntries,
} from "./state.ts";

/** Answers the calls on access entries and their policies. */
export function answerEntryCall(state: AwsState, cluster: Cluster, request: EksRequest): object {
  const clusterName = cluster.name;
  const { operation, path, query, body } = request;
  if (cluster.mode === "CONFIG_MAP") {
    // https://github.com/aws-ia/terraform-aws-eks-blueprints/issues/1877; of DescribeAccessEntry upbound/configuration-aws-eks#122
    throw eksError(
      "InvalidRequestException",
      "The cluster's authentication mode must be set to one of [API, API_AND_CONFIG_MAP] to perform this operation.",
      { clusterName },
    );
  }
  if (operation === "ListAccessEntries") {
    // Ordered by the unique end of the ARN.
    const { items, ...rest } = pageOf(
      visibleEntries(state, cluster),
      ({ accessEntryArn }) => accessEntryArn.slice(accessEntryArn.lastIndexOf("/")),
      query,
    );
    return { accessEntries: items.map(({ principalArn }) => principalArn), ...rest };
  }
  const { principalArn = body.principalArn ?? "" } = path;
  const principal = principalOf(principalArn);
  const named = { clusterName, principalArn };
  switch (operation) {
    case "DescribeAccessEntry":
      return { accessEntry: describe(cluster, entryOf(state, cluster, principalArn)) };
    case "ListAssociatedAccessPolicies": {
      const { policies } = entryOf(state, cluster, principalArn);
      const { items, ...rest } = pageOf(policies, ({ policyArn }) => policyArn, query);
      return { ...named, associatedAccessPolicies: items.map(describePolicy), ...rest };
    }
  }
  checkServiceLinked(principal);
  if (operation === "CreateAccessEntry") {
    return { accessEntry: describe(cluster, create(state, cluster, request)) };
  }
  const entry = current(state, cluster, principalArn);
  switch (operation) {
    case "UpdateAccessEntry":
      return { accessEntry: describe(cluster, update(state, cluster, entry, request)) };
    case "AssociateAccessPolicy":
      return { ...named, associatedAccessPolicy: describePolicy(associate(state, cluster, entry, request)) };
    case "DisassociateAccessPolicy":
      disassociate(state, cluster, entry, path["policyArn"]);
      return {};
    default:
      writeEntry(state, cluster, principalArn, undefined);
      return {};
  }
}

function create(state: AwsState, cluster: Cluster, { body }: EksRequest): AccessEntry {
  const { clientRequestToken, ...content } = body;
  const { principalArn = "", type = "STANDARD", username, kubernetesGroups: groups = [], tags = {} } = content;
  checkUsername(username);
  checkGroups(groups);
  checkType(type);
  checkNode(type, principalOf(principalArn), cluster.account, content);
  checkTags(tags, "InvalidParameterException");
  const there = cluster.entries.get(principalArn)?.latest;
  if (there !== undefined) {
    // A repeated call gets the first response; the model calls clientRequestToken an idempotency token. That all fields must be equal is
    // [inferred].
    if (clientRequestToken !== undefined && cluster.tokens.get(clientRequestToken) === JSON.stringify(content)) {
      return there;
    }
    // https://github.com/terraform-aws-modules/terraform-aws-eks/issues/3293. That conflicts are detected without lag is [inferred].
    throw eksError("ResourceInUseException", "The specified access entry resource is already in use on this cluster.", {
      clusterName: cluster.name,
    });
  }
  // https://github.com/terraform-aws-modules/terraform-aws-eks/issues/2969; the same for a role that was just created, for which
  // terraform-provider-aws waits (internal/service/eks/access_entry.go).
  const principal = state.principals.find(principalArn);
  if (principal === undefined || state.now() - principal.createDate < state.behaviour.newPrincipalLag) {
    throw invalid("The specified principalArn is invalid: invalid principal.");
  }
  // 3,000: https://docs.aws.amazon.com/eks/latest/userguide/service-quotas.html. The text is [inferred].
  const most = state.behaviour.mostEntries;
  if (latestEntries(cluster).length >= most) {
    throw eksError("ResourceLimitExceededException", `Access entry limit of ${most} exceeded for this cluster`, {
      clusterName: cluster.name,
    });
  }
  if (clientRequestToken !== undefined) {
    cluster.tokens.set(clientRequestToken, JSON.stringify(content));
  }
  return newEntry(state, cluster, principal, { type, username, groups: content.kubernetesGroups, tags });
}

/** A full replacement: omitted fields get EKS's defaults. https://github.com/hashicorp/terraform-provider-aws/pull/36484 */
function update(state: AwsState, cluster: Cluster, entry: AccessEntry, { body }: EksRequest): AccessEntry {
  checkUsername(body.username);
  checkGroups(body.kubernetesGroups ?? []);
  checkStandard(entry.type);
  const defaults = defaultsOf(entry.type, principalOf(entry.principalArn));
  const { username = defaults.username, kubernetesGroups = defaults.groups } = body;
  return change(state, cluster, entry, { username, kubernetesGroups });
}

function associate(state: AwsState, cluster: Cluster, entry: AccessEntry, { body }: EksRequest): AssociatedPolicy {
  const { policyArn = "" } = body;
  const accessScope = scopeOf(body.accessScope ?? {});
  checkPolicy(policyArn);
  checkStandard(entry.type);
  const now = state.now();
  const before = entry.policies.find((policy) => policy.policyArn === policyArn);
  const policy = { policyArn, accessScope, associatedAt: before?.associatedAt ?? now, modifiedAt: now };
  change(state, cluster, entry, { policies: [...entry.policies.filter((other) => other !== before), policy] });
  return policy;
}

function disassociate(state: AwsState, cluster: Cluster, entry: AccessEntry, wanted: string | undefined): void {
  const policies = entry.policies.filter(({ policyArn }) => policyArn !== wanted);
  if (policies.length === entry.policies.length) {
    // [inferred] from the exceptions of the call in the model.
    throw eksError("ResourceNotFoundException", "The specified policyArn is not associated with the access entry.");
  }
  change(state, cluster, entry, { policies });
}

/** TagResource and UntagResource of access entries. The exceptions are those of the model, the texts [inferred]. */
export function answerTagCall(state: AwsState, account: string, { operation, path, query, body }: EksRequest): object {
  const arn = path["resourceArn"] ?? "";
  for (const cluster of state.clusters.filter((candidate) => candidate.account === account)) {
    const entry = latestEntries(cluster).find(({ accessEntryArn }) => accessEntryArn === arn);
    if (entry !== undefined) {
      const removed = operation === "UntagResource" ? query.getAll("tagKeys") : [];
      const left = Object.entries({ ...entry.tags, ...body.tags }).filter(([key]) => !removed.includes(key));
      const tags = Object.fromEntries(left);
      checkTags(tags, "BadRequestException");
      change(state, cluster, entry, { tags });
      return {};
    }
  }
  throw eksError("NotFoundException", `No resource found for ARN: ${arn}`);
}

/**
 * The entry of a principal, as a call sees it: after CreateAccessEntry, AssociateAccessPolicy may not find it yet either
 * (https://github.com/terraform-aws-modules/terraform-aws-eks/issues/3024, hashicorp/terraform-provider-aws#40951).
 */
function entryOf(state: AwsState, cluster: Cluster, principalArn: string): AccessEntry {
  return found(cluster.entries.get(principalArn)?.read("calls", state.now()));
}

/** The entry that a call changes: it must be visible, and the change applies to its latest version. */
function current(state: AwsState, cluster: Cluster, principalArn: string): AccessEntry {
  entryOf(state, cluster, principalArn);
  return found(cluster.entries.get(principalArn)?.latest);
}

function found(entry: AccessEntry | undefined): AccessEntry {
  if (entry === undefined) {
    throw eksError(
      "ResourceNotFoundException",
      "The specified principalArn could not be found. You can view your available access entries with 'list-access-entries'.",
    );
  }
  return entry;
}

function change(
  state: AwsState,
  cluster: Cluster,
  entry: AccessEntry,
  changed: Partial<Pick<AccessEntry, "username" | "kubernetesGroups" | "policies" | "tags">>,
): AccessEntry {
  const next = { ...entry, ...changed, modifiedAt: state.now() };
  writeEntry(state, cluster, entry.principalArn, next);
  return next;
}

function describe({ name: clusterName }: Cluster, { uniqueId, policies, ...shown }: AccessEntry): object {
  return { clusterName, ...shown, createdAt: shown.createdAt / 1000, modifiedAt: shown.modifiedAt / 1000 };
}

function describePolicy({ associatedAt, modifiedAt, ...policy }: AssociatedPolicy): object {
  return { ...policy, associatedAt: associatedAt / 1000, modifiedAt: modifiedAt / 1000 };
}
