import { hash } from "node:crypto";
import { normalize, relative } from "node:path";

/** An EKS cluster, reached through the AWS SDK. */
export interface EksRef {
  readonly kind: "eks";
  readonly name: string;
  readonly region: string;
  /**
   * The cluster's account, if the program, the ARN or the state gives it. Cluster names are unique only within an account and
   * region.
   */
  readonly account?: string | undefined;
  /** The profile that the resource itself names. */
  readonly profile: string | undefined;
  /** The role to assume that the resource itself names. */
  readonly roleArn: string | undefined;
}

/** A cluster reached through a kubeconfig. */
export interface KubeconfigRef {
  readonly kind: "kubeconfig";
  /**
   * The {@link serverFingerprint} of the API server, or what an earlier version stored: that of the URL alone, without a dash, which may
   * stand for any cluster under this URL.
   */
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
  /** The same, relative to the program's directory if it is inside it. */
  readonly relativePath: string;
  /** The same, with symbolic links resolved. */
  readonly realPath: string;
}

/** The cluster of a mapping, and the connection settings of the resource itself. */
export type ClusterRef = EksRef | KubeconfigRef | ManifestRef;

/** What a resource's state stores about its cluster: its identity, and the connection settings that the program gave. */
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
 * The identity of a cluster, regardless of how it is reached: account, region and name, or the API server, or the real path.
 * Claims, caches, comparisons and IDs use it.
 */
export function identityOf(ref: ClusterRef): string {
  switch (ref.kind) {
    case "eks":
      return `eks:${[ref.region, ref.account, ref.name].filter((part) => part !== undefined).join("/")}`;
    case "kubeconfig":
      // Without the dash, IDs and claims are as earlier versions wrote them.
      return `server:${ref.server.replace(/-$/, "")}`;
    case "manifest":
      return `manifest:${ref.realPath}`;
  }
}

/** The identity as the prefix of a resource's ID. For a manifest this is the path as given, since state moves between machines. */
export function idOf(ref: ClusterRef): string {
  return ref.kind === "manifest" ? `manifest:${ref.relativePath}` : identityOf(ref);
}

/**
 * The ID of a cluster in a report. It has the dash, which tells an API server from what a report of an earlier version knew by its URL
 * alone.
 */
export function reportedId(ref: ClusterRef): string {
  return ref.kind === "kubeconfig" ? `server:${ref.server}` : idOf(ref);
}

/** A resource's ID, or what an import gives for one. */
export interface ParsedId {
  /** The cluster as a state stores it, but for the dash of its API server; undefined if the ID has none. */
  readonly cluster: ClusterState | undefined;
  /** ARN or account. */
  readonly subject: string;
}

/**
 * Parses an ID: a cluster as {@link idOf} writes it, a slash, and the ARN or account, or the latter alone.
 * Undefined if it is none of these.
 */
export function parseId(id: string): ParsedId | undefined {
  const [, place, subject] = /^(?:((?!arn:).+?)\/)?(arn:[^:]*:iam::.*|\d{12})$/s.exec(id) ?? [];
  if (subject === undefined) {
    return undefined;
  }
  const cluster = place === undefined ? undefined : clusterIn(place);
  return place !== undefined && cluster === undefined ? undefined : { cluster, subject };
}

function clusterIn(place: string): ClusterState | undefined {
  const [, kind, rest = ""] = /^(eks|server|manifest):(.+)$/s.exec(place) ?? [];
  switch (kind) {
    case "manifest":
      return { manifest: rest };
    case "server":
      return { server: rest };
    case "eks": {
      const [region = "", ...parts] = rest.split("/");
      const [name, account] = parts.reverse();
      const isCluster = name !== undefined && parts.length <= 2;
      return isCluster ? { name, region, ...(account !== undefined && { account }) } : undefined;
    }
    default:
      return undefined;
  }
}

/**
 * Whether two refs are the same cluster. An unknown account matches any account, so replacing a cluster's name by its ARN does not
 * replace the mapping. Neither does a state of version 0.1.0, which did not store the account.
 */
export function isSameCluster(a: ClusterRef, b: ClusterRef): boolean {
  const isKnown = accountOf(a) !== undefined && accountOf(b) !== undefined;
  const [left, right] = isKnown ? [a, b] : [withAccount(a, undefined), withAccount(b, undefined)];
  return identityOf(left) === identityOf(right);
}

export function accountOf(ref: ClusterRef): string | undefined {
  return ref.kind === "eks" ? ref.account : undefined;
}

/** The same ref with this account; unchanged if the cluster is not an EKS cluster. */
export function withAccount(ref: ClusterRef, account: string | undefined): ClusterRef {
  return ref.kind === "eks" ? { ...ref, account } : ref;
}

/** The form in which a resource's state stores a ref. It resolves to the same cluster in any later run. */
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

/**
 * Identifies an API server without revealing its endpoint, which must not appear in the state: 12 hexadecimal digits of its URL, a dash
 * and, if a proxy or a TLS server name leads to another server under this URL, 12 more. How to log in and whom to trust, which is renewed
 * from time to time, are not part of it.
 */
export function serverFingerprint(server: string, proxyUrl?: string, tlsServerName?: string): string {
  const way = [proxyUrl === undefined ? null : endpointOf(proxyUrl), tlsServerName?.toLowerCase() ?? null];
  const isPlain = way.every((part) => part === null);
  const plain = withNothingBesides(digest(endpointOf(server)));
  return isPlain ? plain : `${plain}${digest(JSON.stringify(way))}`;
}

/** Whether a string can be what a state holds of an API server. */
export function isServerFingerprint(text: string): boolean {
  return /^[0-9a-f]{12}(?:-(?:[0-9a-f]{12})?)?$/.test(text);
}

/** Whether what a state holds of an API server leaves open what leads there besides the URL. */
export function isOfUrlAlone(stored: string): boolean {
  return !stored.includes("-");
}

/** What a state holds of an API server to which nothing but its URL leads. */
export function withNothingBesides(urlAlone: string): string {
  return `${urlAlone}-`;
}

/** Whether what a state holds of an API server may mean the one with this fingerprint. */
export function mayMean(stored: string, fingerprint: string): boolean {
  return isOfUrlAlone(stored) ? haveSameUrl(stored, fingerprint) : stored === fingerprint;
}

/** Whether two API servers have the same URL, whatever else leads to them. */
export function haveSameUrl(a: string, b: string): boolean {
  return a.slice(0, digestLength) === b.slice(0, digestLength);
}

/** A normalized path for comparisons. Inside the program's directory it is relative, so that it is the same on any machine. */
export function comparablePath(path: string, absolute: string, cwd: string): string {
  const inside = relative(cwd, absolute);
  const normal = inside === "" || inside.startsWith(".") ? normalize(path) : inside;
  return normal.replaceAll("\\", "/");
}

const digestLength = 12;

function digest(text: string): string {
  return hash("sha256", text).slice(0, digestLength);
}

/**
 * A URL for comparisons and messages, without credentials. URLs that differ only in the case of the host, a default port or a trailing slash
 * are the same.
 */
export function endpointOf(text: string): string {
  if (!URL.canParse(text)) {
    return text;
  }
  const url = new URL(text);
  return `${url.protocol}//${url.host}${url.pathname.replace(/\/+$/, "")}`;
}
