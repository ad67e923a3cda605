import type { OutgoingHttpHeaders } from "node:http";
import { loadOptionalPackage } from "../../engine/optionalPackage";
import { AwsAuthError } from "../../errors";
import { errorCode, quoted, redact } from "../../text/text";
import { describeFileRefusal, readSmallFile } from "../../textFile";
import { agentFor, type TlsOptions } from "../agent";
import type { ApiConnection, Authorization } from "../request";
import { recordedConfigHint, type Settings } from "../settings";
import { SharedRun } from "../sharedRun";
import { type ExecCredential, runExecPlugin } from "./execPlugin";
import { clusterFault, proxyIn, userFault } from "./faults";
import type { ExecPlugin, KubeTarget, KubeUser } from "./kubeconfig";

/**
 * The headers for a user with an `auth-provider`: OIDC, which EKS and kubectl still support, or an older provider of another cloud.
 *
 * @param needs what needs the package, for the error.
 * @throws AwsAuthError `missingPackage`.
 */
async function authProviderHeaders(
  { cluster, user, context }: KubeTarget,
  needs: string,
  directory: string,
): Promise<OutgoingHttpHeaders> {
  const KubeConfig = loadKubeConfig(directory);
  if (KubeConfig === undefined) {
    throw new AwsAuthError(
      "missingPackage",
      `${needs} needs the package ${clientPackage}, 1.0 or newer, which is not installed; run "npm install ${clientPackage}@latest" in ${directory}, or give the user an exec plugin in place of the auth-provider`,
    );
  }
  const kubeconfig = new KubeConfig();
  kubeconfig.loadFromString(
    JSON.stringify({
      clusters: [{ name: cluster.name, cluster: { server: cluster.server, "insecure-skip-tls-verify": true } }],
      users: [{ name: user?.name, user: { "auth-provider": user?.authProvider } }],
      contexts: [{ name: context, context: { cluster: cluster.name, user: user?.name } }],
      "current-context": context,
    }),
  );
  const options: { headers?: OutgoingHttpHeaders } = {};
  await kubeconfig.applyToHTTPSOptions(options);
  return options.headers ?? {};
}

/** An optional peer dependency, since it is three times as large as all other dependencies and few kubeconfigs need it. */
const clientPackage = "@kubernetes/client-node";

type KubernetesClient = typeof import("@kubernetes/client-node", { with: { "resolution-mode": "import" }});

/** The package's KubeConfig class; undefined if the package is missing or older than 1.0, which lacks the method. */
function loadKubeConfig(directory: string): KubernetesClient["KubeConfig"] | undefined {
  const client: KubernetesClient | undefined = loadOptionalPackage(clientPackage, directory);
  return client !== undefined && "applyToHTTPSOptions" in client.KubeConfig.prototype ? client.KubeConfig : undefined;
}

/** How long to keep credentials that have no expiry, in milliseconds, since other programs renew token files. */
const rereadAfter = 60_000;

/** A token that expires within this time, in milliseconds, is renewed before use. */
const expiryMargin = 30_000;

export class KubeconfigConnection implements ApiConnection {
  readonly label: string;
  readonly identity: string;
  readonly warnings: readonly string[];
  readonly credentialsRemedy: string;
  readonly unreachableRemedy: string;
  readonly namespace: string;
  readonly serverName: string | undefined;
  readonly #target: KubeTarget;
  readonly #settings: Settings;
  #kept: { readonly authorization: Authorization; readonly until: number } | undefined;
  readonly #renewal = new SharedRun<Authorization>();
  #agent: { readonly key: string; readonly agent: Authorization["agent"] } | undefined;

  constructor(target: KubeTarget, settings: Settings) {
    this.#target = target;
    this.#settings = settings;
    const user = target.user === undefined ? "no user" : `user ${quoted(target.user.name)}`;
    this.label = `the cluster of context ${quoted(target.context)}`;
    this.identity = `${user} of ${target.kubeconfig}`;
    this.warnings = [...(target.instead === undefined ? [] : [target.instead]), ...warningsOf(target)];
    this.namespace = target.namespace ?? "default";
    this.serverName = target.cluster.tlsServerName;
    this.credentialsRemedy = `renew that user's credentials, or set AWS_AUTH_KUBECONFIG or AWS_AUTH_CONTEXT to ones that work (${recordedConfigHint})`;
    this.unreachableRemedy = `check the network (VPN, proxy, allowed addresses), or set AWS_AUTH_KUBECONFIG or AWS_AUTH_CONTEXT to a way that works (${recordedConfigHint})`;
  }

  async account(): Promise<undefined> {}

  /** Only EKS tells. */
  async assertMapCounts(): Promise<void> {}

  async endpoint(): Promise<URL> {
    const { server } = this.#target.cluster;
    const url = URL.canParse(server) ? new URL(server) : undefined;
    if (url === undefined || (url.protocol !== "https:" && url.protocol !== "http:")) {
      throw new AwsAuthError(
        "invalidKubeconfig",
        `cluster ${quoted(this.#target.cluster.name)} of ${this.#target.kubeconfig} has a server that is not an http or https URL; correct it`,
      );
    }
    return url;
  }

  async authorize(renew: boolean, signal: AbortSignal): Promise<Authorization> {
    if (!this.#renewal.isRunning && !renew && this.#kept !== undefined && Date.now() < this.#kept.until) {
      return this.#kept.authorization;
    }
    // Many requests may need new credentials at once.
    return this.#renewal.join(signal, (end) => this.#renew(end));
  }

  async #renew(signal: AbortSignal): Promise<Authorization> {
    this.#assertUsable();
    const { user } = this.#target;
    const token = user === undefined ? undefined : await this.#tokenOf(user);
    // As in client-go, a plugin runs only where there are no other credentials.
    const hasOwn = (token ?? user?.username ?? user?.certData ?? user?.certFile) !== undefined;
    const plugin = hasOwn ? undefined : user?.exec;
    const credential = plugin === undefined ? undefined : await this.#runPlugin(plugin, signal);
    const headers = {
      ...(user === undefined ? {} : await this.#headersOf(user, token ?? credential?.token)),
      ...impersonationHeaders(user?.impersonate),
    };
    const agent = await this.#agentWith(await this.#tlsOptions(user, credential));
    const until =
      plugin === undefined
        ? Date.now() + rereadAfter
        : (credential?.expires ?? Number.POSITIVE_INFINITY) - expiryMargin;
    this.#kept = { authorization: { headers, agent }, until };
    return this.#kept.authorization;
  }

  #assertUsable(): void {
    const { cluster, user, kubeconfig } = this.#target;
    const faults = [
      [`cluster ${quoted(cluster.name)}`, clusterFault(cluster)],
      [`user ${quoted(user?.name)}`, user && userFault(user)],
    ];
    for (const [what, fault] of faults) {
      if (fault !== undefined) {
        throw new AwsAuthError("invalidKubeconfig", `${what} of ${kubeconfig} ${fault}`);
      }
    }
  }

  async #runPlugin(plugin: ExecPlugin, signal: AbortSignal): Promise<ExecCredential> {
    const { cluster } = this.#target;
    const ca = plugin.provideClusterInfo ? await this.#pem(cluster.caData, cluster.caFile) : undefined;
    return runExecPlugin(plugin, this.identity, { ...cluster, caData: ca?.toString("base64") }, signal);
  }

  /** A token file takes precedence over a token, as in client-go, which keeps the token where the file cannot be read. */
  async #tokenOf({ token, tokenFile }: KubeUser): Promise<string | undefined> {
    if (tokenFile === undefined) {
      return token;
    }
    const content = this.#file(tokenFile).then((text) => text.toString("utf8").trim());
    const read = token === undefined ? await content : await content.catch(() => "");
    if (read === "" && token === undefined) {
      throw new AwsAuthError(
        "invalidKubeconfig",
        `${this.identity} names token file ${quoted(tokenFile)}, which is empty; ${this.credentialsRemedy}`,
      );
    }
    return read || token;
  }

  async #headersOf(user: KubeUser, token: string | undefined): Promise<OutgoingHttpHeaders> {
    if (token !== undefined) {
      if (!/^[\t\x20-\x7e]*$/.test(token)) {
        throw new AwsAuthError(
          "invalidKubeconfig",
          `the token of ${this.identity} has a line break or another character that no token has; correct it`,
        );
      }
      return { authorization: `Bearer ${token}` };
    }
    if (user.username !== undefined) {
      const basic = Buffer.from(`${user.username}:${user.password ?? ""}`).toString("base64");
      return { authorization: `Basic ${basic}` };
    }
    if (user.authProvider === undefined) {
      return {};
    }
    try {
      const needs = `the auth-provider of ${this.identity}`;
      return await authProviderHeaders(this.#target, needs, this.#settings.cwd);
    } catch (error) {
      if (error instanceof AwsAuthError) {
        throw error;
      }
      const said = error instanceof Error ? redact(error.message) : "";
      throw new AwsAuthError(
        "credentials",
        `${this.identity} gets no credentials from its auth-provider (${said}); ${this.credentialsRemedy}`,
        { cause: error },
      );
    }
  }

  async #tlsOptions(user: KubeUser | undefined, credential: ExecCredential | undefined): Promise<TlsOptions> {
    const { cluster } = this.#target;
    const ca = cluster.insecureSkipTlsVerify ? undefined : await this.#pem(cluster.caData, cluster.caFile);
    const cert = credential?.cert ?? (await this.#pem(user?.certData, user?.certFile));
    const key = cert === undefined ? undefined : (credential?.key ?? (await this.#pem(user?.keyData, user?.keyFile)));
    return {
      rejectUnauthorized: !cluster.insecureSkipTlsVerify,
      ...(ca === undefined ? {} : { ca }),
      ...(cert === undefined ? {} : { cert }),
      ...(key === undefined ? {} : { key }),
      ...(cluster.tlsServerName === undefined ? {} : { servername: cluster.tlsServerName }),
    };
  }

  async #agentWith(tls: TlsOptions): Promise<Authorization["agent"]> {
    const key = JSON.stringify(tls);
    if (this.#agent?.key !== key) {
      const { proxyUrl } = this.#target.cluster;
      const proxy = proxyUrl === undefined ? undefined : proxyIn(proxyUrl);
      const agent = agentFor(await this.endpoint(), tls, this.#settings.env, proxy);
      this.#agent = { key, agent };
    }
    return this.#agent.agent;
  }

  async #pem(data: string | undefined, file: string | undefined): Promise<Buffer | undefined> {
    if (data !== undefined) {
      return Buffer.from(data, "base64");
    }
    return file === undefined ? undefined : this.#file(file);
  }

  async #file(path: string): Promise<Buffer> {
    try {
      return await readSmallFile(path);
    } catch (error) {
      const code = errorCode(error);
      throw new AwsAuthError(
        "invalidKubeconfig",
        `${this.#target.kubeconfig} names file ${quoted(path)}, which cannot be read (${describeFileRefusal(code) ?? code}); ${this.credentialsRemedy}`,
        { cause: error },
      );
    }
  }
}

function warningsOf(target: KubeTarget): string[] {
  const { cluster, context, kubeconfig } = target;
  if (URL.canParse(cluster.server) && new URL(cluster.server).protocol === "http:") {
    return [`context ${quoted(context)} of ${kubeconfig} reaches its API server without encryption (http)`];
  }
  return cluster.insecureSkipTlsVerify
    ? [
        `the API server of context ${quoted(context)} is not verified, since ${kubeconfig} says insecure-skip-tls-verify: anybody on the network path can read the credentials and write to aws-auth; give certificate-authority-data instead`,
      ]
    : [];
}

function impersonationHeaders(impersonate: KubeUser["impersonate"]): OutgoingHttpHeaders {
  if (impersonate === undefined) {
    return {};
  }
  const extra = impersonate.extra.map(({ key, values }) => [`impersonate-extra-${encodeURIComponent(key)}`, values]);
  return {
    "impersonate-user": impersonate.user,
    ...(impersonate.uid === undefined ? {} : { "impersonate-uid": impersonate.uid }),
    ...(impersonate.groups.length === 0 ? {} : { "impersonate-group": impersonate.groups }),
    ...Object.fromEntries(extra),
  };
}
