import type { MapChanges, Origin } from "../awsAuthMap";
import { AwsAuthError } from "../errors";
import type { Caller } from "../mapping";

export interface StoredConfigMap extends Pick<Origin, "places" | "lastWrites"> {
  readonly data: Readonly<Record<string, string>>;
  readonly claims?: string | undefined;
  /** The precondition of the next write: resourceVersion, or a digest of the file. Undefined if the ConfigMap does not exist. */
  readonly version: string | undefined;
}

export interface ConfigMapStore {
  /** The cluster's name in messages, for example `EKS cluster "prod" (eu-central-1)`. Never contains credentials. */
  readonly label: string;

  read(): Promise<StoredConfigMap>;

  /**
   * The cluster's account; undefined if it has none, or if that is unknown.
   *
   * @param authority the certificate authority in the state.
   * @throws AwsAuthError `clusterChanged` if another one is expected, `clusterGone` if the expected account has no such cluster.
   */
  account(expected?: string, authority?: string): Promise<string | undefined>;

  /**
   * Writes only the given data keys and the claims, on the condition that the ConfigMap is still at `base.version`. Creates it if that is
   * undefined.
   *
   * @returns the stored ConfigMap.
   * @throws AwsAuthError `conflict` if the ConfigMap is at another version, so that the caller reads and decides again.
   * @throws RefusedContentError if the server refuses the content; a write with fewer changes may succeed.
   * @throws UnknownOutcomeError if there was no response, so the write may be stored. To determine which, read and compare with {@link holds}.
   */
  write(changes: MapChanges, base: StoredConfigMap): Promise<StoredConfigMap>;

  /** The identity of this run in the cluster, requested once. Undefined if there is no cluster or it does not report one. Never throws. */
  caller(): Promise<Caller | undefined>;
}

/** @param what the ConfigMap or the file, for the message. */
export function changedMeanwhile(what: string): AwsAuthError {
  return new AwsAuthError("conflict", `${what} was changed between the read and the write; run again`);
}

export function holds(stored: StoredConfigMap, { data, claims }: MapChanges): boolean {
  const hasClaims = claims === undefined || (claims ?? undefined) === stored.claims;
  return hasClaims && Object.entries(data).every(([key, value]) => stored.data[key] === value);
}
