import type { AccessRequest, Binding, Grant, Subject } from "../rbac";

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
