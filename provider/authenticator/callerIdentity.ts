import { AwsAuthError } from "../errors";
import { type ArnMismatch, accountMismatch, arnMismatches, hasAccountId } from "../mapping";
import { describePlaceholder, placeholderInArn } from "../text/text";

/** A caller as the authenticator sees it. */
export interface CallerIdentity {
  readonly kind: "role" | "user" | "root" | "federatedUser";
  /** The canonical ARN, which entries are compared with: a role without its path and its session, a user with its path. */
  readonly arn: string;
  /** The AWS account. */
  readonly account: string;
  /** `aws`, `aws-cn`, ... */
  readonly partition: string;
  /** Name of the role or user, without a path; empty for an account's root. */
  readonly name: string;
  /** The session name, if the ARN was that of a session. */
  readonly sessionName?: string;
  /** The role's path, if the ARN had one. The ARNs of the role's sessions never include it. */
  readonly strippedPath?: string;
}

/**
 * Converts an ARN to the form that the authenticator compares. Accepts the ARN of a role or user, or of a session as shown by `aws
 * sts get-caller-identity`. Drops a role's path, since AWS omits it from session ARNs.
 *
 * @returns undefined if the authenticator does not accept it as an identity.
 * @see https://github.com/kubernetes-sigs/aws-iam-authenticator/blob/master/pkg/arn/arn.go
 */
export function callerIdentity(text: string): CallerIdentity | undefined {
  const sections = arnShape.exec(text.trim());
  if (sections === null) {
    return undefined;
  }
  const [, partition = "", service = "", account = "", type = "", rest = ""] = sections;
  const base = { partition: partition.toLowerCase(), account };
  const iam = `arn:${base.partition}:iam::${account}`;
  const parts = rest.split("/").filter((part) => part !== "");
  const name = parts.at(-1) ?? "";
  switch (`${service}:${type}`.toLowerCase()) {
    case "iam:root":
      return rest === "" ? { ...base, kind: "root", arn: `${iam}:root`, name: "" } : undefined;
    case "iam:user":
      return name === "" ? undefined : { ...base, kind: "user", arn: `${iam}:user/${parts.join("/")}`, name };
    case "iam:role": {
      if (name === "") {
        return undefined;
      }
      const path = parts.slice(0, -1).join("/");
      const strippedPath = path === "" ? {} : { strippedPath: `${path}/` };
      return { ...base, kind: "role", arn: `${iam}:role/${name}`, name, ...strippedPath };
    }
    case "sts:assumed-role": {
      // AWS gives the role's name and the session name. Anything between them belongs to the role's name, as in the authenticator.
      const role = parts.slice(0, -1).join("/");
      return role === ""
        ? undefined
        : { ...base, kind: "role", arn: `${iam}:role/${role}`, name: parts.at(-2) ?? "", sessionName: name };
    }
    case "sts:federated-user": {
      const arn = `arn:${base.partition}:sts::${account}:federated-user/${rest}`;
      return name === "" ? undefined : { ...base, kind: "federatedUser", arn, name };
    }
    default:
      return undefined;
  }
}

/**
 * The identity of an ARN that a user gives.
 *
 * @param arn the ARN of a role or user, or of a session, in any letter case.
 * @throws AwsAuthError `invalidInput` if `arn` is not an identity.
 */
export function callerIn(arn: string): CallerIdentity {
  const placeholder = placeholderInArn(arn);
  if (placeholder !== undefined) {
    throw new AwsAuthError("invalidInput", describePlaceholder(`arn ${JSON.stringify(arn)}`, placeholder));
  }
  const identity = callerIdentity(arn);
  if (identity === undefined) {
    const problem = `arn ${JSON.stringify(arn)} is not an IAM identity; give the ARN of an IAM role or user, or the one that "aws sts get-caller-identity" shows`;
    throw new AwsAuthError("invalidInput", problem);
  }
  return identity;
}

/** The caller that an ARN in an entry matches, ignoring letter case; undefined if it matches no caller. */
export function matchableIdentity(arn: string): CallerIdentity | undefined {
  const identity = callerIdentity(arn);
  return identity?.arn.toLowerCase() === arn.toLowerCase() ? identity : undefined;
}

/** Finds every reason why nobody can match an entry's ARN. Unlike our resources, the authenticator accepts root and federated users. */
export function entryMismatches(arn: string): readonly ArnMismatch[] {
  const mismatches = arnMismatches(arn);
  const identity = matchableIdentity(arn);
  const isOther = identity?.kind === "root" || identity?.kind === "federatedUser";
  if (identity === undefined || !isOther || mismatches[0]?.code === "placeholder") {
    return mismatches;
  }
  return hasAccountId(identity) ? [] : [accountMismatch(`arn ${JSON.stringify(arn)}`, identity.account)];
}

// Partition, service, no region, account, kind of resource, the rest of the resource.
const arnShape = /^arn:(aws(?:-[a-z0-9]+)*):(iam|sts)::([^:]*):([^/:]+)(?:\/([^\s]*))?$/i;
