import { fieldsOf, listOf, textOf, textsOf } from "../text/fields";
import { quoted } from "../text/text";

export interface PolicyRule {
  readonly verbs: readonly string[];
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  /** The objects to which it is limited; empty for all objects. */
  readonly resourceNames: readonly string[];
  readonly nonResourceURLs: readonly string[];
}

export interface BindingSubject {
  /** `User`, `Group` or `ServiceAccount`; anything else matches no one. */
  readonly kind: string;
  readonly name: string;
  /** The namespace of a service account; empty for the binding's own namespace. */
  readonly namespace: string;
}

/** A RoleBinding, a ClusterRoleBinding, or an EKS access policy, which binds the principal of one access entry. */
export interface Binding {
  readonly kind: "RoleBinding" | "ClusterRoleBinding" | "AccessPolicy";
  readonly name: string;
  /** The namespace in which it grants its rights; empty for all. The scope of an access policy may have wildcards (`dev-*`). */
  readonly namespace: string;
  /** The role, which need not exist. */
  readonly role: { readonly kind: string; readonly name: string };
  readonly subjects: readonly BindingSubject[];
  /** Only for an access policy, which is not a role of the cluster; undefined if its rules are not known. */
  readonly rules?: readonly PolicyRule[] | undefined;
}

export function isNamespaceName(name: string): boolean {
  return /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(name);
}

/** The kinds of RBAC objects, by the names of their lists in the API. */
export const rbacLists = ["clusterrolebindings", "rolebindings", "clusterroles", "roles"] as const;

export type RbacList = (typeof rbacLists)[number];

export interface RbacObjects {
  /** ClusterRoleBindings first, in the order of the authorizer. */
  readonly bindings: readonly Binding[];
  /** The rules of the roles, by {@link roleKey}. */
  readonly rules: ReadonlyMap<string, readonly PolicyRule[]>;
}

export const noObjects: RbacObjects = { bindings: [], rules: new Map() };

/** Parses the items of the four lists. Ignores values that a server would not store. */
export function parseRbac(lists: Readonly<Record<RbacList, readonly unknown[]>>): RbacObjects {
  return {
    bindings: [
      ...lists.clusterrolebindings.map((item) => parseBinding("ClusterRoleBinding", item)),
      ...lists.rolebindings.map((item) => parseBinding("RoleBinding", item)),
    ],
    rules: new Map([
      ...lists.clusterroles.map((item) => parseRole("ClusterRole", item)),
      ...lists.roles.map((item) => parseRole("Role", item)),
    ]),
  };
}

/** The resources and objects in a rule, as in requests. */
export function objectsIn({ apiGroups, resources, resourceNames }: PolicyRule, namespace = "") {
  const names = resourceNames.length === 0 ? [""] : resourceNames;
  return apiGroups.flatMap((group) =>
    resources.flatMap((text) => {
      const [resource = "", subresource = ""] = text.split("/");
      return names.map((name) => ({ group, resource, subresource, name, namespace }));
    }),
  );
}

/** The key of a role. A Role belongs to a namespace, a ClusterRole to none. */
export function roleKey(kind: string, namespace: string, name: string): string {
  return JSON.stringify(kind === "Role" ? [kind, namespace, name] : [kind, name]);
}

/** An aggregated ClusterRole has its rules in its own list, since the server copies them there. */
function parseRole(kind: string, item: unknown): readonly [string, readonly PolicyRule[]] {
  const { name, namespace } = metadataOf(item);
  const rules = listOf(fieldsOf(item)["rules"]).map(
    (rule): PolicyRule => ({
      verbs: textsOf(rule["verbs"]),
      apiGroups: textsOf(rule["apiGroups"]),
      resources: textsOf(rule["resources"]),
      resourceNames: textsOf(rule["resourceNames"]),
      nonResourceURLs: textsOf(rule["nonResourceURLs"]),
    }),
  );
  return [roleKey(kind, namespace, name), rules];
}

function parseBinding(kind: Binding["kind"], item: unknown): Binding {
  const { name, namespace } = metadataOf(item);
  const role = fieldsOf(fieldsOf(item)["roleRef"]);
  return {
    kind,
    name,
    namespace: kind === "RoleBinding" ? namespace : "",
    role: { kind: textOf(role["kind"]), name: textOf(role["name"]) },
    subjects: listOf(fieldsOf(item)["subjects"]).map((subject) => ({
      kind: textOf(subject["kind"]),
      name: textOf(subject["name"]),
      namespace: textOf(subject["namespace"]),
    })),
  };
}

function metadataOf(item: unknown): { readonly name: string; readonly namespace: string } {
  const metadata = fieldsOf(fieldsOf(item)["metadata"]);
  return { name: textOf(metadata["name"]), namespace: textOf(metadata["namespace"]) };
}

/** A subject in a sentence: `group "ops"`. */
export function describeBindingSubject({ kind, name, namespace }: BindingSubject): string {
  if (kind === "ServiceAccount") {
    return `service account ${quoted(namespace === "" ? name : `${namespace}/${name}`)}`;
  }
  return `${kind === "Group" ? "group" : "username"} ${quoted(name)}`;
}

/** A binding by its kind and names: `RoleBinding "ops" in "team-a"`, `access policy AmazonEKSViewPolicy in "team-a"`. */
export function describeBinding({ kind, name, namespace }: Binding): string {
  const where = namespace === "" ? "" : ` in ${quoted(namespace)}`;
  return kind === "AccessPolicy" ? `access policy ${name}${where}` : `${kind} ${quoted(name)}${where}`;
}
