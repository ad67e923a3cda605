import type { AwsExchange, RecordedRequest } from "../aws/endpoint.ts";
import { accountOf, type Elements, eksFailure, type HttpResponse, json, queryFailure, xml } from "../aws/responses.ts";
import { answerEntryCall, answerTagCall } from "./accessEntries.ts";
import { authorize, authorizeEks } from "./authorization.ts";
import { AwsError } from "./awsError.ts";
import { answerClusterCall, clusterOf } from "./clusters.ts";
import type { Principal } from "./principals.ts";
import { parseRequest } from "./routes.ts";
import { type AwsState, region } from "./state.ts";

export type ServiceName = "eks" | "iam" | "sts";

/** The service of a request, by its format. */
export function serviceOf({ parameters }: RecordedRequest): ServiceName {
  if (parameters["Action"] === undefined) {
    return "eks";
  }
  return parameters["Version"] === "2010-05-08" ? "iam" : "sts";
}

/** Answers a call by the rules of AWS. @throws AwsError if AWS refuses it. */
export function answer(state: AwsState, exchange: AwsExchange): HttpResponse {
  const { request, caller = "", next } = exchange;
  const service = serviceOf(request);
  if (service === "sts") {
    // A recreated role or user has another unique ID.
    return next(state.principals.behind(caller)?.uniqueId);
  }
  checkSignature(request, service, caller);
  return service === "eks" ? answerEks(state, request, caller) : answerIam(state, request, caller);
}

/** An error in the format of its service. */
export function failureOf(service: ServiceName, error: AwsError): HttpResponse {
  return service === "eks" ? eksFailure(error) : queryFailure(error);
}

function answerEks(state: AwsState, request: RecordedRequest, caller: string): HttpResponse {
  const parsed = parseRequest(request.method, request.path, request.query, request.body);
  const { path } = parsed;
  const account = accountOf(caller);
  authorizeEks(state, caller, account, parsed);
  if (path["clusterName"] === undefined) {
    return json(answerTagCall(state, account, parsed));
  }
  const clusters = request.region === region ? state.clusters : [];
  const cluster = clusterOf(clusters, account, path["clusterName"]);
  return request.path.includes("/access-entries")
    ? json(answerEntryCall(state, cluster, parsed))
    : answerClusterCall(cluster, parsed);
}

/**
 * GetRole, GetUser, ListRoles, CreateRole and DeleteRole of IAM in its query protocol: botocore, data/iam/2010-05-08/service-2.json. Names are unique
 * in an account and do not include the path.
 */
function answerIam(state: AwsState, { parameters }: RecordedRequest, caller: string): HttpResponse {
  const { principals } = state;
  const { Action = "", RoleName, UserName } = parameters;
  const account = accountOf(caller);
  if (Action === "ListRoles") {
    return listRoles(state, parameters, caller);
  }
  const kind = Action.endsWith("User") ? "user" : "role";
  const name = (kind === "role" ? RoleName : UserName) ?? "";
  const named = principals.named(account, kind, name);
  const resource = named?.arn ?? `arn:aws:iam::${account}:${kind}/${name}`;
  authorize(state, caller, { action: `iam:${Action}`, resource }, `${kind} ${name}`);
  // Passing a path as the name is a common mistake.
  if (!/^[\w+=,.@-]+$/.test(name)) {
    const message = `The specified value for ${kind}Name is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-`;
    throw new AwsError("ValidationError", 400, message);
  }
  if (Action === "CreateRole") {
    return xml(Action, describePrincipal(principals.create(`arn:aws:iam::${account}:role/${name}`)));
  }
  if (!/^(?:GetRole|GetUser|DeleteRole)$/.test(Action)) {
    throw new AwsError("InvalidAction", 400, `Could not find operation ${Action} for version 2010-05-08`);
  }
  // That the comparison is case-sensitive is [inferred].
  if (named?.name !== name) {
    throw new AwsError("NoSuchEntity", 404, `The ${kind} with name ${name} cannot be found.`);
  }
  if (Action === "DeleteRole") {
    principals.delete(named.arn);
  }
  return xml(Action, describePrincipal(named));
}

/** Pages of 100 roles by default. Roles in lists lack RoleLastUsed. */
function listRoles(state: AwsState, parameters: RecordedRequest["parameters"], caller: string): HttpResponse {
  const { PathPrefix = "/", MaxItems = "100", Marker = "0" } = parameters;
  authorize(state, caller, {
    action: "iam:ListRoles",
    resource: `arn:aws:iam::${accountOf(caller)}:role${PathPrefix}`,
  });
  const roles = state.principals.rolesUnder(accountOf(caller), PathPrefix);
  const end = Number(Marker) + Number(MaxItems);
  const more = end < roles.length ? { IsTruncated: "true", Marker: String(end) } : { IsTruncated: "false" };
  return xml("ListRoles", {
    Roles: roles.slice(Number(Marker), end).map((role) => ({ member: propertiesOf(role) })),
    ...more,
  });
}

function describePrincipal(principal: Principal): Elements {
  const {
    kind,
    details: { lastUsed },
  } = principal;
  const used = lastUsed && { LastUsedDate: dateText(lastUsed.at), Region: lastUsed.region };
  return kind === "user"
    ? { User: propertiesOf(principal) }
    : { Role: { ...propertiesOf(principal), RoleLastUsed: used ?? {} } };
}

function propertiesOf({ kind, path, name, uniqueId, arn, createDate, details }: Principal): Elements {
  const label = kind === "role" ? "Role" : "User";
  const policy = encodeURIComponent(JSON.stringify(details.trustPolicy));
  return {
    Path: path,
    [`${label}Name`]: name,
    [`${label}Id`]: uniqueId,
    Arn: arn,
    CreateDate: dateText(createDate),
    ...(kind === "role" && { AssumeRolePolicyDocument: policy }),
  };
}

function dateText(time: number): string {
  return new Date(time).toISOString().replace(/\.\d+Z$/, "Z");
}

/**
 * Refuses a signature that is missing, is for another service, or has an unknown access key. The signature itself is not verified.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html
 */
function checkSignature(request: RecordedRequest, service: "eks" | "iam", caller: string): void {
  if (!/ Signature=[0-9a-f]{64}/.test(request.headers.authorization ?? "")) {
    throw new AwsError("MissingAuthenticationTokenException", 403, "Missing Authentication Token");
  }
  if (caller === "") {
    const code = service === "eks" ? "UnrecognizedClientException" : "InvalidClientTokenId";
    throw new AwsError(code, 403, "The security token included in the request is invalid.");
  }
  if (request.service !== service) {
    const code = service === "eks" ? "InvalidSignatureException" : "SignatureDoesNotMatch";
    throw new AwsError(code, 403, `Credential should be scoped to correct service: '${service}'.`);
  }
}
