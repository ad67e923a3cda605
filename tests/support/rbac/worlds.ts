import fc from "fast-check";
import type { AccessRequest } from "../../../provider/rights/authorizer.ts";
import { rbacRef } from "../cluster/awsAuth.ts";

/** A rule, on resources or on URLs. */
interface GeneratedRule {
  readonly verbs: readonly string[];
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly nonResourceURLs?: readonly string[];
}

/** A role, as it is sent to the API server. */
interface GeneratedRole {
  readonly metadata: { readonly name: string; readonly labels: object };
  readonly rules: readonly GeneratedRule[];
}

/** A cluster's RBAC objects, as they are sent to the API server, and the entries of its mapRoles. */
export interface World {
  readonly clusterRoles: readonly GeneratedRole[];
  readonly clusterRoleBindings: readonly object[];
  /** Each with its namespace. */
  readonly roles: readonly (readonly [namespace: string, role: GeneratedRole])[];
  readonly roleBindings: readonly (readonly [namespace: string, binding: object])[];
  readonly entries: readonly object[];
}

/** Namespaces that every API server creates. */
export const namespaces = ["default", "kube-public", "kube-node-lease"] as const;

/** The label of generated objects. */
export const label = { "pulumi-aws-auth/generated": "true" };

const account = "111122223333";

/** A session of every role in the maps. */
export const sessionArns = ["dev", "ops", "ci"].flatMap((role) =>
  ["jane", "sa", "ops"].map((session) => `arn:aws:sts::${account}:assumed-role/${role}/${session}`),
);

// Few words, so that rules and requests often match; each list has some that look like patterns or differ only in case.
const verbs = ["get", "list", "create", "*", "GET", "", "get*", "deletecollection"];
const groups = ["", "apps", "*", "apps*", "example.com"];
const resources = ["pods", "pods/exec", "*", "*/exec", "pods/*", "*/*", "*/", "secrets", "exec", "", "p*", "/exec"];
const objectNames = ["web", "*", "", "we*", 'w"eb\\', "wéb"];
const urls = ["/healthz", "/healthz/*", "*", "/logs**", "/log**", "/", "/*/x", "/healthz*/y", "*/z"];
const usernames = [
  "dev",
  "DEV",
  "*",
  "system:serviceaccount:default:sa",
  `arn:aws:iam::${account}:role/ci`,
  "user:jane",
];
const groupNames = ["ops", "ops", "Ops", "*", "a b", "グループ", "system:authenticated", "system:unauthenticated"];
const roleNames = ["r1", "b c", "röle", "*"];

const some = (words: readonly string[], minLength = 1) =>
  fc.array(fc.constantFrom(...words), { minLength, maxLength: 3 });

const resourceRule = fc.record({
  verbs: some(verbs),
  apiGroups: some(groups),
  resources: some(resources),
  resourceNames: fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: some(objectNames) }),
});

const urlRule = fc.record({ verbs: some(verbs), nonResourceURLs: some(urls) });

const roleOf = (rule: fc.Arbitrary<GeneratedRule>) =>
  fc.record({
    metadata: fc.record({ name: fc.constantFrom(...roleNames), labels: fc.constant(label) }),
    rules: fc.array(rule, { minLength: 1, maxLength: 3 }),
  });

/** Without a controller the rules are not filled in, so the authorizer sees those that are sent. */
const aggregatedRole = roleOf(resourceRule).map((role) => ({
  ...role,
  aggregationRule: { clusterRoleSelectors: [{ matchLabels: label }] },
}));

const clusterRole = fc.oneof(
  { weight: 4, arbitrary: roleOf(resourceRule) },
  { weight: 3, arbitrary: roleOf(urlRule) },
  { weight: 1, arbitrary: aggregatedRole },
);

const named = (kind: string, names: readonly string[]) => fc.constantFrom(...names).map((name) => rbacRef(kind, name));

const subject = fc.oneof(
  { weight: 3, arbitrary: named("User", [...usernames, "{{SessionName}}"]) },
  { weight: 6, arbitrary: named("Group", groupNames) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(...namespaces).map((namespace) => ({ kind: "ServiceAccount", name: "sa", namespace })),
  },
);

const bindingTo = (kinds: readonly string[]) =>
  fc.record({
    metadata: fc.record({ name: fc.uuid().map((id) => `b ${id}`), labels: fc.constant(label) }),
    // Some roles do not exist.
    roleRef: fc
      .tuple(fc.constantFrom(...kinds), fc.constantFrom(...roleNames, "missing"))
      .map((ref) => rbacRef(...ref)),
    subjects: fc.array(subject, { minLength: 1, maxLength: 4 }),
  });

const inNamespace = <Value>(value: fc.Arbitrary<Value>) => fc.tuple(fc.constantFrom("default", ...namespaces), value);

const mapEntry = fc.record({
  rolearn: fc
    .constantFrom("dev", "DEV", "ops", "ops", "ci", "ci")
    .map((role) => `arn:aws:iam::${account}:role/${role}`),
  username: fc.constantFrom(
    ...usernames,
    "",
    "{{SessionName}}",
    "user:{{SessionNameRaw}}",
    "arn:aws:iam::{{AccountID}}:role/ci",
    "system:serviceaccount:default:{{SessionName}}",
  ),
  groups: fc.array(fc.constantFrom(...groupNames, "{{SessionName}}", "system:masters"), { maxLength: 3 }),
});

/** Worlds of few words, so that about half of the requests are allowed. */
export const anyWorld: fc.Arbitrary<World> = fc.record({
  clusterRoles: fc.uniqueArray(clusterRole, { minLength: 4, maxLength: 4, selector: ({ metadata }) => metadata.name }),
  clusterRoleBindings: fc.array(bindingTo(["ClusterRole"]), { minLength: 3, maxLength: 6 }),
  roles: fc.uniqueArray(inNamespace(roleOf(resourceRule)), {
    minLength: 3,
    maxLength: 8,
    selector: ([namespace, { metadata }]) => `${namespace}/${metadata.name}`,
  }),
  roleBindings: fc.array(inNamespace(bindingTo(["Role", "ClusterRole"])), { minLength: 4, maxLength: 10 }),
  entries: fc.array(mapEntry, { minLength: 6, maxLength: 10 }),
});

/** Arbitrary requests. */
const anyRequest: fc.Arbitrary<AccessRequest> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      verb: fc.constantFrom(...verbs),
      group: fc.constantFrom(...groups),
      resource: fc.constantFrom("pods", "secrets", "*", "pods/exec", "exec", ""),
      subresource: fc.constantFrom("", "", "exec", "*", "log"),
      name: fc.constantFrom(...objectNames),
      namespace: fc.constantFrom("", "default", ...namespaces, "no-such"),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      verb: fc.constantFrom(...verbs),
      path: fc.constantFrom("/healthz", "/healthz/etcd", "/logs/x", "/logs", "/log", "/", "/any/x", "*", "/healthz*/y"),
    }),
  },
);

/** Requests for a world: half of them are close to one of its rules, so that about half are allowed. */
export function requestsIn({ clusterRoles, roles }: World): fc.Arbitrary<AccessRequest> {
  const rules = [...clusterRoles, ...roles.map(([, role]) => role)].flatMap((role) => role.rules);
  return rules.length === 0
    ? anyRequest
    : fc.oneof(
        anyRequest,
        fc.tuple(anyRequest, fc.constantFrom(...rules)).chain(([other, rule]) => requestNear(other, rule)),
      );
}

/** A request that a rule may match; the other attributes are those of another request. */
function requestNear(other: AccessRequest, rule: GeneratedRule): fc.Arbitrary<AccessRequest> {
  const { nonResourceURLs: paths = [] } = rule;
  const verb = oneOf(rule.verbs, other.verb);
  if (paths.length > 0) {
    return fc.record({ verb, path: oneOf(paths, "/healthz").map((path) => path.replace("*", "/x")) });
  }
  const open = "path" in other ? { group: "", subresource: "", name: "", namespace: "default" } : other;
  return fc
    .record({
      verb,
      group: oneOf(rule.apiGroups ?? [], open.group),
      path: oneOf(rule.resources ?? [], "pods"),
      name: oneOf(rule.resourceNames ?? [], open.name),
    })
    .map(({ path, ...request }) => {
      const [resource = "", subresource = open.subresource] = path.split("/");
      return { ...request, resource, subresource, namespace: open.namespace };
    });
}

/** One of the words; `*` and an empty list yield the other word. */
function oneOf(words: readonly string[], other: string): fc.Arbitrary<string> {
  return fc.constantFrom(...words.map((word) => (word === "*" ? other : word)), ...(words.length === 0 ? [other] : []));
}
