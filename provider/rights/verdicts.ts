import type { LiveAccessEntry } from "../accessEntries/accessEntry";
import type { ClusterAccess } from "../identity/clusterAccess";
import { identitiesIn } from "../identity/identitiesIn";
import type { Identity } from "../identity/identity";
import type { Login } from "../identity/login";
import { type Answer, creatorDoubt, hasOwnEntry, type WhoLogsIn, whoLogsIn } from "../identity/whoLogsIn";
import { undocumentedName } from "./accessPolicies";
import { type AccessRequest, type Authorizer, allows, appliesTo, type Grant, mayBeNode } from "./authorizer";
import { describeBinding, describeBindingSubject, type PolicyRule } from "./bindings";

/** The rights in a cluster, as far as known. */
export interface ClusterRights {
  readonly authorizer: Authorizer;
  /** Why objects could not be read, with the remedy; undefined if all could be read. */
  readonly unread: string | undefined;
}

export interface LoginVerdict extends Login<LiveAccessEntry> {
  readonly answer: Answer;
  /** Why the answer is `unknown`, as a clause. */
  readonly doubt: string | undefined;
  /** The grants that allow it; for an `unknown` answer, those for sessions with a matching name. */
  readonly grants: readonly Grant[];
}

export interface Verdict {
  readonly answer: Answer;
  /** Several if the entry in force is not determined. If all agree, theirs is the answer. */
  readonly outcomes: readonly LoginVerdict[];
}

export function canI(
  access: ClusterAccess,
  identity: Identity,
  request: AccessRequest,
  rights: ClusterRights,
  absence?: string,
): Verdict {
  const doubt = absence === undefined ? creatorDoubt(access, identity) : undefined;
  return verdictFor(loginsOfKnown(access, identity, absence), request, rights, doubt);
}

/** @param absence why no one can log in as the identity, whatever maps it. */
export function loginsOfKnown(access: ClusterAccess, identity: Identity, absence?: string): WhoLogsIn<LiveAccessEntry> {
  const who = whoLogsIn(access, identity);
  const logins = who.logins.map((login) => ({ ...login, user: undefined, refusal: absence }));
  return absence === undefined ? who : { ...who, answer: "no", doubt: undefined, logins };
}

/** The identities that may do something, or for which that is unknown: those of the map in its order, then those with an access entry. */
export function whoCan(
  access: ClusterAccess,
  request: AccessRequest,
  rights: ClusterRights,
): readonly { readonly identity: string; readonly verdict: Verdict }[] {
  return identitiesIn(access, rights.authorizer.users).flatMap(({ name, who }) => {
    // If something could not be read, all identities are unknown, so only those that may do it according to the rest are listed.
    const isListed = who !== undefined && verdictFor({ ...who, doubt: undefined }, request, rights).answer !== "no";
    return isListed ? [{ identity: name, verdict: verdictFor(who, request, rights) }] : [];
  });
}

/** @param withoutEntry why a login without an entry may be allowed. */
function verdictFor(
  { logins, doubt }: Pick<WhoLogsIn<LiveAccessEntry>, "logins" | "doubt">,
  request: AccessRequest,
  rights: ClusterRights,
  withoutEntry?: string,
): Verdict {
  const outcomes = logins.map((login): LoginVerdict => {
    const outcome = outcomeOf(login, request, rights);
    const unknown = doubt ?? (hasOwnEntry(login) ? undefined : withoutEntry);
    return unknown === undefined ? outcome : { ...outcome, answer: "unknown", doubt: unknown };
  });
  const [first = "no", ...others] = new Set(outcomes.map(({ answer }) => answer));
  return { answer: others.length === 0 ? first : "unknown", outcomes };
}

function outcomeOf(login: Login<LiveAccessEntry>, request: AccessRequest, rights: ClusterRights): LoginVerdict {
  if (login.user === undefined) {
    return { ...login, answer: "no", doubt: undefined, grants: [] };
  }
  const all = rights.authorizer.grantsFor(login, request);
  const certain = all.filter(({ isCertain }) => isCertain);
  if (certain.length > 0) {
    return { ...login, answer: "yes", doubt: undefined, grants: certain };
  }
  const doubt = rights.unread ?? unknownBecause(login, request, all, rights);
  return { ...login, answer: doubt === undefined ? "no" : "unknown", doubt, grants: all };
}

/** @param possible the grants for sessions with a matching name. */
function unknownBecause(
  login: Login,
  request: AccessRequest,
  possible: readonly Grant[],
  { authorizer }: ClusterRights,
): string | undefined {
  if (possible.length > 0) {
    const names = [...new Set(possible.map(({ subject }) => describeBindingSubject(subject)))].join(" or ");
    return `depends on the session name: allowed only for ${names}`;
  }
  const policies = authorizer.bindingsOf(login).flatMap(({ binding }) => {
    const isUnknown = binding.rules === undefined || binding.rules.some((rule) => mayAllow(rule, request));
    return binding.kind === "AccessPolicy" && isUnknown && appliesTo(binding, request) ? [binding.name] : [];
  });
  if (policies.length > 0) {
    return `the rules of access policy ${[...new Set(policies)].join(", ")} are not known`;
  }
  return mayBeNode(login) ? "the API server's Node authorizer grants nodes rights beyond their roles" : undefined;
}

/** Whether a rule may allow a request for an object by name, since the names in the rule are not documented. */
function mayAllow(rule: PolicyRule, request: AccessRequest): boolean {
  const isNamed = "name" in request && request.name !== "";
  return isNamed && rule.resourceNames.includes(undocumentedName) && allows({ ...rule, resourceNames: [] }, request);
}

/** A request in a sentence: `get pods in namespace "team-a"`. */
export function describeRequest(request: AccessRequest): string {
  if ("path" in request) {
    return `${request.verb} ${request.path}`;
  }
  const { verb, group, resource, subresource, name, namespace } = request;
  const type = `${resource}${group === "" ? "" : `.${group}`}${subresource === "" ? "" : `/${subresource}`}`;
  const object = name === "" ? type : `${type} ${JSON.stringify(name)}`;
  return `${verb} ${object}${namespace === "" ? "" : ` in namespace ${JSON.stringify(namespace)}`}`;
}

/** Why an identity may do something, as a clause. */
export function describeGrant({ subject, binding }: Grant): string {
  const through = describeBindingSubject(subject);
  if (binding === undefined) {
    return `${through}, which allows everything`;
  }
  const { kind, name } = binding.role;
  return binding.kind === "AccessPolicy"
    ? describeBinding(binding)
    : `${describeBinding(binding)}: ${kind} ${JSON.stringify(name)}, ${through}`;
}
