import type { ApiConnection } from "../provider/cluster/http";
import type { WhatToRead } from "../provider/reports/readCluster";
import { type AccessRequest, type ApiVersion, findType } from "../provider/rights/authorizer";
import { isNamespaceName } from "../provider/rights/bindings";
import { describeRequest } from "../provider/rights/verdicts";
import { quoted } from "../provider/text/text";
import { type ClusterOptions, readForAnswer } from "./cluster";
import { CommandFailure, type Terminal } from "./output";

export interface QuestionOptions extends ClusterOptions {
  readonly output: "table" | "json";
  readonly namespace?: string;
  readonly allNamespaces?: true;
  readonly subresource?: string;
}

/** A question in the terms of `kubectl auth can-i`. */
export interface Question {
  readonly verb: string;
  /** `TYPE`, `TYPE/NAME`, or a path that starts with a slash. */
  readonly target: string;
  readonly options: QuestionOptions;
}

/**
 * Reads the data for a question about rights: the cluster, and the request, also as part of a sentence.
 *
 * @throws CommandFailure for a manifest, and for a verb or type that the server does not have; AwsAuthError if the map cannot be read.
 */
export async function readQuestion(question: Question, terminal: Terminal, what: WhatToRead) {
  assertUsage(question);
  const { apiServer, access, label, rights } = await readForAnswer(question.options, terminal, what);
  if (apiServer === undefined || rights === undefined) {
    throw new CommandFailure(`${label} has no bindings and no roles; use --cluster or --kubeconfig instead`);
  }
  const request = requestOf(question, await versionsFor(question, apiServer), apiServer.namespace);
  const scope = "path" in request || !question.options.allNamespaces ? "" : " in all namespaces";
  return { access, label, request, asked: `${describeRequest(request)}${scope}`, rights };
}

function assertUsage({ target, options: { namespace, allNamespaces, subresource } }: Question): void {
  if (namespace !== undefined && allNamespaces) {
    throw new CommandFailure(
      `--namespace ${quoted(namespace)} and --all-namespaces cannot be combined; remove one of them`,
    );
  }
  if (namespace !== undefined && !isNamespaceName(namespace)) {
    throw new CommandFailure(
      `--namespace ${quoted(namespace)} cannot be the name of a namespace; use lowercase letters, digits and "-", at most 63 of them`,
    );
  }
  if (target.startsWith("/") && subresource !== undefined) {
    throw new CommandFailure(`--subresource ${quoted(subresource)} cannot be combined with a URL path; remove it`);
  }
  if (!/^(?:[^/]+(?:\/.+)?|\/.*)$/.test(target)) {
    throw new CommandFailure(
      `type ${quoted(target)} is not complete; write TYPE, TYPE.GROUP, TYPE/NAME, or a URL path`,
    );
  }
}

/** The resources of the API server, if the question depends on them. */
async function versionsFor({ target }: Question, connection: ApiConnection): Promise<readonly ApiVersion[]> {
  if (target.startsWith("/")) {
    return [];
  }
  const { readResourceTypes } = await import("../provider/cluster/kubernetes/objects.js");
  const versions = await readResourceTypes(connection);
  if (versions === undefined) {
    throw unknown(`${connection.label} does not list its resource types`);
  }
  return versions;
}

/**
 * The API request for a question.
 *
 * @param versions the resources of the server.
 * @throws CommandFailure for a verb, a type or a subresource that the server does not have, since "no" would hide a spelling mistake.
 */
export function requestOf(
  { verb, target, options }: Question,
  versions: readonly ApiVersion[],
  contextNamespace: string,
): AccessRequest {
  const verbs = target.startsWith("/") ? urlVerbs : resourceVerbs;
  if (!verbs.includes(verb)) {
    throw unknown(`the server has no verb ${quoted(verb)}; verbs: ${verbs.join(", ")}`);
  }
  if (target.startsWith("/")) {
    return { verb, path: target };
  }
  const { subresource = "", namespace, allNamespaces } = options;
  const [type = "", ...names] = target.split("/");
  const name = names.join("/");
  const isListed = type !== "*" && !unlistedTypes.includes(type);
  const found = isListed ? findType(versions, type) : undefined;
  if (isListed && found === undefined) {
    throw unknown(`the server has no resource type ${quoted(type)}; "kubectl api-resources" lists them`);
  }
  if (found !== undefined && !["", "*", ...found.subresources].includes(subresource)) {
    const known = found.subresources.join(", ") || "none";
    throw unknown(`the server has no subresource ${quoted(subresource)} of ${found.name}; subresources: ${known}`);
  }
  const { group = "", name: resource = type, isNamespaced = true } = found ?? {};
  const asked = allNamespaces ? "" : (namespace ?? contextNamespace);
  // The API server treats a request for a namespace object as one in that namespace.
  const itself = group === "" && resource === "namespaces" ? name : "";
  return { verb, group, resource, subresource, name, namespace: isNamespaced ? asked : itself };
}

function unknown(reason: string): CommandFailure {
  return new CommandFailure(`unknown: ${reason}`);
}

/** The resources of the verb impersonate, which rules name but no server lists. */
const unlistedTypes = ["users", "groups"];

const resourceVerbs = [
  ...["get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"],
  ...["use", "bind", "impersonate", "*", "approve", "sign", "escalate", "attest"],
];

const urlVerbs = ["get", "put", "post", "head", "options", "delete", "patch", "*"];
