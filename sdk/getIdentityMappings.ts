import * as pulumi from "@pulumi/pulumi";
import type { FoundIdentityMapping } from "../provider/reports/findMappings";
import {
  type Cluster,
  clusterInputOf,
  type EksClusterArgs,
  type KubeconfigClusterArgs,
  type ManifestClusterArgs,
  withValue,
} from "./cluster";
import { userError } from "./programErrors";
import { checkedSettings } from "./settings";

/** Arguments of {@link getIdentityMappings}, as plain values. */
export interface GetIdentityMappingsArgs {
  /**
   * The cluster to read: the name or ARN of an EKS cluster, or connection settings. Default: the cluster in the stack
   * configuration, as for an IdentityMapping.
   */
  cluster?: PlainCluster;
  /** Returns only mappings of this role or user (case-insensitive, path optional). Default: all. */
  arn?: string;
}

/** Arguments of {@link getIdentityMappingsOutput}, which may be outputs of resources. */
export interface GetIdentityMappingsOutputArgs {
  /** The cluster to read. Default: the cluster in the stack configuration. */
  cluster?: Cluster;
  /** Returns only mappings of this role or user (case-insensitive, path optional). Default: all. */
  arn?: pulumi.Input<string>;
}

/** A cluster of an {@link IdentityMapping} as a plain value, without outputs. */
export type PlainCluster = string | pulumi.Unwrap<EksClusterArgs | KubeconfigClusterArgs | ManifestClusterArgs>;

/**
 * Reads the mappings in a cluster's aws-auth while the program runs, before the program's changes are written. Does not read EKS access
 * entries.
 *
 * @returns the entries in the order of the map; empty if there are no entries or no ConfigMap.
 * @throws RunError if the cluster or the map cannot be read.
 *
 * @example
 * ```ts
 * import * as awsAuth from "pulumi-aws-auth";
 *
 * export const adminGroups = awsAuth
 *   .getIdentityMappings({ cluster: "prod", arn: "arn:aws:iam::111122223333:role/admin" })
 *   .then(([admin]) => admin?.groups);
 * ```
 */
export async function getIdentityMappings(args: GetIdentityMappingsArgs = {}): Promise<FoundIdentityMapping[]> {
  return readMappings(args.cluster, args.arn);
}

/**
 * Like {@link getIdentityMappings}, for a cluster or ARN that is an output of a resource. The result is unknown while one of them is
 * unknown, for example in the first preview of a new cluster.
 *
 * @example
 * ```ts
 * import * as aws from "@pulumi/aws";
 * import * as awsAuth from "pulumi-aws-auth";
 *
 * const cluster = aws.eks.Cluster.get("prod", "prod");
 * const found = awsAuth.getIdentityMappingsOutput({ cluster });
 * export const shadowed = found.apply((all) => all.filter((mapping) => mapping.isShadowed).map(({ arn }) => arn));
 * ```
 */
export function getIdentityMappingsOutput(
  args: GetIdentityMappingsOutputArgs = {},
): pulumi.Output<FoundIdentityMapping[]> {
  const arn = withValue("arn", args.arn);
  return pulumi
    .all([clusterInputOf(args.cluster), arn])
    .apply(([cluster, found]) =>
      readMappings(cluster, found === undefined || found === null ? undefined : String(found)),
    );
}

async function readMappings(cluster: unknown, arn: string | undefined): Promise<FoundIdentityMapping[]> {
  // Loaded on demand, since most programs do not read clusters and maps.
  const { findMappings } = await import("../provider/reports/findMappings.js");
  const { asAwsAuthError } = await import("../provider/errors.js");
  try {
    return await findMappings(cluster, arn, checkedSettings());
  } catch (error) {
    // Pulumi prints a RunError without a stack trace, which is not useful for an error that the user can fix.
    throw userError(asAwsAuthError(error).message);
  }
}
