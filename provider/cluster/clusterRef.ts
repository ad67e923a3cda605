import { withoutUnset } from "../text/fields";

export interface EksRef {
  readonly kind: "eks";
  readonly name: string;
  readonly region: string;
  /**
   * The cluster's account, if the program, the ARN or the state has it. Cluster names are unique only within an account
   * and region.
   */
  readonly account?: string | undefined;
  readonly profile: string | undefined;
  readonly roleArn: string | undefined;
}

export interface KubeconfigRef {
  readonly kind: "kubeconfig";
  /** Identifies the API server: a fingerprint of its URL, its certificate authority and other connection settings. */
  readonly server: string;
  /** A path, or the content, which is a secret. */
  readonly kubeconfig: string | undefined;
  readonly context: string | undefined;
}

export interface ManifestRef {
  readonly kind: "manifest";
  readonly manifest: string;
  readonly path: string;
  /** The path relative to the program's directory, if it is inside it. */
  readonly relativePath: string;
  readonly realPath: string;
}

/** The cluster of a mapping, with the connection settings of the resource itself. */
export type ClusterRef = EksRef | KubeconfigRef | ManifestRef;

/** The cluster as a resource's state stores it: its identity, and the connection settings of the program. */
type ClusterState = Readonly<Record<string, string>>;

/**
 * The identity of a cluster, independent of the connection: account, region and name, or the API server, or the real
 * path. Claims, caches, comparisons and IDs use it.
 */
export function clusterIdentity(ref: ClusterRef): string {
  switch (ref.kind) {
    case "eks":
      return `eks:${[ref.region, ref.account, ref.name].filter((part) => part !== undefined).join("/")}`;
    case "kubeconfig":
      return `server:${ref.server}`;
    case "manifest":
      return `manifest:${ref.realPath}`;
  }
}

/** The identity as the prefix of a resource's ID. For a manifest this is the given path, since states move between machines. */
export function idOf(ref: ClusterRef): string {
  return ref.kind === "manifest" ? `manifest:${ref.relativePath}` : clusterIdentity(ref);
}

/**
 * Parses the ID of a resource or an import: a cluster as {@link idOf} writes it, a slash, and the ARN or account, or
 * only the latter. Undefined for any other text.
 */
export function parseId(id: string) {
  const [, place, subject] = /^(?:((?!arn:).+?)\/)?(arn:[^:]*:iam::.*|\d{12})$/s.exec(id) ?? [];
  const cluster = place === undefined ? undefined : clusterStateIn(place);
  const isUnknown = subject === undefined || (place !== undefined && cluster === undefined);
  return isUnknown ? undefined : { cluster, subject };
}

function clusterStateIn(place: string): ClusterState | undefined {
  const [, kind, rest = ""] = /^(eks|server|manifest):(.+)$/s.exec(place) ?? [];
  switch (kind) {
    case "manifest":
      return { manifest: rest };
    case "server":
      return { server: rest };
    case "eks": {
      const [region = "", ...parts] = rest.split("/");
      const [name, account] = parts.reverse();
      return name !== undefined && parts.length <= 2 ? withoutUnset({ name, region, account }) : undefined;
    }
    default:
      return undefined;
  }
}

/**
 * Whether two refs are the same cluster. An unknown account matches any account, so replacing a cluster's name with its
 * ARN does not replace the mapping.
 */
export function isSameCluster(a: ClusterRef, b: ClusterRef): boolean {
  const isKnown = accountOf(a) !== undefined && accountOf(b) !== undefined;
  const [left, right] = isKnown ? [a, b] : [withAccount(a, undefined), withAccount(b, undefined)];
  return clusterIdentity(left) === clusterIdentity(right);
}

export function accountOf(ref: ClusterRef): string | undefined {
  return ref.kind === "eks" ? ref.account : undefined;
}

export function withAccount(ref: ClusterRef, account: string | undefined): ClusterRef {
  return ref.kind === "eks" ? { ...ref, account } : ref;
}

/** Converts a ref to its stored form, which resolves to the same cluster in any later run. */
export function stateOf(ref: ClusterRef): ClusterState {
  switch (ref.kind) {
    case "eks":
      return withoutUnset({
        name: ref.name,
        region: ref.region,
        account: ref.account,
        profile: ref.profile,
        roleArn: ref.roleArn,
      });
    case "kubeconfig":
      return withoutUnset({ server: ref.server, kubeconfig: ref.kubeconfig, context: ref.context });
    case "manifest":
      return { manifest: ref.manifest };
  }
}
