import * as pulumi from "@pulumi/pulumi";
import { holdsKubeconfig } from "../provider/cluster/clusterInput";
import { type Fields, fieldsOf, isFields, stringOf } from "../provider/text/fields";
import { userError } from "./programErrors";

/** An EKS cluster, identified by name. Uses the default AWS credentials unless `profile` or `roleArn` is set. */
export interface EksClusterArgs {
  /** Name of the cluster, or its ARN, which includes region and account. */
  name: pulumi.Input<string>;
  /** Region of the cluster. Default: `aws-auth:region`, then `aws:region` (npm package only), then the environment, then the profile. */
  region?: pulumi.Input<string>;
  /**
   * The AWS account of the cluster, 12 digits. If the credentials are for a different account, the run fails instead of using a cluster of
   * the same name there. Default: the account in the ARN, if `name` is an ARN; otherwise the account in which the mapping was created,
   * which is stored in the state. Changing the account replaces the mapping.
   */
  account?: pulumi.Input<string>;
  /** Profile of the shared AWS configuration. Default: `aws-auth:profile` of the stack, then its `aws:profile`. */
  profile?: pulumi.Input<string>;
  /** ARN of a role to assume before looking up the cluster. Default: `aws-auth:roleArn` of the stack, then its `aws:assumeRoles`. */
  roleArn?: pulumi.Input<string>;
  /** Not allowed with `name`. */
  kubeconfig?: undefined;
  /** Not allowed with `name`. */
  context?: undefined;
  /** Not allowed with `name`. */
  manifest?: undefined;
}

/** A cluster that is accessed through a kubeconfig. Exec plugins in the kubeconfig are supported. */
export interface KubeconfigClusterArgs {
  /** Path to the kubeconfig, or its content. Always secret. Default: `aws-auth:kubeconfig` of the stack, then KUBECONFIG, then `~/.kube/config`. */
  kubeconfig?: pulumi.Input<string | object>;
  /** Context in the kubeconfig. Default: `aws-auth:context`. Required if the kubeconfig has more than one context. */
  context?: pulumi.Input<string>;
  /** Not allowed with `kubeconfig` and `context`. */
  name?: undefined;
  /** Not allowed with `kubeconfig` and `context`. */
  manifest?: undefined;
}

/** A ConfigMap manifest on disk instead of a live cluster, for GitOps and experiments. */
export interface ManifestClusterArgs {
  /** Path to the manifest, relative to the program's directory. The first mapping creates it. */
  manifest: pulumi.Input<string>;
  /** Not allowed with `manifest`. */
  name?: undefined;
  /** Not allowed with `manifest`. */
  kubeconfig?: undefined;
  /** Not allowed with `manifest`. */
  context?: undefined;
}

/**
 * An `aws.eks.Cluster` from `@pulumi/aws`, or any other object with a cluster's ARN and name. The ARN is unknown until the cluster exists,
 * and a preview sends no requests until then.
 */
export interface EksClusterResource {
  /** ARN of the cluster. */
  arn: pulumi.Output<string>;
  /** Name of the cluster. */
  name: pulumi.Output<string>;
}

/** A `Cluster` from `@pulumi/eks`. */
export interface EksClusterComponent {
  /** The cluster that the component created. */
  eksCluster: EksClusterResource | pulumi.Output<EksClusterResource>;
}

/**
 * A cluster: the name or ARN of an EKS cluster, an object that specifies an EKS cluster, a kubeconfig or a manifest, the resource that
 * creates the cluster, or the result of `aws.eks.getClusterOutput`.
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
export function clusterInputOf(cluster: unknown): pulumi.Input<unknown> {
  if (isAwaited(cluster)) {
    // The engine would pass only the ID of a resource: a name without region and account.
    return outputOf(withValue("cluster", cluster)).apply((found) => outputOf(clusterInputOf(found)));
  }
  const { eksCluster, arn, name, kubeconfig } = fieldsOf(cluster);
  if (isFields(cluster) && "eksCluster" in cluster) {
    assertNoConnection(cluster);
    return outputOf(eksCluster).apply(arnOf);
  }
  if (pulumi.Output.isInstance(arn) || (typeof arn === "string" && typeof name === "string")) {
    assertNoConnection(fieldsOf(cluster));
    return arnOf(cluster);
  }
  if (holdsKubeconfig(cluster)) {
    // A kubeconfig is an error here, and the engine prints the value with it.
    return pulumi.secret(cluster);
  }
  if (!isFields(cluster)) {
    return cluster;
  }
  const entries = Object.entries(cluster).map(([field, value]) => [field, withValue(`${field} of cluster`, value)]);
  const fields = fieldsOf(Object.fromEntries(entries));
  return kubeconfig === undefined
    ? fields
    : { ...fields, kubeconfig: pulumi.secret(outputOf(fields["kubeconfig"]).apply(stringOf)) };
}

/**
 * Refuses connection settings alongside the ARN of a cluster, since only the ARN is passed on. If AWS returned the
 * cluster, `roleArn` is the cluster's own role.
 */
function assertNoConnection(cluster: Fields): void {
  const { profile, account, roleArn, endpoint } = cluster;
  const settings = { profile, account, ...(endpoint === undefined && { roleArn }) };
  const [name] = Object.entries(settings).find(([, value]) => value !== undefined) ?? [];
  if (name !== undefined && !pulumi.Resource.isInstance(cluster)) {
    throw userError(
      `cluster has ${name} in addition to a cluster's ARN, so ${name} would be ignored; use { name: ARN, ${name} }`,
    );
  }
}

/** The cluster of a component may lack the ARN, since Pulumi represents resources of packages that the program does not load by ID. */
function arnOf(cluster: unknown): unknown {
  const { arn } = fieldsOf(cluster);
  return pulumi.CustomResource.isInstance(cluster) ? arn : withValue("arn of cluster", outputOf(arn));
}

/** Refuses an output without a value, such as a removed output of another stack, since omitting it could select another cluster. */
export function withValue(name: string, value: unknown): unknown {
  return isAwaited(value)
    ? outputOf(value).apply((found) => {
        if (found === undefined || found === null) {
          throw userError(`${name} is an output without a value; set a value, or omit the input`);
        }
        return found;
      })
    : value;
}

/** Whether a value is known only later: an output or a promise. */
export function isAwaited(value: unknown): boolean {
  return pulumi.Output.isInstance(value) || value instanceof Promise;
}

function outputOf(value: unknown): pulumi.Output<unknown> {
  return pulumi.output(value);
}
