import type { Login } from "../identity/login";
import { authenticated } from "../mapping";
import { describePolicy } from "./accessPolicies";
import { type Authorizer, superuserGrants } from "./authorizer";
import { type Binding, describeSubject, type PolicyRule, type Subject } from "./bindings";

/** One right of a login: a binding, an access policy, or the group `system:masters`, which needs none. */
export interface Right {
  /** Undefined: the whole cluster. */
  readonly namespace: string | undefined;
  /** Undefined for members of `system:masters`. */
  readonly binding: Binding | undefined;
  /** Undefined if the role does not exist, or if the rules of the access policy are not known. */
  readonly rules: readonly PolicyRule[] | undefined;
  readonly subject: Subject;
  /** Whether every session has it; otherwise only one whose name makes it the subject. */
  readonly isCertain: boolean;
}

/** The rights of a login, except those that Kubernetes gives to every authenticated user. */
export function rightsOf(login: Login, authorizer: Authorizer): readonly Right[] {
  const masters = superuserGrants(login).map((grant): Right => ({ ...grant, namespace: undefined, rules: undefined }));
  const bound = authorizer.bindingsOf(login).map(({ binding, subject, isCertain }): Right => {
    const namespace = binding.namespace === "" ? undefined : binding.namespace;
    return { namespace, binding, rules: authorizer.rulesOf(binding), subject, isCertain };
  });
  return [...masters, ...bound.filter((right) => !isDefault(right))];
}

/** Whether a right allows every verb on every resource of its namespace, or of the cluster. */
export function isEverything({ binding, rules = [] }: Right): boolean {
  const isAll = ({ verbs, apiGroups, resources, resourceNames }: PolicyRule) =>
    resourceNames.length === 0 && [verbs, apiGroups, resources].every((list) => list.includes("*"));
  return binding === undefined || rules.some(isAll);
}

/** Sorts rights for display: everything first, then by namespace. */
export function sortRights(rights: readonly Right[]): readonly Right[] {
  const order = (right: Right) => `${isEverything(right) ? 0 : 1} ${right.namespace ?? ""}`;
  return rights.toSorted((a, b) => (order(a) < order(b) ? -1 : 1));
}

/** What a right allows, with its scope: `edit in "team-a"`. A role is named, and called `everything` if it allows that. */
export function describeAccess(right: Right): string {
  const { namespace } = right;
  return `${describeRole(right)} ${namespace === undefined ? "everywhere" : `in ${JSON.stringify(namespace)}`}`;
}

/** What gives a right: `RoleBinding "ops", group "ops"`. */
export function describeSource({ binding, subject, isCertain }: Right): string {
  if (binding?.kind === "AccessPolicy") {
    return "access policy of its access entry";
  }
  const given = binding === undefined ? [] : [`${binding.kind} ${JSON.stringify(binding.name)}`];
  const condition = isCertain ? "" : ", only for logins with that name";
  return `${[...given, describeSubject(subject)].join(", ")}${condition}`;
}

/** Whether a right is given by a role that Kubernetes ships, or an access policy that AWS documents. */
export function isKnownByName({ binding }: Right): boolean {
  const { kind, name } = binding?.role ?? { kind: "", name: "" };
  return kind === "AccessPolicy" ? describePolicy(name) !== undefined : kind === "ClusterRole" && shipped.has(name);
}

const shipped = new Set(["cluster-admin", "admin", "edit", "view"]);

/** A role by its name. */
function describeRole(right: Right): string {
  const { binding, rules } = right;
  if (binding === undefined) {
    return "everything";
  }
  const { kind, name } = binding.role;
  if (kind === "AccessPolicy") {
    return `${name} (${describePolicy(name) ?? "its rules are not known here"})`;
  }
  const known = isKnownByName(right) ? name : `${kind} ${JSON.stringify(name)}`;
  if (rules === undefined) {
    return `${known} (does not exist, so nothing)`;
  }
  return isEverything(right) && name !== "cluster-admin" ? `${known} (everything)` : known;
}

/** Whether Kubernetes gives a right to every authenticated user, and it was not extended. */
function isDefault({ binding, subject, rules = [] }: Right): boolean {
  return (
    binding?.kind === "ClusterRoleBinding" &&
    subject.kind === "Group" &&
    subject.name === authenticated &&
    defaults.has(binding.name) &&
    binding.role.name === binding.name &&
    rules.every(isHarmless)
  );
}

/** The ClusterRoleBindings of the API server, each of the ClusterRole of its name. */
const defaults = new Set(["system:basic-user", "system:discovery", "system:public-info-viewer"]);

/** Whether a rule is about one's own rights, or about the version, the APIs and the health of the server. */
function isHarmless({ resources, nonResourceURLs }: PolicyRule): boolean {
  const isAboutOneself = resources.every((resource) => /^self[a-z]+reviews$/.test(resource));
  return isAboutOneself && nonResourceURLs.every((url) => discovery.test(url));
}

const discovery = /^\/(?:apis?|openapi)(?:\/\*)?$|^\/(?:healthz|livez|readyz|version\/?)$/;
