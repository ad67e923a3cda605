import { AwsAuthError } from "../../errors";
import { TransportError } from "../kubernetes/sendRequest";
import { describeCause } from "../network/causes";
import { recordedConfigHint } from "../settings";
import type { AwsIdentity } from "./awsIdentity";

/** The account in a cluster's ARN; undefined for anything else. */
export function accountInArn(arn: string | undefined): string | undefined {
  return /^arn:[\w-]+:eks:[\w-]+:(\d{12}):/.exec(arn ?? "")?.[1];
}

/** The credentials lead to another account than the one that the cluster is in. */
export function otherAccount(expected: string, found: string, label: string, identity: AwsIdentity): AwsAuthError {
  return new AwsAuthError(
    "clusterChanged",
    `${label} of account ${expected} cannot be reached with ${identity.label}, of account ${found}; ${remedy(expected)}`,
  );
}

/** EKS finds no cluster, and STS says in which account it looked. */
export function notFoundIn(
  found: string,
  expected: string | undefined,
  cause: AwsAuthError,
  label: string,
  identity: AwsIdentity,
): AwsAuthError {
  if (expected === undefined) {
    return notFound(label, `${identity.label}, of account ${found}`, cause);
  }
  return found === expected
    ? new AwsAuthError(
        "clusterGone",
        `${label} of account ${expected} does not exist, as EKS says to ${identity.label}; if another cluster is meant, correct the name or the region`,
        { cause },
      )
    : otherAccount(expected, found, label, identity);
}

/** EKS finds no cluster, and in which account it looked cannot be told. */
export function notFoundAnywhere(
  unsaid: unknown,
  expected: string | undefined,
  cause: AwsAuthError,
  label: string,
  identity: AwsIdentity,
): AwsAuthError {
  const reason = describeCause(unsaid instanceof TransportError ? unsaid.cause : unsaid);
  const silence = `and STS does not say of which account (${reason})`;
  return expected === undefined
    ? notFound(label, `${identity.label}, ${silence}`, cause)
    : new AwsAuthError(
        "credentials",
        `${label} of account ${expected} is not found with ${identity.label}, ${silence}; ${remedy(expected)}`,
        { cause: unsaid },
      );
}

function notFound(label: string, who: string, cause: AwsAuthError): AwsAuthError {
  return new AwsAuthError(
    "clusterNotFound",
    `${label} does not exist for ${who}; correct the name or the region, or set AWS_AUTH_PROFILE or AWS_AUTH_ROLE_ARN to credentials of the cluster's account; if it is gone, aws-auth:deleteUnreachable lets a destroy go on without it (${recordedConfigHint})`,
    { cause },
  );
}

function remedy(expected: string): string {
  return `set AWS_AUTH_PROFILE or AWS_AUTH_ROLE_ARN to credentials of account ${expected}, or, if the other cluster is meant, name it in the program or the stack; aws-auth:deleteUnreachable lets a destroy go on without the cluster (${recordedConfigHint})`;
}
