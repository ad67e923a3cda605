import type { PolicyRule } from "../provider/rbac";
import { describePlaceholder, placeholderIn, quoted } from "../provider/text/text";

/** A rule of a Kubernetes Role: verbs on resources of API groups. */
type ServiceRule = Pick<PolicyRule, "apiGroups" | "resources" | "verbs">;

/** The permissions and names of an AWS service in a cluster. */
export interface Service {
  /** Kubernetes username of the service's role, and the name of the Role and RoleBinding. */
  readonly username: string;
  /** Name of the service-linked IAM role, without its path, which the authenticator never sees. */
  readonly iamRole: string;
  /** A clause: when the service makes an access entry for its role itself, for which EKS refuses one of anybody else. */
  readonly ownAccessEntry: string;
  /** The service's permissions in its namespace. */
  readonly rules: readonly ServiceRule[];
  /** The service's permissions in the whole cluster, if it needs any. */
  readonly clusterRules?: readonly ServiceRule[];
}

/** Name of a service, as in eksctl's `serviceName`. */
export type ServiceName = "emr-containers" | "aws-batch";

/**
 * The supported services, each with the permissions in its documentation. To support another service, add an entry.
 *
 * Includes AWS Batch although eksctl supports only EMR: AWS documents its Kubernetes permissions in full, maps its service-linked
 * role through aws-auth in the same way, and users have requested it in eksctl (eksctl-io/eksctl#5868).
 */
export const services: Readonly<Record<ServiceName, Service>> = {
  // https://docs.aws.amazon.com/emr/latest/EMR-on-EKS-DevelopmentGuide/setting-up-cluster-access.html
  "emr-containers": {
    username: "emr-containers",
    iamRole: "AWSServiceRoleForAmazonEMRContainers",
    ownAccessEntry: "EMR makes its own for each new virtual cluster, and not for existing ones",
    rules: [
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
    ],
  },
  // https://docs.aws.amazon.com/batch/latest/userguide/getting-started-eks.html
  "aws-batch": {
    username: "aws-batch",
    iamRole: "AWSServiceRoleForBatch",
    // https://docs.aws.amazon.com/batch/latest/APIReference/API_EksAccessEntry.html
    ownAccessEntry:
      "AWS Batch makes its own where eksConfiguration.accessEntry of all its compute environments on the cluster is ENABLED",
    rules: [
      { apiGroups: [""], resources: ["pods"], verbs: ["create", "get", "list", "watch", "delete", "patch"] },
      { apiGroups: [""], resources: ["serviceaccounts"], verbs: ["get", "list"] },
      { apiGroups: ["rbac.authorization.k8s.io"], resources: ["roles", "rolebindings"], verbs: ["get", "list"] },
    ],
    clusterRules: [
      { apiGroups: [""], resources: ["namespaces"], verbs: ["get"] },
      { apiGroups: [""], resources: ["nodes"], verbs: ["get", "list", "watch"] },
      { apiGroups: [""], resources: ["pods"], verbs: ["get", "list", "watch"] },
      { apiGroups: [""], resources: ["events"], verbs: ["list"] },
      { apiGroups: [""], resources: ["configmaps"], verbs: ["get", "list", "watch"] },
      {
        apiGroups: ["apps"],
        resources: ["daemonsets", "deployments", "statefulsets", "replicasets"],
        verbs: ["get", "list", "watch"],
      },
      {
        apiGroups: ["rbac.authorization.k8s.io"],
        resources: ["clusterroles", "clusterrolebindings"],
        verbs: ["get", "list"],
      },
    ],
  },
};

const serviceNames: readonly string[] = Object.keys(services);

/** Whether there is a service of this name. */
export function isServiceName(name: string): name is ServiceName {
  return Object.hasOwn(services, name);
}

/** Describes the problem of a service name; undefined if there is a service of it. */
export function serviceProblem(name: string): string | undefined {
  if (isServiceName(name)) {
    return undefined;
  }
  const placeholder = placeholderIn(String(name));
  if (placeholder !== undefined) {
    return describePlaceholder(`service name ${quoted(name)}`, placeholder);
  }
  return `invalid service name ${quoted(name)}; services are ${serviceNames.join(", ")}`;
}

/** Describes the problem of a namespace; undefined if it is valid. */
export function namespaceProblem(namespace: string): string | undefined {
  if (/^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/.test(namespace)) {
    return undefined;
  }
  const placeholder = placeholderIn(namespace);
  if (placeholder !== undefined) {
    return describePlaceholder(`namespace ${quoted(namespace)}`, placeholder);
  }
  return `namespace ${quoted(namespace)} cannot be the name of a namespace: Kubernetes allows at most 63 lower-case letters, digits and -, with a letter or digit at either end`;
}

/**
 * The verbs that EMR's documentation repeats for most resources. `describe`, `edit`, `annotate` and `label` are not Kubernetes
 * verbs and have no effect.
 */
function verbs(...more: string[]): readonly string[] {
  return ["get", "list", "watch", "describe", "create", "edit", "delete", ...more, "annotate", "patch", "label"];
}
