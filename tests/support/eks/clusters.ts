import { randomUUID } from "node:crypto";
import { eksError, invalid } from "./awsError.ts";
import { makeOwnEntries } from "./ownEntries.ts";
import { pageOf } from "./page.ts";
import type { EksRequest } from "./routes.ts";
import { type AwsState, authenticationModes, type Cluster, type ClusterSpec, type Update } from "./state.ts";

/** Who calls, and where. */
export interface Origin {
  /** Account of the caller: EKS knows the clusters of no other. */
  readonly account: string;
  /** Region that the call was signed for. */
  readonly region: string;
}

/** A new cluster. */
export function clusterFrom(spec: ClusterSpec, home: Origin, now: number): Cluster {
  const { name, account = home.account, region = home.region, partition = "aws" } = spec;
  const hasBootstrap = spec.bootstrapClusterCreatorAdminPermissions ?? true;
  return {
    name,
    account,
    region,
    partition,
    arn: `arn:${partition}:eks:${region}:${account}:cluster/${name}`,
    endpoint: spec.endpoint ?? "https://127.0.0.1:9",
    caData: spec.caData ?? "",
    creator: hasBootstrap ? spec.creator : undefined,
    createdAt: now,
    mode: spec.authenticationMode ?? "CONFIG_MAP",
    entries: new Map(),
    updates: new Map(),
    nodegroups: new Map(),
    fargateProfiles: new Map(),
    tokens: new Map(),
  };
}

/** The cluster that a call names, in the caller's account and the region of the signature. */
export function clusterOf(state: AwsState, { account, region }: Origin, name: string): Cluster {
  // https://github.com/surajincloud/kubectl-eks/issues/72
  if (!/^[0-9A-Za-z][A-Za-z0-9-_]*$/.test(name)) {
    throw invalid(
      'The clusterName parameter contains invalid characters. It should conform to the regular expression "^[0-9A-Za-z][A-Za-z0-9-_]*"In other words, it should start with a number or letter, and can contain numbers, letters, dashes, and underscores.',
    );
  }
  const cluster = state.clusters.find(
    (candidate) => candidate.name === name && candidate.account === account && candidate.region === region,
  );
  if (cluster === undefined) {
    throw eksError("ResourceNotFoundException", `No cluster found for name: ${name}.`, { clusterName: name });
  }
  return cluster;
}

/** Ends the changes of mode whose time is over. To be called before each call. */
export function finishUpdates(state: AwsState): void {
  const { milliseconds = 0, reads = 0 } = state.behaviour.updateTakes;
  for (const cluster of state.clusters) {
    for (const update of cluster.updates.values()) {
      const isOver = state.now() - update.startedAt >= milliseconds && update.polls >= reads;
      if (update.status === "InProgress" && isOver) {
        update.status = "Successful";
        cluster.mode = update.to;
        makeOwnEntries(state, cluster);
      }
    }
  }
}

/** The calls that are about a cluster and its nodes; undefined for any other. */
export function answerClusterCall(state: AwsState, cluster: Cluster, request: EksRequest): object | undefined {
  switch (request.operation) {
    case "DescribeCluster":
      return { cluster: describe(cluster) };
    case "UpdateClusterConfig":
      return { update: describeUpdate(updateMode(state, cluster, request)) };
    case "DescribeUpdate":
      return { update: describeUpdate(poll(cluster, request.path["updateId"] ?? "")) };
    case "ListNodegroups": {
      const { items, ...rest } = pageOf(
        `nodegroups of ${cluster.arn}`,
        [...cluster.nodegroups.keys()],
        (name) => name,
        request.query,
      );
      return { nodegroups: items, ...rest };
    }
    case "ListFargateProfiles": {
      const { items, ...rest } = pageOf(
        `profiles of ${cluster.arn}`,
        [...cluster.fargateProfiles.keys()],
        (name) => name,
        request.query,
      );
      return { fargateProfileNames: items, ...rest };
    }
    case "DescribeNodegroup":
      return { nodegroup: describeNodegroup(cluster, request.path["nodegroupName"] ?? "") };
    case "DescribeFargateProfile":
      return { fargateProfile: describeFargateProfile(cluster, request.path["fargateProfileName"] ?? "") };
    default:
      return undefined;
  }
}

function describe(cluster: Cluster): object {
  const { name, arn, endpoint, caData, mode } = cluster;
  return {
    name,
    arn,
    createdAt: cluster.createdAt / 1000,
    version: "1.36",
    platformVersion: "eks.1",
    endpoint,
    certificateAuthority: { data: caData },
    // A response never has bootstrapClusterCreatorAdminPermissions, which only CreateCluster takes.
    accessConfig: { authenticationMode: mode },
    status: pendingUpdate(cluster) === undefined ? "ACTIVE" : "UPDATING",
  };
}

function pendingUpdate(cluster: Cluster): Update | undefined {
  return [...cluster.updates.values()].find(({ status }) => status === "InProgress");
}

/** One step ahead, and never back, nor to where the cluster is already. */
function updateMode(state: AwsState, cluster: Cluster, { body }: EksRequest): Update {
  const wanted = body.accessConfig?.authenticationMode;
  const to = authenticationModes.find((mode) => mode === wanted);
  if (to === undefined) {
    throw invalid(`authenticationMode must be one of [${authenticationModes.join(", ")}]`); // [inferred]
  }
  const known = cluster.updates.get(cluster.tokens.get(`UpdateClusterConfig ${body.clientRequestToken}`) ?? "");
  if (known !== undefined && known.to === to) {
    return known;
  }
  const pending = pendingUpdate(cluster);
  if (pending !== undefined) {
    // The text is one that other programs look for ("currently has update"); which exception it is, they do not agree.
    throw eksError(
      "InvalidRequestException",
      `Cannot AccessConfigUpdate because cluster ${cluster.name} currently has update ${pending.id} in progress`,
      { clusterName: cluster.name },
    );
  }
  // https://github.com/pulumi/pulumi-eks/issues/1493, https://github.com/aws/aws-cdk/issues/31032
  if (authenticationModes.indexOf(to) !== authenticationModes.indexOf(cluster.mode) + 1) {
    throw invalid(`Unsupported authentication mode update from ${cluster.mode} to ${to}`);
  }
  const update: Update = {
    id: randomUUID(),
    from: cluster.mode,
    to,
    startedAt: state.now(),
    polls: 0,
    status: "InProgress",
  };
  cluster.updates.set(update.id, update);
  if (body.clientRequestToken !== undefined) {
    cluster.tokens.set(`UpdateClusterConfig ${body.clientRequestToken}`, update.id);
  }
  return update;
}

function poll(cluster: Cluster, id: string): Update {
  const update = cluster.updates.get(id);
  if (update === undefined) {
    throw eksError("ResourceNotFoundException", `No update found for ID: ${id}`); // [inferred]
  }
  update.polls += 1;
  return update;
}

function describeUpdate({ id, to, startedAt, status }: Update): object {
  return {
    id,
    status,
    type: "AccessConfigUpdate",
    params: [{ type: "AuthenticationMode", value: JSON.stringify(to) }],
    createdAt: startedAt / 1000,
    errors: [],
  };
}

function describeNodegroup(cluster: Cluster, name: string): object {
  const nodegroup = cluster.nodegroups.get(name);
  if (nodegroup === undefined) {
    throw eksError("ResourceNotFoundException", `No node group found for name: ${name}.`, { nodegroupName: name });
  }
  const { nodegroupName, nodeRole, amiType = "AL2023_x86_64_STANDARD" } = nodegroup;
  return { nodegroupName, clusterName: cluster.name, nodeRole, amiType, status: "ACTIVE" };
}

function describeFargateProfile(cluster: Cluster, name: string): object {
  const profile = cluster.fargateProfiles.get(name);
  if (profile === undefined) {
    throw eksError("ResourceNotFoundException", `No Fargate Profile found with name: ${name}.`, {
      fargateProfileName: name,
    });
  }
  return { ...profile, clusterName: cluster.name, status: "ACTIVE" };
}
