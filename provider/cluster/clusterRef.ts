import { hash } from "node:crypto";
import { withoutUnset } from "../text/fields";

export interface EksRef {
  readonly kind: "eks";
  readonly name: string;
  readonly region: string;
  /** From the program, the ARN or the state. Cluster names are unique only within an account and region. */
  readonly account?: string | undefined;
  readonly profile: string | undefined;
  readonly roleArn: string | undefined;
}

export interface KubeconfigRef {
  readonly kind: "kubeconfig";
  /** A fingerprint of the API server's URL, certificate authority and other connection settings. Undefined in the input of a program. */
  readonly server?: string | undefined;
  /** A fingerprint of the certificate authority, which differs in each EKS cluster. The state has it if the kubeconfig was made for EKS. */
  readonly authority?: string | undefined;
  /** The cluster, if the kubeconfig was made for EKS. */
  readonly eks?: EksRef | undefined;
  /** A path, or the content, which is a secret. */
  readonly kubeconfig: string | undefined;
  readonly context: string | undefined;
}

export interface ManifestRef {
  readonly kind: "manifest";
  readonly manifest: string;
  /** The path relative to the program's directory, if it is inside it. */
  readonly relativePath: string;
  readonly realPath: string;
}

/** The cluster of a mapping, with the connection settings of the resource itself. */
export type ClusterRef = EksRef | KubeconfigRef | ManifestRef;

/** The cluster as a resource's state stores it: its identity, and the connection settings of the program. */
type ClusterState = Readonly<Record<string, string>>;

/** The identity of a cluster, independent of the connection, for claims, caches, comparisons and IDs. */
export function clusterIdentity(ref: ClusterRef): string {
  switch (ref.kind) {
    case "eks":
      return `eks:${[ref.region, ref.account, ref.name].filter((part) => part !== undefined).join("/")}`;
    case "kubeconfig":
      return ref.eks === undefined ? `server:${ref.server}` : clusterIdentity(ref.eks);
    case "manifest":
      return `manifest:${ref.realPath}`;
  }
}

export function eksOf(ref: ClusterRef): EksRef | undefined {
  return ref.kind === "eks" ? ref : ref.kind === "kubeconfig" ? ref.eks : undefined;
}

/** The identity as the prefix of a resource's ID. For a manifest this is the given path, since states move between machines. */
export function idOf(ref: ClusterRef): string {
  return ref.kind === "manifest" ? `manifest:${ref.relativePath}` : clusterIdentity(ref);
}

/** The ID in a report: of two clusters of one name in unknown accounts, the certificate authorities differ, as in {@link isSameCluster}. */
export function reportIdOf(ref: ClusterRef): string {
  const isUnknown = ref.kind === "kubeconfig" && ref.eks !== undefined && accountOf(ref) === undefined;
  return isUnknown ? `${idOf(ref)}#${ref.authority}` : idOf(ref);
}

/** Parses the ID of a resource or an import: {@link idOf the cluster}, a slash, and the ARN or account, or only the latter. */
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
 * ARN does not replace the mapping. But two kubeconfigs then have the same certificate authority.
 */
export function isSameCluster(a: ClusterRef, b: ClusterRef): boolean {
  const isKnown = accountOf(a) !== undefined && accountOf(b) !== undefined;
  if (!isKnown && a.kind === "kubeconfig" && b.kind === "kubeconfig") {
    return isSameServer(a, b);
  }
  const [left, right] = isKnown ? [a, b] : [withAccount(a, undefined), withAccount(b, undefined)];
  return clusterIdentity(left) === clusterIdentity(right);
}

/** What identifies the API server of a kubeconfig without a request. */
export type ServerIdentity = Pick<KubeconfigRef, "server" | "authority" | "eks">;

/** Whether two kubeconfigs resolve to the same API server, or to the same EKS cluster, whose server may have several addresses. */
export function isSameServer(a: ServerIdentity, b: ServerIdentity): boolean {
  const isEks = (a.eks ?? b.eks) !== undefined && a.authority !== undefined && b.authority !== undefined;
  return isEks ? a.authority === b.authority : a.server === b.server;
}

/** Identifies a certificate authority. Ignores differences in line breaks. */
export function authorityOf(ca: string): string {
  return hash("sha256", ca.replace(/\s+/g, "")).slice(0, 16);
}

export function accountOf(ref: ClusterRef): string | undefined {
  return eksOf(ref)?.account;
}

/** A remedy that works for each cluster whose state contains a server. */
export const reachByKubeconfig =
  'set AWS_AUTH_KUBECONFIG and AWS_AUTH_CONTEXT for its cluster, or, if that cluster no longer exists, run "pulumi state delete URN"';

export function withAccount(ref: ClusterRef, account: string | undefined): ClusterRef {
  if (ref.kind === "kubeconfig") {
    return { ...ref, eks: ref.eks && { ...ref.eks, account } };
  }
  return ref.kind === "eks" ? { ...ref, account } : ref;
}

/** Converts a ref to its stored form, which resolves to the same cluster in any later run. */
export function stateOf(ref: ClusterRef): ClusterState {
  switch (ref.kind) {
    case "eks": {
      const { kind: _kind, ...fields } = ref;
      return withoutUnset(fields);
    }
    case "kubeconfig":
      return {
        ...(ref.eks && { ...stateOf(ref.eks), ...withoutUnset({ authority: ref.authority }) }),
        ...withoutUnset({ server: ref.server, kubeconfig: ref.kubeconfig, context: ref.context }),
      };
    case "manifest":
      return { manifest: ref.manifest };
  }
}
