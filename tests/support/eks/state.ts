import type { Principals } from "./principals.ts";

/** Where a cluster finds out who an identity is, in EKS's words. */
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

/** A cluster as a test describes it. */
export interface ClusterSpec {
  readonly name: string;
  /** Default: the account of the stand-in. */
  readonly account?: string;
  /** URL of the API server. Default: one that does not answer. */
  readonly endpoint?: string;
  /** Certificate authority, base64. */
  readonly caData?: string;
  /** Default `CONFIG_MAP`. */
  readonly authenticationMode?: AuthenticationMode;
  /** ARN of the role or user that made the cluster. */
  readonly creator?: string;
}

export interface Cluster extends Required<Pick<ClusterSpec, "name" | "account" | "endpoint" | "caData">> {
  readonly creator: string | undefined;
  mode: AuthenticationMode;
  /** By principal ARN; undefined once deleted. */
  readonly entries: Map<string, Lagged<AccessEntry | undefined>>;
  readonly nodegroups: Map<string, Nodegroup>;
  readonly fargateProfiles: Map<string, FargateProfile>;
  /** What each clientRequestToken was used for. */
  readonly tokens: Map<string, string>;
}

/** How the stand-in behaves. A test may change all of it at any time. */
export interface Behaviour {
  /** Before calls see a change that is made from now on. Default: none. */
  lag: Lag;
  /** Before the cluster's authenticator sees it. Default: none. */
  authenticatorLag: Lag;
  /** In milliseconds, before EKS knows a new role or user. Default 0; 15 to 30 seconds were seen at AWS. */
  newPrincipalLag: number;
  /** Entries that a cluster may have. Default 3,000, as at AWS. */
  mostEntries: number;
}

/** All that the local AWS knows. */
export interface AwsState {
  readonly now: () => number;
  readonly principals: Principals;
  readonly clusters: Cluster[];
  readonly behaviour: Behaviour;
  /** Actions that a caller may do, by its ARN. Who has none may do everything. */
  readonly permissions: Map<string, readonly string[]>;
}

/** The region of all clusters. */
export const region = "eu-central-1";

/** The entries of a cluster as calls see them now, or its authenticator. */
export function visibleEntries({ now }: AwsState, cluster: Cluster, reader: Reader = "calls"): AccessEntry[] {
  return [...cluster.entries.values()].map((entry) => entry.read(reader, now())).filter((entry) => entry !== undefined);
}

/** The entries of a cluster without any lag. */
export function latestEntries(cluster: Cluster): AccessEntry[] {
  return [...cluster.entries.values()].map(({ latest }) => latest).filter((entry) => entry !== undefined);
}

/** How long a change stays unseen: for some time, and for some looks at it; both have to be over. */
export interface Lag {
  /** Default 0. */
  readonly milliseconds?: number;
  /** Default 0. */
  readonly reads?: number;
}

/** Who looks: the calls of the API, or the cluster's authenticator. */
export type Reader = "calls" | "authenticator";

/** A value whose changes are seen late, by each reader after a lag of its own. */
export class Lagged<T> {
  readonly #initial: T;
  readonly #changes: { readonly value: T; readonly from: Record<Reader, { readonly time: number; reads: number }> }[] =
    [];

  /** @param initial is seen at once */
  constructor(initial: T) {
    this.#initial = initial;
  }

  /** The value without any lag. */
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

  /** What a reader sees. Counts as one look at every change that it does not see yet. */
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
