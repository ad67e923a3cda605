import { createRequire } from "node:module";
import * as pulumi from "@pulumi/pulumi";
import type { AuthenticationMode } from "../provider/accessEntries/accessEntry";
import { parseClusterArn } from "../provider/cluster/clusterInput";
import { isNamespaceName } from "../provider/rights/bindings";
import { type Fields, isFields } from "../provider/text/fields";
import { quoted } from "../provider/text/text";
import { type Cluster, clusterInputOf, isAwaited } from "./cluster";
import { type ServiceName, serviceProblem } from "./clusterConfig";
import { IdentityMapping } from "./identityMapping";
import { checkArgs, showWarning, userError } from "./programErrors";

/** Arguments of a {@link ServiceIdentityMapping}. */
export interface ServiceIdentityMappingArgs {
  /**
   * The cluster whose kube-system/aws-auth contains the mapping, as for an {@link IdentityMapping}. The Kubernetes provider creates the
   * Roles and RoleBindings: pass a provider for the same cluster in the options (`providers: { kubernetes: ... }`).
   */
  cluster?: Cluster;
  /** The AWS service: `emr-containers` (EMR on EKS). */
  serviceName: ServiceName;
  /** Namespace that the service uses, or several; each must exist. */
  namespace: pulumi.Input<string> | readonly string[];
  /**
   * ARN of the service-linked role; its path is removed. Default: the standard service-linked role in the account of the cluster's ARN or
   * in the `account` of `cluster`; an error if neither is set. Changing the role replaces the mapping.
   */
  roleArn?: pulumi.Input<string>;
  /** Whether to take over existing entries for the role, as for an {@link IdentityMapping}. Default: false. */
  adopt?: pulumi.Input<boolean>;
  /** Accepted for consistency with {@link IdentityMapping}; the mapping of the service always stays in aws-auth, and the preview states why. */
  authenticationMode?: pulumi.Input<AuthenticationMode>;
}

const username = "emr-containers";
const iamRole = "AWSServiceRoleForAmazonEMRContainers";

/**
 * Lets EMR on EKS use namespaces of a cluster. For each namespace, it creates a Role with the permissions that EMR documents, and
 * a RoleBinding. It also maps the service-linked role of EMR to the Kubernetes user in the bindings. Equivalent to `eksctl create
 * iamidentitymapping --service-name`. Requires the package `@pulumi/kubernetes`.
 *
 * The mapping stays in aws-auth with every `authenticationMode`: EKS accepts access entries for service-linked roles only from the service.
 * EMR creates its own for new virtual clusters. A cluster in mode `API` ignores aws-auth, so this resource is an error there. Remove it,
 * and let the service create its access entries.
 *
 * The option `providers` may contain the Kubernetes provider to use. One with `upsertExistingObjects: true` takes over a Role of the same
 * name that eksctl created.
 *
 * @example
 * ```ts
 * import * as awsAuth from "pulumi-aws-auth";
 *
 * new awsAuth.ServiceIdentityMapping("emr", {
 *   cluster: "arn:aws:eks:eu-central-1:111122223333:cluster/prod",
 *   serviceName: "emr-containers",
 *   namespace: "spark",
 * });
 * ```
 */
export class ServiceIdentityMapping extends pulumi.ComponentResource {
  /** ARN of the mapped service-linked role. */
  readonly roleArn: pulumi.Output<string>;
  /** The role's mapping. */
  readonly mapping: IdentityMapping;

  constructor(name: string, args: ServiceIdentityMappingArgs, options?: pulumi.ComponentResourceOptions) {
    const allowed = ["cluster", "serviceName", "namespace", "roleArn", "adopt", "authenticationMode"];
    checkArgs("ServiceIdentityMapping", name, args, allowed);
    const { namespace, cluster, adopt } = args;
    const namespaces = Array.isArray(namespace) ? namespace : [namespace];
    const problems = [serviceProblem(args.serviceName), ...namespaces.map(namespaceProblem)].filter((it) => it);
    if (problems.length > 0) {
      throw userError(`ServiceIdentityMapping "${name}": ${problems.join("; and ")}`);
    }
    super("aws-auth:index:ServiceIdentityMapping", name, {}, options);
    warnOfCurrentContext(this);
    for (const each of namespaces) {
      grant(this, Array.isArray(namespace) ? `${name}-${each}` : name, each);
    }
    const config = new pulumi.Config("aws-auth");
    this.roleArn =
      args.roleArn === undefined ? roleArnIn(name, cluster ?? config.get("cluster")) : pulumi.output(args.roleArn);
    this.mapping = new IdentityMapping(
      name,
      {
        ...(cluster !== undefined && { cluster }),
        arn: this.roleArn,
        username,
        ...(adopt !== undefined && { adopt }),
        authenticationMode: "CONFIG_MAP",
      },
      { parent: this },
    );
    pulumi.output(args.authenticationMode ?? config.get("authenticationMode")).apply((mode) => {
      if (mode === "API" || mode === "API_AND_CONFIG_MAP") {
        const text = `this mapping stays in aws-auth with authenticationMode ${mode}: EKS accepts access entries for service-linked roles only from the service itself, and EMR creates its own for each new virtual cluster`;
        void pulumi.log.info(text, this);
      }
    });
    this.registerOutputs({ roleArn: this.roleArn });
  }
}

/** Creates the Kubernetes objects that grant EMR's user its permissions in a namespace. */
function grant(parent: pulumi.ComponentResource, name: string, namespace: pulumi.Input<string>): void {
  const { Role, RoleBinding } = loadRbac();
  const apiGroup = "rbac.authorization.k8s.io";
  // A provider that takes over an existing object also takes over the fields that eksctl set.
  const metadata = { name: username, namespace, annotations: { "pulumi.com/patchForce": "true" } };
  const role = new Role(name, { metadata, rules: emrRules }, { parent });
  const roleRef = { apiGroup, kind: "Role", name: username };
  const subjects = [{ apiGroup, kind: "User", name: username }];
  new RoleBinding(name, { metadata, roleRef, subjects }, { parent, dependsOn: role });
}

/** Loads the package from the program's directory first, since this one may be linked from another directory. */
function loadRbac(): typeof import("@pulumi/kubernetes/rbac/v1") {
  const load = createRequire(__filename);
  let path: string;
  try {
    path = load.resolve("@pulumi/kubernetes", { paths: [process.cwd(), __dirname] });
  } catch {
    throw userError(
      'a ServiceIdentityMapping requires the package @pulumi/kubernetes, which is not installed; run "npm install @pulumi/kubernetes"',
    );
  }
  return load(path).rbac.v1;
}

/** Warns if Kubernetes objects would be created in the current kubeconfig context, which may be a different cluster than the mapping's. */
function warnOfCurrentContext(parent: pulumi.ComponentResource): void {
  const config = new pulumi.Config("kubernetes");
  // Use getSecret, since reading a secret with get makes Pulumi warn.
  const isConfigured = ["kubeconfig", "context", "cluster"].some((key) => config.getSecret(key) !== undefined);
  if (!isConfigured && parent.getProvider("kubernetes:rbac.authorization.k8s.io/v1:Role") === undefined) {
    showWarning(
      'the Role and RoleBinding are created in the current context of the kubeconfig; pass a Kubernetes provider for the cluster in the options (providers: { kubernetes: ... }), or run "pulumi config set kubernetes:context NAME"',
      parent,
    );
  }
}

/** The ARN of EMR's service-linked role in the cluster's account, without its path, as aws-auth needs it. */
function roleArnIn(name: string, cluster: Cluster | undefined): pulumi.Output<string> {
  const input = clusterInputOf(cluster);
  // Excludes the kubeconfig, which would make the role's ARN secret.
  const { name: of, account, region } = isFields(input) && !isAwaited(input) ? input : { name: input };
  const place: Fields = { name: of, account, region };
  // Synchronously if possible, since an error in an output is printed twice.
  return Object.values(place).some(isAwaited)
    ? pulumi.output(place).apply((found) => roleArnAt(name, isFields(found["name"]) ? found["name"] : found))
    : pulumi.output(roleArnAt(name, place));
}

function roleArnAt(name: string, { name: cluster, account, region }: Fields): string {
  const arn = typeof cluster === "string" ? parseClusterArn(cluster) : undefined;
  const owner = arn?.account ?? account;
  if (typeof owner !== "string") {
    throw userError(
      `ServiceIdentityMapping "${name}": the account of the service-linked role is not known; use the ARN of the cluster, add account to cluster, or set roleArn (serviceRoleArn in IdentityMappings)`,
    );
  }
  const place = String(region);
  const partition = place.startsWith("cn-") ? "aws-cn" : place.startsWith("us-gov-") ? "aws-us-gov" : "aws";
  return `arn:${arn?.partition ?? partition}:iam::${owner}:role/${iamRole}`;
}

/** Describes the problem with a namespace; undefined if it is valid or unknown. */
function namespaceProblem(namespace: unknown): string | undefined {
  return typeof namespace === "string" && !isNamespaceName(namespace)
    ? `namespace ${quoted(namespace)} is not a valid name: Kubernetes allows at most 63 lowercase letters, digits and -, with a letter or digit at both ends`
    : undefined;
}

/**
 * The permissions of EMR in its namespace, as documented:
 * https://docs.aws.amazon.com/emr/latest/EMR-on-EKS-DevelopmentGuide/setting-up-cluster-access.html
 */
export const emrRules = [
  { apiGroups: [""], resources: ["namespaces"], verbs: ["get"] },
  {
    apiGroups: [""],
    resources: ["serviceaccounts", "services", "configmaps", "events", "pods", "pods/log"],
    verbs: verbs("deletecollection"),
  },
  { apiGroups: [""], resources: ["secrets"], verbs: ["create", "patch", "delete", "watch"] },
  { apiGroups: ["apps"], resources: ["statefulsets", "deployments"], verbs: verbs() },
  { apiGroups: ["batch"], resources: ["jobs"], verbs: verbs() },
  { apiGroups: ["extensions", "networking.k8s.io"], resources: ["ingresses"], verbs: verbs() },
  {
    apiGroups: ["rbac.authorization.k8s.io"],
    resources: ["roles", "rolebindings"],
    verbs: verbs("deletecollection"),
  },
  { apiGroups: [""], resources: ["persistentvolumeclaims"], verbs: verbs("deletecollection") },
];

/**
 * The verbs that EMR's documentation repeats for most resources. `describe`, `edit`, `annotate` and `label` are not Kubernetes
 * verbs and have no effect.
 */
function verbs(...more: string[]): string[] {
  return ["get", "list", "watch", "describe", "create", "edit", "delete", ...more, "annotate", "patch", "label"];
}
