import * as pulumi from "@pulumi/pulumi";
import { loadOptionalPackage } from "./optionalPackage";
import type { PolicyRule, Service } from "./services";

/**
 * Makes the Kubernetes objects that give a service's user its permissions.
 *
 * @param parent the component that they belong to, from which they inherit their provider.
 * @param name the component's name.
 * @throws RunError where @pulumi/kubernetes is not installed.
 */
export function grantService(
  parent: pulumi.ComponentResource,
  name: string,
  service: Service,
  namespace: pulumi.Input<string>,
): void {
  warnOfCurrentContext(parent);
  const kubernetes: Kubernetes = loadOptionalPackage("@pulumi/kubernetes", "a ServiceIdentityMapping");
  const { ClusterRole, ClusterRoleBinding, Role, RoleBinding } = kubernetes.rbac.v1;
  const { username, rules, clusterRules } = service;
  const apiGroup = "rbac.authorization.k8s.io";
  const subjects = [{ apiGroup, kind: "User", name: username }];

  const metadata = { name: username, namespace, annotations };
  const role = new Role(name, { metadata, rules: mutable(rules) }, { parent });
  const roleRef = { apiGroup, kind: "Role", name: username };
  new RoleBinding(name, { metadata, roleRef, subjects }, { parent, dependsOn: role });

  if (clusterRules !== undefined) {
    // Named after the namespace as well, so that two namespaces of one cluster do not own the same object.
    const clusterName = pulumi.interpolate`${username}-${namespace}`;
    const clusterMetadata = { name: clusterName, annotations };
    const clusterRole = new ClusterRole(name, { metadata: clusterMetadata, rules: mutable(clusterRules) }, { parent });
    const clusterRoleRef = { apiGroup, kind: "ClusterRole", name: clusterName };
    new ClusterRoleBinding(
      name,
      { metadata: clusterMetadata, roleRef: clusterRoleRef, subjects },
      { parent, dependsOn: clusterRole },
    );
  }
}

/** Where the provider may take an existing object over, eksctl is no longer to be asked about the fields that it set. */
const annotations = { "pulumi.com/patchForce": "true" };

function mutable(rules: readonly PolicyRule[]) {
  return rules.map(({ apiGroups, resources, verbs }) => ({
    apiGroups: [...apiGroups],
    resources: [...resources],
    verbs: [...verbs],
  }));
}

/** Only the part of @pulumi/kubernetes that is used, since the types of all of it take long to check. */
interface Kubernetes {
  readonly rbac: { readonly v1: typeof import("@pulumi/kubernetes/rbac/v1") };
}

/**
 * Warns when Kubernetes objects would go to whichever cluster the kubeconfig's current context names, while the program names the
 * cluster of their mapping.
 *
 * @param parent the component that the objects are made for.
 */
function warnOfCurrentContext(parent: pulumi.ComponentResource): void {
  const config = new pulumi.Config("kubernetes");
  // A secret is not read, only looked for: reading it makes Pulumi warn.
  const isConfigured = ["kubeconfig", "context", "cluster"].some((key) => config.getSecret(key) !== undefined);
  const isChosen = isConfigured || parent.getProvider("kubernetes:rbac.authorization.k8s.io/v1:Role") !== undefined;
  if (!isChosen) {
    pulumi.log.warn(
      'the Role and RoleBinding go to the current context of the kubeconfig; pass a Kubernetes provider for the cluster in the options (providers: { kubernetes: ... }), or set "pulumi config set kubernetes:context NAME"',
      parent,
    );
  }
}
