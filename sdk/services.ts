import { isNamespaceName } from "../provider/rights/bindings";
import { quoted } from "../provider/text/text";

/** Name of a service, as in eksctl's `serviceName`. */
export type ServiceName = "emr-containers";

/** The only service. */
export const serviceName: ServiceName = "emr-containers";

/** Describes the problem with a service name; undefined if the service exists. */
export function serviceProblem(name: string): string | undefined {
  return name === serviceName ? undefined : `invalid service name ${quoted(name)}; the only service is ${serviceName}`;
}

/** Describes the problem with a namespace; undefined if it is valid or unknown. */
export function namespaceProblem(namespace: unknown): string | undefined {
  return typeof namespace === "string" && !isNamespaceName(namespace)
    ? `namespace ${quoted(namespace)} cannot be the name of a namespace: Kubernetes allows at most 63 lower-case letters, digits and -, with a letter or digit at either end`
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
