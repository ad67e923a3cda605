import { type AwsCaller, callerOf, credentialsOf } from "../aws/caller.ts";
import { type AwsExchange, startAwsEndpoint } from "../aws/endpoint.ts";
import type { HttpResponse } from "../aws/responses.ts";
import { AwsError } from "./awsError.ts";
import { clusterOf } from "./clusters.ts";
import { checkPolicyDocument, type PolicyDocument } from "./iamPolicy.ts";
import { createNodeEntry, type EntryContent, newEntry } from "./ownEntries.ts";
import { Principals } from "./principals.ts";
import { matchRoute } from "./routes.ts";
import { principalOf } from "./rules.ts";
import { answer, failureOf, type ServiceName, serviceOf } from "./service.ts";
import {
  type AccessEntry,
  type AwsState,
  type Behaviour,
  type Cluster,
  type ClusterSpec,
  type FargateProfile,
  latestEntries,
  type Nodegroup,
  region,
  visibleEntries,
} from "./state.ts";

/** One call of EKS, IAM or STS, which hooks can inspect and disturb. */
export interface AwsCall {
  /** Counts from 1 all calls since the last {@link EksStandIn.forgetCalls}, in order of arrival. */
  readonly number: number;
  readonly service: ServiceName;
  /** `CreateAccessEntry`, `GetRole`, ...; empty if the path is unknown. */
  readonly operation: string;
  /** From the path or the body. */
  readonly principalArn: string | undefined;
  /** The number of calls in progress at its arrival, including itself. */
  readonly atOnce: number;
  /** HTTP status of the response; undefined while it is in progress, and if the connection was closed. */
  status: number | undefined;
}

/** The result of a hook: undefined continues the call, `cut` closes the connection, an error is AWS's response. */
export type Verdict = "cut" | AwsError | undefined;

/** A function that a test runs at a call: it may wait, fail the call, kill a process, or only observe. */
export type Hook = (call: AwsCall) => Verdict | Promise<Verdict>;

/**
 * A strict stand-in for the EKS API, the IAM calls on roles and users, and STS, for the real AWS SDK.
 *
 * It refuses what AWS refuses, with AWS's exceptions and, if a source has it, AWS's text: see `rules.ts` and `accessEntries.ts`. Behaviour
 * without a source is marked [inferred] there. Only what a test creates exists: roles and users (`principals`), clusters, callers. The
 * access key identifies a caller, who has all permissions unless `permit` or `attach` limits them.
 */
export class EksStandIn {
  /** For `AWS_ENDPOINT_URL_EKS`, `AWS_ENDPOINT_URL_IAM` and `AWS_ENDPOINT_URL_STS`. */
  readonly url: string;
  /** Closes the address and all connections. */
  readonly stop: () => Promise<void>;
  /** All calls, in order of arrival. */
  readonly calls: AwsCall[] = [];
  /** Called at the start of a call; its result replaces the call. */
  before: Hook | undefined;
  /** Called after a call has taken effect, before its response. */
  after: Hook | undefined;
  readonly #state: AwsState;
  readonly #account: string;
  readonly #callers: AwsCaller[];
  #inProgress = 0;

  /**
   * Starts on a free port of 127.0.0.1.
   *
   * @param options the account of the clusters, default 111122223333, and the clock of AWS in milliseconds, from which all dates come.
   */
  static async start({ account = "111122223333", now = Date.now } = {}): Promise<EksStandIn> {
    const callers: AwsCaller[] = [];
    const { url, stop } = await startAwsEndpoint({ callers, now, intercept: (exchange) => aws.#exchange(exchange) });
    const behaviour: Behaviour = { lag: {}, authenticatorLag: {}, newPrincipalLag: 0, mostEntries: 3_000 };
    const state = { now, principals: new Principals(now), clusters: [], behaviour, policies: new Map() };
    const aws = new EksStandIn(url, stop, state, account, callers);
    return aws;
  }

  private constructor(url: string, stop: () => Promise<void>, state: AwsState, account: string, callers: AwsCaller[]) {
    this.url = url;
    this.stop = stop;
    this.#state = state;
    this.#account = account;
    this.#callers = callers;
  }

  /** The roles and users of every account. */
  get principals(): Principals {
    return this.#state.principals;
  }

  get behaviour(): Behaviour {
    return this.#state.behaviour;
  }

  /** The operations of all calls, in order of arrival. */
  get operations(): string[] {
    return this.calls.map(({ operation }) => operation);
  }

  count(operation: string): number {
    return this.operations.filter((other) => other === operation).length;
  }

  /** The maximum number of concurrent calls. */
  get mostAtOnce(): number {
    return Math.max(0, ...this.calls.map(({ atOnce }) => atOnce));
  }

  forgetCalls(): void {
    this.calls.length = 0;
  }

  /**
   * Creates credentials.
   *
   * @param name the unique name from which the access key is derived
   * @param arn of a user, or of a role session in the sts form
   */
  caller(name: string, arn: string): AwsCaller {
    const caller = callerOf(name, arn);
    this.#callers.push(caller);
    return caller;
  }

  /** Limits a caller to these actions, on all resources. A call that creates with tags also needs `eks:TagResource`. */
  permit(caller: AwsCaller, actions: readonly string[]): void {
    const Statement = [{ Effect: "Allow", Action: actions, Resource: "*" }];
    this.attach(caller, { Version: "2012-10-17", Statement });
  }

  /** Limits a caller to a policy of IAM. @throws Error if the policy has something that is not known here. */
  attach({ arn }: AwsCaller, policy: PolicyDocument): void {
    checkPolicyDocument(policy);
    this.#state.policies.set(arn, policy);
  }

  /** The environment variables that restrict a program to this AWS. */
  env(caller?: AwsCaller): Record<string, string> {
    return {
      AWS_ENDPOINT_URL_EKS: this.url,
      AWS_ENDPOINT_URL_IAM: this.url,
      AWS_ENDPOINT_URL_STS: this.url,
      AWS_REGION: region,
      AWS_EC2_METADATA_DISABLED: "true",
      ...(caller === undefined ? {} : credentialsOf(caller)),
    };
  }

  addCluster({ authenticationMode: mode = "CONFIG_MAP", ...spec }: ClusterSpec): void {
    const cluster: Cluster = {
      account: this.#account,
      endpoint: "https://127.0.0.1:9",
      caData: "",
      ...spec,
      mode,
      entries: new Map(),
      nodegroups: new Map(),
      fargateProfiles: new Map(),
      tokens: new Map(),
    };
    this.#state.clusters.push(cluster);
  }

  /** Removes a cluster and its entries. */
  removeCluster(name: string): void {
    this.#state.clusters.splice(this.#state.clusters.indexOf(this.cluster(name)), 1);
  }

  /** The current state of a cluster. @param account default: the account of the stand-in. */
  cluster(name: string, account = this.#account): Cluster {
    return clusterOf(this.#state.clusters, account, name);
  }

  /** Creates a managed node group, and the entry that EKS creates for it. */
  addNodegroup(clusterName: string, nodegroup: Nodegroup): void {
    const cluster = this.cluster(clusterName);
    cluster.nodegroups.set(nodegroup.nodegroupName, nodegroup);
    createNodeEntry(this.#state, cluster, nodegroup.nodeRole, "EC2_LINUX");
  }

  /** Creates a Fargate profile, and the entry that EKS creates for it. */
  addFargateProfile(clusterName: string, profile: FargateProfile): void {
    const cluster = this.cluster(clusterName);
    cluster.fargateProfiles.set(profile.fargateProfileName, profile);
    createNodeEntry(this.#state, cluster, profile.podExecutionRoleArn, "FARGATE_LINUX");
  }

  /** Adds an entry as EKS or another AWS service does, without the rules for users. An existing entry is kept. */
  addServiceEntry(clusterName: string, principalArn: string, content: EntryContent): void {
    const cluster = this.cluster(clusterName);
    if (cluster.entries.get(principalArn)?.latest === undefined) {
      newEntry(this.#state, cluster, principalOf(principalArn), content);
    }
  }

  /** The entries of a cluster, without lag. */
  entries(clusterName: string, account?: string): readonly AccessEntry[] {
    return latestEntries(this.cluster(clusterName, account));
  }

  /** The entries of a cluster that its authenticator sees now; counts as one of its reads. */
  entriesInForce(clusterName: string): readonly AccessEntry[] {
    return visibleEntries(this.#state, this.cluster(clusterName), "authenticator");
  }

  /** The entry of a principal, without lag. */
  entry(clusterName: string, principalArn: string): AccessEntry | undefined {
    return this.entries(clusterName).find((entry) => entry.principalArn === principalArn);
  }

  async #exchange(exchange: AwsExchange): Promise<HttpResponse | undefined> {
    this.#inProgress += 1;
    const call = this.#record(exchange);
    try {
      const response = await this.#respond(call, exchange);
      call.status = response?.status;
      return response;
    } finally {
      this.#inProgress -= 1;
    }
  }

  /** @returns undefined to close the connection. */
  async #respond(call: AwsCall, exchange: AwsExchange): Promise<HttpResponse | undefined> {
    const judge = async (hook: Hook | undefined) => {
      const verdict = await hook?.(call);
      if (verdict instanceof AwsError) {
        throw verdict;
      }
      return verdict === "cut";
    };
    try {
      if (await judge(this.before)) {
        return undefined;
      }
      const response = this.#answer(call, exchange);
      return (await judge(this.after)) ? undefined : response;
    } catch (error) {
      // Any other error is a bug here, or an assertion in a hook: without a response, the call would never return.
      const { stack = String(error) } = error instanceof Error ? error : {};
      return failureOf(call.service, error instanceof AwsError ? error : new AwsError("InternalFailure", 500, stack));
    }
  }

  /** An AWS error is a response too, which the hook after the call sees. */
  #answer(call: AwsCall, exchange: AwsExchange): HttpResponse {
    try {
      return answer(this.#state, exchange);
    } catch (error) {
      if (error instanceof AwsError) {
        return failureOf(call.service, error);
      }
      throw error;
    }
  }

  #record({ request }: AwsExchange): AwsCall {
    const { operation = "", method, path, body } = request;
    const call: AwsCall = {
      number: this.calls.length + 1,
      service: serviceOf(request),
      operation,
      principalArn: matchRoute(method, path)?.parts["principalArn"] ?? /"principalArn":"([^"]+)"/.exec(body)?.[1],
      atOnce: this.#inProgress,
      status: undefined,
    };
    this.calls.push(call);
    return call;
  }
}
