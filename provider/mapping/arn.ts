import { describePlaceholder, placeholderInArn } from "../text/text";

/** The ARN of an IAM role or user, in its parts. Only the path and the name keep the user's letter case. */
export interface IamArn {
  readonly kind: "role" | "user";
  /** `aws`, `aws-cn`, `aws-us-gov`, `aws-iso`, ...; lower case. */
  readonly partition: string;
  /** As given. An ARN can match only if it has 12 digits, see {@link hasAccountId}. */
  readonly account: string;
  /** The path between the kind and the name with its final slash, such as `eng/ops/`; empty if there is none. */
  readonly path: string;
  /** Name of the role or user. */
  readonly name: string;
}

/**
 * Why a string can never be the ARN of a role or user.
 *
 * - `whitespace`: whitespace around it or in it
 * - `wildcard`: a `*` or `?`, which the authenticator treats literally
 * - `assumedRole`: an STS session of a role; `suggestion` is the role's ARN
 * - `federatedUser`: an STS session of a federated user
 * - `region`: a region, which IAM ARNs do not have; `suggestion` is the ARN without it
 * - `root`, `group`, `policy`, `instanceProfile`, `otherResource`: another kind of IAM resource
 * - `otherService`: an ARN of a service other than IAM
 * - `name`: a name that is not valid in IAM
 * - `notArn`: anything else
 */
export type ArnProblemCode =
  | "whitespace"
  | "wildcard"
  | "assumedRole"
  | "federatedUser"
  | "region"
  | "root"
  | "group"
  | "policy"
  | "instanceProfile"
  | "otherResource"
  | "otherService"
  | "name"
  | "notArn";

/** A problem of an ARN, ready for display. */
export interface ArnProblem {
  readonly kind: "invalid";
  /** The kind of error, to branch on. */
  readonly code: ArnProblemCode;
  /** One sentence: the ARN, the rule, the remedy. */
  readonly reason: string;
  /** The ARN that was probably meant, if it can be derived. */
  readonly suggestion?: string;
}

/** Parses an ARN. Never throws: returns an {@link ArnProblem} if the text is not valid. */
export function parseIamArn(text: string): IamArn | ArnProblem {
  const subject = () => `arn ${JSON.stringify(text)}`;
  const trimmed = text.trim();
  if (trimmed !== text && trimmed !== "") {
    return problem("whitespace", `${subject()} has whitespace around it; remove it`, trimmed);
  }
  const parts = arnShape.exec(text);
  if (parts === null) {
    const reason = `${subject()} is not an ARN; give ${expected}${/^\d{12}$/.test(text) ? ", or use account" : ""}`;
    return problem("notArn", reason);
  }
  const [, partitionText = "", serviceText = "", region = "", account = "", resource = ""] = parts;
  const partition = partitionText.toLowerCase();
  const service = serviceText.toLowerCase();
  if (/\s/.test(text)) {
    return problem("whitespace", `${subject()} has whitespace in it, which no ARN has; remove it`);
  }
  if (/[*?]/.test(text)) {
    const reason = `${subject()} has a wildcard, which aws-auth takes literally and never matches; map each role or user by its own ARN`;
    return problem("wildcard", reason);
  }
  if (service === "sts") {
    return sessionProblem(subject(), partition, account, resource);
  }
  if (service !== "iam") {
    const reason = `${subject()} names a resource of the service "${serviceText}", not an IAM role or user; give ${expected}`;
    return problem("otherService", reason);
  }
  const [kindText = "", ...rest] = resource.split("/");
  const kind = kindText.toLowerCase();
  if (kind !== "role" && kind !== "user") {
    return otherResourceProblem(subject(), kind);
  }
  if (region !== "") {
    const suggestion = `arn:${partition}:iam::${account}:${resource}`;
    const reason = `${subject()} has the region "${region}", which no IAM ARN has; use ${JSON.stringify(suggestion)}`;
    return problem("region", reason, suggestion);
  }
  const name = rest.pop() ?? "";
  if (!iamName.test(name)) {
    const reason = `${subject()} ends in ${JSON.stringify(name)}, which cannot be the name of a ${kind}: IAM allows letters, digits and + = , . @ - _`;
    return problem("name", reason);
  }
  const path = rest.map((part) => `${part}/`).join("");
  if (!iamPath.test(path)) {
    const reason = `${subject()} has the path ${JSON.stringify(path)}, which IAM does not allow; use printable ASCII characters`;
    return problem("name", reason);
  }
  return { kind, partition, account, path, name };
}

/** The same role or user without its path. */
export function withoutPath(arn: IamArn): IamArn {
  return { ...arn, path: "" };
}

/** The ARN as text. */
export function formatArn(arn: IamArn): string {
  return `arn:${arn.partition}:iam::${arn.account}:${arn.kind}/${arn.path}${arn.name}`;
}

/** Whether the ARN's account has 12 digits. Any other, as in eksctl's examples, can never match. */
export function hasAccountId(arn: Pick<IamArn, "account">): boolean {
  return /^\d{12}$/.test(arn.account);
}

/** A reason why nobody can match an ARN. */
export interface ArnMismatch {
  /** The kind of mismatch, to branch on. */
  readonly code: ArnProblemCode | "placeholder" | "account" | "rolePath";
  /** One sentence: the ARN, the rule, the remedy. */
  readonly reason: string;
}

/**
 * Finds every reason why nobody can match an ARN; none for the ARN of a role or user that can exist. If the ARN is invalid, this goes on
 * with the ARN that was probably meant, so that one round of corrections is enough.
 */
export function arnMismatches(text: string): readonly ArnMismatch[] {
  const subject = `arn ${JSON.stringify(text)}`;
  const placeholder = placeholderInArn(text);
  const arn = parseIamArn(text);
  if (placeholder !== undefined) {
    const reason = describePlaceholder(subject, placeholder);
    return [{ code: "placeholder", reason }, ...(arn.kind === "invalid" ? [] : rolePathMismatch(subject, arn))];
  }
  if (arn.kind === "invalid") {
    return [arn, ...(arn.suggestion === undefined ? [] : arnMismatches(arn.suggestion))];
  }
  return [...(hasAccountId(arn) ? [] : [accountMismatch(subject, arn.account)]), ...rolePathMismatch(subject, arn)];
}

/** The mismatch of an ARN whose account is not 12 digits. */
export function accountMismatch(subject: string, account: string): ArnMismatch {
  const reason = `${subject} has the account ${JSON.stringify(account)}, which is not 12 digits, so nobody can match it; use the account's ID`;
  return { code: "account", reason };
}

function rolePathMismatch(subject: string, arn: IamArn): ArnMismatch[] {
  if (arn.kind === "user" || arn.path === "") {
    return [];
  }
  const reason = `${subject} has the role's path, which AWS omits from the role's sessions; write ${JSON.stringify(formatArn(withoutPath(arn)))}`;
  return [{ code: "rolePath", reason }];
}

// Letter case is ignored, since the authenticator folds it.
const arnShape = /^arn:(aws(?:-[a-z0-9]+)*):([a-z0-9-]+):([^:]*):([^:]*):(.+)$/is;
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_Role.html
const iamName = /^[A-Za-z0-9_+=,.@-]+$/;
const iamPath = /^[\x21-\x7e]*$/;
const expected = "arn:aws:iam::ACCOUNT:role/NAME or arn:aws:iam::ACCOUNT:user/NAME";

function problem(code: ArnProblemCode, reason: string, suggestion?: string): ArnProblem {
  return { kind: "invalid", code, reason, ...(suggestion === undefined ? {} : { suggestion }) };
}

function sessionProblem(subject: string, partition: string, account: string, resource: string): ArnProblem {
  const [kind = "", name = ""] = resource.split("/");
  if (kind.toLowerCase() === "assumed-role" && iamName.test(name)) {
    const suggestion = `arn:${partition}:iam::${account}:role/${name}`;
    const reason = `${subject} is a session of a role, which aws-auth never matches; use the role's ARN ${JSON.stringify(suggestion)}`;
    return problem("assumedRole", reason, suggestion);
  }
  if (kind.toLowerCase() === "federated-user") {
    const reason = `${subject} is a session of a federated user, not an IAM role or user; map the role or user that signs it in`;
    return problem("federatedUser", reason);
  }
  const reason = `${subject} names a resource of the service "sts", not an IAM role or user; give ${expected}`;
  return problem("otherService", reason);
}

function otherResourceProblem(subject: string, kind: string): ArnProblem {
  const known = Object.hasOwn(otherResources, kind) ? otherResources[kind] : undefined;
  const [code, rule] = known ?? (["otherResource", `is neither a role nor a user; give ${expected}`] as const);
  return problem(code, `${subject} ${rule}`);
}

const otherResources: Readonly<Record<string, readonly [code: ArnProblemCode, rule: string]>> = {
  root: ["root", "is an account's root, not an IAM role or user; map a role, or the whole account with account"],
  group: [
    "group",
    "is an IAM group, which never signs in itself; map a role that the group may assume, or each of its users",
  ],
  policy: ["policy", "is a policy, not an IAM role or user; map the role or user that it is attached to"],
  "instance-profile": [
    "instanceProfile",
    "is an instance profile, which aws-auth never matches; use the ARN of the role in it",
  ],
};
