import type { Login } from "../identity/login";
import { authenticated } from "../mapping";
import { policySummary } from "./accessPolicies";
import { type Authorizer, type Grant, superuserGrants } from "./authorizer";
import { describeBindingSubject, type PolicyRule } from "./bindings";
import { andMore, shippedRoles } from "./shippedRoles";

/** One right of a login: a binding, an access policy, or the group `system:masters`, which needs neither. */
export interface Right extends Grant {
  /** Undefined for the whole cluster. */
  readonly namespace: string | undefined;
  /** Undefined if the role does not exist, or if the rules of the access policy are not known. */
  readonly rules: readonly PolicyRule[] | undefined;
}

/** The rights of a login, except those of every authenticated user. */
export function rightsOf(login: Login, authorizer: Authorizer): readonly Right[] {
  const masters = superuserGrants(login).map((grant): Right => ({ ...grant, namespace: undefined, rules: undefined }));
  const bound = authorizer.bindingsOf(login).map(({ binding, subject, isCertain }): Right => {
    const namespace = binding.namespace === "" ? undefined : binding.namespace;
    return { namespace, binding, rules: authorizer.rulesOf(binding), subject, isCertain };
  });
  return [...masters, ...bound.filter((right) => !isDefault(right, right.rules))];
}

/** Whether a right allows every verb on every resource of its namespace, or of the cluster. */
export function isEverything({ binding, rules = [] }: Right): boolean {
  const isAll = ({ verbs, apiGroups, resources, resourceNames }: PolicyRule) =>
    resourceNames.length === 0 && [verbs, apiGroups, resources].every((list) => list.includes("*"));
  return binding === undefined || rules.some(isAll);
}

/** Whether a right is that of an administrator. */
export function isEverythingEverywhere(right: Right): boolean {
  return right.namespace === undefined && isEverything(right);
}

export function sortRights(rights: readonly Right[]): readonly Right[] {
  const order = (right: Right) => `${right.isCertain ? 0 : 1} ${isEverything(right) ? 0 : 1} ${right.namespace ?? ""}`;
  return rights.toSorted((a, b) => (order(a) < order(b) ? -1 : 1));
}

/** The scope of a right: `edit in "team-a"`. Adds `everything` to a role that allows everything, and sessions if not all have it. */
export function describeAccess(right: Right): string {
  const { namespace, subject, isCertain } = right;
  const where = namespace === undefined ? "everywhere" : `in ${JSON.stringify(namespace)}`;
  return `${describeRole(right)} ${where}${isCertain ? "" : ` (sessions with ${describeBindingSubject(subject)})`}`;
}

/** The source of a right: `RoleBinding "ops", group "ops"`. */
export function describeSource({ binding, subject, isCertain }: Right): string {
  if (binding?.kind === "AccessPolicy") {
    return "access policy of its access entry";
  }
  const given = binding === undefined ? [] : [`${binding.kind} ${JSON.stringify(binding.name)}`];
  const condition = isCertain ? "" : ", only for sessions with that username";
  return `${[...given, describeBindingSubject(subject)].join(", ")}${condition}`;
}

/** Whether the source of a right is a role that Kubernetes ships, or an access policy that AWS documents. */
export function isKnownByName({ binding }: Right): boolean {
  const { kind, name } = binding?.role ?? { kind: "", name: "" };
  return kind === "AccessPolicy" ? policySummary(name) !== undefined : kind === "ClusterRole" && shippedRoles.has(name);
}

function describeRole(right: Right): string {
  const { binding, rules } = right;
  if (binding === undefined) {
    return "everything";
  }
  const { kind, name } = binding.role;
  if (kind === "AccessPolicy") {
    return `${name} (${policySummary(name) ?? "rules unknown"})`;
  }
  const known = isKnownByName(right) ? name : `${kind} ${JSON.stringify(name)}`;
  if (rules === undefined) {
    return `${known} (does not exist)`;
  }
  return isEverything(right) && name !== "cluster-admin" ? `${known} (everything)` : known + andMore(right, rules);
}

/** Whether a grant is Kubernetes' default for every authenticated user, without extensions. */
export function isDefault({ binding, subject }: Grant, rules: readonly PolicyRule[] = []): boolean {
  return (
    binding?.kind === "ClusterRoleBinding" &&
    subject.kind === "Group" &&
    subject.name === authenticated &&
    defaults.has(binding.name) &&
    binding.role.name === binding.name &&
    rules.every(isHarmless)
  );
}

/** The API server's default ClusterRoleBindings, each for the ClusterRole of the same name. */
const defaults = new Set(["system:basic-user", "system:discovery", "system:public-info-viewer"]);

/** Whether a rule covers only one's own rights, or the version, APIs and health of the server. */
function isHarmless({ resources, nonResourceURLs }: PolicyRule): boolean {
  const isAboutOneself = resources.every((resource) => /^self[a-z]+reviews$/.test(resource));
  return isAboutOneself && nonResourceURLs.every((url) => discovery.test(url));
}

const discovery = /^\/(?:apis?|openapi)(?:\/\*)?$|^\/(?:healthz|livez|readyz|version\/?)$/;
