import {
  type Authorizer,
  allows,
  appliesTo,
  type PolicyRule,
  type ResourceRequest,
  superuserGrants,
  type User,
} from "../rbac";
import { escapeRegExp } from "../text/text";

/**
 * The strongest thing that a role allows, the strongest first. All before `secrets` are ways to more rights than the role itself has: in
 * the whole cluster, or in kube-system, to all of them.
 *
 * - `everything`: every verb on every resource
 * - `escalate`: changes roles beyond its own rights
 * - `bind`: binds roles that are ways to more
 * - `impersonate`: acts as others who have ways to more
 * - `aws-auth`: rewrites kube-system/aws-auth
 * - `tokens`: makes tokens of service accounts
 * - `certificates`: approves certificates, which are logins
 * - `webhooks`: reads and changes what others send to the API server
 * - `exec`: runs commands in containers, or reaches the kubelet through the API server
 * - `workloads`: creates pods, which may use any service account of the namespace, or volumes, which may be directories of the node
 * - `secrets`: reads secrets, if only some
 * - `write`: changes or makes something
 * - `read`: gets, lists or watches something
 * - `nothing`: no rule, or no role
 *
 * @see https://kubernetes.io/docs/concepts/security/rbac-good-practices/#kubernetes-rbac-privilege-escalation-risks
 */
export const strengths = [
  "everything",
  "escalate",
  "bind",
  "impersonate",
  "aws-auth",
  "tokens",
  "certificates",
  "webhooks",
  "exec",
  "workloads",
  "secrets",
  "write",
  "read",
  "nothing",
] as const;

/** How strong a role is. */
export type Strength = (typeof strengths)[number];

/** Whether a strength is a way to more rights than the role itself has. */
export function isWayUp(strength: Strength): boolean {
  return isStronger(strength, "secrets");
}

/** Whether rights in a namespace are a way to all of them: the API server's own service accounts are in kube-system, as is aws-auth. */
export function reachesCluster(namespace: string | undefined): boolean {
  return appliesTo({ namespace: namespace ?? "" }, awsAuth("patch"));
}

/** Where rules apply, and what else there is in the cluster. */
interface Scope {
  readonly authorizer: Authorizer;
  /** Empty: everywhere. */
  readonly namespace: string;
  /** Whether the cluster ignores aws-auth. */
  readonly isMapIgnored?: boolean;
  /** The users and roles that are looked at already. */
  readonly seen?: ReadonlySet<string>;
}

/** The strongest thing that rules allow in a scope. */
export function strengthIn(rules: readonly PolicyRule[], scope: Scope): Strength {
  return strengths.find((strength) => rules.some((rule) => tests[strength](rule, scope))) ?? "nothing";
}

/** The strength of what is left when everybody knows what a ClusterRole of this name allows; undefined for any other role. */
export function knownStrength({ kind, name }: { readonly kind: string; readonly name: string }): Strength | undefined {
  return kind === "ClusterRole" ? known.get(name) : undefined;
}

/** Whether one strength is more than another. */
export function isStronger(strength: Strength, other: Strength): boolean {
  return strengths.indexOf(strength) < strengths.indexOf(other);
}

// What Kubernetes ships: who may edit may take the rights of the service accounts of the namespace.
const known: ReadonlyMap<string, Strength> = new Map([
  ["cluster-admin", "everything"],
  ["admin", "impersonate"],
  ["edit", "impersonate"],
  ["view", "read"],
]);

const rbac = "rbac.authorization.k8s.io";

type Test = (rule: PolicyRule, scope: Scope) => boolean;

const actsAs = reachesNamed(["impersonate"], "", {
  users: (username, scope) => isStrongUser({ username, groups: [] }, scope),
  groups: (group, scope) => isStrongUser({ username: "", groups: [group] }, scope),
  serviceaccounts: isStrongAccount,
});

const tests: Readonly<Record<Strength, Test>> = {
  everything: ({ verbs, apiGroups, resources, resourceNames }) =>
    [verbs, apiGroups, resources].every((list) => list.includes("*")) && resourceNames.length === 0,
  escalate: reaches(["escalate"], rbac, ["roles", "clusterroles"]),
  bind: reachesNamed(["bind"], rbac, {
    roles: (name, scope) => isStrongRole("Role", name, scope),
    clusterroles: (name, scope) => isStrongRole("ClusterRole", name, scope),
  }),
  impersonate: (rule, scope) =>
    actsAs(rule, scope) ||
    reaches(["impersonate"], "authentication.k8s.io", ["uids", "userextras", ...extrasIn(rule)])(rule, scope),
  "aws-auth": (rule, { namespace, isMapIgnored }) =>
    !isMapIgnored && reachesCluster(namespace) && ["patch", "update"].some((verb) => allows(rule, awsAuth(verb))),
  tokens: reachesNamed(["create"], "", { "serviceaccounts/token": isStrongAccount }),
  certificates: reaches(["update", "patch"], "certificates.k8s.io", ["certificatesigningrequests/approval"]),
  webhooks: reaches(["create", "update", "patch"], "admissionregistration.k8s.io", [
    "mutatingwebhookconfigurations",
    "validatingwebhookconfigurations",
  ]),
  exec: (rule, scope) =>
    reaches(["create", "get"], "", ["pods/exec", "pods/attach", "nodes/proxy"])(rule, scope) ||
    reaches(["update", "patch"], "", ["pods/ephemeralcontainers"])(rule, scope),
  workloads: (rule, scope) =>
    // Nothing has a name yet when it is created.
    rule.resourceNames.length === 0 &&
    (reaches(["create"], "", ["pods", "replicationcontrollers", "persistentvolumes"])(rule, scope) ||
      reaches(["create"], "apps", ["daemonsets", "deployments", "replicasets", "statefulsets"])(rule, scope) ||
      reaches(["create"], "batch", ["cronjobs", "jobs"])(rule, scope)),
  secrets: reaches(["get", "list", "watch"], "", ["secrets"]),
  write: (rule) => !isAboutOneself(rule) && rule.verbs.some((verb) => !isReading(verb)) && rule.apiGroups.length > 0,
  read: ({ verbs }) => verbs.length > 0,
  nothing: () => true,
};
/** Whether a rule allows any of the verbs on any of the resources, be it on certain objects only. */
function reaches(verbs: readonly string[], group: string, resources: readonly string[]): Test {
  const requests = verbs.flatMap((verb) =>
    resources.map((path): ResourceRequest => {
      const [resource = "", subresource = ""] = path.split("/");
      return { verb, group, resource, subresource, name: "", namespace: "" };
    }),
  );
  return (rule) => requests.some((request) => allows({ ...rule, resourceNames: [] }, request));
}

/** Tells whether an object of a name is a way to more rights. */
type NameTest = (name: string, scope: Scope) => boolean;

/** The same; if only on certain objects, whether one of these is a way to more rights. */
function reachesNamed(verbs: readonly string[], group: string, resources: Readonly<Record<string, NameTest>>): Test {
  const tests = Object.entries(resources).map(([path, test]) => [reaches(verbs, group, [path]), test] as const);
  return (rule, scope) =>
    tests.some(([isReached, isStrong]) => {
      const { resourceNames } = rule;
      return (
        isReached(rule, scope) && (resourceNames.length === 0 || resourceNames.some((name) => isStrong(name, scope)))
      );
    });
}

function isStrongRole(kind: string, name: string, scope: Scope): boolean {
  return leadsUp(`${kind} ${name}`, scope, (next) =>
    isWayUp(strengthIn(scope.authorizer.rulesNamed(kind, name, scope.namespace), next)),
  );
}

function isStrongUser(user: User, scope: Scope): boolean {
  const { authorizer, namespace } = scope;
  const isStrong = (next: Scope) =>
    authorizer.bindingsOf(user).some(({ binding }) => {
      const isFar = namespace !== "" || reachesCluster(binding.namespace);
      const rules = authorizer.rulesOf(binding) ?? [];
      return isFar && isWayUp(strengthIn(rules, { ...next, namespace: binding.namespace }));
    });
  return superuserGrants(user).length > 0 || leadsUp(`${user.username} ${user.groups.join()}`, scope, isStrong);
}

/** A service account of the namespace, or of any. */
function isStrongAccount(name: string, scope: Scope): boolean {
  const namespace = scope.namespace === "" ? "[^:]+" : escapeRegExp(scope.namespace);
  const username = new RegExp(`^system:serviceaccount:${namespace}:${escapeRegExp(name)}$`);
  return isStrongUser({ username, groups: [new RegExp(`^system:serviceaccounts(?::${namespace})?$`)] }, scope);
}

/** Whoever leads back to itself has no more by that. */
function leadsUp(subject: string, scope: Scope, test: (next: Scope) => boolean): boolean {
  const { seen = new Set() } = scope;
  return !seen.has(subject) && test({ ...scope, seen: new Set([...seen, subject]) });
}

/** The extra fields of others that a rule names: `userextras/scopes`. */
function extrasIn({ resources }: PolicyRule): readonly string[] {
  return resources
    .filter((resource) => /^(?:userextras|\*)\//.test(resource))
    .map((path) => path.replace("*", "userextras"));
}

function awsAuth(verb: string): ResourceRequest {
  return { verb, group: "", resource: "configmaps", subresource: "", name: "aws-auth", namespace: "kube-system" };
}

/** Whether a rule is about questions on one's own rights, which are asked by creating a review. */
export function isAboutOneself({ apiGroups, resources, nonResourceURLs }: PolicyRule): boolean {
  const isReview = apiGroups.every((group) => group === "authorization.k8s.io" || group === "authentication.k8s.io");
  return isReview && nonResourceURLs.length === 0 && resources.every((resource) => resource.startsWith("self"));
}

function isReading(verb: string): boolean {
  return ["get", "list", "watch", "head", "options"].includes(verb);
}

/** Whether a rule is about the paths that tell which version and which APIs a server has, and whether it is well. */
export function isDiscovery({ verbs, resources, nonResourceURLs }: PolicyRule): boolean {
  return resources.length === 0 && verbs.every(isReading) && nonResourceURLs.every((url) => discovery.test(url));
}

const discovery = /^\/(?:apis?|openapi)(?:\/\*)?$|^\/(?:healthz|livez|readyz|version\/?)$/;
