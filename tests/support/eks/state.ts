import type { PolicyDocument } from "./iamPolicy.ts";
import type { Principals } from "./principals.ts";

/** The sources of identities of a cluster, in EKS's terms. */
export type AuthenticationMode = "CONFIG_MAP" | "API_AND_CONFIG_MAP" | "API";

export interface AccessScope {
  readonly type: "cluster" | "namespace";
  readonly namespaces: readonly string[];
}

/** Times are in milliseconds, here and below. */
export interface AssociatedPolicy {
  readonly policyArn: string;
  readonly accessScope: AccessScope;
  readonly associatedAt: number;
  readonly modifiedAt: number;
}

/** An immutable version of an access entry. */
export interface AccessEntry {
  readonly principalArn: string;
  /** The ID of the role or user that had this ARN when the entry was created. EKS never exposes it. */
  readonly uniqueId: string;
  readonly accessEntryArn: string;
  readonly type: string;
  readonly username: string;
  readonly kubernetesGroups: readonly string[];
  readonly tags: Readonly<Record<string, string>>;
  readonly policies: readonly AssociatedPolicy[];
  readonly createdAt: number;
  readonly modifiedAt: number;
}

export interface Nodegroup {
  readonly nodegroupName: string;
  /** ARN, path included. */
  readonly nodeRole: string;
}

export interface FargateProfile {
  readonly fargateProfileName: string;
  /** ARN, path included. */
  readonly podExecutionRoleArn: string;
}

/** The options of a cluster. */
export interface ClusterSpec {
  readonly name: string;
  /** Default: the account of the stand-in. */
  readonly account?: string;
  /** URL of the API server. Default: one that does not respond. */
  readonly endpoint?: string;
  /** Certificate authority, base64. */
  readonly caData?: string;
  /** Default `CONFIG_MAP`. */
  readonly authenticationMode?: AuthenticationMode;
}

export interface Cluster extends Required<Pick<ClusterSpec, "name" | "account" | "endpoint" | "caData">> {
  mode: AuthenticationMode;
  /** The role of the built-in node pools of Auto Mode. */
  nodeRole?: string;
  /** By principal ARN; undefined after the deletion. */
  readonly entries: Map<string, Lagged<AccessEntry | undefined>>;
  readonly nodegroups: Map<string, Nodegroup>;
  readonly fargateProfiles: Map<string, FargateProfile>;
  /** The content that each clientRequestToken was used for. */
  readonly tokens: Map<string, string>;
}

/** The behaviour of the stand-in. Tests may change it at any time. */
export interface Behaviour {
  /** The lag until calls see a later change. Default: none. */
  lag: Lag;
  /** The lag until the cluster's authenticator sees a change. Default: none. */
  authenticatorLag: Lag;
  /** In milliseconds, until EKS accepts a new role or user. Default 0; AWS takes 15 to 30 seconds. */
  newPrincipalLag: number;
  /** The maximum number of entries of a cluster. Default 3,000, as in AWS. */
  mostEntries: number;
}

/** The state of the local AWS. */
export interface AwsState {
  readonly now: () => number;
  readonly principals: Principals;
  readonly clusters: Cluster[];
  readonly behaviour: Behaviour;
  /** The policy of each caller, by its ARN. Callers without one have all permissions. */
  readonly policies: Map<string, PolicyDocument>;
}

/** The region of all clusters. */
export const region = "eu-central-1";

/** The entries of a cluster that calls, or its authenticator, see now. */
export function visibleEntries({ now }: AwsState, cluster: Cluster, reader: Reader = "calls"): AccessEntry[] {
  return [...cluster.entries.values()].map((entry) => entry.read(reader, now())).filter((entry) => entry !== undefined);
}

/** The entries of a cluster, without lag. */
export function latestEntries(cluster: Cluster): AccessEntry[] {
  return [...cluster.entries.values()].map(({ latest }) => latest).filter((entry) => entry !== undefined);
}

/** How long a change is not visible: for some time and for some reads; both must pass. */
export interface Lag {
  /** Default 0. */
  readonly milliseconds?: number;
  /** Default 0. */
  readonly reads?: number;
}

/** The calls of the API, or the cluster's authenticator. */
export type Reader = "calls" | "authenticator";

/** A value whose changes become visible to each reader after its own lag. */
export class Lagged<T> {
  readonly #initial: T;
  readonly #changes: { readonly value: T; readonly from: Record<Reader, { readonly time: number; reads: number }> }[] =
    [];

  /** @param initial is visible at once */
  constructor(initial: T) {
    this.#initial = initial;
  }

  /** The value, without lag. */
  get latest(): T {
    const last = this.#changes.at(-1);
    return last === undefined ? this.#initial : last.value;
  }

  write(value: T, { now, behaviour }: AwsState): void {
    const from = ({ milliseconds = 0, reads = 0 }: Lag) => ({ time: now() + milliseconds, reads });
    this.#changes.push({
      value,
      from: { calls: from(behaviour.lag), authenticator: from(behaviour.authenticatorLag) },
    });
  }

  /** The value that a reader sees. Counts as one read of every change that the reader does not see yet. */
  read(reader: Reader, now: number): T {
    for (const { value, from } of this.#changes.toReversed()) {
      if (now >= from[reader].time && from[reader].reads <= 0) {
        return value;
      }
      from[reader].reads -= 1;
    }
    return this.#initial;
  }
}
