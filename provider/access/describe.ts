import type { AccessRequest, Binding, Grant, PolicyRule, Subject } from "../rbac";
import { cutShort } from "../text/text";
import { describePolicy } from "./accessPolicies";
import type { Right } from "./rights";
import type { Strength } from "./strength";
import { type Outcome, unknownPolicies } from "./verdict";

/** How many words of one list of a rule are shown. */
const shownOfOneList = 8;

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

/** Through whom somebody has a right: `group "ops"`. */
export function describeSubject({ kind, name, namespace }: Subject): string {
  if (kind === "ServiceAccount") {
    return `service account ${JSON.stringify(namespace === "" ? name : `${namespace}/${name}`)}`;
  }
  return `${kind === "Group" ? "group" : "username"} ${JSON.stringify(name)}`;
}

/** A binding by its kind and names: `RoleBinding "ops" in "team-a"`, `access policy AmazonEKSViewPolicy in "team-a"`. */
export function describeBinding({ kind, name, namespace }: Binding): string {
  const where = namespace === "" ? "" : ` in ${JSON.stringify(namespace)}`;
  return kind === "AccessPolicy" ? `access policy ${name}${where}` : `${kind} ${JSON.stringify(name)}${where}`;
}

/** A rule: `get, list on pods, pods/log`. */
export function describeRule({ verbs, apiGroups, resources, resourceNames, nonResourceURLs }: PolicyRule): string {
  const groups = apiGroups.map((group) => (group === "" ? '""' : group));
  const isCore = apiGroups.every((group) => group === "");
  const targets = [
    ...(resources.length === 0 ? [] : [`${cut(resources)}${isCore ? "" : ` of ${cut(groups)}`}`]),
    ...(nonResourceURLs.length === 0 ? [] : [cut(nonResourceURLs)]),
  ];
  const named =
    resourceNames.length === 0 ? "" : `, named ${cut(resourceNames.map((text) => JSON.stringify(text)))} only`;
  return `${cut(verbs)} on ${targets.join(" and ")}${named}`;
}

/** Why somebody may do something, in a clause. */
export function describeGrant({ subject, by }: Grant): string {
  const through = describeSubject(subject);
  if (by === undefined) {
    return `${through}, whose members may do everything`;
  }
  const { binding, rule } = by;
  const { kind, name } = binding.role;
  if (binding.kind === "AccessPolicy") {
    return `${describeBinding(binding)} of the access entry; rule: ${describeRule(rule)}`;
  }
  return `${describeBinding(binding)}, ${kind} ${JSON.stringify(name)}, ${through}; rule: ${describeRule(rule)}`;
}

/**
 * Why nobody can tell, in a clause; empty where it can be told.
 *
 * @param unread why the bindings and roles could not be read.
 */
export function describeDoubt(
  { doubt, grants, user }: Outcome,
  request: AccessRequest,
  unread: string | undefined,
): string {
  switch (doubt) {
    case undefined:
      return "";
    case "session":
      return `it depends on the session's name: only a login as ${[...new Set(grants.map(({ subject }) => describeSubject(subject)))].join(" or ")} may`;
    case "node":
      return "no role allows it, but the API server's Node authorizer also gives nodes what their pods need";
    case "unread":
      return unread ?? "the bindings and roles could not be read";
    case "policy": {
      const names = user === undefined ? [] : unknownPolicies(user, request);
      return `no role allows it, but the rules of ${names.length === 1 ? "its access policy" : "its access policies"} ${names.join(", ")} are not known here`;
    }
    case "accessEntries":
      return "an access entry would win over aws-auth, and the access entries cannot be read";
  }
}

/** A right in a line: `edit in "team-a": RoleBinding "ops", group "ops"`. */
export function describeRight(right: Right): string {
  return `${describeAccess(right)}: ${describeSource(right)}`;
}

/** What a right allows, and where: `edit in "team-a"`. */
export function describeAccess(right: Right): string {
  const { namespace } = right;
  return `${describeRole(right)} ${namespace === undefined ? "everywhere" : `in ${JSON.stringify(namespace)}`}`;
}

/** By what somebody has a right: `RoleBinding "ops", group "ops"`. */
export function describeSource({ binding, subject, isCertain }: Right): string {
  if (binding?.kind === "AccessPolicy") {
    return "access policy of its access entry";
  }
  const given = binding === undefined ? [] : [`${binding.kind} ${JSON.stringify(binding.name)}`];
  const condition = isCertain ? "" : ", only for logins with that name";
  return `${[...given, describeSubject(subject)].join(", ")}${condition}`;
}

/** A role by its name, and by the strongest thing that it allows where the name does not say it. */
export function describeRole({ binding, hasRole, isKnownByName, strength }: Right): string {
  if (binding === undefined) {
    return "everything";
  }
  const { kind, name } = binding.role;
  if (binding.kind === "AccessPolicy") {
    return `${name} (${describePolicy(name) ?? "its rules are not known here"})`;
  }
  if (!hasRole) {
    return `${kind} ${JSON.stringify(name)} (does not exist, so nothing)`;
  }
  return isKnownByName ? name : `${kind} ${JSON.stringify(name)} (${strengthWords[strength]})`;
}

const strengthWords: Readonly<Record<Strength, string>> = {
  everything: "everything",
  escalate: "may give itself more rights",
  bind: "may bind roles",
  impersonate: "may act as others",
  "aws-auth": "rewrites aws-auth",
  tokens: "makes tokens of service accounts",
  certificates: "approves certificates",
  webhooks: "writes webhooks",
  exec: "runs commands in pods",
  workloads: "creates pods",
  secrets: "reads secrets",
  write: "writes",
  read: "reads",
  nothing: "nothing",
};

function cut(words: readonly string[]): string {
  return cutShort(words, shownOfOneList);
}
