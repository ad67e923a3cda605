import {
  type AppliedBinding,
  type Authorizer,
  allows,
  authenticated,
  type Binding,
  type PolicyRule,
  type ResourceRequest,
  type Subject,
  superuserGrants,
  type User,
} from "../rbac";
import { describePolicy } from "./accessPolicies";

/** One right of a user: what a binding gives, or the group that needs none. */
export interface Right {
  /** The namespace; undefined: everywhere. */
  readonly namespace: string | undefined;
  /** The strongest thing that the role allows. */
  readonly strength: Strength;
  /** Whether the role's name says all about it: those that Kubernetes ships and everybody knows, and access policies of EKS. */
  readonly isKnownByName: boolean;
  /** Undefined for members of `system:masters`. */
  readonly binding: Binding | undefined;
  /** Whether the role that the binding names exists; of an access policy, whether its rules are known. */
  readonly hasRole: boolean;
  /** Through whom the user has it. */
  readonly subject: Subject;
  /** Whether every login has it; else one whose name turns out to be the subject's. */
  readonly isCertain: boolean;
}

/** The rights of a user: the strongest first, those everywhere before those in a namespace. */
export function rightsOf(user: User, authorizer: Authorizer): readonly Right[] {
  const bound = authorizer.bindingsOf(user).map((applied) => rightFrom(applied, authorizer));
  const everything = superuserGrants(user).map(({ subject, isCertain }): Right => {
    const all = { namespace: undefined, strength: "everything", isKnownByName: false } as const;
    return { ...all, binding: undefined, hasRole: true, subject, isCertain };
  });
  return [...everything, ...bound].sort(order);
}

/** Whether Kubernetes itself gives a right to every authenticated user. */
export function isDefault({ binding, subject }: Right): boolean {
  const names = ["system:basic-user", "system:discovery", "system:public-info-viewer"];
  return subject.name === authenticated && binding !== undefined && names.includes(binding.name);
}

function rightFrom({ binding, subject, isCertain }: AppliedBinding, authorizer: Authorizer): Right {
  const rules = authorizer.rulesOf(binding);
  const strength = strengthOf(rules ?? []);
  const known = knownStrength(binding.role);
  const isPolicy = binding.kind === "AccessPolicy" && describePolicy(binding.name) !== undefined;
  return {
    namespace: binding.namespace === "" ? undefined : binding.namespace,
    strength,
    isKnownByName: isPolicy || (known !== undefined && !isStronger(strength, known)),
    binding,
    hasRole: rules !== undefined,
    subject,
    isCertain,
  };
}

function order(a: Right, b: Right): number {
  if (a.strength !== b.strength) {
    return isStronger(a.strength, b.strength) ? -1 : 1;
  }
  const [left, right] = [a.namespace ?? "", b.namespace ?? ""];
  return left < right ? -1 : left > right ? 1 : 0;
}

/**
 * The strongest thing that a role allows, the strongest first.
 *
 * - `everything`: every verb on every resource
 * - `escalate`, `bind`, `impersonate`: ways to more rights than the role itself has
 * - `secrets`: reads secrets, if only some
 * - `exec`: runs commands in containers, or reaches the kubelet through the API server
 * - `write`: changes or makes something
 * - `read`: gets, lists or watches something
 * - `nothing`: no rule, or no role
 */
export const strengths = [
  "everything",
  "escalate",
  "bind",
  "impersonate",
  "secrets",
  "exec",
  "write",
  "read",
  "nothing",
] as const;

/** How strong a role is. */
export type Strength = (typeof strengths)[number];

/** The strongest thing that rules allow. */
export function strengthOf(rules: readonly PolicyRule[]): Strength {
  return strengths.find((strength) => rules.some(tests[strength])) ?? "nothing";
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

const tests: Readonly<Record<Strength, (rule: PolicyRule) => boolean>> = {
  everything: ({ verbs, apiGroups, resources, resourceNames }) =>
    [verbs, apiGroups, resources].every((list) => list.includes("*")) && resourceNames.length === 0,
  escalate: reaches(["escalate"], rbac, ["roles", "clusterroles"]),
  bind: reaches(["bind"], rbac, ["roles", "clusterroles"]),
  impersonate: (rule) =>
    reaches(["impersonate"], "", ["users", "groups", "serviceaccounts"])(rule) ||
    reaches(["impersonate"], "authentication.k8s.io", ["uids", "userextras"])(rule),
  secrets: reaches(["get", "list", "watch"], "", ["secrets"]),
  exec: (rule) =>
    reaches(["create", "get"], "", ["pods/exec", "pods/attach", "nodes/proxy"])(rule) ||
    reaches(["update", "patch"], "", ["pods/ephemeralcontainers"])(rule),
  write: (rule) => !isAboutOneself(rule) && rule.verbs.some((verb) => !isReading(verb)) && rule.apiGroups.length > 0,
  read: ({ verbs }) => verbs.length > 0,
  nothing: () => true,
};

/** Whether a rule allows any of the verbs on any of the resources, be it on certain objects only. */
function reaches(verbs: readonly string[], group: string, resources: readonly string[]) {
  const requests = verbs.flatMap((verb) =>
    resources.map((path): ResourceRequest => {
      const [resource = "", subresource = ""] = path.split("/");
      return { verb, group, resource, subresource, name: "", namespace: "" };
    }),
  );
  return (rule: PolicyRule): boolean => requests.some((request) => allows({ ...rule, resourceNames: [] }, request));
}

/** Whether a rule is about questions on one's own rights, which are asked by creating a review. */
function isAboutOneself({ apiGroups, resources }: PolicyRule): boolean {
  const isReview = apiGroups.every((group) => group === "authorization.k8s.io" || group === "authentication.k8s.io");
  return isReview && resources.every((resource) => resource.startsWith("self"));
}

function isReading(verb: string): boolean {
  return ["get", "list", "watch", "head", "options"].includes(verb);
}
