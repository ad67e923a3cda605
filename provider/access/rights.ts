import {
  type AppliedBinding,
  type Authorizer,
  authenticated,
  type Binding,
  type PolicyRule,
  type Subject,
  superuserGrants,
  type User,
} from "../rbac";
import { describePolicy } from "./accessPolicies";
import { isAboutOneself, isDiscovery, isStronger, knownStrength, type Strength, strengthIn } from "./strength";

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
  /** Undefined if the role does not exist, if the rules of an access policy are not known, or if none are needed. */
  readonly rules: readonly PolicyRule[] | undefined;
  /** Whether the role that the binding names exists; of an access policy, whether its rules are known. */
  readonly hasRole: boolean;
  /** Through whom the user has it. */
  readonly subject: Subject;
  /** Whether every login has it; else one whose name turns out to be the subject's. */
  readonly isCertain: boolean;
}

/**
 * The rights of a user: the strongest first, those everywhere before those in a namespace.
 *
 * @param isMapIgnored whether the cluster ignores aws-auth, so that to rewrite it leads nowhere.
 */
export function rightsOf(user: User, authorizer: Authorizer, isMapIgnored = false): readonly Right[] {
  const bound = authorizer.bindingsOf(user).map((applied) => rightFrom(applied, authorizer, isMapIgnored));
  const everything = superuserGrants(user).map(({ subject, isCertain }): Right => {
    const all = { namespace: undefined, strength: "everything", isKnownByName: false, rules: undefined } as const;
    return { ...all, binding: undefined, hasRole: true, subject, isCertain };
  });
  return [...everything, ...bound].sort(order);
}

/** Whether Kubernetes itself gives a right to every authenticated user, and the cluster has not widened it. */
export function isDefault({ binding, subject, rules = [] }: Right): boolean {
  return (
    binding?.kind === "ClusterRoleBinding" &&
    subject.kind === "Group" &&
    subject.name === authenticated &&
    defaults.has(binding.name) &&
    binding.role.kind === "ClusterRole" &&
    binding.role.name === binding.name &&
    rules.every((rule) => isAboutOneself(rule) || isDiscovery(rule))
  );
}

/** The ClusterRoleBindings of the API server, each of the ClusterRole of its name. */
const defaults = new Set(["system:basic-user", "system:discovery", "system:public-info-viewer"]);

function rightFrom(
  { binding, subject, isCertain }: AppliedBinding,
  authorizer: Authorizer,
  isMapIgnored: boolean,
): Right {
  const rules = authorizer.rulesOf(binding);
  const { namespace } = binding;
  const strength = judged.get(binding) ?? strengthIn(rules ?? [], { authorizer, namespace, isMapIgnored });
  judged.set(binding, strength);
  const known = knownStrength(binding.role);
  const isPolicy = binding.kind === "AccessPolicy" && describePolicy(binding.name) !== undefined;
  return {
    namespace: namespace === "" ? undefined : namespace,
    strength,
    isKnownByName: isPolicy || (known !== undefined && !isStronger(strength, known)),
    binding,
    rules,
    hasRole: rules !== undefined,
    subject,
    isCertain,
  };
}

/** Many users have the rights of one binding, whose role may have many rules. */
const judged = new WeakMap<Binding, Strength>();

function order(a: Right, b: Right): number {
  if (a.strength !== b.strength) {
    return isStronger(a.strength, b.strength) ? -1 : 1;
  }
  const [left, right] = [a.namespace ?? "", b.namespace ?? ""];
  return left < right ? -1 : left > right ? 1 : 0;
}
