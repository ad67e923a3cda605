import type { AccessRequest, Binding, Grant, Subject } from "../rbac";
import { describePolicy } from "./accessPolicies";
import type { Right } from "./rights";
import type { Strength } from "./strength";

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

/** Why an identity may do something, in a clause. */
export function describeGrant({ subject, by }: Grant): string {
  const through = describeSubject(subject);
  if (by === undefined) {
    return `${through}, which allows everything`;
  }
  const { binding } = by;
  const { kind, name } = binding.role;
  return binding.kind === "AccessPolicy"
    ? describeBinding(binding)
    : `${describeBinding(binding)}: ${kind} ${JSON.stringify(name)}, ${through}`;
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
