import { type AccessEntryContent, policyName } from "../accessEntries/accessEntry";
import type { Binding, PolicyRule } from "./bindings";

/** Returns one binding for each namespace of a policy's scope. */
export function policyBindings({ principalArn, policies }: AccessEntryContent): readonly Binding[] {
  return policies.flatMap(({ policyArn, scope }) => {
    const name = policyName(policyArn);
    const namespaces = scope.type === "cluster" ? [""] : [...new Set(scope.namespaces)].sort();
    return namespaces.map(
      (namespace): Binding => ({
        kind: "AccessPolicy",
        name,
        namespace,
        role: { kind: "AccessPolicy", name },
        subjects: [{ kind: "AccessEntry", name: principalArn, namespace: "" }],
        rules: documented.get(name)?.rules,
      }),
    );
  });
}

/** The Kubernetes role that an access policy resembles; undefined if its rules are not known. */
export function policySummary(name: string): string | undefined {
  return documented.get(name)?.like;
}

const reading = ["get", "list", "watch"];
const writing = ["create", "delete", "deletecollection", "patch", "update"];

/** Resources by API group; those of one group are joined by spaces. */
type Resources = Readonly<Record<string, string>>;

function rulesFor(verbs: readonly string[], resources: Resources): PolicyRule[] {
  return Object.entries(resources).map(([group, names]) => ({
    verbs,
    apiGroups: [group],
    resources: names.split(" "),
    resourceNames: [],
    nonResourceURLs: [],
  }));
}

const viewRules = rulesFor(reading, {
  "": "bindings configmaps endpoints events limitranges namespaces namespaces/status persistentvolumeclaims persistentvolumeclaims/status pods pods/log pods/status replicationcontrollers replicationcontrollers/scale replicationcontrollers/status resourcequotas resourcequotas/status serviceaccounts services services/status",
  apps: "controllerrevisions daemonsets daemonsets/status deployments deployments/scale deployments/status replicasets replicasets/scale replicasets/status statefulsets statefulsets/scale statefulsets/status",
  autoscaling: "horizontalpodautoscalers horizontalpodautoscalers/status",
  batch: "cronjobs cronjobs/status jobs jobs/status",
  "discovery.k8s.io": "endpointslices",
  extensions:
    "daemonsets daemonsets/status deployments deployments/scale deployments/status ingresses ingresses/status networkpolicies replicasets replicasets/scale replicasets/status replicationcontrollers/scale",
  "networking.k8s.io": "ingresses ingresses/status networkpolicies",
  policy: "poddisruptionbudgets poddisruptionbudgets/status",
});

const editRules = [
  ...viewRules,
  ...rulesFor(reading, { "": "pods/attach pods/exec pods/portforward pods/proxy secrets services/proxy" }),
  ...rulesFor(writing, {
    "": "configmaps events persistentvolumeclaims pods pods/attach pods/exec pods/portforward pods/proxy replicationcontrollers replicationcontrollers/scale secrets serviceaccounts services services/proxy",
    apps: "daemonsets deployments deployments/rollback deployments/scale replicasets replicasets/scale statefulsets statefulsets/scale",
    autoscaling: "horizontalpodautoscalers",
    batch: "cronjobs jobs",
    extensions:
      "daemonsets deployments deployments/rollback deployments/scale ingresses networkpolicies replicasets replicasets/scale replicationcontrollers/scale",
    "networking.k8s.io": "ingresses networkpolicies",
    policy: "poddisruptionbudgets",
  }),
  ...rulesFor(["impersonate"], { "": "serviceaccounts" }),
];

const adminRules = [
  ...editRules,
  ...rulesFor(["create"], { "authorization.k8s.io": "localsubjectaccessreviews" }),
  ...rulesFor([...reading, ...writing], { "rbac.authorization.k8s.io": "rolebindings roles" }),
];

const clusterAdminRules: readonly PolicyRule[] = [
  ...rulesFor(["*"], { "*": "*" }),
  { verbs: ["*"], apiGroups: [], resources: [], resourceNames: [], nonResourceURLs: ["*"] },
];

/**
 * The policies for users, with the rules that AWS documents. Policies for AWS's own components are not documented as rules.
 *
 * @see https://docs.aws.amazon.com/eks/latest/userguide/access-policy-permissions.html
 */
const documented: ReadonlyMap<string, { readonly rules: readonly PolicyRule[]; readonly like: string }> = new Map([
  ["AmazonEKSClusterAdminPolicy", { rules: clusterAdminRules, like: "everything" }],
  ["AmazonEKSAdminPolicy", { rules: adminRules, like: "similar to admin" }],
  ["AmazonEKSEditPolicy", { rules: editRules, like: "similar to edit" }],
  ["AmazonEKSViewPolicy", { rules: viewRules, like: "similar to view" }],
  ["AmazonEKSAdminViewPolicy", { rules: rulesFor(reading, { "*": "*" }), like: "reads everything, secrets too" }],
  ["AmazonEKSSecretReaderPolicy", { rules: rulesFor(reading, { "": "secrets" }), like: "reads secrets" }],
]);
