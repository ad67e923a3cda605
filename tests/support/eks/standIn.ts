import { type AwsCaller, callerOf, credentialsOf } from "../aws/caller.ts";
import { startAwsEndpoint } from "../aws/endpoint.ts";
import type { Permissions } from "./authorization.ts";
import { clusterFrom, finishUpdates } from "./clusters.ts";
import { type AwsCall, type Hook, type Throttle, throttler } from "./disturbance.ts";
import { type EntryContent, makeOwnEntries, makeServiceEntry } from "./ownEntries.ts";
import { Principals } from "./principals.ts";
import { AwsService } from "./service.ts";
import {
  type AccessEntry,
  type AwsState,
  type Behaviour,
  type Cluster,
  type ClusterSpec,
  type FargateProfile,
  latestEntries,
  type Nodegroup,
  visibleEntries,
} from "./state.ts";
import { type Admission, type AwsAuthLookup, type Visitor, whoGetsIn } from "./whoGetsIn.ts";

/** Where and when a stand-in is. */
export interface StandInOptions {
  /** Account of the clusters and of the caller that {@link EksStandIn.env} has. Default `111122223333`. */
  readonly account?: string;
  /** Default `eu-central-1`. */
  readonly region?: string;
  /** The time in milliseconds; default the real one. */
  readonly now?: () => number;
}

/**
 * A strict stand-in of the EKS API, of IAM's calls that tell of roles and users, and of STS, for the real AWS SDK.
 *
 * It refuses what AWS refuses, with AWS's exceptions and, where a source has it, AWS's text: see `rules.ts` and `accessEntries.ts`.
 * What no source states is marked [inferred] there.
 *
 * - Nothing exists but what a test makes: roles and users (`principals`), clusters, callers. A call is made by who has the access key.
 * - Everybody may do everything until `permit` says what somebody may do.
 * - `behaviour` (lag, limits, what EKS does itself), `throttle`, `before` and `after` may change at any time.
 * - `calls` is what was asked, with who asked, the answer's status and how many calls were under way.
 * - `entries` and `whoGetsIn` look behind the API, to judge a result without calls.
 *
 * @example
 * const aws = await EksStandIn.start();
 * const deployer = aws.caller("deployer", aws.principals.create("arn:aws:iam::111122223333:user/deployer").arn);
 * aws.principals.create("arn:aws:iam::111122223333:role/eng/dev");
 * aws.addCluster({ name: "prod", endpoint: cluster.server, caData: cluster.caData, authenticationMode: "API_AND_CONFIG_MAP" });
 * aws.permit(deployer, ["eks:DescribeCluster", "eks:*AccessEntr*"]);
 * aws.behaviour.lag = { milliseconds: 200 };
 * aws.throttle({ every: 5 });
 * aws.after = ({ operation }) => (operation === "CreateAccessEntry" ? "cut" : undefined);
 * const project = await TestProject.create({ env: aws.env(deployer) });
 * // ...
 * expect(aws.whoGetsIn("prod", { principalArn: "arn:aws:iam::111122223333:role/eng/dev" })).toMatchObject({ username: "dev" });
 * await aws.stop();
 */
export class EksStandIn {
  /** For `AWS_ENDPOINT_URL_EKS`, `AWS_ENDPOINT_URL_IAM` and `AWS_ENDPOINT_URL_STS`. */
  readonly url: string;
  /** The roles and users of every account. */
  readonly principals: Principals;
  readonly behaviour: Behaviour;
  readonly #state: AwsState;
  readonly #home: { readonly account: string; readonly region: string };
  readonly #service: AwsService;
  readonly #world: World;
  readonly #stop: () => Promise<void>;

  /** Starts on a fresh port of 127.0.0.1. */
  static async start(options: StandInOptions = {}): Promise<EksStandIn> {
    const { account = "111122223333", region = "eu-central-1", now = Date.now } = options;
    const behaviour: Behaviour = {
      lag: {},
      authenticatorLag: {},
      newPrincipalLag: 0,
      updateTakes: { reads: 1 },
      makesEntriesFor: { nodegroups: true, fargateProfiles: true },
      mostEntries: 3_000,
    };
    const state: AwsState = { now, principals: new Principals(now), clusters: [], behaviour };
    const world: World = { identities: new Map(), callers: [], permissions: new Map(), isThrottled: () => false };
    const service = new AwsService(state, {
      permissionsOf: (caller) => world.permissions.get(caller) ?? ["*"],
      isThrottled: (operation) => world.isThrottled(operation),
    });
    const { identities, callers } = world;
    const { url, stop } = await startAwsEndpoint({ identities, callers, intercept: service.exchange });
    return new EksStandIn(url, stop, state, { account, region }, service, world);
  }

  private constructor(
    url: string,
    stop: () => Promise<void>,
    state: AwsState,
    home: { readonly account: string; readonly region: string },
    service: AwsService,
    world: World,
  ) {
    this.url = url;
    this.#stop = stop;
    this.#state = state;
    this.principals = state.principals;
    this.behaviour = state.behaviour;
    this.#home = home;
    this.#service = service;
    this.#world = world;
  }

  /** Called at the begin of a call: what it returns happens in place of the call. */
  set before(hook: Hook | undefined) {
    this.#service.before = hook;
  }

  /** Called at the end of a call, when it is done and not yet answered. */
  set after(hook: Hook | undefined) {
    this.#service.after = hook;
  }

  /** Every call of EKS, IAM and STS so far, in order of arrival. */
  get calls(): readonly AwsCall[] {
    return this.#service.calls;
  }

  /** The most calls that were under way at one moment. */
  get mostAtOnce(): number {
    return Math.max(0, ...this.calls.map(({ atOnce }) => atOnce));
  }

  /** Forgets the calls so far. */
  forgetCalls(): void {
    this.#service.calls.length = 0;
  }

  /**
   * Makes credentials.
   *
   * @param name what the access key is made of; each once
   * @param arn of a user, or of a role's session in the sts form
   */
  caller(name: string, arn: string): AwsCaller {
    const caller = callerOf(name, arn);
    this.#world.identities.set(caller.accessKeyId, arn);
    this.#world.callers.push(caller);
    return caller;
  }

  /** Lets a caller do these actions and no others, such as `eks:Describe*`. A call that creates with tags needs `eks:TagResource` too. */
  permit({ arn }: Pick<AwsCaller, "arn">, permissions: Permissions): void {
    this.#world.permissions.set(arn, permissions);
  }

  /** What a program needs in its environment to find this AWS and nothing else. */
  env(caller?: AwsCaller): Record<string, string> {
    return {
      AWS_ENDPOINT_URL_EKS: this.url,
      AWS_ENDPOINT_URL_IAM: this.url,
      AWS_ENDPOINT_URL_STS: this.url,
      AWS_REGION: this.#home.region,
      AWS_EC2_METADATA_DISABLED: "true",
      ...(caller === undefined ? {} : credentialsOf(caller)),
    };
  }

  /** Makes a cluster, with its creator's entry where its mode knows entries. */
  addCluster(spec: ClusterSpec): Cluster {
    const cluster = clusterFrom(spec, this.#home, this.#state.now());
    this.#state.clusters.push(cluster);
    makeOwnEntries(this.#state, cluster);
    return cluster;
  }

  /** Removes a cluster and its entries. */
  removeCluster(name: string): void {
    this.#state.clusters.splice(this.#state.clusters.indexOf(this.cluster(name)), 1);
  }

  /**
   * A cluster as it is now.
   *
   * @param account default: the account of the stand-in
   * @throws Error where there is none.
   */
  cluster(name: string, account = this.#home.account): Cluster {
    finishUpdates(this.#state);
    const found = this.#state.clusters.find((cluster) => cluster.name === name && cluster.account === account);
    if (found === undefined) {
      throw new Error(`account ${account} has no cluster ${name}`);
    }
    return found;
  }

  /** Makes a managed node group, and what EKS makes with it. */
  addNodegroup(clusterName: string, nodegroup: Nodegroup): void {
    const cluster = this.cluster(clusterName);
    cluster.nodegroups.set(nodegroup.nodegroupName, nodegroup);
    makeOwnEntries(this.#state, cluster);
  }

  /** Makes a Fargate profile, and what EKS makes with it. */
  addFargateProfile(clusterName: string, profile: FargateProfile): void {
    const cluster = this.cluster(clusterName);
    cluster.fargateProfiles.set(profile.fargateProfileName, profile);
    makeOwnEntries(this.#state, cluster);
  }

  /** An entry that EKS or another AWS service makes itself, past the rules for users: of a service-linked role for example. */
  addServiceEntry(clusterName: string, principalArn: string, content: EntryContent): void {
    makeServiceEntry(this.#state, this.cluster(clusterName), principalArn, content);
  }

  /** The entries of a cluster as they are, without lag. */
  entries(clusterName: string, account?: string): readonly AccessEntry[] {
    return latestEntries(this.cluster(clusterName, account));
  }

  /** The entries of a cluster as its authenticator sees them now, which counts as a look of it. */
  entriesInForce(clusterName: string): readonly AccessEntry[] {
    return visibleEntries(this.#state, this.cluster(clusterName), "authenticator");
  }

  /** The entry of a principal as it is, without lag. */
  entry(clusterName: string, principalArn: string): AccessEntry | undefined {
    return this.entries(clusterName).find((entry) => entry.principalArn === principalArn);
  }

  /**
   * As whom a cluster lets somebody in now; undefined: not at all.
   *
   * @param awsAuth who they are by aws-auth, asked where the mode reads it and no entry counts
   */
  whoGetsIn(clusterName: string, visitor: Visitor, awsAuth?: AwsAuthLookup): Admission | undefined {
    return whoGetsIn(this.#state, this.cluster(clusterName), visitor, awsAuth);
  }

  /** Throttles calls of EKS and IAM from now on; without an argument none. */
  throttle(throttle?: Throttle): void {
    this.#world.isThrottled = throttle === undefined ? () => false : throttler(throttle);
  }

  /** Closes the address and all connections. */
  stop(): Promise<void> {
    return this.#stop();
  }
}

/** Who there is beside IAM, and what they may do. */
interface World {
  /** ARNs by access key id. */
  readonly identities: Map<string, string>;
  readonly callers: AwsCaller[];
  /** By ARN of the caller. */
  readonly permissions: Map<string, Permissions>;
  isThrottled: (operation: string) => boolean;
}
