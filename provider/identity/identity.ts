import { droppedBecause, type MapEntry } from "../awsAuthMap";
import { AwsAuthError } from "../errors";
import { type ArnProblem, accountProblem, arnProblems, contentProblems, isAccountId } from "../mapping";
import { placeholderInArn } from "../text/text";

/** An IAM identity as the authenticator compares it, or all identities of an account without their own entry. */
export interface Identity {
  readonly kind: "role" | "user" | "root" | "federatedUser" | "account";
  /** The ARN that entries are compared with: a role's without path and session, a user's with its path. Empty for an account. */
  readonly arn: string;
  readonly account: string;
  /** The name of the role or user, without a path; empty for a root user and an account. */
  readonly name: string;
  readonly sessionName?: string;
}

/**
 * Converts an ARN to the form that the authenticator compares. Accepts the ARN of a role or user, or of a session as
 * shown by `aws sts get-caller-identity`. Removes a role's path, since AWS omits it from session ARNs.
 *
 * @returns undefined if the authenticator does not accept it as an identity.
 * @see https://github.com/kubernetes-sigs/aws-iam-authenticator/blob/master/pkg/arn/arn.go
 */
export function parseIdentity(text: string): Identity | undefined {
  const sections = identityArnShape.exec(text.trim());
  if (sections === null) {
    return undefined;
  }
  const [, partition = "", service = "", account = "", type = "", rest = ""] = sections;
  const aws = `arn:${partition.toLowerCase()}`;
  const iam = `${aws}:iam::${account}`;
  const parts = rest.split("/").filter((part) => part !== "");
  const name = parts.at(-1) ?? "";
  switch (`${service}:${type}`.toLowerCase()) {
    case "iam:root":
      return rest === "" ? { account, kind: "root", arn: `${iam}:root`, name: "" } : undefined;
    case "iam:user":
      return name === "" ? undefined : { account, kind: "user", arn: `${iam}:user/${parts.join("/")}`, name };
    case "iam:role":
      return name === "" ? undefined : { account, kind: "role", arn: `${iam}:role/${name}`, name };
    case "sts:assumed-role": {
      // The session name is the last part; the authenticator treats everything before it as the role name.
      const role = parts.slice(0, -1).join("/");
      const found = { account, kind: "role", arn: `${iam}:role/${role}`, name: parts.at(-2) ?? "" } as const;
      return role === "" ? undefined : { ...found, sessionName: name };
    }
    case "sts:federated-user": {
      const arn = `${aws}:sts::${account}:federated-user/${rest}`;
      return name === "" ? undefined : { account, kind: "federatedUser", arn, name };
    }
    default:
      return undefined;
  }
}

export function accountIdentity(account: string): Identity {
  return { kind: "account", arn: "", account, name: "" };
}

/** Parses an ARN from a user. @throws AwsAuthError `invalidInput` if it is not an identity. */
export function identityOf(arn: string): Identity {
  const placeholder = placeholderInArn(arn);
  if (placeholder !== undefined) {
    const problem = `arn ${JSON.stringify(arn)} has the placeholder ${placeholder}; expand it first`;
    throw new AwsAuthError("invalidInput", problem);
  }
  const identity = parseIdentity(arn);
  if (identity === undefined) {
    const problem = `arn ${JSON.stringify(arn)} is not an IAM identity; specify the ARN of an IAM role or user, or the one that "aws sts get-caller-identity" shows`;
    throw new AwsAuthError("invalidInput", problem);
  }
  return identity;
}

/** The identity that an ARN in an entry matches, ignoring letter case; undefined if it matches none. */
export function matchedIdentity(arn: string): Identity | undefined {
  const identity = parseIdentity(arn);
  return identity !== undefined && foldCase(identity.arn) === foldCase(arn) ? identity : undefined;
}

/** Every reason why no identity matches an entry's ARN. The authenticator accepts root and federated users, unlike this provider. */
export function arnMismatches(arn: string): readonly ArnProblem[] {
  const mismatches = arnProblems(arn);
  const identity = matchedIdentity(arn);
  const isOther = identity?.kind === "root" || identity?.kind === "federatedUser";
  if (identity === undefined || !isOther || mismatches[0]?.code === "placeholder") {
    return mismatches;
  }
  return isAccountId(identity.account) ? [] : [accountProblem(`arn ${JSON.stringify(arn)}`, identity.account)];
}

/** The reasons why no identity can match an entry, one clause each; empty if one may. The root user of an account is an identity too. */
export function neverMatchesBecause(entry: MapEntry): readonly Pick<ArnProblem, "text" | "remedy">[] {
  const { key, arn, account, sso } = entry;
  const dropped = droppedBecause(entry);
  if (dropped !== undefined) {
    return [{ text: `the authenticator ignores it because ${dropped}` }];
  }
  if (key === "mapAccounts") {
    const text = `${JSON.stringify(account)} is not an AWS account ID of 12 digits`;
    return isAccountId(account ?? "") ? [] : [{ text }];
  }
  if (sso !== undefined) {
    const text = "the authenticator never matches an sso entry with a partition";
    return sso.partition === "" ? [] : [{ text, remedy: "remove it" }];
  }
  const refused = contentProblems(entry).filter(({ code }) => code === "node-template");
  return [...arnMismatches(arn ?? ""), ...refused];
}

/** Folds case as Go's strings.EqualFold does, for characters that fold to the ASCII of an ARN. */
export function foldCase(text: string): string {
  return text.toLowerCase().replaceAll("\u017f", "s");
}

// Partition, service, no region, account, resource type, rest of the resource.
const identityArnShape = /^arn:(aws(?:-[a-z0-9]+)*):(iam|sts)::([^:]*):([^/:]+)(?:\/([^\s]*))?$/i;
