import * as pulumi from "@pulumi/pulumi";
import type { AuthenticationMode } from "../provider/accessEntries";
import { parseClusterArn } from "../provider/cluster/clusterInput";
import { fieldsOf, isFields } from "../provider/text/fields";
import { type Cluster, clusterInput } from "./cluster";
import type { IdentityMappingArgs } from "./identityMapping";
import { userError, warn } from "./messages";
import { namespaceProblem, type Service, type ServiceName, serviceProblem, services } from "./services";

/** Arguments of a {@link ServiceIdentityMapping}. */
export interface ServiceIdentityMappingArgs {
  /**
   * The cluster whose kube-system/aws-auth gets the entry, as for an {@link IdentityMapping}. The Kubernetes provider creates the
   * Role and RoleBinding: pass a provider for the same cluster in the options (`providers: { kubernetes: ... }`).
   */
  cluster?: Cluster;
  /** The AWS service: `emr-containers` (EMR on EKS) or `aws-batch` (AWS Batch on EKS). Another service replaces everything. */
  serviceName: ServiceName;
  /** Namespace that the service uses; it must exist. Another namespace replaces the Role and RoleBinding. */
  namespace: pulumi.Input<string>;
  /**
   * ARN of the service-linked role; its path is stripped. Default: the role with the usual name, in the account and partition of
   * the cluster's ARN if `cluster`, or `aws-auth:cluster` of the stack, has one; else in the `account` of `cluster`; else in that of
   * the AWS provider, which for the npm package `pulumi-aws-auth` is the package `@pulumi/aws`. Another role replaces the mapping.
   */
  roleArn?: pulumi.Input<string>;
  /** Whether to take over existing entries for the role, as for an {@link IdentityMapping}. Default: false. */
  adopt?: pulumi.Input<boolean>;
  /**
   * Where the other mappings of the program are kept, as for an {@link IdentityMapping}. The service's own stays in aws-auth, and a
   * preview says why.
   */
  authenticationMode?: pulumi.Input<AuthenticationMode>;
}

/** The names of all of them. */
export const serviceIdentityMappingArgNames = Object.keys({
  cluster: true,
  serviceName: true,
  namespace: true,
  roleArn: true,
  adopt: true,
  authenticationMode: true,
} satisfies Record<keyof ServiceIdentityMappingArgs, true>);

/** What makes the resources of a service: classes of npm packages, or those of the resource plugin. */
export interface ServiceResources<Mapping> {
  readonly rbac: RbacClasses;
  readonly aws: AwsAccount;
  mapping(args: IdentityMappingArgs): Mapping;
  /** A setting of the stack, or of the provider, which is the default of the argument of this name. */
  setting(name: "authenticationMode" | "cluster"): string | undefined;
}

/** The account and partition of the AWS provider, which is asked for no more than is needed. */
export interface AwsAccount {
  partition(): pulumi.Input<string>;
  account(): pulumi.Input<string>;
}

/** The classes of Kubernetes objects, as in @pulumi/kubernetes. */
type RbacClasses = (
  kind: "Role" | "RoleBinding" | "ClusterRole" | "ClusterRoleBinding",
) => new (
  name: string,
  fields: object,
  options: pulumi.CustomResourceOptions,
) => pulumi.Resource;

/** Declares the resources of a service. */
export function declareService<Mapping>(
  component: pulumi.ComponentResource,
  name: string,
  args: ServiceIdentityMappingArgs,
  service: Service,
  make: ServiceResources<Mapping>,
): { readonly roleArn: pulumi.Output<string>; readonly mapping: Mapping } {
  warnOfCurrentContext(component);
  grantService(component, name, service, args.namespace, make.rbac);
  const roleArn =
    args.roleArn === undefined
      ? serviceRoleArn(service, args.cluster ?? make.setting("cluster"), make.aws)
      : pulumi.output(args.roleArn);
  const mapping = make.mapping({
    ...(args.cluster !== undefined && { cluster: args.cluster }),
    arn: roleArn,
    username: service.username,
    ...(args.adopt !== undefined && { adopt: args.adopt }),
    authenticationMode: "CONFIG_MAP",
  });
  // A mode that is not known yet is told of in the next run.
  const given = args.authenticationMode ?? make.setting("authenticationMode");
  pulumi.output(given).apply((mode) => tellWhyItStays(component, service, mode));
  return { roleArn, mapping };
}

/**
 * Creates the Kubernetes objects that grant a service's user its permissions.
 *
 * @param parent their parent component, from which they inherit their provider.
 * @param name the component's name.
 */
function grantService(
  parent: pulumi.ComponentResource,
  name: string,
  { username, rules, clusterRules }: Service,
  namespace: pulumi.Input<string>,
  rbac: RbacClasses,
): void {
  const apiGroup = "rbac.authorization.k8s.io";
  const grant = (kind: "Role" | "ClusterRole", own: pulumi.Input<string>, where: object, granted: typeof rules) => {
    const metadata = { name: own, ...where, annotations };
    const role = new (rbac(kind))(name, { metadata, rules: granted }, { parent });
    const roleRef = { apiGroup, kind, name: own };
    const subjects = [{ apiGroup, kind: "User", name: username }];
    new (rbac(`${kind}Binding`))(name, { metadata, roleRef, subjects }, { parent, dependsOn: role });
  };
  grant("Role", username, { namespace }, rules);
  if (clusterRules !== undefined) {
    // The name includes the namespace, so that two namespaces of a cluster do not share an object.
    grant("ClusterRole", pulumi.interpolate`${username}-${namespace}`, {}, clusterRules);
  }
}

/** If the provider may take over an existing object, it also takes over the fields that eksctl set. */
const annotations = { "pulumi.com/patchForce": "true" };

/**
 * Warns if Kubernetes objects would go to the cluster of the current kubeconfig context although the program gives the cluster of
 * their mapping.
 *
 * @param parent the component of the objects.
 */
function warnOfCurrentContext(parent: pulumi.ComponentResource): void {
  const config = new pulumi.Config("kubernetes");
  // getSecret, since reading a secret with get causes a warning of Pulumi.
  const isConfigured = ["kubeconfig", "context", "cluster"].some((key) => config.getSecret(key) !== undefined);
  const isChosen = isConfigured || parent.getProvider("kubernetes:rbac.authorization.k8s.io/v1:Role") !== undefined;
  if (!isChosen) {
    warn(
      'the Role and RoleBinding go to the current context of the kubeconfig; pass a Kubernetes provider for the cluster in the options (providers: { kubernetes: ... }), or set "pulumi config set kubernetes:context NAME"',
      parent,
    );
  }
}

/**
 * ARN of a service's service-linked role, without its path, as aws-auth needs it. Account and partition come from the cluster as far as
 * it says them, else from the AWS provider.
 */
function serviceRoleArn(service: Service, cluster: Cluster | undefined, aws: AwsAccount): pulumi.Output<string> {
  return clusterPlace(cluster).apply(({ name, account: given }) => {
    const { partition, account } = (typeof name === "string" && parseClusterArn(name)) || {};
    const owner = account ?? (typeof given === "string" ? given : undefined);
    return pulumi
      .all([partition ?? aws.partition(), owner ?? aws.account()])
      .apply(([inPartition, inAccount]) => `arn:${inPartition}:iam::${inAccount}:role/${service.iamRole}`);
  });
}

/** The cluster's name or ARN in EKS, and its account. Not a kubeconfig, which would make the role's ARN secret. */
function clusterPlace(
  cluster: Cluster | undefined,
): pulumi.Output<{ readonly name?: unknown; readonly account?: unknown }> {
  const input = clusterInput(cluster);
  if (typeof input !== "object" || input === null || pulumi.Output.isInstance(input) || input instanceof Promise) {
    const named: pulumi.Output<unknown> = pulumi.output(input);
    return named.apply((name) => (isFields(name) ? name : { name }));
  }
  const { name, account } = fieldsOf(input);
  return pulumi.output({ name, account });
}

/** Tells whoever moves a stack to access entries why the mapping of a service stays. */
function tellWhyItStays(parent: pulumi.Resource, { ownAccessEntry }: Service, mode: string | undefined): void {
  if (mode === "API" || mode === "API_AND_CONFIG_MAP") {
    const text = `this mapping stays in aws-auth in authenticationMode ${mode} too, since EKS refuses an access entry for the role of an AWS service; ${ownAccessEntry}`;
    void pulumi.log.info(text, parent);
  }
}

/** Validates service and namespace, since a program without type checks may pass anything. */
export function checkedService(name: string, { serviceName, namespace }: ServiceIdentityMappingArgs): Service {
  const problems = [
    serviceProblem(serviceName) ?? [],
    (typeof namespace === "string" ? namespaceProblem(namespace) : undefined) ?? [],
  ].flat();
  if (problems.length > 0) {
    throw userError(`ServiceIdentityMapping "${name}": ${problems.join("; and ")}`);
  }
  return services[serviceName];
}
