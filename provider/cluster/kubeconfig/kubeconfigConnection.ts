import { AwsAuthError } from "../../errors";
import { errorCode, quoted } from "../../text/text";
import { describeReadFailure, readSmallFile } from "../../yaml/textFile";
import { agentFor, type TlsOptions } from "../agent";
import type { ApiConnection, Authorization } from "../http";
import { recordedConfigHint, type Settings } from "../settings";
import { type ExecCredential, runExecPlugin } from "./execPlugin";
import type { KubeTarget } from "./kubeconfig";

/** How long to keep credentials of a file, in milliseconds. */
const rereadAfter = 60_000;

/** Credentials that expire within this time, in milliseconds, are renewed before use. */
const expiryMargin = 30_000;

interface KeptAuthorization {
  readonly authorization: Authorization;
  /** When it has to be renewed, in milliseconds since the epoch. */
  readonly until: number;
}

/** An API server that a kubeconfig names. */
export class KubeconfigConnection implements ApiConnection {
  readonly label: string;
  readonly identity: string;
  readonly warnings: readonly string[];
  readonly credentialsRemedy: string;
  readonly unreachableRemedy: string;
  readonly namespace: string;
  readonly #target: KubeTarget;
  readonly #settings: Settings;
  #kept: Promise<KeptAuthorization> | undefined;
  #renewal: Promise<KeptAuthorization> | undefined;

  constructor(target: KubeTarget, settings: Settings) {
    const { cluster, context, kubeconfig, namespace, user } = target;
    this.#target = target;
    this.#settings = settings;
    this.label = `the cluster of context ${quoted(context)}`;
    this.identity = user?.label ?? `no user of ${kubeconfig}`;
    this.namespace = namespace ?? "default";
    this.credentialsRemedy = `renew that user's credentials, or set AWS_AUTH_KUBECONFIG or AWS_AUTH_CONTEXT (${recordedConfigHint})`;
    this.unreachableRemedy = `check the network (VPN, proxy, allowed addresses), or set AWS_AUTH_KUBECONFIG or AWS_AUTH_CONTEXT (${recordedConfigHint})`;
    this.warnings = cluster.insecureSkipTlsVerify
      ? [
          `the API server of context ${quoted(context)} is not verified, since ${kubeconfig} has insecure-skip-tls-verify: anyone on the network path can read the credentials; give certificate-authority-data instead`,
        ]
      : [];
  }

  async account(): Promise<undefined> {}

  /** Only EKS tells. */
  async assertMapCounts(): Promise<void> {}

  async endpoint(): Promise<URL> {
    return new URL(this.#target.cluster.server);
  }

  async authorize(renew: boolean): Promise<Authorization> {
    const kept = renew ? undefined : await this.#kept?.catch(() => undefined);
    if (kept === undefined || Date.now() >= kept.until) {
      // Many requests may need new credentials at once.
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
    const credential = user?.exec && (await runExecPlugin(user.exec, user.label, await this.#execCluster()));
    const token = credential?.token ?? user?.token ?? (await this.#tokenInFile());
    if (token !== undefined && !/^[\t\x20-\x7e]+$/.test(token)) {
      throw new AwsAuthError(
        "invalidKubeconfig",
        `the token of ${this.identity} is empty, or contains a line break; correct it`,
      );
    }
    const agent = await agentFor(
      await this.endpoint(),
      await this.#tlsOptions(credential),
      this.#settings.env,
      cluster.proxyUrl,
    );
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    // Other programs renew token files. Without an expiry, the credential of a plugin is valid for the whole run.
    const lasts = user?.exec === undefined ? Date.now() + rereadAfter : Number.POSITIVE_INFINITY;
    const until = credential?.expires === undefined ? lasts : credential.expires - expiryMargin;
    return { authorization: { headers, agent }, until };
  }

  async #execCluster() {
    const { cluster } = this.#target;
    return { ...cluster, caData: cluster.caData ?? (await this.#file(cluster.caFile)) };
  }

  async #tokenInFile(): Promise<string | undefined> {
    return (await this.#file(this.#target.user?.tokenFile))?.toString("utf8").trim();
  }

  async #tlsOptions(credential: ExecCredential | undefined): Promise<TlsOptions> {
    const { cluster, user } = this.#target;
    const ca = cluster.caData ?? (await this.#file(cluster.caFile));
    const cert = credential?.cert ?? user?.certData ?? (await this.#file(user?.certFile));
    const key = credential?.key ?? user?.keyData ?? (await this.#file(user?.keyFile));
    return {
      rejectUnauthorized: !cluster.insecureSkipTlsVerify,
      ...(ca !== undefined && { ca }),
      ...(cert !== undefined && { cert }),
      ...(key !== undefined && { key }),
      ...(cluster.tlsServerName !== undefined && { servername: cluster.tlsServerName }),
    };
  }

  async #file(path: string | undefined): Promise<Buffer | undefined> {
    try {
      return path === undefined ? undefined : await readSmallFile(path);
    } catch (error) {
      const reason = describeReadFailure(errorCode(error)) ?? errorCode(error);
      throw new AwsAuthError(
        "invalidKubeconfig",
        `${this.#target.kubeconfig} names file ${quoted(path)}, which cannot be read (${reason}); correct the path`,
      );
    }
  }
}
