import * as pulumi from "@pulumi/pulumi";
import { fieldsOf } from "../provider/text/fields";
import { holdsKubeconfig, isKubeconfigContent } from "../provider/text/kubeconfigContent";
import { userError } from "./messages";

/** An EKS cluster by name, reached with the AWS SDK's default credentials unless others are named. */
export interface EksClusterArgs {
  /** Name of the cluster, or its ARN, which includes region and account. */
  name: pulumi.Input<string>;
  /**
   * Region of the cluster. Default: `aws-auth:region` of the stack, then its `aws:region`, which a resource plugin does not see, then the
   * environment and the profile.
   */
  region?: pulumi.Input<string>;
  /**
   * The AWS account of the cluster, 12 digits. With credentials for another account the run fails, instead of using a cluster of
   * the same name there. Default: the account in the ARN, if `name` is one; else the account in which the mapping was created,
   * which the state stores. A change replaces the mapping.
   */
  account?: pulumi.Input<string>;
  /** Profile of the shared AWS configuration. Default: `aws-auth:profile` of the stack. */
  profile?: pulumi.Input<string>;
  /** ARN of a role to assume before looking up the cluster. Default: `aws-auth:roleArn` of the stack. */
  roleArn?: pulumi.Input<string>;
  /** Not allowed with `name`. */
  kubeconfig?: undefined;
  /** Not allowed with `name`. */
  context?: undefined;
  /** Not allowed with `name`. */
  manifest?: undefined;
}

/** A cluster reached through a kubeconfig. Runs its exec plugins as kubectl does. */
export interface KubeconfigClusterArgs {
  /**
   * Path of the kubeconfig, or its content, which is kept as a secret. Default: `aws-auth:kubeconfig` of the stack, then KUBECONFIG,
   * then the file in the home directory.
   */
  kubeconfig?: pulumi.Input<string | object>;
  /** Context to use. Default: `aws-auth:context` of the stack, then the current context if a kubeconfig is given. */
  context?: pulumi.Input<string>;
  /** Not allowed with `kubeconfig` and `context`. */
  name?: undefined;
  /** Not allowed with `kubeconfig` and `context`. */
  manifest?: undefined;
}

/** A ConfigMap manifest on disk instead of a live cluster, for GitOps and experiments. */
export interface ManifestClusterArgs {
  /** Path of the manifest, relative to the program's directory. The first mapping creates it. */
  manifest: pulumi.Input<string>;
  /** Not allowed with `manifest`. */
  name?: undefined;
  /** Not allowed with `manifest`. */
  kubeconfig?: undefined;
  /** Not allowed with `manifest`. */
  context?: undefined;
}

/**
 * An `aws.eks.Cluster` of `@pulumi/aws`, or any other object with a cluster's ARN and name. The ARN is unknown until the cluster
 * exists, so a preview does not contact a cluster that is not created yet.
 */
export interface EksClusterResource {
  /** ARN of the cluster. */
  arn: pulumi.Output<string>;
  /** Name of the cluster. */
  name: pulumi.Output<string>;
}

/** A `Cluster` of `@pulumi/eks`. */
export interface EksClusterComponent {
  /** The cluster that the component created. */
  eksCluster: EksClusterResource | pulumi.Output<EksClusterResource>;
}

/**
 * A cluster: the name or ARN of an EKS cluster, the settings for EKS, a kubeconfig or a manifest, the resource that creates the cluster, or
 * what `aws.eks.getClusterOutput` finds.
 */
export type Cluster =
  | pulumi.Input<string>
  | pulumi.Output<{ arn: string; name: string }>
  | EksClusterArgs
  | KubeconfigClusterArgs
  | ManifestClusterArgs
  | EksClusterResource
  | EksClusterComponent;

/** Converts a cluster to the provider's input: a name, or an object of plain fields. */
export function clusterInput(cluster: unknown): pulumi.Input<unknown> {
  if (pulumi.Output.isInstance(cluster) || cluster instanceof Promise) {
    // Of a resource, such as the cluster of a component, the engine would pass on the ID: a name without region and account.
    return outputOf(withValue("cluster", cluster)).apply((found) => outputOf(clusterInput(found)));
  }
  if (typeof cluster !== "object" || cluster === null) {
    // A kubeconfig instead of a name is an error, but the engine would print it.
    return holdsKubeconfig(cluster) ? pulumi.secret(cluster) : cluster;
  }
  if ("eksCluster" in cluster) {
    assertNoWay(cluster);
    return outputOf(cluster.eksCluster).apply(arnOf);
  }
  if ("arn" in cluster && (pulumi.Output.isInstance(cluster.arn) || isFound(cluster))) {
    assertNoWay(cluster);
    return arnOf(cluster);
  }
  const fields = Object.fromEntries(
    Object.entries(cluster).map(([name, value]) => [name, withValue(`${name} of cluster`, value)]),
  );
  if ("kubeconfig" in cluster && cluster.kubeconfig !== undefined) {
    return { ...fields, kubeconfig: kubeconfigInput(fields["kubeconfig"]) };
  }
  return holdsKubeconfig(cluster) ? pulumi.secret(cluster) : fields;
}

/** Whether it is a cluster as `aws.eks.getCluster` finds it. */
function isFound(cluster: object): boolean {
  const { arn, name } = fieldsOf(cluster);
  return typeof arn === "string" && typeof name === "string";
}

/**
 * Refuses what an object says of the way to its cluster, which would not count: of a cluster, nothing but the ARN is passed on. The
 * `roleArn` of a cluster that has been made, or found, is its own.
 */
function assertNoWay(cluster: object): void {
  const { profile, account, roleArn, endpoint } = fieldsOf(cluster);
  const said = Object.entries({ profile, account, ...(endpoint === undefined && { roleArn }) });
  const [name] = said.find(([, value]) => value !== undefined) ?? [];
  if (name !== undefined && !pulumi.Resource.isInstance(cluster)) {
    throw userError(
      `cluster has ${name} beside a cluster's ARN, where it would not count; write { name: ARN, ${name} }`,
    );
  }
}

/** Of a component's cluster, there may be no ARN: Pulumi knows resources of packages that the program does not load by their ID alone. */
function arnOf(cluster: unknown): unknown {
  const { arn } = fieldsOf(cluster);
  return pulumi.CustomResource.isInstance(cluster) ? arn : withValue("arn of cluster", outputOf(arn));
}

/**
 * Refuses an output without a value, such as one that another stack no longer has: without it, the cluster would be another one, such as
 * the stack's, or that of the environment's region.
 */
export function withValue(name: string, value: unknown): unknown {
  return pulumi.Output.isInstance(value) || value instanceof Promise
    ? outputOf(value).apply((found) => {
        if (found === undefined || found === null) {
          throw userError(`${name} is an output without a value; give it one, or leave it out`);
        }
        return found;
      })
    : value;
}

function outputOf(value: unknown): pulumi.Output<unknown> {
  return pulumi.output(value);
}

/** Marks the content of a kubeconfig as secret, even if the program does not. A path is not secret. */
function kubeconfigInput(kubeconfig: unknown): pulumi.Output<string> {
  return outputOf(kubeconfig).apply((given) => {
    const text = typeof given === "string" ? given : JSON.stringify(given);
    return isKubeconfigContent(text) ? pulumi.secret(text) : pulumi.output(text);
  });
}
