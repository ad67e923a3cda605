import type { Cluster, EKSClient } from "@aws-sdk/client-eks";
import type { AuthenticationMode } from "../../accessEntries";
import { AwsAuthError } from "../../errors";
import { quoted } from "../../text/text";
import { agentFor, agentForHosts, connectionTimeout } from "../agent";
import { CachedLookup } from "../cachedLookup";
import { type ClusterArn, parseClusterArn } from "../clusterInput";
import type { EksRef } from "../clusterRef";
import { type ApiConnection, type Authorization, defaultLimits } from "../request";
import { endpointInEnv, recordedConfigHint, type Settings } from "../settings";
import {
  type AwsStep,
  fromAwsError,
  isNotFound,
  noProfile,
  notFoundAnywhere,
  notFoundIn,
  otherAccount,
  partOf,
} from "./awsErrors";
import { type AwsIdentity, awsIdentityFor, endpointsOf, missingProfile } from "./awsIdentity";
import { type CallerOfAws, callerOfAws, eksToken, regionalSts } from "./token";

/**
 * The client for a region and an identity. All clusters share it, so that connections are reused and a role is assumed only once.
 */
function eksClientFor(ref: EksRef, identity: AwsIdentity, settings: Settings): Promise<EKSClient> {
  const ofRun = clients.get(settings) ?? new Map<string, Promise<EKSClient>>();
  clients.set(settings, ofRun);
  const key = JSON.stringify([ref.region, identity.profile, identity.roleArn]);
  const client = ofRun.get(key) ?? makeClient(ref, identity, settings);
  ofRun.set(key, client);
  return client;
}

const clients = new WeakMap<Settings, Map<string, Promise<EKSClient>>>();

/**
 * A client of the EKS API. The SDK handles `AWS_ENDPOINT_URL_EKS`, retries and so on. Unlike eksctl and the AWS CLI, it ignores the
 * environment's proxy settings, so those are added here.
 */
async function makeClient(ref: EksRef, identity: AwsIdentity, settings: Settings): Promise<EKSClient> {
  const [{ EKSClient }, { fromIni, fromNodeProviderChain, fromTemporaryCredentials }] = await Promise.all([
    import("@aws-sdk/client-eks"),
    import("@aws-sdk/credential-providers"),
  ]);
  const { region } = ref;
  const httpsAgent = agentForHosts({ rejectUnauthorized: true }, settings.env);
  const requestHandler = { httpsAgent, connectionTimeout };
  const { eks, signIn } = endpointsOf(identity, settings);
  // Without a region: IAM Identity Center has its own, and STS is asked in that of the profile or else of the cluster. Nobody can end a
  // request for credentials, and one that gets no answer would keep the process of a program from its end.
  const clientConfig = { requestHandler: { ...requestHandler, socketTimeout: defaultLimits.read }, ...signIn };
  // The default chain would warn about AWS_ACCESS_KEY_ID together with a profile, which is not a problem if the profile was
  // requested.
  const base =
    identity.profile === undefined
      ? fromNodeProviderChain({ clientConfig })
      : fromIni({ profile: identity.profile, clientConfig });
  const credentials =
    identity.roleArn === undefined
      ? base
      : fromTemporaryCredentials({
          masterCredentials: base,
          params: { RoleArn: identity.roleArn, RoleSessionName: "pulumi-aws-auth" },
          clientConfig,
        });
  return new EKSClient({ region, credentials, requestHandler, ...eks });
}

/** In milliseconds. Tokens are valid for 15 minutes; the difference allows for clock skew and long requests. */
const tokenLife = 10 * 60_000;

/** What EKS says of a cluster as a whole. */
export interface EksCluster {
  /** Where the cluster looks for identities. */
  readonly authenticationMode: AuthenticationMode;
  /** 12 digits. */
  readonly account: string;
  /** Such as `aws` or `aws-cn`. */
  readonly partition: string;
}

/** The API server of an EKS cluster: looked up once, and called with tokens signed by AWS credentials. */
export class EksConnection implements ApiConnection {
  readonly label: string;
  readonly identity: string;
  readonly warnings: readonly string[] = [];
  readonly credentialsRemedy: string;
  readonly unreachableRemedy: string;
  readonly namespace = "default";
  readonly #ref: EksRef;
  readonly #settings: Settings;
  readonly #awsIdentity: AwsIdentity;
  #described = new CachedLookup<Cluster>();
  readonly #server = new CachedLookup<Pick<Authorization, "agent"> & { readonly endpoint: URL }>();
  readonly #caller = new CachedLookup<CallerOfAws>();
  /** Of the credentials that are known to be of the cluster's account. */
  #accessKey: string | undefined;
  #token: { readonly text: string; readonly until: number } | undefined;

  constructor(ref: EksRef, settings: Settings) {
    this.#ref = ref;
    this.#settings = settings;
    this.#awsIdentity = awsIdentityFor(ref, settings);
    this.label = `EKS cluster ${quoted(ref.name)} (${ref.region})`;
    this.identity = this.#awsIdentity.label;
    this.credentialsRemedy = `use the identity that created the cluster, or one that has a mapping or an access entry, and if this is one, its AWS credentials may have expired: ${this.#awsIdentity.remedy} (${recordedConfigHint})`;
    this.unreachableRemedy = `check the network (VPN, proxy), and whether the cluster's endpoint is private or allows your address (${recordedConfigHint})`;
  }

  /** EKS searches only the credentials' own account, and another account may have a cluster of this name. */
  async account(expected: string | undefined, signal: AbortSignal): Promise<string | undefined> {
    const cluster = await this.describe(signal).catch(async (error: unknown) => {
      throw isNotFound(error) ? await this.#notFound(expected, error, signal) : error;
    });
    const actual = arnOf(cluster)?.account;
    if (expected !== undefined && actual !== expected) {
      throw otherAccount(expected, actual ?? "unknown", this.label, this.#awsIdentity);
    }
    return actual;
  }

  /**
   * The cluster itself, whose account is checked if the ref gives one. It is as soon there as a map has to be: AWS credentials may hang.
   */
  async cluster(signal = AbortSignal.timeout(defaultLimits.read)): Promise<EksCluster> {
    await this.account(this.#ref.account, signal);
    const cluster = await this.describe(signal);
    const { partition = "aws", account = "" } = arnOf(cluster) ?? {};
    // Clusters of before access entries have no configuration of access.
    const authenticationMode = cluster.accessConfig?.authenticationMode ?? "CONFIG_MAP";
    return { authenticationMode, account, partition };
  }

  /**
   * Makes sure that the credentials are still of the cluster's account: those that were renewed may be another one's, which may have a
   * cluster of this name.
   */
  async assertAccount(signal: AbortSignal): Promise<void> {
    const client = await this.client();
    const { accessKeyId } = await client.config.credentials();
    if (this.#accessKey !== undefined && this.#accessKey !== accessKeyId) {
      const { account } = arnOf(await this.describe(signal)) ?? {};
      const caller = await callerOfAws(client, this.#ref.region, this.#settings, signal);
      if (caller.account !== account) {
        throw otherAccount(account ?? "unknown", caller.account, this.label, this.#awsIdentity);
      }
    }
    this.#accessKey = accessKeyId;
  }

  async assertMapCounts(signal: AbortSignal): Promise<void> {
    const { authenticationMode } = await this.cluster(signal);
    if (authenticationMode === "API") {
      throw new AwsAuthError(
        "configMapIgnored",
        `${this.label} has authentication mode API, which AWS does not let you leave, and ignores kube-system/aws-auth; set authenticationMode of the mapping to API, which keeps it in an EKS access entry`,
      );
    }
  }

  async endpoint(signal: AbortSignal): Promise<URL> {
    return (await this.#apiServer(signal)).endpoint;
  }

  async authorize(renew: boolean, signal: AbortSignal): Promise<Authorization> {
    const { agent } = await this.#apiServer(signal);
    if (renew || this.#token === undefined || Date.now() >= this.#token.until) {
      const client = await this.client();
      const until = Date.now() + tokenLife;
      const text = await this.ask("credentials", signal, async () => {
        await client.config.credentials({ forceRefresh: renew });
        return eksToken(client, this.#ref.name, this.#ref.region);
      });
      this.#token = { text, until };
    }
    return { headers: { authorization: `Bearer ${this.#token.text}` }, agent };
  }

  /** The client of the EKS API that all connections of the same credentials share. */
  client(): Promise<EKSClient> {
    return eksClientFor(this.#ref, this.#awsIdentity, this.#settings);
  }

  async #apiServer(signal: AbortSignal) {
    await this.account(this.#ref.account, signal);
    return this.#server.get(async () => {
      const cluster = await this.describe(signal);
      if (!cluster.endpoint) {
        // It gets one once it is made.
        this.#described = new CachedLookup();
        throw new AwsAuthError(
          "clusterUnreachable",
          `${this.label} has no API server yet, its status is ${cluster.status ?? "unknown"}; wait until it is ACTIVE`,
        );
      }
      const endpoint = new URL(cluster.endpoint);
      const ca = cluster.certificateAuthority?.data;
      const tls = { rejectUnauthorized: true, ...(ca === undefined ? {} : { ca: Buffer.from(ca, "base64") }) };
      return { endpoint, agent: agentFor(endpoint, tls, this.#settings.env) };
    });
  }

  /** What EKS says of the cluster. Looked up once. */
  describe(signal: AbortSignal): Promise<Cluster> {
    return this.#described.get(async () => {
      const client = await this.client();
      // Before the call, since errors here have other remedies than errors from EKS.
      const { accessKeyId } = await this.ask("credentials", signal, () => client.config.credentials());
      this.#accessKey ??= accessKeyId;
      const { DescribeClusterCommand } = await import("@aws-sdk/client-eks");
      const command = new DescribeClusterCommand({ name: this.#ref.name });
      return this.ask("eks:DescribeCluster", signal, async () =>
        partOf((await client.send(command, { abortSignal: signal })).cluster),
      );
    });
  }

  /**
   * Who the AWS credentials are, according to STS. Looked up once.
   *
   * @throws Error or TransportError if STS does not tell; AwsAuthError without credentials, with which the question is signed.
   */
  caller(signal: AbortSignal): Promise<CallerOfAws> {
    return this.#caller.get(async () => {
      const client = await this.client();
      await this.ask("credentials", signal, () => client.config.credentials());
      return orAborted(callerOfAws(client, this.#ref.region, this.#settings, signal), signal);
    });
  }

  /** "Not found" means that the mappings are gone only if the credentials are for the account that the mappings are in. */
  async #notFound(expected: string | undefined, cause: AwsAuthError, signal: AbortSignal): Promise<AwsAuthError> {
    try {
      await this.#assertAskedAlike();
      const { account } = await this.caller(signal);
      return notFoundIn(account, expected, cause, this.label, this.#awsIdentity);
    } catch (error) {
      return notFoundAnywhere(error, expected, cause, this.label, this.#awsIdentity);
    }
  }

  /** AWS's STS says nothing of the clusters of an emulator, to which an endpoint that was left in the environment leads. */
  async #assertAskedAlike(): Promise<void> {
    const client = await this.client();
    const { endpoint, serviceConfiguredEndpoint, ignoreConfiguredEndpointUrls } = client.config;
    const configured = ignoreConfiguredEndpointUrls ? undefined : await serviceConfiguredEndpoint?.();
    const eks = (await endpoint?.())?.hostname ?? (configured && new URL(configured).hostname);
    const { hostname: usual } = regionalSts(client, this.#ref.region);
    const custom = endpointInEnv(this.#settings, "STS");
    const sts = custom === undefined ? usual : new URL(custom).hostname;
    const domains = [usual.replace(/^sts\.[^.]+/, ""), ".aws"];
    const isAtAws = (host: string) => domains.some((domain) => host.endsWith(domain));
    // On other hosts of AWS, such as those of EC2, anybody may have an emulator.
    const isEksOfAws = (host: string) => isAtAws(host) && /(?:^|\.)eks(?:-fips)?\./.test(host);
    if (eks !== undefined && !isEksOfAws(eks) && isAtAws(sts)) {
      throw new Error(`it is not asked, since EKS is asked at ${eks}, which is not EKS of AWS`);
    }
  }

  /**
   * Sends a request to AWS.
   *
   * @throws AwsAuthError that says what failed, and what to do.
   */
  async ask<T>(step: AwsStep, signal: AbortSignal, ask: (signal: AbortSignal) => Promise<T>): Promise<T> {
    try {
      return await orAborted(ask(signal), signal);
    } catch (error) {
      if (error instanceof AwsAuthError) {
        throw error;
      }
      const files = step === "credentials" ? await missingProfile(this.#awsIdentity) : undefined;
      throw files === undefined
        ? fromAwsError(step, error, this.label, this.#ref, this.#awsIdentity)
        : noProfile(files, this.label, this.#awsIdentity);
    }
  }
}

/** Credential providers do not accept an abort signal. */
async function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let onAbort = () => {};
  const aborted = new Promise<never>((_resolve, reject) => {
    onAbort = () => reject(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    if (signal.aborted) {
      onAbort();
    }
  });
  return Promise.race([work, aborted]).finally(() => signal.removeEventListener("abort", onAbort));
}

function arnOf(cluster: Cluster): ClusterArn | undefined {
  return parseClusterArn(cluster.arn ?? "");
}
