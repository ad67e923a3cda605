export interface KubeCluster {
  readonly name: string;
  readonly server: string;
  /** The `serverFingerprint` of its API server, computed once, since every resource compares it. */
  readonly fingerprint: string;
  /** Base64 of PEM certificates. */
  readonly caData: string | undefined;
  /** Absolute path of PEM certificates. */
  readonly caFile: string | undefined;
  readonly insecureSkipTlsVerify: boolean;
  readonly tlsServerName: string | undefined;
  readonly proxyUrl: string | undefined;
  readonly disableCompression: boolean;
  /** What a credential plugin is told about this cluster: its extension `client.authentication.k8s.io/exec`. */
  readonly execConfig: unknown;
}

/** A user of a kubeconfig: the credentials for the API server. Everything but the name is secret. */
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
  /** The deprecated way to get credentials, which `@kubernetes/client-node` supports. */
  readonly authProvider: Readonly<Record<string, unknown>> | undefined;
}

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
