import { escapeRegExp } from "../text/text";
import { authenticated, superusers, unauthenticated } from "./groups";
import { type Binding, type PolicyRule, type RbacObjects, roleKey, type Subject } from "./objects";

/** A verb on a resource. */
export interface ResourceRequest {
  readonly verb: string;
  /** API group; empty for the core group. */
  readonly group: string;
  /** Resource in the plural. */
  readonly resource: string;
  /** Empty where the request is for the resource itself. */
  readonly subresource: string;
  /** Name of the object; empty where the request names none, as for list and create. */
  readonly name: string;
  /** Empty for a resource outside of namespaces, or one in all of them. */
  readonly namespace: string;
}

/** What somebody asks the API server to do: a verb on a resource, or on a path that is none, such as `/healthz`. */
export type AccessRequest = ResourceRequest | { readonly verb: string; readonly path: string };

/** The name of a user or a group; a pattern where a part of it is known at login only. */
export type Name = string | RegExp;

/** Somebody whom the API server has authenticated. */
export interface User {
  readonly username: Name;
  /** Those that the login gives; see {@link allGroupsOf}. */
  readonly groups: readonly Name[];
  /** The access policies of an access entry of EKS, which come with the login and are decided on by EKS's own authorizer. */
  readonly policies?: readonly Binding[];
}

/** A binding that applies to a user. */
export interface AppliedBinding {
  readonly binding: Binding;
  /** The first of its subjects that applies to every login; else one that a login may turn out to be. */
  readonly subject: Subject;
  /** Whether it applies to every login; else to one whose name turns out to be the subject's. */
  readonly isCertain: boolean;
}

/** One reason why a user may do something. */
export interface Grant {
  /** Whom the right is given to. */
  readonly subject: Subject;
  /** As in {@link AppliedBinding}. */
  readonly isCertain: boolean;
  /** The binding and the first rule of its role that allows the request; undefined: members of `system:masters` need none. */
  readonly by: { readonly binding: Binding; readonly rule: PolicyRule } | undefined;
}

/**
 * All groups of a user: the API server adds `system:authenticated`, unless the login says one of the two itself.
 *
 * @see https://github.com/kubernetes/kubernetes/blob/master/staging/src/k8s.io/apiserver/pkg/authentication/group/authenticated_group_adder.go
 */
export function allGroupsOf({ username, groups }: User): readonly Name[] {
  const isComplete =
    username === "system:anonymous" || groups.includes(authenticated) || groups.includes(unauthenticated);
  return isComplete ? groups : [...groups, authenticated];
}

/**
 * Decides as the API server's RBAC authorizer does, on the same objects.
 *
 * @see https://github.com/kubernetes/kubernetes/blob/master/plugin/pkg/auth/authorizer/rbac/rbac.go
 */
export class Authorizer {
  readonly #objects: RbacObjects;
  readonly #byUser = new Map<string, Named[]>();
  readonly #byGroup = new Map<string, Named[]>();

  constructor(objects: RbacObjects) {
    this.#objects = objects;
    for (const [order, binding] of objects.bindings.entries()) {
      for (const [position, subject] of binding.subjects.entries()) {
        const names = subject.kind === "Group" ? this.#byGroup : this.#byUser;
        const name = subject.kind === "Group" ? subject.name : usernameOf(subject, binding);
        if (name === undefined) {
          continue;
        }
        const known = names.get(name) ?? [];
        known.push({ binding, subject, order, position });
        names.set(name, known);
      }
    }
  }

  /** The groups that any binding names. */
  get groups(): ReadonlySet<string> {
    return new Set(this.#byGroup.keys());
  }

  /** The users that any binding names, service accounts included. */
  get users(): ReadonlySet<string> {
    return new Set(this.#byUser.keys());
  }

  /** The rules of a binding's role; undefined where there is no such role, or where nobody knows the rules of an access policy. */
  rulesOf({ kind, role, namespace, rules }: Binding): readonly PolicyRule[] | undefined {
    return kind === "AccessPolicy" ? rules : this.#objects.rules.get(roleKey(role.kind, namespace, role.name));
  }

  /** The rules of the roles of a kind and name that a binding in a namespace may name; if that is empty, of those in any. */
  rulesNamed(kind: string, name: string, namespace: string): readonly PolicyRule[] {
    const { rules } = this.#objects;
    const isNamed = (key: string) => {
      const [ofKind, , ofName]: readonly unknown[] = JSON.parse(key);
      return ofKind === kind && ofName === name;
    };
    const isAnywhere = kind === "Role" && namespace === "";
    const keys = isAnywhere ? [...rules.keys()].filter(isNamed) : [roleKey(kind, namespace, name)];
    return keys.flatMap((key) => rules.get(key) ?? []);
  }

  /**
   * The bindings that apply to a user, access policies first, then ClusterRoleBindings. One that applies to every login is there once; one
   * that depends on the login's name once for each of its subjects that this may be.
   */
  bindingsOf(user: User): readonly AppliedBinding[] {
    const named = [
      ...find(this.#byUser, user.username),
      ...allGroupsOf(user).flatMap((group) => find(this.#byGroup, group)),
    ].sort((a, b) => a.order - b.order || a.position - b.position);
    const applied = [...Map.groupBy(named, ({ binding }) => binding).values()].flatMap((found) => {
      const certain = found.find(({ isCertain }) => isCertain);
      // Two names of a login may be the same subject.
      return certain === undefined ? [...new Map(found.map((one) => [one.subject, one])).values()] : [certain];
    });
    const policies = (user.policies ?? []).flatMap((binding): AppliedBinding[] => {
      const [subject] = binding.subjects;
      return subject === undefined ? [] : [{ binding, subject, isCertain: true }];
    });
    return [...policies, ...applied];
  }

  /** Every reason why a user may do something; without any, the API server refuses it. */
  grantsFor(user: User, request: AccessRequest): readonly Grant[] {
    return [
      ...superuserGrants(user),
      ...this.bindingsOf(user).flatMap(({ binding, subject, isCertain }): Grant[] => {
        if (!appliesTo(binding, request)) {
          return [];
        }
        const rule = this.rulesOf(binding)?.find((candidate) => allows(candidate, request));
        return rule === undefined ? [] : [{ subject, isCertain, by: { binding, rule } }];
      }),
    ];
  }
}

/**
 * Whether a rule allows a request.
 *
 * @see https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/rbac/v1/evaluation_helpers.go
 */
export function allows(rule: PolicyRule, request: AccessRequest): boolean {
  if (!has(rule.verbs, request.verb)) {
    return false;
  }
  if ("path" in request) {
    return rule.nonResourceURLs.some((url) => fitsUrl(url, request.path));
  }
  const { group, resource, subresource, name } = request;
  return (
    has(rule.apiGroups, group) &&
    rule.resources.some((candidate) => fitsResource(candidate, resource, subresource)) &&
    (rule.resourceNames.length === 0 || rule.resourceNames.includes(name))
  );
}

/** Whether a binding gives its rights where a request is made. */
export function appliesTo({ namespace: scope }: Pick<Binding, "namespace">, request: AccessRequest): boolean {
  const namespace = "path" in request ? "" : request.namespace;
  return scope === "" || (namespace !== "" && fitsScope(scope, namespace));
}

/** The name of a namespace has no asterisk, so that only the scope of an access policy is a pattern. */
function fitsScope(scope: string, namespace: string): boolean {
  return scope.includes("*")
    ? new RegExp(`^${scope.split("*").map(escapeRegExp).join(".*")}$`).test(namespace)
    : scope === namespace;
}

/** What members of `system:masters` have without any binding. */
export function superuserGrants({ groups }: User): readonly Grant[] {
  const subject = { kind: "Group", name: superusers, namespace: "" };
  const isCertain = groups.includes(superusers);
  const isPossible = isCertain || groups.some((group) => typeof group !== "string" && group.test(superusers));
  return isPossible ? [{ subject, isCertain, by: undefined }] : [];
}

/** A subject with the places of its binding among all, and of its own in the binding. */
interface Named {
  readonly binding: Binding;
  readonly subject: Subject;
  readonly order: number;
  readonly position: number;
}

/** The username that a subject stands for; a service account has one as well. */
function usernameOf({ kind, name, namespace }: Subject, binding: Binding): string | undefined {
  if (kind === "User") {
    return name;
  }
  const own = namespace === "" ? binding.namespace : namespace;
  return kind === "ServiceAccount" && own !== "" ? `system:serviceaccount:${own}:${name}` : undefined;
}

function find(names: ReadonlyMap<string, readonly Named[]>, name: Name) {
  if (typeof name === "string") {
    return (names.get(name) ?? []).map((named) => ({ ...named, isCertain: true }));
  }
  return [...names].flatMap(([candidate, named]) =>
    name.test(candidate) ? named.map((one) => ({ ...one, isCertain: false })) : [],
  );
}

function has(list: readonly string[], value: string): boolean {
  return list.includes("*") || list.includes(value);
}

function fitsResource(candidate: string, resource: string, subresource: string): boolean {
  if (candidate === "*") {
    return true;
  }
  return subresource === ""
    ? candidate === resource
    : candidate === `${resource}/${subresource}` || candidate === `*/${subresource}`;
}

function fitsUrl(url: string, path: string): boolean {
  return url === path || (url.endsWith("*") && path.startsWith(url.replace(/\*+$/, "")));
}
