import type { ClusterAccess } from "../provider/access/clusterAccess";
import { describeRequest } from "../provider/access/describe";
import type { ClusterRights } from "../provider/access/verdict";
import { readRights } from "../provider/cluster";
import type { ApiConnection } from "../provider/cluster/http";
import type { AccessRequest, ResourceRequest } from "../provider/rbac";
import { type ApiVersion, findType } from "../provider/rbac/resourceTypes";
import { quoted } from "../provider/text/text";
import { readLiveCluster } from "./cluster";
import { CommandFailure, exitCode, usageFailure } from "./commandLine";
import type { QuestionOptions } from "./options";
import { type Terminal, tell } from "./terminal";

/** A question in the words of `kubectl auth can-i`, before anybody was asked what its type is. */
export interface Question {
  readonly verb: string;
  /** A resource, or a path that begins with a slash. */
  readonly target: { readonly path: string } | { readonly type: string; readonly name: string };
  /** Empty where none is given. */
  readonly subresource: string;
  /** Undefined: the one of the kubeconfig's context; empty: all of them. */
  readonly namespace: string | undefined;
}

/**
 * Reads the words of a question.
 *
 * @param target `TYPE`, `TYPE/NAME` or a path.
 * @throws CommandFailure for words that no question has.
 */
export function parseQuestion(verb: string, target: string, options: QuestionOptions): Question {
  const { subresource = "", namespace, allNamespaces: isEverywhere = false } = options;
  if (verb === "" || /[\s/]/.test(verb)) {
    throw usageFailure(`verb ${quoted(verb)} is not a word such as get, list or create; give one verb, or '*' for all`);
  }
  if (namespace !== undefined && isEverywhere) {
    throw usageFailure(`--namespace ${quoted(namespace)} and --all-namespaces exclude each other; keep one of them`);
  }
  if (namespace !== undefined && !/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(namespace)) {
    throw usageFailure(
      `--namespace ${quoted(namespace)} cannot be the name of a namespace; use lowercase letters, digits and "-", at most 63 of them`,
    );
  }
  if (target.startsWith("/")) {
    if (subresource !== "") {
      throw usageFailure(
        `--subresource ${quoted(subresource)} does not go with the URL path ${quoted(target)}; remove it`,
      );
    }
    return { verb, target: { path: target }, subresource, namespace: "" };
  }
  const slash = target.indexOf("/");
  const type = slash < 0 ? target : target.slice(0, slash);
  const name = slash < 0 ? "" : target.slice(slash + 1);
  if (type === "" || (slash >= 0 && name === "")) {
    throw usageFailure(`type ${quoted(target)} is not complete; write TYPE, TYPE.GROUP, TYPE/NAME, or a URL path`);
  }
  return { verb, target: { type, name }, subresource, namespace: isEverywhere ? "" : namespace };
}

/** All that the answer to a question is made from. */
export interface AskedCluster {
  readonly access: ClusterAccess;
  /** The cluster's name in messages. */
  readonly label: string;
  readonly request: AccessRequest;
  /** The request in a sentence. */
  readonly question: string;
  readonly rights: ClusterRights;
}

/**
 * Reads the map of a cluster, and what a question on rights depends on.
 *
 * @param arn the identity that the question is about; undefined: all of them.
 * @throws CommandFailure for a manifest; AwsAuthError if the map cannot be read.
 */
export async function askCluster(
  question: Question,
  options: QuestionOptions,
  terminal: Terminal,
  arn?: string,
): Promise<AskedCluster> {
  const { connection, access, label } = await readLiveCluster(options, terminal, arn);
  if (connection === undefined) {
    const problem = `${label} has no RoleBindings and no roles, which decide what an identity may do; name its cluster with --cluster or --kubeconfig`;
    throw new CommandFailure(exitCode.failed, problem);
  }
  const [versions, rights] = await Promise.all([versionsFor(question, connection), readRights(connection)]);
  const { request, scope, warnings } = requestOf(question, versions, connection.namespace);
  tell("warning", warnings, terminal);
  // What is asked as it is given may be of another group, which somebody may have who has not this one.
  const { target } = question;
  const [unlisted] = versions === undefined && "type" in target ? unknownType(target.type, versions) : [];
  const unread = rights.unread ?? unlisted;
  return { access, label, request, question: describeRequest(request) + scope, rights: { ...rights, unread } };
}

/** The resources of the API server that a question depends on; undefined where it does not list them all. */
async function versionsFor(
  { target }: Question,
  connection: ApiConnection,
): Promise<readonly ApiVersion[] | undefined> {
  if ("path" in target || target.type === "*") {
    return [];
  }
  const { readResourceTypes } = await import("../provider/cluster/kubernetes/discovery.js");
  return readResourceTypes(connection);
}

/**
 * A question as the API server is asked it, with the scope as words behind it, and what is odd about it, one sentence each. What the
 * server does not have is asked as it is given, as kubectl does.
 *
 * @param versions the resources of the server; undefined where it does not say.
 */
export function requestOf(
  { verb, target, subresource, namespace }: Question,
  versions: readonly ApiVersion[] | undefined,
  contextNamespace: string,
): { readonly request: AccessRequest; readonly scope: string; readonly warnings: readonly string[] } {
  if ("path" in target) {
    return { request: { verb, path: target.path }, scope: "", warnings: unknownVerb(verb, urlVerbs) };
  }
  const { type, name } = target;
  const found = versions && type !== "*" ? findType(versions, type) : undefined;
  const { group = "", name: resource = type, subresources = [], isNamespaced = true } = found ?? {};
  const asked = { verb, group, resource, subresource, name, namespace: namespace ?? contextNamespace };
  const request = isNamespaced ? asked : { ...asked, namespace: namespaceItself(asked) };
  return {
    request,
    scope: isNamespaced && request.namespace === "" ? " in all namespaces" : "",
    warnings: [
      ...(found === undefined ? unknownType(type, versions) : []),
      ...(namespace && !isNamespaced ? [notNamespaced(request)] : []),
      ...(subresources.includes(name) ? [maybeSubresource(type, name)] : []),
      ...unknownVerb(verb, resourceVerbs),
    ],
  };
}

/** What is outside of namespaces is asked for without one; only a request for a namespace itself counts as one in it. */
function namespaceItself({ group, resource, name }: ResourceRequest): string {
  return group === "" && resource === "namespaces" ? name : "";
}

function notNamespaced({ group, resource }: ResourceRequest): string {
  return `resource '${resource}' is not namespace scoped${group === "" ? "" : ` in group '${group}'`}`;
}

function maybeSubresource(type: string, name: string): string {
  return `${quoted(`${type}/${name}`)} is the object ${quoted(name)}; for the subresource write ${type} --subresource=${name}`;
}

/** The resources that rules name and no server lists: those of the verb impersonate. */
const unlistedTypes = ["users", "groups"];

function unknownType(type: string, versions: readonly ApiVersion[] | undefined): string[] {
  if (type === "*" || unlistedTypes.includes(type)) {
    return [];
  }
  if (versions === undefined) {
    return [`the server does not list its resource types; ${quoted(type)} is used as given`];
  }
  const [resource = "", ...group] = type.toLowerCase().split(".");
  const suffix = group.length === 0 ? "" : ` in group '${group.join(".")}'`;
  return [`the server doesn't have a resource type '${resource}'${suffix}`];
}

function unknownVerb(verb: string, known: readonly string[]): string[] {
  return known.includes(verb) ? [] : [`verb '${verb}' is not a known verb`];
}

const resourceVerbs = [
  ...["get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"],
  ...["use", "bind", "impersonate", "*", "approve", "sign", "escalate", "attest"],
];

const urlVerbs = ["get", "put", "post", "head", "options", "delete", "patch", "*"];
