import * as pulumi from "@pulumi/pulumi";
import { holdsKubeconfig, isKubeconfigContent } from "../provider/cluster/clusterInput";

/** An EKS cluster by name, reached with the AWS SDK's default credentials unless others are named. */
export interface EksClusterArgs {
  /** Name of the cluster, or its ARN, which says region and account as well. */
  name: pulumi.Input<string>;
  /** Region of the cluster. Default: `aws-auth:region`, then `aws:region` of the stack, then the environment and the profile. */
  region?: pulumi.Input<string>;
  /**
   * The AWS account that the cluster is in, 12 digits. Refuses another account's cluster of the same name, to which other credentials
   * would lead. Default: the account in the ARN, if the name is one; else the one in which the mapping was made, which the state
   * keeps. A change replaces the mapping.
   */
  account?: pulumi.Input<string>;
  /** Profile of the shared AWS configuration. Default: `aws-auth:profile` of the stack. */
  profile?: pulumi.Input<string>;
  /** ARN of a role to assume before the cluster is looked up. Default: `aws-auth:roleArn` of the stack. */
  roleArn?: pulumi.Input<string>;
  /** Not allowed with `name`. */
  kubeconfig?: undefined;
  /** Not allowed with `name`. */
  context?: undefined;
  /** Not allowed with `name`. */
  manifest?: undefined;
}

/** A cluster that a kubeconfig leads to; its exec plugins are run as kubectl runs them. */
export interface KubeconfigClusterArgs {
  /**
   * Path of the kubeconfig, or its content, which is kept as a secret. Default: `aws-auth:kubeconfig` of the stack, then KUBECONFIG,
   * then the file in the home directory.
   */
  kubeconfig?: pulumi.Input<string | object>;
  /** Context to use. Default: `aws-auth:context` of the stack, then the current context, only if a kubeconfig is named. */
  context?: pulumi.Input<string>;
  /** Not allowed with `kubeconfig` and `context`. */
  name?: undefined;
  /** Not allowed with `kubeconfig` and `context`. */
  manifest?: undefined;
}

/** A ConfigMap manifest on disk, in place of a live cluster: for GitOps, and for trying things out. */
export interface ManifestClusterArgs {
  /** Path of the manifest, relative to the program's directory. It is created with the first mapping. */
  manifest: pulumi.Input<string>;
  /** Not allowed with `manifest`. */
  name?: undefined;
  /** Not allowed with `manifest`. */
  kubeconfig?: undefined;
  /** Not allowed with `manifest`. */
  context?: undefined;
}

/**
 * What an `aws.eks.Cluster` of `@pulumi/aws`, or anything else with a cluster's ARN, offers. The ARN is not known before the cluster
 * exists, so that a preview contacts no cluster that is yet to be made.
 */
export interface EksClusterResource {
  /** ARN of the cluster. */
  arn: pulumi.Output<string>;
  /** Name of the cluster. */
  name: pulumi.Output<string>;
}

/** What a `Cluster` of `@pulumi/eks` offers. */
export interface EksClusterComponent {
  /** The cluster that the component made. */
  eksCluster: EksClusterResource | pulumi.Output<EksClusterResource>;
}

/**
 * The ways to name a cluster: the name of an EKS cluster, how to reach one by EKS, kubeconfig or manifest, or the resource that makes
 * it.
 */
export type Cluster =
  | pulumi.Input<string>
  | EksClusterArgs
  | KubeconfigClusterArgs
  | ManifestClusterArgs
  | EksClusterResource
  | EksClusterComponent;

/** Brings a cluster into the form in which the provider takes it: a name, or an object of plain fields. */
export function clusterInput(cluster: Cluster | undefined): pulumi.Input<unknown> {
  if (
    typeof cluster !== "object" ||
    cluster === null ||
    pulumi.Output.isInstance(cluster) ||
    cluster instanceof Promise
  ) {
    return isKnownName(cluster) ? cluster : pulumi.output(cluster).apply(withSecrecy);
  }
  if ("eksCluster" in cluster) {
    return pulumi.output(cluster.eksCluster).apply((made) => made.arn);
  }
  if ("arn" in cluster && pulumi.Output.isInstance(cluster.arn)) {
    return cluster.arn;
  }
  if ("kubeconfig" in cluster && cluster.kubeconfig !== undefined) {
    return { ...cluster, kubeconfig: kubeconfigInput(cluster.kubeconfig) };
  }
  return holdsKubeconfig(cluster) ? pulumi.secret(cluster) : cluster;
}

/** The content of a kubeconfig is a secret, whether or not the program says so; a path is not. */
function kubeconfigInput(kubeconfig: pulumi.Input<string | object>): pulumi.Output<string> {
  return pulumi.output(kubeconfig).apply((given) => {
    const text = typeof given === "string" ? given : JSON.stringify(given);
    return isKubeconfigContent(text) ? pulumi.secret(text) : pulumi.output(text);
  });
}

/** A whole kubeconfig in the place of a name is refused, but the engine shows what was refused. */
function withSecrecy(cluster: unknown): pulumi.Output<unknown> {
  return holdsKubeconfig(cluster) ? pulumi.secret(cluster) : pulumi.output(cluster);
}

/** Most clusters are named by a plain text, which stays one. */
function isKnownName(cluster: unknown): boolean {
  return cluster === undefined || cluster === null || (typeof cluster === "string" && !holdsKubeconfig(cluster));
}
