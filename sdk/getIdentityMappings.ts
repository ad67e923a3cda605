import * as pulumi from "@pulumi/pulumi";
import type { FoundIdentityMapping } from "../provider/findMappings";
import { type Cluster, clusterInput } from "./cluster";
import { userError } from "./messages";
import { stackSettings } from "./settings";

/** What {@link getIdentityMappings} looks for, in plain values. */
export interface GetIdentityMappingsArgs {
  /**
   * The cluster to read: the name or ARN of an EKS cluster, or how to reach one. Default: what the stack's configuration names, as
   * for an IdentityMapping.
   */
  cluster?:
    | string
    | {
        /** Name of the EKS cluster, or its ARN. */
        name: string;
        /** Region of the cluster. */
        region?: string;
        /** The AWS account that the cluster is in, 12 digits. Refuses another account's cluster of the same name. */
        account?: string;
        /** Profile of the shared AWS configuration. */
        profile?: string;
        /** ARN of a role to assume before the cluster is looked up. */
        roleArn?: string;
      }
    | {
        /** Path of a kubeconfig, or its content. */
        kubeconfig?: string | object;
        /** Context to use. */
        context?: string;
      }
    | {
        /** Path of a ConfigMap manifest, relative to the program's directory. */
        manifest: string;
      };
  /** Only the mappings of this role or user, in any letter case, with or without a path. Default: all. */
  arn?: string;
}

/** What {@link getIdentityMappingsOutput} looks for; each part may come from a resource. */
export interface GetIdentityMappingsOutputArgs {
  /** The cluster to read. Default: what the stack's configuration names. */
  cluster?: Cluster;
  /** Only the mappings of this role or user, in any letter case, with or without a path. Default: all. */
  arn?: pulumi.Input<string>;
}

export type { FoundIdentityMapping };

/**
 * Reads the mappings of a cluster while the program runs, before anything that the program declares is written.
 *
 * @returns the entries in the order of the map; none where there are none, or no ConfigMap.
 * @throws RunError where the cluster or the map cannot be read.
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
  return find(args.cluster, args.arn);
}

/**
 * Reads the mappings of a cluster, where the cluster or the ARN comes from a resource. While either is not known yet, as in the first
 * preview of a new cluster, neither is the result.
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
  return pulumi.all([clusterInput(args.cluster), args.arn]).apply(([cluster, arn]) => find(cluster, arn ?? undefined));
}

async function find(cluster: unknown, arn: string | undefined): Promise<FoundIdentityMapping[]> {
  // What reads clusters and maps is loaded only by programs that ask for it.
  const { findMappings } = await import("../provider/findMappings.js");
  const { AwsAuthError } = await import("../provider/errors.js");
  try {
    return await findMappings(cluster, arn, stackSettings());
  } catch (error) {
    // A RunError is printed without a stack, which is of no use for an error that the user can fix.
    throw error instanceof AwsAuthError ? userError(error.message) : error;
  }
}
