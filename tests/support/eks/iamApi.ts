import { type HttpResponse, xml } from "../aws/responses.ts";
import { AwsError } from "./awsError.ts";
import type { Principal, Principals } from "./principals.ts";

/**
 * GetRole, GetUser, CreateRole and DeleteRole of IAM in its query protocol: botocore, data/iam/2010-05-08/service-2.json. Each account has its
 * own names, and a name is without the path. An error has what the model of IAM gives it.
 *
 * @param account of the caller
 */
export function answerIamCall(
  { Action = "", RoleName, UserName }: Readonly<Record<string, string>>,
  account: string,
  principals: Principals,
): HttpResponse {
  if (!/^(?:GetRole|GetUser|CreateRole|DeleteRole)$/.test(Action)) {
    throw new AwsError("InvalidAction", 400, `Could not find operation ${Action} for version 2010-05-08`);
  }
  const kind = Action === "GetUser" ? "user" : "role";
  const name = (kind === "role" ? RoleName : UserName) ?? "";
  // A path in the place of a name is a usual mistake.
  if (!/^[\w+=,.@-]+$/.test(name)) {
    const message = `The specified value for ${kind}Name is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-`;
    throw new AwsError("ValidationError", 400, message);
  }
  if (Action === "CreateRole") {
    return describe(Action, principals.create(`arn:aws:iam::${account}:role/${name}`));
  }
  const found = principals.named(account, kind, name);
  // Letter by letter [inferred].
  if (found?.name !== name) {
    throw new AwsError("NoSuchEntity", 404, `The ${kind} with name ${name} cannot be found.`);
  }
  if (Action === "DeleteRole") {
    principals.delete(found.arn);
  }
  return describe(Action, found);
}

function describe(action: string, { kind, path, name, uniqueId, arn, createDate }: Principal): HttpResponse {
  const label = kind === "role" ? "Role" : "User";
  const CreateDate = new Date(createDate).toISOString().replace(/\.\d+Z$/, "Z");
  const common = { Path: path, [`${label}Name`]: name, [`${label}Id`]: uniqueId, Arn: arn, CreateDate };
  return xml(action, { [label]: common });
}
