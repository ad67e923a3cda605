import { fieldsOf, listOf, textOf, textsOf } from "../text/fields";

/** What a role allows: the verbs on the resources, or on the URLs. */
export interface PolicyRule {
  readonly verbs: readonly string[];
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  /** The only objects that it is about; none: all. */
  readonly resourceNames: readonly string[];
  readonly nonResourceURLs: readonly string[];
}

/** Whom a binding names. */
export interface Subject {
  /** `User`, `Group` or `ServiceAccount`; anything else matches nobody. */
  readonly kind: string;
  readonly name: string;
  /** Of a service account; empty where the binding does not say, which means its own. */
  readonly namespace: string;
}

/** A RoleBinding or ClusterRoleBinding; or an access policy of EKS, which binds the principal of one access entry. */
export interface Binding {
  readonly kind: "RoleBinding" | "ClusterRoleBinding" | "AccessPolicy";
  readonly name: string;
  /** Where it gives its rights; empty: everywhere. Of an access policy, it may have wildcards (`dev-*`). */
  readonly namespace: string;
  /** The role; it need not exist. */
  readonly role: { readonly kind: string; readonly name: string };
  readonly subjects: readonly Subject[];
  /** Of an access policy, which is not among the roles of the cluster; undefined where its rules are not known. */
  readonly rules?: readonly PolicyRule[] | undefined;
}

/** The kinds of objects that decide who may do what, as the API server names their lists. */
export const rbacLists = ["clusterrolebindings", "rolebindings", "clusterroles", "roles"] as const;

/** One of the four lists. */
export type RbacList = (typeof rbacLists)[number];

/** The RBAC objects of a cluster. */
export interface RbacObjects {
  /** ClusterRoleBindings first, as the authorizer looks at them. */
  readonly bindings: readonly Binding[];
  /** The rules of the roles, by {@link roleKey}. */
  readonly rules: ReadonlyMap<string, readonly PolicyRule[]>;
}

/** What is known of a cluster that tells nothing. */
export const noObjects: RbacObjects = { bindings: [], rules: new Map() };

/** Reads the items of the four lists; what a server would not store is read as if it were not there. */
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

/** What a role is found under: a Role is one of its namespace, a ClusterRole of none. */
export function roleKey(kind: string, namespace: string, name: string): string {
  return JSON.stringify(kind === "Role" ? [kind, namespace, name] : [kind, name]);
}

/** Rules that a ClusterRole aggregates are in its own list by the time that a server shows them. */
function parseRole(kind: string, item: unknown): readonly [string, readonly PolicyRule[]] {
  const { name, namespace } = nameOf(item);
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
  const { name, namespace } = nameOf(item);
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

function nameOf(item: unknown): { readonly name: string; readonly namespace: string } {
  const metadata = fieldsOf(fieldsOf(item)["metadata"]);
  return { name: textOf(metadata["name"]), namespace: textOf(metadata["namespace"]) };
}
