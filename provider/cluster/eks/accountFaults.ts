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

/** EKS finds no cluster, and whether it was asked in the right account cannot be told. */
export function unknownAccount(expected: string, cause: unknown, label: string, identity: AwsIdentity): AwsAuthError {
  const reason = describeCause(cause instanceof TransportError ? cause.cause : cause);
  return new AwsAuthError(
    "credentials",
    `${label} of account ${expected} is not found with ${identity.label}, and STS does not say of which account (${reason}); ${remedy(expected)}`,
    { cause },
  );
}

function remedy(expected: string): string {
  return `set AWS_AUTH_PROFILE or AWS_AUTH_ROLE_ARN to credentials of account ${expected}, or, if the other cluster is meant, name it in the program or the stack; aws-auth:deleteUnreachable lets a destroy go on without the cluster (${recordedConfigHint})`;
}
