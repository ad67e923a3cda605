import {
  type AppliedBinding,
  type Authorizer,
  authenticated,
  type Binding,
  isStronger,
  knownStrength,
  type Strength,
  type Subject,
  strengthOf,
  superuserGrants,
  type User,
} from "../rbac";

/** One right of a user: what a binding gives, or the group that needs none. */
export interface Right {
  /** The namespace; undefined: everywhere. */
  readonly namespace: string | undefined;
  /** The strongest thing that the role allows. */
  readonly strength: Strength;
  /** Whether the role's name says all about it: those that Kubernetes ships and everybody knows. */
  readonly isKnownByName: boolean;
  /** Undefined for members of `system:masters`. */
  readonly binding: Binding | undefined;
  /** Whether the role that the binding names exists. */
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
  return {
    namespace: binding.kind === "RoleBinding" ? binding.namespace : undefined,
    strength,
    isKnownByName: known !== undefined && !isStronger(strength, known),
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
