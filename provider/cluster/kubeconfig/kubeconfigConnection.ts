import { AwsAuthError, asAwsAuthError, extended, hasCode } from "../../errors";
import { listOf, textOf } from "../../text/fields";
import { quoted } from "../../text/text";
import { agentFor } from "../agent";
import type { EksConnection } from "../eks/eksConnection";
import type { ApiConnection, Authorization } from "../http";
import { getObject } from "../kubernetes/objects";
import { recordedConfigHint, type Settings, withoutConfigHint } from "../settings";
import { isEksServer } from "./eksPlugin";
import { runExecPlugin } from "./execPlugin";
import { readNamedFile } from "./item";
import type { KubeTarget } from "./kubeconfig";

/** Credentials that expire within this time, in milliseconds, are renewed before use. */
const expiryMargin = 30_000;

interface KeptAuthorization {
  readonly authorization: Authorization;
  /** When it must be renewed, in milliseconds since the epoch. */
  readonly until: number;
}

export class KubeconfigConnection implements ApiConnection {
  readonly label: string;
  readonly identity: string;
  readonly credentialsRemedy: string;
  readonly unreachableRemedy: string;
  readonly namespace: string;
  readonly #target: KubeTarget;
  readonly #settings: Settings;
  readonly #eks: EksConnection | undefined;
  #refusal: Promise<AwsAuthError | undefined> | undefined;
  #hidden: Promise<string | undefined> | undefined;
  #kept: Promise<KeptAuthorization> | undefined;
  #renewal: Promise<KeptAuthorization> | undefined;

  /** @param eks the EKS cluster for which the kubeconfig was made. */
  constructor(target: KubeTarget, settings: Settings, eks?: EksConnection) {
    const { context, kubeconfig, namespace, user } = target;
    this.#target = target;
    this.#settings = settings;
    this.#eks = eks;
    this.label = `the cluster of context ${quoted(context)}`;
    this.identity = user?.label ?? `an anonymous user (the context of ${kubeconfig} has no user)`;
    this.namespace = namespace ?? "default";
    this.credentialsRemedy = `renew that user's credentials, or set AWS_AUTH_KUBECONFIG or AWS_AUTH_CONTEXT (${recordedConfigHint})`;
    this.unreachableRemedy = `check the network (VPN, proxy, allowed addresses), or set AWS_AUTH_KUBECONFIG or AWS_AUTH_CONTEXT (${recordedConfigHint})`;
  }

  /** Without a response from EKS, the expected account, if the certificate authority identifies the cluster. */
  async account(expected: string | undefined, signal: AbortSignal, authority?: string): Promise<string | undefined> {
    const refusal = await this.#refusalOfEks();
    // If EKS does not find it, the cluster may be gone from its account.
    const isAsked = refusal === undefined || (expected !== undefined && hasCode(refusal, "clusterNotFound"));
    if (!isAsked && expected !== undefined && authority === undefined) {
      const clause = `without it, ${this.label} cannot be compared with the one of this mapping, in account ${expected}`;
      throw extended(refusal, clause, "clusterChanged");
    }
    return isAsked ? this.#eks?.account(expected, signal, authority) : expected;
  }

  /** Only EKS reports whether the map is read. */
  async assertMapCounts(signal: AbortSignal): Promise<void> {
    await (await this.described())?.assertMapCounts(signal);
  }

  /** Why the cluster may have access entries that cannot be read, as a clause. */
  hiddenEntries(): Promise<string | undefined> {
    this.#hidden ??= this.#findHidden();
    return this.#hidden;
  }

  /** The EKS cluster, if EKS describes it. */
  async described(): Promise<EksConnection | undefined> {
    return (await this.#refusalOfEks()) === undefined ? this.#eks : undefined;
  }

  async #findHidden(): Promise<string | undefined> {
    const refusal = await this.#refusalOfEks();
    if (this.#eks !== undefined && refusal?.code !== "clusterNotFound") {
      return refusal?.message;
    }
    // aws-iam-authenticator also gets tokens for clusters outside of EKS.
    const hidden = await hiddenEntriesOf(this, isEksServer(this.#target));
    return hidden && (refusal?.message ?? hidden);
  }

  /** Why EKS does not describe the cluster. Asked once. @throws AwsAuthError `clusterChanged` if it describes another one. */
  #refusalOfEks(): Promise<AwsAuthError | undefined> {
    this.#refusal ??= Promise.resolve(this.#eks?.cluster()).then(
      () => undefined,
      (error: unknown) => {
        if (hasCode(error, "clusterChanged")) {
          throw error;
        }
        return asAwsAuthError(error);
      },
    );
    return this.#refusal;
  }

  async endpoint(): Promise<URL> {
    return new URL(this.#target.cluster.server);
  }

  async authorize(renew: boolean): Promise<Authorization> {
    const kept = renew ? undefined : await this.#kept?.catch(() => undefined);
    if (kept === undefined || Date.now() >= kept.until) {
      // Concurrent requests share one renewal.
      this.#renewal ??= this.#renew().finally(() => {
        this.#renewal = undefined;
      });
      this.#kept = this.#renewal;
      return (await this.#renewal).authorization;
    }
    return kept.authorization;
  }

  async #renew(): Promise<KeptAuthorization> {
    const { cluster, user } = this.#target;
    const credential = user?.exec && (await runExecPlugin(user.exec, user.label));
    // Also read again after a 401, since other programs renew such files.
    const inFile = () => user?.tokenFile && readNamedFile(user.tokenFile, user.label).toString("utf8").trim();
    const token = credential?.token ?? user?.token ?? inFile();
    if (token !== undefined && !/^[\t\x20-\x7e]+$/.test(token)) {
      const problem = `the token of ${this.identity} is empty, or contains a line break; correct it`;
      throw new AwsAuthError("invalidKubeconfig", problem);
    }
    const [cert, key] = [credential?.cert ?? user?.cert, credential?.key ?? user?.key];
    const tls = { ca: cluster.ca, cert, key, servername: cluster.tlsServerName };
    const agent = await agentFor(tls, this.#settings.env, cluster.proxyUrl);
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const until = (credential?.expires ?? Number.POSITIVE_INFINITY) - expiryMargin;
    return { authorization: { headers, agent }, until };
  }
}

/** Why an API server may be that of an EKS cluster without a name, as a clause with the remedy; undefined for any other cluster. */
async function hiddenEntriesOf(connection: ApiConnection, isEks: boolean): Promise<string | undefined> {
  const because = (cause: string) => `${withoutConfigHint(cause)}; set --cluster, or cluster in the program`;
  const unnamed = because("the kubeconfig does not contain the name of its EKS cluster");
  if (isEks) {
    return unnamed;
  }
  const maybe = (cause: string) => because(`the server may belong to EKS: ${cause}`);
  const discovery = await getObject(connection, "/apis");
  if (!("body" in discovery)) {
    return maybe(`reading its API groups ${discovery.failure}`);
  }
  const groups = listOf(discovery.body["groups"]).map(({ name }) => name);
  if (groups.includes("metrics.eks.amazonaws.com")) {
    return unnamed;
  }
  if (groups.includes("anywhere.eks.amazonaws.com")) {
    return undefined;
  }
  const version = await getObject(connection, "/version");
  if (!("body" in version)) {
    return maybe(`reading its version ${version.failure}`);
  }
  const text = textOf(version.body["gitVersion"]);
  // EKS Distro has such versions too.
  return text.includes("-eks-") ? maybe(`its version is ${text}`) : undefined;
}
