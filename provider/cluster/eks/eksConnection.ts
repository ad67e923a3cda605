import { addAbortListener } from "node:events";
import type { Cluster } from "@aws-sdk/client-eks";
import { SignatureV4 } from "@smithy/signature-v4";
import type { AuthenticationMode } from "../../accessEntries/accessEntry";
import { CachedLookup } from "../../async";
import { AwsAuthError, hasCode } from "../../errors";
import { agentFor } from "../agent";
import { parseClusterArn } from "../clusterInput";
import { authorityOf, type EksRef } from "../clusterRef";
import { type ApiConnection, type Authorization, defaultLimits } from "../http";
import { recordedConfigHint, type Settings } from "../settings";
import { type AwsClients, type AwsIdentity, awsClientsFor, awsIdentityFor, missingProfile } from "./awsClients";
import {
  type AwsStep,
  clusterMissing,
  eksLabel,
  fromAwsError,
  isPassingFailure,
  noProfile,
  otherAccount,
  otherAuthority,
  required,
} from "./awsErrors";

/** In milliseconds. Tokens are valid for 15 minutes; the margin covers clock skew and long requests. */
const tokenLife = 10 * 60_000;

export interface EksCluster {
  readonly authenticationMode: AuthenticationMode;
  readonly account: string;
  readonly partition: string;
  /** The role of the built-in node pools of Auto Mode, as an ARN. */
  readonly nodeRole?: string | undefined;
}

/** The API server of an EKS cluster: looked up once, and called with tokens signed by AWS credentials. */
export class EksConnection implements ApiConnection {
  readonly label: string;
  readonly identity: string;
  readonly credentialsRemedy: string;
  readonly unreachableRemedy: string;
  readonly namespace = "default";
  readonly #ref: EksRef;
  readonly #authority: string | undefined;
  readonly #settings: Settings;
  readonly #awsIdentity: AwsIdentity;
  readonly #described = new CachedLookup<Cluster>();
  readonly #caller = new CachedLookup<string>();
  readonly #server = new CachedLookup<{ readonly endpoint: URL; readonly agent: Authorization["agent"] }>();
  /** The access key of the credentials whose account was verified. */
  #accessKey: string | undefined;
  #token: { readonly text: string; readonly until: number } | undefined;

  /** @param authority the certificate authority that the cluster must have: see {@link authorityOf}. */
  constructor(ref: EksRef, settings: Settings, authority?: string) {
    this.#ref = ref;
    this.#authority = authority;
    this.#settings = settings;
    this.#awsIdentity = awsIdentityFor(ref, settings);
    this.label = eksLabel(ref);
    this.identity = this.#awsIdentity.label;
    this.credentialsRemedy = `use an identity with access to the cluster; if this one has access, ${this.#awsIdentity.remedy} (${recordedConfigHint})`;
    this.unreachableRemedy = `check the network (VPN, proxy), and whether the cluster's endpoint is private or allows your address (${recordedConfigHint})`;
  }

  /** Cluster names are unique only within an account and a region. EKS searches only the account of the credentials. */
  async account(expected: string | undefined, signal: AbortSignal, authority?: string): Promise<string | undefined> {
    const cluster = await this.#describe(signal).catch(async (error: unknown) => {
      throw hasCode(error, "clusterNotFound")
        ? clusterMissing(await this.#ownAccount(signal), expected, this.#ref, this.#awsIdentity)
        : error;
    });
    const actual = parseClusterArn(cluster.arn)?.account;
    if (expected !== undefined && actual !== expected) {
      throw otherAccount(expected, actual ?? "unknown", this.#ref, this.#awsIdentity);
    }
    if (authority !== undefined && authority !== describedAuthority(cluster)) {
      throw otherAuthority("state", this.#ref, this.#awsIdentity);
    }
    return actual;
  }

  /** The cluster's properties. Checks its account if the ref has one. */
  async cluster(signal = AbortSignal.timeout(defaultLimits.read)): Promise<EksCluster> {
    await this.account(this.#ref.account, signal);
    const cluster = await this.#describe(signal);
    const { partition = "aws", account = "" } = parseClusterArn(cluster.arn) ?? {};
    const nodeRole = cluster.computeConfig?.nodeRoleArn;
    // Clusters that predate access entries have no `accessConfig`.
    const authenticationMode = cluster.accessConfig?.authenticationMode ?? "CONFIG_MAP";
    return { authenticationMode, account, partition, nodeRole };
  }

  async assertMapCounts(signal: AbortSignal): Promise<void> {
    const { authenticationMode } = await this.cluster(signal);
    if (authenticationMode === "API") {
      throw new AwsAuthError(
        "configMapIgnored",
        `${this.label} has authentication mode API and ignores kube-system/aws-auth; set authenticationMode of the mapping to API`,
      );
    }
  }

  async endpoint(signal: AbortSignal): Promise<URL> {
    return (await this.#apiServer(signal)).endpoint;
  }

  async authorize(renew: boolean, signal: AbortSignal): Promise<Authorization> {
    const { agent } = await this.#apiServer(signal);
    if (renew || this.#token === undefined || Date.now() >= this.#token.until) {
      const { config } = await this.clients();
      const until = Date.now() + tokenLife;
      const text = await this.ask("credentials", signal, async () => {
        await config.credentials({ forceRefresh: renew });
        return eksToken(await this.clients(), this.#ref.name);
      });
      this.#token = { text, until };
    }
    return { headers: { authorization: `Bearer ${this.#token.text}` }, agent };
  }

  clients(): Promise<AwsClients> {
    return awsClientsFor(this.#ref, this.#awsIdentity, this.#settings);
  }

  async ask<T>(step: AwsStep, signal: AbortSignal, ask: (signal: AbortSignal) => Promise<T>): Promise<T> {
    try {
      return await orAborted(ask(signal), signal);
    } catch (error) {
      if (error instanceof AwsAuthError) {
        throw error;
      }
      const files = step === "credentials" ? await missingProfile(this.#awsIdentity) : undefined;
      const { lastFailure } = await this.clients();
      const said = step !== "credentials" && signal.aborted && isPassingFailure(lastFailure) ? lastFailure : error;
      throw files === undefined
        ? fromAwsError(step, said, this.#ref, this.#awsIdentity)
        : noProfile(files, this.#ref, this.#awsIdentity);
    }
  }

  /**
   * Verifies the account after the credentials changed: calls identify the cluster only by name, and renewed
   * credentials may belong to another account with a cluster of the same name.
   */
  async assertAccount(signal: AbortSignal): Promise<void> {
    const { config } = await this.clients();
    const { accessKeyId } = await config.credentials();
    if (this.#accessKey !== undefined && this.#accessKey !== accessKeyId) {
      const before = parseClusterArn((await this.#describe(signal)).arn);
      const now = parseClusterArn((await this.#lookUp(signal)).arn);
      if (before?.account !== now?.account) {
        throw otherAccount(before?.account ?? "unknown", now?.account ?? "unknown", this.#ref, this.#awsIdentity);
      }
    }
    this.#accessKey = accessKeyId;
  }

  #apiServer(signal: AbortSignal) {
    return this.#server.get(async () => {
      await this.account(this.#ref.account, signal);
      const { certificateAuthority, endpoint: url, status } = await this.#describe(signal);
      if (!url) {
        throw new AwsAuthError(
          "clusterUnreachable",
          `${this.label} has no API server yet (status ${status ?? "unknown"}); wait until the cluster is ACTIVE`,
        );
      }
      const endpoint = new URL(url);
      const ca = certificateAuthority?.data;
      const tls = { ca: ca === undefined ? undefined : Buffer.from(ca, "base64") };
      return { endpoint, agent: await agentFor(tls, this.#settings.env) };
    });
  }

  /** The cluster as EKS describes it. Cached; a failure is retried after some time. */
  #describe(signal: AbortSignal): Promise<Cluster> {
    return this.#described.get(() => this.#lookUp(signal));
  }

  async #lookUp(signal: AbortSignal): Promise<Cluster> {
    const { config, eks } = await this.clients();
    // Resolve the credentials first, since their errors have other remedies than errors from EKS.
    const { accessKeyId } = await this.ask("credentials", signal, () => config.credentials());
    this.#accessKey ??= accessKeyId;
    const cluster = await this.ask("eks:DescribeCluster", signal, async () => {
      const found = required((await eks.describeCluster({ name: this.#ref.name }, { abortSignal: signal })).cluster);
      // Without an account, a later run could not tell the cluster from another one of its name.
      required(parseClusterArn(found.arn));
      return found;
    });
    if (this.#authority !== undefined && this.#authority !== describedAuthority(cluster)) {
      throw otherAuthority("kubeconfig", this.#ref, this.#awsIdentity);
    }
    return cluster;
  }

  /** The account of the credentials, from STS, since the account ID in the credentials is not verified. */
  #ownAccount(signal: AbortSignal): Promise<string> {
    return this.#caller.get(async () => {
      const { config } = await this.clients();
      const { STS } = await import("@aws-sdk/client-sts");
      return this.ask("sts:GetCallerIdentity", signal, async () =>
        required((await new STS(config).getCallerIdentity({}, { abortSignal: signal })).Account),
      );
    });
  }
}

function describedAuthority({ certificateAuthority }: Cluster): string {
  return authorityOf(Buffer.from(certificateAuthority?.data ?? "", "base64").toString("utf8"));
}

/** Credential providers do not accept an abort signal. */
async function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const listener = addAbortListener(signal, () => reject(signal.reason));
  return Promise.race([work, aborted]).finally(() => listener[Symbol.dispose]());
}

/** How long the URL is valid, in seconds. The authenticator accepts tokens for 15 minutes in any case. */
const urlExpiresIn = 60;

/**
 * A bearer token for an EKS cluster's API server: a presigned STS request GetCallerIdentity that identifies the caller. Its host is always
 * the regional endpoint, even if AWS_ENDPOINT_URL_STS is set, since the authenticator accepts no other host.
 */
export async function eksToken(
  { eks, config: { credentials, region } }: Pick<AwsClients, "eks" | "config">,
  clusterName: string,
): Promise<string> {
  // The hostname of EKS follows the same pattern in every partition.
  const { hostname } = eks.config.endpointProvider({ Region: region }).url;
  const host = hostname.replace(/^eks\./, "sts.");
  const signer = new SignatureV4({ credentials, sha256: eks.config.sha256, region, service: "sts" });
  const request = {
    method: "GET",
    protocol: "https:",
    hostname: host,
    path: "/",
    query: { Action: "GetCallerIdentity", Version: "2011-06-15" },
    headers: { host, "x-k8s-aws-id": clusterName },
  };
  const { query } = await signer.presign(request, { expiresIn: urlExpiresIn });
  const url = new URL(`https://${host}/`);
  for (const [key, value] of Object.entries(query ?? {})) {
    url.searchParams.set(key, String(value));
  }
  return `k8s-aws-v1.${Buffer.from(url.href).toString("base64url")}`;
}
