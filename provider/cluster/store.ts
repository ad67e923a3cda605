import type { MapChanges, Origin } from "../document";
import type { Caller } from "../mapping";

/** What is looked at of the ConfigMap, at one version. */
export interface StoredConfigMap {
  /** The data keys, as they are; all of them, known or not. */
  readonly data: Readonly<Record<string, string>>;
  /** The annotation that holds the record of claims; undefined where there is none. */
  readonly claims?: string | undefined;
  /** What the next write is conditional on: resourceVersion, or a digest of the file. Undefined: there is no ConfigMap yet. */
  readonly version: string | undefined;
  /** Of a file: where the text of each key begins in it; see {@link Origin}. */
  readonly places?: Origin["places"] | undefined;
}

/** Where one cluster's kube-system/aws-auth lives. */
export interface ConfigMapStore {
  /** Names the cluster in messages, for example `EKS cluster "prod" (eu-central-1)`. No credentials, ever. */
  readonly label: string;

  /** What a user should know about the connection, for example that certificates are not verified; one sentence each. */
  readonly warnings: readonly string[];

  /**
   * Reads the ConfigMap once.
   *
   * @throws AwsAuthError with one of the cluster codes.
   */
  read(): Promise<StoredConfigMap>;

  /**
   * Makes sure that this is the cluster of an account, and says which account it is in. Asks no more than what a read asks first.
   *
   * @param expected the account that the cluster has to be in; undefined: any.
   * @returns undefined where the cluster is in no account, or does not say.
   * @throws AwsAuthError `clusterChanged` where it is in another one, `clusterGone` where that account has no such cluster, and any
   * other of the cluster codes.
   */
  account(expected?: string): Promise<string | undefined>;

  /**
   * Writes the given data keys and the record of claims, and nothing else, on the condition that the ConfigMap still is at `base.version`
   * (creates it where that is undefined). It ends in one of three ways:
   *
   * - stored: it returns what is stored afterwards.
   * - refused: nothing was stored, and nothing of it will be. After a `conflict`, since the ConfigMap no longer is at that version, it is
   *   to be planned anew; after a {@link RefusedContentError} with fewer changes; after any other error the next write is refused as well.
   * - unknown: it may be stored, now or later. To know, read and compare with {@link holds}; at another version it is not stored any more.
   *
   * @throws UnknownOutcomeError where the outcome is unknown.
   * @throws AwsAuthError any other one where the write is refused.
   */
  write(changes: MapChanges, base: StoredConfigMap): Promise<StoredConfigMap>;

  /**
   * Who the cluster takes us for, asked once. Never throws. Undefined where there is no cluster, where it does not say, or where we
   * are no IAM identity to it.
   */
  caller(): Promise<Caller | undefined>;
}

/** Whether the ConfigMap says what a write was to make it say. */
export function holds(stored: StoredConfigMap, { data, claims }: MapChanges): boolean {
  const isRecorded = claims === undefined || (claims ?? undefined) === stored.claims;
  return isRecorded && Object.entries(data).every(([key, value]) => stored.data[key] === value);
}
