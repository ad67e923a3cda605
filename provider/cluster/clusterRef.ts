import { hash } from "node:crypto";
import { normalize, relative } from "node:path";

/** An EKS cluster, reached through the AWS SDK. */
export interface EksRef {
  readonly kind: "eks";
  readonly name: string;
  readonly region: string;
  /** The account that the cluster is in, where the program, its ARN or a state says so: names are unique in an account only. */
  readonly account?: string | undefined;
  /** The profile that the resource itself names. */
  readonly profile: string | undefined;
  /** The role to assume that the resource itself names. */
  readonly roleArn: string | undefined;
}

/** A cluster that a kubeconfig leads to. */
interface KubeconfigRef {
  readonly kind: "kubeconfig";
  /** Which API server the mapping is on, as {@link serverFingerprint} gives it. */
  readonly server: string;
  /** The kubeconfig that the resource itself names: a path, or the content, which is a secret. */
  readonly kubeconfig: string | undefined;
  /** The context that the resource itself names. */
  readonly context: string | undefined;
}

/** A ConfigMap manifest on disk. */
export interface ManifestRef {
  readonly kind: "manifest";
  /** The path as given. */
  readonly manifest: string;
  /** The same, absolute. */
  readonly path: string;
  /** The same, relative to the program's directory where it lies inside. */
  readonly relativePath: string;
  /** The same, with symbolic links followed. */
  readonly realPath: string;
}

/** Which cluster a mapping is on, and what the resource itself says on how to reach it. */
export type ClusterRef = EksRef | KubeconfigRef | ManifestRef;

/** What is stored of a cluster in a resource's state: its identity, and of the way there only what the program named. */
type ClusterState =
  | {
      readonly name: string;
      readonly region: string;
      readonly account?: string;
      readonly profile?: string;
      readonly roleArn?: string;
    }
  | { readonly server: string; readonly kubeconfig?: string; readonly context?: string }
  | { readonly manifest: string };

/**
 * What two refs have in common when they are the same cluster, however each is reached: account, region and name, the API server, or
 * the real path. Claims, caches and comparisons go by it, and so does every ID.
 */
export function identityOf(ref: ClusterRef): string {
  switch (ref.kind) {
    case "eks":
      return `eks:${[ref.region, ref.account, ref.name].filter((part) => part !== undefined).join("/")}`;
    case "kubeconfig":
      return `server:${ref.server}`;
    case "manifest":
      return `manifest:${ref.realPath}`;
  }
}

/** The identity as the ID of a resource begins with it: of a manifest the path as given, since a state moves between machines. */
export function idOf(ref: ClusterRef): string {
  return ref.kind === "manifest" ? `manifest:${ref.relativePath}` : identityOf(ref);
}

/**
 * Whether two refs are the same cluster. An EKS cluster whose account one of them does not know is the same as the one with it: to
 * write its ARN in the place of its name replaces no mapping, nor does a state of version 0.1.0, which did not keep the account.
 */
export function isSameCluster(a: ClusterRef, b: ClusterRef): boolean {
  const isKnown = accountOf(a) !== undefined && accountOf(b) !== undefined;
  const [left, right] = isKnown ? [a, b] : [withAccount(a, undefined), withAccount(b, undefined)];
  return identityOf(left) === identityOf(right);
}

/** The account that a ref says the cluster is in. */
export function accountOf(ref: ClusterRef): string | undefined {
  return ref.kind === "eks" ? ref.account : undefined;
}

/** The same ref, of a cluster in this account; only EKS clusters are in one. */
export function withAccount(ref: ClusterRef, account: string | undefined): ClusterRef {
  return ref.kind === "eks" ? { ...ref, account } : ref;
}

/** The form of a ref that is stored in a resource's state, and that resolves to the same cluster in any later run. */
export function stateOf(ref: ClusterRef): ClusterState {
  switch (ref.kind) {
    case "eks":
      return {
        name: ref.name,
        region: ref.region,
        ...(ref.account === undefined ? {} : { account: ref.account }),
        ...(ref.profile === undefined ? {} : { profile: ref.profile }),
        ...(ref.roleArn === undefined ? {} : { roleArn: ref.roleArn }),
      };
    case "kubeconfig":
      return {
        server: ref.server,
        ...(ref.kubeconfig === undefined ? {} : { kubeconfig: ref.kubeconfig }),
        ...(ref.context === undefined ? {} : { context: ref.context }),
      };
    case "manifest":
      return { manifest: ref.manifest };
  }
}

/** Tells API servers apart without giving away where they are: endpoints are kept out of the state. 12 hexadecimal digits. */
export function serverFingerprint(server: string): string {
  return hash("sha256", normalServer(server)).slice(0, 12);
}

/** Whether a string can be a {@link serverFingerprint}. */
export function isServerFingerprint(text: string): boolean {
  return /^[0-9a-f]{12}$/.test(text);
}

/** A path that compares equal however it is spelt, and on any machine where it lies inside the program's directory. */
export function comparablePath(path: string, absolute: string, cwd: string): string {
  const inside = relative(cwd, absolute);
  const normal = inside === "" || inside.startsWith(".") ? normalize(path) : inside;
  return normal.replaceAll("\\", "/");
}

/** Case of the host, a default port, a trailing slash: different texts, one server. */
function normalServer(server: string): string {
  if (!URL.canParse(server)) {
    return server;
  }
  const url = new URL(server);
  return `${url.protocol}//${url.host}${url.pathname.replace(/\/+$/, "")}`;
}
