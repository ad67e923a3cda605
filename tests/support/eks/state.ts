import type { Lag, Lagged, Reader } from "./lagged.ts";
import type { Principals } from "./principals.ts";

/** Where a cluster finds out who somebody is, in EKS's words. The order is the only way a cluster can go. */
export const authenticationModes = ["CONFIG_MAP", "API_AND_CONFIG_MAP", "API"] as const;

export type AuthenticationMode = (typeof authenticationModes)[number];

/** What DescribeUpdate tells of a change of mode. */
export interface Update {
  readonly id: string;
  readonly from: AuthenticationMode;
  readonly to: AuthenticationMode;
  /** In milliseconds. */
  readonly startedAt: number;
  /** How often DescribeUpdate has asked for it. */
  polls: number;
  status: "InProgress" | "Successful";
}

export interface AccessScope {
  readonly type: "cluster" | "namespace";
  readonly namespaces: readonly string[];
}

export interface AssociatedPolicy {
  readonly policyArn: string;
  readonly accessScope: AccessScope;
  /** In milliseconds. */
  readonly associatedAt: number;
  /** In milliseconds. */
  readonly modifiedAt: number;
}

/** One access entry at one moment. A change makes another object. */
export interface AccessEntry {
  readonly principalArn: string;
  /** Of the role or user that had this ARN when the entry was made. EKS never shows it. */
  readonly uniqueId: string;
  readonly accessEntryArn: string;
  readonly type: string;
  readonly username: string;
  readonly kubernetesGroups: readonly string[];
  readonly tags: Readonly<Record<string, string>>;
  readonly policies: readonly AssociatedPolicy[];
  /** In milliseconds. */
  readonly createdAt: number;
  /** In milliseconds. */
  readonly modifiedAt: number;
}

export interface Nodegroup {
  readonly nodegroupName: string;
  /** ARN, path included. */
  readonly nodeRole: string;
  /** Default `AL2023_x86_64_STANDARD`. `WINDOWS_...` are nodes of type EC2_WINDOWS. */
  readonly amiType?: string;
}

export interface FargateProfile {
  readonly fargateProfileName: string;
  /** ARN, path included. */
  readonly podExecutionRoleArn: string;
}

/** A cluster as a test describes it. */
export interface ClusterSpec {
  readonly name: string;
  /** Default: the account of the stand-in. */
  readonly account?: string;
  /** Default: the region of the stand-in. */
  readonly region?: string;
  /** Default `aws`. */
  readonly partition?: string;
  /** URL of the API server. Default: one that nobody answers. */
  readonly endpoint?: string;
  /** Certificate authority, base64. */
  readonly caData?: string;
  /** Default `CONFIG_MAP`. */
  readonly authenticationMode?: AuthenticationMode;
  /** ARN of the role or user that made the cluster. */
  readonly creator?: string;
  /** Whether the creator is administrator; default true, as in CreateCluster. */
  readonly bootstrapClusterCreatorAdminPermissions?: boolean;
}

export interface Cluster {
  readonly name: string;
  readonly account: string;
  readonly region: string;
  readonly partition: string;
  readonly arn: string;
  readonly endpoint: string;
  readonly caData: string;
  readonly creator: string | undefined;
  /** In milliseconds. */
  readonly createdAt: number;
  mode: AuthenticationMode;
  /** By principal ARN; undefined once deleted. */
  readonly entries: Map<string, Lagged<AccessEntry | undefined>>;
  readonly updates: Map<string, Update>;
  readonly nodegroups: Map<string, Nodegroup>;
  readonly fargateProfiles: Map<string, FargateProfile>;
  /** What each clientRequestToken was used for. */
  readonly tokens: Map<string, string>;
}

/** How the stand-in behaves. A test may change all of it at any time. */
export interface Behaviour {
  /** Before calls see a change that is made from now on. Default: none. */
  lag: Lag;
  /** Before the cluster's authenticator sees it; reads are calls of `whoGetsIn`. Default: none. */
  authenticatorLag: Lag;
  /** In milliseconds, before EKS knows a new role or user. Default 0; 15 to 30 seconds were seen at AWS. */
  newPrincipalLag: number;
  /** How long a change of mode takes; reads are calls of DescribeUpdate. Default: one call. */
  updateTakes: Lag;
  /** Whose entries EKS makes itself at the step to API_AND_CONFIG_MAP. Default: all. */
  makesEntriesFor: { nodegroups: boolean; fargateProfiles: boolean };
  /** Entries that a cluster may have. Default 3,000, as at AWS. */
  mostEntries: number;
}

/** All that the local AWS knows. */
export interface AwsState {
  /** In milliseconds. */
  readonly now: () => number;
  readonly principals: Principals;
  readonly clusters: Cluster[];
  readonly behaviour: Behaviour;
}

/** The entries of a cluster as calls see them now, or its authenticator. */
export function visibleEntries({ now }: AwsState, cluster: Cluster, reader: Reader = "calls"): AccessEntry[] {
  return [...cluster.entries.values()].map((entry) => entry.read(reader, now())).filter((entry) => entry !== undefined);
}

/** The entries of a cluster without any lag. */
export function latestEntries(cluster: Cluster): AccessEntry[] {
  return [...cluster.entries.values()].map(({ latest }) => latest).filter((entry) => entry !== undefined);
}
