import type { HttpResponse } from "../aws/responses.ts";
import { authorizeIam, type Permissions } from "./authorization.ts";
import { AwsError } from "./awsError.ts";
import { type Principal, type Principals, parsePrincipalArn } from "./principals.ts";

/**
 * GetRole, GetUser, CreateRole and DeleteRole of IAM in its query protocol: botocore, data/iam/2010-05-08/service-2.json. Each account has its own names, and a
 * name is without the path.
 */
export function answerIamCall(
  parameters: Readonly<Record<string, string>>,
  caller: string,
  principals: Principals,
  permissions: Permissions,
): HttpResponse {
  const { Action = "", Version = "", RoleName, UserName } = parameters;
  if (Version !== "2010-05-08" || !/^(?:GetRole|GetUser|CreateRole|DeleteRole)$/.test(Action)) {
    throw new AwsError("InvalidAction", 400, `Could not find operation ${Action} for version ${Version}`);
  }
  const kind = Action === "GetUser" ? "user" : "role";
  // GetUser without a name is about the caller.
  const name = kind === "role" ? RoleName : (UserName ?? parsePrincipalArn(caller)?.name);
  const field = kind === "role" ? "roleName" : "userName";
  if (name === undefined || name === "") {
    throw invalid(`Value null at '${field}' failed to satisfy constraint: Member must not be null`);
  }
  // A path in the place of a name is a usual mistake.
  if (!/^[\w+=,.@-]+$/.test(name)) {
    const message = `The specified value for ${field} is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-`;
    throw new AwsError("ValidationError", 400, message);
  }
  authorizeIam(Action, `${kind} ${name}`, caller, permissions);
  const account = caller.split(":")[4] ?? "";
  if (Action === "CreateRole" && principals.named(account, kind, name) !== undefined) {
    throw new AwsError("EntityAlreadyExists", 409, `Role with name ${name} already exists.`);
  }
  const made = Action === "CreateRole" && principals.create(`arn:aws:iam::${account}:role/${name}`);
  const found = made || principals.get(account, kind, name);
  if (Action === "DeleteRole") {
    principals.delete(found.arn);
  }
  return xml(200, `${Action}Response`, `<${Action}Result>${describe(found)}</${Action}Result>${metadata}`);
}

function invalid(found: string): AwsError {
  return new AwsError("ValidationError", 400, `1 validation error detected: ${found}`);
}

/** An error of IAM. */
export function iamFailure({ code, status, message }: AwsError): HttpResponse {
  const type = status < 500 ? "Sender" : "Receiver";
  const error = `<Error><Type>${type}</Type><Code>${code}</Code><Message>${escaped(message)}</Message></Error>`;
  return xml(status, "ErrorResponse", `${error}<RequestId>${requestId}</RequestId>`);
}

function describe({ kind, path, name, uniqueId, arn, createDate }: Principal): string {
  const label = kind === "role" ? "Role" : "User";
  const date = new Date(createDate).toISOString().replace(/\.\d+Z$/, "Z");
  const common = `<Path>${path}</Path><${label}Name>${name}</${label}Name><${label}Id>${uniqueId}</${label}Id><Arn>${arn}</Arn><CreateDate>${date}</CreateDate>`;
  const policy = encodeURIComponent('{"Version":"2012-10-17","Statement":[]}');
  const role = `<AssumeRolePolicyDocument>${policy}</AssumeRolePolicyDocument><MaxSessionDuration>3600</MaxSessionDuration>`;
  return `<${label}>${common}${kind === "role" ? role : ""}</${label}>`;
}

const requestId = "00000000-0000-4000-8000-000000000000";
const metadata = `<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata>`;

function xml(status: number, element: string, content: string): HttpResponse {
  const body = `<${element} xmlns="https://iam.amazonaws.com/doc/2010-05-08/">${content}</${element}>`;
  return { status, headers: { "content-type": "text/xml", "x-amzn-requestid": requestId }, body };
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
