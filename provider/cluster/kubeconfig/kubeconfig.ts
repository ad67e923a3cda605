/** A cluster of a kubeconfig: how its API server is reached. */
export interface KubeCluster {
  readonly name: string;
  readonly server: string;
  /** Base64 of PEM certificates. */
  readonly caData: string | undefined;
  /** Absolute path of PEM certificates. */
  readonly caFile: string | undefined;
  readonly insecureSkipTlsVerify: boolean;
  readonly tlsServerName: string | undefined;
  readonly proxyUrl: string | undefined;
}

/** A user of a kubeconfig: what the API server is shown. All of it is secret but the name. */
export interface KubeUser {
  readonly name: string;
  readonly certData: string | undefined;
  readonly certFile: string | undefined;
  readonly keyData: string | undefined;
  readonly keyFile: string | undefined;
  readonly token: string | undefined;
  readonly tokenFile: string | undefined;
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly impersonate: Impersonation | undefined;
  readonly exec: ExecPlugin | undefined;
  /** The older way to get credentials, which `@kubernetes/client-node` knows. */
  readonly authProvider: Readonly<Record<string, unknown>> | undefined;
}

/** Whom the API server is to take the user for. */
export interface Impersonation {
  readonly user: string;
  readonly uid: string | undefined;
  readonly groups: readonly string[];
  readonly extra: Readonly<Record<string, readonly string[]>>;
}

/** A program that prints credentials, such as `aws eks get-token`. */
export interface ExecPlugin {
  readonly apiVersion: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly installHint: string | undefined;
  readonly provideClusterInfo: boolean;
  readonly interactiveMode: string | undefined;
}

/** A context of a kubeconfig: a cluster together with a user. */
export interface KubeContext {
  readonly name: string;
  readonly cluster: string;
  readonly user: string | undefined;
}

/** One kubeconfig, or several merged as kubectl merges them. */
export interface Kubeconfig {
  /** Names it in messages, for example `kubeconfig "/home/me/.kube/config"`. */
  readonly label: string;
  readonly clusters: ReadonlyMap<string, KubeCluster>;
  readonly users: ReadonlyMap<string, KubeUser>;
  readonly contexts: ReadonlyMap<string, KubeContext>;
  readonly currentContext: string | undefined;
}

/** Where a context of a kubeconfig leads. */
export interface KubeTarget {
  /** The kubeconfig's label. */
  readonly kubeconfig: string;
  readonly context: string;
  readonly cluster: KubeCluster;
  readonly user: KubeUser | undefined;
}
