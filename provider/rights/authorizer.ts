import type { Login, LoginName, User } from "../identity/login";
import { authenticated, isNode, superusers, unauthenticated } from "../mapping";
import { matchesGlob } from "../text/glob";
import { policyBindings } from "./accessPolicies";
import { type Binding, type BindingSubject, noObjects, type PolicyRule, type RbacObjects, roleKey } from "./bindings";

export interface ResourceRequest {
  readonly verb: string;
  /** API group; empty for the core group. */
  readonly group: string;
  readonly resource: string;
  /** Empty if the request is for the resource itself. */
  readonly subresource: string;
  /** The name of the object; empty if the request specifies none, as for list and create. */
  readonly name: string;
  /** Empty for all namespaces, and for a resource without a namespace. */
  readonly namespace: string;
}

/** A request to the API server: a verb on a resource or on a non-resource path such as `/healthz`. */
export type AccessRequest = ResourceRequest | { readonly verb: string; readonly path: string };

export interface AppliedBinding {
  readonly binding: Binding;
  /** The subject that makes it apply. */
  readonly subject: BindingSubject;
  /** Whether it applies to every session, rather than only to sessions with a matching name. */
  readonly isCertain: boolean;
}

export interface Grant extends Omit<AppliedBinding, "binding"> {
  /** Undefined for members of `system:masters`, who need no binding. */
  readonly binding: Binding | undefined;
}

/**
 * All groups of a user. The API server adds `system:authenticated` unless the login has it or `system:unauthenticated`.
 *
 * @see https://github.com/kubernetes/kubernetes/blob/master/staging/src/k8s.io/apiserver/pkg/authentication/group/authenticated_group_adder.go
 */
export function allGroupsOf({ username, groups }: User): readonly LoginName[] {
  const isComplete =
    username === "system:anonymous" || groups.includes(authenticated) || groups.includes(unauthenticated);
  return isComplete ? groups : [...groups, authenticated];
}

/**
 * Evaluates the same objects as the API server's RBAC authorizer, in the same way.
 *
 * @see https://github.com/kubernetes/kubernetes/blob/master/plugin/pkg/auth/authorizer/rbac/rbac.go
 */
export class Authorizer {
  readonly #objects: RbacObjects;
  readonly #byUser: ReadonlyMap<string, readonly Named[]>;
  readonly #byGroup: ReadonlyMap<string, readonly Named[]>;

  constructor(objects: RbacObjects = noObjects) {
    this.#objects = objects;
    const all = objects.bindings.flatMap((binding) => binding.subjects.map((subject) => ({ binding, subject })));
    const named = all.flatMap(({ binding, subject }, order) => {
      const name = subject.kind === "Group" ? subject.name : subjectUsername(subject, binding);
      return name === undefined ? [] : { binding, subject, order, name };
    });
    const ofKind = (isGroup: boolean) => named.filter(({ subject }) => (subject.kind === "Group") === isGroup);
    this.#byUser = Map.groupBy(ofKind(false), ({ name }) => name);
    this.#byGroup = Map.groupBy(ofKind(true), ({ name }) => name);
  }

  get groups(): ReadonlySet<string> {
    return new Set(this.#byGroup.keys());
  }

  /** The users in bindings, including service accounts. */
  get users(): ReadonlySet<string> {
    return new Set(this.#byUser.keys());
  }

  /** The rules of a binding's role; undefined if the role does not exist, or if the rules of an access policy are not known. */
  rulesOf({ kind, role, namespace, rules }: Binding): readonly PolicyRule[] | undefined {
    return kind === "AccessPolicy" ? rules : this.#objects.rules.get(roleKey(role.kind, namespace, role.name));
  }

  /**
   * The bindings that apply to a login, access policies first, then ClusterRoleBindings. One that applies to every
   * session is listed once; one that depends on the session name is listed for each possible subject.
   */
  bindingsOf({ user, accessEntry }: Login): readonly AppliedBinding[] {
    if (user === undefined) {
      return [];
    }
    const named = [
      ...bindingsNaming(this.#byUser, user.username),
      ...allGroupsOf(user).flatMap((group) => bindingsNaming(this.#byGroup, group)),
    ].sort((a, b) => a.order - b.order);
    const applied = [...Map.groupBy(named, ({ binding }) => binding).values()].flatMap((found) => {
      const certain = found.find(({ isCertain }) => isCertain);
      // Two names of a login may match the same subject.
      return certain === undefined ? [...new Map(found.map((one) => [one.subject, one])).values()] : [certain];
    });
    const policies = (accessEntry === undefined ? [] : policyBindings(accessEntry)).flatMap((binding) =>
      binding.subjects.map((subject) => ({ binding, subject, isCertain: true })),
    );
    return [...policies, ...applied];
  }

  /** Every reason why a login is allowed to do something; without any, the API server denies it. */
  grantsFor(login: Login, request: AccessRequest): readonly Grant[] {
    const bound = this.bindingsOf(login).filter(
      ({ binding }) => appliesTo(binding, request) && this.rulesOf(binding)?.some((rule) => allows(rule, request)),
    );
    return [...superuserGrants(login), ...bound];
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

/** Whether a binding grants its rights in the namespace of a request. */
export function appliesTo({ namespace: scope }: Pick<Binding, "namespace">, request: AccessRequest): boolean {
  const namespace = "path" in request ? "" : request.namespace;
  if (scope === "" || namespace === "" || !scope.includes("*")) {
    return scope === "" || scope === namespace;
  }
  // Namespace names contain no asterisk, so only the scope of an access policy is a pattern.
  return matchesGlob(scope, namespace);
}

/** The rights of members of `system:masters`, which need no binding. */
export function superuserGrants({ user }: Login): readonly Grant[] {
  const groups = user?.groups ?? [];
  const subject = { kind: "Group", name: superusers, namespace: "" };
  const isMember = groups.some((group) => mayBe(group, superusers));
  return isMember ? [{ subject, isCertain: groups.includes(superusers), binding: undefined }] : [];
}

/** Whether a name equals a text, or may do so after the login. */
export function mayBe(name: LoginName, text: string): boolean {
  return typeof name === "string" ? name === text : name.test(text);
}

/**
 * Whether the API server may treat a user as a node, whose Node authorizer grants the rights that the node currently needs.
 *
 * @see https://kubernetes.io/docs/reference/access-authn-authz/node/
 */
export function mayBeNode({ user }: Login): boolean {
  // No session name looks like a node's, so the prefix of a pattern is sufficient.
  return user !== undefined && isNode({ username: String(user.username), groups: user.groups.map(String) });
}

/** A subject of a binding, with its position among those of all bindings. */
interface Named extends Omit<AppliedBinding, "isCertain"> {
  readonly order: number;
}

function subjectUsername({ kind, name, namespace }: BindingSubject, binding: Binding): string | undefined {
  if (kind === "User") {
    return name;
  }
  const own = namespace === "" ? binding.namespace : namespace;
  return kind === "ServiceAccount" && own !== "" ? `system:serviceaccount:${own}:${name}` : undefined;
}

function bindingsNaming(names: ReadonlyMap<string, readonly Named[]>, name: LoginName) {
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
  const suffix = subresource === "" ? "" : `/${subresource}`;
  return ["*", `*${suffix}`, `${resource}${suffix}`].includes(candidate);
}

function fitsUrl(url: string, path: string): boolean {
  return url === path || (url.endsWith("*") && path.startsWith(url.replace(/(?<!\*)\*+$/, "")));
}

export interface ResourceType {
  /** The plural, as rules name it. */
  readonly name: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly isNamespaced: boolean;
  readonly subresources: readonly string[];
}

export interface ApiVersion {
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  readonly resources: readonly ResourceType[];
}

/** Finds a resource by `TYPE` or `TYPE.GROUP`, in any letter case. The versions are in the server's order of preference. */
export function findType(versions: readonly ApiVersion[], text: string) {
  const [name = "", ...rest] = text.toLowerCase().split(".");
  const group = rest.join(".");
  const all = versions
    .filter((version) => rest.length === 0 || version.group === group)
    .flatMap((version) => version.resources.map((type) => ({ ...type, group: version.group })));
  return (
    all.find((type) => name !== "" && (type.name === name || type.singular === name)) ??
    all.find(({ shortNames }) => shortNames.includes(name))
  );
}
