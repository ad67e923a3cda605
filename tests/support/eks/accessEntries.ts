import { eksError, invalid } from "./awsError.ts";
import { newEntry, writeEntry } from "./ownEntries.ts";
import { pageOf } from "./page.ts";
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

/**
 * The rules that EKS applies before it looks for the cluster. Measured for CreateAccessEntry
 * (https://github.com/badmintoncryer/cdk-preflight, rules/eks: "the check runs before the cluster lookup"); for the others [inferred].
 */
export function checkEntryRequest({ operation, path, body }: EksRequest, account: string): void {
  if (operation === "ListAccessEntries") {
    return;
  }
  const principal = principalOf(path["principalArn"] ?? body.principalArn ?? "");
  if (!/^(Describe|List)/.test(operation)) {
    checkServiceLinked(principal);
  }
  checkUsername(body.username);
  checkGroups(body.kubernetesGroups ?? []);
  if (operation === "CreateAccessEntry") {
    const { type = "STANDARD", username, kubernetesGroups: groups = [], tags = {} } = body;
    checkType(type);
    checkNode(type, principal, account, { username, groups });
    checkTags(tags);
  }
  if (operation === "AssociateAccessPolicy") {
    scopeOf(body.accessScope ?? {});
  }
}

/** The calls that are about access entries and their policies. */
export function answerEntryCall(state: AwsState, cluster: Cluster, request: EksRequest): object | undefined {
  if (cluster.mode === "CONFIG_MAP") {
    // https://github.com/aws-ia/terraform-aws-eks-blueprints/issues/1877, and of DescribeAccessEntry upbound/configuration-aws-eks#122
    throw eksError(
      "InvalidRequestException",
      "The cluster's authentication mode must be set to one of [API, API_AND_CONFIG_MAP] to perform this operation.",
      { clusterName: cluster.name },
    );
  }
  switch (request.operation) {
    case "CreateAccessEntry":
      return { accessEntry: describe(cluster, create(state, cluster, request)) };
    case "ListAccessEntries":
      return list(state, cluster, request.query);
    case "DescribeAccessEntry":
      return { accessEntry: describe(cluster, entryOf(state, cluster, request)) };
    case "UpdateAccessEntry":
      return { accessEntry: describe(cluster, update(state, cluster, request)) };
    case "DeleteAccessEntry": {
      const { principalArn } = current(state, cluster, request);
      writeEntry(state, cluster, principalArn, undefined);
      return {};
    }
    case "AssociateAccessPolicy":
      return { ...named(cluster, request), associatedAccessPolicy: describePolicy(associate(state, cluster, request)) };
    case "DisassociateAccessPolicy":
      disassociate(state, cluster, request);
      return {};
    case "ListAssociatedAccessPolicies": {
      const entry = entryOf(state, cluster, request);
      const list = `policies of ${entry.accessEntryArn}`;
      const { items, ...rest } = pageOf(list, entry.policies, ({ policyArn }) => policyArn, request.query);
      return { ...named(cluster, request), associatedAccessPolicies: items.map(describePolicy), ...rest };
    }
    default:
      return undefined;
  }
}

function create(state: AwsState, cluster: Cluster, { body }: EksRequest): AccessEntry {
  const arn = body.principalArn ?? "";
  const there = cluster.entries.get(arn)?.latest;
  const { clientRequestToken, ...content } = body;
  const token = `CreateAccessEntry ${clientRequestToken}`;
  if (there !== undefined) {
    // A repeated call is answered as the first was; an idempotency token by the model. That the rest has to be equal is [inferred].
    if (clientRequestToken !== undefined && cluster.tokens.get(token) === JSON.stringify(content)) {
      return there;
    }
    // https://github.com/terraform-aws-modules/terraform-aws-eks/issues/3293. Conflicts are seen without lag [inferred].
    throw eksError("ResourceInUseException", "The specified access entry resource is already in use on this cluster.", {
      clusterName: cluster.name,
    });
  }
  // https://github.com/terraform-aws-modules/terraform-aws-eks/issues/2969; the same for a role made a moment ago, after which
  // terraform-provider-aws waits (internal/service/eks/access_entry.go).
  const principal = state.principals.find(arn);
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
    cluster.tokens.set(token, JSON.stringify(content));
  }
  const { type = "STANDARD", username, kubernetesGroups: groups, tags } = content;
  return newEntry(state, cluster, principal, { type, username, groups, tags });
}

function list(state: AwsState, cluster: Cluster, query: URLSearchParams): object {
  // By the unique end of the ARN: EKS promises no order.
  const { items, ...rest } = pageOf(
    `entries of ${cluster.arn}`,
    visibleEntries(state, cluster),
    ({ accessEntryArn }) => accessEntryArn.slice(accessEntryArn.lastIndexOf("/")),
    query,
  );
  return { accessEntries: items.map(({ principalArn }) => principalArn), ...rest };
}

/** A full replacement: what is left out gets EKS's own value. https://github.com/hashicorp/terraform-provider-aws/pull/36484 */
function update(state: AwsState, cluster: Cluster, request: EksRequest): AccessEntry {
  const entry = current(state, cluster, request);
  const { username, kubernetesGroups: groups } = request.body;
  checkStandard(entry.type);
  const defaults = defaultsOf(entry.type, principalOf(entry.principalArn));
  return change(state, cluster, entry, {
    username: username ?? defaults.username,
    kubernetesGroups: groups ?? defaults.groups,
  });
}

function associate(state: AwsState, cluster: Cluster, request: EksRequest): AssociatedPolicy {
  const entry = current(state, cluster, request);
  const { policyArn = "", accessScope = {} } = request.body;
  checkPolicy(policyArn, cluster.partition);
  checkStandard(entry.type, "EC2");
  const now = state.now();
  const before = entry.policies.find((policy) => policy.policyArn === policyArn);
  const policy: AssociatedPolicy = {
    policyArn,
    accessScope: scopeOf(accessScope),
    associatedAt: before?.associatedAt ?? now,
    modifiedAt: now,
  };
  change(state, cluster, entry, { policies: [...entry.policies.filter((other) => other !== before), policy] });
  return policy;
}

function disassociate(state: AwsState, cluster: Cluster, request: EksRequest): void {
  const entry = current(state, cluster, request);
  const wanted = request.path["policyArn"];
  const policies = entry.policies.filter(({ policyArn }) => policyArn !== wanted);
  if (policies.length === entry.policies.length) {
    // [inferred] from the exceptions of the call in the model.
    throw eksError("ResourceNotFoundException", "The specified policyArn is not associated with the access entry.");
  }
  change(state, cluster, entry, { policies });
}

/**
 * The entry that a call names, as it sees it: after CreateAccessEntry also AssociateAccessPolicy may not find it yet
 * (https://github.com/terraform-aws-modules/terraform-aws-eks/issues/3024, hashicorp/terraform-provider-aws#40951).
 */
function entryOf(state: AwsState, cluster: Cluster, { path }: EksRequest): AccessEntry {
  const lagged = cluster.entries.get(path["principalArn"] ?? "");
  const entry = lagged?.read("calls", state.now());
  if (entry === undefined) {
    throw entryNotFound();
  }
  return entry;
}

/** The entry that a call is about to change: it has to be seen, and changes go on from what is there. */
function current(state: AwsState, cluster: Cluster, request: EksRequest): AccessEntry {
  const { principalArn } = entryOf(state, cluster, request);
  const entry = cluster.entries.get(principalArn)?.latest;
  if (entry === undefined) {
    throw entryNotFound();
  }
  return entry;
}

function entryNotFound(): Error {
  return eksError(
    "ResourceNotFoundException",
    "The specified principalArn could not be found. You can view your available access entries with 'list-access-entries'.",
  );
}

/** The entry with some of it changed. */
export function change(
  state: AwsState,
  cluster: Cluster,
  entry: AccessEntry,
  changed: Partial<Pick<AccessEntry, "username" | "kubernetesGroups" | "policies" | "tags">>,
): AccessEntry {
  const next = { ...entry, ...changed, modifiedAt: state.now() };
  writeEntry(state, cluster, entry.principalArn, next);
  return next;
}

function describe(cluster: Cluster, entry: AccessEntry): object {
  const { principalArn, kubernetesGroups, accessEntryArn, tags, username, type } = entry;
  const times = { createdAt: entry.createdAt / 1000, modifiedAt: entry.modifiedAt / 1000 };
  return { clusterName: cluster.name, principalArn, kubernetesGroups, accessEntryArn, ...times, tags, username, type };
}

function describePolicy({ policyArn, accessScope, associatedAt, modifiedAt }: AssociatedPolicy): object {
  return { policyArn, accessScope, associatedAt: associatedAt / 1000, modifiedAt: modifiedAt / 1000 };
}

function named(cluster: Cluster, { path }: EksRequest): object {
  return { clusterName: cluster.name, principalArn: path["principalArn"] };
}
