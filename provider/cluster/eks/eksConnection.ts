import type { Cluster, EKSClient } from "@aws-sdk/client-eks";
import { AwsAuthError } from "../../errors";
import type { ApiConnection, Authorization } from "../kubernetes/connection";
import { agentFor } from "../network/agent";
import type { EksRef } from "../ref/clusterRef";
import { recordedConfigHint, type Settings } from "../settings";
import { quoted } from "../text";
import { accountInArn, otherAccount, unknownAccount } from "./accountFaults";
import { type AwsStep, awsFault } from "./awsFaults";
import { type AwsIdentity, awsIdentityFor } from "./awsIdentity";
import { callerAccount } from "./callerAccount";
import { eksClientFor } from "./eksClient";
import { eksToken } from "./token";

/** Tokens are good for 15 minutes; the rest of that is for a slow clock and a long request. In milliseconds. */
const tokenLife = 10 * 60_000;

interface Described {
  readonly endpoint: URL;
  readonly agent: Authorization["agent"];
}

/** The API server of an EKS cluster: looked up once, and reached with tokens that AWS credentials sign. */
export class EksConnection implements ApiConnection {
  readonly label: string;
  readonly identity: string;
  readonly warnings: readonly string[] = [];
  readonly credentialsRemedy: string;
  readonly unreachableRemedy: string;
  readonly #ref: EksRef;
  readonly #settings: Settings;
  readonly #awsIdentity: AwsIdentity;
  #described: Promise<Described> | undefined;
  #token: { readonly text: string; readonly until: number } | undefined;

  constructor(ref: EksRef, settings: Settings) {
    this.#ref = ref;
    this.#settings = settings;
    this.#awsIdentity = awsIdentityFor(ref, settings);
    this.label = `EKS cluster ${quoted(ref.name)} (${ref.region})`;
    this.identity = this.#awsIdentity.label;
    this.credentialsRemedy = `use the identity that made the cluster, or one that it maps or has an access entry for, and if this is one, its AWS credentials may have expired: ${this.#awsIdentity.remedy} (${recordedConfigHint})`;
    this.unreachableRemedy = `check the network (VPN, proxy), and whether the cluster's endpoint is private or allows your address (${recordedConfigHint})`;
  }

  async endpoint(signal: AbortSignal): Promise<URL> {
    return (await this.#describe(signal)).endpoint;
  }

  async authorize(renew: boolean, signal: AbortSignal): Promise<Authorization> {
    const { agent } = await this.#describe(signal);
    if (renew || this.#token === undefined || Date.now() >= this.#token.until) {
      const client = await this.#eksClient();
      const until = Date.now() + tokenLife;
      const text = await this.#ask("credentials", signal, async () => {
        await client.config.credentials({ forceRefresh: renew });
        return eksToken(client, this.#ref.name, this.#ref.region);
      });
      this.#token = { text, until };
    }
    return { headers: { authorization: `Bearer ${this.#token.text}` }, agent };
  }

  #eksClient(): Promise<EKSClient> {
    return eksClientFor(this.#ref, this.#awsIdentity, this.#settings);
  }

  /** Asked once; a failure is not kept, since the next try may find better. */
  #describe(signal: AbortSignal): Promise<Described> {
    this.#described ??= this.#lookUp(signal).catch((error: unknown) => {
      this.#described = undefined;
      throw error;
    });
    return this.#described;
  }

  async #lookUp(signal: AbortSignal): Promise<Described> {
    const client = await this.#eksClient();
    // Before the call, since what goes wrong here has other remedies than what EKS answers.
    await this.#ask("credentials", signal, () => client.config.credentials());
    const cluster = await this.#findCluster(client, signal);
    const { endpoint, ca } = usable(cluster, this.label);
    const tls = { rejectUnauthorized: true, ...(ca === undefined ? {} : { ca: Buffer.from(ca, "base64") }) };
    return { endpoint, agent: await agentFor(endpoint, tls, undefined, this.#settings.env) };
  }

  /** EKS looks among the clusters of the credentials' own account alone, and another account may have one of this name. */
  async #findCluster(client: EKSClient, signal: AbortSignal): Promise<Cluster | undefined> {
    const { DescribeClusterCommand } = await import("@aws-sdk/client-eks");
    try {
      const { cluster } = await this.#ask("describe", signal, () =>
        client.send(new DescribeClusterCommand({ name: this.#ref.name }), { abortSignal: signal }),
      );
      await this.#assertAccount(accountInArn(cluster?.arn), client, signal);
      return cluster;
    } catch (error) {
      if (error instanceof AwsAuthError && error.code === "clusterNotFound") {
        // "Not found" makes mappings count as gone, which is true only if the right account was asked.
        await this.#assertAccount(undefined, client, signal);
      }
      throw error;
    }
  }

  /** @param found the account that was asked, where the answer says it; else STS is asked. */
  async #assertAccount(found: string | undefined, client: EKSClient, signal: AbortSignal): Promise<void> {
    const { account: expected, region } = this.#ref;
    if (expected === undefined) {
      return;
    }
    const actual =
      found ??
      (await callerAccount(client, region, this.#settings, signal).catch((error: unknown) => {
        throw unknownAccount(expected, error, this.label, this.#awsIdentity);
      }));
    if (actual !== expected) {
      throw otherAccount(expected, actual, this.label, this.#awsIdentity);
    }
  }

  async #ask<T>(step: AwsStep, signal: AbortSignal, ask: () => Promise<T>): Promise<T> {
    try {
      return await orAborted(ask(), signal);
    } catch (error) {
      throw awsFault(step, error, this.label, this.#ref, this.#awsIdentity);
    }
  }
}

function usable(cluster: Cluster | undefined, label: string): { endpoint: URL; ca: string | undefined } {
  if (cluster?.accessConfig?.authenticationMode === "API") {
    throw new AwsAuthError(
      "configMapIgnored",
      `${label} has authentication mode API, which AWS does not let you leave, and ignores kube-system/aws-auth; make EKS access entries (aws.eks.AccessEntry) in the place of identity mappings`,
    );
  }
  if (!cluster?.endpoint) {
    throw new AwsAuthError(
      "clusterUnreachable",
      `${label} has no API server yet, its status is ${cluster?.status ?? "unknown"}; wait until it is ACTIVE`,
    );
  }
  return { endpoint: new URL(cluster.endpoint), ca: cluster.certificateAuthority?.data };
}

/** Credential providers take no signal of ours. */
async function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  let onAbort = () => {};
  const aborted = new Promise<never>((_resolve, reject) => {
    onAbort = () => reject(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
  });
  return Promise.race([work, aborted]).finally(() => signal.removeEventListener("abort", onAbort));
}
